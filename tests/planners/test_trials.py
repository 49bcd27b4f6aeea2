"""Two settings side by side: both solved, weighed, the visits that differ, one kept as a draft."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from centers import jobs
from centers.models import Job
from common.months import Month
from planners.models import Schedule
from planners.months import month_problem, schedule_reasons, scheduling, trials
from planners.months.month_problem import Unit
from planners.solver import solve
from planners.tasks_schedule import GENERATE, TRIAL
from tests.planners.test_replanning import second_pair, waiting  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(today) -> Month:
    return Month.of(today).next


def tried(dong, month, preset, lead) -> Schedule:
    arguments = {"dong": dong.pk, "zone": None, "month": str(month), "preset": preset}
    job = jobs.open_job(TRIAL, title="시험", arguments=arguments, by=lead, at=timezone.now(), key=preset)
    assert jobs.run(job.pk, at=timezone.now(), heartbeat=False).state == "done"
    return trials.newest(Unit(dong=dong), month, preset)


def test_solves_a_month_at_other_prices_without_touching_drafts_or_visits(dong, pair, month, lead):
    visit = waiting(dong, month)
    trial = tried(dong, month, "few_outings", lead)
    assert (trial.state, trial.number, trial.settings["prices"]["outing"]) == (Schedule.State.TRIAL, 0, 60)
    visit.refresh_from_db()
    assert visit.state == "pool"
    assert scheduling.newest(Unit(dong=dong), month) is None


def test_goes_out_less_often_when_going_out_costs_more(dong, pair, second_pair, month, lead):  # noqa: F811
    for n in range(9):
        waiting(dong, month, east=n / 900)
    even, few = tried(dong, month, "even", lead), tried(dong, month, "few_outings", lead)
    one, other = trials.figures(even), trials.figures(few)
    assert other.outings <= one.outings
    assert one.spread <= other.spread
    better = {line.name: line.better for line in trials.lines(one, other)}
    assert better["들어간 기한이 있는 방문"] == ""
    assert "A조의 일" in better


def test_keeps_one_trial_for_each_preset(dong, pair, month, lead):
    waiting(dong, month)
    first = tried(dong, month, "now", lead)
    Job.objects.all().delete()
    second = tried(dong, month, "now", lead)
    assert list(Schedule.objects.values_list("pk", flat=True)) == [second.pk] != [first.pk]


def test_keeps_one_as_the_next_draft_once(client, dong, pair, month, lead):
    waiting(dong, month)
    trial = tried(dong, month, "due", lead)
    client.force_login(lead)
    for _ in range(2):
        client.post(reverse("schedule_keep", args=[trial.uid]), {"version": trial.version})
    row = Schedule.objects.get()
    assert (row.state, row.number, row.settings["reason"]) == (Schedule.State.DRAFT, 1, "기한 먼저")


def test_starts_both_jobs_once_and_shows_figures_and_differences(client, dong, pair, month, lead):
    visit = waiting(dong, month)
    client.force_login(lead)
    facts = {"month": str(month), "dong": dong.slug, "a": "now", "b": "even"}
    for _ in range(2):
        client.post(reverse("schedule_compare"), facts)
    opened = Job.objects.filter(kind=TRIAL)
    assert sorted(job.arguments["preset"] for job in opened) == ["even", "now"]
    assert "숫자로 보기" not in client.get(reverse("schedule_compare"), facts).content.decode()
    for job in opened:
        jobs.run(job.pk, at=timezone.now(), heartbeat=False)
    text = client.get(reverse("schedule_compare"), facts).content.decode()
    assert "숫자로 보기" in text
    assert visit.person.name not in text


def test_looks_at_what_was_solved_before_without_solving_and_without_a_token_in_the_address(
    client, dong, pair, month, lead
):
    client.force_login(lead)
    facts = {"month": str(month), "dong": dong.slug, "a": "now", "b": "even", "look": "1", "csrfmiddlewaretoken": "x"}
    address = client.post(reverse("schedule_compare"), facts).url
    assert "token" not in address
    assert client.get(address).status_code == 200
    assert not Job.objects.exists()


def test_says_when_the_month_is_another_since_it_was_solved(client, dong, pair, month, lead):
    waiting(dong, month)
    for preset in ("now", "even"):
        tried(dong, month, preset, lead)
    client.force_login(lead)
    here = f"{reverse('schedule_compare')}?month={month}&dong={dong.slug}"
    assert "계산한 뒤 방문" not in client.get(here).content.decode()
    waiting(dong, month)
    assert client.get(here).content.decode().count("계산한 뒤 방문") == 2


def test_is_for_those_who_plan_the_dong(client, dong, pair, month, nurse, lead_elsewhere):
    facts = {"month": str(month), "dong": dong.slug}
    client.force_login(nurse)
    assert client.get(reverse("schedule_compare"), facts).status_code == 403
    client.force_login(lead_elsewhere)
    assert client.post(reverse("schedule_compare"), facts).status_code == 302
    assert not Job.objects.filter(kind=TRIAL).exists()


def test_says_what_one_more_half_day_would_let_in(dong, pair, month, lead, today):
    for n in range(12):
        waiting(dong, month, east=n / 3000, weekdays=[1], halves=["AM"])
    built = month_problem.build(Unit(dong=dong), month, today=today)
    plan = solve(built.problem, watchdog=20)
    assert len(plan.session_of) < 12
    more = schedule_reasons.more_half_days(built, plan, count=1, gap=0.01, watchdog=10)
    assert "더 들어갑니다" in more[0]["words"]


def test_promises_nothing_of_a_half_day_beside_a_plan_that_ran_out_of_time(dong, pair, month, lead, today):
    for n in range(12):
        waiting(dong, month, east=n / 3000, weekdays=[1], halves=["AM"])
    built = month_problem.build(Unit(dong=dong), month, today=today)
    limits = {"count": 1, "gap": 0.01, "watchdog": 10}
    plan = replace(solve(built.problem, watchdog=20), proved=False, reproducible=False)
    assert schedule_reasons.more_half_days(built, plan, **limits)
    assert schedule_reasons.more_half_days(built, replace(plan, lower_bound=0.0), **limits) == []


def test_keeps_the_half_days_with_the_draft_and_shows_them(client, dong, pair, month, lead):
    for n in range(12):
        waiting(dong, month, east=n / 3000, weekdays=[1], halves=["AM"])
    arguments = {"dong": dong.pk, "zone": None, "month": str(month)}
    job = jobs.open_job(GENERATE, title="시험", arguments=arguments, by=lead, at=timezone.now())
    jobs.run(job.pk, at=timezone.now(), heartbeat=False)
    row = Schedule.objects.get()
    assert row.more_half_days
    client.force_login(lead)
    assert "반일을 하나 더 열면" in client.get(reverse("schedule", args=[row.uid])).content.decode()


def test_solves_a_month_at_prices_somebody_typed(client, dong, pair, month, lead):
    waiting(dong, month)
    client.force_login(lead)
    facts = {
        "month": str(month),
        "dong": dong.slug,
        "a": "now",
        "b": "own",
        "b-price-outing": "75",
        "b-price-change": "",
    }
    here = client.post(reverse("schedule_compare"), facts).url
    for job in Job.objects.filter(kind=TRIAL):
        assert jobs.run(job.pk, at=timezone.now(), heartbeat=False).state == "done"
    page = client.get(here)
    assert page.context["sides"][1]["differing"] == [("한 번 나감", 20, 75)]
    assert page.context["lines"], "both are weighed"
    trial = Schedule.objects.exclude(settings__preset="now").get()
    assert (trial.settings["prices"]["outing"], trial.settings["prices"]["change"]) == (75, 120)
    client.post(here, facts)
    assert Job.objects.filter(kind=TRIAL, arguments__changes__outing=75).count() <= 2
    client.post(reverse("schedule_keep", args=[trial.uid]), {"version": trial.version})
    trial.refresh_from_db()
    assert (trial.state, trial.settings["reason"]) == (Schedule.State.DRAFT, "직접 정한 값")


def test_says_which_typed_price_makes_no_sense(client, dong, pair, month, lead):
    client.force_login(lead)
    facts = {"month": str(month), "dong": dong.slug, "a": "now", "b": "own", "b-price-outing": "-5"}
    page = client.post(reverse("schedule_compare"), facts)
    assert page.status_code == 422
    assert "사이의 정수로 적어 주세요" in page.content.decode()
    assert not Job.objects.filter(kind=TRIAL).exists()
