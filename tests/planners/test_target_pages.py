"""The list of targets, one target, and the half-minute report."""

import datetime as dt

import pytest
from django.urls import reverse

from centers.models import AccessLog
from common.months import Month
from planners import programmes, target_outlook
from planners.models import Alarm, CrisisReport, Target
from tests import factories as f

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def test_lists_own_dong_with_masked_names_only(signed_in, social, dong, other_dong, listed):
    mine, theirs = listed(dong, name="김영순"), listed(other_dong, name="박말숙")
    answer = signed_in(social).get(reverse("targets"))
    assert "김○순" in text_of(answer)
    assert "김영순" not in text_of(answer)
    assert "박○숙" not in text_of(answer)
    row = AccessLog.objects.get(action="target.list")
    assert row.subjects == [mine.person_id]
    assert theirs.person_id not in row.subjects


def test_cannot_be_widened_to_another_dong_by_the_address(signed_in, social, dong, other_dong, listed):
    listed(other_dong, name="박말숙")
    page = text_of(signed_in(social).get(reverse("targets"), {"dong": other_dong.slug, "view": "all"}))
    assert "박○숙" not in page


def test_answers_another_dongs_target_like_one_that_does_not_exist(signed_in, social, other_dong, listed):
    target = listed(other_dong)
    client = signed_in(social)
    for url in (reverse("target_detail", args=[target.uid]), reverse("booking_call", args=[target.uid])):
        assert client.get(url).status_code == 404


def test_filters_by_programme_tong_and_view(signed_in, social, dong, listed, today):
    listed(dong, name="김일통", tong=1)
    late = listed(dong, name="김이통", tong=2)
    Target.objects.filter(pk=late.pk).update(due_on=today - dt.timedelta(days=1))
    client = signed_in(social)

    def names(**query):
        return {row.target.person.name for row in client.get(reverse("targets"), query).context["page"].rows}

    assert names() == {"김일통", "김이통"}
    assert names(tong=2) == {"김이통"}
    assert names(view="late") == {"김이통"}
    assert names(view="ended") == set()
    assert names(programme="child") == set()
    assert names(month=str(Month.of(today).next)) == set()


def test_shows_who_ages_out_this_month_unvisited(signed_in, lead, dong, listed, today):
    leaving = listed(dong, name="김육육")
    leaving.person.birth_on = dt.date(today.year - 66, today.month, 15)
    leaving.person.save()
    listed(dong, name="김육오")
    rows = signed_in(lead).get(reverse("targets"), {"view": "closing"}).context["page"].rows
    assert [row.target.person.name for row in rows] == ["김육육"]


def test_counts_what_it_lists(signed_in, lead, dong, listed):
    for n in range(3):
        listed(dong, name=f"김영{'가나다'[n]}")
    ended = listed(dong, name="김영라")
    Target.objects.filter(pk=ended.pk).update(state="moved", ended_on=dt.date(2020, 1, 1))
    context = signed_in(lead).get(reverse("targets"), {"view": "all"}).context
    assert context["whole"]["value"] == len(context["page"].rows) == context["page"].total == 4
    assert {part["name"]: part["value"] for part in context["parts"]} == {"진행": 3, "전출": 1}


def test_costs_the_same_for_3_and_30_rows(signed_in, lead, dong, listed, queries_of):
    client = signed_in(lead)
    for n in range(3):
        listed(dong, answer="given" if n else None)
    client.get(reverse("targets"))
    few = queries_of(lambda: client.get(reverse("targets")))
    for _ in range(27):
        listed(dong, answer="refused")
    assert queries_of(lambda: client.get(reverse("targets"))) == few


def test_pages_through_more_than_fifty(signed_in, lead, dong, listed):
    for _ in range(53):
        listed(dong)
    client = signed_in(lead)
    first = client.get(reverse("targets"))
    assert len(first.context["page"].rows) == 50
    second = client.get(reverse("targets") + first.context["next_url"])
    seen = {row.target.pk for row in (*first.context["page"].rows, *second.context["page"].rows)}
    assert len(seen) == 53


def test_says_why_without_the_birth_date_to_those_who_may_not_see_it(signed_in, social, lead, dong, listed, today):
    target = listed(dong)
    url = reverse("target_detail", args=[target.uid])
    birth = f"{target.person.birth_on.year}년"
    assert f"{birth} {today.month}월 1일에 태어나" in text_of(signed_in(lead).get(url))
    page = text_of(signed_in(social).get(url))
    assert f"{today.month}월에 65세가 됩니다." in page
    assert birth not in page


def test_takes_somebody_off_the_list_only_with_the_right_and_a_reason(signed_in, lead, social, dong, listed):
    target = listed(dong)
    url = reverse("target_end", args=[target.uid])
    assert signed_in(social).post(url, {"reason": "시설"}).status_code == 403
    client = signed_in(lead)
    client.post(url, {"reason": " "})
    target.refresh_from_db()
    assert target.state == "open"
    client.post(url, {"reason": "시설에 들어가심"})
    target.refresh_from_db()
    assert (target.state, target.end_reason) == ("withdrawn", "시설에 들어가심")


def test_makes_the_list_now_for_the_leads_own_dong(signed_in, lead, dong, other_dong, rulebook, today):
    birth = dt.date(today.year - 65, today.month, 10)
    f.PersonFactory(dong=dong, birth_on=birth), f.PersonFactory(dong=other_dong, birth_on=birth)
    signed_in(lead).post(reverse("target_extract"), {"month": str(Month.of(today))})
    assert set(Target.objects.values_list("dong__name", flat=True)) == {dong.name}


# ------------------------------------------------------------------ a worry


def test_reports_a_worry_in_one_form(signed_in, social, lead, dong, rulebook):
    person = f.PersonFactory(dong=dong)
    url = reverse("person_crisis", args=[person.uid])
    client = signed_in(social)
    assert client.post(url, {"channel": "tongjang"}).status_code == 422
    answer = client.post(
        url, {"channel": "tongjang", "signs": ["unseen"], "text": "우편물이 쌓임", "reporter": "민경자"}
    )
    target = Target.objects.get(rule__kind="crisis_report")
    assert answer.url == reverse("target_detail", args=[target.uid])
    assert CrisisReport.objects.get().text == "며칠째 보이지 않음\n우편물이 쌓임"
    page = text_of(signed_in(lead).get(answer.url))
    assert "우편물이 쌓임" in page
    signed_in(lead).post(reverse("target_report_answered", args=[target.uid]))
    assert CrisisReport.objects.get().answered_at


def test_tells_the_lead_at_once_when_somebody_is_in_great_distress(signed_in, social, dong, rulebook):
    person = f.PersonFactory(dong=dong)
    client = signed_in(social)
    url = reverse("person_crisis", args=[person.uid])
    assert "자살" not in text_of(client.get(url)), "the wording stays neutral"
    client.post(url, {"channel": "neighbour", "signs": ["mind"]})
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.person) == ("self_harm", person)


def test_keeps_a_report_on_somebody_elsewhere_impossible(signed_in, social, other_dong, rulebook):
    person = f.PersonFactory(dong=other_dong)
    assert signed_in(social).post(reverse("person_crisis", args=[person.uid]), {}).status_code == 404


def test_keeps_what_is_expected_apart_from_what_is_listed(rulebook, dong, other_dong):
    first = Month(2015, 1)
    f.PersonFactory(dong=dong, birth_on=dt.date(1950, 1, 9))
    f.PersonFactory(dong=dong, birth_on=dt.date(1950, 3, 9))
    f.PersonFactory(dong=dong, birth_on=dt.date(2014, 2, 3))
    f.PersonFactory(dong=dong, birth_on=dt.date(2015, 1, 20))
    f.PersonFactory(dong=other_dong, birth_on=dt.date(1950, 1, 9))
    programmes.extract_targets(first, by=None, at=f.NOW)
    months = {str(row.month): row for row in target_outlook.outlook([dong], first)}
    assert len(months) == 8
    january, february, march = months["2015-01"], months["2015-02"], months["2015-03"]
    assert (january.elders, january.elders_listed, january.births, january.births_listed) == (1, 1, 0, 1)
    assert (february.births, february.births_listed) == (1, None), "last year's births, no list yet"
    assert (march.elders, march.elders_listed) == (1, None)
