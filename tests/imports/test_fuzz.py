"""Files broken at random end in rows or in a refusal that says what to do; `fuzz` makes more of them by hand."""

import random

import pytest

from common.refusals import Refusal
from planners.lists import import_answers, import_files, list_import
from planners.lists.list_reading import drop_strays
from planners.models import ImportBatch
from tests import factories as f

from . import containers
from .dirt import HEAD, csv, good, xlsx
from .fuzz import broken, whole

pytestmark = pytest.mark.django_db

SEEDS = range(36)


@pytest.fixture(autouse=True)
def files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())


def staged(data, officer):
    """The batch after staging, refused or not."""
    batch = list_import.receive(import_files.keep([data]), file_name="명부", kind="residents", by=officer, at=f.NOW)
    try:
        return list_import.stage(batch, on=f.TODAY)
    except Refusal:
        batch.refresh_from_db()
        return batch


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "html", "xml"])
def test_reads_the_file_before_it_is_broken(kind, dong, officer):
    batch = staged(whole(kind, random.Random(1)), officer)
    assert batch.counts["added"] > 5
    assert not batch.counts["rejected"]


def test_keeps_half_a_letter_out_of_the_database(dong, officer):
    data = xlsx({"명부": [HEAD, good(1, address="돌곶이로 _xD800_8"), good(2, name="김_xDC00_영수"), good(3)]})
    batch = staged(data, officer)
    assert batch.state == ImportBatch.State.STAGED
    assert batch.counts["rows"] == 4


def test_keeps_signs_no_database_takes_out_of_names_of_sheets_and_columns(dong, officer):
    head = [*HEAD, "비고\0 _xD800_"]
    batch = staged(containers.xls({"명\0부": [head, [*good(1), "\0"], [*good(2), "a\0b"]]}), officer)
    assert batch.counts["added"] == 2
    assert "\0" not in batch.sheet


def test_refuses_what_comes_to_light_in_the_middle(dong, officer):
    rows = [HEAD, *(good(n) for n in range(1, 1_200)), ["x"] * 700]
    batch = staged(csv(rows), officer)
    assert (batch.state, batch.refusal_code) == (ImportBatch.State.REFUSED, "TOO_MANY_COLUMNS")
    assert drop_strays(set()) == 0, "nothing is left of what had been staged"


@pytest.mark.parametrize("seed", SEEDS)
def test_ends_in_rows_or_in_a_sentence(seed, dong, officer):
    how, data = broken(seed)
    batch = staged(data, officer)
    if batch.state == ImportBatch.State.REFUSED:
        assert batch.refusal_code
        assert batch.refusal.endswith(("요.", "다.")), how
    else:
        assert batch.state == ImportBatch.State.STAGED, how
        assert sum(batch.counts[part] for part in import_answers.PARTS) == batch.counts["rows"], how
