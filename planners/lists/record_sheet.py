"""A visit's record as one person may see it: steps, sections, fields with values, and the state of each part.

What the viewer may not read is not in the sheet at all; of a partner's health part only classes are.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field

from centers.access import Scope
from common.months import seoul_date
from planners import child_care, screening
from planners.instruments import Grade, Instrument
from planners.models import Visit, VisitSignature
from planners.questions import Answer, Question
from planners.visit_forms import form_of
from planners.visit_records import (
    Conflict,
    answers_of,
    asked_of,
    instrument_answers,
    known_facts,
    may_screen,
    missing,
    own_part,
    readable_parts,
    rows_of,
    unsealed,
    writer_of,
)
from planners.visit_sections import HEALTH, SOCIAL, Section, Step, VisitForm

OWNERS = {HEALTH: "간호", SOCIAL: "복지"}
PART_TITLES = {HEALTH: "건강·선별", SOCIAL: "욕구·생활"}


@dataclass
class SheetField:
    """One question with its answer, the version it has, and what went wrong with it last time."""

    question: Question
    part: str
    value: Answer = None
    version: int = 0
    is_asked: bool = True
    is_readonly: bool = False
    known: Answer = None  # of facts: the last known value
    error: str = ""
    conflict: Conflict | None = None

    @property
    def ask_if_json(self) -> str:
        condition = self.question.ask_if
        return json.dumps(condition.as_written()) if condition else ""

    @property
    def known_json(self) -> str:
        return "" if self.known is None else json.dumps(self.known, ensure_ascii=False)

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def id(self) -> str:
        return f"{self.part}-{self.key}"

    @property
    def words(self) -> str:
        return self.question.words(self.value)

    @property
    def options(self) -> list[dict]:
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [{"value": key, "label": label, "is_chosen": key in chosen} for key, label in self.question.options]

    @property
    def look(self) -> str:
        """Which widget fits: four or two buttons, a list of radios or boxes, a number, a date, text or a note."""
        if self.question.kind != "choice":
            return self.question.kind
        longest = max(len(label) for _, label in self.question.options)
        if len(self.question.options) == 2:
            return "two"
        return "row" if len(self.question.options) <= 4 and longest <= 5 else "radios"


@dataclass
class SheetRow:
    """A line of facts: the value now, the last known one, and whether it changed."""

    key: str
    label: str
    fields: list[SheetField]
    words: str
    was: str
    known_on: dt.date | None
    changed_at: dt.datetime | None

    @property
    def is_changed(self) -> bool:
        return self.changed_at is not None

    @property
    def is_open(self) -> bool:
        """Nothing is known yet: the questions stand open."""
        return not self.words or any(one.error or one.conflict for one in self.fields)


@dataclass
class SheetSection:
    section: Section
    owner: str
    is_mine: bool
    fields: list[SheetField] = field(default_factory=list)
    rows: list[SheetRow] = field(default_factory=list)
    instrument: Instrument | None = None
    grade: Grade | None = None
    last: dict | None = None
    classes: list[screening.Class] = field(default_factory=list)
    is_hidden: bool = False  # the viewer may not read the answers
    is_waiting: bool = False  # health answers wait for the person's consent
    late_vaccines: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.section.kind

    @property
    def asked(self) -> list[SheetField]:
        return [one for one in self.fields if one.is_asked and not one.key.endswith("-skipped")]

    @property
    def answered(self) -> int:
        return sum(one.value is not None for one in self.asked)

    @property
    def changes(self) -> int:
        return sum(row.is_changed for row in self.rows)

    @property
    def changes_text(self) -> str:
        return f"달라짐 {self.changes}"

    @property
    def bands(self) -> list[dict]:
        """Bands of a scored instrument as the score band draws them."""
        return [{"low": b.low, "high": b.high, "name": b.name, "tone": b.tone} for b in self.instrument.bands]

    @property
    def since(self) -> str:
        """How the score moved since the last time, in words."""
        change = self.grade.score - self.last["score"]
        return f"{abs(change)}점 {'올랐습니다' if change > 0 else '내렸습니다'}" if change else "그대로입니다"

    @property
    def skip(self) -> SheetField | None:
        return next((one for one in self.fields if one.key.endswith("-skipped")), None)

    @property
    def questions(self) -> list[SheetField]:
        return [one for one in self.fields if not one.key.endswith("-skipped")]

    @property
    def known_on(self) -> dt.date | None:
        return max((row.known_on for row in self.rows if row.known_on), default=None)

    @property
    def count(self) -> str:
        """15문항 중 11, 8개 중 5개."""
        counted = [one for one in self.asked if one.question.required]
        if self.is_hidden or not counted or self.kind not in {"instrument", "services"}:
            return ""
        unit = "문항" if self.kind == "instrument" else "개"
        whole, answered = len(counted), sum(one.value is not None for one in counted)
        return f"✓ {whole}{unit} 모두" if answered == whole else f"{whole}{unit} 중 {answered}"


@dataclass
class SheetStep:
    key: str
    title: str
    sections: list[SheetSection]
    missing: int = 0
    partner_missing: int = 0
    is_current: bool = False
    before: str = ""  # keys of the neighbouring steps
    after: str = ""
    after_title: str = ""

    @property
    def is_done(self) -> bool:
        return self.missing == 0

    @property
    def has_own(self) -> bool:
        return any(section.is_mine for section in self.sections)

    @property
    def all_hidden(self) -> bool:
        return bool(self.sections) and all(section.is_hidden for section in self.sections)

    @property
    def owner(self) -> str:
        return self.sections[0].owner if self.sections else ""


@dataclass
class PartState:
    """One part of the record: whose it is, what is missing, whether it is signed."""

    part: str
    title: str
    name: str
    phone: str
    is_mine: bool
    signature: VisitSignature | None
    missing: int

    @property
    def is_signed(self) -> bool:
        return self.signature is not None

    @property
    def sentence(self) -> str:
        if self.signature:
            return "지금은 읽기만 됩니다"
        if self.missing:
            return f"빈 문항 {self.missing}개를 채우면 서명할 수 있습니다"
        return "빈 곳 없음 · 서명하면 고칠 때 이유를 남깁니다" if self.is_mine else "빈 곳 없음"


@dataclass
class Sheet:
    visit: Visit
    form: VisitForm
    steps: list[SheetStep]
    parts: list[PartState]
    own: str | None
    is_writable: bool
    can_screen: bool

    @property
    def mine(self) -> PartState | None:
        return next((part for part in self.parts if part.is_mine), None)

    @property
    def partner(self) -> PartState | None:
        return next((part for part in self.parts if not part.is_mine), None)

    @property
    def scripts(self) -> dict:
        """What the page needs to score without a connection, by purpose."""
        sections = [s for step in self.steps for s in step.sections if s.instrument and s.is_mine]
        return {section.section.purpose: section.instrument.for_script() for section in sections}

    def step(self, key: str) -> SheetStep | None:
        return next((step for step in self.steps if step.key == key), None)

    def first_open(self) -> SheetStep:
        """The first step in which the viewer still has something to write."""
        return next((step for step in self.steps if step.has_own and not step.is_done), self.steps[-1])

    def field(self, part: str, key: str) -> SheetField | None:
        for step in self.steps:
            for section in step.sections:
                found = [*section.fields, *(one for row in section.rows for one in row.fields)]
                for one in found:
                    if (one.part, one.key) == (part, key):
                        return one
        return None


def sheet_of(visit: Visit, scope: Scope, *, at: dt.datetime) -> Sheet:
    """The record for a viewer. Costs the same queries whatever is filled in."""
    return _Writer(visit, scope, at).sheet()


class _Writer:
    """Puts the sheet together; holds what all sections need."""

    def __init__(self, visit: Visit, scope: Scope, at: dt.datetime) -> None:
        self.visit, self.scope, self.on = visit, scope, seoul_date(at)
        self.form = form_of(visit)
        self.own = own_part(visit, scope.user)
        self.readable = readable_parts(visit, scope)
        self.rows = rows_of(visit)
        self.can_screen = may_screen(visit, on=self.on)
        self.signed = {signature.part: signature for signature in visit.signatures.select_related("by")}
        facts = [q.key for section in self.form.sections for row in section.rows for q in row.questions]
        self.known = known_facts(visit, facts)
        self.answers = {part: answers_of(visit, part) for part in (SOCIAL, HEALTH)}
        self.missing = {part: missing(visit, self.form, part, on=self.on) for part in self.form.parts()}

    def sheet(self) -> Sheet:
        is_writable = (
            self.own is not None
            and self.own not in self.signed
            and self.visit.state in (Visit.State.STARTED, Visit.State.DONE, Visit.State.CLOSED)
        )
        self.is_writable = is_writable
        steps = [self._step(step) for step in self.form.steps]
        for step, following in itertools.pairwise(steps):
            step.after, step.after_title, following.before = following.key, following.title, step.key
        parts = [self._part(part) for part in self.form.parts()]
        return Sheet(self.visit, self.form, steps, parts, self.own, is_writable, self.can_screen)

    # -------------------------------------------------------------- private

    def _step(self, step: Step) -> SheetStep:
        counts = {part: sum(section in step.sections for section, _ in self.missing[part]) for part in self.missing}
        return SheetStep(
            step.key,
            step.title,
            [self._section(section) for section in step.sections],
            missing=sum(counts.values()),
            partner_missing=sum(count for part, count in counts.items() if part != self.own),
        )

    def _part(self, part: str) -> PartState:
        writer = writer_of(self.visit, part)
        return PartState(
            part=part,
            title=PART_TITLES[part],
            name=writer.user.name if writer else "담당자 없음",
            phone=writer.user.phone if writer else "",
            is_mine=part == self.own,
            signature=self.signed.get(part),
            missing=len(self.missing[part]),
        )

    def _section(self, section: Section) -> SheetSection:
        found = SheetSection(section, OWNERS[section.part], is_mine=section.part == self.own and self.is_writable)
        if section.part not in self.readable:
            found.is_hidden = True
            if section.instrument:
                found.classes = [c for c in screening.classes(self.visit) if c.purpose == section.purpose]
            return found
        if section.is_sensitive and not self.can_screen:
            found.is_waiting = True
            found.is_hidden = not found.is_mine
        asked = {question.key for question in asked_of(section, self.answers[section.part])}
        found.fields = [self._field(section, q, asked) for q in section.questions]
        found.rows = [self._row(section, row) for row in section.rows]
        if section.instrument:
            own = instrument_answers(section, self.answers[section.part])
            found.instrument, found.grade = section.instrument, section.instrument.grade(own)
            found.last = self._last(section.instrument) if section.instrument.has_score else None
        if section.kind == "vaccines":
            found.late_vaccines = self._late_vaccines(section)
        return found

    def _field(self, section: Section, question: Question, asked: set[str]) -> SheetField:
        row = self.rows.get((section.part, question.key))
        return SheetField(
            question,
            section.part,
            value=unsealed(row) if row else None,
            version=row.version if row else 0,
            is_asked=question.key in asked,
            is_readonly=not (section.part == self.own and self.is_writable),
        )

    def _row(self, section: Section, row) -> SheetRow:
        fields = [self._field(section, question, {q.key for q in row.questions}) for question in row.questions]
        was, now, changed_at = [], [], None
        for one in fields:
            known = self.known.get(one.key)
            before = unsealed(known) if known else None
            one.known = before
            stored = self.rows.get((section.part, one.key))
            if stored is None:
                one.value = before
            elif known and unsealed(stored) != before:
                changed_at = max(filter(None, (changed_at, stored.at)))
            was.append(one.question.words(before))
            now.append(one.words)
        known_on = max((self.known[one.key].visit.on for one in fields if one.key in self.known), default=None)
        return SheetRow(
            row.key,
            row.label,
            fields,
            " · ".join(filter(None, now)),
            " · ".join(filter(None, was)),
            known_on,
            changed_at,
        )

    def _last(self, instrument: Instrument) -> dict | None:
        result = screening.last_result(self.visit, instrument)
        if result is None:
            return None
        return {"score": result.score, "on": seoul_date(result.at), "by": result.by.name}

    def _late_vaccines(self, section: Section) -> list[str]:
        given = self.answers[section.part].get("vaccines")
        if given is None:
            return []
        return [vaccine.name for vaccine in child_care.late_at(section.days or 0, given)]
