"""What the figure tables mean: title, columns, which column is a sum and which rows count towards it.

The values live in `centers.models.Figure`; this page gives them names and the sums they must keep.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`part_of` names the column this one adds up to."""

    key: str
    label: str
    unit: str = "명"
    part_of: str = ""
    places: int = 0


@dataclass(frozen=True)
class Table:
    """`counted` are the row types that add up to the printed total row."""

    key: str
    title: str
    source: str
    row_label: str
    columns: tuple[Column, ...]
    counted: str = "dong"

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)


def _sum(label: str, unit: str, parts: dict[str, str], *, key: str = "total") -> tuple[Column, ...]:
    return (Column(key, label, unit), *(Column(k, name, unit, part_of=key) for k, name in parts.items()))


#: the 14 benefit categories of plan II.4 in printed order; `planners.Benefit.category` uses the same keys
BENEFITS = {
    "basic_livelihood": "기초생활보장",
    "near_poor_self_support": "차상위 자활",
    "single_parent": "한부모가족",
    "basic_pension": "기초연금",
    "disability_pension": "장애인연금",
    "disability_allowance": "장애수당",
    "near_poor_disabled": "차상위 장애인",
    "preschool_tuition": "유아학비",
    "childcare_fee": "보육료",
    "home_care_allowance": "양육수당",
    "foster_child": "가정위탁아동",
    "adopted_child_allowance": "입양아동 양육수당",
    "near_poor_copay_relief": "차상위 본인부담금 경감",
    "near_poor_priority_care": "우선돌봄 차상위",
}

_TABLES = (
    Table(
        "population", "동별 인구와 면적", "계획 II.1", "동",
        (
            Column("households", "세대", "세대"),
            *_sum("인구", "명", {"male": "남", "female": "여"}, key="population"),
            Column("area_km2", "면적", "km²", places=2),
        ),
    ),
    Table("recipients", "동별 복지대상자", "계획 II.4", "동", _sum("계", "명", BENEFITS)),
    Table(
        "facilities", "동별 복지시설", "계획 II.5", "동",
        _sum("계", "곳", {
            "general_welfare_center": "종합복지관", "homeless_facility": "노숙인시설", "disability_facility": "장애인시설",
            "senior_center": "경로당", "elderly_facility": "노인시설", "childcare_facility": "보육시설",
            "local_child_center": "지역아동센터", "youth_study_room": "청소년독서실", "women_facility": "여성시설",
            "other": "기타",
        }),
    ),
    Table("infrastructure_welfare", "구 전체 복지시설", "계획 II.5", "종류", (Column("places", "수", "곳"),), "kind"),
    Table("infrastructure_village", "고용·마을 기반", "계획 II.5", "종류", (Column("places", "수", "곳"),), "kind"),
    Table(
        "institutions", "그 밖의 기관", "계획 II.5", "동",
        _sum("계", "곳", {"welfare": "복지", "employment": "고용", "other": "기타"}),
    ),
    Table(
        "organisations", "동 단체", "계획 II.5", "동",
        _sum("계", "개", {
            "residents_council": "주민자치회", "womens_association": "부녀회", "dongcheon_association": "동천회",
            "red_cross": "적십자봉사단", "defence_council": "방위협의회", "right_living": "바르게살기",
            "saemaul_council": "새마을협의회", "saemaul_library": "새마을문고", "green_practice_group": "녹색실천단",
            "youth_council": "청소년협의회", "welfare_council": "복지협의회", "other": "기타",
        }),
    ),
    Table(
        "activists", "개인 활동가", "계획 II.5", "동",
        _sum("계", "명", {
            "village_activist": "마을활동가", "grassroots_civic_group": "풀뿌리 시민단체", "ngo": "NGO", "other": "기타",
        }),
    ),
    Table("units", "자치구 조직", "신청서, 계획 II.3", "단위", (Column("units", "수", "개"),), "unit"),
    Table(
        "independence", "재정자립도", "계획 II.2", "연도",
        (Column("percent", "재정자립도", "%", places=1), Column("rank", "서울시 순위", "위")), "",
    ),
    Table(
        "budget", "예산", "계획 II.2", "구분",
        (Column("million_krw", "금액", "백만원"), Column("share_percent", "몫", "%", places=1)), "account",
    ),
    Table(
        "hiring_social", "사회복지인력 충원계획", "계획 IV.3", "동",
        _sum("계", "명", {
            "grade9_open": "9급 공채", "part_time_ga": "시간선택제 가급", "part_time_na": "시간선택제 나급",
            "part_time_ma": "시간선택제 마급",
        }),
    ),
    Table(
        "hiring_nurses", "방문간호사 충원계획", "계획 IV.3", "곳",
        _sum("계", "명", {"public_service_permanent": "공무직", "integrated_visiting_nurse": "통합방문간호사"}), "place",
    ),
    Table(
        "hiring_years", "9급 공채 연차 확보", "계획 IV.3, IV.5-4 ②", "연도",
        (Column("grade9_open", "9급 공채"), Column("net_increase", "순증")), "year",
    ),
    Table(
        "staffing_need", "사회복지직 소요인력", "계획 IV.3", "자치구",
        (
            Column("households", "기초수급자 가구", "가구"), Column("needed", "총 소요인원"), Column("actual", "현원"),
            Column("additional", "추가충원"),
        ), "",
    ),
    Table("hiring_costs", "1인당 인건비", "계획 IV.3", "유형", (Column("yearly_kkrw", "한 해", "천원"),), ""),
    Table(
        "pilot_targets", "시범사업 대상", "계획 III.7 ①", "동",
        _sum("계", "명", {"age65": "65세", "age0": "0세(추계)"}),
    ),
    Table(
        "pilot_visits", "시범사업 방문", "계획 III.7 ①", "동",
        (
            *_sum("계", "건", {"age65": "65세", "age0": "0세"}),
            Column("age65_percent", "65세 진도율", "%", places=1),
            Column("age0_percent", "0세 진도율", "%", places=1),
        ),
    ),
    Table(
        "pilot_outcomes", "시범사업 결과", "계획 III.7 ①", "분류",
        (Column("persons", "사람", "명"), Column("share_percent", "몫", "%")), "",
    ),
)  # fmt: skip
TABLES = {table.key: table for table in _TABLES}
