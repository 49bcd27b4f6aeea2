"""Whom to call about somebody without a phone of one's own, such as a baby: an adult of the same household."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from planners.models import Person
from planners.models.residents import birthday

ADULT_YEARS = 19
HEAD = "본인"


def attach(people: Iterable[Person], *, on: dt.date) -> None:
    """Set `guardian` of everybody here who has no phone: the head of the household, else its eldest adult with one.

    One query for all of them, none when all have phones.
    """
    silent = [person for person in people if not person.contact and person.household_id]
    if not silent:
        return
    adults: dict[int, Person] = {}
    members = Person.objects.living_here().filter(household__in={person.household_id for person in silent})
    for member in sorted(members, key=lambda one: (one.relation != HEAD, one.birth_on, one.pk)):
        if member.contact and birthday(member.birth_on, ADULT_YEARS) <= on:
            adults.setdefault(member.household_id, member)
    for person in silent:
        person.guardian = adults.get(person.household_id)
