"""Invented months in the scheduler's file format: dongs, zones, and whole zones with both programmes.

Every figure that is not from the plan is an assumption and stands here as a constant. The same
(unit, scenario, month, seed) always gives the same file.
"""

from dataclasses import dataclass, field
from datetime import date
from zlib import crc32

import numpy as np

from bench.scheduler import district
from bench.scheduler.district import Dong, last_day, working_days

SCENARIOS = ("rollout", "stress", "pilot")
MONTHS = ((2015, 2), (2015, 3), (2015, 5), (2015, 9), (2026, 2), (2026, 10))

CONSENT = {"elder": 0.8, "maternal": 0.7}
OVERDUE, FOLLOW_UP, JOINT_MIND = 0.20, 0.59 * 0.5, 0.10
CRISIS_PER_1000 = {"rollout": 0.25, "stress": 0.5, "pilot": 0.25}
STRESS_ELDERS, HIGH_RISK_MATERNAL, HIGH_RISK_INFANTS = 2.1, 0.20, 0.03
BOOKED, CLOCK_WINDOW, MORNING, AFTERNOON, THREE_WEEKDAYS = 0.35, 0.25, 0.20, 0.20, 0.12
LANGUAGE, FEMALE_VISITOR, PREVIOUS_PAIR, PREFERRED_HALF = 0.06, 0.06, 0.70, 0.10
HALVES = {"AM": (9 * 60 + 30, 12 * 60, 2), "PM": (13 * 60 + 30, 17 * 60 + 30, 3)}
OUTING_COST, OTHER_PAIR, WRONG_HALF, BACKUP = 20, 40, 15, 5
LATE, LATE_A_DAY, OVERDUE_A_DAY, TIER_ONE_A_DAY = 400, 20, 8, 3
PRIZES = {1: 20_000, 2: 8_000, 3: 3_000, 4: 600}
BOOKING_PRIZE = 60_000
WALK, BUS, DETOUR = 67, 200, 1.35


@dataclass
class Draft:
    """A month while it is being made up."""

    name: str
    year: int
    month: int
    rng: np.random.Generator
    depots: dict[str, int] = field(default_factory=dict)
    points: list[np.ndarray] = field(default_factory=list)
    sessions: list[dict] = field(default_factory=list)
    visits: list[dict] = field(default_factory=list)
    clusters: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return last_day(self.year, self.month)


def dong_month(name: str, scenario: str, year: int, month: int, seed: int) -> dict:
    """Elder pairs of one dong."""
    dong = district.BY_NAME[name]
    draft = _draft(f"E-{scenario}-{year}{month:02d}-{name}-{seed}", year, month, seed)
    _place_centers(draft, [dong])
    _elder_visits(draft, dong, scenario)
    pairs = 1 if scenario == "pilot" else dong.nurses
    _elder_sessions(draft, dong, pairs, shared=False)
    return _finished(draft)


def zone_month(zone: int, scenario: str, year: int, month: int, seed: int) -> dict:
    """Maternal nurses of a zone, who choose the dong of each half-day."""
    draft = _draft(f"M-{scenario}-{year}{month:02d}-zone{zone}-{seed}", year, month, seed)
    _place_centers(draft, district.ZONES[zone])
    for dong in district.ZONES[zone]:
        _maternal_visits(draft, dong, scenario, zone)
    _maternal_sessions(draft, zone, {dong.name: _away(draft) for dong in district.ZONES[zone]})
    return _finished(draft)


def joint_zone_month(zone: int, scenario: str, year: int, month: int, seed: int) -> dict:
    """Elder pairs and maternal nurses of a zone who share the dongs' social workers."""
    draft = _draft(f"J-{scenario}-{year}{month:02d}-zone{zone}-{seed}", year, month, seed)
    _place_centers(draft, district.ZONES[zone])
    away = {}
    for dong in district.ZONES[zone]:
        _elder_visits(draft, dong, scenario)
        _maternal_visits(draft, dong, scenario, zone)
        away[dong.name] = _elder_sessions(draft, dong, dong.nurses, shared=True)
    _maternal_sessions(draft, zone, away)
    return _finished(draft)


def tiny_month(seed: int) -> dict:
    """A month small enough to try every plan: four to six visits, four sessions, one dong."""
    draft = _draft(f"T-tiny-{seed}", 2015, 3, seed)
    dong = district.BY_NAME["월곡2동"]
    _place_centers(draft, [dong])
    _elder_visits(draft, dong, "rollout")
    draft.visits = draft.visits[:: max(1, len(draft.visits) // 6)][: 4 + seed % 3]
    _elder_sessions(draft, dong, 1, shared=bool(seed % 2))
    chosen = np.sort(draft.rng.choice(len(draft.sessions), size=4, replace=False))
    draft.sessions = [draft.sessions[index] for index in chosen]
    if seed % 4 == 3:
        for session in draft.sessions[:2]:
            session["resources"].append(["shared", 0])
    return _finished(draft)


def dense_month(visits: int, *, pairs: int = 2, seed: int = 1) -> dict:
    """So many equal visits of one dong that may go into any half-day, none promised.

    Hard on a solver that proves: nearly every outing can be driven, and plans of one price are countless.
    """
    draft = _draft(f"D-dense-{visits}-{pairs}-{seed}", 2015, 3, seed)
    dong = district.BY_NAME["월곡2동"]
    _place_centers(draft, [dong])
    for _ in range(visits):
        _visit(draft, dong, "E65", "E", 60, 1, draft.last, 2)
    for visit in draft.visits:
        visit |= {"needs": ["E"], "halves": None, "weekdays": None, "window": None, "pref": None}
    _elder_sessions(draft, dong, pairs, shared=False)
    return _finished(draft, booked=False)


def _draft(name: str, year: int, month: int, seed: int) -> Draft:
    return Draft(name, year, month, np.random.default_rng([seed, crc32(name.encode())]))


# places ---------------------------------------------------------------------------------------


def _place_centers(draft: Draft, dongs) -> None:
    """Centers on a jittered grid whose cells are as large as the dongs."""
    side = int(np.ceil(np.sqrt(len(dongs))))
    pitch = 1000 * np.mean([np.sqrt(dong.area) for dong in dongs])
    for position, dong in enumerate(dongs):
        cell = np.array([position % side, position // side]) * pitch
        draft.depots[dong.name] = len(draft.points)
        draft.points.append(cell + draft.rng.normal(0, pitch / 8, 2))
        reach = 500 * np.sqrt(0.7 * dong.area)
        count = draft.rng.integers(4, 9)
        draft.clusters[dong.name] = draft.rng.uniform(-reach, reach, (count, 2))


def _home(draft: Draft, dong: Dong) -> int:
    """Index of a new home: 60 % in clusters, the others anywhere in the settled part."""
    center = draft.points[draft.depots[dong.name]]
    if draft.rng.random() < 0.6:
        clusters = draft.clusters[dong.name]
        offset = clusters[draft.rng.integers(len(clusters))] + draft.rng.normal(0, 70, 2)
    else:
        reach = 500 * np.sqrt(0.7 * dong.area)
        offset = draft.rng.uniform(-reach, reach, 2)
    draft.points.append(center + offset)
    return len(draft.points) - 1


def _travel(points: list[np.ndarray]) -> list[list[int]]:
    """Whole minutes on foot or by bus, whichever is faster, with two minutes at the door."""
    places = np.array(points)
    metres = DETOUR * np.hypot(*np.moveaxis(places[:, None] - places[None], -1, 0))
    minutes = np.rint(2 + np.minimum(metres / WALK, 8 + metres / BUS)).astype(int)
    np.fill_diagonal(minutes, 0)
    return minutes.tolist()


# visits ---------------------------------------------------------------------------------------


def _elder_visits(draft: Draft, dong: Dong, scenario: str) -> None:
    flow = district.TURNING_65_A_MONTH * dong.share * CONSENT["elder"]
    if scenario == "stress":
        flow *= STRESS_ELDERS
    if scenario == "pilot":
        flow = district.PILOT_TARGETS.get(dong.name, 390) / district.PILOT_MONTHS
    crisis = CRISIS_PER_1000[scenario] * dong.population / 1000
    pairs = [f"{dong.name}-E{n}" for n in range(1 if scenario == "pilot" else dong.nurses)]
    last, rng = draft.last, draft.rng
    for _ in range(_count(rng, flow)):
        _visit(draft, dong, "E65", "E", 60, 1, last, 2)
    for _ in range(_count(rng, flow * OVERDUE)):
        _visit(draft, dong, "E65late", "E", 60, 1, -int(rng.integers(1, 30)), 2)
    for _ in range(_count(rng, flow * FOLLOW_UP)):
        middle = int(rng.integers(1, last + 1))
        _visit(draft, dong, "FU", "E", 45, max(1, middle - 10), middle + 10, 3, pairs)
    for _ in range(_count(rng, crisis)):
        day = int(rng.integers(1, last + 1))
        _visit(draft, dong, "CRISIS", "E", 60, day, day + 4, 1)
    for _ in range(_count(rng, district.MIND_CARER_FAMILIES * dong.share * JOINT_MIND)):
        _visit(draft, dong, "MIND", "E", 45, 1, last, 2, pairs)


def _maternal_visits(draft: Draft, dong: Dong, scenario: str, zone: int) -> None:
    """Mothers who agreed: all of them in the pilot dongs and under stress, those at high risk elsewhere."""
    for_all = scenario == "stress" or dong.name in district.PILOT_TARGETS
    cover = CONSENT["maternal"] * (1 if for_all else HIGH_RISK_MATERNAL)
    pairs = [f"Z{zone}-M{n}" for n in range(district.MATERNAL_NURSES[zone])]
    last, rng = draft.last, draft.rng
    for _ in range(_count(rng, district.PREGNANT_A_MONTH * dong.share * cover)):
        due = round((37 - rng.uniform(20, 37)) * 7)
        _visit(draft, dong, "PRE", "M", 75, 1, due, 2 if due <= last else 4)
    for _ in range(_count(rng, district.BIRTHS_A_MONTH * dong.share * cover)):
        day = int(rng.integers(-12, last + 1))
        _visit(draft, dong, "POST", "M", 90, max(1, day), day + 13, 1, pairs)
    for _ in range(_count(rng, district.INFANTS * dong.share * HIGH_RISK_INFANTS)):
        middle = int(rng.integers(1, last + 1))
        _visit(draft, dong, "INF", "M", 60, max(1, middle - 10), middle + 10, 3, pairs)


def _count(rng: np.random.Generator, mean: float) -> int:
    """The mean, rounded up or down at random."""
    return int(mean) + int(rng.random() < mean % 1)


def _visit(draft, dong, program, skill, duration, release, due, tier, pairs=()) -> None:
    rng = draft.rng
    draw = rng.random()
    halves = ["AM"] if draw < MORNING else ["PM"] if draw < MORNING + AFTERNOON else None
    window = None
    if rng.random() < CLOCK_WINDOW:
        half = halves[0] if halves else ("AM", "PM")[rng.integers(2)]
        halves = [half]
        begin, end, _ = HALVES[half]
        length = int(rng.choice([60, 90, 120, 150]))
        opens = begin + 30 * int(rng.integers(0, max(1, (end - begin - length) // 30 + 1)))
        window = [opens, min(opens + length, end)]
    weekdays = None
    if rng.random() < THREE_WEEKDAYS:
        weekdays = sorted(int(day) for day in rng.choice(5, size=3, replace=False))
    needs = [skill]
    if rng.random() < LANGUAGE:
        needs.append("lang")
    if rng.random() < FEMALE_VISITOR:
        needs.append("F")
    preferred = ("AM", "PM")[rng.integers(2)] if rng.random() < PREFERRED_HALF else None
    previous = None
    if pairs and rng.random() < PREVIOUS_PAIR:
        previous = pairs[int(rng.integers(len(pairs)))]
    draft.visits.append(
        {
            "id": len(draft.visits), "program": program, "dong": dong.name,
            "loc": _home(draft, dong), "duration": duration, "release": release, "due": due,
            "tier": tier, "prize": PRIZES[tier], "needs": needs, "booked": None,
            "halves": halves, "weekdays": weekdays, "window": window, "prev_pair": previous,
            "pref": preferred,
        }
    )  # fmt: skip


# sessions -------------------------------------------------------------------------------------


def _half_days(draft: Draft) -> list[tuple[date, str]]:
    """Half-days with outings: no Monday morning (meeting) and no Friday afternoon (records)."""
    return [
        (day, half)
        for day in working_days(draft.year, draft.month)
        for half in HALVES
        if (day.weekday(), half) not in {(0, "AM"), (4, "PM")}
    ]


def _away(draft: Draft) -> set[tuple[date, str]]:
    """A person's leave: a day and a half-day, for one in four a second day."""
    days = working_days(draft.year, draft.month)
    rng = draft.rng
    whole = rng.choice(len(days), size=1 + int(rng.random() < 0.25), replace=False)
    away = {(days[int(index)], half) for index in whole for half in HALVES}
    away.add((days[int(rng.integers(len(days)))], ("AM", "PM")[rng.integers(2)]))
    return away


def _elder_sessions(draft: Draft, dong: Dong, pairs: int, *, shared: bool) -> set[tuple[date, str]]:
    """Half-days of nurse and social worker; a backup stands in for an absent social worker.

    Returns when the first pair's social worker is away.
    """
    first: set[tuple[date, str]] = set()
    for number in range(pairs):
        nurse, social = _away(draft), _away(draft)
        first = first if number else social
        skills = ["E", "F", "lang"] if number == 0 else ["E", "F"]
        for day, half in _half_days(draft):
            if (day, half) in nurse:
                continue
            backup = (day, half) in social
            resources = [["slot", f"{dong.name}-{number}-{day.day}-{half}"]]
            if shared:
                person = f"{dong.name}-backup" if backup else f"{dong.name}-{number}"
                resources = [["n", f"{dong.name}-E{number}", day.day, half], ["sw", person, day.day, half]]
            pair = f"{dong.name}-E{number}{'b' if backup else ''}"
            _session(draft, pair, day, half, dong, skills, resources)
    return first


def _maternal_sessions(draft: Draft, zone: int, away: dict[str, set[tuple[date, str]]]) -> None:
    """One session per nurse, half-day and dong whose social worker is not `away` then."""
    for number in range(district.MATERNAL_NURSES[zone]):
        nurse = _away(draft)
        for day, half in _half_days(draft):
            for dong in district.ZONES[zone]:
                if (day, half) in nurse or (day, half) in away[dong.name]:
                    continue
                resources = [["n", f"Z{zone}-M{number}", day.day, half], ["sw", f"{dong.name}-0", day.day, half]]
                _session(draft, f"Z{zone}-M{number}", day, half, dong, ["F", "M", "lang"], resources)


def _session(draft, pair, day, half, dong, skills, resources) -> None:
    start, end, most = HALVES[half]
    draft.sessions.append(
        {
            "id": 0, "pair": pair, "day": day.day, "half": half, "start": start, "end": end,
            "max": most, "dong": dong.name, "skills": skills, "resources": resources,
        }
    )  # fmt: skip


# prices and appointments ----------------------------------------------------------------------


def _finished(draft: Draft, *, booked: bool = True) -> dict:
    draft.sessions.sort(key=lambda s: (s["day"], s["half"], s["pair"], s["dong"]))
    for index, session in enumerate(draft.sessions):
        session["id"] = index
    for index, visit in enumerate(draft.visits):
        visit["id"] = index
    content = {
        "name": draft.name, "year": draft.year, "month": draft.month, "outing_cost": OUTING_COST,
        "travel": _travel(draft.points), "depots": draft.depots, "sessions": draft.sessions,
        "visits": draft.visits, "previous_plan": None,
    }  # fmt: skip
    price_tables(content)
    if booked:
        _book(content, draft.rng)
    return content


def price_tables(content: dict) -> None:
    """Fill `cost` and `start_window` from the wishes of the visits and the sessions."""
    content["cost"], content["start_window"] = [], []
    for visit in content["visits"]:
        windows = [start_window(content, visit, session) for session in content["sessions"]]
        content["start_window"].append(windows)
        content["cost"].append(
            [
                None if window is None else assignment_cost(visit, session)
                for window, session in zip(windows, content["sessions"], strict=True)
            ]
        )


def start_window(content: dict, visit: dict, session: dict) -> list[int] | None:
    """Earliest and latest start of the service, or None where the visit cannot be made."""
    weekday = date(content["year"], content["month"], session["day"]).weekday()
    if (
        visit["dong"] != session["dong"]
        or session["day"] < visit["release"]
        or not set(visit["needs"]) <= set(session["skills"])
        or (visit["halves"] and session["half"] not in visit["halves"])
        or (visit["weekdays"] and weekday not in visit["weekdays"])
    ):
        return None
    way = content["travel"][content["depots"][session["dong"]]][visit["loc"]]
    earliest, latest = session["start"] + way, session["end"] - visit["duration"] - way
    if visit["window"]:
        earliest, latest = max(earliest, visit["window"][0]), min(latest, visit["window"][1])
    return [earliest, latest] if earliest <= latest else None


def assignment_cost(visit: dict, session: dict) -> int:
    """Lateness, another pair than last time, the wrong half of the day, a backup social worker."""
    cost, day = 0, session["day"]
    if visit["due"] < 1:
        cost += OVERDUE_A_DAY * day
    elif day > visit["due"]:
        cost += LATE + LATE_A_DAY * (day - visit["due"])
    elif visit["tier"] == 1:
        cost += TIER_ONE_A_DAY * (day - visit["release"])
    if visit["prev_pair"] and visit["prev_pair"] != session["pair"].removesuffix("b"):
        cost += OTHER_PAIR
    if visit["pref"] and visit["pref"] != session["half"]:
        cost += WRONG_HALF
    if session["pair"].endswith("b"):
        cost += BACKUP
    return cost


def _book(content: dict, rng: np.random.Generator) -> None:
    """Promise a quarter hour to 35 % of the visits, such that all promises can be kept.

    A pair of one dong looks for a half-day until it finds one, and gives two promises at most. A nurse
    whom dongs share looks once: the promise is the first of its half-day and takes its first quarter hour,
    or it is not given, since every promise fixes the dong of a half-day.
    """
    from bench.scheduler.audit import drivable

    kept: dict[int, list[int]] = {}
    taken: dict[str, int] = {}
    for visit in content["visits"]:
        if rng.random() >= BOOKED:
            continue
        v = visit["id"]
        shared = visit["needs"][0] == "M"
        for s in _half_days_to_try(content, v, rng, shared=shared):
            window, session = content["start_window"][v][s], content["sessions"][s]
            names = [str(resource) for resource in session["resources"]]
            if window is None or any(taken.get(name, s) != s for name in names):
                continue
            quarters = range(-(-window[0] // 15) * 15, window[1] + 1, 15)
            if not quarters or len(kept.get(s, ())) >= (1 if shared else min(2, session["max"])):
                continue
            start = quarters[0 if shared else int(rng.integers(len(quarters)))]
            content["start_window"][v][s] = [start, start]
            if drivable(content, s, [*kept.get(s, ()), v]):
                kept.setdefault(s, []).append(v)
                taken.update(dict.fromkeys(names, s))
                _promise(content, v, s, start)
                break
            content["start_window"][v][s] = window


def _half_days_to_try(content: dict, v: int, rng: np.random.Generator, *, shared: bool) -> list[int]:
    order = rng.permutation(len(content["sessions"])).tolist()
    if not shared:
        return order[:40]
    return [s for s in order if content["start_window"][v][s] is not None][:1]


def _promise(content: dict, v: int, s: int, start: int) -> None:
    content["visits"][v] |= {"booked": [s, start], "prize": BOOKING_PRIZE}
    for other in range(len(content["sessions"])):
        if other != s:
            content["cost"][v][other] = content["start_window"][v][other] = None
