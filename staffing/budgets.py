"""Budgets as they are read: lines under their category, items with their parts, and sums that are counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from staffing.models import Budget, BudgetLine


@dataclass
class Item:
    """An item of a budget and its parts."""

    line: BudgetLine
    parts: list[BudgetLine] = field(default_factory=list)

    @property
    def amount_kkrw(self) -> Decimal:
        """Its own amount, or what its parts come to."""
        if self.line.amount_kkrw is not None:
            return self.line.amount_kkrw
        return sum((part.amount_kkrw or Decimal(0) for part in self.parts), Decimal(0))


@dataclass
class Category:
    name: str
    items: list[Item]

    @property
    def amount_kkrw(self) -> Decimal:
        return sum((item.amount_kkrw for item in self.items), Decimal(0))

    @property
    def rows(self) -> int:
        return sum(1 + len(item.parts) for item in self.items)


@dataclass
class Table:
    """A budget with its categories in the order of the office."""

    budget: Budget
    categories: list[Category]

    @property
    def amount_kkrw(self) -> Decimal:
        return sum((one.amount_kkrw for one in self.categories), Decimal(0))

    @property
    def lines(self) -> int:
        return sum(one.rows for one in self.categories)


def table(budget: Budget) -> Table:
    """The standing lines of a budget. One query."""
    items: dict[int, Item] = {}
    for line in budget.lines.standing().order_by("order", "pk"):
        if line.part_of_id in items:
            items[line.part_of_id].parts.append(line)
        else:
            items[line.pk] = Item(line)
    grouped = groupby(items.values(), key=lambda item: item.line.category)
    return Table(budget, [Category(name, list(group)) for name, group in grouped])


def item_key(text: str) -> str:
    """What makes two names of an item the same: spaces and signs do not count."""
    return re.sub(r"[^0-9A-Za-z가-힣]", "", text)
