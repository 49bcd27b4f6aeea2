"""Every URL: its methods, its permission, whether it shows personal data, what it writes to the access log."""

import json

from centers.commands import JsonCommand
from seongbuk.routes import routes


class Command(JsonCommand):
    help = __doc__
    permission = ("user", "R")
    log = "route.list"

    def act(self, options) -> list[dict]:
        return [
            {
                "name": one.name,
                "pattern": one.pattern,
                "methods": list(one.methods),
                "permission": one.permission,
                "personal_data": one.personal_data,
                "access_action": one.access_action,
            }
            for one in routes()
        ]

    def _say(self, answer, options) -> None:
        if options["json"] or isinstance(answer, dict):
            super()._say(answer, options)
            return
        for one in answer:
            self.stdout.write(json.dumps(one, ensure_ascii=False))
