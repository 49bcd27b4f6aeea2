"""Caseload of the child nurses by zone: what each carries, an even proposal, its dated application and return."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers.models import ZoneDong, ZoneScheme
from common.months import Month, at_seoul
from planners import caseload, zone_changes
from planners.models import Pair, Visit, ZoneChange
from planners.months.planning_units import Unit
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
NEXT = Month.of(f.TODAY).next
SINCE = dt.date(2014, 11, 1)


@pytest.fixture
def child(db):
    return f.ProgrammeFactory(key="child", name="우리아이", needs_social_worker=False)


@pytest.fixture
def district(child):
    """Two zones of two dongs in a row of the map; a nurse each; the first zone is the busy one."""
    scheme = ZoneScheme.objects.create(key="nurse", name="우리아이 간호사 권역")
    zones = [scheme.zones.create(name=name, order=n) for n, name in enumerate(("동쪽권역", "서쪽권역"), 1)]
    dongs = [
        f.DongFactory(name=f"가람{n}동", slug=f"garam{n}-dong", order=n, tile_column=n, tile_row=1) for n in range(1, 5)
    ]
    for n, dong in enumerate(dongs):
        ZoneDong.objects.create(zone=zones[n // 2], dong=dong, valid_from=SINCE)
    nurses = [posted(f"child{n}", f"서유나{n}", "HC") for n in range(2)]
    for zone, nurse in zip(zones, nurses, strict=True):
        Pair.objects.create(kind="child", name="우리아이", zone=zone, nurse=nurse, valid_from=SINCE)
    return zones, dongs, nurses


def due(dong, child, count, *, agreed=True):
    for _ in range(count):
        person = f.PersonFactory(dong=dong)
        if agreed:
            f.ConsentFactory(person=person)
        f.VisitFactory(person=person, programme=child, dong=dong, due_on=NEXT.last, release_on=NEXT.first)


def promised(pair, dong, child, day, hour):
    person = f.PersonFactory(dong=dong)
    return f.standing_visit(pair, starts_at=at_seoul(day, dt.time(hour)), person=person, programme=child)


@pytest.fixture
def uneven(district, child):
    zones, dongs, _ = district
    due(dongs[0], child, 20)
    due(dongs[1], child, 20)
    return zones, dongs


def now(month=NEXT):
    return caseload.district(month, today=f.TODAY)


class TestLoad:
    def test_shows_what_each_nurse_must_do_has_promised_and_can_do(self, uneven):
        loads = now().loads()
        assert [load.visits for load in loads] == [40, 0]
        nurse = loads[0].nurses[0]
        assert nurse.share == 40
        assert nurse.row.places > 0
        assert loads[0].percent > loads[1].percent == 0

    def test_shares_a_zone_evenly_among_its_nurses(self, uneven):
        zones, _ = uneven
        Pair.objects.create(
            kind="child", name="둘째", zone=zones[0], nurse=posted("c3", "문가영", "HC"), valid_from=SINCE
        )
        assert [nurse.share for nurse in now().loads()[0].nurses] == [20, 20]


class TestProposal:
    def test_moves_the_neighbouring_dong_and_evens_the_load(self, uneven):
        zones, dongs = uneven
        found = now()
        moves = caseload.propose(found)
        assert moves == {dongs[1].pk: zones[1].pk}
        before, after = caseload.spread(found.loads()), caseload.spread(found.loads(moves))
        assert after == 0 < before

    def test_leaves_an_even_district_alone(self, district, child):
        _, dongs, _ = district
        for dong in dongs:
            due(dong, child, 5)
        assert caseload.propose(now()) == {}

    def test_never_tears_a_zone_apart(self, uneven):
        _, dongs = uneven
        moves = caseload.propose(now())
        assert dongs[0].pk not in moves  # the far end: the second zone could not be reached from it
        assert len(moves) < len(dongs)

    def test_gives_nothing_to_a_zone_without_a_nurse(self, uneven):
        zones, _ = uneven
        Pair.objects.filter(zone=zones[1]).update(valid_to=f.TODAY)
        assert caseload.propose(now()) == {}
        assert now().loads()[1].percent is None

    def test_proposes_the_same_every_time(self, uneven):
        assert caseload.propose(now()) == caseload.propose(now())


class TestChange:
    def test_holds_from_the_first_of_the_month_and_changes_nothing_before(self, uneven, office):
        zones, dongs = uneven
        change, _, _ = zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        assert Unit(zone=zones[0]).dongs(f.TODAY) == dongs[:2]
        assert Unit(zone=zones[0]).dongs(NEXT.first) == dongs[:1]
        assert Unit(zone=zones[1]).dongs(NEXT.first) == dongs[1:]
        assert change.before != change.after

    def test_takes_back_what_has_not_begun(self, uneven, office):
        zones, dongs = uneven
        before = list(ZoneDong.objects.values_list("zone", "dong", "valid_from", "valid_to").order_by("dong"))
        change, _, _ = zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        for _ in range(2):
            zone_changes.undo(change, by=office, at=f.NOW)
        assert list(ZoneDong.objects.values_list("zone", "dong", "valid_from", "valid_to").order_by("dong")) == before

    def test_does_not_take_back_what_has_begun(self, uneven, office):
        zones, dongs = uneven
        change, _, _ = zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        with pytest.raises(zone_changes.AlreadyBegun):
            zone_changes.undo(change, by=office, at=NEXT.starts_at)

    def test_refuses_what_makes_no_sense(self, uneven, office):
        zones, dongs = uneven
        move = {dongs[1].pk: zones[1].pk}
        with pytest.raises(zone_changes.NotAhead):
            zone_changes.apply(move, since=Month.of(f.TODAY), by=office, at=f.NOW)
        with pytest.raises(zone_changes.NothingChanged):
            zone_changes.apply({dongs[0].pk: zones[0].pk}, since=NEXT, by=office, at=f.NOW)
        with pytest.raises(zone_changes.ZoneWithoutDong):
            zone_changes.apply({d.pk: zones[1].pk for d in dongs}, since=NEXT, by=office, at=f.NOW)
        zone_changes.apply(move, since=NEXT.next, by=office, at=f.NOW)
        with pytest.raises(zone_changes.LaterChangeExists):
            zone_changes.apply(move, since=NEXT, by=office, at=f.NOW)

    def test_applies_once_however_often_it_is_clicked(self, uneven, office):
        zones, dongs = uneven
        zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        with pytest.raises(zone_changes.NothingChanged):
            zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        assert ZoneChange.objects.count() == 1

    def test_lets_the_new_nurse_keep_promised_times_or_leaves_them_with_the_old_one(self, district, child, office):
        zones, dongs, nurses = district
        old, new = (Pair.objects.get(zone=zone) for zone in zones)
        day = NEXT.first + dt.timedelta(days=(1 - NEXT.first.weekday()) % 7 + 7)  # a Tuesday
        mine, clash = promised(old, dongs[1], child, day, 10), promised(old, dongs[1], child, day, 14)
        promised(new, dongs[2], child, day, 14)
        _, taken, left = zone_changes.apply({dongs[1].pk: zones[1].pk}, since=NEXT, by=office, at=f.NOW)
        assert (taken, left) == (1, 1)
        mine.refresh_from_db()
        clash.refresh_from_db()
        assert (mine.pair, mine.starts_at) == (new, at_seoul(day, dt.time(10)))
        assert [row.user for row in mine.staff.all()] == [nurses[1]]
        assert (clash.pair, clash.state) == (old, Visit.State.BOOKED)


class TestPages:
    def test_previews_applies_and_takes_back(self, client, uneven, office, settings):
        zones, dongs = uneven
        client.force_login(office)
        month = Month.of(dt.date.today()).next
        page = reverse("caseload")
        chosen = {"month": str(month), "chosen": 1, "to-garam2-dong": 2}
        text = client.get(page, chosen).content.decode()
        assert "직접 고른 안" in text
        assert "서쪽권역</b>" in text
        assert client.post(reverse("caseload_apply"), {"month": str(month), "to-garam2-dong": 2}).status_code == 302
        change = ZoneChange.objects.get()
        assert Unit(zone=zones[1]).dongs(month.first) == dongs[1:]
        assert reverse("caseload_undo", args=[change.uid]) in client.get(page).content.decode()
        client.post(reverse("caseload_undo", args=[change.uid]))
        assert Unit(zone=zones[1]).dongs(month.first) == dongs[2:]

    def test_shows_a_nurse_the_own_zone_and_no_button(self, client, uneven):
        client.force_login(Pair.objects.get(zone__name="동쪽권역").nurse)
        text = client.get(reverse("caseload")).content.decode()
        assert "동쪽권역" in text
        assert "서쪽권역" not in text
        assert reverse("caseload_apply") not in text
        assert client.post(reverse("caseload_apply"), {}).status_code == 403

    def test_keeps_leads_of_dongs_out(self, client, uneven, lead):
        client.force_login(lead)
        assert client.get(reverse("caseload")).status_code == 404
        assert client.post(reverse("caseload_apply"), {}).status_code == 404

    def test_asks_as_much_of_the_database_for_thirty_visits_as_for_three(self, client, district, child, office):
        _, dongs, _ = district
        client.force_login(office)
        client.get(reverse("caseload"))
        counts = []
        for more in (3, 27):
            due(dongs[0], child, more)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("caseload"))
            counts.append(len(queries))
        assert counts[0] == counts[1]
