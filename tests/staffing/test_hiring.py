"""The hiring plan: totals are counted, budgets multiplied, years never promise more, scenarios store nothing."""

import pytest

from centers.models import Dong, Figure
from staffing import hiring
from tests.cast import posted

pytestmark = pytest.mark.django_db


class TestThePlan:
    @pytest.fixture
    def plan(self, reference):
        return hiring.plan()

    def test_adds_up_both_ways(self, plan):
        assert [plan.heads(kind) for kind in hiring.SOCIAL] == [35, 1, 9, 60]
        assert plan.social_total == sum(plan.heads(kind) for kind in hiring.SOCIAL) == 105
        assert plan.need.additional == 105
        assert (plan.need.needed, plan.need.actual) == (170, 65)

    def test_multiplies_heads_by_unit_cost(self, plan):
        assert [cost.budget_kkrw for cost in plan.social_costs] == [1_050_000, 60_000, 450_000, 1_800_000]
        assert (plan.social_kkrw, plan.nurse_kkrw, plan.total_kkrw) == (3_360_000, 900_000, 4_260_000)
        assert plan.ceiling_kkrw == 111_279_367

    def test_counts_nurses_by_place_and_payer(self, plan):
        assert plan.nurse_total == 30
        assert [cost.heads for cost in plan.nurse_costs] == [25, 5]
        assert next(line for line in plan.lines if line.dong is None).name == "보건소"

    def test_splits_the_years_into_offset_and_net_increase(self, plan):
        assert [(year.hired, year.so_far) for year in plan.years] == [(10, 10), (10, 20), (15, 35)]
        assert (plan.dated, plan.offset, plan.net_increase, plan.undated) == (35, 20, 15, 0)

    def test_shows_posts_that_have_no_year(self, reference):
        Figure.objects.filter(table="hiring_years", row_key="2017년", column="grade9_open").update(value=12)
        assert hiring.plan().undated == 3

    def test_is_none_without_tables(self, db):
        assert hiring.plan() is None


class TestScenario:
    def test_changes_a_cell_its_totals_and_the_budget(self, reference):
        changed = hiring.plan({("jangwi1-dong", "grade9_open"): 5})
        line = next(line for line in changed.lines if line.name == "장위1동")
        assert (line.social["grade9_open"], line.total, line.changed) == (5, 9, {"grade9_open"})
        assert (changed.social_total, changed.social_kkrw) == (107, 3_420_000)
        assert hiring.plan().social_total == 105

    def test_keeps_earlier_changes_when_one_more_is_made(self, reference, office, sign_in_as):
        client = sign_in_as(office)
        address = "/staffing/hiring/?set=jangwi1-dong:grade9_open:5&dong=jongam-dong&kind=part_time_ma&heads=0"
        answer = client.get(address)
        assert answer.context["plan"].social_total == 105 + 2 - 4
        assert sorted(answer.context["changes"]) == ["jangwi1-dong:grade9_open:5", "jongam-dong:part_time_ma:0"]
        assert Figure.objects.filter(table="hiring_social", column="total", row_type="total").get().value == 105

    @pytest.mark.parametrize(
        "bad", ["set=x", "set=jangwi1-dong:grade9_open:-3", "set=jangwi1-dong:boss:1", "dong=x&kind=y&heads=z"]
    )
    def test_bears_addresses_that_make_no_sense(self, reference, office, sign_in_as, bad):
        answer = sign_in_as(office).get(f"/staffing/hiring/?{bad}")
        assert answer.status_code == 200
        assert answer.context["plan"].social_total == 105


def test_keeps_the_districts_plan_from_one_dong(reference, sign_in_as):
    head = posted("head", "이정국", "DH", Dong.objects.get(name="종암동"))
    text = sign_in_as(head).get("/staffing/hiring/").content.decode()
    assert "볼 수 있는 충원계획이 없습니다" in text
