"""Fixtures of the planners tests."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.months import Month, seoul_date
from planners import reference
from planners.models import TargetRule
from seongbuk.reference import FOLDER
from tests import factories as f


@pytest.fixture
def rulebook(dong, other_dong):
    """Rules by key: everything the plan's reference data holds for 장위1동 and 월곡1동."""
    reference.load(FOLDER)
    return {rule.key: rule for rule in TargetRule.objects.select_related("programme")}


@pytest.fixture
def today() -> dt.date:
    """The day pages see: views read the clock themselves."""
    return seoul_date(timezone.now())


@pytest.fixture
def listed(rulebook, today):
    """A target of this month with its visit in the pool, for a new person of a dong."""

    def make(dong, *, name="김영순", answer=None, **given):
        month = Month.of(today)
        person = f.PersonFactory(dong=dong, name=name, birth_on=dt.date(today.year - 65, today.month, 1), **given)
        target = f.TargetFactory(
            person=person, rule=rulebook["turns_65"], month=month.first, release_on=month.first, due_on=month.last,
            created_at=timezone.now(), facts={
                "birth_on": person.birth_on.isoformat(), "turns_on": today.replace(day=1).isoformat(),
                "dong": dong.name, "reach": "universal", "covered_from": "2014-11-01",
            },
        )  # fmt: skip
        f.VisitFactory(target=target)
        if answer:
            f.ConsentFactory(person=person, answer=answer, answered_on=today)
        return target

    return make


@pytest.fixture
def signed_in(client):
    """The test client as somebody."""

    def enter(user):
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def queries_of():
    """How many queries a call makes."""

    def count(act) -> int:
        with CaptureQueriesContext(connection) as counted:
            act()
        return len(counted)

    return count
