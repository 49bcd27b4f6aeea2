"""The access log: a row for every act, none without it, and tampering shows."""

import time

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from centers import access_chain, access_log
from centers.models import AccessLog
from tests import factories as f


def write(n=1, **given):
    for _ in range(n):
        access_log.record(user=None, action="test.read", resource="person", subjects={1, 2}, **given)


@pytest.mark.django_db
def test_refuses_to_change_or_remove_a_row():
    write()
    for statement in (
        "UPDATE centers_accesslog SET action = 'x'",
        "DELETE FROM centers_accesslog",
        "TRUNCATE centers_accesslog",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            from django.db import transaction

            with transaction.atomic():
                cursor.execute(statement)
    assert AccessLog.objects.filter(action="test.read").count() == 1


@pytest.mark.django_db
def test_writes_who_what_and_whose_for_a_page(client, social, pair):
    person = f.PersonFactory(dong=pair.dong)
    client.force_login(social)
    client.get(reverse("schedules"))
    row = AccessLog.objects.latest("id")
    assert (row.username, row.action, row.resource, row.outcome) == (
        "social",
        "schedule.open_month",
        "schedule_plan",
        "ok",
    )
    assert row.ip == "127.0.0.1"
    assert person.pk not in row.subjects


@pytest.mark.django_db(transaction=True)
def test_logs_a_refused_act_although_the_request_is_rolled_back(client, officer):
    client.force_login(officer)
    assert client.get(reverse("schedules")).status_code == 403
    row = AccessLog.objects.latest("id")
    assert (row.username, row.outcome) == ("officer", "refused")


@pytest.mark.django_db(transaction=True)
def test_shows_nothing_when_the_row_cannot_be_written(client, social, pair, monkeypatch):
    person = f.PersonFactory(dong=pair.dong, name="카나리아")
    f.standing_visit(pair, person=person)
    client.force_login(social)
    monkeypatch.setattr(access_log, "INSERT", access_log.INSERT.replace("centers_accesslog", "nowhere"))
    client.raise_request_exception = False
    response = client.get(reverse("schedules"))
    assert response.status_code >= 500
    assert "카나리아" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
class TestChain:
    @pytest.fixture(autouse=True)
    def clean(self):
        yield
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE centers_accesslog DISABLE TRIGGER ALL")
            cursor.execute("DELETE FROM centers_accesslog; DELETE FROM centers_accesslog_sealed")
            cursor.execute("ALTER TABLE centers_accesslog ENABLE TRIGGER ALL")

    def tamper(self, statement, args=()):
        """What somebody with the owner's rights could do."""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE centers_accesslog DISABLE TRIGGER ALL")
            cursor.execute(statement, args)
            cursor.execute("ALTER TABLE centers_accesslog ENABLE TRIGGER ALL")

    def write_and_seal(self, rows):
        """Rows are sealed once no transaction on the server, other tests' included, is older than they are."""
        write(rows)
        done, deadline = 0, time.monotonic() + 200
        while done < rows and time.monotonic() < deadline:
            done += access_chain.seal(at=timezone.now())
            time.sleep(0.05)
        assert done >= rows

    def sealed(self, rows=5):
        self.write_and_seal(rows)
        return list(AccessLog.objects.order_by("id"))

    def test_verifies_an_untouched_log(self):
        rows = self.sealed()
        self.write_and_seal(2)
        assert access_chain.verify() == {"rows": len(rows) + 2, "ok": True, "first_bad": None}

    def test_names_a_changed_row(self):
        rows = self.sealed()
        self.tamper("UPDATE centers_accesslog SET username = 'somebody' WHERE id = %s", [rows[2].pk])
        assert access_chain.verify()["first_bad"] == {"row": rows[2].pk}

    def test_names_a_removed_row(self):
        rows = self.sealed()
        self.tamper("DELETE FROM centers_accesslog WHERE id = %s", [rows[3].pk])
        assert access_chain.verify()["first_bad"] == {"row": rows[3].pk}

    def test_notices_a_removed_seal(self):
        self.sealed()
        self.write_and_seal(2)
        self.write_and_seal(2)
        self.tamper("ALTER TABLE centers_accessseal DISABLE TRIGGER ALL")
        self.tamper(
            "DELETE FROM centers_accessseal WHERE id = (SELECT id FROM centers_accessseal ORDER BY id OFFSET 1 LIMIT 1)"
        )
        self.tamper("ALTER TABLE centers_accessseal ENABLE TRIGGER ALL")
        assert access_chain.verify()["ok"] is False
