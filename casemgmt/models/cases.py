"""Integrated cases (통합사례): opened by a decision of the dong's case committee (plan IV.5-2 ⑤)."""

import pghistory
from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from common.encryption import SealedJSONField, SealedTextField
from common.identifiers import uid_field
from governance.models import AgendaItem, Decision, Member
from planners.models import Person

from .agencies import Agency
from .referrals import Referral


class CaseQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Cases of the viewer's dongs, own cases, and for outside members those they have a task in."""
        reach = scope.reach("case")
        if "A" in reach:
            return self
        seen = Q(pk__in=[])
        if "d" in reach:
            seen |= Q(dong__in=scope.dong_ids("case"))
        if "o" in reach:
            seen |= Q(manager=scope.user) | Q(referral__sent_by=scope.user)
        if "c" in reach:
            seats = Member.objects.on(scope.on).filter(user=scope.user)
            tasks = PlanItem.objects.filter(owner_member__in=seats, done_at=None)
            seen |= Q(pk__in=tasks.values("case_id")) & ~Q(state=Case.State.CLOSED)
        return self.filter(seen)

    def open(self):
        return self.exclude(state=Case.State.CLOSED)

    def served(self):
        """Cases with a running plan; those in follow-up are over but looked after."""
        return self.filter(state__in=(Case.State.OPEN, Case.State.MONITORING))


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
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="시작한 결정"
    )
    needs_ratification = models.BooleanField("위원회 추인이 남음", default=False)
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


class CaseLead(models.Model):
    """Which agency led a case from when to when, by whose decision; one at a time (주 사례관리기관)."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="leads", verbose_name="사례")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="주 사례관리기관")
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)
    reason = models.CharField("까닭", max_length=200, blank=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="결정")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")

    class Meta:
        verbose_name = verbose_name_plural = "주 사례관리기관 이력"
        ordering = ["case", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(valid_to=None),
                name="one_lead_agency_at_a_time",
                violation_error_message="주 사례관리기관은 한 곳입니다.",
            ),
        ]

    def __str__(self):
        return f"lead {self.case_id} {self.agency_id}"


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
    """Ties an agenda item of a meeting to the referral or the case it is about.

    `plan` is the first service plan the team proposes, `draft` what the secretary is writing in the meeting.
    """

    class Kind(models.TextChoices):
        NEW = "new", "새 사례"
        REVIEW = "review", "다시 살핌"
        CHANGE = "change", "유형 변경 제안"
        CLOSING = "closing", "종결 제안"
        RATIFY = "ratify", "긴급 결정 추인"

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="+", verbose_name="안건")
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="agenda", verbose_name="의뢰"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="agenda", verbose_name="사례")
    kind = models.CharField("종류", max_length=8, choices=Kind, default=Kind.NEW)
    suggested_type = models.CharField("팀의 제안", max_length=16, choices=Case.Type, blank=True)
    suggestion = models.JSONField("제안의 까닭", default=list, blank=True)
    plan = SealedJSONField("초기 서비스 계획(안)", context="caseagendaitem.plan", blank=True, default="")
    draft = SealedJSONField("쓰던 결정", context="caseagendaitem.draft", blank=True, default="")
    draft_version = models.PositiveIntegerField("쓰던 결정의 판", default=0)
    draft_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="쓰던 사람"
    )
    draft_at = models.DateTimeField("저절로 저장", null=True, blank=True)

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


class PackPledge(models.Model):
    """An outside member promised to keep a case pack to themselves, before it opened for the first time."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="+", verbose_name="안건")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="약속한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "비밀유지 약속"
        ordering = ["item", "user", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="pledge_once")]

    def __str__(self):
        return f"pledge {self.pk}"


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
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="마쳤다고 적은 사람"
    )

    class Meta:
        verbose_name = verbose_name_plural = "서비스 계획"
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"plan item {self.pk}"

    @property
    def who(self) -> str:
        """The owner's name."""
        owner = self.owner or self.owner_member
        return owner.name if owner else ""


class CaseFollowUp(models.Model):
    """A look at somebody one and three months after the case ended (사후관리)."""

    class Outcome(models.TextChoices):
        WELL = "well", "잘 지냄"
        NEEDS_HELP = "needs_help", "다시 도움이 필요함"
        UNREACHABLE = "unreachable", "연락되지 않음"

    uid = uid_field()
    case = models.ForeignKey(Case, models.CASCADE, related_name="follow_ups", verbose_name="사례")
    months = models.PositiveSmallIntegerField("몇 달 뒤")
    due_on = models.DateField("살필 날")
    outcome = models.CharField("결과", max_length=12, choices=Outcome, blank=True)
    note = SealedTextField("내용", context="casefollowup.note", blank=True, default="")
    done_at = models.DateTimeField("살핀 시각", null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="살핀 사람")

    class Meta:
        verbose_name = verbose_name_plural = "사후관리"
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"follow-up {self.pk}"


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
