"""A dong's case committee: its next meeting, what waits for it, its calendar and members."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from casemgmt import case_agenda, cases, needs, packs, referrals
from casemgmt.forms import MomentForm
from casemgmt.models import Case, CaseAgendaItem, PlanItem, Referral
from centers.access import Scope, permitted
from common.months import at_seoul, seoul_date
from common.refusals import Refusal
from governance import agenda, bodies, calendars, meetings, register
from governance.models import AgendaItem, Body, Meeting, Member, Task

WEEKS_BACK, WEEKS_AHEAD = 8, 8


def visible_meetings(scope: Scope):
    """Meetings the viewer may open: those of the bodies, and those that talk about the viewer's own referrals."""
    seen = Meeting.objects.visible_to(scope)
    if scope.owns("committee"):
        own = CaseAgendaItem.objects.filter(referral__in=Referral.objects.filter(sent_by=scope.user))
        own |= CaseAgendaItem.objects.filter(case__in=Case.objects.filter(manager=scope.user))
        seen |= Meeting.objects.filter(pk__in=own.values("item__meeting_id"))
    return seen.distinct()


def visible_committees(scope: Scope):
    """Case committees of the viewer's dongs and those the viewer sits in."""
    rows = Body.objects.case_committees()
    if "A" in scope.reach("committee"):
        return rows
    seats = Member.objects.on(scope.on).filter(user=scope.user)
    found = rows.filter(dong__in=scope.dong_ids("committee")) | rows.filter(pk__in=seats.values("body_id"))
    if scope.owns("committee"):
        found |= rows.filter(pk__in=visible_meetings(scope).values("body_id"))
    return found.distinct()


@require_GET
@permitted("committee", log="committee.list", personal=False)
def committee_list(request: HttpRequest):
    """The viewer's committees; with one it opens at once. The district office sees counts only."""
    rows = visible_committees(request.scope).order_by("dong__order", "pk")
    only = list(rows[:2])
    if len(only) == 1:
        return redirect("committee", only[0].uid)
    counts_only = not only and "g" in request.scope.reach("committee")
    shown = Body.objects.case_committees().order_by("dong__order", "pk") if counts_only else rows
    context = {
        "rows": register.rows(shown, at=timezone.now()),
        "counts_only": counts_only,
        "weeks_back": register.WEEKS_BACK,
        "hide_search": not request.scope.allows("person"),
        "may_found": request.scope.allows("governance", "W"),
    }
    return render(request, "casemgmt/committee_list.html", context)


@require_GET
@permitted("committee", log="committee.open")
def committee(request: HttpRequest, uid):
    rows = visible_committees(request.scope).select_related("dong").prefetch_related("members")
    body = get_object_or_404(rows, uid=uid)
    return _committee(request, body)


@require_POST
@permitted("committee", "W", log="committee.add_meeting", personal=False)
def committee_add_meeting(request: HttpRequest, uid):
    """A meeting outside the rhythm."""
    rows = visible_committees(request.scope).filter(dong__in=request.scope.dong_ids("committee", "W"))
    body = get_object_or_404(rows.select_related("dong"), uid=uid)
    form = MomentForm(request.POST)
    if not form.is_valid():
        return _committee(request, body, form=form, status=422)
    given = form.cleaned_data
    moment = at_seoul(given["on"], given["clock"])
    try:
        made = calendars.add_meeting(body, starts_at=moment, place=given["place"], by=request.user, at=timezone.now())
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _committee(request, body, form=form, status=422)
    messages.success(request, f"제{made.number}차 회의를 {made.when}에 엽니다.")
    return redirect("meeting", made.uid)


@require_POST
@permitted("committee", log="committee.task_done")
def committee_task_done(request: HttpRequest, uid):
    """A task of a decision or of a plan is done: said by its owner, or by who runs the committee."""
    now = timezone.now()
    seats = Member.objects.on(request.scope.on).filter(user=request.user)
    runs = request.scope.dong_ids("committee", "W")
    plan = PlanItem.objects.filter(uid=uid).select_related("case__dong").first()
    if plan is not None:
        mine = plan.owner_id == request.user.pk or plan.owner_member_id in set(seats.values_list("pk", flat=True))
        if mine or plan.case.dong_id in runs:
            request.access.add(plan.case.person_id)
            cases.finish_plan_item(plan, by=request.user, at=now)
            messages.success(request, "마쳤다고 적었습니다.")
            return _back(request, plan.case.dong)
    tasks = Task.objects.filter(decision__item__meeting__body__in=visible_committees(request.scope))
    task = get_object_or_404(tasks.select_related("decision__item__meeting__body__dong"), uid=uid)
    body = task.decision.item.meeting.body
    if not (task.user_id == request.user.pk or task.member in seats or body.dong_id in runs):
        messages.error(request, "맡은 사람이나 간사가 마쳤다고 적을 수 있습니다.")
        return redirect("committee", body.uid)
    agenda.finish_task(task, by=request.user, at=now)
    messages.success(request, "마쳤다고 적었습니다.")
    return redirect("committee", body.uid)


def _back(request: HttpRequest, dong):
    body = visible_committees(request.scope).filter(dong=dong).first()
    return redirect("committee", body.uid) if body else redirect("committees")


def _committee(request: HttpRequest, body: Body, *, form: MomentForm | None = None, status: int = 200):
    now = timezone.now()
    today = seoul_date(now)
    runs = body.dong_id in request.scope.dong_ids("committee", "W")
    knows = body.dong_id in request.scope.dong_ids("referral") or body.dong_id in request.scope.dong_ids("case")
    following = calendars.next_meeting(body, at=now)
    waiting, due = [], []
    if knows:
        waiting = [_waiting(row, now) for row in case_agenda.waiting(body.dong)]
        until = seoul_date(following.starts_at) if following else today + dt.timedelta(7)
        due = list(case_agenda.due_reviews(body.dong, until=until)) if request.scope.allows("case") else []
        request.access.add([line["referral"].person_id for line in waiting])
        request.access.add([case.person_id for case in due])
    everybody = sorted(body.members.all(), key=lambda m: (not m.is_chair, m.kind, m.name, m.pk))
    members = [m for m in everybody if m.sits_on(today)]
    day = seoul_date(following.starts_at) if following else today
    planned = following is not None and following.state == Meeting.State.PLANNED
    then = [m for m in everybody if m.sits_on(day)]
    context = {
        "body": body,
        "rhythm": bodies.rhythm(body),
        "following": following,
        "is_today": following is not None and seoul_date(following.starts_at) == today,
        "items": list(following.agenda.exclude(state=AgendaItem.State.WITHDRAWN)) if following else [],
        "forecast": meetings.forecast(following, meetings.seated(following, then)) if planned else None,
        "waiting": waiting,
        "due": due,
        "knows": knows,
        "runs": runs,
        "may_found": request.scope.allows("governance"),
        **calendars.shown(
            calendars.calendar(
                body,
                first=today - dt.timedelta(weeks=WEEKS_BACK),
                last=today + dt.timedelta(weeks=WEEKS_AHEAD),
                today=today,
            ),
            today,
        ),
        "members": members,
        "ending": [m for m in members if m.valid_to and m.valid_to <= today + dt.timedelta(bodies.WARN_DAYS)],
        "vacancies": bodies.vacancies(body, on=today) if runs else [],
        "missing": bodies.missing(body, on=today, members=members) if runs else [],
        "tasks": _tasks(request, body, runs, {m.pk for m in members if m.user_id == request.user.pk}),
        "today": today,
        "form": form or MomentForm(initial={"clock": body.starts_at, "place": body.place}),
        "is_case_committee": True,
        "hide_search": not request.scope.allows("person"),
    }
    return render(request, "casemgmt/committee_detail.html", context, status=status)


def _waiting(row: Referral, now: dt.datetime) -> dict:
    return {
        "referral": row,
        "need": needs.word(row.need),
        "origin": case_agenda.origin(row),
        "days": (seoul_date(now) - seoul_date(row.sent_at)).days,
        "late_by": referrals.late_by(row, at=now),
        "step": referrals.step(row, at=now),
    }


def _tasks(request: HttpRequest, body: Body, runs: bool, seats: set[int]) -> list[dict]:
    """Open tasks: all of them for who runs the committee, one's own for everybody else. No names of residents."""
    plans = PlanItem.objects.filter(done_at=None, case__decision__item__meeting__body=body).exclude(
        case__state="closed"
    )
    tasks = Task.objects.filter(done_at=None, decision__item__meeting__body=body)
    rows = [
        _task(row, row.case.number, row.owner, row.owner_member, packs.veiled(row.case.person, row.what, knows=runs))
        for row in plans.select_related("case__person__household", "owner", "owner_member")[:60]
        if runs or row.owner_id == request.user.pk or row.owner_member_id in seats
    ]
    rows += [
        _task(row, f"제{row.decision.item.meeting.number}차", row.user, row.member, row.what)
        for row in tasks.select_related("user", "member", "decision__item__meeting")[:60]
        if runs or row.user_id == request.user.pk or row.member_id in seats
    ]
    return sorted(rows, key=lambda row: row["due_on"])[:30]


def _task(row, about: str, user, member, what: str) -> dict:
    owner = user or member
    return {"uid": row.uid, "about": about, "what": what, "owner": owner.name if owner else "", "due_on": row.due_on}
