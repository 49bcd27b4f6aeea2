"""Tables of bodies with their members and meetings, of the groups and activists of a dong, and of volunteers."""

from .bodies import Body, BodyEvent, Member
from .groups import Activist, Organisation
from .meetings import AgendaItem, Attendance, Decision, Invitation, Meeting, Reply, Task
from .volunteers import Volunteer, VolunteerEvent

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
    "Volunteer",
    "VolunteerEvent",
]
