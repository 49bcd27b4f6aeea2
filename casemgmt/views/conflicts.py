"""The page for two people who changed the same thing: both texts beside each other, nothing is lost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.refusals import Stale


def conflict(
    request: HttpRequest, stale: Stale, *, title: str, theirs: str, mine: str, back: str, **more
) -> HttpResponse:
    """Answer 409 with what stands now and what was sent. `more`: theirs_by, theirs_at, form, action."""
    context = {"stale": str(stale), "what": title, "theirs": theirs, "mine": mine, "back": back, **more}
    return render(request, "casemgmt/conflict.html", context, status=409)
