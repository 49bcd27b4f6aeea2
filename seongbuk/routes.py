"""Every URL with its methods, its permission and what it writes to the access log, read from the views themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from centers.access import Permission

ANY_METHOD = ("GET", "HEAD", "OPTIONS", "POST")
#: what stands in the place of a permission
SIGNED_IN, PUBLIC = "signed_in", "public"


@dataclass(frozen=True)
class Route:
    name: str
    pattern: str
    methods: tuple[str, ...]
    permission: str
    personal_data: bool
    access_action: str
    view: Callable


def routes() -> list[Route]:
    """All routes of the project in the order in which they are tried."""
    return [_route(pattern, prefix) for pattern, prefix in _walk(get_resolver().url_patterns, "/")]


def _walk(patterns: list, prefix: str) -> Iterator[tuple[URLPattern, str]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, prefix + str(one.pattern))
        else:
            yield one, prefix


def _route(one: URLPattern, prefix: str) -> Route:
    view = one.callback
    declared: Permission | None = getattr(view, "permission", None)
    needs_login = getattr(view, "login_required", True)
    if declared and declared.resource:
        permission = f"{declared.resource}:{declared.action}"
    else:
        permission = SIGNED_IN if needs_login else PUBLIC
    return Route(
        name=one.name or "",
        pattern=prefix + str(one.pattern),
        methods=tuple(sorted(_methods(view))),
        permission=permission,
        personal_data=bool(declared and declared.personal),
        access_action=declared.log if declared else "",
        view=view,
    )


def _methods(view: Callable) -> set[str]:
    """Methods a view answers: those it states or its decorator names, those of its class, or any."""
    if stated := getattr(view, "methods", None):
        return set(stated)
    if view_class := getattr(view, "view_class", None):
        return {name.upper() for name in view_class.http_method_names if hasattr(view_class, name)}
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            held = cell.cell_contents
            if isinstance(held, list) and held and set(held) <= {*ANY_METHOD, "PUT", "PATCH", "DELETE"}:
                return set(held)
        view = getattr(view, "__wrapped__", None)
    return set(ANY_METHOD)
