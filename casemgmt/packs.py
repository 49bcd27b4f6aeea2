"""The anonymised case pack: what a committee needs to decide, and nothing that says who it is (plan IV.5-2 ⑤).

No name, address, number, tong or birthday; ages are bands, days are counted back from the meeting, screening
is its class only. Outside members read health and benefits only if the person's consent names these items.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from casemgmt import needs, sharing
from casemgmt.anonymity import Veil, age_band
from casemgmt.models import Case, CaseAgendaItem, PackPledge, Referral
from centers.access import Scope
from centers.figure_tables import BENEFITS
from centers.models import User
from common.months import seoul_date
from governance.models import Body, Invitation, Meeting, Member
from planners import screening, visit_questions
from planners.models import Person, Visit, VisitAnswer

STAYS_OPEN = dt.timedelta(hours=24)
_FACTS = (
    ("함께 사는 사람", visit_questions.FAMILY.questions[0], ""),
    ("주거", visit_questions.HOUSING.questions[0], ""),
    ("수입", visit_questions.INCOME.questions[0], "welfare"),
    ("빚", visit_questions.DEBT.questions[0], "welfare"),
)


@dataclass(frozen=True)
class Access:
    """How far somebody may look into one agenda item's pack at a moment."""

    may_read: bool
    knows_identity: bool = False
    needs_pledge: bool = False
    items: frozenset[str] = frozenset()  # what the consent names, for those outside
    closes_at: dt.datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Pack:
    facts: list[tuple[str, str]]
    need: str
    trouble: str
    wishes: list[str]
    checks: list[screening.Class] | None  # None: the person has not agreed to show them
    benefits: list[str] | None
    path: list[tuple[str, str]]
    linked: list[str]
    plan: list[dict] = field(default_factory=list)


def subject(row: CaseAgendaItem) -> Person:
    """Whom an agenda item is about."""
    return row.case.person if row.case_id else row.referral.person


def access(row: CaseAgendaItem, scope: Scope, *, at: dt.datetime) -> Access:
    """Who may read a pack: staff who know the case, and members of the body until a day after the meeting.

    An adviser reads the items they are asked to, nobody else outside the dong reads anything.
    """
    if _knows(row, scope):
        return Access(may_read=True, knows_identity=True, items=frozenset(sharing.ITEMS))
    meeting = row.item.meeting
    if not _sits(row, scope):
        return Access(may_read=False, why="이 자료는 위원회의 위원만 볼 수 있습니다.")
    closes_at = (meeting.closed_at or meeting.starts_at) + STAYS_OPEN
    if meeting.state == Meeting.State.OPEN:
        closes_at = None
    if closes_at and at >= closes_at:
        return Access(may_read=False, closes_at=closes_at, why="회의가 끝나고 24시간이 지나 자료가 닫혔습니다.")
    if row.item.state in (row.item.State.POSTPONED, row.item.State.WITHDRAWN):
        return Access(may_read=False, why="이 회의에서 다루지 않기로 한 안건입니다.")
    agreed = _agreed(row, on=seoul_date(at))
    promised = PackPledge.objects.filter(item=row.item_id, user=scope.user).exists()
    return Access(may_read=promised, needs_pledge=not promised, items=agreed, closes_at=closes_at)


def pledge(row: CaseAgendaItem, *, by: User, at: dt.datetime) -> PackPledge:
    """Promise to keep the pack to oneself; once is enough."""
    return PackPledge.objects.get_or_create(item=row.item, user=by, defaults={"at": at})[0]


def readers(row: CaseAgendaItem) -> int:
    """How many people have opened the pack with a promise."""
    return PackPledge.objects.filter(item=row.item_id).count()


def build(row: CaseAgendaItem, *, items: frozenset[str] = frozenset(sharing.ITEMS)) -> Pack:
    """The pack of an agenda item. `items` are those of `sharing.ITEMS` the reader may see."""
    person = subject(row)
    referral = row.referral or row.case.referral
    day = seoul_date(row.item.meeting.starts_at)
    veil = Veil.over(person)
    visit = _last_visit(person, referral)
    answers = _answers(visit)
    return Pack(
        facts=_facts(person, answers, day, items),
        need=needs.word(referral.need),
        trouble=veil.hide(referral.summary),
        wishes=_wishes(referral, answers, veil),
        checks=(screening.classes(visit) if visit else []) if "screening" in items else None,
        benefits=_benefits(person, day) if "welfare" in items else None,
        path=_path(row, person, referral, visit, day),
        linked=_linked(person, day),
        plan=[line | {"what": veil.hide(line.get("what", ""))} for line in (row.plan or {}).get("lines", [])],
    )


def veiled(person: Person, text: str, *, knows: bool) -> str:
    """A text about somebody, without identity unless the reader knows the person anyway."""
    return text if knows else Veil.over(person).hide(text)


# ---------------------------------------------------------------- who


def _knows(row: CaseAgendaItem, scope: Scope) -> bool:
    """Staff who may read the referral or the case itself."""
    if row.case_id and not _only_shared(scope) and Case.objects.visible_to(scope).filter(pk=row.case_id).exists():
        return True
    return bool(row.referral_id) and Referral.objects.visible_to(scope).filter(pk=row.referral_id).exists()


def _only_shared(scope: Scope) -> bool:
    return set(scope.reach("case")) <= {"c", "g"}


def _sits(row: CaseAgendaItem, scope: Scope) -> bool:
    seats = Member.objects.on(scope.on).filter(user=scope.user, body=row.item.meeting.body_id)
    if seats.exclude(kind=Member.Kind.ADVISORY).exists():
        return True
    return Invitation.objects.filter(item=row.item_id, member__in=seats).exists()


def _agreed(row: CaseAgendaItem, *, on: dt.date) -> frozenset[str]:
    """The items the person agreed to show this committee; nothing once it is withdrawn."""
    body: Body = row.item.meeting.body
    consent = sharing.standing(subject(row), recipient=body.name, on=on)
    return frozenset(consent.items) if consent else frozenset()


# ---------------------------------------------------------------- what


def _last_visit(person: Person, referral: Referral) -> Visit | None:
    if referral.visit_id:
        return Visit.objects.prefetch_related("screenings", "answers").get(pk=referral.visit_id)
    done = person.visits.filter(finished_at__isnull=False).prefetch_related("screenings", "answers")
    return done.order_by("-finished_at").first()


def _answers(visit: Visit | None) -> dict:
    if visit is None:
        return {}
    return {row.field: row.value for row in visit.answers.all() if row.part == VisitAnswer.Part.SOCIAL}


def _facts(person: Person, answers: dict, day: dt.date, items: frozenset[str]) -> list[tuple[str, str]]:
    sex = {Person.Sex.FEMALE: "여성", Person.Sex.MALE: "남성"}[person.sex]
    rows = [("누구", f"{sex} {age_band(person.birth_on, day)}")]
    for label, question, item in _FACTS:
        if item and item not in items:
            continue
        words = question.words(answers.get(question.key))
        if words:
            rows.append((label, words))
    if len(rows) == 1 and person.household_id:
        others = Person.objects.living_here().filter(household=person.household_id).exclude(pk=person.pk).count()
        rows.append(("함께 사는 사람", f"{others}명" if others else "혼자"))
    return rows


def _wishes(referral: Referral, answers: dict, veil: Veil) -> list[str]:
    written = [referral.wishes, answers.get("wishes") or "", answers.get("welfare_words") or ""]
    lines = [line.strip() for text in written for line in str(text).splitlines()]
    return list(dict.fromkeys(veil.hide(line) for line in lines if line))[:6]


def _benefits(person: Person, day: dt.date) -> list[str]:
    held = person.benefits.on(day).order_by("category").values_list("category", flat=True)
    return [BENEFITS.get(key, key) for key in held]


def _linked(person: Person, day: dt.date) -> list[str]:
    """What already reaches the person, so that nothing is given twice."""
    rows = Referral.objects.filter(person=person).exclude(destination=Referral.Destination.COMMITTEE)
    rows = rows.filter(state__in=(Referral.State.ACCEPTED, Referral.State.DONE)).select_related("agency", "dong")
    return list(dict.fromkeys(r.service or r.receiver for r in rows))[:8]


def _path(row: CaseAgendaItem, person: Person, referral: Referral, visit: Visit | None, day: dt.date):
    """What happened so far, in days before the meeting instead of dates."""
    steps: list[tuple[dt.date, str]] = []
    consent = person.consents.filter(kind="visit", answer="given").order_by("-answered_on").first()
    if consent:
        steps.append((consent.answered_on, f"방문 동의({consent.get_channel_display()})"))
    if visit is not None:
        if visit.finished_at:
            steps.append((seoul_date(visit.finished_at), "간호·복지 방문"))
        if visit.classified_on:
            steps.append((visit.classified_on, f"일일 사례회의: {visit.get_group_display()}"))
    steps.append((seoul_date(referral.sent_at), "위원회에 의뢰" if row.case_id is None else "의뢰"))
    if row.case_id:
        steps.append((row.case.opened_on, f"통합사례 시작({row.case.get_type_display()})"))
    for item in _earlier(row):
        steps.append((seoul_date(item.meeting.starts_at), f"제{item.meeting.number}차 회의에서 다음으로 넘김"))
    ordered = sorted((on, n, words) for n, (on, words) in enumerate(steps) if on <= day)
    return [(days_before(day, on), words) for on, _, words in ordered]


def _earlier(row: CaseAgendaItem) -> list:
    found, item = [], row.item.postponed_from
    while item is not None and len(found) < 10:
        found.append(item)
        item = item.postponed_from
    return found


def days_before(day: dt.date, on: dt.date) -> str:
    days = (day - on).days
    return "오늘" if days == 0 else f"{days}일 전"
