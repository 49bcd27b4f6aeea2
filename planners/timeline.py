"""지나온 길: one stream of everything that happened with a person, as far as the viewer's role reaches.

Each kind of line comes from a source. A source gives the newest lines the viewer may see and counts the
rest, so that nobody believes there is nothing. Floors above add their own sources with `register`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from centers.access import Scope
from centers.figure_tables import BENEFITS
from common.months import seoul_date
from planners import target_reasons
from planners.models import (
    Benefit,
    Consent,
    ContactAttempt,
    Person,
    RegisterEvent,
    ScreeningResult,
    Target,
    Visit,
    VisitEvent,
)

LATEST, ALL = 40, 400
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
    """One line. `at` is None for what is known by its day only."""

    at: dt.datetime | None
    on: dt.date
    text: str
    who: str = ""
    url_name: str = ""
    url_uid: object = None
    kind: str = ""
    kind_name: str = ""


@dataclass(frozen=True)
class Look:
    """Whose story is read, by whom, how far back."""

    person: Person
    records: list[int]  # the kept record and those linked to it
    scope: Scope
    is_own: bool
    limit: int = LATEST

    def may(self, resource: str, action: str = "R") -> bool:
        """Whether the viewer's reach for a kind of data includes this person."""
        reach = self.scope.reach(resource, action)
        in_dong = self.person.dong_id in self.scope.dong_ids(resource, action)
        return "A" in reach or in_dong or ("o" in reach and self.is_own)


Told = tuple[list[Moment], int]


@dataclass(frozen=True)
class Source:
    """A kind of line: its title, and what tells (lines, how many are hidden)."""

    key: str
    title: str
    order: int
    tell: Callable[[Look], Told]


_sources: dict[str, Source] = {}


def register(key: str, title: str, *, order: int) -> Callable:
    """Add a kind of line; later floors use it for theirs."""

    def add(tell: Callable[[Look], Told]) -> Callable[[Look], Told]:
        _sources[key] = Source(key, title, order, tell)
        return tell

    return add


def kinds() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: source.order)


@dataclass
class Story:
    """The lines, newest first, and per kind how many were left out because the viewer may not see them."""

    moments: list[Moment] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)  # by title
    counts: dict[str, int] = field(default_factory=dict)  # by key
    has_more: bool = False


def story(look: Look, *, show: str = "") -> Story:
    """The whole story, or one kind of it, in a fixed number of queries."""
    found = Story()
    for source in kinds():
        moments, hidden = source.tell(look)
        if hidden:
            found.hidden[source.title] = hidden
        found.counts[source.key] = len(moments)
        if not show or show == source.key:
            found.moments += [_of_kind(moment, source) for moment in moments]
    found.moments.sort(key=lambda moment: (-moment.on.toordinal(), -(moment.at.timestamp() if moment.at else 0)))
    found.has_more = len(found.moments) > look.limit or max(found.counts.values(), default=0) >= look.limit
    found.moments = found.moments[: look.limit]
    return found


def _of_kind(moment: Moment, source: Source) -> Moment:
    return Moment(**{**moment.__dict__, "kind": source.key, "kind_name": source.title})


# ------------------------------------------------------------------ this floor


@register("register", "주민등록", order=1)
def _registered(look: Look) -> Told:
    rows = RegisterEvent.objects.filter(person__in=look.records).select_related("by").order_by("-on", "-pk")
    return [Moment(row.at, row.on, _what(row), _name(row.by)) for row in rows[: look.limit]], 0


def _what(event: RegisterEvent) -> str:
    said, detail = event.get_kind_display(), event.detail
    if event.kind == RegisterEvent.Kind.MOVED_WITHIN and isinstance(detail.get("before"), dict):
        before, after = detail["before"].get("dong"), detail.get("after", {}).get("dong")
        return f"{said}: {before} → {after}" if before and after else said
    more = detail.get("where") or detail.get("reason")
    return f"{said}: {more}" if more else said


@register("target", "명단", order=2)
def _listed(look: Look) -> Told:
    rows = Target.objects.filter(person__in=look.records)
    if not look.may("target"):
        return [], rows.count()
    found = []
    for target in rows.select_related("programme", "rule").order_by("-created_at", "-pk")[: look.limit]:
        name = target.programme.short_name
        text = f"{name} 명단에 오름 · {target.rule.title} · {target.due_on.month}월 {target.due_on.day}일까지"
        link = {"url_name": "target_detail", "url_uid": target.uid}
        found.append(Moment(target.created_at, seoul_date(target.created_at), text, **link))
        if target.ended_on:
            state = target.get_state_display()
            reason = "" if target.end_reason.strip() in ("", state) else f" · {target.end_reason}"
            ended = f"{name} 끝남 · {state}{reason}"
            found.append(Moment(None, target.ended_on, ended, **link))
    return found, 0


@register("contact", "연락·동의", order=3)
def _contacted(look: Look) -> Told:
    consents = Consent.objects.filter(person__in=look.records)
    tries = ContactAttempt.objects.filter(target__person__in=look.records)
    if not (look.may("consent") or look.may("consent", "W")):
        return [], consents.count() + tries.count()
    answered = [
        Moment(row.at, row.answered_on, _answer(row), f"{row.asked_by}, {row.get_channel_display()}")
        for row in consents.order_by("-answered_on", "-pk")[: look.limit]
    ]
    tried = [
        Moment(row.at, seoul_date(row.at), f"{row.get_channel_display()} · {row.get_result_display()}", row.by.name)
        for row in tries.select_related("by").order_by("-at", "-pk")[: look.limit]
    ]
    return answered + tried, 0


def _answer(row: Consent) -> str:
    recipient = f" · {row.recipient}" if row.recipient else ""
    taken_back = " (철회함)" if row.withdrawn_on else ""
    return f"{row.get_kind_display()} {row.get_answer_display()}{recipient}{taken_back}"


@register("visit", "방문", order=4)
def _visited(look: Look) -> Told:
    everything = Visit.objects.filter(person__in=look.records)
    seen = everything.visible_to(look.scope)
    rows = VisitEvent.objects.filter(visit__in=seen, act__in=TOLD).select_related("by", "visit__programme")
    moments = [
        Moment(
            row.at,
            seoul_date(row.at),
            f"{row.visit.programme.short_name} · {row.text}",
            _name(row.by),
            url_name="visit",
            url_uid=row.visit.uid,
        )
        for row in rows.order_by("-at", "-pk")[: look.limit]
    ]
    return moments, everything.count() - seen.count()


@register("health", "건강 검사", order=5)
def _screened(look: Look) -> Told:
    rows = ScreeningResult.objects.filter(person__in=look.records, is_complete=True)
    if not look.may("visit_health"):
        return [], rows.count()
    rows = rows.select_related("by").defer("answers").order_by("-at", "-pk")[: look.limit]
    return [Moment(row.at, seoul_date(row.at), f"{row.instrument} {row.score}점", row.by.name) for row in rows], 0


@register("aid", "복지급여", order=6)
def _aided(look: Look) -> Told:
    rows = Benefit.objects.filter(person__in=look.records)
    if not look.may("welfare_status"):
        return [], rows.count()
    found = []
    for row in rows.order_by("-valid_from", "-pk")[: look.limit]:
        name = BENEFITS.get(row.category, row.category)
        found.append(Moment(None, row.valid_from, f"{name} 시작"))
        if row.valid_to and row.valid_to <= look.scope.on:
            found.append(Moment(None, row.valid_to, f"{name} 끝남"))
    return found, 0


def reasons(targets: Iterable[Target], *, sees_facts: bool) -> list[tuple[Target, str]]:
    """Targets with the first sentence of why somebody is on the list."""
    return [(target, target_reasons.why(target, sees_facts=sees_facts)[0]) for target in targets]


def _name(user) -> str:
    return user.name if user else ""
