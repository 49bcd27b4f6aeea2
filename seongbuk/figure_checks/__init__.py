"""Checking figure tables: sums inside a table, and numbers that two tables state.

A check compares what is printed with what follows from other printed figures by a rule of the office.
Nothing is corrected; a difference names its rule. The rules are general: they know tables and columns,
never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .tables import Line, Table, Tables

Said = Decimal | str | None


@dataclass(frozen=True)
class Check:
    """One comparison; `printed` of None means that the cell is empty."""

    table: str
    row: str
    column: str
    printed: Said
    computed: Said
    rule: str

    @property
    def holds(self) -> bool:
        return self.printed == self.computed

    def as_json(self) -> dict:
        return {
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "printed": _plain(self.printed),
            "computed": _plain(self.computed),
            "rule": self.rule,
        }


@dataclass(frozen=True)
class Outcome:
    checked: int
    differs: tuple[Check, ...]


Checks = Iterator[Check]
_rules: list[tuple[tuple[str, ...], Callable[..., Checks]]] = []


def rule(*names: str) -> Callable:
    """Register a rule over the named tables; it runs when all of them are there and gets them in order."""

    def register(function: Callable[..., Checks]):
        _rules.append((names, function))
        return function

    return register


def compare(table: Table, line: Line, column: str, computed: Said, said: str) -> Check:
    """The number printed in a cell against a computed one."""
    return Check(table.file, line.label, column, line.number(column), computed, said)


def check(tables: Tables) -> Outcome:
    """Run every rule whose tables are given."""
    from . import pilot, places, staff  # noqa: F401  (they register the rules)

    checks = [
        one for names, function in _rules if all(name in tables for name in names)
        for one in function(*(tables[name] for name in names))
    ]  # fmt: skip
    return Outcome(len(checks), tuple(one for one in checks if not one.holds))


def _plain(value: Said) -> int | float | str | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


__all__ = ["Check", "Checks", "Iterable", "Outcome", "Tables", "check", "compare", "rule"]
