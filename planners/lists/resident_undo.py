"""Takes an applied resident list back: who was added goes, who changed is as before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection, models

from centers.models import User
from common.months import seoul_date
from planners import target_endings
from planners.lists.list_kinds import CannotUndo
from planners.models import (
    Benefit,
    DuplicatePair,
    Household,
    ImportBatch,
    ImportChange,
    Membership,
    Person,
    RegisterEvent,
    Target,
    Visit,
)
from planners.residents import match_key, search_keys

#: what the import itself writes about people; anything else that points at them came later
OWN = {Membership, Benefit, ImportChange, RegisterEvent, DuplicatePair, Person.history.rel.related_model}


def refuse(batch: ImportBatch) -> None:
    """Raise `CannotUndo` when later records or changes stand on the list."""
    added = Person.objects.filter(source_batch=batch)
    refuse_if_used(added)
    _refuse_if_changed_since(batch, added)


def undo(batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
    """Added people go, changed and moved ones get their old values; returns how many."""
    added = Person.objects.filter(source_batch=batch)
    changed = _restore(batch, by=by, reason=reason, on=on, at=at)
    gone = remove(added)
    Benefit.objects.filter(pk__in=batch.report.get("benefits", [])).delete()
    return changed + gone


def refuse_if_used(added: models.QuerySet, *, listed: Collection[int] = ()) -> None:
    """Raise `CannotUndo` when anything but the list itself points at people it added.

    `listed` are targets that the list wrote for them, each with its visit.
    """
    for relation in Person._meta.get_fields(include_hidden=True):
        if (
            not relation.auto_created
            or not (relation.one_to_many or relation.one_to_one)
            or relation.related_model in OWN
        ):
            continue
        users = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": added})
        if relation.related_model in (Target, Visit):
            users = users.exclude(**{"pk__in" if relation.related_model is Target else "target__in": listed})
        people = users.values(relation.field.name).distinct().count()
        if people:
            name = relation.related_model._meta.verbose_name
            raise CannotUndo(
                f"이 명부로 추가한 주민 {people:,}명에게 이미 ‘{name}’ 기록이 있어 한꺼번에 되돌릴 수 없습니다. 해당 주민을 한 명씩 고쳐 주세요."
            )


def _refuse_if_changed_since(batch: ImportBatch, added: models.QuerySet) -> None:
    later = added.exclude(version=1).count()
    for change in batch.changes.select_related("person").iterator(chunk_size=2000):
        later += change.person.version != change.before["version"] + 1
    if later:
        raise CannotUndo(
            f"이 명부를 넣은 뒤에 주민 {later:,}명의 정보가 다시 바뀌어 한꺼번에 되돌릴 수 없습니다. 나중에 넣은 명부가 있으면 그것부터 되돌려 주세요."
        )


RESTORE = """
    UPDATE planners_person p SET {fields}, row_hash = decode(substr(c.before ->> 'row_hash', 3), 'hex'), version = p.version + 1
    FROM planners_importchange c WHERE c.batch_id = %(batch)s AND c.person_id = p.id
"""
COLUMNS = {
    "name": "text", "sex": "text", "dong_id": "bigint", "tong": "smallint", "ban": "smallint", "address": "text", "phone": "text",
    "mobile": "text", "relation": "text", "status": "text", "status_on": "date", "household_id": "bigint",
}  # fmt: skip


def _restore(batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
    fields = ", ".join(
        f"{name} = CASE WHEN c.before ? '{name}' THEN (c.before ->> '{name}')::{kind} ELSE p.{name} END"
        for name, kind in COLUMNS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(RESTORE.format(fields=fields), {"batch": batch.pk})
        restored = cursor.rowcount
    settled = batch.changes.filter(models.Q(before__has_any_keys=["address", "dong_id", "status"]))
    for change in settled.select_related("person"):
        _rehouse(change.person, since=_start_of(batch))
    for change in batch.changes.filter(before__has_any_keys=["name", "sex"]).select_related("person"):
        person = change.person
        keys = search_keys(person.name) | {"match_key": match_key(person.name, person.birth_on, person.sex)}
        Person.objects.filter(pk=person.pk).update(**keys)
    moved = batch.changes.filter(act=ImportChange.Act.MOVED).select_related("person__dong")
    events = [
        RegisterEvent(
            person=c.person,
            kind=RegisterEvent.Kind.RESTORED,
            on=on,
            detail={"batch": batch.pk, "reason": reason},
            by=by,
            at=at,
        )
        for c in moved
    ]
    RegisterEvent.objects.bulk_create(events, batch_size=1000)
    for change in moved:
        target_endings.follow_move(change.person, by=by, at=at)
    return restored


def _start_of(batch: ImportBatch) -> dt.date:
    return batch.extracted_on or seoul_date(batch.applied_at)


def _rehouse(person: Person, *, since: dt.date) -> None:
    """The household the person had before: what began with the list ends, what ended with it is open again."""
    Membership.objects.filter(person=person, valid_to=None, valid_from=since).delete()
    reopened = Membership.objects.filter(person=person, valid_to=since, household=person.household_id).update(
        valid_to=None
    )
    if not reopened and person.household_id and not Membership.objects.filter(person=person, valid_to=None).exists():
        Membership.objects.create(
            person=person, household_id=person.household_id, relation=person.relation, valid_from=since
        )


def remove(added: models.QuerySet) -> int:
    """Delete people a list added with what the list wrote about them, and households left empty; how many."""
    homes = list(added.exclude(household=None).values_list("household_id", flat=True).distinct())
    for model in (Membership, Benefit, ImportChange, RegisterEvent):
        model.objects.filter(person__in=added)._raw_delete("default")
    DuplicatePair.objects.filter(models.Q(first__in=added) | models.Q(second__in=added)).delete()
    gone = added._raw_delete("default")
    empty = Household.objects.filter(pk__in=homes, people=None, memberships=None)
    for relation in Household._meta.get_fields(include_hidden=True):
        if relation.auto_created and relation.one_to_many and relation.related_model not in (Person, Membership):
            empty = empty.exclude(
                pk__in=relation.related_model._default_manager.exclude(**{relation.field.name: None}).values(
                    relation.field.name
                )
            )
    Household.objects.filter(pk__in=list(empty.values_list("pk", flat=True)))._raw_delete("default")
    return gone
