"""The directory of agencies: search, due days, who may lead and has room."""

import datetime as dt

import pytest

from casemgmt import agencies, referrals
from casemgmt.models import Agency
from tests import factories as f
from tests.casemgmt import factories as c

AT = c.AT
FACTS = {"phone": "02-000-0000", "hours": "평일 09-18", "contact": "담당", "answer_days": 7, "case_limit": None}


def names(rows):
    return [row.name for row in rows]


def test_finds_agencies_by_name_service_kind_and_dong(dong, other_dong, db):
    c.AgencyFactory(name="성북구 치매지원센터", kind=Agency.Kind.DEMENTIA_CENTER, services=["치매검진"])
    c.AgencyFactory(name="장위1동 이웃살핌단", kind=Agency.Kind.RESIDENT_GROUP, dong=dong, services=["안부 전화"])
    c.AgencyFactory(name="월곡1동 이웃살핌단", kind=Agency.Kind.RESIDENT_GROUP, dong=other_dong, services=["안부 전화"])
    assert names(agencies.search(text="치매")) == ["성북구 치매지원센터"]
    assert names(agencies.search(text="안부 장위")) == ["장위1동 이웃살핌단"]
    assert names(agencies.search(service="안부 전화", dong=other_dong)) == ["월곡1동 이웃살핌단"]
    assert names(agencies.search(kind="dementia_center", dong=dong)) == ["성북구 치매지원센터"]
    assert agencies.services() == ["안부 전화", "치매검진"]


def test_shows_how_fast_an_agency_answers(dong, social):
    agency = c.AgencyFactory(kind=Agency.Kind.DONG_CENTER)
    for days in (1, 3):
        referral = referrals.refer(
            f.PersonFactory(dong=dong), destination="agency", agency=agency, summary="난방", by=social, at=AT
        )
        referrals.accept(referral, by=social, at=AT + dt.timedelta(days))
    referrals.refer(f.PersonFactory(dong=dong), destination="agency", agency=agency, summary="난방", by=social, at=AT)
    row = agencies.search().get()
    assert (row.sent, row.waiting, row.answer_time) == (3, 1, dt.timedelta(days=2))


def test_hides_agencies_no_longer_in_use(db):
    c.AgencyFactory(is_active=False)
    assert not agencies.search().exists()
    assert agencies.search(inactive=True).exists()


def test_refuses_the_same_name_twice(dong, manager):
    given = FACTS | {"name": "장위1동 이웃살핌단", "kind": "resident_group", "dong": dong, "by": manager, "at": AT}
    agencies.register(**given)
    with pytest.raises(agencies.AgencyExists):
        agencies.register(**given)


@pytest.mark.parametrize("wrong", [{"name": " "}, {"kind": "shop"}, {"answer_days": 0}])
def test_refuses_entries_nobody_could_use(manager, wrong):
    with pytest.raises(agencies.BadAgency):
        agencies.register(
            **FACTS | {"name": "이웃살핌단", "kind": "other", "dong": None, "by": manager, "at": AT} | wrong
        )


def test_keeps_an_agency_that_leads_a_case(manager):
    case = c.CaseFactory()
    agency = case.lead_agency
    given = FACTS | {"name": agency.name, "kind": agency.kind, "services": [], "by": manager, "at": AT}
    with pytest.raises(agencies.BadAgency, match="사례 1건"):
        agencies.change(agency, is_active=False, **given)


@pytest.mark.parametrize("case_type", ["care_support", "living_support", "intensive", "specialised"])
def test_lists_leads_by_type_as_the_plan_says(dong, case_type):
    every = c.lead_agencies(dong)
    rows = agencies.leads(case_type, dong=dong, on=f.TODAY)
    assert [row.agency for row in rows] == [every[case_type]]


def test_offers_dream_start_for_children_up_to_twelve(dong):
    c.lead_agencies(dong)
    dream = c.AgencyFactory(name="성북구 드림스타트", kind=Agency.Kind.DREAM_START)
    child = f.PersonFactory(dong=dong, birth_on=dt.date(2002, 1, 15))  # twelve until tomorrow
    teen = f.PersonFactory(dong=dong, birth_on=dt.date(2002, 1, 14))
    assert dream in [row.agency for row in agencies.leads("living_support", dong=dong, person=child, on=f.TODAY)]
    assert dream not in [row.agency for row in agencies.leads("living_support", dong=dong, person=teen, on=f.TODAY)]


def test_leaves_out_agencies_of_other_dongs(dong, other_dong):
    c.AgencyFactory(name="월곡1동 이웃살핌단", kind=Agency.Kind.RESIDENT_GROUP, dong=other_dong)
    assert agencies.leads("care_support", dong=dong, on=f.TODAY) == []


def test_says_when_an_agency_is_full(dong):
    agency = c.AgencyFactory(kind=Agency.Kind.RESIDENT_GROUP, dong=dong, case_limit=1)
    c.CaseFactory(lead_agency=agency, type="care_support")
    c.CaseFactory(lead_agency=agency, type="care_support", state="closed")
    load = agencies.leads("care_support", dong=dong, on=f.TODAY)[0]
    assert (load.cases, load.is_full, load.words) == (1, True, "지금 1가구, 한도 1가구 · 가득 참")
