"""Lists of facilities, groups and activists: read, compared with the register, applied, taken back."""

import datetime as dt

import pytest

from centers import facilities
from centers.models import Facility
from governance import groups
from governance.models import Activist, Organisation
from planners.lists import import_answers, import_errors, import_files, import_undo, list_import, list_kinds
from planners.lists.list_kinds import CannotUndo
from tests import factories as f

from . import dirt

HEAD = ["No", "시설명", "시설 유형", "관할동", "소재지", "대표전화", "정원(명)", "인가일"]
GROUP_HEAD = ["단체명", "단체구분", "동", "대표자", "연락처", "회원수", "연락 동의", "동의일", "비고"]
ON, AT = f.TODAY, f.NOW
DAY = dt.date(2015, 1, 10)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


def staged(rows, by, head=HEAD, title="복지시설 현황", kind="", sheet="시설"):
    kept = import_files.keep([dirt.xlsx({sheet: [[title], ["기준일: 2015. 1. 10."], head, *rows]})])
    batch = list_import.receive(kept, file_name="목록.xlsx", kind=kind, by=by, at=AT, extracted_on=DAY)
    return list_import.stage(batch, on=ON)


def apply(batch, by):
    return list_import.apply(list_import.begin_applying(batch, by=by), by=by, on=ON, at=AT)


def parts(batch):
    assert sum(batch.counts[name] for name in import_answers.PARTS) == batch.counts["rows"]
    return {
        name: batch.counts[name]
        for name in (*import_answers.PARTS, "closed")
        if batch.counts[name] and name != "skipped"
    }


def codes(batch):
    return list(batch.issues.filter(level="reject").order_by("row").values_list("row", "code"))


ROWS = [
    [1, "장위 경로당", "노인정", "장위제1동", "장위로 21길 14", "923-4567", "30명", "2010.3.2"],
    [2, "새싹어린이집", "어린이집", "장위1", "돌곶이로 8", "02-921-0000", 45, "'12.03.01"],
    [3, "월곡 지역아동센터", "지역아동센터", "월곡1동주민센터", "", "", "", ""],
    ["", "합계", "", "", "", "", 75, ""],
]


def test_knows_a_list_of_facilities_by_its_header(officer, dong, other_dong):
    batch = staged(ROWS, officer)
    assert batch.kind == "facilities"
    assert parts(batch) == {"added": 3}


def test_puts_every_row_into_the_register_in_normal_form(officer, dong, other_dong):
    apply(staged(ROWS, officer), officer)
    first = Facility.objects.get(name="장위 경로당")
    assert (first.kind, first.dong, first.phone, first.capacity) == ("senior_center", dong, "02-923-4567", 30)
    assert first.valid_from == dt.date(2010, 3, 2)
    assert Facility.objects.get(name="월곡 지역아동센터").valid_from == DAY
    assert facilities.by_dong(Facility.WELFARE, on=ON).total.total.count == 3


def test_changes_nothing_when_the_same_file_comes_again(officer, dong, other_dong):
    apply(staged(ROWS, officer), officer)
    again = staged(ROWS, officer)
    assert parts(again) == {"unchanged": 3}
    apply(again, officer)
    assert set(Facility.objects.values_list("version", flat=True)) == {1}


def test_changes_what_differs_and_leaves_what_is_blank(officer, dong, other_dong):
    apply(staged(ROWS, officer), officer)
    row = [1, "장위 경로당", "경로당", "장위1동", "", "", 40, ""]
    batch = apply(staged([row], officer), officer)
    facility = Facility.objects.get(name="장위 경로당")
    assert parts(batch) == {"changed": 1}
    assert (facility.capacity, facility.address, facility.changed_by) == (40, "장위로 21길 14", officer)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({1: ""}, "REQUIRED"),
        ({2: "우주정거장"}, "UNKNOWN_WORD"),
        ({3: ""}, "RECORD_DONG"),
        ({3: "장위9동"}, "UNKNOWN_DONG"),
        ({3: "장위동"}, "AMBIGUOUS_DONG"),
        ({5: "전화없음123"}, "BAD_PHONE"),
        ({6: "많음"}, "BAD_NUMBER"),
        ({7: "2014.13.1"}, "BAD_DATE"),
    ],
)
def test_says_what_is_wrong_with_a_row(officer, dong, cells, code):
    row = list(ROWS[0])
    for at, value in cells.items():
        row[at] = value
    batch = staged([ROWS[1], row], officer)
    assert codes(batch) == [(5, code)]
    assert import_errors.workbook(batch).startswith(b"PK")


def test_takes_the_first_of_repeated_rows(officer, dong):
    other = [*ROWS[0][:6], 99, ""]
    assert codes(staged([ROWS[0], ROWS[0], other], officer)) == [(5, "DUP_EXACT"), (6, "DUP_CONFLICT")]


def test_closes_what_a_complete_list_does_not_name_only_when_told(officer, dong, other_dong):
    apply(staged(ROWS, officer), officer)
    batch = staged(ROWS[1:2], officer)
    assert parts(batch) == {"unchanged": 1}
    whole = staged([ROWS[1], [9, "둘째 경로당", "경로당", "장위1동", "", "", "", ""]], officer)
    whole = list_import.remap(whole, {}, answers={"absent": "dongs"}, by=officer, at=AT)
    whole = apply(list_import.stage(whole, on=ON), officer)
    assert parts(whole) == {"added": 1, "unchanged": 1, "closed": 1}
    assert Facility.objects.get(name="장위 경로당").valid_to == DAY
    assert Facility.objects.get(name="월곡 지역아동센터").valid_to is None
    import_undo.undo(whole, by=officer, reason="잘못", on=ON, at=AT)
    assert Facility.objects.get(name="장위 경로당").valid_to is None


def test_takes_a_list_back_unless_somebody_changed_a_record_since(officer, dong, other_dong):
    batch = apply(staged(ROWS, officer), officer)
    row = Facility.objects.get(name="장위 경로당")
    facilities.change(row, by=officer, at=AT, phone="02-111-2222")
    with pytest.raises(CannotUndo):
        import_undo.undo(batch, by=officer, reason="잘못", on=ON, at=AT)
    facilities.change(row, by=officer, at=AT, phone="02-923-4567")
    import_undo.undo(batch, by=officer, reason="잘못", on=ON, at=AT)
    assert Facility.objects.count() == 0


GROUPS = [
    ["장위 책모임", "독서모임", "장위1동", "홍길동", "010-1234-5678", "12명", "O", "2015.1.5", "화요일 저녁"],
    ["장위1동 새마을부녀회", "부녀회", "장위1동", "이순자", "", 31, "", "", ""],
]


def test_knows_a_list_of_groups_and_keeps_their_consent(officer, dong):
    batch = apply(staged(GROUPS, officer, head=GROUP_HEAD, title="단체 현황", sheet="단체"), officer)
    assert (batch.kind, parts(batch)) == ("groups", {"added": 2})
    club = Organisation.objects.get(kind="reading_club")
    assert (club.may_be_contacted, club.consent_on, club.members) == (True, dt.date(2015, 1, 5), 12)
    assert Organisation.objects.get(kind="womens_association").may_be_contacted is None
    assert groups.by_dong(on=ON).total.total.count == 1


def test_refuses_a_consent_without_a_day(officer, dong):
    row = [*GROUPS[0][:7], "", ""]
    assert codes(staged([GROUPS[1], row], officer, head=GROUP_HEAD, title="단체 현황")) == [(5, "CONSENT_DAY")]


def test_reads_activists_without_showing_who_was_not_asked(officer, dong):
    head = ["성명", "활동가구분", "행정동", "활동분야", "연락처", "연락동의", "동의일"]
    rows = [
        ["서동주", "마을활동가", "장위1동", "마을만들기", "010-2222-3333", "", ""],
        ["민가람", "풀뿌리", "장위1동", "환경", "", "O", "2015-01-02"],
    ]
    batch = staged(rows, officer, head=head, title="개인 활동가 현황", sheet="활동가")
    assert (batch.kind, parts(batch)) == ("activists", {"added": 2})
    kind = list_kinds.kind_of(batch)
    assert [n.name for n in kind.newcomers(batch, kind.stage_of(batch))] == ["서○주", "민가람"]
    apply(batch, officer)
    assert Activist.objects.count() == 2
