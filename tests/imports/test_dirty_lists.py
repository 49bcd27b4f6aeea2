"""Dirty files of the other kinds come out as a careful clerk would sort them, row by row."""

import datetime as dt

import pytest
from django.db import connection

from planners.lists import import_answers, import_files, list_import
from planners.lists.list_reading import ListStage, drop_strays
from planners.models import ImportIssue
from planners.residents import match_key
from tests import factories as f

from .dirt_lists import LISTS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def register(dong, other_dong, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())
    for name, birth, sex, place, address in [
        ("김영수", dt.date(1948, 3, 1), "M", dong, "돌곶이로 40길 8"),
        ("이순자", dt.date(1946, 7, 7), "F", dong, "장위로 3"),
        ("박말자", dt.date(1945, 5, 5), "F", other_dong, "월곡로 1"),
        ("최은정", dt.date(1985, 4, 2), "F", dong, "장위로 5"),
    ]:
        f.PersonFactory(name=name, birth_on=birth, sex=sex, dong=place, address=address, mobile="", household=None,
                        match_key=match_key(name, birth, sex))  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_sorts_the_file_to_the_row(name, officer):
    dirty = LISTS[name]()
    kept = import_files.keep([dirty.data])
    batch = list_import.receive(kept, file_name=dirty.name, kind="", by=officer, at=f.NOW, extracted_on=f.TODAY)
    batch = list_import.stage(batch, on=f.TODAY)
    assert batch.kind == dirty.kind
    found = {record["row"]: record for record in import_answers.records(batch)}
    wrong = {}
    for row, (status, code) in dirty.rows.items():
        record = found[row]
        if record["status"] != status or (code and code not in record["codes"]):
            wrong[row] = (record["status"], record["codes"], "expected", status, code)
        normalised = record.get("normalised", {})
        differing = {k: normalised.get(k) for k, v in dirty.values.get(row, {}).items() if normalised.get(k) != v}
        if differing:
            wrong[row] = differing
    assert not wrong
    assert set(found) == set(dirty.rows)
    assert sum(batch.counts[part] for part in import_answers.PARTS) == batch.counts["rows"]


@pytest.mark.parametrize("name", LISTS)
def test_keeps_no_registration_number(name, officer):
    dirty = LISTS[name]()
    kept = import_files.keep([dirty.data])
    batch = list_import.receive(kept, file_name=dirty.name, kind="", by=officer, at=f.NOW)
    batch = list_import.stage(batch, on=f.TODAY)
    seen = [str(row) for row in ImportIssue.objects.values()] + [str(batch.report)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {ListStage.rows_pattern}_{batch.report['stage']}")
        seen += [str(row) for row in cursor.fetchall()]
    assert not [text for text in seen if "1234567" in text or "2234567" in text]
