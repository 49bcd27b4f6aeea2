"""`import_residents --detail`: every row of the sheet, told as it is read."""

import io
import json

import pytest
from django.core.management import call_command

from centers.commands import EncodedList

from . import dirt

pytestmark = pytest.mark.django_db
FAR = 40_000


@pytest.fixture
def answer(dong, officer, saved, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    rows = [dirt.HEAD, dirt.good(1), *([] for _ in range(FAR - 3)), dirt.good(2, birth_date="1950-02-30")]
    out = io.StringIO()
    path = saved(dirt.xlsx({"명부": rows}), "명부.xlsx")
    call_command("import_residents", str(path), username="officer", stage_only=True, detail=True, json=True, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_tells_every_row_of_the_sheet(answer):
    records = answer["records"]
    assert [record["row"] for record in records] == list(range(1, FAR + 1))
    assert answer["rows"] == len(records)
    assert records[1]["status"] == "accepted"
    assert records[1]["normalised"]["birth_date"] == "1950-03-02"
    assert records[2] == {"row": 3, "status": "skipped", "codes": ["BLANK_ROW"], "warnings": []}
    assert (records[-1]["status"], records[-1]["codes"][0]) == ("rejected", "BAD_DATE")


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_long_list_is_json_whatever_its_length(count):
    items = [{"이름": n} for n in range(count)]
    assert json.loads("".join(EncodedList(items, at_once=3))) == items
