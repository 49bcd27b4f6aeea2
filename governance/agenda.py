"""The agenda of a meeting: items in order, the one at hand, and decisions that are only ever added."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance import bodies, calendars, meetings
from governance.models import AgendaItem, Decision, Invitation, Meeting, Member, Task

State = AgendaItem.State


class IllegalItemMove(Refusal):
    code = "ILLEGAL_ITEM_MOVE"


class AgendaClosed(Refusal):
    code = "AGENDA_CLOSED"


class NoQuorum(Refusal):
    code = "NO_QUORUM"


class NotCarried(Refusal):
    code = "NOT_CARRIED"


class NothingDecided(Refusal):
    code = "NOTHING_DECIDED"


class NotAnAdviser(Refusal):
    code = "NOT_AN_ADVISER"


@dataclass(frozen=True)
class NewTask:
    """What follows from a decision; one of member and user owns it."""

    what: str
    due_on: dt.date
    member: Member | None = None
    user: User | None = None


# ---------------------------------------------------------------- putting together


@transaction.atomic
def add_item(
    meeting: Meeting,
    *,
    title: str,
    by: User,
    at: dt.datetime,
    note: str = "",
    minutes: int = 10,
    first: bool = False,
    postponed_from: AgendaItem | None = None,
) -> AgendaItem:
    """Put an item at the end of an agenda (or before all others). Raises `AgendaClosed`."""
    meeting = meetings.locked(meeting)
    if meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise AgendaClosed("끝난 회의에는 안건을 올릴 수 없습니다. 다음 회의에 올려 주세요.")
    if not title.strip():
        raise AgendaClosed("안건의 제목을 적어 주세요.")
    last = meeting.agenda.aggregate(last=Max("order"))["last"] or 0
    item = AgendaItem.objects.create(
        meeting=meeting,
        order=last + 1,
        title=title.strip(),
        note=note.strip(),
        planned_minutes=minutes,
        postponed_from=postponed_from,
    )
    if first:
        _renumber([item, *meeting.agenda.exclude(pk=item.pk).order_by("order", "pk")])
        item.refresh_from_db(fields=["order"])
    meetings.touch(meeting)
    bodies.note(meeting.body, "item", f"안건 올림: {item.title}", by=by, at=at, meeting=meeting)
    return item


@transaction.atomic
def move_item(item: AgendaItem, *, steps: int, by: User, at: dt.datetime, version: int | None = None) -> None:
    """Move a waiting item up (negative) or down past its neighbours. Raises `Stale`, `IllegalItemMove`."""
    meeting, item = _locked(item)
    meetings.check_version(meeting, version)
    if item.state != State.WAITING or meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise IllegalItemMove("아직 다루지 않은 안건만 순서를 바꿀 수 있습니다.")
    rows = list(meeting.agenda.filter(state=State.WAITING).order_by("order", "pk"))
    here = next(n for n, row in enumerate(rows) if row.pk == item.pk)
    there = min(max(here + steps, 0), len(rows) - 1)
    if there == here:
        return
    places = [row.order for row in rows]
    rows.insert(there, rows.pop(here))
    for row, place in zip(rows, places, strict=True):
        AgendaItem.objects.filter(pk=row.pk).update(order=place)
    meetings.touch(meeting)
    bodies.note(meeting.body, "order", f"안건 순서 바꿈: {item.title}", by=by, at=at, meeting=meeting)


@transaction.atomic
def withdraw(item: AgendaItem, *, by: User, at: dt.datetime) -> AgendaItem:
    """Take a waiting item off the agenda; what it was about goes back to where it came from."""
    meeting, item = _locked(item)
    if item.state == State.WITHDRAWN:
        return item
    _move(item, State.WITHDRAWN)
    _saved(item, meeting)
    bodies.note(meeting.body, "withdrawn", f"안건 내림: {item.title}", by=by, at=at, meeting=meeting)
    return item


@transaction.atomic
def invite(item: AgendaItem, member: Member, *, by: User, at: dt.datetime) -> Invitation:
    """Ask one adviser to one item (plan IV.5-2 ⑤: 사례별로 직접 해당위원 참석요청). Raises `NotAnAdviser`."""
    meeting, item = _locked(item)
    if member.kind != Member.Kind.ADVISORY or member.body_id != meeting.body_id:
        raise NotAnAdviser("이 위원회의 자문위원만 사례별로 부를 수 있습니다.")
    if not member.sits_on(seoul_date(meeting.starts_at)):
        raise NotAnAdviser(f"{member.name} 님의 임기는 회의 날까지 이어지지 않습니다. 다른 분을 골라 주세요.")
    if item.state not in AgendaItem.OPEN:
        raise IllegalItemMove("이미 다룬 안건에는 부를 수 없습니다.")
    row, is_new = Invitation.objects.get_or_create(item=item, member=member, defaults={"by": by, "at": at})
    if is_new:
        bodies.note(meeting.body, "invited", f"{member.name}: {item.title}", by=by, at=at, meeting=meeting)
    return row


def _renumber(items: Sequence[AgendaItem]) -> None:
    for place, item in enumerate(items, start=1):
        if item.order != place:
            AgendaItem.objects.filter(pk=item.pk).update(order=place)


# ---------------------------------------------------------------- in the meeting


@transaction.atomic
def start_item(item: AgendaItem, *, by: User, at: dt.datetime) -> AgendaItem:
    """Make an item the one at hand; the one before it waits again and keeps its minutes."""
    meeting, item = _locked(item)
    meetings.require_open(meeting)
    if item.state == State.CURRENT:
        return item
    for other in meeting.agenda.filter(state=State.CURRENT):
        _move(other, State.WAITING)
        _stop_clock(other, at)
        other.started_at = None
        _saved(other, meeting, touch=False)
    _move(item, State.CURRENT)
    item.started_at, item.ended_at = at, None
    _saved(item, meeting)
    bodies.note(meeting.body, "started", f"{item.order}번 안건 시작: {item.title}", by=by, at=at, meeting=meeting)
    return item


@transaction.atomic
def decide(
    item: AgendaItem,
    *,
    text: str,
    in_favour: int,
    by: User,
    at: dt.datetime,
    detail: dict | None = None,
    tasks: Sequence[NewTask] = (),
    version: int | None = None,
    client_key: uuid.UUID | None = None,
) -> Decision:
    """Write down what the meeting decided on the item at hand, and start the next one.

    Needs the quorum and more than half of the deciding members in the room. `version` is that of the
    item the form was made from; the same `client_key` answers with the decision made before.
    Raises `MeetingNotOpen`, `NoQuorum`, `NotCarried`, `NothingDecided`, `IllegalItemMove`, `Stale`.
    """
    meeting, item = _locked(item)
    if client_key and (made := item.decisions.filter(client_key=client_key).first()):
        return made
    if version is not None and version != item.version:
        raise Stale("그사이 이 안건이 바뀌었습니다. 바뀐 내용을 확인한 뒤 다시 결정해 주세요.")
    meetings.require_open(meeting)
    if not text.strip():
        raise NothingDecided("무엇을 결정했는지 적어 주세요.")
    _move(item, State.DECIDED)
    counted = meetings.quorum(meeting)
    if not counted.is_met:
        raise NoQuorum(
            f"정족수가 모자라 결정할 수 없습니다. {counted.needed}명이 있어야 하는데 {counted.present}명이 출석했습니다."
        )
    if in_favour > counted.voters:
        raise NotCarried(f"결정하는 위원은 {counted.voters}명 출석했습니다. 찬성 수를 다시 적어 주세요.")
    if in_favour * 2 <= counted.voters:
        raise NotCarried("찬성이 출석한 결정 위원의 절반을 넘지 않습니다. 다음 회의로 넘기거나 더 의논해 주세요.")
    decision = Decision.objects.create(
        item=item,
        text=text.strip(),
        detail=detail or {},
        in_favour=in_favour,
        present=counted.voters,
        by=by,
        at=at,
        client_key=client_key,
    )
    Task.objects.bulk_create(
        Task(decision=decision, what=t.what, due_on=t.due_on, member=t.member, user=t.user) for t in tasks
    )
    _stop_clock(item, at)
    item.ended_at = at
    _saved(item, meeting)
    _start_next(meeting, at)
    bodies.note(meeting.body, "decided", f"{item.order}번 안건: {text}", by=by, at=at, meeting=meeting)
    return decision


@transaction.atomic
def amend(item: AgendaItem, *, text: str, in_favour: int, by: User, at: dt.datetime) -> Decision:
    """Correct a decision while the meeting is still open, by adding one that holds from now on."""
    meeting, item = _locked(item)
    meetings.require_open(meeting)
    last = item.decisions.last()
    if item.state != State.DECIDED or last is None:
        raise IllegalItemMove("아직 결정하지 않은 안건입니다.")
    voters = meetings.quorum(meeting).voters
    if not voters // 2 < in_favour <= voters:
        raise NotCarried("찬성이 출석한 결정 위원의 절반을 넘어야 결정을 고칠 수 있습니다.")
    decision = Decision.objects.create(
        item=item, text=text.strip(), detail=last.detail, in_favour=in_favour, present=voters, by=by, at=at
    )
    bodies.note(meeting.body, "amended", f"{item.order}번 안건 고침: {text}", by=by, at=at, meeting=meeting)
    return decision


@transaction.atomic
def postpone(item: AgendaItem, *, reason: str, by: User, at: dt.datetime, version: int | None = None) -> AgendaItem:
    """Carry an item to the next meeting; returns the new item there. A second press returns the same one.

    Raises `NoNextMeeting`, `IllegalItemMove`, `Stale`.
    """
    meeting, item = _locked(item)
    if item.state == State.POSTPONED:
        return item.carried_to
    if version is not None and version != item.version:
        raise Stale("그사이 이 안건이 바뀌었습니다. 바뀐 내용을 확인한 뒤 다시 해 주세요.")
    if not reason.strip():
        raise NothingDecided("다음으로 넘기는 까닭을 적어 주세요.")
    was_current = item.state == State.CURRENT
    _move(item, State.POSTPONED)
    following = calendars.next_or_laid(meeting.body, at=at, by=by, after=meeting)
    _stop_clock(item, at)
    item.ended_at = at if was_current else None
    _saved(item, meeting)
    moved = add_item(
        following,
        title=item.title,
        note=f"제{meeting.number}차에서 넘어옴: {reason.strip()}"[:200],
        minutes=item.planned_minutes,
        postponed_from=item,
        by=by,
        at=at,
    )
    if was_current:
        _start_next(meeting, at)
    bodies.note(meeting.body, "postponed", f"{item.title} → 제{following.number}차", by=by, at=at, meeting=meeting)
    return moved


@transaction.atomic
def finish_task(task: Task, *, by: User, at: dt.datetime) -> Task:
    """Say that a task is done; a second press keeps the first."""
    task = Task.objects.select_for_update(of=["self"]).get(pk=task.pk)
    if task.done_at is None:
        task.done_at, task.done_by = at, by
        task.save(update_fields=["done_at", "done_by"])
    return task


def seconds_spent(item: AgendaItem, *, at: dt.datetime) -> int:
    """How long an item has been talked about so far."""
    running = item.state == State.CURRENT and item.started_at
    return item.spent_seconds + (max(0, int((at - item.started_at).total_seconds())) if running else 0)


# ---------------------------------------------------------------- states


def _locked(item: AgendaItem) -> tuple[Meeting, AgendaItem]:
    """The meeting first, then the item: everybody locks in this order."""
    meeting = meetings.locked(item.meeting)
    return meeting, AgendaItem.objects.select_for_update(of=["self"]).get(pk=item.pk)


def _move(item: AgendaItem, to: str) -> None:
    if to not in AgendaItem.MOVES[item.state]:
        raise IllegalItemMove(
            f"이 안건은 ‘{item.get_state_display()}’ 상태라서 ‘{State(to).label}’(으)로 바꿀 수 없습니다."
        )
    item.state = to


def _saved(item: AgendaItem, meeting: Meeting, *, touch: bool = True) -> None:
    item.version += 1
    item.save()
    if touch:
        meetings.touch(meeting)


def _stop_clock(item: AgendaItem, at: dt.datetime) -> None:
    if item.started_at:
        item.spent_seconds += max(0, int((at - item.started_at).total_seconds()))


def _start_next(meeting: Meeting, at: dt.datetime) -> None:
    following = meeting.agenda.filter(state=State.WAITING).order_by("order", "pk").first()
    if following:
        _move(following, State.CURRENT)
        following.started_at = at
        _saved(following, meeting, touch=False)
