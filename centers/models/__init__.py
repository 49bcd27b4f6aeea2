"""Tables of places, people who sign in, their rights, figures and background work."""

from .access import AccessLog, AccessSeal
from .facilities import Facility
from .figures import Figure, FigureAcceptance, MonthlyStat, StatChange
from .jobs import Job
from .people import Posting, PostingChange, PostingRequest, User
from .places import Dong, DongCenter, Team, Tong, Zone, ZoneDong, ZoneScheme

__all__ = [
    "AccessLog",
    "AccessSeal",
    "Dong",
    "DongCenter",
    "Facility",
    "Figure",
    "FigureAcceptance",
    "Job",
    "MonthlyStat",
    "Posting",
    "PostingChange",
    "PostingRequest",
    "StatChange",
    "Team",
    "Tong",
    "User",
    "Zone",
    "ZoneDong",
    "ZoneScheme",
]
