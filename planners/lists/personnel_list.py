"""The list of personnel orders (인사발령): accounts and postings made, moved and ended by order.

A row is one order. What it does is planned by `centers.personnel` against the postings of now, so the
preview says it beforehand, and carried out together with the posts of the center (`staffing.post_orders`).
The employee number is the person: names are never used to find somebody. Several orders of one person are
planned one on the other, in the order of their days. Roles over the whole district
wait for a second person; an account is made without a password.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from typing import Any

from centers import personnel
from centers.models import Dong, Posting, Team, User
from centers.personnel import Act, Effect
from centers.roles import ROLE_BY_CODE
from common.hangul import compact
from common.refusals import Refusal
from planners import personnel_pairs
from planners.lists import list_cells
from planners.lists.list_cells import Context, Read
from planners.lists.list_columns import Layout
from planners.lists.list_issues import WARN, Issue, add_sentences
from planners.lists.list_kinds import CannotUndo
from planners.lists.list_outcomes import Outcome, StagedLine, lines_of, outcomes_of, put_outcomes
from planners.lists.list_reading import Progress, Stage
from planners.lists.list_staging import Line, ListColumn, StagedList
from planners.lists.personnel_words import ACT_NAMES, ACTS, ROLES
from planners.lists.resident_cells import read_date, text_of
from planners.models import ImportBatch, ImportChange
from planners.personnel_plans import Plans
from staffing import post_orders

TABLE = User._meta.label


class AccountMissing(Refusal):
    code = "ACCOUNT_MISSING"


ENDS = "끝남"
NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{2,19}")
add_sentences(
    {
        ("REQUIRED", "number"): "사번이 비어 있습니다. 사번이 있어야 같은 사람인지 알 수 있습니다.",
        ("REQUIRED", "on"): "발령일이 비어 있습니다. 2015-01-01처럼 적어 주세요.",
        ("REQUIRED", "act"): "발령 내용이 비어 있습니다. 신규임용, 전보, 승진, 휴직, 퇴직처럼 적어 주세요.",
        ("REQUIRED", "place"): "소속이 비어 있습니다. 동이나 구청 부서를 적어 주세요.",
        ("BAD_EMPLOYEE_NUMBER", ""): "사번으로 읽을 수 없습니다. 숫자와 영문으로 3자에서 20자까지 적어 주세요.",
        ("UNKNOWN_PLACE", ""): "동도 구청 부서도 아닌 곳입니다. 장위1동이나 복지정책과처럼 적어 주세요.",
        ("UNKNOWN_TEAM", ""): "이 동에 없는 팀입니다. 마을공동체팀, 복지1팀, 복지2팀처럼 그날 있는 팀을 적어 주세요.",
        ("UNKNOWN_PERSON", "number"): "이 사번의 계정이 없습니다. 사번을 확인하고, 새로 만들어야 하면 사유 열에 까닭을 적어 주세요.",
        ("NUMBER_MISSING", ""): "사번이 적히지 않은 같은 이름의 계정이 있습니다. 같은 사람이면 계정 화면에서 사번을 먼저 적고, 다른 사람이면 사유 열에 ‘동명이인’이라고 적어 주세요.",
        ("ORDER_TOO_EARLY", ""): "이 사람에게 그 뒤의 발령이 이미 있습니다. 발령일을 확인하거나 나중 발령을 먼저 되돌려 주세요.",
        ("PLACE_MISSING", ""): "역할과 소속이 맞지 않습니다. 동에서 일하는 역할에는 동을, 구 전체의 역할에는 구청 부서를 적어 주세요.",
        ("ROLE_MISSING", ""): "맡을 역할을 알 수 없습니다. 역할 열에 복지플래너(간호), 팀장처럼 적어 주세요. 이 시스템을 쓰지 않는 직원이면 ‘미사용’이라고 적습니다.",
        ("DUP_EXACT", "number"): "앞줄과 같은 사람의 같은 발령입니다. 앞줄만 넣습니다.",
        ("DUP_CONFLICT", "number"): "앞줄에 같은 사람의 같은 날 다른 발령이 있습니다. 맞는 줄 하나만 남기거나 발령일을 확인해 주세요.",
        ("ROLE_FROM_TITLE", ""): "역할 열이 비어 있어 직위와 직렬에서 알아냈습니다. 맞는지 확인해 주세요.",
        ("NO_ROLE_THERE", ""): "옮겨 가는 곳에서 맡을 역할이 없어 권한만 끝납니다.",
        ("SECOND_PERSON", ""): "구 전체를 보는 역할입니다. 다른 담당자가 계정 화면에서 확인해야 권한이 생깁니다.",
        ("PAIR_ENDS", ""): "이 사람이 있는 방문 조가 발령일에 끝납니다.",
        ("PAIR_STAYS", ""): "이 사람이 있는 방문 조에 발령일 뒤에 약속한 방문이 있어 조를 끝내지 않습니다. ‘방문 조’ 화면에서 이어 갈 사람을 정해 주세요.",
        ("PAST_ORDER", ""): "지난 날짜의 발령입니다. 넣는 즉시 권한이 바뀝니다.",
    }
)  # fmt: skip


def read_number(cell: Any, context: Context) -> Read:
    """An employee number; Excel's numbers lose their decimals, small letters become large."""
    number = compact(text_of(cell)).upper()
    if not number:
        return Read()
    return Read(number) if NUMBER.fullmatch(number) else Read(None, "BAD_EMPLOYEE_NUMBER")


def read_tongs(cell: Any, context: Context) -> Read:
    """Tongs in any way they are listed: `3,4통`, `1~3통`."""
    words = text_of(cell)
    if not words:
        return Read()
    found: set[int] = set()
    for first, last in re.findall(r"(\d{1,2})\s*(?:[~∼-]\s*(\d{1,2}))?", words):
        found |= set(range(int(first), int(last or first) + 1))
    return Read(sorted(found)) if found else Read(None, "BAD_NUMBER")


class PersonnelList(StagedList):
    """Personnel orders (see the module)."""

    key = ImportBatch.Kind.STAFF
    title = "인사발령"
    noun = "직원"
    unit = "명"
    register_name = "계정과 배치"
    lead = "number"
    names_people = False
    undo_words = "새 계정은 닫고, 끝난 배치는 이어 갑니다. 이미 지난 날의 권한은 기록에 그대로 둡니다"
    titles = re.compile(r"인사\s*발령|인사\s*이동|전보|임용|발령")
    refusals = {
        "ROLE_MISSING": "role",
        "PLACE_MISSING": "place",
        "UNKNOWN_PERSON": "number",
        "NUMBER_MISSING": "number",
        "UNKNOWN_PLACE": "place",
        "UNKNOWN_TEAM": "team",
        "ORDER_TOO_EARLY": "on",
    }
    added_headings = ("발령일", "역할", "소속", "직위")
    form_headings = (
        "사번",
        "성명",
        "직급",
        "직렬",
        "발령일",
        "발령내용",
        "소속",
        "팀",
        "직위",
        "역할",
        "담당통",
        "사유",
    )
    form_example = (
        "예) 20150013", "홍길동", "8급", "사회복지", "2015-01-01", "전보", "장위1동", "복지1팀", "주무관", "복지플래너(사회복지)", "", "정기인사",
    )  # fmt: skip
    columns = (
        ListColumn(
            "number", "사번", "직원번호 공무원번호 행정번호 개인번호 사원번호 직번 교번 employeeno", read_number,
            is_needed=True, is_own=True, must="어느 열이 사번인지 알 수 없습니다. ‘사번’이라는 제목을 달아 주세요.",
        ),
        ListColumn("name", "성명", "이름 성함 직원명 대상자 대상자명 직원성명 name", list_cells.text(40), is_needed=True),
        ListColumn(
            "act", "발령 내용", "발령구분 발령내용 발령사항 발령 임용구분 임용사항 인사구분 발령유형 발령종류 변동구분 임용내용",
            list_cells.choice(ACTS, shown="신규임용, 전보, 승진, 겸임, 휴직, 복직, 퇴직, 전출"), is_needed=True, is_own=True,
            must="어느 열이 발령 내용인지 알 수 없습니다. ‘발령내용’이라는 제목을 달아 주세요.",
        ),
        ListColumn(
            "on", "발령일", "발령일자 발령일시 시행일 시행일자 임용일 임용일자 발령년월일 발령연월일 임용발령일",
            list_cells.day(may_be_future=True), is_own=True,
        ),
        ListColumn("rank", "직급", "현직급 급 계급 등급", list_cells.text(40)),
        ListColumn("series", "직렬", "직류 직군", list_cells.text(40)),
        ListColumn(
            "place", "소속", "부서 소속부서 근무지 발령부서 발령지 근무부서 임용부서 현소속 새소속 소속기관 동 행정동 소속동 발령소속 신소속 부서명 소속명",
            list_cells.text(80), tells=False,
        ),
        ListColumn("team", "팀", "팀명 소속팀 담당팀 신팀", list_cells.text(40), tells=False),
        ListColumn("title", "직위", "직책 보직 직위명 직책명", list_cells.text(40)),
        ListColumn(
            "role", "역할", "시스템역할 담당역할 권한 사용권한 역할명",
            list_cells.choice(ROLES, shown="복지플래너(사회복지), 복지플래너(간호), 복지상담전문관, 팀장, 동장, 사례관리 담당, 데이터 담당, 미사용"),
            is_own=True,
        ),
        ListColumn("tongs", "담당 통", "담당통 맡은통 통 관할통 담당구역", read_tongs, tells=False),
        ListColumn("phone", "업무용 전화", "업무전화 사무실전화 내선 내선번호 행정전화 전화 전화번호", list_cells.phone()),
        ListColumn("reason", "사유", "비고 근거 비고사유 발령사유 참고 까닭", list_cells.text(200), tells=False),
    )  # fmt: skip

    # ---------------------------------------------------------------- reading
    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        data, issues = line.data, list(line.issues)
        if data["on"] is None and "on" not in layout.indexes:
            data["on"] = _day_in_titles(layout)
        if data["on"] is None and not any(issue.field == "on" for issue in issues):
            issues.append(Issue("REQUIRED", "on"))
        elif data["on"] and data["on"] < on.isoformat():
            issues.append(Issue("PAST_ORDER", "on", WARN))
        if data["place"] is None and data["act"] not in (Act.END, Act.PAUSE, None):
            issues.append(Issue("REQUIRED", "place"))
        key = f"{data['number']}|{data['on']}"
        if data["act"] == Act.ADD:
            key += f"|{data['place']}|{data['role']}"
        return line._replace(issues=tuple(issues), key=key if data["number"] else "")

    # ---------------------------------------------------------------- comparing
    def find_outcomes(self, batch: ImportBatch, stage: Stage, *, on: dt.date) -> None:
        plans = Plans(lines_of(stage)).tried(by=batch.by, at=batch.uploaded_at)
        put_outcomes(stage, [self._outcome(*planned) for planned in plans])

    def compare(self, batch: ImportBatch, stage: Stage, *, on: dt.date, first: bool = False):
        compared = super().compare(batch, stage, on=on, first=first)
        for code, rows in self._remarks(batch, stage).items():
            compared.warnings[code] = len(rows)
            compared.issues += [self._issue(row, Issue(code, "role", WARN, hint)) for row, hint in rows[:100]]
        return compared

    def _remarks(self, batch: ImportBatch, stage: Stage) -> dict[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        plans = Plans(lines_of(stage))
        known = personnel_pairs.known_of(plans.users.values())
        for line, plan, _ in plans.tried(by=batch.by, at=batch.uploaded_at):
            if isinstance(plan, str):
                continue
            if plan.waits:
                found["SECOND_PERSON"].append((line.row, ""))
            if plan.opens and not line.data["role"] and plan.order.role:
                found["ROLE_FROM_TITLE"].append((line.row, ""))
            if plan.order.act == Act.PAUSE and line.data["act"] == Act.MOVE:
                found["NO_ROLE_THERE"].append((line.row, ""))
            ending, staying = personnel_pairs.split(plan, known)
            for pair in ending:
                found["PAIR_ENDS"].append((line.row, f"{personnel_pairs.name_of(pair)}."))
            for pair, promised in staying:
                found["PAIR_STAYS"].append((line.row, f"{personnel_pairs.name_of(pair)}, 약속한 방문 {promised}건."))
        return found

    def _outcome(self, line: StagedLine, plan: personnel.Plan | str, is_made_here: bool) -> Outcome:
        """`is_made_here`: an earlier row of the file makes the account, which has no key yet."""
        if isinstance(plan, str):
            return Outcome(line.row, refusal=plan)
        before, after = _shown(plan)
        user = plan.user.pk if plan.user and not is_made_here else None
        return Outcome(line.row, plan.effect.value, TABLE, user, None, plan.order.name, before, after)

    # ---------------------------------------------------------------- writing
    def write(
        self, batch: ImportBatch, stage: Stage, *, by: User | None, on: dt.date, at: dt.datetime, report: Progress
    ) -> set[int]:
        """Carry the orders out, the earliest first."""
        if by is None:
            raise AccountMissing("인사발령은 누가 넣는지 있어야 합니다. --as 로 계정을 밝혀 주세요.")
        wanted = {one.row for one in outcomes_of(stage, "added", "changed", "moved")}
        for done, (line, plan) in enumerate(Plans(lines_of(stage)), 1):
            if line.row not in wanted or isinstance(plan, str):
                continue
            ended = personnel_pairs.end_left(plan)
            before = _shown(plan)[0]
            written = post_orders.carry_out(plan, by=by, at=at)
            ImportChange.objects.create(
                batch=batch, table=TABLE, record=written["user"], act=plan.effect.value, before=before,
                after=written | {"row": line.row, "pairs": ended},
            )  # fmt: skip
            report(done, max(done, len(wanted)), "발령을 넣는 중")
        return set()

    def refuse_undo(self, batch: ImportBatch) -> None:
        whole = _orders_by_person(batch)
        users = User.objects.in_bulk(whole)
        opened = Posting.objects.in_bulk([done["opened"] for done in whole.values() if done["opened"]])
        for pk, done in whole.items():
            if said := personnel.stands_on(done, users[pk], opened.get(done["opened"])):
                raise CannotUndo(said)

    def undo(self, batch: ImportBatch, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> int:
        for done in _orders_by_person(batch).values():
            post_orders.take_back(done, by=by, reason=reason, on=on, at=at)
            personnel_pairs.resume(done["pairs"])
        return batch.changes.filter(table=TABLE).count()

    # ---------------------------------------------------------------- showing
    def names(self, stage: Stage, rows: list[int]) -> dict[int, str]:
        return dict(stage.run("SELECT row, data ->> 'name' FROM {rows} WHERE row = ANY (%(rows)s)", rows=rows))

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        return tuple(self.shown(key, after.get(key)) for key in ("on", "role", "place", "title"))

    def shown(self, key: str, value: Any) -> str:
        if key == "role":
            return ROLE_BY_CODE[value].title if value in ROLE_BY_CODE else value or ENDS
        if key == "act" and value in ACT_NAMES:
            return ACT_NAMES[Act(value)]
        return "·".join(map(str, value)) if isinstance(value, list) else super().shown(key, value)


def _orders_by_person(batch: ImportBatch) -> dict[int, dict]:
    """What the batch did to each person, several orders as one."""
    orders: dict[int, list[dict]] = defaultdict(list)
    for change in batch.changes.filter(table=TABLE).order_by("pk"):
        orders[change.record].append(change.after)
    return {
        pk: personnel.chain(done)
        | {name: [one for order in done for one in order.get(name, [])] for name in ("posts", "pairs")}
        for pk, done in orders.items()
    }


def _day_in_titles(layout: Layout) -> str | None:
    """The day in the title of an order: `2015. 1. 1.자 인사발령`."""
    for title in layout.titles:
        found = re.search(r"\d{4}\s*[.년/-]\s*\d{1,2}\s*[.월/-]\s*\d{1,2}", title)
        day = read_date(found.group()).day if found else None
        if day:
            return day.isoformat()
    return None


def _shown(plan: personnel.Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is and what will be, as the preview lays them beside each other."""
    order, held = plan.order, plan.ends
    before = {
        "role": " · ".join(p.role if len(held) == 1 else p.get_role_display() for p in held),
        "place": _places(held),
    }
    after = {
        "role": plan.role,
        "place": _place(order.dong, order.team) if plan.opens else "",
        "on": order.on.isoformat(),
    }
    if plan.user is None:
        return {}, after | {"title": order.job_title, "act": order.act.value}
    if not plan.opens:
        before = {name: before[name] for name in ("role",) if held}
        after = {name: after[name] for name in ("role",) if held} | {"on": order.on.isoformat()}
    for name, key in (("job_title", "title"), ("phone", "phone"), ("name", "name")):
        if name in plan.facts:
            before[key], after[key] = getattr(plan.user, name), plan.facts[name]
    if plan.effect == Effect.UNCHANGED:
        return {}, {}
    return before, after


def _places(postings: tuple[Posting, ...]) -> str:
    return " · ".join(_place(p.dong if p.dong_id else None, p.team if p.team_id else None) for p in postings)


def _place(dong: Dong | None, team: Team | None) -> str:
    return f"{dong.name if dong else '구청'} {team.name if team else ''}".strip()
