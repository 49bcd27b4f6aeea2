"""The general engine of lists: declared columns in, one document a row, outcomes by comparison, undo by record.

A kind says what its columns are (`ListColumn`) and what its rows do to the records that are there
(`find_outcomes`). The engine does the rest: header vocabulary, reading row by row with the codes of
`list_issues`, repeats within the file, the preview with old and new values, counts that sum to the rows.

Two tables live for one run (`ListStage`): {rows} holds the rows of the file with their values in `data`,
{matches} what becomes of them: an *outcome* is added, changed, moved, closed or unchanged, for one record,
with the values before and after. Outcomes of row 0 stand for records that the file does not name.
A row can have several outcomes; for the counts its weightiest stands. A row that is fit by itself but finds
nobody, or more than one, gets a `refusal`: a code that rejects it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from django.db import transaction
from psycopg.types.json import Jsonb

from centers.models import Dong
from common.hangul import compact, mask_name
from common.spreadsheets import Book
from planners.lists import list_cells, list_people
from planners.lists.list_cells import CellReader, Context
from planners.lists.list_columns import SOMEBODY_ELSE, Column, Layout, Vocabulary
from planners.lists.list_issues import REJECT, WARN, Issue
from planners.lists.list_kinds import Compared, Difference, ListKind, Newcomer
from planners.lists.list_outcomes import (
    COUNT_PARTS,
    COUNTED,
    COUNTS,
    DETAIL,
    DIGEST,
    OUTCOMES,
    REFUSED,
    REPEATS,
    document,
)
from planners.lists.list_reading import (
    REJECTS_KEPT,
    ListStage,
    Progress,
    Reading,
    Rows,
    Stage,
    analyse,
    copy_in,
    dong_names,
    rejects_of,
)
from planners.lists.list_rows import Sorter
from planners.lists.resident_columns import (
    ALIASES,
    EVIDENCE,
    FIELDS,
    IDENTITY,
    NEEDS,
    PLACE,
    REPEATABLE,
    SUBJECT,
    TRIMMED,
)
from planners.lists.resident_staging import example_of
from planners.lists.resident_values import Reader, Resident, scrubbed
from planners.models import ImportBatch, ImportIssue
from planners.residents import match_key

SHOWN = 100
COLUMNS = (
    ("row", "int4"),
    ("status", "text"),
    ("codes", "text[]"),
    ("warnings", "text[]"),
    ("refusal", "text"),
    ("line_key", "int8"),
    ("facts", "bytea"),
    ("name", "text"),
    ("birth_on", "date"),
    ("sex", "text"),
    ("dong_id", "int8"),
    ("tong", "int2"),
    ("ban", "int2"),
    ("address", "text"),
    ("address_main", "text"),
    ("address_detail", "text"),
    ("phone", "text"),
    ("mobile", "text"),
    ("relation", "text"),
    ("match_key", "text"),
    ("person_id", "int8"),
    ("data", "jsonb"),
)
#: fields of the person a row names, besides a kind's own
PERSON_FIELDS = {name: label for name, label in FIELDS.items() if name != "benefit"}
PERSON_ALIASES = {name: words for name, words in ALIASES.items() if name != "benefit"}


@dataclass(frozen=True)
class ListColumn:
    """One column of a kind of list. `must` is the sentence said when no column of the file means it."""

    field: str
    label: str
    aliases: str = ""  # folded headings that mean it, separated by spaces
    read: CellReader = field(default_factory=list_cells.text)
    is_needed: bool = False  # an empty cell rejects the row
    must: str = ""
    is_own: bool = False  # hardly any other kind of list has it
    is_name: bool = False  # names somebody: shown masked
    tells: bool = True  # whether it makes a row a record; not so for marks and places
    example: Any = ""


class Line(NamedTuple):
    """A row read: the person it names, the kind's own values, and what is wrong with them."""

    row: int
    data: dict[str, Any]
    issues: tuple[Issue, ...] = ()
    person: Resident | None = None
    key: str = ""  # two rows with the same one are the same; empty when rows may repeat

    @property
    def is_rejected(self) -> bool:
        return any(issue.level == REJECT for issue in self.issues)


class StagedList(ListKind):
    """A kind of list on the general engine. With `has_people` each row names a resident, found before outcomes."""

    stage_class: type[Stage] = ListStage
    columns: tuple[ListColumn, ...] = ()
    has_people: ClassVar[bool] = False
    keeps_totals: ClassVar[bool] = False  # whether a total row is a row of the list: in tables of figures
    lead = "name"
    titles: re.Pattern | None = None
    hidden: frozenset[str] = frozenset()  # values of outcomes that the preview does not show
    refusals: dict[str, str] = {}  # code of `find_outcomes` -> field it is said of

    def __init__(self) -> None:
        self.vocabulary = self._vocabulary()
        self.labels = {column.field: column.label for column in self.columns}

    def _vocabulary(self) -> Vocabulary:
        own = {column.field: column.label for column in self.columns}
        aliases = {column.field: column.aliases for column in self.columns if column.aliases}
        musts = tuple((frozenset({column.field}), column.must) for column in self.columns if column.must)
        silent = frozenset(column.field for column in self.columns if not column.tells)
        people = self.has_people
        return Vocabulary(
            fields=(PERSON_FIELDS if people else {}) | own,
            aliases=(PERSON_ALIASES if people else {"other": ALIASES["other"]}) | aliases,
            not_found=f"{self.title}의 제목 줄을 찾지 못했습니다. 맨 위쪽 줄에 "
            + ", ".join(f"‘{heading}’" for heading in self.form_headings[:4])
            + " 같은 열 제목이 있는지 확인해 주세요.",
            needs=(NEEDS if people else ()) + musts,
            lead=self.lead,
            identity=IDENTITY if people else (),
            place=(PLACE if people else frozenset()) | silent,
            evidence=EVIDENCE if people else frozenset(),
            repeatable=REPEATABLE if people else frozenset(),
            trimmed=TRIMMED if people else frozenset(),
            own=frozenset(column.field for column in self.columns if column.is_own),
            titles=self.titles,
            subject=SUBJECT if people else None,
            somebody_else=SOMEBODY_ELSE if people else None,
        )

    # ---------------------------------------------------------------- what kinds say
    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        """Look at a whole row: defaults from the title, contradictions, the key of repeats.

        `on` is the day the list speaks of.
        """
        return line

    def find_people(self, batch: ImportBatch, stage: Stage) -> None:
        """Set the person of each row, or refuse it."""
        list_people.find(stage, dongs=batch.report.get("allowed"))

    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        """Fill {matches} for the accepted rows, by SQL or with `put_outcomes`."""
        raise NotImplementedError

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        """The cells of `added_headings` for a record that will be added."""
        return ()

    def shown(self, key: str, value: Any) -> str:
        """A value as the preview shows it."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "예" if value else "아니요"
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return value.replace("-", ".")
        return f"{value:,}" if isinstance(value, int) else str(value)

    # ---------------------------------------------------------------- reading
    def lines(self, batch: ImportBatch, book: Book, found: Reading, **given: Any) -> Lines:
        """Who reads the rows of one file."""
        return Lines(self, book, found, **given)

    def fill(
        self, batch: ImportBatch, book: Book, layout: Layout, *, on: dt.date, allowed: set[int] | None, report: Progress
    ) -> Reading:
        stage = ListStage.create(batch.pk)
        try:
            found = Reading(layout, book.kind, stage)
            own = batch.dong.name if batch.dong else ""
            given = {"on": on, "as_of": batch.extracted_on or on, "own_dong": own, "allowed": allowed}
            lines = self.lines(batch, book, found, **given)
            copy_in(lines, COLUMNS, report=report)
            analyse(stage, "status", "line_key", "match_key", "birth_on", "name")
        except BaseException:
            stage.drop()
            raise
        return found

    @transaction.atomic
    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False) -> Compared:
        on = self.day_of(batch, on)
        issues = self._repeats(stage) if first else []
        stage.run("TRUNCATE {matches}")
        if not first:
            stage.run("UPDATE {rows} SET refusal = NULL, person_id = NULL WHERE status = 'accepted'")
        if self.has_people:
            self.find_people(batch, stage)
        self.find_outcomes(batch, stage, on=on)
        counts = dict(zip(COUNTED, stage.run(COUNTS)[0], strict=True))
        counts |= {name: stage.run(COUNT_PARTS, act=name)[0][0] for name in self.parts}
        facts = {"as_of": on.isoformat(), "outcome": stage.run(DIGEST)[0][0]}
        return Compared(counts, facts, issues + self._refused(stage), {})

    def day_of(self, batch: ImportBatch, on: dt.date) -> dt.date:
        """The day the list speaks of: its own date, else the day it was first read."""
        known = batch.report.get("as_of")
        return batch.extracted_on or (dt.date.fromisoformat(known) if known else on)

    def answer(self, batch: ImportBatch, name: str) -> str:
        """The clerk's answer to one of `choices`; about repaired rows only nothing is asked."""
        choice = next(choice for choice in self.choices if choice.name == name)
        if batch.repairs_id:
            return next(iter(choice.answers))
        given = batch.report.get("wanted", {}).get("answers", {}).get(name, "")
        return given if given in choice.answers else next(iter(choice.answers))

    def _repeats(self, stage: Stage) -> list[ImportIssue]:
        found = sorted(stage.run(REPEATS))[:REJECTS_KEPT]
        return [self._issue(row, Issue(code, self.lead)) for row, code in found]

    def _refused(self, stage: Stage) -> list[ImportIssue]:
        rows = stage.run(REFUSED, rows=REJECTS_KEPT)
        return [self._issue(row, Issue(code, self.refusals.get(code, self.lead))) for row, code in rows]

    @staticmethod
    def _issue(row: int, issue: Issue) -> ImportIssue:
        return ImportIssue(row=row, field=issue.field, level=issue.level, code=issue.code, message=issue.message)

    # ---------------------------------------------------------------- showing
    def newcomers(self, batch: ImportBatch, stage: Stage) -> list[Newcomer]:
        found = stage.run(OUTCOMES, act="added", rows=SHOWN)
        return [
            Newcomer(row, self._name(name, label), self.added_cells(document(after)), person, self.added_headings)
            for row, name, label, person, _, after in found
        ]

    def differences(self, batch: ImportBatch, stage: Stage, *, act: str) -> list[Difference]:
        found = []
        for row, name, label, person, before, after in stage.run(OUTCOMES, act=act, rows=SHOWN):
            olds = document(before) or {}
            for key, new in (document(after) or {}).items():
                old = olds.get(key)
                if old != new and key not in self.hidden:
                    label_of = self.labels.get(key, key)
                    old, new = self.shown(key, old), self.shown(key, new)
                    found.append(Difference(row, self._name(name, label), label_of, old, new, person))
        return found

    def _name(self, name: str | None, label: str) -> str:
        who = mask_name(name) if name and self.has_people else name or ""
        return f"{who} · {label}" if who and label else who or label

    def names(self, stage: Stage, rows: list[int]) -> dict[int, str]:
        key = "name" if self.has_people else f"data ->> '{self.lead}'"
        return dict(stage.run(f"SELECT row, {key} FROM {{rows}} WHERE row = ANY (%(rows)s)", rows=rows))  # noqa: S608

    def records(self, stage: Stage) -> Iterator[dict[str, Any]]:
        dongs = dict(Dong.objects.values_list("pk", "name"))
        for row, status, codes, warnings, refusal, name, birth_on, dong, data, act in stage.walk(DETAIL):
            record = {"row": row, "status": "rejected" if refusal else status, "warnings": warnings}
            record["codes"] = codes + warnings + ([refusal] if refusal else [])
            if status != "skipped":
                record["act"] = act if status == "accepted" and not refusal else None
                who = {
                    "name": name,
                    "birth_date": birth_on.isoformat() if birth_on else None,
                    "dong": dongs.get(dong, ""),
                }
                record["normalised"] = (who if self.has_people else {}) | (document(data) or {})
            yield record


class Lines(Rows):
    """Rows of a general list."""

    empty = (None,) * (len(COLUMNS) - 4)

    def __init__(
        self,
        kind: StagedList,
        book: Book,
        found: Reading,
        *,
        on: dt.date,
        as_of: dt.date,
        own_dong: str,
        allowed: set[int] | None,
    ) -> None:
        super().__init__(book, found)
        layout = found.layout
        self.sorter = Sorter(layout, keeps_totals=kind.keeps_totals)
        self.kind, self.layout, self.as_of, self.allowed = kind, layout, as_of, allowed
        names = dong_names()
        self.context = Context(on, layout.is_1904, names)
        self.salt = secrets.token_bytes(16)
        self.dongs = {name: pk for pk, name in Dong.objects.values_list("pk", "name")}
        at = layout.indexes
        self.places = [(column, at[column.field][0]) for column in kind.columns if column.field in at]
        self.absent = [column for column in kind.columns if column.field not in at]
        self.masked = {column.field for column in kind.columns if column.is_name}
        self.reader = None
        if kind.has_people:
            self.reader = Reader(layout, names, on=on, own_dong=own_dong, needs_dong=False)

    def record(self, row: int, cells: list[Any]) -> Line:
        person = self.reader.read(row, cells) if self.reader else None
        issues = list(person.issues) if person else []
        data: dict[str, Any] = {column.field: None for column in self.absent}
        for column, at in self.places:
            read = column.read(cells[at] if at < len(cells) else "", self.context)
            data[column.field] = read.value
            if read.code:
                issues.append(Issue(read.code, column.field, hint=read.hint))
            elif read.value is None and column.is_needed:
                issues.append(Issue("REQUIRED", column.field))
            if read.remark:
                issues.append(Issue(read.remark, column.field, WARN))
        if person and self.allowed is not None and person.dong and self.dongs.get(person.dong) not in self.allowed:
            issues.append(Issue("OTHER_DONG", "dong"))
        return self.kind.finish(Line(row, data, tuple(issues), person), self.layout, self.as_of)

    def encode(self, line: Line) -> tuple:
        rejects = rejects_of(line.issues)
        warnings = [issue.code for issue in line.issues if issue.level == WARN]
        facts = json.dumps(line.data, sort_keys=True, ensure_ascii=False)
        p = line.person
        person = (None,) * 13
        if p is not None:
            facts += p.facts.hex()
            fit = p.birth_on is not None and p.name
            person = (
                p.name, p.birth_on, p.sex, self.dongs.get(p.dong), p.tong, p.ban, p.address, p.address_main, p.address_detail,
                p.phone, p.mobile, p.relation, match_key(p.name, p.birth_on, p.sex) if fit else None,
            )  # fmt: skip
        return (
            line.row,
            "rejected" if rejects else "accepted",
            rejects,
            warnings,
            None,
            self._digest(line.key, 8, signed=True) if line.key else None,
            hashlib.blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=16).digest(),
            *person,
            None,
            Jsonb(line.data),
        )

    def _digest(self, text: str, size: int, *, signed: bool) -> int:
        made = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, key=self.salt).digest()
        return int.from_bytes(made, "big", signed=signed)

    def example(self, column: Column, written: str, line: Line) -> str:
        if line.person is not None and column.field in PERSON_FIELDS:
            return example_of(column.field, written, line.person.normalised())
        if column.field not in line.data:
            return ""
        value = self.kind.shown(column.field, line.data[column.field])
        if column.field in self.masked:
            return mask_name(value)
        written = scrubbed(written)[:30]
        return written if not value or compact(value) == compact(written) else f"{written[:20]} → {value[:30]}"
