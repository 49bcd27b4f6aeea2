"""Pairs: a nurse and a social worker who go together, from a day until a day (plan IV.5-1 ①).

Somebody who leaves is replaced from a day on: the visits promised by then go on with the one who stays.
The database refuses an elder pair without both, and a promise by a pair that is not there that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from centers.models import Dong, Posting, User, Zone
from common.refusals import Refusal
from planners import visit_states
from planners.models import Pair, Visit, VisitStaff

NURSES = ("PN", "HC")
SOCIAL_WORKERS = ("PS", "CM", "CN", "TL")


class WrongDiscipline(Refusal):
    code = "WRONG_DISCIPLINE"


class NotAPair(Refusal):
    code = "NOT_A_PAIR"


class NameTaken(Refusal):
    code = "NAME_TAKEN"


class VisitsStand(Refusal):
    code = "VISITS_STAND"


class PairEnded(Refusal):
    code = "PAIR_ENDED"


@transaction.atomic
def form(
    *,
    kind: str,
    name: str,
    dong: Dong | None = None,
    zone: Zone | None = None,
    nurse: User,
    social: User | None,
    skills: Iterable[str] = (),
    since: dt.date,
) -> Pair:
    """Let two people (for children: one nurse) be a pair from a day on.

    Raises `NotAPair`, `WrongDiscipline`, `NameTaken`.
    """
    _check(kind, dong, zone, nurse, social, since)
    place = zone if kind == Pair.Kind.CHILD else dong
    type(place).objects.select_for_update().get(pk=place.pk)
    same = Pair.objects.filter(kind=kind, name=name.strip(), dong=dong, zone=zone).exclude(valid_to__lte=since)
    if same.exists():
        raise NameTaken(f"{place.name}에는 ‘{name.strip()}’가 이미 있습니다. 다른 이름을 적어 주세요.")
    return Pair.objects.create(
        kind=kind,
        name=name.strip(),
        dong=dong,
        zone=zone,
        nurse=nurse,
        social=social,
        skills=[skill.strip() for skill in skills if skill.strip()],
        valid_from=since,
    )


def _check(kind, dong, zone, nurse, social, since) -> None:
    if kind == Pair.Kind.ELDER and (social is None or dong is None):
        raise NotAPair("어르신 조에는 간호사와 사회복지사가 한 사람씩, 그리고 맡은 동이 있어야 합니다.")
    if kind == Pair.Kind.CHILD and zone is None:
        raise NotAPair("우리아이 조가 맡은 권역을 골라 주세요.")
    if social == nurse:
        raise NotAPair("조는 서로 다른 두 사람이어야 합니다.")
    if not _posted(nurse, NURSES, since):
        raise WrongDiscipline(
            f"{nurse.name} 님은 {since:%-m월 %-d일}에 간호사로 배치되어 있지 않습니다. 간호사를 골라 주세요."
        )
    if social and not _posted(social, SOCIAL_WORKERS, since):
        raise WrongDiscipline(
            f"{social.name} 님은 {since:%-m월 %-d일}에 사회복지사로 배치되어 있지 않습니다. 사회복지사를 골라 주세요."
        )


def _posted(user: User, roles: Iterable[str], on: dt.date) -> bool:
    return user.is_active and Posting.objects.on(on).filter(user=user, role__in=roles).exists()


def candidates(roles: Iterable[str], on: dt.date, *, dong: Dong | None = None):
    """People who could be in a pair on a day, as a queryset of users."""
    rows = Posting.objects.on(on).filter(role__in=roles)
    if dong:
        rows = rows.filter(dong=dong)
    return User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("name", "pk")


def standing_from(pair: Pair, on: dt.date) -> list[Visit]:
    """Visits that somebody expects of the pair on a day or later."""
    rows = Visit.objects.filter(pair=pair, on__gte=on, state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED])
    return list(rows.select_related("person", "programme").order_by("starts_at", "pk"))


@transaction.atomic
def end(pair: Pair, *, on: dt.date) -> Pair:
    """Dissolve a pair from a day on. Raises `VisitsStand` while it is expected then, `PairEnded`."""
    row = _held(pair)
    if standing := standing_from(row, on):
        first = standing[0].on
        raise VisitsStand(
            f"{row.name}에는 {first:%-m월 %-d일}부터 약속한 방문이 {len(standing)}건 있습니다."
            " 먼저 월 일정에서 다시 배정하거나, 사람을 바꿔 이어 가 주세요."
        )
    row.valid_to = max(on, row.valid_from)
    row.save(update_fields=["valid_to"])
    return row


@transaction.atomic
def replace(
    pair: Pair, *, nurse: User, social: User | None, since: dt.date, by: User, at: dt.datetime
) -> tuple[Pair, int, list[Visit]]:
    """From a day on, let a pair of the same name go on with other people.

    Returns the new pair, how many promised visits it took over, and those it could not, because the new
    person is busy or away then: they stay with nobody and wait for a new place.
    Raises `WrongDiscipline`, `NotAPair`, `PairEnded`.
    """
    row = _held(pair)
    _check(row.kind, row.dong, row.zone, nurse, social, since)
    standing = standing_from(row, since)
    row.valid_to = max(since, row.valid_from)
    row.save(update_fields=["valid_to"])
    new = Pair.objects.create(
        kind=row.kind, name=row.name, dong=row.dong, zone=row.zone, skills=row.skills,
        nurse=nurse, social=social, valid_from=since,
    )  # fmt: skip
    taken, left = 0, []
    for visit in standing:
        if _takes_over(visit, new, by=by, at=at):
            taken += 1
        else:
            left.append(visit)
    return new, taken, left


def _held(pair: Pair) -> Pair:
    row = Pair.objects.select_for_update(of=("self",)).select_related("dong", "zone").get(pk=pair.pk)
    if row.valid_to is not None:
        raise PairEnded("이미 끝난 조입니다. 목록을 새로 고쳐 주세요.")
    return row


def hand_over(visit: Visit, pair: Pair, *, by: User, at: dt.datetime) -> bool:
    """Give one promised visit to another pair at the same time; no, when somebody of it is busy or away then."""
    from planners.booking_slots import members
    from planners.months.scheduling import staff_of
    from staffing.calendars import working_halves

    free = working_halves(members(pair), visit.on, visit.on)
    if not all((visit.on, visit.half) in free[user.pk] for user in members(pair)):
        return False
    try:
        with transaction.atomic():
            VisitStaff.objects.filter(visit=visit).exclude(function=VisitStaff.Function.COMPANION).delete()
            VisitStaff.objects.bulk_create(staff_of(visit, pair))
            visit.pair, visit.version = pair, visit.version + 1
            visit.save(update_fields=["pair", "version"])
    except IntegrityError:
        visit.refresh_from_db()
        return False
    names = "·".join(user.name for user in members(pair))
    visit_states.tell(visit, "handed_over", f"같은 시간에 {names} 님이 갑니다.", by=by, at=at)
    return True


def _takes_over(visit: Visit, pair: Pair, *, by: User, at: dt.datetime) -> bool:
    """Give one promised visit to the new pair at the same time, or put it back into the pool."""
    from planners import target_endings

    if hand_over(visit, pair, by=by, at=at):
        return True
    reason = f"{pair.name}의 사람이 바뀌었는데 새 사람이 그 시간에 갈 수 없습니다."
    target_endings.empty_places([visit], reason, by=by, at=at)
    return False
