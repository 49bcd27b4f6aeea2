"""Every way of searching reads an index made for it, and the database knows Korean letters."""

import random

import pytest
from django.db import connection

from common.hangul import bigrams, choseong
from planners import resident_search
from planners.models import Person
from planners.residents import match_key
from tests import factories as f

SURNAMES, SYLLABLES = (
    "김이박최정강조윤장임한오서신권황안송류전",
    "가경광규나다대덕도동명문미민병보상서석선성수숙순아연영예용우원유은인일자재정제종주준지진창철태하현호훈희",
)
EXPECTED = {
    "김영수": {"person_name_bigrams"},
    "영수": {"person_name_bigrams"},
    "ㄱㅇㅅ": {"person_choseong"},
    "1950-03-01": {"person_birth"},
    "1950년생": {"person_birth"},
    "5678": {"person_mobile_last4", "person_phone_last4"},
    "010-1234-5678": {"person_mobile_last4", "person_phone_last4"},
    "돌곶이로77길": {"person_address_trgm"},
}


@pytest.fixture
def register(dong, other_dong):
    """Four thousand people. Reading all of them would still be cheap, so that way is closed to the planner."""
    chance = random.Random(5)
    rows = []
    for number in range(4_000):
        name = chance.choice(SURNAMES) + chance.choice(SYLLABLES) + chance.choice(SYLLABLES)
        birth = f.TODAY.replace(year=chance.randint(1930, 2012), month=chance.randint(1, 12), day=chance.randint(1, 28))
        rows.append(
            Person(
                dong=chance.choice([dong, other_dong]),
                name=name,
                birth_on=birth,
                sex=chance.choice("MF"),
                tong=chance.randint(1, 30),
                address=f"서울특별시 성북구 {chance.choice(['장위로', '화랑로', '종암로', '정릉로', '돌곶이로'])}{number % 300}길 {number % 90}",
                mobile=f"010-{chance.randint(2000, 9999)}-{chance.randint(0, 9999):04d}",
                match_key=match_key(name, birth, "M"),
                name_choseong=choseong(name),
                name_bigrams=bigrams(name),
            )
        )
    Person.objects.bulk_create(rows, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE planners_person")
        cursor.execute(
            "SELECT gin_clean_pending_list('person_address_trgm'), gin_clean_pending_list('person_name_bigrams')"
        )
        cursor.execute("SET LOCAL enable_seqscan = off")


def plan_of(query):
    people = Person.objects.kept().living_here().select_related("dong")
    words = resident_search.read(query, today=f.TODAY)
    for word in words:
        people = people.filter(word.condition)
    return people.order_by(*resident_search.order_for(words))[: resident_search.PAGE + 1].explain()


def test_every_search_reads_its_index(register):
    plans = {query: plan_of(query) for query in EXPECTED}
    wrong = {query: plan for query, plan in plans.items() if not any(index in plan for index in EXPECTED[query])}
    assert not wrong, "\n".join(wrong.values())


def test_few_people_are_found_first_and_sorted_then(register):
    """In a whole register the walk in the order of names takes a second until it has met enough of them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
    plans = {query: plan_of(query) for query in ("영수", "ㄱㅇ", "5678", "010-1234-5678", "1950-03-01")}
    walked = {query: plan for query, plan in plans.items() if "Sort" not in plan or "using person_name " in plan}
    assert not walked, "\n".join(walked.values())


def test_two_letters_are_looked_for_in_names_alone(register):
    assert "address" not in plan_of("영길"), "an address of two letters cuts into no trigram: all would be read"


def test_many_people_are_paged_in_order(register):
    plan = plan_of("김")
    assert "using person_name " in plan
    assert "Sort" not in plan


def test_a_dong_is_paged_from_its_index(register, dong):
    people = Person.objects.kept().living_here().filter(dong=dong).order_by("name", "pk")
    assert "person_dong_name" in people[: resident_search.PAGE + 1].explain()


@pytest.mark.django_db
def test_the_database_cuts_korean_words_into_trigrams():
    with connection.cursor() as cursor:
        cursor.execute("SELECT show_trgm('김영수')")
        assert len(cursor.fetchone()[0]) >= 4
