"""The settings of planning as people read them: what a number means, where it holds from, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from centers.models import Dong
from planners.models import PlanningSettings, Programme, TargetRule
from planners.months.planning_settings import HIGHEST, USUAL_CONSENT, Prices

DAY, MINUTES, CONSENT, PRICE, TIER = "day", "minutes", "consent", "price", "tier"
DONG, DISTRICT, USUAL = "dong", "district", "usual"
#: group, heading, what it decides
GROUPS = (
    (DAY, "하루", "한 조가 하루에 갈 수 있는 방문"),
    (MINUTES, "방문 시간", "새로 명단에 오르는 방문부터 이 시간으로 잡습니다"),
    (CONSENT, "동의율", "답을 기다리는 열 명 가운데 여덟 명이 동의하면 80입니다. 여력을 셀 때 씁니다"),
    ("must", "꼭 가야 하는 방문", "분으로 적습니다. 이만큼 더 걸어서라도 지킵니다. 차례로 작아져야 합니다"),
    ("when", "언제 갈지", "분으로 적습니다. 클수록 먼저 갑니다"),
    ("who", "누가, 어떻게 갈지", "분으로 적습니다. 길에서 쓰는 1분과 같은 무게로 견줍니다"),
)
FAIRNESS = {0: "재지 않음", 0.05: "조금", 0.1: "보통", 0.2: "고르게", 0.5: "더 고르게", 1: "가장 고르게"}
#: name, group, label, what the number means in practice
PRICES = (
    ("booking", "must", "약속한 방문", "주민과 한 약속을 지키려고 이만큼까지 돌아갑니다. 가장 커야 합니다."),
    (1, "must", "순위 1 급한 방문", "급한 방문 하나를 이 달에 넣으려고 이만큼까지 돌아갑니다."),
    (2, "must", "순위 2 기한이 있는 방문", "크면 기한이 있는 방문이 덜 빠집니다."),
    (3, "must", "순위 3 다시 찾아갈 방문", "크면 다시 찾아갈 방문이 덜 빠집니다."),
    (4, "must", "순위 4 다음 달도 되는 방문", "작으면 바쁜 달에 먼저 다음 달로 미룹니다."),
    ("late", "when", "기한을 넘기는 방문", "크면 더 걷더라도 기한 안에 갑니다."),
    ("late_day", "when", "기한을 넘긴 하루마다", "크면 기한을 넘겨도 며칠 안에 갑니다."),
    ("overdue_day", "when", "이미 늦은 방문을 미룬 하루마다", "크면 지난달에 못 간 방문을 달 초에 먼저 갑니다."),
    ("crisis_day", "when", "급한 방문을 미룬 하루마다", "크면 알림을 받은 날에 더 가깝게 갑니다."),
    ("turn_day", "when", "고르게 나눈 날에서 벗어난 하루마다", "크면 급하지 않은 방문을 한 달에 고르게 나눕니다."),
    ("later_day", "when", "뒤로 미룬 하루마다", "0보다 크면 급하지 않은 방문도 달 초에 몰아서 갑니다."),
    ("change", "who", "안내한 날을 바꿈", "크면 이미 알린 날과 조를 더 지킵니다."),
    ("other_pair", "who", "지난번과 다른 조가 감", "크면 같은 조가 이어서 갑니다."),
    ("other_half", "who", "약속했던 오전·오후가 바뀜", "못 지킨 약속을 다시 잡을 때 크면 같은 반일을 고릅니다."),
    ("outing", "who", "반일에 한 번 나감", "크면 한 번 나갈 때 여러 집을 묶고, 나가는 날이 줄어듭니다."),
    ("fairness", "who", "조마다 고르게", "조 평균보다 더 일하는 1분을 얼마로 볼지 고릅니다."),
)


@dataclass(frozen=True)
class Item:
    """One number that can be set. `low` to `high` are what may be typed; `usual` holds where nobody said otherwise.

    Consent rates are in percent here. `is_used` is False for a rule that has ended.
    """

    kind: str
    name: str | int
    group: str
    label: str
    meaning: str
    unit: str
    low: int
    high: int
    usual: int | float | None
    is_used: bool = True

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.name}"

    def of(self, row: PlanningSettings) -> int | float | None:
        """What a row says of this; None when it leaves it as it is."""
        if self.kind == DAY:
            return row.daily_maximum
        if self.kind == MINUTES:
            return row.minutes.get(self.name)
        if self.kind == CONSENT:
            return percent(row.consent_rates.get(self.name))
        if self.kind == TIER:
            return row.prices["tiers"][self.name - 1] if "tiers" in row.prices else None
        return row.prices.get(self.name)

    def words(self, value: int | float | None) -> str:
        """A value with its unit."""
        if value is None:
            return "정하지 않음"
        if self.name == "fairness":
            return f"{FAIRNESS.get(value, '')} ({value:g}분)".strip()
        return f"{value:,}{self.unit}"


def percent(rate: float | None) -> int | float | None:
    """0.8 -> 80; 0.125 -> 12.5."""
    if rate is None:
        return None
    found = round(rate * 100, 1)
    return int(found) if found == int(found) else found


def items(on: dt.date) -> list[Item]:
    """Everything that can be set, in the order of the page; two queries."""
    found = [
        Item(DAY, "maximum", DAY, "한 조의 하루 최대 방문", "정하지 않으면 시간이 닿는 만큼 갑니다.", "건", 1, 5, None)
    ]
    for rule in _rules(on):
        is_used = rule.valid_from <= on and (rule.valid_to is None or on < rule.valid_to)
        meaning = rule.programme.name
        found.append(Item(MINUTES, rule.key, MINUTES, rule.title, meaning, "분", 15, 180, rule.minutes, is_used))
    for programme in Programme.objects.order_by("order", "pk"):
        usual = percent(USUAL_CONSENT.get(programme.key, 1))
        found.append(Item(CONSENT, programme.key, CONSENT, programme.name, "", "%", 0, 100, usual))
    return [*found, *prices()]


def prices() -> list[Item]:
    """The prices alone, in the order of the page."""
    return [_price(*row) for row in PRICES]


def _rules(on: dt.date) -> Iterable[TargetRule]:
    """One version of each rule: the one of the day, else the last before it, else the first to come."""
    rows = TargetRule.objects.select_related("programme").order_by("programme__order", "key", "version")
    chosen: dict[str, TargetRule] = {}
    for rule in rows:
        if rule.key not in chosen or rule.valid_from <= on:
            chosen[rule.key] = rule
    return chosen.values()


def _price(name: str | int, group: str, label: str, meaning: str) -> Item:
    is_tier = isinstance(name, int)
    usual = Prices.tiers[name - 1] if is_tier else getattr(Prices, name)
    return Item(TIER if is_tier else PRICE, name, group, label, meaning, "분", 0, HIGHEST, usual)


# ------------------------------------------------------------------ a day


@dataclass(frozen=True)
class Held:
    """A value on a day, and where it comes from: dong, district, or as the product is delivered."""

    value: int | float | None
    origin: str
    since: dt.date | None = None


@dataclass(frozen=True)
class Line:
    """What holds of one item today, and the next day on which that changes."""

    item: Item
    now: Held
    next: Held | None = None

    @property
    def words(self) -> str:
        return self.item.words(self.now.value)

    @property
    def next_words(self) -> str:
        return self.item.words(self.next.value) if self.next else ""


def rows_of(dong: Dong | None) -> list[PlanningSettings]:
    """Every dated row that a dong is or was planned by, its own and the district's, newest first."""
    rows = PlanningSettings.objects.filter(Q(dong=None) | Q(dong=dong)).select_related("dong", "by")
    return list(rows.order_by("-valid_from", "dong", "-pk"))


def held(item: Item, rows: Iterable[PlanningSettings], day: dt.date) -> Held:
    """The dong's own value on a day, else the district's, else the usual one."""
    standing = [row for row in rows if holds(row, day)]
    for row in sorted(standing, key=lambda row: row.dong_id is None):
        value = item.of(row)
        if value is not None:
            return Held(value, DONG if row.dong_id else DISTRICT, row.valid_from)
    return Held(item.usual, USUAL)


def lines(wanted: Iterable[Item], rows: list[PlanningSettings], on: dt.date) -> list[Line]:
    """What holds on a day of each item in use, with its next change."""
    edges = sorted({day for row in rows for day in (row.valid_from, row.valid_to) if day and day > on})
    found = []
    for item in wanted:
        now = held(item, rows, on)
        later = ((day, held(item, rows, day)) for day in edges)
        change = next((Held(h.value, h.origin, day) for day, h in later if h.value != now.value), None)
        if item.is_used:
            found.append(Line(item, now, change))
    return found


def holds(row: PlanningSettings, day: dt.date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


# ------------------------------------------------------------------ versions


@dataclass(frozen=True)
class Version:
    """One dated row in its place: what it changed against the one before it at the same level."""

    row: PlanningSettings
    changes: list[tuple[str, str, str]]
    is_coming: bool
    is_now: bool


def versions(wanted: Iterable[Item], rows: list[PlanningSettings], on: dt.date) -> list[Version]:
    """Newest first; `changes` are (label, before, after) of what differs, in words."""
    wanted, found = list(wanted), []
    for row in rows:
        is_coming = row.valid_from > on and not row.is_dropped
        found.append(Version(row, _changes(wanted, _before(row, rows), row), is_coming, holds(row, on)))
    return found


def _before(row: PlanningSettings, rows: list[PlanningSettings]) -> PlanningSettings | None:
    """The row of the same place that held until this one began, or was to begin."""
    eve = row.valid_from - dt.timedelta(days=1)
    return next((r for r in rows if r.dong_id == row.dong_id and r.pk != row.pk and holds(r, eve)), None)


def _changes(wanted: list[Item], before: PlanningSettings | None, row: PlanningSettings) -> list[tuple[str, str, str]]:
    unsaid = "구 값대로" if row.dong_id else "보통 값대로"
    changes = []
    for item in wanted:
        was, now = item.of(before) if before else None, item.of(row)
        if was != now:
            words = [unsaid if value is None else item.words(value) for value in (was, now)]
            changes.append((item.label, *words))
    return changes
