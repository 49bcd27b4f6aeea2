"""Reports: the plan's tables to the digit, in four forms, for those who may have them, never without a trace."""

import datetime as dt
import hashlib
import io
import json
from decimal import Decimal
from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from centers import reports, rollups
from centers.models import AccessLog, Dong
from common.months import Month
from planners.models import Programme
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2014, 11)
WHY = "방문 안내문 우편 발송"


def made(name: str, scope, **asked):
    return reports.make(reports.find(name), reports.Ask(scope=scope, month=asked.pop("month", NOVEMBER), **asked))


def table(sheet) -> dict[str, list]:
    """Cells by the first column."""
    return {cells[0][1]: [value for _, value in cells[1:]] for _, cells in sheet.lines()}


def run(name: str, *arguments) -> dict | list:
    out = StringIO()
    call_command(name, *arguments, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


class TestThePlansTables:
    def test_counts_the_centers_with_differences(self, reference, office, scope_of):
        (sheet,) = made("staffing_headcount", scope_of(office)).sheets
        rows = table(sheet)
        assert len(rows) == 21
        assert rows["소계"] == [313, 321, 8, 235, 217, -18, 44, 65, 21, 34, 39, 5]
        assert rows["장위1동"] == [18, 19, 1, 13, 11, -2, 3, 6, 3, 2, 2, 0]
        assert [cell.title for cell in sheet.head()[0]] == [
            "동",
            "총원",
            "행정직",
            "사회복지직",
            "기타",
        ]

    def test_counts_the_grades_without_adding_nurses_twice(self, reference, office, scope_of):
        (sheet,) = made("headcount_by_grade", scope_of(office)).sheets
        rows = table(sheet)
        assert rows["소계"] == [1391, 1346, 711, 694, 106, 108, 363, 339, 49, 45, 211, 205]
        assert rows["1급"] == [None] * 12
        assert rows["6급"][:2] == [263, 317]
        assert sheet.notes == ("보건·간호 49/45명은 기술직 안에 있어 총원에 다시 더하지 않습니다.",)

    def test_counts_head_office_and_dongs_and_both(self, reference, office, scope_of):
        rows = table(made("welfare_workforce", scope_of(office)).sheets[0])
        assert rows["합계(a+b)"] == [123, 119, 106, 108, 17, 11, 5, 5]
        assert rows["본청(a)"] == [79, 51, 62, 43, 17, 8, 5, 5]
        assert rows["소계(b)"][:6] == [44, 68, 44, 65, 0, 3]

    @pytest.mark.parametrize(
        ("name", "column", "total"),
        [("population", 0, 193_715), ("population", 1, 467_996), ("population", 4, Decimal("24.57")), ("recipients", 0, 80_635), ("recipients", 1, 9_843), ("hiring_plan", 0, 105)],
    )  # fmt: skip
    def test_adds_up_the_figure_tables(self, reference, office, scope_of, name, column, total):
        rows = table(made(name, scope_of(office)).sheets[0])
        assert next(iter(rows.values()))[column] == total

    def test_notes_what_the_plan_contradicts(self, reference, office, scope_of):
        notes = made("population", scope_of(office)).sheets[0].notes
        assert "장위3동 인구: 남 8,940 + 여 8,258 = 17,198인데 적힌 값은 17,468입니다." in notes

    def test_prints_the_duties_of_one_center(self, reference, office, scope_of):
        with pytest.raises(reports.DongMissing):
            made("duty_table", scope_of(office))
        (sheet,) = made("duty_table", scope_of(office), dong=Dong.objects.get(name="종암동")).sheets
        assert sheet.counted_rows == 24
        assert "비어 있음" in {row.values["holder"] for row in sheet.rows}


class TestTheMonthsResult:
    @pytest.fixture
    def pilot(self, dong, other_dong):
        """The plan's pilot: 267 of 1,183 and 11 of 400, as stored figures."""
        for key, order in (("elderly", 1), ("child", 2)):
            Programme.objects.create(
                key=key, name=key, short_name={"elderly": "65세", "child": "0세"}[key], order=order
            )
        from centers.models import MonthlyStat

        for place, key, targets, visits in (
            (dong, "elderly", 403, 93), (other_dong, "elderly", 780, 174), (dong, "child", 79, 3), (other_dong, "child", 321, 8),
        ):  # fmt: skip
            for indicator, value in (("targets", targets), ("visits", visits)):
                for part in (key, ""):
                    row, _ = MonthlyStat.objects.get_or_create(
                        month=NOVEMBER.first, indicator=indicator, dong=place, part=part, defaults={"value": 0, "computed_at": f.NOW}
                    )  # fmt: skip
                    row.value += value
                    row.save()
        return dong

    def test_cuts_progress_as_the_plan_does(self, pilot, office, scope_of):
        rows = table(made("monthly_result", scope_of(office)).sheets[0])
        assert rows["합계"][3:9] == [1183, 267, Decimal("22.5"), 400, 11, Decimal("2.7")]
        assert rows["합계"][:3] == [1583, 278, Decimal("17.5")]
        assert rows["장위1동"][3:6] == [403, 93, Decimal("23.0")]

    def test_gives_a_lead_the_own_dong(self, pilot, lead, scope_of):
        assert set(table(made("monthly_result", scope_of(lead)).sheets[0])) == {"장위1동"}


class TestWhoMayHaveWhat:
    @pytest.fixture
    def targets(self, dong, other_dong):
        f.TargetFactory(person=f.PersonFactory(dong=dong, name="윤길덕"), month=NOVEMBER.first)
        f.TargetFactory(person=f.PersonFactory(dong=other_dong, name="최말숙"), month=NOVEMBER.first)

    def write(self, name, scope, *, reason="", form="xlsx", **asked):
        ask = reports.Ask(scope=scope, month=NOVEMBER, **asked)
        return reports.write(reports.find(name), ask, form=form, reason=reason, at=f.NOW)

    def test_asks_why_before_names_leave(self, targets, lead, scope_of):
        for reason in ("", "  ", "업무"):
            with pytest.raises(reports.ReasonMissing):
                self.write("targets", scope_of(lead), reason=reason)
        written = self.write("targets", scope_of(lead), reason=WHY)
        assert (written.rows, len(written.persons)) == (1, 1)
        assert written.sha256 == hashlib.sha256(written.data).hexdigest()

    def test_lists_the_own_dong_only(self, targets, lead, other_dong, scope_of):
        page = openpyxl.load_workbook(io.BytesIO(self.write("targets", scope_of(lead), reason=WHY).data)).active
        names = {cell.value for row in page.iter_rows() for cell in row}
        assert "윤길덕" in names
        assert "최말숙" not in names
        with pytest.raises(reports.NotYourReport):
            self.write("targets", scope_of(lead), reason=WHY, dong=other_dong)

    def test_names_the_own_dong_and_the_phone_of_the_household(self, lead, dong, scope_of):
        baby = f.PersonFactory(dong=dong, phone="", mobile="")
        f.PersonFactory(dong=dong, household=baby.household, mobile="010-5555-0002", birth_on=dt.date(1980, 1, 1))
        f.TargetFactory(person=baby, month=NOVEMBER.first)
        (sheet,) = made("targets", scope_of(lead)).sheets
        assert sheet.title == f"2014년 11월 방문 대상자 명단 ({dong.name})"
        assert "010-5555-0002" in [value for _, cells in sheet.lines() for _, value in cells]

    def test_gives_no_names_to_those_without_the_right(self, targets, social, office, dong, scope_of):
        for user in (social, office, posted("head", "이정국", "DH", dong)):
            with pytest.raises(reports.NotYourReport):
                self.write("targets", scope_of(user), reason=WHY)

    def test_gives_no_file_to_those_who_may_only_look(self, reference, social, scope_of):
        assert made("recipients", scope_of(social)).rows == 1
        with pytest.raises(reports.NotYourReport):
            self.write("recipients", scope_of(social))

    def test_sends_no_endless_list_of_people(self, targets, lead, scope_of, monkeypatch):
        monkeypatch.setattr(reports, "MAX_PERSONAL_ROWS", 0)
        with pytest.raises(reports.TooManyRows):
            self.write("targets", scope_of(lead), reason=WHY)

    @pytest.mark.parametrize("form", reports.FORMATS)
    def test_writes_every_form(self, reference, office, scope_of, form):
        data = self.write("staffing_headcount", scope_of(office), form=form).data
        starts = {"xlsx": b"PK", "hwpx": b"PK", "pdf": b"%PDF", "csv": b"\xef\xbb\xbf"}
        assert data.startswith(starts[form])


class TestPages:
    def test_lists_what_the_person_may_read(self, reference, lead, office, sign_in_as):
        assert "방문 대상자 명단" in sign_in_as(lead).get("/reports/").content.decode()
        assert "방문 대상자 명단" not in sign_in_as(office).get("/reports/").content.decode()

    def test_downloads_and_leaves_a_trace(self, reference, office, sign_in_as):
        answer = sign_in_as(office).post("/reports/staffing_headcount/export/", {"form": "xlsx", "month": "2014-11"})
        assert answer.headers["Content-Type"].startswith("application/vnd.openxml")
        assert "attachment; filename*=UTF-8''" in answer.headers["Content-Disposition"]
        row = AccessLog.objects.get(action="report.export", outcome="ok")
        assert (row.detail["report"], row.detail["rows"], row.detail["form"]) == ("staffing_headcount", 20, "xlsx")
        assert row.detail["sha256"] == hashlib.sha256(answer.content).hexdigest()

    def test_writes_down_the_reason_and_the_persons(self, lead, dong, sign_in_as):
        target = f.TargetFactory(person=f.PersonFactory(dong=dong), month=NOVEMBER.first)
        client = sign_in_as(lead)
        client.post("/reports/targets/export/", {"form": "csv", "month": "2014-11", "reason": WHY})
        row = AccessLog.objects.get(action="report.export", outcome="ok")
        assert (row.reason, row.subjects) == (WHY, [target.person_id])

    def test_sends_back_with_a_sentence_when_the_reason_is_missing(self, lead, dong, sign_in_as):
        f.TargetFactory(person=f.PersonFactory(dong=dong), month=NOVEMBER.first)
        answer = sign_in_as(lead).post("/reports/targets/export/", {"form": "csv", "month": "2014-11"}, follow=True)
        assert "내려받는 까닭을" in answer.content.decode()
        assert not AccessLog.objects.filter(action="report.export").exclude(subjects=[]).exists()

    def test_shows_no_names_on_the_page_of_a_list(self, lead, dong, sign_in_as):
        f.TargetFactory(person=f.PersonFactory(dong=dong, name="윤길덕"), month=NOVEMBER.first)
        text = sign_in_as(lead).get("/reports/targets/?month=2014-11").content.decode()
        assert "1줄" in text
        assert "윤길덕" not in text

    def test_downloads_by_post_only(self, reference, office, sign_in_as):
        assert sign_in_as(office).get("/reports/staffing_headcount/export/").status_code == 405

    @pytest.mark.parametrize(
        "address",
        [
            "/reports/nothing/",
            "/reports/population/?month=never",
            "/reports/duty_table/",
            "/reports/population/?dong=x",
        ],
    )
    def test_bears_addresses_that_make_no_sense(self, reference, office, sign_in_as, address):
        answer = sign_in_as(office).get(address, follow=True)
        assert answer.status_code == 200


class TestCommands:
    def test_lists_names_forms_and_personal_data(self, db):
        listed = {row["name"]: row for row in run("list_reports")}
        assert set(listed) >= {
            "monthly_result",
            "staffing_headcount",
            "recipients",
            "population",
            "facilities",
            "headcount_by_grade",
            "welfare_workforce",
            "duty_table",
            "targets",
        }
        assert [name for name, row in listed.items() if row["personal_data"]] == ["targets"]
        assert listed["population"]["formats"] == ["xlsx", "hwpx", "pdf", "csv"]

    def test_exports_with_the_rights_of_an_account(self, reference, office, tmp_path):
        path = tmp_path / "staff.xlsx"
        answer = run(
            "export_report",
            "staffing_headcount",
            "--month",
            "2014-11",
            "--format",
            "xlsx",
            "-o",
            str(path),
            "--as",
            "office",
        )
        assert answer == {
            "name": "staffing_headcount",
            "format": "xlsx",
            "rows": 20,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        assert AccessLog.objects.filter(action="report.export", username="office", outcome="ok").count() == 1

    def test_refuses_with_a_reason_and_no_file(self, lead, dong, tmp_path):
        f.TargetFactory(person=f.PersonFactory(dong=dong), month=NOVEMBER.first)
        path = tmp_path / "list.csv"
        out = StringIO()
        with pytest.raises(SystemExit) as end:
            call_command(
                "export_report",
                "targets",
                "--month",
                "2014-11",
                "--format",
                "csv",
                "-o",
                str(path),
                "--as",
                "lead",
                "--json",
                stdout=out,
            )
        assert end.value.code == 1
        assert json.loads(out.getvalue())["refused"] == "REASON_MISSING"
        assert not path.exists()
        assert AccessLog.objects.get(action="report.export").outcome == "refused"

    def test_logs_the_persons_of_a_list(self, lead, dong, tmp_path):
        target = f.TargetFactory(person=f.PersonFactory(dong=dong), month=NOVEMBER.first)
        run(
            "export_report",
            "targets",
            "--month",
            "2014-11",
            "--format",
            "csv",
            "-o",
            str(tmp_path / "x"),
            "--as",
            "lead",
            "--reason",
            WHY,
        )
        assert AccessLog.objects.get(action="report.export").subjects == [target.person_id]

    def test_needs_an_account(self, reference, tmp_path):
        with pytest.raises(CommandError):
            run("export_report", "population", "-o", str(tmp_path / "x"))

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            (["nothing"], "UNKNOWN_REPORT"),
            (["population", "--dong", "없는동"], "UNKNOWN_DONG"),
            (["population", "--month", "2014-99"], "NOT_A_MONTH"),
        ],
    )
    def test_names_what_it_does_not_know(self, reference, office, tmp_path, given, code):
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("export_report", *given, "-o", str(tmp_path / "x"), "--as", "office", "--json", stdout=out)
        assert json.loads(out.getvalue())["refused"] == code

    def test_rolls_up_and_verifies(self, dong):
        f.TargetFactory(person=f.PersonFactory(dong=dong), month=NOVEMBER.first)
        assert run("roll_up", "--verify")["differences"] > 0
        first = run("roll_up")
        assert (first["months"], first["changed"] > 0) == (2, True)  # the month, and that of the due day
        assert run("roll_up")["months"] == 0
        again = run("roll_up", "--month", "2014-11")
        assert (again["months"], again["changed"]) == (1, 0)
        assert run("roll_up", "--verify")["differences"] == 0
        assert run("roll_up", "--all")["changed"] == 0
        assert rollups.changed_months() == []


def test_knows_no_two_reports_of_one_name():
    with pytest.raises(ValueError, match="two reports"):
        reports.register(reports.find("population"))
