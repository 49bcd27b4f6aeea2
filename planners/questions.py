"""Questions of a visit record: what may be answered, and how an answer reads in words."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from common.hangul import clean
from common.refusals import Refusal

MAX_TEXT, MAX_NOTE = 200, 2000
_NUMBER = re.compile(r"-?\d{1,7}(\.\d{1,3})?")

#: what an answer may be once it is clean; None means "not answered"
Answer = str | int | float | list[str] | None


class BadValue(Refusal):
    """The answer is not one this question can have; the sentence names the question and what to write."""

    code = "BAD_VALUE"


@dataclass(frozen=True)
class Condition:
    """Something an earlier answer must be: one test of one question."""

    item: str
    equals: str | None = None
    includes: str | None = None
    at_least: float | None = None
    below: float | None = None

    @classmethod
    def of(cls, written: dict) -> Condition:
        """From a file: `{"item": "systolic", "at_least": 140, "below": 160}`."""
        rest = {"equals" if key == "is" else key: value for key, value in written.items()}
        return cls(**rest)

    def as_written(self) -> dict:
        tests = {"is": self.equals, "includes": self.includes, "at_least": self.at_least, "below": self.below}
        return {"item": self.item} | {key: value for key, value in tests.items() if value is not None}

    def holds(self, answers: dict[str, Answer]) -> bool:
        value = answers.get(self.item)
        if value is None:
            return False
        if self.equals is not None:
            return value == self.equals
        if self.includes is not None:
            return isinstance(value, list) and self.includes in value
        if not isinstance(value, int | float):
            return False
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)


@dataclass(frozen=True)
class Question:
    """One field of the record. `kind`: choice, many, number, date, text (one line) or note (several)."""

    key: str
    text: str
    kind: str = "choice"
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    hint: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    alone: str = ""  # of `many`: the option that excludes all others
    ask_if: Condition | None = None
    among: str = ""  # only answers given to that question are offered

    def is_asked(self, answers: dict[str, Answer]) -> bool:
        return self.ask_if is None or self.ask_if.holds(answers)

    def clean(self, value: object) -> Answer:
        """The answer in its normal form, None when it was emptied. Raises `BadValue`."""
        if value in (None, "", [], {}):
            return None
        return getattr(self, f"_clean_{self.kind}")(value)

    def words(self, value: Answer) -> str:
        """The answer as a person reads it; empty when there is none."""
        if value in (None, "", [], {}):
            return ""
        names = dict(self.options)
        if self.kind == "choice":
            return names.get(value, str(value))
        if self.kind == "many":
            return ", ".join(names.get(one, str(one)) for one in value)
        if self.kind == "number":
            return f"{value:,}{self.unit}"
        if self.kind == "date":
            day = dt.date.fromisoformat(value)
            return f"{day.year}.{day.month}.{day.day}"
        return str(value)

    # ------------------------------------------------------------------ private

    def _clean_choice(self, value: object) -> str:
        if not isinstance(value, str) or value not in dict(self.options):
            raise BadValue(f"‘{self.text}’의 답을 보기에서 골라 주세요.")
        return value

    def _clean_many(self, value: object) -> list[str]:
        chosen = [value] if isinstance(value, str) else value
        names = dict(self.options)
        if not isinstance(chosen, list) or any(not isinstance(one, str) or one not in names for one in chosen):
            raise BadValue(f"‘{self.text}’의 답을 보기에서 골라 주세요.")
        if self.alone in chosen and len(set(chosen)) > 1:
            raise BadValue(f"‘{self.text}’에서 ‘{names[self.alone]}’은 다른 답과 함께 고를 수 없습니다.")
        return [key for key in names if key in chosen]

    def _clean_number(self, value: object) -> int | float:
        written = clean(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
        written = written.replace(",", "").removesuffix(self.unit).strip()
        try:
            number = Decimal(written) if _NUMBER.fullmatch(written) else None
        except InvalidOperation:
            number = None
        low, high = self.low if self.low is not None else 0, self.high if self.high is not None else 9_999_999
        if number is None or not low <= number <= high:
            raise BadValue(f"‘{self.text}’에는 {low:g}에서 {high:,g} 사이의 숫자를 적어 주세요.")
        if round(number, self.decimals) != number:
            kind = f"소수 {self.decimals}자리까지만" if self.decimals else "소수점 없이"
            raise BadValue(f"‘{self.text}’에는 {kind} 적어 주세요.")
        return float(number) if self.decimals else int(number)

    def _clean_date(self, value: object) -> str:
        try:
            day = dt.date.fromisoformat(clean(value)) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is None or not 1900 <= day.year <= 2200:
            raise BadValue(f"‘{self.text}’에는 2015-01-31처럼 날짜를 적어 주세요.")
        return day.isoformat()

    def _clean_text(self, value: object, most: int = MAX_TEXT) -> str | None:
        if not isinstance(value, str):
            raise BadValue(f"‘{self.text}’에는 글을 적어 주세요.")
        whole = value.encode("utf-8", "ignore").decode()  # half of a pair of surrogates is no text
        lines = [clean(line) for line in whole.splitlines()] if self.kind == "note" else [clean(whole)]
        text = "\n".join(lines).strip()
        if len(text) > most:
            raise BadValue(f"‘{self.text}’은 {most:,}자까지 적을 수 있습니다. 지금 {len(text):,}자입니다.")
        return text or None

    def _clean_note(self, value: object) -> str | None:
        return self._clean_text(value, MAX_NOTE)
