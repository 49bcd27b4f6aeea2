"""One row of a resident list into one resident: the same rules for preview, apply and error report.

Choices where the rules leave one, made as a careful clerk would:

- A resident registration number (RRN) is used in memory for the century, birth date, sex and for
  finding the same person twice within the file, through a key that is never stored; then it is gone.
  Open digits of a masked number tell birth and sex, but identify nobody.
- Error cells (#REF!, #N/A) and words for nothing are empty. An empty cell never erases what the
  register knows.
- A birth cell that cannot be read rejects the row even if the number would tell: the file
  contradicts itself, and its owner should mend it.
- Phones go where they belong, mobiles to `mobile`, the rest to `phone`, whatever the heading says.
- Without a dong column the dong comes from the sheet's title or name, then from the address, then
  from the uploader's own dong. With a dong column an empty cell is an omission.
- An RRN written into an address or another text is masked before it is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import unicodedata
from typing import Any, NamedTuple

from common.hangul import compact
from planners.dong_names import DongNames
from planners.lists.list_columns import Layout
from planners.lists.list_issues import REJECT, WARN, Issue
from planners.lists.resident_cells import (
    NO_NUMBER,
    ReadNumber,
    read_date,
    read_name,
    read_number,
    read_sex,
    read_tong_ban,
    read_unit,
    text_of,
)
from planners.lists.resident_phones import read_phones

ADDRESS_LONGEST, DETAIL_LONGEST, TEXT_LONGEST = 200, 45, 60
_RRN_IN_TEXT = re.compile(r"(?<!\d)(\d{6})[-–— ]?([1-8])\d{6}(?!\d)")
_ADDRESS_PREFIX = re.compile(r"(?:서울특별시|서울시|서울)?(?:성북구)?")
_IN_BRACKETS = re.compile(r"\(.*?\)")
_SIGNS = " ,.-\t\n\r"


class Resident(NamedTuple):
    """A row read. Text is NFC with single spaces; empty text and None mean the file does not say."""

    row: int
    name: str = ""
    birth_on: dt.date | None = None
    sex: str = ""
    dong: str = ""
    tong: int | None = None
    ban: int | None = None
    address: str = ""
    address_main: str = ""
    address_detail: str = ""
    phone: str = ""
    mobile: str = ""
    relation: str = ""
    benefit: str = ""
    is_foreigner: bool = False
    issues: tuple[Issue, ...] = ()
    number_key: int | None = None  # of the RRN, dies with the import
    person_key: int = 0  # of name, birth and address, the same only within the process that read the file
    facts: bytes = b""  # digest of everything the register would keep: the same means nothing to change

    @property
    def is_rejected(self) -> bool:
        return any(issue.level == REJECT for issue in self.issues)

    @property
    def warnings(self) -> list[str]:
        return [issue.code for issue in self.issues if issue.level == WARN]

    def normalised(self) -> dict[str, Any]:
        """The values as they would be stored, for `--detail` and the preview."""
        return {
            "name": self.name,
            "birth_date": self.birth_on.isoformat() if self.birth_on else None,
            "sex": self.sex,
            "dong": self.dong,
            "tong": self.tong,
            "ban": self.ban,
            "address": self.address,
            "phone": self.phone,
            "mobile": self.mobile,
            "relation": self.relation,
            "benefit": self.benefit,
        }


def address_key(address: str) -> str:
    """Two ways of writing one address compare equal: no city, district, bracketed legal dong, spaces or signs."""
    if "(" in address:
        address = _IN_BRACKETS.sub("", address)
    if not address.isprintable() or not unicodedata.is_normalized("NFKC", address):
        address = compact(address)
    for sign in _SIGNS:
        address = address.replace(sign, "")
    address = address.lower()
    return address[_ADDRESS_PREFIX.match(address).end() :]


def scrubbed(text: str) -> str:
    """The text with any resident registration number masked."""
    return _RRN_IN_TEXT.sub(r"\1-\2******", text)


class _Home(NamedTuple):
    address: str
    main: str
    detail: str
    key: str
    issues: tuple[Issue, ...]


class Reader:
    """Reads rows of one file under its layout. Reusable for every row, not for another file."""

    def __init__(
        self, layout: Layout, dongs: DongNames, *, on: dt.date, own_dong: str = "", needs_dong: bool = True
    ) -> None:
        self.layout, self.dongs, self.on, self.needs_dong = layout, dongs, on, needs_dong
        self.indexes = layout.indexes
        self.width = len(layout.columns)
        self.this_year = on.year % 100
        self.fallback_dong = "" if "dong" in self.indexes else (self._titled_dong() or own_dong)
        self.trust_address = "dong" not in self.indexes and not self._titled_dong()
        single = {name: found[0] for name, found in self.indexes.items()}
        self.name_at, self.birth_at, self.sex_at = single.get("name"), single.get("birth_date"), single.get("sex")
        self.rrn_at, self.dong_at, self.address_at = single.get("rrn"), single.get("dong"), single.get("address")
        self.detail_at, self.relation_at, self.benefit_at = (
            single.get(n) for n in ("address_detail", "relation", "benefit")
        )
        self.tong_at, self.ban_at, self.tong_ban_at = (single.get(n) for n in ("tong", "ban", "tong_ban"))
        mobiles = self.indexes.get("mobile", [])
        self.phones_at = [
            (at, "mobile" if at in mobiles else "phone") for at in sorted(mobiles + self.indexes.get("phone", []))
        ]
        self.parts_at = [single.get(n) for n in ("birth_year", "birth_month", "birth_day")]
        self.halves_at = [single.get(n) for n in ("rrn_front", "rrn_back")]
        self.has_number = self.rrn_at is not None or self.halves_at[0] is not None
        self._keyed = hashlib.sha256(secrets.token_bytes(64))  # digests under it are compared within this file only
        self._dates: dict[Any, Any] = {}
        self._home: tuple[Any, Any, _Home] | None = None
        self._words: dict[tuple[str, str], tuple[str, list[Issue]]] = {}

    def _titled_dong(self) -> str:
        for title in (*self.layout.titles, self.layout.sheet_name):
            if name := self.dongs.in_text(title):
                return name
        return ""

    def read(self, row: int, cells: list[Any]) -> Resident:
        """The resident of a data row; everything found wrong is in `issues`."""
        issues: list[Issue] = []
        if (
            self.layout.ragged_is_wrong
            and len(cells) > self.width
            and any(text_of(cell) for cell in cells[self.width :])
        ):
            issues.append(Issue("EXTRA_CELLS"))
        if len(cells) < self.width:
            cells = cells + [""] * (self.width - len(cells))
        name = read_name(cells[self.name_at])
        if name.code:
            issues.append(Issue(name.code, "name"))
        for code in name.remarks:
            issues.append(Issue(code, "name", WARN))
        number = self._number(cells, issues)
        birth = self._birth(cells, number, issues)
        sex = self._sex(cells, number, issues)
        home = self._at_home(cells)
        address = home.address
        issues.extend(home.issues)
        dong = self._dong(cells, address, issues)
        tong, ban = self._tong(cells)
        mobile, phone = self._phones(cells, issues)
        relation = self._word(cells, self.relation_at, "relation", 20, issues)
        benefit = self._word(cells, self.benefit_at, "benefit", TEXT_LONGEST, issues)
        person = f"{name.name}\x1f{birth.isoformat() if birth else ''}\x1f{home.key}"
        facts = f"{person}\x1f{sex}\x1f{dong}\x1f{tong}\x1f{ban}\x1f{mobile}\x1f{phone}\x1f{relation}\x1f{benefit}"
        return Resident(
            row,
            name.name,
            birth,
            sex,
            dong,
            tong,
            ban,
            address,
            home.main,
            home.detail,
            phone,
            mobile,
            relation,
            benefit,
            number.is_foreigner,
            tuple(issues),
            self._digest(number.digits) if number.digits else None,
            hash(person),
            hashlib.sha256(facts.encode("utf-8", "surrogatepass")).digest()[:16],
        )

    def _digest(self, text: str) -> int:
        keyed = self._keyed.copy()
        keyed.update(text.encode("utf-8", "surrogatepass"))
        return int.from_bytes(keyed.digest()[:8], "big", signed=True)

    def _number(self, cells: list[Any], issues: list[Issue]) -> ReadNumber:
        if not self.has_number:
            return NO_NUMBER
        if self.rrn_at is not None:
            number = read_number(cells[self.rrn_at])
        else:
            front, back = (text_of(cells[at]) if at is not None else "" for at in self.halves_at)
            front = (
                front.zfill(6)
                if front.isdecimal() and 4 <= len(front) < 6 and type(cells[self.halves_at[0]]) is float
                else front
            )
            number = read_number(f"{front}-{back}" if front and back else front or back)
        if number.code:
            issues.append(Issue(number.code, "rrn"))
        elif number.remark:
            issues.append(Issue(number.remark, "rrn", WARN))
        elif not number.digits:
            issues.append(Issue("NO_RRN", "rrn", WARN))
        if number.birth and number.birth > self.on:
            issues.append(Issue("RRN_BAD_DATE", "rrn"))
            return NO_NUMBER
        return number

    def _birth(self, cells: list[Any], number: ReadNumber, issues: list[Issue]) -> dt.date | None:
        cell = cells[self.birth_at] if self.birth_at is not None else self._birth_parts(cells)
        if type(cell) is str and not cell[:1].isdecimal() and not text_of(cell):
            if number.birth:
                issues.append(Issue("BIRTH_FROM_RRN", "birth_date", WARN))
            elif not (number.code and self.birth_at is None):
                issues.append(Issue("REQUIRED", "birth_date"))
            return number.birth
        if number.birth and cell == number.birth.isoformat():
            return number.birth
        day, code = self._day(cell, number)
        if not code and day > self.on:
            code = "FUTURE_DATE"
        if code:
            issues.append(Issue(code, "birth_date"))
            return None
        if number.birth and day != number.birth:
            restored = Issue("RRN_LEADING_ZERO_RESTORED", "rrn", WARN)
            if restored in issues:  # no zero was lost: a digit is missing
                issues[issues.index(restored)] = Issue("RRN_LENGTH", "rrn")
            else:
                issues.append(Issue("RRN_BIRTH_MISMATCH", "birth_date"))
        return day

    def _birth_parts(self, cells: list[Any]) -> str:
        parts = [text_of(cells[at]) if at is not None else "" for at in self.parts_at]
        return "-".join(part.strip("년월일. ") for part in parts if part)

    def _day(self, cell: Any, number: ReadNumber) -> tuple[dt.date | None, str]:
        try:
            read = self._dates[cell]
        except KeyError:
            read = read_date(cell, is_1904=self.layout.is_1904)
            if len(self._dates) < 50_000:
                self._dates[cell] = read
        lost = self._lost_zero(cell) if number.birth else ""
        if lost and lost == f"{number.birth:%y%m%d}":
            return number.birth, ""
        if read.short is None:
            return read.day, read.code
        year, month, day = read.short
        century = number.century or (19 if year > self.this_year else None)
        if century is None:
            return None, "AMBIGUOUS_CENTURY"
        try:
            return dt.date(century * 100 + year, month, day), ""
        except ValueError:
            return None, "BAD_DATE"

    @staticmethod
    def _lost_zero(cell: Any) -> str:
        """Up to five digits may be yymmdd without its zeros: only the registration number can tell."""
        if type(cell) is str and (len(cell) > 5 or not cell.isdecimal()):
            return ""
        text = text_of(cell)
        return text.zfill(6) if text.isdecimal() and 3 <= len(text) <= 5 else ""

    def _sex(self, cells: list[Any], number: ReadNumber, issues: list[Issue]) -> str:
        sex = read_sex(cells[self.sex_at]) if self.sex_at is not None else ""
        if sex:
            if number.sex and sex != number.sex:
                issues.append(Issue("RRN_SEX_MISMATCH", "sex"))
            return sex
        if number.sex:
            issues.append(Issue("SEX_FROM_RRN", "sex", WARN))
        elif sex is None:
            issues.append(Issue("BAD_SEX", "sex"))
        return number.sex

    def _dong(self, cells: list[Any], address: str, issues: list[Issue]) -> str:
        if self.dong_at is None:
            dong = (self.dongs.in_text(address) if self.trust_address and address else "") or self.fallback_dong
            if not dong and self.needs_dong:
                issues.append(Issue("REQUIRED", "dong"))
            return dong
        text = cells[self.dong_at]
        if text in self.dongs.official:
            return text
        text = text_of(text)
        if not text:
            if self.needs_dong:
                issues.append(Issue("REQUIRED", "dong"))
            return ""
        dong, code, near = self.dongs.find(text)
        if code and self.needs_dong:
            hint = f"{'·'.join(near)} 가운데 하나입니까?" if near else ""
            issues.append(Issue(code, "dong", REJECT, hint))
        return dong

    def _tong(self, cells: list[Any]) -> tuple[int | None, int | None]:
        tong = ban = None
        if self.tong_ban_at is not None:
            tong, ban = read_tong_ban(cells[self.tong_ban_at])
        if self.tong_at is not None:
            tong, with_ban = read_tong_ban(cells[self.tong_at])
            ban = with_ban or ban
        if self.ban_at is not None:
            ban = read_unit(cells[self.ban_at]) or ban
        return tong, ban

    def _phones(self, cells: list[Any], issues: list[Issue]) -> tuple[str, str]:
        mobile = phone = ""
        for at, field in self.phones_at:
            cell = cells[at]
            if cell == "":
                continue
            found = read_phones(cell)
            if found.code:
                issues.append(Issue(found.code, field))
            for code in found.remarks:
                issues.append(Issue(code, field, WARN))
            mobile, phone = mobile or found.mobile, phone or found.phone
        return mobile, phone

    def _at_home(self, cells: list[Any]) -> _Home:
        """The address of the row. People of one home stand together in a list: it is read once for all of them."""
        written = cells[self.address_at] if self.address_at is not None else ""
        more = cells[self.detail_at] if self.detail_at is not None else ""
        last = self._home
        if last and type(written) is type(more) is str and written == last[0] and more == last[1]:
            return last[2]
        issues: list[Issue] = []
        main = self._text(cells, self.address_at, "address", ADDRESS_LONGEST, issues)
        detail = self._text(cells, self.detail_at, "address_detail", DETAIL_LONGEST, issues)
        detail = "" if detail in main else detail
        address = f"{main}, {detail}" if main and detail else main or detail
        home = _Home(address, main, detail, address_key(address), tuple(issues))
        self._home = (written, more, home)
        return home

    def _word(self, cells: list[Any], at: int | None, field: str, longest: int, issues: list[Issue]) -> str:
        """`_text` for columns of few different words: each is read once."""
        if at is None or (cell := cells[at]) == "":
            return ""
        if type(cell) is not str:
            return self._text(cells, at, field, longest, issues)
        known = self._words.get((field, cell))
        if known is None:
            found: list[Issue] = []
            known = (self._text(cells, at, field, longest, found), found)
            if len(self._words) < 5_000:
                self._words[field, cell] = known
        issues.extend(known[1])
        return known[0]

    def _text(self, cells: list[Any], at: int | None, field: str, longest: int, issues: list[Issue]) -> str:
        if at is None:
            return ""
        cell = cells[at]
        if cell == "":
            return ""
        text = text_of(cell)
        if not text:
            return ""
        raw = cell.lstrip(" '") if type(cell) is str else ""
        if text[0] in "=+-@" or raw[:1] in ("\t", "\r"):
            issues.append(Issue("FORMULA_LIKE_TEXT", field, WARN))
        if len(text) > longest:
            issues.append(Issue("TOO_LONG", field))
            text = text[:longest]
        if len(text) >= 13 and _RRN_IN_TEXT.search(text):
            text = scrubbed(text)
            issues.append(Issue("RRN_MASKED", field, WARN))
        return text
