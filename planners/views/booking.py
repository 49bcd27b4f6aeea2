"""Calling people and promising a day: who to call, one page for the call, the tongjang's sheet."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import DongCenter
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import booking as promises
from planners import booking_slots, consent, outreach, phone_calls, target_lists
from planners.forms import CallForm, CancelForm
from planners.models import Consent, Target, Visit
from staffing.calendars import OUTINGS

AHEAD_DAYS = 30
CALENDAR_DAYS = 11
RANGES = {"all": "모두", "given": "동의하신 분", "unasked": "동의부터 여쭐 분", "urgent": "급한 분"}


@require_GET
@permitted("consent", "W", log="call.list")
def booking(request: HttpRequest):
    """Who to call today, the most urgent first."""
    today = seoul_date(timezone.now())
    rows = target_lists.to_call(request.scope, today=today, until=Month.of(today).next.last)
    wanted = request.GET.get("range") if request.GET.get("range") in RANGES else "all"
    if wanted == "given":
        rows = rows.filter(answer=Consent.Answer.GIVEN)
    elif wanted == "unasked":
        rows = rows.filter(answer=None)
    elif wanted == "urgent":
        rows = rows.filter(tier=1)
    page = target_lists.page(rows, today=today, after=request.GET.get("after", ""))
    request.access.add(row.target.person_id for row in page.rows)
    next_url = f"?{urlencode({'range': wanted, 'after': page.next_after})}" if page.next_after else ""
    return render(
        request,
        "planners/booking_list.html",
        {"page": page, "today": today, "range": wanted, "ranges": RANGES.items(), "next_url": next_url},
    )


@require_http_methods(["GET", "POST"])
@permitted("consent", "W", log="call.make")
def booking_call(request: HttpRequest, uid):
    """Script, answer, both calendars, five times: a promise in three taps."""
    target = _target(request, uid)
    request.access.add(target.person)
    now = timezone.now()
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _settled(request, target, form, now)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    status = 422 if form.errors else 200
    return render(request, "planners/booking_call.html", _call_context(request, target, form, now), status=status)


def _settled(request: HttpRequest, target: Target, form: CallForm, now: dt.datetime):
    facts = form.cleaned_data
    visit = phone_calls.settle(
        target,
        facts["result"],
        slot=facts["slot"],
        reoffer_days=int(facts["reoffer"]) if facts["reoffer"] else None,
        next_on=facts["next_on"],
        note=facts["note"],
        by=request.user,
        at=now,
    )
    name = target.person.name
    if visit:
        messages.success(request, f"{name} 님과 {promises.spoken(visit.starts_at)} 방문을 약속했습니다.")
    elif facts["result"] == CallForm.CONSENTED:
        messages.success(request, f"{name} 님의 동의를 적었습니다. 약속은 아직 잡지 않았습니다.")
    elif facts["result"] == CallForm.REFUSED:
        messages.success(request, f"{name} 님의 거절을 적었습니다. 더 연락하지 않습니다.")
    else:
        messages.success(request, "연락한 것을 적었습니다.")
    return redirect("booking")


def _call_context(request: HttpRequest, target: Target, form: CallForm, now: dt.datetime) -> dict:
    today = seoul_date(now)
    row = target_lists.filled([target], today=today)[0]
    visit = row.visit if row.visit and row.visit.state in promises.BOOKABLE else None
    slots, week = [], None
    if visit:
        first = max(_from(request, today), visit.release_on)
        slots = booking_slots.free_slots(visit, first, first + dt.timedelta(days=AHEAD_DAYS), at=now)
        pairs = [slot.pair for slot in slots] or booking_slots.pairs_for(visit, first)
        if pairs:
            week = booking_slots.pair_week(pairs[0], first, first + dt.timedelta(days=CALENDAR_DAYS))
    wording = consent.wording(Consent.Kind.VISIT, today)
    center = DongCenter.objects.on(today).filter(dong=target.dong).first()
    names = {
        "center": center.name if center else target.dong.name,
        "caller": request.user.name,
        "programme": target.programme.name,
    }
    return {
        "target": target,
        "row": row,
        "visit": visit,
        "slots": slots,
        "week": week,
        "outings": OUTINGS,
        "form": form,
        "wording": wording,
        "script": wording.script.format(**names),
        "is_given": bool(row.answer and row.answer.answer == Consent.Answer.GIVEN),
        "may_contact": consent.may_contact(target, row.answer, today),
        "first_day": _from(request, today),
        "today": today,
        "cancel_form": CancelForm(),
    }


def _from(request: HttpRequest, today: dt.date) -> dt.date:
    try:
        return max(today, dt.date.fromisoformat(request.GET.get("from", "")))
    except ValueError:
        return today


@require_POST
@permitted("consent", "W", log="call.cancel_booking")
def booking_cancel(request: HttpRequest, uid):
    target = _target(request, uid)
    request.access.add(target.person)
    visit = get_object_or_404(Visit, target=target, state__in=[Visit.State.BOOKED, Visit.State.ANNOUNCED])
    form = CancelForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        promises.cancel_booking(visit, reason=reason, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "약속을 취소했습니다. 방문은 다시 약속을 기다립니다.")
    return redirect("booking_call", target.uid)


@require_POST
@permitted("consent", "W", log="call.close")
def booking_close(request: HttpRequest, uid):
    """End after the whole ladder of tries."""
    target = _target(request, uid)
    request.access.add(target.person)
    try:
        outreach.close_unreachable(target, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("booking_call", target.uid)
    messages.success(request, "연락이 닿지 않아 마쳤습니다.")
    return redirect(reverse("booking"))


def _target(request: HttpRequest, uid) -> Target:
    rows = Target.objects.filter(target_lists.contactable(request.scope)).open()
    return get_object_or_404(
        rows.select_related("person__household", "person__dong", "programme", "rule", "dong"), uid=uid
    )
