"""The 14 benefit categories of the plan (II.4) behind the words that lists use for them."""

from __future__ import annotations

import re

from common.hangul import compact

#: words of a list -> category; the first that is contained decides
WORDS = (
    ("차상위자활", "near_poor_self_support"),
    ("자활", "near_poor_self_support"),
    ("차상위장애", "near_poor_disabled"),
    ("본인부담경감", "near_poor_copay_relief"),
    ("차상위본인부담", "near_poor_copay_relief"),
    ("우선돌봄", "near_poor_priority_care"),
    ("한부모", "single_parent"),
    ("장애인연금", "disability_pension"),
    ("장애연금", "disability_pension"),
    ("장애수당", "disability_allowance"),
    ("기초연금", "basic_pension"),
    ("기초노령연금", "basic_pension"),
    ("유아학비", "preschool_tuition"),
    ("누리과정", "preschool_tuition"),
    ("보육료", "childcare_fee"),
    ("양육수당", "home_care_allowance"),
    ("가정위탁", "foster_child"),
    ("위탁아동", "foster_child"),
    ("입양", "adopted_child_allowance"),
    ("기초생활", "basic_livelihood"),
    ("기초수급", "basic_livelihood"),
    ("국민기초", "basic_livelihood"),
    ("생계급여", "basic_livelihood"),
    ("의료급여", "basic_livelihood"),
    ("주거급여", "basic_livelihood"),
    ("교육급여", "basic_livelihood"),
    ("조건부수급", "basic_livelihood"),
    ("일반수급", "basic_livelihood"),
    ("시설수급", "basic_livelihood"),
)
_ALONE = {
    "생계": "basic_livelihood",
    "의료": "basic_livelihood",
    "주거": "basic_livelihood",
    "교육": "basic_livelihood",
    "수급자": "basic_livelihood",
    "수급": "basic_livelihood",
}


def categories(text: str) -> list[str]:
    """Categories named in a cell such as `기초생활, 장애수당`; words we do not know name none."""
    found = []
    for part in re.split(r"[,/·+;\n]|\s및\s", text):
        word = re.sub(r"[()\s]", "", compact(part))
        category = _ALONE.get(word) or next((slug for sign, slug in WORDS if sign in word), None)
        if category and category not in found:
            found.append(category)
    return found
