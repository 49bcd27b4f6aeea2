"""Tables of agencies, referrals and integrated cases."""

from .agencies import Agency
from .cases import Case, CaseAgendaItem, CaseEvent, CaseNumber, PlanItem
from .referrals import Referral, ReferralEvent

__all__ = ["Agency", "Case", "CaseAgendaItem", "CaseEvent", "CaseNumber", "PlanItem", "Referral", "ReferralEvent"]
