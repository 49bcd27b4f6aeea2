"""Tables of bodies, their members and their meetings."""

from .bodies import Body, BodyEvent, Member
from .meetings import AgendaItem, Attendance, Decision, Invitation, Meeting, Reply, Task

__all__ = [
    "AgendaItem",
    "Attendance",
    "Body",
    "BodyEvent",
    "Decision",
    "Invitation",
    "Meeting",
    "Member",
    "Reply",
    "Task",
]
