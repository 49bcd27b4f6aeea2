"""Rules on the district, its dongs, recipients, facilities, groups and money (plan II)."""

from __future__ import annotations

from decimal import Decimal

from . import Check, Checks, compare, rule
from .arithmetic import (
    across,
    down,
    empty_among_filled,
    half_up,
    numeric,
    same,
    share_of,
    simple_total,
    total_of,
)
from .tables import Line, Table


@rule("population")
def population(table: Table) -> Checks:
    yield from across(table, "population", ["male", "female"], "인구 = 남 + 여")
    yield from simple_total(table)


@rule("district_population_area")
def district(table: Table) -> Checks:
    for said, printed in (
        ("households", "table_households"),
        ("population", "table_population_total"),
        ("area_total", "table_area"),
    ):
        first, second = table.one(said), table.one(printed)
        if first and second:
            yield compare(table, first, "value", second.number("value"), "본문의 값 = 표의 소계")
    total, male, female = (table.one(f"table_population_{key}") for key in ("total", "male", "female"))
    if total and male and female:
        yield compare(table, total, "value", table.sum("value", [male, female]), "인구 = 남 + 여")
    whole = table.one("area_total")
    kinds = [line for line in table.lines if line.number("share_of_area_pct") is not None]
    if whole and whole.number("value") and kinds:
        yield compare(table, whole, "value", table.sum("value", kinds), "전체 면적 = 용도지역의 합")
        for line in kinds:
            share = share_of(line.number("value"), whole.number("value"), 1)
            yield compare(table, line, "share_of_area_pct", share, "몫 = 면적 ÷ 전체 면적 (반올림)")


@rule("recipients")
def recipients(table: Table) -> Checks:
    yield from across(table, "total", numeric(table, but=["total"]), "합계 = 급여 14종의 합")
    yield from simple_total(table)


@rule("facilities")
def facilities(table: Table) -> Checks:
    kinds = numeric(table, but=["total"])
    yield from across(table, "total", kinds, "계 = 시설 종류의 합")
    yield from simple_total(table)
    yield from empty_among_filled(table, kinds)


@rule("organisations")
def organisations(table: Table) -> Checks:
    yield from across(table, "total", numeric(table, but=["total"]), "계 = 단체 종류의 합")
    yield from simple_total(table)


@rule("institutions")
def institutions(table: Table) -> Checks:
    yield from across(table, "total", ["welfare", "employment", "other"], "계 = 복지 + 고용 + 기타")
    yield from simple_total(table)


@rule("activists")
def activists(table: Table) -> Checks:
    kinds = ["village_activist", "grassroots_civic_group", "ngo", "other"]
    yield from across(table, "total", kinds, "계 = 활동가 종류의 합")
    yield from simple_total(table)


@rule("district_infrastructure")
def infrastructure(table: Table) -> Checks:
    for group in dict.fromkeys(line.text("group_key") for line in table.lines):
        lines = [line for line in table.lines if line.text("group_key") == group]
        whole = next((line for line in lines if line.text("type_key") == "total"), None)
        if whole:
            parts = [line for line in lines if line is not whole]
            yield compare(table, whole, "count", table.sum("count", parts), "합계 = 시설 종류의 합")


@rule("infrastructure_welfare")
def infrastructure_welfare(table: Table) -> Checks:
    yield from simple_total(table, ["kind"])


@rule("infrastructure_village")
def infrastructure_village(table: Table) -> Checks:
    yield from simple_total(table, ["kind"])


@rule("dong_center_names")
def names(table: Table) -> Checks:
    for line in table.lines:
        printed = line.text("printed_name").replace(" ", "")
        yield Check(
            table.file, line.text("dong"), "printed_name", printed, line.text("dong"), "동 이름은 한 가지로 적음"
        )


@rule("organisation_summary")
def units(table: Table) -> Checks:
    for line in table.lines:
        yield compare(table, line, "count_cover", line.number("count_section"), "신청서의 수 = 본문의 수")


@rule("finance")
def finance(table: Table) -> Checks:
    def value(key: str) -> Decimal | None:
        line = table.one(key)
        return line.number("value") if line else None

    total = table.one("budget_total")
    if total and value("budget_general_account") is not None:
        parts = (value("budget_general_account") or 0) + (value("budget_special_account") or 0)
        yield compare(table, total, "value", parts, "예산 = 일반회계 + 특별회계")
    for share, part, whole in (
        ("budget_social_welfare_share_of_general", "budget_social_welfare", "budget_general_account"),
        ("budget_own_welfare_programmes_share", "budget_own_welfare_programmes", "budget_social_welfare"),
    ):
        line = table.one(share)
        if line and value(part) is not None and value(whole):
            yield compare(
                table, line, "value", half_up(value(part) * 100 / value(whole), 1), "몫 = 부분 ÷ 전체 (반올림)"
            )


@rule("budget")
def budget(table: Table) -> Checks:
    yield from down(
        table, ["million_krw"], to=total_of(table), over=table.of("account"), said="예산 = 일반회계 + 특별회계"
    )
    for part, whole in (("사회복지예산", "일반회계"), ("자체사업예산", "사회복지예산")):
        one, all_ = table.one(part), table.one(whole)
        if one and all_:
            share = share_of(one.number("million_krw"), all_.number("million_krw"), 1)
            yield compare(table, one, "share_percent", share, "몫 = 부분 ÷ 전체 (반올림)")


@rule("population", "district_population_area")
def sums_of_dongs(dongs: Table, district: Table) -> Checks:
    for column, key in (
        ("households", "table_households"),
        ("population", "table_population_total"),
        ("male", "table_population_male"),
        ("female", "table_population_female"),
        ("area_km2", "table_area"),
    ):
        line = district.one(key)
        if line:
            yield compare(
                district, line, "value", dongs.sum(column, dongs.of("dong")), f"소계 = 20개 동의 합 ({column})"
            )


@rule("application_cover", "district_population_area")
def cover_place(cover: Table, district: Table) -> Checks:
    for key, there in (("population", "population"), ("area", "area_total")):
        yield from same(cover, cover.one(key), "value", district.one(there), "value", "신청서 = 본문 II.1")


@rule("application_cover", "finance")
def cover_money(cover: Table, finance: Table) -> Checks:
    for key, there in (
        ("budget_total", "budget_total"),
        ("budget_general_account", "budget_general_account"),
        ("budget_social_welfare", "budget_social_welfare"),
        ("budget_social_welfare_share", "budget_social_welfare_share_of_general"),
    ):
        yield from same(cover, cover.one(key), "value", finance.one(there), "value", "신청서 = 본문 II.2")


@rule("organisation_summary", "population")
def number_of_dongs(units: Table, dongs: Table) -> Checks:
    line = units.one("dong")
    if line:
        yield compare(units, line, "count_section", Decimal(len(dongs.of("dong"))), "동 수 = 동별 표의 줄 수")


@rule("facilities", "district_infrastructure")
def facilities_of_district(dongs: Table, district: Table) -> Checks:
    """The district's summary against the sum of the dong table; types that the two cut differently show here."""
    yield from _facility_kinds(
        dongs,
        district,
        "count",
        {line.text("type_key"): line for line in district.lines if line.text("group_key") == "welfare_facility"},
    )


@rule("facilities", "infrastructure_welfare")
def facilities_of_reference(dongs: Table, district: Table) -> Checks:
    names = {
        "합계": "total",
        "종합사회복지관": "general_welfare_center",
        "장애인복지시설": "disability_facility",
        "노인복지시설": "elderly_facility",
        "보육시설": "childcare_facility",
        "아동청소년": "child_youth",
        "기타": "other",
    }
    lines = {names[line.label.rstrip("*")]: line for line in district.lines if line.label.rstrip("*") in names}
    yield from _facility_kinds(dongs, district, "places", lines)


def _facility_kinds(dongs: Table, district: Table, column: str, lines: dict[str, Line]) -> Checks:
    kinds = {
        "general_welfare_center": ["general_welfare_center"],
        "disability_facility": ["disability_facility"],
        "elderly_facility": ["senior_center", "elderly_facility"],
        "childcare_facility": ["childcare_facility"],
        "child_youth": ["local_child_center", "youth_study_room"],
        "other": ["homeless_facility", "women_facility", "other"],
    }
    rows = dongs.of("dong")
    said = "구 전체의 수 = 동별 표의 합 (종류를 나누는 뜻이 다를 수 있음)"
    for key, parts in kinds.items():
        if key in lines:
            yield compare(district, lines[key], column, sum(dongs.sum(part, rows) for part in parts), said)
    if "total" in lines:
        every = sum(dongs.sum(part, rows) for parts in kinds.values() for part in parts)
        yield compare(district, lines["total"], column, every, said)


@rule("facilities", "recipients")
def childcare_without_places(facilities: Table, recipients: Table) -> Checks:
    for line in recipients.of("dong"):
        place = facilities.one(line.label)
        if place and (line.number("childcare_fee") or 0) > 0:
            found = place.number("childcare_facility") or Decimal(0)
            said = "보육료를 받는 아동이 있는 동에는 보육시설이 있음"
            yield Check(facilities.file, place.label, "childcare_facility", found, max(found, Decimal(1)), said)
