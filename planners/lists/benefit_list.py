"""The list of benefit recipients (plan II.4, 14 categories): who receives what, from when until when.

A row names a resident and one or more benefits, in words (급여종류) or by marks in a column for each category
(`benefit_marks`). Rows of one person in the same category are one benefit (생계급여 and 의료급여 are both basic
livelihood). What is there is matched by its first day, else the running
benefit of the category is meant. Blank cells never erase a day that is known.

A list that is complete may also end benefits: the clerk chooses whether running benefits of the categories
in the list end for people it does not name, in the dongs it names or everywhere. Nobody's benefit ends
whose name stands on a rejected row.
"""

# The statements are put together from constants of this module only.
# ruff: noqa: S608
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection

from centers.figure_tables import BENEFITS as NAMES
from centers.models import User
from common.hangul import compact
from common.spreadsheets import Book
from planners import benefit_names
from planners.lists import benefit_marks, list_people, list_undo
from planners.lists.list_cells import NO, YES, Context, Read, day
from planners.lists.list_columns import HeaderNotFound, Layout
from planners.lists.list_issues import WARN, Issue
from planners.lists.list_kinds import Choice, Compared
from planners.lists.list_outcomes import remember
from planners.lists.list_reading import Progress, Stage, rejects_of
from planners.lists.list_staging import Line, ListColumn, StagedList
from planners.lists.resident_cells import text_of
from planners.models import Benefit, ImportBatch

ABSENT = Choice(
    "absent",
    "이 명부에 없는 사람의 급여",
    {
        "keep": "그대로 둡니다",
        "dongs": "명부에 나온 동에서는 끝난 것으로 합니다",
        "all": "구 전체에서 끝난 것으로 합니다",
    },
    "명부에 나온 급여만 봅니다. 그 급여가 X로 적힌 사람도 없는 것으로 봅니다. 끝나는 날은 자료 기준일이고, 반려된 줄에 이름이 있는 사람은 그대로 둡니다.",
)


def read_categories(cell: Any, context: Context) -> Read:
    """The categories a cell names, or a mere mark; a word we do not know rejects the row."""
    written = text_of(cell)
    if not written:
        return Read()
    word = compact(written).lower()
    if word in YES or word in NO:
        return Read(word in YES)
    found = benefit_names.categories(written)
    return Read(found) if found else Read(None, "UNKNOWN_BENEFIT")


class BenefitList(StagedList):
    """Recipients of benefits, of one category or several, of one dong or the district."""

    key = ImportBatch.Kind.BENEFITS
    title = "복지급여 대상자 명부"
    noun = "급여"
    unit = "건"
    register_name = "복지급여 기록"
    has_people = True
    titles = re.compile(r"급여|수급|보장|복지 ?대상|연금|수당|한부모|차상위|보육료|유아학비|위탁")
    added_headings = ("급여", "시작일", "끝난 날")
    parts = {"closed": "끝냄"}
    choices = (ABSENT,)
    form_headings = ("성명", "생년월일", "성별", "행정동", "도로명주소", "급여종류", "급여개시일", "급여종료일")
    form_example = ("예) 홍길동", "1950-03-01", "남", "장위1동", "장위로 21길 14", "기초연금", "2014-07-01", "")
    columns = (
        ListColumn(
            "categories",
            "급여 종류",
            "복지급여 급여종류 급여구분 수급구분 보장구분 보장유형 수급종류 수급자구분 수급자격 자격구분 자격 복지대상 복지대상구분 복지자격 보호구분 수급유형 급여 급여명 보장종류 "
            "복지구분 수급자종류 수급 수급여부 복지급여종류 대상자구분 지원종류 서비스명 사업명 지원구분",
            read=read_categories,
        ),
        ListColumn(
            "valid_from",
            "급여 시작일",
            "급여개시일 급여시작일 개시일 개시일자 보장개시일 보장시작일 책정일 책정일자 결정일 결정일자 수급개시일 수급시작일 지급개시일 지급시작일 지원시작일 지원개시일 자격취득일 "
            "보장결정일 선정일 선정일자 보장일 최초책정일 최초보장일",
            read=day(),
            is_own=True,
        ),
        ListColumn(
            "valid_to",
            "급여 끝난 날",
            "급여종료일 급여만료일 종료일 종료일자 보장종료일 보장중지일 중지일 중지일자 수급종료일 지급종료일 지원종료일 자격상실일 보장만료일 상실일 만료일",
            read=day(may_be_future=True),
            is_own=True,
        ),
        *benefit_marks.COLUMNS,
    )  # fmt: skip

    def recognise(self, book: Book, **given: Any) -> Layout:
        layout = super().recognise(book, **given)
        if not tells_categories(layout) and not titled(layout):
            raise HeaderNotFound(
                "어느 열이 급여 종류인지 알 수 없습니다. ‘급여종류’라는 제목을 달거나, 급여마다 ‘기초연금’ 같은 열을 두고 O로 표시해 주세요."
            )
        return layout

    def claim(self, layout: Layout, told: str) -> float:
        """A resident list may have a column of benefits too: days of the benefit, the title or many marks tell."""
        says_which = tells_categories(layout) or bool(titled(layout))
        many_marks = 2 * max(0, benefit_marks.marks_in(set(layout.indexes)) - 1)
        return super().claim(layout, told) + many_marks + (says_which and bool(self.titles.search(told)))

    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        data, issues = line.data, list(line.issues)
        marked = benefit_marks.gather(data)
        for name in benefit_marks.FIELDS:
            if data[name] is None:
                del data[name]
        issues += self._say_categories(data, marked, layout, has_fault=bool(rejects_of(line.issues)))
        data |= {name: facts for name in ("denied", "since", "until") if (facts := getattr(marked, name))}
        for category in data["categories"] or ():
            since = marked.since.get(category, data["valid_from"])
            until = marked.until.get(category, data["valid_to"])
            if since and until and until < since:
                issues.append(Issue("BAD_PERIOD", "valid_to"))
                break
        person = line.person
        who = person.number_key or person.person_key
        days = (data["valid_from"], data["valid_to"], sorted(marked.since.items()), sorted(marked.until.items()))
        key = f"{who}|{','.join(data['categories'] or ())}|{days}"
        return line._replace(issues=tuple(issues), key=key if data["categories"] else "")

    @staticmethod
    def _say_categories(
        data: dict[str, Any], marked: benefit_marks.Marked, layout: Layout, *, has_fault: bool
    ) -> Iterator[Issue]:
        """Put the categories of the row together; a mere mark under 수급여부 means the one that the title tells."""
        said, is_wide = data["categories"], bool(benefit_marks.marks_in(set(layout.indexes)))
        if said is True or (said is None and not tells_categories(layout)):
            said = titled(layout)
            if not said:
                yield Issue("UNKNOWN_BENEFIT", "categories")
        elif said is None and not is_wide and not has_fault:
            yield Issue("REQUIRED", "categories")
        data["categories"] = list(dict.fromkeys([*(said or ()), *marked.received]))

    def find_people(self, batch: ImportBatch, stage: Stage) -> None:
        """As in every list of people, but who died may have had a benefit until then."""
        list_people.find(stage, dongs=batch.report.get("allowed"), dead_too=True)
        stage.run(DIED)

    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False) -> Compared:
        compared = super().compare(batch, stage, on=on, first=first)
        day_of_list = self.day_of(batch, on)
        compared.facts["records_added"] = stage.run(RECORDS_ADDED)[0][0]
        for code, statement in (("PERSON_MOVED", GONE), ("MARKED_NO", DENIED), ("SINCE_LIST_DAY", UNDATED)):
            rows = sorted(row for (row,) in stage.run(statement, on=day_of_list))
            compared.warnings[code] = len(rows)
            compared.issues += [self._issue(row, Issue(code, "categories", WARN)) for row in rows[:100]]
        return compared

    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("DROP TABLE IF EXISTS granted")
        stage.run(GRANTED, on=on)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE granted")
        stage.run(FOUND, on=on, names=list(NAMES), words=list(NAMES.values()))
        stage.run(SAME_AGAIN)
        wanted = self.answer(batch, ABSENT.name)
        if wanted != "keep":
            own = batch.dong_id
            stage.run(
                CLOSING, on=on, names=list(NAMES), words=list(NAMES.values()), everywhere=wanted == "all", own=own
            )
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE granted")

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        keys = ("category", "valid_from", "valid_to")
        return tuple(self.shown(key, after.get(key)) for key in keys)

    def shown(self, key: str, value: Any) -> str:
        if isinstance(value, list):
            return "·".join(NAMES[one] for one in value)
        if key == "category":
            return NAMES.get(value, value)
        return super().shown(key, value)

    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        stage.run(ADD)
        stage.run(KNOW_RECORDS)
        stage.run(CHANGE)
        remember(batch, stage)
        return {person for (person,) in stage.run(SUBJECTS)}

    def refuse_undo(self, batch: ImportBatch) -> None:
        list_undo.refuse(batch, Benefit)

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        return list_undo.put_back(batch, Benefit)


def tells_categories(layout: Layout) -> bool:
    """Whether the rows themselves say which benefit: in words or by marks."""
    return "categories" in layout.indexes or benefit_marks.marks_in(set(layout.indexes)) > 0


def titled(layout: Layout) -> list[str]:
    """The one category that the title or the name of the sheet tells; empty when none or several do."""
    found = {category for text in (*layout.titles, layout.sheet_name) for category in benefit_names.categories(text)}
    return sorted(found) if len(found) == 1 else []


_NAME = "(SELECT w FROM unnest(%(names)s::text[], %(words)s::text[]) AS k (n, w) WHERE k.n = {})"
# One benefit of a person: rows of the same running category together, ended periods each by itself.
GRANTED = """
    CREATE TEMP TABLE granted ON COMMIT DROP AS
    SELECT person_id, category, is_over, min(row) AS row, min(valid_from) AS valid_from,
        CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS valid_to
    FROM (
        SELECT s.row, s.person_id, c.category, d.valid_from, d.valid_to, coalesce(d.valid_to <= %(on)s, false) AS is_over
        FROM {rows} s CROSS JOIN LATERAL jsonb_array_elements_text(s.data -> 'categories') c (category)
        CROSS JOIN LATERAL (SELECT
            coalesce(s.data -> 'since' ->> c.category, s.data ->> 'valid_from')::date AS valid_from,
            coalesce(s.data -> 'until' ->> c.category, s.data ->> 'valid_to')::date AS valid_to) d
        WHERE s.status = 'accepted' AND s.refusal IS NULL
    ) x GROUP BY person_id, category, is_over, CASE WHEN is_over THEN valid_to END
"""
# The record a grant means: the one that begins on its day, else the one that runs.
FOUND = f"""
    INSERT INTO {{matches}} (row, act, "table", record, person_id, label, before, after)
    SELECT row, CASE WHEN record IS NULL THEN 'added' WHEN after = '{{{{}}}}' THEN 'unchanged' ELSE 'changed' END,
        'planners.Benefit', record, person_id, {_NAME.format("category")},
        CASE WHEN record IS NOT NULL THEN jsonb_build_object('valid_from', old_from, 'valid_to', old_to) END, after
    FROM (
        SELECT g.row, g.person_id, g.category, b.id AS record, b.valid_from AS old_from, b.valid_to AS old_to,
            CASE WHEN b.id IS NULL THEN jsonb_build_object('category', g.category,
                'valid_from', coalesce(g.valid_from, least(g.valid_to, %(on)s)), 'valid_to', g.valid_to)
            ELSE CASE WHEN g.valid_from <> b.valid_from THEN jsonb_build_object('valid_from', g.valid_from) ELSE '{{{{}}}}' END
                || CASE WHEN g.valid_to IS DISTINCT FROM b.valid_to AND (g.valid_to IS NOT NULL OR b.valid_to <= %(on)s)
                    THEN jsonb_build_object('valid_to', g.valid_to) ELSE '{{{{}}}}' END
            END AS after,
            row_number() OVER (PARTITION BY g.person_id, g.category, g.is_over, g.valid_to, g.row
                ORDER BY (b.valid_from = g.valid_from) DESC NULLS LAST, b.valid_from DESC) AS place
        FROM granted g LEFT JOIN planners_benefit b ON b.person_id = g.person_id AND b.category = g.category AND (
            b.valid_from = g.valid_from
            OR (b.valid_to IS NULL OR b.valid_to > %(on)s) AND (NOT g.is_over OR b.valid_from < g.valid_to AND NOT EXISTS (
                SELECT FROM granted n WHERE n.person_id = g.person_id AND n.category = g.category AND NOT n.is_over))
        )
    ) x WHERE place = 1
"""
SAME_AGAIN = """
    INSERT INTO {matches} (row, act, "table", person_id, label)
    SELECT s.row, 'unchanged', 'planners.Benefit', s.person_id, '' FROM {rows} s
    WHERE s.status = 'accepted' AND s.refusal IS NULL AND NOT EXISTS (SELECT FROM {matches} m WHERE m.row = s.row)
"""
# A benefit that ended while its person lived is history; one that runs on cannot be theirs.
DIED = """
    UPDATE {rows} s SET refusal = 'PERSON_DIED' FROM planners_person p
    WHERE p.id = s.person_id AND p.status = 'deceased' AND s.status = 'accepted' AND s.refusal IS NULL
        AND NOT coalesce((s.data ->> 'valid_to')::date <= p.status_on, false)
"""
GONE = """
    SELECT DISTINCT m.row FROM {matches} m JOIN planners_person p ON p.id = m.person_id LEFT JOIN planners_benefit b ON b.id = m.record
    WHERE m.row > 0 AND p.status = 'moved'
        AND coalesce(CASE WHEN m.after ? 'valid_to' THEN (m.after ->> 'valid_to')::date ELSE b.valid_to END > %(on)s, true)
"""
UNDATED = """
    SELECT DISTINCT m.row FROM {matches} m JOIN {rows} s ON s.row = m.row WHERE m.act = 'added'
        AND coalesce(s.data -> 'since' ->> (m.after ->> 'category'), s.data ->> 'valid_from') IS NULL
"""
RECORDS_ADDED = "SELECT count(*) FROM {matches} WHERE act = 'added'"
# An X beside a benefit that runs, unless the clerk ends what the list does not name.
DENIED = """
    SELECT DISTINCT s.row FROM {rows} s CROSS JOIN LATERAL jsonb_array_elements_text(s.data -> 'denied') c (category)
    JOIN planners_benefit b ON b.person_id = s.person_id AND b.category = c.category
    WHERE s.status = 'accepted' AND s.refusal IS NULL AND b.valid_from <= %(on)s AND (b.valid_to IS NULL OR b.valid_to > %(on)s)
        AND NOT EXISTS (SELECT FROM {matches} m WHERE m.act = 'closed' AND m.record = b.id)
"""
CLOSING = f"""
    INSERT INTO {{matches}} (row, act, "table", record, person_id, label, before, after)
    SELECT 0, 'closed', 'planners.Benefit', b.id, b.person_id, {_NAME.format("b.category")},
        jsonb_build_object('valid_to', b.valid_to), jsonb_build_object('valid_to', %(on)s::date)
    FROM planners_benefit b JOIN planners_person p ON p.id = b.person_id
    WHERE (b.valid_to IS NULL OR b.valid_to > %(on)s) AND b.valid_from < %(on)s
        AND b.category IN (SELECT category FROM granted WHERE NOT is_over)
        AND (%(everywhere)s OR p.dong_id IN (SELECT q.dong_id FROM granted g JOIN planners_person q ON q.id = g.person_id))
        AND (%(own)s::bigint IS NULL OR p.dong_id = %(own)s)
        AND NOT EXISTS (SELECT FROM granted g WHERE g.person_id = b.person_id AND g.category = b.category)
        AND NOT EXISTS (SELECT FROM {{rows}} s WHERE (s.status = 'rejected' OR s.refusal IS NOT NULL) AND s.name = p.name)
"""
ADD = """
    INSERT INTO planners_benefit (person_id, category, valid_from, valid_to)
    SELECT person_id, after ->> 'category', (after ->> 'valid_from')::date, (after ->> 'valid_to')::date
    FROM {matches} WHERE act = 'added'
"""
KNOW_RECORDS = """
    UPDATE {matches} m SET record = b.id FROM planners_benefit b
    WHERE m.act = 'added' AND b.person_id = m.person_id AND b.category = m.after ->> 'category' AND b.valid_from = (m.after ->> 'valid_from')::date
"""
CHANGE = """
    UPDATE planners_benefit b SET
        valid_from = CASE WHEN m.after ? 'valid_from' THEN (m.after ->> 'valid_from')::date ELSE b.valid_from END,
        valid_to = CASE WHEN m.after ? 'valid_to' THEN (m.after ->> 'valid_to')::date ELSE b.valid_to END
    FROM {matches} m WHERE m.act IN ('changed', 'closed') AND b.id = m.record
"""
SUBJECTS = "SELECT DISTINCT person_id FROM {matches} WHERE act <> 'unchanged' AND person_id IS NOT NULL LIMIT 5001"
