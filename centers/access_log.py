"""Writing the access log: in the act's own transaction, so that no act is without its row.

If the row cannot be written the request fails and nothing of it is shown or stored.
"""

from __future__ import annotations

import json
import uuid

from django.db import connection, transaction

INSERT = """
    INSERT INTO centers_accesslog
        (at, user_id, username, action, resource, outcome, subjects, reason, ip, device, route, request_id, detail)
    VALUES (clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
MAX_SUBJECTS = 5000


def record(
    *,
    user,
    action: str,
    resource: str,
    outcome: str = "ok",
    subjects=(),
    reason: str = "",
    ip: str | None = None,
    device: str = "",
    route: str = "",
    request_id: uuid.UUID | None = None,
    detail: dict | None = None,
) -> None:
    """Insert one row. `subjects` are primary keys of persons; long lists keep the first ones and the count."""
    ids = sorted(subjects)
    detail = dict(detail or {})
    if len(ids) > MAX_SUBJECTS:
        detail["subjects_in_all"] = len(ids)
        ids = ids[:MAX_SUBJECTS]
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                getattr(user, "pk", None),
                getattr(user, "username", "") or "",
                action,
                resource,
                outcome,
                ids,
                reason[:300],
                ip,
                _plain(device)[:200],
                route[:100],
                request_id or uuid.uuid4(),
                json.dumps(detail, ensure_ascii=False),
            ],
        )


def record_request(request, permission, *, status: int) -> None:
    """The row of a permitted view."""
    record(
        user=request.user,
        action=permission.log,
        resource=permission.resource,
        outcome="ok" if status < 400 else "failed",
        subjects=request.access.subjects,
        reason=request.access.reason,
        detail=request.access.detail,
        **origin(request),
    )


def record_refusal(request, permission) -> None:
    """A refused act. It stands although the request's transaction is rolled back."""
    facts = dict(
        user=request.user,
        action=permission.log,
        resource=permission.resource,
        outcome="refused",
        **origin(request),
    )
    request.refused_access = facts  # written by the middleware after the rollback


def write_after_rollback(facts: dict) -> None:
    with transaction.atomic():
        record(**facts)


def origin(request) -> dict:
    """Where a request came from."""
    match = request.resolver_match
    return {
        "ip": request.META.get("REMOTE_ADDR") or None,
        "device": request.META.get("HTTP_USER_AGENT", ""),
        "route": (match.view_name or "") if match else "",
        "request_id": getattr(request, "request_id", None),
    }


def _plain(text: str) -> str:
    """Without control characters: a log line must not be able to fake another one."""
    return "".join(c if c.isprintable() else " " for c in text)
