"""The daily case meeting of a dong: one row for each day that was closed (plan IV.5-1 ① step 4)."""

from django.db import models

from centers.models import Dong, User


class CaseMeeting(models.Model):
    """A closed day: every recorded visit was judged; what was put off says why."""

    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    on = models.DateField("날짜")
    counts = models.JSONField("셈", default=dict)
    carried_over = models.CharField("다음 회의로 넘긴 까닭", max_length=300, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="마친 사람")
    closed_at = models.DateTimeField("마친 시각")

    class Meta:
        verbose_name = verbose_name_plural = "일일 사례회의"
        ordering = ["-on", "dong", "pk"]
        constraints = [models.UniqueConstraint(fields=["dong", "on"], name="one_case_meeting_a_day")]

    def __str__(self):
        return f"{self.dong_id} {self.on}"
