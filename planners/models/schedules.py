"""Pairs, and the month schedules a team lead makes: versions of drafts, of which one is published."""

import datetime as dt

import pghistory
from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import Dong, Job, User, Zone, ZoneDong
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field
from common.months import Month
from staffing.models.calendars import Half

from .visits import Visit


class PairQuerySet(DatedQuerySet):
    def visible_to(self, scope: Scope):
        """Pairs of the viewer's dongs and the child pairs of their zones, one's own, or all."""
        if scope.everywhere("pair"):
            return self
        dongs = scope.dong_ids("pair")
        seen = Q(dong__in=dongs) | Q(zone__in=ZoneDong.objects.on(scope.on).filter(dong__in=dongs).values("zone"))
        if scope.owns("pair"):
            seen |= Q(nurse=scope.user) | Q(social=scope.user)
        return self.filter(seen)

    def changeable_by(self, scope: Scope):
        """Pairs of the lead's own dongs, or all for the offices."""
        return self if scope.everywhere("pair", "W") else self.filter(dong__in=scope.dong_ids("pair", "W"))

    def lasting(self, first: dt.date, last: dt.date):
        """Pairs that hold on some day from `first` to `last`."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=first), valid_from__lte=last)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["name", "dong", "zone", "nurse", "social", "skills", "valid_from", "valid_to"],
    model_name="PairHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Pair(models.Model):
    """조: a nurse and a social worker who go together; a child nurse may go alone (plan IV.5-1)."""

    class Kind(models.TextChoices):
        ELDER = "elder", "어르신"
        CHILD = "child", "우리아이"

    uid = uid_field()
    kind = models.CharField("종류", max_length=6, choices=Kind)
    name = models.CharField("조", max_length=20)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="권역")
    nurse = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="간호사")
    social = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="사회복지사")
    skills = models.JSONField("할 수 있는 것", default=list, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "방문 조"
        ordering = ["dong", "kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="child") | Q(social__isnull=False, dong__isnull=False),
                name="elder_pair_has_both_disciplines",
                violation_error_message="어르신 조에는 간호사와 사회복지사가 한 사람씩 있어야 합니다.",
            ),
            models.CheckConstraint(
                condition=Q(social=None) | ~Q(social=F("nurse")),
                name="pair_is_two_people",
                violation_error_message="조는 서로 다른 두 사람이어야 합니다.",
            ),
            models.CheckConstraint(
                condition=Q(dong__isnull=False) | Q(zone__isnull=False),
                name="pair_belongs_somewhere",
                violation_error_message="조가 맡은 동이나 권역을 골라 주세요.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def members(self) -> list[User]:
        """The nurse, then the social worker where there is one."""
        return [user for user in (self.nurse, self.social) if user]


class ScheduleQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        reach = scope.reach("schedule_plan")
        if "A" in reach:
            return self
        seen = Q(dong__in=scope.dong_ids("schedule_plan"))
        if scope.owns("schedule_plan"):
            seen |= Q(zone__in=Schedule.zones_of(scope))
        return self.filter(seen)

    def for_month(self, month: Month):
        return self.filter(month=month.first)

    def live(self):
        return self.filter(state=Schedule.State.PUBLISHED)

    def versions(self):
        """Everything that was ever a draft, newest first; trials of other settings are none."""
        return self.exclude(state=Schedule.State.TRIAL).order_by("-number", "-pk")


class Schedule(models.Model):
    """A version of one unit's month. Drafts are compared with the live one; publishing supersedes it.

    A dong's month belongs to its team, a zone's to the child nurses of the zone.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "초안"
        PUBLISHED = "published", "공개됨"
        SUPERSEDED = "superseded", "지난 판"
        DISCARDED = "discarded", "버림"
        TRIAL = "trial", "견주는 안"

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="권역")
    month = models.DateField("달")
    first_on = models.DateField("첫날", null=True, blank=True)  # days before it were over when this was made
    number = models.PositiveSmallIntegerField("초안 번호")  # 0 while it is only a trial
    state = models.CharField("상태", max_length=10, choices=State, default=State.DRAFT)
    seed = models.PositiveIntegerField("난수 씨", default=0)
    settings = models.JSONField("설정", default=dict)
    objective = models.BigIntegerField("목적값", null=True)
    lower_bound = models.FloatField("하한", null=True)
    gap = models.FloatField("차이", null=True)
    is_proved = models.BooleanField("증명됨", default=False)
    is_reproducible = models.BooleanField("다시 만들 수 있음", default=True)
    seconds = models.FloatField("계산(초)", null=True)
    outings = models.PositiveIntegerField("나가는 반일", default=0)
    travel_minutes = models.PositiveIntegerField("이동(분)", default=0)
    input_hash = models.CharField("입력 요약", max_length=64, blank=True)
    library_versions = models.JSONField("라이브러리 판", default=dict)
    capacity = models.JSONField("조별 여력", default=list)
    more_half_days = models.JSONField("반일을 더 열면", default=list, blank=True)
    differences = models.JSONField("앞 판과 다른 점", default=dict)
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="견준 판"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="작업")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="만든 사람")
    made_at = models.DateTimeField("만든 시각")
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="공개한 사람"
    )
    published_at = models.DateTimeField("공개한 시각", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "월 일정"
        ordering = ["-month", "dong", "zone", "-number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dong", "zone", "month", "number"],
                condition=~Q(state="trial"),
                name="schedule_number_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["dong", "zone", "month"],
                condition=Q(state="published"),
                name="one_live_schedule_per_month",
                nulls_distinct=False,
                violation_error_message="이 달의 일정은 이미 공개되어 있습니다.",
            ),
        ]

    def __str__(self):
        return f"schedule {self.month:%Y-%m} {self.number} {self.state}"

    @staticmethod
    def zones_of(scope: Scope):
        """Primary keys of the zones in which the person is a child nurse."""
        return Pair.objects.on(scope.on).filter(nurse=scope.user, zone__isnull=False).values("zone")

    @property
    def month_value(self) -> Month:
        return Month.of(self.month)

    @property
    def unit_name(self) -> str:
        return self.dong.name if self.dong_id else self.zone.name

    @property
    def is_different(self) -> bool:
        """Whether anything is new, moved or gone against the version it was compared with."""
        return any(self.differences.get(kind) for kind in ("new", "moved", "gone"))

    @property
    def horizon(self) -> dt.date:
        """The first day this version says anything about; visits before it stay as they were."""
        return self.first_on or self.month


class Placement(models.Model):
    """A visit's place in a schedule, and in words why it stands there."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="placements", verbose_name="일정")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="placements", verbose_name="방문")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="+", verbose_name="조")
    on = models.DateField("방문일")
    half = models.CharField("반일", max_length=2, choices=Half)
    starts_at = models.DateTimeField("시작 예정")
    order = models.PositiveSmallIntegerField("순서")
    travel_minutes = models.PositiveSmallIntegerField("가는 시간(분)", default=0)
    is_locked = models.BooleanField("고정", default=False)
    is_moved_by_hand = models.BooleanField("손으로 옮김", default=False)
    change = models.CharField("앞 판과 견주어", max_length=6, blank=True)  # new, moved, or empty
    reasons = models.JSONField("까닭", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "일정에 넣은 방문"
        ordering = ["on", "half", "pair", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["schedule", "visit"], name="visit_once_in_schedule")]

    def __str__(self):
        return f"{self.on} {self.half}"

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.visit.minutes)


class Unplanned(models.Model):
    """A visit left out of a schedule: a checked reason, and what would place it."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="unplanned", verbose_name="일정")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+", verbose_name="방문")
    code = models.CharField("코드", max_length=40)
    message = models.CharField("까닭", max_length=300)
    remedy = models.CharField("이렇게 하면 들어갑니다", max_length=300, blank=True)
    detail = models.JSONField("자세히", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "못 넣은 방문"
        ordering = ["visit__tier", "visit__due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["schedule", "visit"], name="unplanned_once_in_schedule")]

    def __str__(self):
        return f"{self.code} {self.visit_id}"
