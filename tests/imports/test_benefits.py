"""A list of benefit recipients: granted, changed, ended, unchanged, refused, taken back."""

import datetime as dt

import pytest

from planners.lists import import_answers, import_files, import_undo, list_import
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_reading import ListStage, drop_strays
from planners.models import Benefit, Person
from tests import factories as f

from . import dirt

HEAD = ["연번", "성명", "생년월일", "성별", "행정동", "주소", "급여종류", "급여개시일", "급여종료일"]
ON, AT = f.TODAY, f.NOW
DAY = dt.date(2015, 1, 10)


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


KIM = [1, "김영수", "1948-03-01", "남", "장위1동", "돌곶이로 40길 8", "기초연금", "2014-07-01", ""]
LEE = [2, "이순자", "1946-07-07", "여", "장위1동", "장위로 3", "기초생활보장", "2013-02-01", ""]


def staged(rows, by, head=HEAD, title="", kind="benefits", name="1월.xlsx", scope=None, **given):
    above = [[title]] if title else []
    kept = import_files.keep([dirt.xlsx({"명부": [*above, head, *rows]})])
    batch = list_import.receive(kept, file_name=name, kind=kind, by=by, at=AT, extracted_on=DAY, **given)
    return list_import.stage(batch, on=ON, scope=scope)


def applied(rows, by, **given):
    batch = staged(rows, by, **given)
    return list_import.apply(list_import.begin_applying(batch, by=by), by=by, on=ON, at=AT)


def answered(batch, by, answer):
    batch = list_import.remap(batch, {}, answers={"absent": answer}, by=by, at=AT)
    return list_import.stage(batch, on=ON)


def parts(batch):
    return {name: batch.counts[name] for name in (*import_answers.PARTS, "closed") if batch.counts[name]}


def row(base, **cells):
    base = list(base)
    for heading, value in cells.items():
        base[HEAD.index(heading)] = value
    return base


pytestmark = pytest.mark.django_db(transaction=True)


def test_grants_what_the_rows_say(officer, people):
    batch = applied([KIM, LEE], officer)
    assert parts(batch) == {"added": 2, "skipped": 1}
    assert sum(batch.counts[name] for name in import_answers.PARTS) == batch.counts["rows"] == 3
    kim = Benefit.objects.get(person=people["kim"])
    assert (kim.category, kim.valid_from, kim.valid_to) == ("basic_pension", dt.date(2014, 7, 1), None)
    assert batch.subjects == {people["kim"].pk, people["lee"].pk}


def test_changes_nothing_the_second_time(officer, people):
    applied([KIM, LEE], officer)
    before = list(Benefit.objects.order_by("pk").values())
    batch = applied([KIM, LEE], officer)
    assert parts(batch) == {"unchanged": 2, "skipped": 1}
    assert list(Benefit.objects.order_by("pk").values()) == before
    assert not batch.changes.exists()


def test_ends_a_benefit_whose_row_says_so_and_erases_no_day(officer, people):
    applied([row(KIM, 급여종료일="2015-12-31"), LEE], officer)
    batch = applied([row(KIM, 급여개시일=""), row(LEE, 급여종료일="2014-12-31")], officer)
    assert parts(batch) == {"changed": 1, "unchanged": 1, "skipped": 1}
    assert Benefit.objects.get(person=people["lee"]).valid_to == dt.date(2014, 12, 31)
    kim = Benefit.objects.get(person=people["kim"])
    assert (kim.valid_from, kim.valid_to) == (dt.date(2014, 7, 1), dt.date(2015, 12, 31))


def test_takes_rows_of_one_category_for_one_benefit(officer, people):
    rows = [
        row(LEE, 급여종류="생계급여"),
        row(LEE, 급여종류="의료급여", 급여개시일="2012-05-01"),
        row(LEE, 급여종류="장애수당"),
    ]
    batch = applied(rows, officer)
    assert parts(batch) == {"added": 2, "unchanged": 1, "skipped": 1}
    found = set(Benefit.objects.values_list("category", "valid_from"))
    assert found == {("basic_livelihood", dt.date(2012, 5, 1)), ("disability_allowance", dt.date(2013, 2, 1))}


def test_takes_the_category_from_the_title(officer, people):
    head = [h for h in HEAD if h != "급여종류"]
    rows = [[c for h, c in zip(HEAD, KIM, strict=True) if h != "급여종류"]]
    batch = applied(rows, officer, head=head, title="2015년 1월 기초연금 대상자 명부")
    assert parts(batch) == {"added": 1, "skipped": 2}
    assert Benefit.objects.get().category == "basic_pension"


@pytest.mark.parametrize(("answer", "closed"), [("keep", 0), ("dongs", 1), ("all", 2)])
def test_ends_those_not_named_as_far_as_the_clerk_says(officer, people, answer, closed):
    for person in people.values():
        Benefit.objects.create(person=person, category="basic_pension", valid_from=dt.date(2014, 7, 1))
    other = Benefit.objects.create(
        person=people["lee"], category="disability_allowance", valid_from=dt.date(2014, 7, 1)
    )
    batch = answered(staged([KIM], officer), officer, answer)
    assert batch.counts["closed"] == closed
    assert batch.counts["unchanged"] == 1
    batch = list_import.apply(list_import.begin_applying(batch, by=officer), by=officer, on=ON, at=AT)
    ended = set(Benefit.objects.filter(valid_to=DAY).values_list("person__name", flat=True))
    assert ended == set(["이순자", "박말자"][:closed])
    other.refresh_from_db()
    assert other.valid_to is None
    _, reverted = import_undo.undo(batch, by=officer, reason="잘못된 파일", on=ON, at=AT)
    assert reverted == closed
    assert not Benefit.objects.exclude(valid_to=None).exists()


def test_does_not_end_what_a_rejected_row_names(officer, people):
    Benefit.objects.create(person=people["lee"], category="basic_pension", valid_from=dt.date(2014, 7, 1))
    batch = answered(staged([KIM, row(LEE, 급여종류="기초연금", 급여개시일="2014-13-01")], officer), officer, "all")
    assert parts(batch) == {"added": 1, "rejected": 1, "skipped": 1}


def test_says_who_cannot_be_found_and_why(officer, people):
    f.PersonFactory(name="김영수", birth_on=dt.date(1948, 3, 1), sex="M", dong=people["kim"].dong, address="화랑로 1",
                    match_key=people["kim"].match_key, household=None, mobile="")  # fmt: skip
    Person.objects.filter(pk=people["far"].pk).update(status="deceased")
    rows = [
        KIM,
        row(KIM, 주소="", 연번=2),
        row(KIM, 성명="없는이"),
        row(KIM, 성명="박말자", 생년월일="1945-05-05", 성별="여"),
        row(LEE, 급여종류="알 수 없는 급여"),
        row(LEE, 급여개시일="2015-01-05", 급여종료일="2014-12-31"),
        LEE,
        LEE,
    ]
    batch = staged(rows, officer)
    codes = {issue.row: issue.code for issue in batch.issues.filter(level="reject")}
    assert codes == {
        3: "AMBIGUOUS_PERSON",
        4: "UNKNOWN_PERSON",
        5: "PERSON_DIED",
        6: "UNKNOWN_BENEFIT",
        7: "BAD_PERIOD",
        9: "DUP_EXACT",
    }
    assert parts(batch) == {"added": 2, "rejected": 6, "skipped": 1}
    assert all(issue.message for issue in batch.issues.all())


def test_goes_back_while_nothing_came_later(officer, people):
    first = applied([KIM, LEE], officer)
    second = applied([row(KIM, 급여종료일="2014-12-31")], officer)
    with pytest.raises(CannotUndo):
        import_undo.undo(first, by=officer, reason="잘못", on=ON, at=AT)
    import_undo.undo(second, by=officer, reason="잘못", on=ON, at=AT)
    assert Benefit.objects.get(person=people["kim"]).valid_to is None
    batch, reverted = import_undo.undo(first, by=officer, reason="잘못", on=ON, at=AT)
    assert (batch.state, reverted) == ("undone", 2)
    assert not Benefit.objects.exists()


def test_stops_when_the_register_changed_after_the_preview(officer, people):
    batch = staged([KIM], officer)
    Benefit.objects.create(person=people["kim"], category="basic_pension", valid_from=dt.date(2014, 7, 1))
    batch = list_import.begin_applying(batch, by=officer)
    with pytest.raises(list_import.StalePreview):
        list_import.apply(batch, by=officer, on=ON, at=AT)
    batch = list_import.back_to_preview(batch, on=ON)
    assert parts(batch) == {"unchanged": 1, "skipped": 1}


def test_is_recognised_by_its_headings(officer, people):
    assert staged([KIM], officer, kind="").kind == "benefits"
    plain = ["성명", "생년월일", "성별", "행정동", "주소", "휴대전화", "복지급여"]
    rows = [["김영수", "1948-03-01", "남", "장위1동", "돌곶이로 40길 8", "010-1234-5678", "기초연금"]]
    assert staged(rows, officer, head=plain, kind="").kind == "residents"
    assert staged(rows, officer, head=plain, kind="", name="수급자 명부.xlsx").kind == "benefits"


def test_can_be_read_as_another_kind(officer, people):
    batch = staged([KIM], officer, kind="residents")
    assert batch.counts["unchanged"] + batch.counts["changed"] == 1
    batch = list_import.remap(batch, {}, kind="benefits", by=officer, at=AT)
    batch = list_import.stage(batch, on=ON)
    assert parts(batch) == {"added": 1, "skipped": 1}


def test_leaves_no_table_behind(officer, people):
    applied([KIM], officer)
    list_import.cancel(staged([LEE], officer))
    assert drop_strays(set()) == 0
    assert not ListStage("1_00").is_there()


def test_keeps_to_the_dongs_the_clerk_answers_for(officer, people, dong, monkeypatch):
    monkeypatch.setattr(list_import, "_allowed_dongs", lambda scope: {dong.pk})
    batch = staged([KIM, row(KIM, 성명="박말자", 생년월일="1945-05-05", 성별="여", 행정동="", 주소="")], officer)
    assert parts(batch) == {"added": 1, "rejected": 1, "skipped": 1}
    assert batch.issues.get(level="reject").code == "OTHER_DONG"
