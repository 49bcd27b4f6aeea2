"""The resident register: moving in, within and out, births and deaths, corrections, and taking one back.

Each act writes one register event, keeps the dated household, and takes the targets along. Search keys
are made here for screens and imports alike.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Q

from centers.models import Dong, User
from common.encryption import blind_index
from common.hangul import bigrams, choseong, clean, compact
from common.months import seoul_date
from common.refusals import Refusal, Stale
from planners import register_news, target_endings
from planners.models import FollowUp, Household, ImportBatch, Membership, Person, RegisterEvent, Target

Kind = RegisterEvent.Kind
NEWBORN_DAYS = 60
NEAR_SHOWN = 20
#: what leaving makes of a person and of open targets
LEAVES = {
    Kind.MOVED_OUT: (Person.Status.MOVED, Target.State.MOVED),
    Kind.DIED: (Person.Status.DECEASED, Target.State.DECEASED),
}
PLAIN_FIELDS = ("name", "birth_on", "sex", "phone", "mobile", "relation", "is_foreigner", "needs_interpreter")


class AlreadyThere(Refusal):
    """Somebody with the same name, birth date and sex lives here; `people` are the candidates."""

    code = "ALREADY_THERE"

    def __init__(self, message: str, people: list[Person]) -> None:
        super().__init__(message)
        self.people = people


class NotAResident(Refusal):
    code = "NOT_A_RESIDENT"


class NothingChanged(Refusal):
    code = "NOTHING_CHANGED"


class ReasonMissing(Refusal):
    code = "REASON_MISSING"


@dataclass(frozen=True)
class Residence:
    """Where somebody lives."""

    dong: Dong
    tong: int | None = None
    ban: int | None = None
    address: str = ""
    address_detail: str = ""

    @property
    def written(self) -> str:
        """The address in one line, as persons carry it."""
        return ", ".join(filter(None, [self.address, self.address_detail]))


def match_key(name: str, birth_on: dt.date, sex: str) -> str:
    """Keyed digest of what makes two records probably the same person; no registration number is kept."""
    return blind_index(f"{compact(name)}{birth_on.isoformat().replace('-', '')}{sex}", "person.match")


def search_keys(name: str) -> dict:
    """The columns that searches by name use."""
    return {"name_choseong": choseong(name), "name_bigrams": bigrams(name)}


def lookalikes(name: str, birth_on: dt.date, sex: str) -> list[Person]:
    """Records of probably the same person anywhere in the district, residents first.

    Of records linked together only the kept one.
    """
    found = Person.objects.filter(match_key=match_key(clean(name), birth_on, sex))
    rows = {row.kept_as or row for row in found.select_related("dong", "kept_as__dong")}
    return sorted(rows, key=lambda p: (p.status != Person.Status.RESIDENT, p.pk))


def near(name: str, birth_on: dt.date, sex: str) -> list[Person]:
    """Whom a clerk should look at before writing somebody anew, anywhere in the district: `lookalikes`, the same
    name and birthday with another sex, and the same birthday with a name that sounds alike. Residents first."""
    name = clean(name)
    alike = Q(match_key=match_key(name, birth_on, sex))
    alike |= Q(birth_on=birth_on, name=name) | Q(birth_on=birth_on, sex=sex, name_choseong=choseong(name))
    found = Person.objects.filter(alike).select_related("dong", "kept_as__dong")
    rows = {row.kept_as or row for row in found.order_by("pk")[:NEAR_SHOWN]}
    return sorted(rows, key=lambda p: (p.name != name, p.status != Person.Status.RESIDENT, p.pk))


def _one_at_a_time(key: str) -> None:
    """Two clerks who write the same person at the same moment wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"person:{key}"])


@transaction.atomic
def move_in(
    *,
    name: str,
    birth_on: dt.date,
    sex: str,
    residence: Residence,
    on: dt.date,
    by: User | None,
    at: dt.datetime,
    phone: str = "",
    mobile: str = "",
    relation: str = "",
    is_foreigner: bool = False,
    needs_interpreter: str = "",
    although_known: bool = False,
    batch: ImportBatch | None = None,
    uid: uuid.UUID | None = None,
) -> Person:
    """A new record, by birth or by moving in. Raises `AlreadyThere` unless `although_known`.

    A form gives the record's `uid` beforehand: sent twice, it makes one record.
    """
    name = clean(name)
    _one_at_a_time(match_key(name, birth_on, sex))
    if uid and (made := Person.objects.filter(uid=uid).select_related("dong").first()):
        return made
    known = [] if although_known else lookalikes(name, birth_on, sex)
    if known:
        raise AlreadyThere(
            "이름, 생년월일, 성별이 같은 주민이 이미 있습니다. 같은 분이면 그 기록을 쓰고, 다른 분이면 다르다고 표시해 주세요.",
            known,
        )
    home = household_at(residence)
    person = Person.objects.create(
        uid=uid or uuid.uuid4(),
        name=name,
        birth_on=birth_on,
        sex=sex,
        phone=phone,
        mobile=mobile,
        relation=relation,
        is_foreigner=is_foreigner,
        needs_interpreter=needs_interpreter,
        match_key=match_key(name, birth_on, sex),
        source_batch=batch,
        **search_keys(name),
        **_place(residence, home),
    )
    Membership.objects.create(person=person, household=home, relation=relation, valid_from=on)
    is_birth = (on - birth_on).days <= NEWBORN_DAYS
    _tell(person, Kind.BORN if is_birth else Kind.MOVED_IN, on, {"dong": residence.dong.name}, by=by, at=at)
    return person


@transaction.atomic
def move_back(person: Person, residence: Residence, *, on: dt.date, by: User | None, at: dt.datetime) -> Person:
    """Somebody who had moved away lives here again, under the same record."""
    person = _locked(person)
    if person.status != Person.Status.MOVED:
        raise NotAResident("전출한 주민만 다시 전입할 수 있습니다. 지금 상태를 확인해 주세요.")
    _settle(person, residence, on)
    _write(person, status=Person.Status.RESIDENT, status_on=on)
    _tell(person, Kind.MOVED_IN, on, {"dong": residence.dong.name}, by=by, at=at)
    register_news.announce([person.pk], Kind.MOVED_IN, on=on, by=by, at=at)
    return person


@transaction.atomic
def move_within(person: Person, residence: Residence, *, on: dt.date, by: User | None, at: dt.datetime) -> Person:
    """A new address in the district. Open targets follow into the new dong."""
    person = _locked(person)
    _must_live_here(person)
    before = {"dong": person.dong.name, "address": person.address}
    _settle(person, residence, on)
    _write(person)
    after = {"dong": residence.dong.name, "address": residence.written}
    _tell(person, Kind.MOVED_WITHIN, on, {"before": before, "after": after}, by=by, at=at)
    target_endings.follow_move(person, by=by, at=at)
    if before["dong"] != after["dong"]:
        register_news.announce([person.pk], Kind.MOVED_WITHIN, on=on, by=by, at=at)
    return person


@transaction.atomic
def move_out(person: Person, *, on: dt.date, by: User | None, at: dt.datetime, where: str = "") -> Person:
    """Leaves the district: targets end, appointments are cancelled, past months stay as they were."""
    person = _locked(person)
    _must_live_here(person)
    detail = {"where": where} if where else {}
    return _leave(person, Kind.MOVED_OUT, "전출하였습니다.", on, detail, by=by, at=at)


@transaction.atomic
def died(person: Person, *, on: dt.date, by: User | None, at: dt.datetime) -> Person:
    """Nobody is called, visited or invited from this moment on."""
    person = _locked(person)
    _must_live_here(person)
    return _leave(person, Kind.DIED, "사망하였습니다.", on, {}, by=by, at=at)


@transaction.atomic
def restore(person: Person, *, reason: str, on: dt.date, by: User, at: dt.datetime) -> Person:
    """Take back a death or a move that was entered wrongly; targets it ended are open again."""
    if not reason.strip():
        raise ReasonMissing("되돌리는 까닭을 적어 주세요.")
    person = _locked(person)
    _must_be_kept(person)
    if person.status == Person.Status.RESIDENT:
        raise NothingChanged("이미 거주 중으로 되어 있습니다.")
    _take_up(person, reason=reason, by=by, at=at)
    last = person.memberships.order_by("-valid_from", "-pk").first()
    if last:
        Membership.objects.filter(pk=last.pk).update(valid_to=None)
    _write(person, status=Person.Status.RESIDENT, status_on=None)
    _tell(person, Kind.RESTORED, on, {"reason": reason}, by=by, at=at)
    register_news.announce([person.pk], Kind.RESTORED, on=on, by=by, at=at)
    return person


@transaction.atomic
def correct(
    person: Person,
    changes: dict,
    *,
    reason: str,
    on: dt.date,
    by: User,
    at: dt.datetime,
    version_seen: int | None = None,
) -> Person:
    """Put wrong facts right; both values stay in the history.

    `changes` holds fields of `PLAIN_FIELDS`. Raises `Stale`, `ReasonMissing`, `NothingChanged`.
    """
    if unknown := set(changes) - set(PLAIN_FIELDS):
        raise KeyError(f"not a field to correct: {sorted(unknown)}")
    if not reason.strip():
        raise ReasonMissing("고치는 까닭을 적어 주세요.")
    person = _locked(person)
    _must_be_kept(person)
    if version_seen is not None and person.version != version_seen:
        raise Stale("그사이 다른 사람이 이 주민의 정보를 고쳤습니다. 바뀐 내용을 확인하고 다시 고쳐 주세요.")
    if "name" in changes:
        changes = changes | {"name": clean(changes["name"])}
    changes = {name: value for name, value in changes.items() if getattr(person, name) != value}
    if not changes:
        raise NothingChanged("바뀐 내용이 없습니다.")
    before = {name: str(getattr(person, name)) for name in changes}
    for name, value in changes.items():
        setattr(person, name, value)
    keys = search_keys(person.name) | {"match_key": match_key(person.name, person.birth_on, person.sex)}
    _write(person, **changes, **keys)
    after = {name: str(value) for name, value in changes.items()}
    _tell(person, Kind.CORRECTED, on, {"before": before, "after": after, "reason": reason}, by=by, at=at)
    return person


def lives_at(person: Person, residence: Residence) -> bool:
    """Whether the register already has the person there: a form that is sent twice moves nobody twice."""
    here = (person.dong_id, person.tong, person.ban, person.address)
    return here == (residence.dong.pk, residence.tong, residence.ban, residence.written)


def household_at(residence: Residence) -> Household:
    """The household of an address, made when it is new. Without an address everybody is a household alone."""
    facts = {"dong": residence.dong, "address": residence.address, "address_detail": residence.address_detail}
    if residence.address:
        home = Household.objects.filter(**facts).order_by("pk").first()
        if home:
            return home
    return Household.objects.create(**facts, tong=residence.tong, ban=residence.ban)


def household_on(household: Household, day: dt.date) -> list[Membership]:
    """Who belonged to a household on a day, head first."""
    rows = household.memberships.on(day).select_related("person__dong")
    return sorted(rows, key=lambda m: (m.relation != "본인", m.person.birth_on, m.pk))


# ------------------------------------------------------------------ shared steps


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update(of=("self",)).select_related("dong").get(pk=person.pk)


def _must_be_kept(person: Person) -> None:
    if person.kept_as_id:
        raise NotAResident("같은 분의 다른 기록에 연결된 기록입니다. 남긴 기록에서 고치거나, 먼저 분리해 주세요.")


def _must_live_here(person: Person) -> None:
    _must_be_kept(person)
    if person.status != Person.Status.RESIDENT:
        raise NotAResident(f"이미 {person.get_status_display()} 처리된 주민입니다. 잘못되었으면 먼저 되돌려 주세요.")


def _place(residence: Residence, home: Household) -> dict:
    return {
        "dong": residence.dong,
        "tong": residence.tong,
        "ban": residence.ban,
        "address": residence.written,
        "household": home,
    }


def _settle(person: Person, residence: Residence, on: dt.date) -> None:
    home = household_at(residence)
    Membership.objects.filter(person=person, valid_to=None).update(valid_to=on)
    Membership.objects.filter(person=person, valid_from=F("valid_to")).delete()  # moved twice on one day
    Membership.objects.create(person=person, household=home, relation=person.relation, valid_from=on)
    for name, value in _place(residence, home).items():
        setattr(person, name, value)
    Person.objects.filter(pk=person.pk).update(**_place(residence, home))


def _leave(person: Person, kind: str, reason: str, on: dt.date, detail: dict, *, by, at: dt.datetime) -> Person:
    """Close the household and end what is open. It ends the day it is known: past months stay as they were."""
    status, target_state = LEAVES[kind]
    Membership.objects.filter(person=person, valid_to=None).update(valid_to=on)
    _write(person, status=status, status_on=on)
    known_on = seoul_date(at)
    ended = target_endings.end_for_person(person, target_state, reason=reason, by=by, on=known_on, at=at)
    _tell(person, kind, on, detail | {"targets": ended.targets, "follow_ups": ended.follow_ups}, by=by, at=at)
    register_news.announce([person.pk], kind, on=on, by=by, at=at)
    return person


def _take_up(person: Person, *, reason: str, by: User, at: dt.datetime) -> None:
    """Open again what the death or move had ended."""
    last = person.register_events.filter(kind__in=LEAVES).order_by("-pk").first()
    detail = last.detail if last else {}
    for target in Target.objects.filter(pk__in=detail.get("targets", []), state=person.status).order_by("pk"):
        target_endings.reopen_target(target, reason=reason, by=by, at=at)
    rhythms = FollowUp.objects.filter(pk__in=detail.get("follow_ups", [])).exclude(ends_on=None)
    for rhythm in rhythms:
        if not FollowUp.objects.filter(person=person, rule=rhythm.rule_id, ends_on=None).exists():
            FollowUp.objects.filter(pk=rhythm.pk).update(ends_on=None, end_reason="")


def _write(person: Person, **facts) -> None:
    for name, value in facts.items():
        setattr(person, name, value)
    Person.objects.filter(pk=person.pk).update(**facts, version=F("version") + 1)
    person.version += 1


def _tell(person: Person, kind: str, on: dt.date, detail: dict, *, by: User | None, at: dt.datetime) -> None:
    RegisterEvent.objects.create(person=person, kind=kind, on=on, detail=detail, by=by, at=at)
