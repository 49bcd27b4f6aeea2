"""What a change of the register means for those who were about to visit or look after the person."""

from django.db import models
from django.db.models import Q

from centers.access import Scope
from centers.models import Dong, User
from common.identifiers import uid_field

from .residents import Person, RegisterEvent
from .visits import Visit


class ChangeNoticeQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Notices to the viewer, and those to the viewer's dong."""
        return self.filter(Q(user=scope.user) | Q(user=None, dong__in=scope.dong_ids("person")))

    def unseen(self):
        return self.filter(seen_at=None)


class ChangeNotice(models.Model):
    """주민 변동 알림: to one person whose appointment or case it touches, or to a dong as a whole."""

    uid = uid_field()
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="주민")
    kind = models.CharField("변동", max_length=15, choices=RegisterEvent.Kind)
    text = models.CharField("내용", max_length=300)
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="받는 사람")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, related_name="+", verbose_name="방문")
    url_name = models.CharField("여는 화면", max_length=40, blank=True)
    url_uid = models.UUIDField("여는 기록", null=True)
    at = models.DateTimeField("알린 시각")
    seen_at = models.DateTimeField("본 시각", null=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="본 사람")

    objects = ChangeNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "주민 변동 알림"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-at"], name="change_notice_of_user"),
            models.Index(fields=["dong", "-at"], name="change_notice_of_dong"),
        ]

    def __str__(self):
        return f"notice {self.pk} {self.kind}"
