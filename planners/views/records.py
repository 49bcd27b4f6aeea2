"""The form of a visit: one page with five steps; each step saves as a plain form, each field saves by itself."""

from __future__ import annotations

import json
import uuid

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from common.refusals import Refusal
from planners import case_meeting, visit_alarms, visits
from planners.lists.record_sheet import Sheet, SheetField, sheet_of
from planners.models import Alarm, Visit
from planners.questions import BadValue
from planners.views.replies import acted, client_key, refused
from planners.views.visits import heading, visit_or_404
from planners.visit_records import RESOURCE_OF, Conflict, own_part, save_answer, screening_wording
from planners.visit_sections import HEALTH, SOCIAL

MAX_BODY = 64 * 1024
KEEP_THEIRS = "theirs"


@require_GET
@permitted("visit_schedule", "R", log="visit.record")
def record(request, uid, step):
    """All steps in one page, the asked one shown: the script turns pages without the server."""
    found = visit_or_404(request, uid)
    if own_part(found, request.user) is None or found.started_at is None:
        return redirect("visit", uid=uid)
    sheet = sheet_of(found, request.scope, at=timezone.now())
    return render(request, "planners/visit_record.html", record_page(request, found, sheet, step))


def record_page(request, found: Visit, sheet: Sheet, step: str) -> dict:
    """Context of the form with one step shown. Raises 404 for a step it does not have."""
    current = sheet.step(step)
    if current is None:
        raise Http404
    current.is_current = True
    at = sheet.steps.index(current)
    return heading(found) | {
        "sheet": sheet,
        "current": current,
        "previous_step": sheet.steps[at - 1] if at else None,
        "next_step": sheet.steps[at + 1] if at + 1 < len(sheet.steps) else None,
        "alarms": [alarm for alarm in found.alarms.select_related("receiver") if alarm.closed_at is None],
        "alarm_kinds": Alarm.Kind.choices,
        "receivers": visit_alarms.receivers(found, by=request.user, on=found.on or found.release_on),
        "meets_at": case_meeting.MEETS_AT,
        "wording": screening_wording(found.on or found.release_on),
        "key": uuid.uuid4(),
        "session_seconds": None,  # the page never reloads by itself: what was typed stays, and it says so
    }


# ------------------------------------------------------------------ one field at a time


def _answer(part: str):
    @require_POST
    @permitted(RESOURCE_OF[part], "W", log="visit.answer")
    def answer(request, uid):
        """Keep one field; 201 the first time, 200 when the key comes again, 409 with both values, 422 with a sentence."""
        found = visit_or_404(request, uid)
        try:
            sent = _sent(request)
            saved = save_answer(
                found,
                part,
                sent["field"],
                sent["value"],
                base_version=sent["base_version"],
                client_key=client_key(request),
                by=request.user,
                at=timezone.now(),
            )
        except Conflict as conflict:
            return refused(conflict, **_both(conflict))
        except Refusal as refusal:
            return refused(refusal)
        words = {"field": saved.field, "version": saved.version, "alarm": saved.is_alarm}
        return JsonResponse(words, status=200 if saved.is_replay else 201)

    return answer


def _sent(request) -> dict:
    """The body: `{"field", "value", "base_version"}`. Raises `BadValue` when it is anything else."""
    try:
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
            raise ValueError
        body = json.loads(request.body)
        sent = {"field": body["field"], "value": body["value"], "base_version": body["base_version"]}
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise BadValue("보낸 내용을 읽을 수 없습니다. 화면을 새로 고친 뒤 다시 적어 주세요.") from fault
    if not isinstance(sent["field"], str) or type(sent["base_version"]) is not int:
        raise BadValue("보낸 내용을 읽을 수 없습니다. 화면을 새로 고친 뒤 다시 적어 주세요.")
    return sent


def _both(conflict: Conflict) -> dict:
    return {
        "field": conflict.question.key,
        "label": conflict.question.text,
        "mine": conflict.mine_words,
        "theirs": conflict.theirs_words,
        "theirs_value": conflict.theirs,
        "version": conflict.version,
        "by": conflict.by.name,
        "at": conflict.at.isoformat(),
    }


answer_social, answer_health = _answer(SOCIAL), _answer(HEALTH)


# ------------------------------------------------------------------ a whole step, without script


def _save(part: str):
    @require_POST
    @permitted(RESOURCE_OF[part], "W", log="visit.save_step")
    def save(request, uid, step):
        """Keep what changed in one step and go on; faults and conflicts come back on the same page."""
        found = visit_or_404(request, uid)
        sheet = sheet_of(found, request.scope, at=timezone.now())
        shown = sheet.step(step)
        if shown is None or own_part(found, request.user) != part:
            raise Http404
        faults = {}
        for one in _own_fields(sheet, step, part):
            try:
                _save_field(request, found, one, reverted=_reverted(request, sheet, step))
            except (Conflict, BadValue) as fault:
                faults[one.key] = fault
            except Refusal as refusal:
                faults[one.key] = BadValue(refusal.message)
        if faults:
            return _with_faults(request, found, step, part, faults)
        if request.POST.get("to") == "sign":
            return _signed(request, found, part)
        return redirect(_after(request, uid, sheet, step))

    return save


def _signed(request, found: Visit, part: str):
    """The last step without script: what it held is saved, now the part is signed."""
    key = client_key(request)
    return acted(
        request,
        lambda: visits.sign(found, part, by=request.user, at=timezone.now(), client_key=key),
        to=reverse("visit", args=[found.uid]),
        said="서명했습니다.",
        back=reverse("visit_record", args=[found.uid, "closing"]),
    )


def _reverted(request, sheet: Sheet, step: str) -> set[str]:
    """Fields of the line of facts whose ‘되돌림’ was pressed."""
    wanted = request.POST.get("revert", "")
    rows = [row for section in sheet.step(step).sections for row in section.rows if row.key == wanted]
    return {one.key for row in rows for one in row.fields}


def _own_fields(sheet: Sheet, step: str, part: str) -> list[SheetField]:
    sections = [section for section in sheet.step(step).sections if section.section.part == part]
    return [one for section in sections for one in (*section.fields, *(f for row in section.rows for f in row.fields))]


def _save_field(request, found: Visit, one: SheetField, *, reverted: set[str]) -> None:
    """Save a field of the posted form when it differs from what the page had shown."""
    name = one.id
    if f"{name}-version" not in request.POST:
        return
    value = request.POST.getlist(name) if one.question.kind == "many" else request.POST.get(name, "")
    if one.key in reverted:
        value = one.known
    choice = request.POST.get(f"{name}-choice", "")
    if choice == KEEP_THEIRS or (one.question.clean(value) == one.value and not choice):
        return
    key = client_key(request)
    version = request.POST[f"{name}-version"]
    save_answer(
        found,
        one.part,
        one.key,
        value,
        base_version=int(version) if version.isdecimal() and len(version) < 9 else 0,
        client_key=uuid.uuid5(key, name + str(value)) if key else None,
        by=request.user,
        at=timezone.now(),
    )


def _after(request, uid, sheet: Sheet, step: str) -> str:
    keys = [one.key for one in sheet.steps]
    wanted = step if request.POST.get("revert") else request.POST.get("to", "")
    here = keys.index(step)
    return reverse("visit_record", args=[uid, wanted if wanted in keys else keys[min(here + 1, len(keys) - 1)]])


def _with_faults(request, found: Visit, step: str, part: str, faults: dict):
    sheet = sheet_of(visit_or_404(request, found.uid), request.scope, at=timezone.now())
    conflicts = []
    for key, fault in faults.items():
        one = sheet.field(part, key)
        written = request.POST.getlist(one.id) if one.question.kind == "many" else request.POST.get(one.id, "")
        if isinstance(fault, Conflict):
            one.conflict, one.version = fault, fault.version
            conflicts.append(one)
        else:
            one.error = fault.message
        one.value = written if one.question.kind == "many" else written or None
    page = record_page(request, found, sheet, step) | {
        "faults": [sheet.field(part, key) for key in faults],
        "conflicts": conflicts,
    }
    return render(request, "planners/visit_record.html", page, status=409 if conflicts else 422)


save_social, save_health = _save(SOCIAL), _save(HEALTH)
