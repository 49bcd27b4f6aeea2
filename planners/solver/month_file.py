"""Reading and writing months and plans as JSON files, plain or gzipped."""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from planners.solver.problem import Plan, Problem, Session, Visit

LONGEST = 6
DAY = 24 * 60


class BadMonth(ValueError):
    """A month file that cannot be solved; `code` for programs, the sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_month(path: Path) -> Problem:
    """Read a month file, raising `BadMonth` with a sentence on what to correct."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        content = json.loads(text)
    except OSError as error:
        raise BadMonth("FILE_UNREADABLE", f"파일을 열 수 없습니다: {path.name}. 경로를 확인해 주세요.") from error
    except (ValueError, EOFError) as error:
        raise BadMonth(
            "FILE_NOT_JSON", f"{path.name} 파일이 올바른 JSON 형식이 아닙니다. 파일을 다시 내려받아 주세요."
        ) from error
    return problem_from(content)


def write_plan(plan: Plan, path: Path) -> None:
    """Write objective, lower bound and routes; a name ending in .gz is compressed."""
    content = {
        "objective": _plain(plan.objective),
        "lower_bound": _plain(plan.lower_bound),
        "routes": {str(session): list(route) for session, route in plan.routes.items()},
    }
    text = json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def problem_from(content: Any) -> Problem:
    """Build the problem from the parsed file, checking everything the solver relies on."""
    if not isinstance(content, dict):
        raise BadMonth("FORMAT", "파일의 맨 바깥은 { }로 묶인 객체여야 합니다.")
    travel = _travel(content)
    depots = _depots(content, len(travel))
    sessions = tuple(_session(row, depots) for row in _rows(content, "sessions"))
    visits = tuple(_visit(row, len(travel)) for row in _rows(content, "visits"))
    _unique([session.id for session in sessions], "sessions")
    _unique([visit.id for visit in visits], "visits")
    _bookings(visits, {session.id for session in sessions})
    allowed, cost, earliest, latest = _tables(content, visits, sessions)
    return Problem(
        name=str(content.get("name", "")),
        year=_whole(content.get("year", 0), "year"),
        month=_whole(content.get("month", 0), "month"),
        outing_cost=_number(_need(content, "outing_cost"), "outing_cost"),
        travel=travel,
        depots=depots,
        sessions=sessions,
        visits=visits,
        allowed=allowed,
        cost=cost,
        earliest=earliest,
        latest=latest,
        previous_plan=_previous(content, visits),
        fairness_price=_number(content.get("fairness_price", 0), "fairness_price"),
        daily_maximum=_optional_whole(content.get("daily_maximum"), "daily_maximum"),
    )


def _travel(content) -> np.ndarray:
    table = _need(content, "travel")
    side = len(table) if isinstance(table, list) else 0
    if not side or any(not isinstance(row, list) or len(row) != side for row in table):
        raise BadMonth("TRAVEL", "travel은 가로와 세로가 같은 이동 시간표여야 합니다.")
    minutes = [_whole(value, "travel") for row in table for value in row]
    if min(minutes) < 0:
        raise BadMonth("TRAVEL", "travel의 이동 시간은 0분 이상이어야 합니다.")
    return np.array(minutes, dtype=np.int64).reshape(side, side)


def _depots(content, places: int) -> dict[str, int]:
    depots = _need(content, "depots")
    if not isinstance(depots, dict):
        raise BadMonth("DEPOTS", "depots는 동 이름과 위치 번호를 짝지은 객체여야 합니다.")
    return {dong: _place(place, places, f"depots의 {dong}") for dong, place in depots.items()}


def _session(row, depots) -> Session:
    where = f"session {row.get('id')}"
    session = Session(
        id=_identity(row, where),
        pair=str(row.get("pair", "")),
        day=_whole(row.get("day", 0), f"{where}의 day"),
        half=str(row.get("half", "")),
        start=_clock(_need(row, "start", where), f"{where}의 start"),
        end=_clock(_need(row, "end", where), f"{where}의 end"),
        max_visits=_whole(_need(row, "max", where), f"{where}의 max"),
        dong=str(_need(row, "dong", where)),
        resources=_resources(row, where),
        skills=_choice(row, "skills", where) or (),
    )
    if session.dong not in depots:
        raise BadMonth("SESSION", f"{where}의 동 '{session.dong}'이(가) depots에 없습니다.")
    if session.end <= session.start:
        raise BadMonth("SESSION", f"{where}의 끝나는 시각이 시작보다 늦어야 합니다.")
    if not 1 <= session.max_visits <= LONGEST:
        raise BadMonth("SESSION", f"{where}의 max는 1에서 {LONGEST} 사이여야 합니다.")
    return session


def _resources(row, where) -> tuple[str, ...]:
    """Resource ids as texts: lists such as ["slot", 3] become their JSON."""
    found = row.get("resources")
    if not isinstance(found, list | type(None)):
        raise BadMonth("SESSION", f"{where}의 resources는 목록이어야 합니다.")
    texts = [json.dumps(resource, ensure_ascii=False) for resource in found or ()]
    return tuple(dict.fromkeys(texts))


def _visit(row, places: int) -> Visit:
    where = f"visit {row.get('id')}"
    visit = Visit(
        id=_identity(row, where),
        location=_place(_need(row, "loc", where), places, f"{where}의 loc"),
        duration=_whole(_need(row, "duration", where), f"{where}의 duration"),
        prize=_number(_need(row, "prize", where), f"{where}의 prize"),
        booked=_booking(row.get("booked"), where),
        tier=_whole(row.get("tier", 0), f"{where}의 tier"),
        program=str(row.get("program", "")),
        dong=str(row.get("dong", "")),
        release=_whole(row.get("release", 1), f"{where}의 release"),
        due=_whole(row.get("due", 31), f"{where}의 due"),
        needs=_choice(row, "needs", where) or (),
        halves=_choice(row, "halves", where),
        weekdays=_choice(row, "weekdays", where),
        window=_choice(row, "window", where),
        previous_pair=row.get("prev_pair"),
        preferred_half=row.get("pref"),
    )
    if visit.duration < 0:
        raise BadMonth("VISIT", f"{where}의 duration은 0분 이상이어야 합니다.")
    if visit.prize < 0:
        raise BadMonth("VISIT", f"{where}의 prize는 0 이상이어야 합니다.")
    return visit


def _booking(value, where) -> tuple[int | str, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise BadMonth("VISIT", f"{where}의 booked는 [회차, 시작 시각]이어야 합니다.")
    if not isinstance(value[0], int | str):
        raise BadMonth("VISIT", f"{where}의 booked에 적힌 회차를 읽을 수 없습니다.")
    return value[0], _clock(value[1], f"{where}의 booked")


def _bookings(visits, known) -> None:
    for visit in visits:
        if visit.booked is not None and visit.booked[0] not in known:
            raise BadMonth("VISIT", f"visit {visit.id}이(가) 예약된 session {visit.booked[0]}이(가) 없습니다.")


def _tables(content, visits, sessions) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    costs, windows = _need(content, "cost"), _need(content, "start_window")
    for name, table in (("cost", costs), ("start_window", windows)):
        shaped = isinstance(table, list) and len(table) == len(visits)
        if not shaped or any(not isinstance(row, list) or len(row) != len(sessions) for row in table):
            raise BadMonth("TABLES", f"{name}은(는) 방문 {len(visits)}행, 회차 {len(sessions)}열의 표여야 합니다.")
    shape = (len(visits), len(sessions))
    allowed = np.zeros(shape, dtype=bool)
    cost = np.zeros(shape)
    earliest, latest = np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64)
    for v, visit in enumerate(visits):
        for s, session in enumerate(sessions):
            if costs[v][s] is None:
                continue
            where = f"visit {visit.id}, session {session.id}"
            window = windows[v][s]
            if not isinstance(window, list) or len(window) != 2:
                raise BadMonth("TABLES", f"{where}: cost가 있으면 start_window도 [처음, 끝]이어야 합니다.")
            cost[v, s] = _number(costs[v][s], f"{where}의 cost")
            earliest[v, s], latest[v, s] = (_whole(w, f"{where}의 start_window") for w in window)
            if visit.booked is not None and visit.booked[0] == session.id:
                earliest[v, s] = max(earliest[v, s], visit.booked[1])
                latest[v, s] = min(latest[v, s], visit.booked[1])
            allowed[v, s] = earliest[v, s] <= latest[v, s]
    return allowed, cost, earliest, latest


def _previous(content, visits) -> dict[int | str, int | str]:
    """The earlier plan by visit id; the file's keys are texts even where ids are numbers."""
    found = content.get("previous_plan") or {}
    if not isinstance(found, dict):
        raise BadMonth("FORMAT", "previous_plan은 방문과 회차를 짝지은 객체여야 합니다.")
    return {visit.id: found[str(visit.id)] for visit in visits if str(visit.id) in found}


def _rows(content, name) -> list[dict]:
    rows = _need(content, name)
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise BadMonth("FORMAT", f"{name}은(는) 객체의 목록이어야 합니다.")
    return rows


def _need(row, name, where: str = "파일") -> Any:
    if name not in row:
        raise BadMonth("FIELD_MISSING", f"{where}에 '{name}' 항목이 없습니다. 빠진 항목을 채워 주세요.")
    return row[name]


def _identity(row, where) -> int | str:
    found = _need(row, "id", where)
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise BadMonth("FORMAT", f"{where}의 id는 숫자나 글자여야 합니다.")
    return found


def _unique(ids, name) -> None:
    if len({str(found) for found in ids}) != len(ids):
        raise BadMonth("FORMAT", f"{name}에 같은 id가 두 번 있습니다. id를 서로 다르게 해 주세요.")


def _number(value, where) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadMonth("NUMBER", f"{where} 값은 숫자여야 합니다.")
    return float(value)


def _whole(value, where) -> int:
    number = _number(value, where)
    if number != int(number) or abs(number) > 1e9:
        raise BadMonth("NUMBER", f"{where} 값은 정수여야 합니다.")
    return int(number)


def _optional_whole(value, where) -> int | None:
    return None if value is None else _whole(value, where)


def _clock(value, where) -> int:
    minutes = _whole(value, where)
    if not 0 <= minutes <= DAY:
        raise BadMonth("NUMBER", f"{where} 값은 0시부터 24시 사이의 분이어야 합니다.")
    return minutes


def _place(value, places: int, where) -> int:
    place = _whole(value, where)
    if not 0 <= place < places:
        raise BadMonth("PLACE", f"{where} 위치 번호 {place}이(가) travel 표 밖에 있습니다.")
    return place


def _choice(row, name, where) -> tuple | None:
    found = row.get(name)
    if found is None:
        return None
    if not isinstance(found, list):
        raise BadMonth("FORMAT", f"{where}의 {name}은(는) 목록이어야 합니다.")
    return tuple(found)


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value
