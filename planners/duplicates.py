"""중복함: pairs of records that may be one human, side by side, and the three things to say about them.

Linked, different, later: each with who and when. A decided pair is not proposed again; a wrong decision
is opened again by hand, with a reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from centers.access import Scope
from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal
from planners import person_links
from planners.models import DuplicatePair, Person, PersonLink

Ground, State = DuplicatePair.Ground, DuplicatePair.State
PAGE = 30
TABS = {State.OPEN: "정하기 전", State.LATER: "나중에", State.LINKED: "연결함", State.DIFFERENT: "다른 사람"}


class AlreadyDecided(Refusal):
    code = "ALREADY_DECIDED"


class OtherDong(Refusal):
    code = "OTHER_DONG"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@dataclass(frozen=True)
class Fact:
    """One line of the comparison."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second

    @property
    def is_one_sided(self) -> bool:
        """One record knows it, the other is silent: no contradiction."""
        return self.differs and not (self.first and self.second)


@dataclass(frozen=True)
class Entry:
    """A pair as the viewer sees it: a record of another dong stays masked, and then others decide."""

    pair: DuplicatePair
    sees_first: bool
    sees_second: bool

    @property
    def may_decide(self) -> bool:
        return self.sees_first and self.sees_second

    @property
    def agreements(self) -> list[str]:
        """What agrees besides the ground: 전화, 주소."""
        one, other = self.pair.first, self.pair.second
        numbers = {one.mobile, one.phone} & {other.mobile, other.phone} - {""}
        same_home = one.address and one.address == other.address
        return [name for name, agrees in (("전화 같음", numbers), ("주소 같음", same_home)) if agrees]


def entry(pair: DuplicatePair, scope: Scope) -> Entry:
    """What the viewer may see of a pair."""
    everywhere, dongs = scope.everywhere("duplicate"), scope.dong_ids("duplicate")
    return Entry(pair, everywhere or pair.first.dong_id in dongs, everywhere or pair.second.dong_id in dongs)


def pairs(scope: Scope) -> QuerySet[DuplicatePair]:
    """Pairs within the viewer's reach, without open ones whose records were linked elsewhere meanwhile."""
    rows = DuplicatePair.objects.visible_to(scope)
    stale = Q(state__in=[State.OPEN, State.LATER]) & ~Q(first__kept_as=None, second__kept_as=None)
    return rows.exclude(stale).select_related("first__dong", "second__dong", "decided_by")


def counts(scope: Scope, *, dong=None) -> dict[str, int]:
    """How many pairs of each state the viewer finds in the inbox."""
    rows = _of_dong(pairs(scope), dong).order_by()
    return dict(rows.values_list("state").annotate(n=Count("pk")))


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    next_token: str = ""


def page(scope: Scope, *, state: str = State.OPEN, dong=None, after: str = "") -> Page:
    """A page of pairs of one state, the most alike first, from after the pair with a uid."""
    rows = _of_dong(pairs(scope).filter(state=state), dong)
    if last := _last(after):
        rows = rows.filter(Q(score__lt=last.score) | Q(score=last.score, pk__gt=last.pk))
    found = list(rows.order_by("-score", "pk")[: PAGE + 1])
    shown = found[:PAGE]
    token = str(shown[-1].uid) if len(found) > PAGE else ""
    return Page([entry(pair, scope) for pair in shown], token)


def next_open(scope: Scope) -> DuplicatePair | None:
    """The next pair the viewer can decide."""
    rows = pairs(scope).filter(state=State.OPEN)
    if not scope.everywhere("duplicate"):
        dongs = scope.dong_ids("duplicate")
        rows = rows.filter(first__dong__in=dongs, second__dong__in=dongs)
    return rows.order_by("-score", "pk").first()


def _of_dong(rows: QuerySet[DuplicatePair], dong) -> QuerySet[DuplicatePair]:
    return rows if dong is None else rows.filter(Q(first__dong=dong) | Q(second__dong=dong))


def _last(token: str) -> DuplicatePair | None:
    try:
        return DuplicatePair.objects.filter(uid=token).first() if token else None
    except ValueError:
        return None


# ------------------------------------------------------------------ side by side


def compare(first: Person, second: Person) -> list[Fact]:
    """The facts of two records, line by line."""
    return [Fact(label, _said(first, field), _said(second, field)) for field, label in FIELDS.items()]


FIELDS = {
    "name": "이름",
    "birth_on": "생년월일",
    "sex": "성별",
    "dong": "동",
    "tong": "통·반",
    "address": "주소",
    "mobile": "휴대전화",
    "phone": "집 전화",
    "relation": "세대 관계",
    "status": "상태",
    "created_at": "기록을 만든 날",
    "source_batch": "출처",
}


def _said(person: Person, field: str) -> str:
    if field == "birth_on":
        return _dots(person.birth_on)
    if field == "sex":
        return person.get_sex_display()
    if field == "dong":
        return person.dong.name
    if field == "tong":
        return " ".join(
            filter(None, [f"{person.tong}통" if person.tong else "", f"{person.ban}반" if person.ban else ""])
        )
    if field == "status":
        since = f" ({_dots(person.status_on)})" if person.status_on else ""
        return person.get_status_display() + since
    if field == "created_at":
        return _dots(seoul_date(person.created_at))
    if field == "source_batch":
        batch = person.source_batch
        return (batch.source or batch.file_name) if batch else "직접 등록"
    return getattr(person, field)


def _dots(day: dt.date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def weights(people: Iterable[Person]) -> dict[int, list[tuple[str, int]]]:
    """Person id -> (kind of record, how many), for what would go along with a link."""
    found: dict[int, list[tuple[str, int]]] = {person.pk: [] for person in people}
    for key in person_links.relations():
        rows = key.model._base_manager.filter(**{f"{key.name}__in": list(found)}).order_by()
        for pk, n in rows.values_list(key.attname).annotate(n=Count("pk")):
            found[pk].append((str(key.model._meta.verbose_name), n))
    return found


def keeper(first: Person, second: Person, counted: dict[int, list[tuple[str, int]]]) -> Person:
    """The record to suggest keeping: who lives here, then the one with more behind it, then the older."""

    def rank(person: Person) -> tuple:
        lives_here = person.status == Person.Status.RESIDENT
        return (not lives_here, -sum(n for _, n in counted[person.pk]), person.pk)

    return min((first, second), key=rank)


# ------------------------------------------------------------------ deciding


@transaction.atomic
def link(pair: DuplicatePair, *, keep: Person, reason: str, by: User, scope: Scope, at: dt.datetime) -> PersonLink:
    """One human: keep one record, link the other. Raises `AlreadyDecided`, `OtherDong` and those of `person_links`."""
    pair = _undecided(pair, scope)
    other = pair.second if keep.pk == pair.first_id else pair.first
    return person_links.link(keep, other, reason=reason, by=by, at=at)


@transaction.atomic
def tell_apart(pair: DuplicatePair, *, note: str, by: User, scope: Scope, at: dt.datetime) -> DuplicatePair:
    """Two humans, for good. Raises `AlreadyDecided`, `OtherDong`."""
    return _write(_undecided(pair, scope), State.DIFFERENT, note, by, at)


@transaction.atomic
def put_off(pair: DuplicatePair, *, note: str, by: User, scope: Scope, at: dt.datetime) -> DuplicatePair:
    """Not now: it waits under 나중에. Raises `AlreadyDecided`, `OtherDong`."""
    return _write(_undecided(pair, scope), State.LATER, note, by, at)


@transaction.atomic
def reconsider(pair: DuplicatePair, *, reason: str, by: User, scope: Scope, at: dt.datetime) -> DuplicatePair:
    """Open a pair again that was wrongly called different. Raises `ReasonMissing`, `OtherDong`."""
    if not reason.strip():
        raise ReasonMissing("다시 정하는 까닭을 적어 주세요.")
    pair = _locked(pair, scope)
    if pair.state != State.DIFFERENT:
        raise AlreadyDecided("‘다른 사람’으로 정한 것만 다시 정할 수 있습니다. 연결은 주민 화면에서 분리해 주세요.")
    return _write(pair, State.LATER, reason, by, at)


@transaction.atomic
def propose(one: Person, other: Person, *, at: dt.datetime) -> DuplicatePair:
    """A pair somebody found; one that is there already stays as it is."""
    if one.pk == other.pk:
        raise person_links.SameRecord("같은 기록입니다. 다른 기록을 골라 주세요.")
    first, second = sorted((one, other), key=lambda person: person.pk)
    fresh = {"found_at": at, "seen_at": at, "grounds": [Ground.BY_HAND], "score": 100}
    return DuplicatePair.objects.get_or_create(first=first, second=second, defaults=fresh)[0]


def _locked(pair: DuplicatePair, scope: Scope) -> DuplicatePair:
    rows = DuplicatePair.objects.select_for_update(of=("self",)).select_related("first", "second", "decided_by")
    pair = rows.get(pk=pair.pk)
    if not entry(pair, scope).may_decide:
        raise OtherDong("다른 동의 기록이 함께 있어 데이터 담당이 정합니다. 데이터 담당에게 알려 주세요.")
    return pair


def _undecided(pair: DuplicatePair, scope: Scope) -> DuplicatePair:
    pair = _locked(pair, scope)
    if pair.is_decided:
        raise AlreadyDecided(
            f"{pair.decided_by.name} 님이 이미 ‘{pair.get_state_display()}’(으)로 정했습니다. 화면을 새로 고쳐 확인해 주세요."
        )
    return pair


def _write(pair: DuplicatePair, state: str, note: str, by: User, at: dt.datetime) -> DuplicatePair:
    pair.state, pair.note, pair.decided_by, pair.decided_at = state, note.strip()[:200], by, at
    pair.save(update_fields=["state", "note", "decided_by", "decided_at"])
    return pair
