"""Rules and reach of the programmes: what holds, what will hold, and a preview before it is decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.months import Month
from common.refusals import Refusal
from planners import rule_changes, rule_previews
from planners.forms import CoverForm, RuleForm
from planners.models import Coverage, Programme, TargetRule


@require_GET
@permitted("settings", log="rules.open", personal=False)
def target_rules(request: HttpRequest):
    """Every rule with its version, and which dongs each programme reaches since when."""
    today = request.scope.on
    rules = TargetRule.objects.filter(valid_to=None) | TargetRule.objects.filter(valid_to__gt=today)
    reach: dict[int, dict[int, Coverage]] = {}
    for row in Coverage.objects.on(today).order_by("valid_from"):
        reach.setdefault(row.dong_id, {})[row.programme_id] = row
    all_programmes = list(Programme.objects.all())
    grid = [
        (dong, [reach.get(dong.pk, {}).get(programme.pk) for programme in all_programmes])
        for dong in Dong.objects.all()
    ]
    coming = Coverage.objects.filter(valid_from__gt=today).select_related("programme", "dong")
    return render(
        request,
        "planners/rule_list.html",
        {
            "rules": rules.select_related("programme").order_by("programme__order", "key", "version"),
            "today": today,
            "programmes": all_programmes,
            "grid": grid,
            "coming": coming.order_by("valid_from", "dong__order"),
            "may_change": request.scope.allows("settings", "W"),
            "form": CoverForm(initial={"since": Month.of(today).next}),
        },
    )


@require_http_methods(["GET", "POST"])
@permitted("settings", "W", log="rules.change", personal=False)
def target_rule(request: HttpRequest, key):
    """Change the figures of a rule: first look at whom it would list, then let it begin."""
    rule = rule_changes.current(key)
    if rule is None:
        raise Http404
    now = timezone.now()
    form = RuleForm(request.POST or None, rule=rule, initial={"since": Month.of(now).next})
    counts = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "save":
                new = rule_changes.revise(
                    rule, source=form.cleaned_data["source"], since=form.month, at=now, **form.facts
                )
                messages.success(request, f"‘{new.title}’ {new.version}판이 {form.month.korean} 1일부터 쓰입니다.")
                return redirect("target_rules")
            counts = rule_previews.preview(rule_changes.draft(rule, **form.facts), form.month)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    context = {"rule": rule, "form": form, "counts": counts}
    return render(request, "planners/rule_change.html", context, status=422 if form.errors else 200)


@require_POST
@permitted("settings", "W", log="rules.cover", personal=False)
def coverage_change(request: HttpRequest):
    form = CoverForm(request.POST)
    if not form.is_valid():
        messages.error(request, "사업, 범위, 시작하는 달과 동을 모두 골라 주세요.")
        return redirect("target_rules")
    facts = form.cleaned_data
    try:
        changed = rule_changes.cover(
            facts["programme"], facts["dongs"], facts["reach"], since=form.month, at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{facts['programme'].name}: {changed}개 동이 {form.month.korean}부터 바뀝니다.")
    return redirect("target_rules")
