"""What must be typed into the two national systems as well: ready to copy, in the order of their screens.

The health part goes into 보건정보시스템 by the nurse, the social part into 행복e음 by the social worker
(plan IV.5-1 ① step 5).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from centers.models import User
from planners.lists.record_sheet import Sheet, SheetSection
from planners.models import Visit
from planners.visit_records import own_part
from planners.visit_sections import HEALTH, SOCIAL

SYSTEM_OF = {HEALTH: "health", SOCIAL: "welfare"}
#: sections of each system's screen in its own order; the rest follows as on the form
ORDER = {
    "health": ("consent", "vitals", "daily_health", "depression", "self_harm", "dementia", "health_needs", "advice"),
    "welfare": ("facts", "crisis", "welfare_needs", "services", "wishes"),
}
PATIENCE_DAYS = 3
LOOK_BACK_DAYS = 60


@dataclass(frozen=True)
class CopyPack:
    """The text for one system, and whether it has been typed in."""

    system: str
    name: str
    text: str
    entered_at: dt.datetime | None
    entered_by: str


def copy_pack(sheet: Sheet, *, name: str) -> CopyPack | None:
    """The pack of the viewer's own part; None for anybody else."""
    if sheet.own is None:
        return None
    system = SYSTEM_OF[sheet.own]
    sections = [s for step in sheet.steps for s in step.sections if s.section.part == sheet.own and not s.is_hidden]
    rank = {key: n for n, key in enumerate(ORDER[system])}
    sections.sort(key=lambda section: rank.get(section.section.key, len(rank)))
    lines = [line for section in sections for line in _lines(section)]
    entered = next(
        (e for e in sheet.visit.events.all() if e.act == "entered" and e.detail.get("system") == system), None
    )
    return CopyPack(system, name, "\n".join(lines), entered.at if entered else None, entered.by.name if entered else "")


def unentered(visits, user: User, *, at: dt.datetime) -> list[Visit]:
    """The user's finished visits that nobody has typed into the national system after three days, oldest first."""
    late, oldest = at - dt.timedelta(days=PATIENCE_DAYS), at - dt.timedelta(days=LOOK_BACK_DAYS)
    rows = (
        visits.assigned_to(user)
        .filter(state__in=[Visit.State.DONE, Visit.State.CLOSED], finished_at__range=(oldest, late))
        .select_related("person")
        .prefetch_related("staff", "events")
        .order_by("finished_at", "pk")
    )
    return [visit for visit in rows if not _is_entered(visit, user)]


# ------------------------------------------------------------------ private


def _is_entered(visit: Visit, user: User) -> bool:
    part = own_part(visit, user)
    systems = {event.detail.get("system") for event in visit.events.all() if event.act == "entered"}
    return part is None or SYSTEM_OF[part] in systems


def _lines(section: SheetSection) -> list[str]:
    fields = [one for row in section.rows for one in row.fields] + section.fields
    said = [f"{one.question.text}: {one.words}" for one in fields if one.value is not None]
    if section.grade and section.grade.band:
        score = f"{section.grade.score}점 " if section.grade.score is not None else ""
        said.append(f"판정: {score}{section.grade.band.name}")
        said += [f"안내: {text}" for text in section.grade.advice]
    return [f"[{section.section.title}]", *said] if said else []
