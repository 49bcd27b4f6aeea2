"""Tables written as text: encodings and delimiters found out, and one bad quote repaired."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from .refusals import unreadable

BLOCK = 1 << 20
MAX_CELL = 32_767  # the limit of a sheet's cell
JOINED_LINES = 60  # a cell with more line breaks than this is an unclosed quote
DELIMITERS = ",\t;|"
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
csv.field_size_limit(1 << 24)


def find_encoding(file: io.BufferedIOBase) -> str:
    """utf-8-sig, utf-16*, utf-32, utf-8 or cp949: the one that reads every byte. The file is read once or twice.

    Raises `Unreadable` ENCODING_UNREADABLE with the line no encoding could read: nothing ever
    becomes a question mark.
    """
    file.seek(0)
    head = file.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            if (fault := _first_fault(file, name)) is not None:
                raise _unreadable_at(fault)
            return name
    if b"\0" in head:
        name = _utf16_without_mark(head)
        if name is None or _first_fault(file, name) is not None:
            raise unreadable("CORRUPT_FILE")  # neither text nor a container anybody knows
        return name
    faults = {}
    for name in ("utf-8", "cp949"):
        fault = _first_fault(file, name)
        if fault is None:
            return name
        faults[name] = fault
    raise _unreadable_at(max(faults.values()))


def _utf16_without_mark(head: bytes) -> str | None:
    """Signs and digits leave a zero in every other byte; most of them stand on one side."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(name, "ignore")
    return name if max(even, odd) > 2 * min(even, odd) and "\0" not in text and "\n" in text else None


def _first_fault(file: io.BufferedIOBase, encoding: str) -> int | None:
    """Line number (1-based) of the first byte the encoding cannot read."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    lines = 1
    while True:
        block = file.read(BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as fault:
            return lines + bytes(fault.object[: fault.start]).count(b"\n")
        if not block:
            return None
        lines += text.count("\n")


def _unreadable_at(line: int) -> Exception:
    return unreadable("ENCODING_UNREADABLE", f"{line:,}번째 줄에 깨진 글자가 있습니다.")


def decode(file: io.BufferedIOBase, encoding: str) -> io.TextIOWrapper:
    """The file as text from its beginning; line ends stay as written."""
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def find_delimiter(sample: list[str]) -> str:
    """The sign that cuts most lines into the same, largest number of cells."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(_cells(line, delimiter)) for line in sample)
        widths.pop(1, None)
        if not widths:
            continue
        width, lines = max(widths.items(), key=lambda pair: (pair[1] * min(pair[0], 8), pair[0]))
        score = lines * min(width, 8) / max(1, len(sample))
        if score > best_score * 1.05:
            best, best_score = delimiter, score
    return best


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


class DelimitedRows:
    """Records of a CSV file as (record number from 1, cells); streamed, restartable.

    A record may hold line breaks inside quotes. A quote that never closes properly is taken as a
    plain sign of its own line, so that the lines after it keep their cells.
    """

    def __init__(self, file: io.BufferedIOBase) -> None:
        self.file = file
        self.encoding = find_encoding(file)
        sample = self._sample()
        self.separator_line = bool(sample) and re.fullmatch(r"sep=(.)\s*", sample[0], re.IGNORECASE)
        self.delimiter = self.separator_line[1] if self.separator_line else find_delimiter(sample)
        widths = Counter(len(cells) for line in sample if (cells := self._strict(line)))
        self.width = max(widths.items(), key=lambda pair: (pair[1] * min(pair[0], 30), pair[0]))[0] if widths else 1

    def _sample(self) -> list[str]:
        lines, size = [], 0
        for line in self._lines():
            if line.strip():
                lines.append(line)
                size += len(line)
            if len(lines) >= 200 or size > BLOCK:
                break
        return lines

    def _lines(self) -> Iterator[str]:
        text = decode(self.file, self.encoding)
        try:
            yield from iter(text.readline, "")  # of the text itself it would close the file on an early stop
        finally:
            text.detach()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        lines = _Lookahead(self._lines())
        for number, line in enumerate(lines, 1):
            if '"' in line:
                yield number, self._record_from(line, lines)
            else:
                yield number, line.rstrip("\r\n").split(self.delimiter)

    def _record_from(self, line: str, lines: _Lookahead) -> list[str]:
        joined, taken = line, 0
        while True:
            cells = self._strict(joined)
            if cells is not None:
                if taken == 0 or len(cells) == self.width or len(line.split(self.delimiter)) != self.width:
                    lines.drop(taken)
                    return cells
                break
            following = lines.peek(taken)
            if following is None or taken >= JOINED_LINES or len(joined) > MAX_CELL * 2 or not self._is_open(joined):
                break
            joined += following
            taken += 1
        return self._with_plain_quotes(line)

    def _strict(self, text: str) -> list[str] | None:
        """The one record the text is by the rules of CSV, or None."""
        try:
            records = list(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error:
            return None
        return records[0] if len(records) == 1 else None

    def _is_open(self, text: str) -> bool:
        """Whether the text ends inside a quoted cell that kept to the rules so far."""
        try:
            list(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as fault:
            return "unexpected end" in str(fault)
        return False

    def _with_plain_quotes(self, line: str) -> list[str]:
        """The line alone: quoted cells that are well-formed stay, any other quote is a plain sign."""
        body = line.rstrip("\r\n")
        if not self._is_open(line):
            lenient = _cells(line, self.delimiter)
            if len(lenient) == self.width:
                return lenient
        cells = [_unquoted(cell) for cell in _split_outside_quotes(body, self.delimiter)]
        plain = [_unquoted(cell) for cell in body.split(self.delimiter)]
        return plain if len(plain) == self.width else cells


def _unquoted(cell: str) -> str:
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _split_outside_quotes(body: str, delimiter: str) -> list[str]:
    """Split where a cell in complete quotes hides its delimiters and a lone quote hides nothing."""
    mark = re.escape(delimiter)
    pattern = re.compile(rf'(?:^|(?<={mark}))(?:"(?:[^"]|"")*"(?={mark}|$)|[^{mark}]*)')
    return [found[0] for found in pattern.finditer(body)]


class _Lookahead:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.ahead = lines, []

    def __iter__(self) -> _Lookahead:
        return self

    def __next__(self) -> str:
        return self.ahead.pop(0) if self.ahead else next(self.lines)

    def peek(self, distance: int) -> str | None:
        while len(self.ahead) <= distance:
            line = next(self.lines, None)
            if line is None:
                return None
            self.ahead.append(line)
        return self.ahead[distance]

    def drop(self, count: int) -> None:
        del self.ahead[:count]
