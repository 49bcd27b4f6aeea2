"""Two versions of a month: what changed from one to the other, visit by visit."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from centers.access import permitted
from planners.models import Schedule
from planners.months import schedule_diff, scheduling
from planners.months.month_problem import Unit
from planners.views.schedules import unit_query, versions_of

KINDS = (
    (schedule_diff.MOVED, "⇄", "옮김"),
    (schedule_diff.NEW, "+", "새로 들어감"),
    (schedule_diff.GONE, "−", "빠짐"),
    (schedule_diff.RETIMED, "◷", "시각만 바뀜"),
)


@require_GET
@permitted("schedule_plan", log="schedule.changes")
def changes(request: HttpRequest, uid):
    """A version against the live one, or against any other of its month (`?against=`)."""
    rows = Schedule.objects.visible_to(request.scope).select_related("dong", "zone", "made_by")
    row = get_object_or_404(rows, uid=uid)
    unit, month = Unit(row.dong, row.zone), row.month_value
    versions = [v for v in versions_of(request, unit, month) if v.pk != row.pk]
    against = _against(request, row, versions)
    context = {"schedule": row, "unit": unit, "month": month, "unit_query": unit_query(unit)}
    context |= {"against": against, "versions": versions}
    if against:
        found = schedule_diff.compare(against, row)
        request.access.add(d.visit.person_id for d in found.differences)
        counts = found.counts
        context["found"] = found
        context["groups"] = [(k, mark, word, found.of(k)) for k, mark, word in KINDS if counts[k]]
        context["figures"] = [(mark, word, counts[k]) for k, mark, word in KINDS] + [("＝", "그대로", found.kept)]
    return render(request, "planners/schedule_changes.html", context)


def _against(request: HttpRequest, row: Schedule, versions: list[Schedule]) -> Schedule | None:
    asked = request.GET.get("against", "")
    if asked:
        return next((v for v in versions if str(v.uid) == asked), None)
    live = scheduling.live(Unit(row.dong, row.zone), row.month_value)
    if live and live.pk != row.pk:
        return live
    return next((v for v in versions if v.pk == row.based_on_id), versions[0] if versions else None)
