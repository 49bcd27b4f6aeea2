"""A visit: starts, is signed by two, finishes, and nothing due disappears when nobody was met."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from planners import missed_visits, visits
from planners.models import Alarm, Consent, ContactAttempt, Receipt, Target, Visit, VisitSignature, VisitStaff
from planners.receipts import KeyReused
from planners.visit_records import NotYourPart, PartSigned
from planners.visit_sections import HEALTH, SOCIAL
from planners.visit_states import WrongState
from tests import factories as f
from tests.planners.recording import fill_in, recorded, save, started

pytestmark = pytest.mark.django_db
LATER = f.NOW + dt.timedelta(hours=2)


@pytest.fixture
def visit(pair):
    return f.standing_visit(pair)


def again(visit):
    return Visit.objects.get(pk=visit.pk)


def test_starts_once_however_often_it_is_pressed(visit, nurse, social):
    visits.start(visit, by=nurse, at=f.NOW)
    visits.start(visit, by=social, at=LATER)
    assert again(visit).started_at == f.NOW
    assert visit.events.filter(act="started").count() == 1


def test_refuses_to_start_without_the_second_discipline(visit, nurse):
    visit.staff.filter(function="social").delete()
    with pytest.raises(visits.PairIncomplete, match="사회복지"):
        visits.start(visit, by=nurse, at=f.NOW)


def test_lets_a_child_nurse_go_alone(nurse, dong):
    pair = f.PairFactory(kind="child", dong=dong, nurse=nurse, social=None)
    programme = f.ProgrammeFactory(key="child", name="우리아이", needs_social_worker=False)
    rule = f.TargetRuleFactory(programme=programme, key="newborn", kind="birth")
    baby = f.PersonFactory(dong=dong, birth_on=dt.date(2014, 12, 25))
    visit = recorded(pair, target=f.TargetFactory(person=baby, rule=rule))
    assert visit.state == Visit.State.DONE
    assert list(visit.signatures.values_list("part", flat=True)) == [HEALTH]


def test_refuses_to_start_for_somebody_else(visit, nurse_elsewhere):
    with pytest.raises(visits.NotYourVisit):
        visits.start(visit, by=nurse_elsewhere, at=f.NOW)


def test_refuses_to_start_before_its_day(pair, nurse):
    visit = f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(days=3))
    with pytest.raises(visits.NotYet, match="1월 17일"):
        visits.start(visit, by=nurse, at=f.NOW)


def test_notes_how_late_a_record_was_begun(visit, nurse):
    visits.start(visit, by=nurse, at=f.NOW + dt.timedelta(days=2))
    assert visit.events.get(act="started").detail == {"late_days": 2}


def test_finishes_with_the_second_signature(pair, nurse, social):
    visit = started(pair)
    fill_in(visit, HEALTH, by=nurse)
    visits.sign(visit, HEALTH, by=nurse, at=f.NOW)
    assert again(visit).state == Visit.State.STARTED
    fill_in(visit, SOCIAL, by=social)
    visits.sign(visit, SOCIAL, by=social, at=LATER)
    done = again(visit)
    assert (done.state, done.outcome, done.finished_at) == (Visit.State.DONE, Visit.Outcome.DONE, LATER)
    target = Target.objects.get(pk=visit.target_id)
    assert (target.state, target.ended_on) == (Target.State.VISITED, f.TODAY)


def test_refuses_a_signature_with_empty_questions(pair, nurse):
    visit = started(pair)
    save(visit, HEALTH, "health_consent", "yes", by=nurse)
    with pytest.raises(visits.PartIncomplete, match="수축기 혈압"):
        visits.sign(visit, HEALTH, by=nurse, at=f.NOW)


def test_refuses_to_sign_the_partners_part(pair, nurse):
    visit = started(pair)
    with pytest.raises(NotYourPart):
        visits.sign(visit, SOCIAL, by=nurse, at=f.NOW)


def test_signs_without_health_answers_when_the_person_does_not_agree(pair, nurse):
    visit = started(pair)
    save(visit, HEALTH, "health_consent", "no", by=nurse)
    save(visit, HEALTH, "judgement", "normal", by=nurse)
    visits.sign(visit, HEALTH, by=nurse, at=f.NOW)
    assert VisitSignature.objects.filter(visit=visit, part=HEALTH).exists()


def test_signs_when_a_screening_was_declined(pair, nurse):
    visit = started(pair)
    fill_in(visit, HEALTH, by=nurse)
    save(visit, HEALTH, "depression-q3", "", by=nurse, base_version=1)
    with pytest.raises(visits.PartIncomplete):
        visits.sign(visit, HEALTH, by=nurse, at=f.NOW)
    save(visit, HEALTH, "depression-skipped", "declined", by=nurse)
    visits.sign(visit, HEALTH, by=nurse, at=f.NOW)
    assert visit.signatures.count() == 1


def test_cannot_be_done_without_both_disciplines_whatever_the_code_does(pair):
    visit = started(pair)
    visit.staff.filter(function="social").delete()
    with pytest.raises(IntegrityError, match="nurse and a social worker"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.DONE)


def test_signs_once_when_the_button_is_pressed_twice(pair, nurse):
    visit = started(pair)
    fill_in(visit, HEALTH, by=nurse)
    key = uuid.uuid4()
    visits.sign(visit, HEALTH, by=nurse, at=f.NOW, client_key=key)
    visits.sign(visit, HEALTH, by=nurse, at=LATER, client_key=key)
    assert visit.events.filter(act="signed").count() == 1
    with pytest.raises(PartSigned):
        visits.sign(visit, HEALTH, by=nurse, at=LATER, client_key=uuid.uuid4())


def test_keeps_the_reason_and_the_corrected_fields_of_an_amendment(pair, nurse):
    visit = recorded(pair)
    visits.take_back(visit, HEALTH, reason="혈압을 잘못 옮겨 적음", by=nurse, at=LATER)
    with pytest.raises(PartSigned):
        save(visit, SOCIAL, "debt", "some", by=pair.social, base_version=1)
    save(visit, HEALTH, "vitals-systolic", 142, by=nurse, base_version=1, at=LATER)
    visits.sign(visit, HEALTH, by=nurse, at=LATER)
    texts = list(visit.events.filter(at=LATER).values_list("text", flat=True))
    assert texts == ["건강 구획 서명을 거둠: 혈압을 잘못 옮겨 적음", "건강 구획 서명 · 고친 항목: 수축기 혈압"]
    assert again(visit).finished_at == f.NOW  # the month it counts in stays


def test_keeps_the_answer_that_was_corrected(pair, nurse):
    visit = recorded(pair)
    visits.take_back(visit, HEALTH, reason="다시 잼", by=nurse, at=LATER)
    save(visit, HEALTH, "vitals-systolic", 142, by=nurse, base_version=1, at=LATER)
    row = visit.answers.get(field="vitals-systolic")
    assert (row.value, row.version) == (142, 2)
    assert [old.value for old in row.history.order_by("pgh_id")] == [124]


def test_refuses_to_take_back_without_a_reason_or_for_the_partner(pair, nurse, social):
    visit = recorded(pair)
    with pytest.raises(visits.ReasonMissing):
        visits.take_back(visit, HEALTH, reason=" ", by=nurse, at=LATER)
    with pytest.raises(NotYourPart):
        visits.take_back(visit, HEALTH, reason="고침", by=social, at=LATER)


# ------------------------------------------------------------------ nobody was met


def test_makes_a_new_visit_and_a_call_when_nobody_is_home(visit, nurse):
    step = visits.cannot_meet(visit, "absent", by=nurse, at=f.NOW)
    assert again(visit).state == Visit.State.FAILED
    assert step.due_on == dt.date(2015, 1, 15)
    assert (step.visit.attempt, step.visit.state, step.visit.release_on) == (2, Visit.State.POOL, step.due_on)
    assert ContactAttempt.objects.get().next_on == step.due_on
    assert not VisitStaff.objects.filter(visit=visit, is_active=True).exists()


def test_asks_the_tongjang_after_three_absences(pair, nurse):
    visit = f.standing_visit(pair)
    for day in (0, 1):
        step = visits.cannot_meet(visit, "absent", by=nurse, at=f.NOW + dt.timedelta(days=day))
        assert "약속" in step.text
        visit = step.visit
        Visit.objects.filter(pk=visit.pk).update(
            state="booked", pair=pair, on=f.TODAY, half="AM", starts_at=f.NOW + dt.timedelta(days=day + 1)
        )
    step = visits.cannot_meet(visit, "absent", by=nurse, at=f.NOW + dt.timedelta(days=2))
    assert "통장" in step.text
    assert ContactAttempt.objects.filter(channel=Consent.Channel.TONGJANG, next_on=step.due_on).count() == 1


def test_stops_all_contact_after_a_refusal_until_the_next_offer(visit, nurse):
    step = visits.cannot_meet(visit, "refused", by=nurse, at=f.NOW)
    consent = Consent.objects.get(person=visit.person, answer=Consent.Answer.REFUSED)
    assert consent.reoffer_on == step.due_on == f.TODAY + dt.timedelta(days=180)
    assert Target.objects.get(pk=visit.target_id).state == Target.State.REFUSED
    assert not Visit.objects.open().filter(person=visit.person).exists()


@pytest.mark.parametrize(("outcome", "state"), [("moved", "moved"), ("deceased", "deceased")])
def test_ends_everything_open_for_somebody_who_left(visit, nurse, outcome, state):
    rule = f.TargetRuleFactory(key="crisis_report", kind="crisis_report")
    other = f.VisitFactory(target=f.TargetFactory(person=visit.person, rule=rule, occurrence="r1"))
    visits.cannot_meet(visit, outcome, by=nurse, at=f.NOW)
    assert set(Target.objects.filter(person=visit.person).values_list("state", flat=True)) == {state}
    assert again(other).state == Visit.State.CANCELLED


def test_comes_again_after_a_hospital_stay(visit, nurse):
    step = visits.cannot_meet(visit, "hospital", by=nurse, at=f.NOW)
    assert step.visit.release_on == step.due_on == dt.date(2015, 1, 28)
    assert step.visit.due_on >= step.due_on


def test_tells_the_lead_and_the_next_pair_about_danger(visit, nurse):
    with pytest.raises(missed_visits.NoteMissing):
        visits.cannot_meet(visit, "unsafe", by=nurse, at=f.NOW)
    step = visits.cannot_meet(visit, "unsafe", note="술에 취해 문을 막음", by=nurse, at=f.NOW)
    visit.person.household.refresh_from_db()
    assert visit.person.household.access_notes[0] == missed_visits.UNSAFE_NOTE
    assert Alarm.objects.get(visit=visit).kind == Alarm.Kind.STAFF
    assert step.visit.release_on == f.TODAY + dt.timedelta(days=7)


def test_does_not_miss_a_visit_twice(visit, nurse):
    key = uuid.uuid4()
    first = visits.cannot_meet(visit, "absent", by=nurse, at=f.NOW, client_key=key)
    second = visits.cannot_meet(visit, "absent", by=nurse, at=LATER, client_key=key)
    assert first == second
    assert Visit.objects.filter(target=visit.target).count() == 2
    with pytest.raises(KeyReused):
        visits.cannot_meet(visit, "moved", by=nurse, at=LATER, client_key=key)
    with pytest.raises(WrongState):
        visits.cannot_meet(visit, "absent", by=nurse, at=LATER)
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("outcome", ["", "done", "nonsense"])
def test_refuses_an_outcome_that_is_none(visit, nurse, outcome):
    with pytest.raises(missed_visits.NotAnOutcome):
        visits.cannot_meet(visit, outcome, by=nurse, at=f.NOW)


def test_gives_every_outcome_a_next_step_with_a_day(pair, nurse):
    for n, outcome in enumerate(set(Visit.Outcome.values) - {"done"}):
        visit = f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(hours=2 * n))
        step = visits.cannot_meet(visit, outcome, note="까닭", by=nurse, at=f.NOW)
        assert step.text
        assert step.due_on > f.TODAY
        assert visit.events.filter(act="not_met", detail__outcome=outcome).exists()


# ------------------------------------------------------------------ linking and closing


def test_refuses_to_close_before_the_case_meeting(pair, lead):
    with pytest.raises(visits.NotClassified):
        visits.close(recorded(pair), by=lead, at=LATER)


def test_refuses_to_close_a_managed_visit_without_a_link(pair, lead):
    visit = recorded(pair)
    Visit.objects.filter(pk=visit.pk).update(group="managed", group_reason="욕구", classified_on=f.TODAY)
    with pytest.raises(visits.NotLinked):
        visits.close(visit, by=lead, at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.CLOSED)
    closed = visits.mark_linked(visit, by=lead, at=LATER)
    assert (closed.state, closed.linked_at) == (Visit.State.CLOSED, LATER)


def test_marks_the_link_once(pair, lead):
    visit = recorded(pair)
    visits.mark_linked(visit, by=lead, at=LATER)
    visits.mark_linked(visit, by=lead, at=LATER + dt.timedelta(days=1))
    assert again(visit).linked_at == LATER
    assert again(visit).state == Visit.State.DONE  # not judged yet


def test_marks_each_national_system_once(pair, nurse):
    visit = recorded(pair)
    visits.mark_entered(visit, "health", by=nurse, at=LATER)
    visits.mark_entered(visit, "health", by=nurse, at=LATER)
    visits.mark_entered(visit, "welfare", by=pair.social, at=LATER)
    assert visit.events.filter(act="entered").count() == 2


def test_tells_the_months_figures_what_was_wanted_but_nothing_about_health(pair):
    visit = recorded(pair, social={"welfare_needs": ["meals"]})
    detail = visit.events.get(act="finished").detail
    assert detail["needs"] == ["meals"]
    assert not any("vitals" in str(value) or "depression" in str(value) for value in detail.values())
