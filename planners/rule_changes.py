"""Changing who is visited, without a programmer: a new version of a rule, another reach of a programme.

Nothing is overwritten: the old version and the old reach end on the day the new ones begin, always the
first of a month that is still to come, so that no list already made changes under anybody's hands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from centers.models import Dong
from common.hangul import particle
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners.models import Coverage, Programme, TargetRule

#: figures of a rule as people call them
FIGURES = {
    "age": "나이(세)",
    "ends_at_age": "이 나이가 되면 끝남(세)",
    "from_days": "출산 뒤 며칠째부터",
    "to_days": "출산 뒤 며칠째까지",
    "weeks": "임신 몇 주부터",
    "until_weeks": "임신 몇 주까지",
    "days": "며칠 안에",
    "count": "몇 번",
    "months": "몇 달 동안",
    "window_days": "며칠 전부터",
}
NOBODY = "nobody"


class NotAhead(Refusal):
    code = "NOT_AHEAD"


class NothingChanged(Refusal):
    code = "NOTHING_CHANGED"


class LaterChangeExists(Refusal):
    code = "LATER_CHANGE_EXISTS"


class BadFigure(Refusal):
    code = "BAD_FIGURE"


def current(key: str) -> TargetRule | None:
    """The newest version of a rule, also when it is still to begin."""
    return TargetRule.objects.filter(key=key).select_related("programme").order_by("-version").first()


def draft(rule: TargetRule, *, figures: dict[str, int], minutes: int, tier: int) -> TargetRule:
    """The next version, not saved: for a preview. Raises `BadFigure`."""
    for name, value in figures.items():
        if name not in rule.parameters or name not in FIGURES:
            raise BadFigure(f"‘{name}’{particle(name, '은/는')} 이 규칙의 수치가 아닙니다.")
        if not 0 < value < 1000:
            raise BadFigure(f"{FIGURES[name]}: 1부터 999 사이의 수를 적어 주세요.")
    parameters = rule.parameters | figures
    for low, high in (("from_days", "to_days"), ("weeks", "until_weeks"), ("age", "ends_at_age")):
        if low in parameters and high in parameters and parameters[low] >= parameters[high]:
            raise BadFigure(f"‘{FIGURES[high]}’은 ‘{FIGURES[low]}’보다 커야 합니다.")
    return TargetRule(
        programme=rule.programme,
        key=rule.key,
        version=rule.version + 1,
        kind=rule.kind,
        title=rule.title,
        parameters=parameters,
        tier=tier,
        minutes=minutes,
        source=rule.source,
    )


@transaction.atomic
def revise(
    rule: TargetRule, *, figures: dict[str, int], minutes: int, tier: int, source: str, since: Month, at: dt.datetime
) -> TargetRule:
    """A new version from the first of a coming month. Raises `NotAhead`, `NothingChanged`, `BadFigure`."""
    rule = TargetRule.objects.select_for_update(of=("self",)).select_related("programme").get(pk=rule.pk)
    _must_be_ahead(since, at)
    if rule.valid_to or rule.valid_from >= since.first:
        raise LaterChangeExists("이 규칙에는 아직 시작하지 않은 새 판이 있습니다. 그 판을 먼저 확인해 주세요.")
    new = draft(rule, figures=figures, minutes=minutes, tier=tier)
    if (new.parameters, new.minutes, new.tier) == (rule.parameters, rule.minutes, rule.tier):
        raise NothingChanged("바뀐 수치가 없습니다.")
    new.source, new.valid_from = source.strip() or rule.source, since.first
    new.save()
    TargetRule.objects.filter(pk=rule.pk).update(valid_to=since.first)
    return new


@transaction.atomic
def cover(programme: Programme, dongs: Iterable[Dong], reach: str, *, since: Month, at: dt.datetime) -> int:
    """Let a programme reach dongs (`universal`, `risk_only`, or `NOBODY`) from a coming month on.

    Returns how many dongs changed. Raises `NotAhead`, `LaterChangeExists`, `NothingChanged`.
    """
    _must_be_ahead(since, at)
    changed = 0
    for dong in dongs:
        rows = Coverage.objects.select_for_update().filter(programme=programme, dong=dong)
        if rows.filter(valid_from__gte=since.first).exists():
            raise LaterChangeExists(f"{dong.name}에는 {since.korean}이나 그 뒤에 시작하는 변경이 이미 있습니다.")
        standing = rows.filter(Q(valid_to=None) | Q(valid_to__gt=since.first)).order_by("-valid_from").first()
        if (standing.reach if standing else NOBODY) == reach:
            continue
        rows.filter(Q(valid_to=None) | Q(valid_to__gt=since.first)).update(valid_to=since.first)
        if reach != NOBODY:
            Coverage.objects.create(programme=programme, dong=dong, reach=reach, valid_from=since.first)
        changed += 1
    if not changed:
        raise NothingChanged("고른 동은 이미 그렇게 하고 있습니다.")
    return changed


def _must_be_ahead(since: Month, at: dt.datetime) -> None:
    if since <= Month.of(seoul_date(at)):
        raise NotAhead("이미 만든 명단은 바꾸지 않습니다. 다음 달이나 그 뒤의 달을 골라 주세요.")
