"""What a visit asks for, one filter at a time, and what is left of a session for it."""

from collections.abc import Callable
from datetime import date

from planners.solver.problem import Problem, Session, Visit

STAFF_ABSENT = "STAFF_ABSENT"
NOT_RELEASED = "NOT_RELEASED"
NO_SKILL = "NO_SKILL"
NO_MATCHING_HALF = "NO_MATCHING_HALF"
NO_MATCHING_WEEKDAY = "NO_MATCHING_WEEKDAY"
WINDOW_TOO_SHORT = "WINDOW_TOO_SHORT"
NO_WORKDAY_BEFORE_DUE = "NO_WORKDAY_BEFORE_DUE"

Filter = Callable[[Problem, Visit, Session], bool]


def weekday(problem: Problem, session: Session) -> int:
    """Monday is 0."""
    return date(problem.year, problem.month, session.day).weekday()


def start_window(problem: Problem, visit: Visit, session: Session) -> tuple[int, int] | None:
    """Earliest and latest start by clock wishes, way and session alone; None if they are too short."""
    depot = problem.depots[session.dong]
    earliest = session.start + int(problem.travel[depot, visit.location])
    latest = session.end - visit.duration - int(problem.travel[visit.location, depot])
    if visit.window is not None:
        earliest, latest = max(earliest, visit.window[0]), min(latest, visit.window[1])
    return (earliest, latest) if earliest <= latest else None


def _in_dong(problem: Problem, visit: Visit, session: Session) -> bool:
    return visit.dong in ("", session.dong)


def _released(problem: Problem, visit: Visit, session: Session) -> bool:
    return session.day >= visit.release


def _skilled(problem: Problem, visit: Visit, session: Session) -> bool:
    return set(visit.needs) <= set(session.skills)


def _right_half(problem: Problem, visit: Visit, session: Session) -> bool:
    return not visit.halves or session.half in visit.halves


def _right_weekday(problem: Problem, visit: Visit, session: Session) -> bool:
    return not visit.weekdays or weekday(problem, session) in visit.weekdays


def _long_enough(problem: Problem, visit: Visit, session: Session) -> bool:
    return start_window(problem, visit, session) is not None


FILTERS: dict[str, Filter] = {
    STAFF_ABSENT: _in_dong,
    NOT_RELEASED: _released,
    NO_SKILL: _skilled,
    NO_MATCHING_HALF: _right_half,
    NO_MATCHING_WEEKDAY: _right_weekday,
    WINDOW_TOO_SHORT: _long_enough,
}


def fits(problem: Problem, visit: Visit, session: Session, *, without: str | None = None) -> bool:
    """Whether the session meets all wishes of the visit, leaving out one filter if asked."""
    return all(check(problem, visit, session) for code, check in FILTERS.items() if code != without)
