"""Residents: finding them, one page for each, and the acts that change the register."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong
from common.hangul import clean
from common.months import Month, seoul_date
from common.refusals import Refusal, Stale
from planners import births, consent, resident_pages, resident_search, residents, timeline
from planners.forms import CheckForm, CorrectForm, LeaveForm, NewResidentForm, ResidenceForm
from planners.models import Person, Programme

Status = Person.Status
#: what other floors show on a person's page, by the name of a url they serve
FRAGMENTS = (("의뢰와 사례", "person_cases"),)


@require_GET
@permitted("person", log="person.list")
def resident_list(request: HttpRequest):
    """Search first; without a query the viewer's dong in order of names."""
    today = seoul_date(timezone.now())
    query = request.GET.get("q", "").strip()[:60]
    place = {side: request.GET[side] for side in ("after", "before") if request.GET.get(side)}
    people = Person.objects.visible_to(request.scope).select_related("dong")
    if "all" not in request.GET:
        people = people.living_here()
    words, page, problem = [], None, ""
    try:
        if query:
            words = resident_search.read(query, today=today, may_search_births=_sees_births(request))
            page = resident_search.find(people, words, **place)
        elif request.scope.dong:
            page = resident_search.page(people.filter(dong=request.scope.dong), **place)
    except Refusal as refusal:
        problem = refusal.message
    if page:
        request.access.add(page.people)
    request.access.detail["words"] = [word.meaning for word in words]
    kept = {"q": query} | ({"all": "1"} if "all" in request.GET else {})
    return render(
        request,
        "planners/resident_list.html",
        {
            "query": query,
            "words": words,
            "page": page,
            "problem": problem,
            "with_gone": "all" in request.GET,
            "with_gone_url": "" if "all" in request.GET else f"?{urlencode({'q': query, 'all': '1'})}",
            "next_url": f"?{urlencode(kept)}&{page.next_url}" if page and page.next_url else "",
            "previous_url": f"?{urlencode(kept)}&{page.previous_url}" if page and page.previous_url else "",
            "sees_births": _sees_births(request),
            "may_add": _may_add(request),
            "doors": _doors(request),
        },
    )


def _doors(request: HttpRequest) -> list[tuple[str, str]]:
    """Other lists of residents the viewer may open."""
    doors = (
        ("방문 시계", "visit_clocks", "target"),
        ("주민 변동", "resident_changes", "person"),
        ("중복함", "duplicates", "duplicate"),
    )
    return [(name, reverse(url)) for name, url, resource in doors if request.scope.allows(resource)]


def _sees_births(request: HttpRequest) -> bool:
    reach = request.scope.reach("person_facts")
    return "A" in reach or "d" in reach


def _may_add(request: HttpRequest) -> bool:
    """Whether any dong's register is the viewer's to change; told without asking the database."""
    return request.scope.everywhere("person", "W") or bool(request.scope.dong_ids("person", "W"))


def _dongs_to_write(request: HttpRequest):
    """Dongs whose register the viewer may change."""
    if request.scope.everywhere("person", "W"):
        return Dong.objects.all()
    return Dong.objects.filter(pk__in=request.scope.dong_ids("person", "W"))


@require_GET
@permitted("person", log="person.open")
def resident(request: HttpRequest, uid):
    """One person: facts, household, benefits, targets with their reason, consents, one timeline."""
    if kept := _kept_instead(request, uid):
        return redirect("person", kept.uid)
    rows = Person.objects.within_reach(request.scope).select_related("dong", "household", "source_batch")
    person = get_object_or_404(rows, uid=uid)
    kinds = timeline.kinds()
    show = next((source.key for source in kinds if source.key == request.GET.get("show")), "")
    page = resident_pages.of(person, request.scope, show=show, everything="all" in request.GET)
    request.access.add([person.pk, *(member.person_id for member in page.members)])
    is_here = page.former_until is None
    return render(
        request,
        "planners/resident_detail.html",
        {
            "person": person,
            "page": page,
            "show": show,
            "kinds": [(source, page.story.counts.get(source.key, 0)) for source in kinds],
            "everything": "all" in request.GET,
            "fragments": _fragments(person) if request.scope.allows("referral") and is_here else [],
            "may_write": is_here and _may_write(request, person, is_own=page.is_own),
            "may_link": is_here and request.scope.allows("duplicate", "W"),
            "may_report": is_here and request.scope.allows("consent", "W") and person.status == Status.RESIDENT,
            "may_enlist": is_here and request.scope.allows("organisation", "W") and person.status == Status.RESIDENT,
            "programmes": Programme.objects.all() if is_here and request.scope.allows("target") else [],
            "month": Month.of(request.scope.on),
        },
    )


def _kept_instead(request: HttpRequest, uid) -> Person | None:
    """The kept record when the address is that of a record linked to it."""
    kept = Person.objects.filter(uid=uid).exclude(kept_as=None).values("kept_as")
    return Person.objects.visible_to(request.scope).filter(pk__in=kept).first()


def _person(request: HttpRequest, uid) -> Person:
    rows = Person.objects.visible_to(request.scope).select_related("dong", "household", "source_batch")
    return get_object_or_404(rows, uid=uid)


def _may_write(request: HttpRequest, person: Person, *, is_own: bool) -> bool:
    return resident_pages.may(request.scope, "person", person, is_own=is_own, action="W")


def _fragments(person: Person) -> list[tuple[str, str]]:
    found = []
    for title, name in FRAGMENTS:
        try:
            found.append((title, reverse(name, args=[person.uid])))
        except NoReverseMatch:
            continue
    return found


# ------------------------------------------------------------------ changing the register


@require_http_methods(["GET", "POST"])
@permitted("person", "W", log="person.add")
def resident_new(request: HttpRequest):
    """Who is it? People who look the same anywhere in the district are shown before the form opens."""
    act = request.POST.get("act", "add") if request.method == "POST" else "ask"
    if act in ("ask", "check"):
        return _ask_who(request, CheckForm(request.POST if act == "check" else None))
    if act == "open":
        return _ask_who(request, CheckForm(request.POST), is_told_apart=True)
    form = NewResidentForm(request.POST, dongs=_dongs_to_write(request))
    known = []
    if form.is_valid():
        now = timezone.now()
        try:
            person = residents.move_in(**form.facts, on=form.cleaned_data["on"], by=request.user, at=now)
        except residents.AlreadyThere as refusal:
            known = refusal.people
            form.add_error(None, refusal.message)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            if (seoul_date(now) - person.birth_on).days <= residents.NEWBORN_DAYS:
                births.welcome(person, by=request.user, at=now)
            request.access.add(person)
            messages.success(request, f"{person.name} 님을 등록했습니다.")
            return redirect("person", person.uid)
    return _form_for_new(request, form, known)


def _ask_who(request: HttpRequest, form: CheckForm, *, is_told_apart: bool = False):
    """The first step: name, birthday and sex; the form opens when nobody is like that, or all are told apart."""
    known = []
    if form.is_bound and form.is_valid():
        known = [] if is_told_apart else residents.near(**form.cleaned_data)
        if not known:
            return _form_for_new(request, _opened(request, form.cleaned_data, is_told_apart=is_told_apart))
    context = {"form": form, "known": _reachable(request, known)}
    return render(request, "planners/resident_check.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, asked: dict, *, is_told_apart: bool) -> NewResidentForm:
    """The empty form with what was asked first; a newborn came on the day of birth."""
    initial = asked | {"dong": request.scope.dong, "key": uuid.uuid4()}
    if (seoul_date(timezone.now()) - asked["birth_on"]).days <= residents.NEWBORN_DAYS:
        initial["on"] = asked["birth_on"]
    if is_told_apart:
        initial["told_apart"] = residents.match_key(clean(asked["name"]), asked["birth_on"], asked["sex"])
    return NewResidentForm(initial=initial, dongs=_dongs_to_write(request))


def _form_for_new(request: HttpRequest, form: NewResidentForm, known: list[Person] = ()):
    context = {"form": form, "known": _reachable(request, known)}
    return render(request, "planners/resident_new.html", context, status=422 if form.errors else 200)


def _reachable(request: HttpRequest, known: list[Person]) -> list[tuple[Person, bool]]:
    """People with whether the viewer may open them; somebody of another dong stays masked."""
    request.access.add(known)
    mine = {person.pk for person in Person.objects.visible_to(request.scope).filter(pk__in=[p.pk for p in known])}
    return [(person, person.pk in mine) for person in known]


@require_http_methods(["GET", "POST"])
@permitted("person", "W", log="person.change")
def resident_edit(request: HttpRequest, uid):
    """Correct facts, move within the district, leave, die, come back: one page, one act each."""
    person = _writable(request, uid)
    forms = {
        "correct": CorrectForm(person=person),
        "move": ResidenceForm(dongs=Dong.objects.all(), initial=_residence(person)),
        "leave": LeaveForm(),
    }
    act = request.POST.get("act", "")
    if request.method == "POST":
        if act not in ACTS:
            raise Http404
        shown, write = ACTS[act]
        form = forms[shown] = _bound(shown, request, person)
        if form.is_valid():
            try:
                said = write(person, form, by=request.user, at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, refusal.message)
                if isinstance(refusal, Stale) and shown == "correct":
                    form.show_what_stands()
            else:
                messages.success(request, said)
                return redirect("person", person.uid)
    context = {"person": person, "forms": forms, "act": act, "version": person.version}
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "planners/resident_edit.html", context, status=status)


def _bound(shown: str, request: HttpRequest, person: Person):
    if shown == "correct":
        return CorrectForm(request.POST, person=person)
    if shown == "move":
        return ResidenceForm(request.POST, dongs=Dong.objects.all())
    return LeaveForm(request.POST)


def _residence(person: Person) -> dict:
    home = person.household
    return {
        "dong": person.dong,
        "tong": person.tong,
        "ban": person.ban,
        "address": home.address if home else person.address,
        "address_detail": home.address_detail if home else "",
    }


def _correct(person, form, *, by, at) -> str:
    facts = form.cleaned_data
    residents.correct(
        person, form.changes, reason=facts["reason"], on=seoul_date(at), by=by, at=at, version_seen=facts["version"]
    )
    return "고쳤습니다. 고치기 전 값은 이력에 남습니다."


def _move(person, form, *, by, at) -> str:
    if person.status != Status.MOVED and residents.lives_at(person, form.residence):
        return "이미 이 주소에 살고 계신 것으로 되어 있습니다. 바뀐 것은 없습니다."
    move = residents.move_back if person.status == Status.MOVED else residents.move_within
    move(person, form.residence, on=form.cleaned_data["on"] or seoul_date(at), by=by, at=at)
    return "새 주소로 옮겼습니다. 진행하던 방문도 새 동으로 갔습니다."


def _leave(person, form, *, by, at) -> str:
    facts = form.cleaned_data
    residents.move_out(person, on=facts["on"] or seoul_date(at), where=facts["note"], by=by, at=at)
    return "전출로 적었습니다. 잡혀 있던 약속은 취소되었습니다."


def _die(person, form, *, by, at) -> str:
    residents.died(person, on=form.cleaned_data["on"] or seoul_date(at), by=by, at=at)
    return "사망으로 적었습니다. 더 연락하거나 찾아가지 않습니다."


def _restore(person, form, *, by, at) -> str:
    residents.restore(person, reason=form.cleaned_data["note"], on=seoul_date(at), by=by, at=at)
    return "거주로 되돌렸습니다. 끝났던 방문 대상이 다시 열렸습니다."


ACTS = {
    "correct": ("correct", _correct),
    "move": ("move", _move),
    "leave": ("leave", _leave),
    "die": ("leave", _die),
    "restore": ("leave", _restore),
}


def _writable(request: HttpRequest, uid) -> Person:
    """A person within reach whose record the viewer may change; others answer as if they were not there."""
    person = _person(request, uid)
    is_own = person.visits.filter(staff__user=request.user).exists()
    if not _may_write(request, person, is_own=is_own):
        raise Http404
    request.access.add(person)
    return person


@require_POST
@permitted("consent", "W", log="consent.withdraw")
def consent_withdraw(request: HttpRequest, uid, consent_uid):
    """The resident takes a consent back: everything that rests on it stops now."""
    person = _person(request, uid)
    request.access.add(person)
    row = get_object_or_404(person.consents.all(), uid=consent_uid)
    now = timezone.now()
    try:
        consent.withdraw(row, reason=request.POST.get("reason", ""), by=request.user, on=seoul_date(now), at=now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "동의를 거두었습니다. 그 동의로 하던 일은 모두 멈췄습니다.")
    return redirect("person", person.uid)
