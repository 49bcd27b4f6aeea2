"""Moving dongs between the child nurses' zones from the first of a coming month, and taking that back.

Responsibility is dated: the old membership ends and a new one begins, nothing of the past changes.
Visits promised for after the change go to a nurse of the new zone at the same time where one is free;
otherwise the promise stays with the nurse who made it until the month is planned again.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers.models import Dong, User, Zone, ZoneDong
from common.months import Month, seoul_date
from common.refusals import Refusal, Stale
from planners import caseload, pairs
from planners.caseload import Moves
from planners.models import Pair, Visit, ZoneChange
from planners.months.planning_units import CHILD, SCHEME


class NotAhead(Refusal):
    code = "NOT_AHEAD"


class NothingChanged(Refusal):
    code = "NOTHING_CHANGED"


class ZoneWithoutDong(Refusal):
    code = "ZONE_WITHOUT_DONG"


class LaterChangeExists(Refusal):
    code = "LATER_CHANGE_EXISTS"


class AlreadyBegun(Refusal):
    code = "ALREADY_BEGUN"


@transaction.atomic
def apply(moves: Moves, *, since: Month, by: User, at: dt.datetime) -> tuple[ZoneChange, int, int]:
    """Let dongs (id -> zone id) belong to other zones from the first of `since` on.

    Returns the change, how many promised visits a nurse of the new zone took over, and how many stay with
    the nurse who promised. Raises `NotAhead`, `NothingChanged`, `ZoneWithoutDong`, `LaterChangeExists`.
    """
    today = seoul_date(at)
    if since.first <= today:
        raise NotAhead("이미 시작한 달의 권역은 바꾸지 않습니다. 다음 달이나 그 뒤의 달을 골라 주세요.")
    zones = {zone.pk: zone for zone in Zone.objects.select_for_update().filter(scheme__key=SCHEME).order_by("pk")}
    held = {row.dong_id: row for row in ZoneDong.objects.on(since.first).filter(zone__in=zones).order_by("pk")}
    moves = {
        dong: zone for dong, zone in moves.items() if dong in held and held[dong].zone_id != zone and zone in zones
    }
    _check(moves, held, zones, since)
    found = caseload.district(since, today=today)
    change = ZoneChange(since=since.first, by=by, at=at)
    change.moves = [{"dong": dong, "from": held[dong].zone_id, "to": moves[dong]} for dong in sorted(moves)]
    change.before = {str(load.zone.pk): load.percent for load in found.loads()}
    change.after = {str(load.zone.pk): load.percent for load in found.loads(moves)}
    change.save()
    for dong, zone in sorted(moves.items()):
        _end(held[dong], since.first)
        ZoneDong.objects.create(zone_id=zone, dong_id=dong, valid_from=since.first)
    taken, left = _hand_over({row["dong"]: row["to"] for row in change.moves}, since, by=by, at=at)
    return change, taken, left


@transaction.atomic
def undo(change: ZoneChange, *, by: User, at: dt.datetime) -> ZoneChange:
    """Take a change back that has not begun; the memberships are as they were. Twice is once. Raises `AlreadyBegun`."""
    row = ZoneChange.objects.select_for_update().get(pk=change.pk)
    if row.undone_at:
        return row
    if row.since <= seoul_date(at):
        raise AlreadyBegun("이미 시작했습니다. 다음 달부터 되돌리려면 권역 조정에서 동을 다시 옮겨 주세요.")
    for move in row.moves:
        new = ZoneDong.objects.select_for_update().filter(
            zone=move["to"], dong=move["dong"], valid_from=row.since, valid_to=None
        )
        old = ZoneDong.objects.select_for_update().filter(zone=move["from"], dong=move["dong"], valid_to=row.since)
        if not new.exists() or not old.exists():
            raise Stale("그 뒤에 권역이 또 바뀌어 되돌릴 수 없습니다. 권역 조정에서 동을 다시 옮겨 주세요.")
        new.delete()
        old.update(valid_to=None)
    row.undone_by, row.undone_at = by, at
    row.save(update_fields=["undone_by", "undone_at"])
    _hand_over({move["dong"]: move["from"] for move in row.moves}, Month.of(row.since), by=by, at=at)
    return row


def _check(moves: Moves, held: dict[int, ZoneDong], zones: dict[int, Zone], since: Month) -> None:
    if not moves:
        raise NothingChanged("옮길 동이 없습니다. 동과 옮길 권역을 골라 주세요.")
    if later := ZoneDong.objects.filter(dong__in=moves, zone__in=zones, valid_from__gte=since.first).first():
        name = Dong.objects.get(pk=later.dong_id).name
        raise LaterChangeExists(f"{name}에는 {since.korean}이나 그 뒤에 시작하는 변경이 이미 있습니다.")
    after = {dong: moves.get(dong, row.zone_id) for dong, row in held.items()}
    for zone in zones.values():
        if zone.pk not in after.values():
            raise ZoneWithoutDong(f"{zone.name}에 동이 하나도 남지 않습니다. 하나는 남겨 주세요.")


def _end(row: ZoneDong, on: dt.date) -> None:
    row.valid_to = on
    row.save(update_fields=["valid_to"])


def _hand_over(zone_of: Moves, since: Month, *, by: User, at: dt.datetime) -> tuple[int, int]:
    """(taken over, left) of the visits promised for then to families of these dongs."""
    rows = Visit.objects.filter(dong__in=zone_of, programme__key=CHILD, on__gte=since.first)
    rows = rows.filter(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED]).select_related("pair")
    taken = left = 0
    for visit in rows.order_by("starts_at", "pk"):
        zone = zone_of[visit.dong_id]
        if visit.pair.zone_id == zone:
            continue
        going = Pair.objects.on(visit.on).filter(kind=Pair.Kind.CHILD, zone=zone).select_related("nurse", "social")
        able = [pair for pair in going.order_by("name", "pk") if set(visit.needs) <= set(pair.skills)]
        if any(pairs.hand_over(visit, pair, by=by, at=at) for pair in able):
            taken += 1
        else:
            left += 1
    return taken, left
