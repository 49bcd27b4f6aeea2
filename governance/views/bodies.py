"""The register of bodies, one body with its checklist and calendar, constituting and changing it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from common.hangul import particle
from common.months import seoul_date
from common.refusals import Refusal
from governance import bodies, calendars, register
from governance.forms import BodyForm, RulesForm
from governance.models import Body


@require_GET
@permitted("governance", log="governance.list", personal=False)
def governance(request: HttpRequest):
    """Every body the viewer may see, with what needs attention."""
    found = Body.objects.visible_to(request.scope).order_by("dong__order", "kind", "pk")
    kind = request.GET.get("kind", "")
    if kind in Body.Kind.values:
        found = found.filter(kind=kind)
    rows = register.rows(found, at=timezone.now())
    context = {
        "rows": rows,
        "kind": kind,
        "kinds": Body.Kind.choices,
        "totals": {
            "bodies": len(rows),
            "held": sum(row.held for row in rows),
            "due": sum(row.due for row in rows),
            "ending": sum(len(row.ending) for row in rows),
            "vacancies": sum(len(row.vacancies) for row in rows),
        },
        "weeks_back": register.WEEKS_BACK,
        "may_found": request.scope.allows("governance", "W"),
    }
    return render(request, "governance/body_list.html", context)


@require_GET
@permitted("governance", log="governance.body", personal=False)
def body(request: HttpRequest, uid):
    row = get_object_or_404(Body.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    now = timezone.now()
    today = seoul_date(now)
    first = today - dt.timedelta(weeks=register.WEEKS_BACK)
    members = list(row.members.select_related("user").order_by("-is_chair", "kind", "name", "pk"))
    context = {
        "body": row,
        "rhythm": bodies.rhythm(row),
        "checks": bodies.checklist(row, on=today, members=[m for m in members if m.sits_on(today)]),
        "members": [m for m in members if m.valid_to is None or m.valid_to > today],
        "former": [m for m in members if m.valid_to and m.valid_to <= today][:20],
        "warn_on": today + dt.timedelta(bodies.WARN_DAYS),
        "vacancies": bodies.vacancies(row, on=today),
        **calendars.shown(calendars.calendar(row, first=first, last=today + dt.timedelta(weeks=8), today=today), today),
        "events": row.events.filter(meeting=None).select_related("by").order_by("-at", "-pk")[:12],
        "today": today,
        "may_change": request.scope.allows("governance", "W")
        and row.dong_id in request.scope.dong_ids("governance", "W"),
        "may_plan": row.dong_id in request.scope.dong_ids("committee", "W"),
        "is_case_committee": row.kind == Body.Kind.CASE_COMMITTEE,
    }
    return render(request, "governance/body_detail.html", context)


@require_http_methods(["GET", "POST"])
@permitted("governance", "W", log="governance.constitute", personal=False)
def body_new(request: HttpRequest):
    form = BodyForm(request.POST or None, dongs=request.scope.dongs("governance", "W"), initial={"weekday": 3})
    if request.method == "POST" and form.is_valid():
        try:
            made = bodies.constitute(by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"{made.name}{particle(made.name, '을/를')} 만들었습니다. 이제 위원을 모셔 주세요."
            )
            return redirect("body", made.uid)
    return render(request, "governance/body_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permitted("governance", "W", log="governance.rules", personal=False)
def body_rules(request: HttpRequest, uid):
    row = _writable(request, uid)
    names = ("weekday", "starts_at", "interval_weeks", "place", "quorum_percent")
    form = RulesForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            bodies.change_rules(row, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "모이는 때를 바꾸었습니다. 정기 회의를 다시 만들어 주세요.")
            return redirect("body", row.uid)
    context = {"form": form, "body": row}
    return render(request, "governance/body_form.html", context, status=422 if form.errors else 200)


@require_POST
@permitted("committee", "W", log="governance.plan", personal=False)
def body_plan(request: HttpRequest, uid):
    """Lay the regular meetings of the next eight weeks."""
    rows = Body.objects.visible_to(request.scope).filter(dong__in=request.scope.dong_ids("committee", "W"))
    row = get_object_or_404(rows, uid=uid)
    now = timezone.now()
    try:
        made = calendars.plan_meetings(
            row, until=seoul_date(now) + dt.timedelta(calendars.AHEAD_DAYS), by=request.user, at=now
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = f"정기 회의 {len(made)}번을 만들었습니다." if made else "앞으로 여덟 주의 회의는 이미 있습니다."
        messages.success(request, said)
    back = request.POST.get("next", "")
    return redirect("committee" if back == "committee" else "body", row.uid)


def _writable(request: HttpRequest, uid) -> Body:
    rows = Body.objects.visible_to(request.scope).filter(dong__in=request.scope.dong_ids("governance", "W"))
    return get_object_or_404(rows.select_related("dong"), uid=uid)
