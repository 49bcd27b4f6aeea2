"""Where figures that contradict a rule are looked at, and taken in by somebody with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from centers.access import permitted
from common.refusals import Refusal
from planners.models import ImportBatch
from seongbuk import figure_decisions, figure_list
from seongbuk.figure_sheets import SHEETS


@require_http_methods(["GET", "POST"])
@permitted("import", "W", log="figures.decide", personal=False)
def decisions(request: HttpRequest, uid):
    """Every difference of an uploaded table: rule, printed and computed value, and who accepted it why."""
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.scope), uid=uid, kind=ImportBatch.Kind.FIGURES)
    if "decisions" not in batch.report:
        raise Http404
    as_of, found = figure_list.day_of(batch), figure_list.differences_of(batch)
    if request.method == "POST":
        left = figure_decisions.open_ones(as_of, found)
        picked = set(request.POST.getlist("difference"))
        chosen = [one for n, one in enumerate(left) if str(n) in picked]
        return _accept(request, batch, chosen, as_of)
    decided = figure_decisions.accepted(as_of, found)
    context = {
        "batch": batch,
        "as_of": as_of,
        "sheet": SHEETS[batch.report["figure_table"]],
        "left": figure_decisions.open_ones(as_of, found),
        "decided": [(one, decided[one]) for one in found if one in decided],
    }
    return render(request, "seongbuk/figure_decisions.html", context)


def _accept(request: HttpRequest, batch: ImportBatch, chosen: list, as_of):
    request.access.reason = request.POST.get("reason", "")
    request.access.detail = {"batch": str(batch.uid), "differences": len(chosen)}
    if not chosen:
        messages.error(request, "받아들일 곳을 골라 주세요.")
        return redirect("figure_decisions", batch.uid)
    try:
        count = figure_decisions.accept(
            chosen, as_of=as_of, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{count}군데를 받아들였습니다. 누가 왜 받아들였는지 남습니다.")
    return redirect("figure_decisions", batch.uid)
