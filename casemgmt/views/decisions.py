"""Writing decisions in the meeting: kept while typing, made once, never over somebody else's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from casemgmt import committee, packs
from casemgmt.forms import NoForm, Owners, PlanFormSet, PostponeForm
from casemgmt.models import CaseAgendaItem
from casemgmt.views.conflicts import conflict
from casemgmt.views.meeting_page import Typed, case_row, make_form, render_page
from casemgmt.views.meetings import back_to, writable_item
from centers.access import permitted
from common.hangul import particle
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance import agenda
from governance.bodies import on_day
from governance.models import AgendaItem

KEPT = ("type", "type_reason", "lead_agency", "review_on", "outcome", "text", "close_reason")
LINE = ("what", "owner", "due_on", "amount")
MOST_LINES = 20


@require_POST
@permitted("committee", "W", log="committee.draft")
def meeting_draft(request: HttpRequest, uid):
    """Keep what is being written, by itself; with `more` it also adds a line for one more task."""
    item = writable_item(request, uid)
    row = case_row(item)
    if row is None:
        return back_to(item.meeting, item)
    request.access.add(packs.subject(row))
    data = _typed(request)
    if "more" in request.POST:
        data["lines"] = [*data["lines"], {}][:MOST_LINES]
    version = request.POST.get("draft_version", "0")
    warning = ""
    try:
        row = committee.save_draft(
            row, data=data, version=int(version) if version.isdecimal() else 0, by=request.user, at=timezone.now()
        )
    except Stale as stale:
        warning = str(stale)
    if "more" in request.POST or not request.htmx:
        if warning:
            messages.error(request, warning)
        return back_to(item.meeting, item)
    context = {"item": item, "draft_version": row.draft_version, "draft_at": row.draft_at, "warning": warning}
    return render(request, "casemgmt/_draft_saved.html", context)


@require_POST
@permitted("committee", "W", log="committee.decide")
def meeting_decide(request: HttpRequest, uid):
    """Make the decision on one item; the next item starts by itself."""
    item = writable_item(request, uid)
    row, now = case_row(item), timezone.now()
    owners = Owners(item.meeting.body.dong, item.meeting.body, seoul_date(now))
    form = make_form(row, item.meeting, request.POST, now=now)
    plan = PlanFormSet(request.POST, form_kwargs={"owners": owners}, prefix="plan")
    typed = Typed(form=form, plan=plan, which="decide")
    if row:
        request.access.add(packs.subject(row))
    if not (form.is_valid() & plan.is_valid()):
        return render_page(request, item.meeting, item=item, typed=typed, status=422)
    lines = [line for line in (f.line() for f in plan.forms) if line]
    try:
        said = _decide(item, row, form, lines, by=request.user, at=now)
    except Stale as stale:
        return _conflict(request, item, stale, _words(form, lines))
    except Refusal as refusal:
        typed.error = str(refusal)
        return render_page(request, item.meeting, item=item, typed=typed, status=422)
    messages.success(request, said)
    return back_to(item.meeting)


@require_POST
@permitted("committee", "W", log="committee.decline")
def meeting_decline(request: HttpRequest, uid):
    """A referral does not become a case; the sender is told why."""
    item = writable_item(request, uid)
    form = NoForm(request.POST, auto_id="no_%s")
    return _simple(request, item, form, "decline", committee.decline, "보낸 사람에게 까닭을 알렸습니다.")


@require_POST
@permitted("committee", "W", log="committee.postpone")
def meeting_postpone(request: HttpRequest, uid):
    item = writable_item(request, uid)
    form = PostponeForm(request.POST, auto_id="later_%s")
    return _simple(request, item, form, "postpone", committee.postpone, "다음 회의로 넘겼습니다.")


# ---------------------------------------------------------------- private


def _simple(request: HttpRequest, item: AgendaItem, form, which: str, act, said: str):
    row = case_row(item)
    if row:
        request.access.add(packs.subject(row))
    typed = Typed(form=form, which=which)
    if not form.is_valid():
        return render_page(request, item.meeting, item=item, typed=typed, status=422)
    try:
        act(item, by=request.user, at=timezone.now(), **form.cleaned_data)
    except Stale as stale:
        return _conflict(request, item, stale, form.cleaned_data["reason"])
    except Refusal as refusal:
        typed.error = str(refusal)
        return render_page(request, item.meeting, item=item, typed=typed, status=422)
    messages.success(request, said)
    return back_to(item.meeting)


def _decide(item: AgendaItem, row: CaseAgendaItem | None, form, lines, *, by, at) -> str:
    given = form.cleaned_data
    common = {
        "in_favour": given["in_favour"],
        "version": given["version"],
        "client_key": given["client_key"],
        "by": by,
        "at": at,
    }
    if row is None:
        tasks = [agenda.NewTask(line.what, line.due_on, member=line.member, user=line.owner) for line in lines]
        agenda.decide(item, text=given["text"], tasks=tasks, **common)
        return "결정을 적었습니다."
    if row.kind == CaseAgendaItem.Kind.NEW:
        if form.chosen_lead is None:
            raise committee.ReasonMissing("주 사례관리기관을 골라 주세요.")
        case = committee.open_case(
            item,
            type=given["type"],
            type_reason=given["type_reason"],
            lead_agency=form.chosen_lead,
            review_on=given["review_on"],
            plan=lines,
            **common,
        )
        return f"통합사례 {case.number}{particle(case.number, '을/를')} 시작했습니다. 담당 {case.manager.name}, 다음 점검 {on_day(case.review_on)}."
    committee.decide_case(
        item,
        outcome=given["outcome"],
        text=given["text"],
        review_on=given["review_on"],
        type=given["type"],
        lead_agency=form.chosen_lead,
        close_reason=given["close_reason"],
        plan=lines,
        **common,
    )
    return f"{row.case.number}의 결정을 적었습니다."


def _conflict(request: HttpRequest, item: AgendaItem, stale: Stale, mine: str):
    last = item.decisions.select_related("by").last()
    item.refresh_from_db()
    return conflict(
        request,
        stale,
        title=f"{item.order}번 안건의 결정",
        theirs=last.text if last else f"이 안건은 지금 ‘{item.get_state_display()}’입니다.",
        theirs_by=last.by.name if last else "",
        theirs_at=last.at if last else None,
        mine=mine,
        back=f"{reverse('meeting', args=[item.meeting.uid])}?item={item.uid}",
    )


def _words(form, lines) -> str:
    """What was sent, in words, so that nothing typed is lost."""
    parts = []
    for bound in form.visible_fields():
        value = form.cleaned_data.get(bound.name)
        if value in (None, ""):
            continue
        choices = dict(_flat(getattr(bound.field, "choices", [])))
        parts.append(f"{bound.label}: {choices.get(str(form.data.get(bound.name)), value)}")
    parts += [f"할 일: {line.what} · {(line.owner or line.member).name} · {line.due_on}" for line in lines]
    return "\n".join(parts)


def _flat(choices):
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _typed(request: HttpRequest) -> dict:
    """The form as it stands on the screen, short enough to keep."""
    data: dict = {key: request.POST[key][:1000] for key in KEPT if request.POST.get(key)}
    count = request.POST.get("plan-TOTAL_FORMS", "0")
    count = min(int(count), MOST_LINES) if count.isdecimal() and len(count) < 4 else 0
    lines = [{key: request.POST.get(f"plan-{n}-{key}", "")[:120] for key in LINE} for n in range(count)]
    data["lines"] = [{key: value for key, value in line.items() if value} for line in lines]
    return data
