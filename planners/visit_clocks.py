"""Clocks of those who are visited again and again: when somebody was last met, when the next visit is due, and
whether the promised rhythm is kept.

Groups and their rhythms are rules (집중 8 in 3 months, 정기 1 in 3 months, 자기역량 1 in 6 months; visiting health
care's management groups). A clock is broken when, of the visits of its own rhythm that were due within
the length of its period, one was not made. Other programmes do not wind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    CharField,
    Count,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from centers.access import Scope
from planners.models import FollowUp, Person, Target, TargetRule, Visit
from planners.target_rules import months_later, occurrences

#: ended by a decision, not by missing somebody
EXCUSED = (Target.State.VISITED, Target.State.WITHDRAWN, Target.State.REFUSED)
NEVER = dt.date(9999, 12, 31)
PAGE = 50
LOOK_AHEAD_MONTHS = 7
GROUPS = {
    "intensive": "집중",
    "regular": "정기",
    "self_managed": "자기역량",
    "child_sustained": "우리아이",
}


@dataclass(frozen=True)
class Clock:
    """One rhythm of one person on a day."""

    follow_up: FollowUp
    on: dt.date

    @property
    def group(self) -> str:
        return GROUPS.get(self.follow_up.rule.key, self.follow_up.rule.title)

    @property
    def last_on(self) -> dt.date | None:
        """The day the person was last met, in whatever programme."""
        return self.follow_up.last_on

    @property
    def next_on(self) -> dt.date | None:
        """The day the next visit of this rhythm is due: of the listed one, else by the rhythm; None when it is over."""
        if self.is_listed:
            return self.follow_up.next_on
        ahead = occurrences(self.follow_up, until=months_later(self.on, LOOK_AHEAD_MONTHS))
        return next((due_on for _, _, due_on in ahead if due_on >= self.on), None)

    @property
    def is_listed(self) -> bool:
        return self.follow_up.next_on != NEVER

    @property
    def is_broken(self) -> bool:
        return self.follow_up.missed > 0

    @property
    def promise(self) -> str:
        """석 달에 여덟 번."""
        p = self.follow_up.rule.parameters
        return self.follow_up.rule.title.partition(": ")[2] or f"{p['months']}달에 {p['count']}번"

    @property
    def words(self) -> str:
        """What is wrong or what comes next, in a sentence."""
        missed, next_on = self.follow_up.missed, self.next_on
        if missed:
            late = (
                f"기한을 {(self.on - next_on).days}일 넘김" if next_on and next_on < self.on else "다음 회차로 넘어감"
            )
            return f"약속한 방문 {missed}번을 못 함 · {late}"
        if next_on is None:
            return "약속한 방문을 모두 지났습니다"
        left = "오늘까지" if next_on == self.on else f"{(next_on - self.on).days}일 남음"
        return left if self.is_listed else f"{left} · 때가 되면 명단에 오릅니다"


def running(on: dt.date) -> QuerySet[FollowUp]:
    """Open rhythms with `last_on`, `next_on`, `missed` and `met` of a day: the one source of page and list."""
    own = Target.objects.filter(
        person=OuterRef("person"),
        occurrence__startswith=Concat(Value("s"), Cast(OuterRef("pk"), CharField()), Value("-")),
    ).order_by()
    met = Visit.objects.filter(person=OuterRef("person"), outcome=Visit.Outcome.DONE).exclude(finished_at=None)
    last = met.order_by().values("person").annotate(last=Max("finished_at__date")).values("last")
    rows = FollowUp.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on)
    rows = rows.filter(rule__kind=TargetRule.Kind.FOLLOW_UP)
    return rows.annotate(
        last_on=Subquery(last),
        next_on=Coalesce(_of(own.filter(state=Target.State.OPEN), Min("due_on")), Value(NEVER)),
        missed=Coalesce(_of(_missed(own, on), Count("pk"), IntegerField()), 0),
        met=Coalesce(_of(own.filter(state=Target.State.VISITED), Count("pk"), IntegerField()), 0),
    )


def _of(rows: QuerySet[Target], measure, output=None) -> Subquery:
    grouped = rows.values("person").annotate(measured=measure).values("measured")
    return Subquery(grouped, output_field=output) if output else Subquery(grouped)


def _missed(own: QuerySet[Target], on: dt.date) -> QuerySet[Target]:
    """Visits due within the length of the period before a day that nobody made and nobody excused."""
    within = Q(pk__in=[])
    for key, months in _periods():
        within |= Q(rule__key=key, due_on__gte=months_later(on, -months))
    return own.filter(within, due_on__lt=on).exclude(state__in=EXCUSED)


def _periods() -> Iterable[tuple[str, int]]:
    rules = TargetRule.objects.filter(kind=TargetRule.Kind.FOLLOW_UP).order_by("key", "-version")
    return {rule.key: rule.parameters["months"] for rule in reversed(list(rules))}.items()


def of_person(person: Person, *, on: dt.date) -> list[Clock]:
    """The clocks of one person, the one that is due first first."""
    rows = running(on).filter(person=person).select_related("rule").order_by("next_on", "pk")
    return [Clock(row, on) for row in rows]


@dataclass(frozen=True)
class ClockPage:
    """One page of a list, and where the next begins."""

    clocks: list[Clock]
    next_token: str = ""


def listed(scope: Scope, *, on: dt.date, group: str = "", dong=None, only_broken: bool = False) -> QuerySet[FollowUp]:
    """Rhythms of people in the viewer's dongs, filtered."""
    rows = running(on).filter(person__status=Person.Status.RESIDENT)
    if not scope.everywhere("target"):
        rows = rows.filter(person__dong__in=scope.dong_ids("target"))
    if dong is not None:
        rows = rows.filter(person__dong=dong)
    if group in GROUPS:
        rows = rows.filter(rule__key=group)
    return rows.filter(missed__gt=0) if only_broken else rows


def page(rows: QuerySet[FollowUp], *, on: dt.date, after: str = "") -> ClockPage:
    """A page in the order of due days, from after a token of the page before."""
    if after:
        next_on, pk = _place(after)
        rows = rows.filter(Q(next_on__gt=next_on) | Q(next_on=next_on, pk__gt=pk))
    found = list(rows.select_related("person__dong", "rule").order_by("next_on", "pk")[: PAGE + 1])
    shown = found[:PAGE]
    token = f"{shown[-1].next_on:%Y%m%d}.{shown[-1].person.uid}.{shown[-1].rule.key}" if len(found) > PAGE else ""
    return ClockPage([Clock(row, on) for row in shown], token)


def _place(token: str) -> tuple[dt.date, int]:
    """The due day and row a page begins after; an unknown token begins anew."""
    try:
        day, uid, key = token.split(".")
        row = FollowUp.objects.filter(person__uid=uid, rule__key=key).order_by("-pk").values_list("pk", flat=True)[0]
        return dt.datetime.strptime(day, "%Y%m%d").date(), row
    except (ValueError, IndexError):
        return dt.date.min, 0


def broken_by_group(rows: QuerySet[FollowUp]) -> dict[str, tuple[int, int]]:
    """Group -> (broken, all) of a filtered list."""
    counted = (
        rows.order_by()
        .values_list("rule__key")
        .annotate(broken=Count("pk", filter=Q(missed__gt=0)), everyone=Count("pk"))
    )
    return {key: (broken, everyone) for key, broken, everyone in counted}
