"""The register of facilities: the district's counts beside the printed tables, and the list of a dong."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from centers import facilities
from centers.access import permitted
from centers.forms import FacilityForm
from centers.models import Dong, Facility
from common.hangul import particle
from common.months import seoul_date
from common.refusals import Refusal

SHOWN = 50


@require_GET
@permitted("agency", log="facility.list", personal=False)
def facility_list(request: HttpRequest):
    """What stands where: counts of all dongs, and the list with its filters."""
    today = seoul_date(timezone.now())
    asked = {name: request.GET.get(name, "")[:60].strip() for name in ("q", "kind", "group")}
    group = asked["group"] if asked["group"] in Facility.GROUPS else Facility.WELFARE
    dong = _dong(request)
    counts = facilities.by_dong(group, on=today)
    rows = _filtered(Facility.objects.on(today).of_group(group), asked, dong)
    page = Paginator(rows.select_related("dong"), SHOWN).get_page(request.GET.get("page"))
    query = {"group": group, "dong": dong.slug if dong else "", "kind": asked["kind"], "q": asked["q"]}
    context = {
        "group": group,
        "groups": [
            (key, name, urlencode({"group": key, "dong": query["dong"]})) for key, name in Facility.GROUP_NAMES.items()
        ],
        "counts": counts,
        "district": facilities.by_district_kind(counts, on=today) if group == Facility.WELFARE else (),
        "dong": dong,
        "dongs": Dong.objects.all(),
        "kinds": counts.columns,
        "asked": asked,
        "page": page,
        "line": next((line for line in counts.lines if dong and line.dong == dong), None),
        "next_url": f"?{urlencode(query | {'page': page.next_page_number()})}" if page.has_next() else "",
        "previous_url": f"?{urlencode(query | {'page': page.previous_page_number()})}" if page.has_previous() else "",
        "may_change": request.scope.allows("agency", "W"),
        "sees_figures": dong in request.scope.dongs("report"),
        "today": today,
    }
    return render(request, "centers/facility_list.html", context)


def _dong(request: HttpRequest) -> Dong | None:
    """The dong asked for; without a question the viewer's own."""
    if "dong" in request.GET:
        return Dong.objects.filter(slug=request.GET["dong"]).first()
    return request.scope.dong


def _filtered(rows: QuerySet[Facility], asked: dict[str, str], dong: Dong | None) -> QuerySet[Facility]:
    if dong:
        rows = rows.filter(dong=dong)
    if asked["kind"] in Facility.Kind.values:
        rows = rows.filter(kind=asked["kind"])
    if asked["q"]:
        rows = rows.filter(Q(name__icontains=asked["q"]) | Q(address__icontains=asked["q"]))
    return rows.order_by("dong__order", "kind", "name", "pk")


@require_http_methods(["GET", "POST"])
@permitted("agency", "W", log="facility.add", personal=False)
def facility_new(request: HttpRequest):
    form = FacilityForm(request.POST or None, initial={"dong": request.scope.dong, "kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in facilities.FIELDS}
        try:
            made = facilities.add(by=request.user, at=timezone.now(), **facts)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{made.name}{particle(made.name, '을/를')} 시설 목록에 올렸습니다.")
            return redirect(_list_of(made))
    return render(request, "centers/facility_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permitted("agency", "W", log="facility.change", personal=False)
def facility_change(request: HttpRequest, uid):
    """Change or close a facility; a stale form changes nothing."""
    facility = get_object_or_404(Facility.objects.select_related("dong", "changed_by"), uid=uid)
    start = {name: getattr(facility, name) for name in (*facilities.FIELDS, "version")}
    start |= {
        "valid_from": facility.valid_from.isoformat(),
        "valid_to": facility.valid_to.isoformat() if facility.valid_to else "",
    }
    form = FacilityForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in facilities.FIELDS}
        version = form.cleaned_data["version"]
        try:
            facilities.change(facility, version=version, by=request.user, at=timezone.now(), **facts)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{facts['name']}의 내용을 고쳤습니다.")
            return redirect(_list_of(facility))
    context = {"form": form, "facility": facility}
    return render(request, "centers/facility_form.html", context, status=422 if form.errors else 200)


def _list_of(facility: Facility) -> str:
    where = {"group": facility.group, "dong": facility.dong.slug if facility.dong else ""}
    return f"{reverse('facilities')}?{urlencode(where)}"
