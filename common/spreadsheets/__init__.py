"""Reads the sheets people send: any Excel or CSV file, in a child process that cannot do harm.

    with reading(path) as book:
        for sheet in book.sheets: ...          # names, merges, the first rows
        for chunk in book.chunks(sheet.index): # [(row number, [cell, ...]), ...]

The content decides what a file is, never its name. Cells keep their own type: `str`, `float`,
`bool`, `date`, `datetime`, `time`; an empty or error cell is `""`. Rows without content are left
out; row numbers are the sheet's own, from 1 (record numbers in a CSV).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .refusals import Unreadable

if TYPE_CHECKING:
    from .book import Book, Limits, Sheet, annotated, reading

__all__ = ["Book", "Limits", "Sheet", "Unreadable", "annotated", "reading"]


def __getattr__(name: str) -> object:
    """The parent's side when it is asked for: the child starts for every file and does without."""
    if name in __all__:
        return getattr(importlib.import_module(".book", __name__), name)
    raise AttributeError(name)
