"""What a move, a death or a birth sets in motion at once: visits, calendars, notices, cases; and what stays as it was."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.models import CaseEvent
from centers import rollups
from centers.models import MonthlyStat
from common.months import Month
from planners import births, register_news, residents, target_endings
from planners.models import ChangeNotice, FollowUp, Person, Pregnancy, Target, Visit, VisitStaff
from planners.residents import Residence
from tests import factories as f
from tests.casemgmt import factories as c

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def by(counsellor):
    return {"by": counsellor, "at": f.NOW}


@pytest.fixture
def promised(pair, dong):
    """A visit the pair is expected at tomorrow."""
    person = f.PersonFactory(dong=dong, name="김영순")
    residents.Membership.objects.create(person=person, household=person.household, valid_from=dt.date(2014, 1, 1))
    return f.standing_visit(pair, person=person, starts_at=f.NOW + DAY)


def told(user=None):
    return [notice.text for notice in ChangeNotice.objects.filter(user=user).order_by("pk")]


# ------------------------------------------------------------------ the pair and the dongs


@pytest.mark.parametrize(
    ("act", "sentence"), [(residents.died, "사망하였습니다."), (residents.move_out, "전출하였습니다.")]
)
def test_frees_both_calendars_and_tells_the_pair_and_the_board(promised, nurse, social, by, act, sentence):
    act(promised.person, on=f.TODAY, **by)
    promised.refresh_from_db()
    assert (promised.state, promised.target.state) == ("cancelled", "deceased" if act is residents.died else "moved")
    assert not VisitStaff.objects.filter(visit=promised, is_active=True).exists()
    assert told(nurse) == told(social) == [f"1월 15일 09:40 약속이 취소되었습니다. {sentence}"]
    assert told() == [f"{sentence} 방문 대상 1건이 끝났습니다. 잡혀 있던 약속 1건이 취소되었습니다."]


def test_hands_the_visit_to_the_new_dong_and_tells_both(promised, nurse, other_dong, by):
    residents.move_within(promised.person, Residence(other_dong, 3, 1, "월곡로 1", ""), on=f.TODAY, **by)
    promised.refresh_from_db()
    assert (promised.state, promised.dong, promised.target.dong, promised.pair) == (
        "pool",
        other_dong,
        other_dong,
        None,
    )
    assert told(nurse) == ["1월 15일 09:40 약속이 취소되었습니다. 월곡1동으로 이사하셔서 그 동에서 다시 잡습니다."]
    old, new = ChangeNotice.objects.filter(user=None).order_by("pk")
    assert (old.dong.name, new.dong.name) == ("장위1동", "월곡1동")
    assert new.text == "장위1동에서 이사 오셨습니다. 방문 대상 1건이 배정을 기다립니다."


def test_tells_nobody_of_visits_that_are_over(promised, nurse, by):
    Visit.objects.filter(pk=promised.pk).update(on=f.TODAY - 3 * DAY)
    residents.died(promised.person, on=f.TODAY, **by)
    assert told(nurse) == []


def test_tells_nobody_twice_when_the_night_looks_again(promised, nurse, by):
    residents.died(promised.person, on=f.TODAY, **by)
    target_endings.keep_true(by=None, at=f.NOW + DAY)
    assert len(told(nurse)) == 1


def test_tells_of_those_a_list_had_moved_when_the_night_finds_them(promised, nurse):
    Person.objects.update(status="moved", status_on=f.TODAY)
    target_endings.keep_true(by=None, at=f.NOW)
    assert told(nurse) == ["1월 15일 09:40 약속이 취소되었습니다. 전출하였습니다."]


def test_brings_everything_back_that_a_wrong_death_ended(promised, by):
    person, rule = promised.person, promised.target.rule
    rhythm = FollowUp.objects.create(person=person, rule=rule, starts_on=f.TODAY, reason="약속", by=by["by"], at=f.NOW)
    other = f.TargetFactory(person=person, rule=rule, occurrence="ended", state="refused", ended_on=f.TODAY)
    residents.died(person, on=dt.date(2014, 12, 20), **by)
    residents.restore(person, reason="동명이인", on=f.TODAY, **by)
    rhythm.refresh_from_db()
    other.refresh_from_db()
    assert rhythm.ends_on is None
    assert Target.objects.get(pk=promised.target_id).state == "open"
    assert Visit.objects.filter(target=promised.target, state="pool").count() == 1
    assert other.state == "refused", "what had ended before stays ended"


# ------------------------------------------------------------------ months that are over


def figures():
    months = (Month(2014, 12), Month(2015, 1))
    for month in months:
        rollups.roll_month(month, at=f.NOW)
    rows = MonthlyStat.objects.filter(month=months[0].first).values_list("dong__name", "indicator", "part", "value")
    return sorted(rows, key=str)


@pytest.mark.parametrize("act", ["move", "die", "leave"])
def test_changes_no_figure_of_a_past_month(promised, other_dong, by, act):
    december = dt.date(2014, 12, 1)
    Target.objects.update(month=december, release_on=december, due_on=dt.date(2014, 12, 31))
    f.VisitFactory(
        target=f.TargetFactory(person=promised.person, occurrence="met", state="visited", month=december,
                               due_on=dt.date(2014, 12, 31), ended_on=dt.date(2014, 12, 10)),
        state="closed", outcome="done", finished_at=dt.datetime(2014, 12, 10, 3, tzinfo=dt.UTC), group="normal",
        classified_on=dt.date(2014, 12, 10),
    )  # fmt: skip
    before = figures()
    assert before
    earlier = dt.date(2014, 12, 20)  # told late: it happened last month
    if act == "move":
        residents.move_within(promised.person, Residence(other_dong, 3), on=earlier, **by)
    else:
        {"die": residents.died, "leave": residents.move_out}[act](promised.person, on=earlier, **by)
    assert figures() == before


# ------------------------------------------------------------------ cases and referrals


def test_flags_cases_and_referrals_to_who_looks_after_them(promised, manager, social, by):
    referral = c.ReferralFactory(person=promised.person, sent_by=social, need="money")
    case = c.CaseFactory(
        referral=c.ReferralFactory(person=promised.person, sent_by=social, state="done"), manager=manager
    )
    residents.move_out(promised.person, on=f.TODAY, **by)
    assert told(manager) == [f"사례 {case.number}의 주민이 전출하셨습니다. 계획을 살피고 이을지 마칠지 정해 주세요."]
    assert any(text.startswith("보낸 의뢰의 주민이 전출하셨습니다.") for text in told(social))
    assert CaseEvent.objects.get(case=case, act="register").text == "주민 변동: 전출하셨습니다."
    case.refresh_from_db()
    referral.refresh_from_db()
    assert (case.state, referral.state) == ("open", "sent"), "people decide what becomes of them"


def test_tells_a_floor_above_once_however_often_it_asks():
    before = len(register_news._watchers)
    for _ in range(2):
        register_news.watch(print)
    assert len(register_news._watchers) == before + 1
    register_news._watchers.remove(print)


# ------------------------------------------------------------------ births


def test_registers_a_birth_with_the_mother_and_lists_the_visit_at_once(rulebook, dong, by):
    mother = f.PersonFactory(dong=dong, name="조수민", birth_on=dt.date(1985, 5, 5))
    born_on = f.TODAY - DAY
    pregnancy = Pregnancy.objects.create(person=mother, expected_on=f.TODAY, reported_on=dt.date(2014, 10, 1))
    waiting = f.TargetFactory(person=mother, rule=rulebook["pregnancy_20_weeks"], occurrence=f"p{pregnancy.pk}")
    baby = births.born(name="조하늘", birth_on=born_on, sex="F", mother=mother, **by)
    pregnancy.refresh_from_db()
    waiting.refresh_from_db()
    assert (baby.household, baby.relation, baby.dong) == (mother.household, "자녀", dong)
    assert baby.register_events.get().kind == "born"
    assert pregnancy.delivered_on == born_on
    assert waiting.state == "aged_out"
    due = Target.objects.open().get(person__in=[mother, baby])
    assert due.due_on == born_on + 28 * DAY
    with pytest.raises(residents.AlreadyThere):
        births.born(name="조하늘", birth_on=born_on, sex="F", mother=mother, **by)


def test_lists_the_visit_after_a_birth_that_was_entered_at_the_counter(client, counsellor, rulebook, dong):
    today = timezone.localdate()
    home = f.HouseholdFactory(dong=dong, address="장위로 21길 8", address_detail="101호")
    mother = f.PersonFactory(dong=dong, household=home, birth_on=dt.date(today.year - 30, 5, 5))
    pregnancy = Pregnancy.objects.create(person=mother, expected_on=today, reported_on=today - 60 * DAY)
    client.force_login(counsellor)
    born_on = (today - 2 * DAY).isoformat()
    facts = {"act": "add", "name": "조하늘", "birth_on": born_on, "sex": "F", "on": born_on, "dong": dong.pk}
    answer = client.post(reverse("resident_new"), facts | {"address": home.address, "address_detail": "101호"})
    assert answer.status_code == 302
    pregnancy.refresh_from_db()
    assert pregnancy.delivered_on == today - 2 * DAY
    assert Target.objects.open().filter(rule__kind__in=["birth", "after_birth"]).count() == 1


# ------------------------------------------------------------------ screens


def test_shows_the_pair_its_notice_until_it_is_put_aside(client, promised, nurse, by):
    residents.died(promised.person, on=f.TODAY, by=by["by"], at=timezone.now())
    Visit.objects.filter(pk=promised.pk).update(on=timezone.localdate())
    notice = register_news.tell_staff([], "died", what="", at=timezone.now())
    notice = ChangeNotice.objects.create(
        person=promised.person, kind="died", text="1월 15일 09:40 약속이 취소되었습니다.", dong=promised.dong,
        user=nurse, url_name="visit", url_uid=promised.uid, at=timezone.now(),
    )  # fmt: skip
    client.force_login(nurse)
    assert "09:40 약속이 취소되었습니다" in client.get(reverse("today")).content.decode()
    answer = client.post(reverse("change_seen", args=[notice.uid]), {"back": "today"})
    assert answer.url == reverse("today")
    assert "09:40 약속이 취소되었습니다" not in client.get(reverse("today")).content.decode()
    assert "한지은" in client.get(reverse("resident_changes"), {"show": "all"}).content.decode()


def test_keeps_notices_of_others_from_everybody_else(client, promised, nurse, lead, lead_elsewhere, by):
    residents.died(promised.person, on=f.TODAY, **by)
    mine = ChangeNotice.objects.get(user=nurse)
    for reader in (lead, lead_elsewhere):
        client.force_login(reader)
        assert client.post(reverse("change_seen", args=[mine.uid])).status_code == 404
    client.force_login(lead)
    assert len(client.get(reverse("resident_changes")).context["notices"]) == 1
    client.force_login(lead_elsewhere)
    assert len(client.get(reverse("resident_changes")).context["notices"]) == 0


def test_costs_the_same_for_3_and_30_notices(client, lead, dong, queries_of):
    client.force_login(lead)

    def notices(count):
        for _ in range(count):
            register_news.tell_dong(f.PersonFactory(dong=dong), dong.pk, "died", "사망하였습니다.", at=timezone.now())

    notices(3)
    ask = lambda: client.get(reverse("resident_changes"))  # noqa: E731
    ask()
    few = queries_of(ask)
    notices(27)
    assert queries_of(ask) == few


def test_pages_notices_by_key(client, lead, dong):
    client.force_login(lead)
    for n in range(53):
        at = timezone.now() - dt.timedelta(minutes=n)
        register_news.tell_dong(f.PersonFactory(dong=dong), dong.pk, "died", "사망하였습니다.", at=at)
    first = client.get(reverse("resident_changes")).context
    second = client.get(reverse("resident_changes") + first["next_url"]).context
    assert [len(first["notices"]), len(second["notices"])] == [50, 3]
    assert not second["next_url"]


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 404)])
def test_lets_the_old_dong_read_its_records_for_90_days(client, social, promised, other_dong, by, days, status):
    today = timezone.localdate()
    residents.move_within(promised.person, Residence(other_dong, 3), on=today - days * DAY, **by)
    client.force_login(social)
    answer = client.get(reverse("person", args=[promised.person.uid]))
    assert answer.status_code == status
    assert promised.person.uid not in {
        person.uid for person in Person.objects.visible_to(client.get("/").wsgi_request.scope)
    }
    if status == 200:
        page = answer.content.decode()
        assert "월곡1동으로 옮기셨습니다" in page
        assert "고치기" not in page
