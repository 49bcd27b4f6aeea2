"""Benefit lists with a column of marks for each category: what the marks mean, and what nobody can tell."""

import datetime as dt

import pytest

from centers.figure_tables import BENEFITS
from planners.lists import benefit_marks, import_undo
from planners.lists.list_cells import Context
from planners.models import Benefit, Person

from .test_benefits import AT, DAY, ON, answered, applied, parts, private_files, staged  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
CONTEXT = Context(dt.date(2015, 1, 14))
WHO = ["성명", "생년월일", "성별", "행정동", "주소"]
WIDE = [*WHO, *BENEFITS.values()]
KIM = ["김영수", "1948-03-01", "남", "장위1동", "돌곶이로 40길 8"]
LEE = ["이순자", "1946-07-07", "여", "장위1동", "장위로 3"]


def marks(who, **said):
    return [*who, *(said.get(category, "") for category in BENEFITS)]


def granted(name):
    rows = Benefit.objects.filter(person__name=name)
    return {category: (since, until) for category, since, until in rows.values_list("category", "valid_from", "valid_to")}  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        *((yes, True, "") for yes in ("O", "o", "ㅇ", "○", "●", "Y", "1", 1.0, "√", "V", "예", True, "해당")),
        *((no, False, "") for no in ("X", "x", "×", "N", "0", 0.0, "아니오", False, "비해당")),
        *((nothing, None, "") for nothing in ("", "-", " ")),
        (dt.date(2014, 7, 1), "2014-07-01", ""),
        ("2014.7.1", "2014-07-01", ""),
        ("14.7.1.", "2014-07-01", ""),
        ("20140701", "2014-07-01", ""),
        ("기초연금", ["basic_pension"], ""),
        ("2014.2.30", None, "BAD_DATE"),
        ("2016-01-01", None, "FUTURE_DATE"),
        *((bad, None, "BAD_MARK") for bad in ("?", "O/X", "△", "확인 중", "X?", 3.0, 200000.0, "장애수당", "중지(?)", "abc")),
    ],
)  # fmt: skip
def test_reads_a_mark(cell, value, code):
    read = benefit_marks.read_mark("basic_pension")(cell, CONTEXT)
    assert (read.value, read.code) == (value, code)


def test_makes_one_benefit_of_each_mark(officer, people):
    rows = [
        marks(KIM, basic_pension="O", disability_allowance="2014-03-02", single_parent="X"),
        marks(LEE, basic_livelihood="○", near_poor_priority_care=1.0),
    ]
    batch = applied(rows, officer, head=WIDE)
    assert parts(batch) == {"added": 2, "skipped": 1}
    assert (batch.report["records_added"], batch.report["warnings"]["SINCE_LIST_DAY"]) == (4, 2)
    assert granted("김영수") == {"basic_pension": (DAY, None), "disability_allowance": (dt.date(2014, 3, 2), None)}
    assert set(granted("이순자")) == {"basic_livelihood", "near_poor_priority_care"}
    assert parts(applied(rows, officer, head=WIDE)) == {"unchanged": 2, "skipped": 1}
    import_undo.undo(batch, by=officer, reason="잘못된 파일", on=ON, at=AT)
    assert not Benefit.objects.exists()


def test_knows_all_fourteen_categories_as_offices_head_them(officer, people):
    heads = [
        "국민기초", "차상위 자활", "한부모가정", "기초연금 수급여부", "장애인연금\n(O/X)", "장애수당 여부", "차상위장애인", "누리과정",
        "보육료 지원", "양육수당", "가정위탁", "입양아동", "본인부담경감", "우선돌봄",
    ]  # fmt: skip
    batch = applied([[*KIM, *["O"] * 14]], officer, head=[*WHO, *heads], kind="")
    assert batch.kind == "benefits"
    assert set(granted("김영수")) == set(BENEFITS)
    assert batch.report["dropped"] == []


def test_reads_two_rows_of_headings_with_days_of_single_benefits(officer, people):
    groups = ["성명", "생년월일", "기초연금", "", "", "장애수당", ""]
    below = ["", "", "여부", "개시일", "종료일", "여부", "개시일"]
    rows = [
        ["김영수", "1948-03-01", "O", "2013-05-01", "2014-12-31", "", "2014-02-01"],
        ["이순자", "1946-07-07", "X", "2012-01-01", "", "O", ""],
    ]
    applied([below, *rows], officer, head=groups)
    assert granted("김영수") == {
        "basic_pension": (dt.date(2013, 5, 1), dt.date(2014, 12, 31)),
        "disability_allowance": (dt.date(2014, 2, 1), None),
    }
    assert granted("이순자") == {"disability_allowance": (DAY, None)}


def test_takes_parts_of_the_basic_livelihood_for_one_benefit(officer, people):
    head = [*WHO, "생계급여", "의료급여", "주거급여", "교육급여", "책정일"]
    batch = applied([[*KIM, "X", "O", "O", "", "2013-02-01"]], officer, head=head)
    assert granted("김영수") == {"basic_livelihood": (dt.date(2013, 2, 1), None)}
    assert batch.counts["warnings"] == 0


def test_reads_words_of_benefits_in_a_column_of_marks(officer, people):
    head = [*WHO, "기초수급", "한부모"]
    applied([[*KIM, "생계·의료", ""], [*LEE, "조건부수급자", "O"]], officer, head=head)
    assert set(granted("김영수")) == {"basic_livelihood"}
    assert set(granted("이순자")) == {"basic_livelihood", "single_parent"}


def test_rejects_a_mark_nobody_can_read_and_names_its_column(officer, people):
    rows = [marks(KIM, basic_pension="O", single_parent="확인 중"), marks(LEE, basic_pension="O")]
    batch = staged(rows, officer, head=WIDE)
    assert parts(batch) == {"added": 1, "rejected": 1, "skipped": 1}
    issue = batch.issues.get(level="reject")
    assert (issue.row, issue.code, issue.column, issue.raw) == (2, "BAD_MARK", "한부모가족", "확인 중")
    assert "O, 아니면 X" in issue.message


def test_changes_nothing_for_somebody_without_a_mark(officer, people):
    batch = staged([marks(KIM, basic_pension="X"), marks(LEE)], officer, head=WIDE)
    assert parts(batch) == {"unchanged": 2, "skipped": 1}


def test_warns_of_an_x_beside_a_running_benefit_and_ends_it_only_when_told(officer, people):
    Benefit.objects.create(person=people["kim"], category="basic_pension", valid_from=dt.date(2014, 7, 1))
    rows = [marks(KIM, basic_pension="X"), marks(LEE, basic_pension="O")]
    batch = staged(rows, officer, head=WIDE)
    assert batch.report["warnings"]["MARKED_NO"] == 1
    assert batch.issues.get(code="MARKED_NO").row == 2
    batch = answered(batch, officer, "dongs")
    assert batch.counts["closed"] == 1
    assert not batch.report["warnings"].get("MARKED_NO")


def test_takes_a_mere_mark_for_the_benefit_of_the_title(officer, people):
    head = [*WHO, "수급여부"]
    rows = [[*KIM, "O"], [*LEE, "X"]]
    applied(rows, officer, head=head, title="2015년 1월 기초연금 대상자 명부")
    assert (set(granted("김영수")), granted("이순자")) == ({"basic_pension"}, {})
    batch = staged(rows, officer, head=head)
    assert {issue.code for issue in batch.issues.filter(level="reject")} == {"UNKNOWN_BENEFIT"}


def test_warns_of_a_benefit_of_somebody_who_moved_away(officer, people):
    Person.objects.filter(pk=people["kim"].pk).update(status="moved", status_on=dt.date(2014, 12, 1))
    head = [*WHO, "급여종류", "급여개시일", "급여종료일"]
    rows = [[*KIM, "기초연금", "2014-07-01", ""], [*KIM, "장애수당", "2013-07-01", "2014-11-30"]]
    batch = staged(rows, officer, head=head)
    assert parts(batch) == {"added": 2, "skipped": 1}
    assert [(issue.row, issue.level) for issue in batch.issues.filter(code="PERSON_MOVED")] == [(2, "warn")]


def test_takes_a_benefit_that_ended_while_its_person_lived(officer, people):
    Person.objects.filter(pk=people["kim"].pk).update(status="deceased", status_on=dt.date(2014, 12, 1))
    head = [*WHO, "급여종류", "급여개시일", "급여종료일"]
    rows = [[*KIM, "기초연금", "2014-07-01", "2014-12-01"], [*KIM, "장애수당", "2014-07-01", ""]]
    batch = staged(rows, officer, head=head)
    assert parts(batch) == {"added": 1, "rejected": 1, "skipped": 1}
    assert batch.issues.get(level="reject").code == "PERSON_DIED"
