"""Sign-in: home by role, one answer for all failures, a lock, rights by posting dates."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from centers.access import Scope
from centers.models import AccessLog
from tests import factories as f

PASSWORD = "a long enough password"
pytestmark = pytest.mark.django_db


def sign_in(client, name, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": name, "password": password})


def test_leads_to_the_home_of_the_role(client, lead):
    assert sign_in(client, "lead").status_code == 302
    response = client.get("/")
    assert response.url == reverse("lead_home")


def test_sends_strangers_to_the_sign_in_page(client):
    assert client.get(reverse("schedules")).url.startswith(reverse("account_login"))


def test_offers_no_sign_up(client):
    assert client.get("/signup/").status_code in (302, 404)


def test_answers_the_same_for_known_and_unknown_names(client, lead):
    def answer(name):
        text = sign_in(client, name, "wrong password").content.decode()
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken":"[^"]+"', "", text)
        return text.replace(name, "NAME")

    first_page = answer("somebody-else")  # the first answer of a session differs in what its cookies already hold
    assert first_page
    assert re.sub("NAME|lead", "", answer("lead")) == re.sub("NAME|lead", "", answer("nobody-here"))


def test_locks_after_five_failures_even_for_the_right_password(client, lead):
    for _ in range(5):
        sign_in(client, "lead", "wrong password")
    response = sign_in(client, "lead")
    assert response.status_code == 429
    assert "_auth_user_id" not in client.session


def test_writes_sign_in_and_failure_to_the_log(client, lead):
    sign_in(client, "lead", "wrong password")
    sign_in(client, "lead")
    outcomes = list(AccessLog.objects.filter(action="account.login").order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["failed", "ok"]


def test_gives_rights_from_the_first_day_of_a_posting_to_the_day_before_its_end(dong):
    user = f.UserFactory()
    f.PostingFactory(user=user, role="TL", dong=dong, valid_from=dt.date(2015, 1, 10), valid_to=dt.date(2015, 1, 20))
    may = {day: Scope.of(user, dt.date(2015, 1, day)).allows("schedule_plan", "P") for day in (9, 10, 19, 20)}
    assert may == {9: False, 10: True, 19: True, 20: False}


def test_tells_somebody_without_a_posting_whom_to_ask(client):
    client.force_login(f.UserFactory())
    response = client.get("/", follow=True)
    assert response.status_code == 403


def test_answers_another_dongs_record_like_one_that_does_not_exist(client, lead, lead_elsewhere, pair):
    from planners.models import Schedule

    row = Schedule.objects.create(dong=pair.dong, month=dt.date(2015, 1, 1), number=1, made_at=f.NOW)
    client.force_login(lead)
    assert client.get(reverse("schedule", args=[row.uid])).status_code == 200
    client.force_login(lead_elsewhere)
    theirs = client.get(reverse("schedule", args=[row.uid]))
    nobodys = client.get(reverse("schedule", args=[uuid.uuid4()]))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
