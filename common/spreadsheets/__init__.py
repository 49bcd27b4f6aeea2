"""Reads the sheets people send: any Excel or CSV file, in a child process that cannot do harm.

    with reading(path) as book:
        for sheet in book.sheets: ...          # names, merges, the first rows
        for chunk in book.chunks(sheet.index): # [(row number, [cell, ...]), ...]

The content decides what a file is, never its name. Cells keep their own type: `str`, `float`,
`bool`, `date`, `datetime`, `time`; an empty or error cell is `""`. Rows without content are left
out; row numbers are the sheet's own, from 1 (record numbers in a CSV).
"""

from .book import Book, Limits, Sheet, annotated, reading
from .refusals import Unreadable

__all__ = ["Book", "Limits", "Sheet", "Unreadable", "annotated", "reading"]
