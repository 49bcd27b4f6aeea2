"""Tables of bodies with their members and meetings, of groups, activists, tongjang and volunteers."""

from .bodies import Body, BodyEvent, Member
from .groups import Activist, Organisation
from .meetings import AgendaItem, Attendance, Decision, Invitation, Meeting, Reply, Task
from .tongjangs import TongjangTerm
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
    "TongjangTerm",
    "Volunteer",
    "VolunteerEvent",
]
