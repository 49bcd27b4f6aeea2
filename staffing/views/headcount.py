"""Headcount of the district: 20 dongs beside each other, by grade, welfare workforce."""

from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers import dong_map, figures, reports
from centers.access import permitted
from centers.models import Dong
from common.months import Month, seoul_date
from staffing.headcount import LOADS, Headcount, headcount, loads
from staffing.models import HeadcountCell

TABLE = HeadcountCell.Table
SERIES = ("admin", "welfare", "other")


@require_GET
@permitted("staffing", log="staffing.list", personal=False)
def staffing(request: HttpRequest):
    """정원·현원: the district's 20 dongs, or the viewer's own."""
    dongs = list(request.scope.dongs("staffing"))
    everywhere = request.scope.everywhere("staffing")
    centers = headcount(TABLE.CENTER)
    context = {
        "centers": centers,
        "everywhere": everywhere,
        "series": [one for one in (centers.columns if centers else ()) if one.key in SERIES],
        "plan": _plan(dongs),
    }
    if centers:
        lines = _lines(centers, dongs, context["plan"].get("dong", {}))
        half = (len(lines) + 1) // 2
        context |= {"halves": [part for part in (lines[:half], lines[half:]) if part], "sums": _sums(centers, lines)}
        context |= _load(centers, request) if everywhere else {}
    ask = reports.Ask(request.scope, Month.of(seoul_date(timezone.now())))
    context["tables"] = [_sheet(name, ask) for name in ("headcount_by_grade", "welfare_workforce")]
    context["exports"] = [
        one for one in ("staffing_headcount",) if reports.exportable(reports.find(one), request.scope)
    ]
    return render(request, "staffing/headcount_list.html", context)


def _lines(centers: Headcount, dongs: list[Dong], wanted: dict[int, int]) -> list[dict]:
    by_dong = {line.dong_id: line for line in centers.dongs}
    return [
        {
            "dong": dong,
            "cells": [by_dong[dong.pk].total, *(by_dong[dong.pk].of(key) for key in SERIES)],
            "line": by_dong[dong.pk],
            "wanted": wanted.get(dong.pk, 0),
        }
        for dong in dongs
        if dong.pk in by_dong
    ]


def _sums(centers: Headcount, lines: list[dict]) -> list[dict]:
    shown = [one["line"] for one in lines]
    names = {series.key: series.name for series in centers.columns}
    return [
        {"name": "계", "heads": centers.sum(lines=shown)},
        *({"name": names.get(key, key), "heads": centers.sum(key, shown)} for key in SERIES),
    ]


def _plan(dongs: list[Dong]) -> dict:
    """Social workers the hiring plan adds, by dong (plan IV.3)."""
    grid = figures.grid("hiring_social")
    if grid is None:
        return {}
    wanted = {row.dong_id: int(row.values["total"] or 0) for row in grid.counted}
    return {"dong": wanted, "total": sum(wanted.get(dong.pk, 0) for dong in dongs)}


def _load(centers: Headcount, request: HttpRequest) -> dict:
    """Tile map and ranking of what one social worker carries."""
    key = request.GET.get("by", "recipients")
    key = key if key in LOADS else "recipients"
    found = loads(centers, key)
    if found is None:
        return {}
    rows, whole = found
    dongs = {dong.pk: dong for dong in Dong.objects.all()}
    chosen = request.GET.get("dong", "")
    standings = dong_map.ranking(
        [
            (dongs[row.dong_id], row.each, f"{row.each:,}" if row.each else "–", (row.amount, row.workers))
            for row in rows
        ],
        chosen=chosen,
    )
    marks = dong_map.cuts(row.each for row in rows)
    page = reverse("staffing")
    return {
        "by": key,
        "by_choices": [(name, f"사회복지직 1명당 {words}") for name, (_, _, words) in LOADS.items()],
        "by_words": LOADS[key][2],
        "whole": whole,
        "standings": standings,
        "tick": (whole.each or 0) * 100 / max((row.each or 0 for row in rows), default=1),
        "marks": marks,
        "tiles": dong_map.tiles(standings, marks, lambda dong: f"{page}?by={key}&dong={dong.slug}#{dong.slug}"),
    }


def _sheet(name: str, ask: reports.Ask):
    made = reports.find(name).build(ask)
    return made.sheets[0] if made.sheets else None
