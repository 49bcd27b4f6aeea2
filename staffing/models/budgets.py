"""Budgets with their calculations (예산과 산출내역, plan V.5): what each line costs and how that was reckoned."""

from __future__ import annotations

from django.db import models

from centers.access import Scope
from centers.models import Dong
from common.identifiers import uid_field


class BudgetQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """All budgets for the district office, those of the own dong for a center."""
        if scope.everywhere("staffing"):
            return self
        return self.filter(dong__in=scope.dong_ids("staffing"))


class Budget(models.Model):
    """The budget of a year, of one dong or of the district (no dong)."""

    uid = uid_field()
    title = models.CharField("예산", max_length=80)
    year = models.PositiveSmallIntegerField("연도")
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")

    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "예산"
        ordering = ["-year", "dong__order", "title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dong", "year", "title"],
                name="budget_once",
                nulls_distinct=False,
                violation_error_message="같은 해의 같은 예산이 이미 있습니다.",
            ),
        ]

    def __str__(self):
        return f"{self.year} {self.title}"


class BudgetLineQuerySet(models.QuerySet):
    def standing(self):
        """Lines that a later table did not drop."""
        return self.filter(dropped_on=None)


class BudgetLine(models.Model):
    """One line. A part (`part_of`) is inside its item and never added a second time.

    `calculation` is the text of the office, `amount_kkrw` what it comes to, exact to the won; an item without
    an amount costs what its parts cost.
    """

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="lines", verbose_name="예산")
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="들어 있는 항목"
    )
    order = models.PositiveIntegerField("순서")
    category = models.CharField("과목", max_length=60, blank=True)
    item = models.CharField("항목", max_length=200)
    calculation = models.CharField("산출내역", max_length=400, blank=True)
    amount_kkrw = models.DecimalField("금액(천원)", max_digits=15, decimal_places=3, null=True, blank=True)
    note = models.CharField("비고", max_length=200, blank=True)
    dropped_on = models.DateField("뺀 날", null=True, blank=True)

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "예산 줄"
        ordering = ["budget", "order", "pk"]

    def __str__(self):
        return self.item
