"""A case: its number, its one lead agency, reviews, the end, the follow-up, coming back."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from casemgmt import case_endings, cases
from casemgmt.cases import NewPlanItem
from casemgmt.models import Agency, Case, CaseFollowUp, CaseLead
from common.refusals import Stale
from tests import factories as f
from tests.casemgmt import factories as c

AT = c.AT
State = Case.State
NEXT = dt.date(2015, 2, 12)


@pytest.fixture
def case(resident, agencies, manager):
    return c.CaseFactory(
        referral=c.ReferralFactory(person=resident, state="done", sent_by=manager),
        lead_agency=agencies["living_support"],
        manager=manager,
    )


def close(case, by, **given):
    return case_endings.close(case, by=by, at=AT, **{"reason": "goals_met"} | given)


# ---------------------------------------------------------------- the number


def test_numbers_cases_by_dong_and_year(dong, other_dong):
    assert cases.next_number(dong, on=f.TODAY) == "장위1-15-001"
    assert cases.next_number(dong, on=f.TODAY) == "장위1-15-002"
    assert cases.next_number(other_dong, on=f.TODAY) == "월곡1-15-001"
    assert cases.next_number(dong, on=dt.date(2016, 1, 4)) == "장위1-16-001"


@pytest.mark.django_db(transaction=True)
def test_gives_every_thread_a_number_of_its_own(dong):
    def take(_):
        try:
            with transaction.atomic():
                return cases.next_number(dong, on=f.TODAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(take, range(24)))
    assert sorted(numbers) == [f"장위1-15-{n:03d}" for n in range(1, 25)]


def test_leaves_no_gap_when_an_act_is_rolled_back(dong):
    with pytest.raises(RuntimeError), transaction.atomic():
        cases.next_number(dong, on=f.TODAY)
        raise RuntimeError
    assert cases.next_number(dong, on=f.TODAY) == "장위1-15-001"


# ---------------------------------------------------------------- one lead agency


def test_has_exactly_one_lead_agency(case, agencies, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLead.objects.create(case=case, agency=agencies["intensive"], valid_from=f.TODAY, by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(lead_agency=None)


def test_changes_the_lead_with_the_type_and_keeps_the_story(case, agencies, manager):
    changed = cases.reassign(
        case, type="intensive", lead_agency=agencies["intensive"], reason="음주가 심해짐", by=manager, at=AT
    )
    assert (changed.type, changed.lead_agency) == ("intensive", agencies["intensive"])
    assert [(lead.agency, lead.valid_to) for lead in changed.leads.order_by("pk")] == [
        (agencies["living_support"], f.TODAY),
        (agencies["intensive"], None),
    ]
    assert changed.needs_ratification  # nobody decided it in a meeting
    assert cases.ratify(changed, by=manager, at=AT).needs_ratification is False


def test_refuses_a_lead_that_does_not_fit_the_type(case, agencies, manager):
    for type, agency in (("intensive", agencies["care_support"]), ("intensive", agencies["living_support"])):
        with pytest.raises(cases.BadLead):
            cases.reassign(case, type=type, lead_agency=agency, reason="바꿈", by=manager, at=AT)
    with pytest.raises(cases.NoteMissing):
        cases.reassign(case, type="intensive", lead_agency=agencies["intensive"], reason=" ", by=manager, at=AT)


def test_refuses_a_lead_that_is_full(case, agencies, manager):
    Agency.objects.filter(pk=agencies["intensive"].pk).update(case_limit=0)
    with pytest.raises(cases.AgencyFull):
        cases.reassign(case, type="intensive", lead_agency=agencies["intensive"], reason="바꿈", by=manager, at=AT)


# ---------------------------------------------------------------- reviewing


def test_notes_a_review_and_the_next_day(case, manager):
    reviewed = cases.review(case, text="경로당에 다시 나감", next_on=NEXT, state="monitoring", by=manager, at=AT)
    assert (reviewed.review_on, reviewed.state) == (NEXT, State.MONITORING)
    assert case.events.last().text == "경로당에 다시 나감"


def test_notes_a_review_once_when_pressed_twice(case, manager):
    for _ in range(2):
        cases.review(case, text="경로당에 다시 나감", next_on=NEXT, by=manager, at=AT, version=1)
    assert case.events.filter(act="reviewed").count() == 1


def test_refuses_a_review_from_a_stale_page(case, manager, lead):
    cases.review(case, text="경로당에 다시 나감", next_on=NEXT, by=manager, at=AT, version=1)
    with pytest.raises(Stale):
        cases.review(case, text="끼니를 거름", next_on=NEXT, by=lead, at=AT, version=1)


@pytest.mark.parametrize("day", [f.TODAY, f.TODAY + dt.timedelta(191)])
def test_refuses_a_review_day_that_is_past_or_far(case, manager, day):
    with pytest.raises(cases.BadReviewDay):
        cases.review(case, text="봄", next_on=day, by=manager, at=AT)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (NewPlanItem(" ", NEXT), "무엇을"),
        (NewPlanItem("안부 전화", NEXT), "맡을 사람"),
        (NewPlanItem("안부 전화", dt.date(2015, 1, 13), owner=None), "맡을 사람"),
    ],
)
def test_wants_an_owner_and_a_day_for_everything_planned(case, manager, line, said):
    with pytest.raises(cases.BadPlan, match=said):
        cases.add_plan(case, [line], by=manager, at=AT)
    with pytest.raises(cases.BadPlan, match="지났습니다"):
        cases.add_plan(case, [NewPlanItem("안부 전화", dt.date(2015, 1, 13), owner=manager)], by=manager, at=AT)


def test_finishes_a_line_of_the_plan_once(case, manager):
    line = cases.add_plan(case, c.plan_by(manager), by=manager, at=AT)[0]
    cases.finish_plan_item(line, by=manager, at=AT)
    again = cases.finish_plan_item(line, by=manager, at=AT + dt.timedelta(1))
    assert again.done_at == AT
    assert case.events.filter(act="plan_done").count() == 1


def test_hands_a_case_over_with_a_note(case, lead, counsellor, nurse_elsewhere):
    with pytest.raises(cases.NoteMissing):
        cases.hand_over(case, to=counsellor, text=" ", by=lead, at=AT)
    with pytest.raises(cases.NotInThisDong):
        cases.hand_over(case, to=nurse_elsewhere, text="부탁", by=lead, at=AT)
    assert cases.hand_over(case, to=counsellor, text="매주 화요일에 전화함", by=lead, at=AT).manager == counsellor


# ---------------------------------------------------------------- ending


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("reason", ["goals_met", "moved"])
def test_ends_only_along_the_table(case, lead, start, reason):
    Case.objects.filter(pk=case.pk).update(state=start)
    to = State.CLOSED if reason == "moved" else State.FOLLOW_UP
    if to in Case.MOVES[start]:
        assert close(case, lead, reason=reason).state == to
    else:
        with pytest.raises(cases.IllegalMove):
            close(case, lead, reason=reason)


def test_looks_after_somebody_one_and_three_months_after_the_end(case, lead):
    ended = close(case, lead, text="스스로 병원에 다님")
    assert (ended.state, ended.closed_on, ended.close_reason) == (
        State.FOLLOW_UP,
        f.TODAY,
        "목표를 이룸: 스스로 병원에 다님",
    )
    assert [row.due_on for row in ended.follow_ups.all()] == [dt.date(2015, 2, 14), dt.date(2015, 4, 14)]
    assert not ended.leads.filter(valid_to=None).exists()


def test_follows_nobody_up_who_moved_or_died(case, lead):
    assert not close(case, lead, reason="deceased").follow_ups.exists()


def test_ends_once_when_pressed_twice(case, lead):
    for _ in range(2):
        close(case, lead, version=1)
    assert case.follow_ups.count() == 2


def test_wants_a_reason_and_a_finished_plan(case, lead, manager):
    with pytest.raises(cases.NoteMissing):
        close(case, lead, reason="tired")
    cases.add_plan(case, c.plan_by(manager), by=manager, at=AT)
    with pytest.raises(cases.BadPlan, match="1건"):
        close(case, lead)
    assert close(case, lead, reason="declined").state == State.FOLLOW_UP


def test_settles_after_the_last_follow_up(case, lead, manager):
    first, last = close(case, lead).follow_ups.all()
    with pytest.raises(cases.NoteMissing):
        case_endings.follow_up(first, outcome="well", text=" ", by=manager, at=AT)
    case_endings.follow_up(first, outcome="well", text="잘 지내심", by=manager, at=AT)
    case.refresh_from_db()
    assert case.state == State.FOLLOW_UP
    case_endings.follow_up(last, outcome="well", text="잘 지내심", by=manager, at=AT)
    case.refresh_from_db()
    assert case.state == State.CLOSED


def test_stays_open_to_coming_back_when_help_is_needed_again(case, lead, manager):
    first, last = close(case, lead).follow_ups.all()
    for row in (first, last):
        case_endings.follow_up(row, outcome="needs_help", text="다시 어려움", by=manager, at=AT)
    case.refresh_from_db()
    assert case.state == State.FOLLOW_UP
    back = case_endings.reopen(case, reason="다시 어려움", review_on=NEXT, by=manager, at=AT)
    assert (back.state, back.number, back.closed_on, back.review_on) == (State.OPEN, case.number, None, NEXT)
    assert back.leads.get(valid_to=None).agency == case.lead_agency


@pytest.mark.parametrize("start", [State.OPEN, State.MONITORING])
def test_reopens_only_what_has_ended(case, manager, start):
    Case.objects.filter(pk=case.pk).update(state=start)
    with pytest.raises(cases.IllegalMove):
        case_endings.reopen(case, reason="다시", review_on=NEXT, by=manager, at=AT)


def test_takes_back_follow_ups_that_were_still_to_come(case, lead, manager):
    close(case, lead)
    case_endings.reopen(case, reason="다시 어려움", review_on=NEXT, by=manager, at=AT)
    assert not CaseFollowUp.objects.filter(case=case).exists()


def test_opens_no_second_case_of_a_person_by_reopening(case, lead, manager):
    close(case, lead, reason="moved")
    c.CaseFactory(
        referral=c.ReferralFactory(person=case.person, state="done"),
        lead_agency=case.lead_agency,
        number="장위1-15-900",
    )
    with pytest.raises(cases.CaseIsOpen):
        case_endings.reopen(case, reason="돌아옴", review_on=NEXT, by=manager, at=AT)


def test_shows_cases_to_the_dong_to_their_manager_and_sender(case, lead, manager, social, lead_elsewhere, scope_of):
    assert list(Case.objects.visible_to(scope_of(lead))) == [case]
    assert not Case.objects.visible_to(scope_of(lead_elsewhere)).exists()
    assert not Case.objects.visible_to(scope_of(social)).exists()
    type(case.referral).objects.filter(pk=case.referral_id).update(sent_by=social)
    assert list(Case.objects.visible_to(scope_of(social))) == [case]
