"""Files broken at random: real sheets with flipped bytes, cut ends, swapped, doubled and forged parts.

    python -m tests.imports.fuzz [--seeds 0:500] [--seconds 20] [--keep FOLDER]

Each file must end in rows or in a refusal that says what to do, within the limits of the reading child.
`broken(seed)` is the same file for the same seed.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import struct
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
Breaking = Callable[[bytes, random.Random], bytes]


def whole(kind: str, chance: random.Random) -> bytes:
    """A good list of some people as a file of the kind."""
    from . import containers
    from .dirt import HEAD, good, html, xlsx, xml_2003

    rows = [["장위1동 주민 명부"], [], HEAD, *(good(n) for n in range(chance.randint(1, 60)))]
    if kind == "xlsx":
        return xlsx({"표지": [["표지"]], "명부": rows}, merges={"명부": [(0, 0, 0, 5)]})
    if kind == "xls":
        return containers.xls({"명부": rows})
    if kind == "html":
        return html(rows)
    if kind == "xml":
        return xml_2003(rows)
    lines = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    return lines.encode(chance.choice(["utf-8-sig", "utf-8", "cp949", "utf-16"]))


# ---------------------------------------------------------------- any file
def flipped(data: bytes, chance: random.Random) -> bytes:
    body = bytearray(data)
    for _ in range(chance.choice([1, 3, 20, 200])):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(1, len(data))]


def hole(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 3_000) :]


def repeated(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 3_000)]
    return data[:start] + piece * chance.choice([2, 5, 1_000]) + data[start:]


def noise(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + chance.randbytes(chance.choice([4, 500, 20_000])) + data[start:]


def numbers(data: bytes, chance: random.Random) -> bytes:
    """Four bytes become a huge, a negative or a zero length."""
    at = chance.randrange(max(1, len(data) - 4))
    return data[:at] + struct.pack("<I", chance.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFF])) + data[at + 4 :]


# ---------------------------------------------------------------- workbooks
def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # doubled names are meant
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


def swapped(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    one, other = chance.sample(list(members), 2)
    members[one], members[other] = members[other], members[one]
    return _zipped(list(members.items()))


def doubled(data: bytes, chance: random.Random) -> bytes:
    members = list(_members(data).items())
    name, body = chance.choice(members)
    return _zipped([*members, (name, chance.choice([body, b"", flipped(body, chance)]))])


def without(data: bytes, chance: random.Random) -> bytes:
    members = _members(data)
    del members[chance.choice(list(members))]
    return _zipped(list(members.items()))


def broken_part(data: bytes, chance: random.Random) -> bytes:
    """One part damaged inside a zip that is whole."""
    members = _members(data)
    name = chance.choice(list(members))
    members[name] = chance.choice([flipped, cut, hole, noise])(members[name], chance)
    return _zipped(list(members.items()))


def forged(data: bytes, chance: random.Random) -> bytes:
    """A value in the XML that no program would write: far rows, huge areas, texts that do not exist."""
    members = _members(data)
    part = chance.choice([SHEET.replace("1", "2"), STRINGS, BOOK])
    pattern, values = chance.choice(_FORGERIES[part.rpartition("/")[2][:6]])
    body = members[part]
    spots = list(re.finditer(pattern, body))
    for spot in sorted(chance.sample(spots, min(len(spots), chance.choice([1, 5]))), key=lambda s: -s.start()):
        body = body[: spot.start()] + chance.choice(values) + body[spot.end() :]
    return _zipped(list((members | {part: body}).items()))


_FORGERIES: dict[str, list[tuple[bytes, list[bytes]]]] = {
    "sheet2": [
        (rb'ref="[A-Z0-9:]+"', [b'ref="A1:XFD1048576"', b'ref="ZZZZZZ99999999999"', b'ref=""', b'ref="B2:A1"', b'ref="A0"']),
        (rb'(?<=t="s")><v>\d+', [b"><v>99999999", b"><v>-1", b"><v>1e9", b"><v>", b"><v>18446744073709551616"]),
        (rb'<row r="\d+"', [b'<row r="1048576"', b'<row r="0"', b'<row r="-5"', b'<row r="99999999999"', b'<row r="x"']),
        (rb'<c r="[A-Z]+\d+"', [b'<c r="XFD1048576"', b'<c r="A1"', b'<c r="ZZZZZZ1"', b'<c r="1A"', b'<c r=""', b"<c"]),
        (rb's="\d+"', [b's="99999"', b's="-1"', b's="x"']),
        (rb't="s"', [b't="e"', b't="d"', b't="b"', b't="str"', b't="zzz"', b't="inlineStr"']),
        (rb"<v>[^<]*</v>", [b"<v>1e308</v>", b"<v>NaN</v>", b"<v>-99999</v>", b"<v>2958466</v>", b"<v>" + b"9" * 400 + b"</v>"]),
        (rb"</row>", [b"", b"<row>", b"</row></row>", b"<row r='7'>" * 2_000]),
    ],
    "shared": [
        (rb'(?:uniqueC|c)ount="\d+"', [b'count="4294967295"', b'count="-1"', b'uniqueCount="999999999999"', b'count=""']),
        (rb"<t[^>]*>[^<]*", [b"<t>" + "가".encode() * 40_000, b"<t>&#0;", b"<t>&#xFFFFFF;", b"<t>&nope;", b"<t>\xff\xfe", b"<t>_x0000__xD800_"]),
        (rb"</si>", [b"", b"<si>", b"<si><t/></si>" * 3_000]),
    ],
    "workbo": [
        (rb'r:id="\w+"', [b'r:id="rId99"', b'r:id=""', b""]),
        (rb'name="[^"]*"', [b'name="../../etc/passwd"', b'name=""', b'name="' + b"x" * 100_000 + b'"']),
        (rb"<sheets>", [b"<sheets><sheet/>", b"", b"<sheets>" * 500]),
    ],
}  # fmt: skip


# ---------------------------------------------------------------- text
def signs(data: bytes, chance: random.Random) -> bytes:
    """Quotes, separators, tags and ends of lines where none belong."""
    body = bytearray(data)
    pieces = (
        b'"',
        b'""',
        b",",
        b"\t",
        b"\r",
        b"\n\n",
        b"\0",
        b"\x1a",
        b"\x1e\x1f",
        b"<",
        b"</table>",
        b"<!--",
        b"<td>",
        b"&#",
        b"\xef\xbb\xbf",
    )
    for _ in range(chance.choice([1, 10, 200])):
        at = chance.randrange(len(body) + 1)
        body[at:at] = chance.choice(pieces) * chance.choice([1, 1, 50])
    return bytes(body)


ANY: list[Breaking] = [flipped, cut, hole, repeated, noise, numbers]
WAYS: dict[str, list[Breaking]] = {
    "xlsx": [*ANY, swapped, doubled, without, broken_part, forged, forged, forged],
    "xls": [*ANY, numbers, numbers],
    "csv": [*ANY, signs, signs],
    "html": [*ANY, signs, signs],
    "xml": [*ANY, signs, signs],
}


def broken(seed: int) -> tuple[str, bytes]:
    """(how, the file): the first word of `how` is the kind of file."""
    chance = random.Random(seed)
    kind = chance.choice(["xlsx", "xlsx", "xls", "csv", "html", "xml"])
    data = whole(kind, chance)
    ways = [chance.choice(WAYS[kind]) for _ in range(chance.choice([1, 1, 2]))]
    for way in ways:
        try:
            data = way(data, chance) or b" "
        except Exception:  # broken too much already for a second way
            break
    return " ".join([kind, *(way.__name__ for way in ways)]), data


# ---------------------------------------------------------------- the tool
def outcome(path: Path) -> str:
    """`rows`, or the code of the refusal. Whatever else is raised is a fault of ours."""
    from common.refusals import Refusal
    from planners.dong_names import DongNames

    from .conftest import DONGS
    from .test_dirty_files import read_all

    try:
        read_all(path, DongNames(tuple(pair.split(" ")) for pair in DONGS.split(",")))
    except Refusal as refusal:
        if not refusal.message.endswith(("요.", "다.")):
            raise AssertionError(f"{refusal.code} does not say what to do: {refusal.message}") from refusal
        return refusal.code
    return "rows"


def main() -> None:
    import django

    parser = argparse.ArgumentParser(prog="tests.imports.fuzz", description=__doc__)
    parser.add_argument("--seeds", default="0:300", metavar="FROM:TO")
    parser.add_argument("--seconds", type=float, default=20.0, help="one file may take")
    parser.add_argument("--keep", type=Path, help="a folder for the files that went wrong")
    options = parser.parse_args()
    django.setup()
    first, _, last = options.seeds.partition(":")
    met, wrong = Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(first), int(last)):
            how, data = broken(seed)
            path = Path(folder) / "file"
            path.write_bytes(data)
            started = time.perf_counter()
            try:
                found = outcome(path)
            except Exception as fault:
                found = f"{type(fault).__name__}: {fault}"[:200]
            took = time.perf_counter() - started
            met[found] += 1
            if not re.fullmatch(r"rows|[A-Z_]+", found) or took > options.seconds:
                wrong += 1
                print(f"{seed} ({how}): {found}, {took:.1f} s", flush=True)
                if options.keep:
                    (options.keep / f"{seed}").write_bytes(data)
    print(", ".join(f"{code} {times}" for code, times in met.most_common()))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
