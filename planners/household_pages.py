"""A household on any day: who lived together, what is due for each of them, and who came and went."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from centers.access import Scope
from centers.figure_tables import BENEFITS
from common.months import age_on
from planners.models import Benefit, Household, Membership, Person, Visit
from planners.timeline import Look

STANDING = (Visit.State.POOL, *Visit.STANDING)


@dataclass
class Member:
    """One human of the household on the day, with what the viewer may see of them."""

    person: Person
    relation: str
    since: dt.date
    age: int
    sees_facts: bool
    visits: list[Visit] = field(default_factory=list)
    benefits: list[str] = field(default_factory=list)
    hidden: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Coming:
    """One line of who came and went."""

    on: dt.date
    name: str
    came: bool
    relation: str


@dataclass
class HouseholdPage:
    household: Household
    on: dt.date
    members: list[Member] = field(default_factory=list)
    comings: list[Coming] = field(default_factory=list)
    elsewhere: int = 0  # members of the day whom the viewer may not see

    @property
    def days(self) -> list[dt.date]:
        """Days on which the household changed, newest first: the ones worth opening."""
        return sorted({row.on for row in self.comings}, reverse=True)


def visible(scope: Scope) -> QuerySet[Household]:
    """Households with a place in the viewer's dongs, or with somebody whose facts are the viewer's to read."""
    if scope.everywhere("person_facts"):
        return Household.objects.all()
    reach = Q(dong__in=scope.dong_ids("person_facts"))
    if scope.owns("person_facts"):
        people = Visit.objects.assigned_to(scope.user).values("person_id")
        reach |= Q(pk__in=Membership.objects.filter(person__in=people).values("household_id"))
    return Household.objects.filter(reach)


def of(household: Household, scope: Scope, *, on: dt.date) -> HouseholdPage:
    """The household as it was on a day, in a fixed number of queries."""
    found = HouseholdPage(household, on)
    rows = list(
        household.memberships.select_related("person__dong", "person__kept_as__dong").order_by("valid_from", "pk")
    )
    there = _there(rows, on)
    everybody = {_human(row).pk for row in rows}
    seen = set(Person.objects.within_reach(scope).filter(pk__in=everybody).values_list("pk", flat=True))
    own = set(Visit.objects.assigned_to(scope.user).filter(person__in=there).values_list("person_id", flat=True))
    for person, row in there.values():
        if person.pk in seen:
            found.members.append(_member(person, row, scope, own, on))
        else:
            found.elsewhere += 1
    found.members.sort(key=lambda member: (member.relation != "본인", member.person.birth_on, member.person.pk))
    _due(found, scope)
    _aid(found, scope, own)
    names = {person.pk: person.name for person, _ in _everybody(rows) if person.pk in seen}
    found.comings = _comings(rows, names)
    return found


def _human(row: Membership) -> Person:
    return row.person.kept_as or row.person


def _everybody(rows: list[Membership]):
    return [(_human(row), row) for row in rows]


def _there(rows: list[Membership], on: dt.date) -> dict[int, tuple[Person, Membership]]:
    """Human -> (kept record, membership) of a day; two linked records are one human."""
    return {
        person.pk: (person, row)
        for person, row in _everybody(rows)
        if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)
    }


def _member(person: Person, row: Membership, scope: Scope, own: set[int], on: dt.date) -> Member:
    look = Look(person, [person.pk], scope, person.pk in own)
    return Member(person, row.relation, row.valid_from, age_on(person.birth_on, on), look.may("person_facts"))


def _due(found: HouseholdPage, scope: Scope) -> None:
    """Visits that stand or wait, of every member."""
    people = {member.person.pk: member for member in found.members}
    everything = Visit.objects.filter(person__in=people, state__in=STANDING)
    seen = everything.visible_to(scope).select_related("programme", "pair").order_by("due_on", "pk")
    counted: dict[int, int] = defaultdict(int)
    for pk in everything.values_list("person_id", flat=True):
        counted[pk] += 1
    for visit in seen:
        people[visit.person_id].visits.append(visit)
    for pk, member in people.items():
        if n := counted[pk] - len(member.visits):
            member.hidden["방문"] = n


def _aid(found: HouseholdPage, scope: Scope, own: set[int]) -> None:
    people = {member.person.pk: member for member in found.members}
    rows = Benefit.objects.on(found.on).filter(person__in=people).order_by("category", "pk")
    for row in rows:
        member = people[row.person_id]
        if Look(member.person, [], scope, row.person_id in own).may("welfare_status"):
            member.benefits.append(BENEFITS.get(row.category, row.category))
        else:
            member.hidden["복지급여"] = member.hidden.get("복지급여", 0) + 1


def _comings(rows: list[Membership], names: dict[int, str]) -> list[Coming]:
    found = []
    for row in rows:
        name = names.get(_human(row).pk, "")
        found.append(Coming(row.valid_from, name, True, row.relation))
        if row.valid_to:
            found.append(Coming(row.valid_to, name, False, row.relation))
    return sorted(found, key=lambda coming: (coming.on, coming.came), reverse=True)
