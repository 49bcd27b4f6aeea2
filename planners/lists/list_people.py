"""Which residents the rows of a list name: by name, birth date and sex, then by whatever else agrees.

Set by set, in SQL. One person may stand in many rows. A row that finds nobody, or more than one equally
well, or somebody who died, is rejected with a sentence that says what to do. Of linked records the kept
one is meant.
"""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

from django.db import connection, transaction

from planners.lists.list_reading import Stage
from planners.lists.resident_matching import FOLDED

_FIT = "s.status = 'accepted' AND s.refusal IS NULL"
_SCORE = f"""
    8 * (p.address <> '' AND s.address <> '' AND {FOLDED.format("s.address")} = {FOLDED.format("p.address")})::int
    + 4 * ((s.mobile <> '' AND s.mobile = p.mobile) OR (s.phone <> '' AND s.phone = p.phone))::int
    + 2 * coalesce(s.dong_id = p.dong_id, false)::int
    + 1 * coalesce(s.tong = p.tong, false)::int
    + 16 * (p.status = 'resident')::int
"""
# Nearly every row names the only person with its name, birth date and sex: no address need be compared.
ONLY_ONE = f"""
    UPDATE {{rows}} s SET person_id = p.id
    FROM (
        SELECT match_key, min(coalesce(kept_as_id, id)) AS id FROM planners_person
        WHERE match_key IN (SELECT match_key FROM {{rows}}) GROUP BY match_key HAVING count(DISTINCT coalesce(kept_as_id, id)) = 1
    ) p
    WHERE p.match_key = s.match_key AND s.sex <> '' AND {_FIT}
"""
CANDIDATES = f"""
    CREATE TEMP TABLE candidate ON COMMIT DROP AS
    SELECT s.row, coalesce(p.kept_as_id, p.id) AS person_id, {_SCORE} AS score
    FROM {{rows}} s JOIN planners_person p ON p.birth_on = s.birth_on AND p.name = s.name
    WHERE s.person_id IS NULL AND {_FIT} AND (s.sex = '' OR p.sex = '' OR p.sex = s.sex)
"""
BEST = """
    UPDATE {rows} s SET
        person_id = CASE WHEN b.choices = 1 THEN b.person_id END,
        refusal = CASE WHEN b.choices > 1 THEN 'AMBIGUOUS_PERSON' END
    FROM (
        SELECT c.row, min(c.person_id) AS person_id, count(DISTINCT c.person_id) AS choices
        FROM (SELECT *, rank() OVER (PARTITION BY row ORDER BY score DESC) AS place FROM candidate) c
        WHERE c.place = 1 GROUP BY c.row
    ) b WHERE b.row = s.row
"""
NOBODY = f"UPDATE {{rows}} s SET refusal = 'UNKNOWN_PERSON' WHERE s.person_id IS NULL AND {_FIT}"
DEAD = f"""
    UPDATE {{rows}} s SET refusal = 'PERSON_DIED' FROM planners_person p
    WHERE p.id = s.person_id AND p.status = 'deceased' AND {_FIT}
"""

ELSEWHERE = f"""
    UPDATE {{rows}} s SET refusal = 'OTHER_DONG' FROM planners_person p
    WHERE p.id = s.person_id AND NOT p.dong_id = ANY (%(dongs)s) AND {_FIT}
"""


@transaction.atomic
def find(stage: Stage, *, dongs: list[int] | None = None, dead_too: bool = False, unknown_too: bool = False) -> None:
    """Set `person_id` or `refusal` of every fit row.

    `dongs` are those the clerk answers for, None for all. `unknown_too` leaves rows of strangers without either.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("DROP TABLE IF EXISTS candidate")
    stage.run(ONLY_ONE)
    stage.run(CANDIDATES)
    stage.run(BEST)
    if not unknown_too:
        stage.run(NOBODY)
    if not dead_too:
        stage.run(DEAD)
    if dongs is not None:
        stage.run(ELSEWHERE, dongs=dongs)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE candidate")
