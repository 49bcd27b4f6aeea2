"""What months are planned by: prices in minutes, visit minutes, consent rates, visits of a day.

Dated rows say what differs from the usual, for a dong or for the whole district; a change begins on the
first of a coming month, so that no draft already made is judged by other prices. Units of a zone are
planned by the district's row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.db.models import F, Q

from centers.models import Dong, User
from common.months import Month, seoul_date
from common.refusals import Refusal, Stale
from planners.models import PlanningSettings, Programme, TargetRule


class BadSetting(Refusal):
    code = "BAD_SETTING"


class SettingsNotAhead(Refusal):
    code = "NOT_AHEAD"


class SettingsUnchanged(Refusal):
    code = "NOTHING_CHANGED"


@dataclass(frozen=True)
class Prices:
    """What the plan weighs, in minutes. Bigger ones are never traded for many small ones of the next kind."""

    booking: int = 60_000
    tiers: tuple[int, ...] = (20_000, 8_000, 3_000, 600)
    late: int = 400
    late_day: int = 20
    overdue_day: int = 8
    crisis_day: int = 3
    turn_day: int = 1  # it also keeps equal days from looking alike to the search
    later_day: int = 0
    change: int = 120
    other_pair: int = 40
    other_half: int = 15
    outing: int = 20
    fairness: float = 0.1

    def prize(self, tier: int) -> int:
        return self.tiers[min(max(tier, 1), len(self.tiers)) - 1]

    @classmethod
    def of(cls, given: Mapping) -> Prices:
        """Prices with what is given in place of the usual. Raises `BadSetting` with what to correct."""
        unknown = set(given) - set(PRICE_NAMES)
        if unknown:
            raise BadSetting(f"‘{min(unknown)}’은(는) 일정이 재는 값이 아닙니다.")
        for name, value in given.items():
            _check_price(name, value)
        known = {name: tuple(value) if name == "tiers" else value for name, value in given.items()}
        prices = cls(**known)
        if not prices.booking > prices.tiers[0] or list(prices.tiers) != sorted(set(prices.tiers), reverse=True):
            raise BadSetting("약속과 순위 1부터 4까지의 값은 차례로 작아져야 합니다. 예: 60000, 20000, 8000, 3000, 600")
        return prices


#: prices as people call them, in the order of a form
PRICE_NAMES = {
    "booking": "약속을 못 지킴",
    "tiers": "못 간 방문(순위 1·2·3·4)",
    "late": "기한을 넘김",
    "late_day": "기한 넘긴 하루",
    "overdue_day": "이미 늦은 방문의 하루",
    "crisis_day": "급한 방문의 하루",
    "turn_day": "고르게 나눈 날에서 벗어난 하루",
    "later_day": "뒤로 미룬 하루",
    "change": "안내한 날을 바꿈",
    "other_pair": "지난번과 다른 조",
    "other_half": "약속했던 반일이 아님",
    "outing": "한 번 나감",
    "fairness": "조 평균을 넘는 1분",
}
#: further ahead nobody knows what a month will need
MONTHS_AHEAD = 24
#: prizes above a million cost the solver its accuracy
HIGHEST = 1_000_000
USUAL_CONSENT = {"elderly": 0.8, "child": 0.7}


@dataclass(frozen=True)
class Settings:
    """What holds on a day: prices, minutes by rule key, consent rates by programme key, visits of a pair a day."""

    prices: Prices = field(default_factory=Prices)
    minutes: Mapping[str, int] = field(default_factory=dict)
    consent_rates: Mapping[str, float] = field(default_factory=lambda: dict(USUAL_CONSENT))
    daily_maximum: int | None = None

    def minutes_for(self, rule: TargetRule) -> int:
        """Minutes of a visit that the rule asks for."""
        return self.minutes.get(rule.key, rule.minutes)

    def expected(self, waiting: Mapping[str, int]) -> int:
        """How many of those who have not answered will agree, rounded; `waiting` by programme key."""
        total = sum(Decimal(str(self.consent_rates.get(key, 1))) * count for key, count in waiting.items())
        return int(Decimal(total).quantize(Decimal(1), ROUND_HALF_UP))

    def as_json(self) -> dict:
        prices = asdict(self.prices) | {"tiers": list(self.prices.tiers)}
        return {"prices": prices, "daily_maximum": self.daily_maximum}


def in_force(dong: Dong | None, on: dt.date) -> Settings:
    """The settings of a dong on a day; without a dong those of the district, as for zones."""
    return by_dong([dong], on)[dong.pk if dong else None]


def by_dong(dongs: Iterable[Dong | None], on: dt.date) -> dict[int | None, Settings]:
    """The settings of many dongs on a day, by primary key, in one query."""
    ids = [dong.pk if dong else None for dong in dongs]
    rows = PlanningSettings.objects.on(on).filter(Q(dong=None) | Q(dong__in=[pk for pk in ids if pk]))
    row_of = {row.dong_id: row for row in rows}
    return {pk: _merged(*(row_of[key] for key in dict.fromkeys((None, pk)) if key in row_of)) for pk in ids}


def _merged(*rows: PlanningSettings) -> Settings:
    """The usual, overlaid by rows in their order."""
    found, prices = Settings(), {}
    for row in rows:
        prices |= row.prices
        found = replace(
            found,
            minutes={**found.minutes, **row.minutes},
            consent_rates={**found.consent_rates, **row.consent_rates},
            daily_maximum=row.daily_maximum or found.daily_maximum,
        )
    return replace(found, prices=Prices.of(prices))


@transaction.atomic
def change(
    dong: Dong | None,
    *,
    since: Month,
    prices: Mapping | None = None,
    minutes: Mapping[str, int] | None = None,
    consent_rates: Mapping[str, float] | None = None,
    daily_maximum: int | None = None,
    reason: str,
    by: User | None,
    at: dt.datetime,
    seen: str | None = None,
) -> PlanningSettings:
    """New settings of a dong, or of the district, from the first of a coming month on.

    They replace what stood there before. Settings that were to begin then or later are not used any more but
    stay in the history. The same sent twice is one. `seen` is the `newest_mark` of when the values were read. Raises `SettingsNotAhead`,
    `SettingsUnchanged`, `BadSetting`, `Stale`.
    """
    _check_month(since, Month.of(seoul_date(at)))
    if not reason.strip():
        raise BadSetting("왜 바꾸는지 한 줄로 적어 주세요.")
    new = PlanningSettings(
        dong=dong,
        prices=_plain(prices or {}),
        minutes=dict(minutes or {}),
        consent_rates=dict(consent_rates or {}),
        daily_maximum=daily_maximum,
        reason=reason.strip()[:200],
        valid_from=since.first,
        by=by,
        at=at,
    )
    _check(new)
    with connection.cursor() as cursor:  # the first settings of a dong have no row to lock
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", ["planning_settings"])
    rows = PlanningSettings.objects.filter(dong=dong).standing().order_by("valid_from", "pk")
    standing = rows.on(since.first).first()
    if standing and _is_same_act(standing, new):
        return standing
    if seen is not None and seen != newest_mark(dong):
        raise Stale("그사이 다른 사람이 설정을 바꿨습니다. 지금 값을 확인하고 다시 저장해 주세요.")
    if _values(standing or PlanningSettings()) == _values(new):
        raise SettingsUnchanged("바뀐 값이 없습니다.")
    _check_with_other_level(new)
    rows.filter(valid_from__gte=since.first).update(valid_to=F("valid_from"))
    rows.filter(Q(valid_to=None) | Q(valid_to__gt=since.first)).update(valid_to=since.first)
    new.save()
    return new


def newest_mark(dong: Dong | None) -> str:
    """What tells one state of a place's settings from the next; every change makes another."""
    newest = PlanningSettings.objects.filter(dong=dong).order_by("-pk").first()
    return str(newest.uid) if newest else ""


def _is_same_act(standing: PlanningSettings, new: PlanningSettings) -> bool:
    """Whether the same person asks again for what begins that very day: a form sent twice."""
    mine, theirs = ((_values(row), row.valid_from, row.by_id, row.reason) for row in (new, standing))
    return mine == theirs


def _check_month(since: Month, now: Month) -> None:
    if since <= now:
        raise SettingsNotAhead("이미 만든 일정의 값은 바꾸지 않습니다. 다음 달이나 그 뒤의 달을 골라 주세요.")
    if since > now.plus(MONTHS_AHEAD):
        raise BadSetting(f"{now.plus(MONTHS_AHEAD).korean}까지의 달을 골라 주세요.")


def _check_with_other_level(new: PlanningSettings) -> None:
    """Prices of the dong lie over those of the district; together they must still be in order."""
    ahead = PlanningSettings.objects.standing().filter(Q(valid_to=None) | Q(valid_to__gt=new.valid_from))
    others = ahead.filter(dong=None) if new.dong else ahead.exclude(dong=None).select_related("dong")
    for other in others.order_by("valid_from", "pk"):
        try:
            _merged(*((other, new) if new.dong else (new, other)))
        except BadSetting as refusal:
            name = other.dong.name if other.dong else "구"
            raise BadSetting(f"{name} 설정과 함께 쓰면 맞지 않습니다. {refusal.message}") from refusal


def _values(row: PlanningSettings) -> tuple:
    return row.prices, row.minutes, row.consent_rates, row.daily_maximum


def _plain(prices: Mapping) -> dict:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in prices.items()}


def _check(row: PlanningSettings) -> None:
    _merged(row)
    rules = set(TargetRule.objects.filter(key__in=row.minutes).values_list("key", flat=True))
    for key, value in row.minutes.items():
        if key not in rules:
            raise BadSetting(f"‘{key}’ 규칙이 없습니다.")
        if not _is_whole(value) or not 15 <= value <= 180:
            raise BadSetting("방문 시간은 15분에서 180분 사이로 적어 주세요.")
    programmes = set(Programme.objects.filter(key__in=row.consent_rates).values_list("key", flat=True))
    for key, value in row.consent_rates.items():
        if key not in programmes:
            raise BadSetting(f"‘{key}’ 사업이 없습니다.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise BadSetting("동의율은 0에서 1 사이로 적어 주세요. 예: 0.8")
    if row.daily_maximum is not None and not 1 <= row.daily_maximum <= 5:
        raise BadSetting("한 조의 하루 최대 방문은 1건에서 5건 사이로 적어 주세요.")


def _check_price(name: str, value) -> None:
    label = PRICE_NAMES[name]
    if name == "tiers":
        if not isinstance(value, list | tuple) or len(value) != len(Prices.tiers):
            raise BadSetting(f"{label}: 값을 네 개 적어 주세요.")
        for part in value:
            _check_price("booking", part)
    elif name == "fairness":
        if value not in (0, 0.05, 0.1, 0.2, 0.5, 1):
            raise BadSetting(f"{label}: 0, 0.05, 0.1, 0.2, 0.5, 1 가운데 골라 주세요.")
    elif not _is_whole(value) or not 0 <= value <= HIGHEST:
        raise BadSetting(f"{label}: 0부터 {HIGHEST:,} 사이의 정수(분)로 적어 주세요.")


def _is_whole(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
