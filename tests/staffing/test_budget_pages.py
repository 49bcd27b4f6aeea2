"""The pages of budgets: whose they are, what they add up to, and that they stay cheap."""

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import staffing.reference
from staffing.budgets import table
from staffing.calculations import calculate
from staffing.models import Budget, BudgetLine

pytestmark = pytest.mark.django_db


def made(dong, title="마을복지센터 운영", year=2015):
    budget = Budget.objects.create(title=title, year=year, dong=dong)
    item = BudgetLine.objects.create(budget=budget, order=1, category="인건비", item="신규인력 채용")
    BudgetLine.objects.create(budget=budget, order=2, category="인건비", item="사전시범동", part_of=item,
                              calculation="2,000천원*3명*6개월", amount_kkrw=36_000)  # fmt: skip
    whole = BudgetLine.objects.create(budget=budget, order=3, category="시설비", item="재설계", amount_kkrw=50_000)
    BudgetLine.objects.create(
        budget=budget, order=4, category="시설비", item="개보수", part_of=whole, amount_kkrw=50_000
    )
    BudgetLine.objects.create(budget=budget, order=5, category="시설비", item="뺀 줄", amount_kkrw=7_000, dropped_on="2015-03-01")  # fmt: skip
    return budget


def test_shows_lines_with_their_calculation_and_sums_that_count_nothing_twice(client, office, dong):
    budget = made(dong)
    client.force_login(office)
    text = client.get(reverse("staffing_budgets")).content.decode()
    assert "86,000" in text
    text = client.get(reverse("staffing_budget", args=[budget.uid])).content.decode()
    assert "2,000천원*3명*6개월" in text
    assert "86,000" in text
    assert "뺀 줄" not in text


def test_shows_a_center_its_own_budgets_only(client, lead, office, dong, other_dong):
    own, other, district = made(dong), made(other_dong), made(None)
    client.force_login(lead)
    page = client.get(reverse("staffing_budgets"))
    assert [one.pk for one in page.context["budgets"]] == [own.pk]
    assert client.get(reverse("staffing_budget", args=[own.uid])).status_code == 200
    for hidden in (other, district):
        assert client.get(reverse("staffing_budget", args=[hidden.uid])).status_code == 404
    client.force_login(office)
    assert len(client.get(reverse("staffing_budgets")).context["budgets"]) == 3


def test_asks_as_much_for_thirty_budgets_as_for_three(client, office, dong):
    client.force_login(office)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("staffing_budgets"))
        return len(queries)

    for year in range(2001, 2004):
        made(dong, year=year)
    asked()
    few = asked()
    for year in range(2004, 2031):
        made(dong, year=year)
    assert asked() == few


def test_reproduces_the_budget_the_plan_prints_and_leaves_it_to_the_office(reference):
    found = table(Budget.objects.get())
    assert (found.budget.dong.name, found.budget.year, found.amount_kkrw) == ("월곡2동", 2015, 100_000)
    assert [(one.name, one.amount_kkrw) for one in found.categories] == [
        ("시설비", 50_000), ("인건비", 36_000), ("역량강화비", 12_200), ("회의운영비", 1_800),
    ]  # fmt: skip
    for line in BudgetLine.objects.exclude(calculation=""):
        assert calculate(line.calculation).value == line.amount_kkrw * 1_000
    BudgetLine.objects.filter(item="복지전문가 교육").update(amount_kkrw=2_000)
    staffing.reference.load(settings.BASE_DIR / "fixtures" / "reference")
    assert BudgetLine.objects.get(item="복지전문가 교육").amount_kkrw == 2_000
