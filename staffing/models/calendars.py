"""When people are away or bound: public holidays, weekly patterns, leave, duties and the counter rota."""

import datetime as dt

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, IntegerRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Coalesce

from centers.access import Scope
from centers.models import Dong, Posting, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field

WORKWEEK = range(5)  # Monday to Friday


class Holiday(models.Model):
    """A day without visits. Filled from the Korean calendar, editable: days are also decreed at short notice."""

    on = models.DateField("날짜", unique=True)
    name = models.CharField("이름", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "공휴일"
        ordering = ["on"]

    def __str__(self):
        return f"{self.on} {self.name}"


class Half(models.TextChoices):
    AM = "AM", "오전"
    PM = "PM", "오후"


def week_half(weekday: int, half: str) -> str:
    """The name of a half-day of the week, Monday morning first: ``0AM`` to ``4PM``."""
    return f"{weekday}{half}"


WEEK_HALVES = [week_half(weekday, half) for weekday in WORKWEEK for half in Half.values]


class Valid(Func):
    """The days a dated row holds; the day it ends is not among them."""

    function = "daterange"
    output_field = DateRangeField()

    def __init__(self, *args, **kwargs):
        super().__init__(*(args or (F("valid_from"), F("valid_to"), RangeBoundary())), **kwargs)


class StaffTimeQuerySet(models.QuerySet):
    def between(self, first: dt.date, last: dt.date):
        """Rows that touch the days from `first` to `last`, both included."""
        return self.filter(first_on__lte=last, last_on__gte=first)

    def touching(self, half: str):
        """Rows that take a half of their days; whole days when `half` is empty."""
        return self.filter(half__in=["", half]) if half else self

    def visible_to(self, scope: Scope):
        """Times of people of the viewer's dongs, one's own, or all."""
        return self.filter(user__in=people_in_reach(scope, "R"))

    def changeable_by(self, scope: Scope):
        """Times the viewer may change: one's own, those of the own dong's people for its lead."""
        return self.filter(user__in=people_in_reach(scope, "W"))


def people_in_reach(scope: Scope, action: str):
    """People whose calendar the viewer may read or write today, as a queryset of users."""
    everybody = User.objects.filter(is_active=True)
    if scope.everywhere("staff_calendar", action):
        return everybody
    colleagues = Posting.objects.on(scope.on).filter(dong__in=scope.dong_ids("staff_calendar", action))
    own = scope.user.pk if scope.owns("staff_calendar", action) else None
    return everybody.filter(Q(pk__in=colleagues.values("user")) | Q(pk=own))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["user", "kind", "first_on", "last_on", "half", "by"],
    model_name="StaffTimeHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class StaffTime(models.Model):
    """Time of one person that visits cannot use: whole days, or one half of each day. Two never overlap."""

    class Kind(models.TextChoices):
        LEAVE = "leave", "연가"
        SICK = "sick", "병가"
        TRAINING = "training", "교육"
        MEETING = "meeting", "회의"
        COMMITTEE = "committee", "위원회"
        COUNTER = "counter", "창구"
        PATROL = "patrol", "순찰"
        OTHER = "other", "그 밖"

    #: away from work altogether; the other kinds are duties, which give way to these
    AWAY = (Kind.LEAVE, Kind.SICK)

    uid = uid_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="사람")
    kind = models.CharField("종류", max_length=10, choices=Kind)
    first_on = models.DateField("첫날")
    last_on = models.DateField("마지막 날")
    half = models.CharField("반일", max_length=2, choices=Half, blank=True)
    note = models.CharField("메모", max_length=100, blank=True)
    rota = models.ForeignKey(
        "staffing.CounterRota", models.PROTECT, null=True, blank=True, related_name="turns", verbose_name="창구 순번"
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="적은 사람")

    objects = StaffTimeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "근무 시간표"
        ordering = ["first_on", "user", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="staff_time_ends_after_it_starts",
                violation_error_message="마지막 날은 첫날과 같거나 뒤여야 합니다.",
            ),
            ExclusionConstraint(
                name="staff_time_never_twice",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        Func(
                            F("first_on"),
                            F("last_on"),
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            Case(When(half="PM", then=Value(1)), default=Value(0)),
                            Case(When(half="AM", then=Value(1)), default=Value(2)),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="그 반일에는 이미 적힌 일정이 있습니다.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.first_on}"

    @property
    def is_away(self) -> bool:
        return self.kind in self.AWAY


class WorkPattern(models.Model):
    """The half-days of the week a person works, from a day on. Who has none works all ten (시간선택제는 일부)."""

    uid = uid_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="사람")
    halves = ArrayField(models.CharField(max_length=3), verbose_name="일하는 반일")
    note = models.CharField("메모", max_length=100, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="적은 사람")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "근무 요일"
        ordering = ["user", "-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(halves__contained_by=WEEK_HALVES),
                name="work_pattern_has_known_halves",
                violation_error_message="월요일 오전부터 금요일 오후 사이에서 골라 주세요.",
            ),
            ExclusionConstraint(
                name="one_work_pattern_at_a_time",
                expressions=[("user", RangeOperators.EQUAL), (Valid(), RangeOperators.OVERLAPS)],
                violation_error_message="그때 쓰는 근무 요일이 이미 있습니다.",
            ),
        ]

    def __str__(self):
        return f"{len(self.halves)} halves from {self.valid_from}"


class OfficeWeek(models.Model):
    """Half-days of the week on which a dong's people do not go out, and why, from a day on.

    Without a dong it holds for every dong that has none of its own. `closed` is ``{"0AM": "팀 회의"}``.
    """

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    closed = models.JSONField("나가지 않는 반일", default=dict, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="정한 사람")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "나가지 않는 반일"
        ordering = ["dong", "-valid_from", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_office_week_at_a_time",
                expressions=[
                    (Coalesce(F("dong"), Value(0)), RangeOperators.EQUAL),
                    (Valid(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="그때 쓰는 설정이 이미 있습니다.",
            ),
        ]

    def __str__(self):
        return f"office week from {self.valid_from}"


class CounterRota(models.Model):
    """How a dong takes turns at the counter: who, how many at once, and how long a turn is (plan IV.5-2 ①)."""

    class Cycle(models.TextChoices):
        HALF = "half", "반일마다"
        DAY = "day", "하루마다"
        WEEK = "week", "한 주마다"

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    cycle = models.CharField("바꾸는 주기", max_length=4, choices=Cycle, default=Cycle.DAY)
    seats = models.PositiveSmallIntegerField(
        "한 번에 몇 사람", default=1, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    halves = ArrayField(models.CharField(max_length=2, choices=Half), verbose_name="창구를 여는 반일", default=list)
    streak_limit = models.PositiveSmallIntegerField(
        "잇달아 서는 날은 많아야", default=5, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    people = models.ManyToManyField(User, related_name="+", verbose_name="창구에 서는 사람")
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="정한 사람")

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "창구 순번"
        ordering = ["dong", "-valid_from", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_counter_rota_at_a_time",
                expressions=[("dong", RangeOperators.EQUAL), (Valid(), RangeOperators.OVERLAPS)],
                violation_error_message="그때 쓰는 창구 순번이 이미 있습니다.",
            ),
        ]

    def __str__(self):
        return f"{self.cycle} rota from {self.valid_from}"
