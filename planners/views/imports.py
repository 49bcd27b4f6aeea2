"""Importing a list: upload, watch it being read, look at what will change, apply, take back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Job
from centers.views.jobs import shown
from common.months import seoul_date
from common.refusals import Refusal
from planners import tasks_imports
from planners.import_forms import MappingForm, UndoForm, UploadForm
from planners.lists import import_errors, import_files, import_pages, import_undo, list_import, list_kinds
from planners.models import ImportBatch
from planners.resources import declared

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = ImportBatch.State
TABS = {"changed": "변경", "moved": "이동", "added": "추가"}


@require_GET
@permitted("import", log="import.list", personal=False)
def imports(request: HttpRequest):
    """Upload form and the latest batches."""
    kind = request.GET.get("kind", "")
    form = UploadForm(initial={"kind": kind} if list_kinds.is_known(kind) else None)
    return _list(request, form, _repaired(request, request.GET))


def _list(request: HttpRequest, form: UploadForm, repairs: ImportBatch | None, *, status: int = 200) -> HttpResponse:
    batches = ImportBatch.objects.visible_to(request.scope).select_related("dong", "by", "applied_by")[:50]
    context = {
        "batches": batches,
        "form": form,
        "may_import": _may_import(request),
        "repairs": repairs,
        "kinds": list_kinds.kinds(),
        "taken_along": [kind for kind in list_kinds.kinds() if declared()[kind.key].may_be_taken_along],
    }
    return render(request, "planners/import_list.html", context, status=status)


@csrf_exempt  # the inner view checks; reading the token here would parse the upload before it can be sealed
def upload(request: HttpRequest):
    request.upload_handlers = [import_files.SealedUploadHandler(request)]
    return _upload(request)


@csrf_protect
@require_POST
@permitted("import", "W", log="import.upload", personal=False)
def _upload(request: HttpRequest):
    form = UploadForm(request.POST, request.FILES)
    file = request.FILES.get("file")
    if file is not None and file.refusal:
        form.add_error("file", file.refusal.message)
    if not form.is_valid():
        if file is not None and file.kept:
            import_files.erase(file.kept.name)
        return _list(request, form, _repaired(request, request.POST), status=422)
    now = timezone.now()
    batch = list_import.receive(
        file.kept,
        file_name=file.name,
        kind=form.cleaned_data["kind"],
        by=request.user,
        at=now,
        purpose=form.cleaned_data["purpose"],
        source="upload",
        extracted_on=form.cleaned_data["extracted_on"],
        dong=request.scope.dong,
        repairs=_repaired(request, request.POST),
    )
    request.access.detail = {"batch": str(batch.uid), "bytes": batch.file_size}
    tasks.send(tasks_imports.open_staging(batch, by=request.user, at=now))
    return redirect("import", batch.uid)


upload.permission = _upload.permission
upload.methods = ("POST",)  # for the route table, which cannot see through the outer view


@require_GET
@permitted("import", log="import.open")
def batch(request: HttpRequest, uid):
    """Where the batch stands: being read, the preview, applied, refused."""
    row = _batch(request, uid)
    context = import_pages.facts(row) | {
        "batch": row,
        "kind": list_kinds.kind_of(row),
        "may_import": _may_import(request),
        "undo_form": UndoForm(),
    }
    if row.job and (row.job.is_open or row.state in (State.RECEIVED, State.STAGING, State.APPLYING)):
        context["job"] = shown(row.job)
    if row.state == State.STAGED and not (row.job and row.job.is_open):
        context |= _preview(request, row)
        return render(request, "planners/import_preview.html", context)
    if row.state == State.APPLIED:
        if _may_import(request) and row.counts["rows"] <= list_kinds.kind_of(row).look_ahead_rows:
            context["obstacles"] = import_undo.obstacles(row)
        context["problems"] = import_pages.problems(row)
    return render(request, "planners/import_batch.html", context)


def _preview(request: HttpRequest, row: ImportBatch) -> dict:
    kind = list_kinds.kind_of(row)
    stage = kind.stage_of(row)
    if not stage.is_there():
        return {"is_lost": True}
    tab = request.GET.get("show")
    tabs = {key: label for key, label in TABS.items() if key != "moved" or row.counts[key]} | kind.parts
    tab = tab if tab in tabs else next((key for key in tabs if row.counts[key]), "changed")
    context = {
        "field_choices": [("", "가져오지 않음"), *kind.vocabulary.known.items()],
        "kinds": list_kinds.kinds(),
        "kind_was_guessed": row.report.get("is_guessed"),
        "choices": import_pages.choices(row),
        "problems": import_pages.problems(row),
        "remarks": import_pages.remarks(row),
        "failure": row.job.failure if row.job and row.job.state == Job.State.FAILED else "",
        "applied_before": list_import.applied_before(row),
        "tabs": [(key, label, row.counts[key]) for key, label in tabs.items()],
        "tab": tab,
        "is_chosen": "show" in request.GET,
        "is_editing": request.GET.get("edit") == "columns" and _may_import(request),
    }
    if not _may_import(request):
        return context
    context["names"] = import_pages.name_rows(context["problems"], row)
    if tab == "added":
        found = context["newcomers"] = kind.newcomers(row, stage)
    else:
        found = context["differences"] = kind.differences(row, stage, act=tab)
    request.access.add(one.person_id for one in found if one.person_id)
    return context


@require_POST
@permitted("import", "W", log="import.map", personal=False)
def remap(request: HttpRequest, uid):
    """Another meaning of the columns, another sheet, kind or answer: the list is read again."""
    row = _batch(request, uid)
    now = timezone.now()
    wanted = _wanted(request, row)
    if wanted is None:
        messages.error(request, "열 연결을 다시 골라 주세요.")
        return redirect("import", uid)
    try:
        row = list_import.remap(row, **wanted, by=request.user, at=now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("import", uid)
    tasks.send(tasks_imports.open_staging(row, by=request.user, at=now))
    return redirect("import", uid)


def _wanted(request: HttpRequest, row: ImportBatch) -> dict | None:
    """What the clerk wants to be read differently, as `list_import.remap` takes it; None when it makes no sense."""
    given = request.POST
    if "sheet" in given:
        return {"columns": {}, "sheet": import_pages.sheet_index(row, given["sheet"])}
    kind = list_kinds.kind_of(row)
    if "kind" in given:
        return {"columns": {}, "kind": given["kind"]} if list_kinds.is_known(given["kind"]) else None
    answers = {c.name: given[c.name] for c in kind.choices if given.get(c.name) in c.answers}
    if answers:
        return {"columns": {}, "answers": answers}
    form = MappingForm(given, columns=row.report.get("columns", []), kind=kind)
    return {"columns": form.chosen()} if form.is_valid() else None


@require_POST
@permitted("import", "W", log="import.apply")
def apply(request: HttpRequest, uid):
    """Confirm. A second click finds the work under way and changes nothing."""
    row = _batch(request, uid)
    try:
        row = list_import.begin_applying(row, by=request.user)
    except list_import.WrongState:
        messages.info(request, "이미 넣고 있거나 넣은 명부입니다. 두 번 들어가지 않습니다.")
        return redirect("import", uid)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("import", uid)
    request.access.detail = {"batch": str(row.uid), **row.counts}
    tasks.send(tasks_imports.open_applying(row, by=request.user, at=timezone.now()))
    return redirect("import", uid)


@require_POST
@permitted("import", "W", log="import.cancel", personal=False)
def cancel(request: HttpRequest, uid):
    row = _batch(request, uid)
    try:
        list_import.cancel(row)
        messages.success(request, "그만두었습니다. 올린 파일은 지웠습니다.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("imports")


@require_POST
@permitted("import", "W", log="import.undo")
def undo(request: HttpRequest, uid):
    """Take an applied list back."""
    row = _batch(request, uid)
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("import", uid)
    request.access.reason = form.cleaned_data["reason"]
    people = row.changes.exclude(person=None).values_list("person_id", flat=True)
    request.access.add(people.distinct()[:5001])
    now = timezone.now()
    try:
        row, reverted = import_undo.undo(
            row, by=request.user, reason=form.cleaned_data["reason"], on=seoul_date(now), at=now
        )
        kind = list_kinds.kind_of(row)
        messages.success(request, f"되돌렸습니다. {kind.noun} {reverted:,}{kind.unit}이 넣기 전 상태가 되었습니다.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("import", uid)


@require_GET
@permitted("import", "W", log="import.errors")
def errors(request: HttpRequest, uid):
    """The uploaded list with its faults marked."""
    row = _batch(request, uid)
    try:
        body = import_errors.workbook(row)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("import", uid)
    request.access.detail = {"batch": str(row.uid), "rows": row.counts["rejected"]}
    stem = row.file_name.rpartition(".")[0] or row.file_name
    return _download(body, f"{stem}_고칠점.xlsx")


@require_GET
@permitted("import", log="import.form", personal=False)
def form_sheet(request: HttpRequest):
    """An empty list with the headings that are understood best."""
    wanted = request.GET.get("kind", "")
    kind = next((kind for kind in list_kinds.kinds() if kind.key == wanted), list_kinds.kinds()[0])
    return _download(import_pages.empty_form(kind), f"{kind.title.replace(' ', '')}_양식.xlsx")


@require_GET
@permitted("import", "W", log="import.known")
def known_sheet(request: HttpRequest):
    """What is there of a kind, as a sheet to mend and bring back."""
    kind = next((kind for kind in list_kinds.kinds() if kind.key == request.GET.get("kind", "")), None)
    if kind is None or not declared()[kind.key].may_be_taken_along:
        raise Http404
    table = declared()[kind.key]().export()
    request.access.detail = {"kind": kind.key, "rows": len(table)}
    return _download(import_pages.known_sheet(kind, table), f"{kind.title.replace(' ', '')}_지금.xlsx")


def _download(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _batch(request: HttpRequest, uid) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.scope).select_related(
        "dong", "by", "applied_by", "undone_by", "job", "repairs"
    )
    return get_object_or_404(rows, uid=uid)


def _repaired(request: HttpRequest, given) -> ImportBatch | None:
    """The batch whose rejected rows the upload mends."""
    try:
        return ImportBatch.objects.visible_to(request.scope).filter(uid=uuid.UUID(given.get("repairs", ""))).first()
    except ValueError:
        return None


def _may_import(request: HttpRequest) -> bool:
    return request.scope.allows("import", "W")
