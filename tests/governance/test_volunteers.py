"""Residents who want to help: from the word at the door into the pool, and on into the registers there are."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.refusals import Stale
from governance import groups, volunteers
from governance.models import Activist, Organisation, Volunteer
from planners import person_links, residents, visits
from planners.models import Companion
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f
from tests.planners.recording import fill_in, offer_services, recorded, save, started

pytestmark = pytest.mark.django_db
SINCE = dt.date(2010, 1, 1)
WISH = {"volunteer": "yes", "volunteer_interests": ["meals", "talk"], "volunteer_contact": "yes"}


def willing(dong, by, *, contact=True, interests=("talk",), **person):
    person = f.PersonFactory(dong=dong, mobile="010-2345-6789", **person)
    return volunteers.enlist(person, interests=interests, may_be_contacted=contact, note="", by=by, at=f.NOW)


@pytest.fixture
def club(dong):
    return groups.add(Organisation, dong=dong, kind="club", name="책 읽는 모임", valid_from=SINCE, by=None, at=f.NOW)


@pytest.fixture
def services(db):
    return offer_services()


@pytest.mark.usefixtures("services")
class TestWish:
    def test_puts_a_willing_resident_with_interests_into_the_pool(self, pair):
        visit = recorded(pair, social=WISH)
        row = Volunteer.objects.get()
        assert (row.person, row.dong, row.visit) == (visit.person, visit.dong, visit)
        assert row.interest_words == ["말벗·안부전화", "식사 나눔"]
        assert (row.state, row.may_be_contacted) == ("willing", True)

    def test_waits_for_both_signatures(self, pair):
        visit = started(pair)
        fill_in(visit, SOCIAL, by=pair.social, **WISH)
        fill_in(visit, HEALTH, by=pair.nurse)
        visits.sign(visit, SOCIAL, by=pair.social, at=f.NOW)
        assert not Volunteer.objects.exists()
        visits.sign(visit, HEALTH, by=pair.nurse, at=f.NOW)
        assert Volunteer.objects.count() == 1

    @pytest.mark.parametrize("said", ["no", "later"])
    def test_leaves_those_out_who_do_not_want_to(self, pair, said):
        recorded(pair, social={"volunteer": said})
        assert not Volunteer.objects.exists()

    def test_takes_a_corrected_wish_back(self, pair):
        visit = recorded(pair, social=WISH)
        visits.take_back(visit, SOCIAL, reason="잘못 들음", by=pair.social, at=f.NOW)
        save(visit, SOCIAL, "volunteer", "no", by=pair.social, base_version=1)
        visits.sign(visit, SOCIAL, by=pair.social, at=f.NOW)
        row = Volunteer.objects.get()
        assert (row.state, row.ended_on) == ("ended", f.TODAY)

    def test_signs_anew_without_a_second_line(self, pair):
        visit = recorded(pair, social=WISH)
        visits.take_back(visit, SOCIAL, reason="오타", by=pair.social, at=f.NOW)
        visits.sign(visit, SOCIAL, by=pair.social, at=f.NOW)
        assert Volunteer.objects.get().events.count() == 1

    def test_wants_the_question_about_contact_answered(self, pair):
        visit = started(pair)
        fill_in(visit, SOCIAL, by=pair.social, **WISH)
        save(visit, SOCIAL, "volunteer_contact", "", by=pair.social, base_version=1)
        with pytest.raises(visits.PartIncomplete, match="연락드려도"):
            visits.sign(visit, SOCIAL, by=pair.social, at=f.NOW)


class TestActs:
    def test_introduces_to_a_group_and_begins_there(self, dong, lead, club):
        row = volunteers.introduce(willing(dong, lead), club, by=lead, at=f.NOW)
        assert (row.state, row.organisation) == ("introduced", club)
        row = volunteers.begin(row, volunteers.GROUP, by=lead, at=f.NOW)
        assert row.state == "active"
        assert [event.act for event in row.events.all()] == ["willing", "introduced", "active"]

    @pytest.mark.parametrize("answer", [False, None])
    def test_introduces_nobody_without_consent(self, dong, lead, club, answer):
        row = willing(dong, lead, contact=answer)
        with pytest.raises(volunteers.NotAgreed):
            volunteers.introduce(row, club, by=lead, at=f.NOW)
        with pytest.raises(volunteers.NotAgreed):
            volunteers.begin(row, volunteers.ACTIVIST, by=lead, at=f.NOW)

    def test_keeps_who_helps_alone_in_the_register_of_activists(self, dong, lead):
        row = volunteers.begin(willing(dong, lead), volunteers.ACTIVIST, by=lead, at=f.NOW)
        there = Activist.objects.get()
        assert (row.activist, there.name, there.phone, there.dong) == (there, row.person.name, "010-2345-6789", dong)
        assert there.may_be_contacted
        volunteers.end(row, reason="이사 준비", by=lead, at=f.NOW)
        there.refresh_from_db()
        assert (there.valid_to, there.is_active) == (f.TODAY, False)

    def test_keeps_who_comes_along_in_the_register_of_companions(self, dong, lead):
        row = volunteers.begin(willing(dong, lead), volunteers.COMPANION, slots=["1PM"], by=lead, at=f.NOW)
        assert (row.companion.slots, row.companion.kind) == (["1PM"], Companion.Kind.TALENT)
        volunteers.end(row, reason="무릎이 아프심", by=lead, at=f.NOW)
        row.companion.refresh_from_db()
        assert row.companion.valid_to == f.TODAY

    def test_ends_nobody_who_was_an_activist_before(self, dong, lead):
        row = willing(dong, lead, name="서동주")
        facts = {"dong": dong, "kind": "other", "name": "서동주", "phone": "010-2345-6789", "valid_from": SINCE}
        before = groups.add(Activist, **facts, by=None, at=f.NOW)
        row = volunteers.begin(row, volunteers.ACTIVIST, by=lead, at=f.NOW)
        volunteers.end(row, reason="그만두심", by=lead, at=f.NOW)
        before.refresh_from_db()
        assert before.valid_to is None

    def test_keeps_consent_while_somebody_is_active(self, dong, lead):
        row = volunteers.begin(willing(dong, lead), volunteers.ACTIVIST, by=lead, at=f.NOW)
        with pytest.raises(volunteers.NotAgreed):
            volunteers.change(row, interests=["talk"], may_be_contacted=False, note="", by=lead, at=f.NOW)

    def test_does_each_act_once_however_often_it_is_clicked(self, dong, lead, club):
        row = willing(dong, lead)
        for _ in range(2):
            volunteers.introduce(row, club, by=lead, at=f.NOW)
        for _ in range(2):
            volunteers.begin(row, volunteers.GROUP, by=lead, at=f.NOW)
        for _ in range(2):
            volunteers.end(row, reason="쉬고 싶어 하심", by=lead, at=f.NOW)
        assert row.events.count() == 4

    def test_refuses_what_was_changed_by_somebody_else(self, dong, lead, club):
        row = willing(dong, lead)
        volunteers.introduce(row, club, version=row.version, by=lead, at=f.NOW)
        with pytest.raises(Stale):
            volunteers.change(row, interests=["meals"], may_be_contacted=True, note="", version=1, by=lead, at=f.NOW)


class TestRegister:
    def test_ends_with_those_who_move_away(self, dong, lead):
        row = willing(dong, lead)
        residents.move_out(row.person, on=f.TODAY, by=lead, at=f.NOW)
        row.refresh_from_db()
        assert (row.state, row.events.last().text) == ("ended", "끝남: 전출하심")

    def test_goes_along_with_a_linked_record_and_back(self, dong, lead, officer):
        kept, row = f.PersonFactory(dong=dong), willing(dong, lead)
        linked = row.person
        link = person_links.link(kept, linked, reason="같은 분", by=officer, at=f.NOW)
        row.refresh_from_db()
        assert row.person == kept
        person_links.split(link, reason="다른 분", by=officer, at=f.NOW)
        row.refresh_from_db()
        assert row.person == linked


class TestPages:
    def test_lists_the_own_dongs_volunteers_by_interest_and_state(self, client, dong, other_dong, lead, lead_elsewhere):
        willing(dong, lead, name="민가람", interests=["meals"])
        willing(dong, lead, name="서동주", interests=["talk"])
        willing(other_dong, lead, name="구자윤")
        client.force_login(lead)
        text = client.get(reverse("volunteers")).content.decode()
        assert "민가람" in text
        assert "구자윤" not in text
        text = client.get(reverse("volunteers"), {"interest": "meals"}).content.decode()
        assert "민가람" in text
        assert "서동주" not in text
        assert "민가람" not in client.get(reverse("volunteers"), {"state": "active"}).content.decode()

    def test_shows_name_and_phone_only_with_consent(self, client, dong, lead):
        row = willing(dong, lead, name="민가람", contact=None)
        client.force_login(lead)
        for page in (reverse("volunteers"), reverse("volunteer", args=[row.uid])):
            text = client.get(page).content.decode()
            assert "민가람" not in text
            assert "010-2345-6789" not in text

    def test_hides_volunteers_of_other_dongs(self, client, dong, lead, lead_elsewhere):
        row = willing(dong, lead)
        client.force_login(lead_elsewhere)
        assert client.get(reverse("volunteer", args=[row.uid])).status_code == 404
        assert client.post(reverse("volunteer_end", args=[row.uid]), {"reason": "x"}).status_code == 404

    def test_lets_the_pair_look_and_the_lead_act(self, client, dong, lead, social, club):
        row = willing(dong, lead)
        client.force_login(social)
        assert client.get(reverse("volunteer", args=[row.uid])).status_code == 200
        act = reverse("volunteer_introduce", args=[row.uid])
        assert client.post(act, {"organisation": club.uid, "version": 1}).status_code == 403
        client.force_login(lead)
        assert client.post(act, {"organisation": club.uid, "version": 1}).status_code == 302
        assert client.post(reverse("volunteer_begin", args=[row.uid]), {"way": "group"}).status_code == 302
        assert client.post(reverse("volunteer_end", args=[row.uid]), {"reason": ""}).status_code == 422
        row.refresh_from_db()
        assert (row.state, row.organisation) == ("active", club)

    def test_adds_a_resident_who_says_so_at_the_counter(self, client, dong, counsellor):
        person = f.PersonFactory(dong=dong)
        client.force_login(counsellor)
        page = reverse("volunteer_new", args=[person.uid])
        assert page in client.get(reverse("person", args=[person.uid])).content.decode()
        assert client.post(page, {"may_be_contacted": "yes"}).status_code == 422
        assert client.post(page, {"interests": ["village"], "may_be_contacted": "yes"}).status_code == 302
        assert client.get(page).status_code == 302
        assert Volunteer.objects.get().interests == ["village"]

    def test_asks_as_much_of_the_database_for_thirty_as_for_three(self, client, dong, lead):
        client.force_login(lead)
        client.get(reverse("volunteers"))
        counts = []
        for more in (3, 27):
            for _ in range(more):
                willing(dong, lead)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("volunteers"))
            counts.append(len(queries))
        assert counts[0] == counts[1]
