"""Takes back what a list did to the records of one table, as `ImportChange` remembers it.

For lists whose `before` and `after` are columns of the table. Nothing is taken back once somebody else,
by hand or by a later list, changed a record or built on it.
"""

# The statements are put together from names of our own tables and columns only.
from __future__ import annotations

from collections.abc import Collection

from django.db import connection, models

from planners.lists.list_kinds import CannotUndo
from planners.models import ImportBatch

CHANGED_SINCE = """
    SELECT count(*) FROM planners_importchange c LEFT JOIN {table} t ON t.id = c.record
    WHERE c.batch_id = %(batch)s AND c."table" = %(label)s AND (t.id IS NULL OR NOT to_jsonb(t) @> c.after)
"""
CHANGED_LATER = """
    SELECT count(DISTINCT c.record) FROM planners_importchange c
    JOIN planners_importchange d ON d."table" = c."table" AND d.record = c.record AND d.batch_id <> c.batch_id
    JOIN planners_importbatch b ON b.id = d.batch_id AND b.state = 'applied'
    JOIN planners_importbatch o ON o.id = c.batch_id AND b.applied_at > o.applied_at
    WHERE c.batch_id = %(batch)s AND c."table" = %(label)s
"""
REMOVE = """
    DELETE FROM {table} t USING planners_importchange c
    WHERE c.batch_id = %(batch)s AND c."table" = %(label)s AND c.act = 'added' AND t.id = c.record
"""
RESTORE = """
    UPDATE {table} t SET {columns} FROM planners_importchange c
    WHERE c.batch_id = %(batch)s AND c."table" = %(label)s AND c.act <> 'added' AND t.id = c.record
"""


def refuse(batch: ImportBatch, model: type[models.Model], *, own: Collection[type[models.Model]] = ()) -> None:
    """Raise `CannotUndo` when records of the batch changed since or others point at added ones.

    `own` are models whose rows the batch wrote itself.
    """
    refuse_later(batch, model)
    facts = {"batch": batch.pk, "label": model._meta.label}
    table = f'"{model._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(CHANGED_SINCE.format(table=table), facts)
        changed = cursor.fetchone()[0]
    if changed:
        raise CannotUndo(
            f"이 명부를 넣은 뒤에 ‘{model._meta.verbose_name}’ 기록 {changed:,}건이 다시 바뀌어 한꺼번에 되돌릴 수 없습니다. 해당 기록을 하나씩 고쳐 주세요."
        )
    added = batch.changes.filter(table=model._meta.label, act="added").values("record")
    refuse_used(model, added, own=own)


def refuse_later(batch: ImportBatch, model: type[models.Model]) -> None:
    """Raise `CannotUndo` when a list applied later changed a record of this one."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED_LATER, {"batch": batch.pk, "label": model._meta.label})
        later = cursor.fetchone()[0]
    if later:
        name = model._meta.verbose_name
        raise CannotUndo(
            f"나중에 넣은 명부가 ‘{name}’ 기록 {later:,}건을 다시 바꾸었습니다. 나중에 넣은 명부부터 되돌려 주세요."
        )


def refuse_used(model: type[models.Model], added: models.QuerySet, *, own: Collection[type[models.Model]] = ()) -> None:
    """Raise `CannotUndo` when something points at the records `added` names by primary key."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            not relation.auto_created
            or not (relation.one_to_many or relation.one_to_one)
            or relation.related_model in own
        ):
            continue
        users = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": added})
        count = users.values(relation.field.name).distinct().count()
        if count:
            what, users_name = model._meta.verbose_name, relation.related_model._meta.verbose_name
            raise CannotUndo(
                f"이 명부로 추가한 ‘{what}’ {count:,}건에 이미 ‘{users_name}’ 기록이 있어 한꺼번에 되돌릴 수 없습니다. 해당 기록을 하나씩 고쳐 주세요."
            )


def put_back(batch: ImportBatch, model: type[models.Model]) -> int:
    """Added records go, the others get their old values; returns how many."""
    facts = {"batch": batch.pk, "label": model._meta.label}
    table = f'"{model._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT jsonb_object_keys(after) FROM planners_importchange WHERE batch_id = %(batch)s AND "table" = %(label)s '
            "AND act <> 'added' AND jsonb_typeof(after) = 'object'",
            facts,
        )
        changed = {name for (name,) in cursor.fetchall()} & {field.column for field in model._meta.concrete_fields}
        cursor.execute(REMOVE.format(table=table), facts)
        count = cursor.rowcount
        if changed:
            columns = ", ".join(
                f'"{name}" = CASE WHEN c.after ? \'{name}\' THEN (jsonb_populate_record(NULL::{table}, c.before))."{name}" '
                f'ELSE t."{name}" END'
                for name in sorted(changed)
            )
            cursor.execute(RESTORE.format(table=table, columns=columns), facts)
            count += cursor.rowcount
    return count
