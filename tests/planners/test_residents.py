"""The resident register: acts that change it, and finding people in it."""

import datetime as dt
from urllib.parse import parse_qsl

import pytest

from common.encryption import blind_index
from planners import resident_search, residents
from planners.models import Household, Membership, Person, RegisterEvent, Target, Visit
from planners.residents import Residence
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def by(counsellor):
    return {"by": counsellor, "at": f.NOW}


@pytest.fixture
def arrived(dong, by):
    def arrive(name="정말순", birth_on=dt.date(1949, 3, 2), address="장위로 21길 8", detail="101호", **given):
        place = given.pop("residence", Residence(dong, 7, 2, address, detail))
        return residents.move_in(
            name=name, birth_on=birth_on, sex="F", residence=place, on=given.pop("on", f.TODAY), **by, **given
        )

    return arrive


# ------------------------------------------------------------------ acts


def test_moves_a_family_into_one_household(arrived):
    mother, son = arrived(relation="본인"), arrived("박준호", dt.date(1980, 1, 1), relation="자녀")
    assert mother.household == son.household
    assert [m.person for m in residents.household_on(mother.household, f.TODAY)] == [mother, son]
    assert mother.address == "장위로 21길 8, 101호"


def test_makes_the_search_keys_of_a_name(arrived):
    person = arrived("정 말순 ")
    assert (person.name, person.name_choseong, person.name_bigrams) == ("정 말순", "ㅈㅁㅅ", ["정말", "말순"])
    assert person.match_key == residents.match_key("정말순", person.birth_on, "F")
    assert person.match_key == blind_index("정말순19490302F", "person.match")


def test_asks_before_it_writes_somebody_twice_anywhere_in_the_district(arrived, other_dong):
    known = arrived(residence=Residence(other_dong, 1))
    with pytest.raises(residents.AlreadyThere) as refused:
        arrived()
    assert refused.value.people == [known]
    assert arrived(although_known=True) != known


def test_closes_the_household_and_every_target_when_somebody_dies(arrived, pair, by):
    person = arrived()
    visit = f.standing_visit(pair, person=person)
    residents.died(person, on=f.TODAY, **by)
    visit.refresh_from_db()
    assert (visit.state, visit.target.state) == ("cancelled", "deceased")
    assert Membership.objects.get(person=person).valid_to == f.TODAY
    assert residents.household_on(person.household, f.TODAY) == []
    assert RegisterEvent.objects.filter(person=person, kind="died").exists()
    with pytest.raises(residents.NotAResident):
        residents.move_out(person, on=f.TODAY, **by)


def test_takes_a_wrong_death_back_with_its_targets(arrived, by):
    person = arrived()
    target = f.TargetFactory(person=person)
    f.VisitFactory(target=target)
    residents.died(person, on=f.TODAY, **by)
    with pytest.raises(residents.ReasonMissing):
        residents.restore(person, reason="", on=f.TODAY, **by)
    residents.restore(person, reason="동명이인", on=f.TODAY, **by)
    target.refresh_from_db()
    assert (Person.objects.get().status, target.state) == ("resident", "open")
    assert Visit.objects.filter(target=target, state="pool").count() == 1
    assert Membership.objects.get(person=person).valid_to is None


def test_rebuilds_the_household_of_any_past_day(arrived, dong, by):
    person = arrived(on=f.TODAY)
    old = person.household
    residents.move_within(person, Residence(dong, 9, 1, "한천로 5", ""), on=f.TODAY + 30 * DAY, **by)
    assert [m.person for m in residents.household_on(old, f.TODAY + 29 * DAY)] == [person]
    assert residents.household_on(old, f.TODAY + 30 * DAY) == []
    new = Person.objects.get().household
    assert new.address == "한천로 5"
    assert [m.person for m in residents.household_on(new, f.TODAY + 30 * DAY)] == [person]


def test_takes_targets_into_the_new_dong(arrived, pair, other_dong, by):
    person = arrived()
    visit = f.standing_visit(pair, person=person)
    residents.move_within(person, Residence(other_dong, 3), on=f.TODAY, **by)
    visit.refresh_from_db()
    assert (visit.state, visit.dong, Target.objects.get().dong) == ("pool", other_dong, other_dong)


def test_returns_under_the_same_record(arrived, dong, by):
    person = arrived()
    residents.move_out(person, on=f.TODAY, where="경기도 고양시", **by)
    residents.move_back(person, Residence(dong, 4, 1, "돌곶이로 3", ""), on=f.TODAY + 90 * DAY, **by)
    person.refresh_from_db()
    assert (person.status, person.tong) == ("resident", 4)
    kinds = list(person.register_events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["moved_in", "moved_out", "moved_in"]


def test_calls_a_newborn_born_not_moved_in(arrived):
    baby = arrived("정하늘", f.TODAY - 9 * DAY)
    assert baby.register_events.get().kind == "born"


def test_corrects_with_both_values_in_the_history(arrived, by):
    person = arrived()
    with pytest.raises(residents.Stale):
        residents.correct(person, {"name": "정말숙"}, reason="오타", on=f.TODAY, version_seen=99, **by)
    residents.correct(person, {"name": "정말숙", "sex": "F"}, reason="오타", on=f.TODAY, version_seen=1, **by)
    person.refresh_from_db()
    assert (person.name, person.name_choseong, person.version) == ("정말숙", "ㅈㅁㅅ", 2)
    event = person.register_events.get(kind="corrected")
    assert event.detail == {"before": {"name": "정말순"}, "after": {"name": "정말숙"}, "reason": "오타"}
    assert person.history.count() == 1
    with pytest.raises(residents.NothingChanged):
        residents.correct(person, {"name": "정말숙"}, reason="오타", on=f.TODAY, **by)


def test_gives_people_without_an_address_a_household_each(arrived):
    one, two = arrived(address="", detail=""), arrived("김무명", address="", detail="")
    assert one.household != two.household
    assert Household.objects.count() == 2


# ------------------------------------------------------------------ finding


def found(query: str, **given) -> list[str]:
    words = resident_search.read(query, today=f.TODAY, **given)
    return [p.name for p in resident_search.find(Person.objects.all(), words).people]


@pytest.fixture
def town(dong, other_dong):
    home = f.HouseholdFactory(dong=dong, address="장위로 21길 8", address_detail="101호")
    f.PersonFactory(name="김영순", birth_on=dt.date(1950, 1, 20), dong=dong, household=home, mobile="010-1234-5678")
    f.PersonFactory(name="김영수", birth_on=dt.date(1948, 5, 3), dong=dong, tong=9, mobile="", phone="02-912-3456")
    f.PersonFactory(name="박영순", birth_on=dt.date(2001, 1, 20), dong=other_dong, mobile="010-9999-0000")
    f.PersonFactory(name="홍길동", birth_on=dt.date(1960, 7, 7), dong=other_dong, mobile="010-5678-1111")
    f.PersonFactory(name="Nguyen Thi Hoa", birth_on=dt.date(1990, 2, 2), dong=dong, mobile="010-5555-5678")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("김영순", ["김영순"]),
        ("김", ["김영수", "김영순"]),
        ("김영", ["김영수", "김영순"]),
        ("영순", ["김영순", "박영순"]),
        ("ㄱㅇㅅ", ["김영수", "김영순"]),
        ("ㅎㄱ", ["홍길동"]),
        ("홍길동", ["홍길동"]),
        ("nguyen", ["Nguyen Thi Hoa"]),
        ("1950-01-20", ["김영순"]),
        ("1950년 1월 20일", ["김영순"]),
        ("19500120", ["김영순"]),
        ("500120", ["김영순"]),
        ("50.1.20", ["김영순"]),
        ("010120", ["박영순"]),
        ("1950. 1. 20.", ["김영순"]),
        ("1950/1/20", ["김영순"]),
        ("1950.1.20생", ["김영순"]),
        ("50년 1월 20일생", ["김영순"]),
        ("1950년1월20일 영순", ["김영순"]),
        ("010.1234.5678", ["김영순"]),
        ("+82 10-1234-5678", ["김영순"]),
        ("장위로21길", ["김영순"]),
        ("장위로21길 8", ["김영순"]),
        ("영순 월곡 1동", ["박영순"]),
        ("9통2반 김영수", ["김영수"]),
        ("김 영 순", ["김영순"]),
        ("영순 2001", ["박영순"]),
        ("2001 영순", ["박영순"]),
        ("영순 5678", ["김영순"]),
        ("영순 01년생", ["박영순"]),
        ("1950년생", ["김영순"]),
        ("5678", ["Nguyen Thi Hoa", "김영순"]),
        ("010-1234-5678", ["김영순"]),
        ("01012345678", ["김영순"]),
        ("010 1234 5678", ["김영순"]),
        ("029123456", ["김영수"]),
        ("21길", ["김영순"]),
        ("장위로 21길", ["김영순"]),
        ("장위로 21길 8", ["김영순"]),
        ("영순 월곡1동", ["박영순"]),
        ("김 9통", ["김영수"]),
        ("없는이름", []),
    ],
)
def test_finds_the_way_clerks_ask(town, query, names):
    assert found(query) == names


def test_says_what_a_word_was_taken_for(town):
    words = resident_search.read("ㄱㅇㅅ 장위1동 7통 21길 5678", today=f.TODAY)
    assert [w.meaning for w in words] == ["초성", "동", "통", "주소", "전화 뒷자리"]


def test_refuses_birth_dates_to_those_who_may_not_see_them(town):
    for query in ("1950-01-20", "1950년생"):
        with pytest.raises(resident_search.NotSearchable):
            found(query, may_search_births=False)
    assert found("영순 2001", may_search_births=False) == []


def test_refuses_an_empty_query_and_half_a_phone_number(town):
    for query in ("", "   ", "12345", "8"):
        with pytest.raises(resident_search.TooShort):
            found(query)


def test_pages_forwards_and_back_without_losing_or_repeating_anybody(dong):
    for n in range(120):
        f.PersonFactory(name=f"김{'가나다라마'[n % 5]}", dong=dong)
    words = resident_search.read("김", today=f.TODAY)
    ask = lambda **place: resident_search.find(Person.objects.all(), words, **place)  # noqa: E731
    token = lambda url: dict(parse_qsl(url))  # noqa: E731
    first = ask()
    second = ask(**token(first.next_url))
    third = ask(**token(second.next_url))
    seen = [p.pk for p in first.people + second.people + third.people]
    assert len(seen) == len(set(seen)) == 120
    assert (first.previous_url, third.next_url) == ("", "")
    back = ask(**token(third.previous_url))
    assert [p.pk for p in back.people] == [p.pk for p in second.people]
    assert "김" not in first.next_url
    with pytest.raises(resident_search.NotSearchable):
        ask(after="forged")


def test_uses_an_index_for_every_kind_of_word(dong, django_assert_num_queries):
    from django.db import connection

    f.PersonFactory.create_batch(60, dong=dong)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE planners_person")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for query, index in [
        ("영순", "person_name_bigrams"),
        ("ㄱㅇㅅ", "person_choseong"),
        ("5678", "last4"),
        ("19500120", "person_birth"),
        ("장위로", "person_address_trgm"),
        ("010-1234-5678", "person_mobile"),
    ]:
        rows = Person.objects.all()
        for word in resident_search.read(query, today=f.TODAY):
            rows = rows.filter(word.condition)
        assert index in rows.order_by().explain(), query
