"""A quick whole plan from the relaxation, so that there is always one to improve or fall back on."""

from collections import Counter

import numpy as np

from planners.solver.master import Master


def rounded(master: Master) -> np.ndarray:
    """Outings taken in order of their share in the relaxation while nothing is used twice.

    Outings with appointments come first; one that costs more than its visits are worth is left.
    """
    catalogue, problem = master.catalogue, master.problem
    columns, shares = master.columns, np.round(master.shares(), 6)
    stops = catalogue.stops[columns]
    gain = np.append(problem.prizes, 0.0)[stops].sum(axis=1) - catalogue.cost[columns]
    booked = np.array([*(visit.booked is not None for visit in problem.visits), False])
    promised = booked[stops].any(axis=1)
    order = np.lexsort((columns, -gain, -shares, ~promised))
    used = np.zeros(catalogue.blank + 1, dtype=bool)
    days: Counter = Counter()
    chosen = []
    rows_of = catalogue.rows_of(columns)
    for position in order[gain[order] > 0]:
        rows = rows_of[position]
        if used[rows].any() or not _has_room(master, days, columns[position]):
            continue
        used[rows] = True
        used[catalogue.blank] = False
        chosen.append(columns[position])
    return np.sort(np.array(chosen, dtype=np.int64))


def _has_room(master: Master, days: Counter, outing: int) -> bool:
    """Whether the pair's day still takes the outing; if so it is counted."""
    most = master.problem.daily_maximum
    if most is None:
        return True
    session = master.problem.sessions[master.catalogue.session[outing]]
    size = int(master.catalogue.sizes[outing])
    if days[session.pair, session.day] + size > most:
        return False
    days[session.pair, session.day] += size
    return True
