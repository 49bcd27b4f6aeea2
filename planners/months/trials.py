"""Two settings side by side: the same month solved at other prices, weighed, and one of them kept as a draft.

A trial is a schedule that nobody works by: it has no number until it is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction

from common.months import Month
from common.refusals import Refusal
from planners.models import Schedule
from planners.months import month_problem, planning_settings, schedule_board, scheduling
from planners.months.month_problem import Unit
from planners.months.planning_settings import Prices

TIERS = {1: "급한 방문", 2: "기한이 있는 방문", 3: "다시 찾아갈 방문", 4: "다음 달도 되는 방문"}


class UnknownPreset(Refusal):
    code = "UNKNOWN_PRESET"


class NotATrial(Refusal):
    code = "NOT_A_TRIAL"


@dataclass(frozen=True)
class Preset:
    """A set of prices by name: what it puts first, and which prices differ from those in force."""

    key: str
    name: str
    words: str
    changes: dict = field(default_factory=dict)


PRESETS = {
    row.key: row
    for row in (
        Preset("now", "지금 설정", "이 동에서 지금 쓰는 값 그대로입니다."),
        Preset("same_pair", "같은 조가 이어서", "지난번에 간 조를 더 지킵니다.", {"other_pair": 160}),
        Preset("few_outings", "나가는 횟수 줄이기", "한 번 나갈 때 더 묶습니다.", {"outing": 60, "other_pair": 10}),
        Preset("even", "조마다 고르게", "조 사이의 일을 더 고르게 나눕니다.", {"fairness": 0.5}),
        Preset("uneven", "고름은 보지 않기", "조 사이의 고름을 재지 않습니다.", {"fairness": 0}),
        Preset("word", "안내한 날 지키기", "이미 안내한 날을 더 지킵니다.", {"change": 480}),
        Preset("due", "기한 먼저", "기한을 넘기는 일을 더 피합니다.", {"late": 1200, "late_day": 60}),
    )
}


OWN = "own"  # what is chosen on the page; the key of a trial names its values too


def own(changes: Mapping) -> Preset:
    """A set of prices somebody typed. The same values have the same key. Raises `BadSetting`."""
    Prices.of(changes)
    written = json.dumps(dict(sorted(changes.items())), ensure_ascii=False)
    key = f"{OWN}-{hashlib.sha256(written.encode()).hexdigest()[:12]}"
    return Preset(key, "직접 정한 값", "적은 값으로 계산합니다.", dict(changes))


def preset_of(key: str, changes: Mapping | None = None) -> Preset:
    """A preset by its key; one of one's own also needs its values. Raises `UnknownPreset`."""
    if changes is not None and key.startswith(f"{OWN}-"):
        return own(changes)
    if key not in PRESETS:
        raise UnknownPreset("그런 설정이 없습니다. 목록에서 골라 주세요.")
    return PRESETS[key]


def base_prices(unit: Unit, month: Month) -> Prices:
    """The prices in force for the unit."""
    return planning_settings.in_force(unit.dong, month.first).prices


def prices_of(unit: Unit, month: Month, preset: Preset) -> Prices:
    """The prices in force for the unit with what the preset changes."""
    return replace(base_prices(unit, month), **preset.changes)


def differing(unit: Unit, month: Month, preset: Preset) -> list[tuple[str, object, object]]:
    """(name, value in force, value of the preset) of the prices that differ."""
    base = base_prices(unit, month)
    names = planning_settings.PRICE_NAMES
    return [
        (names[name], getattr(base, name), value)
        for name, value in preset.changes.items()
        if getattr(base, name) != value
    ]


def newest(unit: Unit, month: Month, key: str) -> Schedule | None:
    """The trial of a preset for a unit's month, if it was solved."""
    rows = Schedule.objects.filter(dong=unit.dong, zone=unit.zone, state=Schedule.State.TRIAL).for_month(month)
    return rows.filter(settings__preset=key).order_by("-pk").first()


def is_outdated(trial: Schedule, *, today: dt.date) -> bool:
    """Whether visits, consents, calendars, promises, prices or the day have changed since the trial was solved."""
    unit, month = Unit(trial.dong, trial.zone), trial.month_value
    preset = preset_of(trial.settings["preset"], trial.settings.get("changes"))
    prices = prices_of(unit, month, preset)
    base = scheduling.newest(unit, month)
    return month_problem.build(unit, month, today=today, prices=prices, base=base).input_hash != trial.input_hash


def forget_older(trial: Schedule) -> None:
    """One trial for each preset of a month is enough."""
    rows = Schedule.objects.filter(dong=trial.dong, zone=trial.zone, month=trial.month, state=Schedule.State.TRIAL)
    rows.filter(settings__preset=trial.settings["preset"]).exclude(pk=trial.pk).delete()


@transaction.atomic
def keep(trial: Schedule, *, version_seen: int | None = None) -> Schedule:
    """Make a trial the next draft; pressed twice it is one. Raises `NotATrial`, `Stale`."""
    row = Schedule.objects.select_for_update(of=("self",)).select_related("dong", "zone").get(pk=trial.pk)
    if row.state == Schedule.State.DRAFT and "preset" in row.settings:
        return row
    if row.state != Schedule.State.TRIAL:
        raise NotATrial("이미 초안이 아니게 된 안입니다. 두 설정을 다시 계산해 주세요.")
    scheduling.locked(row, version_seen=version_seen)
    row.number = scheduling.next_number(Unit(row.dong, row.zone), row.month_value)
    row.state, row.version = Schedule.State.DRAFT, row.version + 1
    row.settings["reason"] = row.settings["preset_name"]
    row.save(update_fields=["number", "state", "version", "settings"])
    return row


# ------------------------------------------------------------------ weighing


@dataclass(frozen=True)
class Figures:
    """What a trial comes to. `planned` and `left_out` by tier; minutes and counts over the rest of the month."""

    planned: dict[int, int]
    left_out: dict[int, int]
    late: int
    outings: int
    travel_minutes: int
    moved: int
    loads: list[schedule_board.Load]
    made_at: dt.datetime

    @property
    def spread(self) -> int:
        """Minutes between the busiest and the idlest pair."""
        minutes = [load.minutes for load in self.loads if load.halves]
        return max(minutes) - min(minutes) if minutes else 0


def figures(trial: Schedule) -> Figures:
    places = list(trial.placements.values_list("visit__tier", "on", "visit__due_on"))
    return Figures(
        planned=dict(Counter(tier for tier, _, _ in places)),
        left_out=dict(Counter(trial.unplanned.values_list("visit__tier", flat=True))),
        late=sum(1 for _, on, due in places if on > due),
        outings=trial.outings,
        travel_minutes=trial.travel_minutes,
        moved=trial.differences.get("moved", 0),
        loads=schedule_board.loads(trial),
        made_at=trial.made_at,
    )


@dataclass(frozen=True)
class Line:
    """One figure of both trials; `better` is a, b or empty when they are equal. `unit` is how it is read."""

    name: str
    a: int
    b: int
    unit: str = "건"
    less_is_better: bool = True

    @property
    def better(self) -> str:
        if self.a == self.b:
            return ""
        return "a" if (self.a < self.b) == self.less_is_better else "b"


def lines(a: Figures, b: Figures) -> list[Line]:
    """The figures side by side, weightiest first."""
    rows = []
    for tier, name in TIERS.items():
        if any(tier in found for f in (a, b) for found in (f.planned, f.left_out)):
            rows.append(Line(f"들어간 {name}", a.planned.get(tier, 0), b.planned.get(tier, 0), less_is_better=False))
    rows.append(Line("못 넣은 방문", sum(a.left_out.values()), sum(b.left_out.values())))
    rows.append(Line("기한을 넘긴 방문", a.late, b.late))
    rows.append(Line("나가는 반일", a.outings, b.outings, "번"))
    rows.append(Line("이동", a.travel_minutes, b.travel_minutes, "분"))
    rows.append(Line("앞 판에서 옮긴 방문", a.moved, b.moved))
    rows.append(Line("가장 바쁜 조와 한가한 조의 차이", a.spread, b.spread, "분"))
    other = {load.pair: load for load in b.loads}
    for load in a.loads:
        mine, theirs = load.minutes, other[load.pair].minutes if load.pair in other else 0
        rows.append(Line(f"{load.pair}의 일", mine, theirs, "분"))
    return rows
