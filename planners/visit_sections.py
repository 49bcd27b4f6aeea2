"""What a visit form is made of: steps, sections, lines of facts; each section belongs to one part of the record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from planners.instruments import Instrument
from planners.models import VisitAnswer, VisitStaff
from planners.questions import Question

SOCIAL, HEALTH = VisitAnswer.Part.SOCIAL, VisitAnswer.Part.HEALTH
#: which discipline writes which part
PART_OF = {VisitStaff.Function.NURSE: HEALTH, VisitStaff.Function.SOCIAL: SOCIAL}
FUNCTION_OF = {part: function for function, part in PART_OF.items()}

SERVICE_STATES = (
    ("explained", "안내함"),
    ("wants", "원함"),
    ("using", "이용중"),
    ("not_applicable", "해당없음"),
)
SKIPPED = (
    ("declined", "거절하심"),
    ("cannot", "답하기 어려움"),
    ("elsewhere", "최근에 받으심"),
    ("no_time", "다음에"),
)
CONSENT = "health_consent"
JUDGEMENT = "judgement"


@dataclass(frozen=True)
class FactRow:
    """A line of known facts: only what changed is written anew."""

    key: str
    label: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Section:
    """`kind`: facts, services, questions, instrument, consent, vaccines, card or judgement."""

    key: str
    title: str
    part: str
    kind: str = "questions"
    questions: tuple[Question, ...] = ()
    rows: tuple[FactRow, ...] = ()
    group: str = ""  # of services: which part of the catalogue
    purpose: str = ""  # of instruments
    instrument: Instrument | None = None
    is_sensitive: bool = False  # needs the person's own consent (법 제23조)
    is_optional: bool = False
    note: str = ""
    lines: tuple[str, ...] = ()
    days: int | None = None  # age of the child on the day

    def fields(self) -> tuple[Question, ...]:
        return self.questions + tuple(question for row in self.rows for question in row.questions)


@dataclass(frozen=True)
class Step:
    key: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class VisitForm:
    key: str
    title: str
    steps: tuple[Step, ...]

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return tuple(section for step in self.steps for section in step.sections)

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[Section, Question]]:
        return {(s.part, question.key): (s, question) for s in self.sections for question in s.fields()}

    def find(self, part: str, field: str) -> tuple[Section, Question] | None:
        """The section and the question of a field, or None when this form has no such field."""
        return self._places.get((part, field))

    def parts(self) -> tuple[str, ...]:
        """The parts this form has, in the order of signing."""
        return tuple(part for part in (HEALTH, SOCIAL) if any(section.part == part for section in self.sections))

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)
