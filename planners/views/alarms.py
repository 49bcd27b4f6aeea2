"""긴급: whom to call at once, and handing an alarm to a colleague who confirms it."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Posting
from common.months import seoul_date
from common.refusals import Refusal
from planners import visit_alarms
from planners.day_list import day_list
from planners.models import Alarm, Visit
from planners.views.replies import acted, done, refused, wants_json
from planners.views.visits import heading, visit_or_404

#: numbers that answer day and night (plan III.7 ③ names the hotline of the prevention center)
NUMBERS = (
    ("119", "119", "불·응급"),
    ("112", "112", "폭력·위험"),
    ("9169-119", "02-9169-119", "자살예방센터"),
    ("1577-0199", "1577-0199", "정신건강 위기상담"),
)


@require_GET
@permitted("visit_schedule", "R", log="visit.urgent")
def urgent(request):
    """Numbers to call, the day's visits to tell about, and alarms that are open."""
    now = timezone.now()
    on = seoul_date(now)
    visits = Visit.objects.visible_to(request.scope)
    day = day_list(visits, request.user, on)
    alarms = Alarm.objects.visible_to(request.scope).open().select_related("person", "visit", "receiver", "raised_by")
    request.access.add([stop.visit.person_id for stop in day.stops] + [alarm.person_id for alarm in alarms])
    page = {"day": day, "alarms": [_card(alarm) for alarm in alarms], "numbers": NUMBERS, "leads": _leads(request, on)}
    return render(request, "planners/visit_urgent.html", page)


@require_http_methods(["GET", "POST"])
@permitted("visit_schedule", "W", log="visit.alarm")
def raise_alarm(request, uid):
    """Name the kind and the colleague: two taps."""
    found = visit_or_404(request, uid)
    on = seoul_date(timezone.now())
    receivers = visit_alarms.receivers(found, by=request.user, on=on)
    page = heading(found) | {
        "kinds": Alarm.Kind.choices,
        "receivers": receivers,
        "numbers": NUMBERS,
        "kind": _likely(found),
        "key": uuid.uuid4(),
    }
    if request.method == "GET":
        return render(request, "planners/visit_alarm.html", page)
    kind, chosen = request.POST.get("kind", ""), request.POST.get("receiver", "")
    receiver = next((user for user in receivers if str(user.uid) == chosen), None)
    kind = kind if kind in Alarm.Kind.values else Alarm.Kind.EMERGENCY
    try:
        alarm = visit_alarms.raise_alarm(found, kind, receiver=receiver, by=request.user, at=timezone.now())
    except Refusal as refusal:
        if wants_json(request):
            return refused(refusal)
        return render(request, "planners/visit_alarm.html", page | {"error": refusal.message, "kind": kind}, status=422)
    return done(request, to=reverse("visit_alarm_open", args=[alarm.uid]), said=f"{receiver.name} 님에게 알렸습니다.")


@require_http_methods(["GET", "POST"])
@permitted("visit_schedule", "R", log="visit.alarm_open")
def alarm(request, uid):
    """One alarm: what was done at the place, who has it, how it ended."""
    found = _alarm_or_404(request, uid)
    if request.method == "POST":
        return acted(
            request,
            lambda: visit_alarms.tick(found, request.POST.getlist("steps"), by=request.user, at=timezone.now()),
            to=reverse("visit_alarm_open", args=[uid]),
            said="한 일을 적었습니다.",
        )
    return render(request, "planners/visit_alarm_open.html", {"card": _card(found), "alarm": found})


@require_POST
@permitted("visit_schedule", "R", log="visit.alarm_accept")
def accept(request, uid):
    found = _alarm_or_404(request, uid)
    return acted(
        request,
        lambda: visit_alarms.accept(found, by=request.user, at=timezone.now()),
        to=reverse("visit_alarm_open", args=[uid]),
        said="넘겨받았습니다.",
    )


@require_POST
@permitted("visit_schedule", "R", log="visit.alarm_close")
def close(request, uid):
    found, note = _alarm_or_404(request, uid), request.POST.get("note", "")
    return acted(
        request,
        lambda: visit_alarms.close(found, note=note, by=request.user, at=timezone.now()),
        to=reverse("visit_alarm_open", args=[uid]),
        said="긴급 알림을 마쳤습니다.",
    )


# ------------------------------------------------------------------ private


def _alarm_or_404(request, uid) -> Alarm:
    rows = Alarm.objects.visible_to(request.scope).select_related("person", "visit", "receiver", "raised_by")
    found = get_object_or_404(rows, uid=uid)
    request.access.add(found.person_id)
    return found


def _likely(found: Visit) -> str:
    """The kind that is probably meant: the open alarm that nobody has taken, else an emergency."""
    waiting = found.alarms.open().filter(receiver=None).first()
    return waiting.kind if waiting else Alarm.Kind.EMERGENCY


def _card(found: Alarm) -> dict:
    steps = [{"key": key, "text": text, "is_done": key in found.steps} for key, text in visit_alarms.STEPS[found.kind]]
    return {"alarm": found, "steps": steps}


def _leads(request, on) -> list:
    dongs = request.scope.dong_ids("visit_schedule")
    rows = Posting.objects.on(on).filter(role="TL", dong__in=dongs, user__is_active=True).select_related("user", "dong")
    return [row for row in rows if row.user.phone]
