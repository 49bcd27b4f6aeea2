"""The access log (접속기록): insert only, monthly partitions, sealed by a chain of digests.

The table itself is made by SQL in a migration; this class only reads it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class AccessLog(models.Model):
    """One row for each act of one person: who, when, from where, whose data, what (고시 제2조3호)."""

    at = models.DateTimeField("시각")
    user_id = models.BigIntegerField("사용자", null=True)
    username = models.CharField("계정", max_length=150)
    action = models.CharField("수행업무", max_length=60)
    resource = models.CharField("자료", max_length=40)
    outcome = models.CharField("결과", max_length=10)
    subjects = ArrayField(models.BigIntegerField(), verbose_name="정보주체")
    reason = models.CharField("사유", max_length=300)
    ip = models.GenericIPAddressField("접속지", null=True)
    device = models.CharField("기기", max_length=200)
    route = models.CharField("화면", max_length=100)
    request_id = models.UUIDField("요청")
    detail = models.JSONField("자세히", default=dict)

    class Meta:
        managed = False
        db_table = "centers_accesslog"
        verbose_name = verbose_name_plural = "접속기록"
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{self.action} {self.at:%Y-%m-%d %H:%M:%S}"


class AccessSeal(models.Model):
    """Digest over a run of log rows, chained to the seal before it; `verify_access_log` recounts it."""

    sealed_at = models.DateTimeField("봉인 시각")
    rows = models.PositiveIntegerField("줄 수")
    row_ids = ArrayField(models.BigIntegerField(), verbose_name="줄 번호")
    row_digests = models.BinaryField("줄 요약")
    previous = models.BinaryField("앞 봉인")
    digest = models.BinaryField("봉인")

    class Meta:
        verbose_name = verbose_name_plural = "접속기록 봉인"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.pk}"
