"""Pages of bodies: the register, one body, constituting, terms."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from governance import bodies
from governance.models import Body, Member
from tests import factories as f
from tests.cast import posted
from tests.governance import factories as g
from tests.governance.pages import queries


@pytest.fixture
def screen(client):
    def go(user, name, *args, data=None, **query):
        client.force_login(user)
        url = reverse(name, args=args)
        return client.post(url, data) if data is not None else client.get(url, query)

    return go


@pytest.fixture
def head(dong):
    return posted("head", "하은주", "DH", dong)


RULES = {"weekday": "3", "starts_at": "14:00", "interval_weeks": "1", "place": "2층 회의실", "quorum_percent": "50"}


def test_constitutes_a_committee_on_screen(screen, dong, head):
    data = RULES | {"dong": dong.pk, "kind": "case_committee", "term_months": "24", "max_terms": "3"}
    assert screen(head, "body_new", data=data).status_code == 302
    body = Body.objects.get()
    assert "결정하는 상시위원" in screen(head, "body", body.uid).content.decode()
    again = screen(head, "body_new", data=data)
    assert again.status_code == 422
    assert "이미" in again.content.decode()


def test_constitutes_nothing_in_another_dong(screen, other_dong, head):
    data = RULES | {"dong": other_dong.pk, "kind": "case_committee", "term_months": "24", "max_terms": "3"}
    assert screen(head, "body_new", data=data).status_code == 422
    assert not Body.objects.exists()


def test_appoints_renews_and_ends_terms_on_screen(screen, committee, head):
    today = timezone.localdate()
    data = {
        "name": "남보라",
        "affiliation": "장위초등학교",
        "kind": "advisory",
        "seat": "community",
        "valid_from": today.isoformat(),
        "valid_to": (today + dt.timedelta(60)).isoformat(),
    }
    assert screen(head, "body_appoint", committee.uid, data=data).status_code == 302
    member = committee.members.get(name="남보라")
    screen(head, "body_member_renew", member.uid, data={})
    assert committee.members.get(name="남보라", term_number=2).valid_from == member.valid_to
    end = {"on": (today + dt.timedelta(1)).isoformat(), "reason": "이사"}
    assert screen(head, "body_member_end", member.uid, data=end | {"reason": ""}).status_code == 422
    assert screen(head, "body_member_end", member.uid, data=end).status_code == 302
    member.refresh_from_db()
    assert member.end_reason == "이사"


def test_says_why_somebody_cannot_be_appointed(screen, committee, head):
    data = {"name": "남보라", "affiliation": "주민", "kind": "standing", "valid_from": "2026-01-01", "is_chair": "on"}
    answer = screen(head, "body_appoint", committee.uid, data=data)
    assert answer.status_code == 422
    assert "최민규" in answer.content.decode()


def test_lays_meetings_and_shows_missed_weeks(screen, committee, head):
    Body.objects.filter(pk=committee.pk).update(founded_on=timezone.localdate() - dt.timedelta(30))
    screen(head, "body_plan", committee.uid, data={})
    screen(head, "body_plan", committee.uid, data={})
    assert 7 <= committee.meetings.count() <= 9
    text = screen(head, "body", committee.uid).content.decode()
    assert "빠진 주" in text and "예정" in text


def test_says_what_is_missing_before_meetings_can_be_laid(screen, dong, head):
    body = bodies.constitute(
        dong, weekday=3, starts_at=dt.time(14), place="2층", by=head, at=timezone.now() - dt.timedelta(1)
    )
    screen(head, "body_plan", body.uid, data={})
    assert "먼저 갖춰 주세요" in screen(head, "body", body.uid).content.decode()
    assert not body.meetings.exists()


def test_changes_the_rhythm_on_screen(screen, committee, head):
    assert (
        screen(head, "body_rules", committee.uid, data=RULES | {"weekday": "1", "starts_at": "10:00"}).status_code
        == 302
    )
    committee.refresh_from_db()
    assert bodies.rhythm(committee) == "매주 화요일 10:00"
    assert screen(head, "body_rules", committee.uid, data=RULES | {"interval_weeks": "0"}).status_code == 422


def test_shows_each_body_what_needs_attention(screen, committee, head):
    Member.objects.filter(body=committee, seat="nurse").update(valid_to=timezone.localdate() + dt.timedelta(30))
    Body.objects.filter(pk=committee.pk).update(founded_on=timezone.localdate() - dt.timedelta(30))
    text = screen(head, "governance").content.decode()
    for words in ("임기 곧 끝남 1", "빈자리 2", "위원장 최민규"):
        assert words in text
    assert re.search("빠진 주 [45]", text)  # thirty days hold a weekday four or five times


def test_keeps_bodies_of_other_dongs_out_of_sight(screen, committee, lead_elsewhere):
    member = committee.members.first()
    assert screen(lead_elsewhere, "body", committee.uid).status_code == 404
    for name in ("body_rules", "body_appoint"):
        assert screen(lead_elsewhere, name, committee.uid, data={}).status_code == 404
    assert screen(lead_elsewhere, "body_plan", committee.uid, data={}).status_code == 404
    for name in ("body_member_renew", "body_member_end"):
        assert screen(lead_elsewhere, name, member.uid, data={}).status_code == 404
    assert committee.name not in screen(lead_elsewhere, "governance").content.decode()


@pytest.mark.parametrize("role", ["PS", "PN", "CN", "EX", "IM", "TJ", "SA"])
def test_opens_governance_to_those_who_have_it(screen, committee, dong, role):
    user = posted(f"user{role}", "문지호", role, dong if role in ("PS", "PN", "CN", "TJ") else None)
    assert screen(user, "governance").status_code == 403
    assert screen(user, "body", committee.uid).status_code == 403


def test_lets_the_district_office_read_every_body_and_change_none(screen, committee, office):
    assert committee.name in screen(office, "governance").content.decode()
    assert screen(office, "body", committee.uid).status_code == 200
    assert screen(office, "body_rules", committee.uid).status_code == 403


def test_asks_the_database_as_often_for_twenty_bodies_as_for_three(office):
    def fill(count):
        for _ in range(count):
            dong = f.DongFactory(name=f"동{Body.objects.count()}")
            body = g.full_committee(dong)
            g.MeetingFactory(body=body, starts_at=timezone.now() + dt.timedelta(2))

    fill(3)
    few = queries(office, "governance")
    fill(17)
    assert queries(office, "governance") == few <= 12
