"""Tables of bodies, their members and their meetings."""

from .bodies import Body, Member
from .meetings import AgendaItem, Attendance, Decision, Meeting

__all__ = ["AgendaItem", "Attendance", "Body", "Decision", "Meeting", "Member"]
