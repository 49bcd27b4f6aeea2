"""The daily case meeting: every visit of the day becomes normal or managed, with reasons (plan IV.5-1 ① step 4).

A normal visit closes with the day of the next offer; a managed one stays open until it is linked.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from common.months import at_seoul, seoul_date
from common.refusals import Refusal
from planners import receipts, screening
from planners.models import CaseMeeting, Service, Visit
from planners.visit_forms import form_of
from planners.visit_questions import WELFARE_NEEDS
from planners.visit_records import answers_of, locked
from planners.visit_sections import HEALTH, JUDGEMENT, SOCIAL
from planners.visit_states import move, tell, write
from planners.visits import close, unsigned_parts

NORMAL, MANAGED = Visit.Group.NORMAL, Visit.Group.MANAGED
REOFFER_YEARS = 1
MEETS_AT = dt.time(17, 0)


class NotReady(Refusal):
    code = "NOT_READY"


class NotAGroup(Refusal):
    code = "NOT_A_GROUP"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


class Unclassified(Refusal):
    code = "UNCLASSIFIED"


class NothingToClose(Refusal):
    code = "NOTHING_TO_CLOSE"


@dataclass(frozen=True)
class Suggestion:
    """What the record speaks for, and the reasons in words fit for everybody at the table."""

    group: str
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        return Visit.Group(self.group).label

    @property
    def text(self) -> str:
        return ", ".join(self.reasons)


@dataclass
class Day:
    """The visits a meeting is about."""

    on: dt.date
    waiting: list[Visit] = field(default_factory=list)  # recorded, not yet judged, the oldest first
    normal: list[Visit] = field(default_factory=list)
    managed: list[Visit] = field(default_factory=list)
    unfinished: list[Visit] = field(default_factory=list)  # begun and not signed
    unlinked: list[Visit] = field(default_factory=list)  # managed, of any day, without a link
    closed: CaseMeeting | None = None

    @property
    def recorded(self) -> int:
        return len(self.waiting) + len(self.normal) + len(self.managed)

    def counts(self) -> dict:
        return {
            "recorded": self.recorded,
            "waiting": len(self.waiting),
            "normal": len(self.normal),
            "managed": len(self.managed),
            "linked": sum(visit.linked_at is not None for visit in self.managed),
            "unfinished": len(self.unfinished),
        }


def day_of(visits: Iterable, dong: Dong, on: dt.date) -> Day:
    """The meeting of a dong on a day, over a queryset of visits the viewer may see."""
    rows = (
        visits.filter(dong=dong)
        .select_related("person", "programme", "target__rule", "pair", "dong")
        .prefetch_related("staff__user", "screenings", "answers", "signatures", "alarms")
    )
    start = at_seoul(on, dt.time())
    end = start + dt.timedelta(days=1)
    day = Day(on, closed=CaseMeeting.objects.filter(dong=dong, on=on).select_related("closed_by").first())
    day.waiting = list(rows.awaiting_classification().filter(finished_at__lt=end).order_by("finished_at", "pk"))
    judged = rows.exclude(group="").filter(Q(classified_on=on) | Q(finished_at__gte=start, finished_at__lt=end))
    for visit in judged.order_by("finished_at", "pk"):
        (day.normal if visit.group == NORMAL else day.managed).append(visit)
    day.unfinished = list(rows.filter(state=Visit.State.STARTED, started_at__lt=end).order_by("started_at", "pk"))
    day.unlinked = list(
        rows.filter(state=Visit.State.DONE, group=MANAGED, linked_at=None).order_by("classified_on", "pk")
    )
    return day


def meeting_visits(scope: Scope):
    """Visits a person may judge or hear judged: of the dongs whose meeting is theirs, and their own."""
    seen = Visit.objects.visible_to(scope)
    reach = scope.reach("case_meeting")
    if "A" in reach:
        return seen
    mine = Q(dong__in=scope.dong_ids("case_meeting"))
    if scope.owns("case_meeting"):
        mine |= Q(pk__in=Visit.objects.assigned_to(scope.user).values("pk"))
    return seen.filter(mine)


def service_names() -> dict[str, str]:
    """Names of the catalogue's services by key."""
    return dict(Service.objects.values_list("key", "name"))


def suggest(visit: Visit, *, names: dict[str, str] | None = None) -> Suggestion:
    """Normal or managed, from screening classes, wishes, needs and what the pair thinks.

    `names` are those of services, for callers with many visits.
    """
    reasons = [f"{c.title} {c.name}" for c in screening.classes(visit) if c.is_alarm or c.level != "normal"]
    answers = answers_of(visit, SOCIAL) or {}
    if not answers:
        answers = {f: v for f, v in answers_of(visit, HEALTH).items() if f.startswith(("service-", "welfare_"))}
    reasons += _wanted(answers, service_names() if names is None else names)
    needs = dict(WELFARE_NEEDS)
    main = answers.get("welfare_main")
    listed = [main] if main else [key for key in answers.get("welfare_needs", []) if key != "none"]
    reasons += [f"욕구: {', '.join(needs[key] for key in listed if key in needs)}"] if listed else []
    if "none" not in answers.get("crisis", ["none"]):
        reasons.append("위기 징후가 있음")
    if visit.alarms.all():
        reasons.insert(0, "긴급 알림이 있었음")
    reasons += [f"{who}의 판단" for who, group in judgements(visit).items() if group == MANAGED]
    if reasons:
        return Suggestion(MANAGED, tuple(dict.fromkeys(reasons)))
    return Suggestion(NORMAL, ("선별 결과와 형편에 걱정되는 점이 없음",))


def judgements(visit: Visit) -> dict[str, str]:
    """What each of the pair suggested at the door, by discipline."""
    names = {HEALTH: "간호", SOCIAL: "사회복지"}
    found = {names[part]: answers_of(visit, part).get(JUDGEMENT) for part in (HEALTH, SOCIAL)}
    return {who: group for who, group in found.items() if group}


@transaction.atomic
def classify(
    visit: Visit,
    group: str,
    *,
    reason: str = "",
    by: User,
    at: dt.datetime,
    reoffer_on: dt.date | None = None,
    client_key: uuid.UUID | None = None,
) -> Visit:
    """Judge a recorded visit. Judging anew is allowed and stays in the story.

    A reason may be left out when it follows the record's own suggestion. Raises `NotReady`,
    `NotAGroup`, `ReasonMissing`.
    """
    visit = locked(visit)

    def judge() -> dict:
        if group not in Visit.Group.values:
            raise NotAGroup("정상군과 관리대상군 가운데 골라 주세요.")
        if visit.state not in (Visit.State.DONE, Visit.State.CLOSED):
            raise NotReady("두 사람이 모두 서명한 기록만 분류할 수 있습니다.")
        form = form_of(visit)
        if unsigned_parts(visit, form):
            raise NotReady("고치느라 서명을 거둔 구획이 있습니다. 다시 서명한 뒤 분류해 주세요.")
        _write_group(visit, group, _reason(visit, group, reason), reoffer_on, by=by, at=at)
        return {"group": group}

    body = {"group": group, "reason": reason, "reoffer_on": str(reoffer_on or "")}
    receipts.once(visit, client_key, act="classify", body=body, by=by, at=at, do=judge)
    visit.refresh_from_db()
    return visit


@transaction.atomic
def close_day(dong: Dong, on: dt.date, *, by: User, at: dt.datetime, carry_over: str = "") -> CaseMeeting:
    """End the meeting of a day. Closing twice returns the first closing.

    Raises `Unclassified` while a recorded visit is not judged, or while one of the day is begun and
    not signed and no reason says why it is put off.
    """
    Dong.objects.select_for_update().get(pk=dong.pk)
    if standing := CaseMeeting.objects.filter(dong=dong, on=on).first():
        return standing
    if on > seoul_date(at):
        raise NothingToClose("아직 오지 않은 날의 회의는 마칠 수 없습니다.")
    day = day_of(Visit.objects.all(), dong, on)
    if day.waiting:
        raise Unclassified(f"분류하지 않은 방문이 {len(day.waiting)}건 있습니다. 모두 분류한 뒤 마쳐 주세요.")
    if day.unfinished and not carry_over.strip():
        raise Unclassified(
            f"서명이 끝나지 않은 기록이 {len(day.unfinished)}건 있습니다. 서명을 받거나 다음 회의로 넘기는 까닭을 적어 주세요."
        )
    return CaseMeeting.objects.create(
        dong=dong, on=on, counts=day.counts(), carried_over=carry_over.strip()[:300], closed_by=by, closed_at=at
    )


def unsigned_by(visit: Visit) -> list[str]:
    """Who still has to sign a record that was begun."""
    signed = {signature.part for signature in visit.signatures.all()}
    parts = {"nurse": HEALTH, "social": SOCIAL}
    return [row.user.name for row in visit.staff.all() if parts.get(row.function, "") not in {*signed, ""}]


# ------------------------------------------------------------------ private


def _wanted(answers: dict, names: dict[str, str]) -> list[str]:
    keys = [f.removeprefix("service-") for f, v in answers.items() if f.startswith("service-") and v == "wants"]
    return [f"{', '.join(names.get(key, key) for key in keys)} 원함"] if keys else []


def _reason(visit: Visit, group: str, reason: str) -> str:
    if reason.strip():
        return reason.strip()[:300]
    suggestion = suggest(visit)
    is_anew = bool(visit.group) and visit.group != group
    if is_anew or suggestion.group != group:
        raise ReasonMissing("제안과 다르게 분류하거나 다시 분류할 때는 까닭을 적어 주세요.")
    return suggestion.text[:300]


def _write_group(visit, group, reason, reoffer_on, *, by: User, at: dt.datetime) -> None:
    before = visit.group
    if visit.state == Visit.State.CLOSED:
        move(visit, Visit.State.DONE, closed_at=None, reoffer_on=None)
    write(visit, group=group, group_reason=reason, classified_on=visit.classified_on or seoul_date(at))
    word = "다시 분류" if before else "분류"
    text = f"{visit.get_group_display()}으로 {word}: {reason}"
    tell(visit, "classified", text, by=by, at=at, group=group, before=before)
    if group == NORMAL:
        write(visit, reoffer_on=reoffer_on or _next_offer(visit, at))
        close(visit, by=by, at=at)
    elif visit.linked_at:
        close(visit, by=by, at=at)


def _next_offer(visit: Visit, at: dt.datetime) -> dt.date:
    day = seoul_date(visit.started_at or at)
    return (
        day.replace(year=day.year + REOFFER_YEARS) if (day.month, day.day) != (2, 29) else dt.date(day.year + 1, 3, 1)
    )
