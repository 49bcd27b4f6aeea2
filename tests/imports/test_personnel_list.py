"""A list of personnel orders: what it does to accounts, from a messy file to taking it back."""

import datetime as dt

import pytest

from centers.access import Scope
from centers.models import Posting, PostingRequest, User
from planners.lists import import_answers, import_errors, import_files, import_pages, import_undo, list_import
from planners.lists.list_kinds import CannotUndo
from tests import factories as f

from . import dirt

HEAD = ["연번", "사 번", "성명", "직급", "직렬", "발령일", "발령\n내용", "소속", "직위", "역할", "비고"]
DAY = "2015. 2. 1."
ON, AT = f.TODAY, f.NOW
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


@pytest.fixture
def staff(dong, other_dong, social, nurse):
    for user, number in ((social, "S2010007"), (nurse, "S2012003")):
        user.employee_number = number
        user.save()
    f.team(other_dong)
    return social, nurse


def order(number, name, act, place="장위1동 복지1팀", role="", title="주무관", series="사회복지", day=DAY, note=""):
    return [1, number, name, "8급", series, day, act, place, title, role, note]


def staged(rows, by, head=HEAD, title="성북구 인사발령", kind="staff", name="발령.xlsx"):
    kept = import_files.keep([dirt.xlsx({"발령": [[title], head, *rows]})])
    batch = list_import.receive(kept, file_name=name, kind=kind, by=by, at=AT)
    return list_import.stage(batch, on=ON)


def apply(batch, by):
    return list_import.apply(list_import.begin_applying(batch, by=by), by=by, on=ON, at=AT)


def parts(batch):
    assert sum(batch.counts[name] for name in import_answers.PARTS) == batch.counts["rows"]
    return {name: batch.counts[name] for name in import_answers.PARTS if batch.counts[name]}


def codes(batch, level="reject"):
    return list(batch.issues.filter(level=level).order_by("row").values_list("row", "code"))


def on(day):
    return dt.date(2015, *day)


def test_makes_moves_and_ends_accounts_on_their_day(officer, staff):
    social, nurse = staff
    batch = staged(
        [
            order("s2015001", "민서연", "신규임용", series="간호", title="간호사"),
            order("S2010007", social.name, "전보", place="성북구 월곡제1동 주민센터"),
            order("S2012003", nurse.name, "의원면직", place="", day="15.2.10"),
        ],
        officer,
        kind="",
    )
    assert batch.kind == "staff"
    assert parts(batch) == {"added": 1, "changed": 1, "moved": 1, "skipped": 2}
    apply(batch, officer)
    new = User.objects.get(employee_number="S2015001")
    assert (new.username, new.has_usable_password()) == ("s2015001", False)
    assert [p.role for p in Scope.of(new, on((2, 1))).postings] == ["PN"]
    assert new.postings.get().team.name == "복지1팀"
    places = [Scope.of(social, on(day)).dong.name for day in ((1, 31), (2, 1))]
    assert places == ["장위1동", "월곡1동"]
    assert [bool(Scope.of(nurse, on((2, day))).roles) for day in (9, 10)] == [True, False]


def test_changes_nothing_when_the_same_file_comes_again(officer, staff):
    social, nurse = staff
    rows = [order("S2015001", "민서연", "신규"), order("S2010007", social.name, "전보", place="월곡1동"),
            order("S2012003", nurse.name, "휴직", place="")]  # fmt: skip
    apply(staged(rows, officer), officer)
    count = Posting.objects.count()
    again = staged(rows, officer)
    assert parts(again) == {"unchanged": 3, "skipped": 2}
    apply(again, officer)
    assert Posting.objects.count() == count


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (order("", "민서연", "신규"), "REQUIRED"),
        (order("S-!", "민서연", "신규"), "BAD_EMPLOYEE_NUMBER"),
        (order("S2015001", "민서연", "신규", day="2015. 2. 30."), "BAD_DATE"),
        (order("S2015001", "민서연", "신규", day=""), "REQUIRED"),
        (order("S2015001", "민서연", "파이팅"), "UNKNOWN_WORD"),
        (order("S2015001", "민서연", "신규", place="종로동"), "UNKNOWN_PLACE"),
        (order("S2015001", "민서연", "신규", place=""), "REQUIRED"),
        (order("S2015001", "민서연", "신규", series="행정"), "ROLE_MISSING"),
        (order("S2015001", "민서연", "신규", role="우주비행사"), "UNKNOWN_WORD"),
        (order("S2015001", "민서연", "전보"), "UNKNOWN_PERSON"),
        (order("S2015001", "민서연", "퇴직"), "UNKNOWN_PERSON"),
        (order("S2015001", "박현숙", "신규"), "NUMBER_MISSING"),
        (order("S2015001", "민서연", "신규", place="복지정책과", role="팀장"), "PLACE_MISSING"),
        (order("S2010007", "오세진", "전보", day="2013. 5. 1."), "ORDER_TOO_EARLY"),
    ],
)
def test_says_what_is_wrong_with_an_order(officer, staff, lead, row, code):
    batch = staged([order("S2012003", "한지은", "승진"), row], officer)
    assert codes(batch) == [(4, code)]
    assert batch.issues.get(level="reject").message.endswith(".")
    assert import_errors.workbook(batch).startswith(b"PK")


def test_makes_an_account_for_a_stranger_when_a_reason_is_given(officer, staff):
    batch = staged([order("S2015009", "조하린", "전보", role="복지플래너(사회복지)", note="강북구에서 옴")], officer)
    assert parts(batch)["added"] == 1


def test_leaves_rights_over_the_district_to_a_second_person(officer, staff):
    social, _ = staff
    batch = staged([order("S2010007", social.name, "전보", place="복지정책과", role="데이터 담당")], officer)
    assert codes(batch, "warn") == [(3, "SECOND_PERSON")]
    apply(batch, officer)
    assert Scope.of(social, on((2, 1))).roles == ()
    assert PostingRequest.objects.get().user == social


def test_ends_the_rights_of_somebody_who_goes_where_the_system_is_not_used(officer, staff):
    social, _ = staff
    batch = staged([order("S2010007", social.name, "전보", place="행정지원과 인사팀")], officer)
    assert codes(batch, "warn") == [(3, "NO_ROLE_THERE")]
    apply(batch, officer)
    assert Scope.of(social, on((2, 1))).roles == ()
    assert User.objects.get(pk=social.pk).left_on is None


def test_takes_the_day_from_the_title_when_no_column_has_it(officer, staff):
    head = [h for h in HEAD if h != "발령일"]
    row = order("S2015001", "민서연", "신규")
    del row[HEAD.index("발령일")]
    apply(staged([row], officer, head=head, title="2015. 3. 2.자 인사발령"), officer)
    assert Posting.objects.get(user__employee_number="S2015001").valid_from == on((3, 2))


def test_lets_only_one_order_of_a_person_stand_on_a_day(officer, staff):
    rows = [
        order("S2015001", "민서연", "신규"),
        order("S2015001", "민서연", "신규"),
        order("S2015001", "민서연", "승진"),
    ]
    assert codes(staged(rows, officer)) == [(4, "DUP_EXACT"), (5, "DUP_CONFLICT")]


def in_turn(social):
    """Three orders of two people, the later ones first."""
    return [
        order("S2010007", social.name, "전보", place="장위1동", day="2015. 4. 1.", title="팀장"),
        order("S2015001", "민서연", "전보", place="월곡1동", day="2015. 3. 1."),
        order("S2015001", "민서연", "신규", day="2015. 2. 1."),
        order("S2010007", social.name, "전보", place="월곡1동", day="2015. 2. 1."),
    ]


def test_plans_orders_of_one_person_in_the_order_of_their_days(officer, staff):
    social, _ = staff
    postings = Posting.objects.count()
    batch = staged(in_turn(social), officer)
    assert parts(batch) == {"added": 1, "moved": 3, "skipped": 2}
    assert (Posting.objects.count(), User.objects.filter(employee_number="S2015001").count()) == (postings, 0)
    apply(batch, officer)
    new = User.objects.get(employee_number="S2015001")
    assert [Scope.of(new, on(day)).dong.name for day in ((2, 1), (3, 1))] == ["장위1동", "월곡1동"]
    places = [Scope.of(social, on(day)).dong.name for day in ((1, 31), (2, 1), (4, 1))]
    assert places == ["장위1동", "월곡1동", "장위1동"]
    assert Scope.of(social, on((4, 1))).roles == ("TL",)


def test_finds_orders_in_turn_carried_out_when_the_file_comes_again(officer, staff):
    apply(staged(in_turn(staff[0]), officer), officer)
    assert parts(staged(in_turn(staff[0]), officer)) == {"unchanged": 4, "skipped": 2}


@pytest.mark.parametrize("day", [ON, dt.date(2015, 2, 15), dt.date(2015, 5, 1)])
def test_takes_orders_in_turn_back_as_one(officer, staff, day):
    social, _ = staff
    batch = apply(staged(in_turn(social), officer), officer)
    import_undo.undo(batch, by=officer, reason="잘못된 파일", on=day, at=AT)
    after = max(day, on((2, 1)))
    assert (Scope.of(social, after).dong.name, Scope.of(social, after).roles) == ("장위1동", ("PS",))
    assert Scope.of(User.objects.get(username__startswith="s2015001"), day).roles == ()
    assert not User.objects.filter(employee_number="S2015001").exists()
    later = dt.date(2015, 12, 1)
    assert (Scope.of(social, later).dong.name, Scope.of(social, later).roles) == ("장위1동", ("PS",))


def test_ends_the_pair_of_somebody_who_moves_and_names_it_before(officer, staff, pair):
    social, _ = staff
    batch = staged([order("S2010007", social.name, "전보", place="월곡1동")], officer)
    assert codes(batch, "warn") == [(3, "PAIR_ENDS")]
    assert f"장위1동 {pair.name}" in batch.issues.get(code="PAIR_ENDS").message
    assert any(pair.name in text for text, _, _ in import_pages.remarks(batch))
    batch = apply(batch, officer)
    pair.refresh_from_db()
    assert pair.valid_to == on((2, 1))
    import_undo.undo(batch, by=officer, reason="잘못된 파일", on=ON, at=AT)
    pair.refresh_from_db()
    assert pair.valid_to is None


def test_leaves_a_pair_with_promised_visits_to_its_lead_and_says_so(officer, staff, pair):
    _, nurse = staff
    visit = f.VisitFactory(pair=pair, on=on((2, 10)), half="am", state="booked", starts_at=AT + dt.timedelta(27))
    batch = staged([order("S2012003", nurse.name, "휴직", place="")], officer)
    assert codes(batch, "warn") == [(3, "PAIR_STAYS")]
    assert "약속한 방문 1건" in batch.issues.get(code="PAIR_STAYS").message
    apply(batch, officer)
    pair.refresh_from_db()
    visit.refresh_from_db()
    assert (pair.valid_to, visit.pair) == (None, pair)


def test_keeps_the_pair_of_somebody_who_stays(officer, staff, pair):
    batch = staged([order("S2010007", staff[0].name, "승진", place="장위1동 복지2팀")], officer)
    assert codes(batch, "warn") == []
    apply(batch, officer)
    pair.refresh_from_db()
    assert pair.valid_to is None


def test_takes_a_file_back(officer, staff):
    social, _ = staff
    rows = [order("S2015001", "민서연", "신규"), order("S2010007", social.name, "전보", place="월곡1동", title="팀장")]
    batch = apply(staged(rows, officer), officer)
    import_undo.undo(batch, by=officer, reason="잘못된 파일", on=ON, at=AT)
    assert Scope.of(social, on((2, 1))).dong.name == "장위1동"
    assert not User.objects.get(username__startswith="s2015001").is_active
    assert parts(staged(rows, officer))["added"] == 1


def test_does_not_take_back_an_order_that_a_later_file_stands_on(officer, staff):
    social, _ = staff
    first = apply(staged([order("S2010007", social.name, "전보", place="월곡1동")], officer), officer)
    apply(staged([order("S2010007", social.name, "전보", place="장위1동", day="2015. 3. 1.")], officer), officer)
    with pytest.raises(CannotUndo):
        import_undo.undo(first, by=officer, reason="잘못된 파일", on=ON, at=AT)


def test_plans_a_long_list_with_as_many_questions_as_a_short_one(officer, staff, django_assert_max_num_queries):
    for n in range(60):
        user = f.UserFactory(name=f"직원{n}", employee_number=f"T{n:04d}")
        f.PostingFactory(user=user, dong=staff[0].postings.get().dong)
    rows = [order(f"T{n:04d}", f"직원{n}", "전보", place="월곡1동") for n in range(60)]
    with django_assert_max_num_queries(60):
        assert parts(staged(rows, officer))["moved"] == 60
