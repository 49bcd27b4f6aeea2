"""A month's stored figures: they equal a recount, whatever happened and in whatever order."""

import datetime as dt
import random
import threading

import pytest
from django.db import connection, connections, transaction

from casemgmt.models import Agency, Case, Referral
from centers import rollups
from centers.indicators import Span, indicator, indicators
from centers.models import MonthlyStat
from common.months import Month, at_seoul
from planners.models import Consent, Person, Target, Visit
from tests import factories as f

JANUARY, FEBRUARY = Month(2015, 1), Month(2015, 2)


def roll_all() -> None:
    for month in rollups.changed_months():
        rollups.roll_month(month, at=f.NOW)


def figure(key: str, month=JANUARY, **where) -> int:
    return rollups.figure(indicator(key), month, **where)


def finished_visit(day=dt.date(2015, 1, 14), **given) -> Visit:
    return f.VisitFactory(
        state="closed",
        outcome="done",
        finished_at=at_seoul(day, dt.time(11)),
        group="normal",
        classified_on=day,
        **given,
    )


@pytest.mark.django_db
class TestOneMonth:
    def test_counts_by_dong_programme_and_for_the_district(self, dong, other_dong):
        finished_visit(target=f.TargetFactory(person=f.PersonFactory(dong=dong)))
        finished_visit(target=f.TargetFactory(person=f.PersonFactory(dong=other_dong)))
        roll_all()
        assert figure("visits", dong=dong.pk) == 1
        assert figure("visits", dong=dong.pk, part="elderly") == 1
        assert figure("visits") == 2
        assert figure("visits", part="elderly") == 2
        assert figure("visits", dong=dong.pk, part="child") == 0

    def test_counts_a_person_seen_in_two_dongs_once_for_the_district(self, dong, other_dong):
        person = f.PersonFactory(dong=dong)
        finished_visit(target=f.TargetFactory(person=person))
        finished_visit(target=f.TargetFactory(person=person, occurrence="again", dong=other_dong))
        roll_all()
        assert figure("people_visited", dong=dong.pk) == figure("people_visited", dong=other_dong.pk) == 1
        assert figure("people_visited") == 1
        assert figure("visits") == 2

    def test_puts_a_fact_into_the_month_of_seoul(self):
        finished_visit()
        Visit.objects.update(finished_at=dt.datetime(2015, 1, 31, 15, 30, tzinfo=dt.UTC))  # 1 February 00:30 in Seoul
        roll_all()
        assert figure("visits") == 0
        assert figure("visits", FEBRUARY) == 1

    def test_marks_the_old_and_the_new_month_of_an_edit(self):
        visit = finished_visit()
        roll_all()
        visit.finished_at = at_seoul(dt.date(2015, 2, 3), dt.time(9))
        visit.save()
        assert set(rollups.changed_months()) == {JANUARY, FEBRUARY}
        roll_all()
        assert figure("visits") == 0
        assert figure("visits", FEBRUARY) == 1

    def test_leaves_no_marker_for_a_change_that_no_figure_sees(self):
        visit = finished_visit()
        roll_all()
        visit.outcome_note, visit.version = "다시 적음", 2
        visit.save()
        assert rollups.changed_months() == []

    def test_forgets_figures_whose_facts_went(self):
        finished_visit()
        roll_all()
        Visit.objects.all().delete()
        roll_all()
        assert not MonthlyStat.objects.filter(indicator="visits").exists()
        assert rollups.differences() == []

    def test_keeps_the_dong_of_a_consent_when_the_person_moves(self, dong, other_dong, nurse):
        person = f.PersonFactory(dong=dong)
        consent = f.ConsentFactory(person=person, by=nurse)
        Person.objects.update(dong=other_dong)
        consent.note = "이사함"
        consent.save()
        roll_all()
        assert figure("consent_given", dong=dong.pk) == 1
        assert figure("consent_given", dong=other_dong.pk) == 0

    def test_splits_due_targets_into_met_and_missed(self):
        for ended_on in (dt.date(2015, 1, 20), dt.date(2015, 2, 2), None):
            state = "visited" if ended_on else "open"
            f.TargetFactory(person=f.PersonFactory(), ended_on=ended_on, state=state)
        roll_all()
        assert (figure("due"), figure("due_met"), figure("due_missed")) == (3, 1, 2)

    def test_marks_every_known_month_when_a_programme_is_renamed(self):
        visit = finished_visit()
        roll_all()
        visit.programme.key = "elders"
        visit.programme.save()
        roll_all()
        assert figure("visits", part="elders") == 1
        assert rollups.differences() == []

    def test_writes_nothing_when_it_is_run_twice(self):
        finished_visit()
        first = rollups.roll_month(JANUARY, at=f.NOW)
        again = rollups.roll_month(JANUARY, at=f.NOW)
        assert first.changed == first.rows > 0
        assert (again.rows, again.changed) == (first.rows, 0)

    def test_names_a_stored_figure_that_a_recount_does_not_confirm(self):
        finished_visit()
        roll_all()
        MonthlyStat.objects.filter(indicator="visits", dong=None, part="").update(value=7)
        (fault,) = rollups.settled_differences(JANUARY)
        assert (fault.indicator, fault.stored, fault.counted) == ("visits", 7, 1)

    def test_does_not_call_a_waiting_month_wrong(self):
        finished_visit()
        assert rollups.differences([JANUARY])
        assert rollups.settled_differences(JANUARY) == []


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_equals_a_recount_after_random_edits(seed, dong, other_dong, nurse):
    """Inserts, edits, month and dong moves, deletes and rollbacks, with rolls in between."""
    chance = random.Random(seed)
    world = World(chance, [dong, other_dong], nurse)
    for _ in range(120):
        try:
            with transaction.atomic():
                world.act()
                if chance.random() < 0.1:
                    raise Undone
        except Undone:
            pass
        if chance.random() < 0.2:
            roll_all()
    roll_all()
    assert rollups.differences() == []
    assert {row.indicator for row in MonthlyStat.objects.all()} >= {"targets", "visits", "consent_given", "referrals"}


class Undone(Exception):
    pass


class World:
    """Random facts of every kind that a figure counts."""

    def __init__(self, chance, dongs, user):
        self.chance, self.dongs, self.user = chance, dongs, user
        self.programmes = [
            f.ProgrammeFactory(),
            f.ProgrammeFactory(key="child", name="우리아이", short_name="우리아이", order=2),
        ]
        self.agency = Agency.objects.create(name="보건소", kind="health_center")

    def day(self) -> dt.date:
        return dt.date(2014, 11, 1) + dt.timedelta(days=self.chance.randrange(120))

    def moment(self) -> dt.datetime:
        return at_seoul(self.day(), dt.time(self.chance.randrange(24), 30))

    def act(self) -> None:
        self.chance.choice([self.add, self.add, self.add, self.edit, self.edit, self.remove])()

    def add(self) -> None:
        person = f.PersonFactory(dong=self.chance.choice(self.dongs))
        programme, day = self.chance.choice(self.programmes), self.day()
        rule = f.TargetRuleFactory(key=f"rule-{programme.key}", programme=programme)
        target = f.TargetFactory(person=person, rule=rule, month=day.replace(day=1), due_on=day)
        f.ConsentFactory(
            person=person, by=self.user, answered_on=self.day(), answer=self.chance.choice(["given", "refused"])
        )
        visit = f.VisitFactory(
            target=target,
            is_first=self.chance.random() < 0.7,
            state="closed",
            outcome="done",
            group="normal",
            classified_on=self.day(),
            finished_at=self.moment(),
        )
        referral = Referral.objects.create(
            person=person,
            visit=visit,
            dong=person.dong,
            destination="committee",
            need=self.chance.choice(["주거", "건강", ""]),
            due_on=self.day(),
            sent_by=self.user,
            sent_at=self.moment(),
            first_act_at=self.moment(),
            summary="돌봄이 필요함",
        )
        Case.objects.create(
            number=f"{referral.pk}", person=person, dong=person.dong, referral=referral, type="care_support",
            lead_agency=self.agency, opened_on=self.day(), review_on=day, closed_on=dt.date(2015, 3, 1),
        )  # fmt: skip

    def edit(self) -> None:
        for rows, values in self.chance.sample(
            [
                (Target.objects, {"month": self.day().replace(day=1), "dong": self.chance.choice(self.dongs)}),
                (Target.objects, {"state": "visited", "ended_on": self.day()}),
                (Visit.objects, {"finished_at": self.moment(), "programme": self.chance.choice(self.programmes)}),
                (Visit.objects, {"outcome": "absent", "state": "failed"}),
                (Visit.objects, {"classified_on": self.day(), "group": "normal", "is_first": False}),
                (Consent.objects, {"answered_on": self.day(), "answer": "refused"}),
                (Referral.objects, {"first_act_at": None, "due_on": self.day(), "need": "일자리"}),
                (Case.objects, {"closed_on": None}),
                (Case.objects, {"opened_on": self.day(), "type": "living_support"}),
            ],
            2,
        ):
            keys = list(rows.values_list("pk", flat=True))
            if keys:
                rows.filter(pk__in=self.chance.sample(keys, min(3, len(keys)))).update(**values)

    def remove(self) -> None:
        case = Case.objects.order_by("?").first()
        if case:
            referral, visit = case.referral, case.referral.visit
            case.delete()
            referral.delete()
            visit.delete()


class Paused:
    """Runs a function in a thread of its own and stops it where a step begins or ends."""

    def __init__(self, monkeypatch, step: str):
        self.reached, self.go = threading.Event(), threading.Event()
        original = getattr(rollups, step)
        paused = self

        def stopping(*args, **kwargs):
            answer = original(*args, **kwargs)
            if threading.current_thread() is paused.thread:
                paused.reached.set()
                assert paused.go.wait(20)
            return answer

        monkeypatch.setattr(rollups, step, stopping)

    def start(self, act) -> None:
        def run():
            try:
                act()
            finally:
                connections.close_all()

        self.thread = threading.Thread(target=run)
        self.thread.start()
        assert self.reached.wait(20)

    def finish(self) -> None:
        self.go.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.mark.django_db(transaction=True)
class TestFixedOrder:
    def test_counts_again_what_was_committed_while_it_counted(self, monkeypatch):
        """The late marker: an edit that commits after the count is not lost with the markers of before."""
        finished_visit()
        roll = Paused(monkeypatch, "count_month")
        roll.start(lambda: rollups.roll_month(JANUARY, at=f.NOW))
        finished_visit(target=f.TargetFactory(person=f.PersonFactory()))
        roll.finish()
        assert figure("visits") == 1
        assert JANUARY in rollups.changed_months()
        roll_all()
        assert figure("visits") == 2
        assert rollups.changed_months() == []

    def test_does_not_overwrite_a_newer_count_when_delivered_twice(self, monkeypatch):
        """A second delivery on a clean month stops between count and store while an edit is made and rolled."""
        finished_visit()
        roll_all()
        twice = Paused(monkeypatch, "count_month")
        twice.start(lambda: rollups.roll_month(JANUARY, at=f.NOW))
        finished_visit(target=f.TargetFactory(person=f.PersonFactory()))
        newer = threading.Thread(target=lambda: (rollups.roll_month(JANUARY, at=f.NOW), connections.close_all()))
        newer.start()
        newer.join(1.0)
        assert newer.is_alive(), "the newer roll has to wait for the one that is under way"
        twice.finish()
        newer.join(20)
        assert figure("visits") == 2
        assert rollups.changed_months() == []
        assert rollups.differences() == []

    def test_loses_nothing_when_a_roll_is_killed(self, monkeypatch):
        finished_visit()

        def killed(*args, **kwargs):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(rollups, "_store", killed)
            with pytest.raises(KeyboardInterrupt):
                rollups.roll_month(JANUARY, at=f.NOW)
        assert rollups.changed_months() == [JANUARY]
        roll_all()
        assert figure("visits") == 1

    def test_marks_every_month_when_a_table_is_emptied(self):
        finished_visit()
        roll_all()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE planners_visit CASCADE")
        assert JANUARY in rollups.changed_months()
        roll_all()
        assert figure("visits") == 0

    def test_lets_writers_of_one_month_pass_each_other(self):
        first = finished_visit()
        second = finished_visit(target=f.TargetFactory(person=f.PersonFactory()))
        done = threading.Event()

        def write():
            Visit.objects.filter(pk=second.pk).update(group="managed", linked_at=f.NOW)
            done.set()
            connections.close_all()

        with transaction.atomic():
            Visit.objects.filter(pk=first.pk).update(is_first=False)
            writer = threading.Thread(target=write)
            writer.start()
            assert done.wait(10), "a writer waited for another one's marker"
        writer.join(10)

    def test_ends_equal_to_a_recount_with_writers_and_rolls_at_once(self, dong, other_dong, nurse):
        """Three writers against two rolls, markers and figures at rest afterwards."""
        world = World(random.Random(5), [dong, other_dong], nurse)
        for _ in range(20):
            world.add()
        keys = list(Visit.objects.values_list("pk", flat=True))
        stop = threading.Event()

        def write(seed):
            chance = random.Random(seed)
            try:
                for _ in range(60):
                    with transaction.atomic():
                        day = dt.date(2014, 11, 1) + dt.timedelta(days=chance.randrange(120))
                        Visit.objects.filter(pk=chance.choice(keys)).update(
                            finished_at=at_seoul(day, dt.time(9)), is_first=chance.random() < 0.5
                        )
                        if chance.random() < 0.1:
                            transaction.set_rollback(True)
            finally:
                connections.close_all()

        def roll():
            try:
                while not stop.is_set():
                    roll_all()
            finally:
                connections.close_all()

        writers = [threading.Thread(target=write, args=[seed]) for seed in range(3)]
        rollers = [threading.Thread(target=roll) for _ in range(2)]
        for thread in writers + rollers:
            thread.start()
        for thread in writers:
            thread.join(60)
        stop.set()
        for thread in rollers:
            thread.join(60)
        roll_all()
        assert rollups.changed_months() == []
        assert rollups.differences() == []


@pytest.mark.django_db
def test_gives_for_every_indicator_a_list_as_long_as_its_number(dong, other_dong, nurse):
    world = World(random.Random(7), [dong, other_dong], nurse)
    for _ in range(30):
        world.add()
    for _ in range(10):
        world.edit()
    for one in indicators():
        for month in rollups.known_months():
            for (place, part), value in one.tally(month).items():
                rows = one.of(Span.of(month), dongs=None if place is None else {place}, part=part)
                assert one.count(Span.of(month), dongs=None if place is None else {place}, part=part) == value
                if one.amount is None:
                    assert len(list(rows)) == value, one.key
