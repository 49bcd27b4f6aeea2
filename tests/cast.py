"""The fixed cast of the tests: who works where is always the same."""

import datetime as dt

import pytest

from centers.access import Scope
from tests import factories as f

START = dt.date(2014, 1, 1)


def posted(username, name, role, dong=None, **given):
    user = f.UserFactory(username=username, name=name)
    f.PostingFactory(user=user, role=role, dong=dong, valid_from=START, team=f.team(dong) if dong else None, **given)
    return user


@pytest.fixture
def dong(db):
    return f.DongFactory(name="장위1동", slug="jangwi1-dong", order=17)


@pytest.fixture
def other_dong(db):
    return f.DongFactory(name="월곡1동", slug="wolgok1-dong", order=15)


@pytest.fixture
def nurse(dong):
    return posted("nurse", "한지은", "PN", dong)


@pytest.fixture
def social(dong):
    return posted("social", "오세진", "PS", dong)


@pytest.fixture
def lead(dong):
    return posted("lead", "박현숙", "TL", dong)


@pytest.fixture
def manager(dong):
    return posted("manager", "강태호", "CM", dong)


@pytest.fixture
def counsellor(dong):
    return posted("counsellor", "노은채", "CN", dong)


@pytest.fixture
def nurse_elsewhere(other_dong):
    return posted("nurse_elsewhere", "조민아", "PN", other_dong)


@pytest.fixture
def lead_elsewhere(other_dong):
    return posted("lead_elsewhere", "문가영", "TL", other_dong)


@pytest.fixture
def officer(db):
    return posted("officer", "유정민", "IM")


@pytest.fixture
def office(db):
    return posted("office", "배지원", "GU")


@pytest.fixture
def privacy(db):
    return posted("privacy", "임도현", "AU")


@pytest.fixture
def pair(dong, nurse, social):
    return f.PairFactory(dong=dong, nurse=nurse, social=social)


@pytest.fixture
def scope_of():
    """The scope of a user on a day."""
    return lambda user, on=f.TODAY: Scope.of(user, on)
