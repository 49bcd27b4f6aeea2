"""One resident on one page, as far as the viewer's role reaches; what stays hidden is counted, not concealed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q

from centers.access import Scope
from centers.figure_tables import BENEFITS
from planners import person_links, residents, timeline, visit_clocks
from planners.models import Benefit, Consent, CrisisReport, Membership, Person, PersonLink, Target, Visit
from planners.models.residents import READS_FORMER_DAYS
from planners.timeline import ALL, LATEST, Look, Story
from planners.visit_clocks import Clock


@dataclass
class ResidentPage:
    """What the viewer may see of a person. `hidden` counts the rest by name.

    `former_until` is the last day somebody reads on whose dong the person has left.
    """

    person: Person
    is_own: bool
    sees_facts: bool
    sees_contact: bool = True
    former_until: dt.date | None = None
    members: list[Membership] = field(default_factory=list)
    benefits: list[tuple[str, Benefit]] = field(default_factory=list)
    targets: list[tuple[Target, str]] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    last_met: Visit | None = None
    links: list[PersonLink] = field(default_factory=list)
    story: Story = field(default_factory=Story)
    hidden: dict[str, int] = field(default_factory=dict)


def may(scope: Scope, resource: str, person: Person, *, is_own: bool, action: str = "R") -> bool:
    """Whether the viewer's reach for a kind of data includes this person."""
    return Look(person, [], scope, is_own).may(resource, action)


def of(person: Person, scope: Scope, *, show: str = "", everything: bool = False) -> ResidentPage:
    """Everything for the page in a fixed number of queries. `show` keeps one kind of the timeline."""
    is_own = Visit.objects.assigned_to(scope.user).filter(person=person).exists()
    records = person_links.records_of(person)
    look = Look(person, records, scope, is_own, limit=ALL if everything else LATEST)
    found = ResidentPage(person, is_own, look.may("person_facts"))
    _former(found, scope)
    found.story = timeline.story(look, show=show)
    found.hidden = dict(found.story.hidden)
    if found.former_until:
        return found
    if found.sees_facts and person.household_id:
        found.members = residents.household_on(person.household, scope.on)
    if look.may("welfare_status"):
        rows = Benefit.objects.filter(person__in=records).order_by("valid_to", "-valid_from")
        found.benefits = [(BENEFITS.get(row.category, row.category), row) for row in rows]
    _targets(found, look)
    if look.may("consent") or look.may("consent", "W"):
        rows = Consent.objects.filter(person__in=records).select_related("by").order_by("-answered_on", "-pk")
        found.consents = list(rows[:LATEST])
    if scope.allows("duplicate"):
        found.links = person_links.standing_links(person)
    return found


def _former(found: ResidentPage, scope: Scope) -> None:
    """Whether the viewer reads only because the person lived in the viewer's dong until lately."""
    if Person.objects.visible_to(scope).filter(pk=found.person.pk).exists():
        return
    left = found.person.memberships.filter(household__dong__in=scope.dong_ids("person"), valid_to__lte=scope.on)
    left_on = left.order_by("-valid_to").values_list("valid_to", flat=True).first()
    found.former_until = (left_on or scope.on) + dt.timedelta(days=READS_FORMER_DAYS - 1)
    found.sees_facts = found.sees_contact = False


def _targets(found: ResidentPage, look: Look) -> None:
    if not look.may("target"):
        return
    rows = Target.objects.filter(person__in=look.records).select_related("programme", "rule", "dong")
    found.targets = timeline.reasons(rows.order_by("-month", "-pk")[:LATEST], sees_facts=found.sees_facts)
    found.clocks = visit_clocks.of_person(found.person, on=look.scope.on)
    met = Visit.objects.filter(person__in=look.records, outcome=Visit.Outcome.DONE).exclude(finished_at=None)
    found.last_met = met.select_related("programme").order_by("-finished_at").first()


def worries(person: Person) -> list[CrisisReport]:
    """Reports about a person that nobody has answered yet, newest first."""
    rows = CrisisReport.objects.filter(Q(person=person), answered_at=None)
    return list(rows.select_related("by").order_by("-reported_at"))
