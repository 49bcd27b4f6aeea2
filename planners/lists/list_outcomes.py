"""Outcomes: what the rows of a staged list do to the records that are there, in {matches} of its stage.

Made in SQL or with `put_outcomes`; counted, shown and written from the table, so that what was previewed is
what is applied.
"""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from planners.lists.list_reading import Stage
from planners.models import ImportBatch, ImportChange

OUTCOME_COLUMNS = (
    ("row", "int4"),
    ("act", "text"),
    ("table", "text"),
    ("record", "int8"),
    ("person_id", "int8"),
    ("label", "text"),
    ("before", "jsonb"),
    ("after", "jsonb"),
)


class StagedLine(NamedTuple):
    """An accepted row as it stands in the stage."""

    row: int
    data: dict[str, Any]
    name: str = ""
    person_id: int | None = None
    dong_id: int | None = None
    birth_on: dt.date | None = None
    sex: str = ""
    tong: int | None = None
    ban: int | None = None
    address_main: str = ""
    address_detail: str = ""
    phone: str = ""
    mobile: str = ""
    relation: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a row does to a record: `table` is the model's label, `record` its primary key once there is one.

    `before` holds the values that change, `after` the new ones; of an added record `after` holds all.
    `refusal` is a code that rejects the row instead.
    """

    row: int
    act: str = "unchanged"
    table: str = ""
    record: int | None = None
    person_id: int | None = None
    label: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    refusal: str = ""


def put_outcomes(stage: Stage, outcomes: Iterable[Outcome]) -> None:
    """Write outcomes made in Python; those with a refusal reject their row."""
    outcomes = list(outcomes)  # whoever makes them may ask the database, which cannot answer while it copies
    refused: list[tuple[int, str]] = []
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        stage.matches, sql.SQL(", ").join(sql.Identifier(name) for name, _ in OUTCOME_COLUMNS)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for one in outcomes:
            if one.refusal:
                refused.append((one.row, one.refusal))
                continue
            before, after = (Jsonb(values) if values is not None else None for values in (one.before, one.after))
            copy.write_row((one.row, one.act, one.table, one.record, one.person_id, one.label, before, after))
    if refused:
        rows, codes = zip(*refused, strict=True)
        stage.run(REFUSE, rows_refused=list(rows), codes=list(codes))


def outcomes_of(stage: Stage, *acts: str) -> Iterator[Outcome]:
    """Outcomes to write, in the order of the file."""
    names = [f.name for f in dataclasses.fields(Outcome) if f.name != "refusal"]
    for *plain, before, after in stage.run(TO_WRITE, acts=list(acts)):
        yield Outcome(**dict(zip(names, (*plain, document(before), document(after)), strict=True)))


def lines_of(stage: Stage) -> list[StagedLine]:
    """Rows that are fit to have an outcome, in the order of the file."""
    return [StagedLine(row, document(data), *others) for row, data, *others in stage.run(LINES)]


def document(value: Any) -> Any:
    """A jsonb value, whether the connection hands it over as text or read already."""
    return json.loads(value) if isinstance(value, str) else value


def change_of(batch: ImportBatch, one: Outcome) -> ImportChange:
    """What the batch remembers of an outcome that was written."""
    facts = {name: getattr(one, name) for name in ("person_id", "table", "record", "act", "before", "after")}
    return ImportChange(batch=batch, **facts)


def remember(batch: ImportBatch, stage: Stage) -> None:
    """Keep what the batch does to each record: the ground of undo. Records must have their keys by now."""
    stage.run(REMEMBER, batch=batch.pk)


def set_record(outcome: Outcome, record: int) -> Outcome:
    """The outcome with the primary key its record has got."""
    return dataclasses.replace(outcome, record=record)


COUNTED = ("added", "changed", "unchanged", "moved", "rejected")
_WEIGHT = "CASE act WHEN 'added' THEN 1 WHEN 'moved' THEN 2 WHEN 'changed' THEN 3 WHEN 'closed' THEN 3 ELSE 4 END"
_ACTS = f"SELECT row, min({_WEIGHT}) AS weight FROM {{matches}} WHERE row > 0 GROUP BY row"
_FIT = "status = 'accepted' AND refusal IS NULL"
COUNTS = f"""
    SELECT
        count(*) FILTER (WHERE {_FIT} AND a.weight = 1),
        count(*) FILTER (WHERE {_FIT} AND a.weight = 3),
        count(*) FILTER (WHERE {_FIT} AND coalesce(a.weight, 4) = 4),
        count(*) FILTER (WHERE {_FIT} AND a.weight = 2),
        count(*) FILTER (WHERE status = 'rejected' OR refusal IS NOT NULL)
    FROM {{rows}} s LEFT JOIN ({_ACTS}) a ON a.row = s.row
"""
COUNT_PARTS = "SELECT count(*) FROM {matches} WHERE row = 0 AND act = %(act)s"
DIGEST = """
    SELECT md5(coalesce(string_agg(one, '' ORDER BY row, one), '')) FROM (
        SELECT m.row, md5(concat_ws('|', m.act, m."table", m.record, m.person_id, m.before::text, m.after::text)) AS one
        FROM {matches} m WHERE m.act <> 'unchanged'
    ) x
"""
REPEATS = """
    UPDATE {rows} s SET status = 'rejected', codes = ARRAY[CASE WHEN s.facts = d.first_facts THEN 'DUP_EXACT' ELSE 'DUP_CONFLICT' END]
    FROM (
        SELECT row, first_value(facts) OVER w AS first_facts, row_number() OVER w AS place
        FROM {rows} WHERE status = 'accepted' AND line_key IS NOT NULL WINDOW w AS (PARTITION BY line_key ORDER BY row)
    ) d
    WHERE d.row = s.row AND d.place > 1
    RETURNING s.row, s.codes[1]
"""
REFUSED = "SELECT row, refusal FROM {rows} WHERE refusal IS NOT NULL ORDER BY row LIMIT %(rows)s"
REFUSE = """
    UPDATE {rows} s SET refusal = r.code FROM unnest(%(rows_refused)s::int[], %(codes)s::text[]) r (row, code) WHERE s.row = r.row
"""
OUTCOMES = """
    SELECT m.row, coalesce(s.name, p.name), m.label, m.person_id, m.before, m.after
    FROM {matches} m LEFT JOIN {rows} s ON s.row = m.row LEFT JOIN planners_person p ON p.id = m.person_id
    WHERE m.act = %(act)s ORDER BY m.row, m.label, m.record LIMIT %(rows)s
"""
TO_WRITE = """
    SELECT row, act, "table", record, person_id, label, before, after FROM {matches} WHERE act = ANY (%(acts)s) ORDER BY row, record
"""
LINES = f"""
    SELECT row, data, coalesce(name, ''), person_id, dong_id, birth_on, sex, tong, ban, address_main, address_detail, phone, mobile, relation
    FROM {{rows}} WHERE {_FIT} ORDER BY row
"""
DETAIL = f"""
    SELECT s.row, s.status, s.codes, s.warnings, s.refusal, s.name, s.birth_on, s.dong_id, s.data,
        CASE a.weight WHEN 1 THEN 'added' WHEN 2 THEN 'moved' WHEN 3 THEN 'changed' ELSE 'unchanged' END
    FROM {{rows}} s LEFT JOIN ({_ACTS}) a ON a.row = s.row ORDER BY s.row
"""
REMEMBER = """
    INSERT INTO planners_importchange (batch_id, person_id, "table", record, act, before, after)
    SELECT %(batch)s, person_id, "table", record, act, before, after
    FROM {matches} WHERE act IN ('added', 'changed', 'moved', 'closed') ORDER BY row, record
"""
