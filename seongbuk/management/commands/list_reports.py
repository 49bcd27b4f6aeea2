"""The reports that can be exported."""

import json

from centers import reports
from centers.commands import JsonCommand


class Command(JsonCommand):
    help = __doc__
    permission = ("report", "R")
    log = "report.list"

    def act(self, options) -> list[dict]:
        return [
            {"name": one.name, "title": one.title, "formats": list(one.formats), "personal_data": one.personal}
            for one in reports.reports()
            if self.scope is None or reports.readable(one, self.scope)
        ]

    def _say(self, answer, options) -> None:
        if options["json"] or isinstance(answer, dict):
            super()._say(answer, options)
            return
        for one in answer:
            self.stdout.write(json.dumps(one, ensure_ascii=False))
