"""Access: what the signed-in person may see and do, and the decorator every view carries.

Out of scope answers like a record that does not exist (404); in scope but not allowed answers 403.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps

from django.core.exceptions import PermissionDenied

from centers import access_log
from centers.models import Dong, Posting, User
from centers.roles import ROLE_BY_CODE, SCOPE_ORDER, scopes


@dataclass(frozen=True)
class Scope:
    """The rights of one person on one day. Querysets of personal data take it in `visible_to`."""

    user: User
    on: dt.date
    postings: tuple[Posting, ...]

    @classmethod
    def of(cls, user: User, on: dt.date) -> Scope:
        postings = tuple(user.postings.on(on).select_related("dong", "team")) if user.is_active else ()
        return cls(user, on, postings)

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p.role for p in self.postings))

    @property
    def main(self) -> Posting | None:
        return self.postings[0] if self.postings else None

    @property
    def home(self) -> str:
        """Url name of the person's first page."""
        return ROLE_BY_CODE[self.main.role].home if self.main else "no_posting"

    @property
    def dong(self) -> Dong | None:
        return next((p.dong for p in self.postings if p.dong_id), None)

    def reach(self, resource: str, action: str = "R") -> str:
        """Scope letters held for an action over all roles, widest first."""
        held = "".join(scopes(role, resource, action) for role in self.roles)
        return "".join(letter for letter in SCOPE_ORDER if letter in held)

    def allows(self, resource: str, action: str = "R") -> bool:
        return bool(self.reach(resource, action))

    def everywhere(self, resource: str, action: str = "R") -> bool:
        return "A" in self.reach(resource, action)

    def dong_ids(self, resource: str, action: str = "R") -> set[int]:
        """Dongs in which a role with dong scope for this action is held."""
        return {p.dong_id for p in self.postings if p.dong_id and "d" in scopes(p.role, resource, action)}

    def tongs(self, resource: str, action: str = "R") -> set[tuple[int, int]]:
        """(dong id, tong number) pairs of a tongjang for this action."""
        return {(p.dong_id, tong) for p in self.postings if "t" in scopes(p.role, resource, action) for tong in p.tongs}

    def owns(self, resource: str, action: str = "R") -> bool:
        """Whether records assigned to this person are within reach."""
        return "o" in self.reach(resource, action)

    def dongs(self, resource: str, action: str = "R"):
        """The dongs a list may be filtered by: all of them, or the person's own."""
        rows = Dong.objects.all()
        reach = self.reach(resource, action)
        if "A" in reach or "g" in reach:
            return rows
        return rows.filter(pk__in={p.dong_id for p in self.postings if p.dong_id})


@dataclass
class AccessNote:
    """What a request did with personal data; written as one log row before the answer leaves."""

    subjects: set[int] = field(default_factory=set)
    reason: str = ""
    detail: dict = field(default_factory=dict)

    def add(self, persons: Iterable | object) -> None:
        """Note persons (instances or ids) whose data the answer shows or the act changed."""
        if persons is None:
            return
        if not isinstance(persons, Iterable) or isinstance(persons, str):
            persons = [persons]
        self.subjects.update(p if isinstance(p, int) else p.pk for p in persons if p is not None)


@dataclass(frozen=True)
class Permission:
    resource: str
    action: str
    log: str
    personal: bool


def permitted(resource: str, action: str = "R", *, log: str, personal: bool = True) -> Callable:
    """Declare a view's permission and its access-log action.

    `personal=False` for pages without personal data: they are logged only when they change something.
    """
    permission = Permission(resource, action, log, personal)

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request, *args, **kwargs):
            scope: Scope = request.scope
            if not scope.allows(resource, action):
                access_log.record_refusal(request, permission)
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            if personal or request.method not in {"GET", "HEAD"} or request.access.subjects:
                access_log.record_request(request, permission, status=response.status_code)
            return response

        guarded.permission = permission
        return guarded

    return decorate


def open_to_all(view: Callable) -> Callable:
    """Mark a view that any signed-in person may use and that shows no personal data."""
    view.permission = Permission("", "", "", personal=False)
    return view
