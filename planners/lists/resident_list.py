"""The resident list as a kind of list: the engine for a whole register behind the acts every kind has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from centers.models import Dong, User
from common.hangul import mask_name
from common.spreadsheets import Book
from planners.lists import resident_matching, resident_staging, resident_undo, resident_writing
from planners.lists.list_columns import Layout
from planners.lists.list_issues import REJECT, WARN, Issue
from planners.lists.list_kinds import Compared, Difference, ListKind, Newcomer
from planners.lists.list_reading import REJECTS_KEPT, WARNINGS_KEPT, Progress, Reading, Stage
from planners.lists.resident_columns import RESIDENTS
from planners.models import ImportBatch, ImportIssue

DETAIL = """
    SELECT s.row, s.status, s.codes || s.warnings, s.warnings, s.name, s.birth_on, s.sex, s.dong_id, s.tong, s.ban, s.address, s.phone, s.mobile,
        s.relation, s.benefit, m.act
    FROM {rows} s LEFT JOIN {matches} m ON m.row = s.row ORDER BY s.row
"""
SEXES = {"M": "남", "F": "여"}


class ResidentList(ListKind):
    """Everybody who lives in the district, or in one dong."""

    key = ImportBatch.Kind.RESIDENTS
    title = "주민 명부"
    noun = "주민"
    unit = "명"
    register_name = "주민 명부"
    vocabulary = RESIDENTS
    added_headings = ("생년월일", "성별", "동")
    form_headings = (
        "성명", "생년월일", "성별", "행정동", "통", "반", "도로명주소", "상세주소", "휴대전화", "자택전화", "세대주와의 관계", "복지급여",
    )  # fmt: skip
    form_example = (
        "예) 홍길동", "1950-03-01", "남", "장위1동", 3, 1, "서울특별시 성북구 장위로 21길 14", "101동 502호", "010-1234-5678", "02-923-4567",
        "본인", "기초연금",
    )  # fmt: skip

    def claim(self, layout: Layout, told: str) -> float:
        """A list of people that says nothing else about itself is a resident list."""
        return 0.5 + super().claim(layout, told)

    def fill(
        self, batch: ImportBatch, book: Book, layout: Layout, *, on: dt.date, allowed: set[int] | None, report: Progress
    ) -> Reading:
        stage = Stage.create(batch.pk)
        try:
            own = batch.dong.name if batch.dong else ""
            return resident_staging.fill(stage, book, layout, on=on, own_dong=own, allowed_dongs=allowed, report=report)
        except BaseException:
            stage.drop()
            raise

    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False) -> Compared:
        repeats, namesakes = resident_matching.find_repeats(stage) if first else ([], [])
        counts, held, missing, mark, doubts = resident_matching.match(stage, as_of=batch.extracted_on)
        doubtful = sorted({*namesakes, *doubts})
        facts = {"held": held, "missing": missing, "mark": mark}
        return Compared(counts, facts, _found_in_sets(repeats, doubtful), {"POSSIBLE_DUP": len(doubtful)})

    def is_current(self, batch: ImportBatch, stage: Stage) -> bool:
        return resident_matching.register_mark() == batch.report["mark"]

    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        return resident_writing.write(batch, stage, by=by, on=on, at=at, report=report)

    def refuse_undo(self, batch: ImportBatch) -> None:
        resident_undo.refuse(batch)

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        return resident_undo.undo(batch, by=by, reason=reason, on=on, at=at)

    def newcomers(self, batch: ImportBatch, stage: Stage) -> list[Newcomer]:
        dongs = dict(Dong.objects.values_list("pk", "name"))
        return [
            Newcomer(
                row,
                mask_name(name),
                (f"{birth_on:%Y.%m.%d}", SEXES.get(sex, ""), dongs.get(dong, "")),
                headings=self.added_headings,
            )
            for row, name, birth_on, sex, dong, _ in resident_matching.newcomers(stage)
        ]

    def differences(self, batch: ImportBatch, stage: Stage, *, act: str) -> list[Difference]:
        return resident_matching.differences(stage, act=act)

    def names(self, stage: Stage, rows: list[int]) -> dict[int, str]:
        return dict(stage.run("SELECT row, name FROM {rows} WHERE row = ANY (%(rows)s)", rows=rows))

    def records(self, stage: Stage) -> Iterator[dict[str, Any]]:
        dongs = dict(Dong.objects.values_list("pk", "name"))
        return (_record(dongs, *row) for row in stage.walk(DETAIL))


def _found_in_sets(repeats: Iterable[tuple[int, str]], doubts: list[int]) -> list[ImportIssue]:
    rows = [(row, Issue(code, "name", REJECT)) for row, code in list(repeats)[:REJECTS_KEPT]]
    rows += [(row, Issue("POSSIBLE_DUP", "name", WARN)) for row in doubts[:WARNINGS_KEPT]]
    return [ImportIssue(row=row, field=i.field, level=i.level, code=i.code, message=i.message) for row, i in rows]


def _record(dongs: dict[int, str], row: int, status: str, codes: list, warnings: list, *found: Any) -> dict[str, Any]:
    record: dict[str, Any] = {"row": row, "status": status, "codes": codes, "warnings": warnings}
    if status == "skipped":
        return record
    name, birth_on, sex, dong_id, tong, ban, address, phone, mobile, relation, benefit, act = found
    record["act"] = (act or "added") if status == "accepted" else None
    record["normalised"] = {
        "name": name,
        "birth_date": birth_on.isoformat() if birth_on else None,
        "sex": sex,
        "dong": dongs.get(dong_id, ""),
        "tong": tong,
        "ban": ban,
        "address": address,
        "phone": phone,
        "mobile": mobile,
        "relation": relation,
        "benefit": benefit,
    }
    return record
