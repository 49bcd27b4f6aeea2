"""The door: the account's first page, and what stands there when an account has no posting."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from centers.access import open_to_all


@require_GET
@open_to_all
def home(request):
    return redirect(request.scope.home)


@require_GET
@open_to_all
def no_posting(request):
    """Signed in, but no role today: says so and whom to ask."""
    if request.scope.main:
        return redirect("home")
    return render(request, "seongbuk/no_posting.html", status=403)


@require_POST
@open_to_all
def stay(request):
    """Somebody pressed "계속 쓰기" before the idle limit: the request itself counts as activity."""
    return HttpResponse(status=204)
