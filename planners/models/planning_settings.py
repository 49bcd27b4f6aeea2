"""What a dong's months are planned by, as dated rows: prices, visit minutes, consent rates, daily maximum."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field


class PlanningSettingsQuerySet(DatedQuerySet):
    def standing(self):
        """Rows that hold on some day: not those that another took the place of before they began."""
        return self.exclude(valid_to=F("valid_from"))


class PlanningSettings(models.Model):
    """What differs from the usual from a day on, for one dong or, without a dong, for the whole district.

    `prices` by name of `planning_settings.Prices`, `minutes` by key of a target rule, `consent_rates` (0 to
    1) by key of a programme. What is absent is as in the district's row, then as the product is delivered. A row whose place another
    took before it began ends on the day it was to begin.
    """

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    prices = models.JSONField("저울", default=dict, blank=True)
    minutes = models.JSONField("방문 시간(분)", default=dict, blank=True)
    consent_rates = models.JSONField("동의율", default=dict, blank=True)
    daily_maximum = models.PositiveSmallIntegerField("한 조의 하루 최대 방문", null=True, blank=True)
    reason = models.CharField("까닭", max_length=200)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="바꾼 사람")
    at = models.DateTimeField("바꾼 시각")

    objects = PlanningSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "일정 설정"
        ordering = ["dong", "valid_from", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_planning_settings_a_day",
                expressions=[
                    (Coalesce("dong_id", 0), RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="같은 날에 두 설정이 있을 수 없습니다.",
            ),
            models.CheckConstraint(
                condition=Q(daily_maximum=None) | Q(daily_maximum__range=(1, 5)),
                name="daily_maximum_is_possible",
                violation_error_message="하루 최대 방문은 1건에서 5건 사이입니다.",
            ),
        ]

    def __str__(self):
        return f"planning settings {self.dong_id or 'district'} {self.valid_from}"

    @property
    def is_dropped(self) -> bool:
        """Whether it never held because another took its place before it began."""
        return self.valid_to == self.valid_from
