"""The directory of agencies: what they do, how fast they answer, how many cases they can still lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from casemgmt import needs
from casemgmt.models import Agency, Case, Referral
from centers.models import Dong, User
from common.hangul import clean, particle
from common.months import age_on, at_seoul, seoul_date
from common.refusals import Refusal
from planners.models import Person

URGENT_HOURS = 4
SERVICE_DAYS = 7


class AgencyExists(Refusal):
    code = "AGENCY_EXISTS"


class BadAgency(Refusal):
    code = "BAD_AGENCY"


@dataclass(frozen=True)
class Load:
    """Cases an agency leads now, and how many it can."""

    agency: Agency
    cases: int

    @property
    def limit(self) -> int | None:
        return self.agency.case_limit

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.cases >= self.limit

    @property
    def words(self) -> str:
        if self.limit is None:
            return f"지금 {self.cases}가구"
        return f"지금 {self.cases}가구, 한도 {self.limit}가구" + (" · 가득 참" if self.is_full else "")

    @property
    def choice(self) -> str:
        """The agency with its load, short enough for a list to choose from."""
        room = "" if self.limit is None else f"/{self.limit}"
        return f"{self.agency.name} · {self.cases}{room}가구" + (" · 가득 참" if self.is_full else "")


def search(
    *, text: str = "", kind: str = "", service: str = "", dong: Dong | None = None, inactive: bool = False
) -> QuerySet[Agency]:
    """Agencies by words in the name or the services, with counts of what they were sent.

    Each row carries `sent`, `waiting` and `answer_time` (mean time to the first act).
    """
    rows = Agency.objects.select_related("dong") if inactive else Agency.objects.in_use().select_related("dong")
    for part in clean(text).split():
        rows = rows.filter(Q(name__icontains=part) | Q(services__icontains=part))
    if kind:
        rows = rows.filter(kind=kind)
    if service:
        rows = rows.filter(services__contains=[service])
    if dong:
        rows = rows.serving(dong)
    took = ExpressionWrapper(F("referrals__first_act_at") - F("referrals__sent_at"), output_field=DurationField())
    return rows.annotate(
        sent=Count("referrals", distinct=True),
        waiting=Count("referrals", filter=Q(referrals__state=Referral.State.SENT), distinct=True),
        answer_time=Avg(took, filter=Q(referrals__first_act_at__isnull=False)),
    ).order_by("kind", "name", "pk")


def services() -> list[str]:
    """Every service any agency in use offers, in alphabetical order."""
    return sorted({s for row in Agency.objects.in_use().values_list("services", flat=True) for s in row})


def took(time: dt.timedelta | None) -> str:
    """How long an answer takes on average, in words: 2.5일, 3시간."""
    if time is None:
        return ""
    hours = time.total_seconds() / 3600
    return f"{hours / 24:.1f}일" if hours >= 24 else f"{max(1, round(hours))}시간"


@transaction.atomic
def register(
    *,
    name: str,
    kind: str,
    dong: Dong | None,
    phone: str = "",
    hours: str = "",
    contact: str = "",
    services: Sequence[str] = (),
    answer_days: int = 7,
    case_limit: int | None = None,
    by: User,
    at: dt.datetime,
) -> Agency:
    """Put an agency into the directory. Raises `AgencyExists`, `BadAgency`."""
    row = Agency(dong=dong)
    return _written(row, name, kind, phone, hours, contact, services, answer_days, case_limit, is_active=True)


@transaction.atomic
def change(
    agency: Agency,
    *,
    name: str,
    kind: str,
    phone: str,
    hours: str,
    contact: str,
    services: Sequence[str],
    answer_days: int,
    case_limit: int | None,
    is_active: bool,
    by: User,
    at: dt.datetime,
) -> Agency:
    """Change an entry. An agency that still leads cases or owes answers cannot be put away. Raises `BadAgency`."""
    row = Agency.objects.select_for_update(of=["self"]).get(pk=agency.pk)
    if not is_active and row.is_active:
        leads, owes = row.cases.open().count(), row.referrals.open().count()
        if leads or owes:
            raise BadAgency(f"맡은 사례 {leads}건, 끝나지 않은 의뢰 {owes}건이 있습니다. 먼저 옮기거나 끝내 주세요.")
    return _written(row, name, kind, phone, hours, contact, services, answer_days, case_limit, is_active=is_active)


def _written(row, name, kind, phone, hours, contact, services, answer_days, case_limit, *, is_active) -> Agency:
    name = clean(name)
    if not name or kind not in Agency.Kind.values or not 1 <= answer_days <= 60:
        raise BadAgency("이름과 종류를 적고, 답하는 기한은 1일에서 60일 사이로 적어 주세요.")
    row.name, row.kind, row.phone, row.hours, row.contact = name, kind, phone, hours, contact
    row.services = list(dict.fromkeys(filter(None, (clean(s) for s in services))))
    row.answer_days, row.case_limit, row.is_active = answer_days, case_limit, is_active
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as fault:
        raise AgencyExists(f"‘{name}’{particle(name, '은/는')} 이미 기관 목록에 있습니다.") from fault
    return row


# ---------------------------------------------------------------- due dates


def due_after_days(days: int, *, at: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """The last day to answer, and the moment it is over."""
    day = seoul_date(at) + dt.timedelta(days)
    return day, at_seoul(day + dt.timedelta(1), dt.time())


def due(agency: Agency | None, *, is_urgent: bool, at: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """When an answer is due: the agency's own days, or hours where a life may be at risk (plan III.7 ③)."""
    if is_urgent:
        moment = at + dt.timedelta(hours=URGENT_HOURS)
        return seoul_date(moment), moment
    return due_after_days(agency.answer_days if agency else SERVICE_DAYS, at=at)


# ---------------------------------------------------------------- who may lead a case


def loads(agencies: Iterable[Agency]) -> list[Load]:
    """How many running cases each agency leads."""
    agencies = list(agencies)
    counts = dict(
        Case.objects.served()
        .filter(lead_agency__in=agencies)
        .order_by()
        .values_list("lead_agency")
        .annotate(n=Count("pk"))
    )
    return [Load(agency, counts.get(agency.pk, 0)) for agency in agencies]


def leads(case_type: str, *, dong: Dong, person: Person | None = None, on: dt.date) -> list[Load]:
    """Agencies that may lead a case of a type in a dong, the least loaded first (plan IV.5-2 ⑤).

    For children up to 12 Dream Start may lead whatever the type.
    """
    return leads_by_type(dong=dong, person=person, on=on)[Case.Type(case_type)]


def leads_by_type(*, dong: Dong, person: Person | None = None, on: dt.date) -> dict[str, list[Load]]:
    """`leads` of all four types at once."""
    is_child = person is not None and age_on(person.birth_on, on) <= needs.DREAM_START_UNTIL
    kinds = {t: {*needs.LEADS[t], *([Agency.Kind.DREAM_START] if is_child else ())} for t in Case.Type}
    fitting = Agency.objects.in_use().serving(dong).filter(kind__in=set().union(*kinds.values()))
    rows = loads(fitting.exclude(~Q(services__contains=[needs.CASE_WORK]), kind=Agency.Kind.OTHER))
    rows.sort(key=lambda row: (row.is_full, row.agency.dong_id is None, row.cases, row.agency.name))
    return {t: [row for row in rows if row.agency.kind in kinds[t]] for t in Case.Type}
