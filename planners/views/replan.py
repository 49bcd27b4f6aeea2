"""Somebody cannot come: one button, the residents it hits with their call sheet, new places, one confirmation."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers import jobs, tasks
from centers.access import permitted
from centers.models import User
from centers.views.jobs import shown
from common.asked import asked_version
from common.months import seoul_date
from common.refusals import Refusal
from planners.models import Pair, Replan, ReplanLine, Schedule, Visit
from planners.months import replanning, schedule_words
from planners.replan_forms import AbsenceForm
from planners.tasks_schedule import REPLAN

RECENT = 8


@require_http_methods(["GET", "POST"])
@permitted("schedule_plan", "W", log="schedule.replan_start")
def replan(request: HttpRequest):
    """Who and when (`?user=&on=&until=&half=&kind=`), whom it hits; one button looks, the other writes and starts."""
    today = seoul_date(timezone.now())
    people = _people(request, today)
    form = AbsenceForm(request.POST or _asked(request, today), people=people)
    hit = []
    if form.is_valid() and form.cleaned_data["first_on"] <= form.cleaned_data["last_on"]:
        hit = replanning.affected(form.absence)
        request.access.add(visit.person_id for visit in hit)
    is_start = request.method == "POST" and "look" not in request.POST
    if is_start and form.is_valid():
        try:
            return _started(request, form.absence)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    elif request.method == "GET" and "user" not in request.GET:
        form = AbsenceForm(initial=_asked(request, today), people=people)
    recent = Replan.objects.visible_to(request.scope).select_related("user", "dong", "zone", "made_by")[:RECENT]
    context = {"form": form, "hit": hit, "today": today, "recent": recent, "asked": form.is_bound and form.is_valid()}
    status = 422 if form.is_bound and form.errors and request.method == "POST" else 200
    return render(request, "planners/replan_start.html", context, status=status)


def _people(request: HttpRequest, today: dt.date):
    """People of pairs whose month the viewer may plan."""
    pairs = Pair.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today))
    if not request.scope.everywhere("schedule_plan", "W"):
        mine = Q(dong__in=request.scope.dong_ids("schedule_plan", "W"))
        if request.scope.owns("schedule_plan", "W"):
            mine |= Q(zone__in=Schedule.zones_of(request.scope))
        pairs = pairs.filter(mine)
    people = Q(pk__in=pairs.values("nurse")) | Q(pk__in=pairs.values("social"))
    return User.objects.filter(people, is_active=True).order_by("name", "pk")


def _asked(request: HttpRequest, today: dt.date) -> dict:
    on = request.GET.get("on") or today.isoformat()
    return {
        "user": request.GET.get("user", ""),
        "first_on": on,
        "last_on": request.GET.get("until") or on,
        "half": request.GET.get("half", ""),
        "kind": request.GET.get("kind", "sick"),
    }


def _started(request: HttpRequest, absence: replanning.Absence):
    now = timezone.now()
    rows = replanning.start(absence, by=request.user, at=now)
    if not rows:
        messages.success(
            request, f"{absence.user.name} 님의 일정을 적었습니다. 그때 방문이 없어 다시 짤 것이 없습니다."
        )
        return redirect("schedules")
    for row in rows:
        _send(request, row, now)
    return redirect("replan_proposal", rows[0].uid)


def _send(request: HttpRequest, row: Replan, now: dt.datetime) -> None:
    job = jobs.open_job(
        REPLAN,
        title=f"{row.user.name} 님 방문의 새 자리 찾기",
        arguments={"replan": row.pk},
        by=request.user,
        at=now,
        key=f"replan:{row.uid}",
        queue="plan",
        dong=row.dong,
    )
    Replan.objects.filter(pk=row.pk).update(job=job)
    tasks.send(job)


def _row(request: HttpRequest, uid) -> Replan:
    rows = Replan.objects.visible_to(request.scope)
    related = ("user", "dong", "zone", "job", "schedule", "made_by", "confirmed_by")
    return get_object_or_404(rows.select_related(*related), uid=uid)


@require_GET
@permitted("schedule_plan", log="schedule.replan_open")
def proposal(request: HttpRequest, uid):
    """Progress, then the proposal for each resident, then the call sheet."""
    row = _row(request, uid)
    related = (
        "visit__person__household",
        "visit__target",
        "visit__programme",
        "visit__dong",
        "visit__pair",
        "was_pair",
    )
    lines = list(row.lines.select_related(*related))
    request.access.add(line.visit.person_id for line in lines)
    places = _places(row)
    for line in lines:
        line.place = places.get(line.visit_id)
    context = {
        "row": row,
        "lines": [line for line in lines if line.is_displaced],
        "making_room": [line for line in lines if not line.is_displaced],
        "to_call": lines,
        "called": sum(1 for line in lines if line.answer and line.answer != ReplanLine.Answer.NO_ANSWER),
        "job": shown(row.job) if row.job and row.schedule is None else None,
        "siblings": _siblings(request, row),
        "days": _days(row),
        "choices": ReplanLine.Choice,
        "may_confirm": request.scope.allows("schedule_plan", "P"),
        "may_change": request.scope.allows("schedule_plan", "W"),
        "may_call": request.scope.allows("consent", "W"),
    }
    return render(request, "planners/replan.html", context)


def _places(row: Replan) -> dict:
    """Where each visit goes: by the proposal, and once it is confirmed by what stands now."""
    if row.schedule is None:
        return {}
    related = ("pair__nurse", "pair__social")
    return {
        p.visit_id: p
        for p in row.schedule.placements.filter(visit__in=row.lines.values("visit")).select_related(*related)
    }


def _siblings(request: HttpRequest, row: Replan) -> list[Replan]:
    rows = Replan.objects.visible_to(request.scope).filter(user=row.user, first_on=row.first_on, last_on=row.last_on)
    return list(rows.filter(half=row.half).exclude(pk=row.pk).exclude(state="dropped").select_related("dong", "zone"))


def _days(row: Replan) -> str:
    first, last = schedule_words.short_day(row.first_on), schedule_words.short_day(row.last_on)
    days = first if row.first_on == row.last_on else f"{first}부터 {last}까지"
    return f"{days} {row.get_half_display()}".strip()


@require_POST
@permitted("schedule_plan", "P", log="schedule.replan_confirm")
def confirm(request: HttpRequest, uid):
    row = _row(request, uid)
    lines = list(row.lines.select_related("visit"))
    request.access.add(line.visit.person_id for line in lines)
    choices = {line.visit_id: request.POST.get(f"choice-{line.visit.uid}", line.choice) for line in lines}
    try:
        version = asked_version(request.POST.get("version"))
        replanning.confirm(row, choices, by=request.user, at=timezone.now(), version_seen=version)
        messages.success(
            request, "바꾼 일정을 공개했습니다. 함께 가는 사람의 오늘 목록에 나타납니다. 이제 전화해 주세요."
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("replan_proposal", row.uid)


@require_POST
@permitted("schedule_plan", "W", log="schedule.replan_again", personal=False)
def again(request: HttpRequest, uid):
    """Look for places once more, when the calendar has changed since."""
    row = _row(request, uid)
    if row.state == Replan.State.OPEN:
        _send(request, row, timezone.now())
        Replan.objects.filter(pk=row.pk).update(schedule=None)
    return redirect("replan_proposal", row.uid)


@require_POST
@permitted("schedule_plan", "W", log="schedule.replan_drop", personal=False)
def drop(request: HttpRequest, uid):
    row = _row(request, uid)
    try:
        replanning.drop(row)
        messages.success(request, "그대로 두었습니다. 못 나오는 날은 달력에 남아 있습니다.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("replan")


@require_POST
@permitted("schedule_plan", "W", log="schedule.replan_call")
def called(request: HttpRequest, uid, visit_uid):
    """What came of one call of the sheet."""
    row = _row(request, uid)
    visit = get_object_or_404(
        Visit.objects.visible_to(request.scope).filter(pk__in=row.lines.values("visit")), uid=visit_uid
    )
    request.access.add(visit.person_id)
    answer = request.POST.get("answer", "")
    if answer not in ReplanLine.Answer.values:
        return redirect("replan_proposal", row.uid)
    try:
        replanning.call(row, visit, answer, by=request.user, at=timezone.now())
        messages.success(request, "통화 결과를 적었습니다.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("replan_proposal", row.uid)
