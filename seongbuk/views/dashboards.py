"""Dashboards: the month in figures, the list behind each figure, and what each figure means."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers import dong_map, reports, rollups, tasks
from centers.access import permitted
from centers.indicators import WHOLE, Indicator, Span, UnknownIndicator, indicator, indicators, rates
from centers.models import Dong, Job
from centers.views.jobs import shown
from common.months import Month, NotAMonth, seoul_date
from seongbuk import dashboards
from seongbuk.dashboards import COMPARED, Board, Freshness
from seongbuk.tasks import ROLL, ask_to_count_again

PAGE = 50
COMPARED_FIRST = "progress"


@require_GET
@permitted("report", log="dashboard.open", personal=False)
def dashboard(request: HttpRequest):
    """A month of the viewer's dong, or of the district with its 20 dongs beside each other."""
    today = seoul_date(timezone.now())
    month = _month(request.GET.get("month"), Month.of(today))
    places = dashboards.places(request.scope)
    district = dashboards.is_district(request.scope)
    dong = _chosen(request.GET.get("dong"), places) or (None if district else next(iter(places), None))
    if dong is None and not district:
        return render(request, "seongbuk/dashboard_empty.html", status=403)
    board = Board(request.scope, month, dong=dong, on=today)
    context = {
        "board": board,
        "month": month,
        "months": (month.previous, month.next if month < Month.of(today) else None),
        "dong": dong,
        "places": places,
        "district": district,
        "fresh": Freshness.of(board.span),
        "job": _count_job(month),
        "export": reports.exportable(reports.find("monthly_result"), request.scope),
    }
    if district and dong is None:
        context |= _comparison(request, board, places)
    return render(request, "seongbuk/dashboard.html", context)


def _comparison(request: HttpRequest, board: Board, places: list[Dong]) -> dict:
    key = request.GET.get("by", COMPARED_FIRST)
    key = key if key in COMPARED else COMPARED_FIRST
    standings = board.compare(key, places, chosen="")
    marks = dong_map.cuts(one.value for one in standings)
    page = reverse("dashboard")
    return {
        "by": key,
        "compared": COMPARED.items(),
        "by_words": COMPARED[key],
        "standings": standings,
        "marks": marks,
        "tiles": dong_map.tiles(
            standings, marks, lambda dong: f"{page}?{urlencode({'month': board.month, 'dong': dong.slug})}"
        ),
        "dong_lines": board.dong_lines(places),
        "unit": "%" if key in dashboards.HEADLINES else "건",
    }


@require_GET
@permitted("report", log="figure.list", personal=False)
def figure_list(request: HttpRequest, key: str):
    """Exactly the facts behind a number, newest first; names only for those who may see them."""
    if not dashboards.may_list(request.scope):
        raise PermissionDenied
    try:
        one = indicator(key)
    except UnknownIndicator as unknown:
        raise Http404 from unknown
    month = _month(request.GET.get("month"), Month.of(seoul_date(timezone.now())))
    since = _month(request.GET.get("since"), month)
    span, part = Span(min(since, month), month), request.GET.get("part", WHOLE)
    names = one.parts() if one.part else {}
    if part and part not in names:
        raise Http404
    places = dashboards.places(request.scope)
    dong = _chosen(request.GET.get("dong"), places, strict=True)
    dongs = {dong.pk} if dong else None if dashboards.is_district(request.scope) else {place.pk for place in places}
    rows = one.of(span, dongs=dongs, part=part)
    page, next_after = _page(one, rows, request.GET.get("after", ""))
    named = _may_name(request, one, dongs)
    lines = [_line(one, row, named=named) for row in page]
    if named:
        request.access.add(line["person"] for line in lines)
        request.access.detail = {"figure": key, "month": str(month), "part": part}
    query = {name: request.GET[name] for name in ("month", "since", "dong", "part") if request.GET.get(name)}
    return render(
        request,
        "seongbuk/figure_list.html",
        {
            "one": one,
            "span": span,
            "dong": dong,
            "place": dong.name if dong else "20개 동" if dongs is None else ", ".join(one.name for one in places),
            "part_words": names.get(part, ""),
            "number": one.count(span, dongs=dongs, part=part),
            "total": rows.count(),
            "stored": _stored(one, span, dong, part, district=dongs is None),
            "lines": lines,
            "named": named,
            "shown": len(lines),
            "next_url": f"?{urlencode(query | {'after': next_after})}" if next_after else "",
            "back": f"{reverse('dashboard')}?{urlencode({'month': month} | ({'dong': dong.slug} if dong else {}))}",
        },
    )


def _page(one: Indicator, rows, after: str):
    """Up to a page of rows by (day, key), and the uid to go on from."""
    ordered = rows.select_related(*one.related).order_by(f"-{one.day}", "-pk")
    if after:
        last = rows.filter(uid=after).first() if _is_uid(after) else None
        if last is None:
            raise Http404
        day = getattr(last, one.day)
        ordered = ordered.filter(Q(**{f"{one.day}__lt": day}) | Q(**{one.day: day}, pk__lt=last.pk))
    found = list(ordered[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].uid) if len(found) > PAGE else ""


def _line(one: Indicator, row, *, named: bool) -> dict:
    line = one.line(row)
    url = reverse(line.url_name, args=[line.uid]) if named and line.url_name else ""
    return {"day": one.day_of(row), "dong": row.dong, "person": line.person, "text": line.text, "url": url}


def _may_name(request: HttpRequest, one: Indicator, dongs: set[int] | None) -> bool:
    """Names stand in the list for those who may read the records it is made of, in all its dongs."""
    if request.scope.everywhere(one.resource):
        return True
    return bool(dongs) and dongs <= request.scope.dong_ids(one.resource)


def _stored(one: Indicator, span: Span, dong: Dong | None, part: str, *, district: bool) -> int | None:
    """The figure the dashboard shows, where it has one for just this list."""
    if not (dong or district) or (not one.adds_up and span.first != span.last):
        return None
    found = rollups.figures(span, [one.key])
    return sum(found.get((month, one.key, dong.pk if dong else None, part), 0) for month in span.months())


@require_GET
@permitted("report", log="figure.definitions", personal=False)
def figure_definitions(request: HttpRequest):
    """What each figure counts, who answers for it, and how it is rounded."""
    titles = {one.key: one.title for one in indicators()}
    shares = [{"rate": one, "part": titles[one.part], "whole": titles[one.whole]} for one in rates()]
    context = {"indicators": indicators(), "rates": shares, "may_list": dashboards.may_list(request.scope)}
    return render(request, "seongbuk/figure_definitions.html", context)


@require_POST
@permitted("report", log="figures.count_again", personal=False)
def count_again(request: HttpRequest):
    """`다시 세기`: count a month again in the background."""
    month = _month(request.POST.get("month"), Month.of(seoul_date(timezone.now())))
    tasks.send(ask_to_count_again(month, by=request.user, at=timezone.now()))
    messages.success(request, f"{month.korean} 수치를 다시 셉니다. 잠시 뒤 화면에 나타납니다.")
    query = {"month": month} | ({"dong": request.POST["dong"]} if request.POST.get("dong") else {})
    return redirect(f"{reverse('dashboard')}?{urlencode(query)}")


def _count_job(month: Month) -> dict | None:
    job = Job.objects.filter(kind=ROLL, key=str(month), state__in=Job.OPEN).order_by("-created_at").first()
    return shown(job) if job else None


def _month(text: str | None, otherwise: Month) -> Month:
    try:
        return Month.parse(text) if text else otherwise
    except NotAMonth:
        return otherwise


def _chosen(slug: str | None, places: list[Dong], *, strict: bool = False) -> Dong | None:
    """The dong asked for, if it is within reach; `strict` answers 404 for one that is not."""
    dong = next((place for place in places if place.slug == slug), None)
    if slug and dong is None and strict:
        raise Http404
    return dong


def _is_uid(text: str) -> bool:
    from uuid import UUID

    try:
        return bool(UUID(text))
    except ValueError:
        return False
