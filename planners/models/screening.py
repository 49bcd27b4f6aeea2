"""Results of scored screening tools."""

from django.db import models

from centers.models import User
from common.encryption import SealedJSONField
from common.identifiers import uid_field

from .residents import Person
from .visits import Visit


class ScreeningResult(models.Model):
    """One filled-in instrument, with the version of its text, the score and the band it fell in."""

    uid = uid_field()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="screenings", verbose_name="방문")
    person = models.ForeignKey(Person, models.PROTECT, related_name="screenings", verbose_name="주민")
    instrument = models.SlugField("도구", max_length=40)
    version = models.CharField("판", max_length=20)
    answers = SealedJSONField("답", context="screeningresult.answers")
    score = models.SmallIntegerField("점수", null=True)
    band = models.SlugField("구간", max_length=20, blank=True)
    is_alarm = models.BooleanField("즉시 알림", default=False)
    is_complete = models.BooleanField("다 답함", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="검사한 사람")
    at = models.DateTimeField("검사한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "선별검사 결과"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "instrument", "-at"], name="screening_newest")]
        constraints = [models.UniqueConstraint(fields=["visit", "instrument"], name="screening_once_per_visit")]

    def __str__(self):
        return f"{self.instrument} {self.pk}"
