"""One resident on one page, as far as the viewer's role reaches; what stays hidden is counted, not concealed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q

from centers.access import Scope
from centers.figure_tables import BENEFITS
from common.months import seoul_date
from planners import residents, target_reasons
from planners.models import (
    Benefit,
    Consent,
    ContactAttempt,
    CrisisReport,
    Membership,
    Person,
    RegisterEvent,
    ScreeningResult,
    Target,
    Visit,
    VisitEvent,
)

LATEST = 40
KINDS = {"register": "주민등록", "target": "명단", "contact": "연락·동의", "visit": "방문", "health": "건강 검사"}
#: events of a visit worth a line in the story of a person
TOLD = (
    "booked",
    "announced",
    "returned",
    "started",
    "finished",
    "not_met",
    "cancelled",
    "classified",
    "linked",
    "closed",
)


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: dt.datetime | None
    on: dt.date
    kind: str
    text: str
    who: str = ""
    url: str = ""

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind]


@dataclass
class ResidentPage:
    """What the viewer may see of a person. `hidden` counts the rest by name."""

    person: Person
    is_own: bool
    sees_facts: bool
    members: list[Membership] = field(default_factory=list)
    benefits: list[tuple[str, Benefit]] = field(default_factory=list)
    targets: list[tuple[Target, str]] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    timeline: list[Moment] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)


def may(scope: Scope, resource: str, person: Person, *, is_own: bool, action: str = "R") -> bool:
    """Whether the viewer's reach for a kind of data includes this person."""
    reach = scope.reach(resource, action)
    return "A" in reach or person.dong_id in scope.dong_ids(resource, action) or ("o" in reach and is_own)


def of(person: Person, scope: Scope, *, show: str = "") -> ResidentPage:
    """Everything for the page in a fixed number of queries. `show` keeps one kind of the timeline."""
    is_own = Visit.objects.assigned_to(scope.user).filter(person=person).exists()
    found = ResidentPage(person, is_own, may(scope, "person_facts", person, is_own=is_own))
    if found.sees_facts and person.household_id:
        found.members = residents.household_on(person.household, scope.on)
    _benefits(found, scope)
    _targets(found, scope)
    sees_contact = may(scope, "consent", person, is_own=is_own) or may(
        scope, "consent", person, is_own=is_own, action="W"
    )
    if sees_contact:
        found.consents = list(person.consents.select_related("by").order_by("-answered_on", "-pk")[:LATEST])
    rows = _registered(person) + _visited(found, scope) + _screened(found, scope)
    if sees_contact:
        rows += _contacted(found)
    if found.targets:
        rows += _listed(found)
    rows = [row for row in rows if not show or row.kind == show]
    found.timeline = sorted(rows, key=_newest_first)[:LATEST]
    return found


def _newest_first(row: Moment) -> tuple:
    return (-row.on.toordinal(), -(row.at.timestamp() if row.at else 0))


def _benefits(found: ResidentPage, scope: Scope) -> None:
    rows = Benefit.objects.filter(person=found.person).order_by("valid_to", "-valid_from")
    if may(scope, "welfare_status", found.person, is_own=found.is_own):
        found.benefits = [(BENEFITS.get(row.category, row.category), row) for row in rows]
    elif n := rows.on(scope.on).count():
        found.hidden["복지급여"] = n


def _targets(found: ResidentPage, scope: Scope) -> None:
    rows = found.person.targets.select_related("programme", "rule", "dong").order_by("-month", "-pk")
    if may(scope, "target", found.person, is_own=found.is_own):
        found.targets = [
            (target, target_reasons.why(target, sees_facts=found.sees_facts)[0]) for target in rows[:LATEST]
        ]
    elif n := rows.count():
        found.hidden["방문 대상"] = n


def _registered(person: Person) -> list[Moment]:
    rows = person.register_events.select_related("by").order_by("-on", "-pk")[:LATEST]
    return [
        Moment(row.at, row.on, "register", f"{row.get_kind_display()}{_what(row)}", row.by.name if row.by else "")
        for row in rows
    ]


def _what(event: RegisterEvent) -> str:
    detail = event.detail
    if event.kind == RegisterEvent.Kind.MOVED_WITHIN:
        return f": {detail['before']['dong']} → {detail['after']['dong']}"
    if detail.get("where"):
        return f": {detail['where']}"
    if detail.get("reason"):
        return f": {detail['reason']}"
    return ""


def _visited(found: ResidentPage, scope: Scope) -> list[Moment]:
    everything = Visit.objects.filter(person=found.person)
    seen = everything.visible_to(scope)
    if n := everything.count() - seen.count():
        found.hidden["다른 곳의 방문"] = n
    rows = VisitEvent.objects.filter(visit__in=seen, act__in=TOLD).select_related("by", "visit__programme")
    return [
        Moment(row.at, seoul_date(row.at), "visit", f"{row.visit.programme.short_name} · {row.text}", _name(row.by))
        for row in rows.order_by("-at", "-pk")[:LATEST]
    ]


def _screened(found: ResidentPage, scope: Scope) -> list[Moment]:
    rows = ScreeningResult.objects.filter(person=found.person, is_complete=True)
    if not may(scope, "visit_health", found.person, is_own=found.is_own):
        if n := rows.count():
            found.hidden["건강 검사"] = n
        return []
    rows = rows.select_related("by").defer("answers").order_by("-at")[:LATEST]
    return [
        Moment(row.at, seoul_date(row.at), "health", f"{row.instrument} {row.score}점", row.by.name) for row in rows
    ]


def _contacted(found: ResidentPage) -> list[Moment]:
    rows = [
        Moment(
            row.at,
            row.answered_on,
            "contact",
            f"{row.get_kind_display()} {row.get_answer_display()}{f' · {row.recipient}' if row.recipient else ''}"
            f"{' (철회함)' if row.withdrawn_on else ''}",
            f"{row.asked_by}, {row.get_channel_display()}",
        )
        for row in found.consents
    ]
    tries = ContactAttempt.objects.filter(target__person=found.person).select_related("by").order_by("-at")[:LATEST]
    return rows + [
        Moment(
            row.at,
            seoul_date(row.at),
            "contact",
            f"{row.get_channel_display()} · {row.get_result_display()}",
            row.by.name,
        )
        for row in tries
    ]


def _listed(found: ResidentPage) -> list[Moment]:
    rows = []
    for target, _ in found.targets:
        text = f"{target.programme.short_name} 명단에 오름 · {target.rule.title}"
        rows.append(Moment(target.created_at, seoul_date(target.created_at), "target", text))
        if target.ended_on:
            ended = f"{target.programme.short_name} 끝남 · {target.get_state_display()} {target.end_reason}"
            rows.append(Moment(None, target.ended_on, "target", ended))
    return rows


def worries(person: Person) -> list[CrisisReport]:
    """Reports about a person that nobody has answered yet, newest first."""
    rows = CrisisReport.objects.filter(Q(person=person), answered_at=None)
    return list(rows.select_related("by").order_by("-reported_at"))


def _name(user) -> str:
    return user.name if user else ""
