"""The anonymised pack: what it tells, to whom, for how long."""

import datetime as dt

import pytest

from casemgmt import case_agenda, packs, referrals, suggestions
from casemgmt.models import CaseAgendaItem
from governance import agenda, meetings
from governance.models import Member
from planners.models import Benefit, Consent, ScreeningResult, VisitAnswer
from tests import factories as f
from tests.casemgmt import factories as c
from tests.casemgmt.conftest import outside_member
from tests.governance import factories as g

AT = g.MEETS_AT


@pytest.fixture
def visit(resident, nurse, social):
    visit = c.done_visit(resident, nurse, social)
    answers = {
        "family_type": "alone",
        "family_members": "아들 김태호(노원구)",
        "housing_type": "monthly",
        "income_sources": ["basic_pension"],
        "debt": "some",
        "welfare_needs": ["company", "meals"],
        "wishes": "김영순: 연탄보다 말벗이 있었으면 좋겠어요.",
    }
    for field, value in answers.items():
        VisitAnswer.objects.create(visit=visit, part="social", field=field, value=value, by=social, at=c.AT)
    ScreeningResult.objects.create(
        visit=visit,
        person=resident,
        instrument="gds15-open",
        version="2014-11",
        answers={"q1": "yes"},
        score=9,
        band="",
        is_complete=True,
        by=nurse,
        at=c.AT,
    )
    return visit


@pytest.fixture
def row(resident, visit, body, social, manager):
    referral = referrals.refer(
        resident,
        visit=visit,
        destination="committee",
        need="isolation",
        summary="김영순 님은 장위로 3길 14에서 혼자 삽니다. 난방을 끄고 지냅니다.",
        wishes="아들에게는 알리지 않기를 바람",
        by=social,
        at=c.AT,
    )
    item = case_agenda.put_on_agenda(referral, by=manager, at=c.AT)
    return CaseAgendaItem.objects.select_related("item__meeting__body", "referral__person").get(item=item)


def graded(row, band):
    from planners.instruments import at_hand

    instrument = next(i for i in at_hand().values() if i.purpose == "depression")
    found = next(b.key for b in instrument.bands if b.level == band)
    ScreeningResult.objects.update(instrument=instrument.key, version=instrument.version, band=found)


def everything(pack) -> str:
    return repr(pack)


def test_tells_what_is_needed_and_nothing_that_says_who_it_is(row, resident):
    pack = packs.build(row)
    assert dict(pack.facts) == {
        "누구": "여성 60대 중반",
        "함께 사는 사람": "혼자 삶",
        "주거": "월세",
        "수입": "기초연금",
        "빚": "있음",
    }
    assert pack.trouble == "본인 님은 (주소)에서 혼자 삽니다. 난방을 끄고 지냅니다."
    assert pack.wishes == ["아들에게는 알리지 않기를 바람", "본인: 연탄보다 말벗이 있었으면 좋겠어요."]
    for canary in (resident.name, "김태호", resident.mobile, "장위로", resident.address, "7통", "1950"):
        assert canary not in everything(pack)


def test_counts_days_back_from_the_meeting(row):
    assert packs.build(row).path == [
        ("1일 전", "간호·복지 방문"),
        ("1일 전", "일일 사례회의: 관리대상군"),
        ("1일 전", "위원회에 의뢰"),
    ]


def test_shows_screening_as_a_class_only(row):
    graded(row, "danger")
    pack = packs.build(row)
    assert [(check.name, check.tone) for check in pack.checks] == [("위험", "bad")]
    assert "score" not in everything(pack)


def test_hides_health_and_benefits_the_consent_does_not_name(row, resident):
    Benefit.objects.create(person=resident, category="basic_livelihood", valid_from=dt.date(2014, 1, 1))
    graded(row, "danger")
    pack = packs.build(row, items=frozenset({"needs"}))
    assert pack.checks is None
    assert pack.benefits is None
    assert "수입" not in dict(pack.facts)
    assert packs.build(row).benefits == ["기초생활보장"]


def test_lists_what_already_reaches_the_person(row, resident, social):
    c.ReferralFactory(person=resident, destination="service", service="무료급식지원", state="done", sent_by=social)
    c.ReferralFactory(person=resident, destination="service", service="긴급지원", state="rejected", sent_by=social)
    assert packs.build(row).linked == ["무료급식지원"]


# ---------------------------------------------------------------- who, for how long


def test_opens_for_staff_who_know_the_case(row, lead, manager, social, scope_of):
    for user in (lead, manager, social):
        access = packs.access(row, scope_of(user), at=AT)
        assert (access.may_read, access.knows_identity) == (True, True)


def test_stays_shut_for_other_dongs_and_for_members_of_other_bodies(row, lead_elsewhere, other_dong, scope_of):
    stranger = outside_member(g.full_committee(other_dong), username="stranger")
    for user in (lead_elsewhere, stranger):
        access = packs.access(row, scope_of(user), at=AT)
        assert not access.may_read and not access.needs_pledge


def test_opens_for_an_outside_member_after_the_promise(row, outsider, scope_of):
    before = packs.access(row, scope_of(outsider), at=AT)
    assert (before.may_read, before.needs_pledge, before.knows_identity) == (False, True, False)
    packs.pledge(row, by=outsider, at=AT)
    packs.pledge(row, by=outsider, at=AT)
    assert packs.access(row, scope_of(outsider), at=AT).may_read
    assert packs.readers(row) == 1


def test_shows_an_outside_member_the_items_the_person_agreed_to(row, outsider, resident, social, body, scope_of):
    packs.pledge(row, by=outsider, at=AT)
    assert packs.access(row, scope_of(outsider), at=AT).items == frozenset()
    consent = c.share_consent(resident, body.name, social, items=["screening"])
    assert packs.access(row, scope_of(outsider), at=AT).items == {"screening"}
    Consent.objects.filter(pk=consent.pk).update(withdrawn_on=f.TODAY)
    assert packs.access(row, scope_of(outsider), at=AT).items == frozenset()


def test_closes_a_day_after_the_meeting(row, outsider, manager, scope_of):
    meeting = meetings.open_meeting(row.item.meeting, by=manager, at=AT)
    row.item.meeting = meeting
    packs.pledge(row, by=outsider, at=AT)
    agenda.start_item(row.item, by=manager, at=AT)
    end = AT + dt.timedelta(hours=1)
    type(meeting).objects.filter(pk=meeting.pk).update(state="closed", closed_at=end)
    row.item.meeting.refresh_from_db()
    assert packs.access(row, scope_of(outsider), at=end + dt.timedelta(hours=23)).may_read
    late = packs.access(row, scope_of(outsider), at=end + dt.timedelta(hours=24))
    assert not late.may_read
    assert "닫혔습니다" in late.why


def test_ends_with_the_term(row, outsider, scope_of):
    packs.pledge(row, by=outsider, at=AT)
    Member.objects.filter(user=outsider).update(valid_to=f.TODAY)
    assert not packs.access(row, scope_of(outsider), at=AT).may_read


def test_opens_for_an_adviser_only_what_they_are_asked_to(row, body, manager, resident, scope_of):
    adviser = outside_member(body, "윤정호", username="adviser", kind="advisory", seat="mental_health")
    assert not packs.access(row, scope_of(adviser), at=AT).needs_pledge
    agenda.invite(row.item, body.members.get(name="윤정호"), by=manager, at=AT)
    assert packs.access(row, scope_of(adviser), at=AT).needs_pledge


def test_shows_the_dong_head_a_pack_only_as_a_member(row, dong, body, scope_of):
    from tests.cast import posted

    head = posted("head", "하은주", "DH", dong)
    assert not packs.access(row, scope_of(head), at=AT).may_read
    g.MemberFactory(body=body, name="하은주", user=head)
    packs.pledge(row, by=head, at=AT)
    access = packs.access(row, scope_of(head), at=AT)
    assert (access.may_read, access.knows_identity) == (True, False)


# ---------------------------------------------------------------- the team's suggestion


def suggested(referral):
    return suggestions.suggest(referral, on=f.TODAY)


@pytest.mark.parametrize(
    ("need", "type"),
    [
        ("isolation", "care_support"),
        ("income", "living_support"),
        ("addiction", "intensive"),
        ("suicide_risk", "specialised"),
        ("other", "living_support"),
    ],
)
def test_suggests_a_type_from_the_main_need(resident, need, type):
    found = suggested(c.ReferralFactory(person=resident, need=need))
    assert found.type == type
    assert found.reasons


def test_weighs_what_was_said_and_measured_at_the_visit(row):
    found = suggested(row.referral)
    assert found.type == "care_support"
    assert "혼자 삽니다." in [reason.text for reason in found.reasons]
    graded(row, "danger")
    again = suggested(row.referral)
    assert again.type == "care_support"  # the main need weighs more than one class


def test_suggests_special_help_when_every_field_is_troubled(row, resident):
    graded(row, "danger")
    Benefit.objects.create(person=resident, category="basic_livelihood", valid_from=dt.date(2014, 1, 1))
    found = suggested(row.referral)
    assert found.type == "specialised"
    assert [reason.text for reason in found.reasons] == ["돌봄, 생활, 심화의 어려움이 겹칩니다."]


def test_marks_reasons_that_give_health_away(row):
    graded(row, "danger")
    row.referral.need = "mental_health"
    found = suggested(row.referral)
    assert found.type == "intensive"
    assert {reason.item for reason in found.reasons} == {"needs", "screening"}
