"""Planning again in the morning: somebody cannot come, and the visits of those half-days need another place."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import Dong, Job, User, Zone
from common.identifiers import uid_field
from common.months import Month
from staffing.models.calendars import Half, StaffTime

from .schedules import Pair, Schedule
from .visits import Visit


class ReplanQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        if "A" in scope.reach("schedule_plan"):
            return self
        seen = Q(dong__in=scope.dong_ids("schedule_plan"))
        if scope.owns("schedule_plan"):
            seen |= Q(zone__in=Schedule.zones_of(scope))
        return self.filter(seen)

    def open(self):
        return self.filter(state=Replan.State.OPEN)


class Replan(models.Model):
    """One absence and what it means for one unit's month. Its draft is the proposal; confirming publishes it."""

    class State(models.TextChoices):
        OPEN = "open", "정하는 중"
        CONFIRMED = "confirmed", "확정"
        DROPPED = "dropped", "그만둠"

    uid = uid_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="못 나오는 사람")
    kind = models.CharField("까닭", max_length=10, choices=StaffTime.Kind, default=StaffTime.Kind.SICK)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="권역")
    month = models.DateField("달")
    first_on = models.DateField("첫날")
    last_on = models.DateField("마지막 날")
    half = models.CharField("반일", max_length=2, choices=Half, blank=True)
    state = models.CharField("상태", max_length=10, choices=State, default=State.OPEN)
    schedule = models.ForeignKey(
        Schedule, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="제안한 일정"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="작업")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="시작한 사람")
    made_at = models.DateTimeField("시작한 시각")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="확정한 사람"
    )
    confirmed_at = models.DateTimeField("확정한 시각", null=True, blank=True)

    objects = ReplanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "다시 짜기"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dong", "zone", "month", "first_on", "last_on", "half"],
                condition=Q(state="open"),
                name="one_open_replan_for_an_absence",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="replan_ends_after_it_starts"),
        ]

    def __str__(self):
        return f"replan {self.pk} {self.state}"

    @property
    def month_value(self) -> Month:
        return Month.of(self.month)

    def covers(self, on: dt.date, half: str) -> bool:
        """Whether the absence takes this half-day."""
        return self.first_on <= on <= self.last_on and self.half in ("", half)


class ReplanLine(models.Model):
    """One resident who must be told: what was promised, what is proposed instead, what came of the call."""

    class Choice(models.TextChoices):
        REASSIGN = "reassign", "새 자리로"
        POSTPONE = "postpone", "뒤로 미루기"
        PHONE = "phone", "이번은 전화로"

    class Answer(models.TextChoices):
        AGREED = "agreed", "새 시각에 동의"
        TOLD = "told", "알려 드림"
        NO_ANSWER = "no_answer", "안 받음"

    replan = models.ForeignKey(Replan, models.CASCADE, related_name="lines", verbose_name="다시 짜기")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+", verbose_name="방문")
    is_displaced = models.BooleanField("자리를 잃음", default=True)  # False: moved to make room
    was_booked = models.BooleanField("약속한 방문", default=False)
    was_pair = models.ForeignKey(Pair, models.PROTECT, related_name="+", verbose_name="가던 조")
    was_on = models.DateField("가던 날")
    was_half = models.CharField("가던 반일", max_length=2, choices=Half)
    was_starts_at = models.DateTimeField("가던 시각")
    choice = models.CharField("어떻게", max_length=10, choices=Choice, default=Choice.REASSIGN)
    answer = models.CharField("통화 결과", max_length=10, choices=Answer, blank=True)
    called_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="전화한 사람"
    )
    called_at = models.DateTimeField("전화한 시각", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "다시 짤 방문"
        ordering = ["was_starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["replan", "visit"], name="visit_once_in_replan")]

    def __str__(self):
        return f"{self.choice} {self.visit_id}"
