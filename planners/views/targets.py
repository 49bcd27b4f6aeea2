"""Who is to be visited this month and why; reporting a worry about a household."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import (
    programmes,
    resident_pages,
    target_endings,
    target_lists,
    target_outlook,
    target_reasons,
    visit_alarms,
)
from planners.forms import CrisisForm, EndTargetForm, FollowUpForm, TargetFilterForm
from planners.models import Alarm, Person, Programme, Target
from planners.target_lists import VIEWS
from planners.views.follow_ups import rules_in_force


@require_GET
@permitted("target", log="target.list")
def targets(request: HttpRequest):
    """The month's list of the viewer's dong, by due day."""
    today = seoul_date(timezone.now())
    month, dong = _month(request, today), _dong(request)
    form = TargetFilterForm(request.GET)
    form.is_valid()
    rows = Target.objects.visible_to(request.scope)
    rows = target_lists.of_month(rows, month, today=today)
    if dong:
        rows = rows.filter(dong=dong)
    all_programmes = list(Programme.objects.all())
    programme = next((p for p in all_programmes if p.key == request.GET.get("programme")), None)
    if programme:
        rows = rows.filter(programme=programme)
    if tong := form.cleaned_data.get("tong"):
        rows = rows.filter(person__tong=tong)
    states = target_lists.counts(rows)
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else "open"
    shown = target_lists.viewed(rows, view, month=month, today=today)
    page = target_lists.page(shown, today=today, after=request.GET.get("after", ""))
    request.access.add(row.target.person_id for row in page.rows)
    query = {"month": month, "programme": programme.key if programme else "", "tong": tong or "", "view": view}
    if dong:
        query["dong"] = dong.slug
    return render(
        request,
        "planners/target_list.html",
        {
            "page": page,
            "month": month,
            "today": today,
            "dong": dong,
            "dongs": request.scope.dongs("target"),
            "programmes": all_programmes,
            "programme": programme,
            "tong": tong,
            "view": view,
            "views": [(key, name, urlencode(query | {"view": key})) for key, name in VIEWS.items()],
            "parts": [{"name": Target.State(state).label, "value": n} for state, n in states.items()],
            "whole": {"name": "명단", "value": sum(states.values())},
            "outlook": target_outlook.outlook([dong] if dong else request.scope.dongs("target"), month),
            "query": urlencode({k: v for k, v in query.items() if k != "month"}),
            "next_url": f"?{urlencode(query | {'after': page.next_after})}" if page.next_after else "",
            "may_extract": request.scope.allows("target", "W"),
        },
    )


@require_POST
@permitted("target", "W", log="target.extract")
def extract(request: HttpRequest):
    """Make the list of a month for the lead's own dongs now, without waiting for the night."""
    now = timezone.now()
    month = Month.parse(request.POST.get("month", ""))
    dongs = list(Dong.objects.filter(pk__in=request.scope.dong_ids("target", "W")))
    done = programmes.extract_targets(month, dongs=dongs, by=request.user, at=now)
    request.access.add(target.person_id for target in done.targets)
    kept = f", 이미 있던 {done.unchanged}명" if done.unchanged else ""
    messages.success(request, f"{month.korean} 명단: 새로 {done.created}명{kept}.")
    return redirect(f"{reverse('targets')}?month={month}")


@require_GET
@permitted("target", log="target.open")
def target_detail(request: HttpRequest, uid):
    """One target: why it is on the list, what was done, what comes next."""
    rows = Target.objects.visible_to(request.scope).select_related("person__dong", "programme", "rule", "dong")
    target = get_object_or_404(rows, uid=uid)
    request.access.add(target.person)
    today = seoul_date(timezone.now())
    row = target_lists.filled([target], today=today)[0]
    return render(
        request,
        "planners/target_detail.html",
        {
            "target": target,
            "row": row,
            "reasons": target_reasons.why(target, sees_facts=_sees_facts(request, target.person)),
            "visits": target.visits.select_related("pair__nurse", "pair__social").order_by("attempt"),
            "may_call": request.scope.allows("consent", "W") and target.state == Target.State.OPEN,
            "may_end": request.scope.allows("target", "W") and target.state == Target.State.OPEN,
            "form": EndTargetForm(),
            "follow_ups": target.person.follow_ups.filter(ends_on=None).select_related("rule"),
            "follow_up_form": FollowUpForm(rules=rules_in_force(today)),
            "may_follow_up": request.scope.allows("case_meeting", "W"),
            "reports": programmes.reports_of(target),
        },
    )


@require_POST
@permitted("target", "W", log="target.end")
def target_end(request: HttpRequest, uid):
    target = get_object_or_404(Target.objects.visible_to(request.scope), uid=uid)
    request.access.add(target.person_id)
    form = EndTargetForm(request.POST)
    if not form.is_valid():
        messages.error(request, "명단에서 빼는 까닭을 적어 주세요.")
        return redirect("target_detail", target.uid)
    now = timezone.now()
    try:
        target_endings.end_target(
            target, Target.State.WITHDRAWN, reason=form.cleaned_data["reason"],
            by=request.user, on=seoul_date(now), at=now,
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "명단에서 뺐습니다. 잡혀 있던 약속은 취소되었습니다.")
    return redirect("target_detail", target.uid)


@require_POST
@permitted("consent", "W", log="crisis.answer")
def report_answered(request: HttpRequest, uid):
    """Whoever reported the worry was told that somebody takes care of it."""
    target = get_object_or_404(Target.objects.visible_to(request.scope).select_related("rule"), uid=uid)
    request.access.add(target.person_id)
    programmes.answer_reporter(target, by=request.user, at=timezone.now())
    messages.success(request, "알린 분에게 답한 것을 적었습니다.")
    return redirect("target_detail", target.uid)


@require_http_methods(["GET", "POST"])
@permitted("consent", "W", log="crisis.report")
def crisis_report(request: HttpRequest, uid):
    """Half a minute for a worry about somebody: it becomes a visit due in days."""
    person = get_object_or_404(Person.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    request.access.add(person)
    form = CrisisForm(request.POST or None, initial={"channel": "tongjang"})
    if request.method == "POST" and form.is_valid():
        try:
            return _report(request, person, form)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    status = 422 if form.errors else 200
    return render(request, "planners/crisis_report.html", {"person": person, "form": form}, status=status)


def _report(request: HttpRequest, person: Person, form: CrisisForm):
    now = timezone.now()
    facts = form.cleaned_data
    _, target = programmes.report_crisis(
        person, channel=facts["channel"], text=form.told, reporter=facts["reporter"], by=request.user, at=now
    )
    due = f"{target.due_on.month}월 {target.due_on.day}일"
    messages.success(request, f"알림을 받았습니다. {due}까지 찾아뵙습니다.")
    if "mind" in facts["signs"]:
        visit = target.visits.open().first()
        if visit:
            visit_alarms.raise_unhanded(visit, Alarm.Kind.SELF_HARM, by=request.user, at=now)
            messages.warning(request, "마음이 많이 힘든 분입니다. 팀장에게 알렸습니다. 지금 바로 말로도 전해 주세요.")
    if request.scope.allows("target"):
        return redirect("target_detail", target.uid)
    return redirect("home")


def _sees_facts(request: HttpRequest, person: Person) -> bool:
    is_own = person.visits.filter(staff__user=request.user).exists()
    return resident_pages.may(request.scope, "person_facts", person, is_own=is_own)


def _month(request: HttpRequest, today) -> Month:
    try:
        return Month.parse(request.GET.get("month", ""))
    except Refusal:
        return Month.of(today)


def _dong(request: HttpRequest) -> Dong | None:
    """The dong asked for when the viewer may see it; otherwise the own one."""
    rows = request.scope.dongs("target")
    wanted = rows.filter(slug=request.GET.get("dong", "")).first() if request.GET.get("dong") else None
    return wanted or request.scope.dong


@require_GET
@permitted("target", log="target.why")
def person_lists(request: HttpRequest, uid):
    """Why somebody is on each list of a month, or is not: for any resident, in one tap."""
    person = get_object_or_404(Person.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    request.access.add(person)
    month = _month(request, seoul_date(timezone.now()))
    standings = target_reasons.standings(person, month, sees_facts=_sees_facts(request, person))
    seen = set(Target.objects.visible_to(request.scope).filter(person=person).values_list("pk", flat=True))
    context = {"person": person, "month": month, "standings": standings, "seen": seen}
    return render(request, "planners/person_lists.html", context)
