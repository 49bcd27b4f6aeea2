"""Saving answers: once per key, never over somebody else's, only by the owner, only what the question allows."""

import threading
import uuid

import pytest
from django.db import close_old_connections, connection

from planners import visits
from planners.models import Alarm, Consent, Receipt, ScreeningResult, VisitAnswer
from planners.questions import BadValue, Condition, Question
from planners.receipts import KeyReused
from planners.visit_forms import form_of
from planners.visit_records import (
    Conflict,
    NoScreeningConsent,
    NotUnderWay,
    NotYourPart,
    UnknownField,
    answers_of,
    known_facts,
    missing,
    readable_parts,
    save_answer,
)
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f
from tests.planners.recording import agree_to_screening, offer_services, recorded, save, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(pair, nurse):
    visit = started(pair)
    agree_to_screening(visit, nurse)
    return visit


def test_returns_the_first_result_for_a_key_that_comes_again(visit, nurse):
    key = uuid.uuid4()
    first = save(visit, HEALTH, "vitals-systolic", 124, by=nurse, key=key)
    save(visit, HEALTH, "vitals-systolic", 130, by=nurse, base_version=1)
    again = save(visit, HEALTH, "vitals-systolic", 124, by=nurse, key=key)
    assert (again.version, again.is_replay) == (first.version, True) == (1, True)
    assert answers_of(visit, HEALTH)["vitals-systolic"] == 130


def test_refuses_a_key_that_comes_with_another_answer(visit, nurse):
    key = uuid.uuid4()
    save(visit, HEALTH, "vitals-systolic", 124, by=nurse, key=key)
    with pytest.raises(KeyReused):
        save(visit, HEALTH, "vitals-systolic", 150, by=nurse, key=key)


def test_never_overwrites_what_was_not_seen(visit, social, nurse):
    save(visit, SOCIAL, "housing_type", "jeonse", by=social)
    save(visit, SOCIAL, "housing_type", "monthly", by=social, base_version=1)
    with pytest.raises(Conflict) as caught:
        save(visit, SOCIAL, "housing_type", "own", by=social, base_version=1)
    conflict = caught.value
    assert (conflict.mine_words, conflict.theirs_words, conflict.version) == ("자가", "월세", 2)
    assert answers_of(visit, SOCIAL)["housing_type"] == "monthly"


def test_lets_a_refused_save_be_sent_again_under_its_key(visit, social):
    key = uuid.uuid4()
    save(visit, SOCIAL, "debt", "none", by=social)
    with pytest.raises(Conflict):
        save(visit, SOCIAL, "debt", "some", by=social, key=key)
    saved = save(visit, SOCIAL, "debt", "some", by=social, base_version=1, key=key)
    assert (saved.version, saved.is_replay) == (2, False)


def test_sees_no_conflict_where_both_wrote_the_same(visit, social):
    save(visit, SOCIAL, "debt", "none", by=social)
    assert save(visit, SOCIAL, "debt", "none", by=social).version == 1


def test_keeps_the_parts_apart(visit, nurse, social, nurse_elsewhere):
    for part, field, by in [
        (SOCIAL, "debt", nurse),
        (HEALTH, "judgement", social),
        (HEALTH, "judgement", nurse_elsewhere),
    ]:
        with pytest.raises(NotYourPart):
            save(visit, part, field, "none", by=by)


def test_refuses_before_the_visit_has_begun(pair, nurse):
    visit = f.standing_visit(pair)
    with pytest.raises(NotUnderWay):
        save(visit, HEALTH, "judgement", "normal", by=nurse)


@pytest.mark.parametrize("field", ["state", "nothing", "depression-q99", "vitals", ""])
def test_refuses_a_field_the_form_does_not_have(visit, nurse, field):
    with pytest.raises(UnknownField):
        save(visit, HEALTH, field, "x", by=nurse)


def test_keeps_no_health_answer_without_the_persons_consent(pair, nurse):
    visit = started(pair)
    with pytest.raises(NoScreeningConsent):
        save(visit, HEALTH, "vitals-systolic", 124, by=nurse)
    save(visit, HEALTH, "health_consent", "yes", by=nurse)
    consent = Consent.objects.get(person=visit.person, kind=Consent.Kind.SCREENING)
    assert (consent.answer, consent.channel) == (Consent.Answer.GIVEN, Consent.Channel.VISIT)
    save(visit, HEALTH, "vitals-systolic", 124, by=nurse)
    save(visit, HEALTH, "health_consent", "no", by=nurse, base_version=1)
    with pytest.raises(NoScreeningConsent):
        save(visit, HEALTH, "vitals-diastolic", 80, by=nurse)


def test_keeps_answers_sealed(visit, social):
    save(visit, SOCIAL, "welfare_words", "방이 너무 추워요", by=social)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM planners_visitanswer WHERE field = 'welfare_words'")
        stored = cursor.fetchone()[0]
    assert "추워" not in stored
    assert answers_of(visit, SOCIAL)["welfare_words"] == "방이 너무 추워요"


def test_raises_an_alarm_the_moment_a_dangerous_answer_is_saved(visit, nurse):
    for item in ("wish", "thought"):
        assert not save(visit, HEALTH, f"self_harm-{item}", "yes", by=nurse).is_alarm
    assert save(visit, HEALTH, "self_harm-plan", "yes", by=nurse).is_alarm
    alarm = Alarm.objects.get(visit=visit)
    assert (alarm.kind, alarm.receiver, alarm.is_from_answer) == (Alarm.Kind.SELF_HARM, None, True)
    save(visit, HEALTH, "self_harm-recent", "yes", by=nurse)
    assert Alarm.objects.count() == 1


def test_writes_the_result_as_answers_come_in(visit, nurse):
    for n in range(1, 12):
        save(visit, HEALTH, f"depression-q{n}", "yes", by=nurse)
    result = ScreeningResult.objects.get(visit=visit, instrument="gds15-open")
    assert (result.score, result.band, result.is_complete) == (7, "watch", False)
    for n in range(12, 16):
        save(visit, HEALTH, f"depression-q{n}", "no", by=nurse)
    result.refresh_from_db()
    assert (result.score, result.band, result.is_complete) == (8, "watch", True)


def test_takes_the_result_away_with_its_last_answer(visit, nurse):
    save(visit, HEALTH, "depression-q1", "no", by=nurse)
    save(visit, HEALTH, "depression-q1", "", by=nurse, base_version=1)
    assert not ScreeningResult.objects.exists()


def test_checks_two_answers_against_each_other(visit, nurse):
    save(visit, HEALTH, "vitals-systolic", 120, by=nurse)
    with pytest.raises(BadValue, match="낮아야"):
        save(visit, HEALTH, "vitals-diastolic", 130, by=nurse)


BAD = ["-1", 9999, "백이십", "12e3", "1 2", True, [120], {"a": 1}, "1" * 300, "\ud800", "120.5", 1e400, float("nan")]


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_answers_every_impossible_number_with_a_sentence(visit, nurse, value):
    with pytest.raises(BadValue, match="수축기 혈압"):
        save(visit, HEALTH, "vitals-systolic", value, by=nurse)
    assert not visit.answers.exists()


@pytest.mark.parametrize(
    ("written", "kept"), [("１２４", 124), (" 124 ", 124), ("124mmHg", 124), ("1,24", 124), (124.0, 124)]
)
def test_reads_a_number_the_way_it_was_meant(visit, nurse, written, kept):
    save(visit, HEALTH, "vitals-systolic", written, by=nurse)
    assert answers_of(visit, HEALTH)["vitals-systolic"] == kept


@pytest.mark.parametrize("value", ["castle", ["own"], 5, {"x": 1}, True])
def test_refuses_a_choice_that_is_not_offered(visit, social, value):
    with pytest.raises(BadValue, match="보기에서"):
        save(visit, SOCIAL, "housing_type", value, by=social)


def test_orders_many_choices_and_keeps_none_alone(visit, social):
    save(visit, SOCIAL, "welfare_needs", ["meals", "living"], by=social)
    assert answers_of(visit, SOCIAL)["welfare_needs"] == ["living", "meals"]
    with pytest.raises(BadValue, match="없음"):
        save(visit, SOCIAL, "welfare_needs", ["none", "meals"], by=social, base_version=1)


def test_cleans_words_but_keeps_lines(visit, social):
    save(visit, SOCIAL, "welfare_words", "  첫 줄\u200b \r\n둘째\u0000 줄 ", by=social)
    assert answers_of(visit, SOCIAL)["welfare_words"] == "첫 줄\n둘째 줄"
    with pytest.raises(BadValue, match="2,000자까지"):
        save(visit, SOCIAL, "welfare_words", "가" * 2001, by=social, base_version=1)


def test_shows_last_known_facts_and_keeps_them_at_signing(pair, social, nurse):
    earlier = recorded(pair, social={"housing_detail": "전세 3,500만"})
    target = f.TargetFactory(
        person=earlier.person, rule=f.TargetRuleFactory(key="again", kind="follow_up"), occurrence="s1-1"
    )
    later = f.standing_visit(pair, target=target, starts_at=f.NOW + f.dt.timedelta(days=30))
    visits.start(later, by=social, at=later.starts_at)
    facts = known_facts(later, ["housing_type", "housing_detail", "debt"])
    assert {field: row.value for field, row in facts.items()} == {
        "housing_type": "own",
        "housing_detail": "전세 3,500만",
        "debt": "none",
    }
    open_fields = [question.key for _, question in missing(later, form_of(later), SOCIAL, on=later.on)]
    assert "housing_type" not in open_fields
    save(later, SOCIAL, "welfare_needs", ["none"], by=social, at=later.starts_at)
    save(later, SOCIAL, "judgement", "normal", by=social, at=later.starts_at)
    visits.sign(later, SOCIAL, by=social, at=later.starts_at)
    assert answers_of(later, SOCIAL)["housing_type"] == "own"


def test_asks_all_eight_services(visit):
    offer_services()
    open_fields = [question.key for _, question in missing(visit, form_of(visit), SOCIAL, on=f.TODAY)]
    assert len([key for key in open_fields if key.startswith("service-")]) == 8


def test_lets_each_role_read_what_the_matrix_allows(
    pair, scope_of, nurse, social, lead, manager, counsellor, nurse_elsewhere, office
):
    visit = started(pair)
    seen = {
        who.username: readable_parts(visit, scope_of(who))
        for who in (nurse, social, lead, manager, counsellor, nurse_elsewhere, office)
    }
    assert seen == {
        "nurse": {SOCIAL, HEALTH},
        "social": {SOCIAL},
        "lead": {SOCIAL},
        "manager": {SOCIAL},
        "counsellor": set(),
        "nurse_elsewhere": set(),
        "office": set(),
    }


@pytest.mark.django_db(transaction=True)
def test_stores_twenty_identical_sends_once(pair, social):
    visit = started(pair)
    key, results, faults = uuid.uuid4(), [], []

    def send():
        try:
            results.append(
                save_answer(visit, SOCIAL, "debt", "some", base_version=0, client_key=key, by=social, at=f.NOW).version
            )
        except Exception as fault:
            faults.append(fault)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (faults, set(results), len(results)) == ([], {1}, 20)
    assert VisitAnswer.objects.filter(visit=visit).count() == Receipt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_keeps_or_reports_every_edit_of_two_writers(pair, social):
    visit = started(pair)
    kept, reported = [], []

    def write(name):
        version = 0
        for n in range(25):
            try:
                version = save(visit, SOCIAL, "welfare_words", f"{name} {n}", by=social, base_version=version).version
                kept.append(n)
            except Conflict as conflict:
                reported.append(n)
                version = conflict.version
        connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("갑", "을")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(kept) + len(reported) == 50
    assert VisitAnswer.objects.get(visit=visit).version == len(kept)


def test_asks_a_question_only_when_its_condition_holds():
    question = Question("b", "둘째", ask_if=Condition("a", at_least=3, below=5))
    assert [question.is_asked({"a": n}) for n in (2, 3, 4.9, 5, None, "3")] == [False, True, True, False, False, False]
