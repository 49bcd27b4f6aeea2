"""Fixtures of the planners tests."""

import pytest

from planners import reference
from planners.models import TargetRule
from seongbuk.reference import FOLDER


@pytest.fixture
def rulebook(dong, other_dong):
    """Rules by key: everything the plan's reference data holds for 장위1동 and 월곡1동."""
    reference.load(FOLDER)
    return {rule.key: rule for rule in TargetRule.objects.select_related("programme")}
