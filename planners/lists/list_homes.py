"""Where the people of a list live: from their row, or with somebody the register knows."""

from __future__ import annotations

from typing import Any

from centers.models import Dong
from planners.lists.list_outcomes import StagedLine
from planners.models import Person
from planners.residents import Residence


class Homes:
    """Residences as JSON-ready values, and back. One per run: dongs are read once."""

    def __init__(self) -> None:
        self.dongs = {dong.pk: dong for dong in Dong.objects.all()}

    def of_line(self, line: StagedLine) -> dict[str, Any] | None:
        """What the row says of the home; None without a dong."""
        if not line.dong_id:
            return None
        return {
            "dong_id": line.dong_id,
            "tong": line.tong,
            "ban": line.ban,
            "address": line.address_main,
            "address_detail": line.address_detail,
        }

    def of_person(self, person: Person) -> dict[str, Any]:
        """The home of somebody in the register; `household` must be loaded."""
        home = person.household
        address, detail = (home.address, home.address_detail) if home else (person.address, "")
        return {
            "dong_id": person.dong_id,
            "tong": person.tong,
            "ban": person.ban,
            "address": address,
            "address_detail": detail,
        }

    def residence(self, values: dict[str, Any]) -> Residence:
        return Residence(
            dong=self.dongs[values["dong_id"]],
            tong=values.get("tong"),
            ban=values.get("ban"),
            address=values.get("address") or "",
            address_detail=values.get("address_detail") or "",
        )

    def name(self, pk: int | None) -> str:
        return self.dongs[pk].name if pk in self.dongs else ""
