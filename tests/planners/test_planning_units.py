"""What is planned at once: dongs, zones whose nurses choose the dong, whole zones that share people, the district."""

import datetime as dt
import json
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from centers import jobs
from centers.access import Scope
from centers.models import Job, Zone, ZoneDong, ZoneScheme
from common.months import Month, at_seoul, seoul_date
from planners.models import Pair, Placement, Schedule, VisitStaff
from planners.months import month_problem, month_search, planning_units
from planners.months.planning_units import Unit
from planners.tasks_schedule import DISTRICT, generate_district, open_district
from staffing.models import StaffTime
from tests import factories as f

MONTH = Month(2015, 3)
TODAY = dt.date(2015, 2, 20)
AT = dt.datetime(2015, 2, 20, 1, tzinfo=dt.UTC)
START = dt.date(2014, 1, 1)


@pytest.fixture
def zone(dong, other_dong):
    scheme = ZoneScheme.objects.create(key="nurse", name="간호사 권역")
    zone = Zone.objects.create(scheme=scheme, name="제1권역", order=1)
    for member in (dong, other_dong):
        ZoneDong.objects.create(zone=zone, dong=member, valid_from=START)
    return zone


@pytest.fixture
def child_pair(zone):
    nurse = f.UserFactory(username="child", name="서유나")
    f.PostingFactory(user=nurse, role="HC", dong=None, valid_from=START)
    return Pair.objects.create(kind="child", name="아이 가조", zone=zone, nurse=nurse, valid_from=START)


def waiting(dong, *, programme="elderly", month=MONTH, east=0.0, **given):
    home = f.HouseholdFactory(dong=dong, longitude=127.04 + east)
    person = f.PersonFactory(dong=dong, household=home)
    rule = f.TargetRuleFactory(key=f"of_{programme}", programme=f.ProgrammeFactory(key=programme))
    target = f.TargetFactory(
        person=person, rule=rule, programme=rule.programme, month=month.first, release_on=month.first, due_on=month.last
    )
    f.ConsentFactory(person=person, answered_on=month.first - dt.timedelta(days=20))
    return f.VisitFactory(target=target, **given)


def halves(placements) -> set:
    return {(p.on, p.half) for p in placements}


@pytest.mark.django_db
class TestZone:
    def test_sends_the_nurse_to_one_dong_a_half_day_and_to_both_in_a_month(self, zone, child_pair, dong, other_dong):
        visits = [waiting(d, programme="child", east=n / 900) for d in (dong, other_dong) for n in range(4)]
        (draft,) = month_search.save(month_search.search(Unit(zone=zone), MONTH, today=TODAY), by=None, at=AT)
        rows = list(draft.placements.select_related("visit"))
        assert {row.visit_id for row in rows} == {visit.pk for visit in visits}
        dongs = {half: {row.visit.dong_id for row in rows if (row.on, row.half) == half} for half in halves(rows)}
        assert all(len(found) == 1 for found in dongs.values())
        assert {dong.pk, other_dong.pk} == set().union(*dongs.values())

    def test_leaves_elders_to_their_pairs(self, zone, child_pair, dong, pair):
        elder, child = waiting(dong), waiting(dong, programme="child")
        assert [v.pk for v in month_problem.build(Unit(zone=zone), MONTH, today=TODAY).visits] == [child.pk]
        assert [v.pk for v in month_problem.build(Unit(dong=dong), MONTH, today=TODAY).visits] == [elder.pk]

    def test_goes_nowhere_in_a_half_day_that_another_unit_has_promised(self, zone, child_pair, dong, pair):
        child_pair.social = pair.social
        child_pair.save()
        waiting(dong)
        promised = waiting(
            dong, programme="child", state="booked", pair=child_pair, on=dt.date(2015, 3, 3), half="PM",
            starts_at=at_seoul(dt.date(2015, 3, 3), dt.time(14, 0)),
        )  # fmt: skip
        during = (promised.starts_at, promised.starts_at + dt.timedelta(minutes=60))
        VisitStaff.objects.create(visit=promised, user=pair.social, function="social", during=during)
        built = month_problem.build(Unit(dong=dong), MONTH, today=TODAY)
        free = {(day, half) for _, day, half, _ in built.session_of.values()}
        assert (dt.date(2015, 3, 3), "PM") not in free
        assert (dt.date(2015, 3, 3), "AM") in free


@pytest.mark.django_db
class TestWholeZone:
    @pytest.fixture
    def shared(self, child_pair, pair):
        """The dong's social worker goes out with the child nurse too."""
        child_pair.social = pair.social
        child_pair.save()
        return child_pair

    def test_is_one_unit_only_where_people_are_shared(self, zone, child_pair, pair, dong):
        assert [unit.key for unit in planning_units.district_units(MONTH)] == [f"dong:{dong.pk}", f"zone:{zone.pk}"]
        child_pair.social = pair.social
        child_pair.save()
        assert [unit.key for unit in planning_units.district_units(MONTH)] == [f"whole:{zone.pk}"]

    def test_sends_nobody_out_twice_in_a_half_day(self, zone, shared, pair, dong, other_dong):
        elders = [waiting(dong, east=n / 700) for n in range(9)]
        children = [waiting(d, programme="child", east=n / 700) for d in (dong, other_dong) for n in range(5)]
        found = month_search.search(planning_units.zone_unit(zone, MONTH), MONTH, today=TODAY)
        drafts = month_search.save(found, by=None, at=AT)
        assert {draft.unit_name for draft in drafts} == {zone.name, dong.name}
        rows = Placement.objects.filter(schedule__in=drafts).select_related("pair", "visit__programme")
        assert {row.visit_id for row in rows} == {visit.pk for visit in elders + children}
        out = {(row.on, row.half): set() for row in rows}
        for row in rows:
            out[row.on, row.half].add(row.pair_id)
            assert row.pair.kind == ("child" if row.visit.programme.key == "child" else "elder")
        assert all(len(pairs) == 1 for pairs in out.values())

    def test_gives_each_part_its_own_share_of_the_objective(self, zone, shared, pair, dong, other_dong):
        for n in range(4):
            waiting(dong, east=n / 700), waiting(other_dong, programme="child", east=n / 700)
        found = month_search.search(planning_units.zone_unit(zone, MONTH), MONTH, today=TODAY)
        drafts = month_search.save(found, by=None, at=AT)
        assert sum(draft.objective for draft in drafts) == round(found.plan.objective)
        assert all(draft.lower_bound <= draft.objective for draft in drafts)
        assert sum(draft.outings for draft in drafts) == len(found.plan.routes)

    def test_is_worth_more_than_one_programme_after_the_other(self, zone, shared, pair, dong):
        """Few half-days are left: the urgent visits of one programme have them, not whoever is planned first."""
        for user in (pair.nurse, pair.social, shared.nurse):
            StaffTime.objects.create(
                user=user, kind="leave", first_on=dt.date(2015, 3, 4), last_on=dt.date(2015, 3, 31)
            )
        for n in range(4):
            waiting(dong, tier=4, east=n / 900)
        urgent = [waiting(dong, programme="child", tier=1, east=n / 900) for n in range(3)]
        found = month_search.search(planning_units.zone_unit(zone, MONTH), MONTH, today=TODAY)
        assert {visit.pk for visit in urgent} <= set(found.plan.session_of)


@pytest.mark.django_db
class TestPromises:
    def promised(self, dong, pair, day, clock, **given):
        return waiting(
            dong, state="booked", pair=pair, on=day, half="AM" if clock.hour < 12 else "PM",
            starts_at=at_seoul(day, clock), **given,
        )  # fmt: skip

    def test_that_contradict_the_calendar_are_planned_anew_in_the_first_tier(self, dong, pair):
        day = dt.date(2015, 3, 10)
        visit = self.promised(dong, pair, day, dt.time(14, 0), tier=3)
        StaffTime.objects.create(user=pair.nurse, kind="sick", first_on=day, last_on=day)
        found = month_search.search(Unit(dong=dong), MONTH, today=TODAY)
        (row,) = found.built.problem.visits
        assert (row.tier, row.prize, row.booked) == (1, 20_000, None)
        place = month_search.save(found, by=None, at=AT)[0].placements.get(visit=visit)
        assert place.on != day
        assert place.half == "PM"
        assert "병가" in place.reasons[0]
        assert "전화로 다시 약속" in place.reasons[0]

    def test_that_exclude_each_other_name_both_residents(self, dong, pair):
        """The way between the two doors takes longer than the promised times allow."""
        day = dt.date(2015, 3, 10)
        first = self.promised(dong, pair, day, dt.time(14, 0), minutes=60)
        second = self.promised(dong, pair, day, dt.time(15, 0), minutes=60, east=0.06)
        found = month_search.search(Unit(dong=dong), MONTH, today=TODAY)
        (lost,) = found.built.broken
        why = found.built.broken[lost].why
        assert lost in (first.pk, second.pk)
        for visit in (first, second):
            assert visit.person.masked_name in why
        assert "14:00" in why
        assert "15:00" in why
        assert lost in found.plan.session_of  # at another place

    def test_that_find_no_other_place_say_so_and_ask_for_a_call(self, dong, pair):
        day = dt.date(2015, 3, 10)
        visit = self.promised(dong, pair, day, dt.time(14, 0))
        StaffTime.objects.create(user=pair.nurse, kind="leave", first_on=dt.date(2015, 3, 2), last_on=MONTH.last)
        waiting(dong)
        found = month_search.search(Unit(dong=dong), MONTH, today=TODAY)
        reason = found.reasons[visit.pk]
        assert reason.code == "BOOKING_CONFLICT"
        assert "연가" in reason.message
        assert "전화" in reason.remedy


@pytest.mark.django_db(transaction=True)
class TestDistrict:
    @pytest.fixture
    def month(self):
        return Month.of(seoul_date(timezone.now())).next

    @pytest.fixture
    def work(self, zone, child_pair, pair, dong, month):
        for n in range(3):
            waiting(dong, month=month, east=n / 700), waiting(dong, programme="child", month=month, east=n / 700)

    def run(self, job) -> Job:
        return jobs.run(job.pk, at=timezone.now(), heartbeat=False)

    def test_opens_one_job_a_unit_and_waits_for_them_without_a_worker(self, work, month):
        parent = self.run(open_district(month, by=None, at=timezone.now()))
        assert (parent.state, parent.progress_done, parent.progress_total) == (Job.State.WAITING, 0, 2)
        children = Job.objects.filter(pk__in=parent.arguments["jobs"]).order_by("pk")
        self.run(children[0])
        assert self.run(parent).progress_done == 1
        self.run(children[1])
        parent = self.run(parent)
        assert (parent.state, parent.attempts) == (Job.State.DONE, 1)
        assert (parent.result["planned"], parent.result["unplanned"], parent.result["proved"]) == (6, 0, 2)
        assert {row.unit_name for row in Schedule.objects.filter(uid__in=parent.result["schedules"])} == {
            "장위1동", "제1권역"
        }  # fmt: skip

    def test_does_nothing_twice_when_killed_in_the_middle(self, work, month):
        parent = open_district(month, by=None, at=timezone.now())
        killed = jobs.claim(parent.pk, at=timezone.now())
        with pytest.raises(jobs.Parked):
            generate_district(killed)  # the worker died here, after its jobs were written down
        later = timezone.now() + dt.timedelta(days=1)
        jobs.overdue(at=later)
        parent = self.run(parent)
        assert Job.objects.exclude(kind=DISTRICT).count() == 2
        child = Job.objects.get(pk=parent.arguments["jobs"][0])
        jobs.claim(child.pk, at=timezone.now())  # and a second one here
        jobs.overdue(at=later)
        for pk in parent.arguments["jobs"]:
            self.run(Job.objects.get(pk=pk))
        assert self.run(parent).state == Job.State.DONE
        assert Schedule.objects.count() == 2

    def test_sums_up_also_when_a_unit_is_refused(self, work, month, other_dong):
        f.PairFactory(dong=other_dong, nurse=f.UserFactory(), social=f.UserFactory(), name="빈 조")
        parent = self.run(open_district(month, by=None, at=timezone.now()))
        for pk in parent.arguments["jobs"]:
            self.run(Job.objects.get(pk=pk))
        result = self.run(parent).result
        assert [(row["unit"], row["code"]) for row in result["refused"]] == [(other_dong.name, "NOTHING_TO_PLAN")]
        assert len(result["schedules"]) == 2

    def test_is_made_by_the_command_without_any_worker(self, work, month, capsys):
        call_command("generate_schedule", month=str(month), json=True)
        answer = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert {row["unit"] for row in answer["schedules"]} == {"장위1동", "제1권역"}
        assert answer["district"]["planned"] == sum(row["planned"] for row in answer["schedules"]) == 6

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"dong": "없는동"}, "UNKNOWN_UNIT"),
            ({"zone": "없는권역"}, "UNKNOWN_UNIT"),
            ({"dong": "월곡1동"}, "NO_PAIRS"),
            ({"month": "2015-01"}, "MONTH_IS_OVER"),
        ],
    )
    def test_says_by_code_and_exit_why_it_refuses(self, work, month, capsys, given, code):
        with pytest.raises(SystemExit) as stop:
            call_command("generate_schedule", **({"month": str(month), "json": True} | given))
        assert stop.value.code == 1
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["refused"] == code

    def test_shows_no_zone_to_a_nurse_of_another_one(self, work, month, zone, child_pair, nurse):
        call_command("generate_schedule", month=str(month), zone=zone.name, json=True)
        own = Schedule.objects.visible_to(Scope.of(child_pair.nurse, TODAY))
        assert [row.zone for row in own] == [zone]
        assert not Schedule.objects.visible_to(Scope.of(nurse, TODAY)).filter(zone__isnull=False).exists()


def test_times_of_an_outing_follow_each_other(db, zone, child_pair, dong):
    for n in range(6):
        waiting(dong, programme="child", east=n / 500)
    (draft,) = month_search.save(month_search.search(Unit(zone=zone), MONTH, today=TODAY), by=None, at=AT)
    rows = list(draft.placements.select_related("visit").order_by("starts_at"))
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(rows))


def test_a_promise_that_cannot_be_kept_is_on_the_call_list_until_it_is_promised_anew(
    client, rulebook, dong, pair, social, today
):
    day = today + dt.timedelta(days=(1 - today.weekday()) % 7 + 7)  # a Tuesday ahead
    visit = waiting(
        dong, month=Month.of(today), state="booked", pair=pair, on=day, half="PM",
        starts_at=at_seoul(day, dt.time(14, 0)),
    )  # fmt: skip
    f.ConsentFactory(person=visit.person, answered_on=today)
    client.force_login(social)
    url = reverse("booking")
    assert visit.person.masked_name not in client.get(url).content.decode()
    StaffTime.objects.create(user=pair.nurse, kind="sick", first_on=day, last_on=day)
    assert "약속 다시" in client.get(url).content.decode()
    call = client.get(reverse("booking_call", args=[visit.target.uid])).content.decode()
    assert "약속을 지킬 수 없습니다" in call
    assert "병가" in call
    assert f"{pair.uid}|{day:%Y-%m-%d}" not in call  # that day is not offered again
    visit.on = day + dt.timedelta(days=1)
    visit.starts_at = at_seoul(visit.on, dt.time(14, 0))
    visit.save()
    assert visit.person.masked_name not in client.get(url).content.decode()
