"""Filling in a visit's record the way the two people do: every asked question, one save each."""

import datetime as dt
import uuid

from planners import visits
from planners.models import Consent, Service, VisitStaff
from planners.visit_forms import form_of
from planners.visit_records import answers_of, asked_of, save_answer
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f

#: answers that mean health: what a person without worries says
CALM = {
    "depression-q1": "yes",
    "depression-q5": "yes",
    "depression-q7": "yes",
    "depression-q11": "yes",
    "depression-q13": "yes",
    "self_harm-someone": "yes",
    "vitals-systolic": 124,
    "vitals-diastolic": 78,
    "daily_health-chronic": ["none"],
    "daily_health-medicines": 0,
    "daily_health-falls": "none",
    "daily_health-meals": "three",
    "dementia-result": "normal",
    "health_consent": "yes",
    "health_needs": ["none"],
    "welfare_needs": ["none"],
    "judgement": "normal",
    "volunteer": "no",
    "family_type": "couple",
    "housing_type": "own",
    "income_sources": ["national_pension"],
    "debt": "none",
    "work": "resting",
}
NAMES = [
    ("basic_pension", "기초연금"),
    ("senior_jobs", "노인일자리"),
    ("long_term_care", "노인장기요양"),
    ("free_meals", "무료급식지원"),
    ("mind_carer", "마음돌보미"),
    ("home_pension", "주택담보노후연금보증"),
    ("free_ride_card", "단순무임카드"),
    ("culture_programmes", "어르신문화프로그램"),
]


def offer_services() -> list[Service]:
    """The eight services of the plan."""
    return [
        Service.objects.get_or_create(group="life65", key=key, defaults={"name": name, "order": n})[0]
        for n, (key, name) in enumerate(NAMES, 1)
    ]


def started(pair, *, at=f.NOW, **given):
    """A visit of the pair under way."""
    visit = f.standing_visit(pair, **given)
    visits.start(visit, by=pair.nurse, at=at)
    visit.refresh_from_db()
    return visit


def agree_to_screening(visit, by):
    return f.ConsentFactory(person=visit.person, kind=Consent.Kind.SCREENING, by=by)


def save(visit, part, field, value, *, by, base_version=0, key=None, at=f.NOW):
    return save_answer(
        visit, part, field, value, base_version=base_version, client_key=key or uuid.uuid4(), by=by, at=at
    )


def fill_in(visit, part, *, by, at=f.NOW, **other):
    """Answer every question of a part, calmly unless told otherwise (`depression_q1="no"`)."""
    wanted = CALM | {key.replace("__", "-"): value for key, value in other.items()}
    given = answers_of(visit, part)
    for section in form_of(visit).sections:
        if section.part != part:
            continue
        for question in section.fields():
            if not question.required and question.key not in wanted:
                continue
            if question in asked_of(section, given):
                given[question.key] = wanted.get(question.key, _some(question))
                save(visit, part, question.key, given[question.key], by=by, at=at)


def recorded(pair, *, at=f.NOW, social=None, health=None, **given):
    """A finished visit: met, both parts filled in and signed."""
    visit = started(pair, at=at, **given)
    writers = {row.function: row.user for row in VisitStaff.objects.filter(visit=visit)}
    fill_in(visit, HEALTH, by=writers["nurse"], at=at, **(health or {}))
    visits.sign(visit, HEALTH, by=writers["nurse"], at=at)
    if "social" in writers:
        fill_in(visit, SOCIAL, by=writers["social"], at=at, **(social or {}))
        visits.sign(visit, SOCIAL, by=writers["social"], at=at)
    visit.refresh_from_db()
    return visit


def _some(question):
    if question.kind == "choice":
        return "no" if "no" in dict(question.options) else question.options[0][0]
    if question.kind == "many":
        return [question.alone or question.options[0][0]]
    if question.kind == "number":
        return (question.low + question.high) // 2
    if question.kind == "date":
        return dt.date(2015, 6, 1).isoformat()
    return "이야기"
