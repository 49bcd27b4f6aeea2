"""Fixtures of the case management tests: a committee in session, agencies, a resident in need."""

import datetime as dt

import pytest

from casemgmt import referrals
from centers.models import User
from governance.models import Member
from planners.models import ConsentWording
from tests import factories as f
from tests.casemgmt import factories as c
from tests.governance import factories as g


@pytest.fixture
def wording(db):
    return ConsentWording.objects.create(
        kind="share",
        version="share-2014-11",
        title="기관에 정보 제공 동의",
        script="…",
        valid_from=dt.date(2014, 11, 1),
    )


@pytest.fixture
def body(dong):
    return g.full_committee(dong)


@pytest.fixture
def meeting(body, manager):
    return g.open_meeting(body, by=manager)


@pytest.fixture
def agencies(dong):
    return c.lead_agencies(dong)


@pytest.fixture
def resident(dong):
    return f.PersonFactory(dong=dong, name="김영순")


@pytest.fixture
def referral(resident, social):
    return referrals.refer(resident, destination="committee", need="isolation", summary=c.SUMMARY, by=social, at=c.AT)


def outside_member(body, name="최민규", **given) -> User:
    """An account of somebody from outside who sits in the body."""
    user = f.UserFactory(username=given.pop("username", "outside"), name=name, job_title="")
    f.PostingFactory(user=user, role="EX", dong=None)
    seat = Member.objects.filter(body=body, name=name).first()
    if seat is None:
        g.MemberFactory(body=body, name=name, user=user, **given)
    else:
        Member.objects.filter(pk=seat.pk).update(user=user, **given)
    return user


@pytest.fixture
def outsider(body):
    return outside_member(body)
