"""The committee: what comes onto its agenda, what its decisions do."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from casemgmt import case_agenda, cases, committee, referrals
from casemgmt.cases import NewPlanItem
from casemgmt.models import Case, CaseAgendaItem, Referral
from common.months import at_seoul
from common.refusals import Refusal, Stale
from governance import agenda, calendars, meetings
from governance.models import AgendaItem, Meeting
from tests import factories as f
from tests.casemgmt import factories as c
from tests.governance import factories as g

AT = g.MEETS_AT
REVIEW = dt.date(2015, 2, 5)


def accepted(item, by, agencies, **given):
    facts = {
        "type": "care_support",
        "lead_agency": agencies[given.get("type", "care_support")],
        "review_on": REVIEW,
        "plan": c.plan_by(by),
        "in_favour": 5,
    }
    return committee.open_case(item, by=by, at=AT, **facts | given)


@pytest.fixture
def table(referral, meeting, manager, agencies):
    """The referral, being talked about."""
    return c.on_the_table(referral, meeting, by=manager)


# ---------------------------------------------------------------- onto the agenda


def test_proposes_an_arriving_referral_for_the_next_weekly_meeting(referral, body, manager):
    meeting = calendars.next_or_laid(body, at=c.AT, by=manager)
    assert meeting.starts_at == at_seoul(dt.date(2015, 1, 15), dt.time(14))
    assert [p.referral for p in case_agenda.proposals(meeting)] == [referral]
    assert list(case_agenda.waiting(body.dong)) == [referral]


def test_puts_urgent_referrals_first(referral, body, social, dong):
    urgent = referrals.refer(
        f.PersonFactory(dong=dong), destination="committee", need="abuse", summary="멍이 있습니다.", by=social, at=AT
    )
    assert list(case_agenda.waiting(dong)) == [urgent, referral]


def test_takes_a_referral_onto_the_agenda_under_a_name_that_tells_nothing(referral, body, manager):
    item = case_agenda.put_on_agenda(referral, by=manager, at=c.AT)
    referral.refresh_from_db()
    assert item.title == f"접수 {referral.uid.hex[:4].upper()}"
    assert "김영순" not in item.title + item.note
    assert (referral.state, referral.first_act_at) == (Referral.State.ACCEPTED, c.AT)
    assert not case_agenda.waiting(body.dong).exists()


def test_takes_it_once_however_often_it_is_pressed(referral, body, manager):
    first = case_agenda.put_on_agenda(referral, by=manager, at=c.AT)
    assert case_agenda.put_on_agenda(referral, by=manager, at=c.AT) == first
    assert CaseAgendaItem.objects.count() == 1


def test_takes_nothing_that_was_not_sent_to_the_committee(resident, body, social, manager):
    elsewhere = c.ReferralFactory(person=resident, destination="service", service="긴급지원")
    ended = c.ReferralFactory(person=resident, state="rejected")
    for referral in (elsewhere, ended):
        with pytest.raises(case_agenda.NotForTheCommittee):
            case_agenda.put_on_agenda(referral, by=manager, at=c.AT)


def test_takes_nothing_to_another_dongs_meeting(referral, other_dong, manager):
    other = g.MeetingFactory(body=g.full_committee(other_dong))
    with pytest.raises(case_agenda.NotForTheCommittee):
        case_agenda.put_on_agenda(referral, meeting=other, by=manager, at=c.AT)


def test_says_when_the_dong_has_no_committee(referral, manager):
    with pytest.raises(case_agenda.NoCommittee):
        case_agenda.put_on_agenda(referral, by=manager, at=c.AT)


def test_proposes_due_reviews_and_what_must_be_ratified(body, resident, agencies, manager, dong):
    meeting = g.MeetingFactory(body=body)
    due = c.CaseFactory(referral=c.ReferralFactory(person=resident, state="done"), review_on=dt.date(2015, 1, 15))
    later = c.CaseFactory(
        referral=c.ReferralFactory(person=f.PersonFactory(dong=dong), state="done"),
        review_on=dt.date(2015, 1, 16),
        lead_agency=due.lead_agency,
    )
    assert [p.case for p in case_agenda.proposals(meeting)] == [due]
    Case.objects.filter(pk=later.pk).update(needs_ratification=True)
    kinds = {p.case.pk: p.kind for p in case_agenda.proposals(meeting)}
    assert kinds == {due.pk: "review", later.pk: "ratify"}


def test_proposes_to_check_the_last_meetings_decisions(table, meeting, body, manager, agencies):
    accepted(table, manager, agencies)
    meetings.close_meeting(meeting, by=manager, at=AT)
    following = g.MeetingFactory(body=body, starts_at=AT + dt.timedelta(7))
    proposal = case_agenda.proposals(following)[0]
    assert (proposal.title, proposal.note) == ("지난 회의 결정 점검", "1건 가운데 0건 이행")
    cases.finish_plan_item(Case.objects.get().plan.get(), by=manager, at=AT)
    assert case_agenda.proposals(following)[0].note == "1건 가운데 1건 이행"


def test_proposes_overlaps_to_the_working_members_once_a_month(body, resident, social):
    for _ in range(2):
        c.ReferralFactory(person=resident, destination="agency", agency=c.AgencyFactory())
    first = g.MeetingFactory(body=body, starts_at=at_seoul(dt.date(2015, 2, 5), dt.time(14)))
    second = g.MeetingFactory(body=body, starts_at=at_seoul(dt.date(2015, 2, 12), dt.time(14)))
    assert [p.title for p in case_agenda.proposals(first)] == ["중복·누락 점검"]
    assert case_agenda.proposals(second) == []


def test_takes_up_the_chosen_proposals_in_order(referral, body, manager, resident, dong):
    meeting = g.MeetingFactory(body=body)
    case = c.CaseFactory(
        referral=c.ReferralFactory(person=f.PersonFactory(dong=dong), state="done"), review_on=dt.date(2015, 1, 15)
    )
    proposals = case_agenda.proposals(meeting)
    case_agenda.take_up(meeting, [p.key for p in proposals], by=manager, at=c.AT)
    assert list(meeting.agenda.values_list("title", flat=True)) == [case.number, referral.code]
    assert case_agenda.proposals(meeting) == []


def test_gives_a_withdrawn_referral_back_to_the_waiting_ones(referral, body, manager):
    item = case_agenda.put_on_agenda(referral, by=manager, at=c.AT)
    agenda.withdraw(item, by=manager, at=c.AT)
    assert list(case_agenda.waiting(body.dong)) == [referral]
    assert case_agenda.put_on_agenda(referral, by=manager, at=c.AT) != item


# ---------------------------------------------------------------- a referral becomes a case


def test_opens_a_case_with_number_type_lead_review_and_plan(table, referral, manager, agencies):
    case = accepted(table, manager, agencies)
    assert (case.number, case.type, case.lead_agency, case.review_on) == (
        "장위1-15-001",
        "care_support",
        agencies["care_support"],
        REVIEW,
    )
    assert [(row.what, row.owner, row.due_on) for row in case.plan.all()] == [
        ("안부 전화와 방문", manager, dt.date(2015, 1, 22))
    ]
    referral.refresh_from_db(), table.refresh_from_db()
    assert (referral.state, referral.end_note) == (Referral.State.DONE, "통합사례 장위1-15-001 시작")
    assert (table.state, table.title) == (AgendaItem.State.DECIDED, "장위1-15-001")
    assert case.decision.in_favour == 5
    assert case.leads.get().agency == agencies["care_support"]
    assert case.events.get().act == "opened"


def test_suggests_the_type_and_keeps_both_when_it_is_decided_differently(table, manager, agencies):
    row = CaseAgendaItem.objects.get(item=table)
    assert row.suggested_type == "care_support"
    with pytest.raises(committee.ReasonMissing, match="돌봄지원"):
        accepted(table, manager, agencies, type="living_support")
    case = accepted(table, manager, agencies, type="living_support", type_reason="수급 신청이 먼저입니다.")
    assert (case.suggested_type, case.type) == ("care_support", "living_support")
    assert "수급 신청이 먼저입니다." in case.decision.text


def test_writes_decisions_without_names(table, manager, agencies):
    case = accepted(
        table, manager, agencies, type="living_support", type_reason="김영순 님이 장위로 3길 14에서 바랍니다."
    )
    assert "김영순" not in case.decision.text
    assert "장위로" not in case.decision.text
    assert "본인" in case.decision.text


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"type": "nonsense", "lead_agency": None}, Refusal),
        ({"review_on": dt.date(2015, 1, 15)}, cases.BadReviewDay),
        ({"plan": []}, cases.BadPlan),
        ({"in_favour": 2}, agenda.NotCarried),
    ],
)
def test_opens_nothing_when_something_is_missing(table, manager, agencies, given, refusal):
    if "type" in given:
        given = {"type": "intensive", "type_reason": "심해짐", "lead_agency": agencies["care_support"]}
        refusal = cases.BadLead
    with pytest.raises(refusal):
        accepted(table, manager, agencies, **given)
    table.refresh_from_db()
    assert (table.state, Case.objects.count()) == (AgendaItem.State.CURRENT, 0)
    assert cases.next_number(table.meeting.body.dong, on=dt.date(2015, 1, 15)) == "장위1-15-001"


def test_opens_nothing_without_a_quorum(referral, body, manager, agencies):
    meeting = g.open_meeting(body, by=manager, present=3)
    item = c.on_the_table(referral, meeting, by=manager)
    with pytest.raises(agenda.NoQuorum):
        accepted(item, manager, agencies, in_favour=3)
    assert not Case.objects.exists()


def test_takes_a_full_agency_off_the_choice(table, manager, agencies):
    type(agencies["care_support"]).objects.filter(pk=agencies["care_support"].pk).update(case_limit=0)
    with pytest.raises(cases.AgencyFull):
        accepted(table, manager, agencies)


def test_opens_one_case_for_a_double_click(table, manager, agencies):
    key = uuid.uuid4()
    first = accepted(table, manager, agencies, client_key=key)
    assert accepted(table, manager, agencies, client_key=key) == first
    assert Case.objects.count() == 1


def test_refuses_a_second_decision_from_a_stale_form(table, manager, lead, agencies):
    accepted(table, manager, agencies, version=table.version)
    with pytest.raises(Stale):
        accepted(table, lead, agencies, version=table.version, client_key=uuid.uuid4())
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_opens_one_case_for_parallel_decisions(table, manager, agencies):
    def press(_):
        try:
            accepted(table, manager, agencies, version=table.version)
            return "opened"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(press, range(4)))
    assert answers == ["STALE", "STALE", "STALE", "opened"]
    assert Case.objects.get().number == "장위1-15-001"


def test_gives_the_case_to_the_case_worker_with_the_fewest(table, manager, agencies, dong):
    from tests.cast import posted

    second = posted("manager2", "문지호", "CM", dong)
    c.CaseFactory(manager=manager, lead_agency=agencies["living_support"])
    assert accepted(table, second, agencies).manager == second


def test_takes_plan_lines_for_members_too(table, body, manager, agencies):
    camp = body.members.get(seat="camp")
    lines = [NewPlanItem("말벗 짝짓기", dt.date(2015, 1, 20), member=camp, amount="주 1회")]
    case = accepted(table, manager, agencies, plan=lines)
    assert case.plan.get().owner_member == camp


# ---------------------------------------------------------------- other answers


def test_answers_a_declined_referral_with_the_reason(table, referral, manager, social):
    committee.decline(table, reason="가족이 돌보고 있습니다.", in_favour=4, by=manager, at=AT)
    referral.refresh_from_db()
    assert (referral.state, referral.end_note) == (Referral.State.REJECTED, "가족이 돌보고 있습니다.")
    assert list(Referral.objects.returned()) == [referral]
    assert referrals.responsible(referral) == social.name


def test_wants_a_reason_for_declining(table, manager):
    with pytest.raises(committee.ReasonMissing):
        committee.decline(table, reason=" ", in_favour=4, by=manager, at=AT)


def test_carries_a_postponed_referral_to_the_next_meeting_with_its_pack(table, referral, body, manager):
    following = g.MeetingFactory(body=body, starts_at=AT + dt.timedelta(7))
    committee.save_draft(
        CaseAgendaItem.objects.get(item=table), data={"type": "care_support"}, version=0, by=manager, at=AT
    )
    moved = committee.postpone(table, reason="가족과 더 이야기함", by=manager, at=AT)
    assert committee.postpone(table, reason="가족과 더 이야기함", by=manager, at=AT) == moved
    row = CaseAgendaItem.objects.get(item=moved)
    assert (moved.meeting, row.referral, row.draft) == (following, referral, {"type": "care_support"})
    referral.refresh_from_db()
    assert referral.state == Referral.State.ACCEPTED


def test_carries_the_rest_when_the_meeting_ends(table, referral, meeting, body, manager):
    agenda.add_item(meeting, title="겨울 난방 자원 나누기", by=manager, at=AT)
    with pytest.raises(meetings.OpenItems):
        committee.close_meeting(meeting, by=manager, at=AT)
    closed = committee.close_meeting(meeting, carry_reason="시간이 모자람", by=manager, at=AT)
    following = calendars.next_meeting(body, at=AT, after=closed)
    assert closed.state == Meeting.State.CLOSED
    assert {item.title for item in following.agenda.all()} == {referral.code, "겨울 난방 자원 나누기"}
    assert CaseAgendaItem.objects.filter(item__meeting=following, referral=referral).exists()


def test_tells_the_second_writer_of_a_draft(table, manager, lead):
    row = CaseAgendaItem.objects.get(item=table)
    row = committee.save_draft(row, data={"type": "care_support"}, version=0, by=manager, at=AT)
    committee.save_draft(
        row, data={"type": "intensive"}, version=0, by=manager, at=AT
    )  # an older tab of the same person
    with pytest.raises(Stale, match="강태호"):
        committee.save_draft(row, data={"type": "specialised"}, version=0, by=lead, at=AT)


# ---------------------------------------------------------------- running cases


@pytest.fixture
def running(table, manager, agencies, meeting):
    case = accepted(table, manager, agencies)
    item = case_agenda.put_case(case, meeting=meeting, by=manager, at=AT)
    return case, agenda.start_item(item, by=manager, at=AT)


def test_continues_a_case_until_the_next_review(running, manager):
    case, item = running
    committee.decide_case(
        item, outcome="continue", text="식사가 나아짐", review_on=dt.date(2015, 3, 5), in_favour=5, by=manager, at=AT
    )
    case.refresh_from_db()
    assert case.review_on == dt.date(2015, 3, 5)
    assert item.decisions.get().text == f"{case.number}: 이어 감. 식사가 나아짐"


def test_reassigns_a_case_when_its_type_changes(running, manager, agencies):
    case, item = running
    facts = {"outcome": "change", "text": "음주가 심해짐", "type": "intensive", "in_favour": 5, "by": manager, "at": AT}
    with pytest.raises(cases.BadLead):
        committee.decide_case(item, **facts)
    committee.decide_case(item, lead_agency=agencies["intensive"], **facts)
    case.refresh_from_db()
    assert (case.type, case.lead_agency, case.needs_ratification) == ("intensive", agencies["intensive"], False)
    assert case.leads.get(valid_to=None).decision == item.decisions.get()


def test_ratifies_what_was_changed_in_an_emergency(running, manager, agencies):
    case, item = running
    cases.reassign(case, type="specialised", lead_agency=agencies["specialised"], reason="화재", by=manager, at=AT)
    committee.decide_case(item, outcome="continue", text="옳았음", review_on=REVIEW, in_favour=5, by=manager, at=AT)
    case.refresh_from_db()
    assert not case.needs_ratification


def test_closes_a_case_with_follow_ups(running, manager):
    case, item = running
    committee.decide_case(
        item, outcome="close", text="이사하심", close_reason="other_agency", in_favour=5, by=manager, at=AT
    )
    case.refresh_from_db()
    assert case.state == Case.State.FOLLOW_UP
    assert case.follow_ups.count() == 2


@pytest.mark.parametrize("given", [{"outcome": "sell"}, {"text": " "}])
def test_wants_an_outcome_and_a_sentence(running, manager, given):
    facts = {"outcome": "continue", "text": "나아짐"} | given
    with pytest.raises(committee.ReasonMissing):
        committee.decide_case(running[1], in_favour=5, review_on=REVIEW, by=manager, at=AT, **facts)


def test_decides_about_a_case_once(running, manager):
    key = uuid.uuid4()
    facts = {"outcome": "continue", "text": "나아짐", "review_on": REVIEW, "in_favour": 5, "by": manager, "at": AT}
    first = committee.decide_case(running[1], client_key=key, **facts)
    assert committee.decide_case(running[1], client_key=key, **facts) == first
