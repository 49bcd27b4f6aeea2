"""Tables of bodies with their members and meetings, and of the groups and activists of a dong."""

from .bodies import Body, BodyEvent, Member
from .groups import Activist, Organisation
from .meetings import AgendaItem, Attendance, Decision, Invitation, Meeting, Reply, Task

__all__ = [
    "Activist",
    "AgendaItem",
    "Attendance",
    "Body",
    "BodyEvent",
    "Decision",
    "Invitation",
    "Meeting",
    "Member",
    "Organisation",
    "Reply",
    "Task",
]
