"""What people need help with: the words of referrals, and which case type each of them points to."""

from __future__ import annotations

from casemgmt.models import Agency, Case

Type, Kind = Case.Type, Agency.Kind

#: code -> word, in the order of the form
NEEDS = {
    "income": "소득·생계",
    "isolation": "외로움·고립",
    "daily_care": "일상 돌봄",
    "chronic_illness": "만성질환·건강",
    "dementia": "기억·치매",
    "mental_health": "마음건강",
    "suicide_risk": "자살위험",
    "addiction": "알코올 등 중독",
    "abuse": "학대·폭력",
    "housing": "주거",
    "debt": "빚·금융",
    "work": "일자리",
    "child_care": "양육·보육",
    "disability": "장애",
    "other": "그 밖",
}
#: answered in hours, not in days (plan III.7 ③, IV.5-1 ③)
URGENT = frozenset({"suicide_risk", "abuse"})

#: main problem of each type (plan IV.5-2 ⑤, table of the four types)
TYPE_OF_NEED = {
    "isolation": Type.CARE,
    "daily_care": Type.CARE,
    "chronic_illness": Type.CARE,
    "dementia": Type.CARE,
    "disability": Type.CARE,
    "income": Type.LIVING,
    "housing": Type.LIVING,
    "debt": Type.LIVING,
    "work": Type.LIVING,
    "child_care": Type.LIVING,
    "mental_health": Type.INTENSIVE,
    "addiction": Type.INTENSIVE,
    "suicide_risk": Type.SPECIALISED,
    "abuse": Type.SPECIALISED,
}
#: who may lead a case of a type (same table)
LEADS = {
    Type.CARE: (Kind.RESIDENT_GROUP,),
    Type.LIVING: (Kind.DONG_CENTER,),
    Type.INTENSIVE: (
        Kind.WELFARE_CENTER,
        Kind.MENTAL_HEALTH,
        Kind.SUICIDE_PREVENTION,
        Kind.DEMENTIA_CENTER,
        Kind.OTHER,
    ),
    Type.SPECIALISED: (Kind.HOPE_TEAM,),
}
#: other agencies may lead only if this is one of their services
CASE_WORK = "사례관리"
DREAM_START_UNTIL = 12  # years: from pregnancy to 12, whatever the type (plan IV.5-2 ⑤)


def word(need: str) -> str:
    """The word of a need; a need written in free words stays as it is."""
    return NEEDS.get(need, need)


def is_urgent(need: str) -> bool:
    return need in URGENT
