"""People who sign in, and the dated postings that give them their rights."""

import datetime as dt

import pghistory
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from centers.roles import ROLES
from common.identifiers import uid_field

from .places import DatedQuerySet, Dong, Team

ROLE_CHOICES = [(role.code, role.title) for role in ROLES]


class User(AbstractUser):
    """One person, one account. Rights follow from postings, never from flags on the account."""

    first_name = last_name = None
    uid = uid_field()
    name = models.CharField("이름", max_length=40)
    job_title = models.CharField("직함", max_length=40, blank=True)
    phone = models.CharField("업무용 전화", max_length=20, blank=True)
    is_demo = models.BooleanField("시연 계정", default=False)
    employee_number = models.CharField("사번", max_length=20, null=True, blank=True, unique=True)
    left_on = models.DateField("떠난 날", null=True, blank=True)
    setup_until = models.DateTimeField("초기 코드 기한", null=True, blank=True, editable=False)

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "사용자"
        ordering = ["username"]

    def __str__(self):
        return self.username

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def has_left_on(self, day: dt.date) -> bool:
        return self.left_on is not None and self.left_on <= day


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["user", "role", "dong", "team", "tongs", "valid_from", "valid_to"],
    model_name="PostingHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Posting(models.Model):
    """A role at a place from one day to another; moving somebody switches the rights at midnight.

    A posting that ends on the day it begins never holds: an order that was taken back before its day.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="사람")
    role = models.CharField("역할", max_length=2, choices=ROLE_CHOICES)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="postings", verbose_name="동")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="postings", verbose_name="팀")
    tongs = ArrayField(models.PositiveSmallIntegerField(), verbose_name="맡은 통", default=list, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "배치"
        ordering = ["user", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="posting_ends_not_before_it_starts",
                violation_error_message="끝난 날은 시작일보다 앞일 수 없습니다.",
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.role}"

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)


class PostingChange(models.Model):
    """Who gave, changed or ended whose rights, and why; kept at least three years (고시 제5조③)."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="changes", verbose_name="배치")
    act = models.CharField("처리", max_length=20)
    before = models.JSONField("전", default=dict)
    after = models.JSONField("후", default=dict)
    reason = models.CharField("사유", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="처리한 사람")
    at = models.DateTimeField("처리 시각")

    class Meta:
        verbose_name = verbose_name_plural = "권한 변경 기록"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.act} {self.at:%Y-%m-%d}"


class PostingRequest(models.Model):
    """A right over the whole district that waits for a second person; without one it is never given."""

    class State(models.TextChoices):
        OPEN = "open", "확인 기다림"
        GIVEN = "given", "줌"
        REFUSED = "refused", "주지 않음"

    uid = uid_field()
    user = models.ForeignKey(User, models.PROTECT, related_name="posting_requests", verbose_name="사람")
    role = models.CharField("역할", max_length=2, choices=ROLE_CHOICES)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="부서")
    valid_from = models.DateField("시작일")
    reason = models.CharField("근거", max_length=200)
    state = models.CharField("상태", max_length=8, choices=State, default=State.OPEN)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="올린 사람")
    asked_at = models.DateTimeField("올린 시각")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="정한 사람")
    decided_at = models.DateTimeField("정한 시각", null=True)
    decision = models.CharField("정한 까닭", max_length=200, blank=True)
    posting = models.OneToOneField(Posting, models.PROTECT, null=True, related_name="request", verbose_name="배치")

    class Meta:
        verbose_name = verbose_name_plural = "구 전체 권한 요청"
        ordering = ["valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "valid_from"],
                condition=Q(state="open"),
                name="posting_request_open_once",
            ),
        ]

    def __str__(self):
        return f"{self.role} {self.state}"
