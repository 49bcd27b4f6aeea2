"""Why a visit stands where it stands, and why one was left out: in plain Korean, from checked facts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from common.hangul import mask_name
from common.months import SEOUL, WEEKDAYS
from planners.models import Placement, Visit
from planners.months.promises import Broken
from staffing.models.calendars import Half

NEAR_MINUTES = 10


@dataclass(frozen=True)
class Reason:
    """Why a visit was left out: a code, the sentence, what would place it."""

    code: str
    message: str
    remedy: str = ""
    detail: dict = field(default_factory=dict)


def short_day(day: dt.date) -> str:
    return f"{day.month}월 {day.day}일({WEEKDAYS[day.weekday()]})"


def half_day(day: dt.date, half: str) -> str:
    return f"{short_day(day)} {Half(half).label}"


def why_here(placement: Placement, visit: Visit, way: int, outing: list[Visit]) -> list[str]:
    """Sentences, the deciding one first."""
    said = []
    if visit.state == Visit.State.BOOKED and visit.starts_at == placement.starts_at:
        said.append("주민과 약속한 날과 시각이라 그대로 두었습니다.")
    elif placement.is_locked:
        said.append("고정한 방문이라 옮기지 않았습니다.")
    elif visit.state == Visit.State.ANNOUNCED and (visit.on, visit.half) == (placement.on, placement.half):
        said.append("이미 안내한 날이라 그대로 두었습니다.")
    said.append(_about_due(placement.on, visit))
    others = [other for other in outing if other.pk != visit.pk]
    if others and way <= NEAR_MINUTES and placement.order > 1:
        said.append(f"같은 반일에 앞집에서 {way}분 거리라 이어서 갑니다.")
    elif others:
        names = ", ".join(mask_name(other.person.name) for other in others)
        said.append(f"{names} 님과 같은 길이라 한 번에 나갑니다.")
    if wish := _about_wishes(visit):
        said.append(wish)
    return said


def promised_anew(promise: Broken) -> str:
    """Why somebody who had a promise stands at another place: a proposal until the phone call."""
    local = promise.starts_at.astimezone(SEOUL)
    return (
        f"{short_day(local.date())} {local:%H:%M} 약속을 지킬 수 없어 새로 찾은 자리입니다. {promise.why} "
        "전화로 다시 약속해 주세요."
    )


def _about_due(on: dt.date, visit: Visit) -> str:
    left = (visit.due_on - on).days
    if left < 0:
        return f"기한({short_day(visit.due_on)})이 지나 되도록 빨리 넣었습니다. {-left}일 늦습니다."
    if visit.tier == 1:
        waited = max(0, (on - visit.release_on).days)
        return f"급한 방문이라 알린 뒤 {waited}일 안에 넣었습니다. 기한은 {short_day(visit.due_on)}입니다."
    if left <= 3:
        return f"기한 {short_day(visit.due_on)}에 맞췄습니다."
    return f"기한 {short_day(visit.due_on)}까지 {left}일 남았습니다."


def _about_wishes(visit: Visit) -> str:
    parts = []
    if visit.halves:
        parts.append("·".join(Half(half).label for half in visit.halves))
    if visit.weekdays:
        parts.append("·".join(f"{WEEKDAYS[n]}요일" for n in visit.weekdays))
    if visit.window_from and visit.window_to:
        parts.append(f"{visit.window_from:%H:%M}~{visit.window_to:%H:%M} 시작")
    return f"바라는 때({', '.join(parts)})에 맞췄습니다." if parts else ""


def without_consent(visit: Visit, first: dt.date) -> Reason:
    """Nobody asked yet, or no answer yet, when a month is planned from `first` on."""
    when = f"{short_day(visit.due_on)} 전에" if visit.due_on > first else "기한이 지났습니다. 지금"
    return Reason(
        "NO_CONSENT",
        "방문 동의가 아직 없습니다.",
        f"{when} 전화나 복지통장 방문으로 동의를 받으면 들어갑니다.",
    )
