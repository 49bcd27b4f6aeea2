"""The daily case meeting: every visit is judged with a reason, judging anew is kept, the day closes clean."""

import datetime as dt
import uuid

import pytest

from planners import case_meeting, visits
from planners.case_meeting import NotReady, ReasonMissing, Unclassified, classify, close_day, day_of, suggest
from planners.models import CaseMeeting, Visit
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f
from tests.planners.recording import fill_in, offer_services, recorded, started

pytestmark = pytest.mark.django_db
MEETING = f.NOW + dt.timedelta(hours=7)
LOW = {f"depression__q{n}": "yes" for n in (2, 3, 4, 6, 8, 9)}


def day(dong, on=f.TODAY):
    return day_of(Visit.objects.all(), dong, on)


def test_suggests_normal_where_nothing_worries(pair):
    suggestion = suggest(recorded(pair))
    assert suggestion.group == "normal"
    assert suggestion.reasons


@pytest.mark.parametrize(
    ("of_nurse", "of_social", "reason"),
    [
        (LOW, {}, "우울 주의"),
        ({"vitals__systolic": 165}, {}, "혈압·혈당 위험"),
        ({}, {"service__free_meals": "wants"}, "무료급식지원 원함"),
        ({}, {"welfare_needs": ["living", "meals"], "welfare_main": "living"}, "욕구: 생계"),
        ({"judgement": "managed"}, {}, "간호의 판단"),
    ],
)
def test_suggests_managed_with_the_reason(pair, of_nurse, of_social, reason):
    offer_services()
    suggestion = suggest(recorded(pair, health=of_nurse, social=of_social))
    assert suggestion.group == "managed"
    assert reason in suggestion.reasons


def test_names_no_score_and_no_answer_in_a_suggestion(pair):
    text = suggest(recorded(pair, health=LOW | {"health_words": "약을 끊고 싶다"})).text
    assert not any(word in text for word in ("6", "약을", "점"))


def test_closes_a_normal_visit_with_the_day_of_the_next_offer(pair, lead):
    visit = classify(recorded(pair), "normal", by=lead, at=MEETING)
    assert (visit.state, visit.group, visit.classified_on) == (Visit.State.CLOSED, "normal", f.TODAY)
    assert visit.reoffer_on == dt.date(2016, 1, 14)
    assert visit.group_reason


def test_keeps_a_managed_visit_open_until_it_is_linked(pair, lead):
    visit = classify(recorded(pair, health=LOW), "managed", by=lead, at=MEETING)
    assert visit.state == Visit.State.DONE
    assert visit in day(visit.dong).unlinked
    assert visits.mark_linked(visit, by=lead, at=MEETING).state == Visit.State.CLOSED
    assert day(visit.dong).unlinked == []


def test_closes_at_once_what_was_linked_at_the_door(pair, lead, nurse):
    visit = visits.mark_linked(recorded(pair, health=LOW), by=nurse, at=f.NOW)
    assert classify(visit, "managed", by=lead, at=MEETING).state == Visit.State.CLOSED


def test_asks_for_a_reason_against_the_suggestion(pair, lead):
    visit = recorded(pair, health=LOW)
    with pytest.raises(ReasonMissing):
        classify(visit, "normal", reason="  ", by=lead, at=MEETING)
    visit = classify(visit, "normal", reason="검사 날 감기로 힘드셨고 평소와 다름", by=lead, at=MEETING)
    assert visit.group_reason.startswith("검사 날")


def test_keeps_the_first_judgement_when_judging_anew(pair, lead, nurse):
    visit = classify(recorded(pair), "normal", by=nurse, at=MEETING)
    with pytest.raises(ReasonMissing):
        classify(visit, "managed", by=lead, at=MEETING)
    next_day = MEETING + dt.timedelta(days=1)
    visit = classify(visit, "managed", reason="딸이 전화해 빚을 알림", by=lead, at=next_day)
    assert (visit.state, visit.group, visit.closed_at, visit.reoffer_on) == (Visit.State.DONE, "managed", None, None)
    assert visit.classified_on == f.TODAY  # the month it counted in stays
    kept = [event.detail for event in visit.events.filter(act="classified")]
    assert kept == [{"group": "normal", "before": ""}, {"group": "managed", "before": "normal"}]


def test_judges_only_signed_records(pair, lead, nurse):
    with pytest.raises(NotReady):
        classify(started(pair), "normal", by=lead, at=MEETING)


def test_waits_while_a_signature_is_taken_back(pair, lead, nurse):
    visit = recorded(pair)
    visits.take_back(visit, HEALTH, reason="혈압 고침", by=nurse, at=MEETING)
    with pytest.raises(NotReady, match="서명"):
        classify(visit, "normal", by=lead, at=MEETING)


def test_judges_once_when_pressed_twice(pair, lead):
    visit, key = recorded(pair), uuid.uuid4()
    classify(visit, "normal", by=lead, at=MEETING, client_key=key)
    classify(visit, "normal", by=lead, at=MEETING, client_key=key)
    assert visit.events.filter(act="classified").count() == 1


def test_brings_older_visits_to_the_table_until_they_are_judged(pair, dong):
    visit = recorded(pair)
    tomorrow = f.TODAY + dt.timedelta(days=1)
    assert day(dong, tomorrow).waiting == [visit]
    assert day(dong, f.TODAY - dt.timedelta(days=1)).waiting == []


def test_refuses_to_close_the_day_while_one_is_not_judged(pair, dong, lead):
    visit = recorded(pair)
    with pytest.raises(Unclassified, match="1건"):
        close_day(dong, f.TODAY, by=lead, at=MEETING)
    classify(visit, "normal", by=lead, at=MEETING)
    meeting = close_day(dong, f.TODAY, by=lead, at=MEETING)
    assert meeting.counts == {"recorded": 1, "waiting": 0, "normal": 1, "managed": 0, "linked": 0, "unfinished": 0}


def test_puts_an_unsigned_record_off_only_with_a_reason(pair, dong, lead):
    started(pair)
    with pytest.raises(Unclassified, match="서명"):
        close_day(dong, f.TODAY, by=lead, at=MEETING)
    meeting = close_day(dong, f.TODAY, by=lead, at=MEETING, carry_over="오세진 주무관 조퇴")
    assert meeting.carried_over == "오세진 주무관 조퇴"


def test_closes_a_day_once(dong, lead):
    first = close_day(dong, f.TODAY, by=lead, at=MEETING)
    assert close_day(dong, f.TODAY, by=lead, at=MEETING) == first
    assert CaseMeeting.objects.count() == 1
    with pytest.raises(case_meeting.NothingToClose):
        close_day(dong, f.TODAY + dt.timedelta(days=1), by=lead, at=MEETING)


def test_shows_a_meeting_only_its_own_dong(pair, lead, lead_elsewhere, scope_of, dong):
    visit = recorded(pair)
    assert list(case_meeting.meeting_visits(scope_of(lead))) == [visit]
    assert list(case_meeting.meeting_visits(scope_of(lead_elsewhere))) == []


def test_names_who_still_has_to_sign(pair, nurse, social):
    visit = started(pair)
    fill_in(visit, SOCIAL, by=social)
    visits.sign(visit, SOCIAL, by=social, at=f.NOW)
    [unfinished] = day(visit.dong).unfinished
    assert case_meeting.unsigned_by(unfinished) == [nurse.name]


def test_costs_the_same_queries_for_one_and_for_many(pair, dong, django_assert_max_num_queries):
    for n in range(4):
        recorded(pair, starts_at=f.NOW + dt.timedelta(hours=n))
    names = case_meeting.service_names()
    with django_assert_max_num_queries(26):
        found = day(dong)
        assert [suggest(visit, names=names).group for visit in found.waiting] == ["normal"] * 4
