"""The peers of the list page: OFFSET with COUNT(*), and one more query for each row. Same template, same log."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from centers.access import permitted
from planners.models import Person
from planners.resident_search import PAGE, Page


@require_GET
@permitted("person", log="person.list")
def by_offset(request):
    """Numbered pages, as Django's paginator and its admin make them."""
    people = Person.objects.visible_to(request.scope).living_here().select_related("dong").order_by("name", "pk")
    if request.GET.get("dong"):
        people = people.filter(dong=request.GET["dong"])
    found = Paginator(people, PAGE).get_page(request.GET.get("page"))
    return _shown(request, list(found.object_list), found.has_next())


@require_GET
@permitted("person", log="person.list")
def one_query_a_row(request):
    """The keyset page without the join: each row asks for the name of its dong."""
    people = Person.objects.visible_to(request.scope).living_here().order_by("name", "pk")
    return _shown(request, list(people.filter(name__gte=request.GET["from"])[:PAGE]), True)


def _shown(request, people, has_next):
    request.access.add(people)
    page = Page(people, "after=x" if has_next else "", "")
    context = {
        "query": "",
        "words": [],
        "page": page,
        "next_url": page.next_url,
        "sees_births": True,
        "may_add": True,
        "doors": [],
    }
    return render(request, "planners/resident_list.html", context)
