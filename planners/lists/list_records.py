"""The shortest way to another kind of list: what makes two records the same, what is there, how to write one.

For lists of some thousand rows; each record is written by itself, inside the one transaction of the batch.
A kind of an app above, whole:

    class FacilityList(RecordList):
        key = ImportBatch.Kind.FACILITIES
        title, noun, unit, register_name = "시설 명부", "시설", "곳", "시설 대장"
        model = Facility
        lead = "name"
        columns = (
            ListColumn("name", "시설명", "시설이름 기관명", is_needed=True, must="어느 열이 시설 이름인지 알 수 없습니다. ‘시설명’이라는 제목을 달아 주세요."),
            ListColumn("kind", "종류", "시설종류 유형", list_cells.choice(KINDS, shown="경로당, 보육시설"), is_needed=True, is_own=True),
            ListColumn("members", "인원", "정원", list_cells.number()),
        )
        added_headings = ("종류", "인원")
        form_headings = ("시설명", "종류", "인원")
        form_example = ("예) 장위경로당", "경로당", 30)

        def same(self, data):           # rows and records with the same answer are one record
            return compact(data["name"])

        def standing(self, batch, on):  # what is there: its same() -> (primary key, its values by field)
            return {compact(f.name): (f.pk, {"name": f.name, "kind": f.kind, "members": f.members})
                    for f in Facility.objects.on(on)}

        def add(self, after, act):      # act: by, on, at, batch; returns the primary key
            return Facility.objects.create(valid_from=act.on, **after).pk

        def change(self, pk, before, after, act):
            Facility.objects.filter(pk=pk).update(**after)

        def remove(self, pk, act):      # undo of add
            Facility.objects.filter(pk=pk).delete()

        def added_cells(self, after):
            return tuple(self.shown(key, after.get(key)) for key in ("kind", "members"))

Values are JSON-ready (days are ISO text). A blank cell never erases. `check` may refuse a row with a code of
`list_issues.SENTENCES` (add your own with `list_issues.add_sentences`); `ends_absent` closes what a complete
list does not name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from centers.models import User
from planners.lists import list_undo
from planners.lists.list_columns import Layout
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_outcomes import Outcome, StagedLine, change_of, lines_of, outcomes_of, put_outcomes, set_record
from planners.lists.list_reading import Progress, Stage
from planners.lists.list_staging import Line, StagedList
from planners.models import ImportBatch, ImportChange

Values = dict[str, Any]
Standing = dict[Hashable, tuple[int, Values]]


@dataclass(frozen=True)
class Act:
    """Who writes a batch, from which day it counts, and when."""

    batch: ImportBatch
    by: User | None
    on: dt.date
    at: dt.datetime


class RecordList(StagedList):
    """A kind of list that keeps one record a row (see the module)."""

    model: type[models.Model]
    own_models: tuple[type[models.Model], ...] = ()  # rows `add` writes beside the record

    # ---------------------------------------------------------------- what kinds say
    def same(self, data: Values) -> Hashable:
        raise NotImplementedError

    def standing(self, batch: ImportBatch, on: dt.date) -> Standing:
        raise NotImplementedError

    def add(self, after: Values, act: Act) -> int:
        raise NotImplementedError

    def change(self, pk: int, before: Values, after: Values, act: Act) -> None:
        raise NotImplementedError

    def remove(self, pk: int, act: Act) -> None:
        raise NotImplementedError

    def now(self, pks: Collection[int]) -> dict[int, Values]:
        """Values of records that are there, as `standing` gives them; undo compares them with what was written."""
        return {pk: {} for pk in self.model._default_manager.filter(pk__in=pks).values_list("pk", flat=True)}

    def check(self, line: StagedLine, known: tuple[int, Values] | None) -> str:
        """A code that rejects the row after all; empty when it may stand."""
        return ""

    def label(self, data: Values) -> str:
        """What the preview calls the record beside the person's name."""
        return "" if self.has_people else str(data.get(self.lead) or "")

    def moves(self, before: Values, after: Values) -> bool:
        """Whether a change counts as a move to another dong."""
        return False

    def ends_absent(self, batch: ImportBatch, named: set[Hashable], there: Standing) -> Iterator[Outcome]:
        """Outcomes of row 0 that close records the file does not name; needs `parts` and a `Choice`."""
        yield from ()

    # ---------------------------------------------------------------- the engine
    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        return line if line.is_rejected else line._replace(key=repr(self.same(line.data)))

    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        put_outcomes(stage, self._outcomes(batch, stage, on))

    def _outcomes(self, batch: ImportBatch, stage: Stage, on: dt.date) -> Iterator[Outcome]:
        there = self.standing(batch, on)
        named = set()
        table = self.model._meta.label
        for line in lines_of(stage):
            key = self.key_of(line)
            named.add(key)
            known = there.get(key)
            refusal = self.check(line, known)
            if refusal:
                yield Outcome(line.row, refusal=refusal)
                continue
            given = {name: value for name, value in line.data.items() if value is not None}
            label = self.label(line.data)
            if known is None:
                yield Outcome(line.row, "added", table, None, line.person_id, label, None, given)
                continue
            pk, values = known
            after = {name: value for name, value in given.items() if values.get(name) != value}
            before = {name: values.get(name) for name in after}
            act = "unchanged" if not after else "moved" if self.moves(before, after) else "changed"
            yield Outcome(line.row, act, table, pk, line.person_id, label, before, after)
        yield from self.ends_absent(batch, named, there)

    def key_of(self, line: StagedLine) -> Hashable:
        return self.same(line.data)

    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        act, changes = Act(batch, by, on, at), []
        outcomes = list(outcomes_of(stage, "added", "changed", "moved", "closed"))
        for done, one in enumerate(outcomes, 1):
            if one.act == "added":
                one = set_record(one, self.add(one.after | self.beside(one), act))
            else:
                self.change(one.record, one.before, one.after, act)
            changes.append(change_of(batch, one))
            if done % 200 == 0:
                report(done, len(outcomes), "넣는 중")
        ImportChange.objects.bulk_create(changes, batch_size=1000)
        return {one.person_id for one in outcomes if one.person_id}

    def beside(self, outcome: Outcome) -> Values:
        """Values that `add` needs and the file does not say, such as the person a row names."""
        return {"person_id": outcome.person_id} if self.has_people else {}

    def refuse_undo(self, batch: ImportBatch) -> None:
        list_undo.refuse_later(batch, self.model)
        added = batch.changes.filter(act="added", table=self.model._meta.label)
        list_undo.refuse_used(self.model, added.values("record"), own=self.own_models)
        changes = list(batch.changes.filter(table=self.model._meta.label))
        now = self.now({change.record for change in changes})
        changed = sum(not _stands(change.after, now.get(change.record)) for change in changes)
        if changed:
            raise CannotUndo(
                f"이 명부를 넣은 뒤에 {self.noun} {changed:,}{self.unit}이 다시 바뀌어 한꺼번에 되돌릴 수 없습니다. 해당 기록을 하나씩 고쳐 주세요."
            )

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        act, count = Act(batch, by, on, at), 0
        for change in batch.changes.filter(table=self.model._meta.label).order_by("-pk"):
            if change.act == ImportChange.Act.ADDED:
                self.remove(change.record, act)
            else:
                self.change(change.record, change.after, change.before, act)
            count += 1
        return count


def _stands(written: Values, now: Values | None) -> bool:
    """Whether a record still has the values a list gave it."""
    return now is not None and all(now[name] == value for name, value in written.items() if name in now)
