"""Instruments of screening: questions, scores, bands and rules, read from versioned files.

`fixtures/instruments/README.md` has the shape. A file with a fault is left out and named, never half used.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from planners.questions import Answer, Condition, Question

logger = logging.getLogger(__name__)

CLASSES = {"normal": "정상", "watch": "주의", "danger": "위험"}
TONES = {"normal": "ok", "watch": "warn", "danger": "bad", "": "plain"}
RANK = list(CLASSES)


class FaultyInstrument(Exception):
    """A file that cannot be used, and why."""


@dataclass(frozen=True)
class Item:
    """A question of an instrument with what its answers count."""

    question: Question
    scores: dict[str, int] = field(default_factory=dict)
    alarm_on: tuple[str, ...] = ()
    must_be_below: str = ""

    @property
    def key(self) -> str:
        return self.question.key


@dataclass(frozen=True)
class Band:
    key: str
    name: str
    level: str  # normal, watch or danger: the class
    low: int | None = None
    high: int | None = None
    advice: str = ""
    recheck_days: int | None = None
    refer: tuple[str, ...] = ()

    @property
    def tone(self) -> str:
        return TONES[self.level]

    @property
    def name_and_range(self) -> str:
        return self.name if self.low is None else f"{self.name} {self.low}~{self.high}"


@dataclass(frozen=True)
class Rule:
    when: tuple[Condition, ...]
    band: str
    advice: str = ""
    recheck_days: int | None = None
    refer: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grade:
    """What a set of answers comes to so far. `low` and `high`: the scores still possible."""

    answered: int
    asked: int
    is_complete: bool
    band: Band | None = None
    score: int | None = None
    low: int | None = None
    high: int | None = None
    is_alarm: bool = False
    advice: tuple[str, ...] = ()
    refer: tuple[str, ...] = ()
    recheck_days: int | None = None

    @property
    def left(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class Instrument:
    key: str
    version: str
    purpose: str
    kind: str
    title: str
    short_title: str
    valid_from: dt.date
    source: str
    notice: str
    intro: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    rules: tuple[Rule, ...] = ()
    unrated_if: tuple[Condition, ...] = ()
    written: dict = field(default_factory=dict, compare=False)

    @property
    def has_score(self) -> bool:
        return self.kind == "sum"

    @property
    def top(self) -> int | None:
        return self.bands[-1].high

    def band(self, key: str) -> Band | None:
        return next((band for band in self.bands if band.key == key), None)

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.key == key), None)

    def asked(self, answers: dict[str, Answer]) -> list[Item]:
        """The items to be asked, given what was answered; an item behind an unasked one is not asked."""
        shown: dict[str, Answer] = {}
        items = []
        for item in self.items:
            if item.question.is_asked(shown):
                items.append(item)
                shown[item.key] = answers.get(item.key)
        return items

    def grade(self, answers: dict[str, Answer]) -> Grade:
        """Score, band, advice and alarm of the answers given so far."""
        asked = self.asked(answers)
        given = {item.key: answers[item.key] for item in asked if answers.get(item.key) is not None}
        waiting = [item for item in asked if item.key not in given and item.question.required]
        counts = Grade(
            answered=len(given),
            asked=len(given) + len(waiting),
            is_complete=bool(given) and not waiting,
            is_alarm=any(given.get(item.key) in item.alarm_on for item in asked),
        )
        if not given:
            return counts
        return self._by_sum(counts, asked, given) if self.has_score else self._by_rules(counts, given)

    def for_script(self) -> dict:
        """What the page needs to grade while there is no connection."""
        keys = ("purpose", "kind", "items", "bands", "rules", "unrated_if")
        return {key: self.written[key] for key in keys if key in self.written}

    # ------------------------------------------------------------------ private

    def _by_sum(self, counts: Grade, asked: list[Item], given: dict[str, Answer]) -> Grade:
        score = sum(item.scores.get(given[item.key], 0) for item in asked if item.key in given)
        open_scores = [item.scores.values() for item in asked if item.key not in given]
        band = next((b for b in self.bands if b.low <= score <= b.high), None)
        return Grade(
            **_counts(counts),
            band=band,
            score=score,
            low=score + sum(min(values, default=0) for values in open_scores),
            high=score + sum(max(values, default=0) for values in open_scores),
            advice=(band.advice,) if band and band.advice else (),
            refer=band.refer if band else (),
            recheck_days=band.recheck_days if band else None,
        )

    def _by_rules(self, counts: Grade, given: dict[str, Answer]) -> Grade:
        if any(condition.holds(given) for condition in self.unrated_if):
            return counts
        found = [rule for rule in self.rules if all(condition.holds(given) for condition in rule.when)]
        bands = [self.band(rule.band) for rule in found]
        band = max(bands, key=lambda b: RANK.index(b.level), default=self.bands[0] if counts.is_complete else None)
        days = [rule.recheck_days for rule in found if rule.recheck_days is not None]
        return Grade(
            **_counts(counts),
            band=band,
            advice=tuple(dict.fromkeys(rule.advice for rule in found if rule.advice)),
            refer=tuple(dict.fromkeys(key for rule in found for key in rule.refer)),
            recheck_days=min(days, default=None),
        )


# ------------------------------------------------------------------ files at hand


def at_hand() -> dict[tuple[str, str], Instrument]:
    """All usable instruments by key and version; later folders of the setting come last."""
    return _load(tuple(str(folder) for folder in settings.INSTRUMENT_DIRS))[0]


def faults() -> list[str]:
    """Files that were left out, each with its fault."""
    return _load(tuple(str(folder) for folder in settings.INSTRUMENT_DIRS))[1]


def current(purpose: str, on: dt.date) -> Instrument | None:
    """The newest instrument for a purpose that is valid on a day."""
    fitting = [i for i in at_hand().values() if i.purpose == purpose and i.valid_from <= on]
    return max(fitting, key=lambda i: i.valid_from, default=None)


def read(written: dict) -> Instrument:
    """An instrument from the content of its file. Raises `FaultyInstrument`."""
    try:
        found = Instrument(
            key=written["key"],
            version=written["version"],
            purpose=written["purpose"],
            kind=written["kind"],
            title=written["title"],
            short_title=written["short_title"],
            valid_from=dt.date.fromisoformat(written["valid_from"]),
            source=written["source"],
            notice=written.get("notice", ""),
            intro=written.get("intro", ""),
            items=tuple(_item(row) for row in written["items"]),
            bands=tuple(_band(row) for row in written["bands"]),
            rules=tuple(_rule(row) for row in written.get("rules", ())),
            unrated_if=tuple(Condition.of(row) for row in written.get("unrated_if", ())),
            written=written,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise FaultyInstrument(f"{type(fault).__name__}: {fault}") from fault
    _check(found)
    return found


# ------------------------------------------------------------------ private


def _counts(grade: Grade) -> dict:
    return {
        "answered": grade.answered,
        "asked": grade.asked,
        "is_complete": grade.is_complete,
        "is_alarm": grade.is_alarm,
    }


@functools.lru_cache(maxsize=4)
def _load(folders: tuple[str, ...]) -> tuple[dict[tuple[str, str], Instrument], list[str]]:
    found: dict[tuple[str, str], Instrument] = {}
    wrong: list[str] = []
    for folder in folders:
        for path in sorted(Path(folder).glob("*.json")):
            try:
                instrument = read(json.loads(path.read_text("utf-8")))
            except (FaultyInstrument, json.JSONDecodeError, UnicodeDecodeError, OSError) as fault:
                wrong.append(f"{path.name}: {fault}")
                logger.error("instrument %s is left out: %s", path.name, fault)
            else:
                found[instrument.key, instrument.version] = instrument
    return found, wrong


def _item(row: dict) -> Item:
    question = Question(
        key=row["key"],
        text=row["text"],
        kind=row["kind"],
        options=tuple((key, name) for key, name in row.get("options", ())),
        required=row.get("required", True),
        hint=row.get("hint", ""),
        unit=row.get("unit", ""),
        low=row.get("low"),
        high=row.get("high"),
        decimals=row.get("decimals", 0),
        alone=row.get("alone", ""),
        ask_if=Condition.of(row["ask_if"]) if "ask_if" in row else None,
    )
    return Item(question, row.get("scores", {}), tuple(row.get("alarm_on", ())), row.get("must_be_below", ""))


def _band(row: dict) -> Band:
    return Band(
        key=row["key"],
        name=row["name"],
        level=row["class"],
        low=row.get("low"),
        high=row.get("high"),
        advice=row.get("advice", ""),
        recheck_days=row.get("recheck_days"),
        refer=tuple(row.get("refer", ())),
    )


def _rule(row: dict) -> Rule:
    return Rule(
        when=tuple(Condition.of(condition) for condition in row["when"]),
        band=row["band"],
        advice=row.get("advice", ""),
        recheck_days=row.get("recheck_days"),
        refer=tuple(row.get("refer", ())),
    )


def _check(found: Instrument) -> None:
    """Faults that would only show at somebody's door."""
    keys = [item.key for item in found.items]
    if not keys or len(keys) != len(set(keys)):
        raise FaultyInstrument("questions are missing or named twice")
    if found.kind not in {"sum", "rules"} or not found.bands:
        raise FaultyInstrument("kind is `sum` or `rules`, and there is at least one band")
    if any(band.level not in CLASSES for band in found.bands):
        raise FaultyInstrument(f"a band's class is one of {', '.join(CLASSES)}")
    named = {c.item for rule in found.rules for c in rule.when} | {c.item for c in found.unrated_if}
    named |= {item.question.ask_if.item for item in found.items if item.question.ask_if}
    named |= {item.must_be_below for item in found.items if item.must_be_below}
    if unknown := named - set(keys):
        raise FaultyInstrument(f"conditions name unknown questions: {', '.join(sorted(unknown))}")
    if found.kind == "rules":
        if unknown := {rule.band for rule in found.rules} - {band.key for band in found.bands}:
            raise FaultyInstrument(f"rules name unknown bands: {', '.join(sorted(unknown))}")
        return
    for item in found.items:
        if set(item.scores) != {key for key, _ in item.question.options}:
            raise FaultyInstrument(f"{item.key} does not score each of its answers")
    lowest = sum(min(item.scores.values()) for item in found.items)
    highest = sum(max(item.scores.values()) for item in found.items)
    edges = [(band.low, band.high) for band in found.bands]
    joined = all(after[0] == before[1] + 1 for before, after in itertools.pairwise(edges))
    if not joined or edges[0][0] != lowest or edges[-1][1] != highest:
        raise FaultyInstrument(f"the bands do not cover the scores {lowest} to {highest} without gaps")
