"""The form of one visit: the right questions, with the catalogue's services and the instruments of its day.

The nurse writes the health part, the social worker the social part; where a child nurse goes alone, all
of it is hers (plan IV.5-1 ① ②).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from planners import child_questions, screening, visit_questions
from planners.models import Service, TargetRule, Visit, VisitStaff
from planners.questions import Question
from planners.visit_sections import HEALTH, SERVICE_STATES, SKIPPED, SOCIAL, Section, VisitForm


def form_of(visit: Visit, *, on: dt.date | None = None) -> VisitForm:
    """The form of a visit, with the services of the catalogue and the instruments in force on its day."""
    day = on or visit.on or visit.release_on
    has_social = any(row.function == VisitStaff.Function.SOCIAL for row in visit.staff.all())
    kind = visit.target.rule.kind
    if visit.programme.key == "child" or visit.target.rule.key == "child_sustained":
        owner = SOCIAL if has_social else HEALTH
        written = child_questions.form(kind, visit.person, day, welfare_part=owner)
    elif kind == TargetRule.Kind.CRISIS_REPORT:
        written = visit_questions.CRISIS
    elif kind == TargetRule.Kind.FOLLOW_UP:
        written = visit_questions.FOLLOW_UP
    else:
        written = visit_questions.SIXTY_FIVE
    return _resolved(written, visit, day)


def one_of_four(service: Service, *, required: bool = True) -> Question:
    """A service of the catalogue as a question with four answers."""
    return Question(
        f"service-{service.key}", service.name, options=SERVICE_STATES, hint=service.note, required=required
    )


# ------------------------------------------------------------------ private


def _resolved(written: VisitForm, visit: Visit, day: dt.date) -> VisitForm:
    services: dict[str, list[Service]] = {}
    for service in Service.objects.filter(is_active=True):
        services.setdefault(service.group, []).append(service)
    steps = []
    for step in written.steps:
        sections = [_filled(section, visit, day, services) for section in step.sections]
        steps.append(replace(step, sections=tuple(section for section in sections if section)))
    return replace(written, steps=tuple(steps))


def _filled(section: Section, visit: Visit, day: dt.date, services: dict) -> Section | None:
    if section.kind == "services":
        offered = services.get(section.group, ())
        questions = tuple(one_of_four(service, required=not section.is_optional) for service in offered)
        return replace(section, questions=questions + section.questions)
    if section.kind == "instrument":
        instrument = screening.used_at(visit, section.purpose, on=day)
        return instrument and replace(
            section,
            title=instrument.title,
            instrument=instrument,
            note=instrument.notice,
            questions=(_skip(section), *(_as_field(section, item.question) for item in instrument.items)),
        )
    return section


def _as_field(section: Section, question: Question) -> Question:
    """An item of an instrument under a key that is its own in the record: `depression-q1`."""
    condition = question.ask_if and replace(question.ask_if, item=f"{section.purpose}-{question.ask_if.item}")
    return replace(
        question,
        key=f"{section.purpose}-{question.key}",
        ask_if=condition,
        required=question.required and not section.is_optional,
    )


def _skip(section: Section) -> Question:
    return Question(f"{section.purpose}-skipped", "하지 못한 까닭", options=SKIPPED, required=False)
