"""Lists of targets as screens show them: filtered, paged by key, each row with its consent, visit and next step."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from centers.access import Scope
from centers.models import ZoneDong
from common.months import Month
from planners import consent, guardians, outreach
from planners.models import Consent, ContactAttempt, Pair, Target, TargetRule, Visit
from planners.models.residents import births_turning
from planners.months import promises
from planners.outreach import Step

PAGE = 50
VIEWS = {
    "all": "모두",
    "open": "진행",
    "late": "기한 지남",
    "closing": "이 달에 끝남",
    "ended": "끝남",
}


OF_PAIR = ("pair__nurse", "pair__social", "dong")


@dataclass
class Row:
    """One line: the target, its newest standing answer, its open visit, its tries."""

    target: Target
    answer: Consent | None
    visit: Visit | None
    attempts: list[ContactAttempt]
    step: Step | None = None
    today: dt.date | None = None
    broken: str = ""  # why the promised time cannot be kept

    @property
    def days_left(self) -> int:
        return (self.target.due_on - self.today).days

    @property
    def is_late(self) -> bool:
        return self.target.state == Target.State.OPEN and self.days_left < 0

    @property
    def last_attempt(self) -> ContactAttempt | None:
        return self.attempts[-1] if self.attempts else None


@dataclass
class TargetPage:
    """Up to `PAGE` rows and the uid to go on from."""

    rows: list[Row] = field(default_factory=list)
    next_after: str = ""
    total: int = 0


def of_month(targets: QuerySet[Target], month: Month, *, today: dt.date) -> QuerySet[Target]:
    """The month's list, and in the running month what is still open from before."""
    return targets.filter(Q(month=month.first) | _carried(month, today))


def _carried(month: Month, today: dt.date) -> Q:
    if month != Month.of(today):
        return Q(pk__in=[])
    return Q(state=Target.State.OPEN, month__lt=month.first)


def viewed(targets: QuerySet[Target], view: str, *, month: Month, today: dt.date) -> QuerySet[Target]:
    """One of `VIEWS`; `closing` are those whose time ends this month without a visit."""
    if view == "open":
        return targets.open()
    if view == "late":
        return targets.open().filter(due_on__lt=today)
    if view == "closing":
        births = {birth for day in month.days() for birth in births_turning(66, day)}
        short = [TargetRule.Kind.BIRTH, TargetRule.Kind.AFTER_BIRTH]
        turning = Q(rule__kind=TargetRule.Kind.TURNS_AGE, person__birth_on__in=births)
        window = Q(rule__kind__in=short, due_on__range=(month.first, month.last))
        return targets.open().filter(turning | window)
    if view == "ended":
        return targets.exclude(state=Target.State.OPEN)
    return targets


def counts(targets: QuerySet[Target]) -> dict[str, int]:
    """How many of each state, in the order of the states; nothing for states without any."""
    found = dict(targets.order_by().values_list("state").annotate(n=Count("pk")))
    return {state: found[state] for state in Target.State.values if state in found}


def page(targets: QuerySet[Target], *, today: dt.date, after: str = "", with_total: bool = True) -> TargetPage:
    """Rows by due day, urgency and age of the row; a fixed number of queries."""
    total = targets.count() if with_total else 0
    if after and (place := _place(after)):
        due_on, tier, pk = place
        targets = targets.filter(due_on__gte=due_on).filter(
            Q(due_on__gt=due_on) | Q(tier__gt=tier) | Q(tier=tier, pk__gt=pk)
        )
    related = ("person", "programme", "rule", "dong")
    rows = list(targets.select_related(*related).order_by("due_on", "tier", "pk")[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return TargetPage(filled(rows, today=today), str(rows[-1].uid) if more else "", total)


def _place(token: str) -> tuple | None:
    try:
        return Target.objects.filter(uid=UUID(token)).values_list("due_on", "tier", "pk").first()
    except ValueError:
        return None


def filled(targets: list[Target], *, today: dt.date) -> list[Row]:
    """Rows for loaded targets: four queries for all of them."""
    guardians.attach((target.person for target in targets), on=today)
    answers = consent.newest({t.person_id for t in targets}, Consent.Kind.VISIT, today)
    visits: dict[int, Visit] = {}
    for visit in Visit.objects.filter(target__in=targets).select_related(*OF_PAIR).order_by("attempt", "pk"):
        visits[visit.target_id] = visit
    broken = promises.broken(visit for visit in visits.values() if visit.on and visit.on >= today)
    attempts: dict[int, list[ContactAttempt]] = defaultdict(list)
    for attempt in ContactAttempt.objects.filter(target__in=targets).select_related("by").order_by("at", "pk"):
        attempts[attempt.target_id].append(attempt)
    return [
        Row(
            target,
            answers.get(target.person_id),
            visits.get(target.pk),
            attempts[target.pk],
            outreach.next_step(attempts[target.pk], today=today),
            today,
            _why_broken(broken, visits.get(target.pk)),
        )
        for target in targets
    ]


def _why_broken(broken: dict[int, promises.Broken], visit: Visit | None) -> str:
    return broken[visit.pk].why if visit and visit.pk in broken else ""


# ------------------------------------------------------------------ who to call


def contactable(scope: Scope, action: str = "W") -> Q:
    """Targets whose people the viewer may contact: own dongs, own tongs, own zone's children, own visits."""
    seen = Q(dong__in=scope.dong_ids("consent", action))
    for dong_id, tong in sorted(scope.tongs("consent", action)):
        seen |= Q(dong=dong_id, person__tong=tong)
    if scope.owns("consent", action):
        mine = Pair.objects.on(scope.on).filter(nurse=scope.user, kind=Pair.Kind.CHILD)
        zones = ZoneDong.objects.on(scope.on).filter(zone__in=mine.values("zone"))
        seen |= Q(programme__key="child", dong__in=zones.values("dong"))
        seen |= Q(pk__in=Visit.objects.assigned_to(scope.user).values("target_id"))
    return seen


def to_call(scope: Scope, *, today: dt.date, until: dt.date) -> QuerySet[Target]:
    """Open targets with a visit still to be promised, or promised for a time that cannot be kept any more.

    Not before the day agreed at the last try, and never after a refusal before its day of the next offer.
    """
    last_answer = (
        Consent.objects.filter(person=OuterRef("person"), kind=Consent.Kind.VISIT)
        .standing_on(today)
        .order_by("-answered_on", "-pk")
    )
    last_try = ContactAttempt.objects.filter(target=OuterRef("pk")).order_by("-at", "-pk")
    promised = Visit.objects.filter(state=Visit.State.BOOKED, on__gte=today)
    promised = promised.filter(target__in=Target.objects.open().filter(contactable(scope)))
    broken = promises.broken(promised.select_related(*OF_PAIR).order_by("pk"))
    waiting = Visit.objects.filter(Q(state__in=[Visit.State.POOL, Visit.State.ANNOUNCED]) | Q(pk__in=broken))
    rows = Target.objects.open().filter(
        contactable(scope), pk__in=waiting.values("target_id"), release_on__lte=until, person__status="resident"
    )
    rows = rows.annotate(
        answer=Subquery(last_answer.values("answer")[:1]),
        answered_on=Subquery(last_answer.values("answered_on")[:1]),
        reoffer_on=Subquery(last_answer.values("reoffer_on")[:1]),
        next_on=Subquery(last_try.values("next_on")[:1]),
    )
    again = Q(reoffer_on__lte=today) | Q(rule__kind__in=consent.WITHOUT_CONSENT)
    again |= Q(rule__kind__in=consent.ASKED_AGAIN_BY_LIFE, release_on__gt=F("answered_on"))
    willing = Q(answer=None) | Q(answer=Consent.Answer.GIVEN)
    return rows.filter(willing | again).filter(Q(next_on=None) | Q(next_on__lte=today))
