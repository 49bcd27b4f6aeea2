"""What a phone needs without a connection: the worker, an empty shell, the key of the session, and the day pack.

The worker keeps only the shell and static files. Pages with names travel in the pack, which the phone
seals with a key that lives in the session; nothing personal lies on the phone unsealed (고시 제7조⑤).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from centers.access import open_to_all, permitted
from common.months import seoul_date
from planners.lists.record_sheet import sheet_of
from planners.models import Visit
from planners.views.records import record_page
from planners.views.today import day_page
from planners.views.visits import door_page, visit_or_404
from planners.visit_records import own_part

KEY = "device_key"
PACK_HOURS = 24
PACK_DAYS = 2
SHELL_FILES = (
    "v/krds/css/token/krds_tokens.css",
    "css/tokens.css",
    "css/ground.css",
    "css/parts.css",
    "css/tables.css",
    "css/boards.css",
    "css/figures.css",
    "css/phone.css",
    "css/visit.css",
    "css/print.css",
    "django_htmx/htmx-2.min.js",
    "js/app.js",
    "js/outbox.js",
    "js/offline.js",
    "js/visit.js",
    "img/favicon.svg",
)


@require_GET
@login_not_required
@open_to_all
@never_cache
def service_worker(request):
    """The worker at the root of the site, so that it serves every page; its version changes with the files."""
    files = [static(name) for name in SHELL_FILES]
    shell = reverse("offline_shell")
    version = hashlib.sha256("\n".join([*files, _shell(request)]).encode()).hexdigest()[:12]
    page = {"files": files, "shell": shell, "version": version, "outbox": static("js/outbox.js")}
    return render(request, "planners/service_worker.js", page, content_type="text/javascript")


@require_GET
@login_not_required
@open_to_all
def offline_shell(request):
    """A page without anybody's data, into which the phone puts the sealed page it has."""
    return HttpResponse(_shell(request))


@require_GET
@open_to_all
@never_cache
def offline_key(request):
    """The key this session seals with: made once, kept in the session, never stored by the page as text."""
    if KEY not in request.session:
        request.session[KEY] = base64.b64encode(os.urandom(32)).decode()
    return JsonResponse({"user": str(request.user.uid), "key": request.session[KEY], "hours": PACK_HOURS})


@require_GET
@open_to_all
@never_cache
def offline_token(request):
    """Asked just before sending: who is signed in, and the token that a POST needs."""
    return JsonResponse({"user": str(request.user.uid), "token": get_token(request)})


@require_GET
@permitted("visit_schedule", "R", log="visit.day_pack")
def offline_pack(request):
    """Today's and tomorrow's pages of the own visits, ready to be shown without a connection."""
    now = timezone.now()
    pages, uids = [], []
    for n in range(PACK_DAYS):
        on = seoul_date(now) + dt.timedelta(days=n)
        context = day_page(request, on, now=now)
        uids += [stop.visit.uid for stop in context["day"].stops if not stop.is_done]
        path = reverse("today") if n == 0 else f"{reverse('today')}?on={on}"
        pages.append(_page(path, "planners/today.html", context, request))
    for uid in uids:
        pages += _visit_pages(request, uid, now)
    return JsonResponse({"made_at": now.isoformat(), "hours": PACK_HOURS, "pages": pages})


# ------------------------------------------------------------------ private


def _visit_pages(request, uid, now: dt.datetime) -> list[dict]:
    """The card before the door and the form; the form also for a visit that will begin in a cellar."""
    found: Visit = visit_or_404(request, uid)
    if own_part(found, request.user) is None:
        return []
    is_waiting = found.state != Visit.State.STARTED
    if is_waiting:
        found.state = Visit.State.STARTED  # only for the drawing of the form; nothing is saved here
    sheet = sheet_of(found, request.scope, at=now)
    first = sheet.first_open().key
    form = _page(
        f"{reverse('visit', args=[uid])}record/",
        "planners/visit_record.html",
        record_page(request, found, sheet, first),
        request,
    )
    if not is_waiting:
        return [form]
    found.refresh_from_db(fields=["state"])
    card = door_page(request, found)
    return [_page(reverse("visit", args=[uid]), "planners/visit_door.html", card, request), form]


def _page(path: str, template: str, context: dict, request) -> dict:
    return {"path": path, "html": render_to_string(template, context, request)}


def _shell(request) -> str:
    return render_to_string("planners/offline_shell.html", {})
