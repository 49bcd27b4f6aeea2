"""Lists of things that stand in a dong: facilities, groups, activists. One row is one record with a name and a kind.

Rows and records are the same when dong, kind and name are; a record that opens again is a new one. A list
that is complete may end what it does not name, in the dongs it names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Hashable, Iterator
from typing import Any

from django.db import models

from centers.models import Dong
from common.hangul import compact
from common.spreadsheets import Book
from planners.dong_names import DongNames
from planners.lists.list_columns import Layout
from planners.lists.list_issues import Issue, add_sentences
from planners.lists.list_kinds import Choice
from planners.lists.list_outcomes import Outcome
from planners.lists.list_reading import Reading, dong_names
from planners.lists.list_records import Act, RecordList, Standing, Values
from planners.lists.list_staging import Line
from planners.models import ImportBatch

WHOLE_DISTRICT = frozenset({"구", "구전체", "전체", "성북구", "구청", "자치구", "관내", "전동"})
add_sentences(
    {("RECORD_DONG", ""): "동이 비어 있습니다. 장위1동처럼 적거나, 구 전체의 것이면 ‘구 전체’라고 적어 주세요."}
)


def absent(noun: str, verb: str) -> Choice:
    """The question what becomes of records that the list does not name."""
    return Choice(
        "absent",
        f"이 명부에 없는 {noun}",
        {"keep": "그대로 둡니다", "dongs": f"명부에 나온 동과 종류에서는 {verb} 것으로 합니다"},
        "끝나는 날은 자료 기준일입니다. 반려된 줄이 있으면 먼저 고쳐 올린 뒤에 고르는 것이 안전합니다.",
    )


class DongRecordList(RecordList):
    """Says how such records are found and written; kinds say their model, columns and acts (`adding`, `changing`)."""

    lead = "name"
    names_people = False
    parts = {"closed": "끝냄"}
    fields: tuple[str, ...] = ()  # columns that are fields of the model, besides dong and the two days
    district_kinds: frozenset[str] = frozenset()  # kinds that need no dong

    @property
    def own_models(self) -> tuple[type[models.Model], ...]:
        return (self.model.history.rel.related_model,)

    # ---------------------------------------------------------------- what kinds say
    def records(self, on: dt.date) -> models.QuerySet:
        raise NotImplementedError

    def adding(self, facts: dict[str, Any], act: Act) -> int:
        raise NotImplementedError

    def changing(self, record: models.Model, facts: dict[str, Any], act: Act) -> None:
        raise NotImplementedError

    # ---------------------------------------------------------------- reading
    def fill(self, batch: ImportBatch, book: Book, layout: Layout, **given: Any) -> Reading:
        self.places: DongNames = dong_names()
        return super().fill(batch, book, layout, **given)

    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        issues = (*line.issues, *self._place(line.data, layout))
        if line.data["valid_from"] and line.data["valid_to"] and line.data["valid_to"] < line.data["valid_from"]:
            issues += (Issue("BAD_PERIOD", "valid_to"),)
        return super().finish(line._replace(issues=issues), layout, on)

    def _place(self, data: Values, layout: Layout) -> tuple[Issue, ...]:
        """Give the dong its official name; a blank one is taken from the title of a list of one dong."""
        said = data["dong"]
        if said is None or compact(said) in WHOLE_DISTRICT:
            told = "" if said else self.places.in_text(" ".join((*layout.titles, layout.sheet_name)))
            data["dong"] = told or None
            needs = not told and not said and data.get("kind") not in self.district_kinds
            return (Issue("RECORD_DONG", "dong"),) if needs else ()
        name, code, near = self.places.find(said)
        data["dong"] = name or None
        return (Issue(code, "dong", hint=f"{'·'.join(near)} 가운데 하나입니까?" if near else ""),) if code else ()

    # ---------------------------------------------------------------- comparing
    def same(self, data: Values) -> Hashable:
        return (data["dong"] or "", data["kind"], compact(data["name"]))

    def standing(self, batch: ImportBatch, on: dt.date) -> Standing:
        found = {}
        for record in self.records(on).filter(valid_to=None).select_related("dong"):
            values = self._values(record)
            found[self.same(values)] = (record.pk, values)
        return found

    def _values(self, record: models.Model) -> Values:
        days = {
            name: day.isoformat() if (day := getattr(record, name)) else None for name in ("valid_from", "valid_to")
        }
        values = {name: getattr(record, name) for name in self.fields}
        values |= {name: v.isoformat() for name, v in values.items() if isinstance(v, dt.date)}
        values |= {name: None for name, v in values.items() if v == ""}
        return values | days | {"dong": record.dong.name if record.dong_id else None}

    def now(self, pks: Collection[int]) -> dict[int, Values]:
        records = self.model._default_manager.select_related("dong").filter(pk__in=pks)
        return {record.pk: self._values(record) for record in records}

    def ends_absent(self, batch: ImportBatch, named: set[Hashable], there: Standing) -> Iterator[Outcome]:
        if self.answer(batch, "absent") != "dongs":
            return
        places = {(dong, kind) for dong, kind, _ in named}
        end = self.day_of(
            batch, dt.date.fromisoformat(batch.report["as_of"]) if "as_of" in batch.report else batch.uploaded_at.date()
        )
        for key, (pk, values) in there.items():
            if key not in named and key[:2] in places:
                after = {"valid_to": max(end.isoformat(), values["valid_from"])}
                yield Outcome(0, "closed", self.model._meta.label, pk, None, values["name"], {"valid_to": None}, after)

    # ---------------------------------------------------------------- writing
    def add(self, after: Values, act: Act) -> int:
        facts = self._facts(after)
        facts["valid_from"] = facts.get("valid_from") or min(act.on, facts.get("valid_to") or act.on)
        return self.adding(facts, act)

    def change(self, pk: int, before: Values, after: Values, act: Act) -> None:
        self.changing(self.model._default_manager.get(pk=pk), self._facts(after), act)

    def remove(self, pk: int, act: Act) -> None:
        self.model._default_manager.filter(pk=pk).delete()

    def _facts(self, values: Values) -> dict[str, Any]:
        """Values of the stage as the model takes them; nothing stands for an empty text."""
        facts: dict[str, Any] = {}
        for name, value in values.items():
            field = self.model._meta.get_field(name)
            if name == "dong":
                value = Dong.objects.get(name=value) if value else None
            elif isinstance(field, models.DateField):
                value = dt.date.fromisoformat(value) if value else None
            elif value is None and not field.null:
                value = ""
            facts[name] = value
        return facts
