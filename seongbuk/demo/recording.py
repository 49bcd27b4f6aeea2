"""Visits of the demo world as the pair would record them: the same form, the same saves and signatures."""

from __future__ import annotations

import datetime as dt
import random

from planners import consent, visit_records, visits
from planners.models import Consent, Visit
from planners.questions import BadValue, Question
from planners.visit_forms import form_of
from planners.visit_sections import CONSENT, HEALTH, JUDGEMENT, SOCIAL, Section

SENTENCES = (
    "남편과 사별한 뒤 혼자 지내십니다. 겨울 난방비가 걱정이라고 하십니다.",
    "경로당에 매일 나가시고 이웃과 가깝게 지내십니다.",
    "무릎이 아파 계단 오르내리기가 힘들다고 하십니다.",
    "일하고 싶어 하시며 어르신 일자리를 알아봐 달라고 하십니다.",
    "자녀와 자주 통화하고 생활에 어려움이 없다고 하십니다.",
)
WORRY = {"depression": 0.28, "suicide": 0.0}
NUMBERS = {
    "systolic": (112, 158),
    "diastolic": (68, 94),
    "glucose": (88, 168),
    "weight": (46, 78),
    "height": (148, 174),
}


def record(visit: Visit, *, at: dt.datetime, rng: random.Random) -> Visit:
    """Meet, ask everything the form needs, and sign both parts."""
    visit = Visit.objects.prefetch_related("staff__user").get(pk=visit.pk)
    people = {row.function: row.user for row in visit.staff.all()}
    nurse, social = people["nurse"], people.get("social")
    visits.start(visit, by=nurse, at=at)
    visit.refresh_from_db()
    form = form_of(visit)
    is_worried = rng.random() < 0.55
    owners = {HEALTH: nurse, SOCIAL: social or nurse}
    if any(section.is_sensitive for section in form.sections):
        _ask_for_screening(visit, nurse, at)
    for number, part in enumerate(form.parts()):
        by = owners[part]
        moment = at + dt.timedelta(minutes=12 + 14 * number)
        _fill(visit, form, part, by, moment, rng, is_worried)
        visits.sign(visit, part, by=by, at=moment + dt.timedelta(minutes=20))
    visit.refresh_from_db()
    return visit


def _ask_for_screening(visit: Visit, nurse, at: dt.datetime) -> None:
    consent.record_answer(
        visit.person,
        Consent.Kind.SCREENING,
        Consent.Answer.GIVEN,
        channel=Consent.Channel.VISIT,
        asked_by=nurse.name,
        by=nurse,
        at=at,
        on=visit.on,
    )


def _fill(visit, form, part, by, at, rng, is_worried) -> None:
    """Answer what is asked, again and again, until nothing required is open."""
    for _ in range(6):
        open_fields = visit_records.missing(visit, form, part, on=visit.on)
        if not open_fields:
            return
        for section, question in open_fields:
            _save(visit, part, question, _answer(section, question, rng, is_worried), by, at)


def _save(visit, part, question: Question, value, by, at) -> None:
    try:
        visit_records.save_answer(visit, part, question.key, value, base_version=0, client_key=None, by=by, at=at)
    except BadValue:
        fallback = question.options[0][0] if question.options else "없음"
        visit_records.save_answer(visit, part, question.key, fallback, base_version=0, client_key=None, by=by, at=at)


def _answer(section: Section, question: Question, rng: random.Random, is_worried: bool):
    options = [key for key, _ in question.options]
    if question.key == CONSENT:
        return options[0]
    if question.key == JUDGEMENT:
        return "managed" if is_worried else "normal"
    if question.key == "volunteer":
        return rng.choice(options)
    if section.kind == "services":
        return rng.choice(options) if is_worried else rng.choice(("explained", "explained", "using", "not_applicable"))
    if section.kind == "instrument" and question.kind == "choice":
        return _screened(section, question, rng, is_worried)
    if question.kind == "choice":
        return rng.choice(options) if is_worried else _calm(options)
    if question.kind == "many":
        if question.alone and not is_worried:
            return [question.alone]
        others = [key for key in options if key != question.alone]
        return rng.sample(others, min(len(others), rng.choice((1, 1, 2))))
    if question.kind == "number":
        if is_worried and question.key.endswith("systolic"):
            return rng.randint(138, 158)
        low, high = next(
            (span for name, span in NUMBERS.items() if name in question.key), (question.low or 0, question.high or 10)
        )
        return rng.randint(int(low), int(high))
    if question.kind == "date":
        return "2014-11-20"
    return rng.choice(SENTENCES)


def _calm(options: list[str]) -> str:
    """The answer of somebody without a need: said plainly, or the first of the list."""
    return next(
        (key for key in ("no", "normal", "well", "enough", "three", "fasting", "none") if key in options), options[0]
    )


def _screened(section: Section, question: Question, rng: random.Random, is_worried: bool):
    """An item of an instrument; an answer that raises an alarm is never given by the dice."""
    short = question.key.removeprefix(f"{section.purpose}-")
    item = next((item for item in section.instrument.items if item.key == short), None)
    scores = {key: item.scores.get(key, 0) if item else 0 for key, _ in question.options}
    if item:
        scores = {key: score for key, score in scores.items() if key not in item.alarm_on} or scores
    if not any(scores.values()):
        return _calm(list(scores)) if short != "someone" else "yes"
    calm = [key for key, score in scores.items() if not score] or list(scores)
    heavy = [key for key, score in scores.items() if score]
    share = WORRY.get(section.purpose, 0.15) * (1.6 if is_worried else 0.1)
    return rng.choice(heavy) if heavy and rng.random() < share else calm[0]
