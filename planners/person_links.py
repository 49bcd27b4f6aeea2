"""Linking two records of one human, and splitting them again: nothing is destroyed, everything goes back.

While a link stands, the linked record is out of lists, searches and rules, and every row that was written
for the human (targets, visits, consents, referrals, cases, …) points at the kept record. What the register
says of one record (memberships, its history, its entries) stays with that record. Relations are read from
the models, so a table added on any floor takes part without being named here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from pghistory.models import Event

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal
from planners import target_endings
from planners.models import (
    DuplicatePair,
    FollowUp,
    ImportChange,
    LinkedRow,
    Membership,
    Person,
    PersonLink,
    RegisterEvent,
    Target,
)

#: what is said of a record, not of the human: it stays where it is
STAYS = (Membership, RegisterEvent, ImportChange, DuplicatePair, PersonLink, Event)
NO_TWICE = "같은 분의 다른 기록에 같은 대상이 이미 있습니다."


class SameRecord(Refusal):
    code = "SAME_RECORD"


class AlreadyLinked(Refusal):
    code = "ALREADY_LINKED"


class ToldApart(Refusal):
    code = "TOLD_APART"


class AlreadySplit(Refusal):
    code = "ALREADY_SPLIT"


class LinkedOnward(Refusal):
    code = "LINKED_ONWARD"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


def relations() -> Iterator[models.ForeignKey]:
    """Every foreign key to a person in the whole project that goes along with a link."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        if not issubclass(relation.related_model, STAYS) and relation.related_model._meta.managed:
            yield relation.field


def records_of(person: Person) -> list[int]:
    """Keys of all records of the human: the kept one first, then those linked to it."""
    return [person.pk, *Person.objects.filter(kept_as=person).order_by("pk").values_list("pk", flat=True)]


def kept_record(person: Person) -> Person:
    """The record that stands for the human."""
    return person.kept_as if person.kept_as_id else person


def standing_links(person: Person) -> list[PersonLink]:
    """Links of the records that stand behind a kept one, newest first."""
    rows = PersonLink.objects.filter(linked__kept_as=person, split_at=None).select_related("linked__dong", "by")
    return list(rows.order_by("-at", "-pk"))


@transaction.atomic
def link(kept: Person, linked: Person, *, reason: str, by: User, at: dt.datetime) -> PersonLink:
    """Say that two records are one human and keep the first. A second click finds the link standing.

    Raises `SameRecord`, `ReasonMissing`, `AlreadyLinked`, `ToldApart`.
    """
    if kept.pk == linked.pk:
        raise SameRecord("같은 기록입니다. 연결할 다른 기록을 골라 주세요.")
    if not reason.strip():
        raise ReasonMissing("같은 분으로 보는 까닭을 적어 주세요.")
    kept, linked = _both(kept, linked)
    if standing := PersonLink.objects.filter(kept=kept, linked=linked, split_at=None).first():
        return standing
    _refuse_link(kept, linked)
    done = PersonLink.objects.create(kept=kept, linked=linked, reason=reason.strip()[:200], by=by, at=at)
    for foreign_key in relations():
        _take_along(done, foreign_key)
    done.before = _set_aside(done, on=seoul_date(at), at=at)
    done.save(update_fields=["before"])
    decide(kept, linked, DuplicatePair.State.LINKED, note=reason, by=by, at=at)
    target_endings.follow_move(kept, by=by, at=at)
    _tell(done, RegisterEvent.Kind.LINKED, reason, by=by, at=at)
    return done


@transaction.atomic
def split(link: PersonLink, *, reason: str, by: User, at: dt.datetime) -> int:
    """They are two humans after all: every row that went along goes back. Returns how many rows.

    The pair is remembered as different for good. What was written after the link stays with the kept
    record. Raises `AlreadySplit`, `ReasonMissing`, `LinkedOnward`.
    """
    if not reason.strip():
        raise ReasonMissing("다른 분으로 보는 까닭을 적어 주세요.")
    kept, linked = _both(link.kept, link.linked)
    link = PersonLink.objects.select_for_update().get(pk=link.pk)
    if link.split_at:
        raise AlreadySplit("이미 분리한 기록입니다. 화면을 새로 고쳐 확인해 주세요.")
    if kept.kept_as_id:
        raise LinkedOnward("남긴 기록이 다시 다른 기록에 연결되어 있습니다. 나중에 한 연결부터 분리해 주세요.")
    link.split_by, link.split_at, link.split_reason = by, at, reason.strip()[:200]
    link.save(update_fields=["split_by", "split_at", "split_reason"])
    back = _send_back(link)
    _take_up(link, kept, linked, reason=reason, by=by, at=at)
    decide(kept, linked, DuplicatePair.State.DIFFERENT, note=reason, by=by, at=at)
    _tell(link, RegisterEvent.Kind.SPLIT, reason, by=by, at=at)
    return back


def gather(link: PersonLink) -> int:
    """Take along what was written for the linked record in the moment it was linked; returns how many rows."""
    return sum(_take_along(link, foreign_key) for foreign_key in relations())


def decide(one: Person, other: Person, state: str, *, note: str, by: User, at: dt.datetime) -> DuplicatePair:
    """Remember what was decided about two records."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    decision = {"state": state, "note": note.strip()[:200], "decided_by": by, "decided_at": at}
    fresh = {"found_at": at, "seen_at": at, "grounds": [DuplicatePair.Ground.BY_HAND]}
    return DuplicatePair.objects.update_or_create(
        first=first, second=second, defaults=decision, create_defaults=decision | fresh
    )[0]


# ------------------------------------------------------------------ steps


def _both(one: Person, other: Person) -> tuple[Person, Person]:
    """Both records held for writing, always in the same order, so that two clerks cannot block each other."""
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk, other.pk])
    held = {row.pk: row for row in rows.select_related("dong", "kept_as").order_by("pk")}
    return held[one.pk], held[other.pk]


def _refuse_link(kept: Person, linked: Person) -> None:
    if kept.kept_as_id or linked.kept_as_id:
        raise AlreadyLinked("두 기록 가운데 하나가 이미 다른 기록에 연결되어 있습니다. 남긴 기록에서 연결해 주세요.")
    told_apart = DuplicatePair.objects.filter(
        Q(first=kept, second=linked) | Q(first=linked, second=kept), state=DuplicatePair.State.DIFFERENT
    ).select_related("decided_by")
    if pair := told_apart.first():
        raise ToldApart(
            f"{pair.decided_by.name} 님이 다른 사람으로 정한 기록입니다. "
            "잘못되었으면 중복함의 ‘다른 사람’에서 먼저 다시 정하기로 바꿔 주세요."
        )


def _take_along(link: PersonLink, foreign_key: models.ForeignKey) -> int:
    """Point rows at the kept record. A row the database does not allow twice stays with the linked record."""
    model, name = foreign_key.model, foreign_key.name
    rows = model._base_manager.filter(**{foreign_key.attname: link.linked_id})
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    all_went = _point(model, name, keys, link.kept_id)
    moved = keys if all_went else [key for key in keys if _point(model, name, [key], link.kept_id)]
    ledger = [LinkedRow(link=link, model=model._meta.label, field=name, row=key) for key in moved]
    LinkedRow.objects.bulk_create(ledger, batch_size=1000)
    return len(moved)


def _point(model: type[models.Model], field: str, keys: list[int], person: int) -> bool:
    """Point these rows at a person; False when a constraint refuses them."""
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=keys).update(**{field: person})
    except IntegrityError:
        return False
    return True


def _set_aside(link: PersonLink, *, on: dt.date, at: dt.datetime) -> dict:
    """Take the linked record out of the register. Returns what splitting needs to bring it back."""
    linked = link.linked
    homes = Membership.objects.filter(person=linked, valid_to=None)
    before = {
        "status": linked.status,
        "status_on": linked.status_on.isoformat() if linked.status_on else None,
        "memberships": list(homes.values_list("pk", flat=True)),
    }
    homes.update(valid_to=on)
    left = list(Target.objects.select_for_update().filter(person=linked).open().order_by("pk"))
    before["targets"] = [target.pk for target in left]
    target_endings.end_targets(left, Target.State.WITHDRAWN, reason=NO_TWICE, by=link.by, on=on, at=at)
    rhythms = FollowUp.objects.filter(person=linked, ends_on=None)
    before["follow_ups"] = list(rhythms.values_list("pk", flat=True))
    rhythms.update(ends_on=on, end_reason=NO_TWICE)
    Person.objects.filter(pk=linked.pk).update(
        status=Person.Status.LINKED, status_on=on, kept_as=link.kept, version=F("version") + 1
    )
    return before


def _send_back(link: PersonLink) -> int:
    """Point every row of the ledger at the linked record again."""
    by_column: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in link.rows.all():
        by_column[row.model, row.field].append(row.row)
    columns = {(key.model._meta.label, key.name): key.model for key in relations()}
    back = 0
    for (label, field), keys in by_column.items():
        rows = columns[label, field]._base_manager.filter(**{"pk__in": keys, field: link.kept_id})
        back += rows.update(**{field: link.linked_id})
    return back


def _take_up(link: PersonLink, kept: Person, linked: Person, *, reason: str, by: User, at: dt.datetime) -> None:
    """The record lives again as it was."""
    before = link.before
    Person.objects.filter(pk=linked.pk).update(
        status=before["status"], status_on=before["status_on"], kept_as=None, version=F("version") + 1
    )
    Membership.objects.filter(pk__in=before["memberships"]).update(valid_to=None)
    FollowUp.objects.filter(pk__in=before["follow_ups"]).update(ends_on=None, end_reason="")
    for target in Target.objects.filter(pk__in=before["targets"], state=Target.State.WITHDRAWN).order_by("pk"):
        target_endings.reopen_target(target, reason=f"기록을 분리함: {reason.strip()}", by=by, at=at)
    for person in (kept, linked):
        person.refresh_from_db()
        target_endings.follow_move(person, by=by, at=at)


def _tell(link: PersonLink, kind: str, reason: str, *, by: User, at: dt.datetime) -> None:
    detail = {"link": str(link.uid), "reason": reason.strip()[:200]}
    events = [
        RegisterEvent(person_id=pk, kind=kind, on=seoul_date(at), detail=detail, by=by, at=at)
        for pk in (link.kept_id, link.linked_id)
    ]
    RegisterEvent.objects.bulk_create(events)
