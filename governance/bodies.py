"""Constituting a body of a dong, its members and their terms, and what is still missing (plan IV.5-2 ⑤, V-6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from centers.models import Dong, User
from common.months import WEEKDAYS, seoul_date
from common.refusals import Refusal
from governance.models import Body, BodyEvent, Meeting, Member

WARN_DAYS = 90
Seat, Kind = Member.Seat, Member.Kind


class AlreadyConstituted(Refusal):
    code = "ALREADY_CONSTITUTED"


class BadRule(Refusal):
    code = "BAD_RULE"


class BadTerm(Refusal):
    code = "BAD_TERM"


class TermOverlap(Refusal):
    code = "TERM_OVERLAP"


class TermLimit(Refusal):
    code = "TERM_LIMIT"


class ChairTaken(Refusal):
    code = "CHAIR_TAKEN"


@dataclass(frozen=True)
class Check:
    """One line of the checklist: what the plan asks for, and who meets it today."""

    key: str
    title: str
    is_met: bool
    is_required: bool
    detail: str


@dataclass(frozen=True)
class Vacancy:
    """A seat of the plan that nobody holds, or that falls empty soon."""

    title: str
    empty_on: dt.date | None  # None: empty today


# ---------------------------------------------------------------- constituting


@transaction.atomic
def constitute(
    dong: Dong,
    *,
    weekday: int,
    starts_at: dt.time,
    place: str,
    by: User,
    at: dt.datetime,
    kind: str = Body.Kind.CASE_COMMITTEE,
    interval_weeks: int = 1,
    quorum_percent: int = 50,
    term_months: int = 24,
    max_terms: int = 3,
    founded_on: dt.date | None = None,
) -> Body:
    """Set up a body of a dong; one of a kind. `weekday` counts from Monday 0, once a week in principle.

    Raises `AlreadyConstituted`, `BadRule`.
    """
    label = Body.Kind(kind).label
    if Body.objects.filter(dong=dong, kind=kind).exists():
        raise AlreadyConstituted(f"{dong.name}에는 이미 {label}가 있습니다. 있는 회의체에서 위원과 주기를 고쳐 주세요.")
    _check_rules(weekday, interval_weeks, quorum_percent)
    body = Body.objects.create(
        kind=kind,
        dong=dong,
        name=f"{dong.name} {label.removeprefix('동 ')}",
        founded_on=founded_on or seoul_date(at),
        weekday=weekday,
        starts_at=starts_at,
        interval_weeks=interval_weeks,
        place=place,
        quorum_percent=quorum_percent,
        term_months=term_months,
        max_terms=max_terms,
    )
    note(body, "founded", f"{rhythm(body)}, {place}", by=by, at=at)
    return body


@transaction.atomic
def change_rules(
    body: Body,
    *,
    weekday: int,
    starts_at: dt.time,
    place: str,
    interval_weeks: int,
    quorum_percent: int,
    by: User,
    at: dt.datetime,
) -> Body:
    """Change when and how a body meets. Planned regular meetings without an agenda are taken back,
    so that `meetings.plan_meetings` can lay the new rhythm. Raises `BadRule`.
    """
    _check_rules(weekday, interval_weeks, quorum_percent)
    body = Body.objects.select_for_update().get(pk=body.pk)
    new_rhythm = (body.weekday, body.interval_weeks, body.starts_at) != (weekday, interval_weeks, starts_at)
    body.weekday, body.starts_at, body.interval_weeks = weekday, starts_at, interval_weeks
    body.place, body.quorum_percent = place, quorum_percent
    if new_rhythm:
        body.rhythm_from = seoul_date(at)
        later = body.meetings.filter(state=Meeting.State.PLANNED, slot_on__isnull=False, starts_at__gt=at)
        later.filter(agenda=None).delete()
    body.save()
    note(body, "rules", f"{rhythm(body)}, {place}, 정족수 {quorum_percent}% 넘게", by=by, at=at)
    return body


def _check_rules(weekday: int, interval_weeks: int, quorum_percent: int) -> None:
    if not 0 <= weekday <= 4:
        raise BadRule("평일 가운데 모이는 요일을 골라 주세요.")
    if not 1 <= interval_weeks <= 13:
        raise BadRule("몇 주마다 모이는지 1에서 13 사이로 적어 주세요.")
    if not 1 <= quorum_percent <= 99:
        raise BadRule("정족수는 1에서 99 사이의 %로 적어 주세요.")


def rhythm(body: Body) -> str:
    """When a body meets, in words: 매주 목요일 14:00."""
    if body.weekday is None or body.starts_at is None:
        return "모이는 날을 아직 정하지 않음"
    every = "매주" if body.interval_weeks == 1 else f"{body.interval_weeks}주마다"
    return f"{every} {WEEKDAYS[body.weekday]}요일 {body.starts_at:%H:%M}"


def on_day(day: dt.date) -> str:
    """2015년 1월 8일."""
    return f"{day.year}년 {day.month}월 {day.day}일"


# ---------------------------------------------------------------- members and terms


@transaction.atomic
def appoint(
    body: Body,
    *,
    name: str,
    affiliation: str,
    kind: str,
    by: User,
    at: dt.datetime,
    seat: str = "",
    user: User | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    is_chair: bool = False,
    is_secretary: bool = False,
    term_number: int = 1,
) -> Member:
    """Appoint somebody for a term; without an end the term runs the body's term length.

    Staff of the center sit by their post: pass `valid_to=dt.date.max` for no end.
    Raises `BadTerm`, `TermOverlap`, `TermLimit`, `ChairTaken`.
    """
    body = Body.objects.select_for_update().get(pk=body.pk)
    valid_from = valid_from or seoul_date(at)
    valid_to = _plus_months(valid_from, body.term_months) if valid_to is None else valid_to
    valid_to = None if valid_to == dt.date.max else valid_to
    if valid_to is not None and valid_to <= valid_from:
        raise BadTerm("임기의 끝은 시작일 뒤여야 합니다. 끝난 날을 다시 적어 주세요.")
    if valid_to is not None and term_number > body.max_terms:
        raise TermLimit(f"이어서 맡을 수 있는 임기는 {body.max_terms}번까지입니다. 다른 분을 모셔 주세요.")
    same = body.members.filter(user=user) if user else body.members.filter(name=name, affiliation=affiliation)
    if _overlapping(same, valid_from, valid_to).exists():
        raise TermOverlap(f"{name} 님은 그 기간에 이미 위원입니다. 임기를 먼저 끝내거나 시작일을 바꿔 주세요.")
    if is_chair:
        chair = _overlapping(body.members.filter(is_chair=True), valid_from, valid_to).first()
        if chair:
            raise ChairTaken(f"그 기간의 위원장은 {chair.name} 님입니다. 먼저 그 임기를 끝내 주세요.")
    member = Member.objects.create(
        body=body,
        user=user,
        name=name,
        affiliation=affiliation,
        kind=kind,
        seat=seat,
        is_chair=is_chair,
        is_secretary=is_secretary,
        valid_from=valid_from,
        valid_to=valid_to,
        term_number=term_number,
    )
    note(
        body,
        "appointed",
        f"{name} ({affiliation}), {member.get_kind_display()}, {on_day(valid_from)}부터",
        by=by,
        at=at,
    )
    return member


@transaction.atomic
def renew(member: Member, *, by: User, at: dt.datetime, months: int | None = None) -> Member:
    """A further term right after the present one. Raises `BadTerm`, `TermLimit`, `TermOverlap`."""
    member = Member.objects.select_for_update(of=["self"]).select_related("body").get(pk=member.pk)
    if member.valid_to is None:
        raise BadTerm("끝이 정해지지 않은 임기는 이어서 맡길 필요가 없습니다.")
    start = max(member.valid_to, seoul_date(at))
    return appoint(
        member.body,
        name=member.name,
        affiliation=member.affiliation,
        kind=member.kind,
        seat=member.seat,
        user=member.user,
        valid_from=start,
        valid_to=_plus_months(start, months or member.body.term_months),
        is_chair=member.is_chair,
        is_secretary=member.is_secretary,
        term_number=member.term_number + 1,
        by=by,
        at=at,
    )


@transaction.atomic
def end_term(member: Member, *, on: dt.date, reason: str, by: User, at: dt.datetime) -> Member:
    """End a term early; `on` is the first day without the seat. Twice the same does nothing. Raises `BadTerm`."""
    member = Member.objects.select_for_update(of=["self"]).select_related("body").get(pk=member.pk)
    if member.valid_to == on and member.end_reason == reason:
        return member
    if not reason.strip():
        raise BadTerm("임기를 끝내는 까닭을 적어 주세요.")
    if member.valid_to is not None and member.valid_to <= seoul_date(at):
        raise BadTerm("이미 끝난 임기입니다.")
    if on <= member.valid_from:
        raise BadTerm("임기의 끝은 시작일 뒤여야 합니다. 끝난 날을 다시 적어 주세요.")
    member.valid_to, member.end_reason = on, reason.strip()
    member.save(update_fields=["valid_to", "end_reason"])
    note(member.body, "term_ended", f"{member.name}, {on_day(on)}부터 위원이 아님: {reason}", by=by, at=at)
    return member


def _overlapping(members, first: dt.date, end: dt.date | None):
    rows = members.exclude(valid_to__isnull=False, valid_to__lte=first)
    return rows.filter(valid_from__lt=end) if end else rows


def _plus_months(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


# ---------------------------------------------------------------- what is missing

#: key, title, required before regular meetings, how members satisfy it
_SEATS = (
    ("resident", "주민대표", True, {Seat.RESIDENT}),
    ("team_lead", "동 복지팀장", True, {Seat.TEAM_LEAD}),
    ("hope_team", "구 희망복지지원단 사례관리사", False, {Seat.HOPE_TEAM}),
    ("private_agency", "지역 민간기관 사례관리자", False, {Seat.PRIVATE_AGENCY}),
    ("nurse", "방문간호사", False, {Seat.NURSE}),
    ("council", "동 복지협의체(자원 연계)", False, {Seat.COUNCIL}),
    ("camp", "자원봉사캠프장(자원 연계)", False, {Seat.CAMP}),
    ("worker", "민·관 사례관리 실무자", False, {Seat.WORKER}),
)


def checklist(body: Body, *, on: dt.date, members: list[Member] | None = None) -> list[Check]:
    """What the plan asks a case committee to have, with who meets it on a day (plan IV.5-2 ⑤)."""
    members = list(body.members.on(on)) if members is None else members
    rows = [
        Check(
            "rhythm", "모이는 요일과 시각", body.weekday is not None and body.starts_at is not None, True, rhythm(body)
        ),
        _held_by("chair", "위원장", True, [m for m in members if m.is_chair]),
        _held_by("secretary", "간사", True, [m for m in members if m.is_secretary]),
    ]
    if body.kind != Body.Kind.CASE_COMMITTEE:
        return rows
    for key, title, required, seats in _SEATS:
        rows.append(_held_by(key, title, required, [m for m in members if m.seat in seats]))
    advisers = [m for m in members if m.kind == Kind.ADVISORY]
    rows.append(_held_by("advisory", "자문위원 명단(구 인력풀)", False, advisers))
    deciding = [m for m in members if m.is_deciding]
    rows.append(Check("deciding", "결정하는 상시위원 세 명 넘게", len(deciding) >= 3, True, f"지금 {len(deciding)}명"))
    return rows


def missing(body: Body, *, on: dt.date, members: list[Member] | None = None) -> list[str]:
    """What must be there before regular meetings can be laid."""
    checks = checklist(body, on=on, members=members)
    return [check.title for check in checks if check.is_required and not check.is_met]


def vacancies(body: Body, *, on: dt.date, days: int = WARN_DAYS) -> list[Vacancy]:
    """Seats of the plan that are empty, or fall empty within `days`."""
    if body.kind != Body.Kind.CASE_COMMITTEE:
        return []
    members = [m for m in body.members.all() if m.valid_to is None or m.valid_to > on]
    found = []
    for _, title, _, seats in _SEATS:
        holders = [m for m in members if m.seat in seats]
        now = [m for m in holders if m.sits_on(on)]
        later = on + dt.timedelta(days)
        if not now:
            found.append(Vacancy(title, None))
        elif not any(m.sits_on(later) for m in holders):
            found.append(Vacancy(title, max(m.valid_to for m in now)))
    return found


def _held_by(key: str, title: str, required: bool, holders: list[Member]) -> Check:
    names = ", ".join(f"{m.name}({m.affiliation})" for m in holders[:3])
    more = f" 밖에 {len(holders) - 3}명" if len(holders) > 3 else ""
    return Check(key, title, bool(holders), required, names + more)


def note(body: Body, act: str, text: str, *, by: User | None, at: dt.datetime, meeting: Meeting | None = None) -> None:
    """Write a line into the story of a body or of one of its meetings."""
    BodyEvent.objects.create(body=body, meeting=meeting, act=act, text=text[:300], by=by, at=at)
