"""What is asked of an expecting mother, after a birth, and about a child up to two (plan IV.5-1 ②)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from planners import child_care
from planners.models import Person, TargetRule
from planners.questions import Condition, Question
from planners.visit_questions import (
    FAMILY,
    HOUSING,
    INCOME,
    YES_NO,
    basics,
    health_consent,
    health_needs,
    instrument,
    judgement,
    nurse_note,
    welfare_needs,
    wishes,
)
from planners.visit_sections import HEALTH, FactRow, Section, Step, VisitForm

PARENTS = FactRow(
    "parents",
    "돌봄",
    (
        Question(
            "carer",
            "주로 돌보는 사람",
            options=(
                ("mother", "엄마"),
                ("father", "아빠"),
                ("both", "함께"),
                ("grandparents", "조부모"),
                ("other", "그 밖"),
            ),
        ),
        Question("helper", "도와주는 사람", "text", required=False, hint="예: 외할머니가 낮에"),
    ),
)
PREGNANCY = FactRow(
    "pregnancy",
    "임신",
    (
        Question("due_on", "출산 예정일", "date"),
        Question("births", "몇째 아이", options=(("first", "첫째"), ("second", "둘째"), ("more", "셋째 이상"))),
        Question("hospital", "다니는 병원", "text", required=False),
    ),
)


def form(kind: str, person: Person, day: dt.date, *, welfare_part: str) -> VisitForm:
    """The child form for a kind of rule: before birth, after birth, or by the child's age on the day."""
    if kind == TargetRule.Kind.PREGNANCY_WEEKS:
        return _before_birth(person, day, welfare_part)
    if kind == TargetRule.Kind.AFTER_BIRTH:
        born_on = _delivered_on(person, day)
        return _with_baby("after_birth", "산후 방문", (day - born_on).days, welfare_part, has_mother=True)
    days = max((day - person.birth_on).days, 0)
    key, title = ("newborn", "신생아 방문") if days <= 42 else ("infant", "영유아 방문")
    return _with_baby(key, title, days, welfare_part, has_mother=days <= 84)


# ------------------------------------------------------------------ private


def _before_birth(person: Person, day: dt.date, welfare_part: str) -> VisitForm:
    return VisitForm(
        "before_birth",
        "산전 방문",
        (
            Step("basics", "기본", (basics(welfare_part, PREGNANCY, FAMILY, HOUSING, INCOME),)),
            Step("services", "안내", (_before_birth_card(person, day), _services(welfare_part))),
            Step(
                "health",
                "건강",
                (health_consent(), instrument("vitals"), instrument("pregnancy"), instrument("perinatal_mood"), instrument("self_harm"), nurse_note()),
            ),
            _needs(welfare_part),
            _closing(welfare_part),
        ),
    )  # fmt: skip


def _with_baby(key: str, title: str, days: int, welfare_part: str, *, has_mother: bool) -> VisitForm:
    mother = (instrument("after_birth"), instrument("perinatal_mood"), instrument("self_harm")) if has_mother else ()
    purpose = "newborn" if days <= 42 else "infant"
    return VisitForm(
        key,
        title,
        (
            Step("basics", "기본", (basics(welfare_part, PARENTS, FAMILY, HOUSING, INCOME),)),
            Step("services", "안내", (_age_card(days), _services(welfare_part))),
            Step("health", "건강", (health_consent(), instrument(purpose), _vaccines(days), *mother, nurse_note())),
            _needs(welfare_part),
            _closing(welfare_part),
        ),
    )


def _services(part: str) -> Section:
    other = Question("service_other", "그 밖에 안내한 것", "text", required=False)
    return Section("services", "상담과 안내", part, "services", (other,), group="child")


def _needs(part: str) -> Step:
    return Step("needs", "욕구", (welfare_needs(part), health_needs()))


def _closing(part: str) -> Step:
    sustained = Section(
        "sustained",
        "이어서 방문",
        HEALTH,
        questions=(
            Question("sustained", "두 돌까지 지속방문을 권하겠습니까?", options=YES_NO),
            Question(
                "sustained_reasons",
                "까닭",
                "many",
                options=(
                    ("premature", "미숙아"),
                    ("congenital", "선천성이상"),
                    ("single_parent", "한부모"),
                    ("livelihood", "기초수급"),
                    ("disability", "장애"),
                    ("multicultural", "다문화"),
                    ("high_risk", "고위험 임신"),
                    ("other", "그 밖"),
                ),
                ask_if=Condition("sustained", equals="yes"),
            ),
        ),
    )
    judgements = tuple(judgement(one) for one in dict.fromkeys((part, HEALTH)))
    return Step("closing", "마무리", (sustained, wishes(part), *judgements))


def _age_card(days: int) -> Section:
    card = child_care.card_for(days)
    title = f"{card.title} · {child_care.age_in_words(days)}"
    return Section("card", title, HEALTH, "card", lines=card.lines)


def _before_birth_card(person: Person, day: dt.date) -> Section:
    pregnancy = person.pregnancies.order_by("-expected_on").first()
    week = child_care.pregnancy_week(pregnancy.expected_on, day) if pregnancy else None
    lines = (
        "먹기: 철분제와 엽산제를 챙겨 드십니다. 보건소에서 무료로 받습니다.",
        "검진: 24~28주에 임신성 당뇨 검사를 받습니다.",
        "바로 병원: 피가 비침, 규칙적인 배 뭉침, 심한 두통과 부기, 태동이 줄어듦.",
        "준비: 산후조리와 산모·신생아 도우미를 미리 신청합니다.",
    )
    return Section("card", f"임신 {week}주" if week else "임신 중 안내", HEALTH, "card", lines=lines)


def _vaccines(days: int) -> Section:
    options = tuple((vaccine.key, vaccine.name) for vaccine in child_care.due_at(days))
    given = Question("vaccines", "받은 접종", "many", options=(*options, ("none", "아직 없음")), alone="none")
    base = Section("vaccines", "예방접종", HEALTH, "vaccines", (given,), is_sensitive=True)
    return replace(
        base,
        days=days,
        note=f"{child_care.age_in_words(days)}에 때가 된 접종 {len(options)}가지입니다. 아기수첩을 함께 봅니다.",
    )


def _delivered_on(person: Person, day: dt.date) -> dt.date:
    row = person.pregnancies.filter(delivered_on__lte=day).order_by("-delivered_on").first()
    return row.delivered_on if row else day
