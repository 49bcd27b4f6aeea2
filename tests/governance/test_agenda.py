"""The agenda: order, the item at hand, decisions, what is carried to the next meeting."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from common.refusals import Stale
from governance import agenda, meetings
from governance.models import AgendaItem, Decision, Meeting, Member
from tests.governance import factories as g

AT = g.MEETS_AT
State = AgendaItem.State


def titles(meeting):
    return list(meeting.agenda.order_by("order").values_list("title", flat=True))


@pytest.fixture
def three(committee, manager):
    meeting = g.MeetingFactory(body=committee)
    return [agenda.add_item(meeting, title=name, by=manager, at=AT) for name in ("가", "나", "다")]


def test_puts_items_in_the_order_they_came(three):
    assert titles(three[0].meeting) == ["가", "나", "다"]


def test_moves_an_item_past_its_neighbour_and_stops_at_the_edge(three, manager):
    agenda.move_item(three[2], steps=-1, by=manager, at=AT)
    assert titles(three[0].meeting) == ["가", "다", "나"]
    agenda.move_item(three[2], steps=-1, by=manager, at=AT)
    agenda.move_item(three[2], steps=-1, by=manager, at=AT)
    assert titles(three[0].meeting) == ["다", "가", "나"]


def test_moves_once_when_the_button_is_pressed_twice(three, manager):
    seen = Meeting.objects.get(pk=three[0].meeting_id).version
    agenda.move_item(three[0], steps=1, by=manager, at=AT, version=seen)
    with pytest.raises(Stale):
        agenda.move_item(three[0], steps=1, by=manager, at=AT, version=seen)
    assert titles(three[0].meeting) == ["나", "가", "다"]


def test_puts_an_item_before_all_others(three, manager):
    agenda.add_item(three[0].meeting, title="지난 회의 결정 점검", first=True, by=manager, at=AT)
    assert titles(three[0].meeting)[0] == "지난 회의 결정 점검"


def test_takes_no_items_after_the_meeting(committee, manager):
    meeting = g.MeetingFactory(body=committee, state=Meeting.State.CLOSED)
    with pytest.raises(agenda.AgendaClosed):
        agenda.add_item(meeting, title="늦은 안건", by=manager, at=AT)


def test_has_one_item_at_hand_and_keeps_the_minutes_of_the_one_before(meeting, manager):
    first = g.current_item(meeting, by=manager, title="가")
    later = AT + dt.timedelta(minutes=4)
    second = agenda.start_item(agenda.add_item(meeting, title="나", by=manager, at=AT), by=manager, at=later)
    first.refresh_from_db()
    assert (first.state, second.state) == (State.WAITING, State.CURRENT)
    assert agenda.seconds_spent(first, at=later + dt.timedelta(minutes=9)) == 240
    assert agenda.seconds_spent(second, at=later + dt.timedelta(minutes=2)) == 120
    again = agenda.start_item(first, by=manager, at=later + dt.timedelta(minutes=2))
    assert agenda.seconds_spent(again, at=later + dt.timedelta(minutes=3)) == 300


def test_starts_no_item_before_the_meeting(three, manager):
    with pytest.raises(meetings.MeetingNotOpen):
        agenda.start_item(three[0], by=manager, at=AT)


def test_decides_the_item_at_hand_and_goes_on_to_the_next(meeting, manager):
    item = g.current_item(meeting, by=manager)
    following = agenda.add_item(meeting, title="다음", by=manager, at=AT)
    decision = agenda.decide(item, text="등유 열 가구에 나눔", in_favour=5, by=manager, at=AT)
    item.refresh_from_db(), following.refresh_from_db()
    assert (item.state, following.state, following.started_at) == (State.DECIDED, State.CURRENT, AT)
    assert (decision.in_favour, decision.present) == (5, 5)


@pytest.mark.parametrize("start", [State.WAITING, State.DECIDED, State.POSTPONED, State.WITHDRAWN])
def test_decides_only_the_item_at_hand(meeting, manager, start):
    item = g.AgendaItemFactory(meeting=meeting, state=start)
    with pytest.raises(agenda.IllegalItemMove):
        agenda.decide(item, text="나눔", in_favour=5, by=manager, at=AT)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("start", [State.DECIDED, State.WITHDRAWN])
def test_postpones_nothing_that_is_settled(meeting, manager, start):
    item = g.AgendaItemFactory(meeting=meeting, state=start)
    with pytest.raises(agenda.IllegalItemMove):
        agenda.postpone(item, reason="더 알아봄", by=manager, at=AT)


def test_withdraws_only_what_waits(meeting, manager):
    item = g.current_item(meeting, by=manager)
    with pytest.raises(agenda.IllegalItemMove):
        agenda.withdraw(item, by=manager, at=AT)
    waiting = agenda.add_item(meeting, title="나", by=manager, at=AT)
    assert agenda.withdraw(waiting, by=manager, at=AT).state == State.WITHDRAWN
    assert agenda.withdraw(waiting, by=manager, at=AT).state == State.WITHDRAWN


def test_decides_nothing_without_a_quorum(committee, manager):
    meeting = g.open_meeting(committee, by=manager, present=3)
    item = g.current_item(meeting, by=manager)
    with pytest.raises(agenda.NoQuorum, match="4명"):
        agenda.decide(item, text="나눔", in_favour=3, by=manager, at=AT)
    item.refresh_from_db()
    assert item.state == State.CURRENT


@pytest.mark.parametrize("votes", [0, 2, 6])
def test_carries_nothing_without_more_than_half_or_with_too_many_votes(meeting, manager, votes):
    item = g.current_item(meeting, by=manager)  # five deciding members are present
    with pytest.raises(agenda.NotCarried):
        agenda.decide(item, text="나눔", in_favour=votes, by=manager, at=AT)


def test_answers_a_double_click_with_the_first_decision(meeting, manager):
    item, key = g.current_item(meeting, by=manager), uuid.uuid4()
    first = agenda.decide(item, text="나눔", in_favour=5, by=manager, at=AT, client_key=key)
    assert agenda.decide(item, text="나눔", in_favour=5, by=manager, at=AT, client_key=key) == first
    assert item.decisions.count() == 1


def test_refuses_a_decision_made_from_a_stale_form(meeting, manager, lead):
    item = g.current_item(meeting, by=manager)
    agenda.decide(item, text="열 가구에 나눔", in_favour=5, by=manager, at=AT, version=item.version)
    with pytest.raises(Stale):
        agenda.decide(item, text="다섯 가구에 나눔", in_favour=5, by=lead, at=AT, version=item.version)
    assert item.decisions.get().text == "열 가구에 나눔"


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_parallel_decisions_through(meeting, manager):
    item = g.current_item(meeting, by=manager)

    def decide(text):
        try:
            agenda.decide(item, text=text, in_favour=5, by=manager, at=AT, version=item.version)
            return "decided"
        except Stale:
            return "stale"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, ("가", "나"))) == ["decided", "stale"]
    assert item.decisions.count() == 1


def test_keeps_decisions_as_they_were_written(meeting, manager):
    item = g.current_item(meeting, by=manager)
    decision = agenda.decide(item, text="열 가구에 나눔", in_favour=5, by=manager, at=AT)
    for act in (lambda: Decision.objects.update(text="없던 일"), decision.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    agenda.amend(item, text="열한 가구에 나눔", in_favour=4, by=manager, at=AT)
    assert [d.text for d in item.decisions.all()] == ["열 가구에 나눔", "열한 가구에 나눔"]


def test_amends_nothing_after_the_meeting(meeting, manager):
    item = g.current_item(meeting, by=manager)
    agenda.decide(item, text="열 가구에 나눔", in_favour=5, by=manager, at=AT)
    meetings.close_meeting(meeting, by=manager, at=AT)
    with pytest.raises(meetings.MeetingNotOpen):
        agenda.amend(item, text="없던 일로 함", in_favour=5, by=manager, at=AT)


def test_turns_decisions_into_tasks_with_an_owner_and_a_day(meeting, manager):
    item = g.current_item(meeting, by=manager)
    member = meeting.body.members.get(seat="council")
    todo = agenda.NewTask("등유 나누기", dt.date(2015, 1, 20), member=member)
    decision = agenda.decide(item, text="나눔", in_favour=5, tasks=[todo], by=manager, at=AT)
    task = decision.tasks.get()
    assert (task.what, task.member, task.due_on) == ("등유 나누기", member, dt.date(2015, 1, 20))
    agenda.finish_task(task, by=manager, at=AT)
    assert agenda.finish_task(task, by=manager, at=AT + dt.timedelta(1)).done_at == AT


def test_carries_an_item_to_the_next_meeting_once(meeting, manager):
    following = g.MeetingFactory(body=meeting.body, starts_at=AT + dt.timedelta(7))
    item = g.current_item(meeting, by=manager)
    moved = agenda.postpone(item, reason="가족과 더 이야기함", by=manager, at=AT)
    assert agenda.postpone(item, reason="가족과 더 이야기함", by=manager, at=AT) == moved
    assert (moved.meeting, moved.title, moved.postponed_from) == (following, item.title, item)
    item.refresh_from_db()
    assert item.state == State.POSTPONED
    assert following.agenda.count() == 1


def test_asks_only_advisers_of_the_body_whose_term_reaches_the_meeting(meeting, manager, other_dong):
    item = g.AgendaItemFactory(meeting=meeting)
    standing = meeting.body.members.first()
    former = g.MemberFactory(body=meeting.body, kind=Member.Kind.ADVISORY, valid_to=dt.date(2015, 1, 10))
    stranger = g.MemberFactory(body=g.BodyFactory(dong=other_dong), kind=Member.Kind.ADVISORY)
    for member in (standing, former, stranger):
        with pytest.raises(agenda.NotAnAdviser):
            agenda.invite(item, member, by=manager, at=AT)
