"""Checking figure tables: a wrong sum or a contradiction is found wherever it is put, and nothing else is."""

import csv
import json
import random
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from seongbuk.figure_checks import Tables, check

FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "reference"


def found(*paths: Path) -> set[tuple]:
    return {(c.table, c.row, c.column, c.printed, c.computed) for c in check(Tables.read(paths)).differs}


def write(path: Path, columns: str, *rows: str) -> Path:
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return path


class TestTheReferenceTables:
    @pytest.fixture(scope="class")
    def outcome(self):
        return check(Tables.read([FIXTURES]))

    def test_finds_what_the_plan_contradicts(self, outcome):
        differs = {(c.table, c.row, c.column): (c.printed, c.computed) for c in outcome.differs}
        assert differs["population", "장위3동", "population"] == (17468, 17198)
        assert differs["population", "소계", "female"] == (238155, 237885)
        assert differs["facilities", "길음2동", "total"] == (7, 13)
        assert differs["facilities", "장위2동", "total"] == (None, 22)
        assert differs["infrastructure_welfare", "합계", "places"] == (530, 566)
        assert differs["hiring_social", "소계", "part_time_na"] == (9, 20)

    def test_accepts_the_sums_that_hold(self, outcome):
        assert outcome.checked > 300
        wrong = {check.table for check in outcome.differs}
        assert wrong.isdisjoint(
            {"recipients", "headcount_grade", "headcount_center", "headcount_welfare", "pilot_visits"}
        )

    def test_says_by_which_rule(self, outcome):
        assert all(check.rule for check in outcome.differs)


class TestOneTable:
    def test_counts_nurses_inside_the_technical_series_only(self, tmp_path):
        columns = (
            "grade,row_type,total_authorised,total_actual,admin_authorised,admin_actual,welfare_authorised,welfare_actual,"
            "technical_authorised,technical_actual,health_nursing_authorised,health_nursing_actual,other_authorised,other_actual"
        )
        path = write(tmp_path / "headcount_by_grade.csv", columns, "6급,grade,10,10,4,4,2,2,3,3,1,1,1,1")
        assert found(path) == set()
        path = write(tmp_path / "headcount_by_grade.csv", columns, "6급,grade,11,10,4,4,2,2,3,3,1,5,1,1")
        assert found(path) == {
            ("headcount_by_grade", "6급", "total_authorised", Decimal(11), Decimal(10)),
            ("headcount_by_grade", "6급", "health_nursing_actual", Decimal(5), Decimal(3)),
        }

    @pytest.mark.parametrize(("printed", "ok"), [("22.5", True), ("22.6", False), ("22.57", False)])
    def test_wants_progress_cut_not_rounded(self, tmp_path, printed, ok):
        write(
            tmp_path / "targets.csv",
            "dong,row_type,total,age65_target,age0_target,remark_ko",
            "총계,total,1583,1183,400,",
        )
        write(
            tmp_path / "results.csv",
            "dong,row_type,visits_total,visits_age0,visits_age65,progress_age0_pct,progress_age65_pct",
            f"합계,total,278,11,267,2.7,{printed}",
        )
        assert (found(tmp_path) == set()) is ok

    def test_knows_a_table_by_its_columns(self, tmp_path):
        columns = "dong,row_type,total_authorised,total_actual,admin_authorised,admin_actual,welfare_authorised,welfare_actual,other_authorised,other_actual"
        path = write(tmp_path / "아무 이름.csv", columns, "소계,total,3,3,1,1,1,1,1,1", "성북동,dong,3,4,1,1,1,1,1,1")
        assert found(path) == {
            ("아무 이름", "성북동", "total_actual", Decimal(4), Decimal(3)),
            ("아무 이름", "소계", "total_actual", Decimal(3), Decimal(4)),
        }

    def test_checks_products_and_their_sum(self, tmp_path):
        columns = "seq,category_ko,item_ko,row_type,level,item_key,amount_kkrw,unit_cost_kkrw,quantity_1,quantity_2"
        rows = [
            "1,계,,total,0,,3000,,,",
            "2,교육,,item,1,training,2000,,,",
            "3,교육,,part,2,one,1000,500,2,",
            "4,교육,,part,2,two,900,500,2,",
        ]
        assert found(write(tmp_path / "pilot_budget.csv", columns, *rows)) == {
            ("pilot_budget", "training", "amount_kkrw", Decimal(2000), Decimal(1900)),
            ("pilot_budget", "two", "amount_kkrw", Decimal(900), Decimal(1000)),
            ("pilot_budget", "계", "amount_kkrw", Decimal(3000), Decimal(2000)),
        }

    def test_sees_rooms_that_a_center_must_have(self, tmp_path):
        columns = "dong,line_no,floor_label,floor_from,floor_to,rooms_ko,rooms_list"
        rows = ["가동,1,1층,1,1,x,마을공동체팀|복지1팀|복지1팀|주민공유공간"]
        assert {(row, column) for _, row, column, *_ in found(write(tmp_path / "f.csv", columns, *rows))} == {
            ("가동", "복지1팀"),
            ("가동", "복지2팀"),
            ("가동", "공동사무실"),
        }


@pytest.mark.parametrize("name", ["recipients", "facilities", "population", "organisations", "hiring_social"])
def test_notices_any_single_number_that_is_changed(tmp_path, name):
    """Whatever cell of a table with sums is changed, something new differs."""
    source = FIXTURES / "figures" / f"{name}.csv"
    rows = list(csv.reader(source.read_text(encoding="utf-8").splitlines()))
    before = found(source)
    chance = random.Random(name)
    cells = [(r, c) for r, row in enumerate(rows) if r for c, cell in enumerate(row) if cell.isdigit()]
    for place, column in chance.sample(cells, 25):
        changed = [row[:] for row in rows]
        changed[place][column] = str(int(changed[place][column]) + 7)
        path = tmp_path / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(changed)
        assert found(path) != before, (rows[place][0], rows[0][column])


@pytest.mark.django_db
class TestTheCommand:
    def run(self, *paths) -> dict:
        out = StringIO()
        call_command("check_figures", *map(str, paths), "--json", stdout=out)
        return json.loads(out.getvalue().splitlines()[-1])

    def test_checks_our_own_tables_without_a_path(self):
        answer = self.run()
        assert {"table": "population", "row": "장위3동", "column": "population", "printed": 17468, "computed": 17198, "rule": "인구 = 남 + 여"} in answer["differs"]  # fmt: skip
        assert answer["checked"] > len(answer["differs"])

    def test_refuses_a_path_that_is_not_there(self, tmp_path):
        with pytest.raises(SystemExit) as end:
            self.run(tmp_path / "none.csv")
        assert end.value.code == 1

    def test_reads_a_file_with_a_mark_and_hangul(self, tmp_path):
        path = tmp_path / "activists.csv"
        path.write_bytes(
            "﻿dong,total,village_activist,grassroots_civic_group,ngo,other,remark\n성북동,2,1,,,,\n".encode()
        )
        assert self.run(path)["differs"][0]["computed"] == 1
