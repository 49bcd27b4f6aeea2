"""Meetings: agenda, attendance with quorum, and decisions as records."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import User
from common.identifiers import uid_field
from common.months import SEOUL

from .bodies import Body, Member


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Meetings of bodies the viewer works for or sits in; advisory members only those they are asked to."""
        if "A" in scope.reach("committee"):
            return self
        seats = Member.objects.on(scope.on).filter(user=scope.user)
        seen = Q(body__dong__in=scope.dong_ids("committee"))
        seen |= Q(body__in=seats.exclude(kind=Member.Kind.ADVISORY).values("body_id"))
        seen |= Q(pk__in=Invitation.objects.filter(member__in=seats).values("item__meeting_id"))
        others = ~Q(body__kind=Body.Kind.CASE_COMMITTEE)
        if scope.everywhere("governance"):
            seen |= others
        seen |= others & Q(body__dong__in=scope.dong_ids("governance"))
        return self.filter(seen)

    def held(self):
        return self.filter(state__in=(Meeting.State.OPEN, Meeting.State.CLOSED))


class Meeting(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", "예정"
        OPEN = "open", "진행 중"
        CLOSED = "closed", "마침"
        CANCELLED = "cancelled", "열지 않음"

    MOVES = {
        State.PLANNED: {State.OPEN, State.CANCELLED},
        State.OPEN: {State.CLOSED},
        State.CANCELLED: {State.PLANNED},
        State.CLOSED: set(),
    }

    uid = uid_field()
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name="회의체")
    number = models.PositiveIntegerField("차수")
    slot_on = models.DateField("정기 회의 날", null=True, blank=True)
    starts_at = models.DateTimeField("시작 예정")
    place = models.CharField("장소", max_length=80, blank=True)
    state = models.CharField("상태", max_length=10, choices=State, default=State.PLANNED)
    cancel_reason = models.CharField("열지 않는 까닭", max_length=100, blank=True)
    opened_at = models.DateTimeField("연 시각", null=True, blank=True)
    closed_at = models.DateTimeField("마친 시각", null=True, blank=True)
    minutes_note = models.TextField("회의 메모", blank=True)
    note_version = models.PositiveIntegerField("메모 판", default=1)
    note_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="메모를 고친 사람"
    )
    version = models.PositiveIntegerField("판", default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "회의"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="meeting_number_once"),
            models.UniqueConstraint(fields=["body", "slot_on"], name="one_meeting_per_slot"),
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(state="open"),
                name="one_open_meeting_per_body",
                violation_error_message="이 회의체의 다른 회의가 아직 열려 있습니다. 먼저 마쳐 주세요.",
            ),
        ]
        indexes = [models.Index(fields=["body", "state", "starts_at"], name="meeting_next")]

    def __str__(self):
        return f"meeting {self.body_id} {self.number}"

    @property
    def when(self) -> str:
        """2015년 1월 8일 14:00."""
        start = self.starts_at.astimezone(SEOUL)
        return f"{start.year}년 {start.month}월 {start.day}일 {start:%H:%M}"


class Attendance(models.Model):
    """Who was in the room. Late means on the way: it counts once the person has come."""

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


class Reply(models.Model):
    """A member's answer to the invitation: the forecast of attendance and quorum."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="replies", verbose_name="회의")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="위원")
    is_coming = models.BooleanField("온다고 함")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "참석 답"
        ordering = ["meeting", "member", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="reply_once")]

    def __str__(self):
        return f"{self.is_coming}"


class AgendaItem(models.Model):
    """One item of a meeting. What it is about may live on a higher floor, which points here."""

    class State(models.TextChoices):
        WAITING = "waiting", "기다림"
        CURRENT = "current", "지금"
        DECIDED = "decided", "결정"
        POSTPONED = "postponed", "다음으로"
        WITHDRAWN = "withdrawn", "내림"

    MOVES = {
        State.WAITING: {State.CURRENT, State.POSTPONED, State.WITHDRAWN},
        State.CURRENT: {State.WAITING, State.DECIDED, State.POSTPONED},
        State.DECIDED: set(),
        State.POSTPONED: set(),
        State.WITHDRAWN: set(),
    }
    OPEN = (State.WAITING, State.CURRENT)

    uid = uid_field()
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda", verbose_name="회의")
    order = models.PositiveSmallIntegerField("순서")
    title = models.CharField("안건", max_length=120)
    note = models.CharField("설명", max_length=200, blank=True)
    planned_minutes = models.PositiveSmallIntegerField("예정(분)", default=10)
    state = models.CharField("상태", max_length=10, choices=State, default=State.WAITING)
    started_at = models.DateTimeField("시작", null=True, blank=True)
    ended_at = models.DateTimeField("끝", null=True, blank=True)
    spent_seconds = models.PositiveIntegerField("앞서 쓴 시간(초)", default=0)
    postponed_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name="넘어온 안건"
    )
    version = models.PositiveIntegerField("판", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "안건"
        ordering = ["meeting", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state="current"), name="one_current_item_per_meeting"
            ),
        ]

    def __str__(self):
        return f"agenda {self.meeting_id} {self.order}"


class Invitation(models.Model):
    """An advisory member asked to one item; sees that item only, until a day after the meeting."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="invitations", verbose_name="안건")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="위원")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="부른 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "참석 요청"
        ordering = ["item", "member", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "member"], name="invitation_once")]

    def __str__(self):
        return f"invitation {self.pk}"


class Decision(models.Model):
    """What a meeting decided on an item; append-only, the newest one holds."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions", verbose_name="안건")
    text = models.TextField("결정")
    detail = models.JSONField("자세히", default=dict)
    in_favour = models.PositiveSmallIntegerField("찬성")
    present = models.PositiveSmallIntegerField("출석")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("시각")
    client_key = models.UUIDField("기기 열쇠", null=True, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "결정"
        ordering = ["item", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(in_favour__lte=F("present")),
                name="votes_within_present",
                violation_error_message="찬성은 출석한 사람 수를 넘을 수 없습니다.",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"decision {self.pk}"


class Task(models.Model):
    """What follows from a decision: somebody does something by a day."""

    uid = uid_field()
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="tasks", verbose_name="결정")
    what = models.CharField("무엇", max_length=120)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="맡을 위원"
    )
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="맡을 사람")
    due_on = models.DateField("언제까지")
    done_at = models.DateTimeField("한 시각", null=True, blank=True)
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="마쳤다고 적은 사람"
    )

    class Meta:
        verbose_name = verbose_name_plural = "할 일"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False) | Q(user__isnull=False),
                name="task_has_an_owner",
                violation_error_message="할 일을 맡을 사람을 골라 주세요.",
            ),
        ]

    def __str__(self):
        return f"task {self.pk}"

    @property
    def who(self) -> str:
        """The owner's name."""
        return (self.user or self.member).name
