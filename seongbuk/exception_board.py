"""The exception board of a team lead: at most seven kinds of what is wrong this morning, each with a name beside it.

Unlike the dashboards this reads the live rows: an alarm cannot wait for a rollup.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from casemgmt.models import Referral
from centers.access import Scope
from centers.models import Dong, Posting, Tong, User
from centers.roles import ROLE_BY_CODE
from common.months import at_seoul, seoul_date
from common.templatetags.ui import minutes
from planners.models import Alarm, ChangeNotice, Consent, Target, Visit
from planners.pair_weeks import PairWeek, week_words

AT_MOST = 7
UNBOOKED_AFTER = dt.timedelta(days=7)
NAMED_TONGS = 3


@dataclass(frozen=True)
class Problem:
    """One line: what, how old, who answers for it, and the one thing to do."""

    word: str
    tone: str
    symbol: str
    text: str
    age: str
    who: str
    role: str
    act: str
    url: str
    count: int


@dataclass(frozen=True)
class Morning:
    """The board: shown problems, the worst first, and the words of those that found no room."""

    problems: tuple[Problem, ...]
    more: tuple[str, ...]


def morning(scope: Scope, dong: Dong, *, weeks: list[PairWeek], at: dt.datetime) -> Morning:
    """What is wrong in a dong right now, from what the person may see. `weeks` are those of its pairs."""
    desk = _Desk(scope, dong, weeks, at)
    found = [problem for look in KINDS if (problem := look(desk))]
    return Morning(tuple(found[:AT_MOST]), tuple(problem.word for problem in found[AT_MOST:]))


class _Desk:
    """Where one look at the board stands: whose, of which dong, when."""

    def __init__(self, scope: Scope, dong: Dong, weeks: list[PairWeek], at: dt.datetime):
        self.scope, self.dong, self.weeks, self.at, self.today = scope, dong, weeks, at, seoul_date(at)
        self.midnight = at_seoul(self.today, dt.time())
        self.staff = list(Posting.objects.on(self.today).filter(dong=dong).select_related("user").order_by("pk"))

    def visits(self) -> QuerySet[Visit]:
        return Visit.objects.visible_to(self.scope).filter(dong=self.dong)

    def targets(self) -> QuerySet[Target]:
        return Target.objects.visible_to(self.scope).filter(dong=self.dong)

    def named(self, user: User | None) -> tuple[str, str]:
        """Name and role of somebody, of the viewer where nobody is in charge."""
        user = user or self.scope.user
        if user.pk == self.scope.user.pk:
            return user.name, "본인"
        posting = next((row for row in self.staff if row.user_id == user.pk), None)
        return user.name, ROLE_BY_CODE[posting.role].title if posting else user.job_title

    def most(self, users: Iterable[User | None]) -> User | None:
        """Who stands behind most of the rows."""
        counted = Counter(user for user in users if user)
        return counted.most_common(1)[0][0] if counted else self.first_of("PS")

    def first_of(self, role: str) -> User | None:
        return next((row.user for row in self.staff if row.role == role), None)

    def days(self, since: dt.date) -> str:
        return f"가장 오래된 것 {(self.today - since).days}일"


def alarms(desk: _Desk) -> Problem | None:
    rows = list(
        Alarm.objects.visible_to(desk.scope).open().filter(dong=desk.dong)
        .select_related("receiver", "raised_by", "visit").order_by("raised_at")
    )  # fmt: skip
    if not rows:
        return None
    waiting = [row for row in rows if row.accepted_at is None]
    first = (waiting or rows)[0]
    state = "받은 사람 확인 전" if waiting else "넘겨받아 살피는 중"
    age = f"알린 지 {minutes(desk.at - first.raised_at)}"
    kinds = ", ".join(dict.fromkeys(row.get_kind_display() for row in rows))
    who = desk.named(first.receiver or first.raised_by)
    url = reverse("visit_urgent")
    return Problem("긴급", "bad", "▲", f"{kinds} {len(rows)}명, {state}", age, *who, "확인 요청", url, len(rows))


def late_targets(desk: _Desk) -> Problem | None:
    rows = desk.targets().open().filter(due_on__lt=desk.today).select_related("person", "programme").order_by("due_on")
    rows = list(rows)
    if not rows:
        return None
    names = Counter(row.programme.short_name for row in rows).most_common()
    open_visits = Visit.objects.filter(target__in=rows).open().select_related("pair__social", "pair__nurse")
    who = desk.most(visit.pair.social or visit.pair.nurse for visit in open_visits if visit.pair)
    text = f"방문 기한을 넘긴 대상 {len(rows)}명({', '.join(f'{name} {n}' for name, n in names)})"
    age = f"{desk.days(rows[0].due_on)} · {_tongs(row.person.tong for row in rows)}"
    url = f"{reverse('targets')}?{urlencode({'view': 'late', 'dong': desk.dong.slug})}"
    return Problem("지연", "bad", "◷", text, age, *desk.named(who), "날짜 잡기", url, len(rows))


def unanswered_referrals(desk: _Desk) -> Problem | None:
    rows = Referral.objects.visible_to(desk.scope).overdue(desk.at).filter(dong=desk.dong)
    rows = list(rows.select_related("owner", "sent_by", "agency").order_by("due_on"))
    if not rows:
        return None
    first = rows[0]
    where = first.agency.name if first.agency_id else first.get_destination_display()
    text = f"답할 기한이 지난 의뢰 {len(rows)}건"
    age = f"{desk.days(first.due_on)} · {where}"
    return Problem(
        "무응답",
        "bad",
        "!",
        text,
        age,
        *desk.named(first.owner or first.sent_by),
        "재촉",
        reverse("referrals"),
        len(rows),
    )


def register_changes(desk: _Desk) -> Problem | None:
    """People who moved, died or came, with appointments and targets the dong has to look at again."""
    rows = ChangeNotice.objects.visible_to(desk.scope).unseen().filter(dong=desk.dong, user=None)
    rows = list(rows.filter(at__gte=desk.midnight - dt.timedelta(days=7)).order_by("at"))
    if not rows:
        return None
    kinds = Counter(row.get_kind_display() for row in rows).most_common()
    text = f"주민 변동으로 바뀐 방문 {len(rows)}건({', '.join(f'{name} {n}' for name, n in kinds)})"
    age = "오늘 알게 됨" if seoul_date(rows[0].at) == desk.today else desk.days(seoul_date(rows[0].at))
    return Problem("변동", "warn", "⇄", text, age, *desk.named(None), "확인", reverse("resident_changes"), len(rows))


def unsent_records(desk: _Desk) -> Problem | None:
    rows = list(
        desk.visits().filter(state__in=[Visit.State.ANNOUNCED, Visit.State.BOOKED], on__lt=desk.today)
        .prefetch_related("staff__user").order_by("on")
    )  # fmt: skip
    if not rows:
        return None
    who = desk.most(row.user for visit in rows for row in visit.staff.all())
    text = f"방문일이 지났는데 기록이 오지 않은 방문 {len(rows)}건"
    url = reverse("visit", args=[rows[0].uid])
    return Problem("미전송", "warn", "⇡", text, desk.days(rows[0].on), *desk.named(who), "연락", url, len(rows))


def unsigned_records(desk: _Desk) -> Problem | None:
    rows = list(
        desk.visits().filter(state=Visit.State.STARTED, started_at__lt=desk.midnight)
        .prefetch_related("staff__user", "signatures").order_by("started_at")
    )  # fmt: skip
    if not rows:
        return None
    waiting = [row for visit in rows for row in visit.staff.all() if not _signed(visit, row)]
    parts = Counter(row.get_function_display() for row in waiting if row.function != "companion").most_common()
    text = f"서명이 빠진 기록 {len(rows)}건"
    age = " · ".join([", ".join(f"{name} {n}" for name, n in parts), desk.days(seoul_date(rows[0].started_at))])
    url = f"{reverse('case_meeting')}?dong={desk.dong.slug}"
    return Problem(
        "미서명", "warn", "✎", text, age, *desk.named(desk.most(row.user for row in waiting)), "알림", url, len(rows)
    )


def unjudged_visits(desk: _Desk) -> Problem | None:
    rows = list(
        desk.visits().awaiting_classification().filter(finished_at__lt=desk.midnight)
        .select_related("pair__social").order_by("finished_at")
    )  # fmt: skip
    if not rows:
        return None
    text = f"사례회의를 기다리는 방문 {len(rows)}건"
    age = desk.days(seoul_date(rows[0].finished_at))
    url = f"{reverse('case_meeting')}?dong={desk.dong.slug}"
    return Problem("미분류", "warn", "?", text, age, *desk.named(None), "분류", url, len(rows))


def unbooked(desk: _Desk) -> Problem | None:
    """Consent given, and a week later nobody has phoned."""
    said = Consent.objects.filter(
        person=OuterRef("person"), kind=Consent.Kind.VISIT, answer=Consent.Answer.GIVEN, withdrawn_on=None
    )
    long_ago = said.filter(answered_on__lte=desk.today - UNBOOKED_AFTER)
    rows = list(
        desk.visits().filter(Exists(long_ago), state__in=[Visit.State.POOL, Visit.State.ANNOUNCED], release_on__lte=desk.today)
        .exclude(state=Visit.State.ANNOUNCED, on__lt=desk.today)
        .select_related("programme", "pair__social").order_by("due_on")
    )  # fmt: skip
    if not rows:
        return None
    names = Counter(row.programme.short_name for row in rows).most_common()
    text = f"동의하고 {UNBOOKED_AFTER.days}일이 지나도 예약 전화가 없는 {len(rows)}명"
    who = desk.most(row.pair.social for row in rows if row.pair)
    age = ", ".join(f"{name} {n}명" for name, n in names)
    return Problem(
        "미예약",
        "warn",
        "☎",
        text,
        age,
        *desk.named(who),
        "명단",
        f"{reverse('booking')}?dong={desk.dong.slug}",
        len(rows),
    )


def overloaded(desk: _Desk) -> Problem | None:
    over = sorted((week for week in desk.weeks if week.is_over), key=lambda week: week.left)
    if not over:
        return None
    first = over[0]
    text = f"{first.pair.name} {week_words(desk.today)} {minutes(first.used)}, 기준 {minutes(first.available)} 초과"
    age = f"{minutes(first.over)} 넘침" + (f" · 다른 조 {len(over) - 1}곳도 넘침" if len(over) > 1 else "")
    url = f"{reverse('schedules')}?{urlencode({'dong': desk.dong.slug, 'view': 'pairs'})}"
    return Problem("과부하", "warn", "◍", text, age, *desk.named(None), "제안 보기", url, len(over))


def uncovered_tongs(desk: _Desk) -> Problem | None:
    """Tongs without a welfare tongjang, where targets wait for somebody to carry the question to them."""
    covered = {tong for row in desk.staff if row.role == "TJ" for tong in row.tongs}
    bare = [tong.number for tong in Tong.objects.on(desk.today).filter(dong=desk.dong) if tong.number not in covered]
    waiting = desk.targets().open().filter(person__tong__in=bare).exclude(
        person__consents__kind=Consent.Kind.VISIT, person__consents__withdrawn_on=None
    )  # fmt: skip
    tongs = Counter(waiting.values_list("person__tong", flat=True))
    if not tongs:
        return None
    worst = tongs.most_common(1)[0][0]
    text = f"복지통장이 없는 통 {len(tongs)}곳, 동의 안내 {sum(tongs.values())}명 대기"
    url = f"{reverse('targets')}?{urlencode({'tong': worst, 'dong': desk.dong.slug})}"
    return Problem(
        "공백", "info", "○", text, _tongs(tongs), *desk.named(desk.first_of("CN")), "대신 맡기", url, len(tongs)
    )


#: the worst first; when there are more than seven, the last ones wait
KINDS = (
    alarms,
    late_targets,
    unanswered_referrals,
    register_changes,
    unsent_records,
    unsigned_records,
    unjudged_visits,
    unbooked,
    overloaded,
    uncovered_tongs,
)


def _tongs(numbers: Iterable[int | None]) -> str:
    """`7통, 12통, 21통 등 5곳`."""
    known = sorted({number for number in numbers if number})
    words = ", ".join(f"{number}통" for number in known[:NAMED_TONGS])
    return f"{words} 등 {len(known)}곳" if len(known) > NAMED_TONGS else words or "통 모름"


def _signed(visit: Visit, row) -> bool:
    part = {"nurse": "health", "social": "social"}.get(row.function)
    return part is None or any(signature.part == part for signature in visit.signatures.all())
