"""Reading and writing months and plans as JSON files, plain or gzipped."""

import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from planners.solver.problem import Plan, Problem, Session, Visit

LONGEST = 6
DAY = 24 * 60
#: what going out costs when the file does not say
OUTING_COST = 20
#: a month of a whole zone has about 5 MB; more than this is no month but a mistake or an attack
MOST_BYTES = 200 * 1024 * 1024
HIGHEST = 1e9


class BadMonth(ValueError):
    """A month file that cannot be solved; `code` for programs, the sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_month(path: Path) -> Problem:
    """Read a month file, raising `BadMonth` with a sentence on what to correct."""
    try:
        content = json.loads(_text(path))
    except BadMonth:
        raise
    except (gzip.BadGzipFile, zlib.error, ValueError, EOFError, RecursionError) as error:
        raise BadMonth(
            "FILE_NOT_JSON", f"{path.name} 파일이 올바른 JSON 형식이 아닙니다. 파일을 다시 내려받아 주세요."
        ) from error
    except OSError as error:
        raise BadMonth("FILE_UNREADABLE", f"파일을 열 수 없습니다: {path.name}. 경로를 확인해 주세요.") from error
    return problem_from(content)


def _text(path: Path) -> bytes:
    """The file's content, unpacked, up to a size no month has."""
    raw = path.read_bytes()
    packed = raw[:2] == b"\x1f\x8b"
    text = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(MOST_BYTES + 1) if packed else raw
    if len(text) > MOST_BYTES:
        raise BadMonth("FILE_TOO_LARGE", f"{path.name} 파일이 너무 큽니다. 한 달치 한 단위만 담아 주세요.")
    return text


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
    _unique([session.id for session in sessions], "sessions")
    named = {str(session.id): session.id for session in sessions}
    visits = tuple(_visit(row, len(travel), named) for row in _rows(content, "visits"))
    _unique([visit.id for visit in visits], "visits")
    allowed, cost, earliest, latest = _tables(content, visits, sessions)
    return Problem(
        name=str(content.get("name", "")),
        year=_whole_or(content.get("year"), "year", 0),
        month=_whole_or(content.get("month"), "month", 0),
        outing_cost=_number(content.get("outing_cost", OUTING_COST), "outing_cost"),
        travel=travel,
        depots=depots,
        sessions=sessions,
        visits=visits,
        allowed=allowed,
        cost=cost,
        earliest=earliest,
        latest=latest,
        previous_plan=_previous(content, visits, named),
        fairness_price=_not_negative(content.get("fairness_price") or 0, "fairness_price"),
        daily_maximum=_whole_or(content.get("daily_maximum"), "daily_maximum", None),
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
        day=_whole_or(row.get("day"), f"{where}의 day", 0),
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


def _visit(row, places: int, sessions: dict) -> Visit:
    where = f"visit {row.get('id')}"
    visit = Visit(
        id=_identity(row, where),
        location=_place(_need(row, "loc", where), places, f"{where}의 loc"),
        duration=_whole(_need(row, "duration", where), f"{where}의 duration"),
        prize=_not_negative(_need(row, "prize", where), f"{where}의 prize"),
        booked=_booking(row.get("booked"), where, sessions),
        tier=_whole_or(row.get("tier"), f"{where}의 tier", 0),
        program=str(row.get("program", "")),
        dong=str(row.get("dong", "")),
        release=_whole_or(row.get("release"), f"{where}의 release", 1),
        due=_whole_or(row.get("due"), f"{where}의 due", 31),
        needs=_choice(row, "needs", where) or (),
        halves=_choice(row, "halves", where),
        weekdays=_choice(row, "weekdays", where),
        window=_choice(row, "window", where),
        previous_pair=row.get("prev_pair"),
        preferred_half=row.get("pref"),
    )
    if visit.duration < 0:
        raise BadMonth("VISIT", f"{where}의 duration은 0분 이상이어야 합니다.")
    return visit


def _booking(value, where, sessions: dict) -> tuple[int | str | float, int] | None:
    """Session and start; the session may be named as text or as number whatever its id is."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise BadMonth("VISIT", f"{where}의 booked는 [회차, 시작 시각]이어야 합니다.")
    if str(value[0]) not in sessions:
        raise BadMonth("VISIT", f"{where}이(가) 예약된 session {value[0]}이(가) 없습니다.")
    return sessions[str(value[0])], _clock(value[1], f"{where}의 booked")


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


def _previous(content, visits, sessions: dict) -> dict:
    """The earlier plan by visit id, as far as its sessions still exist; the file's keys are texts."""
    found = content.get("previous_plan") or {}
    if not isinstance(found, dict):
        raise BadMonth("FORMAT", "previous_plan은 방문과 회차를 짝지은 객체여야 합니다.")
    before = {visit.id: str(found.get(str(visit.id))) for visit in visits}
    return {visit: sessions[name] for visit, name in before.items() if name in sessions}


def _rows(content, name) -> list[dict]:
    rows = _need(content, name)
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise BadMonth("FORMAT", f"{name}은(는) 객체의 목록이어야 합니다.")
    return rows


def _need(row, name, where: str = "파일") -> Any:
    if name not in row:
        raise BadMonth("FIELD_MISSING", f"{where}에 '{name}' 항목이 없습니다. 빠진 항목을 채워 주세요.")
    return row[name]


def _identity(row, where) -> int | str | float:
    found = _need(row, "id", where)
    fits = isinstance(found, str) or (isinstance(found, int | float) and abs(found) < float("inf"))
    if isinstance(found, bool) or not fits:
        raise BadMonth("FORMAT", f"{where}의 id는 숫자나 글자여야 합니다.")
    return found


def _unique(ids, name) -> None:
    if len({str(found) for found in ids}) != len(ids):
        raise BadMonth("FORMAT", f"{name}에 같은 id가 두 번 있습니다. id를 서로 다르게 해 주세요.")


def _number(value, where) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= HIGHEST:
        raise BadMonth("NUMBER", f"{where} 값은 숫자여야 하고 {HIGHEST:,.0f}보다 클 수 없습니다.")
    return float(value)


def _whole(value, where) -> int:
    number = _number(value, where)
    if number != int(number):
        raise BadMonth("NUMBER", f"{where} 값은 정수여야 합니다.")
    return int(number)


def _whole_or(value, where, missing: int | None) -> int | None:
    """A whole number, or what stands for it where the file says nothing."""
    return missing if value is None else _whole(value, where)


def _not_negative(value, where) -> float:
    number = _number(value, where)
    if number < 0:
        raise BadMonth("NUMBER", f"{where} 값은 0 이상이어야 합니다.")
    return number


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
