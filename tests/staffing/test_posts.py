"""Posts: ranks as the office writes them, who may fill what, and vacant posts that stay to be seen."""

import datetime as dt

import pytest

from centers.models import AccessLog, Dong
from staffing import posts, ranks
from staffing.models import CenterPost, PostTemplate
from tests import factories as f
from tests.cast import posted

OPEN = dt.date(2015, 7, 1)
SOON = dt.date(2015, 9, 1)


@pytest.mark.parametrize(
    ("printed", "named"),
    [
        ("행정5", "행정5급"),
        ("사회5급", "사회5급"),
        ("팀장 (사회6급)", "사회6급"),
        ("팀장 (임기제계약나급)", "임기제 나급"),
        ("행정7,8급", "행정7급, 행정8급"),
        (
            "행정6,7,8,9급 및 (워드, 필기, 시설) 사무원",
            "행정6급, 행정7급, 행정8급, 행정9급, 워드사무원, 필기사무원, 시설사무원",
        ),
        ("시설사무원", "시설사무원"),
        ("운전7급", "운전7급"),
        ("간호사", "간호사"),
        ("", ""),
    ],
)
def test_reads_the_ranks_of_a_printed_text(printed, named):
    assert ranks.words(ranks.read(printed)) == named


def test_offers_every_rank_once_under_its_own_key():
    keys = [rank.key for rank in ranks.known()]
    assert len(keys) == len(set(keys))
    assert all(ranks.by_key(key).key == key for key in keys)
    assert ranks.by_key("admin-1") is None


@pytest.fixture
def dong(reference):
    return Dong.objects.get(name="월곡2동")


@pytest.fixture
def post(dong):
    return lambda number: CenterPost.objects.get(dong=dong, template__number=number, valid_to=None)


def appoint(post, user, printed, on=OPEN, by=None):
    (rank,) = ranks.read(printed)
    return posts.appoint(post, holder=user, rank=rank, by=by or user, on=on, at=f.NOW)


@pytest.mark.django_db
class TestChart:
    def test_draws_three_teams_with_vacant_posts(self, dong):
        chart = posts.chart(dong, on=OPEN)
        assert (chart.numbered, len(chart.posts), chart.vacant) == (23, 24, 24)
        assert chart.head.template.rank == "행정5"
        assert [(team.name, len(team.posts)) for team in chart.teams] == [
            ("마을공동체팀", 10),
            ("복지1팀", 8),
            ("복지2팀", 5),
        ]
        assert all(team.leader.template.is_leader for team in chart.teams)

    def test_shows_the_coming_posts_before_the_center_opens(self, dong):
        assert len(posts.chart(dong, on=dt.date(2015, 1, 1)).posts) == 24

    def test_shows_who_held_a_post_on_a_past_day(self, dong, post):
        first, second = f.UserFactory(name="한 사람"), f.UserFactory(name="다른 사람")
        appoint(post(14), first, "사회7급")
        appoint(post(14), second, "사회7급", on=SOON)

        def holder(day):
            return next(p.holder for p in posts.chart(dong, on=day).posts if p.template.number == 14)

        assert [holder(day) for day in (OPEN, SOON - dt.timedelta(1), SOON)] == [first, first, second]


@pytest.mark.django_db
class TestAppointing:
    @pytest.mark.parametrize(
        ("number", "rank"),
        [
            (1, "행정5급"),
            (1, "사회5급"),
            (2, "임기제 나급"),
            (2, "행정6급"),
            (8, "시설사무원"),
            (12, "행정6급"),
            (22, "행정8급"),
        ],
    )
    def test_accepts_the_printed_ranks(self, post, number, rank):
        assert appoint(post(number), f.UserFactory(), rank).holder_rank == rank

    @pytest.mark.parametrize(
        ("number", "rank"),
        [(14, "행정9급"), (15, "사회8급"), (3, "행정9급"), (12, "사회7급"), (2, "임기제 가급"), (9, "행정9급")],
    )
    def test_refuses_a_rank_that_the_table_does_not_name(self, post, number, rank):
        with pytest.raises(posts.RankNotAccepted) as refusal:
            appoint(post(number), f.UserFactory(), rank)
        assert rank in refusal.value.message
        assert "맡을 수 있는 직급은" in refusal.value.message
        assert CenterPost.objects.filter(holder__isnull=False).count() == 0

    def test_says_which_ranks_would_do(self, post):
        with pytest.raises(posts.RankNotAccepted, match="맡을 수 있는 직급은 행정7급, 행정8급, 사회8급입니다"):
            appoint(post(22), f.UserFactory(), "행정9급")

    def test_lets_nobody_hold_two_posts(self, post):
        user = f.UserFactory(name="오세진")
        appoint(post(14), user, "사회7급")
        with pytest.raises(posts.AlreadyHolds, match="월곡2동 사회7급"):
            appoint(post(15), user, "사회7급")

    def test_starts_no_earlier_than_the_post(self, post):
        with pytest.raises(posts.BeforeThePost, match="2015년 7월 1일부터"):
            appoint(post(14), f.UserFactory(), "사회7급", on=dt.date(2015, 6, 30))

    def test_keeps_a_vacated_post_on_the_chart(self, dong, post):
        user = f.UserFactory()
        appoint(post(14), user, "사회7급")
        posts.vacate(post(14), by=user, on=SOON, at=f.NOW)
        assert post(14).holder is None
        assert posts.chart(dong, on=SOON).vacant == 24
        assert [row.holder for row in posts.past(post(14))] == [user]

    def test_refuses_to_change_a_row_that_has_ended(self, post):
        old = post(14)
        appoint(old, f.UserFactory(), "사회7급", on=SOON)
        with pytest.raises(posts.Stale):
            posts.vacate(old, by=f.UserFactory(), on=SOON, at=f.NOW)


@pytest.mark.django_db
class TestPages:
    def test_marks_vacant_posts_by_a_word(self, dong, office, sign_in_as):
        text = sign_in_as(office).get(f"/staffing/{dong.slug}/").content.decode()
        assert text.count("빈자리") >= 24
        assert "행정6,7,8,9급 및 (워드, 필기, 시설) 사무원" in text

    def test_refuses_a_wrong_rank_beside_its_field(self, dong, post, office, sign_in_as):
        worker = posted("worker", "오세진", "PS", dong)
        client = sign_in_as(office)
        facts = {"holder": str(worker.uid), "rank": "admin-9", "on": "2026-01-02"}
        answer = client.post(f"/staffing/posts/{post(14).uid}/", facts)
        assert "행정9급 직원을 둘 수 없습니다" in str(answer.context["form"].errors["rank"])
        answer = client.post(f"/staffing/posts/{post(14).uid}/", facts | {"rank": "welfare-7"})
        assert answer.status_code == 302
        assert post(14).holder == worker
        assert AccessLog.objects.filter(action="staffing.appoint", outcome="ok", user_id=office.pk).exists()

    def test_offers_the_staff_of_the_dong_only(self, dong, post, office, sign_in_as):
        posted("elsewhere", "다른동", "PS", Dong.objects.get(name="종암동"))
        posted("here", "이곳", "PS", dong)
        form = sign_in_as(office).get(f"/staffing/posts/{post(14).uid}/").context["form"]
        assert [user.name for user in form.fields["holder"].queryset] == ["이곳"]

    def test_lets_no_lead_appoint(self, dong, post, sign_in_as):
        lead = posted("lead2", "박현숙", "TL", dong)
        assert sign_in_as(lead).get(f"/staffing/{dong.slug}/").status_code == 200
        assert sign_in_as(lead).post(f"/staffing/posts/{post(14).uid}/", {}).status_code == 403

    def test_vacates_by_post_only(self, dong, post, office, sign_in_as):
        worker = posted("worker", "오세진", "PS", dong)
        appoint(post(14), worker, "사회7급")
        client = sign_in_as(office)
        address = f"/staffing/posts/{post(14).uid}/vacate/"
        assert client.get(address).status_code == 405
        client.post(address, {"on": ""})
        assert post(14).holder == worker
        client.post(address, {"on": "2026-01-02"})
        assert post(14).holder is None


def test_has_a_substitute_rule_for_every_printed_cell(reference):
    for template in PostTemplate.objects.all():
        assert ranks.read(template.rank), template.rank
        if template.substitutable_rank:
            assert ranks.read(template.substitutable_rank), template.substitutable_rank
