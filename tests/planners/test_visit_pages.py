"""The pages of a visit: whose they are, what each role may read in them, and what the device is given."""

import datetime as dt
import json
import uuid

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from centers.models import AccessLog
from common.months import at_seoul, seoul_date
from planners import visit_alarms, visits
from planners.models import Alarm, Visit, VisitAnswer
from planners.views.offline import SHELL_FILES
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f
from tests.planners.recording import agree_to_screening, fill_in, offer_services, recorded, save

pytestmark = pytest.mark.django_db

HEALTH_CANARY, SOCIAL_CANARY = "밤마다가슴이두근거림", "전기요금이석달밀림"


def today_at(hour):
    return at_seoul(seoul_date(timezone.now()), dt.time(hour))


@pytest.fixture
def visit(pair, nurse):
    visit = f.standing_visit(pair, starts_at=today_at(10), person=f.PersonFactory(name="박복례", dong=pair.dong))
    visits.start(visit, by=nurse, at=timezone.now())
    agree_to_screening(visit, nurse)
    return Visit.objects.get(pk=visit.pk)


@pytest.fixture
def told(pair):
    """A finished visit in which each part holds a word that only some may read."""
    return recorded(
        pair,
        starts_at=today_at(9),
        at=timezone.now(),
        health={"health_words": HEALTH_CANARY, "vitals__systolic": 165},
        social={"welfare_words": SOCIAL_CANARY},
    )


def answer(client, visit, part, *, key=None, **body):
    return client.post(
        reverse(f"visit_answer_{part}", args=[visit.uid]),
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": str(key or uuid.uuid4()), "Accept": "application/json"},
    )


# ------------------------------------------------------------------ the day


def test_lists_only_the_own_day(signed_in, visit, nurse, nurse_elsewhere, lead):
    assert "박복례" in signed_in(nurse).get("/today/").content.decode()
    for other in (nurse_elsewhere, lead):
        page = signed_in(other).get("/today/").content.decode()
        assert "박복례" not in page
        assert "방문 약속이 없습니다" in page


def test_shows_another_day_and_forgives_what_is_no_day(signed_in, visit, nurse):
    client = signed_in(nurse)
    tomorrow = seoul_date(timezone.now()) + dt.timedelta(days=1)
    assert "박복례" not in client.get(f"/today/?on={tomorrow}").content.decode()
    for written in ("soon", "2015-13-40", "", "9999-12-31", "0001-01-01"):
        assert client.get("/today/", {"on": written}).status_code == 200


def test_writes_into_the_log_whose_names_the_day_showed(signed_in, visit, nurse):
    signed_in(nurse).get("/today/")
    row = AccessLog.objects.get(action="visit.day_list")
    assert (row.username, row.subjects) == ("nurse", [visit.person_id])


def test_costs_the_same_for_one_stop_and_for_five(signed_in, pair, nurse, visit):
    client = signed_in(nurse)
    client.get("/today/")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/today/").status_code == 200
        return len(caught)

    one = queries()
    for hour in (11, 13, 14, 15):
        f.standing_visit(pair, starts_at=today_at(hour))
    assert queries() == one


# ------------------------------------------------------------------ one visit


def test_answers_outside_the_scope_as_if_it_did_not_exist(signed_in, visit, nurse_elsewhere, lead_elsewhere):
    nothing = uuid.uuid4()
    for other in (nurse_elsewhere, lead_elsewhere):
        client = signed_in(other)
        for name in ("visit", "visit_not_met", "visit_alarm"):
            assert client.get(reverse(name, args=[visit.uid])).status_code == 404
            assert client.get(reverse(name, args=[nothing])).status_code == 404
    assert (
        answer(signed_in(nurse_elsewhere), visit, HEALTH, field="judgement", value="normal", base_version=0).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("who", "reads_health", "reads_social"),
    [
        ("nurse", True, True),
        ("social", False, True),
        ("lead", False, True),
        ("manager", False, True),
        ("counsellor", False, False),
    ],
)
def test_shows_each_role_only_its_part(signed_in, request, told, who, reads_health, reads_social):
    client = signed_in(request.getfixturevalue(who))
    paths = [reverse("visit", args=[told.uid]), f"/case-meeting/?visit={told.uid}"]
    pages = [response.content.decode() for response in map(client.get, paths) if response.status_code == 200]
    assert pages
    assert any(HEALTH_CANARY in page for page in pages) == reads_health
    assert any(SOCIAL_CANARY in page for page in pages) == reads_social
    if not reads_health:
        assert not any("165" in page for page in pages)
    if who in ("social", "lead", "manager"):
        assert any("혈압·혈당 위험" in page for page in pages)  # the class is told


def test_gives_the_partner_no_health_answer_in_the_form(signed_in, visit, nurse, social):
    save(visit, HEALTH, "health_words", HEALTH_CANARY, by=nurse)
    save(visit, SOCIAL, "welfare_words", SOCIAL_CANARY, by=social)
    for step in ("basics", "health", "closing"):
        page = signed_in(social).get(reverse("visit_record", args=[visit.uid, step])).content.decode()
        assert HEALTH_CANARY not in page
        assert SOCIAL_CANARY in page
        assert "data-instrument" not in page
    page = signed_in(nurse).get(reverse("visit_record", args=[visit.uid, "health"])).content.decode()
    assert HEALTH_CANARY in page
    assert SOCIAL_CANARY in page


def test_opens_the_form_only_to_the_pair(signed_in, visit, lead):
    response = signed_in(lead).get(reverse("visit_record", args=[visit.uid, "basics"]))
    assert response.headers["Location"] == reverse("visit", args=[visit.uid])


def test_says_404_for_a_step_the_form_does_not_have(signed_in, visit, nurse):
    assert signed_in(nurse).get(reverse("visit_record", args=[visit.uid, "nonsense"])).status_code == 404


def test_changes_nothing_by_looking(signed_in, pair, nurse):
    visit = f.standing_visit(pair, starts_at=today_at(10))
    for path in (
        "/today/",
        reverse("visit", args=[visit.uid]),
        reverse("visit_not_met", args=[visit.uid]),
        "/offline/pack/",
    ):
        assert signed_in(nurse).get(path).status_code == 200
    visit.refresh_from_db()
    assert (visit.state, visit.version) == (Visit.State.BOOKED, 1)
    assert signed_in(nurse).get(reverse("visit_start", args=[visit.uid])).status_code == 405


# ------------------------------------------------------------------ saving one field


def test_answers_201_first_200_again_409_to_another(signed_in, visit, nurse):
    client, key = signed_in(nurse), uuid.uuid4()
    first = answer(client, visit, HEALTH, key=key, field="vitals-systolic", value="124", base_version=0)
    again = answer(client, visit, HEALTH, key=key, field="vitals-systolic", value="124", base_version=0)
    other = answer(client, visit, HEALTH, key=key, field="vitals-systolic", value="130", base_version=0)
    assert [r.status_code for r in (first, again, other)] == [201, 200, 409]
    assert first.json() == again.json() == {"field": "vitals-systolic", "version": 1, "alarm": False}


def test_carries_both_values_of_a_conflict(signed_in, visit, social):
    client = signed_in(social)
    answer(client, visit, SOCIAL, field="debt", value="none", base_version=0)
    response = answer(client, visit, SOCIAL, field="debt", value="heavy", base_version=0)
    said = response.json()
    assert response.status_code == 409
    assert (said["mine"], said["theirs"], said["theirs_value"], said["version"], said["by"]) == (
        "갚기 어려움", "없음", "none", 1, "오세진",
    )  # fmt: skip


def test_refuses_the_other_discipline_by_role(signed_in, visit, nurse, social, lead):
    assert (
        answer(signed_in(social), visit, HEALTH, field="judgement", value="normal", base_version=0).status_code == 403
    )
    assert answer(signed_in(nurse), visit, SOCIAL, field="debt", value="none", base_version=0).status_code == 403
    assert answer(signed_in(lead), visit, SOCIAL, field="debt", value="none", base_version=0).status_code == 403
    assert not VisitAnswer.objects.filter(visit=visit).exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"field": 1, "value": 1, "base_version": 0}',
        b'{"field": "vitals-systolic", "value": "124"}',
        b'{"field": "vitals-systolic", "value": "124", "base_version": "0"}',
        b'{"field": "vitals-systolic", "value": "124", "base_version": true}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"field": "' + b"a" * 70000 + b'", "value": 1, "base_version": 0}',
    ],
)
def test_answers_any_body_without_breaking(signed_in, visit, nurse, body):
    response = signed_in(nurse).post(
        reverse("visit_answer_health", args=[visit.uid]), body, content_type="application/json"
    )
    assert response.status_code == 422
    assert response.json()["message"]


# ------------------------------------------------------------------ meeting, alarms


def test_judges_and_goes_on_to_the_next(signed_in, told, lead):
    client = signed_in(lead)
    page = client.get("/case-meeting/").content.decode()
    assert "관리대상군" in page
    response = client.post(
        reverse("case_meeting_classify", args=[told.uid]), {"group": "managed", "client_key": uuid.uuid4()}
    )
    assert response.status_code == 302
    told.refresh_from_db()
    assert (told.group, told.state) == ("managed", Visit.State.DONE)
    assert "혈압·혈당 위험" in told.group_reason


def test_asks_for_a_reason_on_the_page(signed_in, told, lead):
    client = signed_in(lead)
    response = client.post(reverse("case_meeting_classify", args=[told.uid]), {"group": "normal"}, follow=True)
    assert "까닭을 적어 주세요" in response.content.decode()
    told.refresh_from_db()
    assert told.group == ""


def test_keeps_the_meeting_from_other_roles_and_dongs(signed_in, told, counsellor, lead_elsewhere, office):
    assert signed_in(counsellor).get("/case-meeting/").status_code == 403
    assert signed_in(office).get("/case-meeting/").status_code == 403
    post = signed_in(lead_elsewhere).post(reverse("case_meeting_classify", args=[told.uid]), {"group": "normal"})
    assert post.status_code == 404


def test_lets_only_the_receiver_take_an_alarm_over_and_close_it(signed_in, visit, nurse, social, lead):
    nurse_client = signed_in(nurse)
    nurse_client.post(reverse("visit_alarm", args=[visit.uid]), {"kind": "abuse", "receiver": lead.uid})
    alarm = Alarm.objects.get(visit=visit)
    assert alarm.receiver == lead
    accept, close = (reverse(f"visit_alarm_{act}", args=[alarm.uid]) for act in ("accept", "close"))
    signed_in(social).post(accept)
    signed_in(lead).post(close, {"note": "너무 빨리"})
    alarm.refresh_from_db()
    assert (alarm.accepted_at, alarm.closed_at) == (None, None)
    signed_in(lead).post(accept)
    signed_in(lead).post(close, {"note": "보호전문기관이 함께 살핌"})
    alarm.refresh_from_db()
    assert alarm.closed_at
    assert [event.act for event in visit.events.filter(act__startswith="alarm")] == [
        "alarm_raised", "alarm_handed", "alarm_accepted", "alarm_closed",
    ]  # fmt: skip


def test_keeps_a_part_unsigned_while_nobody_has_the_alarm(visit, nurse, lead):
    danger = {
        "self_harm__wish": "yes",
        "self_harm__thought": "yes",
        "self_harm__recent": "yes",
        "self_harm__plan": "no",
    }
    fill_in(visit, HEALTH, by=nurse, at=timezone.now(), **danger)
    with pytest.raises(visits.AlarmUnanswered):
        visits.sign(visit, HEALTH, by=nurse, at=timezone.now())
    visit_alarms.raise_alarm(visit, Alarm.Kind.SELF_HARM, receiver=lead, by=nurse, at=timezone.now())
    visits.sign(visit, HEALTH, by=nurse, at=timezone.now())
    assert Alarm.objects.count() == 1


# ------------------------------------------------------------------ what the device is given


def test_packs_only_the_own_visits_of_two_days(signed_in, visit, nurse, nurse_elsewhere, other_dong):
    theirs = f.PairFactory(dong=other_dong, nurse=nurse_elsewhere, social=f.UserFactory())
    f.standing_visit(theirs, starts_at=today_at(10), person=f.PersonFactory(name="남궁옥", dong=other_dong))
    later = f.standing_visit(visit.pair, starts_at=today_at(10) + dt.timedelta(days=2))
    pack = signed_in(nurse).get("/offline/pack/").json()
    paths = [page["path"] for page in pack["pages"]]
    assert paths[0] == "/today/"
    assert f"/visits/{visit.uid}/record/" in paths
    whole = " ".join(page["html"] for page in pack["pages"])
    assert "남궁옥" not in whole
    assert str(later.uid) not in whole
    assert AccessLog.objects.get(action="visit.day_pack").subjects == [visit.person_id]


def test_gives_the_social_worker_a_pack_without_health_answers(signed_in, visit, nurse, social):
    offer_services()
    save(visit, HEALTH, "health_words", HEALTH_CANARY, by=nurse)
    assert HEALTH_CANARY not in signed_in(social).get("/offline/pack/").content.decode()


def test_serves_worker_and_shell_to_anybody_and_empty(client, visit):
    worker, shell = client.get("/sw.js"), client.get("/offline/")
    assert worker.headers["Content-Type"] == "text/javascript"
    assert "no-cache" in worker.headers["Cache-Control"]
    assert "data-shell" in shell.content.decode()
    for response in (worker, shell):
        assert visit.person.name not in response.content.decode()


def test_lists_files_in_the_worker_that_exist(client):
    assert [name for name in SHELL_FILES if not finders.find(name)] == []


def test_gives_one_key_for_a_session_and_lets_nobody_store_it(signed_in, nurse, social):
    client = signed_in(nurse)
    first, second = client.get("/offline/key/"), client.get("/offline/key/")
    assert first.json() == second.json()
    assert "no-store" in first.headers["Cache-Control"]
    assert signed_in(social).get("/offline/key/").json()["key"] != first.json()["key"]


def test_asks_for_a_sign_in_before_key_token_and_pack(client):
    for path in ("/offline/key/", "/offline/token/", "/offline/pack/"):
        assert client.get(path).status_code == 302


def test_tells_the_browser_to_forget_at_signing_out(signed_in, nurse):
    response = signed_in(nurse).post("/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
