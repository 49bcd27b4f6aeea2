"""Writes the file formats that no library here writes: OLE2, BIFF8, bombs, and broken ones."""

from __future__ import annotations

import io
import struct
import zipfile

FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file with the given streams, each padded to 4,096 bytes so that it needs no mini stream."""
    bodies = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    sectors: list[bytes] = []
    fat: list[int] = []
    starts = {}
    for name, body in bodies.items():
        count = -(-len(body) // 512)
        starts[name] = len(sectors)
        for n in range(count):
            sectors.append(body[n * 512 : (n + 1) * 512].ljust(512, b"\0"))
            fat.append(len(sectors) if n < count - 1 else END)
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    names = list(bodies)
    for n, name in enumerate(names):
        entries.append(_entry(name, 2, starts[name], len(bodies[name]), right=n + 2 if n + 1 < len(names) else FREE))
    directory = b"".join(entries)
    directory += _entry("", 0, 0, 0) * (-len(entries) % 4)
    directory_at = len(sectors)
    for n in range(0, len(directory), 512):
        sectors.append(directory[n : n + 512])
        fat.append(len(sectors) if n + 512 < len(directory) else END)
    fat_at = len(sectors)
    fat_sectors = -(-(len(fat) + 2) // 127)
    fat += [FAT_SECTOR] * fat_sectors
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    difat = [fat_at + n for n in range(fat_sectors)] + [FREE] * (109 - fat_sectors)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, directory_at, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *difat)
    return header + b"".join(sectors) + table


def _entry(name: str, kind: int, start: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    body = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) if name else 0, kind, 1)
    body += struct.pack("<III", FREE, right, child) + b"\0" * 36
    return body + struct.pack("<II", start, size) + b"\0" * 4


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, length: str = "<H") -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def xls(sheets: dict[str, list[list[object]]], *, merges=(), is_1904=False, with_password=False, hidden=()) -> bytes:
    """An .xls (BIFF8): text, numbers, yes/no; a tuple (serial,) is a cell in a date format."""
    bodies = []
    for rows in sheets.values():
        cells = b""
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if type(value) is tuple:
                    cells += _record(0x203, struct.pack("<HHHd", r, c, 16, value[0]))
                elif type(value) is bool:
                    cells += _record(0x205, struct.pack("<HHHBB", r, c, 15, value, 0))
                elif isinstance(value, int | float):
                    cells += _record(0x203, struct.pack("<HHHd", r, c, 15, value))
                elif value not in ("", None):
                    cells += _record(0x204, struct.pack("<HHH", r, c, 15) + _text(value))
        merged = (
            _record(
                0xE5,
                struct.pack("<H", len(merges))
                + b"".join(struct.pack("<HHHH", r1, r2, c1, c2) for r1, c1, r2, c2 in merges),
            )
            if merges
            else b""
        )
        width = max(map(len, rows), default=0)
        dimensions = _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
        bodies.append(
            _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0x600))
            + dimensions
            + cells
            + merged
            + _record(0x0A)
        )
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0x600))
    if with_password:
        start += _record(0x2F, b"\x01\0\x01\0\x01\0" + b"\0" * 48)
    start += _record(0x42, struct.pack("<H", 1200)) + _record(0x22, struct.pack("<H", is_1904))
    for _ in range(4):
        start += _record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\0" + b"Arial")
    start += _record(0x41E, struct.pack("<H", 164) + _text("yyyy-mm-dd"))
    for number in range(17):
        formatted = 164 if number == 16 else 0
        start += _record(0xE0, struct.pack("<HHH", 0, formatted, 0xFFF5 if number < 15 else 1) + b"\0" * 14)
    names = [name.encode("utf-16-le") for name in sheets]
    size = len(start) + sum(4 + 8 + len(name) for name in names) + 4
    bound = b""
    for n, name in enumerate(sheets):
        bound += _record(0x85, struct.pack("<IBBBB", size, name in hidden, 0, len(name), 1) + names[n])
        size += len(bodies[n])
    return ole({"Workbook": start + bound + _record(0x0A) + b"".join(bodies)})


def rezipped(data: bytes, *, changed: dict[str, bytes] | None = None, added: dict[str, bytes] | None = None) -> bytes:
    """A zip with some members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, (changed or {}).get(name, source.read(name)))
        for name, body in (added or {}).items():
            target.writestr(name, body)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def bomb(sheet: bytes, *, megabytes: int = 200) -> bytes:
    """A workbook whose one cell unpacks to `megabytes`."""
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    head, _, tail = part.partition(b"</sheetData>")
    body = (
        head
        + b'<row r="99999"><c r="A99999" t="inlineStr"><is><t>'
        + b"A" * (megabytes << 20)
        + b"</t></is></c></row></sheetData>"
        + tail
    )
    return rezipped(sheet, changed={"xl/worksheets/sheet1.xml": body})
