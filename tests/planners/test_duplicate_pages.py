"""The inbox of records that may be one human: who sees what, who decides, and what is remembered."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from centers.models import AccessLog, Job
from planners import duplicate_search, duplicates, person_links, residents
from planners.models import DuplicatePair, Person, PersonLink
from tests import factories as f

pytestmark = pytest.mark.django_db
INBOX = "duplicates"
BORN = dt.date(1950, 1, 20)


def record(name, dong, birth_on=BORN, **given):
    return f.PersonFactory(
        name=name, dong=dong, birth_on=birth_on, match_key=residents.match_key(name, birth_on, "F"), **given
    )


@pytest.fixture
def pair(dong):
    """Two records of 장위1동 with the same name, birth date and sex."""
    one, two = record("이순자", dong, mobile="010-1111-2222"), record("이순자", dong, mobile="")
    duplicate_search.search(at=timezone.now())
    return DuplicatePair.objects.get(first=one, second=two)


def url_of(pair):
    return reverse("duplicate", args=[pair.uid])


def test_shows_the_most_alike_first_with_counts(signed_in, officer, dong, other_dong, pair):
    record("이순자", other_dong, mobile="010-1111-2222")
    duplicate_search.search(at=timezone.now())
    page = signed_in(officer).get(reverse(INBOX)).context
    assert [entry.pair.score for entry in page["page"].entries] == [73, 48, 43]
    assert page["tabs"][0] == ("open", "정하기 전", 3)
    only = signed_in(officer).get(reverse(INBOX), {"dong": other_dong.slug}).context
    assert only["tabs"][0] == ("open", "정하기 전", 2)


def test_marks_what_differs_side_by_side(signed_in, officer, pair):
    page = signed_in(officer).get(url_of(pair))
    facts = {fact.label: fact for fact in page.context["facts"]}
    assert not facts["이름"].differs
    assert facts["주소"].differs
    assert facts["휴대전화"].is_one_sided, "one record is silent: no contradiction"
    assert page.context["keeper"] == pair.first
    assert AccessLog.objects.get(action="duplicate.decide").subjects == [pair.first_id, pair.second_id]


def test_suggests_to_keep_who_lives_here_and_has_more_behind_them(pair):
    first, second = pair.first, pair.second
    f.ConsentFactory(person=second)
    assert duplicates.keeper(first, second, duplicates.weights([first, second])) == second
    Person.objects.filter(pk=second.pk).update(status="moved", status_on=f.TODAY)
    second.refresh_from_db()
    assert duplicates.keeper(first, second, duplicates.weights([first, second])) == first


def test_links_and_goes_on_to_the_next_pair(signed_in, officer, dong, pair):
    record("박말순", dong)
    record("박말순", dong)
    duplicate_search.search(at=timezone.now())
    following = DuplicatePair.objects.exclude(pk=pair.pk).get()
    client = signed_in(officer)
    without = client.post(url_of(pair), {"act": "link", "keep": pair.second.uid, "reason": ""})
    assert without.status_code == 422
    assert "까닭을 적어 주세요" in without.content.decode()
    answer = client.post(url_of(pair), {"act": "link", "keep": pair.second.uid, "reason": "전화로 확인함"})
    assert answer.url == url_of(following)
    link = PersonLink.objects.get()
    assert (link.kept, link.linked, link.by) == (pair.second, pair.first, officer)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.note) == ("linked", officer, "전화로 확인함")


def test_remembers_two_people_as_two(signed_in, officer, pair):
    client = signed_in(officer)
    client.post(url_of(pair), {"act": "different", "reason": "사촌"})
    duplicate_search.search(at=timezone.now())
    assert not duplicates.pairs(client.get(reverse(INBOX)).wsgi_request.scope).filter(state="open").exists()
    again = client.post(url_of(pair), {"act": "link", "keep": pair.first.uid, "reason": "역시 같은 분"})
    assert again.status_code == 422
    assert "유정민 님이 이미 ‘다른 사람’" in again.content.decode()
    assert client.post(url_of(pair), {"act": "reconsider", "reason": ""}).status_code == 422
    client.post(url_of(pair), {"act": "reconsider", "reason": "다시 확인함"})
    client.post(url_of(pair), {"act": "link", "keep": pair.first.uid, "reason": "역시 같은 분"})
    assert PersonLink.objects.filter(split_at=None).count() == 1


def test_keeps_later_apart_until_somebody_decides(signed_in, officer, pair):
    client = signed_in(officer)
    client.post(url_of(pair), {"act": "later"})
    duplicate_search.search(at=timezone.now())
    tabs = client.get(reverse(INBOX)).context["tabs"]
    assert [count for _, _, count in tabs] == [0, 1, 0, 0]


def test_gives_a_lead_the_pairs_of_the_own_dong_and_masks_the_rest(
    signed_in, lead, lead_elsewhere, dong, other_dong, pair
):
    mixed_person = record("이순자", other_dong, address="월곡로 77")
    duplicate_search.search(at=timezone.now())
    client = signed_in(lead)
    page = client.get(reverse(INBOX))
    assert len(page.context["page"].entries) == 3
    assert "월곡로 77" not in page.content.decode()
    mixed = DuplicatePair.objects.get(first=pair.first, second=mixed_person)
    shown = client.get(url_of(mixed)).content.decode()
    assert "이○자 · 월곡1동" in shown
    assert "월곡로 77" not in shown
    refused = client.post(url_of(mixed), {"act": "different"})
    assert "데이터 담당이 정합니다" in refused.content.decode()
    mixed.refresh_from_db()
    assert mixed.state == "open"
    client.post(url_of(pair), {"act": "different"})
    pair.refresh_from_db()
    assert pair.state == "different"
    assert signed_in(lead_elsewhere).get(url_of(pair)).status_code == 404


@pytest.mark.parametrize("who", ["nurse", "counsellor", "office", "privacy"])
def test_is_closed_to_other_roles(request, signed_in, pair, who):
    client = signed_in(request.getfixturevalue(who))
    assert client.get(reverse(INBOX)).status_code == 403
    assert client.get(url_of(pair)).status_code == 403


def test_leads_from_the_linked_record_to_the_kept_one_and_splits_there(signed_in, lead, pair):
    client = signed_in(lead)
    client.post(url_of(pair), {"act": "link", "keep": pair.first.uid, "reason": "전화로 확인함"})
    answer = client.get(reverse("person", args=[pair.second.uid]))
    assert answer.url == reverse("person", args=[pair.first.uid])
    page = client.get(answer.url).content.decode()
    assert "연결된 기록" in page
    assert "전화로 확인함" in page
    split = reverse("person_split", args=[PersonLink.objects.get().uid])
    client.post(split, {"reason": ""})
    assert PersonLink.objects.get().split_at is None
    client.post(split, {"reason": "다른 분이셨음"})
    assert client.get(reverse("person", args=[pair.second.uid])).status_code == 200


def test_puts_two_records_together_that_somebody_found(signed_in, lead, dong, other_dong):
    one, two = record("최옥자", dong), record("최옥희", dong)
    elsewhere = record("최옥자", other_dong)
    client, url = signed_in(lead), reverse("duplicate_new", args=[one.uid])
    assert client.get(url, {"q": "최옥"}).context["found"] == [two]
    assert client.post(url, {"other": elsewhere.uid}).status_code == 404
    for _ in range(2):  # a double click
        answer = client.post(url, {"other": two.uid})
    pair = DuplicatePair.objects.get()
    assert answer.url == url_of(pair)
    assert pair.grounds == ["by_hand"]
    duplicate_search.search(at=timezone.now())
    assert DuplicatePair.objects.filter(pk=pair.pk).exists(), "the night does not forget what a person found"


def test_searches_at_once_as_one_job(signed_in, officer, lead, dong):
    record("이순자", dong)
    record("이순자", dong)
    client = signed_in(officer)
    for _ in range(2):
        client.post(reverse("duplicate_search"))
    job = Job.objects.get(kind="find_duplicates")
    from centers import jobs

    jobs.run(job.pk, at=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.result["found"]) == ("done", 1)
    assert signed_in(lead).post(reverse("duplicate_search")).status_code == 404


def test_gathers_at_night_what_was_written_while_two_were_linked(officer, dong):
    from centers import jobs
    from planners import tasks_duplicates

    kept, linked = record("이순자", dong), record("이순자", dong)
    person_links.link(kept, linked, reason="같은 분", by=officer, at=timezone.now())
    stray = f.ConsentFactory(person=linked)
    jobs.run(tasks_duplicates.open_search(by=None, at=timezone.now()).pk, at=timezone.now())
    stray.refresh_from_db()
    assert stray.person == kept


def test_pages_by_key_and_costs_the_same_for_3_and_30(signed_in, officer, dong, queries_of):
    client = signed_in(officer)
    ask = lambda: client.get(reverse(INBOX))  # noqa: E731

    def more(count, start):
        for n in range(count):
            birth = dt.date(1950, 1, 1) + dt.timedelta(days=start + n)
            record("이순자", dong, birth)
            record("이순자", dong, birth)
        duplicate_search.search(at=timezone.now())

    more(3, 0)
    ask()
    few = queries_of(ask)
    more(30, 10)
    assert queries_of(ask) == few
    first = ask().context
    second = client.get(reverse(INBOX) + first["next_url"]).context
    seen = [entry.pair.pk for page in (first, second) for entry in page["page"].entries]
    assert len(seen) == len(set(seen)) == 33
    assert not second["next_url"]
