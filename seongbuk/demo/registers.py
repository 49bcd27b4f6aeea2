"""Invented facilities, groups, activists and tongjang of the demo world: as many of each kind as the plan's tables count."""

from __future__ import annotations

import datetime as dt
import random

from centers import figures
from centers.models import Dong, Facility, Posting, Tong
from governance import tongjangs
from governance.models import Activist, Organisation, TongjangTerm
from seongbuk.demo.people import GIVEN, SURNAMES

SINCE = dt.date(2010, 3, 2)
PLACES = (
    "해맞이",
    "솔바람",
    "느티나무",
    "햇살",
    "참샘",
    "푸른숲",
    "달맞이",
    "새싹",
    "한울",
    "누리",
    "다솜",
    "은하",
    "들꽃",
    "아람",
)
NAMES = sorted({name for names in GIVEN.values() for name in names})
CLUBS = (("reading_club", "책 읽는 모임", 9), ("power_saving_station", "절전소", 14), ("club", "걷기 동아리", 12))


def fill() -> int:
    """Registers of every dong; running it again adds nothing."""
    if Facility.objects.exists() or Organisation.objects.exists():
        return 0
    chance = random.Random("registers")  # noqa: S311  (an invented world must be the same each time)
    dongs = {dong.pk: dong for dong in Dong.objects.all()}
    rows = [
        *_of_table("facilities", Facility.GROUPS[Facility.WELFARE], dongs, chance),
        *_of_table("institutions", Facility.GROUPS[Facility.INSTITUTIONS], dongs, chance, prefix="institution_"),
    ]
    rows += [
        Facility(kind=kind, name=Facility.Kind(kind).label, valid_from=SINCE) for kind in Facility.GROUPS["village"]
    ]
    Facility.objects.bulk_create(rows)
    groups = [*_groups(dongs, chance), *_clubs(dongs, chance)]
    Organisation.objects.bulk_create(groups)
    people = list(_activists(dongs, chance))
    Activist.objects.bulk_create(people)
    return len(rows) + len(groups) + len(people)


def _of_table(table: str, kinds, dongs: dict[int, Dong], chance: random.Random, prefix: str = ""):
    grid = figures.grid(table)
    for row in grid.counted if grid else ():
        for kind in kinds:
            label = Facility.Kind(kind).label.replace("기타 기관", "기관")
            for n in range(int(row.values.get(str(kind).removeprefix(prefix)) or 0)):
                place = PLACES[n % len(PLACES)] + (str(n // len(PLACES) + 1) if n >= len(PLACES) else "")
                dong = dongs[row.dong_id]
                yield Facility(
                    kind=kind,
                    dong=dong,
                    name=f"{place} {label}",
                    address=f"{dong.name.rstrip('0123456789동')}로 {chance.randint(1, 90)}길 {chance.randint(1, 60)}",
                    capacity=chance.choice([20, 25, 30, 40, 60]) if kind not in ("other",) else None,
                    valid_from=SINCE + dt.timedelta(chance.randint(0, 1500)),
                )


def _someone(chance: random.Random) -> str:
    return chance.choice(sorted(SURNAMES)) + chance.choice(NAMES)


def _consent(chance: random.Random) -> dict:
    if chance.random() < 0.7:
        return {
            "may_be_contacted": True,
            "consent_on": dt.date(2014, 12, 1),
            "phone": f"010-0000-{chance.randint(0, 9999):04d}",
        }
    return {"may_be_contacted": None}


def _groups(dongs: dict[int, Dong], chance: random.Random):
    grid = figures.grid("organisations")
    for row in grid.counted if grid else ():
        for kind in Organisation.DONG_KINDS:
            for n in range(int(row.values.get(str(kind)) or 0)):
                name = f"{row.key} {Organisation.Kind(kind).label}" + (f" {PLACES[n]}" if kind == "other" else "")
                yield Organisation(
                    kind=kind, dong=dongs[row.dong_id], name=name, leader=_someone(chance),
                    members=chance.randint(9, 45), valid_from=SINCE, **_consent(chance),
                )  # fmt: skip


def _clubs(dongs: dict[int, Dong], chance: random.Random):
    for dong in dongs.values():
        for kind, label, members in CLUBS:
            yield Organisation(
                kind=kind, dong=dong, name=f"{dong.name} {label}", leader=_someone(chance),
                members=chance.randint(5, members * 2), meets="달마다 둘째 화요일", valid_from=SINCE, **_consent(chance),
            )  # fmt: skip


def _activists(dongs: dict[int, Dong], chance: random.Random):
    grid = figures.grid("activists")
    for row in grid.counted if grid else ():
        for kind in Activist.Kind.values:
            for _ in range(int(row.values.get(kind) or 0)):
                yield Activist(
                    kind=kind, dong=dongs[row.dong_id], name=_someone(chance), field="마을만들기", valid_from=SINCE,
                    **_consent(chance),
                )  # fmt: skip


def appoint_tongjang(*, today: dt.date, now: dt.datetime) -> int:
    """A tongjang for nearly every tong, in the first, second or last term; running it again adds nothing."""
    if TongjangTerm.objects.exists():
        return 0
    chance = random.Random("tongjang")  # noqa: S311
    known = {(p.dong_id, tong): p.user.name for p in Posting.objects.on(today).filter(role="TJ") for tong in p.tongs}
    rows = []
    for tong in Tong.objects.on(today).order_by("dong__order", "number"):
        since = today - dt.timedelta(chance.randint(20, 725))
        name, is_empty = _someone(chance), chance.random() < 0.04
        name = known.get((tong.dong_id, tong.number), name)
        if is_empty and (tong.dong_id, tong.number) not in known:
            continue
        rows.append(
            TongjangTerm(
                dong_id=tong.dong_id, tong=tong.number, name=name, phone=f"010-0000-{chance.randint(0, 9999):04d}",
                number=chance.choice((1, 1, 2, 3)), valid_from=since, valid_to=tongjangs.two_years_on(since), at=now,
            )
        )  # fmt: skip
    return len(TongjangTerm.objects.bulk_create(rows))
