"""Budgets with their calculations: the list, and one budget as a table to read and print."""

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from centers.access import permitted
from staffing import budgets as tables
from staffing.models import Budget

SHOWN = 100


@require_GET
@permitted("staffing", log="staffing.budgets", personal=False)
def budgets(request: HttpRequest):
    """예산: the newest years first. An item with an amount counts by it, one without by its parts."""
    standing = Q(lines__dropped_on=None)
    rows = (
        Budget.objects.visible_to(request.scope)
        .annotate(
            count=Count("lines", filter=standing),
            total_kkrw=Sum("lines__amount_kkrw", filter=standing & Q(lines__part_of__amount_kkrw=None)),
        )
        .select_related("dong")
        .order_by("-year", "dong__order", "title", "pk")[:SHOWN]
    )
    may_import = request.scope.allows("import", "W")
    return render(request, "staffing/budget_list.html", {"budgets": rows, "may_import": may_import})


@require_GET
@permitted("staffing", log="staffing.budget", personal=False)
def budget(request: HttpRequest, uid):
    row = get_object_or_404(Budget.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    return render(request, "staffing/budget_detail.html", {"budget": row, "table": tables.table(row)})
