"""Reports of the staffing floor: headcount of centers and grades, welfare workforce, duties of a center."""

from __future__ import annotations

from collections.abc import Iterable

from centers.reports import OWNER, Ask, Made, Report, register
from common.sheets import LINE, Column, Row, Sheet, difference, text, total
from staffing import hiring, posts
from staffing.headcount import Headcount, Line, headcount
from staffing.models import HeadcountCell

TABLE = HeadcountCell.Table
GRADES = range(1, 10)


def heads(key: str, name: str, *, gap: bool) -> tuple[Column, ...]:
    """정원 and 현원 of a series, and the difference where it is asked for."""
    pair = (Column(f"{key}_authorised", "정원", group=name), Column(f"{key}_actual", "현원", group=name))
    less = difference(f"{key}_gap", "차이", of=f"{key}_actual", less=f"{key}_authorised", group=name)
    return (*pair, less) if gap else pair


def values(line: Line, counts: Headcount) -> dict:
    said = {"name": line.name, "total_authorised": line.total.authorised, "total_actual": line.total.actual}
    for series in counts.columns:
        if series.key in line.series:
            pair = line.of(series.key)
            said |= {f"{series.key}_authorised": pair.authorised, f"{series.key}_actual": pair.actual}
    return said


def sheet(counts: Headcount, *, name: str, title: str, label: str, gap: bool, rows: Iterable[Row]) -> Sheet:
    columns = [text("name", label), *heads("total", "총원", gap=gap)]
    for series in counts.columns:
        columns += heads(series.key, series.name, gap=gap)
    return Sheet(
        name=name,
        title=title,
        columns=tuple(columns),
        rows=tuple(rows),
        unit="명",
        as_of=counts.as_of,
        notes=(*counts.inside(), *counts.faults()),
        owner=OWNER,
    )


def _of_dongs(counts: Headcount, ask: Ask) -> list[Row]:
    known = {dong.pk for dong in ask.dongs("staffing")}
    return [Row(values(line, counts)) for line in counts.dongs if line.dong_id in known]


def staffing_headcount(ask: Ask) -> Made:
    """동주민센터 정원 및 현원 (plan II.3)."""
    counts = headcount(TABLE.CENTER, ask.on) or headcount(TABLE.CENTER)
    if counts is None:
        return Made([])
    lines = _of_dongs(counts, ask)
    head = [total("name", "소계")] if len(lines) > 1 else []
    title = "동주민센터 정원 및 현원"
    return Made([sheet(counts, name="staffing_headcount", title=title, label="동", gap=True, rows=[*head, *lines])])


def headcount_by_grade(ask: Ask) -> Made:
    """정원 및 현원, 직급별 인력현황 (plan II.3)."""
    counts = headcount(TABLE.GRADE, ask.on) or headcount(TABLE.GRADE)
    if counts is None or not ask.scope.everywhere("staffing"):
        return Made([])
    known = {line.grade: line for line in counts.lines}
    lines = [Row(values(known[n], counts) if n in known else {"name": f"{n}급"}) for n in GRADES]
    title = "직급별 정원 및 현원"
    rows = [total("name", "소계"), *lines]
    return Made([sheet(counts, name="headcount_by_grade", title=title, label="직급", gap=False, rows=rows)])


def welfare_workforce(ask: Ask) -> Made:
    """사회복지인력 등 현황: 본청(a), 동(b) and both (plan II.3)."""
    counts = headcount(TABLE.WELFARE, ask.on) or headcount(TABLE.WELFARE)
    if counts is None:
        return Made([])
    lines = _of_dongs(counts, ask)
    if ask.scope.everywhere("staffing") and not ask.dong:
        office = [
            Row(values(line, counts) | {"name": "본청(a)"}, kind="office") for line in counts.lines if not line.dong_id
        ]
        both = total("name", "합계(a+b)", over=("office", "dongs"))
        lines = [both, *office, total("name", "소계(b)", over=(LINE,), kind="dongs"), *lines]
    title = "사회복지인력 등 현황"
    return Made([sheet(counts, name="welfare_workforce", title=title, label="구분", gap=False, rows=lines)])


def duty_table(ask: Ask) -> Made:
    """업무분장표 of one center: the 23 numbered duties and the nurse, as printed (plan IV.2)."""
    chart = posts.chart(ask.dong, on=ask.on)
    rows = []
    for post in chart.posts:
        template = post.template
        holder = f"{post.holder.name} ({post.holder_rank})" if post.holder_id else "비어 있음"
        rows.append(
            Row(
                {
                    "number": str(template.number or ""),
                    "team": template.get_team_kind_display() or "마을복지동장",
                    "rank": template.rank,
                    "holder": holder,
                    "duties": template.duties,
                    "substitute": template.substitutable_rank,
                }
            )
        )
    columns = (
        text("number", "연번", width=8),
        text("team", "팀명", width=14),
        text("rank", "직위(직급)", width=16),
        text("holder", "담당자", width=16),
        text("duties", "담당업무", width=48),
        text("substitute", "비고(대체가능직급)", width=20),
    )
    table = Sheet(
        name="duty_table",
        title=f"{ask.dong.name} 마을복지센터 업무분장",
        columns=columns,
        rows=tuple(rows),
        as_of=ask.on,
        notes=(f"연번이 있는 자리 {chart.numbered}개, 비어 있는 자리 {chart.vacant}개.",),
        owner=OWNER,
    )
    return Made([table] if rows else [])


def hiring_plan(ask: Ask) -> Made:
    """충원 및 배치계획: the grid of the dongs, the nurses, and what they cost (plan IV.3)."""
    found = hiring.plan()
    if found is None or not ask.scope.everywhere("staffing"):
        return Made([])
    return Made([_grid(found), _nurses(found), _costs(found)])


def _grid(plan: hiring.Plan) -> Sheet:
    columns = [text("name", "동"), Column("total", "계")]
    columns += [Column(key, name) for key, name in hiring.SOCIAL.items()]
    rows = [Row({"name": line.name, "total": line.total} | line.social) for line in plan.lines if line.social]
    note = f"{plan.need.needed}명 - {plan.need.actual}명 = {plan.need.additional}명"
    return Sheet(
        "hiring_plan", "사회복지인력 충원 및 배치계획", tuple(columns), (total("name", "소계"), *rows), unit="명",
        notes=(f"추가충원 = 총 소요인원 {note}.",), owner=OWNER, tab="사회복지인력",
    )  # fmt: skip


def _nurses(plan: hiring.Plan) -> Sheet:
    columns = [text("name", "곳"), Column("total", "계")]
    columns += [Column(key, f"{name} ({hiring.PAID_BY[key]})") for key, name in hiring.NURSES.items()]
    rows = [
        Row({"name": line.name, "total": line.nurse_total} | line.nurses) for line in plan.lines if line.nurse_total
    ]
    return Sheet(
        "hiring_nurses", "방문간호사 충원 및 배치계획", tuple(columns), (total("name", "계"), *rows), unit="명", owner=OWNER,
        tab="방문간호사",
    )  # fmt: skip


def _costs(plan: hiring.Plan) -> Sheet:
    columns = (
        text("name", "유형"),
        Column("heads", "인원"),
        Column("unit", "1인당", sums=False),
        Column("budget", "예산"),
    )
    rows = [
        Row({"name": cost.name, "heads": cost.heads, "unit": cost.unit_kkrw, "budget": cost.budget_kkrw}, kind=kind)
        for kind, costs in (("social", plan.social_costs), ("nurse", plan.nurse_costs))
        for cost in costs
    ]
    sums = [
        total("name", "합계", over=("social", "nurse")),
        total("name", "사회복지인력", over=("social",), kind="part"),
        total("name", "방문간호사", over=("nurse",), kind="part"),
    ]
    return Sheet(
        "hiring_budget", "인력 충원에 따른 소요예산(연간)", columns, (*sums, *rows), unit="명, 천원",
        notes=("예산 = 인원 × 1인당 인건비.",), owner=OWNER, tab="소요예산",
    )  # fmt: skip


STAFFING = {"resource": "staffing", "group": "인력"}
register(
    Report(
        "staffing_headcount",
        "동주민센터 정원 및 현원",
        "동과 직렬마다 정원, 현원과 차이를 셉니다.",
        staffing_headcount,
        **STAFFING,
    ),
    Report(
        "headcount_by_grade",
        "직급별 정원 및 현원",
        "1급부터 9급까지 직렬별로 셉니다. 보건·간호는 기술직 안에 있습니다.",
        headcount_by_grade,
        **STAFFING,
    ),
    Report(
        "welfare_workforce",
        "사회복지인력 등 현황",
        "본청과 동의 사회복지직, 방문간호사, 마을활동가입니다.",
        welfare_workforce,
        **STAFFING,
    ),
    Report(
        "hiring_plan",
        "충원 및 배치계획과 소요예산",
        "동마다 충원할 사람과 한 해 예산입니다. 예산은 인원에 1인당 인건비를 곱합니다.",
        hiring_plan,
        **STAFFING,
    ),
    Report(
        "duty_table",
        "업무분장표",
        "한 센터의 자리마다 담당자와 대체가능직급을 적습니다. 빈자리도 보입니다.",
        duty_table,
        one_dong=True,
        **STAFFING,
    ),
)
