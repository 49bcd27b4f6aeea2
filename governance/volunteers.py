"""Acts on the pool of willing residents: noting a wish, introducing, beginning, ending (plan IV.5-1 ①).

Nobody is introduced who did not agree to be contacted. What somebody does is written into the register it
belongs to: members of groups stay with their group, single helpers become activists, and those who come
along on visits become companions. Ending here ends what was begun here, nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from centers.models import User
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance import groups
from governance.models import Activist, Organisation, Volunteer, VolunteerEvent
from governance.models.volunteers import INTEREST_NAMES
from planners import companions
from planners.models import Companion, Person, RegisterEvent
from planners.register_news import Change
from planners.volunteering import Wish

State = Volunteer.State
#: ways to help, in the words of the form
GROUP, ACTIVIST, COMPANION = "group", "activist", "companion"
WAYS = (
    (GROUP, "소개한 단체에서"),
    (ACTIVIST, "혼자서 마을 활동(활동가 목록에 올림)"),
    (COMPANION, "방문에 함께 다님(동행 목록에 올림)"),
)
GONE = {RegisterEvent.Kind.MOVED_OUT: "전출하심", RegisterEvent.Kind.DIED: "사망하심"}


class NotAgreed(Refusal):
    code = "CONTACT_NOT_AGREED"


class WrongState(Refusal):
    code = "WRONG_STATE"


class NoGroup(Refusal):
    code = "NO_GROUP"


class NoInterest(Refusal):
    code = "NO_INTEREST"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


class NotAResident(Refusal):
    code = "NOT_A_RESIDENT"


@transaction.atomic
def note_wish(wish: Wish) -> None:
    """Keep what a signed visit record says. A wish taken back in the same record leaves the pool again."""
    visit = wish.visit
    row = Volunteer.objects.select_for_update().open().filter(person=visit.person_id).first()
    if not wish.is_willing:
        if row and row.visit_id == visit.pk and row.state == State.WILLING:
            _end(row, "방문 기록을 고치면서 ‘하고 싶음’이 아니게 됨", by=wish.by, at=wish.at)
        return
    if row is None:
        row = Volunteer(person_id=visit.person_id, dong_id=visit.dong_id, visit=visit, willing_on=seoul_date(wish.at))
        text = "방문에서 이웃을 돕고 싶다고 하심"
    else:
        text = "방문에서 다시 하고 싶다고 하심"
    before = (row.pk, row.interests, row.may_be_contacted)
    row.interests = list(dict.fromkeys([*row.interests, *wish.interests]))
    _note_contact(row, wish.may_be_contacted, keep_silence=True, on=seoul_date(wish.at))
    if before == (row.pk, row.interests, row.may_be_contacted) and row.pk:
        return
    _write(row, "willing", text, by=wish.by, at=wish.at)


@transaction.atomic
def enlist(
    person: Person, *, interests: Iterable[str], may_be_contacted: bool | None, note: str, by: User, at: dt.datetime
) -> Volunteer:
    """Somebody said so at the counter or on the phone. Who is in the pool already is changed, not doubled.

    Raises `NoInterest`, `NotAResident`.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.status != Person.Status.RESIDENT:
        raise NotAResident("지금 우리 구에 사시는 분만 명단에 올릴 수 있습니다. 주민 정보를 먼저 확인해 주세요.")
    if row := Volunteer.objects.open().filter(person=person).first():
        return change(row, interests=interests, may_be_contacted=may_be_contacted, note=note, by=by, at=at)
    row = Volunteer(person=person, dong=person.dong, willing_on=seoul_date(at), note=note.strip())
    row.interests = _known(interests)
    _note_contact(row, may_be_contacted, on=seoul_date(at))
    return _write(row, "willing", "이웃을 돕고 싶다고 하심", by=by, at=at)


@transaction.atomic
def change(
    volunteer: Volunteer,
    *,
    interests: Iterable[str],
    may_be_contacted: bool | None,
    note: str,
    version: int | None = None,
    by: User,
    at: dt.datetime,
) -> Volunteer:
    """Correct wishes and consent. Raises `NoInterest`, `NotAgreed` while somebody is introduced, `Stale`."""
    row = _held(volunteer, version)
    if row.state in (State.INTRODUCED, State.ACTIVE) and may_be_contacted is not True:
        raise NotAgreed("소개했거나 활동 중인 분입니다. 연락을 원하지 않으시면 먼저 ‘끝내기’로 마쳐 주세요.")
    row.interests, row.note = _known(interests), note.strip()
    _note_contact(row, may_be_contacted, on=seoul_date(at))
    words = ", ".join(row.interest_words)
    return _write(row, "changed", f"고침: {words} · 연락 {_contact_words(row)}", by=by, at=at)


@transaction.atomic
def introduce(
    volunteer: Volunteer, organisation: Organisation | None, *, version: int | None = None, by: User, at: dt.datetime
) -> Volunteer:
    """Bring somebody together with a group of the dong or the district.

    Raises `NotAgreed`, `NoGroup`, `WrongState`, `Stale`.
    """
    row = _held(volunteer, version)
    if organisation is None or organisation.dong_id not in (None, row.dong_id):
        raise NoGroup("소개할 단체를 목록에서 골라 주세요.")
    if row.state == State.INTRODUCED and row.organisation_id == organisation.pk:
        return row
    _move(row, State.INTRODUCED)
    row.organisation = organisation
    return _write(row, "introduced", f"{organisation.name}에 소개함", by=by, at=at)


@transaction.atomic
def begin(
    volunteer: Volunteer,
    way: str,
    *,
    slots: Iterable[str] = (),
    version: int | None = None,
    by: User,
    at: dt.datetime,
) -> Volunteer:
    """Let somebody be active: with the group introduced, as an activist, or as a companion on half-days.

    Raises `NotAgreed`, `NoGroup`, `WrongState`, `Stale`, `companions.NoSlots`.
    """
    row = _held(volunteer, version)
    if row.state == State.ACTIVE:
        return row
    _move(row, State.ACTIVE)
    if way == GROUP:
        if row.organisation is None:
            raise NoGroup("먼저 단체에 소개한 뒤에 그 단체에서 활동한다고 적어 주세요.")
        text = f"{row.organisation.name}에서 활동을 시작함"
    elif way == COMPANION:
        row.companion = _companion(row, slots, by=by, at=at)
        text = "방문에 함께 다니기 시작함"
    else:
        row.activist = _activist(row, by=by, at=at)
        text = "마을 활동을 시작함"
    return _write(row, "active", text, by=by, at=at)


@transaction.atomic
def end(
    volunteer: Volunteer, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Volunteer:
    """Out of the pool, with a reason. Ending twice is ending once. Raises `ReasonMissing`, `Stale`."""
    row = Volunteer.objects.select_for_update(of=("self",)).get(pk=volunteer.pk)
    if not row.is_open:
        return row
    row = _held(row, version)
    if not reason.strip():
        raise ReasonMissing("왜 끝났는지 짧게 적어 주세요.")
    return _end(row, reason.strip(), by=by, at=at)


@transaction.atomic
def follow_register(change: Change) -> None:
    """Who moves out or dies leaves the pool; who moves within the district goes on in the new dong."""
    rows = Volunteer.objects.select_for_update(of=("self",)).open().filter(person__in=change.people)
    for row in rows.select_related("person__dong").order_by("pk"):
        if reason := GONE.get(change.kind):
            _end(row, reason, by=change.by, at=change.at)
        elif row.person.dong_id != row.dong_id:
            row.dong = row.person.dong
            _write(row, "moved", f"{row.dong.name}으로 이사하심", by=change.by, at=change.at)


# ------------------------------------------------------------------ private


def _held(volunteer: Volunteer, version: int | None) -> Volunteer:
    rows = Volunteer.objects.select_for_update(of=("self",)).select_related("person", "dong", "organisation")
    row = rows.get(pk=volunteer.pk)
    if version is not None and version != row.version:
        raise Stale("그사이 다른 사람이 고쳤습니다. 화면을 새로 고친 뒤 다시 해 주세요.")
    return row


def _move(row: Volunteer, state: str) -> None:
    if row.may_be_contacted is not True:
        raise NotAgreed("아직 연락해도 된다고 하지 않으셨습니다. 먼저 여쭙고 ‘연락 동의’를 적어 주세요.")
    if state not in Volunteer.MOVES[row.state]:
        raise WrongState(f"지금은 ‘{row.get_state_display()}’입니다. 화면을 새로 고쳐 확인해 주세요.")
    row.state = state


def _known(interests: Iterable[str]) -> list[str]:
    chosen = set(interests)
    found = [key for key in INTEREST_NAMES if key in chosen]
    if not found:
        raise NoInterest("하고 싶은 일을 하나는 골라 주세요.")
    return found


def _note_contact(row: Volunteer, answer: bool | None, *, keep_silence: bool = False, on: dt.date) -> None:
    """Keep the newest answer with its day. `keep_silence`: nobody asked, so the older answer stands."""
    if answer == row.may_be_contacted or (answer is None and keep_silence):
        return
    if answer is not True and row.state in (State.INTRODUCED, State.ACTIVE):
        return
    row.may_be_contacted = answer
    row.contact_answered_on = None if answer is None else on


def _contact_words(row: Volunteer) -> str:
    return {True: "됨", False: "안 됨", None: "묻지 않음"}[row.may_be_contacted]


def _activist(row: Volunteer, *, by: User, at: dt.datetime) -> Activist | None:
    """A new line in the register of activists; nothing for somebody who stands there already."""
    on = seoul_date(at)
    if Activist.objects.on(on).filter(dong=row.dong, name=row.person.name, phone=row.person.contact).exists():
        return None
    return groups.add(
        Activist,
        dong=row.dong,
        kind=Activist.Kind.OTHER,
        name=row.person.name,
        phone=row.person.contact,
        field=", ".join(row.interest_words)[:80],
        may_be_contacted=True,
        consent_on=row.contact_answered_on,
        valid_from=on,
        by=by,
        at=at,
    )


def _companion(row: Volunteer, slots: Iterable[str], *, by: User, at: dt.datetime) -> Companion:
    return companions.enlist(
        row.dong,
        Companion.Kind.TALENT,
        row.person.name,
        slots=slots,
        field=", ".join(row.interest_words)[:60],
        phone=row.person.contact,
        since=seoul_date(at),
        by=by,
    )


def _end(row: Volunteer, reason: str, *, by: User | None, at: dt.datetime) -> Volunteer:
    on = seoul_date(at)
    if row.companion_id:
        companions.dismiss(row.companion, on=on)
    if row.activist_id and row.activist.valid_to is None:
        groups.change(row.activist, valid_to=max(on, row.activist.valid_from), is_active=False, by=by, at=at)
    row.state, row.ended_on = State.ENDED, on
    return _write(row, "ended", f"끝남: {reason}"[:300], by=by, at=at)


def _write(row: Volunteer, act: str, text: str, *, by: User | None, at: dt.datetime) -> Volunteer:
    if row.pk:
        row.version += 1
    row.save()
    VolunteerEvent.objects.create(volunteer=row, act=act, text=text[:300], by=by, at=at)
    return row
