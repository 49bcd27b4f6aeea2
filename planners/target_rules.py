"""Who a rule puts on a month's list, by kind of rule: candidates with their window and the facts used.

Nothing here writes. Each kind costs a fixed number of queries, however many people it finds.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from common.months import Month, at_seoul, birthday, seoul_date
from planners.models import Benefit, Coverage, CrisisReport, FollowUp, Person, Pregnancy, Programme, Target, TargetRule

TERM_DAYS = 280
#: benefits and facts that make a family one of the risk groups of the child planner (plan IV.5-1 ②)
RISK_BENEFITS = {
    "basic_livelihood": "기초수급",
    "single_parent": "한부모",
    "disability_pension": "장애",
    "disability_allowance": "장애",
    "near_poor_disabled": "장애",
}
MULTICULTURAL = "다문화"


@dataclass
class Candidate:
    """Somebody a rule would list: for which occurrence, from when until when, and because of what."""

    person: Person
    rule: TargetRule
    occurrence: str
    release_on: dt.date
    due_on: dt.date
    facts: dict = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, str, str]:
        """What the same target is known by, whatever the version of the rule."""
        return self.person.pk, self.rule.key, self.occurrence


def rules_for(month: Month) -> list[TargetRule]:
    """Rules in force on the month's first day. A new version counts from the next month on."""
    rows = TargetRule.objects.on(month.first).select_related("programme")
    return list(rows.exclude(kind=TargetRule.Kind.FOLLOW_UP).order_by("programme__order", "tier", "key", "-version"))


def candidates(rule: TargetRule, month: Month, *, dongs: Iterable[int] | None = None) -> list[Candidate]:
    """Everybody the rule names for the month in covered dongs, residents only, in order of their key."""
    return _listed(_FINDERS[rule.kind](rule, month), rule.programme, month, dongs)


def follow_up_candidates(month: Month, *, dongs: Iterable[int] | None = None) -> list[Candidate]:
    """Occurrences of running follow-ups whose window opens in the month."""
    found: dict[Programme, list[Candidate]] = defaultdict(list)
    rows = FollowUp.objects.filter(starts_on__lte=month.last).exclude(ends_on__lte=month.first)
    for follow_up in rows.select_related("person__dong", "rule__programme").order_by("pk"):
        for number, release_on, due_on in occurrences(follow_up, until=month.last):
            if release_on in month:
                facts = {"starts_on": follow_up.starts_on.isoformat(), "number": number, "reason": follow_up.reason}
                found[follow_up.rule.programme].append(
                    Candidate(follow_up.person, follow_up.rule, f"s{follow_up.pk}-{number}", release_on, due_on, facts)
                )
    return [row for programme, rows in found.items() for row in _listed(rows, programme, month, dongs)]


def occurrences(follow_up: FollowUp, *, until: dt.date) -> Iterator[tuple[int, dt.date, dt.date]]:
    """(number, first day, due day) of each visit whose window opens not after `until`.

    The visits of one period are spread evenly; a repeating rhythm begins again after each period.
    """
    p = follow_up.rule.parameters
    number, period = 0, 0
    while True:
        begins = months_later(follow_up.starts_on, p["months"] * period)
        ends = months_later(follow_up.starts_on, p["months"] * (period + 1))
        for k in range(1, p["count"] + 1):
            number += 1
            due_on = begins + dt.timedelta(days=round((ends - begins).days * k / p["count"]))
            release_on = max(follow_up.starts_on, due_on - dt.timedelta(days=p["window_days"]))
            if release_on > until or (follow_up.ends_on and release_on >= follow_up.ends_on):
                return
            yield number, release_on, due_on
        period += 1
        if not p["repeats"]:
            return


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day."""
    month = Month.of(day).plus(months)
    return min(month.last, month.first + dt.timedelta(days=day.day - 1))


def coverage_on(programme: Programme, day: dt.date) -> dict[int, Coverage]:
    """Dong id -> how the programme covers it; where two rows hold, the newer one does."""
    rows = Coverage.objects.on(day).filter(programme=programme).order_by("valid_from", "pk")
    return {row.dong_id: row for row in rows}


def risk_groups(people: Iterable[Person], day: dt.date) -> dict[int, list[str]]:
    """Person id -> names of the risk groups the household belongs to, from benefits, nationality, pregnancy."""
    people = list(people)
    homes = {p.household_id for p in people if p.household_id}
    found: dict[int, set[str]] = defaultdict(set)
    benefits = Benefit.objects.on(day).filter(person__household__in=homes, category__in=RISK_BENEFITS)
    for home, category in benefits.values_list("person__household", "category").distinct():
        found[home].add(RISK_BENEFITS[category])
    foreign = Person.objects.living_here().filter(household__in=homes, is_foreigner=True)
    for home in foreign.values_list("household", flat=True).distinct():
        found[home].add(MULTICULTURAL)
    recent = day - dt.timedelta(days=TERM_DAYS)
    pregnancies = Pregnancy.objects.filter(person__household__in=homes, expected_on__gt=recent).exclude(risk_groups=[])
    for home, groups in pregnancies.values_list("person__household", "risk_groups"):
        found[home].update(groups)
    return {p.pk: sorted(found.get(p.household_id, ())) for p in people}


def _listed(rows: list[Candidate], programme: Programme, month: Month, dongs: Iterable[int] | None) -> list[Candidate]:
    wanted = None if dongs is None else set(dongs)
    coverage = coverage_on(programme, month.first)
    rows = [
        row
        for row in rows
        if row.person.status == Person.Status.RESIDENT
        and row.person.dong_id in coverage
        and (wanted is None or row.person.dong_id in wanted)
    ]
    guarded = [r for r in rows if coverage[r.person.dong_id].reach == Coverage.Reach.RISK_ONLY]
    risks = risk_groups([r.person for r in guarded], month.first) if guarded else {}
    kept = []
    for row in rows:
        held = coverage[row.person.dong_id]
        if held.reach == Coverage.Reach.RISK_ONLY and not risks[row.person.pk]:
            continue
        row.facts |= {
            "dong": row.person.dong.name,
            "tong": row.person.tong,
            "reach": held.reach,
            "covered_from": held.valid_from.isoformat(),
        }
        if row.person.pk in risks:
            row.facts["risk_groups"] = risks[row.person.pk]
        kept.append(row)
    return sorted(kept, key=lambda row: row.key)


def _turning(rule: TargetRule, month: Month) -> list[Candidate]:
    age = rule.parameters["age"]
    people = Person.objects.turning(age, month.first, month.last).select_related("dong")
    return [
        Candidate(
            person,
            rule,
            str(age),
            month.first,
            month.last,
            {"birth_on": person.birth_on.isoformat(), "turns_on": birthday(person.birth_on, age).isoformat()},
        )
        for person in people
    ]


def _after(day: dt.date, rule: TargetRule) -> tuple[dt.date, dt.date]:
    p = rule.parameters
    return day + dt.timedelta(days=p["from_days"]), day + dt.timedelta(days=p["to_days"])


def _newborn(rule: TargetRule, month: Month) -> list[Candidate]:
    """One per birth: twins count once, and a baby whose mother is on the list is met with her."""
    babies = Person.objects.kept().filter(birth_on__range=(month.first, month.last))
    babies = babies.select_related("dong").order_by("pk")
    homes = {baby.household_id for baby in babies if baby.household_id}
    near = dt.timedelta(days=1)
    deliveries = Pregnancy.objects.filter(
        person__household__in=homes, delivered_on__range=(month.first - near, month.last + near)
    )
    with_mother = {(home, on + shift) for home, on in deliveries.values_list("person__household", "delivered_on")
                   for shift in (-near, dt.timedelta(0), near)}  # fmt: skip
    seen, found = set(), []
    for baby in babies:
        birth = (baby.household_id, baby.birth_on)
        if baby.household_id and (birth in with_mother or birth in seen):
            continue
        seen.add(birth)
        facts = {"birth_on": baby.birth_on.isoformat()}
        found.append(Candidate(baby, rule, "birth", *_after(baby.birth_on, rule), facts))
    return found


def _delivered(rule: TargetRule, month: Month) -> list[Candidate]:
    """Mothers, unless the baby was listed before the delivery became known."""
    rows = list(Pregnancy.objects.filter(delivered_on__range=(month.first, month.last)).select_related("person__dong"))
    homes = {row.person.household_id for row in rows if row.person.household_id}
    listed = set(
        Target.objects.filter(
            rule__kind=TargetRule.Kind.BIRTH,
            person__household__in=homes,
            state__in=[Target.State.OPEN, Target.State.VISITED],
        ).values_list("person__household", "person__birth_on")
    )
    return [
        Candidate(
            row.person, rule, f"p{row.pk}", *_after(row.delivered_on, rule),
            {"delivered_on": row.delivered_on.isoformat()},
        )
        for row in rows
        if not any((row.person.household_id, row.delivered_on + dt.timedelta(n)) in listed for n in (-1, 0, 1))
    ]  # fmt: skip


def _pregnant(rule: TargetRule, month: Month) -> list[Candidate]:
    """Listed on the day the weeks are reached, or on the day the office learns of it."""
    weeks, until = rule.parameters["weeks"], rule.parameters["until_weeks"]
    before_term = dt.timedelta(days=TERM_DAYS - weeks * 7)
    rows = Pregnancy.objects.filter(expected_on__lte=month.last + before_term, expected_on__gte=month.first)
    found = []
    for row in rows.select_related("person__dong"):
        reached_on = row.expected_on - before_term
        listed_on = max(reached_on, row.reported_on)
        ended_on = min(filter(None, [row.delivered_on, row.ended_on]), default=None)
        if listed_on not in month or (ended_on and ended_on <= listed_on):
            continue
        due_on = max(listed_on + dt.timedelta(days=7), row.expected_on - dt.timedelta(days=TERM_DAYS - until * 7))
        facts = {
            "expected_on": row.expected_on.isoformat(),
            "reached_on": reached_on.isoformat(),
            "reported_on": row.reported_on.isoformat(),
        }
        found.append(Candidate(row.person, rule, f"p{row.pk}", listed_on, due_on, facts))
    return found


def _reported(rule: TargetRule, month: Month) -> list[Candidate]:
    first, end = at_seoul(month.first, dt.time()), at_seoul(month.next.first, dt.time())
    rows = CrisisReport.objects.filter(reported_at__gte=first, reported_at__lt=end).select_related("person__dong")
    return [_from_report(row, rule) for row in rows.defer("text")]


def _rhythm(rule: TargetRule, month: Month) -> list[Candidate]:
    """Visits of those who run in this rhythm, as if the rule's figures were theirs: for a preview only.

    Who runs goes on by the version begun with; the month's list asks `follow_up_candidates`.
    """
    rows = FollowUp.objects.filter(rule__key=rule.key, starts_on__lte=month.last).exclude(ends_on__lte=month.first)
    found = []
    for follow_up in rows.select_related("person__dong").order_by("pk"):
        follow_up.rule = rule
        found += [
            Candidate(follow_up.person, rule, f"s{follow_up.pk}-{number}", release_on, due_on)
            for number, release_on, due_on in occurrences(follow_up, until=month.last)
            if release_on in month
        ]
    return found


def _from_report(report: CrisisReport, rule: TargetRule) -> Candidate:
    on = seoul_date(report.reported_at)
    facts = {"reported_on": on.isoformat(), "channel": report.get_channel_display()}
    return Candidate(report.person, rule, f"r{report.pk}", on, on + dt.timedelta(days=rule.parameters["days"]), facts)


_FINDERS: dict[str, Callable[[TargetRule, Month], list[Candidate]]] = {
    TargetRule.Kind.TURNS_AGE: _turning,
    TargetRule.Kind.BIRTH: _newborn,
    TargetRule.Kind.AFTER_BIRTH: _delivered,
    TargetRule.Kind.PREGNANCY_WEEKS: _pregnant,
    TargetRule.Kind.CRISIS_REPORT: _reported,
    TargetRule.Kind.FOLLOW_UP: _rhythm,
}
