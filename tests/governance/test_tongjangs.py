"""Tongjang: two years, reappointed twice at most, one a tong, and what each did."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from centers.models import Tong
from common.months import seoul_date
from governance import tongjangs
from governance.models import TongjangTerm
from planners.models import Consent, CrisisReport
from tests import factories as f

pytestmark = pytest.mark.django_db
SINCE = dt.date(2014, 7, 1)


@pytest.fixture
def tongs(dong):
    for number in (1, 2, 7):
        Tong.objects.create(dong=dong, number=number, valid_from=dt.date(2010, 1, 1))


@pytest.fixture
def appoint(dong, tongs, lead):
    def one(name="엄미라", tong=7, since=SINCE, **given):
        return tongjangs.appoint(dong, tong, name, since=since, by=lead, at=f.NOW, **given)

    return one


def test_appoints_for_two_years(appoint):
    row = appoint()
    assert (row.number, row.valid_to) == (1, dt.date(2016, 7, 1))


def test_reappoints_twice_and_no_more(appoint, lead):
    row = appoint()
    for number in (2, 3):
        row = tongjangs.reappoint(row, by=lead, at=f.NOW)
        assert row.number == number
    with pytest.raises(tongjangs.TermLimit):
        tongjangs.reappoint(row, by=lead, at=f.NOW)
    with pytest.raises(tongjangs.TermLimit):
        appoint(since=row.valid_to + dt.timedelta(days=3))  # a gap of days does not begin anew


def test_counts_anew_for_another_person(appoint, lead):
    first = tongjangs.reappoint(appoint(), by=lead, at=f.NOW)
    assert appoint("구자윤", since=first.valid_to).number == 1


def test_reappoints_once_however_often_it_is_clicked(appoint, lead):
    row = appoint()
    assert tongjangs.reappoint(row, by=lead, at=f.NOW) == tongjangs.reappoint(row, by=lead, at=f.NOW)


def test_keeps_two_tongjang_of_one_tong_apart(appoint, dong):
    appoint()
    with pytest.raises(tongjangs.TongTaken):
        appoint("구자윤", since=dt.date(2015, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        TongjangTerm.objects.create(
            dong=dong, tong=7, name="구자윤", valid_from=dt.date(2015, 1, 1), valid_to=dt.date(2016, 1, 1), at=f.NOW
        )


def test_frees_the_tong_of_whoever_leaves(appoint):
    row = tongjangs.end(appoint(), on=dt.date(2015, 3, 1), reason="이사")
    assert appoint("구자윤", since=row.ended_on).number == 1
    for on, reason in ((dt.date(2013, 1, 1), "이사"), (dt.date(2015, 1, 1), " ")):
        with pytest.raises((tongjangs.NotInTerm, tongjangs.ReasonMissing)):
            tongjangs.end(appoint("한결", tong=1 if reason.strip() else 2), on=on, reason=reason)


def test_refuses_a_tong_that_is_not_there(appoint):
    with pytest.raises(tongjangs.NoSuchTong):
        appoint(tong=99)


def test_shows_empty_tongs_and_terms_that_end_soon(appoint, dong):
    appoint(since=dt.date(2013, 2, 1))
    appoint("구자윤", tong=1)
    found = {line.tong: line for line in tongjangs.lines([dong], on=f.TODAY)}
    assert found[7].ends_soon
    assert not found[1].ends_soon
    assert found[2].term is None


def test_counts_what_each_did_in_a_year(appoint, dong, lead):
    appoint()
    person, other = f.PersonFactory(dong=dong, tong=7), f.PersonFactory(dong=dong, tong=1)
    f.ConsentFactory(person=person, channel=Consent.Channel.TONGJANG)
    f.ConsentFactory(person=other, channel=Consent.Channel.TONGJANG)
    f.ConsentFactory(person=person, channel=Consent.Channel.PHONE, kind=Consent.Kind.SCREENING)
    CrisisReport.objects.create(person=person, channel="tongjang", text="우편물", reported_at=f.NOW, by=lead)
    line = next(line for line in tongjangs.lines([dong], on=f.TODAY) if line.tong == 7)
    assert (line.asked, line.reported, line.walked) == (1, 1, 0)


def test_lets_the_lead_appoint_in_the_own_dong_only(client, tongs, dong, other_dong, lead, social):
    client.force_login(lead)
    facts = {"tong": 2, "name": "엄미라", "phone": "", "since": "2014-07-01"}
    assert client.post(f"{reverse('tongjang_new')}?dong={other_dong.slug}", facts).status_code == 404
    assert client.post(f"{reverse('tongjang_new')}?dong={dong.slug}", facts).status_code == 302
    assert client.post(f"{reverse('tongjang_new')}?dong={dong.slug}", facts).status_code == 422
    row = TongjangTerm.objects.get()
    client.force_login(social)
    assert client.get(reverse("tongjangs")).status_code == 200
    assert (
        client.post(reverse("tongjang_end", args=[row.uid]), {"on": "2015-01-01", "reason": "이사"}).status_code == 403
    )
    client.force_login(lead)
    assert client.post(reverse("tongjang_reappoint", args=[row.uid])).status_code == 302
    assert TongjangTerm.objects.count() == 2
    assert (
        client.post(reverse("tongjang_end", args=[row.uid]), {"on": "2015-01-01", "reason": "이사"}).status_code == 302
    )


def test_asks_as_much_of_the_database_for_thirty_tongs_as_for_three(client, tongs, dong, lead, appoint):
    client.force_login(lead)
    client.get(reverse("tongjangs"))
    counts = []
    for more in (0, 27):
        for n in range(more):
            Tong.objects.create(dong=dong, number=30 + n, valid_from=SINCE)
            appoint(f"통장{n}", tong=30 + n)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("tongjangs"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_counts_by_dong_for_those_who_see_many_until_they_choose_one(client, tongs, dong, other_dong, office, appoint):
    Tong.objects.create(dong=other_dong, number=1, valid_from=SINCE)
    appoint("엄미라", since=seoul_date(timezone.now()) - dt.timedelta(days=10))
    client.force_login(office)
    page = client.get(reverse("tongjangs"))
    assert {(row.dong, row.tongs, row.held, row.empty) for row in page.context["counts"]} == {
        (dong, 3, 1, 2),
        (other_dong, 1, 0, 1),
    }
    assert "엄미라" not in page.content.decode()
    page = client.get(reverse("tongjangs"), {"dong": dong.slug})
    assert page.context["counts"] == []
    assert "엄미라" in page.content.decode()
