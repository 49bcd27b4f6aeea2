"""A birth: the baby enters the register, the pregnancy ends, and the visit after birth is listed at once.

Source: plan IV.5-1 ② (a visit within four weeks after birth).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction

from centers.models import User
from common.months import Month, seoul_date
from planners import programmes, residents, target_endings, target_rules
from planners.models import ContactAttempt, ImportBatch, Person, Pregnancy, Target, TargetRule, Visit
from planners.residents import Residence


@dataclass(frozen=True)
class Welcomed:
    """Keys of what a registered birth set in motion: enough to take it back."""

    listed: list[int]  # targets of the visit after birth
    delivered: list[int]  # pregnancies that ended
    ended: list[int]  # targets before birth that ended with them

    def as_json(self) -> dict[str, list[int]]:
        return asdict(self)


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
def welcome(baby: Person, *, mother: Person | None = None, by: User | None, at: dt.datetime) -> Welcomed:
    """What a registered birth sets in motion: the pregnancy ends, the visit after birth is listed. Twice is once."""
    mothers, done = [mother.pk] if mother else [], Welcomed([], [], [])
    for pregnancy in _ended_by(baby, mothers):
        done.ended.extend(_deliver(pregnancy, baby.birth_on, by=by, at=at))
        done.delivered.append(pregnancy.pk)
        mothers.append(pregnancy.person_id)
    done.listed.extend(_list_visit({baby.pk, *mothers}, baby, by=by, at=at))
    return done


def stands_on(done: list[Welcomed]) -> str:
    """Why births cannot be taken back, in a sentence: somebody cares for a listed visit already."""
    listed = [key for one in done for key in one.listed]
    begun = Target.objects.filter(pk__in=listed).exclude(state=Target.State.OPEN).count()
    begun += Visit.objects.filter(target__in=listed).exclude(state=Visit.State.POOL).values("target").distinct().count()
    begun += ContactAttempt.objects.filter(target__in=listed).values("target").distinct().count()
    if not begun:
        return ""
    return f"출생으로 명단에 오른 산후 방문 {begun:,}건이 이미 진행되고 있어 한꺼번에 되돌릴 수 없습니다. 해당 주민을 한 명씩 고쳐 주세요."


@transaction.atomic
def take_back(done: Welcomed, *, reason: str, by: User, at: dt.datetime) -> None:
    """As if the birth had not been told: the visit is off the list, the pregnancy runs, its visit waits again."""
    Visit.objects.filter(target__in=done.listed).delete()
    Target.objects.filter(pk__in=done.listed).delete()
    Pregnancy.objects.filter(pk__in=done.delivered).update(delivered_on=None)
    for target in Target.objects.filter(pk__in=done.ended).order_by("pk"):
        target_endings.reopen_target(target, reason=reason, by=by, at=at)


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


def _deliver(pregnancy: Pregnancy, birth_on: dt.date, *, by: User | None, at: dt.datetime) -> list[int]:
    """The pregnancy is over, and so is the wait for a visit before birth; keys of the targets that end."""
    pregnancy.delivered_on = birth_on
    pregnancy.save(update_fields=["delivered_on"])
    before_birth = Target.objects.select_for_update().open()
    before_birth = list(
        before_birth.filter(
            person=pregnancy.person_id, rule__kind=TargetRule.Kind.PREGNANCY_WEEKS, occurrence=f"p{pregnancy.pk}"
        )
    )
    target_endings.end_targets(before_birth, Target.State.AGED_OUT, reason=NOW_BORN, by=by, on=seoul_date(at), at=at)
    return [target.pk for target in before_birth]


def _list_visit(people: set[int], baby: Person, *, by: User | None, at: dt.datetime) -> list[int]:
    """Keys of the targets that are listed."""
    month, listed = Month.of(baby.birth_on), []
    for rule in target_rules.rules_for(month):
        if rule.kind in (TargetRule.Kind.AFTER_BIRTH, TargetRule.Kind.BIRTH):
            rows = target_rules.candidates(rule, month, dongs=[baby.dong_id])
            made = programmes.write_targets([r for r in rows if r.person.pk in people], month=month, by=by, at=at)
            listed += [target.pk for target in made]
    return listed
