"""The page of a month's settings: what holds and where from, what comes, a new version, and who may."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from centers.models import AccessLog
from common.months import Month
from planners.models import PlanningSettings
from planners.months import planning_settings
from tests.design.test_gallery import OVERFLOW

pytestmark = pytest.mark.django_db
PAGE, NEW = "schedule_settings", "schedule_settings_new"


@pytest.fixture
def coming(today) -> Month:
    return Month.of(today).next


@pytest.fixture
def in_force(today, rulebook):
    """Settings that began some months ago."""

    def begin(dong, *, months_ago=3, **given):
        first = Month.of(today).plus(-months_ago).first
        return PlanningSettings.objects.create(
            dong=dong, valid_from=first, reason="지난 설정", at=timezone.now(), **given
        )

    return begin


def address(name, place) -> str:
    return f"{reverse(name)}?dong={place if isinstance(place, str) else place.slug}"


def line_of(page, label):
    return next(line for _, _, lines in page.context["groups"] for line in lines if line.item.label == label)


def told(form, **typed) -> dict:
    """What a browser sends: the form as it opened, and what was typed over it."""
    opened = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (opened | typed).items()}


class TestPage:
    def test_says_what_holds_and_where_it_comes_from(self, signed_in, lead, dong, in_force):
        in_force(None, prices={"outing": 35, "late": 500}, daily_maximum=4)
        own = in_force(dong, months_ago=1, prices={"outing": 50}, consent_rates={"elderly": 0.65})
        page = signed_in(lead).get(reverse(PAGE))
        held = [
            (line_of(page, label).words, line_of(page, label).now.origin)
            for label in ("반일에 한 번 나감", "기한을 넘기는 방문", "한 조의 하루 최대 방문", "기한을 넘긴 하루마다")
        ]
        assert held == [("50분", "dong"), ("500분", "district"), ("4건", "district"), ("20분", "usual")]
        assert line_of(page, "반일에 한 번 나감").now.since == own.valid_from
        elderly = next(
            line for _, _, lines in page.context["groups"] for line in lines if line.item.key == "consent-elderly"
        )
        assert elderly.words == "65%"
        assert "지난 설정" in page.content.decode()

    def test_says_what_comes_next(self, signed_in, lead, dong, in_force, coming):
        in_force(dong, prices={"outing": 50})
        planning_settings.change(
            None, since=coming.next, prices={"late": 900}, reason="구 방침", by=None, at=timezone.now()
        )
        planning_settings.change(dong, since=coming, daily_maximum=3, reason="겨울", by=lead, at=timezone.now())
        page = signed_in(lead).get(reverse(PAGE))
        outing, late = line_of(page, "반일에 한 번 나감"), line_of(page, "기한을 넘기는 방문")
        assert (outing.next_words, outing.next.since, outing.next.origin) == ("20분", coming.first, "usual")
        assert (late.next_words, late.next.since, late.next.origin) == ("900분", coming.next.first, "district")
        assert [v.row.reason for v in page.context["coming"]] == ["겨울", "구 방침"]
        assert ("한 조의 하루 최대 방문", "구 값대로", "3건") in page.context["coming"][0].changes
        assert ("반일에 한 번 나감", "50분", "구 값대로") in page.context["coming"][0].changes

    def test_costs_the_same_however_long_the_history(self, signed_in, lead, dong, today, in_force, queries_of):
        in_force(None, daily_maximum=4)
        client = signed_in(lead)
        client.get(reverse(PAGE))
        few = queries_of(lambda: client.get(reverse(PAGE)))
        for n in range(30):
            first, last = (Month.of(today).plus(-40 + n + more).first for more in (0, 1))
            PlanningSettings.objects.create(
                dong=dong, valid_from=first, valid_to=last, daily_maximum=1 + n % 5, reason=f"{n}째", by=lead,
                at=timezone.now(),
            )  # fmt: skip
        page = client.get(reverse(PAGE))
        assert len(page.context["history"]) == 31
        assert queries_of(lambda: client.get(reverse(PAGE))) == few

    def test_is_reached_from_the_month_and_leads_to_the_comparison(self, signed_in, lead, office, dong, pair, rulebook):
        client = signed_in(lead)
        assert address(PAGE, dong) in client.get(reverse("schedules")).content.decode()
        assert f"{reverse('schedule_compare')}?dong={dong.slug}" in client.get(reverse(PAGE)).content.decode()
        assert address(PAGE, "district") in signed_in(office).get(reverse("district_month")).content.decode()


class TestForm:
    def test_begins_a_new_version_on_the_first_of_a_coming_month(self, signed_in, lead, dong, rulebook, coming):
        client = signed_in(lead)
        form = client.get(reverse(NEW)).context["form"]
        typed = told(form, **{
            "reason": "겨울", "day-maximum": 3, "minutes-turns_65": 75, "consent-elderly": "62.5",
            "price-outing": 60, "price-fairness": "0.5", "tier-1": 21000, "tier-2": 8000, "tier-3": 3000, "tier-4": 600,
        })  # fmt: skip
        assert client.post(reverse(NEW), typed).url == address(PAGE, dong)
        row = PlanningSettings.objects.get()
        assert (row.dong, row.valid_from, row.by, row.reason) == (dong, coming.first, lead, "겨울")
        assert row.prices == {"outing": 60, "fairness": 0.5, "tiers": [21000, 8000, 3000, 600]}
        assert (row.daily_maximum, row.minutes, row.consent_rates) == (3, {"turns_65": 75}, {"elderly": 0.625})
        assert AccessLog.objects.get(action="schedule.settings_change").detail == {
            "settings": str(row.uid), "dong": dong.slug,
        }  # fmt: skip
        assert planning_settings.in_force(dong, coming.first).prices.outing == 60

    def test_opens_with_what_stands_and_says_what_an_empty_field_means(self, signed_in, lead, dong, in_force):
        in_force(None, prices={"outing": 35})
        in_force(dong, consent_rates={"elderly": 0.65}, prices={"fairness": 0.2})
        page = signed_in(lead).get(reverse(NEW))
        form = page.context["form"]
        assert (form["consent-elderly"].value(), form["price-fairness"].value(), form["price-outing"].value()) == (
            65, 0.2, None,
        )  # fmt: skip
        assert "비우면 구 값 35분" in form["price-outing"].help_text
        assert "비우면 보통 값 400분" in form["price-late"].help_text

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"minutes-turns_65": 5}, "15에서 180 사이의 정수로"),
            ({"minutes-turns_65": "한 시간"}, "15에서 180 사이의 정수로"),
            ({"day-maximum": 9}, "1에서 5 사이의 정수로"),
            ({"consent-elderly": 120}, "0에서 100 사이로"),
            ({"price-outing": -1}, "0에서 1,000,000 사이의 정수로"),
            ({"tier-2": 500}, "네 값을 모두 적거나 모두 비워"),
            ({"price-booking": 100}, "차례로 작아져야 합니다"),
            ({"since": "2015-01"}, "이미 만든 일정의 값은 바꾸지 않습니다"),
            ({"since": ""}, "언제부터 쓸지 달을 골라"),
            ({"since": "2999-01"}, "까지의 달을 골라 주세요"),
            ({"reason": ""}, "왜 바꾸는지 한 줄로"),
        ],
    )
    def test_refuses_with_words_and_keeps_what_was_typed(self, signed_in, lead, rulebook, typed, said):
        client = signed_in(lead)
        form = client.get(reverse(NEW)).context["form"]
        facts = told(form, **{"reason": "겨울", "price-late": 777} | typed)
        answer = client.post(reverse(NEW), facts)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert answer.context["form"]["price-late"].value() == "777"
        assert not PlanningSettings.objects.exists()

    def test_is_one_version_when_sent_twice(self, signed_in, lead, rulebook):
        client = signed_in(lead)
        facts = told(client.get(reverse(NEW)).context["form"], reason="겨울", **{"price-outing": 60})
        assert {client.post(reverse(NEW), facts).status_code for _ in range(2)} == {302}
        assert PlanningSettings.objects.count() == 1

    def test_does_not_write_over_what_somebody_else_saved_meanwhile(self, signed_in, lead, dong, rulebook, coming):
        client = signed_in(lead)
        facts = told(client.get(reverse(NEW)).context["form"], reason="겨울", **{"price-outing": 60})
        planning_settings.change(dong, since=coming, daily_maximum=2, reason="먼저", by=None, at=timezone.now())
        answer = client.post(reverse(NEW), facts)
        assert answer.status_code == 422
        assert "그사이 다른 사람이 설정을 바꿨습니다" in answer.content.decode()
        assert PlanningSettings.objects.get().reason == "먼저"
        again = answer.context["form"]
        assert again["price-outing"].value() == "60", "what was typed is still there, and can be saved now"
        client.post(reverse(NEW), facts | {"seen": again["seen"].value()})
        assert PlanningSettings.objects.standing().get().reason == "겨울"

    def test_says_when_nothing_would_change(self, signed_in, lead, rulebook):
        client = signed_in(lead)
        facts = told(client.get(reverse(NEW)).context["form"], reason="겨울")
        answer = client.post(reverse(NEW), facts)
        assert "바뀐 값이 없습니다" in answer.content.decode()
        assert not PlanningSettings.objects.exists()

    def test_refuses_district_prices_that_break_those_of_a_dong(self, signed_in, office, dong, in_force):
        in_force(dong, prices={"booking": 30_000})
        client = signed_in(office)
        facts = told(client.get(reverse(NEW)).context["form"], reason="방침") | {
            "price-booking": 90_000, "tier-1": 50_000, "tier-2": 8000, "tier-3": 3000, "tier-4": 600,
        }  # fmt: skip
        answer = client.post(reverse(NEW), facts)
        assert f"{dong.name} 설정과 함께 쓰면 맞지 않습니다" in answer.content.decode()
        assert PlanningSettings.objects.count() == 1


class TestRights:
    def test_keeps_leads_to_their_own_dong(self, signed_in, lead, dong, other_dong, rulebook):
        client = signed_in(lead)
        for name in (PAGE, NEW):
            answers = {place: client.get(address(name, place)).status_code for place in (dong.slug, other_dong.slug)}
            assert answers == {dong.slug: 200, other_dong.slug: 404}
            assert client.get(address(name, "district")).status_code == 403
        facts = {"since": "2999-01", "reason": "x"}
        assert client.post(address(NEW, other_dong), facts).status_code == 404
        assert client.post(address(NEW, "district"), facts).status_code == 403

    def test_gives_the_office_the_default_and_a_look_at_every_dong(
        self, signed_in, office, dong, rulebook, in_force, coming
    ):
        client = signed_in(office)
        assert client.get(reverse(PAGE)).context["dong"] is None
        assert client.get(address(PAGE, dong)).status_code == 200
        assert client.get(address(NEW, dong)).status_code == 403
        assert client.get(address(PAGE, "no-such-dong")).status_code == 404
        facts = told(client.get(reverse(NEW)).context["form"], reason="방침", **{"price-outing": 33})
        assert client.post(reverse(NEW), facts).url == address(PAGE, "district")
        assert planning_settings.in_force(dong, coming.first).prices.outing == 33

    @pytest.mark.parametrize("who", ["nurse", "social", "counsellor", "manager", "officer", "privacy"])
    def test_is_closed_to_all_others(self, request, signed_in, who, rulebook):
        client = signed_in(request.getfixturevalue(who))
        for name in (PAGE, NEW):
            assert client.get(reverse(name)).status_code == 403
            assert client.post(reverse(NEW), {}).status_code == 403

    def test_is_closed_to_the_health_center_which_plans_by_the_district(self, signed_in, rulebook):
        from tests.cast import posted

        assert signed_in(posted("zone_nurse", "서은", "HC")).get(reverse(PAGE)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_fits_phones_and_desks_in_light_and_dark(new_context, sign_in, lead, dong, pair, in_force, coming, axe):
    in_force(None, prices={"outing": 35, "late": 500}, daily_maximum=4)
    in_force(dong, prices={"outing": 50}, consent_rates={"elderly": 0.65})
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, lead)
    page.goto(reverse(PAGE))
    page.get_by_role("link", name="새 설정 적기").click()
    page.get_by_label("왜 바꾸나요").fill("겨울에는 한 번에 더 묶음")
    page.get_by_label("반일에 한 번 나감").fill("-4")
    page.get_by_role("button", name="저장하기").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for width, scheme in ((1440, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        axe(page)
        assert page.evaluate(OVERFLOW) == 0
    page.get_by_label("반일에 한 번 나감").fill("70")
    page.get_by_role("button", name="저장하기").click()
    expect(page.get_by_text(re.compile("설정을 저장했습니다"))).to_be_visible()
    expect(page.get_by_text("70분").first).to_be_visible()
    for width, scheme in ((390, "dark"), (390, "light"), (1440, "light"), (1440, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        axe(page)
        assert page.evaluate(OVERFLOW) == 0
    assert PlanningSettings.objects.filter(dong=dong, valid_from=coming.first).count() == 1
