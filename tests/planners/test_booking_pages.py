"""Who to call, the call, and the tongjang's sheet."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from centers.models import AccessLog, Posting, Zone, ZoneDong, ZoneScheme
from common.months import at_seoul
from planners import booking_slots
from planners.models import Consent, ContactAttempt, Target, Visit
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def tongjang(dong):
    return posted("tongjang", "민경자", "TJ", dong, tongs=[7])


def called(client, **query) -> list[str]:
    return [row.target.person.name for row in client.get(reverse("booking"), query).context["page"].rows]


# ------------------------------------------------------------------ who to call


def test_lists_open_visits_without_a_promise_the_most_urgent_first(signed_in, social, dong, pair, listed, today):
    listed(dong, name="나중에")
    soon = listed(dong, name="먼저야", answer="given")
    Target.objects.filter(pk=soon.pk).update(due_on=today)
    booked = listed(dong, name="잡았음", answer="given")
    tuesday = today + dt.timedelta(days=(1 - today.weekday()) % 7 or 7)
    place = {"pair": pair, "on": tuesday, "half": "PM", "starts_at": at_seoul(tuesday, dt.time(14, 0))}
    Visit.objects.filter(target=booked).update(state="booked", **place)
    client = signed_in(social)
    assert called(client) == ["먼저야", "나중에"]
    assert called(client, range="given") == ["먼저야"]
    assert called(client, range="unasked") == ["나중에"]


def test_never_lists_who_refused_and_waits_for_the_day_agreed(signed_in, social, dong, listed, today):
    listed(dong, name="거절함", answer="refused")
    later, now = listed(dong, name="다음주"), listed(dong, name="오늘임")
    for target, day in ((later, today + dt.timedelta(days=7)), (now, today)):
        ContactAttempt.objects.create(target=target, result="call_later", next_on=day, by=social, at=timezone.now())
    assert called(signed_in(social)) == ["오늘임"]


def test_lists_again_on_the_day_of_the_next_offer(signed_in, social, dong, listed, today):
    target = listed(dong, name="다시야")
    f.ConsentFactory(
        person=target.person, answer="refused", answered_on=today - dt.timedelta(days=200), reoffer_on=today
    )
    assert called(signed_in(social)) == ["다시야"]


def test_shows_the_childrens_nurse_the_families_of_her_zone(signed_in, dong, other_dong, rulebook, listed):
    nurse = posted("zone_nurse", "서유나", "HC")
    zone = Zone.objects.create(scheme=ZoneScheme.objects.create(key="nurse", name="권역"), name="장위", order=1)
    ZoneDong.objects.create(zone=zone, dong=dong, valid_from=dt.date(2014, 1, 1))
    f.PairFactory(kind="child", dong=None, zone=zone, nurse=nurse, social=None)
    for place, name in ((dong, "우리아기"), (other_dong, "다른아기")):
        target = listed(place, name=name)
        Target.objects.filter(pk=target.pk).update(programme=rulebook["newborn"].programme, rule=rulebook["newborn"])
    listed(dong, name="어르신님")
    assert called(signed_in(nurse)) == ["우리아기"]


def test_costs_the_same_for_3_and_30_rows(signed_in, social, dong, listed, queries_of):
    client = signed_in(social)
    for _ in range(3):
        listed(dong)
    called(client)
    few = queries_of(lambda: called(client))
    for _ in range(27):
        target = listed(dong, answer="given")
        ContactAttempt.objects.create(target=target, result="no_answer", by=social, at=timezone.now())
    assert queries_of(lambda: called(client)) == few


# ------------------------------------------------------------------ the call


@pytest.fixture
def call(signed_in, social, pair):
    client = signed_in(social)

    def make(target, **facts):
        return client.post(reverse("booking_call", args=[target.uid]), facts)

    make.page = lambda target: client.get(reverse("booking_call", args=[target.uid]))
    return make


def test_books_in_three_taps(call, dong, listed, pair):
    target = listed(dong)
    page = call.page(target)
    slots = page.context["slots"]
    assert len(slots) == 5
    assert len({(s.starts_at.date(), s.half) for s in slots}) == 5
    assert "안녕하세요" in page.content.decode()
    answer = call(target, result="given", slot=slots[0].key)
    assert answer.url == reverse("booking")
    visit = Visit.objects.get(target=target)
    assert (visit.state, visit.starts_at, visit.pair) == ("booked", slots[0].starts_at, pair)
    consent = Consent.objects.get()
    assert (consent.answer, consent.channel, consent.wording) == ("given", "phone", "visit-2014-11")
    assert ContactAttempt.objects.get().result == "reached"
    assert AccessLog.objects.filter(action="call.make", subjects=[target.person_id]).count() == 2


def test_keeps_the_consent_when_the_time_was_taken_meanwhile(call, dong, listed, pair):
    first, second = listed(dong, answer="given"), listed(dong)
    slot = booking_slots.free_slots(
        Visit.objects.get(target=first), *[timezone.localdate() + dt.timedelta(n) for n in (0, 30)], at=timezone.now()
    )[0]
    call(first, result="given", slot=slot.key)
    answer = call(second, result="given", slot=slot.key)
    assert answer.status_code == 422
    assert "다른 시간을 골라 주세요" in answer.content.decode()
    assert Consent.objects.filter(person=second.person, answer="given").exists()
    assert Visit.objects.get(target=second).state == "pool"


def test_refuses_a_slot_that_was_made_up(call, dong, listed):
    target = listed(dong)
    for slot in ("x", "00000000-0000-0000-0000-000000000000|2030-01-01T10:00", "|"):
        assert call(target, result="given", slot=slot).status_code == 422


def test_records_a_refusal_with_the_day_of_the_next_offer(call, dong, listed, today):
    target = listed(dong)
    call(target, result="refused", reoffer="180")
    target.refresh_from_db()
    assert target.state == "refused"
    assert Consent.objects.get().reoffer_on == today + dt.timedelta(days=180)
    assert call.page(target).status_code == 404


def test_asks_for_the_day_of_a_call_back(call, dong, listed, today):
    target = listed(dong)
    assert call(target, result="call_later").status_code == 422
    call(target, result="call_later", next_on=(today + dt.timedelta(days=2)).isoformat())
    assert ContactAttempt.objects.get().next_on == today + dt.timedelta(days=2)


def test_tells_not_to_call_somebody_who_refused(call, dong, listed, today):
    target = listed(dong)
    f.ConsentFactory(person=target.person, answer="refused", answered_on=today)
    page = call.page(target).content.decode()
    assert "연락하지 마세요" in page
    assert 'name="result"' not in page


def test_cancels_a_promise_with_a_reason(call, dong, listed, pair, client):
    target = listed(dong)
    call(target, result="given", slot=call.page(target).context["slots"][0].key)
    client.post(reverse("booking_cancel", args=[target.uid]), {"reason": ""})
    assert Visit.objects.get().state == "booked"
    client.post(reverse("booking_cancel", args=[target.uid]), {"reason": "병원에 가심"})
    assert Visit.objects.get().state == "pool"


# ------------------------------------------------------------------ the sheet


def test_shows_a_tongjang_the_own_tong_and_nothing_else(signed_in, tongjang, dong, other_dong, listed):
    mine = listed(dong, name="내통이", tong=7)
    listed(dong, name="옆통이", tong=8)
    listed(other_dong, name="딴동이", tong=7)
    listed(dong, name="답했음", tong=7, answer="given")
    client = signed_in(tongjang)
    page = client.get(reverse("consent_sheet")).content.decode()
    assert "내통이" in page
    assert mine.person.mobile in page
    for hidden in ("옆통이", "딴동이", "답했음", str(mine.person.birth_on.year), "65세가 됩니다"):
        assert hidden not in page
    assert client.get(reverse("consent_sheet"), {"tong": 8}).context["lines"] == []
    for name in ("targets", "residents"):
        assert client.get(reverse(name)).status_code == 403
    assert client.get(reverse("person", args=[mine.person.uid])).status_code == 403


def test_walks_the_alley_in_order_of_house_numbers(signed_in, tongjang, dong, listed):
    for number in (21, 6, 110):
        listed(
            dong, name=f"길{number}", tong=7, household=f.HouseholdFactory(dong=dong, address=f"장위로 {number}길 1")
        )
    lines = signed_in(tongjang).get(reverse("consent_sheet")).context["lines"]
    assert [line.target.person.name for line in lines] == ["길6", "길21", "길110"]


def test_keeps_the_tongjang_as_the_one_who_asked(signed_in, tongjang, dong, listed):
    target = listed(dong, tong=7)
    client = signed_in(tongjang)
    client.post(reverse("consent_answer", args=[target.uid]), {"answer": "given"})
    row = Consent.objects.get()
    assert (row.answer, row.channel, row.asked_by, row.by) == ("given", "tongjang", "민경자", tongjang)
    assert client.get(reverse("consent_sheet")).context["lines"] == []


def test_refuses_an_answer_for_another_tong(signed_in, tongjang, dong, listed):
    target = listed(dong, tong=8)
    answer = signed_in(tongjang).post(reverse("consent_answer", args=[target.uid]), {"answer": "given"})
    assert answer.status_code == 404
    assert not Consent.objects.exists()


def test_counts_nobody_at_home_as_a_try_not_an_answer(signed_in, tongjang, dong, listed):
    target = listed(dong, tong=7)
    client = signed_in(tongjang)
    client.post(reverse("consent_answer", args=[target.uid]), {"answer": "absent"})
    assert not Consent.objects.exists()
    assert ContactAttempt.objects.get().channel == "tongjang"
    assert client.get(reverse("consent_sheet")).context["lines"][0].tries == 1


def test_answers_a_tap_with_the_line_alone(signed_in, tongjang, dong, listed):
    target = listed(dong, tong=7)
    answer = signed_in(tongjang).post(
        reverse("consent_answer", args=[target.uid]), {"answer": "refused"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert "거절" in page


def test_takes_a_slip_of_the_thumb_back(signed_in, tongjang, dong, listed, social):
    target = listed(dong, tong=7)
    client = signed_in(tongjang)
    client.post(reverse("consent_answer", args=[target.uid]), {"answer": "refused"})
    target.refresh_from_db()
    assert target.state == "refused"
    url = reverse("consent_take_back", args=[Consent.objects.get().uid])
    assert signed_in(social).post(url).status_code == 404, "only who wrote it"
    signed_in(tongjang).post(url)
    target.refresh_from_db()
    assert target.state == "open"
    assert len(client.get(reverse("consent_sheet")).context["lines"]) == 1


def test_lets_staff_enter_the_paper_sheet_of_any_own_tong(signed_in, social, dong, other_dong, listed):
    target = listed(dong, tong=3)
    listed(other_dong, tong=3)
    client = signed_in(social)
    page = client.get(reverse("consent_sheet"), {"tong": 3, "asked_by": "고정숙"})
    assert len(page.context["lines"]) == 1
    client.post(reverse("consent_answer", args=[target.uid]), {"answer": "given", "asked_by": "고정숙"})
    assert Consent.objects.get().asked_by == "고정숙"


def test_ends_a_tongjangs_view_with_the_term(signed_in, tongjang, dong, listed, today):
    listed(dong, tong=7)
    Posting.objects.filter(user=tongjang).update(valid_to=today)
    assert signed_in(tongjang).get(reverse("consent_sheet")).status_code == 403


def test_says_whom_to_call_about_a_baby(signed_in, social, dong, listed):
    target = listed(dong, name="아기다")
    baby = target.person
    baby.phone = baby.mobile = ""
    baby.save()
    child = {
        "dong": dong,
        "household": baby.household,
        "phone": "",
        "mobile": "010-5555-0001",
        "birth_on": dt.date(2019, 1, 1),
    }
    f.PersonFactory(**child | {"name": "누나야"})
    f.PersonFactory(**child | {"name": "할머니", "mobile": "010-5555-0003", "birth_on": dt.date(1955, 1, 1)})
    head = child | {"name": "엄마야", "mobile": "010-5555-0002", "birth_on": dt.date(1990, 1, 1), "relation": "본인"}
    f.PersonFactory(**head)
    client = signed_in(social)
    assert "같은 세대 엄○야" in client.get(reverse("booking")).content.decode()
    page = client.get(reverse("booking_call", args=[target.uid])).content.decode()
    assert "tel:010-5555-0002" in page
    assert "같은 세대 엄마야" in page


def test_calls_residents_themselves_where_they_have_a_phone(signed_in, social, dong, listed):
    target = listed(dong, name="본인임")
    f.PersonFactory(dong=dong, household=target.person.household, mobile="010-5555-0002", relation="본인")
    page = signed_in(social).get(reverse("booking_call", args=[target.uid])).content.decode()
    assert "같은 세대" not in page
