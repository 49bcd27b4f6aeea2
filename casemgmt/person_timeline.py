"""What this floor adds to the story of a person: referrals and cases, and how many one may not see."""

from __future__ import annotations

from casemgmt import needs
from casemgmt.models import Case, CaseEvent, Referral
from common.months import seoul_date
from planners import timeline
from planners.timeline import Look, Moment, Told

#: lines of a case that belong into the story of its person; the rest stands in the case
TOLD = ("reassigned", "reassigned_urgently", "handed_over", "reopened", "settled", "register")


@timeline.register("referral", "의뢰", order=7)
def referrals_of(look: Look) -> Told:
    everything = Referral.objects.filter(person__in=look.records)
    seen = everything.visible_to(look.scope)
    moments = []
    for row in seen.select_related("agency", "sent_by").order_by("-sent_at", "-pk")[: look.limit]:
        link = {"url_name": "referral_detail", "url_uid": row.uid}
        sent = f"{row.receiver}에 의뢰 · {needs.word(row.need)}"
        moments.append(Moment(row.sent_at, seoul_date(row.sent_at), sent, row.sent_by.name, **link))
        if row.ended_at:
            ended = f"{row.receiver} 의뢰 {row.get_state_display()}"
            moments.append(Moment(row.ended_at, seoul_date(row.ended_at), ended, **link))
    return moments, everything.count() - seen.count()


@timeline.register("case", "사례", order=8)
def cases_of(look: Look) -> Told:
    everything = Case.objects.filter(person__in=look.records)
    seen = everything.visible_to(look.scope)
    moments = []
    for case in seen.order_by("-opened_on", "-pk")[: look.limit]:
        link = {"url_name": "case", "url_uid": case.uid}
        moments.append(Moment(None, case.opened_on, f"사례 {case.number} 시작 · {case.get_type_display()}", **link))
        if case.closed_on:
            moments.append(Moment(None, case.closed_on, f"사례 {case.number} 마침", **link))
    rows = CaseEvent.objects.filter(case__in=seen, act__in=TOLD)
    for event in rows.select_related("case", "by").order_by("-at", "-pk")[: look.limit]:
        text = f"사례 {event.case.number} · {event.text}"
        who = event.by.name if event.by else ""
        moments.append(Moment(event.at, seoul_date(event.at), text, who, url_name="case", url_uid=event.case.uid))
    return moments, everything.count() - seen.count()
