"""Reference data of the centers floor: places, their names and teams over time, zones, and figure tables."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from django.db import models

from centers.figure_tables import TABLES
from centers.models import Dong, DongCenter, Figure, Team, Tong, Zone, ZoneDong, ZoneScheme

AS_OF = dt.date(2014, 11, 30)
TONGS_SINCE = dt.date(2014, 7, 1)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def upsert(model: type[models.Model], rows: Iterable[dict], *, key: tuple[str, ...]) -> dict[str, int]:
    """Bring the table to `rows`, found again by their `key` fields. Rows of others are left alone.

    Returns ``{"added", "changed", "unchanged"}``. Works without a unique constraint and with empty keys.
    """
    known = {tuple(getattr(row, _column(model, f)) for f in key): row for row in model.objects.all()}
    added, changed, unchanged, fields = [], [], 0, set()
    for facts in rows:
        name = tuple(_plain(facts[f]) for f in key)
        old = known.get(name)
        if old is None:
            known[name] = new = model(**facts)
            added.append(new)
            continue
        differing = [f for f, value in facts.items() if getattr(old, _column(model, f)) != _plain(value)]
        for f in differing:
            setattr(old, f, facts[f])
        fields.update(differing)
        if differing:
            changed.append(old)
        else:
            unchanged += 1
    model.objects.bulk_create(added, batch_size=2000)
    if changed:
        model.objects.bulk_update(changed, sorted(fields), batch_size=2000)
    return {"added": len(added), "changed": len(changed), "unchanged": unchanged}


def _column(model: type[models.Model], field: str) -> str:
    return model._meta.get_field(field).attname


def _plain(value: object) -> object:
    return value.pk if isinstance(value, models.Model) else value


def load(folder: Path) -> dict[str, dict[str, int]]:
    """Places and figures from `folder`; counts per table."""
    rows = read_csv(folder / "dongs.csv")
    done = {"dongs": upsert(Dong, map(_dong, rows), key=("name",))}
    dongs = {dong.name: dong for dong in Dong.objects.all()}
    done["tongs"] = upsert(Tong, _tongs(rows, dongs), key=("dong", "number", "valid_from"))
    done["centers"] = upsert(DongCenter, _centers(folder, dongs), key=("dong", "kind", "valid_from"))
    done["teams"] = upsert(Team, _teams(folder, dongs), key=("dong", "kind", "name"))
    done |= _zones(folder, dongs)
    done["figures"] = upsert(Figure, _figures(folder, dongs), key=("table", "as_of", "row_key", "column"))
    return done


def _dong(row: dict) -> dict:
    return {
        "name": row["name"],
        "slug": row["slug"],
        "order": int(row["order"]),
        "tile_column": int(row["tile_column"]),
        "tile_row": int(row["tile_row"]),
    }


def _tongs(rows: list[dict], dongs: dict[str, Dong]) -> Iterable[dict]:
    for row in rows:
        for number in range(1, int(row["tongs"]) + 1):
            yield {"dong": dongs[row["name"]], "number": number, "valid_from": TONGS_SINCE}


def _dated(row: dict) -> dict:
    return {"valid_from": day(row["valid_from"]), "valid_to": day(row.get("valid_to", ""))}


def _centers(folder: Path, dongs: dict[str, Dong]) -> Iterable[dict]:
    for row in read_csv(folder / "centers.csv"):
        for name, dong in dongs.items():
            yield {"dong": dong, "kind": row["kind"], "name": row["name"].format(dong=name)} | _dated(row)


def _teams(folder: Path, dongs: dict[str, Dong]) -> Iterable[dict]:
    for row in read_csv(folder / "teams.csv"):
        for dong in dongs.values() if row["place"] == "dong" else [None]:
            yield {"dong": dong, "kind": row["kind"], "name": row["name"]} | _dated(row)


def _zones(folder: Path, dongs: dict[str, Dong]) -> dict[str, dict[str, int]]:
    rows = read_csv(folder / "zones.csv")
    names = {row["scheme"]: row["scheme_name"] for row in rows}
    done = {"zone_schemes": upsert(ZoneScheme, ({"key": k, "name": n} for k, n in names.items()), key=("key",))}
    schemes = {scheme.key: scheme for scheme in ZoneScheme.objects.all()}
    facts = [{"scheme": schemes[r["scheme"]], "name": r["zone"], "order": int(r["order"])} for r in rows]
    done["zones"] = upsert(Zone, facts, key=("scheme", "name"))
    zones = {(zone.scheme_id, zone.name): zone for zone in Zone.objects.all()}
    members = [
        {
            "zone": zones[schemes[row["scheme"]].pk, row["zone"]],
            "dong": dongs[name],
            "valid_from": day(row["valid_from"]),
        }
        for row in rows
        for name in row["dongs"].split()
    ]
    done["zone_dongs"] = upsert(ZoneDong, members, key=("zone", "dong", "valid_from"))
    return done


def _figures(folder: Path, dongs: dict[str, Dong]) -> Iterable[dict]:
    for table in TABLES.values():
        for row_order, row in enumerate(read_csv(folder / "figures" / f"{table.key}.csv")):
            for column_order, column in enumerate(table.columns):
                printed = row[column.key]
                yield {
                    "table": table.key,
                    "as_of": AS_OF,
                    "row_key": row["row"],
                    "row_type": row["type"],
                    "row_order": row_order,
                    "dong": dongs.get(row["row"]),
                    "column": column.key,
                    "column_order": column_order,
                    "value": Decimal(printed) if printed else None,
                    "printed": printed,
                }
