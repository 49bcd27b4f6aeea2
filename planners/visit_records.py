"""The record of a visit, field by field: who may write what, saving without overwriting, what is still missing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from centers.access import Scope
from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal, Stale
from planners import receipts, screening, visit_alarms
from planners.models import Consent, ConsentWording, Visit, VisitAnswer, VisitSignature, VisitStaff
from planners.questions import Answer, BadValue, Question
from planners.visit_forms import form_of
from planners.visit_sections import CONSENT, FUNCTION_OF, HEALTH, PART_OF, SOCIAL, Section, VisitForm

RESOURCE_OF = {SOCIAL: "visit_social", HEALTH: "visit_health"}
WRITABLE = (Visit.State.STARTED, Visit.State.DONE, Visit.State.CLOSED)


class NotYourPart(Refusal):
    code = "NOT_YOUR_PART"


class NotUnderWay(Refusal):
    code = "NOT_UNDER_WAY"


class PartSigned(Refusal):
    code = "PART_SIGNED"


class UnknownField(Refusal):
    code = "UNKNOWN_FIELD"


class NoScreeningConsent(Refusal):
    code = "NO_SCREENING_CONSENT"


class Conflict(Stale):
    """Another value was saved since this one was begun: both are kept until a person chooses."""

    def __init__(self, question: Question, mine: Answer, row: VisitAnswer) -> None:
        super().__init__(f"‘{question.text}’을 다른 기기에서 먼저 고쳤습니다. 두 값 가운데 남길 것을 골라 주세요.")
        self.question = question
        self.mine, self.theirs = mine, unsealed(row)
        self.version, self.by, self.at = row.version, row.by, row.at

    @property
    def mine_words(self) -> str:
        return self.question.words(self.mine) or "(비움)"

    @property
    def theirs_words(self) -> str:
        return self.question.words(self.theirs) or "(비움)"


@dataclass(frozen=True)
class Saved:
    """What became of one answer. `is_replay`: the key had come before and nothing was done again."""

    field: str
    version: int
    is_replay: bool = False
    is_alarm: bool = False


@transaction.atomic
def save_answer(
    visit: Visit,
    part: str,
    field: str,
    value: object,
    *,
    base_version: int,
    client_key: uuid.UUID | None,
    by: User,
    at: dt.datetime,
) -> Saved:
    """Keep one answer. `base_version` is the version the writer saw, 0 when there was none.

    The same `client_key` returns the first result and changes nothing. A newer version with another
    value raises `Conflict`, which carries both. Raises `NotYourPart`, `NotUnderWay`, `PartSigned`,
    `UnknownField`, `NoScreeningConsent`, `BadValue`, `receipts.KeyReused`.
    """
    visit = locked(visit)

    def keep() -> dict:
        may_write(visit, part, by)
        section, question = _place(visit, part, field)
        answer = question.clean(value)
        row = VisitAnswer.objects.filter(visit=visit, part=part, field=field).select_related("by").first()
        if row and row.version != base_version:
            if unsealed(row) == answer:
                return {"version": row.version}
            raise Conflict(question, answer, row)
        if section.is_sensitive and answer is not None:
            need_consent(visit, on=seoul_date(at))
        return _keep(visit, part, section, question, answer, row, client_key, by=by, at=at)

    body = {"part": part, "field": field, "value": value, "base_version": base_version}
    result, is_replay = receipts.once(visit, client_key, act="answer", body=body, by=by, at=at, do=keep)
    return Saved(field, result["version"], is_replay, result.get("alarm", False))


def locked(visit: Visit) -> Visit:
    """The visit as it stands now, its row held until the transaction ends."""
    rows = Visit.objects.select_for_update(of=("self",))
    return rows.select_related("target__rule", "person", "programme", "dong", "pair").get(pk=visit.pk)


def may_write(visit: Visit, part: str, by: User) -> None:
    """Raises why `by` cannot write in this part now."""
    function = FUNCTION_OF.get(part)
    if not any(row.user_id == by.pk and row.function == function for row in visit.staff.all()):
        raise NotYourPart("이 구획은 맡은 사람만 적을 수 있습니다. 짝에게 알려 주세요.")
    if visit.state not in WRITABLE:
        raise NotUnderWay("방문을 시작한 뒤에 적을 수 있습니다. ‘방문 시작’을 눌러 주세요.")
    if VisitSignature.objects.filter(visit=visit, part=part).exists():
        raise PartSigned("서명한 구획은 읽기만 됩니다. 고치려면 까닭을 적고 서명을 거두어 주세요.")


# ------------------------------------------------------------------ reading


def unsealed(row: VisitAnswer) -> Answer:
    """The answer of a row; an emptied one is None."""
    return None if row.value in ("", {}) else row.value


def rows_of(visit: Visit) -> dict[tuple[str, str], VisitAnswer]:
    """All rows of a record by part and field."""
    return {(row.part, row.field): row for row in visit.answers.select_related("by")}


def answers_of(visit: Visit, part: str) -> dict[str, Answer]:
    """Answers of one part by field, without the emptied ones."""
    values = {row.field: unsealed(row) for row in visit.answers.all() if row.part == part}
    return {field: value for field, value in values.items() if value is not None}


def readable_parts(visit: Visit, scope: Scope) -> set[str]:
    """Parts of this visit whose answers the viewer may read (security table, rows visit record)."""
    return {part for part, resource in RESOURCE_OF.items() if _within(visit, scope, resource, "R")}


def own_part(visit: Visit, user: User) -> str | None:
    """The part this person writes, if any."""
    return next(
        (PART_OF[row.function] for row in visit.staff.all() if row.user_id == user.pk and row.function in PART_OF), None
    )


def writer_of(visit: Visit, part: str) -> VisitStaff | None:
    """Who writes a part at this visit."""
    return next((row for row in visit.staff.all() if row.function == FUNCTION_OF[part]), None)


def may_screen(visit: Visit, *, on: dt.date) -> bool:
    """Whether the person agreed to health answers being kept, by the newest answer that holds on the day."""
    rows = Consent.objects.filter(person=visit.person_id, kind=Consent.Kind.SCREENING, answered_on__lte=on)
    newest = rows.standing_on(on).order_by("-answered_on", "-pk").first()
    return newest is not None and newest.answer == Consent.Answer.GIVEN


def screening_wording(on: dt.date) -> ConsentWording | None:
    """The question in force on a day, with what has to be told before the answer."""
    return ConsentWording.objects.on(on).filter(kind=Consent.Kind.SCREENING).order_by("-valid_from").first()


def need_consent(visit: Visit, *, on: dt.date) -> None:
    """Raises `NoScreeningConsent` unless health answers may be kept (법 제23조)."""
    if not may_screen(visit, on=on):
        raise NoScreeningConsent("건강에 관한 답을 적으려면 먼저 본인에게 여쭙고 ‘동의하심’을 골라 주세요.")


def known_facts(visit: Visit, fields: Iterable[str]) -> dict[str, VisitAnswer]:
    """The newest earlier answer of the person to each field of facts, from other visits."""
    rows = (
        VisitAnswer.objects.filter(visit__person=visit.person_id, field__in=list(fields))
        .exclude(visit=visit)
        .exclude(value="")
        .filter(visit__finished_at__isnull=False)
        .select_related("visit")
        .order_by("field", "-visit__finished_at", "-pk")
        .distinct("field")
    )
    if visit.started_at:
        rows = rows.filter(visit__finished_at__lte=visit.started_at)
    return {row.field: row for row in rows}


# ------------------------------------------------------------------ completeness


def missing(visit: Visit, form: VisitForm, part: str, *, on: dt.date) -> list[tuple[Section, Question]]:
    """Questions of a part that must be answered before it is signed. Known facts count as answered."""
    answers = answers_of(visit, part)
    emptied = {row.field for row in visit.answers.all() if row.part == part} - set(answers)
    facts = [question.key for section in form.sections for row in section.rows for question in row.questions]
    known = set(known_facts(visit, facts)) - emptied
    screened = part != HEALTH or may_screen(visit, on=on)
    found = []
    for section in form.sections:
        if section.part != part or (section.is_sensitive and not screened):
            continue
        if section.kind == "instrument" and f"{section.purpose}-skipped" in answers:
            continue
        asked = {question.key for question in asked_of(section, answers)}
        found += [
            (section, question)
            for question in section.fields()
            if question.key in asked and question.required and question.key not in answers and question.key not in known
            if not (question.key == CONSENT and screened)
        ]
    return found


def asked_of(section: Section, answers: dict[str, Answer]) -> list[Question]:
    """The questions of a section that are asked, given the answers so far."""
    if section.instrument:
        own = instrument_answers(section, answers)
        keys = {f"{section.purpose}-{item.key}" for item in section.instrument.asked(own)}
        return [q for q in section.questions if q.key in keys or q.key.endswith("-skipped")]
    return [question for question in section.fields() if question.is_asked(answers)]


def instrument_answers(section: Section, answers: dict[str, Answer]) -> dict[str, Answer]:
    """Answers of a part under the keys that the instrument knows."""
    prefix = f"{section.purpose}-"
    return {field.removeprefix(prefix): value for field, value in answers.items() if field.startswith(prefix)}


# ------------------------------------------------------------------ private


def _within(visit: Visit, scope: Scope, resource: str, action: str) -> bool:
    reach = scope.reach(resource, action)
    if "A" in reach or ("d" in reach and visit.dong_id in scope.dong_ids(resource, action)):
        return True
    return scope.owns(resource, action) and any(row.user_id == scope.user.pk for row in visit.staff.all())


def _place(visit: Visit, part: str, field: str) -> tuple[Section, Question]:
    place = form_of(visit).find(part, field)
    if place is None:
        raise UnknownField("이 방문의 기록지에 없는 항목입니다. 화면을 새로 고쳐 주세요.")
    return place


def _keep(visit, part, section, question, answer, row, key, *, by, at) -> dict:
    answers = answers_of(visit, part) | {question.key: answer}
    if section.instrument:
        _check_pairs(section, answers)
    if row is None:
        row = VisitAnswer(visit=visit, part=part, field=question.key, version=0)
    elif unsealed(row) == answer:
        return {"version": row.version}
    row.value, row.version = ("" if answer is None else answer), row.version + 1
    row.client_key, row.by, row.at = key, by, at
    row.save()
    result = {"version": row.version}
    if section.instrument and not question.key.endswith("-skipped"):
        given = {field: value for field, value in answers.items() if value is not None}
        screening.refresh(visit, section.instrument, instrument_answers(section, given), by=by, at=at)
        item = section.instrument.item(question.key.removeprefix(f"{section.purpose}-"))
        if answer in item.alarm_on:
            visit_alarms.raise_from_answer(visit, by=by, at=at)
            result["alarm"] = True
    if question.key == CONSENT and answer:
        _note_consent(visit, answer, by=by, at=at)
    return result


def _check_pairs(section: Section, answers: dict[str, Answer]) -> None:
    own = instrument_answers(section, answers)
    for item in section.instrument.items:
        lower, upper = own.get(item.key), own.get(item.must_be_below)
        if item.must_be_below and lower is not None and upper is not None and lower >= upper:
            above = section.instrument.item(item.must_be_below)
            raise BadValue(
                f"‘{item.question.text}’은 ‘{above.question.text}’보다 낮아야 합니다. 두 값을 다시 보아 주세요."
            )


def _note_consent(visit: Visit, answer: str, *, by: User, at: dt.datetime) -> None:
    """What was said at the door becomes a consent of its own, with the wording in force."""
    on = seoul_date(at)
    given = answer == "yes"
    if given == may_screen(visit, on=on) and given:
        return
    wording = screening_wording(on)
    Consent.objects.create(
        person_id=visit.person_id,
        kind=Consent.Kind.SCREENING,
        answer=Consent.Answer.GIVEN if given else Consent.Answer.REFUSED,
        channel=Consent.Channel.VISIT,
        wording=wording.version if wording else "screening-at-the-door",
        asked_by=by.name,
        answered_on=on,
        by=by,
        at=at,
    )
