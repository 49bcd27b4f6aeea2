"""How the reading child and its parent talk: framed text, no object is ever unpickled.

A frame is one letter, the length in four bytes, and the body. `J` is JSON (facts or a refusal),
`R` is rows: rows apart by RS, cells by US, the row number first. A cell that is not text starts
with SOH and a letter for its type.
"""

from __future__ import annotations

import datetime as dt
import functools
import struct
from typing import Any, BinaryIO

HEAD = struct.Struct(">cI")
ROW_END, CELL_END, TYPED = "\x1e", "\x1f", "\x01"
_OWN_SIGNS = str.maketrans({ROW_END: " ", CELL_END: " "})
# What a person cannot see does not make a cell filled.
BLANK = " \t\r\n\x0b\x0c\x85\xa0\u2000\u2001\u2002\u2003\u2007\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff\u3164"
_NOTHING = BLANK + CELL_END
Cell = str | float | bool | dt.date | dt.datetime | dt.time


def send(pipe: BinaryIO, kind: bytes, body: bytes) -> None:
    pipe.write(HEAD.pack(kind, len(body)))
    pipe.write(body)


def receive(pipe: BinaryIO) -> tuple[bytes, bytes] | None:
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    kind, length = HEAD.unpack(head)
    body = pipe.read(length)
    return (kind, body) if len(body) == length else None


def write_row(number: int, cells: list[Any]) -> str | None:
    """The row as text, or None when nobody would see anything in it."""
    line = CELL_END.join([cell if type(cell) is str else _typed(cell) for cell in cells])
    if not line.strip(_NOTHING):
        return None
    if line.count(CELL_END) != len(cells) - 1 or ROW_END in line:
        line = CELL_END.join([cell.translate(_OWN_SIGNS) if type(cell) is str else _typed(cell) for cell in cells])
    return f"{number}{CELL_END}{line}"


@functools.lru_cache(maxsize=8192, typed=True)
def _typed(cell: Any) -> str:
    kind = type(cell)
    if kind is float or kind is int:
        return f"{TYPED}n{cell!r}"
    if kind is dt.date:
        return f"{TYPED}d{cell.isoformat()}"
    if kind is bool:
        return f"{TYPED}b{cell:d}"
    if kind is dt.datetime:
        return f"{TYPED}m{cell.isoformat()}"
    if kind is dt.time:
        return f"{TYPED}t{cell.isoformat()}"
    if kind is dt.timedelta:
        return f"{TYPED}n{cell.total_seconds() / 86400!r}"
    return "" if cell is None else str(cell)


def read_rows(body: bytes) -> list[tuple[int, list[Cell]]]:
    rows = []
    for line in body.decode("utf-8", "surrogatepass").split(ROW_END):
        number, *cells = line.split(CELL_END)
        if TYPED in line:
            cells = [_from_typed(cell) if cell[:1] == TYPED else cell for cell in cells]
        rows.append((int(number), cells))
    return rows


_READERS = {
    "n": float,
    "d": dt.date.fromisoformat,
    "b": lambda text: text == "1",
    "m": dt.datetime.fromisoformat,
    "t": dt.time.fromisoformat,
}


@functools.lru_cache(maxsize=8192)
def _from_typed(cell: str) -> Cell:
    """A text that happens to start with SOH is read as it can be; nobody writes one on purpose."""
    try:
        return _READERS[cell[1:2]](cell[2:])
    except (KeyError, ValueError):
        return cell[1:]
