"""The kinds of list that can be imported, behind one interface; who adds a kind registers it here.

The acts on a batch (`list_import`) are the same for every kind: receive, stage, remap, apply, undo. What
differs is said by a `ListKind`:

- `ResidentList` (resident_list.py) is the specialised fast engine for 468,000 people.
- `StagedList` (list_staging.py) is the general engine: declared columns, one document a row, outcomes found
  by comparing with what is there. `PersonList` of it names residents, who are looked up set by set.
- `RecordList` (list_records.py) needs least: columns, what makes two records the same, what is there, how to
  add, change and remove one. Start there for a list of some thousand rows.

An app above this floor registers its kinds from its `AppConfig.ready`:

    from planners import list_kinds
    list_kinds.register(FacilityList())

A kind also declares a `StagedResource` (resources.py) for django-import-export, and has a value in
`ImportBatch.Kind`. Without a chosen kind the header decides (`recognise`): each kind `claims` a layout.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from centers.models import User
from common.refusals import Refusal
from common.spreadsheets import Book
from planners.lists import list_columns
from planners.lists.list_columns import HeaderNotFound, Layout, Vocabulary
from planners.lists.list_reading import Progress, Reading, Stage
from planners.models import ImportBatch, ImportIssue


class CannotUndo(Refusal):
    code = "CANNOT_UNDO"


@dataclass(frozen=True)
class Difference:
    """One value that a row changes, ready to be shown: names and phones are masked already."""

    row: int
    name: str
    label: str
    old: str
    new: str
    person_id: int | None = None
    is_held: bool = False


@dataclass(frozen=True)
class Newcomer:
    """A row that will be added: its masked name and the cells of `ListKind.added_headings`."""

    row: int
    name: str
    cells: tuple[str, ...]
    person_id: int | None = None
    headings: tuple[str, ...] = ()

    @property
    def labelled(self) -> list[tuple[str, str]]:
        return list(zip(self.headings, self.cells, strict=True))


@dataclass
class Compared:
    """What the rows would do now. `counts` are added, changed, unchanged, moved, rejected and the kind's own."""

    counts: dict[str, int]
    facts: dict[str, Any] = field(default_factory=dict)  # goes into the batch's report
    issues: list[ImportIssue] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A question about the whole list, asked on the preview: key -> sentence; the first is the default."""

    name: str
    question: str
    answers: dict[str, str]
    note: str = ""


class ListKind(ABC):
    """One kind of list (see the module). `noun` and `unit` are how people call and count its records."""

    key: str
    title: str
    noun: str = "줄"
    unit: str = "건"
    register_name: str = "명부"  # what the list goes into: “주민 명부에서 달라지는 것이 없습니다”
    vocabulary: Vocabulary
    stage_class: type[Stage] = Stage
    added_headings: tuple[str, ...] = ()
    form_headings: tuple[str, ...] = ()
    form_example: tuple[Any, ...] = ()
    sum_words: dict[str, str] = {}  # count -> what it means, where the general words do not fit
    look_ahead_rows = 5_000  # for longer lists only undoing itself says what stands in the way
    parts: dict[str, str] = {}  # count beyond the rows of the file -> how it is called
    choices: tuple[Choice, ...] = ()
    names_people: bool = True  # whether the names of its records are those of residents, and shown masked
    undo_words: str = ""  # what undoing does, where it is more than removing and putting back
    decisions_url: str = (
        ""  # url name of the page where what stands in `report["decisions"]` is decided before applying
    )

    # ---------------------------------------------------------------- reading
    def recognise(self, book: Book, **given: Any) -> Layout:
        return list_columns.recognise(book.sheets, self.vocabulary, kind=book.kind, is_1904=book.is_1904, **given)

    def claim(self, layout: Layout, told: str) -> float:
        """How surely a layout is of this kind; `told` are titles, sheet and file name. Zero or less: it is not."""
        fields = {column.field for column in layout.columns}
        titles = self.vocabulary.titles
        return 2 * len(fields & self.vocabulary.own) + bool(titles and titles.search(told))

    @abstractmethod
    def fill(
        self, batch: ImportBatch, book: Book, layout: Layout, *, on: dt.date, allowed: set[int] | None, report: Progress
    ) -> Reading:
        """Rows of the file into a new stage, judged one by one. The child that reads is still there."""

    @abstractmethod
    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False) -> Compared:
        """What the staged rows would do. May be repeated; the newest answer stands.

        `first` is the first time after reading: rows that come twice in the file are taken out then.
        """

    def is_current(self, batch: ImportBatch, stage: Stage) -> bool:
        """Whether nothing was written since `compare` that could change its answer."""
        return False

    # ---------------------------------------------------------------- writing
    def refuse_applying(self, batch: ImportBatch) -> None:
        """Raise a `Refusal` when somebody has to decide something before the list may be applied."""
        return

    @abstractmethod
    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        """Apply inside the caller's transaction; returns people to name in the access log."""

    @abstractmethod
    def refuse_undo(self, batch: ImportBatch) -> None:
        """Raise `CannotUndo` when something that came later stands on the batch."""

    @abstractmethod
    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        """Put everything back as it was before, in the caller's transaction; returns how many records."""

    # ---------------------------------------------------------------- showing
    @abstractmethod
    def newcomers(self, batch: ImportBatch, stage: Stage) -> list[Newcomer]:
        """The first rows that will be added."""

    @abstractmethod
    def differences(self, batch: ImportBatch, stage: Stage, *, act: str) -> list[Difference]:
        """Old and new values of the first rows with this act."""

    @abstractmethod
    def names(self, stage: Stage, rows: list[int]) -> dict[int, str]:
        """Row -> the unmasked name it has, for people who may see it."""

    @abstractmethod
    def records(self, stage: Stage) -> Iterator[dict[str, Any]]:
        """Every row of the sheet with its normal form, for `--detail`; read as it is asked for."""

    def stage_of(self, batch: ImportBatch) -> Stage:
        return self.stage_class(batch.report["stage"])


_KINDS: dict[str, ListKind] = {}


def register(kind: ListKind) -> None:
    _KINDS[kind.key] = kind


def kinds() -> list[ListKind]:
    """In the order of `ImportBatch.Kind`."""
    order = list(ImportBatch.Kind.values)
    return sorted(_KINDS.values(), key=lambda kind: order.index(kind.key))


def kind_of(batch: ImportBatch) -> ListKind:
    """The kind of a batch; residents while nobody has told or recognised another."""
    return _KINDS[batch.kind or ImportBatch.Kind.RESIDENTS]


def is_known(key: str) -> bool:
    return key in _KINDS


def guess(book: Book, file_name: str) -> ListKind:
    """The kind whose columns and titles are in the file. Raises `HeaderNotFound` when none is."""
    found: list[tuple[float, int, ListKind]] = []
    refusal: HeaderNotFound | None = None
    for kind in kinds():
        try:
            layout = kind.recognise(book)
        except HeaderNotFound as missing:
            refusal = missing if refusal is None else refusal
            continue
        told = " ".join((*layout.titles, layout.sheet_name, file_name))
        understood = sum(column.field in kind.vocabulary.known for column in layout.columns)
        found.append((kind.claim(layout, told), understood, kind))
    found = [one for one in found if one[0] > 0]
    if not found:
        raise refusal or HeaderNotFound("어떤 명부인지 알 수 없습니다. 종류를 골라 다시 올려 주세요.")
    return max(found, key=lambda one: one[:2])[2]
