"""What the register of the main dong has been through: second records, moves, a death, a birth, rhythms of visits."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from centers.models import Dong, User
from common.months import seoul_date
from planners import births, duplicate_search, programmes, residents
from planners.models import Person, Pregnancy, Target, TargetRule, Visit
from planners.residents import Residence
from planners.target_endings import WAITING
from seongbuk.demo.accounts import username

DAY = dt.timedelta(days=1)
#: rule and how many days ago each rhythm began; the last one has missed its first visit
RHYTHMS = (
    ("regular", 40),
    ("regular", 33),
    ("regular", 20),
    ("self_managed", 60),
    ("self_managed", 12),
    ("intensive", 6),
    ("intensive", 3),
    ("intensive", 16),
)


def tell(dong: Dong, *, now: dt.datetime) -> None:
    """Through the same acts as on the screens; to be told once, after the dong's visits."""
    by = User.objects.get(username=username(dong, "counsel"))
    _move(dong, by, now)
    _leave(dong, by, now)
    _be_born(dong, by, now)
    _write_twice(dong, by, now)
    _promise(dong, by, now)
    duplicate_search.search(at=now)


def _unlisted(dong: Dong, **given):
    """Grown-ups nobody is about to visit, in a fixed order."""
    people = Person.objects.living_here().filter(dong=dong, **given).exclude(pk__in=Target.objects.values("person_id"))
    return people.select_related("dong", "household").order_by("pk")


def _move(dong: Dong, by: User, now: dt.datetime) -> None:
    """Two people joined other households of the dong, one came from a neighbouring dong."""
    homes = list(_unlisted(dong, relation="본인")[:8])
    for days, mover, host in zip((200, 45), homes[2:4], homes[4:6], strict=False):
        home = host.household
        place = Residence(dong, host.tong, host.ban, home.address, home.address_detail)
        residents.move_within(mover, place, on=seoul_date(now) - days * DAY, by=by, at=now - days * DAY)
    neighbour = _unlisted(Dong.objects.exclude(pk=dong.pk).order_by("-order").first(), relation="본인").first()
    if neighbour and homes[6:]:
        host, at = homes[6], now - 5 * DAY
        place = Residence(dong, host.tong, host.ban, host.household.address, "3층")
        residents.move_within(neighbour, place, on=seoul_date(at), by=by, at=at)


def _leave(dong: Dong, by: User, now: dt.datetime) -> None:
    """One death some months ago, and this morning somebody with an appointment turned out to have moved away."""
    old = _unlisted(dong, birth_on__year__lt=now.year - 85).first()
    if old:
        residents.died(old, on=seoul_date(now) - 100 * DAY, by=by, at=now - 98 * DAY)
    soon = Visit.objects.filter(dong=dong, programme__key="elderly", state__in=WAITING, target__state="open")
    visit = soon.order_by(F("on").desc(nulls_last=True), "pk").select_related("person").first()
    if visit:
        residents.move_out(visit.person, on=seoul_date(now) - 2 * DAY, where="노원구", by=by, at=now)


def _be_born(dong: Dong, by: User, now: dt.datetime) -> None:
    """A baby was registered three days ago."""
    expected = Pregnancy.objects.filter(
        person__dong=dong, delivered_on=None, expected_on__lte=seoul_date(now) + 20 * DAY
    )
    pregnancy = expected.select_related("person__dong", "person__household").order_by("expected_on", "pk").first()
    if pregnancy:
        at = now - 3 * DAY
        births.born(name="한결", birth_on=seoul_date(at) - 2 * DAY, sex="M", mother=pregnancy.person, by=by, at=at)


def _write_twice(dong: Dong, by: User, now: dt.datetime) -> None:
    """Three people were entered a second time: after moving, with a slip in the name, with a wrong birthday."""
    one, two, three = _unlisted(dong, birth_on__year__lt=now.year - 60)[10:13]
    given = {"although_known": True, "by": by, "at": now - 6 * DAY, "on": seoul_date(now) - 6 * DAY}
    place = Residence(dong, one.tong, one.ban, "장위로 21길 8", "101호")
    residents.move_in(name=one.name, birth_on=one.birth_on, sex=one.sex, mobile=one.mobile, residence=place, **given)
    home = two.household
    same = Residence(dong, two.tong, two.ban, home.address, home.address_detail)
    residents.move_in(name=_slip(two.name), birth_on=two.birth_on, sex=two.sex, residence=same, **given)
    wrong = three.birth_on.replace(day=1 + three.birth_on.day % 28)
    residents.move_in(name=three.name, birth_on=wrong, sex=three.sex, mobile=three.mobile, residence=same, **given)


def _slip(name: str) -> str:
    """The name with another vowel in its last syllable: 김영순 -> 김영슨."""
    last = ord(name[-1]) - 0xAC00
    initial, vowel, final = last // 588, last // 28 % 21, last % 28
    return name[:-1] + chr(0xAC00 + initial * 588 + (vowel + 5) % 21 * 28 + final)


def _promise(dong: Dong, by: User, now: dt.datetime) -> None:
    """Rhythms to come again, begun on different days."""
    rules = {rule.key: rule for rule in TargetRule.objects.on(seoul_date(now)).filter(kind=TargetRule.Kind.FOLLOW_UP)}
    people = _unlisted(dong, birth_on__year__lt=now.year - 70)[20 : 20 + len(RHYTHMS)]
    for person, (key, days) in zip(people, RHYTHMS, strict=False):
        begun = now - days * DAY
        programmes.start_follow_up(
            person, rules[key], starts_on=seoul_date(begun), reason="사례회의에서 정함", by=by, at=begun
        )
