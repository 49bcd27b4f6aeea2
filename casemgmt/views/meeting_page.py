"""What the meeting screen shows: agenda and attendance, the pack of one item, the decision being written."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from casemgmt import case_agenda, packs, sharing
from casemgmt.forms import (
    GeneralForm,
    ItemForm,
    MomentForm,
    NewCaseForm,
    NoForm,
    NoteForm,
    Owners,
    PlanFormSet,
    PostponeForm,
    RunningCaseForm,
)
from casemgmt.models import Case, CaseAgendaItem
from common.months import seoul_date
from governance import agenda, meetings
from governance.models import AgendaItem, Attendance, Body, Meeting, Member

State = AgendaItem.State
SUBJECT = (
    "referral__person__household",
    "referral__dong",
    "case__person__household",
    "case__dong",
    "case__referral",
    "draft_by",
)
EMPTY_LINES = 2


@dataclass
class Typed:
    """What somebody sent and gets back with its faults."""

    form: object = None
    plan: object = None
    error: str = ""
    which: str = ""  # decide, decline, postpone, item, move, cancel


@dataclass
class Line:
    """One agenda item in the list."""

    item: AgendaItem
    row: CaseAgendaItem | None
    minutes: int
    is_selected: bool
    decision: object = None
    kind: str = ""
    invited: list = field(default_factory=list)


def render_page(
    request: HttpRequest, meeting: Meeting, *, item: AgendaItem | None = None, typed: Typed | None = None, status=200
):
    """The whole screen; `item` is the one to look at, else the one at hand."""
    now = timezone.now()
    typed = typed or Typed()
    context = _frame(request, meeting, now)
    lines = _lines(meeting, now)
    chosen = _choose(lines, item, request.GET.get("item", ""))
    if chosen:
        chosen.is_selected = True
        context |= _item(request, meeting, chosen, typed, context, now)
    context |= {
        "lines": lines,
        "chosen": chosen,
        "left": [line for line in lines if line.item.state in AgendaItem.OPEN],
        "planned_minutes": sum(line.item.planned_minutes for line in lines if line.item.state != State.WITHDRAWN),
        "typed": typed,
    }
    return render(request, "casemgmt/meeting_detail.html", context, status=status)


def runs(request: HttpRequest, meeting: Meeting) -> bool:
    """Whether the viewer may change the meeting."""
    resource = "committee" if meeting.body.kind == Body.Kind.CASE_COMMITTEE else "governance"
    return meeting.body.dong_id in request.scope.dong_ids(resource, "W")


# ---------------------------------------------------------------- frame


def _frame(request: HttpRequest, meeting: Meeting, now: dt.datetime) -> dict:
    everybody = list(meeting.body.members.on(seoul_date(meeting.starts_at)))
    members = meetings.seated(meeting, everybody)
    states = dict(meeting.attendance.values_list("member_id", "state"))
    may = runs(request, meeting)
    seat = next((m for m in members if m.user_id == request.user.pk), None)
    is_planned = meeting.state == Meeting.State.PLANNED
    replies = dict(meeting.replies.values_list("member_id", "is_coming")) if is_planned else {}
    words = {True: "온다고 함", False: "못 온다고 함", None: "답 없음"}
    return {
        "meeting": meeting,
        "body": meeting.body,
        "runs": may,
        "seat": seat,
        "now": now,
        "today": seoul_date(now),
        "is_planned": is_planned,
        "is_open": meeting.state == Meeting.State.OPEN,
        "is_today": seoul_date(meeting.starts_at) == seoul_date(now),
        "roll": [
            {"member": m, "state": states.get(m.pk, ""), "reply": replies.get(m.pk), "word": words[replies.get(m.pk)]}
            for m in members
        ],
        "states": Attendance.State.choices,
        "quorum": meetings.quorum(meeting, members, states),
        "forecast": meetings.forecast(meeting, members) if is_planned else None,
        "everybody": everybody,
        "advisers": [m for m in everybody if m.kind == Member.Kind.ADVISORY] if may else [],
        "proposals": case_agenda.proposals(meeting) if may and is_planned else [],
        "item_form": ItemForm(),
        "move_form": MomentForm(
            initial={
                "on": seoul_date(meeting.starts_at),
                "clock": timezone.localtime(meeting.starts_at).time(),
                "place": meeting.place,
                "version": meeting.version,
            }
        ),
        "note_form": NoteForm(initial={"text": meeting.minutes_note, "version": meeting.note_version}),
        "hide_search": not request.scope.allows("person"),
        "is_guest": not request.scope.allows("referral"),
    }


def _lines(meeting: Meeting, now: dt.datetime) -> list[Line]:
    items = list(
        meeting.agenda.exclude(state=State.WITHDRAWN)
        .prefetch_related("decisions__tasks__user", "decisions__tasks__member", "invitations__member")
        .order_by("order", "pk")
    )
    found = CaseAgendaItem.objects.filter(item__in=items).select_related(*SUBJECT)
    rows = {row.item_id: row for row in found}
    lines = []
    for item in items:
        item.meeting = meeting
        row = rows.get(item.pk)
        if row:
            row.item = item
        lines.append(
            Line(
                item=item,
                row=row,
                minutes=round(agenda.seconds_spent(item, at=now) / 60),
                is_selected=False,
                decision=next(iter(list(item.decisions.all())[-1:]), None),
                kind=row.get_kind_display() if row else "",
                invited=[invitation.member for invitation in item.invitations.all()],
            )
        )
    return lines


def _choose(lines: list[Line], item: AgendaItem | None, asked: str) -> Line | None:
    wanted = str(item.uid) if item else asked
    for line in lines:
        if str(line.item.uid) == wanted:
            return line
    at_hand = next((line for line in lines if line.item.state == State.CURRENT), None)
    waiting = next((line for line in lines if line.item.state == State.WAITING), None)
    return at_hand or waiting or next(iter(lines), None)


# ---------------------------------------------------------------- one item


def _item(request: HttpRequest, meeting: Meeting, line: Line, typed: Typed, frame: dict, now: dt.datetime) -> dict:
    item, row = line.item, line.row
    found = {
        "item": item,
        "row": row,
        "spent": agenda.seconds_spent(item, at=now),
        "whole": int((now - meeting.opened_at).total_seconds()) if meeting.opened_at else 0,
    }
    found |= {"spent_clock": clock(found["spent"]), "whole_clock": clock(found["whole"])}
    found["used"] = round(found["spent"] * 100 / (item.planned_minutes * 60)) if item.planned_minutes else 0
    if row is not None:
        found |= _pack(request, row, now)
    deciding = frame["runs"] and meeting.state == Meeting.State.OPEN and item.state in AgendaItem.OPEN
    if deciding:
        found |= _decision(meeting, item, row, typed, frame, now)
    return found


def clock(seconds: int) -> str:
    """06:42: minutes and seconds."""
    return f"{max(0, seconds) // 60:02d}:{max(0, seconds) % 60:02d}"


def _pack(request: HttpRequest, row: CaseAgendaItem, now: dt.datetime) -> dict:
    access = packs.access(row, request.scope, at=now)
    found = {"access": access, "readers": packs.readers(row), "agreed": [sharing.ITEMS[i] for i in access.items]}
    if not access.may_read:
        return found
    request.access.add(packs.subject(row))
    reasons = [r["text"] for r in row.suggestion if access.knows_identity or r.get("item") in {"needs", *access.items}]
    found |= {"pack": packs.build(row, items=access.items), "reasons": reasons, "plan_lines": _plan_lines(row, access)}
    if access.knows_identity:
        found["person"] = packs.subject(row)
    return found


def _plan_lines(row: CaseAgendaItem, access: packs.Access) -> list[dict]:
    """The plan of a running case; of a new one the pack holds what the team proposes."""
    if row.case_id is None:
        return []
    lines = row.case.plan.select_related("owner", "owner_member", "agency").order_by("done_at", "due_on", "pk")
    return [
        {
            "what": packs.veiled(row.case.person, line.what, knows=access.knows_identity),
            "who": line.who,
            "due_on": line.due_on,
            "amount": line.amount,
            "is_done": line.done_at is not None,
        }
        for line in lines
    ]


def _decision(meeting, item, row, typed: Typed, frame: dict, now: dt.datetime) -> dict:
    start = {"in_favour": frame["quorum"].voters, "version": item.version, "client_key": uuid.uuid4()}
    owners = Owners(meeting.body.dong, meeting.body, seoul_date(now), frame["everybody"])
    draft = (row.draft or {}) if row else {}
    form, plan = typed.form, typed.plan
    if typed.which != "decide" or form is None:
        form = make_form(row, meeting, None, initial=start | _initial(row, draft), now=now)
        plan = PlanFormSet(initial=_plan_start(row, draft), form_kwargs={"owners": owners}, prefix="plan")
    wrong = typed.form if typed.form is not None and typed.which in ("decline", "postpone") else None
    plain = {"version": item.version}
    return {
        "decision_form": form,
        "plan": plan,
        "no_form": wrong if wrong and typed.which == "decline" else NoForm(initial=start, auto_id="no_%s"),
        "postpone_form": wrong
        if wrong and typed.which == "postpone"
        else PostponeForm(initial=plain, auto_id="later_%s"),
        "suggested": Case.Type(row.suggested_type).label if row and row.suggested_type else "",
        "draft_version": row.draft_version if row else 0,
        "draft_at": row.draft_at if row and row.draft else None,
        "draft_by": row.draft_by if row and row.draft else None,
    }


def make_form(row: CaseAgendaItem | None, meeting: Meeting, data, *, initial=None, now: dt.datetime):
    """The form that fits what an item is about."""
    if row is None:
        return GeneralForm(data, initial=initial, auto_id="d_%s")
    known = {"person": packs.subject(row), "body": meeting.body, "on": seoul_date(now), "auto_id": "d_%s"}
    if row.kind == CaseAgendaItem.Kind.NEW:
        return NewCaseForm(data, initial=initial, dong=row.referral.dong, **known)
    return RunningCaseForm(data, initial=initial, dong=row.case.dong, **known)


def _initial(row: CaseAgendaItem | None, draft: dict) -> dict:
    kept = {key: value for key, value in draft.items() if key != "lines"}
    if row is None or kept:
        return kept
    if row.kind == CaseAgendaItem.Kind.NEW:
        return {"type": row.suggested_type}
    kind = {"change": "change", "closing": "close"}.get(row.kind, "continue")
    return {"outcome": kind, "type": row.suggested_type or row.case.type}


def _plan_start(row: CaseAgendaItem | None, draft: dict) -> list[dict]:
    if draft.get("lines"):
        return draft["lines"]
    proposed = [
        {"what": line.get("what", ""), "amount": line.get("amount", "")}
        for line in ((row.plan or {}).get("lines", []) if row else [])
    ]
    return proposed + [{}] * (EMPTY_LINES if not proposed else 1)


def case_row(item: AgendaItem) -> CaseAgendaItem | None:
    """What an item is about, or None for an item about no case."""
    row = CaseAgendaItem.objects.filter(item=item).select_related(*SUBJECT).first()
    if row:
        row.item = item
    return row
