"""The register of facilities: dated, counted as the dong counts and as the district counts."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import centers.reference
from centers import facilities, figures
from centers.models import Dong, Facility
from common.refusals import Stale
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
Kind = Facility.Kind


def place(dong, kind=Kind.SENIOR_CENTER, name="장위 경로당", **given):
    facts = {"valid_from": dt.date(2010, 1, 1)} | given
    return facilities.add(dong=dong, kind=kind, name=name, by=None, at=f.NOW, **facts)


@pytest.fixture
def plan_registered(db):
    """A register with as many facilities as the printed dong table says, and all figure tables."""
    centers.reference.load(settings.BASE_DIR / "fixtures" / "reference")
    made = []
    for row in figures.grid("facilities").counted:
        for kind in Facility.GROUPS[Facility.WELFARE]:
            for n in range(int(row.values[kind] or 0)):
                made.append(
                    Facility(dong_id=row.dong_id, kind=kind, name=f"{kind} {n}", valid_from=dt.date(2010, 1, 1))
                )
    Facility.objects.bulk_create(made)
    return made


def test_reproduces_the_dong_table_of_the_plan_cell_by_cell(plan_registered):
    counts = facilities.by_dong(Facility.WELFARE, on=f.TODAY)
    for line in counts.lines:
        assert [cell.count for cell in line.cells] == [cell.printed for cell in line.cells], line.name


def test_names_the_dongs_whose_printed_total_is_not_the_sum(plan_registered):
    counts = facilities.by_dong(Facility.WELFARE, on=f.TODAY)
    wrong = {line.name: (line.total.count, line.total.printed) for line in counts.lines if line.total.differs}
    sums = {line.name: sum(cell.printed for cell in line.cells) for line in counts.lines}
    assert wrong == {
        line.name: (sums[line.name], line.total.printed)
        for line in counts.lines
        if line.total.printed is not None and line.total.printed != sums[line.name]
    }
    assert next(line for line in counts.lines if line.name == "장위2동").total.printed is None


def test_shows_how_the_district_counts_the_same_facilities(plan_registered):
    lines = {
        line.name: line
        for line in facilities.by_district_kind(facilities.by_dong(Facility.WELFARE, on=f.TODAY), on=f.TODAY)
    }
    senior = sum(one.kind in (Kind.SENIOR_CENTER, Kind.ELDERLY) for one in plan_registered)
    assert lines["노인복지시설"].cell.count == senior
    assert lines["노인복지시설"].inside == ("경로당", "노인시설")
    assert lines["합계"].cell.printed == 530
    assert lines["합계"].cell.count == len(plan_registered)


def test_counts_a_facility_until_the_day_it_closes(dong):
    place(dong, valid_to=dt.date(2015, 1, 14))
    counted = [facilities.by_dong(Facility.WELFARE, on=dt.date(2015, 1, day)).total.total.count for day in (13, 14)]
    assert counted == [1, 0]


def test_refuses_the_same_facility_twice(dong):
    place(dong)
    with pytest.raises(facilities.NotValid, match="이미"):
        place(dong)


def test_refuses_a_change_made_on_an_old_page(dong, officer):
    row = place(dong)
    facilities.change(row, version=1, by=officer, at=f.NOW, phone="02-923-4567")
    with pytest.raises(Stale):
        facilities.change(row, version=1, by=officer, at=f.NOW, phone="02-111-1111")
    assert list(row.history.order_by("pgh_id").values_list("phone", flat=True)) == ["", "02-923-4567"]


def test_lists_the_own_dong_first_and_all_on_request(client, dong, other_dong, lead):
    place(dong)
    place(other_dong, name="월곡 경로당")
    client.force_login(lead)
    assert "월곡 경로당" not in client.get(reverse("facilities")).content.decode()
    assert "월곡 경로당" in client.get(reverse("facilities"), {"dong": ""}).content.decode()


def test_lets_those_who_may_add_and_close_one(client, dong, lead, nurse):
    facts = {"kind": Kind.CHILDCARE, "name": "새싹 어린이집", "dong": dong.slug, "valid_from": "2014-03-01"}
    client.force_login(nurse)
    assert client.post(reverse("facility_new"), facts).status_code == 403
    client.force_login(lead)
    assert client.post(reverse("facility_new"), facts).status_code == 302
    row = Facility.objects.get()
    page = reverse("facility_change", args=[row.uid])
    assert client.post(page, facts | {"valid_to": "2014-01-01", "version": 1}).status_code == 422
    assert client.post(page, facts | {"valid_to": "2015-01-01", "version": 1}).status_code == 302
    client.get(reverse("facilities"))  # the message that names it
    assert "새싹" not in client.get(reverse("facilities")).content.decode()


def test_asks_as_much_of_the_database_for_thirty_facilities_as_for_three(client, dong, lead):
    client.force_login(lead)
    client.get(reverse("facilities"))
    counts = []
    for more in (3, 27):
        for _ in range(more):
            place(dong, name=f"경로당 {Facility.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("facilities"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_keeps_facilities_of_the_whole_district_apart_from_the_dongs(dong):
    place(None, kind=Kind.JOB_SUPPORT, name="일자리지원센터")
    counts = facilities.by_dong(Facility.VILLAGE, on=f.TODAY)
    assert [line.name for line in counts.lines if line.total.count] == ["구 전체"]


def test_answers_every_dong_of_the_plan(plan_registered, client):
    client.force_login(posted("office", "배지원", "GU"))
    for dong in Dong.objects.all():
        assert client.get(reverse("facilities"), {"dong": dong.slug}).status_code == 200
