"""Referrals: the sender stays responsible until the receiver's first act is known (plan IV.5-2 ①)."""

import datetime as dt

import pghistory
from django.db import models
from django.db.models import Exists, OuterRef, Q

from centers.access import Scope
from centers.models import Dong, User
from common.encryption import SealedTextField
from common.identifiers import uid_field
from planners.models import Consent, Person, Visit

from .agencies import Agency


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Referrals of the viewer's dongs, those the viewer sent or looks after, and those sent to the viewer."""
        reach = scope.reach("referral")
        if "A" in reach:
            return self
        seen = Q(pk__in=[])
        if "d" in reach:
            seen |= Q(dong__in=scope.dong_ids("referral"))
        if scope.owns("referral"):
            seen |= Q(sent_by=scope.user) | Q(owner=scope.user)
        if "r" in reach:
            seen |= Q(agency__kind__in=Agency.HEALTH)
        return self.filter(seen)

    def open(self):
        return self.filter(state__in=Referral.OPEN)

    def unanswered(self):
        """Open, and the receiver has not acted yet: the sender is still responsible."""
        return self.filter(state=Referral.State.SENT)

    def overdue(self, at: dt.datetime):
        return self.unanswered().filter(due_at__lt=at)

    def returned(self):
        """Rejected, and nobody has referred the person anew since."""
        later = Referral.objects.filter(person=OuterRef("person"), sent_at__gt=OuterRef("ended_at"))
        return self.filter(state=Referral.State.REJECTED).exclude(Exists(later))


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["version"],
    model_name="ReferralHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Referral(models.Model):
    class Destination(models.TextChoices):
        COMMITTEE = "committee", "통합사례관리위원회"
        AGENCY = "agency", "기관"
        SERVICE = "service", "센터의 서비스"

    class State(models.TextChoices):
        SENT = "sent", "보냄"
        ACCEPTED = "accepted", "받음"
        REJECTED = "rejected", "받지 않음"
        DONE = "done", "연계 끝"
        REVOKED = "revoked", "거둠"

    OPEN = (State.SENT, State.ACCEPTED)
    MOVES = {
        State.SENT: {State.ACCEPTED, State.REJECTED, State.REVOKED},
        State.ACCEPTED: {State.DONE, State.REJECTED, State.REVOKED},
        State.REJECTED: set(),
        State.DONE: set(),
        State.REVOKED: set(),
    }

    uid = uid_field()
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="주민")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="방문")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    destination = models.CharField("보낼 곳", max_length=10, choices=Destination)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name="기관"
    )
    service = models.CharField("서비스", max_length=60, blank=True)
    need = models.CharField("욕구", max_length=60, blank=True)
    summary = SealedTextField("내용", context="referral.summary")
    consent = models.ForeignKey(
        Consent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="제공 동의"
    )
    state = models.CharField("상태", max_length=8, choices=State, default=State.SENT)
    wishes = SealedTextField("본인이 바라는 것", context="referral.wishes", blank=True, default="")
    emergency_ground = models.CharField("동의 없이 알린 근거", max_length=200, blank=True)
    is_urgent = models.BooleanField("시간을 다툼", default=False)
    due_on = models.DateField("답할 기한")
    due_at = models.DateTimeField("답할 시각", null=True, blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="끝까지 챙길 사람"
    )
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="보낸 사람")
    sent_at = models.DateTimeField("보낸 시각")
    first_act_at = models.DateTimeField("받은 곳의 첫 조치", null=True, blank=True)
    ended_at = models.DateTimeField("끝난 시각", null=True, blank=True)
    end_note = models.CharField("결과", max_length=200, blank=True)
    client_key = models.UUIDField("기기 열쇠", null=True, unique=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "의뢰"
        ordering = ["-sent_at", "-pk"]
        indexes = [
            models.Index(fields=["dong", "state", "due_on"], name="referral_due"),
            models.Index(fields=["person", "sent_at"], name="referral_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(destination="agency") | Q(agency__isnull=False),
                name="agency_referral_names_the_agency",
                violation_error_message="보낼 기관을 골라 주세요.",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(destination="committee", state__in=["sent", "accepted"]),
                name="one_open_committee_referral",
                violation_error_message="이 주민은 이미 위원회에 의뢰되어 있습니다.",
            ),
        ]

    def __str__(self):
        return f"referral {self.pk} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def receiver(self) -> str:
        """Who is asked, in words."""
        if self.destination == self.Destination.COMMITTEE:
            return f"{self.dong.name} 통합사례관리위원회"
        return self.agency.name if self.agency_id else f"센터 · {self.service}"

    @property
    def code(self) -> str:
        """A short name that tells nothing about the person; stands on agendas until a case has its number."""
        return f"접수 {self.uid.hex[:4].upper()}"


class ReferralEvent(models.Model):
    """Append-only story of a referral."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="events", verbose_name="의뢰")
    act = models.CharField("일", max_length=20)
    text = models.CharField("내용", max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "의뢰 이력"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.at:%Y-%m-%d}"
