"""Companions: given half-days, never two places at once, asked anew when a visit moves, name and time only."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.months import SEOUL, seoul_date
from planners import booking, companions
from planners.models import Accompaniment
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
WEDNESDAYS = ["2AM", "2PM"]


@pytest.fixture
def tongjang(dong):
    return posted("tongjang", "황옥분", "TJ", dong, tongs=[7])


@pytest.fixture
def enlist(dong, lead):
    def enlisted(name="황옥분", kind="tongjang", slots=WEDNESDAYS, **given):
        facts = {"since": dt.date(2014, 1, 1), "by": lead} | given
        return companions.enlist(dong, kind, name, slots=slots, **facts)

    return enlisted


def ask(visit, companion, by):
    return companions.ask(visit, companion, by=by, at=f.NOW)


def test_joins_a_promised_visit_once(pair, nurse, enlist):
    visit, companion = f.standing_visit(pair), enlist()
    assert ask(visit, companion, nurse) == ask(visit, companion, nurse)
    assert Accompaniment.objects.count() == 1


def test_is_offered_on_the_half_days_given_only(pair, enlist):
    visit = f.standing_visit(pair)
    enlist()
    enlist("변호사 김", "talent", ["0AM"], field="법률")
    assert [(offer.companion.name, offer.is_free) for offer in companions.offers(visit)] == [
        ("황옥분", True),
        ("변호사 김", False),
    ]


def test_is_refused_outside_the_given_half_days_with_the_reason(pair, nurse, enlist):
    with pytest.raises(companions.NotThatDay, match="함께 갈 수 있는 반일이 아닙니다"):
        ask(f.standing_visit(pair), enlist(slots=["0AM"]), nurse)


def test_is_not_asked_before_there_is_a_time(nurse, enlist, pair):
    with pytest.raises(companions.NoTimeYet, match="먼저 약속을 잡아"):
        ask(f.VisitFactory(person__dong=pair.dong), enlist(), nurse)


def test_cannot_be_in_two_places(pair, nurse, dong, enlist):
    other = f.PairFactory(dong=dong, name="B조")
    companion = enlist()
    ask(f.standing_visit(pair), companion, nurse)
    with pytest.raises(companions.CompanionBusy):
        ask(f.standing_visit(other), companion, nurse)
    first = Accompaniment.objects.get()
    with pytest.raises(IntegrityError, match="companion_not_in_two_places"), transaction.atomic():
        Accompaniment.objects.create(
            visit=f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(days=7)),
            companion=companion, during=first.during, by=nurse, at=f.NOW,
        )  # fmt: skip


def test_is_asked_anew_when_the_visit_moves(pair, nurse, lead, enlist):
    visit = f.standing_visit(pair)
    f.ConsentFactory(person=visit.person)
    row = ask(visit, enlist(), nurse)
    booking.book(visit, pair=pair, starts_at=f.NOW + dt.timedelta(days=7), by=lead, at=f.NOW)
    row.refresh_from_db()
    assert not row.is_active


def test_lapses_when_the_visit_is_cancelled_and_stays_when_it_starts(pair, nurse, lead, enlist):
    visit, other = f.standing_visit(pair), f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(days=7))
    kept, gone = ask(visit, companion := enlist(), nurse), ask(other, companion, nurse)
    booking.cancel_booking(other, reason="주민이 바람", by=lead, at=f.NOW)
    visit.state = "started"
    visit.save()
    for row in (kept, gone):
        row.refresh_from_db()
    assert (kept.is_active, gone.is_active) == (True, False)


def test_lapses_when_the_companion_stops(pair, nurse, enlist):
    row = ask(f.standing_visit(pair), companion := enlist(), nurse)
    companions.dismiss(companion, on=f.TODAY)
    row.refresh_from_db()
    assert not row.is_active


class TestPages:
    @pytest.fixture
    def sign_in_as(self, client):
        def sign_in(user):
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return client

        return sign_in

    @pytest.fixture
    def visit(self, pair):
        """A visit on the coming Wednesday week."""
        today = seoul_date(timezone.now())
        wednesday = today + dt.timedelta(days=9 - today.weekday())
        return f.standing_visit(pair, starts_at=dt.datetime.combine(wednesday, dt.time(9, 40), SEOUL))

    def test_shows_the_tongjang_name_and_time_and_nothing_else(self, sign_in_as, tongjang, enlist, visit, nurse):
        ask(visit, enlist(), nurse)
        answer = sign_in_as(tongjang).get("/accompany/").content.decode()
        assert visit.person.name in answer
        assert "09:40" in answer
        for hidden in (visit.person.address, visit.person.mobile, visit.programme.name, "65세"):
            assert hidden not in answer
        assert sign_in_as(tongjang).get(f"/visits/{visit.uid}/").status_code == 403

    def test_asks_and_releases_with_one_tap(self, sign_in_as, enlist, visit, nurse):
        companion = enlist()
        client = sign_in_as(nurse)
        client.post(f"/visits/{visit.uid}/companions/", {"ask": companion.uid})
        row = Accompaniment.objects.get(is_active=True)
        assert "황옥분" in client.get(f"/visits/{visit.uid}/companions/").content.decode()
        client.post(f"/visits/{visit.uid}/companions/", {"release": row.uid})
        assert not Accompaniment.objects.filter(is_active=True).exists()

    def test_is_closed_to_those_who_do_not_go(self, sign_in_as, visit, dong, nurse_elsewhere):
        colleague = posted("nurse2", "조민아", "PN", dong)
        for user in (colleague, nurse_elsewhere):
            assert sign_in_as(user).get(f"/visits/{visit.uid}/companions/").status_code == 404

    def test_lets_the_lead_add_a_volunteer(self, sign_in_as, lead, dong):
        given = {"kind": "talent", "name": "김변호", "field": "법률", "phone": "", "slots": ["2PM"]}
        assert sign_in_as(lead).post("/pairs/companions/new/", given).status_code == 302
        assert "김변호" in sign_in_as(lead).get("/pairs/").content.decode()
