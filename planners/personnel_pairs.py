"""What a personnel order does to the pairs of visits (방문 조) of the person.

A pair that nobody expects any more ends on the day of the order. One with promised visits stays: its lead
decides who goes on with them (`pairs.replace`), and the preview names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q

from centers.models import User
from centers.personnel import Act, Plan
from planners import pairs
from planners.models import Pair

Known = Mapping[int, list[Pair]]


def known_of(users: Iterable[User]) -> Known:
    """Pairs of some people by key of the person, in two queries: for long lists."""
    keys = {user.pk for user in users}
    rows = Pair.objects.filter(Q(nurse__in=keys) | Q(social__in=keys)).select_related("dong", "zone")
    found: dict[int, list[Pair]] = defaultdict(list)
    for pair in rows.prefetch_related("zone__dongs").order_by("pk"):
        for key in keys & {pair.nurse_id, pair.social_id}:
            found[key].append(pair)
    return found


def left_by(plan: Plan, known: Known) -> list[Pair]:
    """Pairs that the person no longer fits after the order."""
    on, act = plan.order.on, plan.order.act
    if plan.user is None or act == Act.ADD or not (plan.ends or act in (Act.END, Act.PAUSE)):
        return []
    lasting = [pair for pair in known.get(plan.user.pk, ()) if pair.valid_to is None or pair.valid_to > on]
    return [pair for pair in lasting if not _stays(pair, plan)]


def _stays(pair: Pair, plan: Plan) -> bool:
    if not plan.opens:
        return False
    fitting = pairs.NURSES if pair.nurse_id == plan.user.pk else pairs.SOCIAL_WORKERS
    dong = plan.order.dong
    if plan.role not in fitting:
        return False
    if pair.dong_id:
        return dong is not None and dong.pk == pair.dong_id
    return dong is None or dong.pk in {one.dong_id for one in pair.zone.dongs.all()}


def split(plan: Plan, known: Known) -> tuple[list[Pair], list[tuple[Pair, int]]]:
    """(pairs that end, pairs that stay with how many promised visits)."""
    ending, staying = [], []
    for pair in left_by(plan, known):
        promised = len(pairs.standing_from(pair, max(plan.order.on, pair.valid_from)))
        if promised:
            staying.append((pair, promised))
        elif pair.valid_to is None:
            ending.append(pair)
    return ending, staying


def end_left(plan: Plan) -> list[int]:
    """End what ends with the order; keys for `resume`."""
    ending, _ = split(plan, known_of([plan.user] if plan.user else []))
    for pair in ending:
        pairs.end(pair, on=plan.order.on)
    return [pair.pk for pair in ending]


def resume(keys: list[int]) -> int:
    """Let pairs go on that an order ended, where no pair of the same name has taken their place."""
    count = 0
    for pair in Pair.objects.select_for_update().filter(pk__in=keys).exclude(valid_to=None).order_by("pk"):
        same = Pair.objects.filter(kind=pair.kind, name=pair.name, dong=pair.dong_id, zone=pair.zone_id, valid_to=None)
        if not same.exists():
            pair.valid_to = None
            pair.save(update_fields=["valid_to"])
            count += 1
    return count


def name_of(pair: Pair) -> str:
    return f"{(pair.dong or pair.zone).name} {pair.name}"
