"""Instruments and their results: scores, bands, alarms, classes, and licensed files of the office."""

import copy
import datetime as dt
import itertools
import json

import pytest

from planners import instruments, screening
from planners.instruments import FaultyInstrument, current, read
from planners.visit_sections import HEALTH
from tests import factories as f
from tests.planners.recording import agree_to_screening, recorded, save, started

DAY = dt.date(2015, 1, 14)


def depression():
    return current("depression", DAY)


def answers(**given):
    return {f"q{n}": given.get(f"q{n}", given.get("rest")) for n in range(1, 16)}


# ------------------------------------------------------------------ instruments, no database


def test_ships_only_sound_instruments():
    assert instruments.faults() == []
    assert {i.purpose for i in instruments.at_hand().values()} >= {"depression", "self_harm", "vitals", "daily_health"}


def test_says_that_the_shipped_depression_text_is_not_the_validated_edition():
    assert "검증한 한국판이 아니" in depression().notice


def test_scores_each_of_the_fifteen_answers_the_way_of_the_original():
    positive = {"q1", "q5", "q7", "q11", "q13"}  # a good answer is yes
    instrument = depression()
    for item in instrument.items:
        bad = "no" if item.key in positive else "yes"
        assert item.scores == {bad: 1, ({"yes", "no"} - {bad}).pop(): 0}


@pytest.mark.parametrize(
    ("score", "level"), [(0, "normal"), (5, "normal"), (6, "watch"), (9, "watch"), (10, "danger"), (15, "danger")]
)
def test_puts_every_score_into_its_band(score, level):
    instrument = depression()
    given = {}
    for n, item in enumerate(instrument.items):
        worth = 1 if n < score else 0
        given[item.key] = next(key for key, value in item.scores.items() if value == worth)
    grade = instrument.grade(given)
    assert (grade.score, grade.band.level, grade.is_complete) == (score, level, True)


def test_tells_the_range_that_is_still_possible():
    given = {f"q{n}": "yes" for n in range(1, 12)}
    grade = depression().grade(given)
    assert (grade.score, grade.low, grade.high, grade.left) == (7, 7, 11, 4)


def test_has_no_band_before_the_first_answer():
    assert depression().grade({}).band is None


@pytest.mark.parametrize(
    ("given", "level", "days"),
    [
        ({"systolic": 124, "diastolic": 78}, "normal", None),
        ({"systolic": 139, "diastolic": 89}, "normal", None),
        ({"systolic": 140, "diastolic": 78}, "watch", 14),
        ({"systolic": 159, "diastolic": 100}, "danger", 7),
        ({"systolic": 180, "diastolic": 78}, "danger", 1),
        ({"systolic": 89, "diastolic": 60}, "watch", 3),
        ({"systolic": 120, "diastolic": 70, "glucose": 69, "glucose_when": "fasting"}, "danger", 1),
        ({"systolic": 120, "diastolic": 70, "glucose": 126, "glucose_when": "fasting"}, "watch", 14),
        ({"systolic": 120, "diastolic": 70, "glucose": 126, "glucose_when": "after_meal"}, "normal", None),
        ({"systolic": 120, "diastolic": 70, "glucose": 200, "glucose_when": "any_time"}, "watch", 7),
        ({"systolic": 120, "diastolic": 70, "glucose": 300, "glucose_when": "fasting"}, "danger", 1),
    ],
)
def test_judges_blood_pressure_and_glucose_at_the_limits(given, level, days):
    grade = current("vitals", DAY).grade(given)
    assert (grade.band.level, grade.recheck_days) == (level, days)
    assert bool(grade.advice) == (level != "normal")


def test_leaves_no_reading_between_two_rules():
    vitals = current("vitals", DAY)
    for systolic in range(50, 281):
        level = vitals.grade({"systolic": systolic, "diastolic": 40}).band.level
        assert (level == "normal") == (90 <= systolic < 140), systolic


def test_asks_on_only_where_the_answer_before_calls_for_it():
    check = current("self_harm", DAY)
    assert [i.key for i in check.asked({"wish": "no"})] == ["wish", "before", "someone"]
    assert [i.key for i in check.asked({"wish": "yes", "thought": "yes"})] == [i.key for i in check.items]
    # an answer left over behind a question that is no longer asked does not count
    assert not check.grade({"wish": "no", "plan": "yes", "thought": "yes"}).is_alarm


def test_alarms_for_recent_thoughts_or_a_plan_and_never_gives_a_score():
    check = current("self_harm", DAY)
    for wish, thought, recent, plan in itertools.product(["yes", "no"], repeat=4):
        grade = check.grade(
            {"wish": wish, "thought": thought, "recent": recent, "plan": plan, "before": "no", "someone": "yes"}
        )
        danger = wish == thought == "yes" and "yes" in (recent, plan)
        assert grade.is_alarm == danger
        assert grade.score is None
        if danger:
            assert "suicide_prevention" in grade.refer


def test_gives_no_class_to_a_test_that_was_not_made():
    assert current("dementia", DAY).grade({"result": "not_done"}).band is None


def test_suggests_services_that_the_catalogue_knows():
    from seongbuk.reference import FOLDER

    known = {line.split(",")[1] for line in (FOLDER / "services.csv").read_text("utf-8").splitlines()[1:]}
    for instrument in instruments.at_hand().values():
        named = {key for row in (*instrument.rules, *instrument.bands) for key in row.refer}
        assert named <= known, instrument.key


def broken(change):
    written = copy.deepcopy(depression().written)
    change(written)
    return written


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.pop("items"),
        lambda w: w["bands"].pop(1),
        lambda w: w["bands"][0].update(high=4),
        lambda w: w["items"][0].update(key="q2"),
        lambda w: w["items"][0]["scores"].pop("yes"),
        lambda w: w["items"][0].update(ask_if={"item": "nobody", "is": "yes"}),
        lambda w: w["bands"][0].update({"class": "fine"}),
        lambda w: w.update(valid_from="soon"),
        lambda w: w.update(kind="guess"),
    ],
)
def test_refuses_a_faulty_file(change):
    with pytest.raises(FaultyInstrument):
        read(broken(change))


# ------------------------------------------------------------------ at visits


@pytest.fixture
def office_files(tmp_path, settings):
    """A folder of the office beside the shipped one."""
    settings.INSTRUMENT_DIRS = [*settings.INSTRUMENT_DIRS, tmp_path]

    def install(name="licensed.json", **changes):
        written = depression().written | {"key": "licensed", "version": "2015-02", "valid_from": "2015-02-01"} | changes
        (tmp_path / name).write_text(json.dumps(written), "utf-8")
        instruments._load.cache_clear()
        return written

    yield install
    instruments._load.cache_clear()


def test_uses_the_offices_licensed_text_from_its_day_on(office_files):
    office_files()
    assert current("depression", dt.date(2015, 1, 31)).key == "gds15-open"
    assert current("depression", dt.date(2015, 2, 1)).key == "licensed"


def test_leaves_out_a_faulty_file_and_goes_on(office_files):
    office_files(bands=[])
    assert current("depression", dt.date(2015, 3, 1)).key == "gds15-open"
    assert len(instruments.faults()) == 1


@pytest.mark.django_db
def test_keeps_the_version_a_visit_began_with(pair, nurse, office_files):
    visit = started(pair)
    agree_to_screening(visit, nurse)
    save(visit, HEALTH, "depression-q1", "no", by=nurse)
    office_files(valid_from="2015-01-01")
    save(visit, HEALTH, "depression-q2", "yes", by=nurse)
    assert [(r.instrument, r.score) for r in visit.screenings.all()] == [("gds15-open", 2)]


@pytest.mark.django_db
def test_finds_the_last_value_of_an_earlier_visit(pair, nurse):
    earlier = recorded(pair, health={"depression_q2": "yes"} | {"depression__q2": "yes"})
    target = f.TargetFactory(
        person=earlier.person, rule=f.TargetRuleFactory(key="again", kind="follow_up"), occurrence="s1-1"
    )
    later = f.standing_visit(pair, target=target, starts_at=f.NOW + dt.timedelta(days=30))
    assert screening.last_result(later, depression()).score == 1
    assert screening.last_result(earlier, depression()) is None


@pytest.mark.django_db
def test_shows_classes_gravest_first_without_scores(pair, nurse):
    visit = started(pair)
    agree_to_screening(visit, nurse)
    save(visit, HEALTH, "vitals-systolic", 150, by=nurse)
    save(visit, HEALTH, "vitals-diastolic", 80, by=nurse)
    save(visit, HEALTH, "dementia-result", "normal", by=nurse)
    for item in ("wish", "thought", "plan"):
        save(visit, HEALTH, f"self_harm-{item}", "yes", by=nurse)
    assert [(c.title, c.name) for c in screening.classes(visit)] == [
        ("마음 안전", "즉시 연계"),
        ("혈압·혈당", "주의"),
        ("치매", "정상"),
    ]
