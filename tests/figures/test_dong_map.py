"""Dongs side by side: steps of the map and places of the ranking."""

import pytest

from centers import dong_map
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_parts_few_values_evenly():
    assert dong_map.cuts([48.3, 68.9, 75.6, None]) == [54, 59, 65, 70]


def test_parts_many_values_into_steps_of_like_size():
    assert dong_map.cuts(range(0, 1000, 50)) == [200, 400, 600, 800]


def test_ranks_only_dongs_with_a_value():
    first, second, silent = f.DongFactory.create_batch(3)
    rows = [(silent, None, "–", ()), (second, 10, "10", ()), (first, 20, "20", ())]
    assert [(one.rank, one.dong) for one in dong_map.ranking(rows)] == [(1, first), (2, second), (None, silent)]
