"""Finds the resident list in a workbook: the sheet, its header rows, and what each column means.

The header is the row, or the two or three rows together, among the first filled ones that name the
most of our fields. A name and one more fact must be among them. Hidden sheets are never chosen; the
visible sheet whose header names most wins, then the one with more rows, then the first. Sheets that
call themselves an example or a form lose against any other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from common.hangul import clean, compact
from common.refusals import Refusal
from common.spreadsheets import Sheet

HEADER_SEARCH_ROWS = 40
FIELDS = {
    "name": "이름",
    "birth_date": "생년월일",
    "sex": "성별",
    "rrn": "주민등록번호",
    "dong": "동",
    "tong": "통",
    "ban": "반",
    "tong_ban": "통·반",
    "address": "주소",
    "address_detail": "상세주소",
    "phone": "전화",
    "mobile": "휴대전화",
    "relation": "세대 관계",
    "benefit": "복지급여",
    "birth_year": "출생 연도",
    "birth_month": "출생 월",
    "birth_day": "출생 일",
    "rrn_front": "주민등록번호 앞자리",
    "rrn_back": "주민등록번호 뒷자리",
}
#: columns that a list usually has and a resident record does not keep
IGNORED = {"serial": "연번", "other": "가져오지 않음"}
RRN_FIELDS = {"rrn", "rrn_front", "rrn_back"}
#: fields several columns may feed: each phone column adds its numbers
REPEATABLE = {"phone", "mobile"}

_ALIASES = {
    "name": "성명 이름 성함 대상자명 대상자 대상자성명 주민명 주민성명 한글성명 한글이름 성명한글 본인성명 수급자명 수급자성명 어르신성명 어르신명 "
    "노인성명 거주자명 거주자 회원명 이용자명 성명이름 이름성명 산모명 산모성명 임산부명 임산부성명 수혜자 수혜자명 가구원명 세대원명 세대원 가구원 "
    "name fullname 성명name",
    "birth_date": "생년월일 생일 출생일 출생일자 출생년월일 출생연월일 생년월일자 생년월일6자리 법정생년월일 생년 출생 주민등록생년월일 "
    "birthdate birthday dateofbirth dob birth",
    "sex": "성별 남녀 남여 남녀구분 남여구분 성구분 성 성별구분 남녀성별 sex gender",
    "rrn": "주민등록번호 주민번호 주민등록no 주민no 주민등록 주민등록번호13자리 주민번호13자리 외국인등록번호 주민외국인등록번호 실명번호 고유식별번호 "
    "주민등록번호외국인등록번호 주민등록번호외국인번호 주민등록증번호 민번 주민 rrn ssn",
    "dong": "행정동 동 읍면동 동명 행정동명 거주동 관할동 소속동 읍면동명 동이름 주소지동 거주지동 담당동 동구분 행정동읍면동 관할주민센터 "
    "동주민센터 주민센터 관할센터 마을복지센터 관할동주민센터 dong 법정동 법정동명",
    "tong": "통 통번호 통수 관할통 통명 거주통 tong",
    "ban": "반 반번호 반수 ban",
    "tong_ban": "통반 통및반 통반명 관할통반 거주통반",
    "address": "도로명주소 주소 주민등록주소 주민등록도로명주소 주민등록지주소 주민등록상주소 거주지주소 거주지 현주소 주소지 실거주지 실거주지주소 "
    "실거주주소 거주주소 집주소 자택주소 주민등록지 거주지도로명주소 새주소 신주소 도로명 주소도로명 기본주소 소재지 현거주지 거주지주소도로명 address",
    "address_detail": "상세주소 나머지주소 세부주소 동호수 상세 호수 아파트동호 주소상세 번지이하",
    "phone": "전화 전화번호 연락처 연락처1 연락처2 전화번호1 전화번호2 자택전화 집전화 유선전화 일반전화 자택 자택번호 자택전화번호 유선 집전화번호 "
    "유선전화번호 일반전화번호 연락번호 전화연락처 집 일반 본인연락처 tel phone telephone 전화번호집 전화집 전화자택 연락처자택 연락처집 연락처유선",
    "mobile": "휴대전화 핸드폰 hp 휴대폰 휴대전화번호 휴대폰번호 핸드폰번호 이동전화 이동전화번호 모바일 휴대 무선 본인휴대전화 본인휴대폰 손전화 "
    "연락처휴대폰 연락처휴대전화 연락처핸드폰 전화휴대폰 휴대폰연락처 전화번호휴대폰 전화번호휴대전화 mobile cellphone cell handphone cp mobilephone",
    "relation": "세대주관계 세대주와의관계 세대주와관계 관계 세대관계 가족관계 세대주와의관계명 세대구분 세대주의관계",
    "benefit": "복지급여 급여종류 급여구분 수급구분 보장구분 보장유형 수급종류 수급자구분 수급자격 자격구분 자격 복지대상 복지대상구분 복지자격 "
    "보호구분 수급유형 급여 급여명 보장종류 복지구분 수급자종류 기초수급 수급 수급여부 기초생활수급 복지급여종류",
    "birth_year": "생년월일년 생년월일연 출생년 출생연도 출생년도 생년월일년도",
    "birth_month": "생년월일월 출생월",
    "birth_day": "생년월일일 출생일일",
    "rrn_front": "주민등록번호앞 주민등록번호앞자리 주민번호앞 주민번호앞자리 주민등록번호앞6자리 주민앞자리 주민등록앞자리 앞자리",
    "rrn_back": "주민등록번호뒤 주민등록번호뒷자리 주민번호뒤 주민번호뒷자리 주민등록번호뒤7자리 주민뒷자리 주민등록뒷자리 뒷자리",
    "serial": "연번 순번 번호 일련번호 순 no 순서 관리번호 구분번호 seq",
    "other": "비고 비고1 비고2 참고 특이사항 메모 나이 연령 만나이 우편번호 세대주 세대주명 세대주성명 세대원수 가구원수 구분 담당자 담당 방문일 등록일 "
    "전입일 전입일자 장애유형 장애등급 보호자 보호자명 보호자성명 보호자연락처 보호자전화 보호자전화번호 비상연락처 긴급연락처 국적 보장일 책정일 "
    "세대주주민등록번호 보호자주민등록번호 지번주소 통장 통장명 통장성명 신청인 신청인성명 신청일 처리결과 확인 서명 날짜 remarks note age",
}
FIELD_OF = {alias: name for name, words in _ALIASES.items() for alias in words.split()}
#: words that may stand before a heading and still mean the resident
_SUBJECT = re.compile(
    r"^(?:대상자|본인|주민|수급자|수혜자|어르신|노인|회원|아동|산모|임산부|이용자|거주자|가구원|세대원|인적사항|기본사항|대상|기본정보|주민정보|기본인적사항|대상자정보|주민인적사항)의?"
)
#: words that make a heading somebody else's
_SOMEBODY_ELSE = re.compile(
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

    @property
    def is_imported(self) -> bool:
        return self.field in FIELDS and self.field not in RRN_FIELDS


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
        return {column.header: column.field for column in self.columns if column.field in FIELDS}

    @property
    def dropped(self) -> list[str]:
        """Headings whose cells are not kept: resident registration numbers and what we have no field for."""
        return [column.header for column in self.columns if column.header and not column.is_imported]

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
    """A list needs a name and a birth date or number; one field is fed by one column, phones by several."""
    found = layout.indexes
    labels = FIELDS | IGNORED
    if "name" not in found:
        raise HeaderNotFound("어느 열이 이름인지 알 수 없습니다. ‘성명’이나 ‘이름’이라는 제목을 달아 주세요.")
    if not {"birth_date", "rrn", "birth_year", "rrn_front"} & set(found):
        raise HeaderNotFound("어느 열이 생년월일인지 알 수 없습니다. ‘생년월일’이라는 제목을 달아 주세요.")
    for name, indexes in found.items():
        if len(indexes) > 1 and name in FIELDS and name not in REPEATABLE:
            raise HeaderNotFound(f"‘{labels[name]}’ 항목에 열이 두 개 연결되어 있습니다. 하나만 골라 주세요.")


def recognise(
    sheets: list[Sheet],
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
        layout = _layout_of(candidate, kind=kind, is_1904=is_1904)
        if layout:
            fields = {column.field for column in layout.columns} & set(FIELDS)
            is_example = bool(_EXAMPLE_SHEET.search(candidate.name))
            found.append(((-is_example, len(fields), _data_rows(candidate, layout), -candidate.index), layout))
    if not found:
        raise HeaderNotFound(
            "제목 줄을 찾지 못했습니다. 맨 위쪽 줄에 ‘성명’, ‘생년월일’, ‘행정동’, ‘주소’ 같은 열 제목이 있는지 확인해 주세요."
        )
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


def _layout_of(sheet: Sheet, *, kind: str, is_1904: bool) -> Layout | None:
    rows = [(number, [_label(cell) for cell in cells]) for number, cells in sheet.head]
    typed = {number: [type(cell) is not str for cell in cells] for number, cells in sheet.head}
    best: tuple[float, list[tuple[int, list[str]]]] | None = None
    for at in range(min(len(rows), HEADER_SEARCH_ROWS)):
        for depth in (1, 2, 3):
            block = rows[at : at + depth]
            if (
                len(block) < depth
                or block[-1][0] - block[0][0] != depth - 1
                or any(_is_data(r, typed[n]) for n, r in block)
            ):
                break
            columns = _columns(block, sheet)
            fields = {column.field for column in columns if column.field in FIELDS}
            if "name" not in fields or len(fields) < 2:
                continue
            score = len(fields) + 0.2 * sum(c.field in IGNORED for c in columns) - 0.6 * (depth - 1)
            score += 2 * (_closes(block, sheet) and depth > 1)
            if best is None or score > best[0] + 0.05:
                best = (score, block)
    if best is None:
        return None
    block = _with_groups_above(best[1], rows, typed, sheet)
    columns = _with_numbers_by_value(_columns(block, sheet), sheet, block[-1][0])
    return Layout(
        sheet=sheet.index,
        sheet_name=sheet.name,
        header_rows=tuple(number for number, _ in block),
        columns=tuple(columns),
        ragged_is_wrong=kind in ("csv", "html"),
        merges=tuple(sheet.merges),
        titles=tuple(" ".join(filter(None, cells)) for number, cells in rows if number < block[0][0]),
        is_1904=is_1904,
    )


def _label(cell: object) -> str:
    if type(cell) is str:
        return clean(cell)
    return f"{cell:g}" if type(cell) is float else str(cell)


def _is_data(labels: list[str], typed: list[bool]) -> bool:
    """Whether the row holds facts of a person rather than headings."""
    filled = [(label, is_typed) for label, is_typed in zip(labels, typed, strict=True) if label]
    if sum(bool(_meaning(label)[0]) for label, _ in filled) >= 3:
        return False
    return any(
        _DATA_LIKE.search(_NOTE_IN_BRACKETS.sub("", label)) or is_typed for label, is_typed in filled
    ) and not all(is_typed or label.isdecimal() for label, is_typed in filled)


def _closes(block: list[tuple[int, list[str]]], sheet: Sheet) -> bool:
    """Whether merged cells tie the rows of the block together, or the lower row only names parts."""
    first, last = block[0][0] - 1, block[-1][0] - 1
    if any(r1 == first and r2 == last and r2 > r1 for r1, _, r2, _ in sheet.merges):
        return True
    lower = block[-1][1]
    heads = [n for n, label in enumerate(block[0][1]) if _meaning(label)[0] in ("name", "birth_date", "rrn")]
    named = [label for label in lower if label]
    return (
        bool(heads)
        and bool(named)
        and all(n >= len(lower) or not lower[n] for n in heads)
        and all(len(label) <= 12 and not any(c.isdecimal() for c in label) for label in named)
        and any(_meaning(label)[0] for label in named)
    )


def _with_groups_above(block, rows, typed, sheet: Sheet):
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
    if not groups or any(_NO_GROUP.search(label) for label in filled) or _is_data(labels, typed[number]):
        return block
    higher = [rows[at - 1], *block]
    before = {c.field for c in _columns(block, sheet)}
    after = {c.field for c in _columns(higher, sheet)}
    return higher if "name" in after and len(after) >= len(before) - 2 else block


def _columns(block: list[tuple[int, list[str]]], sheet: Sheet) -> list[Column]:
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
        name, how = _meaning_of(parts)
        columns.append(Column(index, header, name, how))
    halves = _number_halves(block, sheet)
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
        if column.field in FIELDS and column.field not in REPEATABLE:
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


def _number_halves(block: list[tuple[int, list[str]]], sheet: Sheet) -> dict[int, str]:
    """A number heading merged over two columns without parts below means front and back."""
    halves = {}
    for r1, c1, r2, c2 in sheet.merges:
        if c2 == c1 + 1 and block[0][0] - 1 <= r1 and r2 == block[-1][0] - 1:
            cells = dict(block).get(r1 + 1, [])
            if c1 < len(cells) and _meaning(cells[c1])[0] == "rrn":
                halves |= {c1: "rrn_front", c2: "rrn_back"}
    return halves


def _meaning_of(parts: list[str]) -> tuple[str, str]:
    if not parts:
        return "", ""
    if len(parts) == 1:
        return _meaning(parts[0])
    joined = "".join(parts)
    name, _ = _meaning(joined)
    if name:
        return name, "joined"
    if any(_SOMEBODY_ELSE.search(compact(part)) for part in parts[:-1]):
        return "other", "alias"
    for part in reversed(parts):
        name, how = _meaning(part)
        if name:
            return name, how
    return "", ""


def _meaning(label: str) -> tuple[str, str]:
    """(field, how) of one heading; empty when it says nothing to us."""
    if not label or len(label) > 40:
        return "", ""
    bare = _NOTE_IN_BRACKETS.sub("", label)
    for text in (label, bare):
        word = _folded(text)
        name = FIELD_OF.get(word)
        if name:
            return name, "same" if word == _folded((FIELDS | IGNORED)[name]) else "alias"
    word = _folded(bare)
    if _SOMEBODY_ELSE.search(word):
        return ("other", "alias") if FIELD_OF.get(_SOMEBODY_ELSE.sub("", word)) else ("", "")
    shorter = _SUBJECT.sub("", word)
    if shorter != word and FIELD_OF.get(shorter):
        return FIELD_OF[shorter], "alias"
    trimmed = re.sub(r"(필수|선택|입력|기재|작성|\d)+$", "", word)
    if trimmed != word and FIELD_OF.get(trimmed) in (
        "phone",
        "mobile",
        "name",
        "birth_date",
        "sex",
        "dong",
        "address",
        "rrn",
    ):
        return FIELD_OF[trimmed], "alias"
    return "", ""


def _folded(text: str) -> str:
    return re.sub(r"[^0-9a-z가-힣#]", "", compact(text).lower())


def _with_numbers_by_value(columns: list[Column], sheet: Sheet, last_header: int) -> list[Column]:
    """A column whose cells are resident registration numbers is one, whatever its heading says."""
    if any(column.field in RRN_FIELDS for column in columns):
        return columns
    samples = [cells for number, cells in sheet.head if number > last_header]
    for at, column in enumerate(columns):
        if column.field in FIELDS and column.field != "phone":
            continue
        values = [
            _label(cells[column.index]) for cells in samples if column.index < len(cells) and cells[column.index] != ""
        ]
        if len(values) >= 2 and sum(bool(_RRN_LIKE.fullmatch(value)) for value in values) > len(values) * 0.6:
            columns = list(columns)
            columns[at] = replace(column, field="rrn", how="values")
            break
    return columns
