"""The directory of agencies: find who helps, how fast they answer, how many cases they can still lead."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from casemgmt import agencies
from casemgmt.forms import AgencyForm
from casemgmt.models import Agency
from centers.access import permitted
from centers.models import Dong
from common.hangul import particle
from common.refusals import Refusal

SHOWN = 200


@require_GET
@permitted("agency", log="agency.list", personal=False)
def agency_list(request: HttpRequest):
    """Search by words, kind, service and dong. Counts only, no names of people helped."""
    dong = Dong.objects.filter(slug=request.GET["dong"]).first() if "dong" in request.GET else request.scope.dong
    asked = {name: request.GET.get(name, "")[:60] for name in ("q", "kind", "service")}
    may_change = request.scope.allows("agency", "W")
    rows = agencies.search(
        text=asked["q"],
        kind=asked["kind"],
        service=asked["service"],
        dong=dong,
        inactive=may_change and "all" in request.GET,
    )
    found = list(rows[: SHOWN + 1])
    loads = {load.agency.pk: load for load in agencies.loads(found[:SHOWN])}
    context = {
        "lines": [
            {"agency": row, "load": loads[row.pk], "answer": agencies.took(row.answer_time)} for row in found[:SHOWN]
        ],
        "more": len(found) > SHOWN,
        "asked": asked,
        "dong": dong,
        "dongs": Dong.objects.all(),
        "kinds": Agency.Kind.choices,
        "services": agencies.services(),
        "may_change": may_change,
    }
    return render(request, "casemgmt/agency_list.html", context)


@require_http_methods(["GET", "POST"])
@permitted("agency", "W", log="agency.register", personal=False)
def agency_new(request: HttpRequest):
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        given.pop("is_active")
        try:
            made = agencies.register(by=request.user, at=timezone.now(), **given)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.name}{particle(made.name, '을/를')} 기관 목록에 올렸습니다.")
            return redirect("agencies")
    return render(request, "casemgmt/agency_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permitted("agency", "W", log="agency.change", personal=False)
def agency_change(request: HttpRequest, uid):
    agency = get_object_or_404(Agency.objects.select_related("dong"), uid=uid)
    names = ("name", "kind", "dong", "contact", "phone", "hours", "answer_days", "case_limit", "is_active")
    start = {name: getattr(agency, name) for name in names} | {"services": "\n".join(agency.services)}
    form = AgencyForm(request.POST or None, initial=start)
    del form.fields["dong"]  # an agency that moves is another agency
    if request.method == "POST" and form.is_valid():
        try:
            agencies.change(agency, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{agency.name}의 내용을 고쳤습니다.")
            return redirect("agencies")
    context = {"form": form, "agency": agency}
    return render(request, "casemgmt/agency_form.html", context, status=422 if form.errors else 200)
