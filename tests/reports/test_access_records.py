"""Access records: the privacy officer finds who looked at whom, everybody finds the own acts, nobody more."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from centers import access_chain, access_log
from centers.models import AccessLog
from seongbuk.routes import routes
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db


def looked(user, *persons, action="person.open", **given):
    access_log.record(user=user, action=action, resource="person", subjects=[p.pk for p in persons], **given)


@pytest.fixture
def resident(dong):
    return f.PersonFactory(dong=dong, name="윤길덕", birth_on=dt.date(1950, 1, 20))


class TestSearch:
    def lines(self, client, **asked):
        return client.get("/privacy/", asked).context["lines"]

    def test_finds_who_looked_at_a_resident(self, privacy, nurse, social, resident, dong, sign_in_as):
        looked(nurse, resident)
        looked(social, f.PersonFactory(dong=dong))
        found = self.lines(sign_in_as(privacy), name="윤길덕", birth_on="1950-01-20")
        assert [(line["user"], line["subjects"], line["act"]) for line in found] == [(nurse, ["윤○덕"], "주민 보기")]

    def test_needs_name_and_birthday(self, privacy, resident, sign_in_as):
        answer = sign_in_as(privacy).get("/privacy/", {"name": "윤길덕"})
        assert "생년월일도 적어 주세요" in answer.content.decode()
        assert answer.context["lines"] == []
        answer = sign_in_as(privacy).get("/privacy/", {"name": "윤길덕", "birth_on": "1950-01-21"})
        assert "모두 맞는 주민이 없습니다" in answer.content.decode()

    def test_finds_the_acts_of_an_account_on_a_day(self, privacy, nurse, resident, sign_in_as):
        looked(nurse, resident)
        client = sign_in_as(privacy)
        today = AccessLog.objects.first().at.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
        assert len(self.lines(client, account="nurse")) == 1
        assert self.lines(client, account="nobody") == []
        before = today - dt.timedelta(days=2)
        assert self.lines(client, account="nurse", first=before, last=before) == []

    def test_pages_without_losing_or_repeating_a_row(self, privacy, nurse, resident, sign_in_as, monkeypatch):
        from seongbuk.views import privacy as views

        monkeypatch.setattr(views, "PAGE", 3)
        for _ in range(8):
            looked(nurse, resident)
        client = sign_in_as(privacy)
        seen, address = [], "/privacy/?account=nurse"
        while address:
            answer = client.get(address)
            seen += [line["row"].pk for line in answer.context["lines"]]
            address = f"/privacy/{answer.context['next_url']}" if answer.context["next_url"] else ""
        assert len(seen) == len(set(seen)) == 8
        assert client.get("/privacy/?account=nurse&after=made-up").context["lines"] == []

    def test_writes_down_that_somebody_searched(self, privacy, resident, sign_in_as):
        sign_in_as(privacy).get("/privacy/", {"name": "윤길덕", "birth_on": "1950-01-20"})
        row = AccessLog.objects.get(action="privacy.search")
        assert (row.user_id, row.subjects) == (privacy.pk, [resident.pk])


class TestReach:
    def test_shows_a_lead_the_own_staff(self, lead, nurse, nurse_elsewhere, resident, sign_in_as):
        looked(nurse, resident)
        looked(nurse_elsewhere, resident)
        lines = sign_in_as(lead).get("/privacy/").context["lines"]
        assert {line["user"] for line in lines} == {nurse, lead}

    def test_shows_the_office_numbers_only(self, office, nurse, resident, sign_in_as):
        looked(nurse, resident)
        answer = sign_in_as(office).get("/privacy/")
        assert answer.context["lines"] == []
        assert "수만 보입니다" in answer.content.decode()

    def test_is_closed_to_planners(self, social, sign_in_as):
        assert sign_in_as(social).get("/privacy/").status_code == 403

    def test_shows_everybody_the_own_history(self, social, nurse, resident, dong, sign_in_as):
        looked(social, resident, reason="안부 전화")
        looked(nurse, resident)
        text = sign_in_as(social).get("/privacy/mine/").content.decode()
        assert "안부 전화" in text
        assert "한지은" not in text
        assert sign_in_as(posted("outside", "서윤", "EX", dong)).get("/privacy/mine/").status_code == 200


@pytest.mark.usefixtures("transactional_db")
class TestChain:
    def run(self, *arguments) -> dict:
        out = StringIO()
        call_command("verify_access_log", *arguments, "--json", stdout=out)
        return json.loads(out.getvalue().splitlines()[-1])

    def test_counts_sealed_rows(self, nurse, resident, eventually):
        """Rows are sealed once no transaction on the server is older than they are."""
        looked(nurse, resident)
        looked(nurse, resident)
        answer = eventually(lambda: (found := self.run())["rows"] >= 2 and found, seconds=120)
        assert (answer["ok"], answer["first_bad"]) == (True, None)

    def test_finds_the_row_that_was_changed(self, nurse, resident, eventually):
        looked(nurse, resident)
        looked(nurse, resident)
        eventually(lambda: access_chain.seal(at=f.NOW), seconds=120)
        row = AccessLog.objects.order_by("id").last()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE centers_accesslog DISABLE TRIGGER insert_only")
            cursor.execute("UPDATE centers_accesslog SET username = 'somebody' WHERE id = %s", [row.pk])
            cursor.execute("ALTER TABLE centers_accesslog ENABLE TRIGGER insert_only")
        assert self.run() == {"rows": 0, "ok": False, "first_bad": {"row": row.pk}}

    def test_looks_at_the_days_asked_for(self, nurse, resident, eventually):
        looked(nurse, resident)
        eventually(lambda: access_chain.seal(at=f.NOW), seconds=120)
        assert self.run("--to", "2014-01-01")["rows"] == 0
        assert self.run("--from", "2014-01-01")["rows"] >= 1


class TestRouteTable:
    def test_names_permission_methods_and_log_of_every_page(self):
        table = {route.name: route for route in routes()}
        assert table["figure_list"].permission == "report:R"
        assert table["report_export"].methods == ("POST",)
        assert table["lead_home"].personal_data
        assert table["staffing_appoint"].access_action == "staffing.appoint"
        assert table["account_login"].permission == "public"
        assert table["my_access_history"].permission == "signed_in"

    def test_answers_in_json(self):
        out = StringIO()
        call_command("route_table", "--json", stdout=out)
        rows = json.loads(out.getvalue().splitlines()[-1])
        assert len(rows) > 50
        assert set(rows[0]) == {"name", "pattern", "methods", "permission", "personal_data", "access_action"}

    def test_finds_the_methods_of_every_own_view(self):
        unsure = [
            route.name
            for route in routes()
            if "OPTIONS" in route.methods and route.permission not in ("public", "signed_in")
        ]
        assert unsure == []
