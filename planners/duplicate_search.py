"""Finding records that may be one human: every night over the whole register, and after each list that was applied.

Set by set, in SQL. A pair is proposed when the name, the birth date, the telephone or nearly all of it
agree; what somebody decided about a pair, or about records linked to its records, is never asked again.
"""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from planners.models import DuplicatePair

Ground, State = DuplicatePair.Ground, DuplicatePair.State

_TOGETHER = "a.id < b.id AND a.kept_as_id IS NULL AND b.kept_as_id IS NULL"
_SAME_NUMBER = (
    "((a.mobile <> '' AND a.mobile IN (b.mobile, b.phone)) OR (a.phone <> '' AND a.phone IN (b.mobile, b.phone)))"
)
#: ground -> how two records are joined. Each is one hash or index join over the register.
JOINS = (
    (Ground.SAME, "b.match_key = a.match_key"),
    (Ground.NAME_BIRTH, "b.birth_on = a.birth_on AND b.name = a.name AND b.match_key <> a.match_key"),
    (Ground.NAME_PHONE, "b.mobile = a.mobile AND a.mobile <> '' AND b.name = a.name AND b.birth_on <> a.birth_on"),
    (Ground.NAME_PHONE, "b.phone = a.phone AND a.phone <> '' AND b.name = a.name AND b.birth_on <> a.birth_on"),
    (
        Ground.SIMILAR,
        "b.birth_on = a.birth_on AND b.sex = a.sex AND b.name_choseong = a.name_choseong AND b.name <> a.name"
        f" AND (b.address = a.address OR {_SAME_NUMBER})",
    ),
)
_FOUND = " UNION ALL ".join(
    f"SELECT a.id AS first, b.id AS second, '{ground}' AS ground FROM planners_person a JOIN planners_person b ON {join} WHERE {_TOGETHER}"
    for ground, join in JOINS
)
_SCORE = f"""
    CASE WHEN 'same' = ANY (f.grounds) THEN 40 WHEN 'name_birth' = ANY (f.grounds) THEN 30 WHEN 'name_phone' = ANY (f.grounds) THEN 25 ELSE 20 END
    + CASE WHEN {_SAME_NUMBER} THEN 30 ELSE 0 END
    + CASE WHEN a.address <> '' AND a.address = b.address THEN 30 ELSE 0 END
    + CASE WHEN a.dong_id = b.dong_id THEN 5 ELSE 0 END
    + CASE WHEN a.status = 'resident' AND b.status = 'resident' THEN 3 ELSE 0 END
"""
# A pair that was decided also speaks for the records linked to its records.
_DECIDED = """
    SELECT least(r1.root, r2.root) AS first, greatest(r1.root, r2.root) AS second
    FROM planners_duplicatepair d
    CROSS JOIN LATERAL (SELECT coalesce(p.kept_as_id, p.id) AS root FROM planners_person p WHERE p.id = d.first_id) r1
    CROSS JOIN LATERAL (SELECT coalesce(p.kept_as_id, p.id) AS root FROM planners_person p WHERE p.id = d.second_id) r2
    WHERE d.state IN ('different', 'linked')
"""
WRITE = f"""
    INSERT INTO planners_duplicatepair (uid, first_id, second_id, grounds, score, state, found_at, seen_at, note)
    SELECT gen_random_uuid(), f.first, f.second, f.grounds, {_SCORE}, 'open', %(at)s, %(at)s, ''
    FROM (SELECT first, second, array_agg(DISTINCT ground) AS grounds FROM ({{found}}) x GROUP BY 1, 2) f
    JOIN planners_person a ON a.id = f.first JOIN planners_person b ON b.id = f.second
    WHERE NOT EXISTS (SELECT FROM ({_DECIDED}) d WHERE d.first = f.first AND d.second = f.second)
    ON CONFLICT (first_id, second_id) DO UPDATE
        SET grounds = EXCLUDED.grounds, score = EXCLUDED.score, seen_at = EXCLUDED.seen_at
        WHERE planners_duplicatepair.state IN ('open', 'later')
    RETURNING (xmax = 0)
"""
# Pairs nobody has touched and that no longer agree, because one of the records was corrected or linked.
FORGET = """
    DELETE FROM planners_duplicatepair d
    WHERE d.state = 'open' AND d.seen_at < %(at)s AND NOT 'by_hand' = ANY (d.grounds)
"""
# The list's rows lead, each by an index: the planner does not know yet how many people the list has just added.
IN_LIST = """
    SELECT least(p.id, q.id) AS first, greatest(p.id, q.id) AS second,
        CASE WHEN p.match_key = q.match_key THEN 'same' ELSE 'name_birth' END AS ground
    FROM (SELECT DISTINCT match_key FROM {rows} WHERE 'POSSIBLE_DUP' = ANY (warnings)) s
    CROSS JOIN LATERAL (SELECT * FROM planners_person WHERE match_key = s.match_key OFFSET 0) p
    CROSS JOIN LATERAL (
        SELECT * FROM planners_person
        WHERE birth_on = p.birth_on AND name = p.name AND id <> p.id AND kept_as_id IS NULL OFFSET 0
    ) q
    WHERE p.source_batch_id = %(batch)s
"""


@transaction.atomic
def search(*, at: dt.datetime) -> dict[str, int]:
    """Look over the whole register: pairs found new, pairs seen again, pairs that no longer agree."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(WRITE.format(found=_FOUND), {"at": at})
        fresh = [is_new for (is_new,) in cursor.fetchall()]
        cursor.execute(FORGET, {"at": at})
        return {"found": sum(fresh), "seen": len(fresh) - sum(fresh), "gone": cursor.rowcount}


def from_list(stage, batch_id: int, *, at: dt.datetime) -> int:
    """Put the rows of a list that were added with a doubt into the inbox. Call where the list is written.

    `stage` is the `list_reading.Stage` of the list.
    """
    return len(stage.run(WRITE.replace("{found}", IN_LIST), batch=batch_id, at=at))
