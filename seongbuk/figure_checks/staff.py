"""Rules on headcount, hiring, quotas, pay and the duties of a center (plan II.3, III.2, IV.2, IV.3)."""

from __future__ import annotations

from decimal import Decimal

from . import Check, Checks, compare, rule
from .arithmetic import (
    across,
    down,
    numeric,
    same,
    share_of,
    simple_total,
    total_of,
    within,
)
from .tables import Line, Table

PAIR = ("authorised", "actual")


@rule("headcount_grade")
def headcount_grade(table: Table) -> Checks:
    for pair in PAIR:
        series = [f"{key}_{pair}" for key in ("admin", "welfare", "technical", "other")]
        yield from across(
            table, f"total_{pair}", series, "총원 = 행정 + 사회복지 + 기술 + 기타 (보건·간호는 기술직 안)"
        )
        yield from within(table, f"health_nursing_{pair}", f"technical_{pair}", "보건·간호는 기술직을 넘지 않음")
    yield from simple_total(table, ["grade"])


@rule("headcount_center")
def headcount_center(table: Table) -> Checks:
    for pair in PAIR:
        series = [f"{key}_{pair}" for key in ("admin", "welfare", "other")]
        yield from across(table, f"total_{pair}", series, "총원 = 행정 + 사회복지 + 기타")
    yield from simple_total(table)


@rule("headcount_welfare")
def headcount_welfare(table: Table) -> Checks:
    for pair in PAIR:
        series = [f"welfare_{pair}", f"visiting_nurse_{pair}"]
        yield from across(table, f"total_{pair}", series, "계 = 사회복지직 + 방문간호사 (마을활동가는 따로)")
    columns = numeric(table)
    office, dongs = table.of("head_office"), table.of("subtotal")
    yield from down(table, columns, to=next(iter(dongs), None), over=table.of("dong"), said="소계(b) = 동의 합")
    grand = next(iter(table.of("grand_total")), None)
    yield from down(table, columns, to=grand, over=[*office, *dongs], said="합계 = 본청(a) + 소계(b)")


@rule("recruitment_history")
def recruitment(table: Table) -> Checks:
    sources = ["state_actual", "quota_increase_own", "replacement"]
    yield from across(table, "hired_total", sources, "총 채용인원 = 국비 + 자치구 자체 + 자연감소 대체")
    years = table.of("year")
    whole = total_of(table)
    columns = numeric(table, but=["year", "state_ratio_pct"])
    yield from down(table, columns, to=whole, over=years, said="합계 줄 = 해마다의 합")
    if whole and whole.number("state_target"):
        ratio = share_of(whole.number("state_actual"), whole.number("state_target"), 0)
        yield compare(table, whole, "state_ratio_pct", ratio, "비율 = 실적 ÷ 목표 (반올림)")
        headed = [line for line in years if 2012 <= (line.number("year") or 0) <= 2014]
        for column in ("state_target", "state_actual"):
            yield compare(table, whole, column, table.sum(column, headed), "표 머리 ‘국비지원('12~'14)’의 해만 더함")


@rule("staffing_need")
def staffing_need(table: Table) -> Checks:
    for line in table.lines:
        left = (line.number("social_workers_needed") or 0) - (line.number("social_workers_actual") or 0)
        yield compare(table, line, "additional_need", left, "추가충원 = 총 소요인원 - 현원")


@rule("hiring_social")
def hiring_social(table: Table) -> Checks:
    yield from across(table, "total", numeric(table, but=["total"]), "계 = 충원 유형의 합")
    yield from simple_total(table)


@rule("hiring_nurses")
def hiring_nurses(table: Table) -> Checks:
    kinds = ["public_service_permanent", "integrated_visiting_nurse", "other"]
    yield from across(table, "total", kinds, "계 = 공무직 + 통합방문간호사 + 기타")
    columns = ["total", *kinds]
    elderly = next(iter(table.of("subtotal")), None)
    yield from down(table, columns, to=elderly, over=table.of("dong"), said="소계 = 동의 합")
    over = [*table.of("health_center"), *table.of("subtotal")]
    yield from down(table, columns, to=total_of(table), over=over, said="계 = 보건소 + 동 소계")


@rule("hiring_by_year")
def hiring_by_year(table: Table) -> Checks:
    for line in table.lines:
        yield compare(
            table, line, "grade9_open_section_3", line.number("grade9_open_section_5"), "IV.3의 수 = IV.5-4의 수"
        )


@rule("quota_adjustment")
def quota(table: Table) -> Checks:
    columns = numeric(table, but=["base_labour_cost"])
    yield from down(table, columns, to=total_of(table), over=table.of("grade"), said="소계 = 직급의 합")


@rule("hiring_budget")
def hiring_budget(table: Table) -> Checks:
    groups: dict[tuple, list[Line]] = {}
    for line in table.lines:
        key = tuple(line.text(name) for name in ("workforce_key", "programme_ko", "unit_ko", "row_type"))
        groups.setdefault(key, []).append(line)
    for lines in groups.values():
        whole = next((line for line in lines if line.text("hire_type_key") == "total"), None)
        parts = [line for line in lines if line is not whole]
        if whole and parts:
            yield compare(table, whole, "headcount", table.sum("headcount", parts), "계 = 충원 유형의 합")
            if all(line.number("budget_kkrw") is not None for line in parts if line.number("headcount")):
                yield compare(
                    table, whole, "budget_kkrw", table.sum("budget_kkrw", parts), "예산 계 = 유형별 예산의 합"
                )
    for workforce in dict.fromkeys(line.text("workforce_key") for line in table.lines):
        lines = [line for line in table.lines if line.text("workforce_key") == workforce]
        for kind in dict.fromkeys(line.text("hire_type_key") for line in lines):
            same = [line for line in lines if line.text("hire_type_key") == kind]
            whole = next((line for line in same if line.kind == "total"), None)
            over = [line for line in same if line.kind in ("dong", "health_center")]
            yield from down(table, ["headcount"], to=whole, over=over, said="합계 인원 = 동과 보건소의 합")


@rule("team_composition_before_after")
def composition(table: Table) -> Checks:
    for phase in dict.fromkeys(line.text("phase") for line in table.lines):
        lines = [line for line in table.lines if line.text("phase") == phase]
        for team in dict.fromkeys(line.text("team") for line in lines if line.text("team")):
            own = [line for line in lines if line.text("team") == team]
            whole = next((line for line in own if line.text("kind") == "subtotal"), None)
            if whole:
                parts = [line for line in own if line.text("kind") in ("leader", "staff")]
                yield compare(table, whole, "headcount", table.sum("headcount", parts), "팀 소계 = 팀장 + 직원")
        whole = next((line for line in lines if line.text("kind") == "total"), None)
        if whole:
            head = [line for line in lines if not line.text("team") and line.text("kind") == "staff"]
            teams = [line for line in lines if line.text("kind") == "subtotal"]
            yield compare(table, whole, "headcount", table.sum("headcount", [*head, *teams]), "계 = 동장 + 팀 소계")


@rule("application_cover", "headcount_grade")
def cover_staff(cover: Table, grades: Table) -> Checks:
    whole = total_of(grades)
    for key, there in (
        ("authorised_total", "total_authorised"),
        ("actual_total", "total_actual"),
        ("authorised_social_welfare", "welfare_authorised"),
        ("actual_social_welfare", "welfare_actual"),
    ):
        yield from same(cover, cover.one(key), "value", whole, there, "신청서 = 직급별 인력현황")


@rule("application_cover", "headcount_center")
def cover_centers(cover: Table, centers: Table) -> Checks:
    for key, there in (("authorised_dong_centers", "total_authorised"), ("actual_dong_centers", "total_actual")):
        yield from same(cover, cover.one(key), "value", total_of(centers), there, "신청서 = 동주민센터 정원 및 현원")


@rule("headcount_welfare", "headcount_center")
def welfare_of_centers(workforce: Table, centers: Table) -> Checks:
    for line in workforce.of("dong"):
        for column in ("welfare_authorised", "welfare_actual"):
            there = centers.one(line.label)
            yield from same(workforce, line, column, there, column, "사회복지직 = 동주민센터 정원 및 현원")


@rule("headcount_welfare", "headcount_grade")
def welfare_of_grades(workforce: Table, grades: Table) -> Checks:
    for line in workforce.of("grand_total"):
        for column in ("welfare_authorised", "welfare_actual"):
            yield from same(workforce, line, column, total_of(grades), column, "사회복지직 = 직급별 인력현황")


@rule("quota_adjustment", "headcount_grade")
def quota_of_grades(quota: Table, grades: Table) -> Checks:
    for line in quota.lines:
        there = total_of(grades) if line.kind == "total" else grades.one(line.label)
        for column in ("total_authorised", "total_actual", "welfare_authorised", "welfare_actual"):
            yield from same(quota, line, column, there, column, "정원 조정표 = 직급별 인력현황")


@rule("quota_adjustment", "hiring_social")
def quota_of_plan(quota: Table, plan: Table) -> Checks:
    """시간선택제 가급 ranks as grade 5, 나급 as 6, 마급 as 9; open recruitment fills grade 9."""
    whole = total_of(plan)
    for grade, column, there in (
        ("9급", "welfare_quota_increase", "grade9_open"),
        ("5급", "part_time_fixed_term_hires", "part_time_ga"),
        ("6급", "part_time_fixed_term_hires", "part_time_na"),
        ("9급", "part_time_fixed_term_hires", "part_time_ma"),
    ):
        line = quota.one(grade)
        if line and whole:
            yield compare(quota, line, column, whole.number(there), "정원 조정표 = 충원 및 배치계획")


@rule("organisation_adjustments", "recruitment_history")
def quota_of_the_year(adjusted: Table, hired: Table) -> Checks:
    line = adjusted.one("welfare_quota_net_increase")
    year = next((one for one in hired.of("year") if one.number("year") == 2014), None)
    yield from same(hired, year, "quota_increase_own", line, "value", "2014년 정원 증원 = 정원조례의 순증")


@rule("staffing_need", "headcount_center")
def need_of_centers(need: Table, centers: Table) -> Checks:
    for line in need.lines:
        yield from same(
            need, line, "social_workers_actual", total_of(centers), "welfare_actual", "현원 = 동의 사회복지직 현원"
        )


@rule("staffing_need", "hiring_social")
def need_of_plan(need: Table, plan: Table) -> Checks:
    for line in need.lines:
        yield from same(need, line, "additional_need", total_of(plan), "total", "추가충원 = 충원 및 배치계획의 합")


@rule("hiring_social", "hiring_rules")
def plan_within_rules(plan: Table, rules: Table) -> Checks:
    """Each center gets as many as the text allows; the totals are those of the text."""

    def value(key: str) -> Decimal | None:
        line = rules.where(topic_key="social_worker", aspect_key=key)
        return line.number("value") if line else None

    for kind, key in (("grade9_open", "grade9_open_per_center"), ("part_time_ma", "part_time_ma_per_center")):
        low, high = value(f"{key}_min"), value(f"{key}_max")
        if low is None or high is None:
            continue
        for line in plan.of("dong"):
            number = line.number(kind) or Decimal(0)
            said = f"주민센터마다 {low}~{high}명"
            yield Check(plan.file, line.label, kind, number, min(max(number, low), high), said)
    for kind in ("total", "grade9_open", "part_time_ga", "part_time_na", "part_time_ma"):
        whole = total_of(plan)
        if whole and value(kind) is not None:
            yield compare(plan, whole, kind, value(kind), "충원 및 배치계획 = 본문 IV.5-4")


@rule("hiring_social", "hiring_by_year")
def plan_by_year(plan: Table, years: Table) -> Checks:
    whole = total_of(plan)
    if whole:
        yield compare(plan, whole, "grade9_open", years.sum("grade9_open_section_3"), "9급 공채 = 연차 확보의 합")


@rule("hiring_social", "hiring_by_year", "pilot_staffing")
def plan_dated(plan: Table, years: Table, stages: Table) -> Checks:
    whole, ga = total_of(plan), stages.where(phase_key="phase_1", item_key="part_time_ga")
    if whole:
        dated = years.sum("grade9_open_section_3") + ((ga.number("value") if ga else None) or 0)
        yield compare(plan, whole, "total", dated, "충원하는 사람마다 채용하는 해가 있음")


@rule("pilot_staffing", "hiring_by_year")
def first_stage(stages: Table, years: Table) -> Checks:
    line = stages.where(phase_key="phase_1", item_key="grade9_open")
    first = next((one for one in years.lines if one.number("year") == 2015), None)
    yield from same(stages, line, "value", first, "grade9_open_section_3", "1단계 9급 공채 = 2015년 확보")


@rule("pilot_staffing", "hiring_nurses")
def first_stage_nurses(stages: Table, nurses: Table) -> Checks:
    line = stages.where(phase_key="phase_1", item_key="visiting_nurse")
    yield from same(stages, line, "value", total_of(nurses), "total", "1단계 방문간호사 = 방문간호사 배치계획")


@rule("hiring_nurses", "hiring_rules")
def nurses_within_rules(plan: Table, rules: Table) -> Checks:
    def line(key: str) -> Line | None:
        return rules.where(topic_key="nurse", aspect_key=key)

    whole, elderly = total_of(plan), next(iter(plan.of("subtotal")), None)
    office = next(iter(plan.of("health_center")), None)
    yield from same(rules, line("total"), "value", whole, "public_service_permanent", "새 간호사 = 배치계획의 공무직")
    yield from same(
        rules, line("elderly_planner"), "value", elderly, "public_service_permanent", "어르신 = 배치계획의 공무직"
    )
    yield from same(
        rules, line("existing_integrated"), "value", whole, "integrated_visiting_nurse", "통합방문간호사 = 배치계획"
    )
    yield from same(rules, line("child_planner"), "value", office, "total", "우리아이 = 배치계획의 보건소")
    series = line("series")
    if series and whole and whole.number("public_service_permanent"):
        printed = series.text("item_ko").rpartition(":")[2].strip()
        yield Check(rules.file, "nurse", "series", printed, "공무직", "채용직렬 = 배치계획의 고용 형태")


@rule("role_by_hire_type", "hiring_nurses")
def nurse_roles(roles: Table, plan: Table) -> Checks:
    elderly, office = next(iter(plan.of("subtotal")), None), next(iter(plan.of("health_center")), None)
    for key, there in (("elderly_planner", elderly), ("child_planner", office)):
        yield from same(
            roles, roles.where(hire_type_key=key), "headcount", there, "total", "업무 분장 = 방문간호사 배치계획"
        )


@rule("hiring_budget", "hiring_rules")
def budget_by_unit_cost(budget: Table, rules: Table) -> Checks:
    unit = rules.where(topic_key="labour_cost", aspect_key="base")
    if unit is None or unit.number("value") is None:
        return
    for line in budget.lines:
        if line.number("budget_kkrw") is not None:
            cost = (line.number("headcount") or 0) * unit.number("value")
            row = Line(f"{line.label} {line.text('hire_type_ko')}", line.kind, line.cells)
            yield compare(budget, row, "budget_kkrw", cost, "예산 = 인원 × 1인 인건비 (표의 주)")


@rule("hiring_budget", "hiring_social")
def budget_of_plan(budget: Table, plan: Table) -> Checks:
    yield from _budget_heads(budget, "social_worker", plan)


@rule("hiring_budget", "hiring_nurses")
def budget_of_nurses(budget: Table, plan: Table) -> Checks:
    yield from _budget_heads(budget, "nurse", plan)


def _budget_heads(budget: Table, workforce: str, plan: Table) -> Checks:
    for line in budget.lines:
        if line.text("workforce_key") != workforce:
            continue
        there = next((one for one in plan.lines if one.label == line.label and one.kind == line.kind), None)
        if there and there.number(line.text("hire_type_key")) is not None:
            row = Line(f"{line.label} {line.text('hire_type_ko')}", line.kind, line.cells)
            yield compare(budget, row, "headcount", there.number(line.text("hire_type_key")), "예산표 인원 = 배치계획")


@rule("posts", "hiring_social")
def fixed_term_leaders(posts: Table, plan: Table) -> Checks:
    whole = total_of(plan)
    leaders = [ln for ln in posts.lines if "임기제" in (ln.text("position_rank") or ln.text("rank"))]
    if whole and leaders:
        needed = Decimal(len(leaders) * len(plan.of("dong")))
        yield compare(plan, whole, "part_time_na", needed, "20동 공통 업무분장의 임기제 나급 팀장 = 배치계획의 나급")


@rule("team_composition_before_after", "posts")
def composition_of_posts(boxes: Table, posts: Table) -> Checks:
    """After the change every box of the composition has as many people as the duty table has numbered lines."""
    numbered = [line for line in posts.lines if line.text("no") or line.text("number")]
    keys = {"village_community_team": "마을공동체팀", "welfare_team_1": "복지1팀", "welfare_team_2": "복지2팀"}
    after = [line for line in boxes.lines if line.text("phase") == "after"]
    whole = next((line for line in after if line.text("kind") == "total"), None)
    if whole:
        yield compare(boxes, whole, "headcount", Decimal(len(numbered)), "계 = 업무분장의 연번 수")
    for box in after:
        if box.text("kind") == "subtotal":
            own = [line for line in numbered if keys.get(line.text("team"), line.text("team")) == box.text("team")]
            yield compare(boxes, box, "headcount", Decimal(len(own)), "팀 소계 = 업무분장의 연번 수")
    duties = {
        "village": "마을공동체(",
        "resident_autonomy": "주민자치",
        "social_economy": "사회적경제",
        "civil_service": "통합민원",
    }
    staff = [
        line
        for line in numbered
        if keys.get(line.text("team"), line.text("team")) == "마을공동체팀"
        and (line.text("is_team_leader") or line.text("leader")) != "yes"
    ]
    counted = dict.fromkeys(duties, 0) | {"general_admin": 0}
    for line in staff:
        words = line.text("duties_ko") or line.text("duties")
        counted[next((key for key, word in duties.items() if word in words), "general_admin")] += 1
    for box in after:
        if box.text("team") == "마을공동체팀" and box.text("unit_key") in counted:
            yield compare(
                boxes, box, "headcount", Decimal(counted[box.text("unit_key")]), "구성의 사람 수 = 업무분장의 줄 수"
            )
