"""Referrals: what is late comes first; sending, answering, handing over."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casemgmt import case_agenda, needs, referrals, sharing
from casemgmt.forms import AnswerForm, HandOverForm, ReferralForm
from casemgmt.models import Agency, Case, Referral
from casemgmt.views.conflicts import conflict
from centers.access import Scope, permitted
from common.months import seoul_date
from common.refusals import Refusal, Stale
from planners.case_meeting import meeting_visits
from planners.models import Person, Visit

PER_PAGE = 50
TABS = {
    "open": "답을 기다림",
    "mine": "내가 챙김",
    "accepted": "받은 곳이 돕는 중",
    "returned": "돌아온 것",
    "ended": "끝난 것",
}
ACTS = {
    "accept": ("받은 곳이 연락함", referrals.accept, "note"),
    "reject": ("받지 않음", referrals.reject, "reason"),
    "finish": ("연계를 마침", referrals.finish, "result"),
    "revoke": ("의뢰를 거둠", referrals.revoke, "reason"),
}
MOVES = {"accept": "accepted", "finish": "done", "reject": "rejected", "revoke": "revoked"}
RELATED = ("person", "dong", "agency", "owner", "sent_by", "consent")


@require_GET
@permitted("referral", log="referral.list")
def referral_list(request: HttpRequest):
    """One tab of referrals: open ones by the moment an answer is due, so the late ones stand on top."""
    now = timezone.now()
    seen = Referral.objects.visible_to(request.scope)
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "open"
    rows, counts = _tabs(seen, request.user)[tab], _counts(seen, request.user, now)
    if word := request.GET.get("agency", ""):
        rows = rows.filter(agency__name=word)
    page, next_url = _page(request, rows.select_related(*RELATED), tab)
    request.access.add(row.person_id for row in page)
    context = {
        "lines": [_line(row, now) for row in page],
        "tab": tab,
        "tabs": [(key, label, counts[key]) for key, label in TABS.items()],
        "late": counts["late"],
        "urgent": counts["urgent"],
        "next_url": next_url,
        "shown": len(page),
        "may_send": request.scope.allows("referral", "W"),
    }
    return render(request, "casemgmt/referral_list.html", context)


@require_GET
@permitted("referral", log="referral.open")
def referral_detail(request: HttpRequest, uid):
    row = _visible(request, uid)
    return _detail(request, row)


@require_POST
@permitted("referral", "W", log="referral.answer")
def referral_act(request: HttpRequest, uid, act: str):
    """Write down what the receiver did, or take the referral back."""
    row = _writable(request, uid)
    if act not in ACTS:
        raise Http404
    if act not in _open_acts(row):
        return _detail(request, row, error="이 의뢰는 위원회 회의에서 답합니다. 안건에서 확인해 주세요.", status=422)
    words, do, field = ACTS[act]
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _detail(request, row, error="다시 눌러 주세요.", act=act, typed=request.POST.get("note", ""), status=422)
    note, version = form.cleaned_data["note"], form.cleaned_data["version"]
    try:
        do(row, **{field: note}, by=request.user, at=timezone.now(), version=version)
    except Stale as stale:
        return _conflict(request, row, stale, f"{words}: {note}")
    except Refusal as refusal:
        return _detail(request, row, error=str(refusal), act=act, typed=note, status=422)
    request.access.add(row.person_id)
    messages.success(request, f"‘{words}’(으)로 적었습니다.")
    return redirect("referral_detail", row.uid)


@require_POST
@permitted("referral", "W", log="referral.hand_over")
def referral_hand_over(request: HttpRequest, uid):
    row = _writable(request, uid)
    now = timezone.now()
    form = HandOverForm(request.POST, dong=row.dong, on=seoul_date(now))
    if not form.is_valid():
        return _detail(request, row, hand_over=form, status=422)
    try:
        referrals.hand_over(row, by=request.user, at=now, **form.cleaned_data)
    except Stale as stale:
        return _conflict(request, row, stale, form.cleaned_data["note"])
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _detail(request, row, hand_over=form, status=422)
    request.access.add(row.person_id)
    messages.success(request, f"{form.cleaned_data['to'].name} 님이 이어서 챙깁니다.")
    return redirect("referral_detail", row.uid)


@require_POST
@permitted("committee", "W", log="committee.take_up")
def referral_agenda(request: HttpRequest, uid):
    """Put one waiting referral on the agenda of the next meeting."""
    rows = Referral.objects.visible_to(request.scope).filter(dong__in=request.scope.dong_ids("committee", "W"))
    row = get_object_or_404(rows, uid=uid)
    request.access.add(row.person_id)
    try:
        item = case_agenda.put_on_agenda(row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("referral_detail", row.uid)
    messages.success(request, f"제{item.meeting.number}차 회의 안건에 올렸습니다. 자료에서 이름과 주소는 가려집니다.")
    if request.POST.get("next") == "committee":
        return redirect("committee", item.meeting.body.uid)
    return redirect("meeting", item.meeting.uid)


# ---------------------------------------------------------------- sending


@require_http_methods(["GET", "POST"])
@permitted("referral", "W", log="referral.send")
def referral_new(request: HttpRequest):
    """A referral for a person of the register: `?person=` names who."""
    rows = Person.objects.visible_to(request.scope).select_related("dong")
    person = get_object_or_404(rows, uid=_uuid(request.GET.get("person")))
    if not may_refer(request.scope, person):
        raise PermissionDenied
    return _send(request, person, None, "casemgmt/referral_form.html")


@require_http_methods(["GET", "POST"])
@permitted("referral", "W", log="referral.send")
def referral_for_visit(request: HttpRequest, uid):
    """A referral out of a visit: a fragment inside the daily case meeting, or a page of its own."""
    rows = Visit.objects.visible_to(request.scope) | meeting_visits(request.scope)
    rows = rows.distinct().select_related("person__dong", "dong", "programme")
    visit = get_object_or_404(rows, uid=uid)
    heard = visit.dong_id in request.scope.dong_ids("case_meeting", "W")
    if not heard and not may_refer(request.scope, visit.person):
        raise PermissionDenied
    fragment = request.htmx and not request.htmx.boosted
    template = "casemgmt/_referral_for_visit.html" if fragment else "casemgmt/referral_form.html"
    return _send(request, visit.person, visit, template)


def _send(request: HttpRequest, person: Person, visit: Visit | None, template: str):
    request.access.add(person)
    now = timezone.now()
    start = {"client_key": uuid.uuid4(), "destination": "committee", "need": _known_need(visit)}
    prefix = f"r{visit.uid.hex[:8]}" if visit else "r"
    form = ReferralForm(request.POST or None, dong=person.dong, initial=start, auto_id=f"{prefix}_%s")
    fragment = template.rpartition("/")[2].startswith("_")
    if request.method == "POST" and form.is_valid():
        try:
            made = _referred(form, person, visit, by=request.user, at=now)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            said = f"{made.receiver}에 보냈습니다. 답할 기한은 {made.due_on.month}월 {made.due_on.day}일입니다."
            if fragment:
                context = _sending(request, person, visit, ReferralForm(dong=person.dong, initial=start), prefix)
                response = render(request, template, context | {"sent": made, "said": said})
                response["HX-Trigger"] = "visit-linked"
                return response
            messages.success(request, said)
            return redirect("referral_detail", made.uid)
    context = _sending(request, person, visit, form, prefix)
    return render(request, template, context, status=422 if form.errors else 200)


def _referred(form: ReferralForm, person: Person, visit: Visit | None, *, by, at) -> Referral:
    given, agency = form.cleaned_data, form.chosen_agency
    consent = None
    if given["agreed"] and given["destination"] != Referral.Destination.SERVICE:
        consent = sharing.record(
            person,
            recipient=referrals.recipient(person, given["destination"], agency),
            items=given["items"],
            channel=given["channel"],
            by=by,
            at=at,
        )
    return referrals.refer(
        person,
        visit=visit,
        destination=given["destination"],
        agency=agency,
        service=given["service"],
        need=given["need"],
        summary=given["summary"],
        wishes=given["wishes"],
        consent=consent,
        emergency_ground=given["emergency_ground"],
        client_key=given["client_key"],
        by=by,
        at=at,
    )


def _sending(request, person, visit, form, prefix) -> dict:
    today = seoul_date(timezone.now())
    shares = person.consents.filter(kind="share", answer="given").standing_on(today).order_by("recipient", "-pk")
    earlier = Referral.objects.visible_to(request.scope).filter(person=person).select_related(*RELATED)[:8]
    return {
        "person": person,
        "visit": visit,
        "form": form,
        "prefix": prefix,
        "shares": shares,
        "earlier": earlier,
        "inside": ",".join(str(a.uid) for a in form.agencies if not a.is_outside),
        "urgent": ",".join(needs.URGENT),
        "running": Case.objects.visible_to(request.scope).open().filter(person=person).first(),
        "here": reverse("referral_for_visit", args=[visit.uid]) if visit else "",
    }


def _known_need(visit: Visit | None) -> str:
    """The main need the pair noted, as a starting point."""
    from casemgmt.suggestions import AT_THE_DOOR

    if visit is None:
        return ""
    answers = {row.field: row.value for row in visit.answers.filter(field__in=("welfare_main", "welfare_needs"))}
    said = [answers.get("welfare_main"), *(answers.get("welfare_needs") or [])]
    return next((AT_THE_DOOR[n] for n in said if n in AT_THE_DOOR), "")


# ---------------------------------------------------------------- who may, what is shown


def may_write(scope: Scope, row: Referral) -> bool:
    """Staff of the dong, the one who sent or looks after it, and the health center for what was sent there."""
    reach = scope.reach("referral", "W")
    own = scope.user.pk in (row.sent_by_id, row.owner_id)
    health = row.agency_id is not None and row.agency.kind in Agency.HEALTH
    return row.dong_id in scope.dong_ids("referral", "W") or ("o" in reach and own) or ("r" in reach and health)


def may_refer(scope: Scope, person: Person) -> bool:
    if person.dong_id in scope.dong_ids("referral", "W"):
        return True
    return scope.owns("referral", "W") and Visit.objects.assigned_to(scope.user).filter(person=person).exists()


def _visible(request: HttpRequest, uid) -> Referral:
    return get_object_or_404(
        Referral.objects.visible_to(request.scope).select_related(*RELATED, "visit__programme"), uid=uid
    )


def _writable(request: HttpRequest, uid) -> Referral:
    row = _visible(request, uid)
    if not may_write(request.scope, row):
        raise PermissionDenied
    return row


def _open_acts(row: Referral) -> list[str]:
    """What may be written down by hand: the committee answers in its meeting, so there only taking back is left."""
    if row.destination == Referral.Destination.COMMITTEE:
        return ["revoke"]
    return list(MOVES)


def _line(row: Referral, now: dt.datetime) -> dict:
    return {
        "referral": row,
        "need": needs.word(row.need),
        "late_by": referrals.late_by(row, at=now),
        "step": (step := referrals.step(row, at=now)),
        "step_words": referrals.STEPS[step],
        "responsible": referrals.responsible(row),
    }


def _tabs(seen, user) -> dict:
    by_due = seen.order_by("due_at", "pk")
    return {
        "open": by_due.filter(state=Referral.State.SENT),
        "mine": by_due.filter(Q(owner=user), state__in=Referral.OPEN),
        "accepted": by_due.filter(state=Referral.State.ACCEPTED),
        "returned": seen.returned().order_by("-ended_at", "-pk"),
        "ended": seen.exclude(state__in=Referral.OPEN).order_by("-ended_at", "-pk"),
    }


def _counts(seen, user, now) -> dict:
    state = Referral.State
    counts = seen.aggregate(
        open=Count("pk", filter=Q(state=state.SENT)),
        mine=Count("pk", filter=Q(owner=user, state__in=Referral.OPEN)),
        accepted=Count("pk", filter=Q(state=state.ACCEPTED)),
        ended=Count("pk", filter=~Q(state__in=Referral.OPEN)),
        late=Count("pk", filter=Q(state=state.SENT, due_at__lt=now)),
        urgent=Count("pk", filter=Q(state=state.SENT, is_urgent=True)),
    )
    return counts | {"returned": seen.returned().count()}


def _page(request: HttpRequest, rows, tab: str) -> tuple[list[Referral], str]:
    """Keyset pages: `after` is the moment and the id of the last row shown."""
    field, forward = ("ended_at", False) if tab in ("returned", "ended") else ("due_at", True)
    moment, _, ident = request.GET.get("after", "").partition("|")
    moment = _parsed(moment)
    if moment and ident.isdecimal() and len(ident) < 18:
        sign = "gt" if forward else "lt"
        rows = rows.filter(Q(**{f"{field}__{sign}": moment}) | Q(**{field: moment, f"pk__{sign}": int(ident)}))
    page = list(rows[: PER_PAGE + 1])
    if len(page) <= PER_PAGE:
        return page, ""
    last = page[PER_PAGE - 1]
    query = request.GET.copy()
    query["after"] = f"{getattr(last, field).isoformat()}|{last.pk}"
    return page[:PER_PAGE], f"?{query.urlencode()}"


def _detail(request, row, *, error="", act="", typed="", hand_over=None, status=200):
    request.access.add(row.person_id)
    now = timezone.now()
    may = may_write(request.scope, row)
    moves = [key for key in _open_acts(row) if MOVES[key] in Referral.MOVES[row.state]]
    stands = row.agenda.select_related("item__meeting__body").order_by("-pk").first()
    to_committee = row.destination == Referral.Destination.COMMITTEE
    context = {
        "referral": row,
        "line": _line(row, now),
        "events": row.events.select_related("by"),
        "acts": [(key, ACTS[key][0]) for key in moves] if may else [],
        "may_write": may,
        "error": error,
        "act": act,
        "typed": typed,
        "hand_over": hand_over or HandOverForm(initial={"version": row.version}, dong=row.dong, on=seoul_date(now)),
        "stands": stands,
        "case": Case.objects.visible_to(request.scope).filter(referral=row).first(),
        "may_propose": to_committee and row.is_open and row.dong_id in request.scope.dong_ids("committee", "W"),
        "is_returned": row.state == Referral.State.REJECTED and Referral.objects.returned().filter(pk=row.pk).exists(),
    }
    return render(request, "casemgmt/referral_detail.html", context, status=status)


def _conflict(request, row: Referral, stale: Stale, mine: str):
    row.refresh_from_db()
    request.access.add(row.person_id)
    last = row.events.select_related("by").last()
    return conflict(
        request,
        stale,
        title="의뢰",
        theirs=f"{row.get_state_display()} · {last.text}" if last else row.get_state_display(),
        theirs_by=last.by.name if last and last.by else "",
        theirs_at=last.at if last else None,
        mine=mine,
        back=reverse("referral_detail", args=[row.uid]),
    )


def _parsed(text: str) -> dt.datetime | None:
    """A moment out of the address; one without a zone, or none at all, is left out."""
    try:
        moment = parse_datetime(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError as fault:
        raise Http404 from fault
