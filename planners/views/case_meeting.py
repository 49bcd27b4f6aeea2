"""일일 사례회의: judge each visit of the day in a minute, and close the day."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from centers.models import Dong
from common.months import seoul_date
from common.refusals import Refusal
from planners import case_meeting as meetings
from planners import screening
from planners.day_list import who_is
from planners.lists.record_sheet import sheet_of
from planners.models import Alarm, Visit
from planners.views.replies import acted, client_key
from planners.views.today import chosen_day
from planners.visit_records import readable_parts
from planners.visit_sections import SOCIAL


@require_GET
@permitted("case_meeting", "R", log="case_meeting.open")
def case_meeting(request):
    """The day's visits with one of them open: facts, classes, needs, the suggestion and two choices."""
    now = timezone.now()
    on = min(chosen_day(request.GET.get("on", ""), seoul_date(now)), seoul_date(now))
    dongs = _dongs(request)
    dong = next((d for d in dongs if d.slug == request.GET.get("dong")), dongs[0] if dongs else None)
    if dong is None:
        return render(request, "planners/case_meeting.html", {"day": None, "on": on})
    day = meetings.day_of(meetings.meeting_visits(request.scope), dong, on)
    rows = {str(v.uid): v for v in [*day.waiting, *day.unlinked, *day.managed, *day.normal]}
    open_visit = rows.get(request.GET.get("visit", "")) or (day.waiting[0] if day.waiting else None)
    alarms = Alarm.objects.visible_to(request.scope).open().filter(dong=dong).select_related("person", "receiver")
    shown = [*rows.values(), *day.unfinished]
    request.access.add([visit.person_id for visit in shown] + [alarm.person_id for alarm in alarms])
    names = meetings.service_names()
    return render(
        request,
        "planners/case_meeting.html",
        {
            "day": day,
            "dong": dong,
            "dongs": dongs,
            "on": on,
            "today": seoul_date(now),
            "before": on - dt.timedelta(days=1),
            "after": on + dt.timedelta(days=1),
            "counts": day.counts() | {"waiting_text": f"{len(day.waiting)}건 남음"},
            "waiting": [_line(visit, names) for visit in day.waiting],
            "judged": [_line(visit, names) for visit in [*day.managed, *day.normal]],
            "unfinished": [(visit, meetings.unsigned_by(visit)) for visit in day.unfinished],
            "unlinked": [_waiting_link(visit, on) for visit in day.unlinked if visit not in day.managed],
            "alarms": alarms,
            "card": _card(request, open_visit, names, now) if open_visit else None,
            "may_judge": request.scope.allows("case_meeting", "W"),
        },
    )


@require_POST
@permitted("case_meeting", "W", log="case_meeting.classify")
def classify(request, uid):
    """Judge one visit; the page goes on to the next."""
    found = get_object_or_404(meetings.meeting_visits(request.scope), uid=uid)
    request.access.add(found.person_id)
    group, reason = request.POST.get("group", ""), request.POST.get("reason", "")
    here = f"{reverse('case_meeting')}?on={_day(request)}&dong={found.dong.slug}"
    try:
        judged = meetings.classify(
            found, group, reason=reason, by=request.user, at=timezone.now(), client_key=client_key(request)
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(f"{here}&visit={uid}")
    if judged.group == Visit.Group.MANAGED and judged.linked_at is None:
        return redirect(f"{here}&visit={uid}")
    messages.success(request, f"{judged.person.masked_name} 님을 {judged.get_group_display()}으로 분류했습니다.")
    return redirect(here)


@require_POST
@permitted("case_meeting", "W", log="case_meeting.close")
def close(request):
    """End the day's meeting."""
    dong = next((d for d in _dongs(request) if d.slug == request.POST.get("dong")), None)
    if dong is None:
        raise Http404
    on = dt.date.fromisoformat(_day(request))
    return acted(
        request,
        lambda: meetings.close_day(
            dong, on, by=request.user, at=timezone.now(), carry_over=request.POST.get("carry_over", "")
        ),
        to=f"{reverse('case_meeting')}?on={on}&dong={dong.slug}",
        said="오늘 회의를 마쳤습니다.",
    )


# ------------------------------------------------------------------ private


def _dongs(request) -> list[Dong]:
    """Dongs whose meeting the viewer sits in; for zone nurses those of their own visits."""
    ids = request.scope.dong_ids("case_meeting")
    if request.scope.owns("case_meeting"):
        ids |= set(meetings.meeting_visits(request.scope).values_list("dong_id", flat=True).distinct())
    return list(Dong.objects.filter(pk__in=ids))


def _day(request) -> str:
    return chosen_day(request.POST.get("on", ""), seoul_date(timezone.now())).isoformat()


def _line(visit: Visit, names: dict) -> dict:
    suggestion = None if visit.group else meetings.suggest(visit, names=names)
    return {"visit": visit, "who": who_is(visit, visit.on or visit.release_on), "suggestion": suggestion}


def _waiting_link(visit: Visit, on: dt.date) -> Visit:
    visit.waiting_text = f"{(on - visit.classified_on).days}일째"
    return visit


def _card(request, visit: Visit, names: dict, now: dt.datetime) -> dict:
    sheet = sheet_of(visit, request.scope, at=now)
    rows = {row.label: row for step in sheet.steps for section in step.sections for row in section.rows}
    needs = [sheet.field(part, key) for part, key in _NEEDS]
    return {
        "visit": visit,
        "person": visit.person,
        "who": who_is(visit, visit.on or visit.release_on),
        "facts": [row for row in rows.values() if row.words],
        "needs": [one for one in needs if one and one.words],
        "services": _services(sheet),
        "classes": screening.classes(visit),
        "judgements": meetings.judgements(visit),
        "suggestion": meetings.suggest(visit, names=names),
        "may_read_social": SOCIAL in readable_parts(visit, request.scope),
        "links_url": _url("referral_for_visit", visit.uid),
        "refer_url": _url("referral_new", visit.uid),
        "key": uuid.uuid4(),
    }


_NEEDS = [
    ("social", "welfare_main"),
    ("social", "welfare_needs"),
    ("social", "welfare_causes"),
    ("social", "welfare_words"),
    ("social", "wishes"),
    ("social", "crisis"),
]


def _services(sheet) -> dict[str, list[str]]:
    """Names of services by what was said: wanted first."""
    found: dict[str, list[str]] = {"wants": [], "using": [], "explained": []}
    for step in sheet.steps:
        for section in step.sections:
            if section.kind == "services" and not section.is_hidden:
                for one in section.fields:
                    if one.value in found:
                        found[one.value].append(one.question.text)
    return found


def _url(name: str, uid) -> str:
    """Address of a page of the floor above, which may not be installed."""
    try:
        return reverse(name, args=[uid])
    except NoReverseMatch:
        return ""
