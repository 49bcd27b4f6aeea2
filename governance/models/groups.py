"""Groups of residents (洞 단체, 동아리) and single activists, with their consent to be contacted (plan II.5)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field


class LocalQuerySet(DatedQuerySet):
    def visible_to(self, scope: Scope):
        """Those of the viewer's dongs and of the whole district, or all of them."""
        reach = scope.reach("organisation")
        if "A" in reach:
            return self
        if "d" in reach:
            return self.filter(Q(dong__in=scope.dong_ids("organisation")) | Q(dong=None))
        return self.none()


class Contactable(models.Model):
    """What groups and activists share: where, how to reach them, and whether they want that (법 제15조)."""

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    phone = models.CharField("연락처", max_length=20, blank=True)
    may_be_contacted = models.BooleanField("연락해도 됨", null=True, blank=True)
    consent_on = models.DateField("동의한 날", null=True, blank=True)
    is_active = models.BooleanField("활동 중", default=True)
    note = models.CharField("메모", max_length=200, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1, editable=False)
    changed_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="고친 사람"
    )
    changed_at = models.DateTimeField("고친 때", null=True, editable=False)

    objects = LocalQuerySet.as_manager()

    class Meta:
        abstract = True


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="OrganisationHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Organisation(Contactable):
    """A group: one of the twelve kinds of the dong table, or of those the plan counts for the district (plan I)."""

    class Kind(models.TextChoices):
        RESIDENTS_COUNCIL = "residents_council", "주민자치회"
        WOMENS_ASSOCIATION = "womens_association", "부녀회"
        DONGCHEON = "dongcheon_association", "동천회"
        RED_CROSS = "red_cross", "적십자봉사단"
        DEFENCE_COUNCIL = "defence_council", "방위협의회"
        RIGHT_LIVING = "right_living", "바르게살기"
        SAEMAUL_COUNCIL = "saemaul_council", "새마을협의회"
        SAEMAUL_LIBRARY = "saemaul_library", "새마을문고"
        GREEN_PRACTICE = "green_practice_group", "녹색실천단"
        YOUTH_COUNCIL = "youth_council", "청소년협의회"
        WELFARE_COUNCIL = "welfare_council", "복지협의회"
        OTHER = "other", "기타"
        READING_CLUB = "reading_club", "독서동아리"
        POWER_SAVING = "power_saving_station", "절전소"
        SHARING = "sharing_group", "공유성북 단체"
        GRASSROOTS = "grassroots_group", "함성 모임"
        CLUB = "club", "동아리"

    #: the columns of the dong table; the others are counted for the district only
    DONG_KINDS = tuple(Kind)[:12]
    CLUB_KINDS = tuple(Kind)[12:]

    kind = models.CharField("종류", max_length=24, choices=Kind)
    name = models.CharField("이름", max_length=80)
    leader = models.CharField("대표", max_length=40, blank=True)
    members = models.PositiveIntegerField("회원 수", null=True, blank=True)
    meets = models.CharField("모임", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "단체"
        ordering = ["dong", "kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dong", "kind", "name"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="organisation_open_once",
                violation_error_message="이 동에 같은 종류와 이름의 단체가 이미 있습니다.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="organisation_ends_after_it_starts",
                violation_error_message="끝난 날은 시작일보다 앞일 수 없습니다.",
            ),
        ]

    def __str__(self):
        return self.name


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="ActivistHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Activist(Contactable):
    """A person who works for the village outside any of our offices; nothing more is kept than is needed to call."""

    class Kind(models.TextChoices):
        VILLAGE = "village_activist", "마을활동가"
        GRASSROOTS = "grassroots_civic_group", "풀뿌리 시민단체"
        NGO = "ngo", "NGO"
        OTHER = "other", "기타"

    kind = models.CharField("종류", max_length=24, choices=Kind)
    name = models.CharField("이름", max_length=40)
    field = models.CharField("활동 분야", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "개인 활동가"
        ordering = ["dong", "kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dong", "kind", "name", "phone"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="activist_open_once",
                violation_error_message="이 동에 같은 이름과 연락처의 활동가가 이미 있습니다.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="activist_ends_after_start",
                violation_error_message="끝난 날은 시작일보다 앞일 수 없습니다.",
            ),
        ]

    def __str__(self):
        return f"activist {self.pk}"
