"""Groups and activists of a dong: counted by kind, reached only with their consent."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import centers.reference
from centers import figures
from common.refusals import Stale
from governance import groups
from governance.models import Activist, Organisation
from tests import factories as f

pytestmark = pytest.mark.django_db
SINCE = dt.date(2010, 1, 1)


def group(dong, name="장위 책모임", kind="other", **given):
    return groups.add(Organisation, dong=dong, kind=kind, name=name, valid_from=SINCE, by=None, at=f.NOW, **given)


def activist(dong, name="서동주", **given):
    given = {"kind": "village_activist", "phone": "010-2345-6789"} | given
    return groups.add(Activist, dong=dong, name=name, valid_from=SINCE, by=None, at=f.NOW, **given)


@pytest.fixture
def plan_registered(db):
    """As many groups and activists as the printed tables say."""
    centers.reference.load(settings.BASE_DIR / "fixtures" / "reference")
    for model, table, kinds in (
        (Organisation, "organisations", Organisation.DONG_KINDS),
        (Activist, "activists", Activist.Kind.values),
    ):
        model.objects.bulk_create(
            model(dong_id=row.dong_id, kind=kind, name=f"{kind} {n}", valid_from=SINCE)
            for row in figures.grid(table).counted
            for kind in kinds
            for n in range(int(row.values[kind] or 0))
        )


def test_reproduces_the_plans_table_of_groups(plan_registered):
    counts = groups.by_dong(on=f.TODAY)
    assert len(counts.lines) == 20
    for line in counts.lines:
        assert [cell.count for cell in line.cells] == [cell.printed for cell in line.cells], line.name


def test_reproduces_the_plans_table_of_activists(plan_registered):
    counts = groups.activists_by_dong(on=f.TODAY)
    assert counts.total.total.count == 19
    assert not any(cell.differs for line in counts.lines for cell in line.cells)


def test_counts_only_groups_that_are_active(dong):
    group(dong)
    group(dong, "쉬는 모임", is_active=False)
    assert groups.by_dong(on=f.TODAY).total.total.count == 1


def test_counts_clubs_of_the_district_beside_the_dong_table(dong):
    for n in range(3):
        group(dong, f"독서동아리 {n}", kind="reading_club", members=9)
    assert groups.by_dong(on=f.TODAY).total.total.count == 0
    assert groups.clubs(on=f.TODAY) == [("reading_club", "독서동아리", 3, 27)]


def test_shows_a_phone_only_with_consent(client, dong, lead):
    group(dong, "연락 되는 모임", leader="노미정", phone="010-1111-2222", may_be_contacted=True, consent_on=SINCE)
    group(dong, "연락 안 되는 모임", leader="곽도윤", phone="010-3333-4444", may_be_contacted=False)
    client.force_login(lead)
    text = client.get(reverse("organisations")).content.decode()
    assert "노미정" in text
    assert "010-1111-2222" in text
    assert "곽도윤" not in text
    assert "010-3333-4444" not in text


def test_hides_the_name_of_an_activist_who_was_not_asked(client, dong, lead):
    activist(dong)
    activist(dong, "민가람", may_be_contacted=True, consent_on=SINCE)
    client.force_login(lead)
    text = client.get(reverse("activists")).content.decode()
    assert "민가람" in text
    assert "서동주" not in text


def test_wants_a_day_for_every_consent(dong):
    with pytest.raises(groups.ConsentDayMissing):
        group(dong, may_be_contacted=True)


def test_keeps_groups_of_other_dongs_out_of_sight(client, dong, other_dong, lead, lead_elsewhere):
    row = group(dong)
    client.force_login(lead_elsewhere)
    assert row.name not in client.get(reverse("organisations"), {"dong": dong.slug}).content.decode()
    assert client.get(reverse("organisation_change", args=[row.uid])).status_code == 404
    client.force_login(lead)
    assert client.get(reverse("organisation_change", args=[row.uid])).status_code == 200


def test_lets_a_lead_add_and_change_a_group_of_the_own_dong_only(client, dong, other_dong, lead):
    client.force_login(lead)
    facts = {
        "kind": "club",
        "name": "산책 동아리",
        "dong": dong.slug,
        "valid_from": "2014-05-01",
        "may_be_contacted": "unknown",
        "is_active": "on",
    }
    assert client.post(reverse("organisation_new"), facts | {"dong": other_dong.slug}).status_code == 422
    assert client.post(reverse("organisation_new"), facts).status_code == 302
    row = Organisation.objects.get()
    page = reverse("organisation_change", args=[row.uid])
    assert client.post(page, facts | {"members": 12, "version": 1}).status_code == 302
    assert client.post(page, facts | {"members": 99, "version": 1}).status_code == 422
    row.refresh_from_db()
    assert (row.members, row.changed_by) == (12, lead)
    with pytest.raises(Stale):
        groups.change(row, version=1, by=lead, at=f.NOW, members=1)


@pytest.mark.parametrize(
    ("size", "names"), [("few", {"작은"}), ("some", {"중간"}), ("crowd", {"큰"}), ("", {"작은", "중간", "큰", "모름"})]
)
def test_finds_groups_by_how_many_members_they_have(dong, size, names):
    for name, members in (("작은", 9), ("중간", 29), ("큰", 650), ("모름", None)):
        group(dong, name, members=members)
    assert {o.name for o in groups.of_size(Organisation.objects.all(), size)} == names


@pytest.mark.parametrize("name", ["organisations", "activists"])
def test_asks_as_much_of_the_database_for_thirty_as_for_three(client, dong, lead, name):
    client.force_login(lead)
    client.get(reverse(name))
    counts = []
    for more in (3, 27):
        for _ in range(more):
            group(dong, f"모임 {Organisation.objects.count()}")
            activist(dong, f"사람 {Activist.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        counts.append(len(queries))
    assert counts[0] == counts[1]
