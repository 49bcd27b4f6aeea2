"""Tables of residents, imports, programmes, consent, visits, screening and month schedules."""

from .alarms import Alarm
from .case_meetings import CaseMeeting
from .catalogue import ConsentWording, Service
from .companions import Accompaniment, Companion
from .consent import Consent, ContactAttempt
from .imports import ColumnMapping, ImportBatch, ImportChange, ImportIssue
from .links import DuplicatePair, LinkedRow, PersonLink
from .planning_settings import PlanningSettings
from .programmes import Coverage, CrisisReport, FollowUp, Pregnancy, Programme, Target, TargetRule
from .register_news import ChangeNotice
from .replans import Replan, ReplanLine
from .residents import Benefit, Household, Membership, Person, RegisterEvent
from .schedules import Pair, Placement, Schedule, Unplanned
from .screening import ScreeningResult
from .visits import Receipt, Visit, VisitAnswer, VisitEvent, VisitSignature, VisitStaff
from .zone_changes import ZoneChange

__all__ = [
    "Accompaniment",
    "Alarm",
    "Benefit",
    "CaseMeeting",
    "ChangeNotice",
    "ColumnMapping",
    "Companion",
    "Consent",
    "ConsentWording",
    "ContactAttempt",
    "Coverage",
    "CrisisReport",
    "DuplicatePair",
    "FollowUp",
    "Household",
    "ImportBatch",
    "ImportChange",
    "ImportIssue",
    "LinkedRow",
    "Membership",
    "Pair",
    "Person",
    "PersonLink",
    "Placement",
    "PlanningSettings",
    "Pregnancy",
    "Programme",
    "Receipt",
    "RegisterEvent",
    "Replan",
    "ReplanLine",
    "Schedule",
    "ScreeningResult",
    "Service",
    "Target",
    "TargetRule",
    "Unplanned",
    "Visit",
    "VisitAnswer",
    "VisitEvent",
    "VisitSignature",
    "VisitStaff",
    "ZoneChange",
]
