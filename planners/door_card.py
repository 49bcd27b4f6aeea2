"""The card before the door: eight facts about a visit on one phone screen (product: the nurse's day)."""

from __future__ import annotations

from dataclasses import dataclass

from centers.figure_tables import BENEFITS
from centers.models import User
from common.months import SEOUL, seoul_date
from planners import screening
from planners.day_list import Note, notes_of, partners_of
from planners.models import Benefit, Consent, ContactAttempt, Visit
from planners.visit_records import own_part
from planners.visit_sections import HEALTH


@dataclass(frozen=True)
class DoorFact:
    label: str
    text: str
    more: str = ""
    tone: str = ""
    phone: str = ""


def door_card(visit: Visit, user: User, *, may_see_welfare: bool) -> list[DoorFact]:
    """Eight facts for one phone screen (product: nurse's day). Health values only for the nurse."""
    person, partners = visit.person, partners_of(visit, user)
    along = ", ".join(f"{row.user.name} {row.get_function_display()}" for row in partners) or "혼자"
    joining = ", ".join(
        f"{row.companion.name} {row.companion.get_kind_display()}"
        for row in visit.accompaniments.filter(is_active=True).select_related("companion").order_by("pk")
    )
    notes = notes_of(visit)
    return [
        DoorFact("약속", _appointment(visit), f"예상 {visit.minutes}분 · {visit.get_state_display()}"),
        DoorFact("함께", along, f"동행 {joining}" if joining else "", phone=partners[0].user.phone if partners else ""),
        DoorFact("집", person.address or "주소 없음", _place(visit)),
        DoorFact("문 앞", ", ".join(note.text for note in notes) or "알려진 것 없음", tone=_gravest(notes)),
        DoorFact("연락", person.contact or "전화 없음", _reached(visit), phone=person.contact),
        _consent_fact(visit),
        _last_fact(visit, with_scores=own_part(visit, user) == HEALTH),
        _household_fact(visit, may_see_welfare=may_see_welfare),
    ]


# ------------------------------------------------------------------ private


def _appointment(visit: Visit) -> str:
    if not visit.starts_at:
        return "시각 없음"
    start = visit.starts_at.astimezone(SEOUL)
    return f"{start.month}월 {start.day}일 {start:%H:%M}"


def _place(visit: Visit) -> str:
    tong = f"{visit.person.tong}통" if visit.person.tong else ""
    ban = f" {visit.person.ban}반" if visit.person.ban else ""
    return f"{visit.dong.name} {tong}{ban}".strip()


def _gravest(notes: list[Note]) -> str:
    return "warn" if any(note.tone == "warn" for note in notes) else ""


def _reached(visit: Visit) -> str:
    guardian = visit.person.guardian
    return " · ".join(filter(None, [f"같은 세대 {guardian.name}" if guardian else "", _attempts(visit)]))


def _attempts(visit: Visit) -> str:
    rows = list(visit.target.attempts.all())
    if not rows:
        return ""
    last: ContactAttempt = rows[0]
    day = seoul_date(last.at)
    return f"연락 {len(rows)}번 · 마지막 {day.month}.{day.day} {last.get_result_display()}"


def _consent_fact(visit: Visit) -> DoorFact:
    rows = [c for c in visit.person.consents.all() if c.kind == Consent.Kind.VISIT]
    if not rows:
        return DoorFact("방문 동의", "기록 없음", "문 앞에서 다시 여쭙니다", tone="warn")
    last = rows[0]
    said = f"{last.answered_on.month}.{last.answered_on.day} {last.get_channel_display()} · {last.asked_by}"
    refused = any(c.answer == Consent.Answer.REFUSED for c in rows[1:])
    more = f"{said} · 전에 거절한 적 있음" if refused else said
    word = "동의하심" if last.answer == Consent.Answer.GIVEN else "거절하심"
    return DoorFact("방문 동의", word, more, tone="warn" if refused else "")


def _last_fact(visit: Visit, *, with_scores: bool) -> DoorFact:
    rows = Visit.objects.filter(person=visit.person, finished_at__isnull=False).exclude(pk=visit.pk)
    last = rows.prefetch_related("screenings").order_by("-finished_at").first()
    if last is None:
        return DoorFact("지난번", "처음 찾아감")
    day = seoul_date(last.finished_at)
    text = f"{day.year}.{day.month}.{day.day} {last.get_outcome_display()}"
    classes = [c for c in screening.classes(last) if c.level != "normal" or c.is_alarm]
    scores = {r.instrument: r.score for r in last.screenings.all() if r.score is not None} if with_scores else {}
    said = [f"{c.title} {c.name}" for c in classes] + [
        f"우울 {score}점" for key, score in scores.items() if "gds" in key
    ]
    words = " · ".join([*([last.get_group_display()] if last.group else []), *said])
    return DoorFact("지난번", text, words, tone="warn" if classes else "")


def _household_fact(visit: Visit, *, may_see_welfare: bool) -> DoorFact:
    household = visit.person.household
    size = household.people.living_here().count() if household else 1
    words = ""
    if may_see_welfare:
        rows = Benefit.objects.filter(person=visit.person).on(visit.on or visit.release_on)
        words = ", ".join(BENEFITS.get(row.category, row.category) for row in rows) or "받는 급여 없음"
    return DoorFact("세대", f"명부 {size}인" if size > 1 else "명부 1인 세대", words)
