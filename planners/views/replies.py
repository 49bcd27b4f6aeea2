"""Answering an act two ways: a redirect for a form, JSON for the device's outbox."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from common.refusals import Refusal, Stale
from planners.receipts import KeyReused

#: how far back a device may say that something happened
TRUSTED_BACK = dt.timedelta(hours=24)


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def acted(request: HttpRequest, act: Callable[[], object], *, to: str, said: str, back: str = "") -> HttpResponse:
    """Do the act; success leads to `to` with a message, a refusal says its sentence and leads `back`."""
    try:
        act()
    except Refusal as refusal:
        if wants_json(request):
            return refused(refusal)
        messages.error(request, refusal.message)
        return redirect(back or to)
    return done(request, to=to, said=said)


def done(request: HttpRequest, *, to: str, said: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"ok": True, "to": to, "said": said})
    if said:
        messages.success(request, said)
    return redirect(to)


def refused(refusal: Refusal, **more) -> JsonResponse:
    """409 where two writers meet, 422 where the rules say no: both stay on the device for a person to settle."""
    status = 409 if isinstance(refusal, Stale | KeyReused) else 422
    return JsonResponse({"code": refusal.code, "message": refusal.message, **more}, status=status)


def client_key(request: HttpRequest) -> uuid.UUID | None:
    """The key the device made for this act, from the header or the form; nothing when it is no key."""
    written = request.headers.get("Idempotency-Key") or request.POST.get("client_key", "")
    try:
        return uuid.UUID(written)
    except (ValueError, AttributeError, TypeError):
        return None


def moment(request: HttpRequest) -> dt.datetime:
    """When it happened: now, or up to a day ago when a device that was offline says so. Never the future."""
    now = timezone.now()
    try:
        told = parse_datetime(request.POST.get("happened_at", "") or "")
    except ValueError:
        told = None
    if told is None or timezone.is_naive(told):
        return now
    return min(max(told, now - TRUSTED_BACK), now)
