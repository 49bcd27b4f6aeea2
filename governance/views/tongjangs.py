"""복지통장: every tong with its tongjang, the term, what was done in a year; appointing, reappointing, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.asked import asked_number
from common.months import seoul_date
from common.refusals import Refusal
from governance import tongjangs as terms
from governance.forms import TongjangEndForm, TongjangForm
from governance.models import TongjangTerm


@require_GET
@permitted("organisation", log="tongjang.list", personal=False)
def tongjangs(request: HttpRequest):
    """Tongs of a dong; who sees several dongs sees their counts until one is chosen."""
    today = seoul_date(timezone.now())
    dongs = list(request.scope.dongs("organisation"))
    dong = _asked(request, dongs)
    lines = terms.lines([dong] if dong else dongs, on=today)
    context = {
        "lines": lines if dong or len(dongs) == 1 else [],
        "counts": [] if dong or len(dongs) == 1 else terms.counts(lines),
        "dong": dong,
        "dongs": dongs,
        "today": today,
        "held": sum(line.term is not None for line in lines),
        "empty": sum(line.term is None for line in lines),
        "soon": sum(line.ends_soon for line in lines),
        "writable": _writable(request),
    }
    return render(request, "governance/tongjang_list.html", context)


def _asked(request: HttpRequest, dongs: list[Dong]) -> Dong | None:
    if "dong" in request.GET:
        return next((dong for dong in dongs if dong.slug == request.GET["dong"]), None)
    own = request.scope.dong
    return own if own in dongs else None


def _writable(request: HttpRequest) -> set[int]:
    """Dongs whose tongjang the viewer may appoint."""
    scope = request.scope
    if scope.everywhere("organisation", "W"):
        return set(Dong.objects.values_list("pk", flat=True))
    return scope.dong_ids("organisation", "W")


def _back(dong: Dong):
    return redirect(f"{reverse('tongjangs')}?{urlencode({'dong': dong.slug})}")


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="tongjang.appoint", personal=False)
def tongjang_new(request: HttpRequest):
    """Appoint for a tong that is empty, or from the day the present term ends."""
    now = timezone.now()
    dong = get_object_or_404(Dong.objects.filter(pk__in=_writable(request)), slug=request.GET.get("dong", ""))
    start = {"tong": asked_number(request.GET.get("tong"), most=999), "since": seoul_date(now).isoformat()}
    form = TongjangForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            row = terms.appoint(dong, **form.cleaned_data, by=request.user, at=now)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{row.tong}통 {row.name} 님을 {row.valid_to:%Y년 %-m월 %-d일}까지 위촉했습니다.")
            return _back(dong)
    context = {"form": form, "dong": dong}
    return render(request, "governance/tongjang_form.html", context, status=422 if form.errors else 200)


def _term(request: HttpRequest, uid) -> TongjangTerm:
    rows = TongjangTerm.objects.filter(dong__in=_writable(request)).select_related("dong")
    return get_object_or_404(rows, uid=uid)


@require_POST
@permitted("organisation", "W", log="tongjang.reappoint", personal=False)
def tongjang_reappoint(request: HttpRequest, uid):
    row = _term(request, uid)
    try:
        new = terms.reappoint(row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{new.name} 님이 {new.valid_to:%Y년 %-m월 %-d일}까지 이어서 맡습니다.")
    return _back(row.dong)


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="tongjang.end", personal=False)
def tongjang_end(request: HttpRequest, uid):
    row = _term(request, uid)
    form = TongjangEndForm(request.POST or None, initial={"on": seoul_date(timezone.now()).isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            terms.end(row, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{row.name} 님의 임기를 끝냈습니다. 지난 활동은 그대로 남습니다.")
            return _back(row.dong)
    context = {"form": form, "dong": row.dong, "term": row}
    return render(request, "governance/tongjang_form.html", context, status=422 if form.errors else 200)
