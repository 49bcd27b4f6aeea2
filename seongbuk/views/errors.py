"""Error pages that say what to do next."""

from django.shortcuts import render


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    """Also the answer for records outside the viewer's scope: both look the same."""
    return render(request, "404.html", status=404)


def broken(request):
    return render(request, "500.html", status=500)
