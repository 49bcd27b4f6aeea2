"""Reports: the list, one report on the page, and its file in four forms."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers import reports
from centers.access import permitted
from centers.models import Dong
from common.months import Month, seoul_date
from common.refusals import Refusal

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "hwpx": "application/hwp+zip",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


@require_GET
@permitted("report", log="report.list", personal=False)
def report_list(request: HttpRequest):
    """Every report the person may read, by kind."""
    groups: dict[str, list] = {}
    for one in reports.reports():
        if reports.readable(one, request.scope):
            groups.setdefault(one.group, []).append({"report": one, "file": reports.exportable(one, request.scope)})
    return render(request, "seongbuk/report_list.html", {"groups": groups.items(), "forms": reports.FORMATS})


@require_GET
@permitted("report", log="report.read", personal=False)
def report(request: HttpRequest, name: str):
    """One report as it stands now; lists of people show only how many lines there are until they are asked for."""
    try:
        found = reports.find(name)
        ask = _ask(request, request.GET, found)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("reports")
    context = {
        "report": found,
        "month": ask.month,
        "dong": ask.dong,
        "dongs": request.scope.dongs(found.resource),
        "file": reports.exportable(found, request.scope),
        "forms": {form: reports.FORMATS[form] for form in found.formats},
        "reason_letters": reports.REASON_LETTERS,
    }
    try:
        made = reports.make(found, ask)
        context |= {"sheets": [] if found.personal else made.sheets, "rows": made.rows}
    except Refusal as refusal:
        context["refusal"] = refusal.message
    return render(request, "seongbuk/report_detail.html", context)


@require_POST
@permitted("report", log="report.export", personal=False)
def export(request: HttpRequest, name: str):
    """The file. Who took which report, of what, why and how many lines goes into the access log."""
    try:
        found = reports.find(name)
        ask = _ask(request, request.POST, found)
        form, reason = request.POST.get("form", "xlsx"), request.POST.get("reason", "")
        written = reports.write(found, ask, form=form, reason=reason, at=timezone.now())
    except Refusal as refusal:
        request.access.detail = {"report": name, "refused": refusal.code}
        messages.error(request, refusal.message)
        query = {key: request.POST[key] for key in ("month", "dong") if request.POST.get(key)}
        words = "&".join(f"{key}={quote(value)}" for key, value in query.items())
        return redirect(f"{reverse('report', args=[name])}?{words}")
    request.access.add(written.persons)
    request.access.reason = reason
    request.access.detail = {"report": name, "form": form, "rows": written.rows, "sha256": written.sha256}
    file_name = f"{found.title}_{ask.place}_{ask.month}.{form}".replace(" ", "_")
    response = HttpResponse(written.data, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return response


def _ask(request: HttpRequest, given, found: reports.Report) -> reports.Ask:
    """Month and dong as asked for; a person with one dong need not choose it."""
    month = Month.parse(given["month"]) if given.get("month") else Month.of(seoul_date(timezone.now()))
    own = request.scope.dongs(found.resource)
    dong = Dong.objects.filter(slug=given["dong"]).first() if given.get("dong") else None
    if dong is None and found.one_dong and len(own) == 1:
        dong = own[0]
    return reports.Ask(scope=request.scope, month=month, dong=dong)
