"""Factories: each gives a valid object with no arguments. All people are invented."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from centers.models import Dong, Posting, Team, User
from common.hangul import bigrams, choseong
from planners.models import Consent, Household, Pair, Person, Programme, Target, TargetRule, Visit, VisitStaff
from planners.models.schedules import Pair as PairModel

TODAY = dt.date(2015, 1, 14)  # a Wednesday
NOW = dt.datetime(2015, 1, 14, 0, 40, tzinfo=dt.UTC)  # 09:40 in Seoul


class DongFactory(DjangoModelFactory):
    class Meta:
        model = Dong
        django_get_or_create = ("name",)

    name = "장위1동"
    slug = factory.Sequence(lambda n: f"dong-{n}")
    order = factory.Sequence(lambda n: 100 + n)
    tile_column = 1
    tile_row = 1


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    name = "한지은"
    job_title = "주무관"
    password = factory.django.Password("a long enough password")


class PostingFactory(DjangoModelFactory):
    class Meta:
        model = Posting

    user = factory.SubFactory(UserFactory)
    role = "PS"
    dong = factory.SubFactory(DongFactory)
    valid_from = dt.date(2014, 1, 1)


class HouseholdFactory(DjangoModelFactory):
    class Meta:
        model = Household

    dong = factory.SubFactory(DongFactory)
    tong = 7
    ban = 2
    address = factory.Sequence(lambda n: f"장위로 {n + 1}길 14")
    address_detail = "2층"
    longitude = 127.045
    latitude = 37.615


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    name = "김영순"
    birth_on = dt.date(1950, 1, 20)
    sex = "F"
    dong = factory.SubFactory(DongFactory)
    tong = 7
    ban = 2
    household = factory.SubFactory(HouseholdFactory, dong=factory.SelfAttribute("..dong"))
    address = factory.LazyAttribute(
        lambda o: f"{o.household.address}, {o.household.address_detail}" if o.household else ""
    )
    mobile = factory.Sequence(lambda n: f"010-0000-{n % 10000:04d}")
    name_choseong = factory.LazyAttribute(lambda o: choseong(o.name))
    name_bigrams = factory.LazyAttribute(lambda o: bigrams(o.name))
    match_key = factory.Sequence(lambda n: f"{n:064x}")


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme
        django_get_or_create = ("key",)

    key = "elderly"
    name = "어르신 복지플래너"
    short_name = "65세"
    order = 1


class TargetRuleFactory(DjangoModelFactory):
    class Meta:
        model = TargetRule
        django_get_or_create = ("key", "version")

    programme = factory.SubFactory(ProgrammeFactory)
    key = "turns_65"
    version = 1
    kind = TargetRule.Kind.TURNS_AGE
    title = "65세 도래"
    parameters = {"age": 65}
    tier = 2
    minutes = 60
    source = "계획 IV.5-1 ①"
    valid_from = dt.date(2014, 1, 1)


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    person = factory.SubFactory(PersonFactory)
    rule = factory.SubFactory(TargetRuleFactory)
    programme = factory.SelfAttribute("rule.programme")
    occurrence = "65"
    dong = factory.SelfAttribute("person.dong")
    month = dt.date(2015, 1, 1)
    release_on = dt.date(2015, 1, 1)
    due_on = dt.date(2015, 1, 31)
    tier = 2
    created_at = NOW


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    target = factory.SubFactory(TargetFactory)
    person = factory.SelfAttribute("target.person")
    programme = factory.SelfAttribute("target.programme")
    dong = factory.SelfAttribute("target.dong")
    minutes = 60
    release_on = factory.SelfAttribute("target.release_on")
    due_on = factory.SelfAttribute("target.due_on")
    tier = factory.SelfAttribute("target.tier")


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    person = factory.SubFactory(PersonFactory)
    kind = Consent.Kind.VISIT
    answer = Consent.Answer.GIVEN
    channel = Consent.Channel.PHONE
    wording = "visit-2014-11"
    asked_by = "오세진"
    answered_on = TODAY
    by = factory.SubFactory(UserFactory)
    at = NOW


class PairFactory(DjangoModelFactory):
    class Meta:
        model = PairModel

    kind = Pair.Kind.ELDER
    name = "A조"
    dong = factory.SubFactory(DongFactory)
    nurse = factory.SubFactory(UserFactory, name="한지은")
    social = factory.SubFactory(UserFactory, name="오세진")
    valid_from = dt.date(2014, 1, 1)


def standing_visit(pair: PairModel, *, starts_at: dt.datetime = NOW, state: str = "booked", **given) -> Visit:
    """A visit that the pair is expected at, with both people's time taken."""
    dong = pair.dong
    target = given.pop("target", None) or TargetFactory(person=given.pop("person", None) or PersonFactory(dong=dong))
    visit = VisitFactory(
        target=target, pair=pair, on=starts_at.astimezone().date(), half="AM", starts_at=starts_at, state=state, **given
    )
    during = (starts_at, starts_at + dt.timedelta(minutes=visit.minutes))
    VisitStaff.objects.create(visit=visit, user=pair.nurse, function="nurse", during=during)
    if pair.social_id:
        VisitStaff.objects.create(visit=visit, user=pair.social, function="social", during=during)
    return visit


def team(dong: Dong, kind: str = Team.Kind.WELFARE_1) -> Team:
    return Team.objects.get_or_create(
        dong=dong, kind=kind, defaults={"name": "복지1팀", "valid_from": dt.date(2014, 1, 1)}
    )[0]
