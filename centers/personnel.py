"""Personnel orders (인사발령): what one line of an order does to an account and to its dated postings.

An order is planned first, so that a preview can say what will happen, and then carried out by the same
plan. Rights switch at midnight of the order's day, because rights are read from the postings of the day.
A role over the whole district is never given by one person: it becomes a `PostingRequest`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import transaction
from django.db.models import Prefetch

from centers.models import Dong, Posting, PostingChange, PostingRequest, Team, User
from centers.roles import ROLE_BY_CODE
from common.hangul import particle
from common.refusals import Refusal

NAMESAKE = "동명이인"


class UnknownPerson(Refusal):
    code = "UNKNOWN_PERSON"


class NumberMissing(Refusal):
    code = "NUMBER_MISSING"


class OrderTooEarly(Refusal):
    code = "ORDER_TOO_EARLY"


class PlaceMissing(Refusal):
    code = "PLACE_MISSING"


class RoleMissing(Refusal):
    code = "ROLE_MISSING"


class Act(StrEnum):
    """What an order does: `HIRE` makes an account, `MOVE` replaces the postings, `ADD` leaves them (겸임),
    `PAUSE` ends the postings and keeps the account (휴직), `END` ends both."""

    HIRE = "hire"
    MOVE = "move"
    ADD = "add"
    PAUSE = "pause"
    END = "end"


class Effect(StrEnum):
    """What carrying out would change, in the words of an import's preview."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Order:
    """One line. An empty `role` keeps the one the person holds; an empty title or phone keeps the known one."""

    number: str
    name: str
    on: dt.date
    act: Act
    role: str = ""
    dong: Dong | None = None
    team: Team | None = None
    tongs: tuple[int, ...] = ()
    job_title: str = ""
    phone: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What an order will do. `ends` are postings that stop on its day, `role` is what begins, if anything."""

    order: Order
    user: User | None
    effect: Effect
    ends: tuple[Posting, ...] = ()
    role: str = ""
    waits: bool = False
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def opens(self) -> bool:
        return bool(self.role)


@dataclass(frozen=True)
class Done:
    """What was written, by primary key: enough to take it back."""

    user: User
    created: bool
    ended: tuple[tuple[int, str], ...]  # (posting, its last day before, ISO or empty)
    opened: int | None
    request: int | None
    before: dict[str, str | None]

    def as_json(self) -> dict:
        return {
            "user": self.user.pk,
            "created": self.created,
            "ended": [list(pair) for pair in self.ended],
            "opened": self.opened,
            "request": self.request,
            "before": self.before,
        }


def is_district_wide(role: str) -> bool:
    """Roles without a dong reach the whole district; giving one takes two people."""
    return bool(role) and not ROLE_BY_CODE[role].needs_dong


# ---------------------------------------------------------------- planning
def plan(order: Order, *, users: dict[str, User] | None = None) -> Plan:
    """What the order would do now. Raises a `Refusal` that says what to mend in the order.

    `users` are the accounts by employee number (`known_users`), for long lists.
    """
    user = (users if users is not None else known_users([order.number])).get(order.number)
    if user is None:
        return _plan_stranger(order)
    postings = [p for p in user.postings.all() if p.valid_to is None or p.valid_to > p.valid_from]
    if _is_carried_out(order, user, postings):
        return Plan(order, user, Effect.UNCHANGED)
    standing = [p for p in postings if p.valid_to is None or p.valid_to > order.on]
    if later := [p for p in standing if p.valid_from > order.on]:
        raise OrderTooEarly(
            f"{later[0].valid_from:%Y년 %-m월 %-d일}부터의 배치가 이미 있습니다. 그보다 뒤의 발령일을 적거나,"
            " 먼저 넣은 발령을 되돌린 뒤 다시 올려 주세요."
        )
    if order.act in (Act.END, Act.PAUSE):
        return _plan_end(order, user, standing)
    return _plan_posting(order, user, standing)


def _is_carried_out(order: Order, user: User, postings: list[Posting]) -> bool:
    """The very order is already in the books, whatever came after it: names and titles of then are history."""
    later = any(p.valid_from > order.on for p in postings)
    stopped = any(p.valid_to == order.on for p in postings) and not any(p.holds_on(order.on) for p in postings)
    if order.act == Act.END:
        return user.left_on == order.on or (later and stopped)
    if order.act == Act.PAUSE:
        return stopped
    began = [p for p in postings if p.valid_from == order.on and _is_same(p, order, order.role or p.role)]
    return bool(began) and (later or not _facts(order, user))


def known_users(numbers) -> dict[str, User]:
    """Accounts by employee number, with their postings, in two queries."""
    postings = Prefetch("postings", Posting.objects.select_related("dong", "team"))
    found = User.objects.filter(employee_number__in=numbers).prefetch_related(postings)
    return {user.employee_number: user for user in found}


def _plan_stranger(order: Order) -> Plan:
    if order.act in (Act.END, Act.PAUSE):
        raise UnknownPerson(f"사번 {order.number} 계정이 없어 끝낼 것이 없습니다. 사번을 확인해 주세요.")
    namesake = User.objects.filter(name=order.name, employee_number=None, is_active=True).first()
    if namesake and NAMESAKE not in order.reason:
        raise NumberMissing(
            f"사번이 적히지 않은 {order.name} 님의 계정({namesake.username})이 있습니다. 같은 사람이면 계정 화면에서"
            f" 사번을 먼저 적고, 다른 사람이면 사유 열에 ‘{NAMESAKE}’이라고 적어 주세요."
        )
    if order.act != Act.HIRE and not order.reason:
        raise UnknownPerson(
            f"사번 {order.number} 계정이 없습니다. 사번을 확인하고, 새로 만들어야 하면 사유 열에 까닭을 적어 주세요."
        )
    role = _role(order, [])
    return Plan(order, None, Effect.ADDED, role=role, waits=is_district_wide(role))


def _plan_end(order: Order, user: User, standing: list[Posting]) -> Plan:
    left_on = order.on if order.act == Act.END else user.left_on
    facts = {"left_on": left_on} if left_on != user.left_on else {}
    effect = Effect.CHANGED if standing or facts else Effect.UNCHANGED
    return Plan(order, user, effect, ends=tuple(standing), facts=facts)


def _plan_posting(order: Order, user: User, standing: list[Posting]) -> Plan:
    facts = _facts(order, user)
    role = _role(order, standing)
    if any(_is_same(p, order, role) for p in standing) or _is_asked(order, user, role):
        return Plan(order, user, Effect.CHANGED if facts else Effect.UNCHANGED, facts=facts)
    ends = () if order.act == Act.ADD else tuple(standing)
    places = {p.dong_id for p in standing}
    moved = bool(places) and (order.dong.pk if order.dong else None) not in places
    effect = Effect.MOVED if moved else Effect.CHANGED
    return Plan(order, user, effect, ends=ends, role=role, waits=is_district_wide(role), facts=facts)


def _facts(order: Order, user: User) -> dict[str, object]:
    """What the order says differently about the account itself; who comes back has not left."""
    said = {"job_title": order.job_title, "phone": order.phone, "name": order.name}
    facts = {name: value for name, value in said.items() if value and value != getattr(user, name)}
    return facts | ({"left_on": None} if user.has_left_on(order.on) else {})


def _is_asked(order: Order, user: User, role: str) -> bool:
    return (
        is_district_wide(role)
        and user.posting_requests.filter(role=role, valid_from=order.on, state=PostingRequest.State.OPEN).exists()
    )


def _is_same(posting: Posting, order: Order, role: str) -> bool:
    """The posting is already what the order asks for; an order without team or tongs does not change them."""
    return (
        posting.role == role
        and posting.dong_id == (order.dong.pk if order.dong else None)
        and (order.team is None or posting.team_id == order.team.pk)
        and (not order.tongs or tuple(posting.tongs) == order.tongs)
    )


def _role(order: Order, standing: list[Posting]) -> str:
    """The role that begins. Raises `RoleMissing`, `PlaceMissing`."""
    held = list(dict.fromkeys(p.role for p in standing))
    role = order.role or (held[0] if len(held) == 1 else "")
    if not role:
        raise RoleMissing("맡을 역할을 알 수 없습니다. 역할 열에 복지플래너, 팀장처럼 적어 주세요.")
    if ROLE_BY_CODE[role].needs_dong and order.dong is None:
        raise PlaceMissing(
            f"{ROLE_BY_CODE[role].title}{particle(ROLE_BY_CODE[role].title, '은/는')} 동에서 일합니다. 소속에 동 이름을 적어 주세요."
        )
    if not ROLE_BY_CODE[role].needs_dong and order.dong is not None:
        raise PlaceMissing(
            f"{ROLE_BY_CODE[role].title}{particle(ROLE_BY_CODE[role].title, '은/는')} 구 전체의 역할입니다. 소속에 구청 부서를 적거나 역할을 고쳐 주세요."
        )
    return role


# ---------------------------------------------------------------- carrying out
@transaction.atomic
def carry_out(made: Plan, *, by: User, at: dt.datetime) -> Done:
    """Write what a plan says, with a `PostingChange` for each right given or ended."""
    order = made.order
    created = made.user is None
    user = _create(order) if created else made.user
    before = {} if created else _change(user, made.facts)
    ended = tuple((p.pk, p.valid_to.isoformat() if p.valid_to else "") for p in made.ends)
    for posting in made.ends:
        end(posting, order.on, order, by=by, at=at)
    opened = request = None
    if made.waits:
        request = _ask(user, made, by=by, at=at).pk
    elif made.opens:
        opened = open_posting(user, made.role, order, by=by, at=at).pk
    return Done(user, created, ended, opened, request, before)


def _create(order: Order) -> User:
    """An account nobody can sign in to until a code for the first sign-in is issued."""
    user = User(
        username=order.number.lower(),
        employee_number=order.number,
        name=order.name,
        job_title=order.job_title,
        phone=order.phone,
    )
    user.set_unusable_password()
    user.save()
    return user


def _change(user: User, facts: dict) -> dict:
    before = {name: _plain(getattr(user, name)) for name in facts}
    for name, value in facts.items():
        setattr(user, name, value)
    if facts:
        user.save(update_fields=list(facts))
    return before


def _plain(value):
    return value.isoformat() if isinstance(value, dt.date) else value


def open_posting(user: User, role: str, order: Order, *, by: User, at: dt.datetime) -> Posting:
    made = Posting.objects.create(
        user=user, role=role, dong=order.dong, team=order.team, tongs=list(order.tongs), valid_from=order.on
    )
    _note(made, "open", {}, order.reason, by=by, at=at)
    return made


def end(posting: Posting, on: dt.date, order: Order, *, by: User, at: dt.datetime) -> None:
    """The posting stops holding at midnight of `on`; one that would begin later never holds."""
    before = facts_of(posting)
    posting.valid_to = max(on, posting.valid_from)
    posting.save(update_fields=["valid_to"])
    _note(posting, "end", before, order.reason, by=by, at=at)


def _ask(user: User, made: Plan, *, by: User, at: dt.datetime) -> PostingRequest:
    order = made.order
    return PostingRequest.objects.get_or_create(
        user=user,
        role=made.role,
        valid_from=order.on,
        state=PostingRequest.State.OPEN,
        defaults={"team": order.team, "reason": (order.reason or "인사발령")[:200], "asked_by": by, "asked_at": at},
    )[0]


def facts_of(posting: Posting) -> dict:
    return {
        "role": posting.role,
        "dong": posting.dong_id,
        "team": posting.team_id,
        "tongs": list(posting.tongs),
        "valid_from": posting.valid_from.isoformat(),
        "valid_to": posting.valid_to.isoformat() if posting.valid_to else None,
    }


def _note(posting: Posting, act: str, before: dict, reason: str, *, by: User, at: dt.datetime) -> None:
    PostingChange.objects.create(
        posting=posting,
        act=act,
        before=before,
        after=facts_of(posting),
        reason=(reason or "인사발령")[:200],
        by=by,
        at=at,
    )


# ---------------------------------------------------------------- taking back
class CannotTakeBack(Refusal):
    code = "CANNOT_UNDO"


def chain(orders: list[dict]) -> dict:
    """Several orders of one person, in the order of their days, as one to take back (`Done.as_json()` each).

    What the first one ended comes back; what those in between opened ends with the last.
    """
    between = [done["opened"] for done in orders[:-1] if done["opened"]]
    ended = [pair for done in orders for pair in done["ended"] if pair[0] not in between]
    before: dict = {}
    for done in reversed(orders):
        before |= done["before"]
    requests = [done["request"] for done in orders if done["request"]]
    whole = {"created": orders[0]["created"], "ended": ended, "before": before, "between": between}
    return orders[-1] | whole | {"request": requests[-1] if requests else None}


@transaction.atomic
def take_back(done: dict, *, by: User, reason: str, on: dt.date, at: dt.datetime) -> None:
    """Undo one order, given `Done.as_json()`. Rights that were held until today stay in the books as held.

    What has not begun yet never holds; what holds already stops today, and what it replaced is taken up
    again from today. Raises `CannotTakeBack` when a later order or the person stands on it.
    """
    user = User.objects.select_for_update().get(pk=done["user"])
    opened = Posting.objects.filter(pk=done["opened"]).first()
    if stands_on(done, user, opened):
        raise CannotTakeBack(stands_on(done, user, opened))
    order = Order(user.employee_number or "", user.name, on, Act.MOVE, reason=reason)
    for posting in [*Posting.objects.filter(pk__in=done.get("between", [])).order_by("pk"), *filter(None, [opened])]:
        if posting.valid_to is None or posting.valid_to > max(on, posting.valid_from):
            end(posting, max(on, posting.valid_from), order, by=by, at=at)
    for pk, valid_to in done["ended"]:
        _resume(Posting.objects.get(pk=pk), valid_to, order, by=by, at=at)
    PostingRequest.objects.filter(pk=done["request"], state=PostingRequest.State.OPEN).update(
        state=PostingRequest.State.REFUSED, decided_by=by, decided_at=at, decision=reason[:200]
    )
    _restore(user, done, at)


def stands_on(done: dict, user: User, opened: Posting | None) -> str:
    """Why the order cannot be taken back, in a sentence; empty when it can."""
    later = user.postings.filter(valid_from__gt=opened.valid_from) if opened else user.postings.none()
    if later.exists() or (opened and opened.valid_to is not None):
        return f"{user.name} 님에게 그 뒤의 발령이 있습니다. 그 발령부터 되돌려 주세요."
    if done["created"] and user.last_login:
        return f"{user.name} 님이 이미 로그인했습니다. 되돌리는 대신 퇴직이나 전출 발령을 올려 주세요."
    if PostingRequest.objects.filter(pk=done["request"], state=PostingRequest.State.GIVEN).exists():
        return f"{user.name} 님의 구 전체 권한을 이미 확인했습니다. 새 발령으로 바꾸어 주세요."
    return ""


def _resume(posting: Posting, valid_to: str, order: Order, *, by: User, at: dt.datetime) -> None:
    before = facts_of(posting)
    until = dt.date.fromisoformat(valid_to) if valid_to else None
    if until is not None and until <= order.on:
        return
    if posting.valid_to >= order.on:  # it has not stopped yet, or stops today: no gap to keep
        posting.valid_to = until
        posting.save(update_fields=["valid_to"])
        _note(posting, "resume", before, order.reason, by=by, at=at)
        return
    again = Posting.objects.create(
        user_id=posting.user_id,
        role=posting.role,
        dong_id=posting.dong_id,
        team_id=posting.team_id,
        tongs=posting.tongs,
        valid_from=order.on,
        valid_to=until,
    )
    _note(again, "resume", before, order.reason, by=by, at=at)


def _restore(user: User, done: dict, at: dt.datetime) -> None:
    """An account that the order made is closed, not removed: its postings are in the books."""
    for name, value in done["before"].items():
        setattr(user, name, dt.date.fromisoformat(value) if name == "left_on" and value else value)
    if done["created"]:
        user.is_active, user.employee_number = False, None
        user.username = f"{user.username}-{user.pk}"
    user.save()
