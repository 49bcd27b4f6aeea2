"""Reference data of the planners floor: programmes, dated rules, coverage, services, consent wordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from centers.models import Dong
from centers.reference import day, read_csv, read_json, upsert
from planners.models import ConsentWording, Coverage, Programme, Service, TargetRule


def load(folder: Path) -> dict[str, dict[str, int]]:
    """Programmes with their rules and coverage, services and wordings from `folder`; counts per table."""
    done = {"programmes": upsert(Programme, map(_programme, read_csv(folder / "programmes.csv")), key=("key",))}
    programmes = {programme.key: programme for programme in Programme.objects.all()}
    rules = [_rule(row, programmes) for row in read_json(folder / "rules.json")]
    done["rules"] = upsert(TargetRule, rules, key=("key", "version"))
    coverage = list(_coverage(folder, programmes))
    done["coverage"] = upsert(Coverage, coverage, key=("programme", "dong", "valid_from"))
    done["services"] = upsert(Service, map(_service, read_csv(folder / "services.csv")), key=("group", "key"))
    wordings = [row | {"valid_from": day(row["valid_from"])} for row in read_json(folder / "wordings.json")]
    done["wordings"] = upsert(ConsentWording, wordings, key=("version",))
    return done


def _programme(row: dict) -> dict:
    return {
        "key": row["key"],
        "name": row["name"],
        "short_name": row["short_name"],
        "order": int(row["order"]),
        "needs_social_worker": row["needs_social_worker"] == "yes",
    }


def _rule(row: dict, programmes: dict[str, Programme]) -> dict:
    return row | {"programme": programmes[row["programme"]], "valid_from": day(row["valid_from"])}


def _coverage(folder: Path, programmes: dict[str, Programme]) -> Iterable[dict]:
    """`*` means every dong that the programme has not named before."""
    every = list(Dong.objects.all())
    named: dict[str, set[str]] = defaultdict(set)
    for row in read_csv(folder / "coverage.csv"):
        wanted = set(row["dongs"].split())
        chosen = [d for d in every if (d.name not in named[row["programme"]] if wanted == {"*"} else d.name in wanted)]
        named[row["programme"]] |= {d.name for d in chosen}
        for dong in chosen:
            yield {
                "programme": programmes[row["programme"]],
                "dong": dong,
                "reach": row["reach"],
                "valid_from": day(row["valid_from"]),
                "valid_to": day(row["valid_to"]),
            }


def _service(row: dict) -> dict:
    return {
        "group": row["group"],
        "key": row["key"],
        "name": row["name"],
        "note": row["note"],
        "order": int(row["order"]),
    }
