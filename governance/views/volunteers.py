"""The pool of residents who want to help: list, one person, and what is done with the wish."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.months import seoul_date
from common.refusals import Refusal
from governance import volunteers as pool
from governance.models import Volunteer
from governance.volunteer_forms import BeginForm, EndForm, IntroduceForm, WishForm
from planners.models import Person
from planners.volunteering import INTERESTS

SHOWN = 50
OPEN = "open"
RELATED = ("person", "dong", "organisation", "activist", "companion")


@require_GET
@permitted("organisation", log="volunteer.list")
def volunteers(request: HttpRequest):
    """Willing residents of the viewer's dongs, those who have waited longest first."""
    dongs = list(request.scope.dongs("organisation"))
    dong = _dong(request, dongs)
    interest = request.GET.get("interest", "") if request.GET.get("interest") in dict(INTERESTS) else ""
    state = request.GET.get("state", OPEN) if request.GET.get("state") in Volunteer.State.values else OPEN
    rows = Volunteer.objects.visible_to(request.scope)
    if dong:
        rows = rows.filter(dong=dong)
    if interest:
        rows = rows.filter(interests__contains=[interest])
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    rows = rows.open() if state == OPEN else rows.filter(state=state)
    page = Paginator(rows.select_related(*RELATED).order_by("willing_on", "pk"), SHOWN).get_page(
        request.GET.get("page")
    )
    request.access.add(row.person_id for row in page.object_list)
    query = {"dong": dong.slug if dong else "", "interest": interest}
    context = {
        "page": page,
        "dong": dong,
        "dongs": dongs,
        "interest": interest,
        "interests": INTERESTS,
        "state": state,
        "states": [(key, label, counts.get(key, 0)) for key, label in Volunteer.State.choices],
        "open_count": sum(n for key, n in counts.items() if key != Volunteer.State.ENDED),
        "query": urlencode(query),
        "next_url": _page_url(query, state, page.next_page_number()) if page.has_next() else "",
        "previous_url": _page_url(query, state, page.previous_page_number()) if page.has_previous() else "",
        "today": seoul_date(timezone.now()),
    }
    return render(request, "governance/volunteer_list.html", context)


def _page_url(query: dict, state: str, number: int) -> str:
    return f"?{urlencode(query | {'state': state, 'page': number})}"


def _dong(request: HttpRequest, dongs: list[Dong]) -> Dong | None:
    if "dong" in request.GET:
        return next((dong for dong in dongs if dong.slug == request.GET["dong"]), None)
    return request.scope.dong if request.scope.dong in dongs else None


@require_GET
@permitted("organisation", log="volunteer.open")
def volunteer(request: HttpRequest, uid):
    """One person: wishes, consent, what was done, and the next step."""
    row = _seen(request, uid)
    return _page(request, row)


def _page(request: HttpRequest, row: Volunteer, bound: dict | None = None):
    may_change = _may_change(request, row)
    forms = {}
    if may_change and row.is_open:
        today = seoul_date(timezone.now())
        forms = {
            "wish_form": WishForm(initial=WishForm.start(row)),
            "introduce_form": IntroduceForm(volunteer=row, on=today),
            "begin_form": BeginForm(volunteer=row, may_accompany=request.scope.allows("pair", "W")),
            "end_form": EndForm(initial={"version": row.version}),
        }
    context = {
        "volunteer": row,
        "story": list(row.events.select_related("by").order_by("-at", "-pk")),
        "may_change": may_change,
        "sees_person": Person.objects.visible_to(request.scope).filter(pk=row.person_id).exists(),
        **forms,
        **(bound or {}),
    }
    return render(request, "governance/volunteer_detail.html", context, status=422 if bound else 200)


def _seen(request: HttpRequest, uid) -> Volunteer:
    rows = Volunteer.objects.visible_to(request.scope).select_related(*RELATED, "person__household")
    row = get_object_or_404(rows, uid=uid)
    request.access.add(row.person_id)
    return row


def _may_change(request: HttpRequest, row: Volunteer) -> bool:
    scope = request.scope
    return scope.everywhere("organisation", "W") or row.dong_id in scope.dong_ids("organisation", "W")


def _changeable(request: HttpRequest, uid) -> Volunteer:
    rows = Volunteer.objects.visible_to(request.scope)
    if not request.scope.everywhere("organisation", "W"):
        rows = rows.filter(dong__in=request.scope.dong_ids("organisation", "W"))
    row = get_object_or_404(rows.select_related(*RELATED), uid=uid)
    request.access.add(row.person_id)
    return row


def _act(request: HttpRequest, row: Volunteer, name: str, form, act, done: str):
    """Do one act of the page, or show the page again with what is wrong."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, done)
            return redirect("volunteer", row.uid)
    return _page(request, row, {name: form})


@require_POST
@permitted("organisation", "W", log="volunteer.change")
def volunteer_change(request: HttpRequest, uid):
    row, form = _changeable(request, uid), WishForm(request.POST)

    def act(given: dict) -> None:
        pool.change(row, **form.facts, version=given["version"], by=request.user, at=timezone.now())

    return _act(request, row, "wish_form", form, act, "고쳤습니다.")


@require_POST
@permitted("organisation", "W", log="volunteer.introduce")
def volunteer_introduce(request: HttpRequest, uid):
    row, now = _changeable(request, uid), timezone.now()
    form = IntroduceForm(request.POST, volunteer=row, on=seoul_date(now))

    def act(given: dict) -> None:
        pool.introduce(row, given["organisation"], version=given["version"], by=request.user, at=now)

    return _act(request, row, "introduce_form", form, act, "소개했다고 적었습니다. 시작하면 ‘활동 시작’을 눌러 주세요.")


@require_POST
@permitted("organisation", "W", log="volunteer.begin")
def volunteer_begin(request: HttpRequest, uid):
    row = _changeable(request, uid)
    form = BeginForm(request.POST, volunteer=row, may_accompany=request.scope.allows("pair", "W"))

    def act(given: dict) -> None:
        slots = given.get("slots", [])
        pool.begin(row, given["way"], slots=slots, version=given["version"], by=request.user, at=timezone.now())

    return _act(request, row, "begin_form", form, act, "활동을 시작했다고 적었습니다.")


@require_POST
@permitted("organisation", "W", log="volunteer.end")
def volunteer_end(request: HttpRequest, uid):
    row, form = _changeable(request, uid), EndForm(request.POST)

    def act(given: dict) -> None:
        pool.end(row, reason=given["reason"], version=given["version"], by=request.user, at=timezone.now())

    return _act(request, row, "end_form", form, act, "끝났다고 적었습니다. 기록은 그대로 남습니다.")


@require_http_methods(["GET", "POST"])
@permitted("organisation", "W", log="volunteer.enlist")
def volunteer_new(request: HttpRequest, uid):
    """A resident says so at the counter or on the phone."""
    person = get_object_or_404(Person.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    request.access.add(person)
    if row := Volunteer.objects.visible_to(request.scope).open().filter(person=person).first():
        return redirect("volunteer", row.uid)
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = pool.enlist(person, **form.facts, by=request.user, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{person.name} 님을 명단에 올렸습니다.")
            return redirect("volunteer", row.uid)
    context = {"form": form, "person": person}
    return render(request, "governance/volunteer_new.html", context, status=422 if form.errors else 200)
