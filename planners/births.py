"""A birth: the baby enters the register, the pregnancy ends, and the visit after birth is listed at once.

Source: plan IV.5-1 ② (a visit within four weeks after birth).
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from centers.models import User
from common.months import Month, seoul_date
from planners import programmes, residents, target_endings, target_rules
from planners.models import ImportBatch, Person, Pregnancy, Target, TargetRule
from planners.residents import Residence

AROUND_TERM = dt.timedelta(days=120)
NOW_BORN = "출산하여 산후 방문으로 이어집니다."


@transaction.atomic
def born(
    *,
    name: str,
    birth_on: dt.date,
    sex: str,
    mother: Person | None = None,
    residence: Residence | None = None,
    by: User | None,
    at: dt.datetime,
    although_known: bool = False,
    batch: ImportBatch | None = None,
) -> Person:
    """Register a baby in the mother's household, or at `residence` when she is not known.

    Raises `residents.AlreadyThere`.
    """
    if mother is not None:
        residence = _home_of(mother)
    baby = residents.move_in(
        name=name,
        birth_on=birth_on,
        sex=sex,
        residence=residence,
        on=birth_on,
        relation="자녀",
        although_known=although_known,
        batch=batch,
        by=by,
        at=at,
    )
    welcome(baby, mother=mother, by=by, at=at)
    return baby


@transaction.atomic
def welcome(baby: Person, *, mother: Person | None = None, by: User | None, at: dt.datetime) -> None:
    """What a registered birth sets in motion: the pregnancy ends, the visit after birth is listed. Twice is once."""
    mothers = [mother.pk] if mother else []
    for pregnancy in _ended_by(baby, mothers):
        _deliver(pregnancy, baby.birth_on, by=by, at=at)
        mothers.append(pregnancy.person_id)
    _list_visit({baby.pk, *mothers}, baby, by=by, at=at)


def _home_of(mother: Person) -> Residence:
    home = mother.household
    if home is None:
        return Residence(mother.dong, mother.tong, mother.ban, mother.address)
    return Residence(mother.dong, mother.tong, mother.ban, home.address, home.address_detail)


def _ended_by(baby: Person, mothers: list[int]) -> list[Pregnancy]:
    """Open pregnancies of the household, or of the mother, that this birth ends: at most one."""
    rows = Pregnancy.objects.filter(
        delivered_on=None,
        ended_on=None,
        expected_on__range=(baby.birth_on - AROUND_TERM, baby.birth_on + AROUND_TERM),
    )
    rows = rows.filter(person__in=mothers) if mothers else rows.filter(person__household=baby.household_id)
    return list(rows.order_by("expected_on", "pk")[:1])


def _deliver(pregnancy: Pregnancy, birth_on: dt.date, *, by: User | None, at: dt.datetime) -> None:
    pregnancy.delivered_on = birth_on
    pregnancy.save(update_fields=["delivered_on"])
    before_birth = Target.objects.select_for_update().open()
    before_birth = before_birth.filter(
        person=pregnancy.person_id, rule__kind=TargetRule.Kind.PREGNANCY_WEEKS, occurrence=f"p{pregnancy.pk}"
    )
    target_endings.end_targets(
        list(before_birth), Target.State.AGED_OUT, reason=NOW_BORN, by=by, on=seoul_date(at), at=at
    )


def _list_visit(people: set[int], baby: Person, *, by: User | None, at: dt.datetime) -> None:
    month = Month.of(baby.birth_on)
    for rule in target_rules.rules_for(month):
        if rule.kind in (TargetRule.Kind.AFTER_BIRTH, TargetRule.Kind.BIRTH):
            rows = target_rules.candidates(rule, month, dongs=[baby.dong_id])
            programmes.write_targets([r for r in rows if r.person.pk in people], month=month, by=by, at=at)
