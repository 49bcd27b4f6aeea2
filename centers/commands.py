"""Management commands that act as somebody: rights, access log, one JSON line, exit codes.

Exit 0 means done, 1 refused with a reason (`{"refused": CODE, "message": ...}`), 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from centers import access_log
from centers.access import Scope
from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal


class NotAllowed(Refusal):
    code = "NOT_ALLOWED"


_ENCODER = DjangoJSONEncoder(ensure_ascii=False)


class EncodedList:
    """A long list of an answer, encoded as it comes: half a million records as text, not as objects."""

    def __init__(self, items: Iterable[Any], *, at_once: int = 1_000) -> None:
        found = iter(items)
        self.pieces = []
        while some := list(islice(found, at_once)):
            self.pieces.append(_ENCODER.encode(some)[1:-1])

    def __iter__(self) -> Iterator[str]:
        yield "["
        for number, piece in enumerate(self.pieces):
            yield f", {piece}" if number else piece
        yield "]"


def _pieces(value: Any) -> Iterator[str]:
    """JSON of a value of an answer."""
    if isinstance(value, EncodedList):
        yield from value
    else:
        yield _ENCODER.encode(value)


class JsonCommand(BaseCommand):
    """Subclasses set `permission` and `log`, add arguments in `add_options`, and write `act`.

    Without `--as` a command acts as the machine itself (the operator at the console), which is logged
    too. `needs_account` makes `--as` mandatory. `own_transactions` leaves transactions to `act`.
    """

    permission: tuple[str, str] = ("settings", "W")
    log = ""
    needs_account = False
    own_transactions = False

    user: User | None = None
    scope: Scope | None = None

    def add_arguments(self, parser):
        parser.add_argument("--as", dest="username", metavar="USERNAME", help="the account that acts")
        parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
        self.add_options(parser)

    def add_options(self, parser) -> None:
        """Arguments of the command itself."""

    def act(self, options: dict) -> dict:
        """Do it and return the answer. Raises `Refusal`."""
        raise NotImplementedError

    def handle(self, *args, **options):
        self.now = timezone.now()
        self.subjects: set[int] = set()
        self.reason = options.get("reason") or ""
        try:
            self._become(options["username"])
            if self.own_transactions:
                answer = self.act(options)
                self._log("ok")
            else:
                with transaction.atomic():
                    answer = self.act(options)
                    self._log("ok")
        except Refusal as refusal:
            self._log("refused", code=refusal.code)
            self._say({"refused": refusal.code, "message": refusal.message}, options)
            sys.exit(1)
        self._say(answer, options)

    def _become(self, username: str | None) -> None:
        if username:
            self.user = User.objects.filter(username=username, is_active=True).first()
            if self.user is None:
                raise CommandError(f"‘{username}’ 계정이 없거나 쓸 수 없습니다.", returncode=2)
            self.scope = Scope.of(self.user, seoul_date(self.now))
            if not self.scope.allows(*self.permission):
                raise NotAllowed(f"{self.user.name} 님의 역할로는 이 일을 할 수 없습니다.")
        elif self.needs_account:
            raise CommandError("누가 하는 일인지 --as 계정 으로 적어 주세요.", returncode=2)

    def _log(self, outcome: str, **detail) -> None:
        access_log.record(
            user=self.user,
            action=self.log,
            resource=self.permission[0],
            outcome=outcome,
            subjects=self.subjects,
            reason=self.reason,
            device="console",
            route=f"command:{type(self).__module__.rpartition('.')[2]}",
            detail=detail,
        )

    def _say(self, answer: dict | list, options: dict) -> None:
        if isinstance(answer, list):
            self._write(*_pieces(answer), "\n")
            return
        if not options["json"]:
            for key, value in answer.items():
                self._write(f"{key}: ", *_pieces(value), "\n")
            return
        for number, (key, value) in enumerate(answer.items()):
            self._write(", " if number else "{", _ENCODER.encode(key), ": ", *_pieces(value))
        self._write("}\n" if answer else "{}\n")

    def _write(self, *pieces: str) -> None:
        for piece in pieces:
            self.stdout.write(piece, ending="")
