"""The resident register: persons, households with dated members, benefits, and what happened to them."""

import datetime as dt

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from centers.access import Scope
from centers.models import Dong, User
from centers.models.places import DatedQuerySet
from common.hangul import mask_name
from common.identifiers import uid_field
from common.months import birthday

#: how long the dong somebody moved away from may read its own past records
READS_FORMER_DAYS = 90


class Household(models.Model):
    """세대: people at one address. Facts a pair needs before the door stand here."""

    uid = uid_field()
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", db_index=False, verbose_name="동")
    tong = models.PositiveSmallIntegerField("통", null=True, blank=True)
    ban = models.PositiveSmallIntegerField("반", null=True, blank=True)
    address = models.CharField("도로명주소", max_length=200, blank=True)
    address_detail = models.CharField("상세주소", max_length=100, blank=True)
    longitude = models.FloatField("경도", null=True, blank=True)
    latitude = models.FloatField("위도", null=True, blank=True)
    access_notes = ArrayField(
        models.CharField(max_length=60), verbose_name="찾아갈 때 알아둘 점", default=list, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "세대"
        ordering = ["dong", "tong", "address", "address_detail", "pk"]
        indexes = [models.Index(fields=["dong", "tong", "address"], name="household_place")]

    def __str__(self):
        return f"household {self.pk}"


class PersonQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Persons whose basic facts the viewer may read: everywhere, in own dongs, or with an own visit.

        A record linked to another one is seen only through the kept one.
        """
        reach = scope.reach("person")
        if "A" in reach:
            return self.kept()
        seen = Q(pk__in=[])
        if "d" in reach:
            seen |= Q(dong__in=scope.dong_ids("person"))
        if scope.owns("person"):
            from .visits import Visit

            seen |= Q(pk__in=Visit.objects.assigned_to(scope.user).values("person_id"))
        return self.filter(seen).kept()

    def within_reach(self, scope: Scope):
        """Those of `visible_to`, and for 90 days those who moved from the viewer's dong to another one."""
        since = scope.on - dt.timedelta(days=READS_FORMER_DAYS)
        moved = Membership.objects.filter(
            household__dong__in=scope.dong_ids("person"), valid_to__gt=since, valid_to__lte=scope.on
        )
        former = self.filter(pk__in=moved.values("person_id"), status=Person.Status.RESIDENT)
        return self.filter(Q(pk__in=self.visible_to(scope).values("pk")) | Q(pk__in=former.values("pk"))).kept()

    def living_here(self):
        return self.filter(status=Person.Status.RESIDENT)

    def kept(self):
        """Without records that are linked to another one of the same human."""
        return self.filter(kept_as=None)

    def turning(self, age: int, first: dt.date, last: dt.date):
        """Persons whose birthday `age` falls on the days from `first` to `last`, both included."""
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        return self.filter(birth_on__in={b for day in days for b in births_turning(age, day)})


def births_turning(age: int, day: dt.date) -> list[dt.date]:
    """The days of birth that turn `age` on a day: usually one, two where 29 February comes in."""
    year = day.year - age
    candidates = [(year, day.month, day.day), (year, 2, 29)]
    births = []
    for parts in candidates:
        try:
            birth = dt.date(*parts)
        except ValueError:
            continue
        if birthday(birth, age) == day and birth not in births:
            births.append(birth)
    return births


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["name_choseong", "name_bigrams", "row_hash"],
    model_name="PersonHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Person(models.Model):
    """A resident, or somebody who was one. No resident registration number is kept."""

    class Sex(models.TextChoices):
        MALE = "M", "남"
        FEMALE = "F", "여"

    class Status(models.TextChoices):
        RESIDENT = "resident", "거주"
        MOVED = "moved", "전출"
        DECEASED = "deceased", "사망"
        LINKED = "linked", "연결됨"  # another record of the same human is kept instead

    uid = uid_field()
    name = models.CharField("이름", max_length=60)
    birth_on = models.DateField("생년월일")
    sex = models.CharField("성별", max_length=1, choices=Sex)
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", db_index=False, verbose_name="동")
    tong = models.PositiveSmallIntegerField("통", null=True, blank=True)
    ban = models.PositiveSmallIntegerField("반", null=True, blank=True)
    address = models.CharField("주소", max_length=250, blank=True)
    phone = models.CharField("전화", max_length=20, blank=True)
    mobile = models.CharField("휴대전화", max_length=20, blank=True)
    relation = models.CharField("세대 관계", max_length=20, blank=True)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="세대"
    )
    status = models.CharField("상태", max_length=10, choices=Status, default=Status.RESIDENT)
    status_on = models.DateField("상태가 바뀐 날", null=True, blank=True)
    kept_as = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name="남긴 기록",
    )
    is_foreigner = models.BooleanField("외국인", default=False)
    needs_interpreter = models.CharField("통역 언어", max_length=20, blank=True)
    name_choseong = models.CharField("초성", max_length=60, editable=False)
    name_bigrams = ArrayField(models.CharField(max_length=2), verbose_name="두 글자 조각", default=list, editable=False)
    match_key = models.CharField("대조 열쇠", max_length=64, editable=False)
    row_hash = models.BinaryField("줄 요약", max_length=16, null=True, editable=False)
    source_batch = models.ForeignKey(
        "planners.ImportBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name="출처",
    )
    created_at = models.DateTimeField("등록 시각", db_default=models.functions.Now())
    version = models.PositiveIntegerField("판", default=1)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "주민"
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["dong", "name", "id"], name="person_dong_name"),
            models.Index(fields=["name", "id"], name="person_name"),  # beginnings too, in code point order
            models.Index(OpClass("name_choseong", "text_pattern_ops"), "name", "id", name="person_choseong"),
            models.Index(fields=["birth_on", "id"], name="person_birth"),
            models.Index(fields=["match_key"], name="person_match_key"),
            models.Index(Right("mobile", 4), "name", "id", condition=~Q(mobile=""), name="person_mobile_last4"),
            models.Index(Right("phone", 4), "name", "id", condition=~Q(phone=""), name="person_phone_last4"),
            GinIndex(fields=["name_bigrams"], name="person_name_bigrams"),
            GinIndex(OpClass("address", "gin_trgm_ops"), name="person_address_trgm"),
            models.Index(fields=["kept_as"], condition=Q(kept_as__isnull=False), name="person_kept_as"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="linked", kept_as__isnull=False) | ~Q(status="linked") & Q(kept_as=None),
                name="linked_record_names_the_kept_one",
            ),
        ]

    def __str__(self):
        return f"person {self.pk}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    #: whom to call instead; set by `planners.guardians.attach`
    guardian = None

    @property
    def contact(self) -> str:
        """The phone to call: the own one, or that of the guardian where one was looked for."""
        return self.mobile or self.phone or (self.guardian.contact if self.guardian else "")


class Membership(models.Model):
    """Who belonged to which household when: a household on any past day can be rebuilt."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", verbose_name="주민")
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships", verbose_name="세대")
    relation = models.CharField("관계", max_length=20, blank=True)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "세대원"
        ordering = ["household", "valid_from", "pk"]

    def __str__(self):
        return f"membership {self.pk}"


class Benefit(models.Model):
    """A benefit of one of the 14 categories (plan II.4), from one day to another."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="benefits", db_index=False, verbose_name="주민")
    category = models.SlugField("급여", max_length=40, db_index=False)
    valid_from = models.DateField("시작일")
    valid_to = models.DateField("끝난 날", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "복지급여"
        ordering = ["person", "category", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "category", "valid_from"], name="benefit_once"),
        ]
        indexes = [models.Index(fields=["category", "valid_to"], name="benefit_category")]

    def __str__(self):
        return f"{self.category} {self.valid_from}"


class RegisterEvent(models.Model):
    """What happened to a person in the register: 전입·전출·사망·출생, address and name changes."""

    class Kind(models.TextChoices):
        ADDED = "added", "새로 등록"
        BORN = "born", "출생"
        MOVED_IN = "moved_in", "전입"
        MOVED_OUT = "moved_out", "전출"
        MOVED_WITHIN = "moved_within", "동 이동"
        DIED = "died", "사망"
        CORRECTED = "corrected", "정정"
        RESTORED = "restored", "되돌림"
        LINKED = "linked", "기록 연결"
        SPLIT = "split", "기록 분리"

    person = models.ForeignKey(Person, models.CASCADE, related_name="register_events", verbose_name="주민")
    kind = models.CharField("종류", max_length=15, choices=Kind)
    on = models.DateField("날짜")
    detail = models.JSONField("내용", default=dict)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="처리한 사람")
    at = models.DateTimeField("처리 시각")

    class Meta:
        verbose_name = verbose_name_plural = "주민 변동"
        ordering = ["-on", "-pk"]

    def __str__(self):
        return f"{self.kind} {self.on}"
