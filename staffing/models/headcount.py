"""Authorised and actual headcount (정원·현원), as of a day (plan II.3)."""

from django.db import models

from centers.models import Dong


class JobSeries(models.Model):
    """직렬. `part_of` marks a series that is counted inside another one (보건·간호 inside 기술직)."""

    key = models.SlugField("이름표", max_length=30, unique=True)
    name = models.CharField("직렬", max_length=30)
    order = models.PositiveSmallIntegerField("순서")
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="포함되는 직렬"
    )

    class Meta:
        verbose_name = verbose_name_plural = "직렬"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class HeadcountCell(models.Model):
    """One pair of numbers: place x series x grade. Head office has no dong; tables differ in their detail."""

    class Table(models.TextChoices):
        GRADE = "grade", "직급별 정원·현원"
        CENTER = "center", "동별 정원·현원"
        WELFARE = "welfare", "사회복지인력 등 현황"

    table = models.CharField("표", max_length=10, choices=Table)
    as_of = models.DateField("기준일")
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    series = models.ForeignKey(JobSeries, models.PROTECT, related_name="cells", verbose_name="직렬")
    grade = models.PositiveSmallIntegerField("급", null=True, blank=True)
    authorised = models.PositiveIntegerField("정원", default=0)
    actual = models.PositiveIntegerField("현원", default=0)
    is_counted = models.BooleanField("합계에 넣음", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "정원·현원"
        ordering = ["table", "as_of", "dong", "series", "grade", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "as_of", "dong", "series", "grade"], name="headcount_cell_once", nulls_distinct=False
            ),
        ]

    def __str__(self):
        return f"{self.table} {self.series} {self.authorised}/{self.actual}"
