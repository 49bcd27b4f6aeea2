"""Changes of the register (전입·전출·사망·출생 변동 명부): each row becomes an act of `residents`, in the order of its days.

Visits and targets of these people react at once, because the acts of the register make them; a birth ends the
mother's pregnancy and lists the visit after birth. What the register
knows already changes nothing; a change older than one the register knows is left to a person. Somebody who
moves in and is already a resident has moved within the district; somebody who had left is back.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from centers.models import User
from common.spreadsheets import Book
from planners import births, residents
from planners.lists import list_people, resident_undo
from planners.lists.list_cells import choice, day, dong, text
from planners.lists.list_columns import HeaderNotFound, Layout
from planners.lists.list_homes import Homes
from planners.lists.list_issues import Issue
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_outcomes import Outcome, StagedLine, change_of, lines_of, outcomes_of, put_outcomes
from planners.lists.list_reading import Progress, Stage
from planners.lists.list_staging import Line, ListColumn, StagedList
from planners.lists.resident_values import address_key
from planners.models import ImportBatch, ImportChange, Person, RegisterEvent

IN, OUT, WITHIN, DIED, BORN = "in", "out", "within", "died", "born"
WORDS = {
    **dict.fromkeys(["전입", "전입신고", "관외전입", "관내전입", "세대전입", "재등록", "귀국", "국외입국", "입국"], IN),
    **dict.fromkeys(["전출", "전출신고", "관외전출", "국외이주", "이민", "해외이주"], OUT),
    **dict.fromkeys(["관내이동", "동이동", "구내이동", "전거", "주소변경", "주소이동", "이사", "관내전출"], WITHIN),
    **dict.fromkeys(["사망", "사망신고", "사망말소"], DIED),
    **dict.fromkeys(["출생", "출생신고", "출생등록", "신생아"], BORN),
}
#: on one day somebody is born or moves in before anything else happens
ORDER = {BORN: 0, IN: 1, WITHIN: 2, OUT: 3, DIED: 4}
PERSON = Person._meta.label
Status, Kind = Person.Status, RegisterEvent.Kind
HOME = ("dong_id", "tong", "ban", "address", "address_detail")


class ChangeList(StagedList):
    """Who moved in, out or within, was born or died."""

    key = ImportBatch.Kind.CHANGES
    title = "주민 변동 명부"
    noun = "변동"
    unit = "건"
    register_name = "주민 명부"
    has_people = True
    titles = re.compile(r"변동|전출입|전입|전출|사망|출생 ?신고|이동 ?현황")
    sum_words = {"added": "전입·출생", "changed": "전출·사망", "moved": "이사·재전입"}
    added_headings = ("변동", "동")
    form_headings = ("성명", "생년월일", "성별", "변동구분", "변동일", "행정동", "도로명주소", "휴대전화", "전출지")
    form_example = (
        "예) 홍길동",
        "1950-03-01",
        "남",
        "전입",
        "2015-01-05",
        "장위1동",
        "장위로 21길 14",
        "010-1234-5678",
        "",
    )
    hidden = frozenset({"do", "on", "who", "version", "dong_id", "tong", "ban", "address_detail", "where", "status_on"})
    refusals = {"LATER_CHANGE": "changed_on", "PERSON_MOVED": "change"}
    columns = (
        ListColumn("change", "변동 구분", "변동구분 변동 변동종류 변동내용 변동사유 전출입구분 이동구분 변동유형 구분 사유 처리구분 신고구분 변경구분",
                   read=choice(WORDS, shown="전입, 전출, 관내이동, 사망, 출생"), is_needed=True),
        ListColumn("changed_on", "변동일", "변동일자 변동년월일 전입일 전입일자 전출일 전출일자 사망일 사망일자 이동일 이동일자 정리일 정리일자 처리일 처리일자 전입신고일 신고일 신고일자 발생일",
                   read=day(), is_own=True),
        ListColumn("to_dong", "새 행정동", "전입동 전입행정동 변동후동 변경후동 새동 변동후행정동 이동후동", read=dong()),
        ListColumn("to_address", "새 주소", "전입지 전입지주소 전입주소 변동후주소 변경후주소 이동후주소 이전후주소 변경주소 새주소 신주소", read=text(200)),
        ListColumn("where", "떠난 곳", "전출지 전출지주소 전출주소 전출처 전출지역 이주지 이주국가", read=text(100), is_own=True),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.labels |= {"status": "상태", "dong": "동", "address": "주소"}

    def recognise(self, book: Book, **given: Any) -> Layout:
        layout = super().recognise(book, **given)
        if "change" not in layout.indexes and not titled(layout):
            raise HeaderNotFound("어느 열이 변동 구분인지 알 수 없습니다. ‘변동구분’이라는 제목을 달아 주세요.")
        return layout

    def claim(self, layout: Layout, told: str) -> float:
        """A resident list has a day of moving in too: the column or title of changes must be there."""
        has_changes = any(column.field == "change" and "변동" in column.header for column in layout.columns)
        if not has_changes and titled(layout) == BORN:
            return 0.9  # a list of births says more to the kind of that name
        return 3.0 * has_changes + super().claim(layout, told) * (has_changes or bool(titled(layout)))

    # ---------------------------------------------------------------- rows
    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        data, issues, person = line.data, list(line.issues), line.person
        if "change" not in layout.indexes:
            data["change"] = titled(layout)
        if not data["changed_on"] and data["change"] == BORN and person.birth_on:
            data["changed_on"] = person.birth_on.isoformat()
        if not data["changed_on"] and not any(issue.field == "changed_on" for issue in issues):
            issues.append(Issue("REQUIRED", "changed_on"))
        elif data["changed_on"] and person.birth_on and data["changed_on"] < person.birth_on.isoformat():
            issues.append(Issue("BEFORE_BIRTH", "changed_on"))
        if data["change"] in (IN, WITHIN, BORN) and not (person.dong or data["to_dong"]):
            issues.append(Issue("REQUIRED", "dong"))
        key = f"{person.number_key or person.person_key}|{data['change']}|{data['changed_on']}"
        return line._replace(issues=tuple(issues), key=key)

    def find_people(self, batch: ImportBatch, stage: Stage) -> None:
        list_people.find(stage, dongs=batch.report.get("allowed"), dead_too=True, unknown_too=True)

    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        put_outcomes(stage, _Register(lines_of(stage)).outcomes())

    # ---------------------------------------------------------------- showing
    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        act = "출생" if after["do"] == BORN else "전입"
        return act, after["dong"]

    def shown(self, key: str, value: Any) -> str:
        if key == "status":
            return Status(value).label if value else ""
        if key == "change":
            return {IN: "전입", OUT: "전출", WITHIN: "관내이동", DIED: "사망", BORN: "출생"}.get(value, "")
        return super().shown(key, value)

    # ---------------------------------------------------------------- writing
    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        outcomes = sorted(outcomes_of(stage, "added", "changed", "moved"), key=lambda one: _place(one.after, one.row))
        writer = _Writer(batch, by, at)
        changes = []
        for done, one in enumerate(outcomes, 1):
            changes.append(writer.write(one))
            if done % 50 == 0:
                report(done, len(outcomes), "변동을 처리하는 중")
        ImportChange.objects.bulk_create(changes, batch_size=1000)
        return {change.person_id for change in changes}

    def refuse_undo(self, batch: ImportBatch) -> None:
        added, welcomed = Person.objects.filter(source_batch=batch), _welcomed(batch)
        if said := births.stands_on(welcomed):
            raise CannotUndo(said)
        resident_undo.refuse_if_used(added, listed=[key for one in welcomed for key in one.listed])
        last: dict[int, ImportChange] = {change.person_id: change for change in batch.changes.order_by("pk")}
        versions = dict(Person.objects.filter(pk__in=last).values_list("pk", "version"))
        later = sum(versions.get(pk) != change.after["version"] for pk, change in last.items())
        if later:
            raise CannotUndo(
                f"이 명부를 넣은 뒤에 주민 {later:,}명의 정보가 다시 바뀌어 한꺼번에 되돌릴 수 없습니다. 해당 주민을 한 명씩 고쳐 주세요."
            )

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        homes, count = Homes(), 0
        added = Person.objects.filter(source_batch=batch)
        for one in _welcomed(batch):
            births.take_back(one, reason=reason, by=by, at=at)
        for change in batch.changes.exclude(person__in=added).select_related("person").order_by("-pk"):
            _take_back(change, homes, reason=reason, by=by, on=on, at=at)
            count += 1
        return count + resident_undo.remove(added)


def _welcomed(batch: ImportBatch) -> list[births.Welcomed]:
    """What the births of a batch set in motion."""
    found = batch.changes.filter(after__has_key="welcomed").order_by("pk").values_list("after", flat=True)
    return [births.Welcomed(**after["welcomed"]) for after in found]


def titled(layout: Layout) -> str:
    """The change that the title or the name of the sheet tells (전입자 명부); empty when none or several do."""
    told = " ".join((*layout.titles, layout.sheet_name))
    found = {code for word, code in WORDS.items() if word in told}
    return found.pop() if len(found) == 1 else ""


def _place(after: dict[str, Any], row: int) -> tuple:
    return after["on"], ORDER[after["do"]], row


@dataclass
class _Somebody:
    """How a person stands after the rows read so far."""

    status: str  # a Person.Status, or empty for somebody the register does not know
    home: dict[str, Any] = field(default_factory=dict)
    since: str = ""  # the last change of the register, an ISO day
    events: set[tuple[str, str]] = field(default_factory=set)
    status_on: str | None = None


class _Register:
    """The register as far as a list of changes touches it, and what each row would do to it."""

    def __init__(self, lines: list[StagedLine]) -> None:
        self.lines = sorted(lines, key=lambda line: _place(self._named(line.data), line.row))
        self.homes = Homes()
        people = Person.objects.filter(pk__in={line.person_id for line in lines if line.person_id})
        self.people: dict[Any, _Somebody] = {p.pk: self._of(p) for p in people.select_related("household")}
        events: dict[int, set[tuple[str, str]]] = defaultdict(set)
        told = RegisterEvent.objects.filter(person__in=people, kind__in=_EVENTS.values())
        for person, kind, on in told.values_list("person_id", "kind", "on"):
            events[person].add((kind, on.isoformat()))
        for pk, found in events.items():
            self.people[pk].events = found
            self.people[pk].since = max(on for _, on in found)

    @staticmethod
    def _named(data: dict[str, Any]) -> dict[str, Any]:
        return {"on": data["changed_on"], "do": data["change"]}

    def _of(self, person: Person) -> _Somebody:
        status_on = person.status_on.isoformat() if person.status_on else None
        return _Somebody(person.status, self.homes.of_person(person), status_on or "", status_on=status_on)

    def outcomes(self) -> Iterator[Outcome]:
        for line in self.lines:
            who = line.person_id or f"{line.name}|{line.birth_on}|{line.sex}"
            somebody = self.people.setdefault(who, _Somebody(""))
            yield self._of_line(line, who, somebody)

    def _of_line(self, line: StagedLine, who: Any, somebody: _Somebody) -> Outcome:
        change, on = line.data["change"], line.data["changed_on"]
        do, status = self._act(change, somebody.status)
        if do in _REFUSALS:
            return Outcome(line.row, refusal=do)
        home = self._home(line) if do in (IN, BORN, WITHIN) else somebody.home
        known = (_EVENTS[change], on) in somebody.events
        if not do or known or (do == WITHIN and self._same_home(home, somebody.home)):
            return Outcome(line.row, "unchanged", PERSON, line.person_id, line.person_id)
        if somebody.since > on:
            return Outcome(line.row, refusal="LATER_CHANGE")
        before = {"status": somebody.status or None, "status_on": somebody.status_on} | self._told(somebody.home)
        after = {"do": do, "on": on, "status": status, "who": str(who)} | self._told(home)
        if do in (IN, BORN) and not somebody.status:
            after |= {
                "name": line.name, "birth_on": line.birth_on.isoformat(), "sex": line.sex, "phone": line.phone, "mobile": line.mobile,
                "relation": line.relation or ("자녀" if do == BORN else ""),
            }  # fmt: skip
        if line.data["where"]:
            after["where"] = line.data["where"]
        label = on.replace("-", ".")
        act = "added" if not somebody.status else "changed" if do in (OUT, DIED) else "moved"
        somebody.status, somebody.home, somebody.since, somebody.status_on = status, home, on, on
        person = line.person_id
        return Outcome(line.row, act, PERSON, person, person, label, None if act == "added" else before, after)

    @staticmethod
    def _act(change: str, status: str) -> tuple[str, str]:
        """What the change is for somebody of a status: (act or refusal or nothing to do, status afterwards)."""
        if status == Status.DECEASED:
            return ("" if change == DIED else "PERSON_DIED"), status
        if change in (OUT, DIED):
            gone = Status.MOVED if change == OUT else Status.DECEASED
            if status == Status.MOVED:
                return ("" if change == OUT else "PERSON_MOVED"), status
            return (change, gone) if status else ("UNKNOWN_PERSON", status)
        if change == WITHIN:
            return (
                (WITHIN, status)
                if status == Status.RESIDENT
                else ("PERSON_MOVED" if status else "UNKNOWN_PERSON", status)
            )
        if status == Status.RESIDENT:
            return (WITHIN if change == IN else ""), status
        return change, Status.RESIDENT

    def _home(self, line: StagedLine) -> dict[str, Any]:
        data = line.data
        home = self.homes.of_line(line) or {
            "dong_id": None,
            "tong": None,
            "ban": None,
            "address": "",
            "address_detail": "",
        }
        if data["to_address"]:
            home |= {"address": data["to_address"], "address_detail": "", "tong": None, "ban": None}
        if data["to_dong"]:
            to = next(pk for pk, one in self.homes.dongs.items() if one.name == data["to_dong"])
            home |= {"dong_id": to} | ({"tong": None, "ban": None} if to != home["dong_id"] else {})
        return home

    def _told(self, home: dict[str, Any]) -> dict[str, Any]:
        return home | {"dong": self.homes.name(home.get("dong_id"))}

    @staticmethod
    def _same_home(one: dict[str, Any], other: dict[str, Any]) -> bool:
        def key(home: dict[str, Any]) -> str:
            return address_key(f"{home['address']} {home['address_detail'] or ''}")

        return one["dong_id"] == other["dong_id"] and (not one["address"] or key(one) == key(other))


_REFUSALS = {"PERSON_DIED", "PERSON_MOVED", "UNKNOWN_PERSON"}
_EVENTS = {IN: Kind.MOVED_IN, OUT: Kind.MOVED_OUT, WITHIN: Kind.MOVED_WITHIN, DIED: Kind.DIED, BORN: Kind.BORN}


class _Writer:
    """Calls the acts of the register for outcomes in their order; knows people that earlier rows added."""

    def __init__(self, batch: ImportBatch, by: User | None, at: dt.datetime) -> None:
        self.batch, self.by, self.at = batch, by, at
        self.homes, self.added = Homes(), {}

    def write(self, one: Outcome) -> ImportChange:
        after = one.after
        person = Person.objects.get(pk=one.person_id) if one.person_id else self.added.get(after["who"])
        person = self._act(after, person, dt.date.fromisoformat(after["on"]))
        if one.act == "added":
            self.added[after["who"]] = person
        if after["do"] == BORN and one.act == "added":
            after = after | {"welcomed": births.welcome(person, by=self.by, at=self.at).as_json()}
        change = change_of(self.batch, one)
        change.person_id = change.record = person.pk
        change.after = after | {"version": Person.objects.values_list("version", flat=True).get(pk=person.pk)}
        return change

    def _act(self, after: dict[str, Any], person: Person | None, on: dt.date) -> Person:
        who = {"by": self.by, "at": self.at}
        match after["do"]:
            case "out":
                return residents.move_out(person, on=on, where=after.get("where") or "", **who)
            case "died":
                return residents.died(person, on=on, **who)
            case "within":
                return residents.move_within(person, self.homes.residence(after), on=on, **who)
        if person is not None:
            return residents.move_back(person, self.homes.residence(after), on=on, **who)
        return residents.move_in(
            name=after["name"],
            birth_on=dt.date.fromisoformat(after["birth_on"]),
            sex=after["sex"],
            residence=self.homes.residence(after),
            on=on,
            phone=after["phone"],
            mobile=after["mobile"],
            relation=after["relation"],
            although_known=True,  # the list was compared with the register a moment ago
            batch=self.batch,
            **who,
        )


def _take_back(change: ImportChange, homes: Homes, *, reason: str, by: User, on: dt.date, at: dt.datetime) -> None:
    person, before = change.person, change.before
    match change.after["do"]:
        case "out" | "died":
            residents.restore(person, reason=reason, on=on, by=by, at=at)
        case "within":
            residents.move_within(person, homes.residence(before), on=on, by=by, at=at)
        case _:  # somebody who had left and was back
            residents.move_out(person, on=dt.date.fromisoformat(before["status_on"]), by=by, at=at)
