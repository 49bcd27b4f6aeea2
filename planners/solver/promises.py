"""Appointments that contradict each other or the calendar, found before anything is planned."""

from collections import defaultdict

import numpy as np

from planners.solver.catalogue import Catalogue
from planners.solver.deadline import Deadline
from planners.solver.master import Master
from planners.solver.problem import BookingConflict, Problem

OUTSIDE_CALENDAR = "OUTSIDE_CALENDAR"
NOT_TOGETHER = "NOT_TOGETHER"
SAME_PERSON = "SAME_PERSON"
DAILY_MAXIMUM = "DAILY_MAXIMUM"


def booking_conflicts(catalogue: Catalogue) -> tuple[BookingConflict, ...]:
    """Every group of appointments that cannot all be kept, with its cause."""
    problem = catalogue.problem
    promised = promised_visits(problem)
    found = [
        BookingConflict((visit.id,), (visit.booked[0],), OUTSIDE_CALENDAR)
        for index, visit in enumerate(problem.visits)
        if visit.booked is not None and problem.booking_of(index) is None
    ]
    for session, visits in promised.items():
        if not _together(catalogue, session, visits):
            ids = tuple(problem.visits[v].id for v in visits)
            found.append(BookingConflict(ids, (problem.sessions[session].id,), NOT_TOGETHER))
    return tuple(found + _same_person(problem, promised) + _crowded(problem, promised))


def promised_visits(problem: Problem) -> dict[int, list[int]]:
    """Visits with an appointment by session, both by index."""
    promised = defaultdict(list)
    for visit in range(len(problem.visits)):
        session = problem.booking_of(visit)
        if session is not None:
            promised[session].append(visit)
    return dict(sorted(promised.items()))


def appointments_lost(catalogue: Catalogue, conflicts, *, seed: int, deadline: Deadline) -> int:
    """Fewest appointments that have to be given up; none when there is no conflict.

    Too many when time was short: the search still keeps all it can, at their price.
    """
    if not conflicts or not len(catalogue):
        return 0
    problem = catalogue.problem
    booked = [visit.booked is not None for visit in problem.visits]
    master = Master(catalogue, seed=seed, lost=sum(booked))
    lost = master.fewest_lost(only_promised(catalogue), seconds=deadline.part(0.25).left())
    deadline.passed()
    return lost


def only_promised(catalogue: Catalogue) -> np.ndarray:
    """Outings that make nothing but visits promised for their session."""
    stops, problem = catalogue.stops, catalogue.problem
    home = [problem.booking_of(visit) for visit in range(len(problem.visits))]
    home = np.array([-1 if session is None else session for session in home] + [-2])
    return np.flatnonzero(((home[stops] == catalogue.session[:, None]) | (home[stops] == -2)).all(axis=1))


def _together(catalogue: Catalogue, session: int, visits: list[int]) -> bool:
    span = slice(catalogue.first[session], catalogue.first[session + 1])
    stops = catalogue.stops[span]
    return bool(np.isin(stops, visits).sum(axis=1).max(initial=0) == len(visits))


def _same_person(problem: Problem, promised) -> list[BookingConflict]:
    users = defaultdict(list)
    for session in promised:
        for resource in problem.resources_of(session):
            users[resource].append(session)
    groups = dict.fromkeys(tuple(sessions) for sessions in users.values() if len(sessions) > 1)
    return [_conflict(problem, promised, sessions, SAME_PERSON) for sessions in groups]


def _crowded(problem: Problem, promised) -> list[BookingConflict]:
    if problem.daily_maximum is None:
        return []
    days = defaultdict(list)
    for session in promised:
        days[problem.sessions[session].pair, problem.sessions[session].day].append(session)
    return [
        _conflict(problem, promised, sessions, DAILY_MAXIMUM)
        for sessions in days.values()
        if sum(len(promised[session]) for session in sessions) > problem.daily_maximum
    ]


def _conflict(problem: Problem, promised, sessions, cause) -> BookingConflict:
    return BookingConflict(
        visits=tuple(problem.visits[v].id for session in sessions for v in promised[session]),
        sessions=tuple(problem.sessions[session].id for session in sessions),
        cause=cause,
    )
