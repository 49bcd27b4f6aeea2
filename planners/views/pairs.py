"""Pairs and companions: who goes together from when, who may come along, and with whom a companion walks."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong, DongCenter, ZoneDong
from common.asked import asked_uid
from common.months import seoul_date
from common.refusals import Refusal
from planners import companions as companies
from planners import pairs as couples
from planners.models import Accompaniment, Companion, Pair, Visit
from planners.pair_forms import CompanionForm, EndForm, MembersForm, PairForm
from planners.pair_weeks import pair_weeks, week_words
from staffing.models.calendars import WEEK_HALVES

WEEKDAY_NAMES = "월화수목금"


@require_GET
@permitted("pair", log="pair.list", personal=False)
def pairs(request: HttpRequest):
    """The pairs of a dong with their week, those that ended or are to come, and the companions."""
    today, dong = request.scope.on, _dong(request)
    seen = Pair.objects.visible_to(request.scope).select_related("nurse", "social", "dong", "zone")
    if dong:
        seen = seen.filter(dong=dong) | seen.filter(
            zone__in=ZoneDong.objects.on(today).filter(dong=dong).values("zone")
        )
    rows = list(seen.distinct().order_by("-kind", "name", "valid_from", "pk"))
    now = [row for row in rows if row.valid_from <= today and (row.valid_to is None or row.valid_to > today)]
    changeable = set(Pair.objects.changeable_by(request.scope).values_list("pk", flat=True))
    weeks = pair_weeks(now, today)
    helpers = Companion.objects.visible_to(request.scope).on(today)
    return render(
        request,
        "planners/pair_list.html",
        {
            "weeks": weeks,
            "week_words": week_words(today),
            "changeable": changeable,
            "coming": [row for row in rows if row.valid_from > today and row.valid_to != row.valid_from],
            "past": [row for row in rows if row.valid_to and row.valid_to <= today and row.valid_to > row.valid_from],
            "companions": [(row, _boxes(row.slots)) for row in (helpers.filter(dong=dong) if dong else helpers)],
            "weekdays": WEEKDAY_NAMES,
            "dong": dong,
            "dongs": _dongs(request),
            "may_change": request.scope.allows("pair", "W"),
            "may_zone": request.scope.everywhere("pair", "W"),
            "sees_caseload": request.scope.everywhere("pair")
            or any(row.zone_id and row.nurse_id == request.user.pk for row in now),
            "today": today,
            "query": urlencode({"dong": dong.slug}) if dong else "",
        },
    )


def _dongs(request: HttpRequest) -> list[Dong]:
    scope = request.scope
    return list(Dong.objects.all() if scope.everywhere("pair") else Dong.objects.filter(pk__in=scope.dong_ids("pair")))


def _dong(request: HttpRequest) -> Dong | None:
    """The chosen dong, else the own one; a child nurse has none."""
    known = _dongs(request)
    if wanted := request.GET.get("dong"):
        found = next((dong for dong in known if dong.slug == wanted), None)
        if found is None:
            raise Http404
        return found
    return next((dong for dong in known if dong == request.scope.dong), known[0] if known else None)


def _boxes(slots: list[str]) -> list[tuple[bool, bool]]:
    return [(f"{n}AM" in slots, f"{n}PM" in slots) for n in range(5)]


def _back(dong: Dong | None):
    return redirect(f"{reverse('pairs')}?{urlencode({'dong': dong.slug})}" if dong else reverse("pairs"))


@require_http_methods(["GET", "POST"])
@permitted("pair", "W", log="pair.form", personal=False)
def pair_new(request: HttpRequest):
    """Let two people be a pair; a child nurse belongs to a zone and goes alone."""
    dong, today = _dong(request), request.scope.on
    kind = Pair.Kind.ELDER
    if request.GET.get("kind") == Pair.Kind.CHILD and request.scope.everywhere("pair", "W"):
        kind = Pair.Kind.CHILD
    form = PairForm(request.POST or None, kind=kind, dong=dong, on=today, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        try:
            row = couples.form(kind=kind, dong=None if kind == Pair.Kind.CHILD else dong, **form.facts)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{row.name}를 만들었습니다. 이날부터 월 일정과 전화예약에 나타납니다.")
            return _back(dong)
    context = {"form": form, "dong": dong, "is_child": kind == Pair.Kind.CHILD}
    return render(request, "planners/pair_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permitted("pair", "W", log="pair.change", personal=False)
def pair_change(request: HttpRequest, uid):
    """Let other people go on under the same name; promised visits go with them where they can."""
    pair, today = _pair(request, uid), request.scope.on
    form = MembersForm(
        request.POST or None,
        kind=pair.kind,
        dong=pair.dong,
        on=today,
        initial={"nurse": pair.nurse.uid, "social": pair.social.uid if pair.social else None, "since": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            new, taken, left = couples.replace(pair, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            said = (
                f"{new.name}는 {new.valid_from:%-m월 %-d일}부터 새 사람이 갑니다. 약속한 방문 {taken}건을 이어 갑니다."
            )
            messages.success(request, said)
            if left:
                messages.warning(request, f"{len(left)}건은 새 사람이 그 시간에 갈 수 없어 배정 전으로 돌렸습니다.")
            return _back(pair.dong)
    standing = couples.standing_from(pair, today)
    context = {"form": form, "pair": pair, "standing": len(standing), "end_form": EndForm(initial={"on": today})}
    return render(request, "planners/pair_change.html", context, status=422 if form.errors else 200)


@require_POST
@permitted("pair", "W", log="pair.end", personal=False)
def pair_end(request: HttpRequest, uid):
    pair, form = _pair(request, uid), EndForm(request.POST)
    try:
        if form.is_valid():
            couples.end(pair, on=form.cleaned_data["on"])
            messages.success(request, f"{pair.name}를 끝냈습니다. 지난 방문은 그대로 남습니다.")
            return _back(pair.dong)
        messages.error(request, "언제부터 없는지 날짜를 적어 주세요.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("pair_change", pair.uid)


def _pair(request: HttpRequest, uid) -> Pair:
    rows = Pair.objects.changeable_by(request.scope).select_related("nurse", "social", "dong", "zone")
    return get_object_or_404(rows, uid=uid)


# ------------------------------------------------------------------ companions


@require_http_methods(["GET", "POST"])
@permitted("pair", "W", log="companion.enlist", personal=False)
def companion_new(request: HttpRequest):
    """Add a companion, or change the half-days of one."""
    dong = _dong(request)
    if dong is None:
        raise Http404
    row = Companion.objects.filter(dong=dong, uid=request.GET["of"]).first() if request.GET.get("of") else None
    given = {"kind": "tongjang", "slots": WEEK_HALVES}
    if row:
        given = {name: getattr(row, name) for name in ("kind", "name", "field", "phone", "slots")}
    form = CompanionForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            row = companies.enlist(dong, **form.cleaned_data, since=request.scope.on, by=request.user)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{row.name} 님의 동행 시간을 적었습니다.")
            return _back(dong)
    context = {"form": form, "dong": dong, "companion": row}
    return render(request, "planners/companion_form.html", context, status=422 if form.errors else 200)


@require_POST
@permitted("pair", "W", log="companion.dismiss", personal=False)
def companion_end(request: HttpRequest, uid):
    rows = Companion.objects.filter(dong__in=_dongs(request))
    row = companies.dismiss(get_object_or_404(rows, uid=uid), on=request.scope.on)
    messages.success(request, f"{row.name} 님의 동행을 끝냈습니다.")
    return _back(row.dong)


@require_http_methods(["GET", "POST"])
@permitted("visit_schedule", "W", log="visit.companions")
def visit_companions(request: HttpRequest, uid):
    """Who could come along to a visit; ask or release with one tap."""
    rows = Visit.objects.visible_to(request.scope)
    if not set("dA") & set(request.scope.reach("visit_schedule", "W")):
        rows = rows.assigned_to(request.user)
    visit = get_object_or_404(rows.select_related("person", "programme", "pair", "dong"), uid=uid)
    request.access.add(visit.person_id)
    if request.method == "POST":
        try:
            _companion_act(request, visit)
        except Refusal as refusal:
            messages.error(request, refusal.message)
        return redirect("visit_companions", visit.uid)
    with_us = visit.accompaniments.filter(is_active=True).select_related("companion").order_by("pk")
    known = {row.companion_id for row in with_us}
    offers = [offer for offer in companies.offers(visit) if offer.companion.pk not in known]
    return render(request, "planners/visit_companions.html", {"visit": visit, "with_us": with_us, "offers": offers})


def _companion_act(request: HttpRequest, visit: Visit) -> None:
    now = timezone.now()
    if request.POST.get("ask"):
        companion = get_object_or_404(Companion.objects.filter(dong=visit.dong_id), uid=asked_uid(request.POST["ask"]))
        companies.ask(visit, companion, by=request.user, at=now)
        messages.success(request, f"{companion.name} 님에게 동행을 부탁했습니다. 이름과 시간만 보입니다.")
    elif request.POST.get("release"):
        row = get_object_or_404(Accompaniment.objects.filter(visit=visit), uid=asked_uid(request.POST["release"]))
        companies.release(row, by=request.user, at=now)
        messages.success(request, "동행을 취소했습니다.")


@require_GET
@permitted("companion", log="companion.coming")
def my_companies(request: HttpRequest):
    """동행: what a tongjang comes along to. Name, time and with whom; nothing else of the visit."""
    today = seoul_date(timezone.now())
    rows = companies.coming(request.user, since=today)
    request.access.add(row.visit.person_id for row in rows)
    center = DongCenter.objects.on(today).filter(dong=request.scope.dong).first()
    place = center.name if center else "센터"
    return render(request, "planners/my_companies.html", {"rows": rows, "today": today, "meet_at": place})
