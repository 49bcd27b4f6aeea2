"""The lead's morning: each thing that is wrong stands there once, with a name, an age and one thing to do."""

import datetime as dt

import pytest

from casemgmt.models import Agency, Referral
from centers.models import AccessLog, Tong
from common.months import at_seoul
from planners.models import Alarm, Pair, VisitSignature, VisitStaff
from planners.pair_weeks import pair_weeks
from seongbuk.exception_board import AT_MOST, KINDS, morning
from staffing.models import StaffTime
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
TODAY, NOW = f.TODAY, f.NOW
YESTERDAY = TODAY - dt.timedelta(days=1)


@pytest.fixture
def board(lead, dong, scope_of):
    """The words of the board, and the problem behind each."""

    def look(user=lead, place=dong):
        weeks = pair_weeks(Pair.objects.filter(dong=place).select_related("nurse", "social"), TODAY)
        found = morning(scope_of(user), place, weeks=weeks, at=NOW)
        return {problem.word: problem for problem in found.problems}

    return look


def begun(pair, **given):
    return f.standing_visit(
        pair,
        state="started",
        starts_at=at_seoul(YESTERDAY, dt.time(10)),
        started_at=at_seoul(YESTERDAY, dt.time(10)),
        **given,
    )


def recorded(target, day=YESTERDAY):
    return f.VisitFactory(target=target, state="done", outcome="done", on=day, finished_at=at_seoul(day, dt.time(11)))


def test_is_empty_when_nothing_is_wrong(board, pair):
    f.TargetFactory(person=f.PersonFactory(dong=pair.dong))
    assert board() == {}


def test_names_who_was_asked_to_take_over_an_alarm(board, pair, nurse, manager):
    visit = begun(pair)
    Alarm.objects.create(
        visit=visit, person=visit.person, dong=pair.dong, kind="self_harm", receiver=manager, raised_by=nurse,
        raised_at=NOW - dt.timedelta(hours=15, minutes=28),
    )  # fmt: skip
    problem = board()["긴급"]
    assert (problem.text, problem.age) == ("마음 안전 1명, 받은 사람 확인 전", "알린 지 15시간 28분")
    assert (problem.who, problem.role) == ("강태호", "사례관리 담당")
    Alarm.objects.update(accepted_at=NOW)
    assert "넘겨받아 살피는 중" in board()["긴급"].text
    Alarm.objects.update(closed_at=NOW)
    assert "긴급" not in board()


def test_counts_targets_past_their_day_with_their_tongs(board, pair):
    for tong, days in ((12, 9), (7, 3)):
        person = f.PersonFactory(dong=pair.dong, tong=tong)
        f.TargetFactory(person=person, due_on=TODAY - dt.timedelta(days=days))
    f.TargetFactory(person=f.PersonFactory(dong=pair.dong), due_on=TODAY)
    problem = board()["지연"]
    assert problem.count == 2
    assert problem.age == "가장 오래된 것 9일 · 7통, 12통"
    assert problem.who == "오세진"
    assert "view=late" in problem.url


def test_tells_a_record_that_never_came_from_one_that_is_not_signed(board, pair, nurse, social):
    f.standing_visit(pair, starts_at=at_seoul(YESTERDAY, dt.time(14)))
    visit = begun(pair)
    VisitSignature.objects.create(visit=visit, part="social", by=social, at=NOW)
    found = board()
    assert found["미전송"].count == 1
    assert (found["미서명"].age, found["미서명"].who) == ("간호 1 · 가장 오래된 것 1일", "한지은")


def test_waits_until_the_next_day_before_it_calls_a_visit_unjudged(board, dong):
    recorded(f.TargetFactory(person=f.PersonFactory(dong=dong)), TODAY)
    assert "미분류" not in board()
    recorded(f.TargetFactory(person=f.PersonFactory(dong=dong)))
    assert (board()["미분류"].count, board()["미분류"].role) == (1, "본인")


@pytest.mark.parametrize(("days", "found"), [(6, False), (7, True)])
def test_asks_why_nobody_phoned_a_week_after_consent(board, dong, social, days, found):
    target = f.TargetFactory(person=f.PersonFactory(dong=dong))
    f.VisitFactory(target=target)
    f.ConsentFactory(person=target.person, by=social, answered_on=TODAY - dt.timedelta(days=days))
    assert ("미예약" in board()) is found


def test_finds_a_referral_whose_answer_is_late(board, dong, social):
    Referral.objects.create(
        person=f.PersonFactory(dong=dong), dong=dong, destination="agency", summary="돌봄", due_on=YESTERDAY,
        agency=Agency.objects.create(name="치매지원센터", kind="dementia_center"),
        due_at=NOW - dt.timedelta(days=1), sent_by=social, sent_at=NOW - dt.timedelta(days=9),
    )  # fmt: skip
    problem = board()["무응답"]
    assert (problem.who, problem.age) == ("오세진", "가장 오래된 것 1일 · 치매지원센터")
    Referral.objects.update(state="accepted", first_act_at=NOW)
    assert "무응답" not in board()


def test_warns_when_a_pair_has_more_to_do_than_hours(board, pair):
    for day in range(12, 17):
        for hour in (9, 11, 13, 15, 17):
            person = f.PersonFactory(dong=pair.dong)
            f.standing_visit(
                pair, person=person, starts_at=at_seoul(dt.date(2015, 1, day), dt.time(hour)), travel_minutes=20
            )
    problem = board()["과부하"]
    assert problem.text.startswith("A조 이번 주 33시간 20분")
    assert "넘침" in problem.age


def test_says_which_tongs_have_nobody_to_ask(board, dong, counsellor):
    for number in (6, 7):
        Tong.objects.create(dong=dong, number=number, valid_from=dt.date(2014, 7, 1))
    f.TargetFactory(person=f.PersonFactory(dong=dong, tong=7))
    assert board()["공백"].text == "복지통장이 없는 통 1곳, 동의 안내 1명 대기"
    posted("tongjang", "최말숙", "TJ", dong, tongs=[6, 7])
    assert "공백" not in board()


def test_shows_seven_kinds_at_most_the_worst_first(monkeypatch, lead, dong, scope_of):
    from seongbuk import exception_board

    def fake(word):
        return lambda desk: exception_board.Problem(word, "warn", "!", word, "", "", "", "", "/", 1)

    monkeypatch.setattr(exception_board, "KINDS", tuple(fake(f"{n}번") for n in range(9)))
    found = morning(scope_of(lead), dong, weeks=[], at=NOW)
    assert [problem.word for problem in found.problems] == [f"{n}번" for n in range(AT_MOST)]
    assert found.more == ("7번", "8번")
    assert len(KINDS) == 10


def test_looks_at_no_other_dong(board, other_dong, lead_elsewhere):
    f.TargetFactory(person=f.PersonFactory(dong=other_dong), due_on=YESTERDAY)
    assert board() == {}
    assert set(board(lead_elsewhere, other_dong)) == {"지연"}
    assert board(lead_elsewhere, f.DongFactory()) == {}


class TestThePage:
    @pytest.fixture
    def page(self, client, lead):
        client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
        return lambda: client.get("/lead/")

    def test_greets_a_calm_morning(self, page):
        assert "오늘은 밀린 일이 없습니다" in page().content.decode()

    def test_shows_masked_names_of_the_queue_and_logs_them(self, page, dong):
        visit = recorded(f.TargetFactory(person=f.PersonFactory(dong=dong, name="윤길덕")))
        text = page().content.decode()
        assert "윤○덕" in text
        assert "윤길덕" not in text
        assert AccessLog.objects.get(action="lead.home").subjects == [visit.person_id]

    def test_is_for_leads_only(self, client, social):
        client.force_login(social, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get("/lead/").status_code == 403


class TestTheWeekOfAPair:
    def test_counts_half_days_that_both_have_and_visits_with_their_way(self, pair):
        (free,) = pair_weeks([pair], TODAY)
        StaffTime.objects.create(user=pair.social, kind="leave", first_on=TODAY, last_on=TODAY)
        f.standing_visit(pair, starts_at=at_seoul(TODAY + dt.timedelta(1), dt.time(10)), travel_minutes=15)
        (week,) = pair_weeks([pair], TODAY)
        assert week.available == free.available - 150 - 240
        assert (week.used, week.visits) == (75, 1)
        assert week.away == ("오세진 연가",)
        assert week.left == week.available - 75

    def test_takes_a_usual_way_where_none_is_known(self, pair):
        f.standing_visit(pair, starts_at=at_seoul(TODAY, dt.time(10)))
        assert pair_weeks([pair], TODAY)[0].used == 70

    def test_leaves_other_weeks_and_cancelled_visits_out(self, pair):
        f.standing_visit(pair, starts_at=at_seoul(TODAY + dt.timedelta(7), dt.time(10)))
        f.standing_visit(pair, person=f.PersonFactory(), starts_at=at_seoul(TODAY, dt.time(10)), state="cancelled")
        assert pair_weeks([pair], TODAY)[0].used == 0

    def test_promises_no_more_visits_than_the_half_days_hold(self, pair):
        (week,) = pair_weeks([pair], TODAY)
        assert week.more <= week.places
        assert VisitStaff.objects.count() == 0

    def test_promises_no_half_day_that_is_over(self, pair):
        monday, friday = TODAY - dt.timedelta(days=2), TODAY + dt.timedelta(days=2)
        (early,), (late,) = pair_weeks([pair], monday), pair_weeks([pair], friday)
        assert early.available == late.available
        assert early.room == early.left
        assert 0 < late.room < early.room
        assert 0 < late.more < early.more

    def test_shows_the_coming_week_on_a_saturday(self, pair):
        f.standing_visit(pair, starts_at=at_seoul(TODAY + dt.timedelta(days=6), dt.time(10)))
        (week,) = pair_weeks([pair], TODAY + dt.timedelta(days=3))
        assert (week.visits, week.room) == (1, week.left)
