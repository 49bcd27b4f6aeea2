"""Births and pregnancies: the list of the maternal clinic and the list of registered births (plan IV.5-1 ②, III.7 ①).

A row whose person is an adult speaks of a pregnancy of a woman in the register: expected day (or weeks),
delivery, risk groups. A row whose person is a baby adds the baby to the household of the mother it names,
and tells the mother's pregnancy that it is over. The nightly extraction then lists both windows: from week
20 on, and within four weeks after birth.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from centers.models import User
from common.months import birthday
from common.spreadsheets import Book
from planners import residents
from planners.lists import list_columns, list_people, list_undo, resident_undo
from planners.lists.list_cells import Context, Read, day, number, text
from planners.lists.list_columns import HeaderNotFound, Layout
from planners.lists.list_homes import Homes
from planners.lists.list_issues import Issue
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_outcomes import Outcome, StagedLine, change_of, lines_of, outcomes_of, put_outcomes, set_record
from planners.lists.list_reading import Progress, Stage
from planners.lists.list_staging import PERSON_ALIASES, Line, ListColumn, StagedList
from planners.lists.resident_cells import text_of
from planners.lists.resident_values import address_key
from planners.models import ImportBatch, ImportChange, Person, Pregnancy, Target
from planners.target_rules import TERM_DAYS

BABY_DAYS = 730
SAME_PREGNANCY_DAYS = 60
MOTHER_AGES = (14, 55)
PREGNANCY, PERSON = Pregnancy._meta.label, Person._meta.label
_MOTHER = re.compile(r"산모|^모|[\s(]모|모친|어머니|엄마")
_NO_RISK = re.compile(r"정상|저위험|해당\s*없|없음|비해당|^[xX×nN]$|아니")
_ONLY_A_MARK = re.compile(r"^[oOㅇ○◯●◎vVyY✓✔]$|^고?위험군?$|^예$|^해당$")


def read_risks(cell: Any, context: Context) -> Read:
    """Risk groups named in a cell; a mere mark means high risk, words that deny it mean none."""
    written = text_of(cell)
    if not written:
        return Read()
    if _NO_RISK.search(written):
        return Read([])
    if _ONLY_A_MARK.match(written):
        return Read(["고위험"])
    found = [part.strip()[:30] for part in re.split(r"[,/·;\n]", written) if part.strip()]
    return Read(sorted(set(found))) if len(written) <= 200 else Read(None, "TOO_LONG")


class BirthList(StagedList):
    """Pregnant women and newborn babies."""

    key = ImportBatch.Kind.BIRTHS
    title = "출생·임신 명부"
    noun = "기록"
    unit = "건"
    register_name = "임신과 아기 기록"
    has_people = True
    titles = re.compile(r"임신|임산부|산모|임부|출생|출산|분만|모자보건|신생아|영유아|아기")
    added_headings = ("무엇", "예정일", "출산·출생일", "위험군")
    form_headings = (
        "성명",
        "생년월일",
        "행정동",
        "도로명주소",
        "휴대전화",
        "분만예정일",
        "출산일",
        "고위험",
        "등록일",
        "산모 성명",
        "산모 생년월일",
    )
    form_example = (
        "예) 홍길순",
        "1988-03-01",
        "장위1동",
        "장위로 21길 14",
        "010-1234-5678",
        "2015-05-20",
        "",
        "다문화",
        "2015-01-05",
        "",
        "",
    )
    columns = (
        ListColumn("expected_on", "분만예정일", "출산예정일 예정일 분만예정일자 출산예정일자 분만예정 출산예정 출산예정월일",
                   read=day(may_be_future=True), is_own=True),
        ListColumn("weeks", "임신 주수", "임신주수 주수 임신주 현재주수 임신주차 재태주수 임신기간", read=number(), is_own=True),
        ListColumn("delivered_on", "출산일", "분만일 출산일자 분만일자 분만일시 실제출산일 실제분만일 출산날짜", read=day(), is_own=True),
        ListColumn("ended_on", "임신이 끝난 날", "임신종결일 종결일 유산일 임신중단일", read=day()),
        ListColumn("risk_groups", "위험군", "고위험 고위험여부 위험요인 위험도 판정 판정결과 고위험판정 고위험임부 위험군여부 위험평가 위험구분 고위험군 고위험요인 고위험임신",
                   read=read_risks),
        ListColumn("reported_on", "등록일", "등록일자 신고일 신고일자 출생신고일 출생신고일자 접수일 보건소등록일 모자보건등록일 등록년월일", read=day()),
        ListColumn("mother", "산모 성명", "산모명 산모 모성명 모이름 모친 모친성명 모친명 어머니 어머니성명 어머니이름 부모성명 보호자성명 보호자명 보호자 엄마 엄마이름 산모이름 모",
                   read=text(50), is_own=True, is_name=True),
        ListColumn("mother_birth", "산모 생년월일", "모생년월일 모친생년월일 어머니생년월일 보호자생년월일 엄마생년월일 산모생일", read=day()),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        words = PERSON_ALIASES | {c.field: c.aliases for c in self.columns if not c.field.startswith("mother")}
        fields = {name: label for name, label in self.vocabulary.fields.items() if not name.startswith("mother")}
        #: of the clinic's list, where the mother is the person of the row
        self.of_mothers = dataclasses.replace(self.vocabulary, fields=fields, aliases=words)
        babies = "출생아 출생아명 출생아성명 신생아 신생아명 신생아성명 아기 아기이름 아기성명 아기명 영아명 영아성명 자녀명 자녀성명 아동명 아동성명"
        aliases = dict(self.vocabulary.aliases) | {"name": f"{PERSON_ALIASES['name']} {babies}"}
        aliases = {"name": aliases.pop("name"), **aliases}  # what means the mother is looked up after the name
        self.vocabulary = dataclasses.replace(self.vocabulary, aliases=aliases)

    def recognise(self, book: Book, **given: Any) -> Layout:
        try:
            layout = super().recognise(book, **given)
        except HeaderNotFound:
            layout = None
        if layout is None or "mother" not in layout.indexes:
            layout = list_columns.recognise(book.sheets, self.of_mothers, kind=book.kind, is_1904=book.is_1904, **given)
        told = " ".join((*layout.titles, layout.sheet_name))
        if not self._own(layout) and not self.titles.search(told):
            raise HeaderNotFound(
                "분만예정일도 출산일도 산모 이름도 없는 명부입니다. ‘분만예정일’, ‘출산일’, ‘산모 성명’ 가운데 하나는 열 제목에 있어야 합니다."
            )
        return layout

    def claim(self, layout: Layout, told: str) -> float:
        return 2 * len(self._own(layout)) + bool(self.titles.search(told))

    def _own(self, layout: Layout) -> set[str]:
        """Fields only such a list has; a guardian stands in many lists, a mother in this one."""
        found = self.vocabulary.own & set(layout.indexes)
        header = next((column.header for column in layout.columns if column.field == "mother"), "")
        return found if _MOTHER.search(header) else found - {"mother"}

    # ---------------------------------------------------------------- rows
    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        person, data, issues = line.person, line.data, list(line.issues)
        data["is_baby"] = person.birth_on is not None and (on - person.birth_on).days < BABY_DAYS
        if data["is_baby"]:
            return line._replace(issues=tuple(issues), key=f"{person.number_key or person.person_key}|baby")
        if person.sex == "M":
            issues.append(Issue("MALE_MOTHER", "sex"))
        data["is_estimated"] = not data["expected_on"] and data["weeks"] is not None
        if data["is_estimated"]:
            if data["weeks"] > 43:
                issues.append(Issue("BAD_NUMBER", "weeks"))
            else:
                data["expected_on"] = (on + dt.timedelta(days=TERM_DAYS - 7 * data["weeks"])).isoformat()
        issues += self._doubts(data, on)
        key = f"{person.number_key or person.person_key}|{(data['expected_on'] or data['delivered_on'] or '')[:7]}"
        return line._replace(person=person._replace(sex=person.sex or "F"), issues=tuple(issues), key=key)

    @staticmethod
    def _doubts(data: dict[str, Any], on: dt.date) -> Iterator[Issue]:
        expected, delivered = (
            dt.date.fromisoformat(data[k]) if data[k] else None for k in ("expected_on", "delivered_on")
        )
        if not expected and not delivered:
            yield Issue("REQUIRED", "expected_on")
        if expected and (expected - on).days > TERM_DAYS + 14:
            yield Issue("BAD_DATE", "expected_on")
        if expected and delivered and not -140 <= (delivered - expected).days <= 35:
            yield Issue("BAD_DELIVERY", "delivered_on")

    def find_people(self, batch: ImportBatch, stage: Stage) -> None:
        list_people.find(stage, dongs=batch.report.get("allowed"), unknown_too=True)

    # ---------------------------------------------------------------- outcomes
    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        lines = lines_of(stage)
        put_outcomes(stage, _Outcomes(lines, on).of_all())

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        is_baby = "birth_on" in after
        came_on = after.get("birth_on") or after.get("delivered_on")
        cells = (after.get("expected_on"), came_on, "·".join(after.get("risk_groups") or ()))
        return ("아기" if is_baby else "임신", *(self.shown("", cell) for cell in cells))

    def shown(self, key: str, value: Any) -> str:
        return "·".join(value) or "없음" if isinstance(value, list) else super().shown(key, value)

    # ---------------------------------------------------------------- writing
    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        homes, changes = Homes(), []
        for one in outcomes_of(stage, "added", "changed"):
            if one.table == PERSON:
                baby = _born(one.after, homes, batch=batch, by=by, at=at)
                one = dataclasses.replace(set_record(one, baby.pk), person_id=baby.pk)
            elif one.act == "added":
                one = set_record(one, Pregnancy.objects.create(person_id=one.person_id, **one.after).pk)
            else:
                Pregnancy.objects.filter(pk=one.record).update(**one.after)
            changes.append(change_of(batch, one))
        ImportChange.objects.bulk_create(changes, batch_size=1000)
        return {change.person_id for change in changes}

    def refuse_undo(self, batch: ImportBatch) -> None:
        list_undo.refuse(batch, Pregnancy)
        resident_undo.refuse_if_used(Person.objects.filter(source_batch=batch))
        added = batch.changes.filter(table=PREGNANCY, act="added").values_list("record", "person_id")
        listed = {(f"p{record}", person) for record, person in added}
        targets = Target.objects.filter(occurrence__in={occurrence for occurrence, _ in listed})
        standing = listed & set(targets.values_list("occurrence", "person_id"))
        if standing:
            raise CannotUndo(
                f"이 명부로 알게 된 임신 {len(standing):,}건이 이미 방문 대상 명단에 올랐습니다. 그 대상을 먼저 끝내거나 한 건씩 고쳐 주세요."
            )

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        count = list_undo.put_back(batch, Pregnancy)
        return count + resident_undo.remove(Person.objects.filter(source_batch=batch))


def _born(after: dict[str, Any], homes: Homes, *, batch: ImportBatch, by: User | None, at: dt.datetime) -> Person:
    birth_on = dt.date.fromisoformat(after["birth_on"])
    return residents.move_in(
        name=after["name"],
        birth_on=birth_on,
        sex=after["sex"],
        residence=homes.residence(after),
        on=birth_on,
        relation=after["relation"],
        although_known=True,  # the list was compared with the register a moment ago
        batch=batch,
        by=by,
        at=at,
    )


class _Outcomes:
    """What the rows of one list do to pregnancies and babies."""

    def __init__(self, lines: list[StagedLine], on: dt.date) -> None:
        self.lines, self.on, self.homes = lines, on, Homes()
        self.mothers = _Mothers(lines)
        people = {line.person_id for line in lines if line.person_id} | self.mothers.ids
        self.pregnancies: dict[int, list[Pregnancy]] = defaultdict(list)
        for pregnancy in Pregnancy.objects.filter(person__in=people).order_by("expected_on", "pk"):
            self.pregnancies[pregnancy.person_id].append(pregnancy)
        self.told: set[int] = set()  # pregnancies that a row has spoken of already

    def of_all(self) -> Iterator[Outcome]:
        for line in self.lines:
            if line.data["is_baby"]:
                yield from self._of_baby(line)
            elif line.person_id is None:
                yield Outcome(line.row, refusal="UNKNOWN_PERSON")
            else:
                yield self._of_mother(line)

    def _of_mother(self, line: StagedLine) -> Outcome:
        data = line.data
        known = self._near(line.person_id, data["expected_on"] or data["delivered_on"])
        facts = {
            key: data[key]
            for key in ("expected_on", "delivered_on", "ended_on", "risk_groups")
            if data[key] is not None
        }
        if known is None:
            after = {"expected_on": data["delivered_on"], "risk_groups": []} | facts
            after["reported_on"] = data["reported_on"] or self.on.isoformat()
            return Outcome(line.row, "added", PREGNANCY, None, line.person_id, "", None, after)
        if data["is_estimated"]:
            facts.pop("expected_on")  # weeks are rounded: they never correct a day
        return self._changed(line.row, known, facts)

    def _changed(self, row: int, known: Pregnancy, facts: dict[str, Any]) -> Outcome:
        now = {
            "expected_on": known.expected_on.isoformat(),
            "delivered_on": known.delivered_on.isoformat() if known.delivered_on else None,
            "ended_on": known.ended_on.isoformat() if known.ended_on else None,
            "risk_groups": sorted(known.risk_groups),
        }
        after = {key: value for key, value in facts.items() if now[key] != value}
        again = known.pk in self.told
        self.told.add(known.pk)
        if not after or again:
            return Outcome(row, "unchanged", PREGNANCY, known.pk, known.person_id)
        before = {key: now[key] for key in after}
        return Outcome(row, "changed", PREGNANCY, known.pk, known.person_id, "", before, after)

    def _near(self, person: int, day: str) -> Pregnancy | None:
        wanted = dt.date.fromisoformat(day)
        near = [
            (abs(((p.delivered_on or p.expected_on) - wanted).days), p)
            for p in self.pregnancies[person]
            if abs((p.expected_on - wanted).days) <= SAME_PREGNANCY_DAYS
        ]
        return min(near, key=lambda pair: (pair[0], pair[1].pk))[1] if near else None

    def _of_baby(self, line: StagedLine) -> Iterator[Outcome]:
        mother = self.mothers.of(line)
        if line.person_id:
            yield Outcome(line.row, "unchanged", PERSON, line.person_id, line.person_id)
        else:
            home = self.homes.of_person(mother) if mother else self.homes.of_line(line)
            if home is None:
                yield Outcome(line.row, refusal="NO_HOME")
                return
            after = {
                "name": line.name,
                "birth_on": line.birth_on.isoformat(),
                "sex": line.sex,
                "relation": "자녀",
                **home,
            }
            yield Outcome(line.row, "added", PERSON, None, None, self.homes.name(home["dong_id"]), None, after)
        if mother:
            known = self._near(mother.pk, line.birth_on.isoformat())
            if known and not known.delivered_on:
                yield self._changed(line.row, known, {"delivered_on": line.birth_on.isoformat()})


class _Mothers:
    """Women of the register whom the babies' rows name."""

    def __init__(self, lines: list[StagedLine]) -> None:
        names = {line.data["mother"] for line in lines if line.data["is_baby"] and line.data.get("mother")}
        women = Person.objects.living_here().filter(name__in=names, sex="F", kept_as=None)
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        for woman in women.select_related("household", "dong").order_by("pk"):
            self.by_name[woman.name].append(woman)

    @property
    def ids(self) -> set[int]:
        return {woman.pk for women in self.by_name.values() for woman in women}

    def of(self, line: StagedLine) -> Person | None:
        """The only woman that fits best: by birth date if told, else by address, telephone and dong."""
        data = line.data
        fits = []
        for woman in self.by_name.get(data.get("mother") or "", ()):
            if data["mother_birth"] and woman.birth_on.isoformat() != data["mother_birth"]:
                continue
            if (
                not birthday(woman.birth_on, MOTHER_AGES[0])
                <= line.birth_on
                <= birthday(woman.birth_on, MOTHER_AGES[1])
            ):
                continue
            score = self._score(woman, line)
            if score or data["mother_birth"]:
                fits.append((score, woman))
        best = max((score for score, _ in fits), default=None)
        found = [woman for score, woman in fits if score == best]
        return found[0] if len(found) == 1 else None

    @staticmethod
    def _score(woman: Person, line: StagedLine) -> int:
        address = ", ".join(filter(None, [line.address_main, line.address_detail]))
        same_home = bool(address) and address_key(address) == address_key(woman.address)
        same_phone = any(one and one in (woman.mobile, woman.phone) for one in (line.mobile, line.phone))
        return 4 * same_home + 2 * same_phone + (woman.dong_id == line.dong_id)
