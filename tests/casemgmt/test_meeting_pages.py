"""The meeting on screen: agenda, attendance, decisions, conflicts, and what outside members never get to see."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt import case_agenda, referrals
from casemgmt.models import Case, CaseAgendaItem, PackPledge, Referral
from centers.models import AccessLog
from common.months import seoul_date
from governance import agenda, meetings
from governance.models import AgendaItem, Meeting, Member
from planners.models import VisitAnswer
from tests import factories as f
from tests.casemgmt import factories as c
from tests.casemgmt.conftest import outside_member
from tests.cast import posted
from tests.governance import factories as g
from tests.governance.pages import queries

CANARIES = ("카나리아", "노래하는로", "010-7777-1234", "02-777-1234", "93통", "1949")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def secret(dong):
    """A resident whose identity is easy to spot anywhere in a page."""
    house = f.HouseholdFactory(dong=dong, address="노래하는로 77길 12", address_detail="카나리아빌라 505호", tong=93)
    return f.PersonFactory(
        dong=dong,
        name="카나리아",
        household=house,
        tong=93,
        mobile="010-7777-1234",
        phone="02-777-1234",
        birth_on=dt.date(1949, 7, 7),
    )


@pytest.fixture
def live(body, manager, now):
    return g.open_meeting(body, by=manager, at=now - dt.timedelta(minutes=1))


@pytest.fixture
def item(secret, live, nurse, social, manager, agencies, now):
    """The referral of the secret resident, being talked about; its words name them everywhere."""
    visit = c.done_visit(secret, nurse, social)
    VisitAnswer.objects.create(
        visit=visit, part="social", field="wishes", value="카나리아: 노래하는로 77길에 살고 싶다", by=social, at=now
    )
    referral = referrals.refer(
        secret,
        visit=visit,
        destination="committee",
        need="isolation",
        summary="카나리아 님(010-7777-1234)은 93통 노래하는로 77길 12에 삽니다.",
        wishes="카나리아라고 부르지 않기",
        by=social,
        at=now - dt.timedelta(minutes=1),
    )
    return c.on_the_table(referral, live, by=manager, at=now)


@pytest.fixture
def screen(client):
    """Open or send something as somebody, by the name of the page."""

    def go(user, name, *args, data=None, htmx=False, **query):
        client.force_login(user)
        headers = {"HX-Request": "true"} if htmx else {}
        url = reverse(name, args=args)
        if data is not None:
            return client.post(url, data, headers=headers)
        return client.get(url, query, headers=headers)

    return go


def decision(item, agencies, manager, **given):
    facts = {
        "type": "care_support",
        "lead_agency": f"care_support:{agencies['care_support'].uid}",
        "review_on": committee_days(item)[3],
        "type_reason": "",
        "in_favour": "5",
        "version": str(item.version),
        "client_key": str(uuid.uuid4()),
        "plan-TOTAL_FORMS": "2",
        "plan-INITIAL_FORMS": "0",
        "plan-0-what": "안부 전화와 방문",
        "plan-0-owner": f"u:{manager.uid}",
        "plan-0-due_on": (timezone.localdate() + dt.timedelta(7)).isoformat(),
        "plan-1-what": "",
    }
    return facts | given


def committee_days(item):
    from casemgmt.forms import review_days

    return [key for key, _ in review_days(item.meeting.body, timezone.localdate())]


# ---------------------------------------------------------------- looking


def test_shows_agenda_pack_decision_quorum_and_clock(screen, item, live, manager):
    answer = screen(manager, "meeting", live.uid).content.decode()
    for words in (
        "정족수 채움 · 출석 5, 필요 4",
        "사례 자료",
        "팀 제안은 돌봄지원",
        "data-timer",
        "다음 점검일",
    ):
        assert words in answer


def test_tells_names_of_residents_to_nobody_on_the_meeting_screen(screen, item, live, manager):
    answer = screen(manager, "meeting", live.uid).content.decode()
    assert [word for word in CANARIES if word in answer] == []


def test_notes_whose_pack_was_shown(screen, item, live, manager, secret):
    screen(manager, "meeting", live.uid)
    assert AccessLog.objects.filter(action="committee.meeting").latest("id").subjects == [secret.pk]


def test_answers_another_dong_as_if_there_were_nothing(screen, item, live, lead_elsewhere):
    row = CaseAgendaItem.objects.get(item=item)
    for name, uid in (
        ("meeting", live.uid),
        ("meeting_minutes", live.uid),
        ("committee", live.body.uid),
        ("referral_detail", row.referral.uid),
        ("referral_for_visit", row.referral.visit.uid),
    ):
        assert screen(lead_elsewhere, name, uid).status_code == 404
    for name in ("meeting_decide", "meeting_decline", "meeting_postpone", "meeting_item_start", "meeting_draft"):
        assert screen(lead_elsewhere, name, item.uid, data={}).status_code == 404
    for name in ("meeting_open", "meeting_close", "meeting_attend", "meeting_note", "meeting_cancel"):
        assert screen(lead_elsewhere, name, live.uid, data={}).status_code == 404
    assert not Case.objects.exists()


def test_lets_readers_read_and_change_nothing(screen, item, live, counsellor, social):
    assert screen(counsellor, "meeting", live.uid).status_code == 200
    assert "meeting_decide" not in screen(counsellor, "meeting", live.uid).content.decode()
    for user in (counsellor, social):
        assert screen(user, "meeting_decide", item.uid, data={}).status_code == 403
        assert screen(user, "meeting_close", live.uid, data={}).status_code == 403


def test_shows_a_planner_the_meeting_about_their_own_referral_only(screen, item, live, social, nurse):
    assert screen(social, "meeting", live.uid).status_code == 200
    Member.objects.filter(name="한지은").update(valid_to=timezone.localdate())
    assert screen(nurse, "meeting", live.uid).status_code == 404


# ---------------------------------------------------------------- outside members


def everything_an_outsider_can_open(screen, user, item, live):
    answers = []
    for name, args in (
        ("committees", ()),
        ("committee", (live.body.uid,)),
        ("meeting", (live.uid,)),
        ("meeting_minutes", (live.uid,)),
        ("cases", ()),
    ):
        answer = screen(user, name, *args)
        answers.append(answer.content.decode() if answer.status_code == 200 else "")
    answers += [screen(user, "case", case.uid).content.decode() for case in Case.objects.all()]
    return answers


def test_opens_the_pack_to_an_outside_member_after_a_promise(screen, item, live, outsider, secret):
    before = screen(outsider, "meeting", live.uid).content.decode()
    assert "무엇이 어려운가" not in before
    assert "자료 열기" in before
    assert AccessLog.objects.filter(action="committee.meeting").latest("id").subjects == []
    screen(outsider, "meeting_pledge", item.uid, data={"promise": "no"})
    assert not PackPledge.objects.exists()
    screen(outsider, "meeting_pledge", item.uid, data={"promise": "yes"})
    after = screen(outsider, "meeting", live.uid).content.decode()
    assert "무엇이 어려운가" in after
    assert "watermark" in after and outsider.name in after
    assert AccessLog.objects.filter(action="committee.meeting").latest("id").subjects == [secret.pk]


def test_keeps_every_sign_of_identity_from_outside_members(screen, item, live, outsider, agencies, manager, secret):
    screen(outsider, "meeting_pledge", item.uid, data={"promise": "yes"})
    pages = everything_an_outsider_can_open(screen, outsider, item, live)
    seat = live.body.members.get(user=outsider)
    data = decision(
        item,
        agencies,
        manager,
        **{"plan-0-what": "카나리아 님 댁 방문(노래하는로 77길 12)", "plan-0-owner": f"m:{seat.uid}"},
    )
    assert screen(manager, "meeting_decide", item.uid, data=data).status_code == 302
    pages += everything_an_outsider_can_open(screen, outsider, item, live)
    assert any("본인 님 댁 방문" in text for text in pages)
    found = {word for word in CANARIES for text in pages if word in text}
    assert found == set()
    for text in pages:
        assert "/residents/" not in text  # no search


def test_gives_outside_members_no_search_no_register_no_referrals(screen, item, outsider, secret):
    row = CaseAgendaItem.objects.get(item=item)
    assert screen(outsider, "referrals").status_code == 403
    assert screen(outsider, "referral_detail", row.referral.uid).status_code == 403
    assert screen(outsider, "agencies").status_code == 403
    assert screen(outsider, "person_cases", secret.uid).status_code == 403
    assert screen(outsider, "governance").status_code == 403


def test_lets_outside_members_decide_nothing_on_screen(screen, item, live, outsider, agencies, manager):
    data = decision(item, agencies, manager)
    assert screen(outsider, "meeting_decide", item.uid, data=data).status_code == 403
    assert screen(outsider, "meeting_attend", live.uid, data={}).status_code == 403
    assert not Case.objects.exists()


def test_hides_other_committees_from_an_outside_member(screen, item, live, other_dong):
    stranger = outside_member(g.full_committee(other_dong), username="stranger")
    assert screen(stranger, "meeting", live.uid).status_code == 404
    assert screen(stranger, "committee", live.body.uid).status_code == 404
    assert screen(stranger, "meeting_pledge", item.uid, data={"promise": "yes"}).status_code == 404


def test_ends_with_the_term_at_the_next_request(screen, item, live, outsider):
    assert screen(outsider, "meeting", live.uid).status_code == 200
    Member.objects.filter(user=outsider).update(valid_to=timezone.localdate())
    assert screen(outsider, "meeting", live.uid).status_code == 404


def test_shows_an_outside_member_own_tasks_without_identity(screen, item, live, outsider, agencies, manager):
    seat = live.body.members.get(user=outsider)
    screen(
        manager, "meeting_decide", item.uid, data=decision(item, agencies, manager, **{"plan-0-owner": f"m:{seat.uid}"})
    )
    case = Case.objects.get()
    assert case.number in screen(outsider, "cases").content.decode()
    answer = screen(outsider, "case", case.uid).content.decode()
    assert "안부 전화와 방문" in answer
    screen(outsider, "case_plan_done", case.plan.get().uid, data={})
    assert case.plan.get().done_at is not None
    assert screen(outsider, "case", case.uid).status_code == 404  # no task left, nothing to see


def test_lets_a_member_answer_the_invitation_for_themselves_only(screen, body, outsider, now):
    planned = g.MeetingFactory(body=body, starts_at=now + dt.timedelta(3))
    screen(outsider, "meeting_reply", planned.uid, data={"coming": "yes"})
    assert planned.replies.get().is_coming
    other = body.members.get(seat="nurse")
    assert screen(outsider, "meeting_reply", planned.uid, data={"coming": "no", "member": other.uid}).status_code == 403


# ---------------------------------------------------------------- running the meeting


def test_opens_attends_and_closes_from_the_screen(screen, body, manager, now):
    meeting = g.MeetingFactory(body=body, starts_at=now)
    screen(manager, "meeting_open", meeting.uid, data={})
    member = body.members.get(seat="resident")
    for _ in range(2):
        screen(manager, "meeting_attend", meeting.uid, data={"member": member.uid, "state": "present"}, htmx=True)
    assert meeting.attendance.get().state == "present"
    screen(manager, "meeting_close", meeting.uid, data={})
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.CLOSED


def test_closes_with_a_reason_for_what_is_left(screen, item, live, manager):
    refused = screen(manager, "meeting_close", live.uid, data={})
    assert refused.status_code == 422
    assert "1건" in refused.content.decode()
    screen(manager, "meeting_close", live.uid, data={"carry_reason": "시간이 모자람"})
    live.refresh_from_db()
    assert live.state == Meeting.State.CLOSED
    assert AgendaItem.objects.filter(postponed_from=item).exists()


def test_builds_an_agenda_from_the_ticked_proposals(screen, body, referral, manager, now):
    planned = g.MeetingFactory(body=body, starts_at=now + dt.timedelta(3))
    keys = [p.key for p in case_agenda.proposals(planned)]
    screen(manager, "meeting_take_up", planned.uid, data={"key": keys})
    assert planned.agenda.get().title == referral.code
    screen(manager, "meeting_item_add", planned.uid, data={"title": "겨울 난방", "note": "", "minutes": "10"})
    item = planned.agenda.get(title="겨울 난방")
    planned.refresh_from_db()
    for _ in range(2):  # a double click moves once
        screen(manager, "meeting_item_move", item.uid, data={"to": "up", "version": planned.version})
    assert list(planned.agenda.values_list("title", flat=True)) == ["겨울 난방", referral.code]
    screen(manager, "meeting_item_withdraw", item.uid, data={})
    assert not planned.agenda.exclude(state="withdrawn").filter(title="겨울 난방").exists()


def test_moves_and_cancels_a_planned_meeting(screen, body, manager, now):
    planned = g.MeetingFactory(body=body, starts_at=now + dt.timedelta(3))
    day = timezone.localdate() + dt.timedelta(5)
    data = {"on": day.isoformat(), "clock": "10:00", "place": "1층", "version": planned.version}
    screen(manager, "meeting_move", planned.uid, data=data)
    planned.refresh_from_db()
    assert (seoul_date(planned.starts_at), planned.place) == (day, "1층")
    screen(manager, "meeting_cancel", planned.uid, data={"reason": "방역"})
    planned.refresh_from_db()
    assert planned.state == Meeting.State.CANCELLED


def test_invites_one_adviser_to_one_item(screen, item, live, body, manager):
    adviser = outside_member(body, "윤정호", username="adviser", kind="advisory", seat="mental_health")
    seat = body.members.get(user=adviser)
    assert screen(adviser, "meeting", live.uid).status_code == 404
    screen(manager, "meeting_invite", item.uid, data={"member": seat.uid})
    assert screen(adviser, "meeting", live.uid).status_code == 200


# ---------------------------------------------------------------- deciding on screen


def test_opens_a_case_from_the_form_and_goes_on(screen, item, live, agencies, manager):
    following = agenda.add_item(live, title="다음", by=manager, at=timezone.now())
    answer = screen(manager, "meeting_decide", item.uid, data=decision(item, agencies, manager))
    assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.type, case.lead_agency, case.plan.get().owner) == (
        "care_support",
        agencies["care_support"],
        manager,
    )
    following.refresh_from_db()
    assert following.state == AgendaItem.State.CURRENT


def test_opens_one_case_for_a_form_sent_twice(screen, item, agencies, manager):
    data = decision(item, agencies, manager)
    for _ in range(2):
        assert screen(manager, "meeting_decide", item.uid, data=data).status_code == 302
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "living_support", "lead_agency": "living"}, "다르게 정하는 까닭"),
        ({"lead_agency": ""}, "주 사례관리기관"),
        ({"plan-0-owner": ""}, "누가 할지"),
        ({"plan-0-what": "", "plan-0-owner": "", "plan-0-due_on": ""}, "할 일을 하나 넘게"),
        ({"in_favour": "1"}, "절반"),
    ],
)
def test_gives_the_form_back_with_what_is_missing(screen, item, agencies, manager, given, said):
    if given.get("lead_agency") == "living":
        given = given | {"lead_agency": f"living_support:{agencies['living_support'].uid}"}
    answer = screen(manager, "meeting_decide", item.uid, data=decision(item, agencies, manager, **given))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Case.objects.exists()


def test_shows_both_texts_when_somebody_else_decided_first(screen, item, agencies, manager, lead):
    data = decision(item, agencies, manager)
    screen(lead, "meeting_decide", item.uid, data=data | {"client_key": str(uuid.uuid4())})
    answer = screen(manager, "meeting_decide", item.uid, data=data)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "통합사례로 정함" in text
    assert "안부 전화와 방문" in text
    assert "박현숙" in text
    assert Case.objects.count() == 1


def test_declines_and_postpones_from_the_screen(screen, item, manager):
    wrong = screen(manager, "meeting_decline", item.uid, data={"reason": "", "in_favour": "5", "version": item.version})
    assert wrong.status_code == 422
    data = {"reason": "가족이 돌봄", "in_favour": "5", "version": item.version, "client_key": uuid.uuid4()}
    assert screen(manager, "meeting_decline", item.uid, data=data).status_code == 302
    assert Referral.objects.get().state == Referral.State.REJECTED


def test_postpones_to_the_next_meeting_from_the_screen(screen, item, manager):
    data = {"reason": "가족과 더 이야기함", "version": item.version}
    assert screen(manager, "meeting_postpone", item.uid, data=data).status_code == 302
    assert AgendaItem.objects.get(postponed_from=item).title == item.title


def test_decides_items_about_no_case_in_words_with_tasks(screen, live, manager):
    item = g.current_item(live, by=manager, at=timezone.now())
    data = {
        "text": "등유를 열 가구에 나눔",
        "in_favour": "5",
        "version": item.version,
        "client_key": uuid.uuid4(),
        "plan-TOTAL_FORMS": "1",
        "plan-INITIAL_FORMS": "0",
        "plan-0-what": "등유 나누기",
        "plan-0-owner": f"u:{manager.uid}",
        "plan-0-due_on": timezone.localdate().isoformat(),
    }
    assert screen(manager, "meeting_decide", item.uid, data=data).status_code == 302
    task = item.decisions.get().tasks.get()
    screen(manager, "committee_task_done", task.uid, data={})
    task.refresh_from_db()
    assert task.done_at is not None


def test_decides_about_a_running_case_from_the_form(screen, item, live, agencies, manager):
    screen(manager, "meeting_decide", item.uid, data=decision(item, agencies, manager))
    case = Case.objects.get()
    later = agenda.start_item(
        case_agenda.put_case(case, meeting=live, by=manager, at=timezone.now()), by=manager, at=timezone.now()
    )
    day = committee_days(item)[6]
    data = {
        "outcome": "continue",
        "text": "식사가 나아짐",
        "review_on": day,
        "in_favour": "5",
        "version": later.version,
        "client_key": uuid.uuid4(),
        "plan-TOTAL_FORMS": "0",
        "plan-INITIAL_FORMS": "0",
    }
    assert screen(manager, "meeting_decide", later.uid, data=data).status_code == 302
    case.refresh_from_db()
    assert case.review_on.isoformat() == day
    assert "이어 감" in screen(manager, "meeting_minutes", live.uid).content.decode()


# ---------------------------------------------------------------- nothing typed is lost


def test_keeps_what_is_being_written_and_shows_it_again(screen, item, live, agencies, manager):
    data = decision(item, agencies, manager, type_reason="이웃이 가깝습니다.", draft_version="0")
    saved = screen(manager, "meeting_draft", item.uid, data=data, htmx=True).content.decode()
    assert "저절로 저장" in saved
    again = screen(manager, "meeting", live.uid).content.decode()
    assert "이웃이 가깝습니다." in again
    assert 'value="안부 전화와 방문"' in again


def test_adds_a_line_for_one_more_task_without_script(screen, item, live, agencies, manager):
    data = decision(item, agencies, manager, draft_version="0", more="1")
    assert screen(manager, "meeting_draft", item.uid, data=data).status_code == 302
    assert 'name="plan-2-what"' in screen(manager, "meeting", live.uid).content.decode()


def test_warns_the_second_writer_of_a_draft(screen, item, agencies, manager, lead):
    data = decision(item, agencies, manager, draft_version="0")
    screen(manager, "meeting_draft", item.uid, data=data, htmx=True)
    other = screen(lead, "meeting_draft", item.uid, data=data | {"type_reason": "다름"}, htmx=True).content.decode()
    assert "강태호" in other
    assert CaseAgendaItem.objects.get(item=item).draft.get("type_reason") is None


def test_shows_both_notes_when_two_people_wrote_the_minutes(screen, live, manager, lead):
    screen(lead, "meeting_note", live.uid, data={"text": "난방비를 먼저", "version": 1})
    answer = screen(manager, "meeting_note", live.uid, data={"text": "다음 주에 다시", "version": 1})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "난방비를 먼저" in text and "다음 주에 다시" in text
    assert 'name="version" value="2"' in text
    screen(manager, "meeting_note", live.uid, data={"text": "난방비를 먼저\n다음 주에 다시", "version": 2})
    live.refresh_from_db()
    assert live.minutes_note == "난방비를 먼저\n다음 주에 다시"


# ---------------------------------------------------------------- minutes, figures, speed


def test_prints_minutes_with_attendance_decisions_and_signatures(screen, item, live, agencies, manager):
    screen(manager, "meeting_decide", item.uid, data=decision(item, agencies, manager))
    text = screen(manager, "meeting_minutes", live.uid).content.decode()
    for words in ("상시위원 7명 중 5명 출석", "통합사례로 정함", "찬성 5 / 5", "print-sign", "안부 전화와 방문"):
        assert words in text
    assert "카나리아" not in text


def test_shows_the_district_office_counts_and_no_meetings(screen, item, live, office):
    text = screen(office, "committees").content.decode()
    assert "장위1동 복지통합사례관리위원회" in text
    assert str(live.body.uid) not in text
    assert screen(office, "committee", live.body.uid).status_code == 404
    assert screen(office, "meeting", live.uid).status_code == 404


def test_shows_the_dong_head_the_meeting_but_not_the_pack(screen, item, live, dong):
    head = posted("head", "하은주", "DH", dong)
    text = screen(head, "meeting", live.uid).content.decode()
    assert "자료를 볼 수 없습니다" in text
    assert "무엇이 어려운가" not in text


@pytest.mark.parametrize("name", ["meeting", "meeting_minutes"])
def test_asks_the_database_as_often_for_thirty_items_as_for_three(live, manager, social, nurse, dong, name):
    def fill(count):
        for _ in range(count):
            person = f.PersonFactory(dong=dong)
            visit = c.done_visit(person, nurse, social)
            referral = c.ReferralFactory(person=person, visit=visit, sent_by=social)
            case_agenda.put_on_agenda(referral, meeting=live, by=manager, at=timezone.now())

    fill(3)
    few = queries(manager, name, live.uid)
    fill(27)
    assert queries(manager, name, live.uid) == few


def test_asks_the_database_as_often_for_thirty_waiting_as_for_three(body, manager, social, nurse, dong):
    def fill(count):
        for _ in range(count):
            person = f.PersonFactory(dong=dong)
            c.ReferralFactory(person=person, visit=c.done_visit(person, nurse, social), sent_by=social)
            c.CaseFactory(
                referral=c.ReferralFactory(person=f.PersonFactory(dong=dong), state="done"),
                review_on=dt.date(2015, 1, 15),
                lead_agency=lead_agency,
            )

    lead_agency = c.AgencyFactory()
    fill(3)
    few = queries(manager, "committee", body.uid)
    fill(27)
    assert queries(manager, "committee", body.uid) == few


def test_decides_nothing_on_screen_once_the_quorum_is_lost(screen, item, live, agencies, manager):
    for member in live.body.members.all()[:2]:
        meetings.attend(live, member, state="absent", by=manager, at=timezone.now())
    answer = screen(manager, "meeting_decide", item.uid, data=decision(item, agencies, manager, in_favour="3"))
    assert answer.status_code == 422
    assert "정족수가 모자라" in answer.content.decode()
    assert not Case.objects.exists()
