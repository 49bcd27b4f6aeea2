"""A month of one dong: drafted by the solver, explained, moved by hand, published once, kept to promises."""

import datetime as dt
import threading
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers import jobs
from centers.models import Job
from common.months import SEOUL, Month, at_seoul
from common.refusals import Stale
from planners.models import Consent, Schedule, Visit, VisitEvent, VisitStaff
from planners.months import month_problem, schedule_moves, schedule_reasons, scheduling
from planners.months.month_problem import Unit
from planners.solver import solve
from planners.tasks_schedule import GENERATE
from staffing.models import Holiday, StaffTime
from staffing.models.calendars import Half
from tests import factories as f

MONTH = Month(2015, 3)
TODAY = dt.date(2015, 2, 20)
AT = dt.datetime(2015, 2, 20, 1, tzinfo=dt.UTC)


def waiting_visit(dong, *, consent=True, due=dt.date(2015, 3, 31), **given) -> Visit:
    """A visit of March 2015 that waits for a place."""
    person = f.PersonFactory(
        dong=dong, household=f.HouseholdFactory(dong=dong, longitude=127.04 + given.pop("east", 0))
    )
    target = f.TargetFactory(person=person, release_on=dt.date(2015, 3, 1), due_on=due, tier=given.pop("tier", 2))
    if consent:
        f.ConsentFactory(person=person, answered_on=dt.date(2015, 2, 1))
    return f.VisitFactory(target=target, **given)


def promise(visit: Visit, pair, starts_at: dt.datetime) -> None:
    """A promise of the pair as the telephone leaves it, whatever the calendars say."""
    visit.state, visit.pair, visit.on, visit.starts_at = Visit.State.BOOKED, pair, starts_at.date(), starts_at
    visit.half = Half.AM if starts_at.astimezone(SEOUL).hour < 12 else Half.PM
    visit.save()
    visit.staff.all().delete()
    VisitStaff.objects.bulk_create(scheduling.staff_of(visit, pair))


def draft(dong, by=None, *, month=MONTH, today=TODAY) -> Schedule:
    unit = Unit(dong=dong)
    built = month_problem.build(unit, month, today=today, base=scheduling.newest(unit, month))
    scheduling.check_plannable(built)
    plan = solve(built.problem, watchdog=20)
    return scheduling.save_draft(built, plan, schedule_reasons.left_out(built, plan), by=by, at=AT)


@pytest.mark.django_db
class TestDraft:
    def test_places_visits_with_consent_and_says_why_each_stands_where_it_stands(self, dong, pair):
        visits = [waiting_visit(dong, east=n / 1000) for n in range(5)]
        schedule = draft(dong)
        assert {p.visit_id for p in schedule.placements.all()} == {v.pk for v in visits}
        assert all(p.reasons for p in schedule.placements.all())
        assert schedule.is_proved

    def test_leaves_out_who_has_not_agreed_and_says_what_would_help(self, dong, pair):
        waiting_visit(dong)
        silent = waiting_visit(dong, consent=False)
        row = draft(dong).unplanned.get()
        assert (row.visit_id, row.code) == (silent.pk, "NO_CONSENT")
        assert row.remedy.startswith("3월 31일(화) 전에")

    def test_asks_nobody_to_agree_before_a_day_that_is_over(self, dong, pair):
        waiting_visit(dong)
        waiting_visit(dong, consent=False, due=dt.date(2015, 2, 27))
        assert draft(dong).unplanned.get().remedy.startswith("기한이 지났습니다. 지금")

    def test_never_contacts_somebody_who_refused(self, dong, pair):
        visit = waiting_visit(dong)
        f.ConsentFactory(person=visit.person, answer=Consent.Answer.REFUSED, answered_on=dt.date(2015, 2, 10))
        waiting_visit(dong)
        schedule = draft(dong)
        assert not schedule.placements.filter(visit=visit).exists()
        assert not schedule.unplanned.filter(visit=visit).exists()

    def test_goes_out_on_no_holiday_and_on_no_day_of_leave(self, dong, pair):
        for _ in range(6):
            waiting_visit(dong)
        Holiday.objects.create(on=dt.date(2015, 3, 3), name="시험 휴일")
        StaffTime.objects.create(
            user=pair.social, kind="leave", first_on=dt.date(2015, 3, 4), last_on=dt.date(2015, 3, 20)
        )
        days = set(draft(dong).placements.values_list("on", flat=True))
        assert days
        assert not days & {dt.date(2015, 3, 3), *(dt.date(2015, 3, n) for n in range(4, 21))}

    def test_keeps_wishes(self, dong, pair):
        visit = waiting_visit(dong, halves=["AM"], weekdays=[2], window_from=dt.time(10, 0), window_to=dt.time(10, 30))
        place = draft(dong).placements.get(visit=visit)
        assert (place.half, place.on.weekday()) == ("AM", 2)
        assert dt.time(10, 0) <= place.starts_at.astimezone(at_seoul(TODAY, dt.time()).tzinfo).time() <= dt.time(10, 30)

    def test_keeps_a_booking_to_the_minute(self, dong, pair):
        starts_at = at_seoul(dt.date(2015, 3, 10), dt.time(14, 15))
        booked = waiting_visit(dong, state="booked", pair=pair, on=dt.date(2015, 3, 10), half="PM", starts_at=starts_at)
        for _ in range(4):
            waiting_visit(dong)
        place = draft(dong).placements.get(visit=booked)
        assert (place.on, place.half, place.starts_at) == (dt.date(2015, 3, 10), "PM", starts_at)

    def test_never_sends_a_pair_to_two_doors_at_once(self, dong, pair):
        for n in range(12):
            waiting_visit(dong, east=n / 500)
        rows = list(draft(dong).placements.select_related("visit").order_by("starts_at"))
        for one, two in pairwise(rows):
            assert one.ends_at <= two.starts_at

    def test_says_what_changed_since_the_draft_before(self, dong, pair):
        waiting_visit(dong)
        draft(dong)
        waiting_visit(dong)
        second = draft(dong)
        assert second.number == 2
        assert (second.differences["new"], second.differences["gone"]) == (1, 0)

    def test_asks_for_pairs_where_there_are_none(self, dong):
        waiting_visit(dong)
        with pytest.raises(scheduling.NoPairs):
            draft(dong)

    def test_names_a_wish_nobody_can_meet(self, dong, pair):
        visit = waiting_visit(dong, needs=["베트남어"])
        waiting_visit(dong)
        row = draft(dong).unplanned.get(visit=visit)
        assert row.code.startswith("NO_SKILL")
        pair.skills = ["베트남어"]
        pair.save()
        assert draft(dong).placements.filter(visit=visit).exists()

    def test_is_the_same_for_the_same_input(self, dong, pair):
        for n in range(6):
            waiting_visit(dong, east=n / 700)
        places = [
            list(draft(dong).placements.order_by("visit").values_list("visit", "on", "half", "starts_at")) for _ in "ab"
        ]
        assert places[0] == places[1]


@pytest.mark.django_db
def test_shows_the_visits_of_a_saturday_after_their_week(dong, pair, lead, client):
    waiting_visit(dong)
    schedule = scheduling.publish(draft(dong), by=lead, at=AT)
    saturday = f.standing_visit(pair, starts_at=at_seoul(dt.date(2015, 3, 14), dt.time(9, 40)))
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("schedule", args=[schedule.uid]))
    assert [[e.visit for e in week.weekend] for week in page.context["weeks"]].count([saturday]) == 1
    assert "14일 토 9:40" in page.content.decode()


@pytest.mark.django_db
class TestByHand:
    def test_moves_a_visit_and_keeps_it_there_in_the_next_draft(self, dong, pair, lead):
        visit = waiting_visit(dong)
        schedule = draft(dong)
        board = schedule_moves.DraftBoard(schedule, today=TODAY)
        wanted = next(c for c in board.choices(visit) if c.is_possible and not c.is_current and c.on.day > 20)
        place = schedule_moves.move(schedule, visit, wanted.session, by=lead, today=TODAY)
        assert (place.on, place.half, place.is_locked) == (wanted.on, wanted.half, True)
        assert (draft(dong).placements.get(visit=visit).on) == wanted.on

    def test_refuses_a_half_day_the_resident_does_not_want(self, dong, pair, lead):
        visit = waiting_visit(dong, halves=["AM"])
        schedule = draft(dong)
        afternoon = next(c for c in schedule_moves.DraftBoard(schedule, today=TODAY).choices(visit) if c.half == "PM")
        assert "반일" in afternoon.obstacle
        with pytest.raises(schedule_moves.DoesNotFit):
            schedule_moves.move(schedule, visit, afternoon.session, by=lead, today=TODAY)

    def test_takes_a_visit_out_and_back_in(self, dong, pair, lead):
        visit = waiting_visit(dong)
        schedule = draft(dong)
        schedule_moves.take_out(schedule, visit, by=lead, today=TODAY)
        assert schedule.unplanned.get().visit == visit
        choice = next(c for c in schedule_moves.DraftBoard(schedule, today=TODAY).choices(visit) if c.is_possible)
        schedule_moves.move(schedule, visit, choice.session, by=lead, today=TODAY)
        assert schedule.placements.get().visit == visit
        assert not schedule.unplanned.exists()

    def test_says_of_itself_what_holds_after_a_change_by_hand(self, dong, pair, lead):
        stays, leaves = waiting_visit(dong), waiting_visit(dong)
        schedule = draft(dong)
        assert schedule.is_proved
        schedule_moves.take_out(schedule, leaves, by=lead, today=TODAY)
        now = Schedule.objects.get(pk=schedule.pk)
        assert (now.is_proved, now.gap) == (False, None)
        assert [(row["visits"], row["visit_minutes"]) for row in now.capacity] == [(1, stays.minutes)]
        assert sum(row["travel_minutes"] for row in now.capacity) == now.travel_minutes
        choices = schedule_moves.DraftBoard(now, today=TODAY).choices(leaves)
        elsewhere = next(c for c in choices if c.is_open and not c.with_whom)
        schedule_moves.move(now, leaves, elsewhere.session, by=lead, today=TODAY)
        now.refresh_from_db()
        assert (now.outings, now.capacity[0]["used"], now.capacity[0]["visits"]) == (2, 2, 2)

    def test_does_not_overwrite_what_somebody_else_changed(self, dong, pair, lead):
        visit = waiting_visit(dong)
        schedule = draft(dong)
        seen = schedule.version
        schedule_moves.take_out(schedule, visit, by=lead, today=TODAY, version_seen=seen)
        with pytest.raises(Stale):
            scheduling.publish(schedule, by=lead, at=AT, version_seen=seen)


@pytest.mark.django_db(transaction=True)
class TestPublishing:
    def test_gives_visits_their_day_and_blocks_both_calendars(self, dong, pair, lead):
        visit = waiting_visit(dong)
        scheduling.publish(draft(dong), by=lead, at=AT)
        visit.refresh_from_db()
        assert (visit.state, visit.pair) == (Visit.State.ANNOUNCED, pair)
        assert {s.user_id for s in VisitStaff.objects.filter(visit=visit)} == {pair.nurse_id, pair.social_id}
        assert VisitEvent.objects.filter(visit=visit, act="announced").count() == 1

    def test_does_one_thing_when_clicked_twice_at_once(self, dong, pair, lead):
        visit = waiting_visit(dong)
        schedule = draft(dong)
        faults = []

        def click():
            try:
                scheduling.publish(schedule, by=lead, at=AT)
            except Exception as fault:
                faults.append(fault)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert VisitEvent.objects.filter(visit=visit, act="announced").count() == 1

    def test_puts_nobody_in_two_places(self, dong, pair, lead):
        waiting_visit(dong)
        schedule = draft(dong)
        place = schedule.placements.get()
        during = (place.starts_at, place.ends_at)
        other = waiting_visit(dong, state="pool")
        VisitStaff.objects.create(visit=other, user=pair.nurse, function="nurse", during=during)
        with pytest.raises(scheduling.CalendarTaken):
            scheduling.publish(schedule, by=lead, at=AT)
        assert Schedule.objects.get(pk=schedule.pk).state == Schedule.State.DRAFT

    def test_replaces_the_live_month_and_loses_no_visit(self, dong, pair, lead):
        stays, leaves = waiting_visit(dong), waiting_visit(dong)
        first = draft(dong)
        scheduling.publish(first, by=lead, at=AT)
        second = draft(dong)
        schedule_moves.take_out(second, Visit.objects.get(pk=leaves.pk), by=lead, today=TODAY)
        scheduling.publish(Schedule.objects.get(pk=second.pk), by=lead, at=AT)
        assert Schedule.objects.get(pk=first.pk).state == Schedule.State.SUPERSEDED
        assert Visit.objects.get(pk=stays.pk).state == Visit.State.ANNOUNCED
        assert Visit.objects.get(pk=leaves.pk).state == Visit.State.POOL
        assert not VisitStaff.objects.filter(visit=leaves).exists()

    def test_leaves_todays_visits_with_their_pair(self, dong, pair, lead):
        today, later = (
            waiting_visit(dong, due=dt.date(2015, 3, 4)),
            waiting_visit(dong, release_on=dt.date(2015, 3, 20)),
        )
        scheduling.publish(draft(dong), by=lead, at=AT)
        first = Visit.objects.get(pk=today.pk).on
        second = draft(dong, today=first)
        at = at_seoul(first, dt.time(8, 30))
        scheduling.publish(second, by=lead, at=at)
        stays = Visit.objects.get(pk=today.pk)
        assert (stays.state, stays.on, stays.staff.count()) == (Visit.State.ANNOUNCED, first, 2)
        assert Visit.objects.get(pk=later.pk).state == Visit.State.ANNOUNCED

    def test_sends_nobody_out_who_has_fallen_ill_since(self, dong, pair, lead):
        waiting_visit(dong)
        schedule = draft(dong)
        place = schedule.placements.get()
        StaffTime.objects.create(user=pair.nurse, kind="sick", first_on=place.on, last_on=place.on)
        with pytest.raises(scheduling.CalendarTaken, match="한지은 님이 병가"):
            scheduling.publish(schedule, by=lead, at=AT)

    def test_sends_nobody_on_a_way_that_got_a_promise_since(self, dong, pair, lead):
        waiting_visit(dong)
        schedule = draft(dong)
        place = schedule.placements.get()
        other = waiting_visit(dong)
        promise(other, pair, place.ends_at + dt.timedelta(minutes=5))
        with pytest.raises(scheduling.CalendarTaken, match="한지은 님의 약속이 새로 잡혔습니다"):
            scheduling.publish(schedule, by=lead, at=AT)
        promise(other, pair, place.starts_at + dt.timedelta(days=7))
        assert scheduling.publish(schedule, by=lead, at=AT).state == Schedule.State.PUBLISHED

    def test_announces_no_time_that_has_passed(self, dong, pair, lead):
        waiting_visit(dong)
        with pytest.raises(scheduling.DraftTooOld):
            scheduling.publish(draft(dong), by=lead, at=AT + dt.timedelta(days=60))

    def test_finishes_after_its_worker_was_killed(self, dong, pair, lead, monkeypatch):
        waiting_visit(dong)
        opened = jobs.open_job(
            GENERATE, title="시험", arguments={"dong": dong.pk, "zone": None, "month": str(MONTH)}, by=lead, at=AT
        )
        jobs.claim(opened.pk, at=AT)  # the worker died here
        later = AT + dt.timedelta(days=365 * 20)
        assert [j.pk for j in jobs.overdue(at=later)] == [opened.pk]
        job = jobs.run(opened.pk, at=later, heartbeat=False)
        assert job.state == Job.State.DONE
        assert Schedule.objects.count() == 1


@pytest.mark.django_db
class TestPages:
    def month_url(self, schedule):
        return reverse("schedule", args=[schedule.uid])

    def test_shows_the_board_without_full_names(self, client, dong, pair, lead):
        visit = waiting_visit(dong)
        schedule = draft(dong)
        client.force_login(lead)
        text = client.get(self.month_url(schedule)).content.decode()
        assert visit.person.masked_name in text
        assert visit.person.name not in text

    def test_asks_the_database_as_often_for_15_visits_as_for_3(self, client, dong, pair, lead):
        client.force_login(lead)
        client.get(reverse("schedules"))  # the session notes that somebody is there
        counts = []
        for extra in (3, 12):
            for n in range(extra):
                waiting_visit(dong, east=n / 600)
            schedule = draft(dong)
            with CaptureQueriesContext(connection) as seen:
                client.get(self.month_url(schedule))
            counts.append(len(seen))
        assert counts[0] == counts[1]

    def test_lets_only_the_lead_publish(self, client, dong, pair, lead, social, today):
        waiting_visit(dong)
        schedule = draft(dong, month=Month.of(today).next, today=today)
        url = reverse("schedule_publish", args=[schedule.uid])
        client.force_login(social)
        assert client.post(url, {"version": schedule.version}).status_code == 403
        client.force_login(lead)
        client.post(url, {"version": schedule.version})
        assert Schedule.objects.get(pk=schedule.pk).state == Schedule.State.PUBLISHED

    def test_answers_a_stale_form_with_a_sentence_and_changes_nothing(self, client, dong, pair, lead):
        waiting_visit(dong)
        schedule = draft(dong)
        client.force_login(lead)
        response = client.post(reverse("schedule_publish", args=[schedule.uid]), {"version": 99}, follow=True)
        assert "그사이 다른 사람이" in response.content.decode()
        assert Schedule.objects.get(pk=schedule.pk).state == Schedule.State.DRAFT
