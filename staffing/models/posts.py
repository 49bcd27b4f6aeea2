"""The posts of a center and the duties written for them (업무분장, plan IV.2)."""

from django.db import models

from centers.models import Dong, Team, User
from centers.models.places import DatedQuerySet
from common.identifiers import uid_field


class PostTemplate(models.Model):
    """One of the 23 numbered posts, or the unnumbered nurse: the same in all centers."""

    number = models.PositiveSmallIntegerField("연번", null=True, blank=True)
    order = models.PositiveSmallIntegerField("순서", unique=True)
    team_kind = models.CharField("팀", max_length=30, choices=Team.Kind, blank=True)
    rank = models.CharField("직위(직급)", max_length=60)
    series = models.CharField("직렬", max_length=30, blank=True)
    grade = models.PositiveSmallIntegerField("급", null=True, blank=True)
    is_leader = models.BooleanField("팀장", default=False)
    duties = models.TextField("담당업무")
    substitutable_rank = models.CharField("대체가능직급", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "표준 직위"
        ordering = ["order", "pk"]

    def __str__(self):
        return f"{self.number or '-'} {self.rank}"


class CenterPost(models.Model):
    """A post in one center and who holds it; nobody means vacant, and vacant posts stay visible."""

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    template = models.ForeignKey(PostTemplate, models.PROTECT, related_name="posts", verbose_name="직위")
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="담당자")
    holder_rank = models.CharField("담당자의 직급", max_length=20, blank=True)
    placed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="정한 사람"
    )
    placed_at = models.DateTimeField("정한 시각", null=True, blank=True, editable=False)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "센터 직위"
        ordering = ["dong", "template", "pk"]

    def __str__(self):
        return f"{self.dong} {self.template}"
