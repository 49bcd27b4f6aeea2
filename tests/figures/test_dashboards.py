"""Dashboards: every number opens exactly its list, within the reach of the person, from stored figures only."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers import rollups
from centers.models import AccessLog, Job, MonthlyStat
from common.months import Month
from seongbuk.dashboards import Board
from seongbuk.views import dashboards as views
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
JANUARY = Month(2015, 1)
LINK = re.compile(r'<a href="(/dashboard/list/[^"]+)">([\d,]+)<span')


@pytest.fixture
def sign_in_as(client):
    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def people(dong, lead, social, nurse, office, privacy, counsellor, manager):
    head = posted("head", "이정국", "DH", dong)
    return {
        "TL": lead,
        "PS": social,
        "PN": nurse,
        "GU": office,
        "AU": privacy,
        "CN": counsellor,
        "CM": manager,
        "DH": head,
    }


def numbers(client, address: str) -> dict[str, int]:
    page = client.get(address).content.decode()
    return {href.replace("&amp;", "&"): int(value.replace(",", "")) for href, value in LINK.findall(page)}


def rows_of(client, href: str) -> tuple[int, int]:
    """Rows over all pages of a list, and the number in its heading."""
    rows, address, said = 0, href, None
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        context = answer.context
        rows += len(context["lines"])
        said = context["number"]
        address = urlsplit(href).path + context["next_url"] if context["next_url"] else ""
    return rows, said


@pytest.mark.parametrize("role", ["TL", "PS", "PN", "GU", "AU", "CN", "CM", "DH"])
def test_opens_for_each_number_a_list_of_that_length(facts, people, sign_in_as, monkeypatch, role):
    monkeypatch.setattr(views, "PAGE", 3)  # so that lists have pages
    client = sign_in_as(people[role])
    found = numbers(client, f"/dashboard/?month={JANUARY}")
    if role in ("GU", "AU"):
        found |= numbers(client, f"/dashboard/?month={JANUARY}&dong=jangwi1-dong")
        found |= numbers(client, f"/dashboard/?month={JANUARY}&by=managed")
    assert len(found) > 20
    assert {urlsplit(href).path.split("/")[3] for href in found} >= {"targets", "visits", "people_visited", "case_days"}
    for href, value in found.items():
        rows, said = rows_of(client, href)
        assert said == value, href
        if "case_days" not in href:
            assert rows == value, href


def test_counts_what_the_facts_say(facts, dong, lead, scope_of):
    board = Board(scope_of(lead), JANUARY, dong=dong, on=f.TODAY)
    elderly, child = board.programmes
    assert (elderly.progress.part.value, elderly.progress.whole.value) == (3, 9)
    assert (child.progress.part.value, child.progress.whole.value) == (2, 3)
    assert child.progress.percent == Decimal("66.6")
    assert (board.total.normal.value, board.total.managed.value) == (2, 3)
    assert board.number("visits_failed").value == 1
    assert board.number("case_days").value == 19
    assert board.number("visits", part="child").change == 0


def test_says_who_is_behind_by_the_due_days_that_have_come(facts, dong, lead, scope_of):
    """Eight of twelve due days have come before January, and 14 of its 31 days: 8 + 4 x 14/31 of 12."""
    board = Board(scope_of(lead), JANUARY, dong=dong, on=f.TODAY)
    assert round(board.total.pace, 1) == Decimal("81.7")
    assert board.total.standing == ("warn", "▽", "뒤짐")


def test_refuses_to_add_people_up_over_months(facts, dong, lead, scope_of):
    board = Board(scope_of(lead), JANUARY, dong=dong, on=f.TODAY)
    with pytest.raises(ValueError, match="does not add up"):
        board.number("people_visited", span=board.span)


class TestReach:
    def test_shows_a_lead_only_the_own_dong(self, facts, lead, sign_in_as):
        client = sign_in_as(lead)
        answer = client.get(f"/dashboard/?month={JANUARY}&dong=wolgok1-dong")
        assert answer.context["dong"].slug == "jangwi1-dong"
        assert client.get(f"/dashboard/list/visits/?month={JANUARY}&dong=wolgok1-dong").status_code == 404
        listed = client.get(f"/dashboard/list/visits/?month={JANUARY}")
        assert {line["dong"].slug for line in listed.context["lines"]} == {"jangwi1-dong"}

    def test_shows_the_office_all_dongs_and_no_names(self, facts, office, sign_in_as):
        client = sign_in_as(office)
        page = client.get(f"/dashboard/?month={JANUARY}")
        assert len(page.context["standings"]) == 2
        listed = client.get(f"/dashboard/list/visits/?month={JANUARY}")
        text = listed.content.decode()
        assert not listed.context["named"]
        assert "김○순" not in text
        assert "이름 가림" in text
        assert not AccessLog.objects.filter(action="figure.list").exists()

    def test_masks_names_and_writes_down_whom_the_list_showed(self, facts, lead, sign_in_as):
        text = sign_in_as(lead).get(f"/dashboard/list/visits/?month={JANUARY}").content.decode()
        assert "김○순" in text
        assert "김영순" not in text
        row = AccessLog.objects.get(action="figure.list")
        assert len(row.subjects) == 2

    def test_hides_names_of_cases_from_a_planner(self, facts, social, sign_in_as):
        listed = sign_in_as(social).get(f"/dashboard/list/cases_opened/?month={JANUARY}")
        assert (listed.context["number"], listed.context["named"]) == (1, False)

    def test_gives_figures_without_lists_to_those_who_see_figures_only(self, facts, officer, sign_in_as):
        client = sign_in_as(officer)
        assert client.get(f"/dashboard/?month={JANUARY}").status_code == 200
        assert numbers(client, f"/dashboard/?month={JANUARY}") == {}
        assert client.get("/dashboard/list/visits/").status_code == 403

    @pytest.mark.parametrize(
        "address", ["/dashboard/", "/dashboard/list/visits/", "/reports/", "/dashboard/indicators/"]
    )
    def test_keeps_outside_members_out(self, dong, sign_in_as, address):
        assert sign_in_as(posted("outside", "서윤", "EX", dong)).get(address).status_code == 403

    @pytest.mark.parametrize("bad", ["month=2015-13", "month=x", "since=1", "part=x"])
    def test_bears_addresses_that_make_no_sense(self, facts, lead, sign_in_as, bad):
        client = sign_in_as(lead)
        assert client.get(f"/dashboard/?{bad}").status_code == 200
        assert client.get(f"/dashboard/list/visits/?{bad}").status_code in (200, 404)

    @pytest.mark.parametrize(
        "address", ["/dashboard/list/nothing/", "/dashboard/list/visits/?after=1", "/dashboard/list/visits/?dong=x"]
    )
    def test_answers_404_for_what_is_not_there(self, facts, lead, sign_in_as, address):
        assert sign_in_as(lead).get(address).status_code == 404


class TestStoredFigures:
    def test_reads_no_fact_for_the_dashboard(self, facts, office, sign_in_as):
        client = sign_in_as(office)
        client.get("/dashboard/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/dashboard/?month={JANUARY}")
        tables = " ".join(query["sql"] for query in queries)
        for fact in ("planners_visit", 'planners_target"', "planners_consent", 'casemgmt_case"'):
            assert fact not in tables
        assert "centers_monthlystat" in tables

    def test_asks_as_much_for_many_facts_as_for_few(self, facts, office, sign_in_as, dong):
        client = sign_in_as(office)
        client.get("/dashboard/")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/dashboard/?month={JANUARY}")
            counts.append(len(queries))
            for _ in range(20):
                f.TargetFactory(person=f.PersonFactory(dong=dong), month=JANUARY.first)
            rollups.roll_month(JANUARY, at=f.NOW)
        assert counts[0] == counts[1]
        assert counts[0] <= 16

    def test_lists_as_many_rows_with_as_few_queries(self, facts, lead, sign_in_as, dong):
        client = sign_in_as(lead)
        client.get("/dashboard/list/targets/")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/dashboard/list/targets/?month={JANUARY}")
            counts.append(len(queries))
            for _ in range(20):
                f.TargetFactory(person=f.PersonFactory(dong=dong), month=JANUARY.first)
        assert counts[0] == counts[1]

    def test_says_when_facts_changed_since_they_were_counted(self, facts, lead, sign_in_as, dong):
        client = sign_in_as(lead)
        assert "지금 자료와 같음" in client.get(f"/dashboard/?month={JANUARY}").content.decode()
        f.TargetFactory(person=f.PersonFactory(dong=dong), month=JANUARY.first)
        assert "다시 세는 중" in client.get(f"/dashboard/?month={JANUARY}").content.decode()
        listed = client.get(f"/dashboard/list/targets/?month={JANUARY}&dong=jangwi1-dong")
        assert (listed.context["stored"], listed.context["number"]) == (4, 5)
        assert "아직 4명" in listed.content.decode()

    def test_counts_a_month_again_on_request(self, facts, lead, sign_in_as):
        MonthlyStat.objects.filter(month=JANUARY.first).update(value=99)
        answer = sign_in_as(lead).post("/dashboard/count-again/", {"month": str(JANUARY)})
        assert answer.status_code == 302
        job = Job.objects.get(kind="figures-roll")
        assert (job.key, job.by.username) == ("2015-01", "lead")
        from centers import jobs

        assert jobs.run(job.pk, at=f.NOW, heartbeat=False).state == Job.State.DONE
        assert rollups.differences() == []

    def test_changes_nothing_by_looking(self, facts, lead, sign_in_as):
        assert sign_in_as(lead).get("/dashboard/count-again/").status_code == 405


class TestNightlyComparison:
    def test_passes_when_figures_and_facts_agree(self, facts):
        from seongbuk.tasks import compare_figures

        compare_figures()
        assert Job.objects.get(kind="figures-compare").result == {"months": 3, "differences": 0}

    def test_fails_loudly_and_puts_right_what_was_changed_behind_its_back(self, facts):
        from seongbuk.tasks import compare_figures

        MonthlyStat.objects.filter(indicator="visits").update(value=42)
        compare_figures()
        job = Job.objects.get(kind="figures-compare")
        assert job.state == Job.State.FAILED
        assert "원자료와 달라" in job.failure
        assert rollups.differences() == []


def test_rolls_up_what_changed_when_beat_asks(facts, dong):
    from seongbuk.tasks import roll_up_changed_months

    f.TargetFactory(person=f.PersonFactory(dong=dong), month=JANUARY.first)
    roll_up_changed_months()
    assert rollups.changed_months() == []
    assert MonthlyStat.objects.get(indicator="targets", month=JANUARY.first, dong=dong, part="").value == 5


def test_explains_every_indicator_and_rate(facts, lead, sign_in_as):
    text = sign_in_as(lead).get(reverse("figure_definitions")).content.decode()
    for words in ("진도율", "기한 준수율", "22.57%는 22.5%", "만난 주민", "더하지 않음", "복지정책과"):
        assert words in text


def test_keeps_the_plans_pilot_in_one_result(facts):
    from planners.reports import business_span

    assert business_span(Month(2015, 6)).first == Month(2014, 11)
    assert business_span(Month(2016, 3)).first == Month(2016, 1)
    assert business_span(Month(2014, 9)).first == Month(2014, 9)
