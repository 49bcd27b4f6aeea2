"""복지통장 of each tong, term by term (plan III.7 ④: two years, reappointed at most twice)."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from centers.models import Dong, User
from common.identifiers import uid_field

from .groups import LocalQuerySet

MOST_TERMS = 3  # appointed once, reappointed twice


class TongjangTermQuerySet(LocalQuerySet):
    def on(self, day: dt.date):
        """Terms that hold on a day."""
        return self.filter(valid_from__lte=day, valid_to__gt=day).filter(Q(ended_on=None) | Q(ended_on__gt=day))


class TongjangTerm(models.Model):
    """One term of one tongjang. `valid_to` is the first day after it; who leaves sooner has `ended_on`."""

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    tong = models.PositiveSmallIntegerField("통")
    name = models.CharField("이름", max_length=40)
    phone = models.CharField("전화", max_length=20, blank=True)
    number = models.PositiveSmallIntegerField("몇 번째 임기", default=1)
    valid_from = models.DateField("위촉일")
    valid_to = models.DateField("임기 끝")
    ended_on = models.DateField("그만둔 날", null=True, blank=True)
    end_reason = models.CharField("그만둔 까닭", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("적은 시각")

    objects = TongjangTermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "복지통장"
        ordering = ["dong", "tong", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_TERMS),
                name="tongjang_is_reappointed_twice_at_most",
                violation_error_message="복지통장은 두 번까지 연임합니다.",
            ),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="tongjang_term_has_days"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("valid_from"), ended_on__lte=F("valid_to")),
                name="tongjang_leaves_within_the_term",
                violation_error_message="그만둔 날은 임기 안의 날이어야 합니다.",
            ),
            ExclusionConstraint(
                name="one_tongjang_a_tong",
                expressions=[
                    ("dong", RangeOperators.EQUAL),
                    ("tong", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            Coalesce("ended_on", "valid_to"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="그 기간에는 이 통에 이미 복지통장이 있습니다.",
            ),
        ]

    def __str__(self):
        return f"tongjang {self.dong_id}-{self.tong}"

    @property
    def until(self) -> dt.date:
        """The first day on which the term no longer holds."""
        return self.ended_on or self.valid_to

    @property
    def may_go_on(self) -> bool:
        return self.number < MOST_TERMS
