"""Plans the orders of a file one after the other, in the order of their days.

The second order of a person is planned on what the first one leaves: whoever goes through the plans carries
each out before asking for the next. A preview does so in a savepoint and gives it up.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from centers import personnel
from centers.models import Dong, Team, User
from centers.personnel import Act, Order, Plan
from common.refusals import Refusal
from planners.lists.list_outcomes import StagedLine
from planners.lists.list_reading import dong_names
from planners.lists.personnel_words import NO_ROLE, Places, role_of

Planned = tuple[StagedLine, Plan | str]  # a row with its plan, or with the code that says why it has none


class Plans:
    """The plans of some rows. Tables of places and people are read once."""

    def __init__(self, lines: list[StagedLine]) -> None:
        self.lines = sorted(lines, key=lambda line: (line.data["on"], line.row))
        self.times = Counter(line.data["number"] for line in lines)
        self.users = personnel.known_users(list(self.times))
        self.names = dong_names()
        self.dongs, self.teams = Dong.objects.in_bulk(), Team.objects.in_bulk()
        self.places: dict[str, Places] = {}

    def __iter__(self) -> Iterator[Planned]:
        seen: set[str] = set()
        for line in self.lines:
            number, day = line.data["number"], line.data["on"]
            if number in seen:
                self.users |= personnel.known_users([number])
            seen.add(number)
            if day not in self.places:
                self.places[day] = Places(self.names, dt.date.fromisoformat(day))
            try:
                yield line, self._plan(line.data, self.places[day])
            except Refusal as refusal:
                yield line, refusal.code

    def tried(self, *, by: User | None, at: dt.datetime) -> Iterator[tuple[StagedLine, Plan | str, bool]]:
        """Each plan, and whether its person is made by a row of this very file. Leaves nothing behind.

        Without somebody who orders, the second row of a person cannot be tried.
        """
        made: set[str] = set()
        seen: set[str] = set()
        with transaction.atomic():
            savepoint = transaction.savepoint()
            for line, plan in self:
                number = line.data["number"]
                if number in seen and by is None:
                    yield line, "DUP_CONFLICT", False
                    continue
                seen.add(number)
                yield line, plan, number in made
                if self.times[number] > 1 and by is not None and not isinstance(plan, str):
                    made |= {number} if plan.user is None else set()
                    personnel.carry_out(plan, by=by, at=at)
            transaction.savepoint_rollback(savepoint)

    def _plan(self, data: dict[str, Any], places: Places) -> Plan:
        act, dong, team, is_district = Act(data["act"]), None, None, False
        if act not in (Act.END, Act.PAUSE):
            dong, team, is_district, code = places.find(data["place"] or "", data["team"] or "")
            if code:
                raise Refusal(code, code=code)
        role = role_of(
            act=act, role=data["role"], title=data["title"] or "", rank=data["rank"] or "",
            series=data["series"] or "", in_dong=dong is not None,
        )  # fmt: skip
        if role == NO_ROLE or (act == Act.MOVE and is_district and not role):
            act, role, dong, team = Act.PAUSE, "", None, None
        order = Order(
            data["number"], data["name"], dt.date.fromisoformat(data["on"]), act, role, self.dongs.get(dong),
            self.teams.get(team), tuple(data["tongs"] or ()), data["title"] or "", data["phone"] or "", data["reason"] or "",
        )  # fmt: skip
        return personnel.plan(order, users=self.users)
