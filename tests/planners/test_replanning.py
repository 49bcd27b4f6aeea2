"""The morning somebody cannot come: few visits move, nobody is forgotten, the partner sees it at once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from centers import jobs
from centers.models import Zone, ZoneScheme
from common.months import Month, at_seoul
from common.refusals import Stale
from planners import booking
from planners.models import Consent, Replan, ReplanLine, Schedule, Visit, VisitStaff
from planners.months import month_problem, replanning, schedule_reasons, scheduling
from planners.months.month_problem import Unit
from planners.months.replanning import Absence
from planners.solver import solve
from planners.tasks_schedule import REPLAN
from staffing.calendars import working_days
from staffing.models import StaffTime
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_pair(dong, pair):
    nurse, social = posted("nurse2", "조민아", "PN", dong), posted("social2", "임도현", "PS", dong)
    return f.PairFactory(dong=dong, name="B조", nurse=nurse, social=social)


@pytest.fixture
def month(today) -> Month:
    """A month that lies wholly ahead, so that no test depends on the day it runs."""
    return Month.of(today).next


def waiting(dong, month, *, east=0.0, **given) -> Visit:
    person = f.PersonFactory(dong=dong, household=f.HouseholdFactory(dong=dong, longitude=127.04 + east))
    target = f.TargetFactory(person=person, month=month.first, release_on=month.first, due_on=month.last)
    f.ConsentFactory(person=person, answer=Consent.Answer.GIVEN, answered_on=month.first - dt.timedelta(60))
    return f.VisitFactory(target=target, **given)


@pytest.fixture
def live(dong, pair, second_pair, month, lead, today) -> Schedule:
    """A published month of two pairs."""
    for n in range(16):
        waiting(dong, month, east=n / 1500)
    unit = Unit(dong=dong)
    built = month_problem.build(unit, month, today=today)
    plan = solve(built.problem, gap=0.05, watchdog=20)
    draft = scheduling.save_draft(built, plan, schedule_reasons.left_out(built, plan), by=lead, at=timezone.now())
    return scheduling.publish(draft, by=lead, at=timezone.now())


@pytest.fixture
def first_day(live, pair) -> dt.date:
    return Visit.objects.filter(pair=pair).order_by("on").values_list("on", flat=True).first()


def proposed(absence: Absence, lead) -> Replan:
    """The re-plan of one unit with its proposal, as the background job makes it."""
    row = replanning.start(absence, by=lead, at=timezone.now())[0]
    job = jobs.open_job(REPLAN, title="시험", arguments={"replan": row.pk}, by=lead, at=timezone.now())
    assert jobs.run(job.pk, at=timezone.now(), heartbeat=False).state == "done"
    return Replan.objects.get(pk=row.pk)


def sick(pair, day, **given) -> Absence:
    return Absence(pair.nurse, day, given.pop("last_on", day), **given)


class TestProposal:
    def test_writes_the_absence_down_and_opens_one_replan_when_pressed_twice(self, live, pair, lead, first_day):
        for _ in range(2):
            replanning.start(sick(pair, first_day), by=lead, at=timezone.now())
        assert StaffTime.objects.get().kind == "sick"
        assert Replan.objects.get().user == pair.nurse

    def test_finds_every_displaced_visit_a_place_with_somebody_who_is_there(self, live, pair, lead, first_day):
        hit = {v.pk for v in replanning.affected(sick(pair, first_day))}
        row = proposed(sick(pair, first_day), lead)
        lines = row.lines.filter(is_displaced=True)
        assert {line.visit_id for line in lines} == hit
        places = {p.visit_id: p for p in row.schedule.placements.all()}
        for visit in hit:
            assert (places[visit].on, places[visit].pair_id) != (first_day, pair.pk)

    def test_moves_hardly_anything_else(self, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        others = Visit.objects.filter(state="announced").exclude(pk__in=row.lines.values("visit")).count()
        assert row.lines.filter(is_displaced=False).count() <= 0.1 * (others + 1)
        assert row.schedule.differences["kept"] == others

    def test_changes_nothing_for_residents_or_staff_before_it_is_confirmed(self, live, pair, lead, first_day):
        before = list(Visit.objects.order_by("pk").values_list("pk", "pair", "starts_at", "state"))
        proposed(sick(pair, first_day), lead)
        assert list(Visit.objects.order_by("pk").values_list("pk", "pair", "starts_at", "state")) == before

    def test_adds_only_the_half_days_that_are_not_known_yet(self, live, pair, lead, first_day):
        StaffTime.objects.create(user=pair.nurse, kind="leave", first_on=first_day, last_on=first_day, half="AM")
        replanning.start(sick(pair, first_day), by=lead, at=timezone.now())
        assert set(StaffTime.objects.values_list("kind", "half")) == {("leave", "AM"), ("sick", "PM")}

    def test_keeps_in_view_who_had_no_place_before_and_locks_nobody(self, dong, live, pair, lead, first_day, month):
        silent = waiting(dong, month)
        live.unplanned.create(visit=silent, code="NO_CONSENT", message="방문 동의가 아직 없습니다.")
        row = proposed(sick(pair, first_day), lead)
        assert row.schedule.unplanned.get(visit=silent).code == "NO_CONSENT"
        assert not row.schedule.placements.filter(is_locked=True).exists()

    def test_refuses_days_that_are_over(self, live, pair, lead):
        with pytest.raises(replanning.WrongAbsence):
            replanning.start(sick(pair, dt.date(2015, 1, 5)), by=lead, at=timezone.now())

    @pytest.mark.parametrize("state", [Visit.State.ANNOUNCED, Visit.State.BOOKED])
    def test_asks_once_for_another_pair_and_another_half_day(self, live, pair, lead, first_day, state):
        """A promise that broke is dearer to the month anyhow: the re-plan must not count the same again."""
        absence = sick(pair, first_day)
        visit = replanning.affected(absence)[0]
        Visit.objects.filter(pk=visit.pk).update(state=state)
        row = replanning.start(absence, by=lead, at=timezone.now())[0]
        built = replanning.problem_of(row, at=at_seoul(first_day, dt.time(7, 0)))
        costs, prices = built.problem.cost[built.problem.visit_index[visit.pk]], built.prices
        by_place = {(p.pk == pair.pk, half == visit.half): s for s, (p, _, half, _) in built.session_of.items()}
        day = built.session_of[by_place[True, True]][1]
        cost = {
            (p.pk == pair.pk, half == visit.half): costs[built.problem.session_index[s]]
            for s, (p, on, half, _) in built.session_of.items()
            if on == day
        }
        told = prices.change if state == Visit.State.ANNOUNCED else 0
        assert cost[False, True] - cost[True, True] == prices.other_pair
        assert cost[True, False] - cost[True, True] == prices.other_half
        assert told <= cost[True, True] < told + 200

    def test_sends_nobody_after_a_pair_that_has_left(self, live, pair, lead, first_day):
        absence = sick(pair, first_day)
        row = replanning.start(absence, by=lead, at=timezone.now())[0]
        built = replanning.problem_of(row, at=at_seoul(first_day, dt.time(11, 0)))
        problem = built.problem
        begun = [n for n, s in enumerate(problem.sessions) if s.day == first_day.day and s.half == "AM"]
        for visit in replanning.affected(absence):
            assert not problem.allowed[problem.visit_index[visit.pk], begun].any()


class TestConfirming:
    def test_publishes_and_the_partner_sees_it_at_once(self, live, pair, second_pair, lead, first_day, client):
        row = proposed(sick(pair, first_day), lead)
        replanning.confirm(row, {}, by=lead, at=timezone.now())
        assert not VisitStaff.objects.filter(user=pair.nurse, visit__on=first_day).exists()
        for line in row.lines.all():
            visit = Visit.objects.get(pk=line.visit_id)
            client.force_login(visit.pair.social)
            page = client.get(reverse("today"), {"on": visit.on.isoformat()}).content.decode()
            assert visit.person.name in page

    def test_gives_back_a_promise_that_cannot_be_kept_and_offers_a_new_time(self, live, pair, lead, first_day):
        visit = Visit.objects.filter(pair=pair, on=first_day).first()
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.BOOKED)
        row = proposed(sick(pair, first_day), lead)
        replanning.confirm(row, {}, by=lead, at=timezone.now())
        visit.refresh_from_db()
        assert visit.state == Visit.State.ANNOUNCED
        replanning.call(row_of(row), visit, "agreed", by=lead, at=timezone.now())
        visit.refresh_from_db()
        assert visit.state == Visit.State.BOOKED
        assert row.lines.get(visit=visit).called_by == lead

    @pytest.mark.parametrize("choice", ["postpone", "phone"])
    def test_lets_the_lead_put_a_visit_off_or_telephone_instead(self, live, pair, lead, first_day, choice):
        row = proposed(sick(pair, first_day), lead)
        visit = row.lines.filter(is_displaced=True).first().visit
        replanning.confirm(row, {visit.pk: choice}, by=lead, at=timezone.now())
        visit.refresh_from_db()
        assert visit.state == Visit.State.POOL
        assert not visit.staff.exists()
        assert visit.events.filter(act="replanned", detail__choice=choice).exists()
        assert row.schedule.unplanned.filter(visit=visit).exists()

    def test_does_one_thing_when_pressed_twice(self, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        for _ in range(2):
            replanning.confirm(row, {}, by=lead, at=timezone.now())
        line = row.lines.filter(is_displaced=True).first()
        assert line.visit.events.filter(act="replanned").count() == 1

    def test_says_when_somebody_booked_the_new_time_meanwhile_and_changes_nothing(
        self, dong, live, pair, lead, first_day, month
    ):
        row = proposed(sick(pair, first_day), lead)
        line = row.lines.filter(is_displaced=True).first()
        place = row.schedule.placements.get(visit=line.visit)
        other = waiting(dong, month)
        booking.book(other, pair=place.pair, starts_at=place.starts_at, by=lead, at=timezone.now())
        with pytest.raises(scheduling.CalendarTaken, match="다시 계산한 뒤"):
            replanning.confirm(row, {}, by=lead, at=timezone.now())
        other.refresh_from_db()
        line.visit.refresh_from_db()
        assert (other.state, other.starts_at) == (Visit.State.BOOKED, place.starts_at)
        assert (line.visit.starts_at, Replan.objects.get(pk=row.pk).state) == (line.was_starts_at, Replan.State.OPEN)

    def test_holds_a_new_time_from_the_moment_it_is_confirmed(self, dong, live, pair, lead, first_day, month):
        row = proposed(sick(pair, first_day), lead)
        replanning.confirm(row, {}, by=lead, at=timezone.now())
        visit = Visit.objects.get(pk=row.lines.filter(is_displaced=True).first().visit_id)
        other = waiting(dong, month)
        with pytest.raises((booking.SlotTaken, booking.NotFree)):
            booking.book(other, pair=visit.pair, starts_at=visit.starts_at, by=lead, at=timezone.now())

    def test_refuses_a_proposal_that_somebody_changed(self, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        with pytest.raises(Stale):
            replanning.confirm(row, {}, by=lead, at=timezone.now(), version_seen=99)
        assert Replan.objects.get(pk=row.pk).state == Replan.State.OPEN

    def test_leaves_everything_when_the_lead_drops_it(self, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        replanning.drop(row)
        assert Schedule.objects.get(pk=live.pk).state == Schedule.State.PUBLISHED
        assert Schedule.objects.get(pk=row.schedule_id).state == Schedule.State.DISCARDED
        assert StaffTime.objects.filter(user=pair.nurse).exists()


def row_of(row: Replan) -> Replan:
    return Replan.objects.get(pk=row.pk)


class TestPages:
    def test_shows_whom_it_hits_with_their_numbers_before_anything_is_written(
        self, client, live, pair, lead, first_day
    ):
        client.force_login(lead)
        asked = {"user": pair.nurse.uid, "on": first_day.isoformat()}
        text = client.get(reverse("replan"), asked).content.decode()
        for visit in replanning.affected(sick(pair, first_day)):
            assert visit.person.name in text
            assert visit.person.mobile in text
        assert not StaffTime.objects.exists()
        assert f"{pair.nurse.name} 주무관</option>" in text

    def test_keeps_the_days_when_it_shows_first_whom_it_hits(self, client, live, pair, lead, first_day):
        client.force_login(lead)
        last = first_day + dt.timedelta(days=1)
        facts = {"user": pair.nurse.uid, "first_on": first_day, "last_on": last, "half": "", "kind": "leave"}
        page = client.post(reverse("replan"), facts | {"look": "1"})
        assert page.status_code == 200
        assert page.context["hit"]
        shown = page.context["form"]
        assert (shown["first_on"].value(), shown["last_on"].value()) == (str(first_day), str(last))
        assert not Replan.objects.exists()
        assert not StaffTime.objects.filter(user=pair.nurse, kind="leave").exists()

    def test_starts_with_one_button(self, client, live, pair, lead, first_day):
        client.force_login(lead)
        facts = {"user": pair.nurse.uid, "first_on": first_day, "last_on": first_day, "half": "", "kind": "sick"}
        response = client.post(reverse("replan"), facts)
        row = Replan.objects.get()
        assert response.url == reverse("replan_proposal", args=[row.uid])
        assert row.job.is_open

    def test_confirms_and_lists_the_calls(self, client, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        client.force_login(lead)
        page = client.get(reverse("replan_proposal", args=[row.uid])).content.decode()
        assert "이대로 확정하고 공개" in page
        done = client.post(reverse("replan_confirm", args=[row.uid]), {"version": row.schedule.version}, follow=True)
        assert "전화할 목록" in done.content.decode()
        visit = row.lines.filter(is_displaced=True).first().visit
        client.post(reverse("replan_called", args=[row.uid, visit.uid]), {"answer": "no_answer"})
        assert row.lines.get(visit=visit).answer == ReplanLine.Answer.NO_ANSWER
        assert visit.target.attempts.get().result == "no_answer"

    def test_is_not_published_past_its_call_sheet(self, client, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        client.force_login(lead)
        board = client.get(reverse("schedule", args=[row.schedule.uid])).content.decode()
        assert reverse("replan_proposal", args=[row.uid]) in board
        client.post(reverse("schedule_publish", args=[row.schedule.uid]), {"version": row.schedule.version})
        assert Schedule.objects.get(pk=row.schedule_id).state == Schedule.State.DRAFT

    def test_is_no_business_of_another_dong(self, client, live, pair, lead, lead_elsewhere, first_day):
        row = proposed(sick(pair, first_day), lead)
        client.force_login(lead_elsewhere)
        assert client.get(reverse("replan_proposal", args=[row.uid])).status_code == 404
        asked = {"user": pair.nurse.uid, "on": first_day.isoformat()}
        assert pair.nurse.name not in client.get(reverse("replan"), asked).content.decode()

    def test_lets_a_child_nurse_plan_her_own_zone_again(self, client, live):
        zone = Zone.objects.create(scheme=ZoneScheme.objects.create(key="nurse", name="간호"), name="가권역", order=1)
        nurse = posted("child", "서유나", "HC")
        f.PairFactory(kind="child", name="아이 가조", dong=None, zone=zone, nurse=nurse, social=None)
        client.force_login(nurse)
        text = client.get(reverse("replan")).content.decode()
        assert "서유나" in text
        assert "한지은" not in text

    def test_lets_nurses_look_but_not_change(self, client, live, pair, lead, first_day):
        row = proposed(sick(pair, first_day), lead)
        client.force_login(pair.social)
        assert client.get(reverse("replan_proposal", args=[row.uid])).status_code == 200
        assert client.post(reverse("replan_confirm", args=[row.uid])).status_code == 403

    def test_asks_the_database_as_often_for_many_lines_as_for_few(
        self, live, pair, lead, first_day, month, signed_in, queries_of
    ):
        client, counts = signed_in(lead), []
        client.get(reverse("schedules"))
        for last in (first_day, month.last):
            row = proposed(sick(pair, first_day, last_on=last), lead)
            counts.append(
                (row.lines.count(), queries_of(lambda row=row: client.get(reverse("replan_proposal", args=[row.uid]))))
            )
            replanning.drop(row)
            StaffTime.objects.all().delete()
        assert counts[0][1] == counts[1][1]


def test_is_quick_and_plans_only_working_days(live, pair, lead, first_day, month):
    row = proposed(sick(pair, first_day, last_on=first_day + dt.timedelta(days=2)), lead)
    assert row.schedule.seconds < 5
    days = set(working_days(month.first, month.last))
    assert set(row.schedule.placements.values_list("on", flat=True)) <= days
