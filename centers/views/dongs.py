"""A dong in figures: the newest state of its tables and how they have changed from month to month."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers import figures
from centers.access import permitted
from centers.figure_tables import TABLES
from centers.models import Dong, DongCenter, FigureAcceptance, ZoneDong
from common.months import seoul_date

SHOWN = ("population", "recipients", "facilities", "organisations", "institutions", "activists")


@require_GET
@permitted("report", log="dong.open", personal=False)
def dong(request: HttpRequest, slug: str):
    """동 현황: population, recipients, facilities and groups, each beside the day before."""
    row = get_object_or_404(request.scope.dongs("report"), slug=slug)
    tables = [(TABLES[key], figures.courses(key, row)) for key in SHOWN]
    today = seoul_date(timezone.now())
    taken = list(FigureAcceptance.objects.filter(table__in=SHOWN, row=row.name).select_related("by"))
    context = {
        "dong": row,
        "office": DongCenter.objects.on(today).filter(dong=row).first(),
        "zones": _zones(row, today),
        "tables": [_table(table, found, taken) for table, found in tables if found],
        "dongs": request.scope.dongs("report"),
    }
    return render(request, "centers/dong_detail.html", context)


def _zones(dong: Dong, today: dt.date) -> list[ZoneDong]:
    """The zones the dong is in today and those it is to come into, one scheme after the other (plan IV.5-1 ②)."""
    rows = ZoneDong.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), dong=dong)
    return list(rows.select_related("zone__scheme").order_by("zone__scheme__name", "valid_from", "pk"))


def _table(table, found: tuple[figures.Course, ...], taken: list[FigureAcceptance]) -> dict:
    """One card: newest values, what changed, and who took in a value that contradicts a rule, and why."""
    days = [day for day, _ in found[0].points]
    labels = {column.key: column.label for column in table.columns}
    whole = next((course for course in found if course.is_sum), found[0])
    return {
        "table": table,
        "as_of": days[-1],
        "before": days[-2] if len(days) > 1 else None,
        "days": len(days),
        "courses": found,
        "whole": whole,
        "taken": [
            (one, labels.get(one.column, "")) for one in taken if (one.table, one.as_of) == (table.key, days[-1])
        ],
        "trend": [{"name": f"{day:%y.%m}", "value": value} for day, value in whole.points] if len(days) > 1 else [],
    }
