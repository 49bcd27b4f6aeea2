"""Appointing tongjang, term by term, and what each has done (plan III.7 ④, IV.5-1 ⑤)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import Count

from centers.models import Dong, Tong, User
from common.months import Month, at_seoul
from common.refusals import Refusal
from governance.models import TongjangTerm
from governance.models.tongjangs import MOST_TERMS
from planners.models import Accompaniment, Companion, Consent, CrisisReport

TERM_MONTHS = 24
#: a term that begins so soon after the last one of the same person goes on with its count
STILL_THE_SAME = dt.timedelta(days=31)
WARN_DAYS = 60
LOOK_BACK = dt.timedelta(days=365)


class NoSuchTong(Refusal):
    code = "NO_SUCH_TONG"


class TongTaken(Refusal):
    code = "TONG_TAKEN"


class TermLimit(Refusal):
    code = "TERM_LIMIT"


class NotInTerm(Refusal):
    code = "NOT_IN_TERM"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@dataclass(frozen=True)
class Line:
    """One tong on a day: its tongjang or nobody, and what they did in the last year."""

    dong: Dong
    tong: int
    term: TongjangTerm | None
    ends_soon: bool = False
    asked: int = 0
    reported: int = 0
    walked: int = 0
    following: TongjangTerm | None = None

    @property
    def done(self) -> int:
        return self.asked + self.reported + self.walked


@transaction.atomic
def appoint(
    dong: Dong, tong: int, name: str, *, phone: str = "", since: dt.date, by: User | None, at: dt.datetime
) -> TongjangTerm:
    """Appoint somebody for two years. Whoever held the tong until then is reappointed, at most twice.

    Raises `NoSuchTong`, `TongTaken`, `TermLimit`.
    """
    name = name.strip()
    Dong.objects.select_for_update().get(pk=dong.pk)
    if not Tong.objects.on(since).filter(dong=dong, number=tong).exists():
        raise NoSuchTong(f"{dong.name}에는 {since:%Y년 %-m월 %-d일}에 {tong}통이 없습니다. 통을 다시 골라 주세요.")
    last = TongjangTerm.objects.filter(dong=dong, tong=tong, name=name, valid_from__lt=since).last()
    number = last.number + 1 if last and last.until >= since - STILL_THE_SAME else 1
    if number > MOST_TERMS:
        raise TermLimit(
            f"임기는 2년이고 두 번까지 연임합니다. {name} 님은 세 번째 임기입니다. 다른 분을 위촉해 주세요."
        )
    row = TongjangTerm(dong=dong, tong=tong, name=name, phone=phone.strip(), number=number, valid_from=since)
    row.valid_to, row.by, row.at = two_years_on(since), by, at
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as fault:
        raise TongTaken(
            f"{tong}통에는 그 기간에 이미 복지통장이 있습니다. 앞의 임기를 끝내거나 위촉일을 늦춰 주세요."
        ) from fault
    return row


def reappoint(term: TongjangTerm, *, by: User, at: dt.datetime) -> TongjangTerm:
    """Let the same person go on when the term ends; pressed twice it is once. Raises `TermLimit`, `TongTaken`."""
    there = TongjangTerm.objects.filter(dong=term.dong, tong=term.tong, name=term.name, valid_from=term.until).first()
    return there or appoint(term.dong, term.tong, term.name, phone=term.phone, since=term.until, by=by, at=at)


@transaction.atomic
def end(term: TongjangTerm, *, on: dt.date, reason: str) -> TongjangTerm:
    """Somebody leaves before the term is over. Raises `NotInTerm`, `ReasonMissing`."""
    row = TongjangTerm.objects.select_for_update().get(pk=term.pk)
    if row.ended_on:
        return row
    if not row.valid_from <= on <= row.valid_to:
        raise NotInTerm("그만둔 날은 임기 안의 날이어야 합니다.")
    if not reason.strip():
        raise ReasonMissing("그만둔 까닭을 짧게 적어 주세요.")
    row.ended_on, row.end_reason = on, reason.strip()
    row.save(update_fields=["ended_on", "end_reason"])
    return row


def lines(dongs: Iterable[Dong], *, on: dt.date) -> list[Line]:
    """Every tong of the dongs with its tongjang, in a fixed number of queries."""
    dongs = {dong.pk: dong for dong in dongs}
    tongs = Tong.objects.on(on).filter(dong__in=dongs).order_by("dong__order", "number")
    terms = {(row.dong_id, row.tong): row for row in TongjangTerm.objects.on(on).filter(dong__in=dongs)}
    coming = TongjangTerm.objects.filter(dong__in=dongs, valid_from__gt=on).order_by("-valid_from")
    following = {(row.dong_id, row.tong): row for row in coming}
    asked, reported, walked = _activity(dongs, on)
    found = []
    for row in tongs:
        key = (row.dong_id, row.number)
        term = terms.get(key)
        found.append(
            Line(
                dongs[row.dong_id],
                row.number,
                term,
                ends_soon=bool(term) and (term.until - on).days <= WARN_DAYS and key not in following,
                asked=asked.get(key, 0) if term else 0,
                reported=reported.get(key, 0) if term else 0,
                walked=walked.get((row.dong_id, term.name), 0) if term else 0,
                following=following.get(key),
            )
        )
    return found


@dataclass(frozen=True)
class DongCount:
    """Tongs of a dong, those held, without anybody, and with a term that ends soon."""

    dong: Dong
    tongs: int
    held: int
    empty: int
    soon: int


def counts(found: Iterable[Line]) -> list[DongCount]:
    """The lines of `lines` counted by dong, in their order."""
    by_dong = groupby(found, key=lambda line: line.dong)
    return [_count(dong, list(some)) for dong, some in by_dong]


def _count(dong: Dong, some: list[Line]) -> DongCount:
    held = sum(line.term is not None for line in some)
    return DongCount(dong, len(some), held, len(some) - held, sum(line.ends_soon for line in some))


def _activity(dongs: Iterable[int], on: dt.date) -> tuple[dict, dict, dict]:
    """Doors asked and worries reported by (dong, tong), visits joined by (dong, name), over the last year."""
    first = on - LOOK_BACK
    asked = Consent.objects.filter(
        channel=Consent.Channel.TONGJANG, answered_on__range=(first, on), person__dong__in=dongs
    )
    worries = CrisisReport.objects.filter(
        channel=CrisisReport.Channel.TONGJANG,
        reported_at__gte=at_seoul(first, dt.time()),
        person__dong__in=dongs,
    )
    joined = Accompaniment.objects.filter(
        is_active=True,
        companion__kind=Companion.Kind.TONGJANG,
        companion__dong__in=dongs,
        visit__on__range=(first, on),
    )
    return (
        _counted(asked, "person__dong", "person__tong"),
        _counted(worries, "person__dong", "person__tong"),
        _counted(joined, "companion__dong", "companion__name"),
    )


def _counted(rows, *by: str) -> dict[tuple, int]:
    return {tuple(key): n for *key, n in rows.order_by().values_list(*by).annotate(n=Count("pk"))}


def two_years_on(day: dt.date) -> dt.date:
    """The first day after a term that begins on a day."""
    month = Month.of(day).plus(TERM_MONTHS)
    return min(month.last, month.first + dt.timedelta(days=day.day - 1))
