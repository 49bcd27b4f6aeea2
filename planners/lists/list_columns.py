"""Finds a list in a workbook: the sheet, its header rows, and what each column means to us.

The header is the row, or the two or three rows together, among the first filled ones that name the
most of our fields. The leading field (a name, mostly) and one more fact must be among them. Hidden
sheets are never chosen; the visible sheet whose header names most wins, then the one with more rows,
then the first. Sheets that call themselves an example or a form lose against any other. What the
headings may be called is the `Vocabulary` of a kind of list.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from common.hangul import clean, compact
from common.refusals import Refusal
from common.spreadsheets import Sheet

HEADER_SEARCH_ROWS = 40
#: columns that a list usually has and a record does not keep
IGNORED = {"serial": "연번", "other": "가져오지 않음"}
#: in whatever list they stand, registration numbers are read as such and never kept
RRN_LABELS = {
    "rrn": "주민등록번호",
    "rrn_front": "주민등록번호 앞자리",
    "rrn_back": "주민등록번호 뒷자리",
}
RRN_FIELDS = set(RRN_LABELS)
RRN_ALIASES = {
    "rrn": "주민등록번호 주민번호 주민등록no 주민no 주민등록 주민등록번호13자리 주민번호13자리 외국인등록번호 주민외국인등록번호 실명번호 고유식별번호 "
    "주민등록번호외국인등록번호 주민등록번호외국인번호 주민등록증번호 민번 주민 rrn ssn",
    "rrn_front": "주민등록번호앞 주민등록번호앞자리 주민번호앞 주민번호앞자리 주민등록번호앞6자리 주민앞자리 주민등록앞자리 앞자리",
    "rrn_back": "주민등록번호뒤 주민등록번호뒷자리 주민번호뒤 주민번호뒷자리 주민등록번호뒤7자리 주민뒷자리 주민등록뒷자리 뒷자리",
}
SERIAL = "연번 순번 번호 일련번호 순 no 순서 관리번호 구분번호 seq"
#: words that make a heading somebody else's in a list of people
SOMEBODY_ELSE = re.compile(
    r"보호자|세대주(?!와|관계|의?관계)|배우자|자녀|부모|가족|신청인|신청자|대리인|담당|통장|반장|작성자|조사자|확인자|방문자|플래너|간호사|복지사|"
    r"기관|시설|단체|사업|대표|긴급|비상|후견|추천|예금주|계좌|은행|관리자|접수|이전|변경전|종전|전출지|전입지"
)
_NOTE_IN_BRACKETS = re.compile(r"[(\[{<（【〔].*?[)\]}>）】〕]")
_DATA_LIKE = re.compile(r"\d{5,}|\d{2,4}[.\-/]\s?\d{1,2}[.\-/]\s?\d{1,2}|01\d[-. ]?\d{3,4}|^\d+$")
_NO_GROUP = re.compile(r"기준|현재|단위|작성|출력|담당|일자|\d{4}\s*[.년-]|총\s*\d|명부|현황|목록|대장|내역|명단")
_EXAMPLE_SHEET = re.compile(
    r"예시|샘플|견본|양식|서식|작성\s*(요령|방법|안내|예)|표지|안내|코드|참고|설명|sample|example|cover|template",
    re.IGNORECASE,
)
_RRN_LIKE = re.compile(r"\d{6}[-–—‐ ]?[1-8][\d*xX●○]{6}")


class HeaderNotFound(Refusal):
    code = "HEADER_NOT_FOUND"


@dataclass(frozen=True)
class Column:
    """One column of the sheet. `how` tells the clerk why we think so: same, alias, joined, values, chosen."""

    index: int
    header: str
    field: str = ""
    how: str = ""

    @property
    def letter(self) -> str:
        letters, rest = "", self.index + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return letters


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What the headings of one kind of list may be called, and which of them a list cannot do without.

    `fields` maps our field names to Korean labels, `aliases` to the folded headings that mean them
    (words separated by spaces). `lead` is the field that names a record, `identity` fields tell that a
    row is one, `place` fields alone do not make a row a record, `evidence` fields do (all others, if not said). `needs` are (fields, sentence): one of the
    fields must be there. `own` are fields that hardly another kind of list has: they tell kinds apart.
    """

    fields: Mapping[str, str]
    aliases: Mapping[str, str]
    not_found: str
    needs: tuple[tuple[frozenset[str], str], ...] = ()
    lead: str = "name"
    identity: tuple[str, ...] = ()
    place: frozenset[str] = frozenset()
    evidence: frozenset[str] = frozenset()
    repeatable: frozenset[str] = frozenset()
    trimmed: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    titles: re.Pattern | None = None
    subject: re.Pattern | None = None
    somebody_else: re.Pattern | None = None

    @functools.cached_property
    def known(self) -> dict[str, str]:
        """Field -> label, with the registration numbers that every list may carry and none keeps."""
        return {**self.fields, **{name: label for name, label in RRN_LABELS.items() if name not in self.fields}}

    @functools.cached_property
    def labels(self) -> dict[str, str]:
        return self.known | IGNORED

    @functools.cached_property
    def field_of(self) -> dict[str, str]:
        every = {"serial": SERIAL} | RRN_ALIASES | dict(self.aliases)
        found = {alias: name for name, words in every.items() for alias in words.split()}
        return found | {_folded(label): name for name, label in self.fields.items()}

    def meaning_of(self, parts: list[str]) -> tuple[str, str]:
        """(field, how) of the labels that stand above one column, from top to bottom."""
        if not parts:
            return "", ""
        if len(parts) == 1:
            return self.meaning(parts[0])
        joined = "".join(parts)
        name, _ = self.meaning(joined)
        if name:
            return name, "joined"
        if self.somebody_else and any(self.somebody_else.search(compact(part)) for part in parts[:-1]):
            return "other", "alias"
        for part in reversed(parts):
            name, how = self.meaning(part)
            if name:
                return name, how
        return "", ""

    def meaning(self, label: str) -> tuple[str, str]:
        """(field, how) of one heading; empty when it says nothing to us."""
        if not label or len(label) > 40:
            return "", ""
        bare = _NOTE_IN_BRACKETS.sub("", label)
        for text in (label, bare):
            word = _folded(text)
            name = self.field_of.get(word)
            if name:
                return name, "same" if word == _folded(self.labels[name]) else "alias"
        word = _folded(bare)
        if self.somebody_else and self.somebody_else.search(word):
            return ("other", "alias") if self.field_of.get(self.somebody_else.sub("", word)) else ("", "")
        shorter = self.subject.sub("", word) if self.subject else word
        if shorter != word and self.field_of.get(shorter):
            return self.field_of[shorter], "alias"
        trimmed = re.sub(r"(필수|선택|입력|기재|작성|\d)+$", "", word)
        if trimmed != word and self.field_of.get(trimmed) in self.trimmed:
            return self.field_of[trimmed], "alias"
        return "", ""


def _folded(text: str) -> str:
    return re.sub(r"[^0-9a-z가-힣#]", "", compact(text).lower())


@dataclass(frozen=True)
class Layout:
    """Where the list stands and what its columns are."""

    sheet: int
    sheet_name: str
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    ragged_is_wrong: bool = False  # in a CSV a cell too many means that the others slipped
    merges: tuple[tuple[int, int, int, int], ...] = ()
    titles: tuple[str, ...] = ()
    other_sheets: tuple[tuple[int, str], ...] = ()  # (index, name) of sheets that hold a list too
    is_1904: bool = False
    mapping_is_remembered: bool = field(default=False, compare=False)
    vocabulary: Vocabulary | None = field(default=None, compare=False, repr=False)

    @property
    def fingerprint(self) -> str:
        """The same for files with the same headings in the same order."""
        words = "\x1f".join(compact(column.header).lower() for column in self.columns)
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def indexes(self) -> dict[str, list[int]]:
        """Field -> column indexes, in the order of the sheet."""
        found: dict[str, list[int]] = {}
        for column in self.columns:
            if column.field:
                found.setdefault(column.field, []).append(column.index)
        return found

    @property
    def mapping(self) -> dict[str, str]:
        """Heading in the file -> our field, for columns we understood."""
        return {column.header: column.field for column in self.columns if column.field in self.vocabulary.known}

    @property
    def dropped(self) -> list[str]:
        """Headings whose cells are not kept: resident registration numbers and what we have no field for."""
        kept = set(self.vocabulary.known) - RRN_FIELDS
        return [column.header for column in self.columns if column.header and column.field not in kept]

    def remapped(self, chosen: Mapping[int, str], *, how: str = "chosen") -> Layout:
        """With the clerk's own choice (column index -> field, empty for none). Raises `HeaderNotFound`."""
        columns = tuple(
            replace(column, field=chosen[column.index], how=how)
            if column.index in chosen and chosen[column.index] != column.field
            else column
            for column in self.columns
        )
        layout = replace(self, columns=columns, mapping_is_remembered=how == "remembered")
        refuse_unusable(layout)
        return layout


def refuse_unusable(layout: Layout) -> None:
    """What the kind of list cannot do without must be there; one field is fed by one column, phones by several."""
    found, vocabulary = layout.indexes, layout.vocabulary
    for wanted, sentence in vocabulary.needs:
        if not wanted & set(found):
            raise HeaderNotFound(sentence)
    for name, indexes in found.items():
        if len(indexes) > 1 and name in vocabulary.known and name not in vocabulary.repeatable:
            raise HeaderNotFound(
                f"‘{vocabulary.labels[name]}’ 항목에 열이 두 개 연결되어 있습니다. 하나만 골라 주세요."
            )


def recognise(
    sheets: list[Sheet],
    vocabulary: Vocabulary,
    *,
    kind: str,
    is_1904: bool = False,
    remembered: Callable[[str], Mapping[int, str] | None] = lambda fingerprint: None,
    sheet: int | None = None,
) -> Layout:
    """The layout of the best sheet, or of the one chosen. Raises `HeaderNotFound`."""
    found = []
    for candidate in sheets:
        if candidate.hidden:
            continue
        layout = _layout_of(candidate, vocabulary, kind=kind, is_1904=is_1904)
        if layout:
            fields = {column.field for column in layout.columns} & set(vocabulary.known)
            is_example = bool(_EXAMPLE_SHEET.search(candidate.name))
            found.append(((-is_example, len(fields), _data_rows(candidate, layout), -candidate.index), layout))
    if not found:
        raise HeaderNotFound(vocabulary.not_found)
    found.sort(key=lambda pair: pair[0], reverse=True)
    layout = next((one for _, one in found if one.sheet == sheet), found[0][1])
    others = tuple((other.sheet, other.sheet_name) for _, other in found if other is not layout)
    layout = replace(layout, other_sheets=others)
    chosen = remembered(layout.fingerprint)
    if chosen:
        layout = replace(layout.remapped(chosen, how="remembered"), mapping_is_remembered=True)
    refuse_unusable(layout)
    return layout


def _data_rows(sheet: Sheet, layout: Layout) -> int:
    return max(
        sheet.last_row - layout.header_rows[-1], sum(number > layout.header_rows[-1] for number, _ in sheet.head)
    )


def _layout_of(sheet: Sheet, v: Vocabulary, *, kind: str, is_1904: bool) -> Layout | None:
    rows = [(number, [_label(cell) for cell in cells]) for number, cells in sheet.head]
    typed = {number: [type(cell) is not str for cell in cells] for number, cells in sheet.head}
    best: tuple[float, list[tuple[int, list[str]]]] | None = None
    for at in range(min(len(rows), HEADER_SEARCH_ROWS)):
        for depth in (1, 2, 3):
            block = rows[at : at + depth]
            if (
                len(block) < depth
                or block[-1][0] - block[0][0] != depth - 1
                or any(_is_data(r, typed[n], v) for n, r in block)
            ):
                break
            columns = _columns(block, sheet, v)
            fields = {column.field for column in columns if column.field in v.known}
            if v.lead not in fields or len(fields) < 2:
                continue
            score = len(fields) + 0.2 * sum(c.field in IGNORED for c in columns) - 0.6 * (depth - 1)
            score += 2 * (_closes(block, sheet, v) and depth > 1)
            if best is None or score > best[0] + 0.05:
                best = (score, block)
    if best is None:
        return None
    block = _with_groups_above(best[1], rows, typed, sheet, v)
    columns = _with_numbers_by_value(_columns(block, sheet, v), sheet, block[-1][0], v)
    return Layout(
        sheet=sheet.index,
        sheet_name=sheet.name,
        header_rows=tuple(number for number, _ in block),
        columns=tuple(columns),
        ragged_is_wrong=kind in ("csv", "html"),
        merges=tuple(sheet.merges),
        titles=tuple(" ".join(filter(None, cells)) for number, cells in rows if number < block[0][0]),
        is_1904=is_1904,
        vocabulary=v,
    )


def _label(cell: object) -> str:
    if type(cell) is str:
        return clean(cell)
    return f"{cell:g}" if type(cell) is float else str(cell)


def _is_data(labels: list[str], typed: list[bool], v: Vocabulary) -> bool:
    """Whether the row holds facts rather than headings."""
    filled = [(label, is_typed) for label, is_typed in zip(labels, typed, strict=True) if label]
    if sum(bool(v.meaning(label)[0]) for label, _ in filled) >= 3:
        return False
    return any(
        _DATA_LIKE.search(_NOTE_IN_BRACKETS.sub("", label)) or is_typed for label, is_typed in filled
    ) and not all(is_typed or label.isdecimal() for label, is_typed in filled)


def _closes(block: list[tuple[int, list[str]]], sheet: Sheet, v: Vocabulary) -> bool:
    """Whether merged cells tie the rows of the block together, or the lower row only names parts."""
    first, last = block[0][0] - 1, block[-1][0] - 1
    if any(r1 == first and r2 == last and r2 > r1 for r1, _, r2, _ in sheet.merges):
        return True
    lower = block[-1][1]
    heads = [n for n, label in enumerate(block[0][1]) if v.meaning(label)[0] in (v.lead, "birth_date", "rrn")]
    named = [label for label in lower if label]
    return (
        bool(heads)
        and bool(named)
        and all(n >= len(lower) or not lower[n] for n in heads)
        and all(len(label) <= 12 and not any(c.isdecimal() for c in label) for label in named)
        and any(v.meaning(label)[0] for label in named)
    )


def _with_groups_above(block, rows, typed, sheet: Sheet, v: Vocabulary):
    """Take the row above in when it only names groups of columns (인적사항, 연락처, 보호자)."""
    at = next(n for n, row in enumerate(rows) if row[0] == block[0][0])
    if at == 0 or rows[at - 1][0] != block[0][0] - 1 or len(block) == 3:
        return block
    number, labels = rows[at - 1]
    filled = [label for label in labels if label]
    wide = [merge for merge in sheet.merges if merge[0] == number - 1 and merge[3] > merge[1]]
    width = max(len(cells) for _, cells in block)
    whole = any(merge[3] - merge[1] + 1 >= max(3, width * 0.8) for merge in wide)
    groups = (len(filled) >= 2 or wide) and not whole
    if not groups or any(_NO_GROUP.search(label) for label in filled) or _is_data(labels, typed[number], v):
        return block
    higher = [rows[at - 1], *block]
    before = {c.field for c in _columns(block, sheet, v)}
    after = {c.field for c in _columns(higher, sheet, v)}
    return higher if v.lead in after and len(after) >= len(before) - 2 else block


def _columns(block: list[tuple[int, list[str]]], sheet: Sheet, v: Vocabulary) -> list[Column]:
    """The meaning of each column under the labels of one to three header rows."""
    width = max(len(cells) for _, cells in block)
    levels = [
        _spread(number, cells + [""] * (width - len(cells)), sheet, lower=n > 0, below=block[n + 1 :])
        for n, (number, cells) in enumerate(block)
    ]
    columns, taken = [], set()
    for index in range(width):
        parts = list(dict.fromkeys(level[index] for level in levels if level[index]))
        header = " ".join(parts)
        name, how = v.meaning_of(parts)
        columns.append(Column(index, header, name, how))
    halves = _number_halves(block, sheet, v)
    columns = [replace(c, field=halves[c.index], how="joined") if c.index in halves else c for c in columns]
    # The same field twice: a visible column before a hidden one, a plain heading before a joined one.
    order = sorted(
        columns,
        key=lambda c: (
            c.index in sheet.hidden_columns,
            c.how not in ("same", "alias"),
            "법정" in c.header,
            "지번" in c.header,
            c.index,
        ),
    )
    kept = {}
    for column in order:
        if column.field in v.known and column.field not in v.repeatable:
            if column.field in taken:
                kept[column.index] = replace(column, field="other", how="again")
                continue
            taken.add(column.field)
        kept[column.index] = column
    columns = [kept[index] for index in range(width)]
    while columns and not columns[-1].header:
        columns.pop()
    return columns


def _spread(number: int, cells: list[str], sheet: Sheet, *, lower: bool, below) -> list[str]:
    """Group labels carried over the columns they stand above."""
    cells = list(cells)
    merged = {column for r1, c1, r2, c2 in sheet.merges if r1 <= number - 1 <= r2 for column in range(c1, c2 + 1)}
    for r1, c1, r2, c2 in sheet.merges:
        if r1 <= number - 1 <= r2:
            label = cells[c1] if c1 < len(cells) and r1 == number - 1 else ""
            for column in range(c1, min(c2 + 1, len(cells))):
                cells[column] = cells[column] or label
    if below and not sheet.merges:  # no merges known: a blank beside a label, with a part below, belongs to the label
        under = below[0][1]
        for column in range(1, len(cells)):
            if (
                not cells[column]
                and column not in merged
                and column < len(under)
                and under[column]
                and under[column - 1]
            ):
                cells[column] = cells[column - 1]
    return cells


def _number_halves(block: list[tuple[int, list[str]]], sheet: Sheet, v: Vocabulary) -> dict[int, str]:
    """A number heading merged over two columns without parts below means front and back."""
    halves = {}
    for r1, c1, r2, c2 in sheet.merges:
        if c2 == c1 + 1 and block[0][0] - 1 <= r1 and r2 == block[-1][0] - 1:
            cells = dict(block).get(r1 + 1, [])
            if c1 < len(cells) and v.meaning(cells[c1])[0] == "rrn":
                halves |= {c1: "rrn_front", c2: "rrn_back"}
    return halves


def _with_numbers_by_value(columns: list[Column], sheet: Sheet, last_header: int, v: Vocabulary) -> list[Column]:
    """A column whose cells are resident registration numbers is one, whatever its heading says."""
    if any(column.field in RRN_FIELDS for column in columns):
        return columns
    samples = [cells for number, cells in sheet.head if number > last_header]
    for at, column in enumerate(columns):
        if column.field in v.known and column.field != "phone":
            continue
        values = [
            _label(cells[column.index]) for cells in samples if column.index < len(cells) and cells[column.index] != ""
        ]
        if len(values) >= 2 and sum(bool(_RRN_LIKE.fullmatch(value)) for value in values) > len(values) * 0.6:
            columns = list(columns)
            columns[at] = replace(column, field="rrn", how="values")
            break
    return columns
