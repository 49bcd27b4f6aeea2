"""Consent: answers, refusal, withdrawal, and reaching people."""

import datetime as dt

import pytest

from common.months import Month, at_seoul
from planners import consent, outreach, programmes, target_endings
from planners.models import Consent, FollowUp, Target, Visit, VisitStaff
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
JANUARY = Month(2015, 1)


@pytest.fixture
def answer(rulebook, social):
    def record(person, said="given", *, kind="visit", on=f.TODAY, **given):
        given = {"channel": "phone", "asked_by": "오세진", "by": social, "at": f.NOW} | given
        return consent.record_answer(person, kind, said, on=on, **given)

    return record


@pytest.fixture
def person(dong):
    return f.PersonFactory(dong=dong)


def target_of(person, rule, **given):
    target = f.TargetFactory(person=person, rule=rule, **given)
    f.VisitFactory(target=target)
    return target


# ------------------------------------------------------------------ answers


def test_keeps_the_wording_of_the_day_and_who_asked(answer, person, dong):
    row = answer(person)
    assert (row.wording, row.asked_by, row.channel) == ("visit-2014-11", "오세진", "phone")
    assert Consent.objects.get().dong == dong
    assert consent.is_given(person, "visit", f.TODAY)
    assert not consent.is_given(person, "screening", f.TODAY)


def test_lets_the_newest_answer_decide(answer, person):
    answer(person, "refused", on=f.TODAY - 10 * DAY)
    assert not consent.is_given(person, "visit", f.TODAY)
    answer(person)
    assert consent.is_given(person, "visit", f.TODAY)
    assert not consent.is_given(person, "visit", f.TODAY - 5 * DAY)


def test_keeps_the_same_answer_of_a_day_once(answer, person):
    assert answer(person) == answer(person)
    assert Consent.objects.count() == 1


def test_asks_for_each_agency_by_name(answer, person):
    with pytest.raises(consent.AgencyMissing):
        answer(person, kind="share")
    answer(person, kind="share", recipient="치매지원센터", items=["이름", "전화"])
    assert consent.is_given(person, "share", f.TODAY, recipient="치매지원센터")
    assert not consent.is_given(person, "share", f.TODAY, recipient="자살예방센터")


def test_refuses_an_answer_of_somebody_who_died(answer, person):
    person.status = "deceased"
    person.save()
    with pytest.raises(consent.NotAResident):
        answer(person)


def test_ends_by_itself_on_its_last_day(answer, person):
    answer(person, ends_on=f.TODAY + 10 * DAY)
    assert consent.is_given(person, "visit", f.TODAY + 9 * DAY)
    assert not consent.is_given(person, "visit", f.TODAY + 10 * DAY)


# ------------------------------------------------------------------ refusal


def test_stops_every_contact_at_once_when_a_visit_is_refused(answer, rulebook, pair, nurse):
    visit = f.standing_visit(pair)
    person = visit.person
    programmes.start_follow_up(person, rulebook["regular"], starts_on=f.TODAY, reason="혈압", by=nurse, at=f.NOW)
    programmes.extract_targets(JANUARY.plus(3), by=None, at=f.NOW)
    answer(person, "refused")
    visit.refresh_from_db()
    assert (visit.state, visit.target.state) == ("cancelled", "refused")
    assert not Target.objects.open().exists()
    assert not VisitStaff.objects.filter(is_active=True).exists()
    assert FollowUp.objects.get().ends_on == f.TODAY
    assert programmes.extract_targets(JANUARY.plus(6), by=None, at=f.NOW).created == 0


def test_follows_up_a_reported_worry_in_spite_of_a_refusal(answer, rulebook, person, social):
    _, crisis = programmes.report_crisis(person, channel="staff", text="걱정", by=social, at=f.NOW)
    answer(person, "refused")
    crisis.refresh_from_db()
    assert crisis.state == "open"
    assert consent.may_contact(crisis, Consent.objects.get(), f.TODAY)


def test_does_not_list_somebody_who_refused_within_the_same_event(answer, rulebook, dong):
    person = f.PersonFactory(dong=dong, birth_on=dt.date(1950, 1, 20))
    answer(person, "refused", on=dt.date(2015, 1, 5))
    assert programmes.extract_targets(JANUARY, by=None, at=f.NOW).created == 0


def test_asks_again_when_something_new_has_happened_in_their_life(answer, rulebook, dong):
    person = f.PersonFactory(dong=dong, birth_on=dt.date(1950, 2, 20))
    answer(person, "refused")
    assert programmes.extract_targets(Month(2015, 2), by=None, at=f.NOW).created == 1
    target = Target.objects.select_related("rule").get()
    assert consent.may_contact(target, Consent.objects.get(), dt.date(2015, 2, 1))


def test_offers_a_refused_visit_again_on_the_day_agreed_and_not_before(answer, rulebook, person):
    target = target_of(person, rulebook["turns_65"])
    answer(person, "refused", reoffer_on=dt.date(2015, 6, 1))
    given = {"by": None, "at": f.NOW}
    assert consent.offer_again(on=dt.date(2015, 5, 31), **given) == 0
    assert consent.offer_again(on=dt.date(2015, 6, 1), **given) == 1
    assert consent.offer_again(on=dt.date(2015, 6, 1), **given) == 0
    target.refresh_from_db()
    visit = target.visits.open().get()
    assert (target.state, visit.release_on, visit.due_on) == ("open", dt.date(2015, 6, 1), dt.date(2015, 7, 1))


def test_never_offers_again_what_time_has_ended(answer, rulebook, person):
    target_of(person, rulebook["turns_65"])
    answer(person, "refused", reoffer_on=dt.date(2016, 2, 1))
    assert consent.offer_again(on=dt.date(2016, 2, 1), by=None, at=f.NOW) == 0


def test_refuses_a_day_of_the_next_offer_that_is_not_ahead(answer, person):
    with pytest.raises(consent.WrongDay):
        answer(person, "refused", reoffer_on=f.TODAY)


# ------------------------------------------------------------------ withdrawal


def test_cancels_appointments_when_a_visit_consent_is_withdrawn(answer, pair, social):
    visit = f.standing_visit(pair)
    row = answer(visit.person)
    consent.withdraw(row, reason="전화로 말씀하심", by=social, on=f.TODAY + DAY, at=f.NOW)
    visit.refresh_from_db()
    assert visit.state == "cancelled"
    assert consent.is_given(visit.person, "visit", f.TODAY)
    assert not consent.is_given(visit.person, "visit", f.TODAY + DAY)
    with pytest.raises(consent.AlreadyWithdrawn):
        consent.withdraw(row, reason="다시", by=social, on=f.TODAY + DAY, at=f.NOW)
    assert row.history.count() == 1


def test_leaves_visits_alone_when_a_screening_consent_is_withdrawn(answer, pair, social):
    visit = f.standing_visit(pair)
    row = answer(visit.person, kind="screening")
    consent.withdraw(row, reason="검사는 원하지 않으심", by=social, on=f.TODAY, at=f.NOW)
    visit.refresh_from_db()
    assert visit.state == "booked"


# ------------------------------------------------------------------ the ladder of attempts


def at_hour(day: int, hour: int):
    return at_seoul(dt.date(2015, 1, day), dt.time(hour, 10))


@pytest.fixture
def tried(rulebook, person, social):
    target = target_of(person, rulebook["turns_65"])

    def attempt(result, at, **given):
        row = outreach.record_attempt(target, result, by=social, at=at, **given)
        today = at.astimezone().date()
        return row, outreach.next_step(list(target.attempts.all()), today=given.get("next_on") or today)

    attempt.target = target
    return attempt


def test_goes_from_three_calls_at_different_hours_to_a_card_and_then_ends(tried, social):
    target = tried.target
    row, step = tried("no_answer", at_hour(14, 10))
    assert (row.next_on, step.act) == (dt.date(2015, 1, 15), "call")
    assert "오전에 1번 걸었습니다" in step.advice
    tried("no_answer", at_hour(15, 10))
    _, step = tried("no_answer", at_hour(16, 10))
    assert step.act == "call", "three calls in the morning are not three tries"
    _, step = tried("no_answer", at_hour(19, 15))
    assert step.act == "card"
    _, step = tried("door_card", at_hour(20, 15))
    assert (step.act, step.on) == ("wait", dt.date(2015, 1, 27))
    with pytest.raises(outreach.TooEarlyToClose):
        outreach.close_unreachable(target, by=social, at=at_hour(26, 15))
    outreach.close_unreachable(target, by=social, at=at_hour(27, 15))
    target.refresh_from_db()
    assert (target.state, target.visits.get().state) == ("unreachable", "cancelled")


def test_does_not_call_before_the_day_agreed(tried):
    _, step = tried("call_later", at_hour(14, 10), next_on=dt.date(2015, 1, 22))
    assert (step.act, step.on) == ("call", dt.date(2015, 1, 22))
    with pytest.raises(outreach.NextDayMissing):
        tried("call_later", at_hour(14, 11))
    with pytest.raises(outreach.NextDayMissing, match="연도"):
        tried("call_later", at_hour(14, 11), next_on=dt.date(2105, 1, 22))


def test_sends_a_card_where_the_number_is_wrong(tried):
    assert tried("wrong_number", at_hour(14, 10))[1].act == "card"


def test_refuses_attempts_on_a_target_that_ended(tried, social):
    target_endings.end_target(tried.target, "moved", reason="전출", by=social, on=f.TODAY, at=f.NOW)
    with pytest.raises(outreach.TargetEnded):
        tried("no_answer", at_hour(14, 10))
    assert Visit.objects.get().state == "cancelled"
