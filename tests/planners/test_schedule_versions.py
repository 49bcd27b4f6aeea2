"""Versions of a month laid side by side: what moved from where to where, what is new or gone, and why."""

import datetime as dt

import pytest
from django.urls import reverse

from planners.models import Schedule
from planners.months import schedule_diff, schedule_moves, scheduling
from staffing.models import StaffTime
from tests import factories as f
from tests.planners.test_schedules import AT, TODAY, draft, waiting_visit

pytestmark = pytest.mark.django_db


def kinds(found) -> dict[int, tuple[str, str]]:
    return {d.visit.pk: (d.kind, d.why) for d in found.differences}


def test_names_who_is_new_because_of_a_consent_and_who_stays(dong, pair, lead):
    stays = waiting_visit(dong)
    silent = waiting_visit(dong, consent=False)
    first = scheduling.publish(draft(dong), by=lead, at=AT)
    f.ConsentFactory(person=silent.person, answered_on=dt.date(2015, 2, 19), at=AT + dt.timedelta(hours=1))
    found = schedule_diff.compare(first, draft(dong))
    rows = kinds(found)
    assert rows[silent.pk][0] == schedule_diff.NEW
    assert "2월 19일" in rows[silent.pk][1]
    assert stays.pk not in rows or rows[stays.pk][0] == schedule_diff.RETIMED


def test_says_whose_leave_moved_a_visit_and_from_where_to_where(dong, pair):
    visit = waiting_visit(dong)
    first = draft(dong)
    before = first.placements.get()
    StaffTime.objects.create(user=pair.social, kind="leave", first_on=before.on, last_on=before.on)
    row = schedule_diff.compare(first, draft(dong)).differences[0]
    assert (row.kind, row.visit) == (schedule_diff.MOVED, visit)
    assert row.before.on == before.on != row.after.on
    assert "오세진 님이" in row.why
    assert "연가" in row.why


def test_says_that_the_lead_moved_a_visit_and_took_another_out(dong, pair, lead):
    moved, out = waiting_visit(dong), waiting_visit(dong)
    first, second = draft(dong), draft(dong)
    board = schedule_moves.DraftBoard(second, today=TODAY)
    place = next(c for c in board.choices(moved) if c.is_open and c.on.day > 20)
    schedule_moves.move(second, moved, place.session, by=lead, today=TODAY)
    schedule_moves.take_out(second, out, by=lead, today=TODAY)
    rows = kinds(schedule_diff.compare(first, second))
    assert rows[moved.pk] == (schedule_diff.MOVED, "팀장이 옮겼습니다.")
    assert rows[out.pk] == (schedule_diff.GONE, "박현숙 님이 초안에서 뺐습니다.")


def test_does_not_call_a_day_that_is_over_gone(dong, pair, lead):
    waiting_visit(dong, due=dt.date(2015, 3, 4))
    waiting_visit(dong, release_on=dt.date(2015, 3, 20))
    first = draft(dong)
    second = draft(dong, today=dt.date(2015, 3, 10))
    assert first.placements.count() == 2
    assert schedule_diff.compare(first, second).of(schedule_diff.GONE) == []


def test_shows_the_changes_to_the_live_plan_and_lets_any_version_be_opened(client, dong, pair, lead):
    visit = waiting_visit(dong)
    live = scheduling.publish(draft(dong), by=lead, at=AT)
    waiting_visit(dong)
    second = draft(dong)
    scheduling.discard(draft(dong))
    client.force_login(lead)
    text = client.get(reverse("schedule_changes", args=[second.uid])).content.decode()
    assert "1번째 공개됨 → 2번째 초안" in text
    assert "새로 들어감" in text
    assert visit.person.name not in text
    for row in Schedule.objects.all():
        assert client.get(reverse("schedule", args=[row.uid])).status_code == 200
    assert reverse("schedule", args=[live.uid]) in client.get(reverse("schedule", args=[second.uid])).content.decode()


def test_asks_the_database_as_often_for_12_changes_as_for_3(signed_in, dong, pair, lead, queries_of):
    client, counts = signed_in(lead), []
    client.get(reverse("schedules"))  # the session notes that somebody is there
    for extra in (3, 9):
        waiting_visit(dong)
        base = draft(dong)
        for n in range(extra):
            waiting_visit(dong, east=n / 600)
        url = reverse("schedule_changes", args=[draft(dong).uid]) + f"?against={base.uid}"
        counts.append(queries_of(lambda url=url: client.get(url)))
    assert counts[0] == counts[1]


def test_hides_the_versions_of_another_dong(client, dong, pair, lead_elsewhere):
    waiting_visit(dong)
    client.force_login(lead_elsewhere)
    assert client.get(reverse("schedule_changes", args=[draft(dong).uid])).status_code == 404
