"""What happened in the pilot dongs of the demo world: the last weeks, told through the domain's own acts."""

from __future__ import annotations

import datetime as dt
import random
from itertools import islice

from django.db.models import Q

from centers.models import Dong, User, Zone
from common.months import SEOUL, Month, at_seoul
from common.refusals import Refusal
from planners import booking, case_meeting, consent, programmes, visits
from planners.models import Consent, Pair, Person, Target, Visit, VisitStaff
from planners.months import month_problem as month_problems
from planners.months import schedule_reasons, scheduling
from planners.months.month_problem import Unit
from planners.solver import solve
from seongbuk.demo import committees, history, recording
from seongbuk.demo.accounts import MAIN_DONG, username
from staffing.calendars import days_between

#: so many of the last days are told in full, record by record
TOLD_DAYS = {MAIN_DONG: 14}
TOLD_DAYS_ELSEWHERE = 5
PAST_MONTHS = 3
VISITS_TODAY = 4
CONSENT_SHARE, REFUSAL_SHARE = 0.78, 0.10
WATCHDOG_SECONDS = 4
GAP = 0.01
MEETING = dt.time(17, 0)


def tell(dong: Dong, *, now: dt.datetime) -> dict:
    """Targets, consents, schedules, visits, case meetings, referrals and cases of one dong up to now."""
    today = now.astimezone(SEOUL).date()
    rng = random.Random(f"story-{dong.slug}")  # noqa: S311
    cast = {key: User.objects.get(username=username(dong, key)) for key in ("nurse", "social", "lead", "case")}
    this_month = Month.of(today)
    told = dt.timedelta(days=TOLD_DAYS.get(dong.name, TOLD_DAYS_ELSEWHERE))
    first_month = Month.of(today - told)
    history.write(dong, first=first_month.plus(-PAST_MONTHS), last=first_month.previous)
    programmes.extract_targets(first_month.previous, dongs=[dong], by=None, at=first_month.previous.starts_at)
    for month in [first_month, this_month] if first_month != this_month else [this_month]:
        start = at_seoul(max(month.first - dt.timedelta(days=1), today - told), dt.time(8, 30))
        programmes.extract_targets(month, dongs=[dong], by=None, at=start)
        _ask(dong, month, cast["social"], start, rng)
        _plan(Unit(dong=dong), month, cast["lead"], start)
    _ask(dong, first_month.previous, cast["social"], at_seoul(first_month.previous.first, dt.time(8, 30)), rng)
    history.write_children(dong, today=today)
    committee = committees.constitute(dong, cast, founded=now - told - dt.timedelta(days=8), now=now)
    _record_past(dong, cast, committee, now, rng)
    programmes.extract_targets(this_month.next, dongs=[dong], by=None, at=now)
    _ask(dong, this_month.next, cast["social"], now, rng)
    _worries(dong, cast, now, rng)
    _book_ahead(dong, cast["social"], now, rng)
    return {"visits": Visit.objects.filter(dong=dong).count()}


def _ask(dong: Dong, month: Month, social: User, at: dt.datetime, rng: random.Random) -> None:
    """The tongjang and the phone bring back answers; some do not answer yet."""
    targets = Target.objects.open().filter(dong=dong, month=month.first).select_related("person", "programme")
    for target in targets.order_by("pk"):
        dice = rng.random()
        if dice > CONSENT_SHARE + REFUSAL_SHARE:
            continue
        refuses = dice > CONSENT_SHARE
        by_tongjang = rng.random() < 0.6
        consent.record_answer(
            target.person,
            Consent.Kind.VISIT,
            Consent.Answer.REFUSED if refuses else Consent.Answer.GIVEN,
            channel=Consent.Channel.TONGJANG if by_tongjang else Consent.Channel.PHONE,
            asked_by=f"{target.person.tong}통 복지통장" if by_tongjang else social.name,
            by=social,
            at=at,
            on=at.astimezone(SEOUL).date(),
            reoffer_on=at.astimezone(SEOUL).date() + dt.timedelta(days=180) if refuses else None,
        )
        if not refuses:
            _wish(target, rng)


def _wish(target: Target, rng: random.Random) -> None:
    """When the resident can be met, as told on the phone."""
    wishes = {}
    if rng.random() < 0.3:
        wishes["halves"] = [rng.choice(("AM", "PM"))]
    if rng.random() < 0.12:
        wishes["weekdays"] = sorted(rng.sample(range(5), 3))
    if wishes:
        Visit.objects.filter(target=target, state=Visit.State.POOL).update(**wishes)


def plan_zone(zone: Zone, *, by: User | None, now: dt.datetime) -> None:
    """The child nurses' month, from tomorrow on."""
    _plan(Unit(zone=zone), Month.of(now), by, now)


def _plan(unit: Unit, month: Month, lead: User | None, at: dt.datetime) -> None:
    built = month_problems.build(unit, month, today=at.astimezone(SEOUL).date(), base=None)
    try:
        scheduling.check_plannable(built)
    except Refusal:
        return
    plan = solve(built.problem, gap=GAP, watchdog=WATCHDOG_SECONDS)
    draft = scheduling.save_draft(built, plan, schedule_reasons.left_out(built, plan), by=lead, at=at)
    scheduling.publish(draft, by=lead, at=at + dt.timedelta(minutes=20))


def _record_past(dong: Dong, cast: dict, committee, now: dt.datetime, rng: random.Random) -> None:
    """Visits of past days are recorded, the day's case meeting judges them, the managed ones are referred."""
    today = now.astimezone(SEOUL).date()
    first = today - dt.timedelta(days=31)
    past = Visit.objects.filter(dong=dong, state__in=Visit.STANDING, programme__key="elderly")
    days = set(past.filter(on__range=(first, today - dt.timedelta(days=1))).values_list("on", flat=True))
    for day in days_between(first, today - dt.timedelta(days=1)):
        for visit in past.filter(on=day).select_related("person").order_by("starts_at"):
            recording.record(visit, at=visit.starts_at + dt.timedelta(minutes=rng.randint(0, 6)), rng=rng)
        # in the main dong the last day's visits wait for today's case meeting
        if day in days and not (day == max(days) and dong.name == MAIN_DONG):
            _judge(dong, day, cast, rng)
        committees.meet(committee, day, cast, now=now)


def _judge(dong: Dong, day: dt.date, cast: dict, rng: random.Random) -> None:
    at = at_seoul(day, MEETING)
    lead, social = cast["lead"], cast["social"]
    for visit in Visit.objects.filter(dong=dong, on=day, state=Visit.State.DONE, group="").select_related("person"):
        suggested = case_meeting.suggest(visit)
        group = suggested.group or Visit.Group.NORMAL
        case_meeting.classify(visit, group, reason="두 사람의 판단이 같음", by=lead, at=at)
        visit.refresh_from_db()
        if group == Visit.Group.MANAGED:
            committees.refer(visit, by=social, at=at + dt.timedelta(minutes=5), rng=rng)
        visits.close(visit, by=lead, at=at + dt.timedelta(minutes=10))
        visits.mark_entered(visit, "health", by=cast["nurse"], at=at + dt.timedelta(minutes=40))
        visits.mark_entered(visit, "welfare", by=social, at=at + dt.timedelta(minutes=40))
    case_meeting.close_day(dong, day, by=lead, at=at + dt.timedelta(minutes=30), carry_over="짝의 서명을 기다림")


def _worries(dong: Dong, cast: dict, now: dt.datetime, rng: random.Random) -> None:
    """Two households the tongjang worries about."""
    people = list(Person.objects.living_here().filter(dong=dong, birth_on__year__lt=now.year - 70).order_by("pk")[:200])
    for text in (
        "우편물이 두 주째 쌓여 있고 불이 켜지지 않습니다.",
        "요즘 끼니를 거르시는 것 같다고 이웃이 알려 왔습니다.",
    ):
        if people:
            person = people.pop(rng.randrange(len(people)))
            at = now - dt.timedelta(hours=rng.randint(5, 40))
            programmes.report_crisis(
                person, channel="tongjang", text=text, reporter="복지통장", by=cast["social"], at=at
            )


def _book_ahead(dong: Dong, social: User, now: dt.datetime, rng: random.Random) -> None:
    """A third of what is announced is promised by phone to the day and minute it was planned for."""
    today = now.astimezone(SEOUL).date()
    ahead = Visit.objects.filter(dong=dong, state=Visit.State.ANNOUNCED, on__gte=today).select_related("pair")
    for visit in ahead.order_by("on", "starts_at"):
        soon = (visit.on - today).days <= 3
        if soon or rng.random() < 0.35:
            try:
                booking.book(visit, pair=visit.pair, starts_at=visit.starts_at, by=social, at=min(now, visit.starts_at))
            except Refusal:
                continue


def visits_today(dong: Dong, *, now: dt.datetime) -> int:
    """Make sure that the main pair has somebody to visit today, whatever day the demo is started on.

    Visits of the next days are brought forward, by hand, as a lead would in the morning.
    """
    today = now.astimezone(SEOUL).date()
    pair = Pair.objects.on(today).filter(dong=dong, kind=Pair.Kind.ELDER).order_by("name").first()
    there = Visit.objects.filter(pair=pair, on=today).exclude(state=Visit.State.CANCELLED).count()
    willing = Consent.objects.filter(kind=Consent.Kind.VISIT, answer=Consent.Answer.GIVEN).values("person")
    waiting = (
        Visit.objects.filter(dong=dong, state__in=[Visit.State.POOL, Visit.State.ANNOUNCED, Visit.State.BOOKED])
        .filter(Q(programme__key="elderly", person__in=willing) | Q(programme__key="poverty_crisis"))
        .exclude(on__lte=today)
        .order_by("programme__key", "release_on", "on", "pk")  # those whose month has come, then the next month's
    )
    free = iter(clock for clock in history.CLOCKS if not _is_taken(pair, at_seoul(today, clock)))
    for clock, visit in zip(islice(free, max(0, VISITS_TODAY - there)), waiting, strict=False):
        scheduling.place_by_hand(visit, pair=pair, starts_at=at_seoul(today, clock), by=pair.social, at=now)
        there += 1
    return there


def _is_taken(pair: Pair, starts_at: dt.datetime) -> bool:
    """Whether one of the two is at a resident's within an hour from then."""
    hour = (starts_at, starts_at + dt.timedelta(minutes=60))
    return VisitStaff.objects.filter(user__in=[pair.nurse_id, pair.social_id], during__overlap=hour).exists()
