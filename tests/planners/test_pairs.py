"""Pairs: both disciplines or no promise, changes from day to day, and who may arrange them."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from planners import pairs
from planners.models import Pair, Visit, VisitStaff
from tests import factories as f
from tests.cast import posted

SINCE = dt.date(2015, 1, 20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def new_nurse(dong):
    return posted("nurse2", "조민아", "PN", dong)


@pytest.fixture
def zone(dong):
    from centers.models import Zone, ZoneScheme

    scheme = ZoneScheme.objects.create(key="nurse", name="간호사 권역")
    return Zone.objects.create(scheme=scheme, name="1권역", order=1)


def form(**given):
    return pairs.form(**({"kind": "elder", "name": "C조", "since": SINCE} | given))


class TestForming:
    def test_needs_a_nurse_and_a_social_worker_for_elders(self, dong, nurse, social):
        row = form(dong=dong, nurse=nurse, social=social, skills=["베트남어", " "])
        assert row.skills == ["베트남어"]
        with pytest.raises(pairs.NotAPair, match="간호사와 사회복지사가 한 사람씩"):
            form(name="D조", dong=dong, nurse=nurse, social=None)

    def test_lets_a_child_nurse_go_alone(self, zone):
        child_nurse = posted("child", "서유나", "HC")
        assert form(kind="child", zone=zone, nurse=child_nurse, social=None).social is None

    def test_refuses_people_of_another_discipline(self, dong, nurse, social, lead):
        with pytest.raises(pairs.WrongDiscipline, match=r"오세진 님은 .* 간호사로 배치되어 있지 않습니다"):
            form(dong=dong, nurse=social, social=lead)
        with pytest.raises(pairs.WrongDiscipline, match=r"한지은 님은 .* 사회복지사로"):
            form(dong=dong, nurse=posted("nurse3", "문가영", "PN", dong), social=nurse)

    def test_keeps_a_name_once_in_a_dong(self, dong, nurse, social, pair):
        with pytest.raises(pairs.NameTaken):
            form(name=pair.name, dong=dong, nurse=nurse, social=social)

    def test_is_refused_by_the_database_without_a_social_worker(self, dong, nurse):
        with pytest.raises(IntegrityError, match="elder_pair_has_both_disciplines"), transaction.atomic():
            Pair.objects.create(kind="elder", name="X", dong=dong, nurse=nurse, valid_from=SINCE)


class TestPromises:
    def test_are_refused_by_the_database_for_a_pair_that_has_ended(self, pair):
        pair.valid_to = f.TODAY
        pair.save()
        with pytest.raises(IntegrityError, match="promised by no valid pair"), transaction.atomic():
            f.standing_visit(pair)

    def test_are_refused_by_the_database_for_a_nurse_alone_where_two_must_go(self, zone, nurse):
        alone = Pair.objects.create(kind="child", name="아이조", zone=zone, nurse=nurse, valid_from=dt.date(2014, 1, 1))
        visit = f.VisitFactory()
        place = {"pair": alone, "on": f.TODAY, "half": "AM", "starts_at": f.NOW, "state": "booked"}
        with pytest.raises(IntegrityError, match="promised by no valid pair"), transaction.atomic():
            Visit.objects.filter(pk=visit.pk).update(**place)


class TestChanging:
    def test_ends_only_when_nobody_expects_the_pair_any_more(self, pair):
        f.standing_visit(pair)
        with pytest.raises(pairs.VisitsStand, match="1월 14일부터 약속한 방문이 1건"):
            pairs.end(pair, on=f.TODAY)
        assert pairs.end(pair, on=SINCE).valid_to == SINCE

    def test_hands_promised_visits_to_who_comes_next(self, pair, new_nurse, social, lead):
        before = f.standing_visit(pair)
        after = f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(days=7))
        new, taken, left = pairs.replace(pair, nurse=new_nurse, social=social, since=SINCE, by=lead, at=f.NOW)
        assert (taken, left) == (1, [])
        before.refresh_from_db()
        after.refresh_from_db()
        assert (before.pair, after.pair, after.state) == (pair, new, "booked")
        assert set(VisitStaff.objects.filter(visit=after).values_list("user__name", flat=True)) == {"조민아", "오세진"}
        assert Pair.objects.on(SINCE).get(name=pair.name) == new

    def test_puts_back_what_the_new_person_cannot_keep(self, pair, new_nurse, social, lead):
        from staffing import staff_times

        visit = f.standing_visit(pair, starts_at=f.NOW + dt.timedelta(days=7))
        staff_times.enter(new_nurse, "leave", first_on=visit.on, last_on=visit.on, by=lead)
        _, taken, left = pairs.replace(pair, nurse=new_nurse, social=social, since=SINCE, by=lead, at=f.NOW)
        visit.refresh_from_db()
        assert (taken, left, visit.state, visit.pair) == (0, [visit], "pool", None)

    def test_does_not_change_a_pair_twice(self, pair, new_nurse, social, lead):
        facts = {"nurse": new_nurse, "social": social, "since": SINCE, "by": lead, "at": f.NOW}
        pairs.replace(pair, **facts)
        with pytest.raises(pairs.PairEnded):
            pairs.replace(pair, **facts)


class TestPages:
    @pytest.fixture
    def sign_in_as(self, client):
        def sign_in(user):
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return client

        return sign_in

    def test_shows_the_pairs_of_the_own_dong(self, sign_in_as, pair, nurse, lead_elsewhere):
        assert "A조" in sign_in_as(nurse).get("/pairs/").content.decode()
        assert "A조" not in sign_in_as(lead_elsewhere).get("/pairs/").content.decode()

    def test_lets_the_lead_form_and_change_a_pair(self, sign_in_as, dong, pair, new_nurse, social, lead):
        client = sign_in_as(lead)
        given = {"name": "B조", "nurse": new_nurse.uid, "social": social.uid, "since": "2026-01-05", "skills": ""}
        assert client.post("/pairs/new/", given).status_code == 302
        assert Pair.objects.filter(name="B조", dong=dong).exists()
        changed = {"nurse": new_nurse.uid, "social": social.uid, "since": "2026-02-02"}
        assert client.post(f"/pairs/{pair.uid}/", changed).status_code == 302
        assert Pair.objects.get(name="A조", valid_to=None).nurse == new_nurse

    def test_keeps_others_out(self, sign_in_as, pair, nurse, lead_elsewhere):
        assert sign_in_as(nurse).get(f"/pairs/{pair.uid}/").status_code == 403
        assert sign_in_as(lead_elsewhere).get(f"/pairs/{pair.uid}/").status_code == 404

    def test_answers_an_unfit_pair_with_a_sentence(self, sign_in_as, dong, pair, new_nurse, social, lead):
        given = {"name": "A조", "nurse": new_nurse.uid, "social": social.uid, "since": "2026-01-05", "skills": ""}
        answer = sign_in_as(lead).post("/pairs/new/", given)
        assert answer.status_code == 422
        assert "이미 있습니다" in answer.content.decode()
