"""A list from upload to applied or undone: the acts on an import batch, the same for every kind of list.

receive -> stage -> (remap -> stage)* -> apply -> undo, or cancel on the way. The batch row is the state
machine; each act locks it, checks `ImportBatch.MOVES`, and writes its effect and the new state in one
transaction. What was previewed is what is applied: when what the list is compared with has changed in
between and the counts would differ, applying stops and shows the new preview.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from centers.access import Scope
from centers.models import Dong, User
from common.refusals import Refusal
from common.spreadsheets import reading
from planners.lists import import_files, list_kinds, list_reading
from planners.lists.list_kinds import Compared, ListKind
from planners.lists.list_reading import Progress, Reading
from planners.models import ColumnMapping, ImportBatch, ImportIssue

State = ImportBatch.State
KEEP_DAYS = 7  # an upload nobody confirmed is erased with its staging table


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
    by: User | None,
    at: dt.datetime,
    kind: str = ImportBatch.Kind.RESIDENTS,
    purpose: str = "",
    source: str = "",
    extracted_on: dt.date | None = None,
    dong: Dong | None = None,
    repairs: ImportBatch | None = None,
    answers: Mapping[str, str] | None = None,
) -> ImportBatch:
    """Open a batch for an upload that is sealed away; the file goes when the batch cannot be written.

    Without a `kind` the header will tell which kind of list it is. `answers` are to the kind's `choices`.
    """
    try:
        return ImportBatch.objects.create(
            kind=kind,
            file=kept.name,
            file_name=_plain_name(file_name),
            file_size=kept.size,
            sha256=kept.sha256,
            dong=dong,
            source=source,
            purpose=purpose,
            extracted_on=extracted_on,
            repairs=repairs,
            report={"wanted": {"answers": dict(answers)}} if answers else {},
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

    kind: ListKind
    reading: Reading
    compared: Compared
    kept: dict[str, Any]  # what the batch's report keeps of before

    @property
    def counts(self) -> dict[str, int]:
        read = self.reading
        warnings = sum(read.warnings.values()) + sum(self.compared.warnings.values())
        skipped = sum(read.skipped.values())
        return self.compared.counts | {"skipped": skipped, "rows": read.rows, "warnings": warnings}

    def drop(self) -> None:
        self.reading.stage.drop()


def begin_staging(batch: ImportBatch) -> ImportBatch:
    """received or staged -> staging. Raises `WrongState`."""
    return _move(batch, {State.RECEIVED, State.STAGED, State.STAGING}, State.STAGING)


def read_and_match(batch: ImportBatch, *, on: dt.date, scope: Scope | None = None, report: Progress = quiet) -> Staged:
    """Read the file and compare it with what is there. Changes nothing but its own staging tables."""
    wanted = batch.report.get("wanted", {})
    with import_files.opened(batch.file) as fd, reading(fd, list_reading.limits()) as book:
        kind = list_kinds.kind_of(batch) if batch.kind else list_kinds.guess(book, batch.file_name)
        chosen = {int(at): name for at, name in wanted.get("columns", {}).items()}
        layout = kind.recognise(
            book, sheet=wanted.get("sheet"), remembered=(lambda _: None) if chosen else _remembered(kind.key)
        )
        if chosen:
            layout = layout.remapped(chosen)
        allowed = _allowed_dongs(scope)
        found = kind.fill(batch, book, layout, on=on, allowed=allowed, report=report)
    batch.report |= {
        "allowed": None if allowed is None else sorted(allowed),
        "is_guessed": not batch.kind or bool(batch.report.get("is_guessed")),
    }
    try:
        report(found.rows, found.rows, "지금 있는 것과 견주는 중")
        compared = kind.compare(batch, found.stage, on=on, first=True)
    except BaseException:
        found.stage.drop()
        raise
    kept = {name: batch.report.get(name) for name in ("allowed", "is_guessed")}
    return Staged(kind, found, compared, kept | {"wanted": wanted})


def _allowed_dongs(scope: Scope | None) -> set[int] | None:
    if scope is None or scope.everywhere("import", "W"):
        return None
    return scope.dong_ids("import", "W")


def _remembered(kind: str) -> Callable[[str], Mapping[int, str] | None]:
    def look_up(fingerprint: str) -> Mapping[int, str] | None:
        known = ColumnMapping.objects.filter(kind=kind, fingerprint=fingerprint).first()
        return {int(at): name for at, name in known.mapping.items()} if known else None

    return look_up


def _report(read: Reading, compared: Compared) -> dict[str, Any]:
    layout = read.layout
    return {
        "stage": read.stage.suffix,
        "kind": read.kind,
        "columns": [
            {
                "index": c.index,
                "letter": c.letter,
                "header": c.header,
                "field": c.field,
                "how": c.how,
                "example": read.examples.get(c.index, ""),
            }
            for c in layout.columns
        ],
        "mapping": layout.mapping,
        "dropped": layout.dropped,
        "sheet_index": layout.sheet,
        "other_sheets": [{"index": index, "name": name} for index, name in layout.other_sheets],
        "is_remembered": layout.mapping_is_remembered,
        "skipped": dict(read.skipped),
        "warnings": dict(read.warnings + Counter(compared.warnings)),
        **compared.facts,
    }


def settle_staging(batch: ImportBatch, staged: Staged) -> ImportBatch:
    """staging -> staged, with what was found. Call inside the transaction that fences late losers."""
    old = batch.report.get("stage")
    layout = staged.reading.layout
    batch = _move(
        batch,
        {State.STAGING},
        State.STAGED,
        kind=staged.kind.key,
        sheet=layout.sheet_name[:120],
        header_rows=list(layout.header_rows),
        mapping=layout.mapping,
        header_fingerprint=layout.fingerprint,
        counts=staged.counts,
        report=_report(staged.reading, staged.compared) | staged.kept,
        refusal="",
        refusal_code="",
    )
    batch.issues.all().delete()
    issues = staged.reading.issues + staged.compared.issues
    for issue in issues:
        issue.batch = batch
    ImportIssue.objects.bulk_create(sorted(issues, key=lambda i: i.row), batch_size=2000)
    if old and old != staged.reading.stage.suffix:
        transaction.on_commit(staged.kind.stage_class(old).drop)
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


@transaction.atomic
def remap(
    batch: ImportBatch,
    columns: Mapping[int, str],
    *,
    sheet: int | None = None,
    kind: str = "",
    answers: Mapping[str, str] | None = None,
    by: User,
    at: dt.datetime,
) -> ImportBatch:
    """The clerk's own reading: columns, another sheet, another kind of list, or an answer to the kind's question.

    Columns are kept for this batch and for every file with the same header. The batch must be staged again
    afterwards.
    """
    before = batch.report.get("wanted", {})
    wanted = {"columns": {str(at): name for at, name in columns.items()}} if columns else {}
    if kind and kind != batch.kind:
        return _read_as(batch, kind)
    if sheet is not None and sheet != batch.report.get("sheet_index"):
        wanted = {"sheet": sheet}
    elif before.get("sheet") is not None:
        wanted["sheet"] = before["sheet"]
    if answers is not None:
        wanted["columns"] = wanted.get("columns") or before.get("columns", {})
    wanted["answers"] = before.get("answers", {}) | dict(answers or {})
    if columns and batch.header_fingerprint and "sheet" not in wanted:
        ColumnMapping.objects.update_or_create(
            kind=batch.kind,
            fingerprint=batch.header_fingerprint,
            defaults={"mapping": wanted["columns"], "by": by, "at": at},
        )
    return _move(batch, {State.STAGED}, State.STAGING, report=batch.report | {"wanted": wanted})


def _read_as(batch: ImportBatch, kind: str) -> ImportBatch:
    """The same file as another kind of list: nothing of the first reading is kept."""
    old = batch.report.get("stage")
    if old:
        transaction.on_commit(list_kinds.kind_of(batch).stage_class(old).drop)
    return _move(batch, {State.STAGED}, State.STAGING, kind=kind, report={}, counts={})


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
    list_kinds.kind_of(batch).refuse_applying(batch)
    return _move(batch, {State.STAGED}, State.APPLYING)


def apply(
    batch: ImportBatch, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress = quiet
) -> ImportBatch:
    """applying -> applied, in one transaction, one list of a kind at a time. Raises `StalePreview`.

    `on` is the day the changes count from when the list itself has no date.
    """
    with transaction.atomic():
        take_turns(batch)
        batch = locked(batch, {State.APPLYING, State.STAGED})
        kind = list_kinds.kind_of(batch)
        staged = kind.stage_of(batch)
        if not kind.is_current(batch, staged):
            _compare_again(batch, kind, on=on)
        subjects = kind.write(batch, staged, by=by, on=batch.extracted_on or on, at=at, report=report)
        write_down(batch, state=State.APPLIED, applied_by=by, applied_at=at, report=batch.report)
        transaction.on_commit(lambda: _forget(batch))
        batch.subjects = subjects
        return batch


def take_turns(batch: ImportBatch) -> None:
    """Wait until no other list of the kind is written; ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import:{batch.kind}"])


def _compare_again(batch: ImportBatch, kind: ListKind, *, on: dt.date) -> None:
    seen = batch.report.get("outcome")
    compared = kind.compare(batch, kind.stage_of(batch), on=on)
    is_other = any(batch.counts[name] != value for name, value in compared.counts.items())
    if is_other or compared.facts.get("outcome") != seen:
        raise StalePreview(
            f"미리보기를 만든 뒤에 {kind.register_name}가 바뀌었습니다. 다시 읽은 미리보기를 확인하고 넣어 주세요."
        )
    batch.report |= compared.facts


def back_to_preview(batch: ImportBatch, *, on: dt.date) -> ImportBatch:
    """applying -> staged, with counts as they are now, after applying was refused."""
    kind = list_kinds.kind_of(batch)
    compared = kind.compare(batch, kind.stage_of(batch), on=on)
    return _move(
        batch,
        {State.APPLYING, State.STAGED},
        State.STAGED,
        counts=batch.counts | compared.counts,
        report=batch.report | compared.facts,
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
        list_kinds.kind_of(batch).stage_class(suffix).drop()
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
        "tables": 0 if running else list_reading.drop_strays({name for name in known if name}),
    }
