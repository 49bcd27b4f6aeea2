"""Zip and OLE2 containers judged by their directories alone, before any parser touches the content."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from dataclasses import dataclass

from .refusals import unreadable

MEGABYTE = 1 << 20
MAX_PARTS = 1_000  # a workbook with a sheet per tong and its printer settings has a few hundred
MAX_PART_RATIO, RATIO_COUNTS_FROM = 100, 50 * MEGABYTE
MAX_UNPACKED = 1024 * MEGABYTE  # the register of the whole district unpacks to 353 MB at 7.6 : 1
PROLOG = 64 * 1024

_XLSX_MAIN = re.compile(rb"spreadsheetml\.(sheet|template)\.main\+xml")
_MACRO = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
_OTHER_DOCUMENTS = (
    (b"wordprocessingml", "워드(.docx) 문서입니다."),
    (b"presentationml", "파워포인트(.pptx) 문서입니다."),
)
_ROOT_ELEMENT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class XlsxFacts:
    """What the reader must know of a workbook besides its cells."""

    is_1904: bool
    sheet_parts: dict[str, str]  # sheet name -> part name


def inspect_zip(file: io.BufferedIOBase) -> XlsxFacts:
    """Let only an honest .xlsx pass. Reads the directory and the first 64 KiB of each XML part."""
    try:
        archive = _open_checked(file)
        names = set(archive.namelist())
        _refuse_other_archives(archive, names)
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                _refuse_dtd(archive, name)
        return _xlsx_facts(archive)
    except (zipfile.BadZipFile, EOFError, struct.error, KeyError, NotImplementedError, OSError, ValueError) as fault:
        raise unreadable("CORRUPT_FILE") from fault
    except RuntimeError as fault:  # zipfile's word for an encrypted member
        raise unreadable("PASSWORD_PROTECTED") from fault
    except Exception as fault:
        if type(fault).__module__ == "zlib":
            raise unreadable("CORRUPT_FILE") from fault
        raise


def _open_checked(file: io.BufferedIOBase) -> zipfile.ZipFile:
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 66_000))
    tail = file.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) < found + 22:
        raise unreadable("CORRUPT_FILE")
    if struct.unpack_from("<H", tail, found + 10)[0] > MAX_PARTS:
        raise unreadable("DECOMPRESSION_BOMB")
    archive = zipfile.ZipFile(file)
    entries = archive.infolist()
    packed = unpacked = 0
    for entry in entries:
        packed += entry.compress_size
        unpacked += entry.file_size
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > RATIO_COUNTS_FROM and ratio > MAX_PART_RATIO:
            raise unreadable("DECOMPRESSION_BOMB")
    # Parts that overlap pack more than the file holds: the trick of bombs that need no high ratio.
    if len(entries) > MAX_PARTS or unpacked > MAX_UNPACKED or packed > size:
        raise unreadable("DECOMPRESSION_BOMB")
    if any(entry.flag_bits & 1 for entry in entries):
        raise unreadable("PASSWORD_PROTECTED")
    if len({entry.filename for entry in entries}) != len(entries):
        raise unreadable("CORRUPT_FILE")
    return archive


def _refuse_other_archives(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "mimetype" in names:
        kind = archive.read("mimetype")[:100]
        if b"opendocument.spreadsheet" in kind:
            raise unreadable("UNSUPPORTED_FORMAT", "오픈오피스(.ods) 파일입니다.")
        if b"hwp" in kind:
            raise unreadable("UNSUPPORTED_FORMAT", "한글(.hwpx) 문서입니다. 표를 엑셀에 붙여 넣어 주세요.")
        raise unreadable("UNSUPPORTED_FORMAT")
    if "[Content_Types].xml" not in names:
        if any(name.endswith(".numbers") or name.startswith("Index/") for name in names):
            raise unreadable("UNSUPPORTED_FORMAT", "맥 넘버스(.numbers) 파일입니다.")
        raise unreadable(
            "CORRUPT_FILE", "엑셀 파일이 아니라 압축 파일(.zip)입니다. 압축을 풀고 엑셀 파일만 올려 주세요."
        )
    types = archive.open("[Content_Types].xml").read(MEGABYTE)
    if b"sheet.binary" in types:
        raise unreadable("UNSUPPORTED_FORMAT", "이진 통합 문서(.xlsb)입니다.")
    if _MACRO.search(types) or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise unreadable("UNSUPPORTED_FORMAT", "매크로가 든 파일(.xlsm)은 받지 않습니다.")
    for mark, sentence in _OTHER_DOCUMENTS:
        if mark in types and b"spreadsheetml" not in types:
            raise unreadable("UNSUPPORTED_FORMAT", sentence)
    if not _XLSX_MAIN.search(types):
        raise unreadable("UNSUPPORTED_FORMAT")


def _refuse_dtd(archive: zipfile.ZipFile, name: str) -> None:
    with archive.open(name) as part:
        head = part.read(PROLOG)
    if has_dtd(head):
        raise unreadable("XML_DTD_FORBIDDEN")


def has_dtd(head: bytes) -> bool:
    """Whether a document type stands before the root element, or none starts within the prolog."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]:
        head = head.replace(b"\0", b"")
    head = _COMMENT.sub(b"", head)
    root = _ROOT_ELEMENT.search(head)
    if not root:
        return bool(head.strip()) and len(head) > PROLOG // 2
    return b"<!DOCTYPE" in head[: root.start()].upper() or b"<!ENTITY" in head[: root.start()].upper()


def _xlsx_facts(archive: zipfile.ZipFile) -> XlsxFacts:
    from defusedxml.ElementTree import fromstring

    targets = {}
    root_rels = fromstring(archive.read("_rels/.rels"))
    main = next(
        (rel.get("Target", "").lstrip("/") for rel in root_rels if rel.get("Type", "").endswith("/officeDocument")),
        "xl/workbook.xml",
    )
    folder, _, leaf = main.rpartition("/")
    rels = f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels"
    if rels in archive.namelist():
        for rel in fromstring(archive.read(rels)):
            target = rel.get("Target", "")
            targets[rel.get("Id")] = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
    book = fromstring(archive.read(main))
    is_1904, parts = False, {}
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            is_1904 = element.get("date1904", "0") in ("1", "true", "on")
        elif tag == "sheet":
            relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            parts[element.get("name", "")] = targets.get(relation, "")
    return XlsxFacts(is_1904, parts)


_SEAT_OF_LEAP_BUG = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>60(?:\.\d+)?</v>')


def cells_of_serial_60(file: io.BufferedIOBase, part: str) -> set[str]:
    """References of cells that hold serial 60, the 29 February 1900 that never was.

    The reader shows it as the 28th, like serial 59, so the sheet itself must be asked.
    """
    found, rest = set(), b""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(part) as sheet:
            while block := sheet.read(MEGABYTE):
                text = rest + block
                found.update(match[1].decode() for match in _SEAT_OF_LEAP_BUG.finditer(text))
                rest = text[-512:]
    except (zipfile.BadZipFile, KeyError, OSError):
        return set()
    return found


_HIDDEN_COLUMNS = re.compile(rb"<col\b[^>]*>")


def hidden_columns(file: io.BufferedIOBase, part: str) -> list[int]:
    """0-based hidden columns of an .xlsx sheet; they stand before the cells, so little is read."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(part) as sheet:
            head = sheet.read(PROLOG)
    except (zipfile.BadZipFile, KeyError, OSError):
        return []
    hidden: list[int] = []
    for tag in _HIDDEN_COLUMNS.findall(head.partition(b"<sheetData")[0]):
        facts = dict(re.findall(rb'(\w+)="([^"]*)"', tag))
        if facts.get(b"hidden") in (b"1", b"true"):
            first, last = int(facts.get(b"min", 1)), int(facts.get(b"max", 1))
            hidden += range(first - 1, min(last, 1000))
    return hidden


_END_OF_CHAIN = 0xFFFFFFFE
_OTHER_OLE = {
    "WordDocument": "워드(.doc) 문서입니다.",
    "PowerPoint Document": "파워포인트(.ppt) 문서입니다.",
    "HwpSummaryInformation": "한글(.hwp) 문서입니다. 표를 엑셀에 붙여 넣어 주세요.",
    "BodyText": "한글(.hwp) 문서입니다. 표를 엑셀에 붙여 넣어 주세요.",
    "__properties_version1.0": "아웃룩 메일(.msg)입니다.",
}


@dataclass(frozen=True)
class XlsFacts:
    is_1904: bool


def inspect_ole(file: io.BufferedIOBase) -> XlsFacts:
    """Let only an .xls without password pass; says what else the container holds."""
    try:
        streams = _ole_directory(file)
        if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
            raise unreadable("PASSWORD_PROTECTED")
        for name, sentence in _OTHER_OLE.items():
            if name.casefold() in {stream.strip("\x05").casefold() for stream in streams}:
                raise unreadable("UNSUPPORTED_FORMAT", sentence)
        book = next((streams[name] for name in ("Workbook", "WORKBOOK", "Book", "BOOK") if name in streams), None)
        if book is None:
            raise unreadable("CORRUPT_FILE")
        return _xls_facts(file, *book)
    except (struct.error, IndexError, OverflowError) as fault:
        raise unreadable("CORRUPT_FILE") from fault


def _sector(file: io.BufferedIOBase, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    data = file.read(size)
    if not data:
        raise unreadable("CORRUPT_FILE")
    return data.ljust(size, b"\0")


def _chain(table: list[int], start: int) -> list[int]:
    sectors, seen = [], set()
    while start < _END_OF_CHAIN:
        if start in seen or start >= len(table):
            raise unreadable("CORRUPT_FILE")
        seen.add(start)
        sectors.append(start)
        start = table[start]
    return sectors


def _ole_directory(file: io.BufferedIOBase) -> dict[str, tuple[int, list[int], int]]:
    """Stream name -> (sector size, sectors of its head, length); short streams give no sectors."""
    file.seek(0)
    header = file.read(512)
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in (9, 12):
        raise unreadable("CORRUPT_FILE")
    size = 1 << shift
    _fats, directory_at, _, cutoff, _, _, difat_at, difats = struct.unpack_from("<IIIIIIII", header, 44)
    fat_sectors = [n for n in struct.unpack_from("<109I", header, 76) if n < _END_OF_CHAIN]
    for _ in range(min(difats, 1_000)):
        block = struct.unpack(f"<{size // 4}I", _sector(file, difat_at, size))
        fat_sectors += [n for n in block[:-1] if n < _END_OF_CHAIN]
        difat_at = block[-1]
    fat: list[int] = []
    for number in fat_sectors:
        fat += struct.unpack(f"<{size // 4}I", _sector(file, number, size))
    streams = {}
    for number in _chain(fat, directory_at):
        block = _sector(file, number, size)
        for at in range(0, size, 128):
            length = struct.unpack_from("<H", block, at + 64)[0]
            if not 2 <= length <= 64:
                continue
            name = block[at : at + length - 2].decode("utf-16-le", "replace")
            start, bytes_long = struct.unpack_from("<II", block, at + 116)
            sectors = _chain(fat, start) if bytes_long >= cutoff and block[at + 66] == 2 else []
            streams[name] = (size, sectors, bytes_long)
    return streams


BIFF_FILE_PASS, BIFF_DATE_MODE, BIFF_END = 0x2F, 0x22, 0x0A


def _xls_facts(file: io.BufferedIOBase, size: int, sectors: list[int], length: int) -> XlsFacts:
    if sectors:
        file.seek(0, io.SEEK_END)
        if (max(sectors) + 1) * size >= file.tell():
            raise unreadable("CORRUPT_FILE")
    head = b"".join(_sector(file, number, size) for number in sectors[: MEGABYTE // size])
    at, is_1904 = 0, False
    while at + 4 <= min(len(head), length):
        record, long = struct.unpack_from("<HH", head, at)
        if record == BIFF_FILE_PASS:
            raise unreadable("PASSWORD_PROTECTED")
        if record == BIFF_DATE_MODE and long >= 2:
            is_1904 = struct.unpack_from("<H", head, at + 4)[0] == 1
        if record == BIFF_END:
            break
        at += 4 + long
    return XlsFacts(is_1904)
