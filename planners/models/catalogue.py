"""What can be offered at the door and at the counter, and the wording in which consent is asked for."""

from django.db import models

from centers.models.places import DatedQuerySet

from .consent import Consent


class Service(models.Model):
    """One service of the catalogue (plan IV.5-1 ① ②, IV.2)."""

    class Group(models.TextChoices):
        LIFE65 = "life65", "65세 생애주기 서비스"
        CHILD = "child", "우리아이 상담"
        HEALTH_LINK = "health_link", "보건 연계"
        WELFARE_LINK = "welfare_link", "복지 연계"
        COUNTER = "counter", "창구 업무"

    group = models.CharField("갈래", max_length=12, choices=Group)
    key = models.SlugField("이름표", max_length=40)
    name = models.CharField("서비스", max_length=60)
    note = models.CharField("안내", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("순서")
    is_active = models.BooleanField("쓰는 중", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "서비스"
        ordering = ["group", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="service_key_once_in_group")]

    def __str__(self):
        return self.name


class ConsentWording(models.Model):
    """A dated version of the question and of what must be told before the answer (법 제15조②, 제17조②, 제22조)."""

    kind = models.CharField("종류", max_length=10, choices=Consent.Kind)
    version = models.SlugField("판", max_length=40, unique=True)
    title = models.CharField("제목", max_length=60)
    script = models.TextField("읽어 드리는 말")
    items = models.JSONField("알려야 하는 것", default=list)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "동의 안내문"
        ordering = ["kind", "-valid_from", "pk"]

    def __str__(self):
        return self.version
