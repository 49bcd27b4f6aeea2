"""What this floor adds to the story of a person: wishing to help, being introduced, being active."""

from __future__ import annotations

from common.months import seoul_date
from governance.models import Volunteer, VolunteerEvent
from planners import timeline
from planners.timeline import Look, Moment, Told

TOLD = ("willing", "introduced", "active", "ended")


@timeline.register("volunteer", "자원봉사", order=9)
def wishes_of(look: Look) -> Told:
    everything = VolunteerEvent.objects.filter(volunteer__person__in=look.records, act__in=TOLD)
    seen = everything.filter(volunteer__in=Volunteer.objects.visible_to(look.scope))
    rows = seen.select_related("volunteer", "by").order_by("-at", "-pk")
    moments = [
        Moment(
            row.at,
            seoul_date(row.at),
            row.text,
            row.by.name if row.by else "",
            url_name="volunteer",
            url_uid=row.volunteer.uid,
        )
        for row in rows[: look.limit]
    ]
    return moments, everything.count() - seen.count()
