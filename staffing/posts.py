"""Posts of a center: its organisation chart, its duty table, and who may fill which post (plan IV.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from centers.models import Dong, Team, User
from common.refusals import Refusal, Stale
from staffing import ranks
from staffing.models import CenterPost, PostTemplate

#: plan IV.5-4 ②: leaders of class 나 are hired for nine dongs; elsewhere a grade-6 official wins an internal call
INSTEAD_OF_FIXED_TERM = frozenset({ranks.Rank("admin", "6"), ranks.Rank("welfare", "6")})


class RankNotAccepted(Refusal):
    code = "RANK_NOT_ACCEPTED"


class AlreadyHolds(Refusal):
    code = "ALREADY_HOLDS_A_POST"


class BeforeThePost(Refusal):
    code = "BEFORE_THE_POST"


@dataclass(frozen=True)
class ChartTeam:
    """A box of the chart: a team, its leader's post first. The head of the center has a box without a team."""

    kind: str
    name: str
    posts: tuple[CenterPost, ...]

    @property
    def leader(self) -> CenterPost | None:
        return next((post for post in self.posts if post.template.is_leader), None)

    @property
    def staff(self) -> tuple[CenterPost, ...]:
        return tuple(post for post in self.posts if not post.template.is_leader)

    @property
    def vacant(self) -> int:
        return sum(post.holder_id is None for post in self.posts)


@dataclass(frozen=True)
class Chart:
    head: CenterPost | None
    teams: tuple[ChartTeam, ...]
    posts: tuple[CenterPost, ...]

    @property
    def numbered(self) -> int:
        """Posts with a number: 23 in every center. The nurse has none."""
        return sum(post.template.number is not None for post in self.posts)

    @property
    def vacant(self) -> int:
        return sum(post.holder_id is None for post in self.posts)


def chart(dong: Dong, *, on: dt.date) -> Chart:
    """The posts of a center on a day, vacant ones among them; before the center opens, those it will have."""
    rows = CenterPost.objects.filter(dong=dong).select_related("template", "holder").order_by("template__order", "pk")
    posts = tuple(rows.on(on)) or tuple(rows.on(first_day(dong) or on))
    kinds = dict.fromkeys(post.template.team_kind for post in posts if post.template.team_kind)
    teams = tuple(
        ChartTeam(kind, Team.Kind(kind).label, tuple(post for post in posts if post.template.team_kind == kind))
        for kind in kinds
    )
    return Chart(next((post for post in posts if not post.template.team_kind), None), teams, posts)


def first_day(dong: Dong) -> dt.date | None:
    """The day from which the center has posts."""
    return CenterPost.objects.filter(dong=dong).order_by("valid_from").values_list("valid_from", flat=True).first()


def accepted_ranks(template: PostTemplate) -> frozenset[ranks.Rank]:
    """The ranks that may fill a post: its own and those of the column 대체가능직급."""
    own = ranks.read(template.rank)
    accepted = own | ranks.read(template.substitutable_rank)
    return accepted | INSTEAD_OF_FIXED_TERM if any(rank.series == "fixed_term" for rank in own) else accepted


def appoint(post: CenterPost, *, holder: User, rank: ranks.Rank, by: User, on: dt.date, at: dt.datetime) -> CenterPost:
    """Let somebody hold a post from a day on; the time before stays as it was.

    Raises `RankNotAccepted` with the ranks that would do, `AlreadyHolds`, `BeforeThePost`, `Stale`.
    """
    template = post.template
    accepted = accepted_ranks(template)
    if rank not in accepted:
        number = f"{template.number}번 " if template.number else ""
        raise RankNotAccepted(
            f"{number}{template.rank} 자리에는 {rank} 직원을 둘 수 없습니다. 맡을 수 있는 직급은"
            f" {ranks.words(accepted)}입니다. 직급을 다시 확인하거나 다른 자리를 골라 주세요."
        )
    other = (
        CenterPost.objects.on(on).filter(holder=holder).exclude(pk=post.pk).select_related("dong", "template").first()
    )
    if other:
        raise AlreadyHolds(
            f"{holder.name} 님은 {other.dong.name} {other.template.rank} 자리를 맡고 있습니다."
            " 그 자리를 먼저 비운 뒤 다시 정해 주세요."
        )
    return _continue(post, holder=holder, rank=str(rank), by=by, on=on, at=at)


def vacate(post: CenterPost, *, by: User, on: dt.date, at: dt.datetime) -> CenterPost:
    """Leave a post without a holder from a day on; it stays on the chart as vacant."""
    return _continue(post, holder=None, rank="", by=by, on=on, at=at)


@transaction.atomic
def _continue(post: CenterPost, *, holder, rank: str, by: User, on: dt.date, at: dt.datetime) -> CenterPost:
    """End the post's row on a day and begin the next one; a row that begins that day is changed itself."""
    post = CenterPost.objects.select_for_update().get(pk=post.pk)
    if post.valid_to is not None:
        raise Stale("그사이 이 자리가 바뀌었습니다. 화면을 새로 고친 뒤 다시 정해 주세요.")
    if on < post.valid_from:
        raise BeforeThePost(
            f"이 자리는 {post.valid_from:%Y년 %-m월 %-d일}부터 있습니다. 그날이나 그 뒤의 날짜를 골라 주세요."
        )
    if on > post.valid_from:
        post.valid_to = on
        post.save(update_fields=["valid_to"])
        post = CenterPost(dong_id=post.dong_id, template_id=post.template_id, valid_from=on)
    post.holder, post.holder_rank, post.placed_by, post.placed_at = holder, rank, by, at
    post.save()
    return post


def past(post: CenterPost) -> Iterable[CenterPost]:
    """Who held the post before, newest first."""
    same = CenterPost.objects.filter(dong_id=post.dong_id, template_id=post.template_id, valid_from__lt=post.valid_from)
    return same.select_related("holder", "placed_by").order_by("-valid_from")
