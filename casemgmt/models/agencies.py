"""Agencies that take referrals or lead cases (plan II.5, IV.5-2 ⑤)."""

from django.db import models

from centers.models import Dong
from common.identifiers import uid_field


class Agency(models.Model):
    class Kind(models.TextChoices):
        DONG_CENTER = "dong_center", "동 마을복지센터"
        HOPE_TEAM = "hope_welfare_team", "희망복지지원단"
        DREAM_START = "dream_start", "드림스타트"
        WELFARE_CENTER = "welfare_center", "종합사회복지관"
        RESIDENT_GROUP = "resident_group", "주민조직(단체)"
        HEALTH_CENTER = "health_center", "보건소"
        VISITING_NURSE = "visiting_nurse", "방문간호"
        DEMENTIA_CENTER = "dementia_center", "치매지원센터"
        MENTAL_HEALTH = "mental_health_center", "정신건강증진센터"
        SUICIDE_PREVENTION = "suicide_prevention_center", "자살예방센터"
        MEDICAL = "medical", "의료기관"
        JOB = "job_center", "일자리지원센터"
        OTHER = "other", "그 밖의 기관"

    uid = uid_field()
    name = models.CharField("이름", max_length=80)
    kind = models.CharField("종류", max_length=30, choices=Kind)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    phone = models.CharField("전화", max_length=20, blank=True)
    hours = models.CharField("여는 시간", max_length=80, blank=True)
    services = models.JSONField("하는 일", default=list, blank=True)
    answer_days = models.PositiveSmallIntegerField("답하는 기한(일)", default=7)
    case_limit = models.PositiveSmallIntegerField("맡을 수 있는 사례", null=True, blank=True)
    is_active = models.BooleanField("쓰는 중", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "기관"
        ordering = ["kind", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["name", "dong"], name="agency_name_once", nulls_distinct=False)]

    def __str__(self):
        return self.name
