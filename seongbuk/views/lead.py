"""The team lead's first page: what to put right this morning, the programmes, the case meeting, the pairs."""

from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.access import permitted
from centers.models import Posting
from common.months import Month, seoul_date
from planners import case_meeting
from planners.models import Pair, Visit
from planners.pair_weeks import pair_weeks, week_words
from seongbuk import exception_board
from seongbuk.dashboards import Board
from staffing.models import StaffTime

QUEUE = 8


@require_GET
@permitted("case_meeting", "P", log="lead.home")
def lead_home(request: HttpRequest):
    """오늘 손댈 일: exceptions with names, progress, the meeting's queue, room in the week."""
    now = timezone.now()
    today, month = seoul_date(now), Month.of(now)
    dong = next(iter(request.scope.dongs("case_meeting", "P")), None)
    if dong is None:
        return render(request, "seongbuk/dashboard_empty.html", status=403)
    waiting, names = _waiting(request, dong), case_meeting.service_names()
    to_come = _to_come(request, dong, today)
    queue = [_suggested(visit, names) for visit in waiting[:QUEUE]]
    queue += [{"visit": visit, "tone": "wait", "word": "방문 예정"} for visit in to_come[: QUEUE - len(queue)]]
    request.access.add(row["visit"].person_id for row in queue)
    weeks = pair_weeks(Pair.objects.on(today).filter(dong=dong).select_related("nurse", "social"), today)
    return render(
        request,
        "seongbuk/lead_home.html",
        {
            "dong": dong,
            "now": now,
            "today": today,
            "morning": exception_board.morning(request.scope, dong, weeks=weeks, at=now),
            "board": Board(request.scope, month, dong=dong, on=today),
            "queue": queue,
            "to_come": len(to_come),
            "waiting": len(waiting),
            "more": len(waiting) + len(to_come) - len(queue),
            "visits_today": _visits_today(request, dong, today),
            "away": _away(dong, today),
            "weeks": weeks,
            "week_words": week_words(today),
        },
    )


def _waiting(request: HttpRequest, dong) -> list[Visit]:
    """Recorded and not yet judged, the oldest first, with all that a suggestion looks at."""
    rows = case_meeting.meeting_visits(request.scope).filter(dong=dong).awaiting_classification()
    rows = rows.select_related("person", "programme", "target__rule", "pair", "dong").order_by("finished_at", "pk")
    return list(rows.prefetch_related("screenings", "answers", "alarms"))


def _suggested(visit: Visit, names: dict[str, str]) -> dict:
    suggestion = case_meeting.suggest(visit, names=names)
    tone, word = ("warn", "관리대상군") if suggestion.group == Visit.Group.MANAGED else ("ok", "정상군")
    return {"visit": visit, "tone": tone, "word": word, "why": suggestion.text, "suggested": True}


def _to_come(request: HttpRequest, dong, today) -> list[Visit]:
    rows = Visit.objects.visible_to(request.scope).filter(dong=dong).on_day(today)
    return list(rows.standing().select_related("person", "pair", "target__rule").order_by("starts_at", "pk"))


def _visits_today(request: HttpRequest, dong, today) -> int:
    rows = Visit.objects.visible_to(request.scope).filter(dong=dong).on_day(today)
    return rows.exclude(state=Visit.State.CANCELLED).count()


def _away(dong, today) -> list[StaffTime]:
    """Who of the center's people is on leave or ill today."""
    staff = Posting.objects.on(today).filter(dong=dong).values("user")
    absent = StaffTime.objects.filter(user__in=staff, kind__in=[StaffTime.Kind.LEAVE, StaffTime.Kind.SICK])
    return list(absent.between(today, today).select_related("user").order_by("user__name", "pk"))
