"""Which of the four case types the team's facts point to, with the reasons in words (plan IV.5-2 ⑤)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from casemgmt import needs
from casemgmt.models import Case, Referral
from common.hangul import particle
from planners import screening
from planners.models import Visit

Type = Case.Type
POOR = (
    "basic_livelihood",
    "near_poor_self_support",
    "near_poor_disabled",
    "near_poor_copay_relief",
    "near_poor_priority_care",
)
CRISIS_DAYS = 90
#: at equal weight the graver type is suggested
GRAVITY = (Type.SPECIALISED, Type.INTENSIVE, Type.LIVING, Type.CARE)
#: needs the pair marks at the door -> needs of a referral
AT_THE_DOOR = {
    "living": "income",
    "housing": "housing",
    "jobs": "work",
    "care": "daily_care",
    "meals": "daily_care",
    "company": "isolation",
    "debts": "debt",
    "safety": "abuse",
}


@dataclass(frozen=True)
class Reason:
    """One sentence, and the item of `sharing.ITEMS` it would give away."""

    text: str
    item: str = "needs"


@dataclass(frozen=True)
class Suggestion:
    type: str
    reasons: list[Reason]

    def as_rows(self) -> list[dict]:
        return [{"text": reason.text, "item": reason.item} for reason in self.reasons]


def suggest(referral: Referral, *, on: dt.date) -> Suggestion:
    """The type the facts weigh most for. The main need counts three, everything else one."""
    person = referral.person
    weights: dict[str, int] = defaultdict(int)
    reasons: dict[str, list[Reason]] = defaultdict(list)

    def weigh(case_type: str, points: int, text: str, item: str = "needs") -> None:
        weights[case_type] += points
        reasons[case_type].append(Reason(text, item))

    if main := needs.TYPE_OF_NEED.get(referral.need):
        weigh(main, 3, f"주된 어려움이 ‘{needs.word(referral.need)}’입니다.")
    visit = referral.visit or person.visits.filter(finished_at__isnull=False).order_by("-finished_at").first()
    answers = {row.field: row.value for row in visit.answers.filter(part="social")} if visit else {}
    said = answers.get("welfare_needs") or []
    for need in dict.fromkeys(AT_THE_DOOR[n] for n in said if n in AT_THE_DOOR):
        if need != referral.need:
            weigh(
                needs.TYPE_OF_NEED[need],
                1,
                f"방문에서 ‘{needs.word(need)}’{particle(needs.word(need), '을/를')} 말씀하셨습니다.",
            )
    if answers.get("family_type") == "alone":
        weigh(Type.CARE, 1, "혼자 삽니다.")
    if person.benefits.on(on).filter(category__in=POOR).exists():
        weigh(Type.LIVING, 1, "저소득 복지급여를 받고 있습니다.", "welfare")
    for check in _worrying(visit):
        weigh(Type.INTENSIVE, 1, f"{check.title} 판정이 ‘{check.name}’입니다.", "screening")
    since = on - dt.timedelta(CRISIS_DAYS)
    if person.crisis_reports.filter(reported_at__date__gte=since, reported_at__date__lte=on).exists():
        weigh(Type.SPECIALISED, 2, "최근 석 달 안에 위기 알림이 있었습니다.")
    fields = [t for t in (Type.CARE, Type.LIVING, Type.INTENSIVE) if weights[t]]
    if len(fields) == 3:
        weigh(Type.SPECIALISED, max(weights[t] for t in fields), "돌봄, 생활, 심화의 어려움이 겹칩니다.")
    if not any(weights.values()):
        return Suggestion(Type.LIVING, [Reason("특별한 위험이 적혀 있지 않아 동 마을복지센터가 먼저 맡습니다.")])
    best = max(GRAVITY, key=lambda t: (weights[t], -GRAVITY.index(t)))
    return Suggestion(best, reasons[best])


def _worrying(visit: Visit | None) -> list[screening.Class]:
    if visit is None:
        return []
    return [c for c in screening.classes(visit) if c.purpose in ("depression", "self_harm") and c.level == "danger"]
