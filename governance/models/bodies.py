"""Bodies of residents and officials, and their members with terms (plan IV.5-2 ⑤, IV.5-3 ②)."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

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

    def case_committees(self):
        return self.filter(kind=Body.Kind.CASE_COMMITTEE)


class Body(models.Model):
    """회의체. How often it meets is the dong's own choice: weekly in principle (plan IV.5-2 ⑤)."""

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
    rhythm_from = models.DateField("이 주기를 쓰기 시작한 날", null=True, blank=True)
    place = models.CharField("장소", max_length=80, blank=True)
    quorum_percent = models.PositiveSmallIntegerField("정족수(%)", default=50)
    term_months = models.PositiveSmallIntegerField("임기(개월)", default=24)
    max_terms = models.PositiveSmallIntegerField("이어서 맡을 수 있는 임기", default=3)

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "회의체"
        ordering = ["dong", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "dong"], name="one_body_of_a_kind_per_dong"),
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__lte=6),
                name="body_weekday_is_a_weekday",
                violation_error_message="모이는 요일을 골라 주세요.",
            ),
            models.CheckConstraint(
                condition=Q(interval_weeks__gte=1),
                name="body_meets_every_n_weeks",
                violation_error_message="몇 주마다 모이는지 1 이상으로 적어 주세요.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def counts_rhythm_from(self) -> dt.date:
        return self.rhythm_from or self.founded_on


class MemberQuerySet(DatedQuerySet):
    def standing(self):
        return self.filter(kind=Member.Kind.STANDING)

    def ending_within(self, day: dt.date, days: int):
        """Terms that hold on a day and end at most `days` later."""
        return self.on(day).filter(valid_to__isnull=False, valid_to__lte=day + dt.timedelta(days))


class Member(models.Model):
    """Somebody's term in a body. An outside member sees the body's pages while the term holds."""

    class Kind(models.TextChoices):
        STANDING = "standing", "상시위원"
        ADVISORY = "advisory", "자문위원"
        WORKING = "working", "실무위원"

    class Seat(models.TextChoices):
        """Whom a member sits for (plan IV.5-2 ⑤)."""

        RESIDENT = "resident", "주민대표"
        TEAM_LEAD = "team_lead", "동 복지팀장"
        HOPE_TEAM = "hope_team", "희망복지지원단 사례관리사"
        PRIVATE_AGENCY = "private_agency", "민간기관 사례관리자"
        NURSE = "nurse", "방문간호사"
        COUNCIL = "council", "동 복지협의체"
        CAMP = "camp", "자원봉사캠프장"
        WORKER = "worker", "사례관리 실무자"
        MENTAL_HEALTH = "mental_health", "정신건강·자살예방"
        HEALTH = "health", "보건소·의사·약사"
        FAMILY = "family", "건강가정·상담"
        CHILD = "child", "드림스타트"
        CASE_SECTION = "case_section", "지역사회복지협의체 사례분과"
        COMMUNITY = "community", "학교·경찰·종교기관"
        EXPERT = "expert", "그 밖의 전문가"

    #: standing members who find and link resources; the others choose cases, plan and name the lead agency
    RESOURCE_SEATS = (Seat.COUNCIL, Seat.CAMP)

    uid = uid_field()
    body = models.ForeignKey(Body, models.PROTECT, related_name="members", verbose_name="회의체")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="계정")
    name = models.CharField("이름", max_length=40)
    affiliation = models.CharField("소속", max_length=80)
    kind = models.CharField("종류", max_length=10, choices=Kind)
    seat = models.CharField("자리", max_length=16, choices=Seat, blank=True)
    is_chair = models.BooleanField("위원장", default=False)
    is_secretary = models.BooleanField("간사", default=False)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    term_number = models.PositiveSmallIntegerField("몇 번째 임기", default=1)
    end_reason = models.CharField("끝난 까닭", max_length=100, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "위원"
        ordering = ["body", "-is_chair", "kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="term_ends_after_start",
                violation_error_message="임기의 끝은 시작일 뒤여야 합니다.",
            ),
            ExclusionConstraint(
                name="one_chair_at_a_time",
                expressions=[
                    ("body", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_chair=True),
                violation_error_message="그 기간에 이미 위원장이 있습니다.",
            ),
        ]

    def __str__(self):
        return f"member {self.pk}"

    def sits_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def is_deciding(self) -> bool:
        """Standing members vote; those of the council and the volunteer camp link resources instead."""
        return self.kind == self.Kind.STANDING and self.seat not in self.RESOURCE_SEATS

    @property
    def part(self) -> str:
        """What the member is there for, in words."""
        if self.kind != self.Kind.STANDING:
            return {self.Kind.ADVISORY: "사례별 자문", self.Kind.WORKING: "중복·누락 관리"}[self.kind]
        return "대상자 선정·계획·주 기관" if self.is_deciding else "자원개발·연계"


class BodyEvent(models.Model):
    """Append-only story of a body and its meetings: terms, rules, openings, attendance, agenda."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="events", verbose_name="회의체")
    meeting = models.ForeignKey(
        "governance.Meeting", models.CASCADE, null=True, related_name="events", verbose_name="회의"
    )
    act = models.CharField("일", max_length=20)
    text = models.CharField("내용", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "회의체 이력"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.pk}"
