"""Reaching somebody: attempts and what comes next. Three calls at different hours, then a card at the door, then an end.

The ladder (product: consent and outreach): every attempt has a result and a next step; nobody is called
again before the day that was agreed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from centers.models import User
from common.months import SEOUL, seoul_date
from common.refusals import Refusal
from planners import target_endings
from planners.models import Consent, ContactAttempt, Target
from staffing.calendars import working_days

Result, Channel = ContactAttempt.Result, Consent.Channel
CALLS = 3
CARD_DAYS = 7
CALL_LATER_DAYS = 183  # a slip in the year would take somebody off every list
#: parts of the day a call may fall in: (from hour, name)
HOURS = ((9, "오전"), (12, "점심때"), (14, "오후"), (17, "저녁"))


class NextDayMissing(Refusal):
    code = "NEXT_DAY_MISSING"


class TargetEnded(Refusal):
    code = "TARGET_ENDED"


class TooEarlyToClose(Refusal):
    code = "TOO_EARLY_TO_CLOSE"


@dataclass(frozen=True)
class Step:
    """What comes next for a target: `act` is call, card, wait or close; `on` the first day for it."""

    act: str
    on: dt.date
    advice: str


def part_of_day(moment: dt.datetime) -> str:
    hour = moment.astimezone(SEOUL).hour
    return next((name for start, name in reversed(HOURS) if hour >= start), "이른 아침")


def next_step(attempts: list[ContactAttempt], *, today: dt.date) -> Step:
    """The next rung of the ladder from all attempts so far, in any order."""
    rows = sorted(attempts, key=lambda row: row.at)
    if not rows:
        return Step("call", today, "처음 거는 전화입니다.")
    last = rows[-1]
    if last.result == Result.DOOR_CARD:
        until = seoul_date(last.at) + dt.timedelta(days=CARD_DAYS)
        if today < until:
            return Step("wait", until, f"문에 안내 카드를 두었습니다. {_short(until)}까지 연락을 기다립니다.")
        return Step("close", today, "안내 카드를 두고 이레가 지났습니다. 더 연락하지 않고 마칠 수 있습니다.")
    due = max(last.next_on or today, today)
    if last.result == Result.WRONG_NUMBER:
        return Step("card", due, "번호가 맞지 않습니다. 복지통장에게 번호를 묻거나 문에 안내 카드를 두세요.")
    if last.result in (Result.CALL_LATER, Result.REACHED):
        return Step(
            "call", due, f"{_short(last.next_on)}에 다시 걸기로 했습니다." if last.next_on else "통화한 적이 있습니다."
        )
    silent = [row for row in rows if row.result == Result.NO_ANSWER and row.channel == Channel.PHONE]
    if not silent:
        return Step("call", due, "전화로 다시 약속을 잡아 주세요.")
    tried = list(dict.fromkeys(part_of_day(row.at) for row in silent))
    if len(silent) >= CALLS and len(tried) > 1:
        return Step("card", due, f"{len(silent)}번 걸었지만 받지 않았습니다. 문에 안내 카드를 두세요.")
    other = [name for _, name in HOURS if name not in tried]
    return Step(
        "call",
        due,
        f"{'·'.join(tried)}에 {len(silent)}번 걸었습니다. {other[0] if other else '다른 때'}에 걸어 보세요.",
    )


@transaction.atomic
def record_attempt(
    target: Target,
    result: str,
    *,
    channel: str = Channel.PHONE,
    next_on: dt.date | None = None,
    note: str = "",
    by: User,
    at: dt.datetime,
) -> ContactAttempt:
    """Keep one try. Without an answer the next one is on the next working day; a call back needs its day.

    Raises `TargetEnded`, `NextDayMissing`.
    """
    row = Target.objects.select_for_update().get(pk=target.pk)
    if row.state != Target.State.OPEN:
        raise TargetEnded(f"이미 끝난 대상입니다({row.get_state_display()}). 더 연락하지 마세요.")
    today = seoul_date(at)
    if result == Result.CALL_LATER and (next_on is None or next_on < today):
        raise NextDayMissing("언제 다시 걸지 날짜를 정해 주세요. 오늘이나 그 뒤여야 합니다.")
    if result == Result.CALL_LATER and next_on > today + dt.timedelta(days=CALL_LATER_DAYS):
        raise NextDayMissing(
            "다시 걸 날이 반년 뒤보다 멉니다. 연도를 확인해 주세요. 더 뒤라면 거절로 적고 다시 안내할 때를 고릅니다."
        )
    if result == Result.NO_ANSWER and next_on is None:
        next_on = next_working_day(today)
    return ContactAttempt.objects.create(
        target=row, result=result, channel=channel, next_on=next_on, note=note, by=by, at=at
    )


@transaction.atomic
def close_unreachable(target: Target, *, by: User, at: dt.datetime) -> Target:
    """End a target after the whole ladder. Raises `TooEarlyToClose` with what is still to be tried."""
    today = seoul_date(at)
    step = next_step(list(target.attempts.all()), today=today)
    if step.act != "close":
        raise TooEarlyToClose(f"아직 마칠 수 없습니다. {step.advice}")
    reason = "전화와 안내 카드에 답이 없었습니다."
    return target_endings.end_target(target, Target.State.UNREACHABLE, reason=reason, by=by, on=today, at=at)


def next_working_day(today: dt.date) -> dt.date:
    days = working_days(today + dt.timedelta(days=1), today + dt.timedelta(days=14))
    return days[0] if days else today + dt.timedelta(days=1)


def _short(day: dt.date) -> str:
    return f"{day.month}월 {day.day}일"
