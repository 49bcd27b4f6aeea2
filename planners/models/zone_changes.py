"""Dongs that went from one nurses' zone to another, so that a move can be read and taken back."""

from django.db import models

from centers.models import User
from common.identifiers import uid_field


class ZoneChange(models.Model):
    """One rebalancing of the child nurses' zones: which dongs go where from the first of a month on."""

    uid = uid_field()
    since = models.DateField("시작하는 달")
    #: [{"dong": id, "from": zone id, "to": zone id}], in the order of the dongs
    moves = models.JSONField("옮긴 동", default=list)
    before = models.JSONField("전의 몫", default=dict)
    after = models.JSONField("뒤의 몫", default=dict)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="정한 사람")
    at = models.DateTimeField("정한 시각")
    undone_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="되돌린 사람"
    )
    undone_at = models.DateTimeField("되돌린 시각", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "권역 조정"
        ordering = ["-since", "-pk"]

    def __str__(self):
        return f"zone change {self.since}"
