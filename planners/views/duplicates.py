"""중복함: records that may be one human, decided one by one; and splitting what was linked wrongly."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Dong
from common.asked import asked_uid
from common.months import seoul_date
from common.refusals import Refusal
from planners import duplicates, person_links, resident_search, tasks_duplicates
from planners.models import DuplicatePair, Person, PersonLink

State = DuplicatePair.State


@require_GET
@permitted("duplicate", log="duplicate.list")
def duplicate_list(request: HttpRequest):
    """Pairs of one state, the most alike first."""
    state = request.GET.get("state") if request.GET.get("state") in duplicates.TABS else State.OPEN
    dongs = list(Dong.objects.all()) if request.scope.everywhere("duplicate") else []
    dong = next((row for row in dongs if row.slug == request.GET.get("dong")), None)
    counted = duplicates.counts(request.scope, dong=dong)
    page = duplicates.page(request.scope, state=state, dong=dong, after=request.GET.get("after", ""))
    for entry in page.entries:
        request.access.add([entry.pair.first_id, entry.pair.second_id])
    kept = {"state": state} | ({"dong": dong.slug} if dong else {})
    context = {
        "tabs": [(key, name, counted.get(key, 0)) for key, name in duplicates.TABS.items()],
        "state": state,
        "page": page,
        "dongs": dongs,
        "dong": dong,
        "may_search": request.scope.everywhere("duplicate", "W"),
        "next_url": f"?{urlencode(kept | {'after': page.next_token})}" if page.next_token else "",
    }
    return render(request, "planners/duplicate_list.html", context)


@require_POST
@permitted("duplicate", "W", log="duplicate.search", personal=False)
def duplicate_search_now(request: HttpRequest):
    """Look over the whole register now instead of tonight; asked for twice it is one job."""
    if not request.scope.everywhere("duplicate", "W"):
        raise Http404
    tasks.send(tasks_duplicates.open_search(by=request.user, at=timezone.now()))
    messages.success(request, "전체 명부에서 비슷한 기록을 찾고 있습니다. 잠시 뒤 새로 고치면 나옵니다.")
    return redirect("duplicates")


@require_http_methods(["GET", "POST"])
@permitted("duplicate", "W", log="duplicate.decide")
def duplicate_pair(request: HttpRequest, uid):
    """Two records side by side; linked, different or later."""
    pair = get_object_or_404(
        DuplicatePair.objects.visible_to(request.scope).select_related(
            "first__dong", "second__dong", "first__source_batch", "second__source_batch", "decided_by"
        ),
        uid=uid,
    )
    request.access.add([pair.first_id, pair.second_id])
    entry, problem = duplicates.entry(pair, request.scope), ""
    if request.method == "POST":
        try:
            said = _decide(request, pair)
        except Refusal as refusal:
            problem = refusal.message
        else:
            messages.success(request, said)
            following = duplicates.next_open(request.scope)
            return redirect("duplicate", following.uid) if following else redirect("duplicates")
    counted = duplicates.weights([pair.first, pair.second])
    context = {
        "pair": pair,
        "entry": entry,
        "facts": duplicates.compare(pair.first, pair.second) if entry.may_decide else [],
        "sides": [(person, counted[person.pk]) for person in (pair.first, pair.second)],
        "keeper": duplicates.keeper(pair.first, pair.second, counted),
        "link": PersonLink.objects.filter(
            kept__in=[pair.first, pair.second], linked__in=[pair.first, pair.second], split_at=None
        ).first(),
        "problem": problem,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "planners/duplicate_pair.html", context, status=422 if problem else 200)


def _decide(request: HttpRequest, pair: DuplicatePair) -> str:
    """Do what was clicked; returns what to say."""
    now, act, reason = timezone.now(), request.POST.get("act", ""), request.POST.get("reason", "")
    given = {"by": request.user, "scope": request.scope, "at": now}
    if act == "link":
        keep = pair.second if request.POST.get("keep") == str(pair.second.uid) else pair.first
        duplicates.link(pair, keep=keep, reason=reason, **given)
        return f"연결했습니다. {keep.name} 님의 기록에서 모두 볼 수 있고, 언제든 분리할 수 있습니다."
    if act == "different":
        duplicates.tell_apart(pair, note=reason, **given)
        return "다른 사람으로 기억합니다. 다시 묻지 않습니다."
    if act == "later":
        duplicates.put_off(pair, note=reason, **given)
        return "나중에 정할 것으로 옮겼습니다."
    if act == "reconsider":
        duplicates.reconsider(pair, reason=reason, **given)
        return "다시 정할 수 있게 ‘나중에’로 옮겼습니다."
    raise Http404


@require_http_methods(["GET", "POST"])
@permitted("duplicate", "W", log="duplicate.propose")
def duplicate_new(request: HttpRequest, uid):
    """Somebody has seen that a resident has a second record: look for it and put the two side by side."""
    person = get_object_or_404(Person.objects.visible_to(request.scope).select_related("dong"), uid=uid)
    request.access.add(person)
    others = Person.objects.visible_to(request.scope).exclude(pk=person.pk).select_related("dong")
    if request.method == "POST":
        other = get_object_or_404(others, uid=asked_uid(request.POST.get("other")))
        request.access.add(other)
        pair = duplicates.propose(person, other, at=timezone.now())
        return redirect("duplicate", pair.uid)
    query, found, problem = request.GET.get("q", person.name).strip()[:60], [], ""
    try:
        words = resident_search.read(query, today=seoul_date(timezone.now()))
        found = resident_search.find(others, words).people if words else []
    except Refusal as refusal:
        problem = refusal.message
    request.access.add(found)
    context = {"person": person, "query": query, "found": found, "problem": problem}
    return render(request, "planners/duplicate_new.html", context)


@require_POST
@permitted("duplicate", "W", log="duplicate.split")
def person_split(request: HttpRequest, uid):
    """Two humans after all: everything that went along goes back."""
    seen = Person.objects.visible_to(request.scope)
    link = get_object_or_404(PersonLink.objects.filter(kept__in=seen), uid=uid)
    request.access.add([link.kept_id, link.linked_id])
    try:
        back = person_links.split(link, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"분리했습니다. 함께 옮겼던 기록 {back}건이 제자리로 돌아갔습니다.")
    return redirect("person", link.kept.uid)
