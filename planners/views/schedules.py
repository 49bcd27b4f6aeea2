"""The month board: make a draft, see who goes where and why, move, publish, print."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Dong, Job, Zone
from centers.views.jobs import shown
from common.asked import asked_number, asked_version
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners.models import Pair, Schedule, Visit
from planners.months import schedule_board, schedule_moves, scheduling
from planners.months.planning_units import Unit, zone_unit
from planners.tasks_schedule import GENERATE, open_generation
from planners.views import schedule_settings

BEST = 5
VIEWS = (("board", "한 달"), ("days", "날짜별"), ("pairs", "조별 여력"))


@require_GET
@permitted("schedule_plan", log="schedule.open_month")
def schedules(request: HttpRequest):
    """The newest version of a dong's (or zone's) month, or the way to make the first one."""
    month = month_asked(request)
    unit = unit_asked(request)
    if unit is None:
        return render(request, "planners/schedule_none.html", {"month": month})
    rows = Schedule.objects.visible_to(request.scope).filter(dong=unit.dong, zone=unit.zone).for_month(month)
    wanted = rows.filter(state__in=[Schedule.State.DRAFT, Schedule.State.PUBLISHED]).order_by("-number").first()
    return _board(request, unit, month, wanted)


@require_GET
@permitted("schedule_plan", log="schedule.open")
def schedule(request: HttpRequest, uid):
    row = get_object_or_404(
        Schedule.objects.visible_to(request.scope).select_related("dong", "zone", "based_on", "published_by"), uid=uid
    )
    return _board(request, Unit(row.dong, row.zone), row.month_value, row)


def _board(request: HttpRequest, unit: Unit, month: Month, row: Schedule | None):
    searched = {unit.key, zone_unit(unit.zone, month).key if unit.zone else unit.key}
    job = Job.objects.filter(kind=GENERATE, key__in=[f"{key}:{month}" for key in searched])
    job = job.order_by("-created_at").first()
    context = {
        "unit": unit,
        "month": month,
        "schedule": row,
        "versions": versions_of(request, unit, month),
        "units": units_of(request),
        "unit_query": unit_query(unit),
        "job": shown(job) if job and (job.is_open or (job.state == Job.State.FAILED and row is None)) else None,
        "may_plan": request.scope.allows("schedule_plan", "W"),
        "may_publish": request.scope.allows("schedule_plan", "P"),
        "may_see_settings": unit.dong is not None and schedule_settings.may_open(request.scope, unit.dong),
        "may_call": request.scope.allows("consent", "W"),
        "views": VIEWS,
        "view": request.GET.get("view") if request.GET.get("view") in dict(VIEWS) else "board",
        "today": seoul_date(timezone.now()),
    }
    if row is not None:
        context |= _filled(request, unit, month, row)
    return render(request, "planners/schedule_month.html", context)


def _filled(request: HttpRequest, unit: Unit, month: Month, row: Schedule) -> dict:
    related = (
        "visit__target",
        "visit__person__household",
        "visit__programme",
        "pair__nurse",
        "pair__social",
        "visit__dong",
    )
    placements = list(row.placements.select_related(*related).order_by("on", "half", "order", "pk"))
    left_out = list(row.unplanned.select_related("visit__person", "visit__target", "visit__programme"))
    pairs = unit.pairs(month)
    entries = schedule_board.entries(row, pairs, placements)
    request.access.add(e.visit.person_id for e in entries)
    request.access.add(u.visit.person_id for u in left_out)
    selected = _selected(request, entries, left_out)
    choices = _choices(request, row, selected)
    loads = schedule_board.loads(row)
    return {
        "weeks": schedule_board.weeks(month, pairs, entries, choices=choices, selected=selected, dong=unit.dong),
        "days": schedule_board.day_lists(entries),
        "entries": entries,
        "placements": placements,
        "left_out": left_out,
        "left_out_groups": schedule_board.by_message(left_out),
        "total": len(placements) + len(left_out),
        "selected": selected,
        "selected_entry": next((e for e in entries if selected and e.visit.pk == selected.pk), None),
        "selected_left_out": next((u for u in left_out if selected and u.visit_id == selected.pk), None),
        "choices": [c for c in choices if c.is_open],
        "best": schedule_moves.best(choices, BEST),
        "obstacles": schedule_moves.obstacles(choices),
        "is_moving": bool(choices),
        "legend": schedule_board.counts(entries),
        "crisis": sum(1 for e in entries if e.visit.tier == 1),
        "loads": loads,
        "fairness": schedule_board.fairness(loads),
    }


def _selected(request: HttpRequest, entries, left_out) -> Visit | None:
    wanted = request.GET.get("visit", "")
    rows = [e.visit for e in entries] + [u.visit for u in left_out]
    return next((visit for visit in rows if str(visit.uid) == wanted), None)


def _choices(request: HttpRequest, row: Schedule, selected: Visit | None) -> list[schedule_moves.Choice]:
    if selected is None or row.state != Schedule.State.DRAFT or "move" not in request.GET:
        return []
    return schedule_moves.DraftBoard(row, today=seoul_date(timezone.now())).choices(selected)


def versions_of(request: HttpRequest, unit: Unit, month: Month) -> list[Schedule]:
    """Every version of a unit's month with its number of visits, newest first."""
    rows = Schedule.objects.visible_to(request.scope).filter(dong=unit.dong, zone=unit.zone).for_month(month)
    return list(rows.versions().select_related("made_by").annotate(visits_held=Count("placements")))


@require_POST
@permitted("schedule_plan", "W", log="schedule.generate", personal=False)
def generate(request: HttpRequest):
    """Start the calculation of a month; the page shows its progress."""
    month, unit = month_asked(request), unit_asked(request)
    if unit is None or unit.key not in {u.key for u in units_of(request, "W")}:
        messages.error(request, "일정을 만들 동이나 권역을 골라 주세요.")
        return redirect("schedules")
    if month.last <= seoul_date(timezone.now()):
        messages.error(request, f"{month.korean}은 이미 지나 일정을 만들 수 없습니다. 다음 달을 골라 주세요.")
        return redirect(f"{reverse('schedules')}?month={month}&{unit_query(unit)}")
    searched = zone_unit(unit.zone, month) if unit.zone else unit
    job = open_generation(searched, month, by=request.user, at=timezone.now())
    tasks.send(job)
    return redirect(f"{reverse('schedules')}?month={month}&{unit_query(unit)}")


def _act(request: HttpRequest, uid, act, done: str):
    """One change of a schedule: through scope, one domain call, a message, back to the board."""
    row = get_object_or_404(Schedule.objects.visible_to(request.scope), uid=uid)
    try:
        act(row, asked_version(request.POST.get("version")) or row.version)
        messages.success(request, done)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect(_back(request, row))


def _back(request: HttpRequest, row: Schedule) -> str:
    visit = request.POST.get("visit_uid", "")
    return reverse("schedule", args=[row.uid]) + (f"?visit={visit}#selected" if visit else "")


@require_POST
@permitted("schedule_plan", "P", log="schedule.publish")
def publish(request: HttpRequest, uid):
    def act(row: Schedule, version: int):
        if "replan" in row.settings:
            raise scheduling.NotADraft("다시 짜기 제안입니다. 다시 짜기 화면에서 방문마다 정한 뒤 확정해 주세요.")
        request.access.add(row.placements.values_list("visit__person_id", flat=True))
        scheduling.publish(row, by=request.user, at=timezone.now(), version_seen=version)

    return _act(request, uid, act, "일정을 공개했습니다. 두 사람의 오늘 목록에 나타납니다.")


@require_POST
@permitted("schedule_plan", "W", log="schedule.discard", personal=False)
def discard(request: HttpRequest, uid):
    return _act(request, uid, lambda row, version: scheduling.discard(row, version_seen=version), "초안을 버렸습니다.")


@require_POST
@permitted("schedule_plan", "W", log="schedule.move")
def move(request: HttpRequest, uid, visit_uid):
    def act(row: Schedule, version: int):
        visit = _visit(request, row, visit_uid)
        schedule_moves.move(
            row,
            visit,
            request.POST.get("session", ""),
            by=request.user,
            today=seoul_date(timezone.now()),
            version_seen=version,
        )

    return _act(request, uid, act, "옮겼습니다. 다시 계산해도 이 자리에 있습니다.")


@require_POST
@permitted("schedule_plan", "W", log="schedule.take_out")
def take_out(request: HttpRequest, uid, visit_uid):
    def act(row: Schedule, version: int):
        visit = _visit(request, row, visit_uid)
        schedule_moves.take_out(row, visit, by=request.user, today=seoul_date(timezone.now()), version_seen=version)

    return _act(request, uid, act, "초안에서 뺐습니다. 못 넣은 방문 목록에 있습니다.")


@require_POST
@permitted("schedule_plan", "W", log="schedule.lock")
def lock(request: HttpRequest, uid, visit_uid):
    is_locked = request.POST.get("locked") == "yes"

    def act(row: Schedule, version: int):
        visit = _visit(request, row, visit_uid)
        placement = get_object_or_404(row.placements, visit=visit)
        scheduling.lock(placement, is_locked=is_locked, version_seen=version)

    return _act(request, uid, act, "고정했습니다." if is_locked else "고정을 풀었습니다.")


def _visit(request: HttpRequest, row: Schedule, visit_uid) -> Visit:
    held = Q(pk__in=row.placements.values("visit")) | Q(pk__in=row.unplanned.values("visit"))
    visit = get_object_or_404(Visit.objects.filter(held).select_related("dong", "person", "programme"), uid=visit_uid)
    request.access.add(visit.person_id)
    return visit


def month_asked(request: HttpRequest) -> Month:
    """The month asked for; without one, this month, or the next one in the last ten days."""
    asked = request.POST.get("month") or request.GET.get("month")
    if asked:
        try:
            return Month.parse(asked)
        except Refusal as refusal:
            messages.error(request, refusal.message)
    today = seoul_date(timezone.now())
    return Month.of(today + dt.timedelta(days=10))


def units_of(request: HttpRequest, action: str = "R") -> list[Unit]:
    """Planning units the viewer may open: own dongs with elder pairs, zones with child nurses."""
    dongs = request.scope.dongs("schedule_plan", action)
    units = [Unit(dong=dong) for dong in dongs.filter(pk__in=Pair.objects.values("dong"))]
    zones = Zone.objects.filter(pk__in=Pair.objects.values("zone")).order_by("order", "pk")
    if not request.scope.everywhere("schedule_plan", action):
        mine = Schedule.zones_of(request.scope) if request.scope.owns("schedule_plan", action) else []
        zones = zones.filter(pk__in=mine)
    return [*units, *(Unit(zone=zone) for zone in zones)]


def unit_asked(request: HttpRequest) -> Unit | None:
    """The unit asked for, else the viewer's own dong."""
    asked = request.POST.get("dong") or request.GET.get("dong") or ""
    units = units_of(request)
    if asked and not asked.startswith("zone-"):
        return next((u for u in units if u.dong and u.dong.slug == asked), None)
    asked = request.POST.get("zone") or request.GET.get("zone") or asked.removeprefix("zone-")
    if (number := asked_number(asked)) is not None:
        return next((u for u in units if u.zone and u.zone.pk == number), None)
    own: Dong | None = request.scope.dong
    return next((u for u in units if u.dong == own), units[0] if units else None)


def unit_query(unit: Unit) -> str:
    return f"dong={unit.dong.slug}" if unit.dong else f"zone={unit.zone.pk}"
