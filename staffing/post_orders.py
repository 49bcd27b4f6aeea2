"""What a personnel order does to the posts of a center: who leaves a center leaves its post vacant (plan IV.2)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers import personnel
from centers.models import User
from common.refusals import Refusal
from staffing import posts
from staffing.models import CenterPost


@transaction.atomic
def carry_out(made: personnel.Plan, *, by: User, at: dt.datetime) -> dict:
    """Carry out the order and vacate the posts it takes the person away from. JSON that `take_back` understands."""
    left = posts_left(made)
    done = personnel.carry_out(made, by=by, at=at)
    for post in left:
        posts.vacate(post, by=by, on=max(made.order.on, post.valid_from), at=at)
    return done.as_json() | {"posts": [[post.dong_id, post.template_id, post.holder_rank] for post in left]}


def posts_left(made: personnel.Plan) -> list[CenterPost]:
    """Posts whose center the person leaves with this order."""
    if made.user is None or not made.ends:
        return []
    stays = {made.order.dong.pk} if made.opens and made.order.dong else set()
    held = CenterPost.objects.filter(holder=made.user, valid_to=None).exclude(dong__in=stays)
    return list(held.filter(dong__in={p.dong_id for p in made.ends}).order_by("pk"))


@transaction.atomic
def take_back(done: dict, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> None:
    """Take the order back and give the posts back, as far as they are still vacant."""
    personnel.take_back(done, by=by, reason=reason, on=on, at=at)
    holder = User.objects.get(pk=done["user"])
    for dong, template, rank in done.get("posts", []):
        post = CenterPost.objects.filter(dong=dong, template=template, valid_to=None, holder=None).first()
        known = next((one for one in posts.ranks.known() if str(one) == rank), None)
        if post and known:
            try:
                posts.appoint(post, holder=holder, rank=known, by=by, on=max(on, post.valid_from), at=at)
            except Refusal:
                continue  # the person has another post by now: the vacant one stays visible
