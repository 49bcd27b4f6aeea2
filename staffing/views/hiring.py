"""The hiring plan: grid, years, cost, and a scenario that changes cells without storing them."""

from django.http import HttpRequest
from django.shortcuts import render
from django.views.decorators.http import require_GET

from centers import reports
from centers.access import permitted
from staffing import hiring
from staffing.forms import ScenarioForm

MOST_CHANGES = 40


@require_GET
@permitted("staffing", log="staffing.hiring", personal=False)
def hiring_plan(request: HttpRequest):
    """충원계획. `set=<dong>:<type>:<heads>` in the address is one changed cell; the form adds one more."""
    changes = _changes(request)
    form = ScenarioForm(request.GET if "heads" in request.GET else None)
    if form.is_valid():
        facts = form.cleaned_data
        changes[facts["dong"].slug, facts["kind"]] = facts["heads"]
        form = ScenarioForm()
    plan = hiring.plan(changes) if request.scope.everywhere("staffing") else None
    return render(
        request,
        "staffing/hiring_plan.html",
        {
            "plan": plan,
            "before": hiring.plan() if changes and plan else None,
            "form": form,
            "kinds": hiring.SOCIAL,
            "lines": [_line(line) for line in plan.lines] if plan else [],
            "heads": [plan.heads(key) for key in hiring.SOCIAL] if plan else [],
            "changes": [f"{slug}:{kind}:{heads}" for (slug, kind), heads in changes.items()],
            "export": reports.exportable(reports.find("hiring_plan"), request.scope),
        },
    )


def _line(line: hiring.PlanLine) -> dict:
    cells = [{"heads": line.social.get(key, 0), "changed": key in line.changed} for key in hiring.SOCIAL]
    return {"line": line, "cells": cells if line.social else []}


def _changes(request: HttpRequest) -> dict[tuple[str, str], int]:
    found = {}
    for text in request.GET.getlist("set")[:MOST_CHANGES]:
        slug, _, rest = text.partition(":")
        kind, _, heads = rest.partition(":")
        if kind in hiring.SOCIAL and heads.isdecimal() and int(heads) <= 99:
            found[slug, kind] = int(heads)
    return found
