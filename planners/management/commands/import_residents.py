"""`import_residents`: a resident list from a file on this machine into the register."""

import datetime as dt
from pathlib import Path

from django.core.management.base import CommandError

from centers.commands import EncodedList, JsonCommand
from common.months import seoul_date
from common.refusals import Refusal
from planners.lists import import_answers, import_errors, import_files, list_import
from planners.models import ImportBatch


class Command(JsonCommand):
    help = "Read, check and apply a resident list (.xlsx, .xls, .csv); the same file twice changes nothing."
    permission = ("import", "W")
    log = "import.command"
    own_transactions = True
    answers: dict[str, str] = {}

    def add_options(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--stage-only", action="store_true", help="stop at the preview")
        parser.add_argument("--errors", type=Path, metavar="OUT.xlsx", help="write the list with its faults marked")
        parser.add_argument("--detail", action="store_true", help="add every row with its normal form")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="the day the list was drawn")

    def act(self, options: dict) -> dict:
        if not options["file"].is_file():
            raise CommandError(f"{options['file']} 파일이 없습니다.", returncode=2)
        today = seoul_date(self.now)
        batch = list_import.receive(
            import_files.keep(import_files.upload_blocks(options["file"])),
            file_name=options["file"].name,
            answers=self.answers,
            kind=options.get("kind", ImportBatch.Kind.RESIDENTS),
            by=self.user,
            at=self.now,
            source="console",
            extracted_on=self._day(options["as_of"]),
            dong=self.scope.dong if self.scope else None,
        )
        batch = list_import.stage(batch, on=today, scope=self.scope)
        extra = {"records": EncodedList(import_answers.records(batch))} if options["detail"] else {}
        if options["errors"]:
            options["errors"].write_bytes(import_errors.workbook(batch))
        if not options["stage_only"]:
            batch = self._apply(batch, today)
        return self.answer(batch) | extra

    def answer(self, batch) -> dict:
        """What is printed about the batch."""
        return import_answers.as_json(batch)

    def _apply(self, batch, today):
        batch = list_import.begin_applying(batch, by=self.user)
        try:
            batch = list_import.apply(batch, by=self.user, on=today, at=self.now)
        except Refusal:
            list_import.back_to_preview(batch, on=today)
            raise
        self.subjects = batch.subjects
        return batch

    @staticmethod
    def _day(written: str | None):
        try:
            return dt.date.fromisoformat(written) if written else None
        except ValueError as fault:
            raise CommandError("--as-of 는 2015-01-31처럼 적어 주세요.", returncode=2) from fault
