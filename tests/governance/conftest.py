"""Fixtures of the governance tests: the committee of 장위1동 and its secretary."""

import pytest

from tests.governance import factories as g


@pytest.fixture
def committee(dong):
    return g.full_committee(dong)


@pytest.fixture
def meeting(committee, manager):
    return g.open_meeting(committee, by=manager)
