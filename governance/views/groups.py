"""The register of groups and activists of a dong: counts beside the printed tables, filters, adding and changing."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from centers.access import permitted
from centers.models import Dong
from common.months import seoul_date
from common.refusals import Refusal
from governance import groups
from governance.forms import ActivistForm, LocalForm, OrganisationForm
from governance.models import Activist, Organisation

SHOWN = 50


@require_GET
@permitted("organisation", log="organisation.list")
def organisations(request: HttpRequest):
    """Groups of the viewer's dongs; leader and phone only of those that agree to be contacted."""
    today = seoul_date(timezone.now())
    asked = {name: request.GET.get(name, "")[:60].strip() for name in ("q", "kind", "size", "active")}
    dong, dongs = _dong(request)
    rows = Organisation.objects.visible_to(request.scope).on(today).select_related("dong")
    rows = groups.of_size(_filtered(rows, asked, dong, Organisation), asked["size"])
    counts = groups.by_dong(on=today)
    context = _page(request, rows, asked, dong) | {
        "counts": counts,
        "line": next((line for line in counts.lines if dong and line.dong == dong), None),
        "clubs": groups.clubs(on=today),
        "kinds": Organisation.Kind.choices,
        "sizes": [(key, words) for key, (words, *_) in groups.SIZES.items()],
        "dongs": dongs,
        "today": today,
    }
    return render(request, "governance/organisation_list.html", context)


@require_GET
@permitted("organisation", log="activist.list")
def activists(request: HttpRequest):
    """Single activists. Who has not agreed to be contacted stays without a name."""
    today = seoul_date(timezone.now())
    asked = {name: request.GET.get(name, "")[:60].strip() for name in ("q", "kind", "active")}
    dong, dongs = _dong(request)
    rows = Activist.objects.visible_to(request.scope).on(today).select_related("dong")
    rows = _filtered(rows, asked, dong, Activist)
    context = _page(request, rows, asked, dong) | {
        "counts": groups.activists_by_dong(on=today),
        "kinds": Activist.Kind.choices,
        "dongs": dongs,
        "today": today,
    }
    return render(request, "governance/activist_list.html", context)


def _dong(request: HttpRequest) -> tuple[Dong | None, list[Dong]]:
    dongs = list(request.scope.dongs("organisation"))
    if "dong" in request.GET:
        return next((dong for dong in dongs if dong.slug == request.GET["dong"]), None), dongs
    return (request.scope.dong if request.scope.dong in dongs else None), dongs


def _filtered(rows, asked: dict[str, str], dong: Dong | None, model):
    if dong:
        rows = rows.filter(dong=dong)
    if asked["kind"] in model.Kind.values:
        rows = rows.filter(kind=asked["kind"])
    if asked["active"] != "all":
        rows = rows.filter(is_active=True)
    if asked["q"]:
        rows = rows.filter(Q(name__icontains=asked["q"]) | Q(note__icontains=asked["q"]))
    return rows.order_by("dong__order", "kind", "name", "pk")


def _page(request: HttpRequest, rows, asked: dict[str, str], dong: Dong | None) -> dict:
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    query = asked | {"dong": dong.slug if dong else ""}
    return {
        "page": page,
        "asked": asked,
        "dong": dong,
        "next_url": f"?{urlencode(query | {'page': page.next_page_number()})}" if page.has_next() else "",
        "previous_url": f"?{urlencode(query | {'page': page.previous_page_number()})}" if page.has_previous() else "",
        "may_change": request.scope.allows("organisation", "W"),
    }


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="organisation.add")
def organisation_new(request: HttpRequest):
    return _new(request, Organisation, OrganisationForm, "organisations")


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="organisation.change")
def organisation_change(request: HttpRequest, uid):
    return _change(request, Organisation, OrganisationForm, "organisations", uid)


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="activist.add")
def activist_new(request: HttpRequest):
    return _new(request, Activist, ActivistForm, "activists")


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="activist.change")
def activist_change(request: HttpRequest, uid):
    return _change(request, Activist, ActivistForm, "activists", uid)


def _bound(request: HttpRequest, form_class: type[LocalForm], initial: dict) -> LocalForm:
    dongs = request.scope.dongs("organisation", "W")
    everywhere = request.scope.everywhere("organisation", "W")
    return form_class(request.POST or None, initial=initial, dongs=dongs, everywhere=everywhere)


def _new(request: HttpRequest, model, form_class, back: str):
    form = _bound(request, form_class, {"dong": request.scope.dong, "kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        try:
            made = groups.add(model, by=request.user, at=timezone.now(), **form.facts())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "목록에 올렸습니다.")
            return redirect(f"{reverse(back)}?{urlencode({'dong': made.dong.slug if made.dong else ''})}")
    context = {"form": form, "back": back, "of_people": model is Activist}
    return render(request, "governance/group_form.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, model, form_class, back: str, uid):
    rows = model.objects.visible_to(request.scope).filter(dong__in=request.scope.dongs("organisation", "W"))
    if request.scope.everywhere("organisation", "W"):
        rows = model.objects.visible_to(request.scope)
    row = get_object_or_404(rows.select_related("dong", "changed_by"), uid=uid)
    form = _bound(request, form_class, _start(row, form_class))
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            groups.change(row, version=version, by=request.user, at=timezone.now(), **form.facts())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "내용을 고쳤습니다.")
            return redirect(f"{reverse(back)}?{urlencode({'dong': row.dong.slug if row.dong else ''})}")
    context = {"form": form, "record": row, "back": back, "of_people": model is Activist}
    return render(request, "governance/group_form.html", context, status=422 if form.errors else 200)


def _start(row, form_class: type[LocalForm]) -> dict:
    """Values as the form's fields write them: days in ISO for the date inputs."""
    start = {name: getattr(row, name) for name in form_class.base_fields}
    days = {name: day.isoformat() for name in ("consent_on", "valid_from", "valid_to") if (day := start[name])}
    return start | days
