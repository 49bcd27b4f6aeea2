"""The door: the account's first page, and what stands there when an account has no posting."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

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
