"""Births and pregnancies: matched to households, targets before and after birth, taken back."""

import datetime as dt

import pytest

from common.months import Month
from planners import programmes
from planners.lists import import_answers, import_files, import_undo, list_import
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_reading import drop_strays
from planners.models import Coverage, Household, Person, Pregnancy, Programme, Target, TargetRule
from planners.residents import match_key
from tests import factories as f

from . import dirt

ON, AT = f.TODAY, f.NOW
CLINIC = ["연번", "임산부명", "생년월일", "주소", "연락처", "분만예정일", "출산일", "고위험여부", "등록일"]
KIM = [1, "김은정", "1985.4.2", "장위로 3", "010-1111-2222", "2015.5.20", "", "다문화", "2015-01-05"]
BABIES = ["연번", "출생아성명", "생년월일", "성별", "행정동", "주소", "모 성명", "모 생년월일", "신고일"]
BABY = [1, "박하늘", "2015-01-02", "여", "장위1동", "장위로 3", "김은정", "850402", "2015-01-08"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())


@pytest.fixture
def mother(dong):
    birth = dt.date(1985, 4, 2)
    home = f.HouseholdFactory(dong=dong, tong=3, ban=1, address="장위로 3", address_detail="")
    key = match_key("김은정", birth, "F")
    return f.PersonFactory(name="김은정", birth_on=birth, sex="F", dong=dong, tong=3, ban=1, household=home, match_key=key,
                           address="장위로 3", mobile="010-1111-2222")  # fmt: skip


def staged(head, rows, by, kind="births", title=""):
    above = [[title]] if title else []
    kept = import_files.keep([dirt.xlsx({"명부": [*above, head, *rows]})])
    batch = list_import.receive(kept, file_name="1월.xlsx", kind=kind, by=by, at=AT, extracted_on=ON)
    return list_import.stage(batch, on=ON)


def applied(head, rows, by, **given):
    batch = list_import.begin_applying(staged(head, rows, by, **given), by=by)
    return list_import.apply(batch, by=by, on=ON, at=AT)


def parts(batch):
    return {name: batch.counts[name] for name in import_answers.PARTS if batch.counts[name]}


def changed(head, row, **cells):
    row = list(row)
    for heading, value in cells.items():
        row[head.index(heading)] = value
    return row


def rules(dong):
    child = Programme.objects.create(key="child", name="우리아이 복지플래너", short_name="아이", order=2)
    Coverage.objects.create(programme=child, dong=dong, reach="universal", valid_from=dt.date(2014, 1, 1))
    for key, kind, parameters in [
        ("pregnancy_20_weeks", TargetRule.Kind.PREGNANCY_WEEKS, {"weeks": 20, "until_weeks": 38}),
        ("after_birth_28_days", TargetRule.Kind.AFTER_BIRTH, {"from_days": 15, "to_days": 28}),
        ("newborn", TargetRule.Kind.BIRTH, {"from_days": 15, "to_days": 28}),
    ]:
        f.TargetRuleFactory(programme=child, key=key, kind=kind, parameters=parameters, title=key)


def test_makes_a_pregnancy_and_both_its_targets(officer, mother, dong):
    rules(dong)
    batch = applied(CLINIC, [KIM], officer)
    assert parts(batch) == {"added": 1, "skipped": 1}
    pregnancy = Pregnancy.objects.get()
    assert (pregnancy.person, pregnancy.expected_on, pregnancy.risk_groups) == (
        mother,
        dt.date(2015, 5, 20),
        ["다문화"],
    )
    assert pregnancy.reported_on == dt.date(2015, 1, 5)
    programmes.extract_targets(Month(2015, 1), by=None, at=AT)
    assert Target.objects.get().rule.key == "pregnancy_20_weeks"
    batch = applied(CLINIC, [changed(CLINIC, KIM, 분만예정일="2015-01-20", 출산일="2015-01-10")], officer)
    assert parts(batch)["added"] == 1, "an expected day four months apart is another pregnancy"
    programmes.extract_targets(Month(2015, 1), by=None, at=AT)
    assert Target.objects.filter(rule__key="after_birth_28_days").count() == 1


def test_changes_nothing_the_second_time_and_corrects_what_differs(officer, mother):
    applied(CLINIC, [KIM], officer)
    assert parts(applied(CLINIC, [KIM], officer)) == {"unchanged": 1, "skipped": 1}
    batch = applied(CLINIC, [changed(CLINIC, KIM, 분만예정일="2015-05-27", 고위험여부="")], officer)
    assert parts(batch) == {"changed": 1, "skipped": 1}
    pregnancy = Pregnancy.objects.get()
    assert (pregnancy.expected_on, pregnancy.risk_groups) == (dt.date(2015, 5, 27), ["다문화"])
    import_undo.undo(batch, by=officer, reason="잘못", on=ON, at=AT)
    assert Pregnancy.objects.get().expected_on == dt.date(2015, 5, 20)


def test_reckons_the_day_from_weeks_and_lets_weeks_correct_nothing(officer, mother):
    head = ["성명", "생년월일", "임신주수", "전화번호"]
    applied(head, [["김은정", "1985-04-02", "20주", "010-1111-2222"]], officer)
    assert Pregnancy.objects.get().expected_on == ON + dt.timedelta(days=140)
    batch = applied(head, [["김은정", "1985-04-02", 21, "010-1111-2222"]], officer)
    assert parts(batch) == {"unchanged": 1, "skipped": 1}


def test_adds_a_baby_to_the_mothers_household_and_tells_her_pregnancy(officer, mother):
    Pregnancy.objects.create(person=mother, expected_on=dt.date(2015, 1, 9), reported_on=dt.date(2014, 9, 1))
    batch = applied(BABIES, [changed(BABIES, BABY, 행정동="", 주소="")], officer)
    assert parts(batch) == {"added": 1, "skipped": 1}
    baby = Person.objects.get(name="박하늘")
    assert (baby.household, baby.dong, baby.tong, baby.relation) == (mother.household, mother.dong, 3, "자녀")
    assert baby.register_events.get().kind == "born"
    assert Pregnancy.objects.get().delivered_on == dt.date(2015, 1, 2)
    assert parts(applied(BABIES, [BABY], officer)) == {"unchanged": 1, "skipped": 1}
    batch, reverted = import_undo.undo(batch, by=officer, reason="잘못된 명부", on=ON, at=AT)
    assert reverted == 2
    assert not Person.objects.filter(name="박하늘").exists()
    assert Pregnancy.objects.get().delivered_on is None
    assert Household.objects.filter(pk=mother.household_id).exists()


def test_takes_twins_for_two_babies_of_one_birth(officer, mother, dong):
    rules(dong)
    Pregnancy.objects.create(person=mother, expected_on=dt.date(2015, 1, 9), reported_on=dt.date(2014, 9, 1))
    batch = applied(BABIES, [BABY, changed(BABIES, BABY, 출생아성명="박바다", 성별="남")], officer)
    assert parts(batch) == {"added": 2, "skipped": 1}
    programmes.extract_targets(Month(2015, 1), by=None, at=AT)
    assert [target.person for target in Target.objects.all()] == [mother]


def test_adds_a_baby_whose_mother_is_unknown_by_its_own_address(officer, dong):
    batch = applied(BABIES, [changed(BABIES, BABY, **{"모 성명": "이모름"})], officer)
    assert parts(batch) == {"added": 1, "skipped": 1}
    assert Person.objects.get().household.address == "장위로 3"


def test_says_what_is_wrong(officer, mother):
    rows = [
        KIM,
        changed(CLINIC, KIM, 임산부명="없는이"),
        changed(CLINIC, KIM, 분만예정일="", 주소="장위로 4"),
        changed(CLINIC, KIM, 분만예정일="2015-05-20", 출산일="2014-10-01"),
        changed(CLINIC, KIM, 분만예정일="2019-05-20"),
    ]
    batch = staged(CLINIC, rows, officer)
    codes = {issue.row: issue.code for issue in batch.issues.filter(level="reject")}
    assert codes == {3: "UNKNOWN_PERSON", 4: "REQUIRED", 5: "BAD_DELIVERY", 6: "BAD_DATE"}
    baby = staged(BABIES, [changed(BABIES, BABY, 행정동="", 주소="", **{"모 성명": ""})], officer)
    assert baby.issues.get(level="reject").code == "NO_HOME"


def test_is_not_taken_back_once_a_visit_waits(officer, mother, dong):
    rules(dong)
    batch = applied(CLINIC, [KIM], officer)
    programmes.extract_targets(Month(2015, 1), by=None, at=AT)
    with pytest.raises(CannotUndo, match="대상 명단"):
        import_undo.undo(batch, by=officer, reason="잘못", on=ON, at=AT)


def test_is_recognised_by_its_headings(officer, mother):
    assert staged(CLINIC, [KIM], officer, kind="").kind == "births"
    assert staged(BABIES, [BABY], officer, kind="").kind == "births"
