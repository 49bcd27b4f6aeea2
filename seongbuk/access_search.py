"""Searching the access log (접속기록): by account, by resident, by day, within what the searcher may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from centers.access import Scope
from centers.models import AccessLog, Posting, User
from common.hangul import mask_name
from common.months import at_seoul
from planners.models import Person
from seongbuk.access_words import words

DAYS = 30
NAMED = 3  # residents named in one line; the others are counted
OUTCOMES = {"ok": ("ok", "함"), "refused": ("bad", "막음"), "failed": ("warn", "못 함")}


def sees_rows(scope: Scope) -> bool:
    """Rows are for the privacy officer and, for their own staff, team leads; others see counts."""
    return bool(set(scope.reach("access_log")) & {"A", "d"})


def visible(scope: Scope) -> QuerySet[AccessLog]:
    reach = scope.reach("access_log")
    if "A" in reach:
        return AccessLog.objects.all()
    if "d" in reach:
        staff = Posting.objects.on(scope.on).filter(dong__in=scope.dong_ids("access_log"))
        return AccessLog.objects.filter(user_id__in=list(staff.values_list("user", flat=True)))
    return AccessLog.objects.none()


def persons(asked: dict) -> list[Person]:
    """Residents whose name and birthday are both given; a name alone finds nobody."""
    if not (asked.get("name") and asked.get("birth_on")):
        return []
    return list(Person.objects.filter(name=asked["name"], birth_on=asked["birth_on"]).order_by("pk")[:10])


def found(rows: QuerySet[AccessLog], asked: dict, subjects: list[Person]) -> QuerySet[AccessLog]:
    """The rows of an account, about residents, between days (Seoul, both included)."""
    rows = rows.filter(
        at__gte=at_seoul(asked["first"], dt.time()), at__lt=at_seoul(asked["last"] + dt.timedelta(1), dt.time())
    )
    if asked.get("account"):
        rows = rows.filter(username=asked["account"])
    if asked.get("name"):
        rows = rows.filter(subjects__overlap=[person.pk for person in subjects]) if subjects else rows.none()
    return rows


def before(rows: QuerySet[AccessLog], at: dt.datetime, number: int) -> QuerySet[AccessLog]:
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=number))


def lines(rows: Iterable[AccessLog]) -> list[dict]:
    """Rows in words: who, when, from where, what, about whom (masked)."""
    rows = list(rows)
    users = {user.pk: user for user in User.objects.filter(pk__in={row.user_id for row in rows})}
    wanted = {pk for row in rows for pk in row.subjects[:NAMED]}
    names = {pk: mask_name(name) for pk, name in Person.objects.filter(pk__in=wanted).values_list("pk", "name")}
    return [
        {
            "row": row,
            "user": users.get(row.user_id),
            "act": words(row.action),
            "outcome": OUTCOMES.get(row.outcome, ("plain", row.outcome)),
            "subjects": [names[pk] for pk in row.subjects[:NAMED] if pk in names],
            "more": max(0, row.detail.get("subjects_in_all", len(row.subjects)) - NAMED),
        }
        for row in rows
    ]


def summary(today: dt.date) -> list[dict]:
    """How much was recorded in the last days, by outcome."""
    rows = AccessLog.objects.filter(at__gte=at_seoul(today - dt.timedelta(days=DAYS), dt.time())).order_by()
    counted = dict(rows.values_list("outcome").annotate(n=Count("id")))
    return [{"tone": tone, "word": word, "count": counted.get(key, 0)} for key, (tone, word) in OUTCOMES.items()]
