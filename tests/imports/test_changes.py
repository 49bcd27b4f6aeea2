"""A list of register changes: every row an act of the register; visits and targets react, past figures stand."""

import datetime as dt

import pytest
from django.conf import settings

from centers import rollups
from common.months import Month
from planners import reference, residents
from planners.lists import import_answers, import_files, import_undo, list_import
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_reading import drop_strays
from planners.models import Person, Pregnancy, RegisterEvent, Target, TargetRule, Visit
from planners.residents import match_key
from tests import factories as f

from . import dirt

ON, AT = f.TODAY, f.NOW
HEAD = ["연번", "변동구분", "변동일", "성명", "생년월일", "성별", "행정동", "주소", "전출지"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())


@pytest.fixture
def kim(dong, other_dong):
    birth = dt.date(1950, 1, 20)
    home = f.HouseholdFactory(dong=dong, address="장위로 3", address_detail="")
    return f.PersonFactory(name="김영수", birth_on=birth, sex="M", dong=dong, household=home, address="장위로 3", mobile="",
                           match_key=match_key("김영수", birth, "M"))  # fmt: skip


def line(
    change, on="2015-01-05", name="김영수", birth="1950-01-20", sex="남", dong="장위1동", address="장위로 3", where=""
):
    return ["", change, on, name, birth, sex, dong, address, where]


def staged(rows, by, kind="changes", head=HEAD, title=""):
    above = [[title]] if title else []
    kept = import_files.keep([dirt.xlsx({"목록": [*above, head, *rows]})])
    batch = list_import.receive(kept, file_name="1월.xlsx", kind=kind, by=by, at=AT, extracted_on=ON)
    return list_import.stage(batch, on=ON)


def applied(rows, by, **given):
    batch = list_import.begin_applying(staged(rows, by, **given), by=by)
    return list_import.apply(batch, by=by, on=ON, at=AT)


def parts(batch):
    return {name: batch.counts[name] for name in import_answers.PARTS if batch.counts[name]}


def undone(batch, by):
    return import_undo.undo(batch, by=by, reason="잘못된 명부", on=ON, at=AT)


def test_lets_people_in_out_and_within(officer, kim, other_dong):
    rows = [
        line("전입", name="박새롬", birth="1991-02-03", sex="여", address="장위로 77"),
        line("출생신고", name="박하늘", birth="2015-01-03", sex="여", address="장위로 77"),
        line("전출", where="부산광역시"),
    ]
    batch = applied(rows, officer)
    assert parts(batch) == {"added": 2, "changed": 1, "skipped": 1}
    new, baby = Person.objects.get(name="박새롬"), Person.objects.get(name="박하늘")
    assert new.household == baby.household
    assert new.memberships.get().valid_from == dt.date(2015, 1, 5)
    assert baby.register_events.get().kind == "born"
    kim.refresh_from_db()
    assert (kim.status, kim.status_on) == ("moved", dt.date(2015, 1, 5))
    assert RegisterEvent.objects.get(person=kim).detail["where"] == "부산광역시"


def test_changes_nothing_the_second_time(officer, kim):
    rows = [line("전출"), line("전입", name="박새롬", birth="1991-02-03", sex="여")]
    applied(rows, officer)
    events = RegisterEvent.objects.count()
    batch = applied(rows, officer)
    assert parts(batch) == {"unchanged": 2, "skipped": 1}
    assert RegisterEvent.objects.count() == events


def test_ends_targets_and_visits_at_once_and_brings_them_back(officer, kim, pair):
    target = f.TargetFactory(person=kim, dong=kim.dong)
    visit = f.standing_visit(pair, target=target)
    batch = applied([line("사망")], officer)
    target.refresh_from_db()
    visit.refresh_from_db()
    assert (target.state, visit.state) == ("deceased", "cancelled")
    assert not visit.staff.filter(is_active=True).exists()
    undone(batch, officer)
    kim.refresh_from_db()
    target.refresh_from_db()
    assert (kim.status, target.state) == ("resident", "open")
    assert Visit.objects.open().filter(target=target).count() == 1


def test_takes_targets_along_to_the_new_dong_and_back(officer, kim, dong, other_dong):
    target = f.TargetFactory(person=kim, dong=dong)
    batch = applied([line("전입", dong="월곡1동", address="월곡로 9")], officer)
    assert parts(batch) == {"moved": 1, "skipped": 1}
    kim.refresh_from_db()
    target.refresh_from_db()
    assert (kim.dong, target.dong, kim.household.address) == (other_dong, other_dong, "월곡로 9")
    undone(batch, officer)
    kim.refresh_from_db()
    target.refresh_from_db()
    assert (kim.dong, target.dong, kim.household.address) == (dong, dong, "장위로 3")


def test_keeps_the_order_of_the_days_not_of_the_rows(officer, kim):
    rows = [
        line("사망", on="2015-01-09", name="박새롬", birth="1941-02-03", sex="여"),
        line("전입", on="2015-01-05", name="박새롬", birth="1941-02-03", sex="여"),
    ]
    batch = applied(rows, officer)
    assert parts(batch) == {"added": 1, "changed": 1, "skipped": 1}
    assert Person.objects.get(name="박새롬").status == "deceased"
    undone(batch, officer)
    assert not Person.objects.filter(name="박새롬").exists()


def test_brings_back_who_had_left_under_the_same_record(officer, kim, social):
    residents.move_out(kim, on=dt.date(2014, 12, 1), by=social, at=AT)
    batch = applied([line("전입", dong="장위1동", address="장위로 8")], officer)
    assert parts(batch) == {"moved": 1, "skipped": 1}
    kim.refresh_from_db()
    assert (kim.status, kim.household.address) == ("resident", "장위로 8")
    undone(batch, officer)
    kim.refresh_from_db()
    assert (kim.status, kim.status_on) == ("moved", dt.date(2014, 12, 1))


def test_leaves_doubtful_changes_to_people(officer, kim, social):
    residents.move_within(
        kim, residents.Residence(kim.dong, address="장위로 5"), on=dt.date(2015, 1, 12), by=social, at=AT
    )
    rows = [
        line("전출", on="2015-01-05"),
        line("사망", name="없는이"),
        line("이혼"),
        line("전출", on="2015-02-30"),
        line("전출", on=""),
        line("전출", on="1949-01-01"),
        line("전입", name="박새롬", birth="1991-02-03", dong="", address=""),
    ]
    batch = staged(rows, officer)
    codes = {issue.row: issue.code for issue in batch.issues.filter(level="reject")}
    assert codes == {
        2: "LATER_CHANGE", 3: "UNKNOWN_PERSON", 4: "UNKNOWN_WORD", 5: "BAD_DATE", 6: "REQUIRED", 7: "BEFORE_BIRTH", 8: "REQUIRED",
    }  # fmt: skip
    assert parts(batch) == {"rejected": 7, "skipped": 1}


def test_leaves_the_dead_alone(officer, kim, social):
    residents.died(kim, on=dt.date(2015, 1, 2), by=social, at=AT)
    batch = staged([line("사망"), line("전입")], officer)
    assert parts(batch) == {"unchanged": 1, "rejected": 1, "skipped": 1}
    assert batch.issues.get(level="reject").code == "PERSON_DIED"


def test_takes_the_change_from_the_title(officer, kim):
    head = ["성명", "생년월일", "성별", "전출일", "행정동"]
    batch = applied(
        [["김영수", "1950-01-20", "남", "2015.1.5", "장위1동"]], officer, head=head, title="2015년 1월 전출자 명부"
    )
    assert parts(batch) == {"changed": 1, "skipped": 2}
    kim.refresh_from_db()
    assert kim.status == "moved"


def test_is_not_taken_back_once_somebody_was_changed_again(officer, kim, social):
    batch = applied([line("전출")], officer)
    residents.restore(kim, reason="잘못된 전출", on=ON, by=social, at=AT)
    with pytest.raises(CannotUndo):
        undone(batch, officer)


def test_leaves_past_months_as_they_were(officer, kim, dong):
    november = Month(2014, 11)
    day = november.first
    target = f.TargetFactory(person=kim, dong=dong, month=day, release_on=day, due_on=november.last)
    before = rollups.count_month(november)
    assert any(before.values())
    applied([line("전출", on="2014-11-20")], officer)
    target.refresh_from_db()
    assert target.state == Target.State.MOVED
    assert rollups.count_month(november) == before


def test_is_recognised_by_its_headings(officer, kim):
    assert staged([line("전출")], officer, kind="").kind == "changes"
    plain = ["성명", "생년월일", "성별", "행정동", "주소", "전입일"]
    rows = [["김영수", "1950-01-20", "남", "장위1동", "장위로 3", "2010-01-01"]]
    assert staged(rows, officer, head=plain, kind="").kind == "residents"


@pytest.fixture
def expecting(dong):
    """A woman of the register whose visit before birth waits."""
    reference.load(settings.BASE_DIR / "fixtures" / "reference")
    birth = dt.date(1985, 5, 5)
    home = f.HouseholdFactory(dong=dong, address="장위로 21길 8", address_detail="")
    mother = f.PersonFactory(name="조수민", birth_on=birth, sex="F", dong=dong, household=home, address="장위로 21길 8",
                             match_key=match_key("조수민", birth, "F"))  # fmt: skip
    pregnancy = Pregnancy.objects.create(person=mother, expected_on=ON, reported_on=dt.date(2014, 10, 1))
    rule = TargetRule.objects.get(key="pregnancy_20_weeks")
    return mother, pregnancy, f.TargetFactory(person=mother, rule=rule, occurrence=f"p{pregnancy.pk}")


NEWBORN = line("출생", on="2015-01-10", name="조하늘", birth="2015-01-10", sex="여", address="장위로 21길 8")


def test_welcomes_a_baby_as_a_birth_at_the_counter_does(officer, expecting):
    mother, pregnancy, waiting = expecting
    applied([NEWBORN], officer)
    baby = Person.objects.get(name="조하늘")
    pregnancy.refresh_from_db()
    waiting.refresh_from_db()
    assert (baby.household, pregnancy.delivered_on) == (mother.household, dt.date(2015, 1, 10))
    assert waiting.state == "aged_out"
    assert Target.objects.open().get(person__in=[mother, baby]).due_on == dt.date(2015, 2, 7)


def test_takes_a_birth_back_with_what_it_set_in_motion(officer, expecting):
    _, pregnancy, waiting = expecting
    batch = applied([NEWBORN], officer)
    undone(batch, officer)
    pregnancy.refresh_from_db()
    waiting.refresh_from_db()
    assert (pregnancy.delivered_on, waiting.state) == (None, "open")
    assert not Person.objects.filter(name="조하늘").exists()
    assert list(Target.objects.open()) == [waiting]


def test_leaves_a_birth_whose_visit_is_promised(officer, expecting):
    batch = applied([NEWBORN], officer)
    Visit.objects.filter(target__in=Target.objects.open()).update(state="cancelled")
    assert "산후 방문 1건" in import_undo.obstacles(batch)
    with pytest.raises(CannotUndo):
        undone(batch, officer)
