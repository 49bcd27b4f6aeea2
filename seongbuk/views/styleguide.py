"""The living gallery of the design system (demo mode only)."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from centers.access import open_to_all


@require_GET
@open_to_all
def styleguide(request):
    return render(request, "seongbuk/styleguide.html")
