"""Programmes as data: dated rules that name who must be visited by when, and the targets they made."""

from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.encryption import SealedTextField
from common.identifiers import uid_field

from .residents import Person


class Programme(models.Model):
    """복지플래너 사업 (plan IV.5-1)."""

    key = models.SlugField("이름표", max_length=30, unique=True)
    name = models.CharField("사업", max_length=60)
    short_name = models.CharField("짧은 이름", max_length=20)
    order = models.PositiveSmallIntegerField("순서")
    needs_social_worker = models.BooleanField("사회복지사가 함께", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "사업"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class TargetRule(models.Model):
    """When somebody becomes a target: a kind of event with its figures, dated and versioned."""

    class Kind(models.TextChoices):
        TURNS_AGE = "turns_age", "나이 도래"
        BIRTH = "birth", "출생"
        PREGNANCY_WEEKS = "pregnancy_weeks", "임신 주수"
        AFTER_BIRTH = "after_birth", "산후"
        CRISIS_REPORT = "crisis_report", "위기 알림"
        FOLLOW_UP = "follow_up", "다시 방문"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rules", verbose_name="사업")
    key = models.SlugField("이름표", max_length=40)
    version = models.PositiveSmallIntegerField("판", default=1)
    kind = models.CharField("종류", max_length=20, choices=Kind)
    title = models.CharField("규칙", max_length=100)
    parameters = models.JSONField("수치", default=dict)
    tier = models.PositiveSmallIntegerField("순위")
    minutes = models.PositiveSmallIntegerField("방문 시간(분)")
    source = models.CharField("근거", max_length=100)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "대상 규칙"
        ordering = ["programme", "key", "version", "pk"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="target_rule_version_once")]

    def __str__(self):
        return f"{self.key} v{self.version}"


class Coverage(models.Model):
    """Which dongs a programme covers from when, universally or for risk groups only (plan IV.5-1 ②)."""

    class Reach(models.TextChoices):
        UNIVERSAL = "universal", "모두"
        RISK_ONLY = "risk_only", "위험군만"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="coverage", verbose_name="사업")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    reach = models.CharField("범위", max_length=10, choices=Reach)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "시행 범위"
        ordering = ["programme", "dong", "valid_from", "pk"]

    def __str__(self):
        return f"{self.programme} {self.dong} {self.reach}"


class Pregnancy(models.Model):
    """A pregnancy told to the office; weeks are counted from the expected day (280 days)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="pregnancies", verbose_name="임신부")
    expected_on = models.DateField("출산 예정일")
    delivered_on = models.DateField("출산일", null=True, blank=True)
    ended_on = models.DateField("끝난 날", null=True, blank=True)
    risk_groups = models.JSONField("위험군", default=list, blank=True)
    reported_on = models.DateField("알게 된 날")

    class Meta:
        verbose_name = verbose_name_plural = "임신"
        ordering = ["person", "expected_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "expected_on"], name="pregnancy_once")]

    def __str__(self):
        return f"pregnancy {self.pk}"


class CrisisReport(models.Model):
    """위기가정 알림: somebody worries about a household; it is visited or answered within 14 days."""

    class Channel(models.TextChoices):
        TONGJANG = "tongjang", "복지통장"
        NEIGHBOUR = "neighbour", "이웃"
        STAFF = "staff", "직원"
        PATROL = "patrol", "순찰"
        AGENCY = "agency", "기관"

    uid = uid_field()
    person = models.ForeignKey(Person, models.PROTECT, related_name="crisis_reports", verbose_name="주민")
    channel = models.CharField("알린 곳", max_length=10, choices=Channel)
    reporter = models.CharField("알린 사람", max_length=60, blank=True)
    text = SealedTextField("내용", context="crisisreport.text")
    reported_at = models.DateTimeField("알린 시각")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    answered_at = models.DateTimeField("알린 사람에게 답한 시각", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "위기 알림"
        ordering = ["-reported_at", "-pk"]

    def __str__(self):
        return f"crisis report {self.pk}"


class FollowUp(models.Model):
    """A promise to come again in the rhythm of a rule, from one day until it ends with a reason (지속방문)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="follow_ups", verbose_name="주민")
    rule = models.ForeignKey(TargetRule, models.PROTECT, related_name="+", verbose_name="규칙")
    starts_on = models.DateField("시작일")
    ends_on = models.DateField("끝난 날", null=True, blank=True)
    reason = models.CharField("시작한 까닭", max_length=200)
    end_reason = models.CharField("끝난 까닭", max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="정한 사람")
    at = models.DateTimeField("정한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "지속방문"
        ordering = ["person", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "rule"],
                condition=Q(ends_on=None),
                name="one_open_follow_up_per_rule",
                violation_error_message="같은 지속방문이 이미 이어지고 있습니다.",
            ),
        ]

    def __str__(self):
        return f"follow-up {self.pk}"


class TargetQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Targets of the viewer's dongs, or all."""
        reach = scope.reach("target")
        if "A" in reach:
            return self
        return self.filter(dong__in=scope.dong_ids("target"))

    def open(self):
        return self.filter(state=Target.State.OPEN)


class Target(models.Model):
    """Somebody a rule put on the list, with the rule's version and the facts used. Nothing due disappears:
    a target ends only with an outcome."""

    class State(models.TextChoices):
        OPEN = "open", "진행"
        VISITED = "visited", "방문함"
        REFUSED = "refused", "거절"
        UNREACHABLE = "unreachable", "연락 안 됨"
        MOVED = "moved", "전출"
        DECEASED = "deceased", "사망"
        AGED_OUT = "aged_out", "기한 지남"
        WITHDRAWN = "withdrawn", "대상 아님"

    uid = uid_field()
    person = models.ForeignKey(Person, models.PROTECT, related_name="targets", verbose_name="주민")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="targets", verbose_name="사업")
    rule = models.ForeignKey(TargetRule, models.PROTECT, related_name="targets", verbose_name="규칙")
    occurrence = models.CharField("회차", max_length=60)
    # who must act now; a target goes along when its person moves within the district
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    # where it was listed; the database fills it in and keeps it, so that past months stay as they were
    listed_dong = models.ForeignKey(
        Dong, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="명단에 오른 동"
    )
    month = models.DateField("달")
    release_on = models.DateField("방문할 수 있는 첫날")
    due_on = models.DateField("기한")
    tier = models.PositiveSmallIntegerField("순위")
    facts = models.JSONField("쓰인 사실", default=dict)
    state = models.CharField("상태", max_length=12, choices=State, default=State.OPEN)
    ended_on = models.DateField("끝난 날", null=True, blank=True)
    end_reason = models.CharField("끝난 까닭", max_length=200, blank=True)
    created_at = models.DateTimeField("만든 시각")

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "방문 대상"
        ordering = ["due_on", "tier", "pk"]
        indexes = [
            models.Index(fields=["dong", "month", "programme"], name="target_dong_month"),
            models.Index(fields=["listed_dong", "month", "programme"], name="target_listed_month"),
            models.Index(fields=["month"], name="target_month"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "rule", "occurrence"], name="target_once_per_occurrence"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(ended_on__isnull=False), name="ended_target_has_a_day"
            ),
        ]

    def __str__(self):
        return f"target {self.pk}"
