"""The household on any day, the clocks of those visited again and again, and the one story of a person."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from centers.models import AccessLog
from common.months import Month
from planners import person_links, programmes, residents, timeline, visit_clocks
from planners.models import Benefit, FollowUp, Membership, Target, Visit
from planners.residents import Residence
from tests import factories as f
from tests.casemgmt import factories as c

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def family(dong, lead):
    """Grandmother since 2010, her son from 2012 to 2014; both at one address."""
    home = Residence(dong, 7, 2, "장위로 21길 8", "101호")
    given = {"residence": home, "by": lead, "at": f.NOW}
    mother = residents.move_in(
        name="정말순", birth_on=dt.date(1949, 3, 2), sex="F", on=dt.date(2010, 1, 1), relation="본인", **given
    )
    son = residents.move_in(
        name="박준호", birth_on=dt.date(1980, 1, 1), sex="M", on=dt.date(2012, 5, 1), relation="자녀", **given
    )
    away = Residence(dong, 9, 1, "한천로 5", "")
    residents.move_within(son, away, on=dt.date(2014, 6, 1), by=lead, at=f.NOW)
    return mother, son


def members(client, household, on=""):
    page = client.get(reverse("household", args=[household.uid]), {"on": on} if on else {})
    return [member.person.name for member in page.context["page"].members]


# ------------------------------------------------------------------ households


def test_rebuilds_who_lived_together_on_any_day(signed_in, lead, family):
    mother, _ = family
    client = signed_in(lead)
    assert members(client, mother.household) == ["정말순"]
    assert members(client, mother.household, "2013-07-01") == ["정말순", "박준호"]
    assert members(client, mother.household, "2011-07-01") == ["정말순"]
    assert members(client, mother.household, "2009-07-01") == []
    assert members(client, mother.household, "not a day") == ["정말순"]


def test_tells_who_came_and_went_with_the_days_to_open(signed_in, lead, family):
    mother, _ = family
    page = signed_in(lead).get(reverse("household", args=[mother.household.uid]))
    comings = [(row.on, row.name, row.came) for row in page.context["page"].comings]
    assert comings == [
        (dt.date(2014, 6, 1), "박준호", False),
        (dt.date(2012, 5, 1), "박준호", True),
        (dt.date(2010, 1, 1), "정말순", True),
    ]
    assert "?on=2012-05-01" in page.content.decode()
    row = AccessLog.objects.get(action="household.open")
    assert row.subjects == [mother.pk]


def test_shows_the_due_visits_and_benefits_of_all_members(signed_in, lead, family, pair):
    mother, _ = family
    f.standing_visit(pair, person=mother, starts_at=timezone.now() + 2 * DAY)
    Benefit.objects.create(person=mother, category="basic_pension", valid_from=dt.date(2014, 7, 1))
    page = signed_in(lead).get(reverse("household", args=[mother.household.uid])).content.decode()
    assert "어르신 복지플래너" in page
    assert "A조" in page
    assert "기초연금" in page
    assert reverse("household_cases", args=[mother.household.uid]) in page


def test_counts_one_human_with_two_linked_records_once(signed_in, lead, officer, family):
    mother, _ = family
    twin = f.PersonFactory(dong=mother.dong, household=mother.household, name="정말슌")
    Membership.objects.create(person=twin, household=mother.household, valid_from=dt.date(2010, 1, 1))
    person_links.link(mother, twin, reason="이름을 잘못 적음", by=officer, at=f.NOW)
    client = signed_in(lead)
    assert members(client, mother.household, "2013-07-01") == ["정말순", "박준호"]


def test_hides_members_of_other_dongs_and_says_how_many(signed_in, lead, family, other_dong):
    mother, son = family
    residents.move_within(son, Residence(other_dong, 1), on=dt.date(2014, 12, 1), by=lead, at=f.NOW)
    page = signed_in(lead).get(reverse("household", args=[mother.household.uid]), {"on": "2013-07-01"})
    assert [member.person.name for member in page.context["page"].members] == ["정말순"]
    assert page.context["page"].elsewhere == 1
    assert "박준호" not in page.content.decode()


def test_is_there_only_for_those_who_read_households(signed_in, lead_elsewhere, nurse, officer, family, pair):
    mother, _ = family
    url = reverse("household", args=[mother.household.uid])
    assert signed_in(lead_elsewhere).get(url).status_code == 404
    assert signed_in(officer).get(url).status_code == 403
    assert signed_in(nurse).get(url).status_code == 404, "a planner needs a visit there"
    f.standing_visit(pair, person=mother, starts_at=timezone.now() + DAY)
    assert signed_in(nurse).get(url).status_code == 200


def test_costs_the_same_for_3_and_30_people_in_a_household(signed_in, lead, family, queries_of, pair):
    mother, _ = family
    client = signed_in(lead)
    ask = lambda: client.get(reverse("household", args=[mother.household.uid]))  # noqa: E731

    def more(count):
        for _ in range(count):
            person = f.PersonFactory(dong=mother.dong, household=mother.household)
            Membership.objects.create(person=person, household=mother.household, valid_from=dt.date(2014, 1, 1))
            f.VisitFactory(target=f.TargetFactory(person=person))
            Benefit.objects.create(person=person, category="basic_pension", valid_from=dt.date(2014, 7, 1))

    more(3)
    ask()
    few = queries_of(ask)
    more(27)
    assert queries_of(ask) == few


# ------------------------------------------------------------------ clocks


@pytest.fixture
def rhythm(rulebook, dong, lead):
    """A rhythm of a rule that began some days before TODAY, with its visits listed."""

    def start(key, days_ago, person=None):
        begun = f.TODAY - days_ago * DAY
        person = person or f.PersonFactory(dong=dong)
        row = programmes.start_follow_up(
            person, rulebook[key], starts_on=begun, reason="사례회의", by=lead, at=f.NOW - days_ago * DAY
        )
        for month in {Month.of(begun + n * DAY) for n in range(0, days_ago + 32, 14)}:
            programmes.extract_targets(month, dongs=[person.dong], by=None, at=f.NOW)
        return row

    return start


def clock(row, on=f.TODAY):
    return next(clock for clock in visit_clocks.of_person(row.person, on=on) if clock.follow_up.pk == row.pk)


def targets_of(row):
    return Target.objects.filter(person=row.person, occurrence__startswith=f"s{row.pk}-").order_by("due_on")


def meet(target, on):
    Target.objects.filter(pk=target.pk).update(state="visited", ended_on=on)
    Visit.objects.filter(target=target).update(
        state="closed", outcome="done", group="normal", finished_at=dt.datetime.combine(on, dt.time(3), dt.UTC)
    )


@pytest.mark.parametrize(
    ("key", "days", "group", "promise"),
    [
        ("intensive", 5, "집중", "석 달에 여덟 번"),
        ("regular", 70, "정기", "석 달에 한 번"),
        ("self_managed", 130, "자기역량", "여섯 달에 한 번"),
    ],
)
def test_runs_each_group_by_its_own_clock(rhythm, key, days, group, promise):
    found = clock(rhythm(key, days))
    assert (found.group, found.promise, found.is_broken) == (group, promise, False)
    assert found.next_on > f.TODAY


def test_is_broken_when_a_visit_of_its_own_rhythm_was_missed(rhythm):
    row = rhythm("intensive", 30)  # due every eleven days: two are over
    found = clock(row)
    assert found.is_broken
    assert found.words.startswith("약속한 방문 2번을 못 함 · 기한을")
    for target in targets_of(row).filter(due_on__lt=f.TODAY):
        meet(target, f.TODAY - DAY)
    found = clock(row)
    assert not found.is_broken
    assert (found.last_on, found.follow_up.met) == (f.TODAY - DAY, 2)


def test_is_not_wound_or_broken_by_another_clock(rhythm):
    broken = rhythm("intensive", 30)
    kept = rhythm("regular", 20, person=broken.person)
    assert clock(broken).is_broken
    assert not clock(kept).is_broken
    meet(targets_of(kept).first(), f.TODAY - DAY)
    assert clock(broken).is_broken, "a visit of another rhythm does not wind it"


def test_forgives_what_was_decided_and_what_is_longer_ago_than_its_period(rhythm):
    row = rhythm("intensive", 30)
    assert clock(row).is_broken
    targets_of(row).filter(due_on__lt=f.TODAY).update(state="refused", ended_on=f.TODAY)
    assert not clock(row).is_broken
    targets_of(row).update(state="aged_out", ended_on=f.TODAY)
    assert clock(row).is_broken
    assert not clock(row, on=f.TODAY + 200 * DAY).is_broken


def test_lists_by_group_dong_and_what_is_broken(signed_in, lead, lead_elsewhere, rulebook, dong, other_dong, today):
    def begin(key, days_ago, place):
        person = f.PersonFactory(dong=place)
        return programmes.start_follow_up(
            person, rulebook[key], starts_on=today - days_ago * DAY, reason="사례회의", by=lead, at=timezone.now()
        )

    late = begin("intensive", 20, dong)
    begin("regular", 10, dong)
    begin("regular", 10, other_dong)
    client, url = signed_in(lead), reverse("visit_clocks")
    page = client.get(url).context
    assert (page["broken"], page["everyone"]) == (1, 2)
    assert page["groups"] == [("intensive", "집중", 1, 1), ("regular", "정기", 0, 1)]
    only = client.get(url, {"show": "broken"}).context["page"].clocks
    assert [row.follow_up.pk for row in only] == [late.pk]
    assert len(client.get(url, {"group": "regular"}).context["page"].clocks) == 1
    assert signed_in(lead_elsewhere).get(url).context["everyone"] == 1


def test_pages_clocks_by_key_with_the_same_queries(signed_in, lead, rulebook, dong, today, queries_of):
    client = signed_in(lead)

    def more(count):
        people = [f.PersonFactory(dong=dong) for _ in range(count)]
        FollowUp.objects.bulk_create(
            FollowUp(person=p, rule=rulebook["regular"], starts_on=today, reason="약속", by=lead, at=timezone.now())
            for p in people
        )

    more(3)
    ask = lambda: client.get(reverse("visit_clocks"))  # noqa: E731
    ask()
    few = queries_of(ask)
    more(52)
    assert queries_of(ask) == few
    first = ask().context
    second = client.get(reverse("visit_clocks") + first["next_url"]).context
    seen = [row.follow_up.pk for page in (first, second) for row in page["page"].clocks]
    assert len(seen) == len(set(seen)) == 55
    assert not second["next_url"]


# ------------------------------------------------------------------ one story


def story_of(client, person, **query):
    return client.get(reverse("person", args=[person.uid]), query).context["page"].story


def test_puts_referrals_cases_and_looks_into_the_one_stream(signed_in, lead, manager, social, dong):
    person = f.PersonFactory(dong=dong)
    c.ReferralFactory(person=person, sent_by=social, need="money", sent_at=timezone.now())
    c.CaseFactory(referral=c.ReferralFactory(person=person, sent_by=social, state="done"), manager=manager)
    Benefit.objects.create(person=person, category="basic_pension", valid_from=dt.date(2014, 7, 1))
    signed_in(manager).get(reverse("person", args=[person.uid]))
    told = story_of(signed_in(lead), person)
    assert {"referral", "case", "aid", "access"} <= {row.kind for row in told.moments}
    assert [row.on for row in told.moments] == sorted((row.on for row in told.moments), reverse=True)
    looks = [row for row in told.moments if row.kind == "access"]
    assert [(row.who, row.text) for row in looks] == [("강태호", "주민 보기")]
    assert {row.kind for row in story_of(signed_in(lead), person, show="case").moments} == {"case"}


def test_counts_per_kind_what_may_not_be_seen(signed_in, nurse, social, dong, pair):
    person = f.PersonFactory(dong=dong)
    facts = {"birth_on": "1950-01-20", "turns_on": "2015-01-20", "dong": dong.name}
    target = f.TargetFactory(person=person, facts=facts)
    f.standing_visit(pair, target=target, starts_at=timezone.now() + DAY)
    c.CaseFactory(referral=c.ReferralFactory(person=person, sent_by=f.UserFactory(), state="done"))
    Benefit.objects.create(person=person, category="basic_pension", valid_from=dt.date(2014, 7, 1))
    page = signed_in(nurse).get(reverse("person", args=[person.uid]))
    assert page.context["page"].hidden == {"사례": 1, "복지급여": 1}
    said = page.content.decode()
    assert "더 볼 수 없는 것" in said
    assert "사례 1건" in said
    assert "access" not in {row.kind for row in page.context["page"].story.moments}


def test_tells_the_story_of_both_linked_records(signed_in, lead, officer, dong):
    kept, linked = f.PersonFactory(dong=dong), f.PersonFactory(dong=dong)
    residents.correct(linked, {"mobile": "010-7777-7777"}, reason="전화 바뀜", on=f.TODAY, by=lead, at=timezone.now())
    person_links.link(kept, linked, reason="같은 분", by=officer, at=timezone.now())
    texts = [row.text for row in story_of(signed_in(lead), kept).moments]
    assert "정정: 전화 바뀜" in texts
    assert "기록 연결: 같은 분" in texts


def test_shows_more_of_a_long_story_on_demand(signed_in, lead, dong):
    person = f.PersonFactory(dong=dong)
    for n in range(45):
        f.ConsentFactory(person=person, answered_on=f.TODAY - n * DAY)
    client = signed_in(lead)
    short = story_of(client, person)
    assert short.has_more
    assert len(short.moments) == timeline.LATEST
    assert len(story_of(client, person, all="1").moments) >= 45


def test_adds_a_kind_of_line_from_a_floor_above(signed_in, lead, dong):
    person = f.PersonFactory(dong=dong)

    @timeline.register("note", "메모", order=99)
    def tell(look):
        return [timeline.Moment(None, f.TODAY, "위에서 온 줄")], 2

    try:
        told = story_of(signed_in(lead), person)
    finally:
        del timeline._sources["note"]
    assert told.hidden["메모"] == 2
    assert ("note", "위에서 온 줄") in {(row.kind, row.text) for row in told.moments}


def test_lists_cases_and_referrals_of_all_who_live_together(signed_in, lead, nurse, lead_elsewhere, social, family):
    mother, son = family
    case = c.CaseFactory(referral=c.ReferralFactory(person=mother, sent_by=social, state="done"))
    c.ReferralFactory(person=son, sent_by=social, need="money")  # lives elsewhere now
    url = reverse("household_cases", args=[mother.household.uid])
    page = signed_in(lead).get(url).content.decode()
    assert case.number in page
    assert "진행 중인 의뢰와 사례가 없습니다" not in page
    assert "박준호" not in page
    assert signed_in(lead_elsewhere).get(url).status_code == 404
