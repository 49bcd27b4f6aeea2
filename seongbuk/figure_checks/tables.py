"""Reading figure tables from CSV and finding out which table a file is, by its name or by its columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from common.refusals import Refusal

#: what a row is called by: the first of these columns that is filled
LABELS = (
    *("row", "dong", "unit_ko", "grade", "year_ko", "metric_key", "item_key", "figure_key", "unit_key", "type_key"),
    *("category_key", "group_key", "member_type_key", "kind_key", "task_ko", "team", "item_ko", "category_ko"),
)
#: columns of one table that go by two names: in the plan's own files and in `fixtures/reference`
RENAMED = {
    "population": {"population_total": "population", "population_male": "male", "population_female": "female"},
    "staffing_need": {
        "needed": "social_workers_needed",
        "actual": "social_workers_actual",
        "additional": "additional_need",
        "households": "basic_livelihood_households",
    },
    "pilot_targets": {"age65_target": "age65", "age0_target": "age0"},
    "pilot_visits": {
        "visits_total": "total",
        "visits_age65": "age65",
        "visits_age0": "age0",
        "progress_age65_pct": "age65_percent",
        "progress_age0_pct": "age0_percent",
    },
    "pilot_outcomes": {"share_pct": "share_percent"},
}
#: file names that mean the same table
SAME = {
    "dongs": "population",
    "center_headcount": "headcount_center",
    "headcount_by_grade": "headcount_grade",
    "welfare_workforce": "headcount_welfare",
    "dong_organisations": "organisations",
    "other_institutions": "institutions",
    "planner_pilot_targets": "pilot_targets",
    "planner_pilot_results": "pilot_visits",
    "planner_pilot_outcomes": "pilot_outcomes",
    "social_worker_hiring_plan": "hiring_social",
    "nurse_hiring_plan": "hiring_nurses",
    "duty_assignments_new": "posts",
}
#: tables in words, known by their name only: their columns are those of many others
IN_WORDS = {
    *("application_cover", "budget", "case_management", "community_achievements", "finance", "hiring_rules"),
    *("infrastructure_village", "infrastructure_welfare", "maeum_family", "organisation_adjustments"),
    *("pilot_council_history", "pilot_dong_profile", "pilot_staffing", "reform_taskforces", "schedule_overall"),
    "space_rules",
}
#: columns that only one table has: a file of any name with all of them is that table
MARKS: dict[str, tuple[set[str], ...]] = {
    "population": ({"households", "area_km2"},),
    "district_infrastructure": ({"group_key", "type_key", "type_ko"},),
    "district_population_area": ({"metric_key", "share_of_area_pct"},),
    "headcount_grade": ({"health_nursing_authorised", "technical_actual"},),
    "headcount_center": ({"admin_authorised", "welfare_authorised", "other_authorised", "dong"},),
    "headcount_welfare": ({"visiting_nurse_authorised", "village_activist_actual"},),
    "recipients": ({"basic_livelihood", "near_poor_copay_relief"},),
    "facilities": ({"senior_center", "childcare_facility"},),
    "organisations": ({"residents_council", "saemaul_council"},),
    "institutions": ({"welfare", "employment", "other"},),
    "activists": ({"grassroots_civic_group", "ngo"},),
    "recruitment_history": ({"state_target", "quota_increase_own"},),
    "pilot_targets": ({"age65_target", "age0_target"},),
    "pilot_visits": ({"visits_age0", "progress_age65_pct"}, {"age65_percent", "age0_percent"}),
    "pilot_outcomes": ({"persons", "share_pct"}, {"persons", "share_percent"}),
    "staffing_need": ({"social_workers_needed", "additional_need"},),
    "hiring_social": ({"grade9_open", "part_time_ma"},),
    "hiring_nurses": ({"public_service_permanent", "integrated_visiting_nurse", "programme_ko"},),
    "hiring_by_year": ({"grade9_open_section_3"},),
    "quota_adjustment": ({"welfare_quota_increase", "part_time_fixed_term_hires"},),
    "hiring_budget": ({"hire_type_key", "budget_kkrw"},),
    "role_by_hire_type": ({"hire_type_key", "role_ko"},),
    "space_redesign": ({"redesign_mark", "floor_plan_ko"},),
    "space_redesign_floors": ({"floor_label", "rooms_list"},),
    "team_composition_before_after": ({"phase", "team", "unit_key", "headcount"},),
    "posts": ({"position_rank", "duties_ko"}, {"order", "number", "duties", "substitutable_rank"}),
    "organisation_summary": ({"count_cover", "count_section"},),
    "dong_center_names": ({"grid_order", "printed_name"},),
    "pilot_recipients": ({"category_key", "category_ko", "count"},),
    "pilot_groups": ({"group_key", "group_ko", "count", "detail_ko"},),
    "pilot_facilities": ({"type_key", "type_ko", "count"},),
    "pilot_center_headcount": ({"team_ko", "series_ko", "headcount"},),
    "pilot_council_composition": ({"member_type_key", "count", "as_of"},),
    "pilot_council_resources": ({"kind_key", "side_key", "cases"},),
    "pilot_budget": ({"unit_cost_kkrw", "quantity_1"},),
    "pilot_gantt": ({"m1_w1", "marks"},),
}


class UnreadableTable(Refusal):
    code = "UNREADABLE_TABLE"


@dataclass(frozen=True)
class Line:
    """One row: its label as printed, its kind, its cells as text."""

    label: str
    kind: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        return (self.cells.get(column) or "").strip()

    def number(self, column: str) -> Decimal | None:
        """The figure of a cell, None when it is empty or not a number."""
        try:
            return Decimal(self.text(column).replace(",", "").removesuffix("%"))
        except InvalidOperation:
            return None


@dataclass(frozen=True)
class Table:
    """`name` is ours, `file` is what the reader knows it by."""

    name: str
    file: str
    lines: tuple[Line, ...]

    def of(self, *kinds: str) -> list[Line]:
        return [line for line in self.lines if line.kind in kinds]

    def one(self, label: str) -> Line | None:
        return next((line for line in self.lines if line.label == label), None)

    def where(self, **cells: str) -> Line | None:
        return next((ln for ln in self.lines if all(ln.text(k) == v for k, v in cells.items())), None)

    def sum(self, column: str, lines: Iterable[Line] | None = None) -> Decimal:
        return sum((line.number(column) or Decimal(0) for line in (self.lines if lines is None else lines)), Decimal(0))

    def has(self, column: str) -> bool:
        return any(column in line.cells for line in self.lines)


class Tables(dict[str, Table]):
    """Tables by our name."""

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Tables:
        """Every CSV of the paths; a folder gives all files in it and below. Raises `UnreadableTable`."""
        found = cls()
        for path in _files(paths):
            table = _read(path)
            found[table.name] = table
        return found


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.csv"))
        elif path.is_file():
            yield path
        else:
            raise UnreadableTable(f"{path} 파일이 없습니다. 경로를 확인해 주세요.")


def _read(path: Path) -> Table:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    except (UnicodeDecodeError, csv.Error, OSError) as fault:
        raise UnreadableTable(f"{path.name} 파일을 읽을 수 없습니다. UTF-8 CSV로 저장해 주세요.") from fault
    name = _name(path.stem, set(rows[0]) if rows else set())
    return Table(name, path.stem, tuple(_line(name, row) for row in rows))


def _name(stem: str, columns: set[str]) -> str:
    """The table a file holds: by its name, or, for an unknown name, by columns that only one table has."""
    own = SAME.get(stem, stem)
    if own in MARKS or own in IN_WORDS:
        return own
    return next((name for name, marks in MARKS.items() if any(mark <= columns for mark in marks)), own)


def _line(name: str, row: dict[str, str]) -> Line:
    renamed = RENAMED.get(name, {})
    cells = {renamed.get(key, key): value or "" for key, value in row.items() if key}
    label = next((cells[key] for key in LABELS if cells.get(key)), "")
    return Line(label, cells.get("row_type") or cells.get("type") or _kind(cells), cells)


def _kind(cells: dict[str, str]) -> str:
    """The kind of a row whose table has no column for it."""
    label = next((cells[key] for key in LABELS if cells.get(key)), "")
    if label in ("소계", "계", "합계", "총계", "total"):
        return "total"
    return "dong" if label.endswith("동") else "row"
