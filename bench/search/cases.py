"""What clerks type, taken from people of the register, and how long each search took."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable

from django.db import connection, transaction

from centers.models import Dong
from common.hangul import choseong
from planners import resident_search
from planners.models import Person

TODAY = dt.date(2026, 11, 20)
INSIDE = "two syllables inside a name"
PEER = "two syllables inside a name over a trigram index"
TYPED: dict[str, Callable[[Person], str]] = {
    "whole name": lambda p: p.name,
    "first two syllables": lambda p: p.name[:2],
    INSIDE: lambda p: p.name[1:3],
    "family name alone": lambda p: p.name[0],
    "two initial consonants": lambda p: choseong(p.name)[:2],
    "three initial consonants": lambda p: choseong(p.name),
    "three initial consonants and dong": lambda p: f"{choseong(p.name)} {p.dong.name}",
    "name and dong": lambda p: f"{p.name[1:3]} {p.dong.name}",
    "birth date": lambda p: f"{p.birth_on:%Y-%m-%d}",
    "last four digits": lambda p: (p.mobile or p.phone)[-4:],
    "whole telephone number": lambda p: p.mobile or p.phone,
    "road": lambda p: p.address.split(" ")[2],
    "road and number": lambda p: " ".join(p.address.split(",")[0].split(" ")[2:]),
    "dong and tong": lambda p: f"{p.dong.name} {p.tong}통",
    "road and tong": lambda p: f"{p.address.split(' ')[2]} {p.tong}통",
}


def sample(count: int, *, seed: int) -> list[Person]:
    chance = random.Random(seed)
    first, last = Person.objects.order_by("pk").first().pk, Person.objects.order_by("-pk").first().pk
    picked = [chance.randint(first, last) for _ in range(count)]
    return list(Person.objects.filter(pk__in=picked).select_related("dong"))


def people():
    """As an officer of the whole district sees them on the page."""
    return Person.objects.kept().living_here().select_related("dong")


def ours(count: int, *, seed: int) -> dict[str, list[float]]:
    """Seconds of each search, by kind."""
    Dong.objects.count()
    return {kind: [_timed(typed(person)) for person in sample(count, seed=seed)] for kind, typed in TYPED.items()}


def _timed(query: str) -> float:
    started = time.perf_counter()
    page = resident_search.find(people(), resident_search.read(query, today=TODAY))
    took = time.perf_counter() - started
    if not page.people:
        raise SystemExit("a search for somebody of the register found nobody")
    return took


def trigrams(count: int, *, seed: int) -> list[float]:
    """The same two syllables by LIKE, with a trigram index on the name and ours for prefixes in place."""
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX person_name_bigrams")
        cursor.execute("CREATE INDEX bench_name_trigrams ON planners_person USING gin (name gin_trgm_ops)")
        for person in sample(count, seed=seed):
            started = time.perf_counter()
            rows = people().filter(name__contains=person.name[1:3]).order_by("name", "pk")
            list(rows[: resident_search.PAGE + 1])
            found.append(time.perf_counter() - started)
        transaction.set_rollback(True)
    return found
