"""Tables of agencies, referrals and integrated cases."""

from .agencies import Agency
from .cases import (
    Case,
    CaseAgendaItem,
    CaseEvent,
    CaseFollowUp,
    CaseLead,
    CaseNumber,
    PackPledge,
    PlanItem,
)
from .referrals import Referral, ReferralEvent

__all__ = [
    "Agency",
    "Case",
    "CaseAgendaItem",
    "CaseEvent",
    "CaseFollowUp",
    "CaseLead",
    "CaseNumber",
    "PackPledge",
    "PlanItem",
    "Referral",
    "ReferralEvent",
]
