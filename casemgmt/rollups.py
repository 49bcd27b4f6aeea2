"""Indicators of referrals and integrated cases (plan IV.5-2)."""

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import ExtractDay, TruncDate

from casemgmt.models import Case, Referral
from casemgmt.needs import NEEDS, word
from centers.indicators import Indicator, Line, Rate, Span, register
from common.months import SEOUL

OWNER = "복지정책과"


def _referral_line(referral: Referral) -> Line:
    words = [referral.get_destination_display(), word(referral.need), referral.get_state_display()]
    return Line(referral.person, " · ".join(word for word in words if word), "referral_detail", referral.uid)


def _case_line(case: Case) -> Line:
    words = [case.number, case.get_type_display(), case.get_state_display()]
    if case.closed_on:
        words.append(f"{(case.closed_on - case.opened_on).days}일")
    return Line(case.person, " · ".join(words), "case", case.uid)


REFERRAL = {
    "unit": "건",
    "owner": OWNER,
    "resource": "referral",
    "part": "destination",
    "parts": lambda: dict(Referral.Destination.choices),
    "line": _referral_line,
}
CASE = {
    "unit": "건",
    "owner": OWNER,
    "resource": "case",
    "part": "type",
    "parts": lambda: dict(Case.Type.choices),
    "line": _case_line,
}


def _sent(span: Span):
    return Referral.objects.filter(span.moments("sent_at"))


def _answer_due(span: Span):
    """Referrals whose answer is due in the span, without those the sender took back."""
    return Referral.objects.filter(due_on__range=span.days).exclude(state=Referral.State.REVOKED)


def _answered_in_time(span: Span):
    """Answered by the hour where one was set, by the day otherwise."""
    by_day = Q(first_act_on__lte=F("due_on")) | Q(ended_on__lte=F("due_on"))
    by_hour = Q(first_act_at__lte=F("due_at")) | Q(ended_at__lte=F("due_at"))
    answered = _answer_due(span).annotate(
        first_act_on=TruncDate("first_act_at", tzinfo=SEOUL), ended_on=TruncDate("ended_at", tzinfo=SEOUL)
    )
    return answered.filter(Q(due_at=None) & by_day | Q(due_at__isnull=False) & by_hour)


def _needs() -> dict[str, str]:
    return dict(NEEDS)


register(
    Indicator(
        key="referrals",
        title="보낸 의뢰",
        meaning="그 달에 위원회, 기관, 센터의 서비스로 보낸 의뢰입니다.",
        rows=_sent,
        day="sent_at",
        **REFERRAL,
    ),
    Indicator(
        key="needs",
        title="의뢰에 적은 욕구",
        meaning="그 달에 보낸 의뢰를 주된 욕구로 나눕니다.",
        rows=lambda span: _sent(span).exclude(need=""),
        day="sent_at",
        **(REFERRAL | {"part": "need", "parts": _needs}),
    ),
    Indicator(
        key="answers_due",
        title="답할 의뢰",
        meaning="답할 기한이 그 달에 있는 의뢰입니다. 보낸 사람이 거둔 의뢰는 뺍니다.",
        rows=_answer_due,
        day="due_on",
        **REFERRAL,
    ),
    Indicator(
        key="answers_in_time",
        title="기한 안에 답한 의뢰",
        meaning="답할 기한이 그 달에 있고, 기한 날까지 받은 곳이 첫 조치를 했거나 끝난 의뢰입니다.",
        rows=_answered_in_time,
        day="due_on",
        **REFERRAL,
    ),
    Indicator(
        key="cases_opened",
        title="시작한 사례",
        meaning="그 달에 위원회가 시작하기로 정한 통합사례입니다.",
        rows=lambda span: Case.objects.filter(opened_on__range=span.days),
        day="opened_on",
        **CASE,
    ),
    Indicator(
        key="cases_closed",
        title="종결한 사례",
        meaning="그 달에 종결한 통합사례입니다.",
        rows=lambda span: Case.objects.filter(closed_on__range=span.days),
        day="closed_on",
        **CASE,
    ),
    Indicator(
        key="case_days",
        title="종결까지 걸린 날",
        meaning="그 달에 종결한 사례가 시작부터 종결까지 걸린 날을 더합니다. 종결한 사례 수로 나누면 평균입니다.",
        rows=lambda span: Case.objects.filter(closed_on__range=span.days),
        day="closed_on",
        amount=ExtractDay(ExpressionWrapper(F("closed_on") - F("opened_on"), output_field=DurationField())),
        **(CASE | {"unit": "일"}),
    ),
    Rate(
        key="answer_rate",
        title="기한 안 응답률",
        part="answers_in_time",
        whole="answers_due",
        meaning="기한 안에 답한 의뢰를 답할 의뢰로 나눕니다. 소수 첫째 자리 아래는 버립니다.",
        owner=OWNER,
    ),
)
