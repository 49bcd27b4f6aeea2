"""Referrals: sending with consent, answers along the table, who is responsible, what is late."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from casemgmt import referrals, sharing
from casemgmt.models import Agency, Case, Referral
from common.months import at_seoul
from common.refusals import Stale
from planners import visits
from planners.models import Consent, Person, Visit
from tests import factories as f
from tests.casemgmt import factories as c
from tests.governance import factories as g

AT = c.AT
State = Referral.State


@pytest.fixture
def center(dong):
    return c.AgencyFactory(name="장위1동 마을복지센터", kind=Agency.Kind.DONG_CENTER, dong=dong)


@pytest.fixture
def outside(dong):
    return c.AgencyFactory(name="햇살종합복지관", kind=Agency.Kind.WELFARE_CENTER, answer_days=5)


def sent(person, by, **given):
    facts = {"destination": "committee", "summary": c.SUMMARY, "need": "isolation", "at": AT}
    return referrals.refer(person, by=by, **facts | given)


# ---------------------------------------------------------------- sending


def test_sends_to_the_committee_with_the_sender_as_owner(resident, social):
    referral = sent(resident, social)
    assert (referral.state, referral.owner, referral.dong) == (State.SENT, social, resident.dong)
    assert referral.events.get().act == "sent"
    assert referrals.responsible(referral) == "오세진"


def test_wants_consent_for_an_outside_agency(resident, social, outside):
    with pytest.raises(sharing.ConsentMissing, match="햇살종합복지관"):
        sent(resident, social, destination="agency", agency=outside)
    assert not Referral.objects.exists()


def test_attaches_the_consent_that_stands(resident, social, outside):
    consent = c.share_consent(resident, outside.name, social)
    assert sent(resident, social, destination="agency", agency=outside).consent == consent


@pytest.mark.parametrize(
    "given",
    [
        {"recipient": "다른 복지관"},
        {"withdrawn_on": f.TODAY},
        {"ends_on": f.TODAY},
        {"answer": Consent.Answer.REFUSED},
        {"answered_on": f.TODAY + dt.timedelta(1)},
    ],
)
def test_refuses_a_consent_that_does_not_hold(resident, social, outside, given):
    consent = c.share_consent(resident, given.pop("recipient", outside.name), social, **given)
    with pytest.raises(sharing.ConsentUnfit):
        sent(resident, social, destination="agency", agency=outside, consent=consent)
    with pytest.raises(sharing.ConsentMissing):
        sent(resident, social, destination="agency", agency=outside)


def test_refuses_the_consent_of_somebody_else(resident, social, outside, dong):
    consent = c.share_consent(f.PersonFactory(dong=dong), outside.name, social)
    with pytest.raises(sharing.ConsentUnfit):
        sent(resident, social, destination="agency", agency=outside, consent=consent)


def test_lets_the_newest_answer_count(resident, social, outside):
    c.share_consent(resident, outside.name, social, answered_on=dt.date(2015, 1, 5))
    c.share_consent(resident, outside.name, social, answer=Consent.Answer.REFUSED)
    assert sharing.standing(resident, recipient=outside.name, on=f.TODAY) is None


def test_records_a_consent_with_its_items_that_ends_by_itself(resident, social, outside, wording):
    consent = sharing.record(
        resident, recipient=outside.name, items=["needs", "contact"], channel="phone", by=social, at=AT
    )
    assert (consent.items, consent.asked_by) == (["contact", "needs"], "오세진")
    assert consent.ends_on == f.TODAY + dt.timedelta(365)
    assert sent(resident, social, destination="agency", agency=outside, consent=consent).consent == consent


@pytest.mark.parametrize("given", [{"items": []}, {"items": ["needs", "secrets"]}, {"channel": "rumour"}])
def test_records_no_consent_without_items_or_channel(resident, social, wording, given):
    facts = {"items": ["needs"], "channel": "phone"} | given
    with pytest.raises(sharing.ConsentUnfit):
        sharing.record(resident, recipient="햇살종합복지관", by=social, at=AT, **facts)


def test_needs_no_consent_inside_the_district(resident, social, center):
    assert sent(resident, social, destination="agency", agency=center).consent is None


def test_tells_without_consent_only_where_a_life_is_at_risk(resident, social, outside):
    ground = "개인정보 보호법 제18조 제2항 제3호: 급박한 생명의 위험"
    with pytest.raises(sharing.ConsentMissing):
        sent(resident, social, destination="agency", agency=outside, need="isolation", emergency_ground=ground)
    referral = sent(
        resident, social, destination="agency", agency=outside, need="suicide_risk", emergency_ground=ground
    )
    assert (referral.emergency_ground, referral.is_urgent) == (ground, True)


@pytest.mark.parametrize(
    "given",
    [
        {"destination": "elsewhere"},
        {"destination": "agency"},
        {"destination": "service"},
        {"summary": "  "},
    ],
)
def test_refuses_what_nobody_could_act_on(resident, social, given):
    with pytest.raises(referrals.BadReferral):
        sent(resident, social, **given)


def test_refuses_an_agency_that_is_no_longer_in_use(resident, social, center):
    center.is_active = False
    center.save()
    with pytest.raises(referrals.BadReferral):
        sent(resident, social, destination="agency", agency=center)


def test_refuses_somebody_registered_as_dead(resident, social):
    Person.objects.filter(pk=resident.pk).update(status="deceased")
    with pytest.raises(referrals.BadReferral):
        sent(resident, social)


def test_refuses_the_same_question_twice(resident, social, center):
    sent(resident, social)
    sent(resident, social, destination="agency", agency=center, service="도시락")
    sent(resident, social, destination="agency", agency=center, service="안부 전화")
    sent(resident, social, destination="service", service="긴급지원")
    for again in (
        {},
        {"destination": "agency", "agency": center, "service": "도시락"},
        {"destination": "service", "service": "긴급지원"},
    ):
        with pytest.raises(referrals.AlreadyReferred):
            sent(resident, social, **again)


def test_refuses_a_second_way_to_the_committee_while_a_case_is_open(resident, social):
    case = c.CaseFactory(referral=c.ReferralFactory(person=resident, state=State.DONE))
    with pytest.raises(referrals.CaseIsOpen, match=case.number):
        sent(resident, social)


# ---------------------------------------------------------------- the device's key


def test_answers_a_repeated_key_with_the_first_referral(resident, social):
    key = uuid.uuid4()
    first = sent(resident, social, client_key=key)
    assert sent(resident, social, client_key=key) == first
    assert first.events.count() == 1


def test_refuses_a_key_that_belongs_to_another_referral(resident, social, nurse):
    key = uuid.uuid4()
    sent(resident, social, client_key=key)
    with pytest.raises(referrals.BadReferral):
        sent(resident, nurse, client_key=key)


@pytest.mark.django_db(transaction=True)
def test_makes_one_referral_of_many_parallel_sends(resident, social):
    key = uuid.uuid4()

    def send(_):
        try:
            return sent(resident, social, client_key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert Referral.objects.count() == 1


# ---------------------------------------------------------------- visits


def test_lets_a_managed_visit_close_only_after_a_referral(resident, nurse, social):
    visit = c.done_visit(resident, nurse, social)
    with pytest.raises(visits.NotLinked):
        visits.close(visit, by=social, at=AT)
    sent(resident, social, visit=visit)
    visit.refresh_from_db()
    assert (visit.linked_at, visit.state) == (AT, Visit.State.CLOSED)


def test_refuses_a_visit_of_somebody_else(resident, nurse, social, dong):
    visit = c.done_visit(f.PersonFactory(dong=dong), nurse, social)
    with pytest.raises(referrals.BadReferral):
        sent(resident, social, visit=visit)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("to", [State.ACCEPTED, State.REJECTED, State.DONE, State.REVOKED])
def test_moves_only_along_the_table(resident, social, start, to):
    referral = c.ReferralFactory(person=resident, state=start)
    act = {
        State.ACCEPTED: lambda: referrals.accept(referral, note="연락함", by=social, at=AT),
        State.REJECTED: lambda: referrals.reject(referral, reason="대상이 아님", by=social, at=AT),
        State.DONE: lambda: referrals.finish(referral, result="도시락 시작", by=social, at=AT),
        State.REVOKED: lambda: referrals.revoke(referral, reason="이사", by=social, at=AT),
    }[to]
    if to in Referral.MOVES[start]:
        assert act().state == to
    else:
        with pytest.raises(referrals.IllegalMove):
            act()
        referral.refresh_from_db()
        assert referral.state == start


def test_leaves_the_sender_responsible_until_the_receiver_acts(resident, social, center):
    referral = sent(resident, social, destination="agency", agency=center)
    assert referrals.responsible(referral) == "오세진"
    accepted = referrals.accept(referral, note="담당 노은채", by=social, at=AT + dt.timedelta(1))
    assert accepted.first_act_at == AT + dt.timedelta(1)
    assert referrals.responsible(accepted) == center.name


def test_gives_a_rejected_referral_back_to_its_owner(resident, social, center):
    referral = referrals.reject(
        sent(resident, social, destination="agency", agency=center), reason="대상이 아님", by=social, at=AT
    )
    assert referrals.responsible(referral) == "오세진"
    assert list(Referral.objects.returned()) == [referral]
    sent(resident, social, at=AT + dt.timedelta(1))
    assert not Referral.objects.returned().exists()


@pytest.mark.parametrize("act", [referrals.reject, referrals.revoke])
def test_wants_a_reason_for_a_no(referral, social, act):
    with pytest.raises(referrals.NoteMissing):
        act(referral, reason=" ", by=social, at=AT)


def test_does_one_thing_when_a_button_is_pressed_twice(referral, social):
    first = referrals.accept(referral, note="연락함", by=social, at=AT, version=1)
    again = referrals.accept(referral, note="연락함", by=social, at=AT + dt.timedelta(minutes=1), version=1)
    assert (again.version, again.first_act_at) == (first.version, AT)
    assert referral.events.filter(act="accepted").count() == 1


def test_refuses_an_answer_given_on_a_stale_page(referral, social, manager):
    referrals.accept(referral, note="연락함", by=social, at=AT, version=1)
    with pytest.raises(Stale, match="받음"):
        referrals.reject(referral, reason="대상이 아님", by=manager, at=AT, version=1)


def test_hands_over_with_a_note_to_a_colleague_of_the_dong(referral, social, counsellor, nurse_elsewhere):
    with pytest.raises(referrals.NoteMissing):
        referrals.hand_over(referral, to=counsellor, note="", by=social, at=AT)
    with pytest.raises(referrals.NotInThisDong):
        referrals.hand_over(referral, to=nurse_elsewhere, note="전화했음", by=social, at=AT)
    moved = referrals.hand_over(referral, to=counsellor, note="두 번 전화했고 금요일에 다시 함", by=social, at=AT)
    assert referrals.responsible(moved) == "노은채"
    assert moved.events.last().text == "노은채: 두 번 전화했고 금요일에 다시 함"


# ---------------------------------------------------------------- due dates


def test_is_due_after_the_agencys_own_days(resident, social, outside):
    c.share_consent(resident, outside.name, social)
    referral = sent(resident, social, destination="agency", agency=outside)
    assert referral.due_on == dt.date(2015, 1, 19)
    assert referral.due_at == at_seoul(dt.date(2015, 1, 20), dt.time())


def test_is_due_at_the_committees_next_meeting(resident, social, body):
    g.MeetingFactory(body=body, starts_at=at_seoul(dt.date(2015, 1, 22), dt.time(14)))
    assert sent(resident, social).due_on == dt.date(2015, 1, 22)


def test_is_due_in_hours_when_a_life_is_at_risk(resident, social, center):
    referral = sent(resident, social, destination="agency", agency=center, need="suicide_risk")
    assert referral.due_at == AT + dt.timedelta(hours=4)
    assert referrals.late_by(referral, at=AT + dt.timedelta(hours=3)) == "1시간 0분 남음"
    assert referrals.late_by(referral, at=AT + dt.timedelta(hours=4, minutes=30)) == "30분 지남"


@pytest.mark.parametrize(("days", "step"), [(7, 0), (8, 1), (10, 2), (13, 3)])
def test_climbs_from_the_sender_to_the_lead_to_the_agency(resident, social, center, days, step):
    referral = sent(resident, social, destination="agency", agency=center)
    moment = AT + dt.timedelta(days=days)
    assert referrals.step(referral, at=moment) == step
    assert Referral.objects.overdue(moment).exists() == bool(step)


def test_climbs_by_hours_when_a_life_is_at_risk(resident, social, center):
    referral = sent(resident, social, destination="agency", agency=center, need="suicide_risk")
    assert [referrals.step(referral, at=AT + dt.timedelta(hours=h)) for h in (3, 5, 6, 9)] == [0, 1, 2, 3]


def test_is_no_longer_late_once_answered(referral, social):
    referral = referrals.accept(referral, by=social, at=AT)
    assert referrals.step(referral, at=AT + dt.timedelta(100)) == 0


# ---------------------------------------------------------------- who sees it


def test_shows_referrals_to_the_dong_and_to_the_health_center_what_was_sent_there(
    referral, resident, social, lead, lead_elsewhere, scope_of, dong
):
    health = f.UserFactory(name="서보라")
    f.PostingFactory(user=health, role="HC", dong=None)
    clinic = c.AgencyFactory(name="성북구 보건소", kind=Agency.Kind.HEALTH_CENTER)
    to_clinic = sent(resident, social, destination="agency", agency=clinic)
    assert set(Referral.objects.visible_to(scope_of(lead))) == {referral, to_clinic}
    assert not Referral.objects.visible_to(scope_of(lead_elsewhere)).exists()
    assert list(Referral.objects.visible_to(scope_of(health))) == [to_clinic]


def test_keeps_the_summary_unreadable_at_rest(referral):
    with connection.cursor() as cursor:
        cursor.execute("SELECT summary FROM casemgmt_referral WHERE id = %s", [referral.pk])
        assert "난방" not in cursor.fetchone()[0]
    assert Case.objects.count() == 0
