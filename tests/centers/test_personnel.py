"""Personnel orders: accounts and rights follow them, from midnight of their day."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers import first_sign_in, personnel, posting_requests
from centers.access import Scope
from centers.models import Posting, PostingChange, PostingRequest, User
from centers.personnel import Act, Effect, Order
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = dt.date(2015, 2, 1)


@pytest.fixture
def hire(dong):
    return Order("S2015001", "민서연", DAY, Act.HIRE, role="PS", dong=dong, job_title="주무관")


@pytest.fixture
def known(social):
    social.employee_number = "S2010007"
    social.save()
    return social


def carry_out(order, by):
    return personnel.carry_out(personnel.plan(order), by=by, at=f.NOW)


def order_for(user, act, **given):
    return Order(user.employee_number, user.name, given.pop("on", DAY), act, **given)


def test_makes_an_account_that_nobody_can_sign_in_to_yet(hire, officer):
    done = carry_out(hire, officer)
    assert done.created
    assert not done.user.has_usable_password()
    assert done.user.postings.get().valid_from == DAY


def test_gives_the_rights_of_an_order_at_midnight_of_its_day(known, officer, other_dong):
    carry_out(order_for(known, Act.MOVE, dong=other_dong), officer)
    before, after = (Scope.of(known, DAY - dt.timedelta(days)) for days in (1, 0))
    assert before.dong.name == "장위1동"
    assert after.dong == other_dong
    assert after.roles == ("PS",)


def test_leaves_the_other_postings_when_somebody_takes_on_more(known, officer, other_dong):
    carry_out(order_for(known, Act.ADD, role="PS", dong=other_dong), officer)
    assert len(Scope.of(known, DAY).postings) == 2


def test_ends_the_rights_and_the_session_of_a_leaver(client, known, officer):
    carry_out(order_for(known, Act.END, on=dt.date(2015, 1, 1)), officer)
    known.refresh_from_db()
    client.force_login(known)
    assert client.get(reverse("residents")).url.startswith(reverse("account_login"))
    assert Scope.of(known, dt.date(2015, 1, 1)).postings == ()


def test_keeps_the_account_of_somebody_on_leave(known, officer):
    carry_out(order_for(known, Act.PAUSE), officer)
    assert User.objects.get(pk=known.pk).left_on is None
    assert Scope.of(known, DAY).postings == ()


def test_changes_nothing_when_the_same_order_comes_again(hire, known, officer, other_dong):
    move = order_for(known, Act.MOVE, dong=other_dong)
    for order in (hire, move, order_for(known, Act.MOVE, dong=other_dong, on=dt.date(2015, 3, 1), role="TL")):
        carry_out(order, officer)
    for order in (hire, move):
        assert personnel.plan(order).effect == Effect.UNCHANGED


def test_asks_for_a_reason_before_it_makes_an_account_for_somebody_unknown(hire, dong):
    stranger = Order("S1999001", "조하린", DAY, Act.MOVE, role="PS", dong=dong)
    with pytest.raises(personnel.UnknownPerson):
        personnel.plan(stranger)
    given = Order("S1999001", "조하린", DAY, Act.MOVE, role="PS", dong=dong, reason="다른 구에서 옴")
    assert personnel.plan(given).effect == Effect.ADDED


def test_does_not_guess_that_a_namesake_without_a_number_is_the_same_person(social, dong):
    with pytest.raises(personnel.NumberMissing, match="social"):
        personnel.plan(Order("S2015002", social.name, DAY, Act.HIRE, role="PS", dong=dong))


def test_refuses_an_order_that_is_older_than_a_posting(known, officer, other_dong):
    carry_out(order_for(known, Act.MOVE, dong=other_dong), officer)
    with pytest.raises(personnel.OrderTooEarly):
        personnel.plan(order_for(known, Act.MOVE, on=dt.date(2015, 1, 20), role="TL", dong=other_dong))


@pytest.mark.parametrize("role", ["IM", "GU", "HC", "AU", "SA"])
def test_never_gives_a_right_over_the_district_by_one_person(known, officer, role):
    done = carry_out(order_for(known, Act.MOVE, role=role), officer)
    assert done.opened is None
    assert Scope.of(known, DAY).roles == ()
    with pytest.raises(posting_requests.SamePerson):
        posting_requests.give(PostingRequest.objects.get(), by=officer, on=DAY, at=f.NOW)


def test_gives_it_when_a_second_person_says_so(client, known, officer, office):
    carry_out(order_for(known, Act.MOVE, role="AU"), officer)
    row = PostingRequest.objects.get()
    client.force_login(officer)
    assert client.post(reverse("account_request", args=[row.uid]), {"give": "1"}).status_code == 403
    client.force_login(office)
    client.post(reverse("account_request", args=[row.uid]), {"give": "1"})
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("given", office)
    assert row.posting.role == "AU"
    client.post(reverse("account_request", args=[row.uid]), {"give": "1"})
    assert Posting.objects.filter(user=known, role="AU").count() == 1


def test_writes_down_who_gave_and_ended_each_right(known, officer, other_dong):
    carry_out(order_for(known, Act.MOVE, dong=other_dong, reason="정기인사"), officer)
    assert list(PostingChange.objects.order_by("pk").values_list("act", "reason", "by")) == [
        ("end", "정기인사", officer.pk),
        ("open", "정기인사", officer.pk),
    ]


def test_takes_back_an_order_before_its_day_as_if_it_never_was(known, officer, other_dong):
    done = carry_out(order_for(known, Act.MOVE, dong=other_dong, job_title="팀장"), officer)
    personnel.take_back(done.as_json(), by=officer, reason="잘못 올림", on=dt.date(2015, 1, 20), at=f.NOW)
    assert Scope.of(known, DAY).dong.name == "장위1동"
    assert User.objects.get(pk=known.pk).job_title == "주무관"


def test_keeps_in_the_books_what_was_held_before_an_order_was_taken_back(known, officer, other_dong):
    done = carry_out(order_for(known, Act.MOVE, dong=other_dong), officer)
    personnel.take_back(done.as_json(), by=officer, reason="잘못 올림", on=dt.date(2015, 2, 10), at=f.NOW)
    held = {day: Scope.of(known, dt.date(2015, 2, day)).dong.name for day in (5, 10)}
    assert held == {5: other_dong.name, 10: "장위1동"}


def test_does_not_take_back_an_order_that_a_later_one_stands_on(known, officer, other_dong):
    done = carry_out(order_for(known, Act.MOVE, dong=other_dong), officer)
    carry_out(order_for(known, Act.MOVE, role="TL", on=dt.date(2015, 3, 1), dong=other_dong), officer)
    with pytest.raises(personnel.CannotTakeBack):
        personnel.take_back(done.as_json(), by=officer, reason="잘못 올림", on=DAY, at=f.NOW)


def test_closes_the_account_of_a_hire_that_is_taken_back(hire, officer):
    done = carry_out(hire, officer)
    personnel.take_back(done.as_json(), by=officer, reason="잘못 올림", on=DAY, at=f.NOW)
    assert not User.objects.get(pk=done.user.pk).is_active
    assert carry_out(hire, officer).created


def sign_in(client, name, password):
    return client.post(reverse("account_login"), {"login": name, "password": password})


def test_opens_nothing_but_the_password_page_with_a_first_code(client, hire, officer):
    user = carry_out(hire, officer).user
    issued = first_sign_in.issue([user], at=dt.datetime.now(dt.UTC))[0]
    assert issued.code not in user.password
    assert sign_in(client, user.username, issued.code).status_code == 302
    assert client.get(reverse("residents")).url == reverse("account_change_password")
    own = "바람 부는 언덕 위에 서 있는 나무"
    answer = {"oldpassword": issued.code, "password1": own, "password2": own}
    assert client.post(reverse("account_change_password"), answer).url == reverse("home")
    user.refresh_from_db()
    assert user.setup_until is None
    client.logout()
    sign_in(client, user.username, issued.code)
    assert "_auth_user_id" not in client.session


def test_ends_a_first_code_after_two_weeks(client, hire, officer):
    user = carry_out(hire, officer).user
    past = dt.datetime.now(dt.UTC) - first_sign_in.GOOD_FOR - dt.timedelta(1)
    issued = first_sign_in.issue([user], at=past)[0]
    assert sign_in(client, user.username, issued.code).url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


def test_shows_codes_once_and_only_to_those_who_may(client, hire, officer, lead):
    user = carry_out(hire, officer).user
    client.force_login(lead)
    assert client.post(reverse("account_first_codes"), {"account": [str(user.uid)]}).status_code == 403
    client.force_login(officer)
    text = client.post(reverse("account_first_codes"), {"account": [str(user.uid)]}).content.decode()
    code = text.split('<code class="big">')[1].split("</code>")[0]
    user.refresh_from_db()
    assert user.check_password(code)
    assert code not in client.get(reverse("account", args=[user.uid])).content.decode()


def test_does_not_replace_a_password_that_somebody_has_set(client, officer, social):
    client.force_login(officer)
    client.post(reverse("account_first_codes"), {"account": [str(social.uid)]})
    social.refresh_from_db()
    assert social.check_password("a long enough password")


def test_lets_nobody_alone_replace_a_password_that_opens_the_whole_district(client, officer, privacy, social):
    client.force_login(officer)
    page = reverse("account_first_codes")
    client.post(page, {"account": [str(privacy.uid)], "renew": "1"})
    privacy.refresh_from_db()
    assert privacy.check_password("a long enough password")
    client.post(page, {"account": [str(social.uid)], "renew": "1"})
    social.refresh_from_db()
    assert not social.check_password("a long enough password")


def test_shows_a_lead_the_accounts_of_the_own_dong(client, lead, social, nurse_elsewhere):
    client.force_login(lead)
    text = client.get(reverse("accounts")).content.decode()
    assert social.name in text
    assert nurse_elsewhere.name not in text
    assert client.get(reverse("account", args=[nurse_elsewhere.uid])).status_code == 404


def test_asks_as_much_of_the_database_for_thirty_accounts_as_for_three(client, officer, dong):
    client.force_login(officer)
    client.get(reverse("accounts"))
    counts = []
    for more in (2, 27):
        for _ in range(more):
            f.PostingFactory(dong=dong)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("accounts"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
