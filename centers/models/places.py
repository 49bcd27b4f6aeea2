"""The district's places: dongs, their centers and teams, tongs, and the zone schemes laid over them."""

import datetime as dt

from django.db import models
from django.db.models import Q


class DatedQuerySet(models.QuerySet):
    def on(self, day: dt.date):
        """What holds on a day; `valid_to` is the first day it no longer holds."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Dong(models.Model):
    """행정동: the area of one center (plan II.1)."""

    name = models.CharField("동", max_length=20, unique=True)
    slug = models.SlugField("영문 이름", max_length=40, unique=True)
    order = models.PositiveSmallIntegerField("공식 순서", unique=True)
    tile_column = models.PositiveSmallIntegerField("칸 지도 열")
    tile_row = models.PositiveSmallIntegerField("칸 지도 행")

    class Meta:
        verbose_name = verbose_name_plural = "동"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class DongCenter(models.Model):
    """The office of a dong under one name: 동주민센터, later 동 마을복지센터 (plan IV.2)."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", "동주민센터"
        VILLAGE_WELFARE = "village_welfare", "동 마을복지센터"

    dong = models.ForeignKey(Dong, models.PROTECT, related_name="centers", verbose_name="동")
    kind = models.CharField("종류", max_length=20, choices=Kind)
    name = models.CharField("이름", max_length=60)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "동 센터"
        ordering = ["dong", "valid_from", "pk"]

    def __str__(self):
        return self.name


class Team(models.Model):
    """A team of a center, or, without a dong, of the district office."""

    class Kind(models.TextChoices):
        CIVIL_SERVICE = "civil_service_team", "민원행정팀"
        WELFARE_SUPPORT = "welfare_support_team", "복지지원팀"
        VILLAGE_COMMUNITY = "village_community_team", "마을공동체팀"
        WELFARE_1 = "welfare_team_1", "복지1팀"
        WELFARE_2 = "welfare_team_2", "복지2팀"
        DIVISION = "division", "구청 부서"

    dong = models.ForeignKey(Dong, models.PROTECT, null=True, blank=True, related_name="teams", verbose_name="동")
    kind = models.CharField("종류", max_length=30, choices=Kind)
    name = models.CharField("이름", max_length=60)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "팀"
        ordering = ["dong", "kind", "pk"]

    def __str__(self):
        return f"{self.dong.name} {self.name}" if self.dong_id else self.name


class Tong(models.Model):
    """통: the neighbourhood unit of one tongjang. Lines are redrawn by ending one row and adding another."""

    dong = models.ForeignKey(Dong, models.PROTECT, related_name="tongs", verbose_name="동")
    number = models.PositiveSmallIntegerField("통")
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "통"
        ordering = ["dong", "number", "pk"]
        constraints = [models.UniqueConstraint(fields=["dong", "number", "valid_from"], name="tong_once_a_day")]

    def __str__(self):
        return f"{self.dong.name} {self.number}통"


class ZoneScheme(models.Model):
    """One way of grouping dongs: 간호사 권역, 거점기관 권역 (plan IV.5-1 ②, III.7 ②)."""

    key = models.SlugField("이름표", unique=True)
    name = models.CharField("이름", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "권역 체계"
        ordering = ["key"]

    def __str__(self):
        return self.name


class Zone(models.Model):
    scheme = models.ForeignKey(ZoneScheme, models.PROTECT, related_name="zones", verbose_name="체계")
    name = models.CharField("권역", max_length=60)
    order = models.PositiveSmallIntegerField("순서")

    class Meta:
        verbose_name = verbose_name_plural = "권역"
        ordering = ["scheme", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["scheme", "name"], name="zone_name_once_in_scheme")]

    def __str__(self):
        return self.name


class ZoneDong(models.Model):
    """A dong belongs to a zone from one day to another; in each scheme at most one at a time."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="dongs", verbose_name="권역")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="zones", verbose_name="동")
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "권역의 동"
        ordering = ["zone", "dong", "pk"]

    def __str__(self):
        return f"{self.zone} {self.dong}"
