"""Dated weeks: which half-days a person works, and which half-days a dong keeps for itself.

Nothing is overwritten: what held before ends on the day the new one begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from centers.models import Dong, User
from common.refusals import Refusal
from staffing.models import OfficeWeek, WorkPattern
from staffing.models.calendars import WEEK_HALVES


class NoHalfLeft(Refusal):
    code = "NO_HALF_LEFT"


class UnknownHalf(Refusal):
    code = "UNKNOWN_HALF"


@transaction.atomic
def set_pattern(user: User, halves: Iterable[str], *, since: dt.date, note: str = "", by: User) -> WorkPattern | None:
    """Which half-days of the week somebody works from a day on; all ten need no row.

    Raises `UnknownHalf`, `NoHalfLeft`.
    """
    wanted = _known(halves)
    if not wanted:
        raise NoHalfLeft("일하는 반일을 하나는 골라 주세요. 아예 쉬는 기간은 휴가로 적어 주세요.")
    User.objects.select_for_update().get(pk=user.pk)
    rows = WorkPattern.objects.filter(user=user)
    end_before(rows, since)
    if wanted == WEEK_HALVES:
        return None
    return WorkPattern.objects.create(user=user, halves=wanted, note=note, valid_from=since, by=by)


@transaction.atomic
def set_office_week(dong: Dong | None, closed: dict[str, str], *, since: dt.date, by: User) -> OfficeWeek:
    """Which half-days a dong (or the district) keeps inside from a day on: ``{"0AM": "팀 회의"}``.

    Raises `UnknownHalf`, `NoHalfLeft`.
    """
    wanted = _known(closed)
    if wanted == WEEK_HALVES:
        raise NoHalfLeft("모든 반일을 닫으면 방문할 수 없습니다. 나가는 반일을 하나는 남겨 주세요.")
    if dong:
        Dong.objects.select_for_update().get(pk=dong.pk)
    end_before(OfficeWeek.objects.filter(dong=dong), since)
    reasons = {name: (closed[name].strip() or "센터 근무")[:20] for name in wanted}
    return OfficeWeek.objects.create(dong=dong, closed=reasons, valid_from=since, by=by)


def _known(halves: Iterable[str]) -> list[str]:
    given = set(halves)
    if not given <= set(WEEK_HALVES):
        raise UnknownHalf("월요일 오전부터 금요일 오후 사이에서 골라 주세요.")
    return [name for name in WEEK_HALVES if name in given]


def end_before(rows, since: dt.date) -> None:
    """Let dated rows end on a day; those that were still to begin then never hold, but stay to be read."""
    rows.filter(valid_from__gte=since).update(valid_to=F("valid_from"))
    rows.filter(valid_from__lt=since).exclude(valid_to__lte=since).update(valid_to=since)
