"""Linking two records of one human and splitting them again, over every relation there is."""

import datetime as dt
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.models import Case
from planners import duplicate_search, person_links, residents
from planners.models import (
    Alarm,
    Benefit,
    Consent,
    CrisisReport,
    DuplicatePair,
    FollowUp,
    Membership,
    Person,
    Pregnancy,
    RegisterEvent,
    ScreeningResult,
    Target,
    Visit,
)
from tests import factories as f
from tests.casemgmt import factories as c

pytestmark = pytest.mark.django_db

#: every foreign key to a person, and whether its rows go along with a link. A new one is decided here first.
KNOWN = {
    "casemgmt.Case.person": True,
    "casemgmt.CaseHistory.person": False,
    "casemgmt.Referral.person": True,
    "casemgmt.ReferralHistory.person": False,
    "governance.Volunteer.person": True,
    "governance.VolunteerHistory.person": False,
    "planners.Alarm.person": True,
    "planners.Benefit.person": True,
    "planners.ChangeNotice.person": True,
    "planners.Consent.person": True,
    "planners.ConsentHistory.person": False,
    "planners.CrisisReport.person": True,
    "planners.DuplicatePair.first": False,
    "planners.DuplicatePair.second": False,
    "planners.FollowUp.person": True,
    "planners.ImportChange.person": False,
    "planners.Membership.person": False,
    "planners.Person.kept_as": True,
    "planners.PersonHistory.kept_as": False,
    "planners.PersonHistory.pgh_obj": False,
    "planners.PersonLink.kept": False,
    "planners.PersonLink.linked": False,
    "planners.Pregnancy.person": True,
    "planners.RegisterEvent.person": False,
    "planners.ScreeningResult.person": True,
    "planners.Target.person": True,
    "planners.Visit.person": True,
    "planners.VisitHistory.person": False,
}
AT = {"at": f.NOW}


@pytest.fixture
def by(officer):
    return {"by": officer, "at": f.NOW}


@pytest.fixture
def two(dong):
    """The kept record and the one to be linked."""
    names = ("김영순", "김영슌")
    return [f.PersonFactory(name=name, dong=dong) for name in names]


def every_relation() -> dict[str, bool]:
    moving = {f"{key.model._meta.label}.{key.name}" for key in person_links.relations()}
    fields = [
        relation.field
        for relation in Person._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    ]
    return {name: name in moving for name in (f"{field.model._meta.label}.{field.name}" for field in fields)}


def all_foreign_keys() -> dict[tuple[str, int], int]:
    """(column, row) -> the person it points at, for every table that goes along."""
    found = {}
    for key in person_links.relations():
        for pk, person in key.model._base_manager.values_list("pk", key.attname):
            found[f"{key.model._meta.label}.{key.name}", pk] = person
    return found


def test_knows_every_relation_to_a_person_and_what_becomes_of_it():
    assert every_relation() == KNOWN


def fill(person: Person, user, *, kinds: set[str], occurrence: str) -> None:
    """Rows of the chosen kinds for a person."""
    target = f.TargetFactory(person=person, occurrence=occurrence)
    visit = f.VisitFactory(target=target)
    day = f.TODAY
    makers = {
        "benefit": lambda: Benefit.objects.create(person=person, category="basic_pension", valid_from=day),
        "consent": lambda: f.ConsentFactory(person=person),
        "crisis": lambda: CrisisReport.objects.create(
            person=person, channel="staff", text="걱정", reported_at=f.NOW, by=user
        ),
        "rhythm": lambda: FollowUp.objects.create(
            person=person, rule=target.rule, starts_on=day, reason="약속", by=user, at=f.NOW
        ),
        "pregnancy": lambda: Pregnancy.objects.create(person=person, expected_on=day, reported_on=day),
        "alarm": lambda: Alarm.objects.create(
            visit=visit, person=person, dong=person.dong, kind="abuse", raised_by=user, raised_at=f.NOW
        ),
        "screening": lambda: ScreeningResult.objects.create(
            visit=visit, person=person, instrument="depression", version="1", answers={}, by=user, at=f.NOW
        ),
        "referral": lambda: c.ReferralFactory(person=person, sent_by=user),
        "case": lambda: c.CaseFactory(referral=c.ReferralFactory(person=person, sent_by=user, state="done")),
    }
    for kind in sorted(kinds):
        makers[kind]()


KINDS = ["alarm", "benefit", "case", "consent", "crisis", "pregnancy", "referral", "rhythm", "screening"]


class Undone(Exception):
    """Takes one example back."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of_kept=st.sets(st.sampled_from(KINDS)),
    of_linked=st.sets(st.sampled_from(KINDS)),
    same_target=st.booleans(),
    status=st.sampled_from(["resident", "moved"]),
)
def test_gives_every_row_back_exactly_when_it_splits(dong, officer, of_kept, of_linked, same_target, status):
    """Whatever the two records hold, and whatever of it the database does not allow twice."""
    with pytest.raises(Undone), transaction.atomic():
        kept = f.PersonFactory(name="김영순", dong=dong)
        linked = f.PersonFactory(name="김영슌", dong=dong, status=status)
        third = f.PersonFactory(name="김영슨", dong=dong)
        person_links.link(linked, third, reason="같은 분", by=officer, at=f.NOW)  # a record behind the linked one
        home = Membership.objects.create(person=linked, household=linked.household, valid_from=dt.date(2014, 1, 1))
        fill(kept, officer, kinds=of_kept, occurrence="65")
        fill(linked, officer, kinds=of_linked, occurrence="65" if same_target else "66")
        before, people = all_foreign_keys(), list(Person.objects.order_by("pk").values("pk", "status", "status_on"))
        made = person_links.link(kept, linked, reason="같은 분", by=officer, at=f.NOW)
        during = all_foreign_keys()
        left = {key for key, person in during.items() if person == linked.pk and not key[0].endswith("kept_as")}
        assert {column for column, _ in left} <= {
            "planners.Target.person", "planners.Benefit.person", "planners.FollowUp.person",
            "planners.Pregnancy.person", "casemgmt.Case.person", "casemgmt.Referral.person",
        }  # fmt: skip
        assert not Target.objects.open().filter(person=linked).exists()
        person_links.split(made, reason="다른 분", by=officer, at=f.NOW)
        after = {key: person for key, person in all_foreign_keys().items() if key in before}
        assert after == before
        assert list(Person.objects.order_by("pk").values("pk", "status", "status_on")) == people
        home.refresh_from_db()
        assert home.valid_to is None
        raise Undone


def test_puts_everything_of_the_human_behind_the_kept_record(two, by, officer):
    kept, linked = two
    fill(linked, officer, kinds=set(KINDS), occurrence="65")
    person_links.link(kept, linked, reason="이름을 잘못 적음", **by)
    assert set(all_foreign_keys().values()) == {kept.pk, None}
    linked.refresh_from_db()
    assert (linked.status, linked.kept_as) == ("linked", kept)
    assert person_links.records_of(kept) == [kept.pk, linked.pk]
    assert [link.linked for link in person_links.standing_links(kept)] == [linked]
    assert list(Person.objects.living_here()) == [kept]
    assert RegisterEvent.objects.filter(kind="linked").count() == 2


def test_links_once_however_often_it_is_clicked(two, by):
    kept, linked = two
    assert person_links.link(kept, linked, reason="같은 분", **by) == person_links.link(
        kept, linked, reason="같은 분", **by
    )
    assert RegisterEvent.objects.filter(kind="linked", person=kept).count() == 1


def test_refuses_what_makes_no_sense(two, by):
    kept, linked = two
    with pytest.raises(person_links.SameRecord):
        person_links.link(kept, kept, reason="같은 분", **by)
    with pytest.raises(person_links.ReasonMissing):
        person_links.link(kept, linked, reason=" ", **by)
    person_links.link(kept, linked, reason="같은 분", **by)
    with pytest.raises(person_links.AlreadyLinked):
        person_links.link(f.PersonFactory(), linked, reason="같은 분", **by)
    for act in (residents.move_out, residents.died):
        with pytest.raises(residents.NotAResident):
            act(linked, on=f.TODAY, **by)
    with pytest.raises(residents.NotAResident):
        residents.restore(linked, reason="잘못", on=f.TODAY, **by)


def test_splits_the_newest_link_of_a_chain_first(two, by):
    middle, last = two
    first = f.PersonFactory()
    older = person_links.link(middle, last, reason="같은 분", **by)
    newer = person_links.link(first, middle, reason="같은 분", **by)
    last.refresh_from_db()
    assert last.kept_as == first, "nobody has to follow a chain"
    assert {link.pk for link in person_links.standing_links(first)} == {older.pk, newer.pk}
    with pytest.raises(person_links.LinkedOnward):
        person_links.split(older, reason="다른 분", **by)
    person_links.split(newer, reason="다른 분", **by)
    person_links.split(older, reason="다른 분", **by)
    with pytest.raises(person_links.AlreadySplit):
        person_links.split(older, reason="다른 분", **by)
    assert not Person.objects.filter(status="linked").exists()


def test_never_links_or_proposes_again_what_was_split(two, by):
    kept, linked = two
    Person.objects.update(match_key="the same")
    person_links.split(person_links.link(kept, linked, reason="같은 분", **by), reason="쌍둥이", **by)
    assert duplicate_search.search(at=f.NOW) == {"found": 0, "seen": 0, "gone": 0}
    assert DuplicatePair.objects.get().state == "different"
    with pytest.raises(person_links.ToldApart):
        person_links.link(kept, linked, reason="역시 같은 분", **by)


def test_leaves_what_came_after_the_link_with_the_kept_record(two, by):
    kept, linked = two
    link = person_links.link(kept, linked, reason="같은 분", **by)
    later = f.ConsentFactory(person=kept)
    stray = f.ConsentFactory(person=linked)  # written by somebody who had the old record open
    assert person_links.gather(link) == 1
    assert set(Consent.objects.values_list("person", flat=True)) == {kept.pk}
    person_links.split(link, reason="다른 분", **by)
    later.refresh_from_db()
    stray.refresh_from_db()
    assert (later.person, stray.person) == (kept, linked)


def test_ends_the_second_of_two_equal_targets_and_opens_it_again(two, by, pair):
    kept, linked = two
    mine = f.TargetFactory(person=kept)
    theirs = f.TargetFactory(person=linked, rule=mine.rule)
    visit = f.standing_visit(pair, target=theirs)
    link = person_links.link(kept, linked, reason="같은 분", **by)
    visit.refresh_from_db()
    theirs.refresh_from_db()
    assert (visit.state, theirs.state, theirs.end_reason) == ("cancelled", "withdrawn", person_links.NO_TWICE)
    assert not visit.staff.filter(is_active=True).exists()
    person_links.split(link, reason="다른 분", **by)
    theirs.refresh_from_db()
    assert theirs.state == "open"
    assert Visit.objects.get(target=theirs, state="pool").person == linked


def test_brings_open_targets_to_the_dong_of_the_kept_record_and_back(dong, other_dong, by):
    kept, linked = f.PersonFactory(dong=dong), f.PersonFactory(dong=other_dong)
    target = f.TargetFactory(person=linked)
    f.VisitFactory(target=target)
    link = person_links.link(kept, linked, reason="이사한 뒤 새로 등록됨", **by)
    target.refresh_from_db()
    assert target.dong == dong
    person_links.split(link, reason="다른 분", **by)
    target.refresh_from_db()
    assert target.dong == other_dong


def test_leaves_a_second_open_case_with_its_record(two, by, officer):
    kept, linked = two
    mine, theirs = (
        c.CaseFactory(referral=c.ReferralFactory(person=person, sent_by=officer, state="done")) for person in two
    )
    person_links.link(kept, linked, reason="같은 분", **by)
    assert Case.objects.get(pk=theirs.pk).person == linked
    assert Case.objects.get(pk=mine.pk).person == kept


def test_changes_nothing_when_anything_fails_half_way(two, by, officer):
    kept, linked = two
    fill(linked, officer, kinds=set(KINDS), occurrence="65")
    before = all_foreign_keys()
    with patch("planners.target_endings.follow_move", side_effect=RuntimeError), pytest.raises(RuntimeError):
        person_links.link(kept, linked, reason="같은 분", **by)
    assert all_foreign_keys() == before
    assert Person.objects.filter(status="linked").count() == 0


def test_keeps_linked_records_out_of_rules_and_searches(two, by, officer, scope_of):
    kept, linked = two
    person_links.link(kept, linked, reason="같은 분", **by)
    assert list(Person.objects.visible_to(scope_of(officer))) == [kept]
    Person.objects.update(match_key=residents.match_key("김영순", kept.birth_on, "F"))
    assert residents.lookalikes("김영순", kept.birth_on, "F") == [kept]


# ------------------------------------------------------------------ finding pairs


def someone(name, birth="1950-03-01", sex="F", **given):
    birth_on = dt.date.fromisoformat(birth)
    return f.PersonFactory(
        name=name, birth_on=birth_on, sex=sex, match_key=residents.match_key(name, birth_on, sex), **given
    )


def found(at=f.NOW):
    duplicate_search.search(at=at)
    return {
        (pair.first.name, pair.second.name): set(pair.grounds)
        for pair in DuplicatePair.objects.select_related("first", "second")
    }


def test_finds_the_same_facts_twice_and_ranks_what_agrees_more(dong, other_dong):
    one, two = someone("이순자"), someone("이순자", dong=other_dong)
    near = someone("이순자", mobile=one.mobile)
    found()
    order = list(DuplicatePair.objects.values_list("first", "second"))
    assert order[0] == (one.pk, near.pk), "the same telephone"
    assert set(order) == {(one.pk, two.pk), (one.pk, near.pk), (two.pk, near.pk)}


def test_finds_other_sex_other_birth_and_a_slip_in_the_name():
    someone("박말순")
    someone("박말순", sex="M")
    someone("최옥자", mobile="010-9999-0001")
    someone("최옥자", birth="1951-03-01", mobile="010-9999-0001")
    home = f.HouseholdFactory()
    someone("정복남", household=home)
    someone("정봉님", household=home)
    someone("정봉님", birth="1960-01-01", household=home)
    someone("조금순")
    assert found() == {
        ("박말순", "박말순"): {"name_birth"},
        ("최옥자", "최옥자"): {"name_phone"},
        ("정복남", "정봉님"): {"similar"},
    }


def test_finds_nothing_new_the_second_time_and_forgets_what_was_put_right(counsellor):
    _, second = someone("이순자"), someone("이순자")
    assert duplicate_search.search(at=f.NOW)["found"] == 1
    assert duplicate_search.search(at=f.NOW + dt.timedelta(days=1)) == {"found": 0, "seen": 1, "gone": 0}
    residents.correct(second, {"name": "이순희"}, reason="오타", on=f.TODAY, by=counsellor, at=timezone.now())
    assert duplicate_search.search(at=f.NOW + dt.timedelta(days=2))["gone"] == 1
    assert not DuplicatePair.objects.exists()


def test_does_not_propose_a_record_of_a_human_who_was_told_apart(by):
    one, other, third = someone("이순자"), someone("이순자"), someone("이순자")
    person_links.decide(one, other, "different", note="동명이인", **by)
    person_links.link(one, third, reason="같은 분", **by)
    duplicate_search.search(at=f.NOW)
    assert not DuplicatePair.objects.filter(state="open").exists(), "third is one, and one is not other"
