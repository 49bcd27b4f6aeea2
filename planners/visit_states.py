"""Moving a visit from state to state, and telling its story; used by the acts of a visit."""

from __future__ import annotations

import datetime as dt

from centers.models import User
from common.refusals import Refusal
from planners.models import Visit, VisitEvent


class WrongState(Refusal):
    code = "WRONG_STATE"


def move(visit: Visit, state: str, **fields) -> None:
    """Write the new state with other fields. Raises `WrongState` when the table has no such move."""
    if state not in Visit.MOVES[visit.state]:
        name = Visit.State(state).label
        raise WrongState(
            f"‘{visit.get_state_display()}’인 방문은 ‘{name}’으로 바꿀 수 없습니다. 화면을 새로 고쳐 주세요."
        )
    visit.state = state
    write(visit, **fields)


def write(visit: Visit, **fields) -> None:
    """Write fields of a visit whose row is held, as a new version."""
    for name, value in fields.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.save(update_fields=["state", "version", *fields])


def tell(visit: Visit, act: str, text: str, *, by: User | None, at: dt.datetime, **detail) -> VisitEvent:
    """Add a line to the visit's story. `detail` holds codes, never answers about health."""
    return VisitEvent.objects.create(visit=visit, act=act, text=text[:300], detail=detail, by=by, at=at)
