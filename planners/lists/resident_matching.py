"""Who the rows of a staged list are: repeats within the file, people the register knows, what differs.

Set by set, in SQL. A row and a record are the same person when name, birth date and sex agree and
the address does too; when only one of each is left, the person has moved. Where more than one choice
is left nobody is merged: the row is added and its doubt goes to the duplicates inbox.

A row that meets a record linked to another one goes to the kept record.

What the list leaves blank never erases what the register knows. What a person at a desk or a door
corrected is not overwritten by a list: it is held and shown.
"""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from centers.models import Dong
from common.hangul import mask_name
from planners.lists.list_kinds import Difference
from planners.lists.list_reading import Stage
from planners.lists.resident_staging import masked_phone
from planners.models import Person

#: columns a list may change, as they are called in the staging table and in the register
FIELDS = {
    "name": "이름",
    "sex": "성별",
    "dong_id": "동",
    "tong": "통",
    "ban": "반",
    "address": "주소",
    "phone": "전화",
    "mobile": "휴대전화",
    "relation": "세대 관계",
    "status": "상태",
}

#: an address without city, district, bracketed legal dong, spaces and signs
FOLDED = r"regexp_replace(regexp_replace(lower({}), '\(.*?\)|[[:space:],.\-]', '', 'g'), '^(서울특별시|서울시|서울)?(성북구)?', '')"

REPEATED_NUMBERS = """
    UPDATE {rows} s SET status = 'rejected', codes = ARRAY[CASE WHEN s.row_hash = d.first_hash THEN 'DUP_EXACT' ELSE 'DUP_CONFLICT' END]
    FROM (
        SELECT row, first_value(row_hash) OVER w AS first_hash, row_number() OVER w AS place
        FROM {rows} WHERE status = 'accepted' AND number_key IN (
            SELECT number_key FROM {rows} WHERE status = 'accepted' AND number_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1
        ) WINDOW w AS (PARTITION BY number_key ORDER BY row)
    ) d
    WHERE d.row = s.row AND d.place > 1
    RETURNING s.row, s.codes[1]
"""
REPEATED_PEOPLE = """
    UPDATE {rows} s SET status = 'rejected', codes = ARRAY[CASE WHEN s.row_hash = d.first_hash THEN 'DUP_EXACT' ELSE 'DUP_CONFLICT' END]
    FROM (
        SELECT row, number_key, first_value(row_hash) OVER w AS first_hash, first_value(number_key) OVER w AS first_number,
            row_number() OVER w AS place
        FROM {rows} WHERE status = 'accepted' AND person_key IN (
            SELECT person_key FROM {rows} WHERE status = 'accepted' GROUP BY 1 HAVING count(*) > 1
        ) WINDOW w AS (PARTITION BY person_key ORDER BY row)
    ) d
    WHERE d.row = s.row AND d.place > 1 AND (d.number_key IS NULL OR d.first_number IS NULL OR d.number_key = d.first_number)
    RETURNING s.row, s.codes[1]
"""
NAMESAKES = """
    UPDATE {rows} s SET warnings = s.warnings || 'POSSIBLE_DUP'::text
    FROM (SELECT name, birth_on, min(row) AS first FROM {rows} WHERE status = 'accepted' GROUP BY 1, 2 HAVING count(*) > 1) d
    WHERE s.status = 'accepted' AND s.name = d.name AND s.birth_on = d.birth_on AND s.row > d.first
    RETURNING s.row
"""
# The key they were made with is gone already; the column goes with it.
FORGET_NUMBERS = "ALTER TABLE {rows} DROP COLUMN number_key"

# Everybody whose stored digest or address is the same: the bulk of a monthly list, found by one join.
_DIFFERING = """array_remove(ARRAY[
        CASE WHEN s.name <> p.name THEN 'name' END,
        CASE WHEN s.sex <> '' AND s.sex <> p.sex THEN 'sex' END,
        CASE WHEN s.dong_id <> p.dong_id THEN 'dong_id' END,
        CASE WHEN s.tong <> p.tong OR (p.tong IS NULL AND s.tong IS NOT NULL) THEN 'tong' END,
        CASE WHEN s.ban <> p.ban OR (p.ban IS NULL AND s.ban IS NOT NULL) THEN 'ban' END,
        CASE WHEN s.address <> '' AND s.address <> p.address THEN 'address' END,
        CASE WHEN s.phone <> '' AND s.phone <> p.phone THEN 'phone' END,
        CASE WHEN s.mobile <> '' AND s.mobile <> p.mobile THEN 'mobile' END,
        CASE WHEN s.relation <> '' AND s.relation <> p.relation THEN 'relation' END,
        CASE WHEN p.status = 'moved' THEN 'status' END
    ], NULL)"""
_CHANGED = f"CASE WHEN p.row_hash = s.row_hash AND p.status <> 'moved' THEN '{{{{}}}}'::text[] ELSE {_DIFFERING} END"
SAME_ADDRESS = f"""
    INSERT INTO {{matches}} (row, person_id, act, changed, held)
    SELECT row, person_id, 'unchanged', changed, '{{{{}}}}' FROM (
        SELECT s.row, p.id AS person_id, {_CHANGED} AS changed,
            row_number() OVER (PARTITION BY s.row ORDER BY p.status = 'resident' DESC, (s.row_hash = p.row_hash) DESC NULLS LAST, p.id) AS of_row,
            row_number() OVER (PARTITION BY p.id ORDER BY (s.address = p.address) DESC, s.row) AS of_person
        FROM {{rows}} s JOIN planners_person p ON p.match_key = s.match_key
        WHERE s.status = 'accepted' AND (p.row_hash = s.row_hash OR p.address = s.address)
    ) x WHERE of_row = 1 AND of_person = 1
"""
# The few that are left, by how much else agrees; a pair counts when it is the only best one of both.
REMAINING = f"""
    CREATE TEMP TABLE candidate ON COMMIT DROP AS
    SELECT s.row, p.id AS person_id,
        CASE WHEN p.address <> '' AND s.address <> '' AND {FOLDED.format("s.address")} = {FOLDED.format("p.address")} THEN 4
             WHEN (s.mobile <> '' AND s.mobile = p.mobile) OR (s.phone <> '' AND s.phone = p.phone) THEN 3
             WHEN s.dong_id = p.dong_id THEN 2 ELSE 1 END AS score
    FROM (SELECT * FROM {{rows}} r WHERE status = 'accepted' AND NOT EXISTS (SELECT FROM {{matches}} m WHERE m.row = r.row)) s
    JOIN planners_person p ON p.match_key = s.match_key
    WHERE NOT EXISTS (SELECT FROM {{matches}} m WHERE m.person_id = p.id)
"""
REMAINING_WITHOUT_SEX = f"""
    INSERT INTO candidate
    SELECT s.row, p.id,
        CASE WHEN {FOLDED.format("s.address")} = {FOLDED.format("p.address")} THEN 4
             WHEN (s.mobile <> '' AND s.mobile = p.mobile) OR (s.phone <> '' AND s.phone = p.phone) THEN 3
             WHEN s.dong_id = p.dong_id THEN 2 ELSE 1 END
    FROM {{rows}} s JOIN planners_person p ON p.birth_on = s.birth_on AND p.name = s.name
    WHERE s.status = 'accepted' AND (s.sex = '' OR p.sex = '') AND p.match_key <> s.match_key
        AND NOT EXISTS (SELECT FROM {{matches}} m WHERE m.row = s.row) AND NOT EXISTS (SELECT FROM {{matches}} m WHERE m.person_id = p.id)
"""
BEST = f"""
    WITH best AS (
        SELECT c.*, rank() OVER (PARTITION BY row ORDER BY score DESC) AS of_row, rank() OVER (PARTITION BY person_id ORDER BY score DESC) AS of_person
        FROM candidate c
    ), sure AS (
        SELECT *, count(*) OVER (PARTITION BY row) AS rows_choices, count(*) OVER (PARTITION BY person_id) AS persons_choices
        FROM best WHERE of_row = 1 AND of_person = 1
    ), taken AS (
        INSERT INTO {{matches}} (row, person_id, act, changed, held)
        SELECT t.row, t.person_id, 'unchanged', {_CHANGED}, '{{{{}}}}'
        FROM sure t JOIN {{rows}} s ON s.row = t.row JOIN planners_person p ON p.id = t.person_id
        WHERE rows_choices = 1 AND persons_choices = 1
        RETURNING row, person_id
    )
    DELETE FROM candidate c USING taken t WHERE c.row = t.row OR c.person_id = t.person_id
"""
DOUBTFUL = """
    UPDATE {rows} s SET warnings = s.warnings || 'POSSIBLE_DUP'::text
    WHERE s.status = 'accepted' AND NOT 'POSSIBLE_DUP' = ANY (s.warnings)
        AND NOT EXISTS (SELECT FROM {matches} m WHERE m.row = s.row)
        AND EXISTS (SELECT FROM planners_person p WHERE p.match_key = s.match_key)
    RETURNING s.row
"""
# The newest correction of a field by a person stands against a list.
HELD = """
    UPDATE {matches} m SET held = h.fields, changed = (SELECT coalesce(array_agg(c), '{{}}') FROM unnest(m.changed) c WHERE NOT c = ANY (h.fields))
    FROM (
        SELECT m.row, array_agg(DISTINCT f.field) AS fields
        FROM {matches} m
        CROSS JOIN LATERAL unnest(m.changed) f (field)
        JOIN planners_person p ON p.id = m.person_id
        WHERE EXISTS (
            SELECT FROM planners_registerevent e
            WHERE e.person_id = m.person_id AND e.by_id IS NOT NULL AND NOT e.detail ? 'batch' AND (
                (e.kind = 'corrected' AND e.detail -> 'after' ->> f.field = to_jsonb(p) ->> f.field)
                OR (e.kind IN ('moved_within', 'moved_in') AND f.field IN ('address', 'dong_id') AND e.on > coalesce(%(as_of)s, '-infinity'::date))
                OR (e.kind = 'moved_out' AND f.field = 'status' AND e.on > coalesce(%(as_of)s, '-infinity'::date))
            )
        ) GROUP BY m.row
    ) h WHERE h.row = m.row
"""
DEAD = "UPDATE {matches} m SET changed = '{{}}', held = '{{status}}' FROM planners_person p WHERE p.id = m.person_id AND p.status = 'deceased'"
# A row that met a record linked to another one speaks of the same human: it goes to the kept record, whose name
# a person chose, and it adds nothing where the list names the kept record too.
FOLLOW_LINKS = f"""
    UPDATE {{matches}} m SET person_id = p.id,
        changed = array_remove(array_remove({_CHANGED}, 'name'), 'sex')
    FROM (
        SELECT x.row, l.kept_as_id, row_number() OVER (PARTITION BY l.kept_as_id ORDER BY x.row) AS place
        FROM {{matches}} x JOIN planners_person l ON l.id = x.person_id AND l.kept_as_id IS NOT NULL
    ) n
    JOIN {{rows}} s ON s.row = n.row
    JOIN planners_person p ON p.id = n.kept_as_id
    WHERE m.row = n.row AND n.place = 1 AND NOT EXISTS (SELECT FROM {{matches}} k WHERE k.person_id = p.id)
"""
ABSORB = """
    UPDATE {matches} m SET changed = '{{}}', held = '{{}}'
    FROM planners_person p WHERE p.id = m.person_id AND p.kept_as_id IS NOT NULL
"""
ACTS = """
    UPDATE {matches} SET act = CASE WHEN changed && ARRAY['dong_id', 'status'] THEN 'moved' ELSE 'changed' END WHERE changed <> '{{}}'
"""
COUNTS = """
    SELECT
        count(*) FILTER (WHERE s.status = 'accepted' AND m.row IS NULL) AS added,
        count(*) FILTER (WHERE m.act = 'changed') AS changed,
        count(*) FILTER (WHERE m.act = 'unchanged') AS unchanged,
        count(*) FILTER (WHERE m.act = 'moved') AS moved,
        count(*) FILTER (WHERE s.status = 'rejected') AS rejected,
        coalesce(sum(cardinality(m.held)), 0) AS held
    FROM {rows} s LEFT JOIN {matches} m ON m.row = s.row
"""
MISSING = """
    WITH listed AS (
        SELECT dong_id, count(*) AS rows FROM {rows} WHERE status = 'accepted' GROUP BY dong_id
    ), missing AS (
        SELECT p.dong_id, count(*) AS people FROM planners_person p
        WHERE p.status = 'resident' AND p.source_batch_id IS NOT NULL AND p.dong_id IN (SELECT dong_id FROM listed)
            AND NOT EXISTS (SELECT FROM {matches} m WHERE m.person_id = p.id)
        GROUP BY p.dong_id
    )
    SELECT coalesce(sum(m.people), 0) FROM missing m JOIN listed l ON l.dong_id = m.dong_id WHERE m.people <= l.rows / 5
"""
ROUNDS = 3


@dataclass
class Matched:
    """What became of the rows, in counts; `repeats` and `doubts` are (row, code) to tell people about."""

    counts: dict[str, int]
    held: int
    missing: int
    mark: list[int]
    repeats: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)


def find_repeats(stage: Stage) -> tuple[list[tuple[int, str]], list[int]]:
    """Reject rows that come twice, first one wins; warn of namesakes. Numbers are forgotten afterwards."""
    repeats = stage.run(REPEATED_NUMBERS) + stage.run(REPEATED_PEOPLE)
    namesakes = [row for (row,) in stage.run(NAMESAKES)]
    stage.run(FORGET_NUMBERS)
    return sorted(repeats), sorted(namesakes)


@transaction.atomic
def match(stage: Stage, *, as_of: Any = None) -> tuple[dict[str, int], int, int, list[int], list[int]]:
    """Compare with the register as it is now: counts, held fields, missing people, mark, doubtful rows.

    May be repeated; the newest answer stands. `as_of` is the day the list was drawn.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("DROP TABLE IF EXISTS candidate")
    stage.run("TRUNCATE {matches}")
    mark = register_mark()
    if mark[0]:
        stage.run(SAME_ADDRESS)
        stage.run("ANALYZE {matches}")
        stage.run(REMAINING)
        stage.run(REMAINING_WITHOUT_SEX)
        for _ in range(ROUNDS):
            stage.run(BEST)
        stage.run(FOLLOW_LINKS)
        stage.run(ABSORB)
        stage.run(HELD, as_of=as_of)
        stage.run(DEAD)
        stage.run(ACTS)
        stage.run("ANALYZE {matches}")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE candidate")
    doubts = [row for (row,) in stage.run(DOUBTFUL)] if mark[0] else []
    counts, held = count(stage)
    missing = stage.run(MISSING)[0][0] if mark[0] else 0
    return counts, held, int(missing), mark, doubts


def count(stage: Stage) -> tuple[dict[str, int], int]:
    """added, changed, unchanged, moved, rejected; and how many fields are held."""
    *numbers, held = stage.run(COUNTS)[0]
    return dict(zip(("added", "changed", "unchanged", "moved", "rejected"), numbers, strict=True)), int(held)


def register_mark() -> list[int]:
    """Changes whenever the register does: the newest person and the newest entry of its history."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM planners_person), 0), coalesce((SELECT max(pgh_id) FROM planners_personhistory), 0)"
        )
        return list(cursor.fetchone())


# ---------------------------------------------------------------- what the preview shows
DIFFERENCES = """
    SELECT s.row, m.person_id, p.uid, p.name, f.field, to_jsonb(p) ->> f.field, to_jsonb(s) ->> f.field, f.is_held, m.act
    FROM {matches} m JOIN {rows} s ON s.row = m.row JOIN planners_person p ON p.id = m.person_id
    CROSS JOIN LATERAL (
        SELECT unnest(m.changed) AS field, false AS is_held UNION ALL SELECT unnest(m.held), true
    ) f
    WHERE m.row IN (SELECT row FROM {matches} WHERE (act = ANY (%(acts)s)) OR (%(with_held)s AND held <> '{{}}') ORDER BY row LIMIT %(people)s)
    ORDER BY s.row, f.is_held, f.field
"""
ADDED = """
    SELECT s.row, s.name, s.birth_on, s.sex, s.dong_id, s.address FROM {rows} s
    WHERE s.status = 'accepted' AND NOT EXISTS (SELECT FROM {matches} m WHERE m.row = s.row) ORDER BY s.row LIMIT %(people)s
"""


def differences(stage: Stage, *, act: str, people: int = 100) -> list[Difference]:
    """Old and new values of the first people a batch changes or moves; with `changed` also the held ones."""
    found = stage.run(DIFFERENCES, acts=[act], with_held=act == "changed", people=people)
    return [
        Difference(row, mask_name(name), FIELDS[key], _shown(key, old), _shown(key, new), pid, held)
        for row, pid, _, name, key, old, new, held, _ in found
    ]


def _shown(key: str, value: str | None) -> str:
    if key in ("phone", "mobile") and value:
        return masked_phone(value)
    if key == "name" and value:
        return mask_name(value)
    if key == "dong_id" and value:
        return Dong.objects.get(pk=value).name
    if key == "status":
        return dict(Person.Status.choices).get(value or "resident", "거주")
    if key == "sex":
        return {"M": "남", "F": "여"}.get(value or "", "")
    return value or ""


def newcomers(stage: Stage, *, people: int = 100) -> list[tuple]:
    """(row, name, birth_on, sex, dong_id, address) of the first rows that will be added."""
    return stage.run(ADDED, people=people)
