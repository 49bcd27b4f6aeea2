"""`undo_import`: take an applied list back while nothing stands on it."""

from django.core.exceptions import ValidationError

from centers.commands import JsonCommand
from common.months import seoul_date
from common.refusals import Refusal
from planners.lists import import_undo
from planners.models import ImportBatch


class UnknownBatch(Refusal):
    code = "UNKNOWN_BATCH"


class Command(JsonCommand):
    help = "Undo an applied import: added people go, changed ones get their old values back."
    permission = ("import", "W")
    log = "import.undo"
    needs_account = True

    def add_options(self, parser):
        parser.add_argument("batch", help="the batch's id as import_residents printed it")
        parser.add_argument("--reason", required=True)

    def act(self, options: dict) -> dict:
        try:
            batch = ImportBatch.objects.visible_to(self.scope).get(uid=options["batch"])
        except (ImportBatch.DoesNotExist, ValidationError, ValueError):
            raise UnknownBatch("그런 가져오기가 없습니다. 번호를 확인해 주세요.") from None
        self.subjects = set(batch.changes.exclude(person=None).values_list("person_id", flat=True)[:5001])
        batch, reverted = import_undo.undo(
            batch, by=self.user, reason=options["reason"], on=seoul_date(self.now), at=self.now
        )
        return {"batch": str(batch.uid), "state": batch.state, "reverted": reverted}
