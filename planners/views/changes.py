"""주민 변동: what moves, deaths and births of the last days mean for the viewer and the viewer's dong."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from common.months import seoul_date
from planners import register_news
from planners.models import ChangeNotice

PAGE = 50
#: pages that show notices and take the reader back
BACK = ("today", "cases", "lead_home", "resident_changes")


@require_GET
@permitted("person", log="person.changes")
def resident_changes(request: HttpRequest):
    """The newest notices, a page at a time."""
    rows = ChangeNotice.objects.visible_to(request.scope).select_related("person", "dong", "user", "seen_by")
    show = "all" if request.GET.get("show") == "all" else "new"
    if show == "new":
        rows = rows.unseen()
    if before := request.GET.get("before", ""):
        rows = _older(rows, before)
    found = list(rows.order_by("-at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    request.access.add(notice.person_id for notice in shown)
    context = {
        "notices": shown,
        "show": show,
        "today": seoul_date(timezone.now()),
        "next_url": f"?show={show}&before={shown[-1].uid}" if len(found) > PAGE else "",
    }
    return render(request, "planners/resident_changes.html", context)


def _older(rows: QuerySet[ChangeNotice], token: str) -> QuerySet[ChangeNotice]:
    """Notices after the one with this id in the list; all of them when there is none."""
    try:
        last = ChangeNotice.objects.get(uid=UUID(token))
    except (ValueError, ChangeNotice.DoesNotExist):
        return rows
    return rows.filter(at__lte=last.at).exclude(at=last.at, pk__gte=last.pk)


@require_POST
@permitted("person", log="person.change_seen")
def change_seen(request: HttpRequest, uid):
    """Put a notice aside; it stays in the list of all."""
    notice = get_object_or_404(ChangeNotice.objects.visible_to(request.scope), uid=uid)
    request.access.add(notice.person_id)
    register_news.put_aside(notice, by=request.user, at=timezone.now())
    back = request.POST.get("back", "")
    return redirect(back if back in BACK else "resident_changes")
