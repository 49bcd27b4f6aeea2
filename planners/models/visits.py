"""Home visits: when and by whom, what was said at the door, and how the day's case meeting judged them."""

import datetime as dt

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from centers.access import Scope
from centers.models import Dong, User
from common.encryption import SealedJSONField
from common.identifiers import uid_field
from staffing.models.calendars import Half

from .programmes import Programme, Target
from .residents import READS_FORMER_DAYS, Membership, Person


class VisitQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Visits of the viewer's dongs and those assigned to the viewer; all for wider roles."""
        reach = scope.reach("visit_schedule")
        if "A" in reach:
            return self
        seen = Q(pk__in=[])
        if "d" in reach:
            seen |= Q(dong__in=scope.dong_ids("visit_schedule"))
        if scope.owns("visit_schedule"):
            seen |= Q(pk__in=Visit.objects.assigned_to(scope.user).values("pk"))
        return self.filter(seen)

    def readable_by(self, scope: Scope):
        """Those of `visible_to` whose record the viewer may open: past ones of somebody who moved to another dong
        stay with the old dong for `READS_FORMER_DAYS`."""
        if scope.everywhere("visit_schedule"):
            return self.visible_to(scope)
        since = scope.on - dt.timedelta(days=READS_FORMER_DAYS)
        stays = Membership.objects.filter(person=OuterRef("person"), household__dong=OuterRef("dong"))
        left = self.filter(Exists(stays), ~Exists(stays.filter(Q(valid_to=None) | Q(valid_to__gt=since))))
        left = left.exclude(person__dong=F("dong")).exclude(state__in=(Visit.State.POOL, *Visit.STANDING))
        return self.visible_to(scope).exclude(pk__in=left.values("pk"))

    def assigned_to(self, user: User):
        return self.filter(pk__in=VisitStaff.objects.filter(user=user).values("visit_id"))

    def on_day(self, day: dt.date):
        return self.filter(on=day)

    def standing(self):
        """Visits somebody expects: announced, booked or under way."""
        return self.filter(state__in=Visit.STANDING)

    def open(self):
        return self.exclude(state__in=Visit.ENDED)

    def recorded_on(self, day: dt.date):
        """Visits whose record was finished on a day (Seoul)."""
        from common.months import at_seoul

        start = at_seoul(day, dt.time())
        return self.filter(finished_at__gte=start, finished_at__lt=start + dt.timedelta(days=1))

    def awaiting_classification(self):
        return self.filter(state=Visit.State.DONE, group="")


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["version"],
    model_name="VisitHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Visit(models.Model):
    """One visit to be made for a target. A visit that could not be made is followed by a new one."""

    class State(models.TextChoices):
        POOL = "pool", "배정 전"
        ANNOUNCED = "announced", "안내함"
        BOOKED = "booked", "예약됨"
        STARTED = "started", "방문 중"
        DONE = "done", "기록 끝"
        CLOSED = "closed", "종결"
        FAILED = "failed", "못 함"
        CANCELLED = "cancelled", "취소"

    STANDING = (State.ANNOUNCED, State.BOOKED, State.STARTED)
    ENDED = (State.CLOSED, State.FAILED, State.CANCELLED)
    MOVES = {
        State.POOL: {State.ANNOUNCED, State.BOOKED, State.STARTED, State.CANCELLED},
        State.ANNOUNCED: {State.BOOKED, State.POOL, State.STARTED, State.FAILED, State.CANCELLED},
        State.BOOKED: {State.ANNOUNCED, State.POOL, State.STARTED, State.FAILED, State.CANCELLED},
        State.STARTED: {State.DONE, State.FAILED},
        State.DONE: {State.CLOSED},
        State.CLOSED: {State.DONE},  # only when the case meeting judges anew
        State.FAILED: set(),
        State.CANCELLED: set(),
    }

    class Outcome(models.TextChoices):
        DONE = "done", "만남"
        ABSENT = "absent", "집에 없음"
        REFUSED = "refused", "방문 거절"
        MOVED = "moved", "이사함"
        HOSPITAL = "hospital", "입원·입소"
        DECEASED = "deceased", "사망"
        UNSAFE = "unsafe", "위험해서 돌아옴"

    class Group(models.TextChoices):
        NORMAL = "normal", "정상군"
        MANAGED = "managed", "관리대상군"

    uid = uid_field()
    target = models.ForeignKey(Target, models.PROTECT, related_name="visits", verbose_name="대상")
    person = models.ForeignKey(Person, models.PROTECT, related_name="visits", verbose_name="주민")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="visits", verbose_name="사업")
    dong = models.ForeignKey(Dong, models.PROTECT, related_name="+", verbose_name="동")
    attempt = models.PositiveSmallIntegerField("몇 번째 시도", default=1)
    is_first = models.BooleanField("첫 방문", default=True)
    minutes = models.PositiveSmallIntegerField("방문 시간(분)")
    release_on = models.DateField("방문할 수 있는 첫날")
    due_on = models.DateField("기한")
    tier = models.PositiveSmallIntegerField("순위")
    halves = ArrayField(
        models.CharField(max_length=2, choices=Half), verbose_name="되는 반일", default=list, blank=True
    )
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name="되는 요일(월=0)", default=list, blank=True)
    window_from = models.TimeField("되는 시각부터", null=True, blank=True)
    window_to = models.TimeField("되는 시각까지", null=True, blank=True)
    needs = ArrayField(models.CharField(max_length=20), verbose_name="필요한 조건", default=list, blank=True)

    state = models.CharField("상태", max_length=10, choices=State, default=State.POOL)
    pair = models.ForeignKey(
        "planners.Pair", models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="조"
    )
    on = models.DateField("방문일", null=True, blank=True)
    half = models.CharField("반일", max_length=2, choices=Half, blank=True)
    starts_at = models.DateTimeField("시작 예정", null=True, blank=True)
    order = models.PositiveSmallIntegerField("순서", default=0)
    travel_minutes = models.PositiveSmallIntegerField("가는 시간(분)", null=True, blank=True)
    is_locked = models.BooleanField("고정", default=False)
    schedule = models.ForeignKey(
        "planners.Schedule", models.SET_NULL, null=True, blank=True, related_name="visits", verbose_name="일정"
    )
    booked_at = models.DateTimeField("예약한 시각", null=True, blank=True)
    booked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="예약한 사람"
    )

    started_at = models.DateTimeField("방문 시작", null=True, blank=True)
    finished_at = models.DateTimeField("기록 끝", null=True, blank=True)
    outcome = models.CharField("결과", max_length=10, choices=Outcome, blank=True)
    outcome_note = models.CharField("결과 메모", max_length=200, blank=True)
    group = models.CharField("분류", max_length=8, choices=Group, blank=True)
    group_reason = models.CharField("분류 까닭", max_length=300, blank=True)
    classified_on = models.DateField("분류한 날", null=True, blank=True)
    linked_at = models.DateTimeField("연계한 시각", null=True, blank=True)
    closed_at = models.DateTimeField("종결한 시각", null=True, blank=True)
    reoffer_on = models.DateField("다시 안내하는 날", null=True, blank=True)
    version = models.PositiveIntegerField("판", default=1)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "방문"
        ordering = ["on", "starts_at", "order", "pk"]
        indexes = [
            models.Index(fields=["dong", "on"], name="visit_dong_day"),
            models.Index(fields=["state", "dong", "due_on"], name="visit_state_due"),
            models.Index(fields=["finished_at"], name="visit_finished"),
            models.Index(fields=["classified_on", "group"], name="visit_classified"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=~Q(state__in=["closed", "failed", "cancelled", "done"]),
                name="one_open_visit_per_target",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["announced", "booked"])
                | Q(pair__isnull=False, on__isnull=False, starts_at__isnull=False) & ~Q(half=""),
                name="standing_visit_has_a_place",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(group="normal") | Q(group="managed", linked_at__isnull=False),
                name="managed_visit_closes_linked",
                violation_error_message="관리대상군은 연계나 의뢰가 하나는 있어야 종결할 수 있습니다.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="finished_by_both_disciplines",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state"), new__state="done"),
                func="""
                    IF (SELECT needs_social_worker FROM planners_programme WHERE id = NEW.programme_id)
                       AND (SELECT count(DISTINCT function) FROM planners_visitstaff
                            WHERE visit_id = NEW.id AND function IN ('nurse', 'social')) < 2 THEN
                        RAISE EXCEPTION 'visit % needs a nurse and a social worker', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'finished_by_both_disciplines';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="promised_by_a_valid_pair",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__state__in=["announced", "booked"]),
                func="""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.state = NEW.state AND OLD.pair_id = NEW.pair_id AND OLD."on" = NEW."on" THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    IF NOT EXISTS (
                        SELECT FROM planners_pair pair
                        WHERE pair.id = NEW.pair_id
                          AND NEW."on" >= pair.valid_from AND (pair.valid_to IS NULL OR NEW."on" < pair.valid_to)
                          AND (pair.social_id IS NOT NULL OR NOT (
                              SELECT needs_social_worker FROM planners_programme WHERE id = NEW.programme_id))
                    ) THEN
                        RAISE EXCEPTION 'visit % is promised by no valid pair', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'promised_by_a_valid_pair';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="companions_are_asked_anew",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Q(old__starts_at__df=pgtrigger.F("new__starts_at"))
                | pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
                func="""
                    UPDATE planners_accompaniment SET is_active = FALSE
                    WHERE visit_id = NEW.id AND is_active
                      AND (NEW.state IN ('pool', 'failed', 'cancelled')
                           OR lower(during) IS DISTINCT FROM NEW.starts_at);
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self):
        return f"visit {self.pk} {self.state}"

    @property
    def is_standing(self) -> bool:
        return self.state in self.STANDING


class VisitStaff(models.Model):
    """Who goes to a visit, and the time it takes of them. Two active rows of one person never overlap."""

    class Function(models.TextChoices):
        NURSE = "nurse", "간호"
        SOCIAL = "social", "사회복지"
        COMPANION = "companion", "동행"

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="staff", verbose_name="방문")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="사람")
    function = models.CharField("역할", max_length=10, choices=Function)
    during = DateTimeRangeField("시간", null=True, blank=True)
    is_active = models.BooleanField("유효", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "방문하는 사람"
        ordering = ["visit", "function", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "function"], condition=~Q(function="companion"), name="one_of_each_discipline"
            ),
            ExclusionConstraint(
                name="nobody_in_two_places",
                expressions=[("user", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_active=True),
                violation_error_message="그 시간에 이미 다른 방문이 있습니다.",
            ),
        ]

    def __str__(self):
        return f"{self.function} {self.visit_id}"


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),  # the answer that was replaced
    pghistory.DeleteEvent(),
    model_name="VisitAnswerHistory",
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class VisitAnswer(models.Model):
    """One field of a visit record. A save names the version it saw, so that nothing is overwritten unseen."""

    class Part(models.TextChoices):
        SOCIAL = "social", "사회복지"
        HEALTH = "health", "건강"

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="answers", verbose_name="방문")
    part = models.CharField("구획", max_length=8, choices=Part)
    field = models.SlugField("항목", max_length=60)
    value = SealedJSONField("값", context="visitanswer.value", blank=True)
    version = models.PositiveIntegerField("판", default=1)
    client_key = models.UUIDField("기기 열쇠", null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="적은 사람")
    at = models.DateTimeField("적은 시각")

    class Meta:
        verbose_name = verbose_name_plural = "방문 기록 항목"
        ordering = ["visit", "part", "field"]
        constraints = [models.UniqueConstraint(fields=["visit", "part", "field"], name="visit_field_once")]

    def __str__(self):
        return f"{self.part} {self.field}"


class VisitSignature(models.Model):
    """A section signed by its owner; a signed section is read only, amending takes the signature back."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="signatures", verbose_name="방문")
    part = models.CharField("구획", max_length=8, choices=VisitAnswer.Part)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="서명한 사람")
    at = models.DateTimeField("서명한 시각")

    class Meta:
        verbose_name = verbose_name_plural = "구획 서명"
        ordering = ["visit", "part"]
        constraints = [models.UniqueConstraint(fields=["visit", "part"], name="one_signature_per_part")]

    def __str__(self):
        return f"{self.part} {self.visit_id}"


class VisitEvent(models.Model):
    """Append-only story of a visit: what screens show as its history."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="events", verbose_name="방문")
    act = models.CharField("일", max_length=20)
    text = models.CharField("내용", max_length=300, blank=True)
    detail = models.JSONField("자세히", default=dict)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="한 사람")
    at = models.DateTimeField("시각")

    class Meta:
        verbose_name = verbose_name_plural = "방문 이력"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"


class Receipt(models.Model):
    """Something a device sent under a key of its own: what comes again under the key is not done again."""

    key = models.UUIDField("기기 열쇠", unique=True)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="receipts", verbose_name="방문")
    act = models.CharField("일", max_length=20)
    digest = models.CharField("내용 요약", max_length=64)
    result = models.JSONField("돌려준 답", default=dict)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="보낸 사람")
    at = models.DateTimeField("받은 시각")

    class Meta:
        verbose_name = verbose_name_plural = "기기에서 받은 것"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.act} {self.key}"
