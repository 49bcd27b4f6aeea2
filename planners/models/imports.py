"""Import batches: one uploaded file each, from upload to applied or undone."""

from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, Job, User
from common.encryption import SealedTextField
from common.identifiers import uid_field


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """All batches for data officers and auditors, results of the own dong for team leads."""
        reach = scope.reach("import")
        if "A" in reach:
            return self
        if "d" in reach:
            return self.filter(Q(dong__in=scope.dong_ids("import")))
        return self.none()


class ImportBatch(models.Model):
    """The row is the state machine; tasks carry its id only."""

    class Kind(models.TextChoices):
        RESIDENTS = "residents", "주민 명부"
        BENEFITS = "benefits", "복지급여 대상자"
        BIRTHS = "births", "출생·임신"
        CHANGES = "changes", "주민 변동"
        STAFF = "staff", "인사발령"
        FACILITIES = "facilities", "시설"
        GROUPS = "groups", "단체"
        ACTIVISTS = "activists", "개인 활동가"
        FIGURES = "figures", "현황·예산 수치"
        BUDGETS = "budgets", "예산 산출내역"

    class State(models.TextChoices):
        RECEIVED = "received", "받음"
        STAGING = "staging", "읽는 중"
        STAGED = "staged", "확인 기다림"
        APPLYING = "applying", "넣는 중"
        APPLIED = "applied", "넣음"
        UNDONE = "undone", "되돌림"
        CANCELLED = "cancelled", "그만둠"
        REFUSED = "refused", "받을 수 없음"

    MOVES = {
        State.RECEIVED: {State.STAGING, State.CANCELLED},
        State.STAGING: {State.STAGED, State.REFUSED, State.RECEIVED, State.CANCELLED},
        State.STAGED: {State.STAGING, State.APPLYING, State.CANCELLED},
        State.APPLYING: {State.APPLIED, State.STAGED},
        State.APPLIED: {State.UNDONE},
        State.UNDONE: set(),
        State.CANCELLED: set(),
        State.REFUSED: set(),
    }

    uid = uid_field()
    kind = models.CharField("종류", max_length=12, choices=Kind, blank=True)  # blank until the header tells
    state = models.CharField("상태", max_length=10, choices=State, default=State.RECEIVED)
    file = models.CharField("보관 파일", max_length=200, blank=True)
    file_name = models.CharField("파일 이름", max_length=200)
    file_size = models.PositiveBigIntegerField("크기(바이트)", default=0)
    sha256 = models.CharField("파일 요약", max_length=64, db_index=True)
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    source = models.CharField("어디에서 받았는지", max_length=100, blank=True)
    purpose = models.CharField("쓰는 목적", max_length=200, blank=True)
    extracted_on = models.DateField("자료 기준일", null=True, blank=True)
    sheet = models.CharField("시트", max_length=120, blank=True)
    header_rows = models.JSONField("제목 줄", default=list)
    mapping = models.JSONField("열 연결", default=dict)
    header_fingerprint = models.CharField("제목 줄 지문", max_length=64, blank=True)
    counts = models.JSONField("셈", default=dict)
    report = models.JSONField("읽은 결과", default=dict)
    refusal_code = models.CharField("거절 코드", max_length=40, blank=True)
    refusal = models.CharField("거절 사유", max_length=500, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="작업")
    repairs = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="고쳐 올린 원래 파일"
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="올린 사람")
    uploaded_at = models.DateTimeField("올린 시각")
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="넣은 사람")
    applied_at = models.DateTimeField("넣은 시각", null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="되돌린 사람")
    undone_at = models.DateTimeField("되돌린 시각", null=True)
    undo_reason = models.CharField("되돌린 사유", max_length=200, blank=True)
    erase_file_on = models.DateField("원본 지우는 날", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "가져오기"
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self):
        return f"import {self.pk} {self.state}"

    @property
    def is_settled(self) -> bool:
        return not self.MOVES[self.state]


class ImportIssue(models.Model):
    """Something wrong or doubtful in one cell; the raw value is sealed because it may be anything."""

    class Level(models.TextChoices):
        REJECT = "reject", "반려"
        SKIP = "skip", "건너뜀"
        WARN = "warn", "알림"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="issues", verbose_name="가져오기")
    row = models.PositiveIntegerField("줄")
    column = models.CharField("열", max_length=60, blank=True)
    field = models.CharField("항목", max_length=40, blank=True)
    level = models.CharField("정도", max_length=6, choices=Level)
    code = models.CharField("코드", max_length=40)
    message = models.CharField("설명", max_length=300)
    raw = SealedTextField("적힌 값", context="importissue.raw", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "가져오기 문제"
        ordering = ["batch", "row", "pk"]
        indexes = [models.Index(fields=["batch", "level", "row"], name="import_issue_level")]

    def __str__(self):
        return f"{self.code} {self.row}"


class ImportChange(models.Model):
    """What a batch did to one record, before and after: the ground of undo.

    The record is a person of the register, or row `record` of `table` (the model's label) for other lists.
    """

    class Act(models.TextChoices):
        ADDED = "added", "추가"
        CHANGED = "changed", "변경"
        MOVED = "moved", "이동"
        CLOSED = "closed", "끝냄"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes", verbose_name="가져오기")
    person = models.ForeignKey("planners.Person", models.CASCADE, null=True, related_name="+", verbose_name="주민")
    table = models.CharField("표", max_length=60, blank=True, db_default="")
    record = models.BigIntegerField("기록", null=True)
    act = models.CharField("처리", max_length=8, choices=Act)
    before = models.JSONField("전", null=True)
    after = models.JSONField("후", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "가져오기 변경"
        ordering = ["batch", "pk"]
        indexes = [
            models.Index(fields=["person", "batch"], name="import_change_person"),
            models.Index(fields=["table", "record"], name="import_change_record", condition=Q(record__isnull=False)),
        ]

    def __str__(self):
        return f"{self.act} {self.pk}"


class ColumnMapping(models.Model):
    """How the columns of a header were understood last time, remembered per header fingerprint."""

    kind = models.CharField("종류", max_length=12, choices=ImportBatch.Kind)
    fingerprint = models.CharField("제목 줄 지문", max_length=64)
    mapping = models.JSONField("열 연결")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="정한 사람")
    at = models.DateTimeField("정한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "열 연결 기억"
        ordering = ["kind", "fingerprint"]
        constraints = [models.UniqueConstraint(fields=["kind", "fingerprint"], name="mapping_once_per_header")]

    def __str__(self):
        return f"{self.kind} {self.fingerprint[:8]}"
