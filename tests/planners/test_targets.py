"""Who is on the list, why, and how the list stays true."""

import datetime as dt
import json
import threading
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection, connections

from centers import jobs
from centers.models import AccessLog, Job
from common.months import Month, at_seoul
from planners import programmes, reference, target_endings, target_reasons, target_rules
from planners.models import Benefit, Coverage, FollowUp, Pregnancy, Programme, Target, TargetRule, Visit, VisitStaff
from planners.models.residents import births_turning
from planners.tasks import extract_targets
from planners.tasks_targets import EXTRACT
from seongbuk.reference import FOLDER
from tests import factories as f

pytestmark = pytest.mark.django_db
JANUARY = Month(2015, 1)


@pytest.fixture
def listed(rulebook):
    """Extract a month; returns the result."""
    return lambda month=JANUARY, **given: programmes.extract_targets(month, by=None, at=f.NOW, **given)


def born(day: str, **given):
    return f.PersonFactory(birth_on=dt.date.fromisoformat(day), **given)


# ------------------------------------------------------------------ 65


def test_lists_everybody_who_turns_65_in_the_month_with_a_visit_in_the_pool(listed, dong, other_dong):
    inside = [born("1950-01-01", dong=dong), born("1950-01-31", dong=other_dong)]
    born("1949-12-31", dong=dong), born("1950-02-01", dong=dong)
    done = listed()
    assert done.as_json() == {
        "month": "2015-01",
        "created": 2,
        "unchanged": 0,
        "by_programme": {"elderly": 2},
        "by_dong": {"장위1동": 1, "월곡1동": 1},
    }
    assert set(Target.objects.values_list("person", flat=True)) == {p.pk for p in inside}
    visit = Visit.objects.get(person=inside[0])
    assert (visit.state, visit.release_on, visit.due_on, visit.minutes, visit.tier) == (
        "pool", dt.date(2015, 1, 1), dt.date(2015, 1, 31), 60, 2,
    )  # fmt: skip


def test_changes_nothing_the_second_time(listed, dong):
    born("1950-01-20", dong=dong)
    listed()
    before = list(Target.objects.values()), list(Visit.objects.values())
    again = listed()
    assert (again.created, again.unchanged) == (0, 1)
    assert (list(Target.objects.values()), list(Visit.objects.values())) == before


@pytest.mark.parametrize(
    ("birth", "month", "turns"),
    [
        ("1948-02-29", Month(2013, 3), dt.date(2013, 3, 1)),  # 65 in a common year
        ("1952-02-29", Month(2017, 3), dt.date(2017, 3, 1)),
        ("1956-02-29", Month(2021, 3), dt.date(2021, 3, 1)),
    ],
)
def test_counts_the_29th_of_february_as_the_first_of_march_in_a_common_year(rulebook, dong, birth, month, turns):
    person = born(birth, dong=dong)
    TargetRule.objects.update(valid_from=dt.date(2012, 1, 1))
    Coverage.objects.update(valid_from=dt.date(2012, 1, 1))
    assert programmes.extract_targets(month.previous, by=None, at=f.NOW).created == 0
    assert programmes.extract_targets(month, by=None, at=f.NOW).created == 1
    assert Target.objects.get(person=person).facts["turns_on"] == turns.isoformat()


def test_never_misses_or_repeats_a_birthday_over_four_years():
    day, seen = dt.date(2012, 1, 1), {}
    while day < dt.date(2016, 1, 1):
        for birth in births_turning(65, day):
            assert birth not in seen, birth
            seen[birth] = day
        day += dt.timedelta(days=1)
    births = {
        dt.date(1947, 1, 1) + dt.timedelta(days=n) for n in range((dt.date(1951, 1, 1) - dt.date(1947, 1, 1)).days)
    }
    assert set(seen) == births


@pytest.mark.parametrize("status", ["moved", "deceased"])
def test_leaves_out_who_moved_or_died(listed, dong, status):
    born("1950-01-20", dong=dong, status=status)
    assert listed().created == 0


def test_starts_in_a_dong_when_coverage_starts(listed, rulebook):
    seokgwan = f.DongFactory(name="석관동", slug="seokgwan-dong", order=20)
    from planners import reference
    from seongbuk.reference import FOLDER

    reference.load(FOLDER)
    born("1950-06-20", dong=seokgwan), born("1950-07-20", dong=seokgwan)
    assert listed(Month(2015, 6)).created == 0
    assert listed(Month(2015, 7)).created == 1


def test_extracts_only_the_dongs_asked_for(listed, dong, other_dong):
    born("1950-01-20", dong=dong), born("1950-01-20", dong=other_dong)
    assert listed(dongs=[dong]).by_dong == {"장위1동": 1}
    assert listed().as_json()["created"] == 1


def test_does_not_list_anybody_again_under_a_new_version_of_the_rule(listed, rulebook, dong):
    born("1950-01-20", dong=dong)
    listed()
    old = rulebook["turns_65"]
    TargetRule.objects.filter(pk=old.pk).update(valid_to=dt.date(2015, 1, 1))
    TargetRule.objects.create(
        programme=old.programme, key=old.key, version=2, kind=old.kind, title=old.title, parameters=old.parameters,
        tier=2, minutes=90, source="개정", valid_from=dt.date(2015, 1, 1),
    )  # fmt: skip
    assert listed().created == 0


def test_costs_the_same_number_of_queries_for_3_and_30_people(listed, dong, django_assert_max_num_queries):
    def queries_for(n, month):
        for _ in range(n):
            born(f"1950-{month:02d}-10", dong=dong)
        with django_assert_max_num_queries(60) as counted:
            listed(Month(2015, month))
        return len(counted)

    assert queries_for(3, 1) == queries_for(30, 2)


# ------------------------------------------------------------------ mothers and babies


def pregnancy(person, expected: str, reported: str = "2014-12-01", **given):
    return Pregnancy.objects.create(
        person=person, expected_on=dt.date.fromisoformat(expected), reported_on=dt.date.fromisoformat(reported), **given
    )


def mother(dong, **given):
    return f.PersonFactory(name="이서연", birth_on=dt.date(1984, 5, 5), dong=dong, **given)


def test_lists_a_pregnancy_once_when_it_reaches_20_weeks(listed, dong):
    pregnancy(mother(dong), "2015-06-04")  # 20 weeks on 15 January
    assert listed(Month(2014, 12)).created == 0
    assert listed().created == 1
    assert listed(Month(2015, 2)).created == 0
    target = Target.objects.get()
    assert (target.release_on, target.due_on, target.tier) == (dt.date(2015, 1, 15), dt.date(2015, 5, 21), 4)


def test_lists_a_pregnancy_told_late_in_the_month_it_is_told(listed, dong):
    pregnancy(mother(dong), "2015-04-01", reported="2015-01-20")
    assert listed().created == 1
    assert Target.objects.get().release_on == dt.date(2015, 1, 20)


def test_visits_a_birth_between_two_and_four_weeks_after_it(listed, dong):
    pregnancy(mother(dong), "2015-01-08", delivered_on=dt.date(2015, 1, 6))
    listed()
    target = Target.objects.get(rule__key="after_birth_28_days")
    assert (target.release_on, target.due_on) == (dt.date(2015, 1, 21), dt.date(2015, 2, 3))


def test_visits_a_birth_once_whichever_became_known_first(listed, dong):
    home = f.HouseholdFactory(dong=dong)
    expecting = pregnancy(mother(dong, household=home), "2015-01-08")
    twins = [f.PersonFactory(name=n, birth_on=dt.date(2015, 1, 6), dong=dong, household=home) for n in ("이봄", "이솔")]
    assert listed().by_programme == {"child": 1}
    expecting.delivered_on = dt.date(2015, 1, 6)
    expecting.save()
    assert listed().created == 0
    assert Target.objects.get().person == twins[0]


def test_meets_the_baby_with_the_mother_who_is_listed(listed, dong):
    home = f.HouseholdFactory(dong=dong)
    pregnancy(mother(dong, household=home), "2015-01-08", delivered_on=dt.date(2015, 1, 6))
    f.PersonFactory(name="이봄", birth_on=dt.date(2015, 1, 6), dong=dong, household=home)
    listed()
    assert Target.objects.get().rule.kind == TargetRule.Kind.AFTER_BIRTH


def test_lists_only_risk_groups_where_the_dong_says_so(listed, rulebook, dong):
    Coverage.objects.filter(programme__key="child").update(reach="risk_only")
    plain, poor = f.HouseholdFactory(dong=dong), f.HouseholdFactory(dong=dong)
    f.PersonFactory(name="김봄", birth_on=dt.date(2015, 1, 6), dong=dong, household=plain)
    baby = f.PersonFactory(name="박솔", birth_on=dt.date(2015, 1, 6), dong=dong, household=poor)
    parent = mother(dong, household=poor)
    Benefit.objects.create(person=parent, category="basic_livelihood", valid_from=dt.date(2014, 1, 1))
    listed()
    target = Target.objects.get(rule__key="newborn")
    assert target.person == baby
    assert target.facts["risk_groups"] == ["기초수급"]
    assert "위험군만 방문합니다. 해당: 기초수급." in " ".join(target_reasons.why(target))


# ------------------------------------------------------------------ crisis and follow-ups


def test_makes_a_crisis_report_due_in_four_days(rulebook, dong, social):
    person = born("1970-01-01", dong=dong)
    _, target = programmes.report_crisis(
        person, channel="tongjang", text="며칠째 불이 꺼져 있습니다.", by=social, at=f.NOW
    )
    assert (target.tier, target.release_on, target.due_on) == (1, dt.date(2015, 1, 14), dt.date(2015, 1, 18))
    _, same = programmes.report_crisis(person, channel="neighbour", text="걱정됩니다.", by=social, at=f.NOW)
    assert same == target
    assert Visit.objects.count() == 1


def test_refuses_a_crisis_report_where_no_planner_works(rulebook, social):
    far = f.DongFactory(name="석관동", slug="seokgwan-dong", order=20)
    with pytest.raises(programmes.NotCovered):
        programmes.report_crisis(born("1970-01-01", dong=far), channel="staff", text="걱정", by=social, at=f.NOW)


def test_spreads_eight_intensive_visits_over_three_months(rulebook, dong, nurse):
    person = born("1945-01-01", dong=dong)
    programmes.start_follow_up(person, rulebook["intensive"], starts_on=f.TODAY, reason="혈압 관리", by=nurse, at=f.NOW)
    for n in range(6):
        programmes.extract_targets(JANUARY.plus(n), by=None, at=f.NOW)
    due = list(Target.objects.order_by("due_on").values_list("due_on", flat=True))
    assert len(due) == 8
    assert due[-1] == dt.date(2015, 4, 14)
    assert {(b - a).days for a, b in pairwise(due)} <= {11, 12}


def test_repeats_a_regular_visit_every_three_months_until_it_ends(rulebook, dong, nurse):
    person = born("1945-01-01", dong=dong)
    row = programmes.start_follow_up(
        person, rulebook["regular"], starts_on=f.TODAY, reason="당뇨 관리", by=nurse, at=f.NOW
    )
    for n in range(12):
        programmes.extract_targets(JANUARY.plus(n), by=None, at=f.NOW)
    assert Target.objects.count() == 4
    programmes.end_follow_up(row, reason="스스로 관리", by=nurse, on=dt.date(2015, 5, 1), at=f.NOW)
    assert set(Target.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert programmes.extract_targets(Month(2016, 1), by=None, at=f.NOW).created == 0


@pytest.fixture
def poor_baby(dong):
    """A newborn of a household with a basic livelihood."""
    home = f.HouseholdFactory(dong=dong)
    baby = f.PersonFactory(name="박솔", birth_on=dt.date(2015, 1, 6), dong=dong, household=home)
    Benefit.objects.create(
        person=mother(dong, household=home), category="basic_livelihood", valid_from=dt.date(2014, 1, 1)
    )
    return baby


def test_opens_a_series_of_25_visits_to_age_2_for_a_birth_in_a_risk_group(listed, dong, poor_baby):
    f.PersonFactory(name="김봄", birth_on=dt.date(2015, 1, 6), dong=dong)
    listed()
    row = FollowUp.objects.get()
    assert (row.person, row.rule.key, row.starts_on, row.reason) == (
        poor_baby, "child_sustained", dt.date(2015, 1, 6), "위험군: 기초수급",
    )  # fmt: skip
    days = [due for _, _, due in target_rules.occurrences(row, until=dt.date(2030, 1, 1))]
    assert (len(days), days[-1]) == (25, dt.date(2017, 1, 6))
    assert Target.objects.filter(person=poor_baby, rule__key="child_sustained").exists()


def test_does_not_open_a_series_again_that_was_ended(listed, poor_baby, nurse):
    listed()
    programmes.end_follow_up(FollowUp.objects.get(), reason="이사 예정", by=nurse, on=f.TODAY, at=f.NOW)
    listed()
    assert FollowUp.objects.count() == 1


def test_visits_together_with_a_mind_carer_every_month(rulebook, dong, nurse):
    row = programmes.start_follow_up(
        born("1948-01-01", dong=dong), rulebook["mind_carer_joint"],
        starts_on=dt.date(2015, 1, 5), reason="마음돌보미 결연", by=nurse, at=f.NOW,
    )  # fmt: skip
    days = [due for _, _, due in target_rules.occurrences(row, until=dt.date(2015, 4, 30))]
    assert days == [dt.date(2015, 2, 5), dt.date(2015, 3, 5), dt.date(2015, 4, 5), dt.date(2015, 5, 5)]


@pytest.mark.parametrize(
    ("key", "first_year"),
    [("intensive", 8), ("regular", 4), ("self_managed", 2), ("mind_carer_joint", 12), ("child_sustained", 12)],
)
def test_keeps_each_rhythm_for_a_year(rulebook, dong, nurse, key, first_year):
    start = dt.date(2015, 1, 5)
    person = born("1948-01-01", dong=dong)
    row = programmes.start_follow_up(person, rulebook[key], starts_on=start, reason="약속", by=nurse, at=f.NOW)
    due = [day for _, _, day in target_rules.occurrences(row, until=dt.date(2016, 1, 5)) if day <= dt.date(2016, 1, 5)]
    assert len(due) == first_year


@pytest.mark.parametrize("name", ["월곡1동", "장위1동", "정릉4동"])
def test_begins_with_everybody_in_the_three_pilot_dongs(name):
    f.DongFactory(name=name)
    f.DongFactory(name="석관동")
    reference.load(FOLDER)
    child = Programme.objects.get(key="child")
    reach = lambda day: {row.dong.name: row.reach for row in target_rules.coverage_on(child, day).values()}  # noqa: E731
    assert reach(dt.date(2014, 11, 1)) == {name: "universal"}
    assert reach(dt.date(2015, 7, 1)) == {name: "universal", "석관동": "risk_only"}


def test_refuses_the_same_follow_up_twice(rulebook, dong, nurse):
    given = {"starts_on": f.TODAY, "reason": "혈압", "by": nurse, "at": f.NOW}
    person = born("1945-01-01", dong=dong)
    programmes.start_follow_up(person, rulebook["regular"], **given)
    with pytest.raises(programmes.FollowUpRuns):
        programmes.start_follow_up(person, rulebook["regular"], **given)


# ------------------------------------------------------------------ keeping the list true


def test_ends_targets_of_people_who_left_and_frees_both_calendars(listed, pair):
    visit = f.standing_visit(pair)
    visit.person.status = "deceased"
    visit.person.save()
    assert target_endings.keep_true(by=None, at=f.NOW).gone == 1
    visit.refresh_from_db()
    assert (visit.state, visit.target.state, visit.target.end_reason) == ("cancelled", "deceased", "사망하였습니다.")
    assert not VisitStaff.objects.filter(is_active=True).exists()


def test_carries_targets_into_the_new_dong_and_gives_the_appointment_back(rulebook, pair, other_dong):
    visit = f.standing_visit(pair)
    visit.person.dong = other_dong
    visit.person.save()
    assert target_endings.keep_true(by=None, at=f.NOW).moved_within == 1
    visit.refresh_from_db()
    assert (visit.state, visit.dong, visit.target.dong, visit.pair) == ("pool", other_dong, other_dong, None)


def test_lists_a_missed_window_with_its_reason(listed, dong):
    pregnancy(mother(dong), "2015-01-08", delivered_on=dt.date(2015, 1, 6))
    listed()
    on_the_last_day = at_seoul(dt.date(2015, 2, 3), dt.time(1))
    assert target_endings.keep_true(by=None, at=on_the_last_day).aged_out == 0
    assert target_endings.keep_true(by=None, at=on_the_last_day + dt.timedelta(days=1)).aged_out == 1
    target = Target.objects.get()
    assert (target.state, target.end_reason) == ("aged_out", "산후 4주가 지나도록 방문하지 못했습니다.")
    assert target.visits.get().state == "cancelled"


def test_does_not_end_a_late_target_that_has_an_appointment(listed, dong, pair):
    pregnancy(mother(dong), "2015-01-08", delivered_on=dt.date(2015, 1, 6))
    listed()
    later = at_seoul(dt.date(2015, 2, 6), dt.time(10))
    Visit.objects.update(state="booked", pair=pair, on=dt.date(2015, 2, 6), half="AM", starts_at=later)
    assert target_endings.keep_true(by=None, at=later).aged_out == 0


def test_ends_a_65_year_old_only_at_66(listed, dong):
    born("1950-01-20", dong=dong)
    listed()
    assert target_endings.keep_true(by=None, at=at_seoul(dt.date(2016, 1, 19), dt.time(1))).aged_out == 0
    assert target_endings.keep_true(by=None, at=at_seoul(dt.date(2016, 1, 20), dt.time(1))).aged_out == 1


def test_reopens_a_target_that_ended_by_mistake(listed, dong, lead):
    born("1950-01-20", dong=dong)
    listed()
    target = Target.objects.get()
    target_endings.end_target(target, "deceased", reason="사망", by=lead, on=f.TODAY, at=f.NOW)
    visit = target_endings.reopen_target(target, reason="같은 이름의 다른 분이었습니다.", by=lead, at=f.NOW)
    target.refresh_from_db()
    assert (target.state, target.ended_on, visit.attempt, visit.state) == ("open", None, 2, "pool")


def test_refuses_to_end_a_target_twice_or_without_a_reason(listed, dong, lead):
    born("1950-01-20", dong=dong)
    listed()
    target = Target.objects.get()
    with pytest.raises(target_endings.ReasonMissing):
        target_endings.end_target(target, "withdrawn", reason=" ", by=lead, on=f.TODAY, at=f.NOW)
    target_endings.end_target(target, "withdrawn", reason="시설 입소", by=lead, on=f.TODAY, at=f.NOW)
    with pytest.raises(target_endings.TargetEnded):
        target_endings.end_target(target, "withdrawn", reason="시설 입소", by=lead, on=f.TODAY, at=f.NOW)


# ------------------------------------------------------------------ why, why not, preview


def test_says_why_from_the_stored_facts(listed, dong):
    person = born("1950-01-20", dong=dong)
    listed()
    person.birth_on = dt.date(1940, 1, 1)
    person.save()
    said = target_reasons.why(Target.objects.select_related("rule").get())
    assert said == [
        "1950년 1월 20일에 태어나 2015년 1월 20일에 65세가 됩니다.",
        "‘65세가 되는 달’ 규칙 1판(계획 IV.5-1 ①)에 따라 2015년 1월 명단에 올랐습니다.",
        "장위1동은 2014년 11월 1일부터 해당하는 주민을 모두 방문합니다.",
    ]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("turns_65", "2015년 1월에 65세가 됩니다."),
        ("newborn", "2015년 1월에 태어난 아기입니다."),
        ("crisis_report", "2015년 1월 1일부터 2015년 1월 31일까지 방문합니다."),
        ("regular", "2015년 1월 1일부터 2015년 1월 31일까지 방문합니다."),
        ("pregnancy_20_weeks", "2015년 1월 1일부터 2015년 1월 31일까지 방문합니다."),
        ("after_birth_28_days", "2015년 1월 1일부터 2015년 1월 31일까지 방문합니다."),
    ],
)
@pytest.mark.parametrize("facts", [{}, {"reach": "risk_only"}])
def test_says_what_is_known_of_a_target_without_facts(rulebook, dong, key, said, facts):
    target = f.TargetFactory(person=f.PersonFactory(dong=dong), rule=rulebook[key], facts=facts)
    for sees_facts in (True, False):
        reasons = " ".join(target_reasons.why(target, sees_facts=sees_facts))
        assert said in reasons
        assert f"‘{rulebook[key].title}’ 규칙" in reasons


def test_says_why_not(listed, rulebook, dong):
    elderly, child = rulebook["turns_65"].programme, rulebook["newborn"].programme
    young = born("1950-03-05", dong=dong)
    gone = born("1950-01-05", dong=dong, status="moved", status_on=dt.date(2015, 1, 2))
    far = born("1950-01-05", dong=f.DongFactory(name="석관동", slug="s", order=20))
    here = born("1950-01-05", dong=dong)
    listed()
    say = target_reasons.why_not
    assert say(young, elderly, JANUARY) == ["2015년 3월 5일에 65세가 됩니다. 2015년 1월이 아닙니다."]
    assert say(gone, elderly, JANUARY) == ["명부에 2015년 1월 2일 전출로 적혀 있습니다."]
    assert say(far, elderly, JANUARY) == ["석관동에서는 2015년 1월에 이 사업을 하지 않습니다."]
    assert say(here, elderly, JANUARY) == ["2015년 1월 명단에 있습니다(진행)."]
    assert "1950년 1월 5일에 태어나 2015년 1월에 태어난 아기가 아닙니다." in say(here, child, JANUARY)


def test_previews_a_rule_that_is_not_saved_per_tong(rulebook, dong):
    born("1945-01-20", dong=dong, tong=3), born("1945-01-21", dong=dong, tong=3), born("1945-01-21", dong=dong, tong=9)
    draft = TargetRule(
        programme=rulebook["turns_65"].programme, kind="turns_age", key="turns_70", parameters={"age": 70}
    )
    assert programmes.preview(draft, JANUARY) == [
        {"dong": "장위1동", "tong": 3, "count": 2},
        {"dong": "장위1동", "tong": 9, "count": 1},
    ]
    assert not Target.objects.exists()


# ------------------------------------------------------------------ command, night job, two at once


def test_answers_the_command_in_json_and_logs_whom_it_listed(rulebook, dong, lead):
    person = born("1950-01-20", dong=dong)
    out = StringIO()
    call_command("extract_targets", "--month", "2015-01", "--dong", "장위1동", "--as", "lead", "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 1
    row = AccessLog.objects.get(action="target.extract")
    assert (row.username, row.subjects, row.outcome) == ("lead", [person.pk], "ok")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--dong", "없는동"], "UNKNOWN_DONG"),
        (["--as", "nurse"], "NOT_ALLOWED"),
        (["--dong", "월곡1동", "--as", "lead"], "UNKNOWN_DONG"),
    ],
)
def test_refuses_a_command_with_a_reason(rulebook, lead, nurse, arguments, code):
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("extract_targets", "--month", "2015-01", "--json", *arguments, stdout=out)
    assert stopped.value.code == 1
    assert json.loads(out.getvalue())["refused"] == code


def test_catches_up_last_month_and_prepares_the_next_every_night(rulebook, dong):
    from django.utils import timezone

    this = Month.of(timezone.now())
    for month in (this.previous, this, this.next):
        f.PersonFactory(birth_on=dt.date(month.year - 65, month.number, 10), dong=dong)
    extract_targets()
    extract_targets()
    job = Job.objects.get(kind=EXTRACT)
    jobs.run(job.pk, at=timezone.now(), heartbeat=False)
    job.refresh_from_db()
    assert (job.state, job.result["created"]) == ("done", 3)


@pytest.mark.django_db(transaction=True)
def test_makes_one_list_when_two_processes_start_at_once(rulebook, dong):
    for n in range(1, 29):
        born(f"1950-01-{n:02d}", dong=dong)
    home = f.HouseholdFactory(dong=dong)
    f.PersonFactory(birth_on=dt.date(2015, 1, 6), dong=dong, household=home)
    Benefit.objects.create(
        person=mother(dong, household=home), category="single_parent", valid_from=dt.date(2014, 1, 1)
    )
    start, results, faults = threading.Barrier(2), [], []

    def extract():
        try:
            start.wait()
            results.append(programmes.extract_targets(JANUARY, by=None, at=f.NOW))
        except Exception as fault:  # shown by the assertion below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=extract) for _ in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not faults
    assert sum(r.created for r in results) == Target.objects.count() == Visit.objects.count() == 30
    assert FollowUp.objects.count() == 1
    assert connection.vendor == "postgresql"
