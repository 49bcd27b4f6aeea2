"""What a dong's months are planned by: what holds today and since when, what comes, and a new version."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from centers.access import Scope, permitted
from centers.models import Dong
from common.months import Month, seoul_date
from common.refusals import Refusal, Stale
from planners.forms import SettingsForm
from planners.models import Pair
from planners.months import planning_settings, setting_lines

#: stands in the address for the district's default
DISTRICT = "district"
RIGHT = ("schedule_plan", "W")


def spans_district(scope: Scope) -> bool:
    """Whether the right to plan spans the district: then the district's default is theirs."""
    return bool(set("Ag") & set(scope.reach(*RIGHT)))


def may_open(scope: Scope, dong: Dong | None) -> bool:
    """A lead opens the own dong's settings, the district office everybody's."""
    return spans_district(scope) or (dong is not None and dong.pk in scope.dong_ids(*RIGHT))


def may_change(scope: Scope, dong: Dong | None) -> bool:
    """The own dong's settings by its lead, the district's default by the office."""
    return spans_district(scope) if dong is None else dong.pk in scope.dong_ids(*RIGHT)


@require_GET
@permitted(*RIGHT, log="schedule.settings", personal=False)
def settings(request: HttpRequest):
    dong, today = _place(request), seoul_date(timezone.now())
    items, rows = setting_lines.items(today), setting_lines.rows_of(dong)
    lines = setting_lines.lines(items, rows, today)
    versions = setting_lines.versions(items, rows, today)
    context = _frame(request, dong) | {
        "today": today,
        "groups": [
            (heading, words, [line for line in lines if line.item.group == key])
            for key, heading, words in setting_lines.GROUPS
        ],
        "own": next((v.row for v in versions if v.is_now and v.row.dong_id), None),
        "district": next((v.row for v in versions if v.is_now and v.row.dong_id is None), None),
        "coming": [v for v in reversed(versions) if v.is_coming],
        "history": [v for v in versions if not v.is_coming],
        "may_change": may_change(request.scope, dong),
    }
    return render(request, "planners/schedule_settings.html", context)


@require_http_methods(["GET", "POST"])
@permitted(*RIGHT, log="schedule.settings_change", personal=False)
def settings_new(request: HttpRequest):
    """A new version from a coming month on; what is left empty is as in the district, or as usual."""
    dong, now = _place(request), timezone.now()
    if not may_change(request.scope, dong):
        raise PermissionDenied
    today, since = seoul_date(now), Month.of(seoul_date(now)).next
    items, rows = setting_lines.items(today), setting_lines.rows_of(dong)
    own = [row for row in rows if (row.dong_id is None) == (dong is None)]
    standing = next((row for row in own if setting_lines.holds(row, since.first)), None)
    initial = {"since": str(since), "seen": planning_settings.newest_mark(dong)}
    beneath = [row for row in rows if dong and row.dong_id is None]
    left_empty = {item.key: _left_empty(item, beneath, since.first) for item in items}
    form = SettingsForm(request.POST or None, items=items, standing=standing, left_empty=left_empty, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _changed(request, dong, form, now)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            if isinstance(refusal, Stale):
                form.see(planning_settings.newest_mark(dong))
    context = _frame(request, dong) | {
        "form": form,
        "coming": [row for row in reversed(own) if row.valid_from > today and not row.is_dropped],
        "standing": standing,
    }
    return render(request, "planners/schedule_settings_new.html", context, status=422 if form.errors else 200)


def _changed(request: HttpRequest, dong: Dong | None, form: SettingsForm, now: dt.datetime):
    facts = form.cleaned_data
    row = planning_settings.change(
        dong, since=form.month, **form.values, reason=facts["reason"], by=request.user, at=now, seen=facts["seen"]
    )
    request.access.detail = {"settings": str(row.uid), "dong": dong.slug if dong else DISTRICT}
    whose = dong.name if dong else "구"
    messages.success(request, f"{whose} 설정을 저장했습니다. {form.month.korean} 1일부터 쓰입니다.")
    return redirect(f"{reverse('schedule_settings')}?dong={dong.slug if dong else DISTRICT}")


def _left_empty(item: setting_lines.Item, beneath: list, day: dt.date) -> str:
    """The value that holds when a field is left empty, in words."""
    found = setting_lines.held(item, beneath, day)
    return f"비우면 {'구 값' if found.origin == setting_lines.DISTRICT else '보통 값'} {item.words(found.value)}"


def _place(request: HttpRequest) -> Dong | None:
    """The dong asked for, or None for the district. Out of reach is 404, no place at all 403."""
    scope, asked = request.scope, request.GET.get("dong", "")
    own = scope.dong_ids(*RIGHT)
    if not own and not spans_district(scope):
        raise PermissionDenied
    if asked == DISTRICT or (not asked and not own):
        if not spans_district(scope):
            raise PermissionDenied
        return None
    rows = Dong.objects.all() if spans_district(scope) else Dong.objects.filter(pk__in=own)
    return get_object_or_404(rows, slug=asked) if asked else rows.filter(pk__in=own).first()


def _frame(request: HttpRequest, dong: Dong | None) -> dict:
    scope = request.scope
    places = Dong.objects.all() if spans_district(scope) else Dong.objects.filter(pk__in=scope.dong_ids(*RIGHT))
    return {
        "dong": dong,
        "place_name": dong.name if dong else "성북구",
        "place_query": f"dong={dong.slug if dong else DISTRICT}",
        "places": list(places),
        "spans_district": spans_district(scope),
        "can_compare": dong is None or Pair.objects.filter(dong=dong).exists(),
    }
