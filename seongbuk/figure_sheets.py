"""The figure tables that can be uploaded, and what their headings may be called.

Tables of `centers.figure_tables` become `Figure` rows; the three tables of headcount become
`HeadcountCell` rows of the staffing floor. The sums of a headcount table are read and checked, never stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from centers.figure_tables import TABLES
from common.hangul import compact
from planners.lists.list_columns import Vocabulary

ROW = "row"
ROW_ALIASES = "구분 동 동명 행정동 동별 센터 주민센터 동주민센터 종류 시설종류 유형 급 직급 급별 직급별 연도 단위 과목 항목 회계 분류 row dong unitko grade typeko 기관 기관별 부서"
#: headings besides the label and the key: column key -> words
MORE = {
    "households": "세대수 가구수 세대 가구", "population": "인구수 총인구 인구계 인구수계 populationtotal", "male": "남자 인구남 인구수남 populationmale",
    "female": "여자 인구여 인구수여 populationfemale", "area_km2": "면적km2 면적㎢", "total": "합계 총계 총원",
    "basic_livelihood": "국민기초 기초수급 기초수급자 국민기초생활보장 기초생활수급자 국민기초수급자", "near_poor_self_support": "자활 차상위자활",
    "single_parent": "한부모 한부모가정", "near_poor_disabled": "차상위장애인 차상위장애", "preschool_tuition": "유아학비지원",
    "childcare_fee": "보육료지원", "home_care_allowance": "가정양육수당", "foster_child": "가정위탁 위탁아동", "adopted_child_allowance": "입양아동 입양아동수당",
    "near_poor_copay_relief": "본인부담경감 차상위본인부담경감 본인부담금경감", "near_poor_priority_care": "우선돌봄 우선돌봄차상위",
    "general_welfare_center": "종합사회복지관 복지관", "homeless_facility": "노숙인", "disability_facility": "장애인 장애인복지시설", "senior_center": "노인정",
    "elderly_facility": "노인복지시설", "childcare_facility": "어린이집 보육", "youth_study_room": "독서실 청소년공부방", "women_facility": "여성",
    "womens_association": "새마을부녀회", "red_cross": "적십자", "green_practice_group": "녹색살천단 녹색환경실천단", "right_living": "바르게살기위원회",
    "welfare_council": "복지협의체", "grassroots_civic_group": "마을풀뿌리시민단체 시민단체 풀뿌리", "million_krw": "금액 예산 예산액 금액백만원", "share_percent": "비율 구성비",
    "places": "수 개소 개소수 시설수 count",
}  # fmt: skip
GROUPS = {
    "total": ("총원", "총원 계 합계"), "admin": ("행정직", "행정직 행정"), "welfare": ("사회복지직", "사회복지직 사회복지 사복직 사복"),
    "technical": ("기술직", "기술직 기술"), "health_nursing": ("보건·간호", "보건간호 보건간호직"), "other": ("기타", "기타"),
    "visiting_nurse": ("방문간호사", "방문간호사"), "village_activist": ("마을활동가", "마을활동가"),
}  # fmt: skip
PAIR = {"authorised": "정원", "actual": "현원"}
WHOLE = re.compile(r"(?:총|소|합|누)?계(?:\(.*\))?|합계|총계|total", re.IGNORECASE)


@dataclass(frozen=True)
class SheetTable:
    """A table as it may be uploaded: `columns` are key -> (label, aliases), `kind` is what its rows are."""

    key: str
    title: str
    kind: str
    columns: dict[str, tuple[str, str]]
    words: str  # in a title or file name they speak for this table
    names_every_dong: bool = False

    @property
    def is_headcount(self) -> bool:
        return self.key.startswith("headcount_")

    def row(self, label: str, dong: str) -> tuple[str, str]:
        """(row key, row type) of a line; an empty type for a row the table has no place for."""
        word = compact(label)
        if self.key == "headcount_welfare" and not dong:
            if "본청" in word:
                return label, "head_office"
            if WHOLE.fullmatch(word):
                return label, "grand_total" if word.startswith(("합", "총")) else "subtotal"
        if WHOLE.fullmatch(word):
            return label, "total"
        if self.kind == "dong":
            return dong, "dong" if dong else ""
        if self.kind == "grade":
            found = re.fullmatch(r"([1-9])급?", word)
            return (f"{found[1]}급", "grade") if found else (label, "")
        return label, self.kind


def _figures(key: str, words: str, *, every: bool = False) -> SheetTable:
    table = TABLES[key]
    columns = {c.key: (c.label, f"{MORE.get(c.key, '')} {_alias(c.key)} {_alias(c.label)}") for c in table.columns}
    return SheetTable(key, table.title, table.counted, columns, words, every)


def _headcount(key: str, title: str, kind: str, groups: tuple[str, ...], words: str, *, every: bool) -> SheetTable:
    columns = {}
    for group in groups:
        label, names = GROUPS[group]
        for pair, word in PAIR.items():
            aliases = " ".join(f"{_alias(name)}{word}" for name in names.split())
            columns[f"{group}_{pair}"] = (f"{label} {word}", f"{aliases} {_alias(f'{group}_{pair}')}")
    return SheetTable(key, title, kind, columns, words, every)


def _alias(text: str) -> str:
    return re.sub(r"[^0-9a-z가-힣#]", "", compact(text).lower())


SHEETS = {
    sheet.key: sheet
    for sheet in (
        _figures("population", "인구|세대", every=True),
        _figures("recipients", "복지대상자|수급자", every=True),
        _figures("facilities", "복지시설|시설\\s*현황", every=True),
        _figures("institutions", "기타\\s*기관"),
        _figures("organisations", "단체\\s*현황|단체", every=True),
        _figures("activists", "활동가"),
        _figures("infrastructure_welfare", "구\\s*전체\\s*복지|구\\s*복지시설"),
        _figures("budget", "재정|예산"),
        _headcount("headcount_grade", "직급별 정원·현원", "grade", ("total", "admin", "welfare", "technical", "health_nursing", "other"), "직급별", every=False),
        _headcount("headcount_center", "동별 정원·현원", "dong", ("total", "admin", "welfare", "other"), "주민센터|센터", every=True),
        _headcount("headcount_welfare", "사회복지인력 등", "dong", ("total", "welfare", "visiting_nurse", "village_activist"), "사회복지인력", every=True),
    )
}  # fmt: skip


def vocabulary_of(sheet: SheetTable) -> Vocabulary:
    """The headings of one table."""
    labels = {key: label for key, (label, _) in sheet.columns.items()}
    return Vocabulary(
        fields={ROW: "줄 이름", **labels},
        aliases={ROW: ROW_ALIASES, "other": "비고 참고 비고1"}
        | {key: words for key, (_, words) in sheet.columns.items()},
        not_found="현황 표의 제목 줄을 찾지 못했습니다. ‘동’, ‘계’ 같은 열 제목이 있는지 확인해 주세요.",
        needs=(
            (
                frozenset({ROW}),
                "어느 열이 줄 이름(동, 직급)인지 알 수 없습니다. ‘구분’이나 ‘동’이라는 제목을 달아 주세요.",
            ),
        ),
        lead=ROW,
        titles=re.compile(sheet.words),
    )
