"""Bodies of residents and officials, and their members with terms (plan IV.5-2 ⑤, IV.5-3 ②)."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field


class BodyQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Bodies of the viewer's dongs, those the viewer sits in, or all."""
        reach = scope.reach("committee") + scope.reach("governance")
        if "A" in reach:
            return self
        seen = Q(dong__in=scope.dong_ids("committee") | scope.dong_ids("governance"))
        seen |= Q(pk__in=Member.objects.on(scope.on).filter(user=scope.user).values("body_id"))
        return self.filter(seen)


class Body(models.Model):
    class Kind(models.TextChoices):
        CASE_COMMITTEE = "case_committee", "복지통합사례관리위원회"
        WELFARE_COUNCIL = "welfare_council", "동 복지협의체"
        GOVERNANCE = "governance", "민·관 거버넌스 위원회"
        ADVISORY = "advisory", "민간 자문위원회"

    uid = uid_field()
    kind = models.CharField("종류", max_length=20, choices=Kind)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    name = models.CharField("이름", max_length=80)
    founded_on = models.DateField("만든 날")
    weekday = models.PositiveSmallIntegerField("모이는 요일(월=0)", null=True, blank=True)
    starts_at = models.TimeField("시작 시각", null=True, blank=True)
    interval_weeks = models.PositiveSmallIntegerField("몇 주마다", default=1)
    place = models.CharField("장소", max_length=80, blank=True)
    quorum_percent = models.PositiveSmallIntegerField("정족수(%)", default=50)

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "회의체"
        ordering = ["dong", "kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "dong"], name="one_body_of_a_kind_per_dong")]

    def __str__(self):
        return self.name


class Member(models.Model):
    """Somebody's term in a body. An outside member may have an account, which ends with the term."""

    class Kind(models.TextChoices):
        STANDING = "standing", "상시위원"
        ADVISORY = "advisory", "자문위원"
        WORKING = "working", "실무위원"

    uid = uid_field()
    body = models.ForeignKey(Body, models.PROTECT, related_name="members", verbose_name="회의체")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="계정")
    name = models.CharField("이름", max_length=40)
    affiliation = models.CharField("소속", max_length=80)
    kind = models.CharField("종류", max_length=10, choices=Kind)
    is_chair = models.BooleanField("위원장", default=False)
    is_secretary = models.BooleanField("간사", default=False)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "위원"
        ordering = ["body", "-is_chair", "kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="term_ends_after_start"
            ),
        ]

    def __str__(self):
        return f"member {self.pk}"

    def sits_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
