"""Finding residents on screen, and the page of one of them."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from centers.models import AccessLog
from common.months import at_seoul
from planners.models import Benefit, Person, ScreeningResult, Visit
from staffing.calendars import closed_halves, working_days
from tests import factories as f

pytestmark = pytest.mark.django_db


def first_open_half(dong, day) -> tuple[dt.date, str]:
    """The first half-day from a day on when the dong's office lets people go out, whatever the date."""
    last = day + dt.timedelta(days=30)
    closed = closed_halves(day, last, dong)
    halves = [(on, half) for on in working_days(day, last) for half in ("AM", "PM")]
    return next(place for place in halves if place not in closed)


@pytest.fixture
def own_visit(listed, dong, pair, today):
    """A visit of this month that the pair is expected at."""
    target = listed(dong, name="김영순")
    day, half = first_open_half(dong, today + dt.timedelta(days=2))
    start = at_seoul(day, dt.time(10 if half == "AM" else 14))
    visit = Visit.objects.get(target=target)
    Visit.objects.filter(pk=visit.pk).update(state="booked", pair=pair, on=day, half=half, starts_at=start)
    from planners.models import VisitStaff

    for user, function in ((pair.nurse, "nurse"), (pair.social, "social")):
        VisitStaff.objects.create(
            visit=visit, user=user, function=function, during=(start, start + dt.timedelta(minutes=60))
        )
    visit.refresh_from_db()
    return visit


def page_of(client, person, **query):
    return client.get(reverse("person", args=[person.uid]), query)


def test_starts_with_the_own_dong_in_order_of_names(signed_in, counsellor, dong, other_dong):
    for name, place in (("나나나", dong), ("가가가", dong), ("다다다", other_dong)):
        f.PersonFactory(name=name, dong=place)
    people = signed_in(counsellor).get(reverse("residents")).context["page"].people
    assert [p.name for p in people] == ["가가가", "나나나"]


def test_finds_only_within_the_viewers_reach(signed_in, counsellor, officer, dong, other_dong):
    mine, theirs = f.PersonFactory(name="김영순", dong=dong), f.PersonFactory(name="김영순", dong=other_dong)
    ask = {"q": "김영순"}
    assert signed_in(counsellor).get(reverse("residents"), ask).context["page"].people == [mine]
    assert set(signed_in(officer).get(reverse("residents"), ask).context["page"].people) == {mine, theirs}


def test_shows_masked_names_and_logs_what_was_asked_but_not_the_words(signed_in, counsellor, dong):
    person = f.PersonFactory(name="김영순", dong=dong)
    page = signed_in(counsellor).get(reverse("residents"), {"q": "영순"}).content.decode()
    assert "김○순" in page
    assert "김영순" not in page
    row = AccessLog.objects.get(action="person.list")
    assert (row.subjects, row.detail) == ([person.pk], {"words": ["이름"]})


def test_leaves_out_who_left_unless_asked(signed_in, counsellor, dong):
    f.PersonFactory(name="김영순", dong=dong, status="moved", status_on=dt.date(2020, 1, 1))
    client = signed_in(counsellor)
    assert client.get(reverse("residents"), {"q": "영순"}).context["page"].people == []
    assert len(client.get(reverse("residents"), {"q": "영순", "all": "1"}).context["page"].people) == 1


def test_keeps_birth_dates_from_those_without_the_right(signed_in, counsellor, social, dong):
    f.PersonFactory(name="김영순", dong=dong, birth_on=dt.date(1949, 12, 31))
    assert "1949.12.31" in signed_in(counsellor).get(reverse("residents")).content.decode()
    client = signed_in(social)
    assert "1949" not in client.get(reverse("residents")).content.decode()
    answer = client.get(reverse("residents"), {"q": "19491231"})
    assert "생년월일로 찾을 수 없습니다" in answer.content.decode()


def test_costs_the_same_for_3_and_30_people(signed_in, counsellor, dong, queries_of):
    client = signed_in(counsellor)
    ask = lambda: client.get(reverse("residents"), {"q": "김"})  # noqa: E731
    for _ in range(3):
        f.PersonFactory(dong=dong)
    ask()
    few = queries_of(ask)
    for _ in range(27):
        f.PersonFactory(dong=dong)
    assert queries_of(ask) == few


# ------------------------------------------------------------------ one person


def test_answers_another_dongs_resident_like_nobody(signed_in, counsellor, other_dong):
    person = f.PersonFactory(dong=other_dong)
    client = signed_in(counsellor)
    assert page_of(client, person).status_code == 404
    assert client.get(reverse("person_edit", args=[person.uid])).status_code == 404


def test_opens_birth_date_and_household_to_who_has_the_visit(signed_in, social, own_visit, dong):
    person = own_visit.person
    other = f.PersonFactory(name="이웃집", dong=dong, birth_on=dt.date(1949, 12, 31))
    client = signed_in(social)
    assert f"{person.birth_on.year}.{person.birth_on.month}." in page_of(client, person).content.decode()
    page = page_of(client, other).content.decode()
    assert "1949" not in page
    assert "맡은 방문이 있을 때 보입니다" in page


def test_counts_what_it_hides(signed_in, nurse, social, own_visit, dong):
    person = own_visit.person
    Benefit.objects.create(person=person, category="basic_pension", valid_from=dt.date(2015, 1, 1))
    ScreeningResult.objects.create(
        visit=own_visit, person=person, instrument="depression", version="1", answers={"q1": 1}, score=7, band="mild",
        is_complete=True, by=nurse, at=timezone.now(),
    )  # fmt: skip
    page = page_of(signed_in(social), person)
    assert page.context["page"].hidden == {"건강 검사": 1}
    assert "건강 검사 1건" in page.content.decode()
    assert "depression" not in page.content.decode()
    seen = page_of(signed_in(nurse), person)
    assert seen.context["page"].hidden == {"복지급여": 1}
    assert "depression 7점" in seen.content.decode()
    assert "기초연금" not in seen.content.decode()


def test_tells_one_story_in_order_and_by_kind(signed_in, lead, own_visit, today):
    person = own_visit.person
    f.ConsentFactory(person=person, answered_on=today, at=timezone.now())
    page = page_of(signed_in(lead), person).context["page"]
    days = [row.on for row in page.story.moments]
    assert days == sorted(days, reverse=True)
    assert {row.kind for row in page.story.moments} == {"contact", "target"}
    only = page_of(signed_in(lead), person, show="contact").context["page"].story.moments
    assert {row.kind for row in only} == {"contact"}


def test_costs_the_same_however_long_the_story(signed_in, lead, own_visit, queries_of, today):
    person, client = own_visit.person, signed_in(lead)
    page_of(client, person)
    few = queries_of(lambda: page_of(client, person))
    for n in range(12):
        f.ConsentFactory(person=person, answered_on=today - dt.timedelta(days=n))
        f.PersonFactory(dong=person.dong, household=person.household)
        f.TargetFactory(person=person, rule=own_visit.target.rule, occurrence=f"x{n}", facts=own_visit.target.facts)
    assert queries_of(lambda: page_of(client, person)) == few


def test_logs_everybody_whose_data_the_page_shows(signed_in, lead, dong, rulebook):
    from planners import residents
    from planners.residents import Residence

    given = {"sex": "F", "on": dt.date(2020, 1, 1), "by": lead, "at": timezone.now()}
    one, two = (
        residents.move_in(
            name=name, birth_on=dt.date(1950, 1, n), residence=Residence(dong, 7, 1, "장위로 1길 1", ""), **given
        )
        for n, name in ((1, "김하나"), (2, "김두리"))
    )
    page_of(signed_in(lead), one)
    assert AccessLog.objects.get(action="person.open").subjects == sorted([one.pk, two.pk])


def test_says_of_anybody_in_one_tap_why_they_are_on_no_list(signed_in, lead, dong, rulebook):
    person = f.PersonFactory(dong=dong, birth_on=dt.date(1990, 5, 5))
    url = reverse("person_lists", args=[person.uid])
    client = signed_in(lead)
    assert url in page_of(client, person).content.decode()
    page = client.get(url, {"month": "2026-01"}).content.decode()
    assert "2055년 5월 5일에 65세가 됩니다. 2026년 1월이 아닙니다." in page
    assert "65세가 되는 달 1판(계획 IV.5-1 ①)" in page
    assert page.count("명단에 없음") == 4


def test_says_of_a_target_in_one_tap_why_it_is_on_the_list(signed_in, lead, nurse_elsewhere, dong, listed):
    target = listed(dong)
    url = reverse("person_lists", args=[target.person.uid])
    page = signed_in(lead).get(url).content.decode()
    assert "명단에 있음" in page
    assert "규칙 1판(계획 IV.5-1 ①)에 따라" in page
    assert signed_in(nurse_elsewhere).get(url).status_code == 404


def test_withdraws_a_consent_from_the_page(signed_in, lead, own_visit, today):
    row = f.ConsentFactory(person=own_visit.person, answered_on=today)
    url = reverse("person_withdraw", args=[own_visit.person.uid, row.uid])
    client = signed_in(lead)
    client.post(url, {"reason": ""})
    own_visit.refresh_from_db()
    assert own_visit.state == "booked"
    client.post(url, {"reason": "전화로 말씀하심"})
    own_visit.refresh_from_db()
    assert own_visit.state == "cancelled"


# ------------------------------------------------------------------ changing


NEW = {
    "name": "정말순", "birth_on": "1949-03-02", "sex": "F", "mobile": "010-1234-5678", "tong": "7", "ban": "2",
    "address": "장위로 21길 8", "address_detail": "101호", "on": "2020-01-02", "relation": "본인",
}  # fmt: skip


def test_registers_somebody_after_looking_for_the_same_person_everywhere(signed_in, counsellor, dong, other_dong):
    from planners import residents

    f.PersonFactory(
        name="정말순", birth_on=dt.date(1949, 3, 2), sex="F", dong=other_dong,
        match_key=residents.match_key("정말순", dt.date(1949, 3, 2), "F"),
    )  # fmt: skip
    client = signed_in(counsellor)
    answer = client.post(reverse("resident_new"), NEW | {"dong": dong.pk})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "정○순 · 월곡1동" in page, "somebody of another dong stays masked"
    assert Person.objects.count() == 1
    client.post(reverse("resident_new"), NEW | {"dong": dong.pk, "although_known": "on"})
    assert Person.objects.filter(dong=dong, address="장위로 21길 8, 101호").exists()


ASKED = {name: NEW[name] for name in ("name", "birth_on", "sex")}


def known_elsewhere(dong, name="정말순", **given):
    from planners import residents

    birth_on = dt.date(1949, 3, 2)
    return f.PersonFactory(
        name=name, birth_on=birth_on, sex="F", dong=dong, match_key=residents.match_key(name, birth_on, "F"), **given
    )


def test_looks_for_the_person_everywhere_before_the_form_opens(signed_in, counsellor, dong, other_dong):
    client, url = signed_in(counsellor), reverse("resident_new")
    assert "누구신가요" in client.get(url).content.decode()
    opened = client.post(url, ASKED | {"act": "check"})
    assert opened.context["form"].initial["name"] == "정말순", "nobody like that: the form is open"
    known_elsewhere(other_dong)
    known_elsewhere(dong, name="정만슨")  # sounds alike, born the same day
    warned = client.post(url, ASKED | {"act": "check"})
    page = warned.content.decode()
    assert "비슷한 기록 2건" in page
    assert "정○순" in page
    assert "정말순</b>" not in page, "somebody of another dong stays masked"
    assert "정만슨" in page
    assert "도로명주소" not in page, "the form is not open yet"


def test_does_not_ask_again_whom_the_clerk_told_apart(signed_in, counsellor, dong, other_dong):
    known_elsewhere(other_dong)
    client, url = signed_in(counsellor), reverse("resident_new")
    form = client.post(url, ASKED | {"act": "open"}).context["form"]
    told = {"told_apart": form["told_apart"].value(), "key": form["key"].value(), "act": "add", "dong": dong.pk}
    other = known_elsewhere(other_dong, name="박말순")
    assert client.post(url, NEW | told | {"name": other.name}).status_code == 422, "it holds for nobody else"
    assert client.post(url, NEW | told).status_code == 302
    assert Person.objects.filter(dong=dong, name="정말순").count() == 1


def test_makes_one_record_of_a_form_that_is_sent_twice(signed_in, counsellor, dong):
    client, url = signed_in(counsellor), reverse("resident_new")
    key = client.post(url, ASKED | {"act": "check"}).context["form"]["key"].value()
    answers = [client.post(url, NEW | {"act": "add", "dong": dong.pk, "key": key}) for _ in range(2)]
    assert {answer.url for answer in answers} == {reverse("person", args=[key])}
    assert Person.objects.count() == 1


@pytest.mark.parametrize("birth_on", ["2999-01-01", "1850-01-01", "어제"])
def test_refuses_a_birthday_that_cannot_be(signed_in, counsellor, dong, birth_on):
    answer = signed_in(counsellor).post(reverse("resident_new"), ASKED | {"act": "check", "birth_on": birth_on})
    assert answer.status_code == 422


def test_registers_nobody_in_a_dong_that_is_not_ones_own(signed_in, counsellor, dong, other_dong):
    answer = signed_in(counsellor).post(reverse("resident_new"), NEW | {"dong": other_dong.pk})
    assert answer.status_code == 422
    assert not Person.objects.exists()


def test_shows_what_stands_beside_what_was_typed_on_an_old_page(signed_in, counsellor, dong):
    person = f.PersonFactory(name="김영순", dong=dong, mobile="010-1111-2222")
    client, url = signed_in(counsellor), reverse("person_edit", args=[person.uid])
    facts = {"act": "correct", "name": "김영순", "birth_on": person.birth_on, "sex": person.sex, "reason": "전화"}
    client.post(url, facts | {"mobile": "010-3333-4444", "version": 1})
    page = client.post(url, facts | {"mobile": "010-5555-6666", "version": 1})
    text = page.content.decode()
    assert page.status_code == 422
    assert "지금 기록은 ‘010-3333-4444’입니다" in text
    assert "010-5555-6666" in text
    assert "지금 기록은 ‘김영순’" not in text
    person.refresh_from_db()
    assert person.mobile == "010-3333-4444"
    seen = page.context["forms"]["correct"]["version"].value()
    client.post(url, facts | {"mobile": "010-5555-6666", "version": seen})
    person.refresh_from_db()
    assert person.mobile == "010-5555-6666"


def test_corrects_moves_and_takes_back_on_one_page(signed_in, counsellor, dong, other_dong):
    person = f.PersonFactory(name="김영슌", dong=dong)
    client, url = signed_in(counsellor), reverse("person_edit", args=[person.uid])
    facts = {"act": "correct", "name": "김영순", "birth_on": "1950-01-20", "sex": "F", "mobile": person.mobile}
    assert client.post(url, facts | {"version": 1}).status_code == 422, "a correction needs its reason"
    assert client.post(url, facts | {"version": 9, "reason": "오타"}).status_code == 422, "somebody else was faster"
    client.post(url, facts | {"version": 1, "reason": "오타"})
    person.refresh_from_db()
    assert (person.name, person.version) == ("김영순", 2)
    client.post(url, {"act": "die"})
    person.refresh_from_db()
    assert person.status == "deceased"
    client.post(url, {"act": "restore", "note": "동명이인"})
    person.refresh_from_db()
    assert person.status == "resident"
    client.post(url, {"act": "move", "dong": other_dong.pk, "tong": "3"})
    person.refresh_from_db()
    assert person.dong == other_dong
    assert client.get(url).status_code == 404, "the record went with the person"


def test_moves_nobody_twice_by_a_double_click(signed_in, counsellor, dong):
    person = f.PersonFactory(dong=dong)
    client, url = signed_in(counsellor), reverse("person_edit", args=[person.uid])
    for _ in range(2):
        answer = client.post(
            url, {"act": "move", "dong": dong.pk, "tong": "3", "address": "장위로 9", "on": "2020-01-02"}
        )
        assert answer.status_code == 302
    assert person.register_events.filter(kind="moved_within").count() == 1


def test_lets_readers_read_only(signed_in, lead, social, dong):
    person = f.PersonFactory(dong=dong)
    url = reverse("person_edit", args=[person.uid])
    assert signed_in(lead).get(url).status_code == 403
    assert signed_in(social).get(url).status_code == 404, "a planner changes only people of own visits"
