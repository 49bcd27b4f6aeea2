"""Count months again from their facts, or compare the stored figures with a recount."""

from dataclasses import asdict

from centers import rollups
from centers.commands import JsonCommand
from common.months import Month


class Command(JsonCommand):
    help = __doc__
    permission = ("report", "R")
    log = "figures.roll"
    own_transactions = True  # each month commits on its own and lets its lock go

    def add_options(self, parser):
        parser.add_argument("--month", metavar="YYYY-MM", help="this month only; otherwise the months that changed")
        parser.add_argument("--all", action="store_true", help="every month that has a fact or a figure")
        parser.add_argument(
            "--verify", action="store_true", help="change nothing; count what a recount does not confirm"
        )

    def act(self, options):
        month = Month.parse(options["month"]) if options["month"] else None
        if options["verify"]:
            found = rollups.differences([month] if month else None)
            return {"differences": len(found), "rows": [asdict(one) | {"month": str(one.month)} for one in found]}
        months = [month] if month else rollups.known_months() if options["all"] else rollups.changed_months()
        rolled = [rollups.roll_month(one, at=self.now) for one in months]
        return {
            "months": len(rolled),
            "rows": sum(one.rows for one in rolled),
            "changed": sum(one.changed for one in rolled),
        }
