"""Indicators of outreach: targets, consent, visits, how they ended and how they were judged (plan III.7 ①)."""

from django.db.models import F, Q

from centers.indicators import Indicator, Line, Rate, Span, register
from planners.models import Consent, Programme, Target, Visit

OWNER = "복지정책과"
MET = Q(state__in=[Visit.State.DONE, Visit.State.CLOSED], outcome=Visit.Outcome.DONE)


def programme_names() -> dict[str, str]:
    return dict(Programme.objects.values_list("key", "short_name"))


def _target_line(target: Target) -> Line:
    return Line(
        target.person, f"{target.programme.short_name} · {target.get_state_display()}", "target_detail", target.uid
    )


def _visit_line(visit: Visit) -> Line:
    words = [visit.programme.short_name, visit.get_outcome_display(), visit.get_group_display()]
    return Line(visit.person, " · ".join(word for word in words if word), "visit", visit.uid)


def _consent_line(consent: Consent) -> Line:
    return Line(consent.person, f"{consent.get_answer_display()} · {consent.get_channel_display()}")


TARGET = {
    "unit": "명",
    "owner": OWNER,
    "resource": "target",
    "dong": "listed_dong",  # where it was listed: who moves away later changes no past month
    "part": "programme__key",
    "parts": programme_names,
    "related": ("person", "dong", "programme"),
    "line": _target_line,
}
VISIT = TARGET | {"dong": "dong", "unit": "건", "resource": "visit_schedule", "line": _visit_line}
CONSENT = {"unit": "명", "owner": OWNER, "resource": "consent", "line": _consent_line}


def _due(span: Span):
    return Target.objects.filter(due_on__range=span.days)


def _met(span: Span):
    return Visit.objects.filter(MET, span.moments("finished_at"))


def _answers(span: Span, answer: str):
    return Consent.objects.filter(kind=Consent.Kind.VISIT, answer=answer, answered_on__range=span.days)


def _judged(span: Span, group: str):
    return Visit.objects.filter(group=group, classified_on__range=span.days)


register(
    Indicator(
        key="targets",
        title="방문 대상",
        meaning="그 달에 규칙이 명단에 올린 주민입니다. 방문을 거절하거나 이사해도 대상에서 빼지 않습니다.",
        rows=lambda span: Target.objects.filter(month__range=span.days),
        day="month",
        **TARGET,
    ),
    Indicator(
        key="consent_given",
        title="방문 동의",
        meaning="그 달에 방문에 동의한 답입니다. 동은 답할 때 살던 곳입니다.",
        rows=lambda span: _answers(span, Consent.Answer.GIVEN),
        day="answered_on",
        **CONSENT,
    ),
    Indicator(
        key="consent_refused",
        title="방문 거절",
        meaning="그 달에 방문을 거절한 답입니다. 동은 답할 때 살던 곳입니다.",
        rows=lambda span: _answers(span, Consent.Answer.REFUSED),
        day="answered_on",
        **CONSENT,
    ),
    Indicator(
        key="visits",
        title="방문",
        meaning="만나서 기록까지 마친 방문입니다. 기록을 마친 날의 달로 셉니다. 대상마다 한 번이므로 진도율의 분자입니다.",
        rows=_met,
        day="finished_at",
        **VISIT,
    ),
    Indicator(
        key="first_visits",
        title="첫 방문",
        meaning="만나서 기록까지 마친 방문 가운데 지속방문이 아닌 방문입니다.",
        rows=lambda span: _met(span).filter(is_first=True),
        day="finished_at",
        **VISIT,
    ),
    Indicator(
        key="people_visited",
        title="만난 주민",
        meaning="그 달에 한 번이라도 만난 주민을 한 번만 셉니다. 그래서 달·동·사업을 더하지 않습니다.",
        rows=_met,
        day="finished_at",
        distinct="person_id",
        **(VISIT | {"unit": "명"}),
    ),
    Indicator(
        key="visits_failed",
        title="못 만난 방문",
        meaning="찾아갔지만 만나지 못하고 끝난 방문입니다. 까닭별로 나누고, 결과를 적은 날의 달로 셉니다.",
        rows=lambda span: Visit.objects.filter(span.moments("finished_at"), state=Visit.State.FAILED).exclude(
            outcome=""
        ),
        day="finished_at",
        **(VISIT | {"part": "outcome", "parts": lambda: dict(Visit.Outcome.choices)}),
    ),
    Indicator(
        key="normal",
        title="정상군",
        meaning="사례회의에서 정상군으로 분류한 방문입니다. 분류한 날의 달로 셉니다.",
        rows=lambda span: _judged(span, Visit.Group.NORMAL),
        day="classified_on",
        **VISIT,
    ),
    Indicator(
        key="managed",
        title="관리대상군",
        meaning="사례회의에서 관리대상군으로 분류한 방문입니다. 분류한 날의 달로 셉니다.",
        rows=lambda span: _judged(span, Visit.Group.MANAGED),
        day="classified_on",
        **VISIT,
    ),
    Indicator(
        key="due",
        title="기한이 온 대상",
        meaning="방문 기한이 그 달에 있는 대상입니다.",
        rows=_due,
        day="due_on",
        **TARGET,
    ),
    Indicator(
        key="due_met",
        title="기한 안에 마침",
        meaning="방문 기한이 그 달에 있고, 기한 날까지 방문이나 다른 결과로 마친 대상입니다.",
        rows=lambda span: _due(span).filter(ended_on__lte=F("due_on")),
        day="due_on",
        **TARGET,
    ),
    Indicator(
        key="due_missed",
        title="기한 안에 못 마침",
        meaning="방문 기한이 그 달에 있고, 기한 뒤에 마쳤거나 아직 남은 대상입니다. 이번 달은 기한이 남은 대상도 들어갑니다.",
        rows=lambda span: _due(span).exclude(ended_on__lte=F("due_on")),
        day="due_on",
        **TARGET,
    ),
    Rate(
        key="progress",
        title="진도율",
        part="visits",
        whole="targets",
        meaning="방문을 방문 대상으로 나눕니다. 소수 첫째 자리 아래는 버립니다(계획 III.7 ①: 22.57%는 22.5%).",
        owner=OWNER,
    ),
    Rate(
        key="due_rate",
        title="기한 준수율",
        part="due_met",
        whole="due",
        meaning="기한 안에 마친 대상을 기한이 온 대상으로 나눕니다. 소수 첫째 자리 아래는 버립니다.",
        owner=OWNER,
    ),
)
