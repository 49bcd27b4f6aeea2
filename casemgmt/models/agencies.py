"""Agencies that take referrals or lead cases (plan II.5, IV.5-2 ⑤)."""

from django.db import models

from centers.models import Dong
from common.identifiers import uid_field


class AgencyQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(is_active=True)

    def serving(self, dong: Dong):
        """Agencies of a dong and those of the whole district."""
        return self.filter(models.Q(dong=dong) | models.Q(dong=None))


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

    #: offices of the district itself; every other agency is told about a person only with consent (법 제17조)
    INSIDE = frozenset({Kind.DONG_CENTER, Kind.HOPE_TEAM, Kind.DREAM_START, Kind.HEALTH_CENTER, Kind.VISITING_NURSE})
    #: whose referrals the public health center reads and answers
    HEALTH = frozenset({Kind.HEALTH_CENTER, Kind.VISITING_NURSE, Kind.DEMENTIA_CENTER})

    uid = uid_field()
    name = models.CharField("이름", max_length=80)
    kind = models.CharField("종류", max_length=30, choices=Kind)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    phone = models.CharField("전화", max_length=20, blank=True)
    hours = models.CharField("여는 시간", max_length=80, blank=True)
    services = models.JSONField("하는 일", default=list, blank=True)
    answer_days = models.PositiveSmallIntegerField("답하는 기한(일)", default=7)
    case_limit = models.PositiveSmallIntegerField("맡을 수 있는 사례", null=True, blank=True)
    contact = models.CharField("담당자", max_length=40, blank=True)
    is_active = models.BooleanField("쓰는 중", default=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "기관"
        ordering = ["kind", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["name", "dong"], name="agency_name_once", nulls_distinct=False)]

    def __str__(self):
        return self.name

    @property
    def is_outside(self) -> bool:
        return self.kind not in self.INSIDE
