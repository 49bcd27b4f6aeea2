"""When people are away or bound: public holidays and half-days of leave, meetings, training, counter."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from centers.models import User
from common.identifiers import uid_field


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


class StaffTimeQuerySet(models.QuerySet):
    def between(self, first: dt.date, last: dt.date):
        """Rows that touch the days from `first` to `last`, both included."""
        return self.filter(first_on__lte=last, last_on__gte=first)


class StaffTime(models.Model):
    """Time of one person that visits cannot use: whole days, or one half of each day."""

    class Kind(models.TextChoices):
        LEAVE = "leave", "연가"
        SICK = "sick", "병가"
        TRAINING = "training", "교육"
        MEETING = "meeting", "회의"
        COUNTER = "counter", "창구"
        OTHER = "other", "그 밖"

    uid = uid_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="사람")
    kind = models.CharField("종류", max_length=10, choices=Kind)
    first_on = models.DateField("첫날")
    last_on = models.DateField("마지막 날")
    half = models.CharField("반일", max_length=2, choices=Half, blank=True)
    note = models.CharField("메모", max_length=100, blank=True)
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
        ]

    def __str__(self):
        return f"{self.kind} {self.first_on}"
