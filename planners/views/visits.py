"""One visit: the card before the door, starting, not meeting, signing, and the page when it is finished."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from common.months import seoul_date
from common.refusals import Refusal
from planners import case_meeting, guardians, screening, visits
from planners.copy_packs import SYSTEM_OF, copy_pack
from planners.day_list import notes_of, story_of, who_is
from planners.door_card import door_card
from planners.lists.record_sheet import sheet_of
from planners.models import Visit
from planners.views.replies import acted, client_key, done, moment, refused, wants_json
from planners.visit_records import RESOURCE_OF, own_part, readable_parts
from planners.visit_sections import HEALTH, SOCIAL

OUTCOMES = [
    (Visit.Outcome.ABSENT, "집에 없음", "전화로 약속을 다시 잡습니다. 세 번째면 복지통장에게 안부 확인을 부탁합니다."),
    (Visit.Outcome.REFUSED, "방문 거절", "여섯 달 동안 연락을 멈추고, 그 뒤 한 번 다시 여쭙니다."),
    (Visit.Outcome.MOVED, "이사함", "주민등록을 확인하고 남은 약속을 모두 거둡니다."),
    (Visit.Outcome.HOSPITAL, "입원·입소", "두 주 뒤 나오셨는지 전화로 여쭙니다."),
    (Visit.Outcome.DECEASED, "사망", "남은 약속을 모두 거두고 유족 지원을 확인합니다."),
    (Visit.Outcome.UNSAFE, "위험해서 돌아옴", "팀장에게 바로 알리고 다음 방문에 경고를 답니다."),
]


def visit_or_404(request: HttpRequest, uid: uuid.UUID) -> Visit:
    """A visit within the viewer's scope, with what its pages show; notes its person in the access log."""
    rows = Visit.objects.readable_by(request.scope).select_related(
        "person__household", "target__rule", "programme", "pair", "dong"
    )
    visit = get_object_or_404(
        rows.prefetch_related("staff__user", "person__consents", "person__pregnancies", "signatures__by", "screenings"),
        uid=uid,
    )
    guardians.attach([visit.person], on=seoul_date(timezone.now()))
    request.access.add(visit.person_id)
    return visit


def heading(visit: Visit) -> dict:
    """What stands over every page of a visit."""
    on = visit.on or visit.release_on
    return {"visit": visit, "person": visit.person, "who": who_is(visit, on), "story": story_of(visit)}


@require_GET
@permitted("visit_schedule", "R", log="visit.open")
def visit(request, uid):
    """The page that fits the state: the card before the door, the form, or the finished record."""
    found = visit_or_404(request, uid)
    mine = own_part(found, request.user)
    if found.state == Visit.State.STARTED and mine:
        step = sheet_of(found, request.scope, at=timezone.now()).first_open()
        return redirect("visit_record", uid=uid, step=step.key)
    if found.is_standing and mine:
        return render(request, "planners/visit_door.html", door_page(request, found))
    return render(request, "planners/visit_summary.html", summary_page(request, found))


def door_page(request, found: Visit) -> dict:
    may_see_welfare = request.scope.allows("welfare_status")
    return heading(found) | {
        "facts": door_card(found, request.user, may_see_welfare=may_see_welfare),
        "notes": notes_of(found),
        "key": uuid.uuid4(),
    }


def summary_page(request, found: Visit) -> dict:
    now = timezone.now()
    sheet = sheet_of(found, request.scope, at=now)
    may_read = any(not section.is_hidden for step in sheet.steps for section in step.sections)
    may_judge = request.scope.allows("case_meeting") and found.finished_at is not None and found.outcome == "done"
    pack = copy_pack(sheet, name=visits.SYSTEMS[SYSTEM_OF[sheet.own]]) if sheet.own and found.finished_at else None
    return heading(found) | {
        "sheet": sheet,
        "may_read": may_read,
        "reads_health": HEALTH in readable_parts(found, request.scope),
        "classes": screening.classes(found) if may_read or may_judge else [],
        "events": found.events.select_related("by"),
        "suggestion": case_meeting.suggest(found) if may_judge and not found.group else None,
        "pack": pack,
        "alarms": found.alarms.select_related("receiver"),
        "may_meet": request.scope.allows("case_meeting"),
        "key": uuid.uuid4(),
    }


@require_POST
@permitted("visit_schedule", "W", log="visit.start")
def start(request, uid):
    found = visit_or_404(request, uid)
    return acted(
        request,
        lambda: visits.start(found, by=request.user, at=moment(request), client_key=client_key(request)),
        to=reverse("visit", args=[uid]),
        said="",
    )


@require_http_methods(["GET", "POST"])
@permitted("visit_schedule", "W", log="visit.not_met")
def not_met(request, uid):
    """Why nobody was met, with the next step of each outcome in words."""
    found = visit_or_404(request, uid)
    if not own_part(found, request.user) and not request.scope.allows("visit_schedule", "P"):
        raise Http404
    page = heading(found) | {"outcomes": OUTCOMES, "key": uuid.uuid4()}
    if request.method == "GET":
        return render(request, "planners/visit_not_met.html", page)
    outcome, note, key = request.POST.get("outcome", ""), request.POST.get("note", ""), client_key(request)
    try:
        step = visits.cannot_meet(found, outcome, note=note, by=request.user, at=moment(request), client_key=key)
    except Refusal as refusal:
        if wants_json(request):
            return refused(refusal)
        page |= {"error": refusal.message, "outcome": outcome, "note": note}
        return render(request, "planners/visit_not_met.html", page, status=422)
    due = f"{step.due_on.month}월 {step.due_on.day}일"
    return done(request, to=reverse("today"), said=f"적었습니다. {due}까지 {step.text}.")


def _sign(part: str):
    @require_POST
    @permitted(RESOURCE_OF[part], "W", log="visit.sign")
    def sign(request, uid):
        """Sign one's own part; with the last part the visit goes to the case meeting."""
        found = visit_or_404(request, uid)
        return acted(
            request,
            lambda: visits.sign(found, part, by=request.user, at=timezone.now(), client_key=client_key(request)),
            to=reverse("visit", args=[uid]),
            said="서명했습니다.",
            back=reverse("visit_record", args=[uid, "closing"]),
        )

    return sign


def _take_back(part: str):
    @require_POST
    @permitted(RESOURCE_OF[part], "W", log="visit.take_back")
    def take_back(request, uid):
        """Open a signed part again, with the reason."""
        found, reason = visit_or_404(request, uid), request.POST.get("reason", "")
        request.access.reason = reason
        return acted(
            request,
            lambda: visits.take_back(found, part, reason=reason, by=request.user, at=timezone.now()),
            to=reverse("visit_record", args=[uid, "basics" if part == SOCIAL else "health"]),
            said="서명을 거두었습니다. 고친 뒤 다시 서명해 주세요.",
            back=reverse("visit", args=[uid]),
        )

    return take_back


sign_social, sign_health = _sign(SOCIAL), _sign(HEALTH)
take_back_social, take_back_health = _take_back(SOCIAL), _take_back(HEALTH)


@require_POST
@permitted("visit_schedule", "W", log="visit.entered")
def entered(request, uid):
    """Tick that the own part was typed into the national system too."""
    found = visit_or_404(request, uid)
    part = own_part(found, request.user)
    if part is None:
        raise Http404
    return acted(
        request,
        lambda: visits.mark_entered(found, SYSTEM_OF[part], by=request.user, at=timezone.now()),
        to=reverse("visit", args=[uid]),
        said=f"{visits.SYSTEMS[SYSTEM_OF[part]]}에 입력한 것으로 적었습니다.",
    )
