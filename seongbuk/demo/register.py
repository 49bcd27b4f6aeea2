"""The invented register in the database: households, persons, memberships, benefits, by COPY.

Names and keys go through the same functions as on the screens (`planners.residents`); only the way
into the tables is a bulk one, because a district has 468,000 people.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from django.db import connection, transaction

from centers.models import Dong, Figure, Tong
from planners import residents
from planners.models import Pregnancy
from seongbuk.demo import people
from seongbuk.demo.accounts import PILOT_DONGS

SMALL_SHARE = 50  # outside the pilot dongs the small world has every fiftieth resident
SEED = 2014
CHUNK = 5_000


def population(dong: Dong) -> int:
    """Residents of a dong by the plan's table (II.1)."""
    cell = Figure.objects.filter(table="population", dong=dong, column="population").order_by("-as_of").first()
    return int(cell.value)


def fill(dong: Dong, *, size: str, today: dt.date) -> int:
    """Put the people of one dong into an empty register; returns how many. `size` is small or district."""
    persons = population(dong)
    if size == "small" and dong.name not in PILOT_DONGS:
        persons //= SMALL_SHARE
    tongs = Tong.objects.on(today).filter(dong=dong).count() or 1
    homes = people.homes(people.places()[dong.name], persons, tongs, today=today, seed=SEED)
    made = 0
    with transaction.atomic():
        while chunk := list(islice(homes, CHUNK)):
            made += _write(dong, chunk, today)
    return made


def _write(dong: Dong, homes: list[people.Home], today: dt.date) -> int:
    count = sum(len(home.people) for home in homes)
    household_ids = _reserve("planners_household", len(homes))
    person_ids = _reserve("planners_person", count)
    since = today - dt.timedelta(days=900)
    _copy("planners_household", HOUSEHOLD, _households(dong, homes, household_ids))
    rows = list(_persons(dong, homes, household_ids, person_ids))
    _copy("planners_person", PERSON, (row for row, _, _ in rows))
    members = ((row[0], row[12], max(since, row[2]), row[11]) for row, _, _ in rows)
    _copy("planners_membership", ("person_id", "household_id", "valid_from", "relation"), members)
    benefits = ((row[0], key, since) for row, keys, _ in rows for key in dict.fromkeys(keys))
    _copy("planners_benefit", ("person_id", "category", "valid_from"), benefits)
    _pregnancies([(row[0], birth) for row, _, birth in rows if row[3] == "F"], today)
    return count


HOUSEHOLD = (
    "id",
    "uid",
    "dong_id",
    "tong",
    "ban",
    "address",
    "address_detail",
    "longitude",
    "latitude",
    "access_notes",
)
PERSON = (
    "id", "name", "birth_on", "sex", "dong_id", "tong", "ban", "address", "mobile", "phone", "status", "relation",
    "household_id", "uid", "name_choseong", "name_bigrams", "match_key", "is_foreigner", "needs_interpreter", "version",
)  # fmt: skip


def _households(dong, homes, ids) -> Iterator[tuple]:
    for key, home in zip(ids, homes, strict=True):
        yield (
            key, uuid.uuid4(), dong.pk, home.tong, home.ban, home.address, home.detail, home.longitude, home.latitude,
            home.notes,
        )  # fmt: skip


def _persons(dong, homes, household_ids, person_ids) -> Iterator[tuple]:
    keys = iter(person_ids)
    for household, home in zip(household_ids, homes, strict=True):
        written = residents.Residence(dong, home.tong, home.ban, home.address, home.detail).written
        for person in home.people:
            choseong, bigrams = _search_keys(person.name)
            row = (
                next(keys), person.name, person.birth_on, person.sex, dong.pk, home.tong, home.ban, written,
                person.mobile, "", "resident", person.relation, household, uuid.uuid4(), choseong, bigrams,
                residents.match_key(person.name, person.birth_on, person.sex), False, "", 1,
            )  # fmt: skip
            yield row, person.benefits, person.birth_on


@lru_cache(maxsize=50_000)
def _search_keys(name: str) -> tuple[str, list[str]]:
    keys = residents.search_keys(name)
    return keys["name_choseong"], keys["name_bigrams"]


def _pregnancies(women: list[tuple[int, dt.date]], today: dt.date) -> None:
    """About as many as the plan counts: 3,256 among 467,996 residents, spread over the weeks."""
    fertile = [key for key, birth in women if 26 <= today.year - birth.year <= 38]
    chosen = fertile[:: max(1, len(fertile) // max(1, len(women) * 3256 // 238_155))]
    Pregnancy.objects.bulk_create(
        [
            Pregnancy(
                person_id=key,
                expected_on=today + dt.timedelta(days=7 * (n * 7 % 34) + n % 7),
                reported_on=today - dt.timedelta(days=30),
            )
            for n, key in enumerate(chosen)
        ],
        batch_size=1000,
    )


def _reserve(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: tuple[str, ...], rows) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
