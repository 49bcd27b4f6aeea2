"""Who may come along: tongjang and volunteers with a profession, the half-days they give, the visits they join."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field
from staffing.models.calendars import WEEK_HALVES

from .visits import Visit


class CompanionQuerySet(DatedQuerySet):
    def visible_to(self, scope: Scope):
        if scope.everywhere("pair"):
            return self
        return self.filter(dong__in=scope.dong_ids("pair"))


class Companion(models.Model):
    """동행: a tongjang (plan IV.5-1 ⑤) or a talent volunteer (plan V-4) who joins visits on given half-days."""

    class Kind(models.TextChoices):
        TONGJANG = "tongjang", "복지통장"
        TALENT = "talent", "재능기부자"
        MIND_CARER = "mindcare", "마음돌보미"

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    kind = models.CharField("구분", max_length=8, choices=Kind)
    name = models.CharField("이름", max_length=40)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="계정")
    field = models.CharField("분야", max_length=60, blank=True)
    phone = models.CharField("전화", max_length=20, blank=True)
    slots = ArrayField(models.CharField(max_length=3), verbose_name="되는 반일", default=list)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="적은 사람")

    objects = CompanionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "동행"
        ordering = ["dong", "kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slots__contained_by=WEEK_HALVES),
                name="companion_has_known_slots",
                violation_error_message="월요일 오전부터 금요일 오후 사이에서 골라 주세요.",
            ),
        ]

    def __str__(self):
        return f"companion {self.pk}"


class Accompaniment(models.Model):
    """A companion's promise to join one visit. When the visit moves, the promise lapses: they are asked anew."""

    uid = uid_field()
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="accompaniments", verbose_name="방문")
    companion = models.ForeignKey(Companion, models.PROTECT, related_name="accompaniments", verbose_name="동행")
    during = DateTimeRangeField("시간")
    is_active = models.BooleanField("유효", default=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="부탁한 사람")
    at = models.DateTimeField("부탁한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "방문 동행"
        ordering = ["during", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "companion"], condition=Q(is_active=True), name="companion_once_a_visit"
            ),
            ExclusionConstraint(
                name="companion_not_in_two_places",
                expressions=[("companion", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_active=True),
                violation_error_message="그 시간에는 다른 방문에 함께 갑니다.",
            ),
        ]

    def __str__(self):
        return f"accompaniment {self.pk}"
