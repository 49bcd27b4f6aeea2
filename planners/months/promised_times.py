"""Visits as the calendars below see them: whose half-day is taken, when, by whom to be met (masked)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from common.hangul import mask_name
from planners.models import Visit, VisitStaff
from staffing.commitments import Commitment


def promised_visits(users: set[int], first: dt.date, last: dt.date) -> Iterator[Commitment]:
    """Announced, booked and running visits of the people between two days, both included."""
    rows = VisitStaff.objects.filter(
        user__in=users, is_active=True, visit__on__range=(first, last), visit__state__in=Visit.STANDING
    ).select_related("visit__person", "visit__programme")
    for row in rows.order_by("visit__starts_at", "pk"):
        visit = row.visit
        yield Commitment(
            user_id=row.user_id,
            on=visit.on,
            half=visit.half,
            starts_at=visit.starts_at,
            title=f"{mask_name(visit.person.name)} 님 방문",
            detail=f"{visit.programme.short_name} · {visit.get_state_display()}",
            url=reverse("visit", args=[visit.uid]),
            subject=visit.person_id,
        )
