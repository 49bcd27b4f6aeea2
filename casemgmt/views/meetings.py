"""The meeting screen and what the secretary does on it, before, during and after the meeting."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from casemgmt import case_agenda, committee, packs
from casemgmt.forms import ItemForm, MomentForm, NoteForm
from casemgmt.models import CaseAgendaItem
from casemgmt.views.committees import visible_meetings
from casemgmt.views.conflicts import conflict
from casemgmt.views.meeting_page import Typed, case_row, render_page, runs
from centers.access import permitted
from common.asked import asked_number, asked_uid
from common.months import at_seoul
from common.refusals import Refusal, Stale
from governance import agenda, meetings
from governance.models import AgendaItem, Attendance, Meeting


@require_GET
@permitted("committee", log="committee.meeting")
def meeting(request: HttpRequest, uid):
    return render_page(request, _visible(request, uid))


@require_GET
@permitted("committee", log="committee.minutes")
def meeting_minutes(request: HttpRequest, uid):
    """The minutes as a page and on paper: who was there, what was decided, who does what by when."""
    row = _visible(request, uid)
    members = meetings.seated(row)
    states = {a.member_id: a for a in row.attendance.all()}
    items = row.agenda.exclude(state=AgendaItem.State.WITHDRAWN).prefetch_related(
        "decisions__by", "decisions__tasks__user", "decisions__tasks__member", "carried_to__meeting"
    )
    about = {
        r.item_id: r for r in CaseAgendaItem.objects.filter(item__meeting=row).select_related("case__person__household")
    }
    knows = runs(request, row) and request.scope.allows("case")
    entries = []
    for item in items.order_by("order", "pk"):
        case = about[item.pk].case if item.pk in about else None
        plan = []
        if case is not None and knows and case.decision_id in {d.pk for d in item.decisions.all()}:
            plan = list(case.plan.select_related("owner", "owner_member"))
            request.access.add(case.person_id)
        entries.append({"item": item, "decisions": list(item.decisions.all()), "plan": plan, "case": case})
    context = {
        "meeting": row,
        "body": row.body,
        "roll": [(m, states.get(m.pk)) for m in members],
        "quorum": meetings.quorum(row, members, {pk: a.state for pk, a in states.items()}),
        "entries": entries,
        "runs": runs(request, row),
        "events": row.events.select_related("by"),
        "hide_search": not request.scope.allows("person"),
        "may_print": request.scope.allows("referral"),
    }
    return render(request, "casemgmt/meeting_minutes.html", context)


@require_POST
@permitted("committee", "W", log="committee.note")
def meeting_note(request: HttpRequest, uid):
    """Keep the free text of the minutes. Two writers: both texts come back beside each other."""
    row = _writable(request, uid)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return render_page(request, row, typed=Typed(error="메모가 너무 깁니다. 나누어 적어 주세요."), status=422)
    mine, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        meetings.save_note(row, text=mine, version=version, by=request.user, at=timezone.now())
    except Stale as stale:
        now_stands = Meeting.objects.select_related("note_by").get(pk=row.pk)
        return conflict(
            request,
            stale,
            title="회의 메모",
            theirs=now_stands.minutes_note,
            theirs_by=now_stands.note_by.name if now_stands.note_by else "",
            mine=mine,
            back=reverse("meeting", args=[row.uid]),
            action=reverse("meeting_note", args=[row.uid]),
            form=NoteForm(initial={"text": f"{now_stands.minutes_note}\n{mine}", "version": now_stands.note_version}),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _back(request, row)
    messages.success(request, "회의 메모를 저장했습니다.")
    return _back(request, row)


@require_POST
@permitted("committee", "W", log="committee.open_meeting")
def meeting_open(request: HttpRequest, uid):
    return _act(request, uid, meetings.open_meeting, "회의를 열었습니다. 출석을 적어 주세요.")


@require_POST
@permitted("committee", "W", log="committee.close_meeting")
def meeting_close(request: HttpRequest, uid):
    """Close the meeting; what is left goes to the next one with the reason given."""
    row = _writable(request, uid)
    try:
        committee.close_meeting(
            row, carry_reason=request.POST.get("carry_reason", ""), by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        return render_page(request, row, typed=Typed(error=str(refusal), which="close"), status=422)
    messages.success(request, f"제{row.number}차 회의를 마쳤습니다. 회의록을 확인해 주세요.")
    return redirect("meeting_minutes", row.uid)


@require_POST
@permitted("committee", "W", log="committee.cancel_meeting")
def meeting_cancel(request: HttpRequest, uid):
    reason = request.POST.get("reason", "")
    return _act(request, uid, meetings.cancel_meeting, "이번 주는 열지 않는다고 적었습니다.", reason=reason)


@require_POST
@permitted("committee", "W", log="committee.move_meeting")
def meeting_move(request: HttpRequest, uid):
    row = _writable(request, uid)
    form = MomentForm(request.POST)
    if not form.is_valid():
        return render_page(request, row, typed=Typed(error="날짜와 시각을 다시 적어 주세요.", which="move"), status=422)
    given = form.cleaned_data
    moment = at_seoul(given["on"], given["clock"])
    return _act(
        request,
        uid,
        meetings.reschedule,
        "회의를 옮겼습니다. 위원에게 알려 주세요.",
        starts_at=moment,
        place=given["place"],
        version=given["version"],
    )


@require_POST
@permitted("committee", "W", log="committee.attend")
def meeting_attend(request: HttpRequest, uid):
    row = _writable(request, uid)
    member = get_object_or_404(row.body.members, uid=asked_uid(request.POST.get("member")))
    state = request.POST.get("state", "")
    if state not in Attendance.State.values:
        messages.error(request, "출석, 늦음, 불참 가운데 골라 주세요.")
        return _back(request, row)
    return _act(request, uid, meetings.attend, "", member=member, state=state)


@require_POST
@permitted("committee", log="committee.reply")
def meeting_reply(request: HttpRequest, uid):
    """A member answers for themselves; who runs the committee writes down answers by phone."""
    row = _visible(request, uid)
    members = row.body.members.select_related("user")
    named = request.POST.get("member")
    mine = members.filter(user=request.user).first()
    member = get_object_or_404(members, uid=asked_uid(named)) if named else mine
    if member is None or (member.user_id != request.user.pk and not runs(request, row)):
        raise PermissionDenied
    coming = request.POST.get("coming") == "yes"
    try:
        meetings.reply(row, member, is_coming=coming, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{member.name} 님: {'참석' if coming else '불참'}으로 적었습니다.")
    return _back(request, row)


# ---------------------------------------------------------------- the agenda


@require_POST
@permitted("committee", "W", log="committee.take_up")
def meeting_take_up(request: HttpRequest, uid):
    """Put the ticked proposals on the agenda."""
    row = _writable(request, uid)
    keys = request.POST.getlist("key")
    chosen = [p for p in case_agenda.proposals(row) if p.key in keys]
    request.access.add((p.referral or p.case).person_id for p in chosen if p.referral or p.case)
    try:
        made = case_agenda.take_up(row, keys, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"안건 {len(made)}건을 올렸습니다." if made else "이미 올라가 있습니다.")
    return _back(request, row)


@require_POST
@permitted("committee", "W", log="committee.add_item")
def meeting_item_add(request: HttpRequest, uid):
    row = _writable(request, uid)
    form = ItemForm(request.POST)
    if not form.is_valid():
        return render_page(request, row, typed=Typed(error="안건의 제목을 적어 주세요.", which="item"), status=422)
    given = form.cleaned_data
    return _act(
        request,
        uid,
        agenda.add_item,
        "안건을 올렸습니다.",
        title=given["title"],
        note=given["note"],
        minutes=given["minutes"],
    )


@require_POST
@permitted("committee", "W", log="committee.order")
def meeting_item_move(request: HttpRequest, uid):
    item = writable_item(request, uid)
    steps = {"up": -1, "down": 1}.get(request.POST.get("to"), 0)
    version = asked_number(request.POST.get("version"))
    return _item_act(request, item, agenda.move_item, "", steps=steps, version=version)


@require_POST
@permitted("committee", "W", log="committee.withdraw")
def meeting_item_withdraw(request: HttpRequest, uid):
    return _item_act(request, writable_item(request, uid), agenda.withdraw, "안건에서 내렸습니다.", stay=False)


@require_POST
@permitted("committee", "W", log="committee.start_item")
def meeting_item_start(request: HttpRequest, uid):
    return _item_act(request, writable_item(request, uid), agenda.start_item, "")


@require_POST
@permitted("committee", "W", log="committee.invite")
def meeting_invite(request: HttpRequest, uid):
    item = writable_item(request, uid)
    member = get_object_or_404(item.meeting.body.members, uid=asked_uid(request.POST.get("member")))
    return _item_act(request, item, agenda.invite, f"{member.name} 님을 이 안건에 불렀습니다.", member=member)


@require_POST
@permitted("committee", log="committee.pledge")
def meeting_pledge(request: HttpRequest, uid):
    """An outside member promises to keep the pack to themselves; only then it opens."""
    item = get_object_or_404(
        AgendaItem.objects.filter(meeting__in=visible_meetings(request.scope)).select_related("meeting__body"), uid=uid
    )
    row = case_row(item)
    now = timezone.now()
    if row is None or not packs.access(row, request.scope, at=now).needs_pledge:
        messages.error(request, "지금은 볼 수 있는 자료가 없습니다.")
    elif request.POST.get("promise") != "yes":
        messages.error(request, "약속에 표시한 뒤 눌러 주세요.")
    else:
        packs.pledge(row, by=request.user, at=now)
        request.access.add(packs.subject(row))
    return redirect(f"{reverse('meeting', args=[item.meeting.uid])}?item={item.uid}")


# ---------------------------------------------------------------- shared


def _visible(request: HttpRequest, uid) -> Meeting:
    return get_object_or_404(visible_meetings(request.scope).select_related("body__dong"), uid=uid)


def _writable(request: HttpRequest, uid) -> Meeting:
    row = _visible(request, uid)
    if not runs(request, row):
        raise PermissionDenied
    return row


def writable_item(request: HttpRequest, uid) -> AgendaItem:
    """An item of a meeting the viewer runs."""
    rows = AgendaItem.objects.filter(meeting__in=visible_meetings(request.scope))
    item = get_object_or_404(rows.select_related("meeting__body__dong"), uid=uid)
    if not runs(request, item.meeting):
        raise PermissionDenied
    return item


def _act(request: HttpRequest, uid, act, said: str, **given):
    row = _writable(request, uid)
    try:
        act(row, by=request.user, at=timezone.now(), **given)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)
    return _back(request, row)


def _item_act(request: HttpRequest, item: AgendaItem, act, said: str, *, stay: bool = True, **given):
    try:
        act(item, by=request.user, at=timezone.now(), **given)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)
    return back_to(item.meeting, item if stay else None)


def back_to(row: Meeting, item: AgendaItem | None = None):
    query = f"?item={item.uid}" if item else ""
    return redirect(f"{reverse('meeting', args=[row.uid])}{query}")


def _back(request: HttpRequest, row: Meeting):
    item = row.agenda.filter(uid=asked_uid(request.POST.get("item"))).first()
    return back_to(row, item)
