"""`import_list`: a list of any kind from a file on this machine, through the same acts as the import pages."""

from django.core.management.base import CommandError

from planners.lists import list_kinds
from planners.management.commands import import_residents


class Command(import_residents.Command):
    help = "Read, check and apply a list of some kind (.xlsx, .xls, .csv); the same file twice changes nothing."

    def add_options(self, parser):
        super().add_options(parser)
        known = [kind.key for kind in list_kinds.kinds()]
        parser.add_argument("--kind", choices=known, default="", help="without it the headings tell")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="NAME=KEY",
            help="answer to a question of the kind, such as absent=dongs for benefits",
        )

    def act(self, options: dict) -> dict:
        self.answers = dict(self._pair(one) for one in options["answer"])
        return super().act(options)

    def answer(self, batch) -> dict:
        return {"kind": batch.kind} | super().answer(batch)

    @staticmethod
    def _pair(written: str) -> tuple[str, str]:
        name, sign, key = written.partition("=")
        known = {(c.name, answer) for kind in list_kinds.kinds() for c in kind.choices for answer in c.answers}
        if not sign or (name, key) not in known:
            raise CommandError("--answer 는 absent=dongs 처럼 적어 주세요.", returncode=2)
        return name, key
