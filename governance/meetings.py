"""A meeting from invitation to minutes: moved, opened, attended with a quorum, closed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance import bodies
from governance.models import AgendaItem, Attendance, Meeting, Member, Reply

State = Meeting.State


class IllegalMove(Refusal):
    code = "ILLEGAL_MOVE"


class NotToday(Refusal):
    code = "NOT_TODAY"


class AnotherIsOpen(Refusal):
    code = "ANOTHER_IS_OPEN"


class MeetingNotOpen(Refusal):
    code = "MEETING_NOT_OPEN"


class NotAMember(Refusal):
    code = "NOT_A_MEMBER"


class OpenItems(Refusal):
    code = "OPEN_ITEMS"


@dataclass(frozen=True)
class Quorum:
    """Standing members in the room against what the body needs; only deciding ones vote."""

    seats: int
    present: int
    late: int
    absent: int
    needed: int
    voters: int

    @property
    def is_met(self) -> bool:
        return self.seats > 0 and self.present >= self.needed

    @property
    def short_by(self) -> int:
        return max(0, self.needed - self.present)


# ---------------------------------------------------------------- states


def locked(meeting: Meeting) -> Meeting:
    """The meeting's row, locked until the end of the transaction."""
    return Meeting.objects.select_for_update(of=["self"]).select_related("body").get(pk=meeting.pk)


def _move(meeting: Meeting, to: str) -> None:
    if to not in Meeting.MOVES[meeting.state]:
        raise IllegalMove(
            f"제{meeting.number}차 회의는 ‘{meeting.get_state_display()}’ 상태라서 ‘{State(to).label}’(으)로 바꿀 수 없습니다."
        )
    meeting.state = to


def touch(meeting: Meeting) -> None:
    """Raise the version: forms made before this change are stale."""
    meeting.version += 1
    meeting.save()


@transaction.atomic
def open_meeting(meeting: Meeting, *, by: User, at: dt.datetime) -> Meeting:
    """Open a meeting on its day. A second press does nothing. Raises `NotToday`, `AnotherIsOpen`, `IllegalMove`."""
    meeting = locked(meeting)
    if meeting.state == State.OPEN:
        return meeting
    if seoul_date(meeting.starts_at) != seoul_date(at) and meeting.state == State.PLANNED:
        raise NotToday(f"이 회의는 {meeting.when}에 엽니다. 다른 날에 열려면 먼저 날짜를 옮겨 주세요.")
    other = meeting.body.meetings.filter(state=State.OPEN).first()
    if other:
        raise AnotherIsOpen(f"제{other.number}차 회의가 아직 열려 있습니다. 그 회의를 먼저 마쳐 주세요.")
    _move(meeting, State.OPEN)
    meeting.opened_at = at
    touch(meeting)
    bodies.note(meeting.body, "opened", f"제{meeting.number}차 회의를 엶", by=by, at=at, meeting=meeting)
    return meeting


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: User, at: dt.datetime) -> Meeting:
    """Close an open meeting once every item has an outcome. Raises `OpenItems`, `IllegalMove`."""
    meeting = locked(meeting)
    if meeting.state == State.CLOSED:
        return meeting
    left = meeting.agenda.filter(state__in=AgendaItem.OPEN).count()
    if left:
        raise OpenItems(f"아직 다루지 않은 안건이 {left}건 있습니다. 결정하거나 다음 회의로 넘긴 뒤 마쳐 주세요.")
    _move(meeting, State.CLOSED)
    meeting.closed_at = at
    touch(meeting)
    bodies.note(meeting.body, "closed", f"제{meeting.number}차 회의를 마침", by=by, at=at, meeting=meeting)
    return meeting


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: User, at: dt.datetime) -> Meeting:
    """Say that a week goes without a meeting, and why. Its agenda must be empty. Raises `OpenItems`, `IllegalMove`."""
    meeting = locked(meeting)
    if meeting.state == State.CANCELLED:
        return meeting
    if not reason.strip():
        raise IllegalMove("회의를 열지 않는 까닭을 적어 주세요.")
    if meeting.agenda.filter(state__in=AgendaItem.OPEN).exists():
        raise OpenItems("안건이 남아 있습니다. 안건을 다음 회의로 넘긴 뒤 취소해 주세요.")
    _move(meeting, State.CANCELLED)
    meeting.cancel_reason = reason.strip()
    touch(meeting)
    bodies.note(meeting.body, "cancelled", f"{meeting.when} 열지 않음: {reason}", by=by, at=at, meeting=meeting)
    return meeting


@transaction.atomic
def reschedule(
    meeting: Meeting, *, starts_at: dt.datetime, place: str, by: User, at: dt.datetime, version: int | None = None
) -> Meeting:
    """Move a planned (or cancelled) meeting to another moment or room. Raises `IllegalMove`, `Stale`."""
    meeting = locked(meeting)
    if (meeting.starts_at, meeting.place, meeting.state) == (starts_at, place, State.PLANNED):
        return meeting
    check_version(meeting, version)
    if meeting.state == State.CANCELLED:
        _move(meeting, State.PLANNED)
    if meeting.state != State.PLANNED:
        raise IllegalMove("이미 연 회의의 날짜는 바꿀 수 없습니다.")
    if starts_at <= at:
        raise IllegalMove("지난 시각으로는 옮길 수 없습니다. 앞으로의 날짜를 골라 주세요.")
    before = meeting.when
    meeting.starts_at, meeting.place, meeting.cancel_reason = starts_at, place, ""
    touch(meeting)
    bodies.note(meeting.body, "moved", f"{before} → {meeting.when}", by=by, at=at, meeting=meeting)
    return meeting


def check_version(meeting: Meeting, version: int | None) -> None:
    if version is not None and version != meeting.version:
        raise Stale("그사이 다른 사람이 이 회의를 고쳤습니다. 바뀐 내용을 확인한 뒤 다시 해 주세요.")


# ---------------------------------------------------------------- who is there


def seated(meeting: Meeting, members: list[Member] | None = None) -> list[Member]:
    """Standing members on the day, then working members, then advisers asked to one of its items.

    `members` are those of the body on the day, for callers who have them.
    """
    if members is None:
        members = list(meeting.body.members.on(seoul_date(meeting.starts_at)).order_by("kind", "name", "pk"))
    asked = set(meeting.agenda.values_list("invitations__member_id", flat=True))
    order = {Member.Kind.STANDING: 0, Member.Kind.WORKING: 1, Member.Kind.ADVISORY: 2}
    rows = [m for m in members if m.kind != Member.Kind.ADVISORY or m.pk in asked]
    return sorted(rows, key=lambda m: (not m.is_chair, order[m.kind], not m.is_deciding, m.name, m.pk))


@transaction.atomic
def attend(meeting: Meeting, member: Member, *, state: str, by: User, at: dt.datetime) -> Attendance:
    """Note who is in the room, while the meeting is open. Raises `MeetingNotOpen`, `NotAMember`."""
    meeting = locked(meeting)
    require_open(meeting)
    if member.body_id != meeting.body_id or not member.sits_on(seoul_date(meeting.starts_at)):
        raise NotAMember("이 회의의 위원이 아닙니다. 위원 명단을 먼저 고쳐 주세요.")
    row, is_new = Attendance.objects.get_or_create(meeting=meeting, member=member, defaults={"state": state, "at": at})
    if is_new or row.state != state:
        row.state, row.at = state, at
        row.save(update_fields=["state", "at"])
        bodies.note(
            meeting.body, "attended", f"{member.name}: {row.get_state_display()}", by=by, at=at, meeting=meeting
        )
    return row


@transaction.atomic
def reply(meeting: Meeting, member: Member, *, is_coming: bool, by: User, at: dt.datetime) -> Reply:
    """A member's answer to the invitation, while the meeting is planned."""
    meeting = locked(meeting)
    if meeting.state != State.PLANNED:
        raise IllegalMove("이미 연 회의입니다. 출결은 회의 화면에서 적어 주세요.")
    if member.body_id != meeting.body_id:
        raise NotAMember("이 회의의 위원이 아닙니다.")
    return Reply.objects.update_or_create(
        meeting=meeting, member=member, defaults={"is_coming": is_coming, "by": by, "at": at}
    )[0]


def require_open(meeting: Meeting) -> None:
    if meeting.state != State.OPEN:
        raise MeetingNotOpen("회의가 열려 있지 않습니다. 회의를 연 뒤에 적을 수 있습니다.")


def quorum(meeting: Meeting, members: list[Member] | None = None, states: dict[int, str] | None = None) -> Quorum:
    """Who of the standing members is present. More than `quorum_percent` of them must be (과반수 at 50)."""
    if members is None:
        members = seated(meeting)
    if states is None:
        states = dict(meeting.attendance.values_list("member_id", "state"))
    standing = [m for m in members if m.kind == Member.Kind.STANDING]
    by_state = [states.get(m.pk, "") for m in standing]
    present = by_state.count(Attendance.State.PRESENT)
    voters = sum(m.is_deciding and states.get(m.pk) == Attendance.State.PRESENT for m in standing)
    needed = min(len(standing), len(standing) * meeting.body.quorum_percent // 100 + 1)
    late, absent = by_state.count(Attendance.State.LATE), by_state.count(Attendance.State.ABSENT)
    return Quorum(len(standing), present, late, absent, needed, voters)


def forecast(meeting: Meeting, members: list[Member] | None = None) -> Quorum:
    """The same count from the answers to the invitation: late holds those who have not answered."""
    members = seated(meeting) if members is None else members
    answers = dict(meeting.replies.values_list("member_id", "is_coming"))
    words = {True: Attendance.State.PRESENT, False: Attendance.State.ABSENT, None: Attendance.State.LATE}
    return quorum(meeting, members, {m.pk: words[answers.get(m.pk)] for m in members})


# ---------------------------------------------------------------- minutes


@transaction.atomic
def save_note(meeting: Meeting, *, text: str, version: int, by: User, at: dt.datetime) -> Meeting:
    """Keep the free text of the minutes; the version is that of the text the writer saw. Raises `Stale`."""
    meeting = locked(meeting)
    if meeting.minutes_note == text:
        return meeting
    if meeting.note_version != version:
        raise Stale("그사이 다른 사람이 회의 메모를 고쳤습니다. 두 글을 견주어 합쳐 주세요.")
    if meeting.state not in (State.OPEN, State.CLOSED):
        raise MeetingNotOpen("회의를 연 뒤에 메모를 적을 수 있습니다.")
    meeting.minutes_note, meeting.note_version, meeting.note_by = text, version + 1, by
    meeting.save(update_fields=["minutes_note", "note_version", "note_by"])
    bodies.note(meeting.body, "noted", "회의 메모를 고침", by=by, at=at, meeting=meeting)
    return meeting
