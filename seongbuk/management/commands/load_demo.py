"""`load_demo`: the demo world, made through the same acts as the screens, dated relative to today."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import transaction

from centers import rollups
from centers.commands import JsonCommand
from centers.models import Dong, User, Zone
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners.models import DuplicatePair, Person, Schedule, Visit
from seongbuk.demo import accounts, calendars, history, register, register_story, registers, samples, story
from seongbuk.demo.accounts import MAIN_DONG, PILOT_DONGS

YEARS = 5


class NotADemo(Refusal):
    code = "NOT_A_DEMO"


class Command(JsonCommand):
    help = "Load the demo world: small (three pilot dongs in full) or district (all residents)."
    permission = ("settings", "W")
    log = "demo.load"
    own_transactions = True

    def add_options(self, parser):
        parser.add_argument("--size", choices=["small", "district"], default="small")

    def act(self, options: dict) -> dict:
        if not settings.IS_DEMO:
            raise NotADemo("시연 자료는 시연 모드(SEONGBUK_MODE=demo)에서만 넣을 수 있습니다.")
        began = time.monotonic()
        accounts.make()
        registers.fill()
        registers.appoint_tongjang(today=seoul_date(self.now), now=self.now)
        if not Person.objects.exists():
            self._people(options["size"])
        for name in (MAIN_DONG, *(n for n in PILOT_DONGS if n != MAIN_DONG)):
            dong = Dong.objects.get(name=name)
            calendars.enter(dong, today=seoul_date(self.now))
            if not Visit.objects.filter(dong=dong).exists():
                self._tell(f"{name}의 지난 몇 주를 만들고 있습니다.")
                with transaction.atomic():  # a dong's story is there in full or not at all
                    story.tell(dong, now=self.now)
        office = User.objects.get(username="lead")
        for zone in Zone.objects.filter(scheme__key="nurse"):
            if not Schedule.objects.filter(zone=zone).exists():
                story.plan_zone(zone, by=office, now=self.now)
        if not DuplicatePair.objects.exists():
            with transaction.atomic():
                register_story.tell(Dong.objects.get(name=MAIN_DONG), now=self.now)
        story.visits_today(Dong.objects.get(name=MAIN_DONG), now=self.now)
        if options["size"] == "district":
            self._five_years()
        for month in rollups.changed_months():
            rollups.roll_month(month, at=self.now)
        main = Dong.objects.get(name=MAIN_DONG)
        files = samples.write(settings.BASE_DIR / "var" / "demo", main, today=seoul_date(self.now))
        for path in files:
            self._tell(f"가져오기를 시험해 볼 파일: {path.relative_to(settings.BASE_DIR)}")
        return {
            "size": options["size"],
            "residents": Person.objects.count(),
            "visits": Visit.objects.count(),
            "seconds": round(time.monotonic() - began, 1),
        }

    def _people(self, size: str) -> None:
        today = seoul_date(self.now)
        for dong in Dong.objects.order_by("order"):
            made = register.fill(dong, size=size, today=today)
            self._tell(f"{dong.name} 주민 {made:,}명")

    def _five_years(self) -> None:
        """Finished visits of the past, dong by dong; a dong that has them is left alone."""
        last = Month.of(self.now).plus(-6)
        for dong in Dong.objects.order_by("order"):
            if not Visit.objects.filter(dong=dong, on__lte=last.last).exists():
                made = history.write(dong, first=last.plus(-12 * YEARS), last=last)
                self._tell(f"{dong.name}의 지난 다섯 해 방문 {made:,}건")

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
