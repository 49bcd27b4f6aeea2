"""Integrated cases (통합사례): opened by a decision of the dong's case committee (plan IV.5-2 ⑤)."""

import pghistory
from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from common.encryption import SealedTextField
from common.identifiers import uid_field
from governance.models import AgendaItem, Member
from planners.models import Person

from .agencies import Agency
from .referrals import Referral


class CaseQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Cases of the viewer's dongs, own cases, and for outside members those of their agenda."""
        reach = scope.reach("case")
        if "A" in reach:
            return self
        seen = Q(pk__in=[])
        if "d" in reach:
            seen |= Q(dong__in=scope.dong_ids("case"))
        if "o" in reach:
            seen |= Q(manager=scope.user) | Q(referral__sent_by=scope.user)
        return self.filter(seen)

    def open(self):
        return self.exclude(state=Case.State.CLOSED)


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["version"],
    model_name="CaseHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Case(models.Model):
    class Type(models.TextChoices):
        CARE = "care_support", "돌봄지원"
        LIVING = "living_support", "생활지원"
        INTENSIVE = "intensive", "심화개입"
        SPECIALISED = "specialised", "전문개입"

    class State(models.TextChoices):
        OPEN = "open", "진행"
        MONITORING = "monitoring", "점검"
        FOLLOW_UP = "follow_up", "사후관리"
        CLOSED = "closed", "종결"

    MOVES = {
        State.OPEN: {State.MONITORING, State.FOLLOW_UP, State.CLOSED},
        State.MONITORING: {State.OPEN, State.FOLLOW_UP, State.CLOSED},
        State.FOLLOW_UP: {State.OPEN, State.CLOSED},
        State.CLOSED: {State.OPEN},
    }

    uid = uid_field()
    number = models.CharField("사례 번호", max_length=30, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="주민")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    referral = models.OneToOneField(Referral, models.PROTECT, related_name="case", verbose_name="의뢰")
    type = models.CharField("유형", max_length=16, choices=Type)
    suggested_type = models.CharField("팀이 제안한 유형", max_length=16, choices=Type, blank=True)
    lead_agency = models.ForeignKey(Agency, models.PROTECT, related_name="cases", verbose_name="주 사례관리기관")
    manager = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="담당자")
    state = models.CharField("상태", max_length=10, choices=State, default=State.OPEN)
    opened_on = models.DateField("시작일")
    review_on = models.DateField("다음 점검일")
    closed_on = models.DateField("종결일", null=True, blank=True)
    close_reason = models.CharField("종결 까닭", max_length=200, blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "통합사례"
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=~Q(state="closed"), name="one_open_case_per_person"),
        ]

    def __str__(self):
        return self.number


class CaseNumber(models.Model):
    """Running number of cases per dong and year, taken under a row lock."""

    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    year = models.PositiveSmallIntegerField("연도")
    last = models.PositiveIntegerField("마지막 번호", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "사례 번호"
        ordering = ["dong", "year"]
        constraints = [models.UniqueConstraint(fields=["dong", "year"], name="case_number_once")]

    def __str__(self):
        return f"{self.dong_id} {self.year}"


class CaseAgendaItem(models.Model):
    """Ties an agenda item of a meeting to the referral or the case it is about."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="+", verbose_name="안건")
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="agenda", verbose_name="의뢰"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="agenda", verbose_name="사례")
    suggested_type = models.CharField("팀의 제안", max_length=16, choices=Case.Type, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "사례 안건"
        ordering = ["item"]
        constraints = [
            models.CheckConstraint(
                condition=Q(referral__isnull=False) | Q(case__isnull=False), name="case_agenda_has_a_subject"
            ),
        ]

    def __str__(self):
        return f"case agenda {self.pk}"


class PlanItem(models.Model):
    """One line of a case's service plan, and a task with an owner and a day."""

    uid = uid_field()
    case = models.ForeignKey(Case, models.CASCADE, related_name="plan", verbose_name="사례")
    what = models.CharField("무엇", max_length=120)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="맡을 곳")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="맡을 사람")
    owner_member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="맡을 위원"
    )
    starts_on = models.DateField("언제부터", null=True, blank=True)
    due_on = models.DateField("언제까지")
    amount = models.CharField("얼마나", max_length=80, blank=True)
    done_at = models.DateTimeField("한 시각", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "서비스 계획"
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"plan item {self.pk}"


class CaseEvent(models.Model):
    """Append-only story of a case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="events", verbose_name="사례")
    act = models.CharField("일", max_length=20)
    text = SealedTextField("내용", context="caseevent.text", blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "사례 이력"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.pk}"
