"""Headcount: sums are counted, what lies inside is not added twice, over and under are seen."""

import pytest

from centers.models import Dong
from staffing.headcount import LOADS, Heads, headcount, loads
from staffing.models import HeadcountCell
from tests.cast import posted

pytestmark = pytest.mark.django_db


def pair(heads: Heads) -> tuple[int, int]:
    return heads.authorised, heads.actual


class TestThePlansTables:
    def test_counts_the_centers(self, reference):
        centers = headcount("center")
        assert len(centers.dongs) == 20
        assert pair(centers.sum()) == (313, 321)
        assert [pair(centers.sum(key)) for key in ("admin", "welfare", "other")] == [(235, 217), (44, 65), (34, 39)]
        jangwi = centers.line_of(Dong.objects.get(name="장위1동"))
        assert (pair(jangwi.total), jangwi.total.gap) == ((18, 19), 1)
        assert jangwi.of("admin").gap == -2

    def test_counts_nurses_inside_the_technical_series_once(self, reference):
        grades = headcount("grade")
        assert pair(grades.sum()) == (1391, 1346)
        assert pair(grades.sum("health_nursing")) == (49, 45)
        assert pair(grades.sum("technical")) == (363, 339)
        assert grades.inside() == ["보건·간호 49/45명은 기술직 안에 있어 총원에 다시 더하지 않습니다."]
        assert grades.faults() == []

    def test_shows_activists_beside_the_welfare_workforce(self, reference):
        workforce = headcount("welfare")
        assert pair(workforce.sum()) == (123, 119)
        assert pair(workforce.sum(lines=workforce.dongs)) == (44, 68)
        assert workforce.inside() == ["마을활동가 5/5명은 합계에 넣지 않습니다."]

    def test_names_a_part_that_is_larger_than_its_whole(self, reference):
        HeadcountCell.objects.filter(table="grade", series__key="health_nursing", grade=6).update(actual=81)
        assert headcount("grade").faults() == ["6급: 보건·간호 8/81명이 기술직 44/80명보다 많습니다."]

    def test_is_none_without_data(self, db):
        assert headcount("center") is None


class TestLoad:
    def test_divides_by_the_social_workers_in_post(self, reference):
        rows, whole = loads(headcount("center"), "recipients")
        each = {row.name: row.each for row in rows}
        assert (each["월곡1동"], each["종암동"], each["안암동"]) == (1775, 1742, 733)
        assert (whole.amount, whole.workers, whole.each) == (80_635, 65, 1241)

    @pytest.mark.parametrize("key", LOADS)
    def test_knows_every_choice_of_the_page(self, reference, key):
        rows, _ = loads(headcount("center"), key)
        assert all(row.amount > 0 for row in rows)

    def test_is_nobodys_where_nobody_is(self, reference):
        HeadcountCell.objects.filter(table="center", series__key="welfare", dong__name="성북동").update(actual=0)
        rows, _ = loads(headcount("center"), "recipients")
        assert next(row for row in rows if row.name == "성북동").each is None


class TestThePage:
    def test_compares_twenty_dongs_for_the_office(self, reference, office, sign_in_as):
        text = sign_in_as(office).get("/staffing/").content.decode()
        for words in ("20동 비교와 정원·현원", "1,775", "= 80,635 ÷ 65", "1,391", "49/45명은 기술직 안에"):
            assert words in text
        assert '<span aria-hidden="true">▽</span>2<span class="vh"> 모자람</span>' in text
        assert text.count("충원<br>계획") == 2

    def test_shows_a_dong_head_the_own_center_only(self, reference, sign_in_as):
        head = posted("head", "이정국", "DH", Dong.objects.get(name="종암동"))
        text = sign_in_as(head).get("/staffing/").content.decode()
        assert "종암동" in text
        assert "월곡1동" not in text
        assert sign_in_as(head).get("/staffing/wolgok1-dong/").status_code == 404

    def test_bears_an_unknown_comparison(self, reference, office, sign_in_as):
        assert sign_in_as(office).get("/staffing/?by=nothing&dong=x").status_code == 200

    def test_says_when_there_is_no_data(self, office, sign_in_as):
        assert "자료가 없습니다" in sign_in_as(office).get("/staffing/").content.decode()

    def test_is_closed_to_planners(self, reference, sign_in_as):
        planner = posted("planner", "오세진", "PS", Dong.objects.get(name="종암동"))
        assert sign_in_as(planner).get("/staffing/").status_code == 403
