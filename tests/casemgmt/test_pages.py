"""Pages of referrals, agencies and cases: who may open and change them, what they show, what two people do at once."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casemgmt import case_endings, case_figures, cases, referrals
from casemgmt.models import Agency, Case, Referral
from centers.models import AccessLog
from planners.models import Visit
from tests import factories as f
from tests.casemgmt import factories as c
from tests.cast import posted
from tests.governance.pages import queries


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def screen(client):
    def go(user, name, *args, data=None, htmx=False, **query):
        client.force_login(user)
        headers = {"HX-Request": "true"} if htmx else {}
        url = reverse(name, args=args)
        return client.post(url, data, headers=headers) if data is not None else client.get(url, query, headers=headers)

    return go


@pytest.fixture
def center(dong):
    return c.AgencyFactory(name="장위1동 마을복지센터", kind=Agency.Kind.DONG_CENTER, dong=dong)


@pytest.fixture
def outside(db):
    return c.AgencyFactory(name="햇살종합복지관", kind=Agency.Kind.WELFARE_CENTER)


@pytest.fixture
def sent(resident, center, social, now):
    return referrals.refer(
        resident,
        destination="agency",
        agency=center,
        need="income",
        summary="월세가 석 달 밀렸습니다.",
        by=social,
        at=now - dt.timedelta(1),
    )


@pytest.fixture
def case(resident, agencies, manager, body):
    return c.CaseFactory(
        referral=c.ReferralFactory(person=resident, state="done", sent_by=manager, first_act_at=c.AT, ended_at=c.AT),
        lead_agency=agencies["living_support"],
        manager=manager,
        review_on=timezone.localdate() + dt.timedelta(3),
    )


def letter(**given):
    facts = {
        "destination": "committee",
        "need": "isolation",
        "summary": "난방을 끄고 지냅니다.",
        "wishes": "",
        "client_key": str(uuid.uuid4()),
    }
    return facts | given


# ---------------------------------------------------------------- referrals: sending


def test_sends_a_referral_from_the_persons_page(resident, counsellor, body):
    url = reverse("referral_new") + f"?person={resident.uid}"
    answer = post(counsellor, url, letter())
    assert answer.status_code == 302
    assert Referral.objects.get().sent_by == counsellor


def post(user, url, data):
    """Open a form and send it."""
    client = Client()
    client.force_login(user)
    assert client.get(url).status_code == 200
    return client.post(url, data)


def test_sends_once_when_the_form_comes_twice(resident, counsellor):
    url, data = reverse("referral_new") + f"?person={resident.uid}", letter()
    for _ in range(2):
        assert post(counsellor, url, data).status_code == 302
    assert Referral.objects.count() == 1


def test_asks_for_consent_and_keeps_what_was_written(resident, counsellor, outside, wording):
    url = reverse("referral_new") + f"?person={resident.uid}"
    data = letter(destination="agency", agency=str(outside.uid))
    answer = post(counsellor, url, data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "본인의 동의가 없습니다" in text and "난방을 끄고 지냅니다." in text
    answer = post(counsellor, url, data | {"agreed": "on", "items": ["contact", "needs"], "channel": "phone"})
    assert answer.status_code == 302
    referral = Referral.objects.get()
    assert (referral.consent.recipient, referral.consent.items) == (outside.name, ["contact", "needs"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"destination": "agency"}, "보낼 기관"),
        ({"destination": "service"}, "어떤 서비스"),
        ({"agreed": "on", "items": []}, "항목"),
        ({"summary": ""}, "필수"),
    ],
)
def test_says_which_field_is_missing(resident, counsellor, given, said):
    answer = post(counsellor, reverse("referral_new") + f"?person={resident.uid}", letter(**given))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Referral.objects.exists()


def test_lets_planners_refer_the_people_they_visit_only(resident, social, nurse, dong):
    url = reverse("referral_new") + f"?person={resident.uid}"
    client = Client()
    client.force_login(social)
    assert client.get(url).status_code == 403
    c.done_visit(resident, nurse, social)
    assert client.get(url).status_code == 200


def test_knows_no_person_of_another_dong(screen, other_dong, counsellor):
    stranger = f.PersonFactory(dong=other_dong)
    for person in (stranger.uid, "nonsense", ""):
        assert screen(counsellor, "referral_new", person=person).status_code == 404


def test_offers_a_form_inside_the_daily_case_meeting(screen, resident, nurse, social, body):
    visit = c.done_visit(resident, nurse, social)
    fragment = screen(social, "referral_for_visit", visit.uid, htmx=True).content.decode()
    assert "<html" not in fragment
    assert 'hx-post="' in fragment
    whole = screen(social, "referral_for_visit", visit.uid).content.decode()
    assert "<html" in whole


def test_links_and_closes_a_managed_visit_from_the_case_meeting(screen, resident, nurse, social, lead, body):
    visit = c.done_visit(resident, nurse, social)
    answer = screen(lead, "referral_for_visit", visit.uid, data=letter(), htmx=True)
    assert answer.headers["HX-Trigger"] == "visit-linked"
    assert "보냈습니다" in answer.content.decode()
    visit.refresh_from_db()
    assert (visit.state, visit.linked_at is not None) == (Visit.State.CLOSED, True)
    assert AccessLog.objects.filter(action="referral.send").latest("id").subjects == [resident.pk]


# ---------------------------------------------------------------- referrals: lists and answers


def test_puts_late_referrals_on_top_with_who_must_act(screen, dong, center, social, lead, now):
    def send(name, days):
        person = f.PersonFactory(dong=dong, name=name)
        facts = {"destination": "agency", "agency": center, "summary": "난방", "need": "income"}
        return referrals.refer(person, **facts, by=social, at=now - dt.timedelta(days))

    send("나중에", 1), send("늦은이", 11), send("급한이", 20)
    text = screen(lead, "referrals").content.decode()
    assert text.index("급○이") < text.index("늦○이") < text.index("나○에")
    assert "기관 책임자에게 연락" in text and "팀장에게 알림" in text
    assert "2건 늦음" in text
    assert "급한이" not in text  # names in lists are masked


def test_pages_through_a_long_list_without_losing_or_repeating(dong, lead, now):
    made = {
        c.ReferralFactory(
            person=f.PersonFactory(dong=dong),
            due_at=now + dt.timedelta(hours=n // 3),
            destination="service",
            service="긴급지원",
        ).pk
        for n in range(120)
    }
    seen, url = [], reverse("referrals")
    client = Client()
    client.force_login(lead)
    while url:
        page = client.get(url)
        seen += [line["referral"].pk for line in page.context["lines"]]
        url = page.context["next_url"] and reverse("referrals") + page.context["next_url"]
    assert len(seen) == 120 and set(seen) == made


@pytest.mark.parametrize("after", ["x|1", "2015-13-01T00:00|1", "|", "2015-01-01T00:00:00+00:00|abc", "9" * 99])
def test_ignores_an_address_somebody_made_up(screen, lead, sent, after):
    assert screen(lead, "referrals", after=after).status_code == 200
    assert screen(lead, "cases", after=after).status_code == 200


def test_walks_a_referral_to_its_end_on_screen(screen, sent, social):
    screen(social, "referral_act", sent.uid, "accept", data={"note": "담당 노은채", "version": 1})
    screen(social, "referral_act", sent.uid, "finish", data={"note": "긴급지원 30만 원", "version": 2})
    sent.refresh_from_db()
    assert (sent.state, sent.end_note) == (Referral.State.DONE, "긴급지원 30만 원")


def test_gives_the_text_back_when_an_act_is_refused(screen, sent, social):
    answer = screen(social, "referral_act", sent.uid, "reject", data={"note": "", "version": 1})
    assert answer.status_code == 422
    answer = screen(social, "referral_act", sent.uid, "finish", data={"note": "도시락 시작", "version": 1})
    assert answer.status_code == 422
    assert "도시락 시작" in answer.content.decode()


def test_shows_both_sides_when_two_people_answer(screen, sent, social, lead):
    screen(lead, "referral_act", sent.uid, "accept", data={"note": "담당 노은채가 전화함", "version": 1})
    answer = screen(social, "referral_act", sent.uid, "reject", data={"note": "대상이 아님", "version": 1})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "담당 노은채가 전화함" in text and "대상이 아님" in text and "박현숙" in text


def test_leaves_the_committees_answer_to_its_meeting(screen, referral, manager):
    answer = screen(manager, "referral_act", referral.uid, "accept", data={"note": "받음", "version": 1})
    assert answer.status_code == 422
    referral.refresh_from_db()
    assert referral.state == Referral.State.SENT


def test_hands_over_on_screen(screen, sent, social, counsellor, nurse_elsewhere):
    data = {"to": counsellor.pk, "note": "금요일에 다시 전화", "version": 1}
    assert screen(social, "referral_hand_over", sent.uid, data=data | {"to": nurse_elsewhere.pk}).status_code == 422
    assert screen(social, "referral_hand_over", sent.uid, data=data).status_code == 302
    sent.refresh_from_db()
    assert sent.owner == counsellor


def test_puts_a_waiting_referral_on_the_next_agenda_on_screen(screen, referral, body, manager, counsellor):
    assert screen(counsellor, "referral_agenda", referral.uid, data={}).status_code == 403
    answer = screen(manager, "referral_agenda", referral.uid, data={})
    assert answer.status_code == 302
    assert referral.agenda.get().item.title == referral.code


def test_keeps_referrals_of_other_dongs_out_of_sight(screen, sent, lead_elsewhere):
    assert screen(lead_elsewhere, "referral_detail", sent.uid).status_code == 404
    assert screen(lead_elsewhere, "referral_act", sent.uid, "accept", data={"version": 1}).status_code == 404
    assert "김○순" not in screen(lead_elsewhere, "referrals").content.decode()


def test_lets_readers_of_the_dong_read_only(screen, sent, nurse):
    assert screen(nurse, "referral_detail", sent.uid).status_code == 200
    assert screen(nurse, "referral_act", sent.uid, "accept", data={"note": "x", "version": 1}).status_code == 403


def test_lets_the_health_center_answer_what_was_sent_there(screen, resident, social, now):
    health = posted("health", "서보라", "HC")
    clinic = c.AgencyFactory(name="성북구 보건소", kind=Agency.Kind.HEALTH_CENTER)
    referral = referrals.refer(
        resident, destination="agency", agency=clinic, need="chronic_illness", summary="혈압", by=social, at=now
    )
    answer = screen(health, "referral_act", referral.uid, "accept", data={"note": "방문 예약", "version": 1})
    assert answer.status_code == 302
    referral.refresh_from_db()
    assert referral.state == Referral.State.ACCEPTED


@pytest.mark.parametrize("role", ["IM", "GU", "AU", "SA", "TJ", "DH", "EX"])
def test_keeps_referrals_from_roles_without_them(screen, sent, dong, role):
    user = posted(f"user{role}", "문지호", role, dong if role in ("TJ", "DH") else None)
    assert screen(user, "referrals").status_code == 403
    assert screen(user, "referral_detail", sent.uid).status_code == 403


# ---------------------------------------------------------------- the person's page


def test_shows_a_person_with_what_one_may_not_see(screen, resident, social, nurse, lead, case, other_dong):
    elsewhere = c.ReferralFactory(person=resident, dong=other_dong, destination="service", service="긴급지원")
    text = screen(lead, "person_cases", resident.uid).content.decode()
    assert case.number in text
    assert "의뢰 1건은 볼 수 없습니다" in text
    assert str(elsewhere.uid) not in text
    text = screen(nurse, "person_cases", resident.uid).content.decode()
    assert case.number not in text
    assert "사례 1건은 볼 수 없습니다" in text
    assert AccessLog.objects.filter(action="person.cases").latest("id").subjects == [resident.pk]


def test_answers_for_strangers_like_for_nobody(screen, lead_elsewhere, resident, case):
    assert screen(lead_elsewhere, "person_cases", resident.uid).status_code == 404
    assert screen(lead_elsewhere, "person_cases", uuid.uuid4()).status_code == 404


# ---------------------------------------------------------------- agencies


def test_searches_agencies_for_everybody_who_refers(screen, nurse, center, outside):
    text = screen(nurse, "agencies", q="햇살", dong="").content.decode()
    assert "햇살종합복지관" in text and "장위1동 마을복지센터" not in text
    assert "기관 더하기" not in text
    assert screen(nurse, "agency_new").status_code == 403


def test_registers_and_changes_an_agency(screen, manager):
    data = {
        "name": "이웃살핌단",
        "kind": "resident_group",
        "services": "안부 전화\n말벗",
        "answer_days": "5",
        "case_limit": "10",
    }
    assert screen(manager, "agency_new", data=data).status_code == 302
    agency = Agency.objects.get(name="이웃살핌단")
    assert agency.services == ["안부 전화", "말벗"]
    again = screen(manager, "agency_new", data=data)
    assert again.status_code == 422 and "이미 기관 목록에" in again.content.decode()
    screen(manager, "agency_change", agency.uid, data=data | {"answer_days": "3", "is_active": "on"})
    agency.refresh_from_db()
    assert agency.answer_days == 3


# ---------------------------------------------------------------- cases


def test_lists_cases_by_the_day_of_their_next_review(screen, case, lead, dong, now):
    later = c.CaseFactory(
        referral=c.ReferralFactory(person=f.PersonFactory(dong=dong, name="박정희"), state="done"),
        lead_agency=case.lead_agency,
        review_on=timezone.localdate() - dt.timedelta(1),
    )
    text = screen(lead, "cases").content.decode()
    assert text.index(later.number) < text.index(case.number)
    assert "박○희" in text and "박정희" not in text
    assert screen(lead, "cases", type="intensive").content.decode().count(case.number) == 0


def test_reviews_plans_and_proposes_on_screen(screen, case, manager, body):
    day = (timezone.localdate() + dt.timedelta(28)).isoformat()
    screen(
        manager,
        "case_review",
        case.uid,
        data={"text": "식사가 나아짐", "next_on": day, "state": "monitoring", "version": 1},
    )
    screen(
        manager,
        "case_plan",
        case.uid,
        data={"plan-what": "안부 전화", "plan-owner": f"u:{manager.uid}", "plan-due_on": day, "plan-amount": "주 1회"},
    )
    screen(manager, "case_propose", case.uid, data={"kind": "closing", "note": "스스로 지내심"})
    case.refresh_from_db()
    assert (case.state, case.review_on.isoformat(), case.plan.get().amount) == ("monitoring", day, "주 1회")
    assert case.agenda.get().item.note == "스스로 지내심"
    text = screen(manager, "case", case.uid).content.decode()
    assert "식사가 나아짐" in text and "안부 전화" in text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("case_review", {"text": "", "next_on": "2030-01-01", "state": "open", "version": 1}, "무엇이 달라졌는지"),
        ("case_review", {"text": "봄", "next_on": "2000-01-01", "state": "open", "version": 1}, "다음 점검일은"),
        ("case_plan", {"plan-what": "안부 전화"}, "누가 할지"),
        ("case_plan", {}, "무엇을 할지"),
        ("case_hand_over", {"to": "", "note": "", "version": 1}, "넘겨받을 사람"),
    ],
)
def test_gives_the_form_back_open_with_its_fault(screen, case, manager, name, data, said):
    answer = screen(manager, name, case.uid, data=data)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_shows_both_texts_when_two_people_review(screen, case, manager, lead):
    day = (timezone.localdate() + dt.timedelta(28)).isoformat()
    data = {"next_on": day, "state": "open", "version": 1}
    screen(lead, "case_review", case.uid, data=data | {"text": "식사가 나아짐"})
    answer = screen(manager, "case_review", case.uid, data=data | {"text": "끼니를 거름"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "식사가 나아짐" in text and "끼니를 거름" in text


def test_changes_type_and_lead_in_an_emergency_on_screen(screen, case, manager, agencies):
    data = {"type": "specialised", "lead_agency": str(agencies["specialised"].uid), "reason": "화재", "version": 1}
    assert screen(manager, "case_emergency", case.uid, data=data).status_code == 302
    case.refresh_from_db()
    assert (case.type, case.needs_ratification) == ("specialised", True)
    assert "추인" in screen(manager, "case", case.uid).content.decode()


def test_lets_the_lead_close_and_the_worker_follow_up_and_reopen(screen, case, manager, lead):
    data = {"reason": "declined", "text": "", "version": 1}
    assert screen(manager, "case_close", case.uid, data=data).status_code == 403
    assert screen(lead, "case_close", case.uid, data=data).status_code == 302
    follow_up = case.follow_ups.first()
    assert screen(manager, "case_follow_up", follow_up.uid, data={"outcome": "well", "text": ""}).status_code == 422
    screen(manager, "case_follow_up", follow_up.uid, data={"outcome": "needs_help", "text": "다시 어려움"})
    follow_up.refresh_from_db()
    assert follow_up.outcome == "needs_help"
    case.refresh_from_db()
    day = (timezone.localdate() + dt.timedelta(14)).isoformat()
    screen(manager, "case_reopen", case.uid, data={"reason": "다시 어려움", "review_on": day, "version": case.version})
    case.refresh_from_db()
    assert case.state == Case.State.OPEN


def test_marks_a_plan_line_done_for_its_owner(screen, case, social, nurse, manager, now):
    Referral.objects.filter(pk=case.referral_id).update(sent_by=social)
    line = cases.add_plan(case, c.plan_by(social, due_on=timezone.localdate()), by=manager, at=now)[0]
    assert screen(nurse, "case_plan_done", line.uid, data={}).status_code == 404
    assert screen(social, "case_plan_done", line.uid, data={}).status_code == 302
    line.refresh_from_db()
    assert line.done_by == social


def test_keeps_cases_of_other_dongs_out_of_sight(screen, case, lead_elsewhere, manager, now):
    line = cases.add_plan(case, c.plan_by(manager, due_on=timezone.localdate()), by=manager, at=now)[0]
    assert screen(lead_elsewhere, "case", case.uid).status_code == 404
    for name in ("case_review", "case_plan", "case_propose", "case_emergency", "case_close", "case_reopen"):
        assert screen(lead_elsewhere, name, case.uid, data={}).status_code in (403, 404)
    assert screen(lead_elsewhere, "case_plan_done", line.uid, data={}).status_code == 404
    assert case.number not in screen(lead_elsewhere, "cases").content.decode()


def test_shows_planners_the_cases_of_their_own_referrals(screen, case, social, nurse):
    assert screen(social, "case", case.uid).status_code == 404
    Referral.objects.filter(pk=case.referral_id).update(sent_by=social)
    assert screen(social, "case", case.uid).status_code == 200
    assert screen(social, "case_review", case.uid, data={}).status_code == 403
    assert screen(nurse, "case", case.uid).status_code == 404


def test_notes_whose_case_was_opened(screen, case, lead, resident):
    screen(lead, "case", case.uid)
    screen(lead, "cases")
    for action in ("case.open", "case.list"):
        assert AccessLog.objects.filter(action=action).latest("id").subjects == [resident.pk]


# ---------------------------------------------------------------- figures for those who plan


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 7, 9, 12], [0, 7, 9, 12]),
        ([3, 7, 9, 12], [None, None, 9, 12]),
        ([3, 4, 9, 12], [None, None, 9, 12]),
        ([0, 0, 0, 4], [0, 0, 0, None]),
    ],
)
def test_hides_small_counts_and_what_would_give_them_away(counts, shown):
    assert case_figures.hide_small(counts) == shown


def test_shows_the_district_office_figures_without_cases(screen, case, office):
    text = screen(office, "cases").content.decode()
    assert "장위1동" in text
    assert case.number not in text and "김" not in text.split("<main")[1].split("</main>")[0]
    assert screen(office, "case", case.uid).status_code == 404


# ---------------------------------------------------------------- speed


@pytest.mark.parametrize("name", ["referrals", "cases", "agencies"])
def test_asks_the_database_as_often_for_thirty_rows_as_for_three(lead, dong, now, name):
    agency = c.AgencyFactory(kind=Agency.Kind.DONG_CENTER)

    def fill(count):
        for _ in range(count):
            person = f.PersonFactory(dong=dong)
            facts = {"person": person, "due_at": now, "destination": "agency"}
            c.ReferralFactory(agency=c.AgencyFactory(), **facts)
            other = c.ReferralFactory(person=person, state="done")
            case = c.CaseFactory(referral=other, lead_agency=agency)
            cases.add_plan(case, c.plan_by(lead, due_on=timezone.localdate()), by=lead, at=now)

    fill(3)
    few = queries(lead, name)
    fill(27)
    assert queries(lead, name) == few <= 12


def test_asks_as_often_for_a_long_story_as_for_a_short_one(case, lead, manager, resident, now):
    def fill(count):
        for n in range(count):
            cases.add_plan(case, c.plan_by(manager, due_on=timezone.localdate()), by=manager, at=now)
            c.ReferralFactory(person=resident, destination="service", service=f"서비스 {case.plan.count()}-{n}")

    def count():
        return queries(lead, "case", case.uid), queries(lead, "person_cases", resident.uid)

    fill(3)
    few = count()
    fill(27)
    assert count() == few


def test_lists_an_ended_case_under_follow_up(screen, case, lead, now):
    case_endings.close(case, reason="declined", by=lead, at=now)
    assert case.number in screen(lead, "cases", tab="follow_up").content.decode()
    assert case.number not in screen(lead, "cases").content.decode()
