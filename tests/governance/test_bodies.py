"""Constituting a body, its terms and what it still lacks."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from common.months import at_seoul
from governance import bodies, calendars
from governance.models import Body, Meeting, Member
from tests import factories as f
from tests.governance import factories as g

AT = f.NOW
RULES = {"weekday": 3, "starts_at": dt.time(14), "place": "2층 회의실"}


def appointed(body, by, **given):
    facts = {"name": "최민규", "affiliation": "주민대표", "kind": Member.Kind.STANDING, "seat": Member.Seat.RESIDENT}
    return bodies.appoint(body, by=by, at=AT, **facts | given)


def test_constitutes_a_weekly_committee_named_after_its_dong(dong, lead):
    body = bodies.constitute(dong, by=lead, at=AT, **RULES)
    assert (body.name, body.interval_weeks, body.quorum_percent) == ("장위1동 복지통합사례관리위원회", 1, 50)
    assert bodies.rhythm(body) == "매주 목요일 14:00"
    assert body.events.get().act == "founded"


def test_refuses_a_second_committee_of_the_same_dong(committee, dong, lead):
    with pytest.raises(bodies.AlreadyConstituted):
        bodies.constitute(dong, by=lead, at=AT, **RULES)


@pytest.mark.parametrize("wrong", [{"weekday": 6}, {"interval_weeks": 0}, {"quorum_percent": 100}])
def test_refuses_rules_nobody_can_keep(dong, lead, wrong):
    with pytest.raises(bodies.BadRule):
        bodies.constitute(dong, by=lead, at=AT, **RULES | wrong)


def test_lists_what_a_new_committee_still_needs(dong, lead):
    body = bodies.constitute(dong, by=lead, at=AT, **RULES)
    assert bodies.missing(body, on=f.TODAY) == [
        "위원장",
        "간사",
        "주민대표",
        "동 복지팀장",
        "결정하는 상시위원 세 명 넘게",
    ]
    appointed(body, lead, is_chair=True)
    assert "위원장" not in bodies.missing(body, on=f.TODAY)
    assert "주민대표" not in bodies.missing(body, on=f.TODAY)


def test_lacks_nothing_once_everybody_is_appointed(committee):
    assert bodies.missing(committee, on=f.TODAY) == []
    met = {check.key: check for check in bodies.checklist(committee, on=f.TODAY)}
    assert met["council"].detail == "민경자(동 복지협의체)"
    assert not met["advisory"].is_met


def test_lays_no_meetings_before_the_committee_is_complete(dong, lead):
    body = bodies.constitute(dong, by=lead, at=AT, **RULES)
    with pytest.raises(calendars.NotConstituted, match="위원장"):
        calendars.plan_meetings(body, until=dt.date(2015, 3, 1), by=lead, at=AT)
    assert not body.meetings.exists()


def test_gives_a_term_of_the_bodys_length(dong, lead):
    body = bodies.constitute(dong, by=lead, at=AT, term_months=24, **RULES)
    member = appointed(body, lead, valid_from=dt.date(2015, 1, 31))
    assert member.valid_to == dt.date(2017, 1, 31)
    assert appointed(body, lead, name="박현숙", valid_to=dt.date.max).valid_to is None


def test_counts_months_to_the_last_day_of_a_short_one(dong, lead):
    body = bodies.constitute(dong, by=lead, at=AT, term_months=1, **RULES)
    assert appointed(body, lead, valid_from=dt.date(2015, 1, 31)).valid_to == dt.date(2015, 2, 28)


def test_refuses_two_terms_of_one_person_at_a_time(committee, lead):
    appointed(committee, lead, name="남보라")
    with pytest.raises(bodies.TermOverlap):
        appointed(committee, lead, name="남보라")


def test_refuses_a_second_chair(committee, lead):
    with pytest.raises(bodies.ChairTaken, match="최민규"):
        appointed(committee, lead, name="남보라", is_chair=True)


def test_keeps_a_second_chair_out_of_the_table_itself(committee):
    with pytest.raises(IntegrityError), transaction.atomic():
        g.MemberFactory(body=committee, name="남보라", is_chair=True)


def test_renews_a_term_from_its_end_and_counts_it(committee, lead):
    member = appointed(committee, lead, name="남보라", valid_to=dt.date(2015, 3, 1))
    again = bodies.renew(member, by=lead, at=AT)
    assert (again.valid_from, again.valid_to, again.term_number) == (dt.date(2015, 3, 1), dt.date(2017, 3, 1), 2)


def test_refuses_a_term_beyond_the_limit(committee, lead):
    member = appointed(committee, lead, name="남보라", valid_to=dt.date(2015, 3, 1), term_number=3)
    with pytest.raises(bodies.TermLimit):
        bodies.renew(member, by=lead, at=AT)


def test_ends_a_term_with_a_reason_once(committee, lead):
    member = committee.members.first()
    with pytest.raises(bodies.BadTerm):
        bodies.end_term(member, on=dt.date(2015, 2, 1), reason=" ", by=lead, at=AT)
    for _ in range(2):
        bodies.end_term(member, on=dt.date(2015, 2, 1), reason="이사", by=lead, at=AT)
    member.refresh_from_db()
    assert not member.sits_on(dt.date(2015, 2, 1))
    assert member.sits_on(dt.date(2015, 1, 31))
    assert committee.events.filter(act="term_ended").count() == 1


def test_tells_which_seats_are_empty_or_soon_will_be(committee):
    camp = committee.members.get(seat=Member.Seat.CAMP)
    nurse = committee.members.get(seat=Member.Seat.NURSE)
    Member.objects.filter(pk=camp.pk).update(valid_to=dt.date(2015, 1, 10))
    Member.objects.filter(pk=nurse.pk).update(valid_to=dt.date(2015, 2, 10))
    found = {v.title: v.empty_on for v in bodies.vacancies(committee, on=f.TODAY)}
    assert found == {
        "자원봉사캠프장(자원 연계)": None,
        "방문간호사": dt.date(2015, 2, 10),
        "민·관 사례관리 실무자": None,
    }
    assert list(Member.objects.ending_within(f.TODAY, 90)) == [nurse]


def test_takes_back_planned_meetings_without_agenda_when_the_weekday_changes(committee, lead):
    calendars.plan_meetings(committee, until=dt.date(2015, 2, 6), by=lead, at=AT)
    kept = committee.meetings.get(slot_on=dt.date(2015, 1, 22))
    g.AgendaItemFactory(meeting=kept)
    changed = bodies.change_rules(
        committee, weekday=1, starts_at=dt.time(10), place="1층", interval_weeks=1, quorum_percent=50, by=lead, at=AT
    )
    assert list(changed.meetings.values_list("pk", flat=True)) == [kept.pk]
    calendars.plan_meetings(changed, until=dt.date(2015, 2, 6), by=lead, at=AT)
    new = changed.meetings.exclude(pk=kept.pk).order_by("starts_at")
    assert [m.slot_on for m in new] == [dt.date(2015, 1, 20), dt.date(2015, 1, 27), dt.date(2015, 2, 3)]
    assert new[0].starts_at == at_seoul(dt.date(2015, 1, 20), dt.time(10))


def test_shows_a_body_to_its_dong_and_to_those_who_sit_in_it(committee, other_dong, lead, lead_elsewhere, scope_of):
    g.full_committee(other_dong)
    outside = f.UserFactory(name="최민규")
    f.PostingFactory(user=outside, role="EX", dong=None)
    Member.objects.filter(body=committee, name="최민규").update(user=outside)
    assert list(Body.objects.visible_to(scope_of(lead))) == [committee]
    assert committee not in Body.objects.visible_to(scope_of(lead_elsewhere))
    assert list(Body.objects.visible_to(scope_of(outside))) == [committee]
    Member.objects.filter(user=outside).update(valid_to=f.TODAY)
    assert not Body.objects.visible_to(scope_of(outside)).exists()


def test_shows_an_adviser_only_the_meetings_they_are_asked_to(committee, manager, scope_of):
    adviser = f.UserFactory(name="윤정호")
    f.PostingFactory(user=adviser, role="EX", dong=None)
    seat = g.MemberFactory(body=committee, name="윤정호", kind=Member.Kind.ADVISORY, seat="mental_health", user=adviser)
    asked = g.AgendaItemFactory(meeting__body=committee)
    g.MeetingFactory(body=committee)
    assert not Meeting.objects.visible_to(scope_of(adviser)).exists()
    from governance import agenda

    agenda.invite(asked, seat, by=manager, at=AT)
    assert list(Meeting.objects.visible_to(scope_of(adviser))) == [asked.meeting]


def test_hides_case_committee_meetings_from_the_district_office(committee, office, scope_of):
    g.MeetingFactory(body=committee)
    council = g.BodyFactory(dong=committee.dong, kind=Body.Kind.WELFARE_COUNCIL, name="장위1동 복지협의체")
    shown = g.MeetingFactory(body=council)
    assert list(Meeting.objects.visible_to(scope_of(office))) == [shown]
