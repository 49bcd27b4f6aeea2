"""The register of groups and activists: adding, changing, ending, counting (plan II.5).

How somebody can be reached is shown only while they agree to be contacted; a consent has its day.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from centers.facilities import Counts, tabulate
from centers.models import User
from common.refusals import Refusal, Stale
from governance.models import Activist, Organisation

Record = Organisation | Activist
#: how many members a group has, in the words of the filter: key -> (words, from, below)
SIZES = {
    "few": ("10명 미만", 1, 10),
    "some": ("10~29명", 10, 30),
    "many": ("30~99명", 30, 100),
    "crowd": ("100명 이상", 100, None),
}


class NotValid(Refusal):
    code = "NOT_VALID"


class ConsentDayMissing(Refusal):
    code = "CONSENT_DAY_MISSING"


@transaction.atomic
def add(model: type[Record], *, by: User | None, at: dt.datetime, **facts) -> Record:
    """Put a group or an activist into the register. Raises `NotValid`, `ConsentDayMissing`."""
    made = model(**facts, changed_by=by, changed_at=at)
    _check(made)
    made.save()
    return made


@transaction.atomic
def change(record: Record, *, version: int | None = None, by: User | None, at: dt.datetime, **facts) -> Record:
    """Set some fields. Raises `NotValid`, `ConsentDayMissing`, `Stale`."""
    row = type(record).objects.select_for_update().get(pk=record.pk)
    if version is not None and version != row.version:
        raise Stale("그사이 다른 사람이 고쳤습니다. 화면을 새로 고친 뒤 다시 적어 주세요.")
    for name, value in facts.items():
        setattr(row, name, value)
    _check(row)
    row.version, row.changed_by, row.changed_at = row.version + 1, by, at
    row.save()
    return row


def _check(record: Record) -> None:
    if record.may_be_contacted and record.consent_on is None:
        raise ConsentDayMissing("연락해도 된다고 한 날을 적어 주세요. 모르면 동의를 비워 두세요.")
    try:
        record.full_clean()
    except ValidationError as fault:
        raise NotValid(" ".join(fault.messages)) from fault


def of_size(rows: QuerySet[Organisation], key: str) -> QuerySet[Organisation]:
    """Groups with so many members; groups of unknown size are in none of the ranges."""
    if key not in SIZES:
        return rows
    _, least, below = SIZES[key]
    rows = rows.filter(members__gte=least)
    return rows.filter(members__lt=below) if below else rows


def by_dong(*, on: dt.date) -> Counts:
    """Active groups: dongs x the twelve kinds, beside the printed table."""
    kinds = [(kind, Organisation.Kind(kind).label) for kind in Organisation.DONG_KINDS]
    rows = Organisation.objects.on(on).filter(is_active=True, kind__in=Organisation.DONG_KINDS)
    return tabulate(rows, kinds, printed="organisations", columns={})


def activists_by_dong(*, on: dt.date) -> Counts:
    kinds = [(kind, label) for kind, label in Activist.Kind.choices]
    rows = Activist.objects.on(on).filter(is_active=True)
    return tabulate(rows, kinds, printed="activists", columns={})


def clubs(*, on: dt.date) -> list[tuple[str, str, int, int]]:
    """(kind, name, groups, members) of the groups that the plan counts for the whole district (plan I)."""
    rows = Organisation.objects.on(on).filter(is_active=True, kind__in=Organisation.CLUB_KINDS).order_by()
    found = {r["kind"]: r for r in rows.values("kind").annotate(n=Count("pk"), people=Sum("members"))}
    return [
        (kind, Organisation.Kind(kind).label, found[kind]["n"], found[kind]["people"] or 0)
        for kind in Organisation.CLUB_KINDS
        if kind in found
    ]
