"""The tongjang's tick sheet as PDF (PDF/UA, A4): doors of each tong in the order of the alley, each tong on its own page.

It holds what a tongjang may see: name, address, telephone, and the question (law article 16). What comes
back on paper is typed in on the same page in the same order.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import typst
from django.conf import settings

from centers.models import Dong, DongCenter
from planners.consent_sheets import Line

TEMPLATE = Path(__file__).with_name("sheets.typ")
HEADING = "방문 동의 확인표"
COLUMNS = ("순", "주소", "이름", "전화", "동의", "거절", "못 만남", "서명·메모")
ASK = (
    "“간호사와 사회복지사가 함께 댁으로 찾아가 건강과 복지 서비스를 안내해 드립니다. 비용은 없습니다."
    " 찾아뵈어도 괜찮으실까요?” 답에 따라 한 칸에 ✓ 해 주세요. 거절하셔도 불이익은 없습니다."
)


def pdf(
    sheets: Sequence[tuple[int | None, Sequence[Line]]],
    *,
    dong: Dong,
    center: DongCenter | None,
    on: dt.date,
    at: dt.datetime,
) -> bytes:
    """A sheet for each (tong, lines); `at` becomes the creation time."""
    name = center.name if center else dong.name
    given = {
        "title": f"{dong.name} {HEADING}",
        "center": name,
        "heading": HEADING,
        "date": f"{on.year}년 {on.month}월 {on.day}일",
        "ask": ASK,
        "columns": list(COLUMNS),
        "foot": f"{name} · 개인정보가 있습니다. 여쭌 뒤 바로 센터에 돌려주세요.",
        "sheets": [_sheet(dong, tong, lines) for tong, lines in sheets],
    }
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=[settings.REPORT_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"sheets": json.dumps(given, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(at.timestamp()),
    )


def _sheet(dong: Dong, tong: int | None, lines: Sequence[Line]) -> dict:
    return {
        "place": f"{dong.name} {tong}통" if tong else f"{dong.name} 통 모름",
        "count": f"여쭐 곳 {len(lines)}곳",
        "lines": [_line(line, number) for number, line in enumerate(lines, start=1)],
    }


def _line(line: Line, number: int) -> dict:
    person = line.target.person
    return {
        "number": number,
        "address": person.address or "주소 모름",
        "name": person.name,
        "phone": person.contact or "없음",
        "note": f"못 만남 {line.tries}번" if line.tries else "",
    }
