"""Alarms: somebody is in danger, and a named colleague has to take it over (plan III.7 ③, IV.5-1 ③)."""

from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from common.encryption import SealedTextField
from common.identifiers import uid_field

from .residents import Person
from .visits import Visit


class AlarmQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Alarms of visits the viewer may see, and those the viewer was asked to take over."""
        return self.filter(Q(visit__in=Visit.objects.visible_to(scope)) | Q(receiver=scope.user))

    def open(self):
        return self.filter(closed_at=None)


class Alarm(models.Model):
    """Raised by an answer or by hand at a visit; closed only by the colleague who took it over."""

    class Kind(models.TextChoices):
        SELF_HARM = "self_harm", "마음 안전"
        ABUSE = "abuse", "학대·폭력 의심"
        EMERGENCY = "emergency", "응급"
        STAFF = "staff", "직원 안전"

    uid = uid_field()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="alarms", verbose_name="방문")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="주민")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    kind = models.CharField("종류", max_length=10, choices=Kind)
    is_from_answer = models.BooleanField("검사 답에서", default=False)
    steps = models.JSONField("한 일", default=list, blank=True)
    receiver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="넘겨받을 사람")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="알린 사람")
    raised_at = models.DateTimeField("알린 시각")
    accepted_at = models.DateTimeField("넘겨받은 시각", null=True, blank=True)
    closed_at = models.DateTimeField("마친 시각", null=True, blank=True)
    closing_note = SealedTextField("어떻게 되었는지", context="alarm.closing_note", blank=True, default="")

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "긴급 알림"
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["dong", "closed_at"], name="alarm_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(receiver__isnull=False, accepted_at__isnull=False),
                name="alarm_closes_with_its_receiver",
                violation_error_message="넘겨받은 사람이 확인해야 마칠 수 있습니다.",
            ),
            models.UniqueConstraint(
                fields=["visit", "kind"], condition=Q(closed_at=None), name="one_open_alarm_of_a_kind"
            ),
        ]

    def __str__(self):
        return f"alarm {self.pk}"
