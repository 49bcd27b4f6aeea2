"""Promising to come again in a rhythm, and ending that promise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from centers.access import permitted
from common.months import seoul_date
from common.refusals import Refusal
from planners import programmes
from planners.forms import FollowUpForm
from planners.models import FollowUp, Target, TargetRule


def rules_in_force(on):
    """Rhythms that can be promised on a day."""
    return TargetRule.objects.on(on).filter(kind=TargetRule.Kind.FOLLOW_UP).order_by("programme__order", "tier", "key")


@require_POST
@permitted("case_meeting", "W", log="follow_up.start")
def follow_up_start(request: HttpRequest, uid):
    target = _target(request, uid)
    now = timezone.now()
    today = seoul_date(now)
    form = FollowUpForm(request.POST, rules=rules_in_force(today))
    if not form.is_valid():
        messages.error(request, "얼마나 자주 찾아뵐지와 까닭을 적어 주세요.")
        return redirect("target_detail", target.uid)
    facts = form.cleaned_data
    try:
        programmes.start_follow_up(
            target.person, facts["rule"], starts_on=today, reason=facts["reason"], by=request.user, at=now
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"지속방문을 시작했습니다. {facts['rule'].title}.")
    return redirect("target_detail", target.uid)


@require_POST
@permitted("case_meeting", "W", log="follow_up.end")
def follow_up_end(request: HttpRequest, uid):
    target = _target(request, uid)
    row = get_object_or_404(FollowUp, person=target.person, rule__key=request.POST.get("rule", ""), ends_on=None)
    now = timezone.now()
    try:
        programmes.end_follow_up(
            row, reason=request.POST.get("reason", ""), by=request.user, on=seoul_date(now), at=now
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "지속방문을 마쳤습니다.")
    return redirect("target_detail", target.uid)


def _target(request: HttpRequest, uid) -> Target:
    target = get_object_or_404(Target.objects.visible_to(request.scope).select_related("person"), uid=uid)
    request.access.add(target.person)
    return target
