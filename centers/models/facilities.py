"""Facilities of the district (복지시설, 기타 기관, 고용·마을 기반): what stands where, from when to when (plan II.5)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from common.identifiers import uid_field

from .people import User
from .places import DatedQuerySet, Dong


class FacilityQuerySet(DatedQuerySet):
    def of_group(self, group: str):
        return self.filter(kind__in=Facility.GROUPS[group])


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="FacilityHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Facility(models.Model):
    """One place. Its kind is the dong table's; the district's summary cuts some kinds differently."""

    class Kind(models.TextChoices):
        """The ten columns of the dong table, the three of 기타 기관, the four of 고용 및 마을인프라."""

        GENERAL_WELFARE_CENTER = "general_welfare_center", "종합복지관"
        HOMELESS = "homeless_facility", "노숙인시설"
        DISABILITY = "disability_facility", "장애인시설"
        SENIOR_CENTER = "senior_center", "경로당"
        ELDERLY = "elderly_facility", "노인시설"
        CHILDCARE = "childcare_facility", "보육시설"
        LOCAL_CHILD_CENTER = "local_child_center", "지역아동센터"
        YOUTH_STUDY_ROOM = "youth_study_room", "청소년독서실"
        WOMEN = "women_facility", "여성시설"
        OTHER = "other", "기타"
        INSTITUTION_WELFARE = "institution_welfare", "기타 기관(복지)"
        INSTITUTION_EMPLOYMENT = "institution_employment", "기타 기관(고용)"
        INSTITUTION_OTHER = "institution_other", "기타 기관(그 밖)"
        VILLAGE_MAKING = "village_making_support_center", "마을만들기 지원센터"
        SOCIAL_ECONOMY = "social_economy_support_center", "사회적경제지원센터"
        JOB_SUPPORT = "job_support_center", "일자리지원센터"
        ONSITE_JOB = "onsite_job_support_center", "현장취업지원센터"

    WELFARE, INSTITUTIONS, VILLAGE = "welfare", "institutions", "village"
    GROUPS = {
        WELFARE: tuple(Kind)[:10],
        INSTITUTIONS: tuple(Kind)[10:13],
        VILLAGE: tuple(Kind)[13:],
    }
    GROUP_NAMES = {WELFARE: "복지시설", INSTITUTIONS: "그 밖의 기관", VILLAGE: "고용·마을 기반"}

    uid = uid_field()
    kind = models.CharField("종류", max_length=32, choices=Kind)
    name = models.CharField("이름", max_length=80)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="facilities", verbose_name="동")
    address = models.CharField("주소", max_length=200, blank=True)
    phone = models.CharField("전화", max_length=20, blank=True)
    operator = models.CharField("운영 주체", max_length=80, blank=True)
    capacity = models.PositiveIntegerField("정원", null=True, blank=True)
    valid_from = models.DateField("연 날")
    valid_to = models.DateField("닫은 날", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1, editable=False)
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="고친 사람"
    )
    changed_at = models.DateTimeField("고친 때", null=True, editable=False)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "시설"
        ordering = ["dong", "kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dong", "kind", "name"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="facility_open_once",
                violation_error_message="이 동에 같은 종류와 이름의 시설이 이미 있습니다.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="facility_closes_after_it_opens",
                violation_error_message="닫은 날은 연 날보다 앞일 수 없습니다.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def group(self) -> str:
        return next(key for key, kinds in self.GROUPS.items() if self.kind in kinds)
