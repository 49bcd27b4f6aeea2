"""Two records of one human: pairs that may be that, and records that were linked, with every row that went along."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from centers.access import Scope
from centers.models import User
from common.identifiers import uid_field

from .residents import Person


class DuplicatePairQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """All pairs for data officers; for a team lead those with a record of the own dong."""
        if scope.everywhere("duplicate"):
            return self
        dongs = scope.dong_ids("duplicate")
        return self.filter(Q(first__dong__in=dongs) | Q(second__dong__in=dongs))


class DuplicatePair(models.Model):
    """중복 후보: two records that may be one human, and what somebody decided about them.

    `first` is always the older record. A decided pair is never proposed again.
    """

    class State(models.TextChoices):
        OPEN = "open", "정하기 전"
        LATER = "later", "나중에"
        LINKED = "linked", "연결함"
        DIFFERENT = "different", "다른 사람"

    class Ground(models.TextChoices):
        SAME = "same", "이름·생년월일·성별이 같음"
        NAME_BIRTH = "name_birth", "이름·생년월일이 같고 성별이 다름"
        NAME_PHONE = "name_phone", "이름·전화가 같고 생년월일이 다름"
        SIMILAR = "similar", "생년월일이 같고 이름이 비슷함"
        BY_HAND = "by_hand", "직원이 찾음"

    DECIDED = (State.LINKED, State.DIFFERENT)

    uid = uid_field()
    first = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="먼저 만든 기록")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="나중에 만든 기록")
    grounds = ArrayField(models.CharField(max_length=12, choices=Ground), verbose_name="까닭", default=list)
    score = models.PositiveSmallIntegerField("비슷한 정도", default=0)
    state = models.CharField("상태", max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField("찾은 시각")
    seen_at = models.DateTimeField("마지막으로 확인한 시각")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="정한 사람")
    decided_at = models.DateTimeField("정한 시각", null=True)
    note = models.CharField("메모", max_length=200, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "중복 후보"
        ordering = ["-score", "pk"]
        indexes = [models.Index(fields=["state", "-score", "id"], name="duplicate_inbox")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="duplicate_decision_has_a_name",
            ),
        ]

    def __str__(self):
        return f"pair {self.pk} {self.state}"

    @property
    def is_decided(self) -> bool:
        return self.state in self.DECIDED

    @property
    def ground_names(self) -> list[str]:
        return [self.Ground(ground).label for ground in self.grounds]


class PersonLink(models.Model):
    """연결: `linked` is kept as a record of its own, but everything done for the human stands with `kept`.

    Nothing is destroyed: the rows that went along are listed, and splitting sends exactly those back.
    """

    uid = uid_field()
    kept = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="남긴 기록")
    linked = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="연결한 기록")
    reason = models.CharField("까닭", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="연결한 사람")
    at = models.DateTimeField("연결한 시각")
    before = models.JSONField("연결하기 전", default=dict)
    split_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="분리한 사람")
    split_at = models.DateTimeField("분리한 시각", null=True)
    split_reason = models.CharField("분리한 까닭", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "기록 연결"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["linked"], condition=Q(split_at=None), name="one_standing_link_per_record"),
            models.CheckConstraint(condition=~Q(kept=F("linked")), name="link_joins_two_records"),
        ]

    def __str__(self):
        return f"link {self.pk}"


class LinkedRow(models.Model):
    """One row that pointed at the linked record and points at the kept one while the link stands."""

    link = models.ForeignKey(PersonLink, models.CASCADE, related_name="rows", verbose_name="연결")
    model = models.CharField("표", max_length=80)
    field = models.CharField("항목", max_length=60)
    row = models.BigIntegerField("줄")

    class Meta:
        verbose_name = verbose_name_plural = "함께 옮긴 기록"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["link", "model", "field", "row"], name="linked_row_once")]

    def __str__(self):
        return f"{self.model} {self.row}"
