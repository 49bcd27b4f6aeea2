"""The list of people to visit, made by rules each month, by reports and by promises to come again.

Making the list twice, or by two processes at once, changes nothing: the database keeps one target per
person, rule and occurrence, and whoever really wrote a target also writes its visit.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from centers.models import Dong, User
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners import consent, target_rules
from planners.models import Consent, CrisisReport, FollowUp, Person, Target, TargetRule, Visit, VisitEvent
from planners.months import planning_settings
from planners.target_endings import ReasonMissing, end_targets, visit_for
from planners.target_rules import Candidate

SUSTAINED = "child_sustained"
BIRTHS = (TargetRule.Kind.BIRTH, TargetRule.Kind.AFTER_BIRTH)
LISTED = (Target.State.OPEN, Target.State.VISITED)


class FollowUpRuns(Refusal):
    code = "FOLLOW_UP_RUNS"


class NotCovered(Refusal):
    code = "NOT_COVERED"


@dataclass
class Extraction:
    """What a run did: targets made and those already there; counts on the list by programme key and dong name."""

    month: Month
    created: int = 0
    unchanged: int = 0
    by_programme: Counter = field(default_factory=Counter)
    by_dong: Counter = field(default_factory=Counter)
    targets: list[Target] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "month": str(self.month),
            "created": self.created,
            "unchanged": self.unchanged,
            "by_programme": dict(self.by_programme),
            "by_dong": dict(self.by_dong),
        }


@transaction.atomic
def extract_targets(
    month: Month, *, dongs: Iterable[Dong] | None = None, by: User | None, at: dt.datetime
) -> Extraction:
    """Write the month's list with a visit in the pool for each new target (plan IV.5-1).

    Babies are looked for after mothers, so that a birth is visited once.
    """
    ids = None if dongs is None else {dong.pk for dong in dongs}
    done = Extraction(month)
    rules = target_rules.rules_for(month)
    rules.sort(key=lambda rule: rule.kind == TargetRule.Kind.BIRTH)
    for rule in rules:
        _list(target_rules.candidates(rule, month, dongs=ids), done, by=by, at=at)
    sustain(month, dongs=ids, by=by, at=at)
    _list(target_rules.follow_up_candidates(month, dongs=ids), done, by=by, at=at)
    return done


def sustain(month: Month, *, dongs: Iterable[int] | None, by: User | None, at: dt.datetime) -> int:
    """Open the sustained series of births in the risk groups (plan IV.5-1 ②); returns how many began.

    Counted from the birth, so that it ends at age 2. Whoever had a series, or refused visits, gets none.
    """
    rule = TargetRule.objects.on(month.first).filter(key=SUSTAINED).order_by("-version").first()
    if rule is None:
        return 0
    rows = Target.objects.filter(month=month.first, rule__kind__in=BIRTHS, state__in=LISTED)
    rows = rows if dongs is None else rows.filter(dong__in=dongs)
    rows = list(rows.select_related("person", "rule").order_by("pk"))
    groups = target_rules.risk_groups([row.person for row in rows], month.first)
    had = set(
        FollowUp.objects.filter(person__in={r.person_id for r in rows}, rule__key=SUSTAINED).values_list(
            "person", flat=True
        )
    )
    new = [
        FollowUp(
            person=row.person,
            rule=rule,
            starts_on=dt.date.fromisoformat(row.facts.get("delivered_on") or row.facts["birth_on"]),
            reason=f"위험군: {', '.join(groups[row.person_id])}"[:200],
            by=by,
            at=at,
        )
        for row in rows
        if groups[row.person_id] and row.person_id not in had
    ]
    return len(FollowUp.objects.bulk_create(new, ignore_conflicts=True))


def _list(rows: list[Candidate], done: Extraction, *, by: User | None, at: dt.datetime) -> None:
    known = _known(rows)
    rows = [row for row in rows if row.key in known] + _willing([row for row in rows if row.key not in known], at)
    for row in rows:
        done.by_programme[row.rule.programme.key] += 1
        done.by_dong[row.person.dong.name] += 1
    made = write_targets(rows, month=done.month, by=by, at=at)
    done.targets += made
    done.created += len(made)
    done.unchanged += len(rows) - len(made)


def _willing(rows: list[Candidate], at: dt.datetime) -> list[Candidate]:
    """Without those who refused visits and to whom nothing new has happened since.

    Somebody who may be asked again within the window is listed from that day on.
    """
    answers = consent.newest({row.person.pk for row in rows}, Consent.Kind.VISIT, seoul_date(at))
    kept = []
    for row in rows:
        last = answers.get(row.person.pk)
        refused = last is not None and last.answer == Consent.Answer.REFUSED and last.answered_on >= row.release_on
        if refused and row.rule.kind not in consent.WITHOUT_CONSENT:
            if not last.reoffer_on or last.reoffer_on > row.due_on:
                continue
            row.release_on = max(row.release_on, last.reoffer_on)
        kept.append(row)
    return kept


def write_targets(rows: list[Candidate], *, month: Month, by: User | None, at: dt.datetime) -> list[Target]:
    """Write the candidates not yet on the list, each with its visit; returns the targets this call wrote."""
    known = _known(rows)
    fresh = {row.key: row for row in rows if row.key not in known}
    if not fresh:
        return []
    targets = [_target(row, month, at) for row in fresh.values()]
    Target.objects.bulk_create(targets, ignore_conflicts=True, batch_size=1000)
    # Another process may have written some of them first; its uid stands then, not ours.
    made = list(
        Target.objects.filter(uid__in=[t.uid for t in targets])
        .select_related("person", "rule", "programme", "dong")
        .order_by("pk")
    )
    settings = planning_settings.by_dong({target.dong for target in made}, month.first)
    visits = [visit_for(target, settings=settings[target.dong_id]) for target in made]
    Visit.objects.bulk_create(visits, batch_size=1000)
    events = [
        VisitEvent(visit=v, act="listed", text=f"{v.target.rule.title}: 명단에 올랐습니다.", by=by, at=at)
        for v in visits
    ]
    VisitEvent.objects.bulk_create(events, batch_size=1000)
    return made


def _known(rows: list[Candidate]) -> set[tuple[int, str, str]]:
    found = Target.objects.filter(
        person__in={row.person.pk for row in rows},
        rule__key__in={row.rule.key for row in rows},
        occurrence__in={row.occurrence for row in rows},
    )
    return set(found.values_list("person_id", "rule__key", "occurrence"))


def _target(row: Candidate, month: Month, at: dt.datetime) -> Target:
    return Target(
        person=row.person,
        programme=row.rule.programme,
        rule=row.rule,
        occurrence=row.occurrence,
        dong_id=row.person.dong_id,
        month=month.first,
        release_on=row.release_on,
        due_on=row.due_on,
        tier=row.rule.tier,
        facts=row.facts,
        created_at=at,
    )


def preview(rule: TargetRule, month: Month, *, dongs: Iterable[Dong] | None = None) -> list[dict]:
    """How many the rule (it need not be saved) would list: ``[{"dong", "tong", "count"}]`` in order."""
    ids = None if dongs is None else {dong.pk for dong in dongs}
    rows = target_rules.candidates(rule, month, dongs=ids)
    counts = Counter((row.person.dong.order, row.person.dong.name, row.person.tong or 0) for row in rows)
    return [{"dong": name, "tong": tong or None, "count": n} for (_, name, tong), n in sorted(counts.items())]


@transaction.atomic
def report_crisis(
    person: Person,
    *,
    channel: str,
    text: str,
    reporter: str = "",
    by: User,
    at: dt.datetime,
) -> tuple[CrisisReport, Target]:
    """Write down a worry about a household; the same moment it is a target due in days (plan IV.5-1 ③).

    A household that already waits for a crisis visit keeps that one: the report is added to it.
    Raises `NotCovered` where no planner works yet.
    """
    report = CrisisReport.objects.create(
        person=person, channel=channel, text=text, reporter=reporter, reported_at=at, by=by
    )
    standing = Target.objects.open().filter(person=person, rule__kind=TargetRule.Kind.CRISIS_REPORT).first()
    if standing:
        return report, standing
    month = Month.of(at)
    rule = TargetRule.objects.on(month.first).filter(kind=TargetRule.Kind.CRISIS_REPORT).order_by("-version").first()
    rows = [] if rule is None else target_rules.candidates(rule, month, dongs=[person.dong_id])
    made = write_targets([r for r in rows if r.occurrence == f"r{report.pk}"], month=month, by=by, at=at)
    if not made:
        raise NotCovered(f"{person.dong.name}에서는 아직 위기가정 방문을 하지 않습니다. 구청 복지정책과에 알려 주세요.")
    return report, made[0]


def reports_of(target: Target) -> list[CrisisReport]:
    """The worries behind a crisis target: its own report and those added while it was open."""
    if target.rule.kind != TargetRule.Kind.CRISIS_REPORT:
        return []
    rows = CrisisReport.objects.filter(person=target.person_id, reported_at__gte=target.created_at)
    if target.ended_on:
        rows = rows.filter(reported_at__lt=Month.of(target.ended_on).ends_at)
    return list(rows.select_related("by").order_by("reported_at"))


@transaction.atomic
def answer_reporter(target: Target, *, by: User, at: dt.datetime) -> int:
    """Whoever reported was told; returns how many reports were still without an answer."""
    waiting = [row.pk for row in reports_of(target) if row.answered_at is None]
    return CrisisReport.objects.filter(pk__in=waiting).update(answered_at=at)


@transaction.atomic
def start_follow_up(person: Person, rule: TargetRule, *, starts_on: dt.date, reason: str, by: User, at: dt.datetime):
    """Promise to come again in the rhythm of `rule`; its first visits are listed at once.

    Raises `FollowUpRuns`, `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("지속방문을 시작하는 까닭을 적어 주세요.")
    if FollowUp.objects.filter(person=person, rule__key=rule.key, ends_on=None).exists():
        raise FollowUpRuns(f"‘{rule.title}’ 지속방문이 이미 이어지고 있습니다.")
    row = FollowUp.objects.create(person=person, rule=rule, starts_on=starts_on, reason=reason, by=by, at=at)
    for month in (Month.of(starts_on), Month.of(starts_on).next):
        rows = target_rules.follow_up_candidates(month, dongs=[person.dong_id])
        write_targets([r for r in rows if r.person.pk == person.pk], month=month, by=by, at=at)
    return row


@transaction.atomic
def end_follow_up(follow_up: FollowUp, *, reason: str, by: User, on: dt.date, at: dt.datetime) -> FollowUp:
    """End a rhythm; visits of it that have not begun are taken off the list."""
    if not reason.strip():
        raise ReasonMissing("지속방문을 끝내는 까닭을 적어 주세요.")
    follow_up.ends_on, follow_up.end_reason = on, reason
    follow_up.save(update_fields=["ends_on", "end_reason"])
    rows = Target.objects.open().filter(person=follow_up.person, occurrence__startswith=f"s{follow_up.pk}-")
    end_targets(list(rows), Target.State.WITHDRAWN, reason=reason, by=by, on=on, at=at)
    return follow_up
