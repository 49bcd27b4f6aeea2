"""The months that are measured: a smoke set for every change and the full set for the night."""

from dataclasses import dataclass

from bench.scheduler import district
from bench.scheduler.generator import dong_month, zone_month

SEED = 1


@dataclass(frozen=True, eq=False)
class Case:
    """A month with the kind of unit it is (dong or zone) and its load."""

    kind: str
    scenario: str
    content: dict

    @property
    def name(self) -> str:
        return self.content["name"]


def cases(which: str, *, year: int = 2015, month: int = 3, seed: int = SEED) -> list[Case]:
    """The dong and zone months of a set."""
    if which == "smoke":
        dongs = [
            *(("rollout", name) for name in ("보문동", "종암동")),
            *(("stress", name) for name in ("안암동", "월곡2동")),
            *(("pilot", name) for name in ("월곡1동", "장위1동")),
        ]
        zones = [("rollout", 0)]
    else:
        dongs = [(load, dong.name) for load in ("rollout", "stress") for dong in district.DONGS]
        dongs += [("pilot", name) for name in district.PILOT_TARGETS]
        zones = [(load, zone) for load in ("rollout", "stress") for zone in range(len(district.ZONES))]
    return [
        *(Case("dong", load, dong_month(name, load, year, month, seed)) for load, name in dongs),
        *(Case("zone", load, zone_month(zone, load, year, month, seed)) for load, zone in zones),
    ]


def with_home_pattern(content: dict) -> dict:
    """A zone's month as it would be with a fixed weekly round: each half-day of a nurse has its dong."""
    dongs, kept, turn = sorted(content["depots"]), [], {}
    for s, session in enumerate(content["sessions"]):
        turn.setdefault((session["pair"], session["day"], session["half"]), []).append(s)
    for position, rows in enumerate(turn.values()):
        wanted = dongs[position % len(dongs)]
        kept += [s for s in rows if content["sessions"][s]["dong"] == wanted] or rows[:1]
    promised = {int(visit["booked"][0]) for visit in content["visits"] if visit["booked"]}
    half = {s: key for key, rows in turn.items() for s in rows}
    taken = {half[s] for s in promised}
    kept = sorted(promised | {s for s in kept if half[s] not in taken})
    number = {s: new for new, s in enumerate(kept)}
    visits = [
        visit | {"booked": [number[int(visit["booked"][0])], visit["booked"][1]]} if visit["booked"] else visit
        for visit in content["visits"]
    ]
    return content | {
        "sessions": [content["sessions"][s] | {"id": number[s]} for s in kept],
        "visits": visits,
        "cost": [[row[s] for s in kept] for row in content["cost"]],
        "start_window": [[row[s] for s in kept] for row in content["start_window"]],
    }


def with_fairness(content: dict, price: float) -> dict:
    """The month with a price on uneven loads; a backup counts for the pair it helps out in."""
    sessions = [session | {"pair": session["pair"].removesuffix("b")} for session in content["sessions"]]
    return content | {"sessions": sessions, "fairness_price": price}
