"""Notices of a tong as PDF (PDF/UA): a sheet for each door in the order of the alley, with a slip to tear off.

Words reach typst only as JSON data, never as markup. The slip carries the wording's version, so that what
was agreed to is known when it comes back (plan IV.5-1 ①; 개인정보 보호법 제15조②).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import typst
from django.conf import settings

from centers.models import DongCenter
from planners.consent_sheets import Line
from planners.models import ConsentWording

TEMPLATE = Path(__file__).with_name("letters.typ")
GREETING = (
    "안녕하세요. {center}입니다. 간호사와 사회복지사가 함께 댁으로 찾아가 건강과 복지 서비스를 안내해 드립니다."
    " 비용은 없습니다. 복지통장이 들르거나 전화로 찾아뵈어도 괜찮은지 여쭙겠습니다."
)


def pdf(
    lines: Sequence[Line], *, center: DongCenter | None, wording: ConsentWording, on: dt.date, at: dt.datetime
) -> bytes:
    """The letters of `lines`, one page each, dated `on`; `at` becomes the creation time."""
    name, since = center.name if center else "성북구", wording.valid_from
    given = {
        "title": f"방문 안내문 {len(lines)}장",
        "center": name,
        "phone": "",
        "greeting": GREETING.format(center=name),
        "items": list(wording.items),
        "date": f"{on.year}년 {on.month}월 {on.day}일",
        "cut": f"여기를 잘라 복지통장이나 센터에 주세요 · {since.year}.{since.month}.{since.day}판",
        "letters": [_letter(line, number, on) for number, line in enumerate(lines, start=1)],
    }
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=[settings.REPORT_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"letters": json.dumps(given, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(at.timestamp()),
    )


def _letter(line: Line, number: int, on: dt.date) -> dict:
    person = line.target.person
    tong = f"{person.tong}통" if person.tong else ""
    return {
        "name": person.name,
        "address": person.address,
        "place": tong,
        "code": f"{tong} {number:03d} · {on:%Y.%m.%d}".strip(),
    }
