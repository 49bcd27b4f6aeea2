"""Who looked at a person: the last lines of the story, for those who may read the access log."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from centers.models import User
from common.months import at_seoul, seoul_date
from planners import timeline
from planners.timeline import Look, Moment, Told
from seongbuk import access_search
from seongbuk.access_words import words

DAYS, ROWS = 90, 300
#: parts of a page that was opened anyway, and lists under another name
PARTS = ("person.cases", "household.cases", "visit.day_pack", "person.changes")


@timeline.register("access", "열람", order=9)
def looks_at(look: Look) -> Told:
    """Looks of the last 90 days, one line for each person, day and act; lists are not looks at one person."""
    if not access_search.sees_rows(look.scope):
        return [], 0
    since = at_seoul(look.scope.on - dt.timedelta(days=DAYS), dt.time())
    rows = access_search.visible(look.scope).filter(subjects__overlap=look.records, at__gte=since)
    rows = list(rows.exclude(action__endswith="list").exclude(action__in=PARTS).order_by("-at", "-id")[:ROWS])
    names = dict(User.objects.filter(pk__in={row.user_id for row in rows}).values_list("pk", "name"))
    times = Counter(_line(row, names) for row in rows)
    first = {}
    for row in rows:
        first.setdefault(_line(row, names), row.at)
    return [
        Moment(first[line], line[0], line[1] + (f" · {count}번" if count > 1 else ""), line[2])
        for line, count in list(times.items())[: look.limit]
    ], 0


def _line(row, names: dict[int, str]) -> tuple[dt.date, str, str]:
    return seoul_date(row.at), words(row.action), names.get(row.user_id, row.username)
