"""What production must not start with: demo keys, missing keys, DEBUG, demo accounts. It says which."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured


def faults(values: Mapping) -> list[str]:
    """Sentences about the settings of an instance outside demo mode; empty when it may start."""
    found = []
    if values["DEBUG"]:
        found.append("DEBUG is on: production shows no traces, set DEBUG=false")
    if not values["SECRET_KEY"]:
        found.append("SECRET_KEY is missing")
    elif values["SECRET_KEY"] == values["DEMO_SECRET"]:
        found.append("SECRET_KEY is the demo secret: make one of your own (scripts/make_env.py)")
    if not values["FIELD_KEYS"]:
        found.append("FIELD_KEYS is missing: encrypted columns need a key")
    elif values["DEMO_FIELD_KEY"] in values["FIELD_KEYS"]:
        found.append("FIELD_KEYS holds the demo key")
    if not values["BLIND_INDEX_KEY"]:
        found.append("BLIND_INDEX_KEY is missing")
    elif values["BLIND_INDEX_KEY"] == values["DEMO_BLIND_INDEX_KEY"]:
        found.append("BLIND_INDEX_KEY is the demo key")
    if not values["ALLOWED_HOSTS"]:
        found.append("ALLOWED_HOSTS is missing")
    return found


def refuse(values: Mapping) -> None:
    """Raise `ImproperlyConfigured` naming every fault at once."""
    if found := faults(values):
        raise ImproperlyConfigured("production does not start: " + "; ".join(found))


def refuse_demo_accounts() -> None:
    """Raise `ImproperlyConfigured` when an account of the demo world can sign in."""
    from centers.models import User

    names = list(
        User.objects.filter(is_demo=True, is_active=True).order_by("username").values_list("username", flat=True)[:5]
    )
    if names:
        raise ImproperlyConfigured(f"production does not start: demo accounts are active ({', '.join(names)}, …)")
