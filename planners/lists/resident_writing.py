"""Writes a matched list into the register, set by set: households, people, changes, moves, benefits."""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from django.db import connection

from centers.models import User
from common.months import seoul_date
from planners import benefit_names, duplicate_search, register_news, target_endings
from planners.lists.list_reading import Stage
from planners.models import ImportBatch, Person, RegisterEvent, Target

# Each address once, with the household it has or the number of the one it will get.
HOMES = """
    CREATE TEMP TABLE home ON COMMIT DROP AS
    SELECT p.*, coalesce(k.id, nextval('planners_household_id_seq')) AS household_id, k.id IS NULL AS is_new FROM (
        SELECT s.dong_id, s.address_main, s.address_detail, min(s.row) AS row
        FROM {rows} s LEFT JOIN {matches} m ON m.row = s.row
        WHERE s.status = 'accepted' AND s.address_main <> ''
            AND (m.row IS NULL OR m.changed && ARRAY['address', 'dong_id', 'status'])
        GROUP BY 1, 2, 3
    ) p LEFT JOIN (
        SELECT dong_id, address, address_detail, min(id) AS id FROM planners_household GROUP BY 1, 2, 3
    ) k ON k.dong_id = p.dong_id AND k.address = p.address_main AND k.address_detail = p.address_detail
"""
NEW_HOMES = """
    INSERT INTO planners_household (id, uid, dong_id, tong, ban, address, address_detail, access_notes)
    SELECT h.household_id, gen_random_uuid(), h.dong_id, s.tong, s.ban, h.address_main, h.address_detail, '{{}}'
    FROM home h JOIN {rows} s ON s.row = h.row WHERE h.is_new
"""
# People of the register whose address, dong or status changes, with the household they go to.
SETTLING = """
    CREATE TEMP TABLE settling ON COMMIT DROP AS
    SELECT m.row, m.person_id, h.household_id
    FROM {matches} m JOIN {rows} s ON s.row = m.row
    JOIN home h ON h.dong_id = s.dong_id AND h.address_main = s.address_main AND h.address_detail = s.address_detail
    WHERE m.changed && ARRAY['address', 'dong_id', 'status']
"""
# The bigrams of a name, as `common.hangul.bigrams` makes them.
_BIGRAMS = """CASE length(n.word)
        WHEN 2 THEN ARRAY[n.word]
        WHEN 3 THEN CASE WHEN substr(n.word, 1, 2) = substr(n.word, 2, 2) THEN ARRAY[substr(n.word, 1, 2)] ELSE ARRAY[substr(n.word, 1, 2), substr(n.word, 2, 2)] END
        ELSE (SELECT coalesce(array_agg(pair ORDER BY first), '{{}}') FROM (
            SELECT substr(n.word, i, 2) AS pair, min(i) AS first FROM generate_series(1, length(n.word) - 1) i GROUP BY 1) pairs)
    END"""
ADD = f"""
    WITH added AS (
        INSERT INTO planners_person (uid, name, birth_on, sex, dong_id, tong, ban, address, phone, mobile, relation, household_id, status,
            is_foreigner, needs_interpreter, name_choseong, name_bigrams, match_key, row_hash, source_batch_id, created_at, version)
        SELECT gen_random_uuid(), s.name, s.birth_on, s.sex, s.dong_id, s.tong, s.ban, s.address, s.phone, s.mobile, s.relation, h.household_id, 'resident',
            s.is_foreigner, '', s.choseong, {_BIGRAMS}, s.match_key, s.row_hash, %(batch)s, %(at)s, 1
        FROM {{rows}} s
        CROSS JOIN LATERAL (SELECT replace(lower(s.name), ' ', '') AS word) n
        LEFT JOIN {{matches}} m ON m.row = s.row
        LEFT JOIN home h ON h.dong_id = s.dong_id AND h.address_main = s.address_main AND h.address_detail = s.address_detail
        WHERE s.status = 'accepted' AND m.row IS NULL
        RETURNING id, household_id, relation
    ), belonging AS (
        INSERT INTO planners_membership (person_id, household_id, relation, valid_from)
        SELECT id, household_id, relation, %(on)s FROM added WHERE household_id IS NOT NULL
    )
    SELECT count(*) FROM added
"""
REMEMBER = """
    INSERT INTO planners_importchange (batch_id, person_id, act, before, after)
    SELECT %(batch)s, p.id, m.act,
        (SELECT jsonb_object_agg(k, to_jsonb(p) -> k) FROM unnest(m.changed || ARRAY['row_hash', 'household_id', 'status_on', 'version']) k),
        (SELECT jsonb_object_agg(k, CASE k WHEN 'status' THEN '"resident"'::jsonb ELSE to_jsonb(s) -> k END) FROM unnest(m.changed) k)
    FROM {matches} m JOIN {rows} s ON s.row = m.row JOIN planners_person p ON p.id = m.person_id
    WHERE m.act IN ('changed', 'moved')
"""
CHANGE = """
    UPDATE planners_person p SET
        name = CASE WHEN 'name' = ANY (m.changed) THEN s.name ELSE p.name END,
        name_choseong = CASE WHEN 'name' = ANY (m.changed) THEN s.choseong ELSE p.name_choseong END,
        sex = CASE WHEN 'sex' = ANY (m.changed) THEN s.sex ELSE p.sex END,
        match_key = CASE WHEN 'sex' = ANY (m.changed) THEN s.match_key ELSE p.match_key END,
        dong_id = CASE WHEN 'dong_id' = ANY (m.changed) THEN s.dong_id ELSE p.dong_id END,
        tong = CASE WHEN 'tong' = ANY (m.changed) THEN s.tong ELSE p.tong END,
        ban = CASE WHEN 'ban' = ANY (m.changed) THEN s.ban ELSE p.ban END,
        address = CASE WHEN 'address' = ANY (m.changed) THEN s.address ELSE p.address END,
        phone = CASE WHEN 'phone' = ANY (m.changed) THEN s.phone ELSE p.phone END,
        mobile = CASE WHEN 'mobile' = ANY (m.changed) THEN s.mobile ELSE p.mobile END,
        relation = CASE WHEN 'relation' = ANY (m.changed) THEN s.relation ELSE p.relation END,
        status = CASE WHEN 'status' = ANY (m.changed) THEN 'resident' ELSE p.status END,
        status_on = CASE WHEN 'status' = ANY (m.changed) THEN %(on)s ELSE p.status_on END,
        household_id = coalesce((SELECT h.household_id FROM settling h WHERE h.row = s.row), p.household_id),
        row_hash = s.row_hash,
        version = p.version + 1
    FROM {matches} m JOIN {rows} s ON s.row = m.row
    WHERE p.id = m.person_id AND m.act IN ('changed', 'moved')
"""
SEEN = """
    UPDATE planners_person p SET row_hash = s.row_hash
    FROM {matches} m JOIN {rows} s ON s.row = m.row
    WHERE p.id = m.person_id AND m.act = 'unchanged' AND p.row_hash IS DISTINCT FROM s.row_hash
"""
LEAVE_HOMES = """
    UPDATE planners_membership b SET valid_to = %(on)s FROM settling s
    WHERE b.person_id = s.person_id AND b.valid_to IS NULL AND b.valid_from < %(on)s
"""
LEAVE_TODAYS_HOMES = """
    DELETE FROM planners_membership b USING settling s
    WHERE b.person_id = s.person_id AND b.valid_to IS NULL AND b.valid_from >= %(on)s
"""
ENTER_HOMES = """
    INSERT INTO planners_membership (person_id, household_id, relation, valid_from)
    SELECT p.id, p.household_id, p.relation, %(on)s
    FROM settling s JOIN planners_person p ON p.id = s.person_id WHERE p.household_id IS NOT NULL
"""
TELL = """
    INSERT INTO planners_registerevent (person_id, kind, "on", detail, by_id, at)
    SELECT c.person_id, CASE WHEN c.before ? 'status' THEN 'moved_in' ELSE 'moved_within' END, %(on)s,
        jsonb_build_object('batch', %(batch)s, 'before', c.before - 'row_hash' - 'version' - 'household_id', 'after', c.after), %(by)s, %(at)s
    FROM planners_importchange c WHERE c.batch_id = %(batch)s AND c.act = 'moved'
"""
BENEFITS = """
    INSERT INTO planners_benefit (person_id, category, valid_from)
    SELECT coalesce(m.person_id, p.id), k.category, %(on)s
    FROM {rows} s
    JOIN (SELECT * FROM jsonb_to_recordset(%(words)s::jsonb) AS x (word text, category text)) k ON k.word = s.benefit
    LEFT JOIN {matches} m ON m.row = s.row
    LEFT JOIN planners_person p ON m.row IS NULL AND p.source_batch_id = %(batch)s AND p.match_key = s.match_key AND p.row_hash = s.row_hash
    WHERE s.status = 'accepted' AND coalesce(m.person_id, p.id) IS NOT NULL AND NOT EXISTS (
        SELECT FROM planners_benefit b WHERE b.person_id = coalesce(m.person_id, p.id) AND b.category = k.category AND b.valid_to IS NULL
    )
    ON CONFLICT DO NOTHING
    RETURNING id, person_id
"""


#: from so many new people on, statistics of the moment before would mislead the checks of foreign keys at the end:
#: without them each check of 468,000 may read a whole index
ANALYZE_FROM = 2_000


def write(
    batch: ImportBatch, stage: Stage, *, by: User, on: dt.date, at: dt.datetime, report: Callable[[int, int, str], None]
) -> set[int]:
    """Apply the matches inside the caller's transaction. Returns people to name in the access log."""
    facts = {"batch": batch.pk, "by": by.pk if by else None, "on": on, "at": at}
    changing = batch.counts["changed"] + batch.counts["moved"]
    if batch.counts["added"] or changing:
        with connection.cursor() as cursor:
            # Fresh tables have no statistics; a nested loop over a whole register would never end.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute("SET LOCAL work_mem = '64MB'")
        stage.run(HOMES)
        stage.run(NEW_HOMES)
    if changing:
        stage.run(SETTLING)
        stage.run(REMEMBER, **facts)
        stage.run(CHANGE, **facts)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")
        stage.run(LEAVE_HOMES, **facts)
        stage.run(LEAVE_TODAYS_HOMES, **facts)
        stage.run(ENTER_HOMES, **facts)
        stage.run(TELL, **facts)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
    stage.run(SEEN)
    if batch.counts["added"]:
        stage.run(ADD, **facts)
        if batch.counts["added"] >= ANALYZE_FROM:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE planners_person (id), planners_household (id)")  # autovacuum sees to the rest
    _grant(batch, stage, facts)
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_nestloop")
    _carry_targets(batch, by=by, at=at)
    if batch.report.get("warnings", {}).get("POSSIBLE_DUP"):
        duplicate_search.from_list(stage, batch.pk, at=at)
    return _subjects(batch, stage)


def _grant(batch: ImportBatch, stage: Stage, facts: dict) -> None:
    """Current benefits named in the list; a benefit the list does not name is not ended by it."""
    words = [
        word for (word,) in stage.run("SELECT DISTINCT benefit FROM {rows} WHERE status = 'accepted' AND benefit <> ''")
    ]
    known = [{"word": word, "category": category} for word in words for category in benefit_names.categories(word)]
    if not known:
        return
    granted = stage.run(BENEFITS, words=json.dumps(known), **facts)
    matched = {person for (person,) in stage.run("SELECT person_id FROM {matches}")}
    batch.report["benefits"] = [pk for pk, person in granted if person in matched]  # those of added people go with them


def _carry_targets(batch: ImportBatch, *, by: User, at: dt.datetime) -> None:
    """Open targets of those who moved to another dong go with them, and whoever looks after them is told."""
    moved = batch.changes.filter(act="moved")
    movers = Person.objects.filter(pk__in=moved.values("person_id"))
    for person in movers.filter(pk__in=Target.objects.open().values("person_id")).select_related("dong"):
        target_endings.follow_move(person, by=by, at=at)
    back = set(moved.filter(before__has_key="status").values_list("person_id", flat=True))
    others = set(moved.values_list("person_id", flat=True)) - back
    for kind, people in ((RegisterEvent.Kind.MOVED_IN, back), (RegisterEvent.Kind.MOVED_WITHIN, others)):
        register_news.announce(sorted(people), kind, on=seoul_date(at), by=by, at=at)


def _subjects(batch: ImportBatch, stage: Stage) -> set[int]:
    """Changed and moved people, and the first of the added ones: the log keeps the count of the rest."""
    changed = set(batch.changes.values_list("person_id", flat=True))
    added = Person.objects.filter(source_batch=batch).order_by().values_list("pk", flat=True)[:5001]
    return changed | set(added)
