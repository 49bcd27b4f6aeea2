"""Figures: the printed tables of the district, and the monthly rollup that every dashboard reads."""

from django.db import models

from .people import User
from .places import Dong


class Figure(models.Model):
    """One cell of a figure table, as of a day: table x row x column -> value, kept as printed too."""

    table = models.SlugField("표", max_length=40)
    as_of = models.DateField("기준일")
    row_key = models.CharField("줄", max_length=60)
    row_type = models.CharField("줄 종류", max_length=20, default="row")
    row_order = models.PositiveSmallIntegerField("줄 순서")
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="figures", verbose_name="동")
    column = models.CharField("항목", max_length=60)
    column_order = models.PositiveSmallIntegerField("항목 순서")
    value = models.DecimalField("값", max_digits=16, decimal_places=3, null=True, blank=True)
    printed = models.CharField("적힌 값", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "현황 수치"
        ordering = ["table", "as_of", "row_order", "column_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["table", "as_of", "row_key", "column"], name="figure_cell_once"),
        ]

    def __str__(self):
        return f"{self.table} {self.row_key} {self.column}"


class MonthlyStat(models.Model):
    """Rollup: indicator x month x dong x part -> value. A dong of None is the whole district.

    Rows hold distinct people where the indicator counts people, so they do not add up over dongs
    by rule; the district row is computed on its own. Only `centers.rollups` writes here.
    """

    month = models.DateField("달")
    indicator = models.SlugField("지표", max_length=60)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, related_name="+", verbose_name="동")
    part = models.CharField("나눔", max_length=60, default="", blank=True)
    value = models.BigIntegerField("값")
    computed_at = models.DateTimeField("계산 시각")

    class Meta:
        verbose_name = verbose_name_plural = "월별 수치"
        ordering = ["month", "indicator", "dong", "part", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "indicator", "dong", "part"], name="monthly_stat_once", nulls_distinct=False
            ),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.indicator}"


class StatChange(models.Model):
    """A marker that a month's facts changed; appended by triggers, taken away by the rollup."""

    month = models.DateField("달", db_index=True)
    marked_at = models.DateTimeField("표시 시각", db_default=models.functions.Now())

    class Meta:
        verbose_name = verbose_name_plural = "다시 셀 달"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.month:%Y-%m}"


class FigureAcceptance(models.Model):
    """Somebody has looked at a figure that contradicts a rule, and says why it is taken in all the same."""

    table = models.SlugField("표", max_length=40)
    as_of = models.DateField("기준일")
    row = models.CharField("줄", max_length=60)
    column = models.CharField("항목", max_length=60)
    rule = models.CharField("규칙", max_length=200)
    printed = models.CharField("적힌 값", max_length=60, blank=True)
    computed = models.CharField("따르면", max_length=60, blank=True)
    reason = models.CharField("받아들인 까닭", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="받아들인 사람")
    at = models.DateTimeField("받아들인 시각")

    class Meta:
        verbose_name = verbose_name_plural = "맞지 않는 수치를 받아들임"
        ordering = ["table", "as_of", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "as_of", "row", "column", "rule", "printed", "computed"],
                name="figure_difference_accepted_once",
            ),
        ]

    def __str__(self):
        return f"{self.table} {self.row} {self.column}"
