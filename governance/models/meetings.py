"""Meetings: agenda, attendance with quorum, and decisions as records."""

from django.db import models

from centers.access import Scope
from centers.models import User
from common.identifiers import uid_field

from .bodies import Body, Member


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        return self.filter(body__in=Body.objects.visible_to(scope))


class Meeting(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", "예정"
        OPEN = "open", "진행 중"
        CLOSED = "closed", "마침"
        CANCELLED = "cancelled", "열지 않음"

    uid = uid_field()
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name="회의체")
    number = models.PositiveIntegerField("차수")
    starts_at = models.DateTimeField("시작 예정")
    place = models.CharField("장소", max_length=80, blank=True)
    state = models.CharField("상태", max_length=10, choices=State, default=State.PLANNED)
    opened_at = models.DateTimeField("연 시각", null=True, blank=True)
    closed_at = models.DateTimeField("마친 시각", null=True, blank=True)
    minutes_note = models.TextField("회의 메모", blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "회의"
        ordering = ["-starts_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["body", "number"], name="meeting_number_once")]

    def __str__(self):
        return f"meeting {self.body_id} {self.number}"


class Attendance(models.Model):
    class State(models.TextChoices):
        PRESENT = "present", "출석"
        LATE = "late", "늦음"
        ABSENT = "absent", "불참"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance", verbose_name="회의")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="위원")
    state = models.CharField("출결", max_length=8, choices=State)
    at = models.DateTimeField("적은 시각")

    class Meta:
        verbose_name = verbose_name_plural = "출결"
        ordering = ["meeting", "member", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="attendance_once")]

    def __str__(self):
        return f"{self.state}"


class AgendaItem(models.Model):
    """One item of a meeting. What it is about may live on a higher floor, which points here."""

    class State(models.TextChoices):
        WAITING = "waiting", "기다림"
        CURRENT = "current", "지금"
        DECIDED = "decided", "결정"
        POSTPONED = "postponed", "다음으로"

    uid = uid_field()
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda", verbose_name="회의")
    order = models.PositiveSmallIntegerField("순서")
    title = models.CharField("안건", max_length=120)
    note = models.CharField("설명", max_length=200, blank=True)
    planned_minutes = models.PositiveSmallIntegerField("예정(분)", default=10)
    state = models.CharField("상태", max_length=10, choices=State, default=State.WAITING)
    started_at = models.DateTimeField("시작", null=True, blank=True)
    ended_at = models.DateTimeField("끝", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "안건"
        ordering = ["meeting", "order", "pk"]

    def __str__(self):
        return f"agenda {self.meeting_id} {self.order}"


class Decision(models.Model):
    """What a meeting decided on an item; append-only, the newest one holds."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions", verbose_name="안건")
    text = models.TextField("결정")
    detail = models.JSONField("자세히", default=dict)
    in_favour = models.PositiveSmallIntegerField("찬성")
    present = models.PositiveSmallIntegerField("출석")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "결정"
        ordering = ["item", "at", "pk"]

    def __str__(self):
        return f"decision {self.pk}"
