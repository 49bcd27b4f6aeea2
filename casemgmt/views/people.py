"""What the page of a person shows of this floor: referrals and cases, and how many there are one may not see."""

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from casemgmt import needs, referrals
from casemgmt.models import Case, Referral
from casemgmt.views.referrals import may_refer
from centers.access import permitted
from planners import household_pages, person_links
from planners.models import Membership, Person


@require_GET
@permitted("referral", log="person.cases")
def person_cases(request: HttpRequest, uid):
    """A fragment. Hidden records are counted by kind, so that nobody believes there are none."""
    person = get_object_or_404(Person.objects.visible_to(request.scope), uid=uid)
    request.access.add(person)
    now = timezone.now()
    records = person_links.records_of(person)
    sent, cases = Referral.objects.filter(person__in=records), Case.objects.filter(person__in=records)
    seen = list(
        sent.visible_to(request.scope)
        .select_related("dong", "agency", "owner", "sent_by")
        .order_by("-sent_at", "-pk")[:20]
    )
    shown = list(cases.visible_to(request.scope).select_related("lead_agency", "manager").order_by("-opened_on", "-pk"))
    context = {
        "person": person,
        "cases": shown,
        "lines": [
            {"referral": row, "need": needs.word(row.need), "late_by": referrals.late_by(row, at=now)} for row in seen
        ],
        "hidden_referrals": sent.count() - sent.visible_to(request.scope).count(),
        "hidden_cases": cases.count() - len(shown),
        "may_send": may_refer(request.scope, person),
    }
    return render(request, "casemgmt/_person_cases.html", context)


@require_GET
@permitted("referral", log="household.cases")
def household_cases(request: HttpRequest, uid):
    """A fragment: cases and open referrals of everybody who lives together now."""
    home = get_object_or_404(household_pages.visible(request.scope), uid=uid)
    living = Membership.objects.on(request.scope.on).filter(household=home).values("person_id")
    people = Person.objects.within_reach(request.scope).filter(Q(pk__in=living) | Q(household=home, kept_as=None))
    people = {person.pk: person for person in people}
    request.access.add(people)
    sent, cases = Referral.objects.open().filter(person__in=people), Case.objects.open().filter(person__in=people)
    seen = list(sent.visible_to(request.scope).select_related("agency", "person").order_by("-sent_at", "-pk")[:50])
    shown = list(cases.visible_to(request.scope).select_related("lead_agency", "manager", "person").order_by("number"))
    context = {
        "cases": shown,
        "lines": [(row, needs.word(row.need)) for row in seen],
        "hidden": {"의뢰": sent.count() - len(seen), "사례": cases.count() - len(shown)},
    }
    return render(request, "casemgmt/_household_cases.html", context)
