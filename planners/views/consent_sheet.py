"""The tongjang's consent sheet on the phone and on paper; a tongjang sees the own tongs only."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers.access import permitted
from centers.models import DongCenter
from common.asked import asked_number
from common.months import at_seoul, seoul_date
from common.refusals import Refusal
from planners import consent, consent_sheets, consent_tick_sheets, target_lists
from planners import consent_letters as consent_letters_file
from planners.forms import SheetAnswerForm
from planners.models import Consent, Target


@require_GET
@permitted("consent", "W", log="consent.sheet")
def consent_sheet(request: HttpRequest):
    """Doors of one tong (staff choose it, a tongjang has it) and what was answered today."""
    today = seoul_date(timezone.now())
    mine = consent_sheets.open_targets(request.scope, today=today)
    tongs = list(mine.order_by("person__tong").values_list("person__tong").annotate(n=Count("person", distinct=True)))
    is_tongjang = bool(request.scope.tongs("consent", "W"))
    tong = asked_number(request.GET.get("tong"), most=999)
    if tong is None and tongs:
        tong = tongs[0][0]
    lines = [] if tong is None else consent_sheets.lines(mine.filter(person__tong=tong), today=today)
    request.access.add(line.target.person_id for line in lines)
    start = at_seoul(today, dt.time())
    done = Consent.objects.filter(by=request.user, channel=Consent.Channel.TONGJANG, at__gte=start, withdrawn_on=None)
    return render(
        request,
        "planners/consent_sheet.html",
        {
            "today": today,
            "tongs": tongs,
            "tong": tong,
            "lines": lines,
            "is_tongjang": is_tongjang,
            "place": request.scope.dong,
            "wording": consent.wording(Consent.Kind.VISIT, today),
            "done": done.count(),
            "asked_by": request.GET.get("asked_by", ""),
        },
    )


@require_GET
@permitted("consent", "W", log="consent.letters")
def consent_letters(request: HttpRequest):
    """Notices of one tong with a slip to tear off, in the order of the alley, a sheet each."""
    today = seoul_date(timezone.now())
    tong = asked_number(request.GET.get("tong"), most=999)
    rows = consent_sheets.open_targets(request.scope, today=today).select_related("dong")
    lines = consent_sheets.lines(rows.filter(person__tong=tong), today=today) if tong else []
    request.access.add(line.target.person_id for line in lines)
    place = request.scope.dong
    center = DongCenter.objects.on(today).filter(dong=place).first() if place else None
    return render(
        request,
        "planners/consent_letters.html",
        {
            "today": today,
            "tong": tong,
            "lines": lines,
            "center": center.name if center else "성북구",
            "wording": consent.wording(Consent.Kind.VISIT, today),
        },
    )


@require_GET
@permitted("consent", "W", log="consent.letters_pdf")
def consent_letters_pdf(request: HttpRequest):
    """The same notices as one PDF, to be printed and folded; nothing to send, nothing to print."""
    now = timezone.now()
    today, tong = seoul_date(now), asked_number(request.GET.get("tong"), most=999)
    rows = consent_sheets.open_targets(request.scope, today=today).select_related("dong")
    lines = consent_sheets.lines(rows.filter(person__tong=tong), today=today) if tong else []
    if not lines:
        messages.info(request, "이 통에는 새로 여쭐 분이 없어 보낼 안내문이 없습니다.")
        return redirect("consent_sheet")
    request.access.add(line.target.person_id for line in lines)
    place = lines[0].target.dong
    center = DongCenter.objects.on(today).filter(dong=place).first()
    wording = consent.wording(Consent.Kind.VISIT, today)
    answer = HttpResponse(
        consent_letters_file.pdf(lines, center=center, wording=wording, on=today, at=now),
        content_type="application/pdf",
    )
    name = quote(f"방문안내문_{place.name}_{tong}통_{today:%Y%m%d}.pdf")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_GET
@permitted("consent", "W", log="consent.sheet_pdf")
def consent_sheet_pdf(request: HttpRequest):
    """The tick sheet of one tong, or with `?tong=all` of every tong within reach, as one PDF."""
    now = timezone.now()
    today, tong = seoul_date(now), asked_number(request.GET.get("tong"), most=999)
    rows = consent_sheets.open_targets(request.scope, today=today).select_related("dong")
    if request.GET.get("tong") != "all":
        rows = rows.filter(person__tong=tong)
    sheets = consent_sheets.by_tong(rows, today=today)
    if not sheets:
        messages.info(request, "새로 여쭐 분이 없어 만들 확인표가 없습니다.")
        return redirect("consent_sheet")
    request.access.add(line.target.person_id for _, lines in sheets for line in lines)
    place = sheets[0][1][0].target.dong
    center = DongCenter.objects.on(today).filter(dong=place).first()
    answer = HttpResponse(
        consent_tick_sheets.pdf(sheets, dong=place, center=center, on=today, at=now), content_type="application/pdf"
    )
    which = f"{sheets[0][0] or 0}통" if len(sheets) == 1 else "모든통"
    name = quote(f"동의확인표_{place.name}_{which}_{today:%Y%m%d}.pdf")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_POST
@permitted("consent", "W", log="consent.answer")
def consent_answer(request: HttpRequest, uid):
    """One tap at the door."""
    target = get_object_or_404(_reachable(request), uid=uid)
    request.access.add(target.person_id)
    form = SheetAnswerForm(request.POST)
    row, problem = None, ""
    if form.is_valid():
        asked_by = form.cleaned_data["asked_by"] or request.user.name
        try:
            row = consent_sheets.answer(
                target, form.cleaned_data["answer"], asked_by=asked_by, by=request.user, at=timezone.now()
            )
        except Refusal as refusal:
            problem = refusal.message
    else:
        problem = "동의, 거절, 못 만남 가운데 하나를 눌러 주세요."
    if request.htmx:
        context = {"line": consent_sheets.Line(target, 0), "answer": row, "problem": problem, "done": not problem}
        return render(request, "planners/_sheet_line.html", context)
    if problem:
        messages.error(request, problem)
    return redirect(f"{reverse('consent_sheet')}?tong={target.person.tong or ''}")


@require_POST
@permitted("consent", "W", log="consent.take_back")
def consent_take_back(request: HttpRequest, uid):
    """A slip of the thumb, taken back within the hour."""
    row = get_object_or_404(Consent.objects.select_related("person"), uid=uid, by=request.user)
    request.access.add(row.person_id)
    try:
        consent.take_back(row, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "답을 되돌렸습니다. 다시 여쭈어 적어 주세요.")
    return redirect(f"{reverse('consent_sheet')}?tong={row.person.tong or ''}")


def _reachable(request: HttpRequest):
    rows = Target.objects.filter(target_lists.contactable(request.scope)).open()
    return rows.select_related("person__household", "programme")
