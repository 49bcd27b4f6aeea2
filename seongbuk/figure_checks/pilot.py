"""Rules on the planner pilot, the pilot dong, its budget, and what the plan schedules (plan III.7, IV.4, IV.6, V)."""

from __future__ import annotations

import re
from decimal import Decimal

from common.sheets import cut_percent

from . import Check, Checks, compare, rule
from .arithmetic import (
    across,
    down,
    same,
    share_of,
    simple_total,
    total_line,
    total_of,
)
from .tables import Line, Table

PILOT_DONG = "월곡2동"


@rule("pilot_targets")
def pilot_targets(table: Table) -> Checks:
    yield from across(table, "total", ["age65", "age0"], "계 = 65세 + 0세")
    yield from simple_total(table)


@rule("pilot_visits")
def pilot_visits(table: Table) -> Checks:
    yield from across(table, "total", ["age65", "age0"], "총계 = 65세 + 0세", table.of("total"))
    yield from down(table, ["age65", "age0"], to=total_of(table), over=table.of("dong"), said="합계 = 동의 합")


@rule("pilot_visits", "pilot_targets")
def pilot_progress(visits: Table, targets: Table) -> Checks:
    for line in visits.lines:
        known = total_of(targets) if line.kind == "total" else targets.one(line.label)
        for age in ("age65", "age0"):
            if known and line.number(f"{age}_percent") is not None:
                progress = cut_percent(line.number(age), known.number(age))
                yield compare(
                    visits, line, f"{age}_percent", progress, "진도율 = 방문 ÷ 대상 (소수 둘째 자리부터 버림)"
                )


@rule("pilot_outcomes")
def pilot_outcomes(table: Table) -> Checks:
    whole = table.sum("persons")
    for line in table.lines:
        if whole and line.number("share_percent") is not None:
            share = share_of(line.number("persons"), whole, 0)
            yield compare(table, line, "share_percent", share, "몫 = 분류 ÷ 방문 (반올림)")


@rule("pilot_outcomes", "pilot_visits")
def outcomes_of_visits(outcomes: Table, visits: Table) -> Checks:
    whole = total_of(visits)
    if whole:
        yield compare(visits, whole, "total", outcomes.sum("persons"), "방문 = 정상군 + 관리대상군")


@rule("pilot_recipients")
def pilot_recipients(table: Table) -> Checks:
    yield from total_line(table, "total", "count", "총계 = 유형의 합")


@rule("pilot_facilities")
def pilot_facilities(table: Table) -> Checks:
    yield from total_line(table, "total", "count")


@rule("pilot_groups")
def pilot_groups(table: Table) -> Checks:
    yield from total_line(table, "total", "count")


@rule("pilot_council_composition")
def pilot_council(table: Table) -> Checks:
    yield from total_line(table, "total", "count")


@rule("pilot_center_headcount")
def pilot_center(table: Table) -> Checks:
    whole, teams = total_of(table), table.of("subtotal")
    if whole:
        yield compare(table, whole, "headcount", table.sum("headcount", teams), "총계 = 팀 소계의 합")
    for team in teams:
        own = [line for line in table.of("series") if line.text("team_ko") == team.text("team_ko")]
        yield compare(table, team, "headcount", table.sum("headcount", own), "팀 소계 = 직렬의 합")


@rule("pilot_council_resources")
def pilot_resources(table: Table) -> Checks:
    for side in dict.fromkeys(line.text("side_key") for line in table.lines):
        lines = [line for line in table.lines if line.text("side_key") == side]
        whole = next((line for line in lines if line.text("kind_key") == "total"), None)
        if whole:
            parts = [line for line in lines if line is not whole]
            for column in ("cases", "amount_kkrw"):
                yield compare(table, whole, column, table.sum(column, parts), "총계 = 성금 + 성품")
    for kind in dict.fromkeys(line.text("kind_key") for line in table.lines):
        given, received = (table.where(kind_key=kind, side_key=side) for side in ("donor", "matched_household"))
        if given and received:
            yield compare(table, received, "amount_kkrw", given.number("amount_kkrw"), "받은 금액 = 후원한 금액")


@rule("pilot_budget")
def pilot_budget(table: Table) -> Checks:
    items: list[tuple[Line, list[Line]]] = []
    for line in table.lines:
        if line.kind == "item":
            items.append((line, []))
        elif line.kind == "part" and items:
            items[-1][1].append(line)
    whole = Decimal(0)
    for item, parts in items:
        printed = item.number("amount_kkrw")
        inside = table.sum("amount_kkrw", parts)
        whole += printed if printed is not None else inside
        if printed is not None and parts:
            yield compare(table, item, "amount_kkrw", inside, "항목 = 세부 금액의 합")
    total = total_of(table)
    if total:
        yield compare(table, total, "amount_kkrw", whole, "계 = 항목의 합")
    for line in table.lines:
        if line.number("unit_cost_kkrw") is not None:
            product = (
                line.number("unit_cost_kkrw") * (line.number("quantity_1") or 1) * (line.number("quantity_2") or 1)
            )
            yield compare(table, line, "amount_kkrw", product, "금액 = 단가 × 수량")


@rule("pilot_gantt")
def pilot_gantt(table: Table) -> Checks:
    for line in table.lines:
        weeks = sum(1 for key, cell in line.cells.items() if key.startswith("m") and "_w" in key and cell)
        yield compare(table, line, "marks", Decimal(max(weeks, 1)), "일정마다 표시한 주가 하나는 있음")


@rule("pilot_staffing")
def pilot_staffing(table: Table) -> Checks:
    for total, parts in (
        ("placed_total", ("placed_admin_team_leader", "placed_social_worker", "placed_nurse")),
        ("new_hires_total", ("new_hires_social_worker", "new_hires_nurse")),
    ):
        whole = table.where(phase_key="pilot", item_key=total)
        known = [table.where(phase_key="pilot", item_key=part) for part in parts]
        if whole and all(known):
            yield compare(table, whole, "value", table.sum("value", known), "합 = 아래 인원의 합")
    for total, parts in (
        ("new_hires_total", ("social_worker", "visiting_nurse")),
        ("social_worker", ("grade9_open", "part_time_ga")),
    ):
        whole = table.where(phase_key="phase_1", item_key=total)
        known = [table.where(phase_key="phase_1", item_key=part) for part in parts]
        if whole and all(known):
            yield compare(table, whole, "value", table.sum("value", known), "합 = 아래 인원의 합")


@rule("pilot_dong_profile")
def pilot_words(table: Table) -> Checks:
    """Who is called the highest ranks first."""
    for line in table.lines:
        if "가장 높" in line.text("item_ko"):
            stem = line.text("metric_key").removesuffix("_share")
            rank = next((one for one in table.lines if one.text("metric_key").startswith(f"{stem}_rank")), None)
            if rank:
                yield compare(table, rank, "value", Decimal(1), "‘가장 높다’고 한 것은 1위")


@rule("reform_taskforces")
def taskforces(table: Table) -> Checks:
    for body in dict.fromkeys(line.text("body_key") for line in table.lines):
        counts = [ln for ln in table.lines if ln.text("body_key") == body and ln.text("aspect_key") == "members"]
        counts = [line for line in counts if line.number("value") is not None]
        if len(counts) > 2:
            yield compare(table, counts[0], "value", table.sum("value", counts[1:]), "위원 수 = 구성의 합")


@rule("maeum_family")
def maeum_family(table: Table) -> Checks:
    whole, yearly, years = (table.where(aspect_key=key) for key in ("budget", "budget_per_year", "budget_years"))
    if whole and yearly and years:
        yield compare(
            table, whole, "value", yearly.number("value") * years.number("value"), "예산 = 해마다의 금액 × 햇수"
        )


@rule("organisation_adjustments")
def adjustments(table: Table) -> Checks:
    def value(key: str) -> Decimal:
        line = table.one(key)
        return (line.number("value") if line else None) or Decimal(0)

    for change, before, after in (
        ("welfare_quota_net_increase", "welfare_quota_before", "welfare_quota_after"),
        ("welfare_departments_new_divisions", "welfare_divisions_before", "welfare_divisions_after"),
        ("welfare_departments_new_teams", "welfare_teams_before", "welfare_teams_after"),
    ):
        line = table.one(change)
        if line:
            yield compare(table, line, "value", value(after) - value(before), "늘어난 수 = 뒤 - 앞")


@rule("pilot_recipients", "recipients")
def same_recipients(pilot: Table, dongs: Table) -> Checks:
    there = dongs.one(PILOT_DONG)
    for line in pilot.lines:
        yield from same(pilot, line, "count", there, line.label, "월곡2동의 값 = 동별 복지대상자")


@rule("pilot_facilities", "facilities")
def same_facilities(pilot: Table, dongs: Table) -> Checks:
    there = dongs.one(PILOT_DONG)
    for line in pilot.lines:
        yield from same(pilot, line, "count", there, line.label, "월곡2동의 값 = 동별 복지시설")


@rule("pilot_groups", "organisations")
def same_groups(pilot: Table, dongs: Table) -> Checks:
    there = dongs.one(PILOT_DONG)
    for line in pilot.lines:
        if there and line.label in there.cells:
            yield from same(pilot, line, "count", there, line.label, "월곡2동의 값 = 동 단체 현황")


@rule("pilot_center_headcount", "headcount_center")
def same_center(pilot: Table, centers: Table) -> Checks:
    there = centers.one(PILOT_DONG)
    whole = total_of(pilot)
    yield from same(pilot, whole, "headcount", there, "total_actual", "월곡2동 인력 = 동주민센터 현원")
    if there:
        series = {"행정직": "admin_actual", "사회직": "welfare_actual"}
        counted: dict[str, Decimal] = {}
        for line in pilot.of("series"):
            key = series.get(line.text("series_ko"), "other_actual")
            counted[key] = counted.get(key, Decimal(0)) + (line.number("headcount") or 0)
        for key, number in counted.items():
            yield Check(pilot.file, PILOT_DONG, key, number, there.number(key), "월곡2동 직렬 = 동주민센터 현원")


@rule("pilot_dong_profile", "population")
def pilot_place(profile: Table, dongs: Table) -> Checks:
    there = dongs.one(PILOT_DONG)
    yield from same(profile, profile.one("population"), "value", there, "population", "월곡2동 인구 = 동별 인구")
    yield from same(profile, profile.one("area"), "value", there, "area_km2", "월곡2동 면적 = 동별 면적")
    share, whole = profile.one("population_share_of_district"), dongs.sum("population", dongs.of("dong"))
    if share and there:
        yield compare(profile, share, "value", share_of(there.number("population"), whole, 1), "몫 = 동 ÷ 구 (반올림)")


@rule("pilot_dong_profile", "recipients")
def pilot_rank(profile: Table, dongs: Table) -> Checks:
    line, there = profile.one("recipients_rank_in_district"), dongs.one(PILOT_DONG)
    if line and there:
        more = [one for one in dongs.of("dong") if (one.number("total") or 0) > (there.number("total") or 0)]
        yield compare(profile, line, "value", Decimal(len(more) + 1), "순위 = 복지대상자가 더 많은 동의 수 + 1")


@rule("pilot_budget", "space_redesign")
def pilot_rooms(budget: Table, rooms: Table) -> Checks:
    line = budget.where(item_key="space_redesign")
    yield from same(
        budget, line, "amount_kkrw", rooms.one(PILOT_DONG), "budget_kkrw", "월곡2동 시설비 = 공간재설계 소요예산"
    )


@rule("pilot_budget", "pilot_staffing")
def pilot_pay(budget: Table, staff: Table) -> Checks:
    line = budget.where(item_key="new_staff_pilot")
    parts = [staff.where(item_key=f"labour_support_{key}") for key in ("unit_cost", "persons", "months")]
    if line and all(parts):
        cost, persons, months = (part.number("value") or Decimal(0) for part in parts)
        yield compare(
            budget,
            line,
            "amount_kkrw",
            cost * 10 * persons * months,
            "인건비 = 지원 단가 × 사람 × 달 (만원을 천원으로)",
        )


@rule("pilot_budget", "case_management")
def meetings_paid(budget: Table, rules: Table) -> Checks:
    """A committee that meets every week meets four times a month."""
    line = budget.where(item_key="case_committee_meetings_detail")
    weekly = next((ln for ln in rules.lines if ln.text("unit") == "meetings_per_week"), None)
    if line and weekly and weekly.number("value") and line.number("quantity_2") is not None:
        yield compare(budget, line, "quantity_2", weekly.number("value") * 4, "예산의 월 회의 수 = 주1회 원칙")


@rule("space_redesign_floors")
def rooms(table: Table) -> Checks:
    """Every center has each team once, and at least one shared office and one shared space (plan IV.4)."""
    for dong in dict.fromkeys(line.text("dong") for line in table.lines):
        names = [room for ln in table.lines if ln.text("dong") == dong for room in ln.text("rooms_list").split("|")]
        for team in ("마을공동체팀", "복지1팀", "복지2팀"):
            yield Check(table.file, dong, team, Decimal(names.count(team)), Decimal(1), "팀마다 자리가 한 곳")
        for room in ("공동사무실", "주민공유공간"):
            found = Decimal(names.count(room))
            yield Check(table.file, dong, room, found, max(found, Decimal(1)), f"동마다 {room} 하나")


@rule("space_redesign", "space_redesign_floors")
def floors_of_plan(plan: Table, floors: Table) -> Checks:
    for line in plan.of("dong"):
        own = [one for one in floors.lines if one.text("dong") == line.label]
        said = " ".join(f"{one.text('floor_label')} : {one.text('rooms_ko')}" for one in own)
        yield Check(
            plan.file, line.label, "floor_plan_ko", line.text("floor_plan_ko"), said, "층별 표 = 공간재설계 방안"
        )


@rule("community_achievements", "pilot_council_history")
def council_founded(achieved: Table, history: Table) -> Checks:
    line, first = achieved.where(figure_key="first_dong_council"), next(iter(history.lines), None)
    if line and first:
        said = "협의체를 만든 달은 하나"
        yield Check(
            achieved.file, "first_dong_council", "date_iso", line.text("date_iso"), first.text("date_iso")[:7], said
        )


@rule("community_achievements", "schedule_overall")
def teams_opened(achieved: Table, schedule: Table) -> Checks:
    line = achieved.where(figure_key="dong_teams_planned")
    opened = next(
        (ln for ln in schedule.lines if "마을복지센터" in ln.text("task_ko") and "사업 실시" in ln.text("task_ko")),
        None,
    )
    if line and opened:
        said = "동 3팀 신설 = 마을복지센터 실시 일정"
        yield Check(
            achieved.file, "dong_teams_planned", "date_iso", line.text("date_iso"), opened.text("start_iso"), said
        )


@rule("space_rules", "schedule_overall")
def rooms_scheduled(rules: Table, schedule: Table) -> Checks:
    """The two places that give the months of the building work."""
    stated = [line for line in rules.lines if line.text("rule_key") == "schedule"]
    for word, row in (("시범동", "시범동 마을복지센터 공간재배치"), ("잔여동", "19개동 마을복지센터 공간재배치")):
        line = next((one for one in stated if word in one.text("item_ko")), None)
        planned = next((one for one in schedule.lines if one.text("task_ko") == row), None)
        if line and planned:
            printed = _months(line.text("item_ko"))
            computed = f"{planned.text('start_iso')}~{planned.text('end_iso')}"
            yield Check(rules.file, word, "item_ko", printed, computed, "공간재설계 일정 = 추진 일정 IV.6")


def _months(text: str) -> str:
    """`시범동 2014.12~2015.2월` -> `2014-12~2015-02`; the text itself where no months stand in it."""
    first, _, last = text.partition("~")
    began = re.search(r"(\d{4})\.\s*(\d{1,2})", first)
    ended = re.search(r"(?:(\d{4})\.\s*)?(\d{1,2})월", last)
    if not began or not ended:
        return text
    return f"{began[1]}-{int(began[2]):02d}~{ended[1] or began[1]}-{int(ended[2]):02d}"
