"""Why somebody is on a list, and why not: sentences from the stored facts and the rule's version."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from common.months import Month, birthday
from planners import consent, target_rules
from planners.models import Consent, Coverage, Person, Programme, Target, TargetRule

REACHES = dict(Coverage.Reach.choices)
#: facts a sentence of each kind is made of
NEEDED = {
    TargetRule.Kind.TURNS_AGE: ("birth_on", "turns_on"),
    TargetRule.Kind.BIRTH: ("birth_on",),
    TargetRule.Kind.AFTER_BIRTH: ("delivered_on",),
    TargetRule.Kind.PREGNANCY_WEEKS: ("expected_on", "reached_on"),
    TargetRule.Kind.CRISIS_REPORT: ("reported_on", "channel"),
    TargetRule.Kind.FOLLOW_UP: ("starts_on", "number", "reason"),
}
LEFT = {Person.Status.MOVED: "전출로", Person.Status.DECEASED: "사망으로"}


def why(target: Target, *, sees_facts: bool = True) -> list[str]:
    """The deciding fact first, then rule and version, coverage, and the end where there is one.

    Reads only what was stored when the target was made; `target` needs its rule, programme and dong loaded.
    A viewer who may not see birth dates gets the month instead.
    """
    said = [_deciding_fact(target) if sees_facts else _without_birth(target)]
    rule, month = target.rule, Month.of(target.month)
    said.append(f"‘{rule.title}’ 규칙 {rule.version}판({rule.source})에 따라 {month.korean} 명단에 올랐습니다.")
    facts = target.facts
    if facts.get("reach") == Coverage.Reach.RISK_ONLY:
        groups = ", ".join(facts.get("risk_groups", []))
        place = facts.get("dong") or target.dong.name
        said.append(f"{place}은 위험군만 방문합니다." + (f" 해당: {groups}." if groups else ""))
    elif facts.get("covered_from"):
        said.append(
            f"{facts.get('dong') or target.dong.name}은 {_day(facts['covered_from'])}부터 해당하는 주민을 모두 방문합니다."
        )
    if target.state != Target.State.OPEN and target.ended_on:
        said.append(f"{_long(target.ended_on)}에 끝났습니다({target.get_state_display()}). {target.end_reason}".strip())
    return said


def _deciding_fact(target: Target) -> str:
    facts, kind = target.facts, target.rule.kind
    if any(name not in facts for name in NEEDED[kind]):
        return _without_facts(target)
    if kind == TargetRule.Kind.TURNS_AGE:
        age = target.rule.parameters["age"]
        return f"{_day(facts['birth_on'])}에 태어나 {_day(facts['turns_on'])}에 {age}세가 됩니다."
    if kind == TargetRule.Kind.BIRTH:
        return f"{_day(facts['birth_on'])}에 태어난 아기입니다."
    if kind == TargetRule.Kind.AFTER_BIRTH:
        return f"{_day(facts['delivered_on'])}에 출산하셨습니다."
    if kind == TargetRule.Kind.PREGNANCY_WEEKS:
        weeks = target.rule.parameters["weeks"]
        return f"출산 예정일이 {_day(facts['expected_on'])}이라 {_day(facts['reached_on'])}에 임신 {weeks}주가 됩니다."
    if kind == TargetRule.Kind.CRISIS_REPORT:
        return f"{_day(facts['reported_on'])}에 {facts['channel']}에서 걱정된다고 알려 왔습니다."
    return f"{_day(facts['starts_on'])}에 시작한 지속방문의 {facts['number']}번째입니다. {facts['reason']}"


def _without_facts(target: Target) -> str:
    """What is known of a target whose facts were not kept with it: the rule's words, or the days."""
    if target.rule.kind in (TargetRule.Kind.TURNS_AGE, TargetRule.Kind.BIRTH):
        return f"{_without_birth(target)} 명단에 올린 날짜는 따로 적혀 있지 않습니다."
    until = f"{_long(target.release_on)}부터 {_long(target.due_on)}까지 방문합니다."
    return f"명단에 올린 사실은 따로 적혀 있지 않습니다. {until}"


def _without_birth(target: Target) -> str:
    month = Month.of(target.month).korean
    if target.rule.kind == TargetRule.Kind.TURNS_AGE:
        return f"{month}에 {target.rule.parameters['age']}세가 됩니다."
    if target.rule.kind == TargetRule.Kind.BIRTH:
        return f"{month}에 태어난 아기입니다."
    return _deciding_fact(target)


def why_not(person: Person, programme: Programme, month: Month, *, sees_facts: bool = True) -> list[str]:
    """Why the person is not on the programme's list of a month, in the order an officer would check.

    Says so when the person is on it. A viewer who may not see birth dates is told only that they do not fit.
    """
    listed = Target.objects.filter(person=person, programme=programme, month=month.first).first()
    if listed:
        return [f"{month.korean} 명단에 있습니다({listed.get_state_display()})."]
    if person.status != Person.Status.RESIDENT:
        when = f" {_long(person.status_on)}" if person.status_on else ""
        return [f"명부에{when} {LEFT[person.status]} 적혀 있습니다."]
    held = target_rules.coverage_on(programme, month.first).get(person.dong_id)
    if held is None:
        return [
            f"{person.dong.name}에서는 {month.korean}에 이 사업을 하지 않습니다. {_begins(programme, person, month)}".strip()
        ]
    if refusal := _refusal(person, month):
        return [refusal]
    rules = TargetRule.objects.on(month.first).filter(programme=programme).order_by("tier", "key", "-version")
    said = [_missed(rule, person, month, sees_facts) for rule in rules]
    if held.reach == Coverage.Reach.RISK_ONLY:
        groups = target_rules.risk_groups([person], month.first)[person.pk]
        if not groups:
            said.append(f"{person.dong.name}은 위험군만 방문하는데, 해당하는 위험군이 없습니다.")
    return [sentence for sentence in said if sentence] or ["이 달에 쓰는 규칙이 없습니다."]


@dataclass(frozen=True)
class Standing:
    """Whether a person is on a programme's list of a month, why or why not, and by which rules it was judged."""

    programme: Programme
    target: Target | None
    sentences: list[str]
    judged_by: list[str]


def standings(person: Person, month: Month, *, sees_facts: bool = True) -> list[Standing]:
    """Every programme at once, for anybody: what a resident who asks is told (plan IV.5-1)."""
    rows = Target.objects.filter(person=person, month=month.first).select_related("rule", "programme", "dong")
    listed = {row.programme_id: row for row in rows.order_by("-pk")}
    rules: dict[int, list[TargetRule]] = defaultdict(list)
    for rule in TargetRule.objects.on(month.first).order_by("tier", "key", "-version"):
        rules[rule.programme_id].append(rule)
    found = []
    for programme in Programme.objects.order_by("order", "pk"):
        target = listed.get(programme.pk)
        if target:
            said, by = why(target, sees_facts=sees_facts), [target.rule]
        else:
            said, by = why_not(person, programme, month, sees_facts=sees_facts), rules[programme.pk]
        found.append(Standing(programme, target, said, [f"{r.title} {r.version}판({r.source})" for r in by]))
    return found


def _refusal(person: Person, month: Month) -> str:
    last = consent.newest([person.pk], Consent.Kind.VISIT, month.last).get(person.pk)
    if last is None or last.answer != Consent.Answer.REFUSED or last.answered_on < month.first:
        return ""
    again = f"{_long(last.reoffer_on)}부터 다시 안내합니다." if last.reoffer_on else "다시 안내하지 않기로 했습니다."
    return f"{_long(last.answered_on)}에 방문을 거절하셨습니다. {again}"


def _missed(rule: TargetRule, person: Person, month: Month, sees_facts: bool) -> str:
    earlier = Target.objects.filter(person=person, rule__key=rule.key).order_by("-month").first()
    if rule.kind == TargetRule.Kind.TURNS_AGE:
        age = rule.parameters["age"]
        turns_on = birthday(person.birth_on, age)
        if turns_on in month and earlier is None:
            return f"{_long(turns_on)}에 {age}세가 되어 다음 추출 때 명단에 오릅니다."
        if not sees_facts:
            return f"{month.korean}에 {age}세가 되지 않습니다."
        tense = "되었습니다" if turns_on < month.first else "됩니다"
        return f"{_long(turns_on)}에 {age}세가 {tense}. {month.korean}이 아닙니다."
    if earlier:
        return f"‘{rule.title}’ 규칙으로는 {Month.of(earlier.month).korean} 명단에 올랐습니다({earlier.get_state_display()})."
    if rule.kind == TargetRule.Kind.BIRTH:
        born = f"{_long(person.birth_on)}에 태어나 " if sees_facts else ""
        return f"{born}{month.korean}에 태어난 아기가 아닙니다." if person.birth_on not in month else ""
    if rule.kind in (TargetRule.Kind.PREGNANCY_WEEKS, TargetRule.Kind.AFTER_BIRTH):
        return f"‘{rule.title}’에 해당하는 임신·출산이 알려져 있지 않습니다." if person.sex == Person.Sex.FEMALE else ""
    if rule.kind == TargetRule.Kind.CRISIS_REPORT:
        return f"{month.korean}에 들어온 위기 알림이 없습니다."
    return f"‘{rule.title}’ 지속방문을 하고 있지 않습니다."


def _begins(programme: Programme, person: Person, month: Month) -> str:
    later = Coverage.objects.filter(programme=programme, dong=person.dong_id, valid_from__gt=month.first)
    first = later.order_by("valid_from").first()
    return f"{_long(first.valid_from)}에 시작합니다({REACHES[first.reach]})." if first else ""


def _day(text: str) -> str:
    return _long(dt.date.fromisoformat(text))


def _long(day: dt.date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"
