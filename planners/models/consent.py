"""Consent in four kinds, and the ladder of attempts to reach somebody."""

import datetime as dt

import pghistory
from django.db import models
from django.db.models import Q

from centers.models import Dong, User
from common.identifiers import uid_field

from .programmes import Target
from .residents import Person


class ConsentQuerySet(models.QuerySet):
    def standing_on(self, day: dt.date):
        """Answers that hold on a day: not withdrawn, not past their end."""
        return self.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=day), Q(ends_on=None) | Q(ends_on__gt=day))


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="ConsentHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Consent(models.Model):
    """One answer of one person to one question, with the wording that was read to them (법 제15조·제22조)."""

    class Kind(models.TextChoices):
        VISIT = "visit", "방문"
        SHARE = "share", "기관에 정보 제공"
        SCREENING = "screening", "건강 선별검사(민감정보)"
        RECORDING = "recording", "사진·녹음"

    class Answer(models.TextChoices):
        GIVEN = "given", "동의"
        REFUSED = "refused", "거절"

    class Channel(models.TextChoices):
        PHONE = "phone", "전화"
        TONGJANG = "tongjang", "복지통장 방문"
        LETTER = "letter", "회신"
        COUNTER = "counter", "센터에서"
        VISIT = "visit", "방문 때"

    uid = uid_field()
    person = models.ForeignKey(Person, models.PROTECT, related_name="consents", verbose_name="주민")
    # where the person lived when asked; the database fills it in, so that past months stay as they were
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="동")
    kind = models.CharField("종류", max_length=10, choices=Kind)
    answer = models.CharField("답", max_length=8, choices=Answer)
    channel = models.CharField("방법", max_length=10, choices=Channel)
    wording = models.CharField("안내문 판", max_length=40)
    recipient = models.CharField("받는 기관", max_length=100, blank=True)
    items = models.JSONField("항목", default=list, blank=True)
    asked_by = models.CharField("물은 사람", max_length=60)
    answered_on = models.DateField("답한 날")
    ends_on = models.DateField("끝나는 날", null=True, blank=True)
    reoffer_on = models.DateField("다시 안내하는 날", null=True, blank=True)
    withdrawn_on = models.DateField("철회한 날", null=True, blank=True)
    note = models.CharField("메모", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("적은 시각")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "동의"
        ordering = ["-answered_on", "-pk"]
        indexes = [models.Index(fields=["person", "kind", "-answered_on"], name="consent_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="share") | ~Q(recipient=""),
                name="sharing_names_the_agency",
                violation_error_message="어느 기관에 제공하는지 적어 주세요.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.answer}"


class ContactAttempt(models.Model):
    """One try to reach somebody; three tries at different hours before a door card (product: outreach)."""

    class Result(models.TextChoices):
        REACHED = "reached", "통화함"
        NO_ANSWER = "no_answer", "받지 않음"
        WRONG_NUMBER = "wrong_number", "없는 번호"
        CALL_LATER = "call_later", "나중에 다시"
        DOOR_CARD = "door_card", "문에 안내 카드"

    target = models.ForeignKey(Target, models.CASCADE, related_name="attempts", verbose_name="대상")
    result = models.CharField("결과", max_length=14, choices=Result)
    channel = models.CharField("방법", max_length=10, choices=Consent.Channel, default=Consent.Channel.PHONE)
    next_on = models.DateField("다음 연락일", null=True, blank=True)
    note = models.CharField("메모", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="연락한 사람")
    at = models.DateTimeField("연락한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "연락"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.result} {self.at:%Y-%m-%d}"
