"""Taking identity out of free words: names, addresses, numbers, tongs and birthdays of a person and their family."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from common.months import age_on
from planners.models import Person

_UNIT = r"(?!\d*\s?(?:개|번(?!지|길)|분|일|월|년|시|원|만|회|명|가구|차|주|알|살|세|점|%|도|미터))"
_PATTERNS = (
    (re.compile(r"\d{6}\s?[-–]\s?[1-8]\d{6}"), "(주민번호)"),
    (re.compile(r"(?<!\d)0(?:1[016789]|2|[3-6]\d|505|70)[-.)\s]{0,2}\d{3,4}[-.\s]?\d{4}(?!\d)"), "(전화)"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "(전자우편)"),
    (re.compile(r"(?:19|20)\d{2}\s?[.년/-]\s?\d{1,2}\s?[.월/-]\s?\d{1,2}(?:\s?일)?\s?생"), "(생년월일)"),
    (
        re.compile(
            rf"[가-힣]+(?:\d+가?)?(?<!으)(?:대로|로|길)\s?{_UNIT}\d+(?:-\d+)?(?:(?:가|나|다)?길)?"
            rf"(?:\s?{_UNIT}\d+(?:-\d+)?)?(?:[,\s]*(?:지하|반지하)?\s?\d+(?:동|호|층))*"
        ),
        "(주소)",
    ),
    (re.compile(r"[가-힣]+동\s?\d+-\d+(?:번지)?|\d+-\d+\s?번지"), "(주소)"),
    (re.compile(r"\d{1,4}\s?동\s?\d{1,4}\s?호"), "(주소)"),
    (re.compile(r"제?\d{1,3}\s?통(?:\s?\d{1,2}\s?반)?(?![가-힣화장]*화)"), "(통)"),
)


@dataclass(frozen=True)
class Veil:
    """What must not be read about one person; `hide` takes it out of a text."""

    words: tuple[tuple[re.Pattern, str], ...]

    @classmethod
    def over(cls, person: Person) -> Veil:
        """The person, the people of the same household, their numbers and their address."""
        family = []
        if person.household_id:
            family = list(Person.objects.kept().filter(household=person.household_id).exclude(pk=person.pk))
        found: dict[str, str] = {}
        for one, stands_for in [(person, "본인"), *((member, "가족") for member in family)]:
            for name in _names(one.name):
                found.setdefault(name, stands_for)
            for number in filter(None, (one.phone, one.mobile)):
                found.setdefault(number, "(전화)")
            for place in _places(one):
                found.setdefault(place, "(주소)")
        words = tuple((_loosely(text), stands_for) for text, stands_for in sorted(found.items(), key=_longest_first))
        return cls(words)

    def hide(self, text: str) -> str:
        for pattern, stands_for in (*self.words, *_PATTERNS):
            text = pattern.sub(stands_for, text)
        return text


def age_band(birth_on: dt.date, on: dt.date) -> str:
    """An age as a band: 60대 중반; children by the stage of life they are in."""
    age = age_on(birth_on, on)
    for top, words in ((2, "0~2세"), (6, "3~6세"), (12, "7~12세"), (18, "13~18세")):
        if age <= top:
            return words
    if age >= 90:
        return "90세 이상"
    part = "초반" if age % 10 <= 3 else "중반" if age % 10 <= 6 else "후반"
    return f"{age // 10 * 10}대 {part}"


def _names(name: str) -> list[str]:
    """The full name, and the given name where it is long enough to be one."""
    name = name.strip()
    if name.isascii():
        return [name, *(word for word in name.split() if len(word) > 2)]
    letters = name.replace(" ", "")
    given = letters[2:] if len(letters) >= 4 else letters[1:]
    return [letters, given] if len(given) >= 2 else [letters] if len(letters) >= 2 else []


def _places(person: Person) -> list[str]:
    parts = [person.address, *person.address.split(",")]
    if person.household:
        parts += [person.household.address, person.household.address_detail]
    return [part.strip() for part in parts if len(part.strip()) >= 4]


def _loosely(text: str) -> re.Pattern:
    """The text with any spaces, hyphens or dots between its letters."""
    letters = [re.escape(letter) for letter in text if letter not in " -."]
    return re.compile(r"[\s.-]?".join(letters), re.IGNORECASE)


def _longest_first(entry: tuple[str, str]) -> tuple[int, str]:
    return -len(entry[0]), entry[0]
