"""Recount the chain of the access log: was any sealed row changed, taken away or slipped in?"""

import datetime as dt

from centers import access_chain
from centers.commands import JsonCommand
from common.months import at_seoul


class Command(JsonCommand):
    help = __doc__
    permission = ("access_log", "R")
    log = "privacy.verify"
    own_transactions = True  # sealing commits run by run

    def add_options(self, parser):
        parser.add_argument(
            "--from", dest="first", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="seals made from this day on"
        )
        parser.add_argument(
            "--to", dest="last", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="up to this day, included"
        )

    def act(self, options):
        access_chain.seal(at=self.now)
        first, last = options["first"], options["last"]
        return access_chain.verify(
            start=at_seoul(first, dt.time()) if first else None,
            end=at_seoul(last + dt.timedelta(days=1), dt.time()) if last else None,
        )
