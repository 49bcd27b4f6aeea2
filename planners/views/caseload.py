"""Caseload of the child nurses by zone, a proposal to even it out, its preview, and one button. Figures only."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from centers.models import Dong, Zone
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import caseload as figures
from planners import zone_changes
from planners.caseload import District, Moves
from planners.models import Pair, ZoneChange
from planners.months.planning_units import SCHEME

SHOWN = 10


@require_GET
@permitted("pair", log="caseload.open", personal=False)
def caseload(request: HttpRequest):
    """`?month=`; with `?to-SLUG=ORDER` for some dongs those moves are weighed instead of the proposal."""
    scope, today = request.scope, request.scope.on
    everywhere = scope.everywhere("pair")
    mine = set(Pair.objects.on(today).filter(nurse=scope.user, zone__isnull=False).values_list("zone", flat=True))
    if not everywhere and not mine:
        raise Http404
    month = _month(request, today)
    found = figures.district(month, today=today)
    context = {"month": month, "may_change": scope.everywhere("pair", "W"), "today": today}
    before = found.loads()
    if not everywhere:
        before = [load for load in before if load.zone.pk in mine]
        return render(request, "planners/caseload.html", context | {"loads": before})
    is_chosen = "chosen" in request.GET
    moves = _moves(request.GET, found) if is_chosen else figures.propose(found)
    after = found.loads(moves)
    context |= {
        "loads": before,
        "after": after,
        "pairs_of_loads": list(zip(before, after, strict=True)),
        "lines": _lines(found, moves),
        "options": [(dong, found.zone_of.get(dong.pk), (found.zone_of | moves).get(dong.pk)) for dong in found.dongs],
        "zones": found.zones,
        "is_chosen": is_chosen,
        "spread": figures.spread(before),
        "spread_after": figures.spread(after),
        "since": _since(month, today),
        "changes": _changes(today),
    }
    return render(request, "planners/caseload.html", context)


def _month(request: HttpRequest, today) -> Month:
    """The month asked for, else the next one: that is the first that can still be changed."""
    asked = request.GET.get("month") or request.POST.get("month", "")
    try:
        return Month.parse(asked)
    except Refusal:
        return Month.of(today).next


def _since(month: Month, today) -> Month:
    return max(month, Month.of(today).next)


def _moves(given, found: District) -> Moves:
    """Dongs and the zones chosen for them; what stays where it is, is no move."""
    zones = {str(zone.order): zone.pk for zone in found.zones}
    chosen = {dong.pk: zones.get(given.get(f"to-{dong.slug}", "")) for dong in found.dongs}
    return {dong: zone for dong, zone in chosen.items() if zone and found.zone_of.get(dong) not in (None, zone)}


def _lines(found: District, moves: Moves) -> list[dict]:
    """What moves, in words: dong, from, to, and the visits that go along."""
    zones = {zone.pk: zone for zone in found.zones}
    return [
        {
            "dong": dong,
            "from": zones[found.zone_of[dong.pk]],
            "to": zones[moves[dong.pk]],
            "visits": found.needs[dong.pk].needed,
        }
        for dong in found.dongs
        if dong.pk in moves
    ]


def _changes(today) -> list[dict]:
    """The last changes, with the names they need and whether they can still be taken back."""
    dongs = dict(Dong.objects.values_list("pk", "name"))
    zones = dict(Zone.objects.filter(scheme__key=SCHEME).values_list("pk", "name"))
    rows = ZoneChange.objects.select_related("by", "undone_by").order_by("-at", "-pk")[:SHOWN]
    return [
        {
            "row": row,
            "words": [f"{dongs[m['dong']]}: {zones[m['from']]} → {zones[m['to']]}" for m in row.moves],
            "may_undo": row.undone_at is None and row.since > today,
        }
        for row in rows
    ]


@require_POST
@permitted("pair", "W", log="caseload.apply", personal=False)
def caseload_apply(request: HttpRequest):
    """Let the moves shown hold from the first of a coming month on."""
    now = timezone.now()
    month = _month(request, seoul_date(now))
    if not request.scope.everywhere("pair", "W"):
        raise Http404
    found = figures.district(month, today=seoul_date(now))
    try:
        change, taken, left = zone_changes.apply(_moves(request.POST, found), since=month, by=request.user, at=now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = f"{month.korean} 1일부터 동 {len(change.moves)}곳을 새 권역에서 맡습니다."
        if taken:
            said += f" 약속한 방문 {taken}건은 같은 시간에 새 간호사가 갑니다."
        if left:
            said += f" {left}건은 약속한 간호사가 그대로 가고, 일정을 다시 만들 때 옮깁니다."
        messages.success(request, said)
    return redirect(f"{reverse('caseload')}?{urlencode({'month': month})}")


@require_POST
@permitted("pair", "W", log="caseload.undo", personal=False)
def caseload_undo(request: HttpRequest, uid):
    if not request.scope.everywhere("pair", "W"):
        raise Http404
    row = get_object_or_404(ZoneChange, uid=uid)
    try:
        zone_changes.undo(row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "권역 조정을 되돌렸습니다. 동은 전의 권역에서 그대로 맡습니다.")
    return redirect(f"{reverse('caseload')}?{urlencode({'month': Month.of(row.since)})}")
