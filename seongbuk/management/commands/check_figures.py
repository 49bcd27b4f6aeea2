"""Check figure tables: their own sums, and what one table says against another."""

from pathlib import Path

from django.conf import settings

from centers.commands import JsonCommand
from seongbuk.figure_checks import Tables, check

REFERENCE = settings.BASE_DIR / "fixtures" / "reference"


class Command(JsonCommand):
    help = __doc__
    permission = ("report", "R")
    log = "figures.check"

    def add_options(self, parser):
        parser.add_argument(
            "paths", nargs="*", type=Path, metavar="PATH", help="CSV files or folders; default: our own"
        )

    def act(self, options):
        outcome = check(Tables.read(options["paths"] or [REFERENCE]))
        return {"checked": outcome.checked, "differs": [one.as_json() for one in outcome.differs]}
