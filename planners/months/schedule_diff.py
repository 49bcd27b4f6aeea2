"""Two versions of a month laid side by side: which visit is new, which moved from where to where, which is gone, and why."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from common.months import Month
from planners.models import Consent, Placement, Schedule, Unplanned, Visit
from planners.months.schedule_words import half_day, short_day
from staffing.calendars import absences, closed_halves

NEW, MOVED, GONE, RETIMED = "new", "moved", "gone", "retimed"


@dataclass(frozen=True)
class Difference:
    """What became of one visit from the earlier version to the later one, and the cause found."""

    kind: str
    visit: Visit
    before: Placement | None
    after: Placement | None
    why: str

    @property
    def days(self) -> int:
        """Days later (or, below zero, sooner) than before."""
        return (self.after.on - self.before.on).days if self.before and self.after else 0

    @property
    def days_sooner(self) -> int:
        return -self.days


@dataclass
class Comparison:
    """All differences in order of the calendar; `kept` stay where they were to the minute."""

    earlier: Schedule
    later: Schedule
    differences: list[Difference] = field(default_factory=list)
    kept: int = 0

    def of(self, kind: str) -> list[Difference]:
        return [row for row in self.differences if row.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(self.of(kind)) for kind in (NEW, MOVED, RETIMED, GONE)}


def compare(earlier: Schedule, later: Schedule) -> Comparison:
    """The later version against the earlier one. Days that were over when the later was made do not count."""
    before, after = _placements(earlier), _placements(later)
    before = {visit: p for visit, p in before.items() if p.on >= later.horizon or visit in after}
    found = Comparison(earlier, later)
    causes = _Causes(earlier, later, before, after)
    for visit in sorted({*before, *after}, key=lambda v: _when(after.get(v) or before[v])):
        old, new = before.get(visit), after.get(visit)
        kind = _kind(old, new)
        if kind is None:
            found.kept += 1
            continue
        row = (new or old).visit
        found.differences.append(Difference(kind, row, old, new, causes.of(kind, row, old, new)))
    return found


def _kind(old: Placement | None, new: Placement | None) -> str | None:
    if old is None:
        return NEW
    if new is None:
        return GONE
    if (old.pair_id, old.on, old.half) != (new.pair_id, new.on, new.half):
        return MOVED
    return RETIMED if old.starts_at != new.starts_at else None


def _when(placement: Placement):
    return placement.starts_at, placement.pair_id, placement.pk


def _placements(schedule: Schedule) -> dict[int, Placement]:
    rows = schedule.placements.select_related("visit__person", "visit__programme", "pair__nurse", "pair__social")
    return {row.visit_id: row for row in rows}


class _Causes:
    """What is known about the time between two versions, read once for all differences."""

    def __init__(self, earlier: Schedule, later: Schedule, before: dict, after: dict):
        self.earlier, self.later = earlier, later
        month = Month.of(later.month)
        people = {u for p in before.values() for u in (p.pair.nurse_id, p.pair.social_id) if u}
        self.away = absences(people, month.first, month.last)
        self.closed = closed_halves(month.first, month.last, later.dong)
        self.left_out = {u.visit_id: u for u in later.unplanned.all()}
        self.was_left_out = {u.visit_id: u for u in earlier.unplanned.all()}
        self.agreed = self._agreed_since([after[v].visit for v in after if v not in before])
        self.moved_in = defaultdict(list)
        for visit, place in after.items():
            old = before.get(visit)
            if old is None or _kind(old, place) == MOVED:
                self.moved_in[place.pair_id, place.on, place.half].append(place.visit)

    def _agreed_since(self, visits: list[Visit]) -> dict[int, dt.date]:
        rows = Consent.objects.filter(
            person__in={v.person_id for v in visits},
            kind=Consent.Kind.VISIT,
            answer=Consent.Answer.GIVEN,
            at__gte=self.earlier.made_at,
        )
        return dict(rows.order_by("at").values_list("person_id", "answered_on"))

    def of(self, kind: str, visit: Visit, old: Placement | None, new: Placement | None) -> str:
        if kind == NEW:
            return self._why_new(visit, new)
        if kind == GONE:
            return self._why_gone(visit)
        if kind == MOVED:
            return self._why_moved(visit, old, new)
        return "같은 반일의 다른 방문이 바뀌어 시각만 달라졌습니다."

    def _why_new(self, visit: Visit, new: Placement) -> str:
        if new.is_moved_by_hand:
            return "팀장이 넣었습니다."
        if visit.person_id in self.agreed:
            return f"{short_day(self.agreed[visit.person_id])}에 방문에 동의하셨습니다."
        if visit.pk in self.was_left_out:
            return f"앞 판에서는 못 넣었습니다. {self.was_left_out[visit.pk].message}"
        return "앞 판을 만든 뒤에 생긴 방문입니다."

    def _why_gone(self, visit: Visit) -> str:
        row: Unplanned | None = self.left_out.get(visit.pk)
        if row is not None:
            return row.message
        if visit.state in Visit.ENDED or visit.state == Visit.State.DONE:
            ended = visit.get_outcome_display() if visit.outcome else visit.get_state_display()
            return f"방문이 끝났습니다({ended})."
        if visit.state == Visit.State.STARTED:
            return "지금 방문 중입니다."
        return "이 달에 갈 수 없게 되었습니다. 방문 기록에서 까닭을 볼 수 있습니다."

    def _why_moved(self, visit: Visit, old: Placement, new: Placement) -> str:
        if new.is_moved_by_hand:
            return "팀장이 옮겼습니다."
        if visit.state == Visit.State.BOOKED and visit.starts_at == new.starts_at:
            return "주민과 약속한 때로 옮겼습니다."
        if old.on < self.later.horizon:
            return "지난 날이라 다시 잡았습니다."
        if why := self.closed.get((old.on, old.half)):
            return f"{half_day(old.on, old.half)}은 {why}라 나가지 않습니다."
        for user in (old.pair.nurse, old.pair.social):
            if user and (why := self.away.get(user.pk, {}).get((old.on, old.half))):
                return f"{user.name} 님이 {half_day(old.on, old.half)}에 {why}입니다."
        others = [v.person.masked_name for v in self.moved_in[old.pair_id, old.on, old.half] if v.pk != visit.pk]
        if others:
            return f"그 자리에 {', '.join(others)} 님이 들어갔습니다."
        return "전체 길과 기한을 다시 맞추면서 옮겼습니다."
