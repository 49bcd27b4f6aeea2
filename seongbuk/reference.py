"""The reference data of every floor in one transaction, from the files in `fixtures/reference`."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

import centers.reference
import planners.reference
import staffing.reference
from casemgmt.models import Agency
from centers.models import Dong
from centers.reference import read_csv, upsert
from staffing import holidays

FOLDER = settings.BASE_DIR / "fixtures" / "reference"
FIRST_YEAR = 2014


@transaction.atomic
def load(folder: Path = FOLDER, *, until_year: int) -> dict[str, dict[str, int]]:
    """Bring the database to the files; twice changes nothing. Holidays reach from 2014 to `until_year`.

    Returns per table ``{"added", "changed", "unchanged"}``.
    """
    done = centers.reference.load(folder) | staffing.reference.load(folder) | planners.reference.load(folder)
    done["agencies"] = upsert(Agency, _agencies(folder), key=("name", "dong"))
    done["holidays"] = {"added": holidays.fill(FIRST_YEAR, until_year), "changed": 0}
    return done


def _agencies(folder: Path):
    for row in read_csv(folder / "agencies.csv"):
        for dong in Dong.objects.all() if row["dong"] == "*" else [None]:
            yield {
                "name": row["name"].format(dong=dong.name if dong else ""),
                "kind": row["kind"],
                "dong": dong,
                "phone": row["phone"],
                "services": row["services"].split(";"),
                "answer_days": int(row["answer_days"]),
            }
