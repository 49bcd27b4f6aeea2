"""Phone numbers as clerks write them, into the way the register keeps them.

Mobiles are 010 and the old 011, 016 to 019; everything else that can be dialled is a phone. A cell
may hold two numbers and a note. A number the sheet stored as a number has lost its first zero.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from common.hangul import compact
from planners.lists.resident_cells import compact_dashes, text_of

HOME_AREA = "02"  # Seoul


class Phones(NamedTuple):
    """`mobile` and `phone` in normal form (010-1234-5678, 02-923-4567)."""

    mobile: str = ""
    phone: str = ""
    code: str = ""
    remarks: tuple[str, ...] = ()


NOTHING = Phones()
_PLAIN_MOBILE = re.compile(r"010-\d{4}-\d{4}")
_SEPARATORS = re.compile(r"[-.\s()/·~,:_+=*\\]")
# Signs and digits only, and no short last part as in 02-923-4567~8.
_ALONE = re.compile(r"[\d\-.\s()/·~,:_+=*\\]*?(?<!\d)\d{3,13}[-.\s)]*")
_CANDIDATE = re.compile(
    r"(?:\+?\s?(?:00)?82[-.\s)]*)?\(?0?\d{1,4}\)?[-.\s·/~)]{0,3}\d{3,4}[-.\s·/~]{0,3}\d{4}(?!\d)"
    r"|\d{3,4}[-.\s·/~]{1,3}\d{4}(?!\d)|\d{7,12}(?!\d)"
)
_AREA = r"(?:3[1-3]|4[1-4]|5[1-5]|6[1-4])"
_SHAPES = (
    (re.compile(r"(010)(\d{4})(\d{4})"), "mobile"),
    (re.compile(r"(01[16789])(\d{3,4})(\d{4})"), "legacy"),
    (re.compile(r"(02)(\d{3,4})(\d{4})"), "phone"),
    (re.compile(rf"(0{_AREA})(\d{{3,4}})(\d{{4}})"), "phone"),
    (re.compile(r"(070)(\d{4})(\d{4})"), "phone"),
    (re.compile(r"(050\d)(\d{3,4})(\d{4})"), "phone"),
    (re.compile(r"(0[36]0|080)(\d{3,4})(\d{4})"), "phone"),
)
_BETWEEN = re.compile(r"(?<!\S)(?:또는|혹은|및|이나|or|and)(?!\S)", re.IGNORECASE)
_NATIONWIDE = re.compile(r"(1[568]\d{2})(\d{4})")


class _Number(NamedTuple):
    text: str
    kind: str
    remark: str = ""


def read_phones(cell: object) -> Phones:
    """All numbers of one cell. `code` is BAD_PHONE when the cell holds something but no number."""
    if type(cell) is str and _PLAIN_MOBILE.fullmatch(cell) and not _is_filler(cell):
        return Phones(mobile=cell)
    if type(cell) in (bool, dt.date, dt.datetime, dt.time):
        return Phones(code="BAD_PHONE")
    text = compact_dashes(text_of(cell))
    if not text or not re.sub(r"[-.\s0()]", "", text):
        return NOTHING if not text or len(re.sub(r"\D", "", text)) <= 1 else Phones(code="BAD_PHONE")
    text = text if text.isascii() else _folded(text)
    if re.fullmatch(r"\d+\.0+", text):
        text = text.partition(".")[0]
    is_number = type(cell) is float
    one = _one_number(_SEPARATORS.sub("", text), text, is_number) if _ALONE.fullmatch(text) else None
    if one:
        return _sorted([one], ())
    numbers, rest = [], text
    for found in _CANDIDATE.finditer(text):
        number = _one_number(re.sub(r"\D", "", found[0]), found[0], is_number)
        if number:
            numbers.append(number)
            rest = rest.replace(found[0], " ", 1)
    if not numbers:
        return Phones(code="BAD_PHONE")
    if len(numbers) > 1:
        rest = _BETWEEN.sub(" ", rest)
    remarks = ["PHONE_NOTE_DROPPED"] if re.search(r"[^\W_]", rest) else []
    return _sorted(numbers, remarks)


def _folded(text: str) -> str:
    return " ".join(compact(word) for word in text.split(" "))


def _is_filler(number: str) -> bool:
    return not number[3:].strip("-0")


def _sorted(numbers: list[_Number], remarks) -> Phones:
    mobile = phone = ""
    remarks = list(remarks)
    if len({number.text for number in numbers}) > 1:
        remarks.append("PHONE_SPLIT")
    for number in numbers:
        if number.kind != "phone" and not mobile:
            mobile = number.text
        elif number.kind == "phone" and not phone:
            phone = number.text
        else:
            continue
        if number.kind == "legacy":
            remarks.append("LEGACY_MOBILE_PREFIX")
        if number.remark:
            remarks.append(number.remark)
    return Phones(mobile, phone, "", tuple(dict.fromkeys(remarks)))


def _one_number(digits: str, written: str, is_number: bool) -> _Number | None:
    """The digits as one number: as written, without the country, with the lost zero, with the area."""
    if (written.lstrip(" (").startswith(("+82", "0082", "82")) and len(digits) > 9) or written.lstrip().startswith("+"):
        digits = re.sub(r"^(?:00)?82", "", digits)
        digits = digits if digits.startswith("0") else f"0{digits}"
    if digits.startswith("0"):
        return _shaped(digits)
    if found := _NATIONWIDE.fullmatch(digits):
        return _Number(f"{found[1]}-{found[2]}", "phone")
    whole = _shaped(f"0{digits}") if len(digits) >= 8 else None
    if len(digits) in (7, 8) and digits[0] in "23456789":
        local = _Number(f"{HOME_AREA}-{digits[:-4]}-{digits[-4:]}", "phone", "AREA_CODE_ASSUMED")
        parts = [part for part in re.split(r"\D+", written) if part]
        if whole is None or len(parts) == 2:
            return local
        # Eight digits that begin with 2: a lost zero before the 2 of Seoul, or a four-digit exchange. Seoul
        # has no three-digit exchange below 300.
        if len(parts) == 1 and not is_number and digits[1] in "012":
            return local
    return whole


def _shaped(digits: str) -> _Number | None:
    for shape, kind in _SHAPES:
        if found := shape.fullmatch(digits):
            if not (found[2] + found[3]).strip("0"):
                return None
            return _Number("-".join(found.groups()), kind)
    return None
