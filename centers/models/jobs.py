"""Background work as rows: the row is the truth, the broker only carries its id."""

from django.db import models
from django.db.models import Q

from common.identifiers import uid_field

from .people import User
from .places import Dong


class JobQuerySet(models.QuerySet):
    def visible_to(self, scope):
        """Own jobs, those of the viewer's dongs, or all."""
        reach = scope.reach("job")
        if "A" in reach:
            return self
        return self.filter(Q(by=scope.user) | Q(dong__in=scope.dong_ids("job")))


class Job(models.Model):
    """One piece of background work and its progress.

    `lease_token` fences: only the run that holds the newest lease may record its effect.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "기다리는 중"
        RUNNING = "running", "하는 중"
        DONE = "done", "마침"
        FAILED = "failed", "마치지 못함"

    OPEN = (State.WAITING, State.RUNNING)

    uid = uid_field()
    kind = models.SlugField("종류", max_length=60)
    title = models.CharField("하는 일", max_length=200)
    arguments = models.JSONField("인자", default=dict)
    key = models.CharField("겹침 열쇠", max_length=120, blank=True)
    queue = models.CharField("줄", max_length=20, default="default")
    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="동")
    state = models.CharField("상태", max_length=10, choices=State, default=State.WAITING)
    progress_done = models.PositiveIntegerField("마친 수", default=0)
    progress_total = models.PositiveIntegerField("모두", default=0)
    progress_note = models.CharField("지금", max_length=200, blank=True)
    result = models.JSONField("결과", default=dict)
    failure = models.CharField("까닭", max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField("시도", default=0)
    lease_token = models.UUIDField("임대", null=True, editable=False)
    lease_until = models.DateTimeField("임대 끝", null=True, editable=False)
    sent_at = models.DateTimeField("보낸 시각", null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="시킨 사람")
    created_at = models.DateTimeField("시킨 시각")
    started_at = models.DateTimeField("시작 시각", null=True)
    finished_at = models.DateTimeField("끝난 시각", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "작업"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "sent_at"], name="job_state_sent")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state__in=["waiting", "running"]) & ~Q(key=""),
                name="one_open_job_per_key",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, self.progress_done * 100 // self.progress_total) if self.progress_total else 0

    def try_again(self) -> "Job":
        """Put a failed job back into the row of waiting ones; an open or finished one stays as it is."""
        if self.state == self.State.FAILED:
            self.state, self.failure, self.attempts, self.sent_at = self.State.WAITING, "", 0, None
            self.finished_at = None
            self.save(update_fields=["state", "failure", "attempts", "sent_at", "finished_at"])
        return self
