"""A resident list from upload to applied or undone: the acts on an import batch.

receive -> stage -> (remap -> stage)* -> apply -> undo, or cancel on the way. The batch row is the state
machine; each act locks it, checks `ImportBatch.MOVES`, and writes its effect and the new state in one
transaction. What was previewed is what is applied: when the register has changed in between and the
counts would differ, applying stops and shows the new preview.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from centers.access import Scope
from centers.models import Dong, User
from common.refusals import Refusal
from planners import import_files, resident_matching, resident_staging, resident_writing
from planners.models import ColumnMapping, ImportBatch, ImportIssue
from planners.resident_columns import Layout
from planners.resident_issues import REJECT, WARN, Issue
from planners.resident_staging import Reading, Stage

State = ImportBatch.State
KEEP_DAYS = 7  # an upload nobody confirmed is erased with its staging table
Progress = Callable[[int, int, str], None]


class WrongState(Refusal):
    code = "WRONG_STATE"


class StalePreview(Refusal):
    code = "STALE_PREVIEW"


class NeedsSecondPerson(Refusal):
    code = "NEEDS_SECOND_PERSON"


class NothingToApply(Refusal):
    code = "NOTHING_TO_APPLY"


def quiet(done: int, total: int, note: str) -> None:
    """Progress nobody watches."""


# ---------------------------------------------------------------- in
def receive(
    kept: import_files.Kept,
    *,
    file_name: str,
    by: User,
    at: dt.datetime,
    purpose: str = "",
    source: str = "",
    extracted_on: dt.date | None = None,
    dong: Dong | None = None,
    repairs: ImportBatch | None = None,
) -> ImportBatch:
    """Open a batch for an upload that is sealed away; the file goes when the batch cannot be written."""
    try:
        return ImportBatch.objects.create(
            kind=ImportBatch.Kind.RESIDENTS,
            file=kept.name,
            file_name=_plain_name(file_name),
            file_size=kept.size,
            sha256=kept.sha256,
            dong=dong,
            source=source,
            purpose=purpose,
            extracted_on=extracted_on,
            repairs=repairs,
            by=by,
            uploaded_at=at,
            erase_file_on=(at + dt.timedelta(days=KEEP_DAYS)).date(),
        )
    except BaseException:
        import_files.erase(kept.name)
        raise


def _plain_name(name: str) -> str:
    """The last part of the name without signs that could fake another one."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable() and letter not in '<>:"|?*\u202e\u202d')
    return name[-200:] or "이름 없음"


def applied_before(batch: ImportBatch) -> ImportBatch | None:
    """The newest applied batch of the very same file."""
    same = ImportBatch.objects.filter(kind=batch.kind, sha256=batch.sha256, state=State.APPLIED)
    return same.exclude(pk=batch.pk).order_by("-applied_at").first()


# ---------------------------------------------------------------- stage
@dataclass
class Staged:
    """A run's result, not yet written to the batch."""

    reading: Reading
    stage: Stage
    counts: dict[str, int]
    report: dict[str, Any]
    issues: list[ImportIssue]


def begin_staging(batch: ImportBatch) -> ImportBatch:
    """received or staged -> staging. Raises `WrongState`."""
    return _move(batch, {State.RECEIVED, State.STAGED, State.STAGING}, State.STAGING)


def read_and_match(batch: ImportBatch, *, on: dt.date, scope: Scope | None = None, report: Progress = quiet) -> Staged:
    """Read the file and compare it with the register. Changes nothing but its own staging tables."""
    stage = Stage.create(batch.pk)
    try:
        wanted = batch.report.get("wanted", {})
        with import_files.opened(batch.file) as fd:
            reading = resident_staging.fill(
                stage,
                fd,
                on=on,
                own_dong=batch.dong.name if batch.dong else "",
                allowed_dongs=_allowed_dongs(scope),
                sheet=wanted.get("sheet"),
                chosen={int(at): name for at, name in wanted.get("columns", {}).items()},
                remembered=_remembered(batch.kind),
                report=report,
            )
        report(reading.rows, reading.rows, "같은 사람을 찾는 중")
        repeats, namesakes = resident_matching.find_repeats(stage)
        counts, held, missing, mark, doubts = resident_matching.match(stage, as_of=batch.extracted_on)
    except BaseException:
        stage.drop()
        raise
    issues = reading.issues + _found_in_sets(repeats, sorted({*namesakes, *doubts}), held)
    reading.warnings["POSSIBLE_DUP"] = len({*namesakes, *doubts})
    counts |= {
        "skipped": sum(reading.skipped.values()),
        "rows": reading.rows,
        "warnings": sum(reading.warnings.values()),
    }
    return Staged(reading, stage, counts, _report(reading, stage, held, missing, mark), issues)


def _allowed_dongs(scope: Scope | None) -> set[int] | None:
    if scope is None or scope.everywhere("import", "W"):
        return None
    return scope.dong_ids("import", "W")


def _remembered(kind: str) -> Callable[[str], Mapping[int, str] | None]:
    def look_up(fingerprint: str) -> Mapping[int, str] | None:
        known = ColumnMapping.objects.filter(kind=kind, fingerprint=fingerprint).first()
        return {int(at): name for at, name in known.mapping.items()} if known else None

    return look_up


def _found_in_sets(repeats: list[tuple[int, str]], doubts: list[int], held: int) -> list[ImportIssue]:
    rows = [(row, Issue(code, "name", REJECT)) for row, code in repeats[: resident_staging.REJECTS_KEPT]]
    rows += [(row, Issue("POSSIBLE_DUP", "name", WARN)) for row in doubts[: resident_staging.WARNINGS_KEPT]]
    return [ImportIssue(row=row, field=i.field, level=i.level, code=i.code, message=i.message) for row, i in rows]


def _report(reading: Reading, stage: Stage, held: int, missing: int, mark: list[int]) -> dict[str, Any]:
    layout = reading.layout
    return {
        "stage": stage.suffix,
        "kind": reading.kind,
        "columns": [
            {
                "index": c.index,
                "letter": c.letter,
                "header": c.header,
                "field": c.field,
                "how": c.how,
                "example": reading.examples.get(c.index, ""),
            }
            for c in layout.columns
        ],
        "mapping": layout.mapping,
        "dropped": layout.dropped,
        "sheet_index": layout.sheet,
        "other_sheets": [{"index": index, "name": name} for index, name in layout.other_sheets],
        "is_remembered": layout.mapping_is_remembered,
        "skipped": dict(reading.skipped),
        "warnings": dict(+reading.warnings),
        "held": held,
        "missing": missing,
        "mark": mark,
    }


def settle_staging(batch: ImportBatch, staged: Staged) -> ImportBatch:
    """staging -> staged, with what was found. Call inside the transaction that fences late losers."""
    old = batch.report.get("stage")
    layout: Layout = staged.reading.layout
    batch = _move(
        batch,
        {State.STAGING},
        State.STAGED,
        sheet=layout.sheet_name[:120],
        header_rows=list(layout.header_rows),
        mapping=layout.mapping,
        header_fingerprint=layout.fingerprint,
        counts=staged.counts,
        report=staged.report | {"wanted": batch.report.get("wanted", {})},
        refusal="",
        refusal_code="",
    )
    batch.issues.all().delete()
    for issue in staged.issues:
        issue.batch = batch
    ImportIssue.objects.bulk_create(sorted(staged.issues, key=lambda i: i.row), batch_size=2000)
    if old and old != staged.stage.suffix:
        transaction.on_commit(Stage(old).drop)
    return batch


def refuse(batch: ImportBatch, refusal: Refusal) -> ImportBatch:
    """staging -> refused: the file cannot be read at all. It is not kept."""
    batch = _move(
        batch, {State.STAGING, State.RECEIVED}, State.REFUSED, refusal=refusal.message[:500], refusal_code=refusal.code
    )
    _forget(batch)
    return batch


def stage(batch: ImportBatch, *, on: dt.date, scope: Scope | None = None, report: Progress = quiet) -> ImportBatch:
    """All of staging in one call, for commands. Raises the refusal after writing it down."""
    batch = begin_staging(batch)
    try:
        staged = read_and_match(batch, on=on, scope=scope, report=report)
    except Refusal as refusal:
        refuse(batch, refusal)
        raise
    with transaction.atomic():
        return settle_staging(batch, staged)


def remap(
    batch: ImportBatch, columns: Mapping[int, str], *, sheet: int | None, by: User, at: dt.datetime
) -> ImportBatch:
    """The clerk's own reading of the columns: kept for this batch and for every file with the same header.

    The batch must be staged again afterwards.
    """
    wanted = {"columns": {str(at): name for at, name in columns.items()}} if columns else {}
    if sheet is not None and sheet != batch.report.get("sheet_index"):
        wanted = {"sheet": sheet}
    elif batch.report.get("wanted", {}).get("sheet") is not None:
        wanted["sheet"] = batch.report["wanted"]["sheet"]
    if columns and batch.header_fingerprint and "sheet" not in wanted:
        ColumnMapping.objects.update_or_create(
            kind=batch.kind,
            fingerprint=batch.header_fingerprint,
            defaults={"mapping": wanted["columns"], "by": by, "at": at},
        )
    return _move(batch, {State.STAGED}, State.STAGING, report=batch.report | {"wanted": wanted})


def cancel(batch: ImportBatch) -> ImportBatch:
    """Stop before anything was applied; file and staging tables go."""
    batch = _move(batch, {State.RECEIVED, State.STAGING, State.STAGED}, State.CANCELLED)
    _forget(batch)
    return batch


# ---------------------------------------------------------------- apply
def begin_applying(batch: ImportBatch, *, by: User) -> ImportBatch:
    """staged -> applying; a second click finds the batch applying and changes nothing."""
    if settings.IMPORT_NEEDS_SECOND_PERSON and by == batch.by:
        raise NeedsSecondPerson("올린 사람과 넣는 사람이 달라야 합니다. 다른 담당자에게 확인을 부탁해 주세요.")
    return _move(batch, {State.STAGED}, State.APPLYING)


def apply(batch: ImportBatch, *, by: User, on: dt.date, at: dt.datetime, report: Progress = quiet) -> ImportBatch:
    """applying -> applied, in one transaction, one list at a time. Raises `StalePreview`.

    `on` is the day the changes count from when the list itself has no date.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import:{batch.kind}"])
        batch = locked(batch, {State.APPLYING, State.STAGED})
        staged = Stage(batch.report["stage"])
        if resident_matching.register_mark() != batch.report["mark"]:
            _match_again(batch, staged)
        subjects = resident_writing.write(batch, staged, by=by, on=batch.extracted_on or on, at=at, report=report)
        write_down(batch, state=State.APPLIED, applied_by=by, applied_at=at, report=batch.report)
        transaction.on_commit(lambda: _forget(batch))
        batch.subjects = subjects
        return batch


def _match_again(batch: ImportBatch, staged: Stage) -> None:
    counts, held, missing, mark, _ = resident_matching.match(staged, as_of=batch.extracted_on)
    if any(batch.counts[name] != value for name, value in counts.items()):
        raise StalePreview("미리보기를 만든 뒤에 주민 명부가 바뀌었습니다. 다시 읽은 미리보기를 확인하고 넣어 주세요.")
    batch.report |= {"mark": mark, "held": held, "missing": missing}


def back_to_preview(batch: ImportBatch) -> ImportBatch:
    """applying -> staged, with counts as they are now, after applying was refused."""
    staged = Stage(batch.report["stage"])
    counts, held, missing, mark, _ = resident_matching.match(staged, as_of=batch.extracted_on)
    return _move(
        batch,
        {State.APPLYING, State.STAGED},
        State.STAGED,
        counts=batch.counts | counts,
        report=batch.report | {"mark": mark, "held": held, "missing": missing},
    )


# ---------------------------------------------------------------- states
def locked(batch: ImportBatch, allowed: set[str]) -> ImportBatch:
    """The batch for writing, if it is in one of the states. Raises `WrongState`."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("dong").get(pk=batch.pk)
    if batch.state not in allowed:
        raise WrongState(
            f"이 가져오기는 지금 ‘{batch.get_state_display()}’ 상태입니다. 화면을 새로 고쳐 확인해 주세요."
        )
    return batch


@transaction.atomic
def _move(batch: ImportBatch, allowed: set[str], to: str, **facts: Any) -> ImportBatch:
    batch = locked(batch, allowed)
    if batch.state != to and to not in ImportBatch.MOVES[batch.state]:
        raise WrongState(
            f"이 가져오기는 지금 ‘{batch.get_state_display()}’ 상태입니다. 화면을 새로 고쳐 확인해 주세요."
        )
    return write_down(batch, state=to, **facts)


def write_down(batch: ImportBatch, **facts: Any) -> ImportBatch:
    """Set fields of a locked batch."""
    for name, value in facts.items():
        setattr(batch, name, value)
    ImportBatch.objects.filter(pk=batch.pk).update(**facts, version=F("version") + 1)
    batch.version += 1
    return batch


def _forget(batch: ImportBatch) -> None:
    """The file, its staging tables and its examples: nothing of the list stays but counts and remarks."""
    if suffix := batch.report.get("stage"):
        Stage(suffix).drop()
    import_files.erase(batch.file)
    columns = [column | {"example": ""} for column in batch.report.get("columns", [])]
    write_down(batch, file="", report={**batch.report, "stage": "", "columns": columns})


def forget_abandoned(*, on: dt.date, at: dt.datetime) -> dict[str, int]:
    """Cancel uploads nobody confirmed in time; remove files and tables that no batch knows."""
    late = ImportBatch.objects.filter(state__in=[State.RECEIVED, State.STAGING, State.STAGED], erase_file_on__lt=on)
    cancelled = 0
    for batch in late:
        cancel(batch)
        cancelled += 1
    for batch in ImportBatch.objects.exclude(file="").filter(
        state__in=[State.APPLIED, State.UNDONE, State.CANCELLED, State.REFUSED]
    ):
        _forget(batch)  # the process died between its commit and this
    open_batches = ImportBatch.objects.exclude(file="")
    known = {report.get("stage") for report in open_batches.values_list("report", flat=True)}
    hour_ago = at.timestamp() - 3600
    running = ImportBatch.objects.filter(state__in=[State.STAGING, State.APPLYING]).exists()
    return {
        "cancelled": cancelled,
        "files": import_files.erase_strays(set(open_batches.values_list("file", flat=True)), older_than=hour_ago),
        "tables": 0 if running else resident_staging.drop_strays({name for name in known if name}),
    }
