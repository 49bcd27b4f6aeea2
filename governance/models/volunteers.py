"""The pool of residents who want to help their neighbours, from the first word to what became of it (plan IV.5-1 ①)."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from centers.models import Dong, User
from common.identifiers import uid_field
from planners.models import Companion, Person, Visit
from planners.volunteering import INTERESTS

from .groups import Activist, LocalQuerySet, Organisation

INTEREST_NAMES = dict(INTERESTS)


class VolunteerQuerySet(LocalQuerySet):
    def open(self):
        return self.exclude(state=Volunteer.State.ENDED)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["version"],
    model_name="VolunteerHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Volunteer(models.Model):
    """A resident who said yes. Where they help is kept in the registers of groups, activists and companions;
    this row only points there."""

    class State(models.TextChoices):
        WILLING = "willing", "하고 싶어 함"
        INTRODUCED = "introduced", "소개함"
        ACTIVE = "active", "활동 중"
        ENDED = "ended", "끝남"

    MOVES = {
        State.WILLING: {State.INTRODUCED, State.ACTIVE, State.ENDED},
        State.INTRODUCED: {State.INTRODUCED, State.ACTIVE, State.ENDED},
        State.ACTIVE: {State.ENDED},
        State.ENDED: set(),
    }

    uid = uid_field()
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="주민")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    interests = ArrayField(
        models.CharField(max_length=10, choices=INTERESTS), verbose_name="하고 싶은 일", default=list, blank=True
    )
    note = models.CharField("메모", max_length=200, blank=True)
    may_be_contacted = models.BooleanField("연락해도 됨", null=True, blank=True)
    contact_answered_on = models.DateField("연락 여부를 답한 날", null=True, blank=True)
    state = models.CharField("상태", max_length=10, choices=State, default=State.WILLING)
    willing_on = models.DateField("말씀하신 날")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="들은 방문")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="소개한 단체"
    )
    activist = models.ForeignKey(
        Activist, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="활동가 목록의 줄"
    )
    companion = models.ForeignKey(
        Companion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동행 목록의 줄"
    )
    ended_on = models.DateField("끝난 날", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = VolunteerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "자원봉사를 하고 싶은 주민"
        ordering = ["willing_on", "pk"]
        indexes = [models.Index(fields=["dong", "state", "willing_on"], name="volunteer_dong_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=~Q(state="ended"),
                name="volunteer_open_once",
                violation_error_message="이미 명단에 있는 분입니다.",
            ),
            models.CheckConstraint(
                condition=Q(may_be_contacted=None) | Q(contact_answered_on__isnull=False),
                name="volunteer_contact_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["introduced", "active"]) | Q(may_be_contacted=True),
                name="volunteer_is_introduced_with_consent",
                violation_error_message="연락해도 된다고 하신 분만 소개할 수 있습니다.",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | ~Q(state="ended") & Q(ended_on=None),
                name="ended_volunteer_has_a_day",
            ),
        ]

    def __str__(self):
        return f"volunteer {self.pk}"

    @property
    def interest_words(self) -> list[str]:
        return [INTEREST_NAMES[key] for key in self.interests if key in INTEREST_NAMES]

    @property
    def is_open(self) -> bool:
        return self.state != self.State.ENDED


class VolunteerEvent(models.Model):
    """Append-only story of a volunteer."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="events", verbose_name="주민")
    act = models.CharField("일", max_length=12)
    text = models.CharField("내용", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "자원봉사 이력"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"
