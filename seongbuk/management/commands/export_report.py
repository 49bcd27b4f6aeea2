"""Write a report to a file, with the rights of an account and a row in the access log."""

from pathlib import Path

from django.core.management.base import CommandError

from centers import reports
from centers.commands import JsonCommand
from centers.models import Dong
from common.months import Month, seoul_date
from common.refusals import Refusal


class UnknownDong(Refusal):
    code = "UNKNOWN_DONG"


class Command(JsonCommand):
    help = __doc__
    permission = ("report", "R")
    log = "report.export"
    needs_account = True

    def add_options(self, parser):
        parser.add_argument("name", metavar="NAME", help="see list_reports")
        parser.add_argument("--month", metavar="YYYY-MM", help="default: this month")
        parser.add_argument("--since", metavar="YYYY-MM", help="first month of a result that adds months up")
        parser.add_argument("--dong", metavar="NAME")
        parser.add_argument("--format", choices=list(reports.FORMATS), default="xlsx")
        parser.add_argument("-o", "--output", metavar="FILE", required=True)
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; needed where names stand in the report")

    def act(self, options):
        report = reports.find(options["name"])
        ask = reports.Ask(
            scope=self.scope,
            month=Month.parse(options["month"]) if options["month"] else Month.of(seoul_date(self.now)),
            dong=self._dong(options["dong"]),
            since=Month.parse(options["since"]) if options["since"] else None,
        )
        written = reports.write(report, ask, form=options["format"], reason=options["reason"], at=self.now)
        self.subjects.update(written.persons)
        try:
            Path(options["output"]).write_bytes(written.data)
        except OSError as fault:
            raise CommandError(f"파일을 쓸 수 없습니다: {fault}", returncode=2) from fault
        return {"name": report.name, "format": options["format"], "rows": written.rows, "sha256": written.sha256}

    def _dong(self, name: str | None) -> Dong | None:
        if not name:
            return None
        dong = Dong.objects.filter(name=name).first()
        if dong is None:
            raise UnknownDong(f"‘{name}’ 동은 없습니다. 장위1동처럼 공식 이름을 적어 주세요.")
        return dong
