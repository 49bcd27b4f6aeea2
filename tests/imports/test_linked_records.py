"""Lists and records that were linked: the kept record gets the news, and doubts go to the inbox."""

import pytest

from planners import person_links
from planners.lists import import_undo
from planners.models import DuplicatePair, Person
from tests import factories as f

from .test_register import KIM, LEE, applied, changed, parts, places, private_files, staged  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
MISSPELT = changed(KIM, 성명="김영슈", 주민등록번호="", 휴대전화="010-7777-0000")


@pytest.fixture
def linked(officer):
    """김영수 is kept, the misspelt record of the same human is linked to it."""
    applied([KIM, MISSPELT], officer)
    kept, other = Person.objects.get(name="김영수"), Person.objects.get(name="김영슈")
    person_links.link(kept, other, reason="이름을 잘못 적음", by=officer, at=f.NOW)
    return kept, other


def test_takes_a_row_of_the_linked_record_as_news_of_the_kept_one(officer, linked):
    kept, other = linked
    moved = changed(MISSPELT, 휴대전화="010-1111-9999", 통=5)
    batch = applied([moved], officer)
    assert parts(batch)["changed"] == 1
    kept.refresh_from_db()
    assert (kept.name, kept.mobile, kept.tong) == ("김영수", "010-1111-9999", 5)
    other.refresh_from_db()
    assert (other.status, other.mobile) == ("linked", "010-7777-0000")
    assert Person.objects.count() == 2


@pytest.mark.usefixtures("linked")
def test_adds_nothing_when_the_list_names_both(officer):
    before = list(Person.objects.order_by("pk").values())
    batch = applied([KIM, MISSPELT], officer)
    assert parts(batch) == {"unchanged": 2, "skipped": 1}
    assert list(Person.objects.order_by("pk").values()) == before


def test_can_be_taken_back_after_it_followed_a_link(officer, linked):
    kept, _ = linked
    batch = applied([changed(MISSPELT, 휴대전화="010-1111-9999")], officer)
    import_undo.undo(batch, by=officer, reason="시험", on=f.TODAY, at=f.NOW)
    kept.refresh_from_db()
    assert kept.mobile == "010-1234-5678"


def test_puts_doubts_of_a_list_into_the_inbox_and_takes_them_out_again(officer):
    applied([LEE], officer)
    namesake = changed(LEE, 주민등록번호="", 주소="돌곶이로 99", 휴대전화="")
    elsewhere = changed(LEE, 주민등록번호="", 주소="한천로 1", 휴대전화="")
    batch = applied([namesake, elsewhere], officer)
    assert batch.counts["added"] >= 1
    pairs = DuplicatePair.objects.filter(state="open")
    assert pairs.count() >= 1
    assert {ground for pair in pairs for ground in pair.grounds} <= {"same", "name_birth"}
    import_undo.undo(batch, by=officer, reason="시험", on=f.TODAY, at=f.NOW)
    assert not DuplicatePair.objects.exists()
