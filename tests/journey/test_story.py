"""The whole story in one browser journey: a list becomes visits, help and figures."""

import datetime as dt

import pytest
from django.utils import timezone

from common.months import Month, at_seoul
from planners import consent
from planners.models import Consent, Target, Visit
from planners.months import scheduling
from planners.visit_sections import HEALTH, SOCIAL
from tests.journey import figures, helping, importing, planning, sheets, visiting
from tests.planners.recording import CALM

pytestmark = pytest.mark.django_db(transaction=True)


def test_turns_a_list_into_visits_help_and_figures(
    on_desk, on_phone, signed_in, look, worker, eventually, tmp_path, today, month, dong, committee, pair,
    officer, social, nurse, lead, manager, office,
):  # fmt: skip
    residents = sheets.invent(today, month)
    path = sheets.workbook(tmp_path / "장위1동 주민 명부.xlsx", residents, today)
    desk = on_desk()
    importing.sign_in_by_page(desk, look, "officer")
    importing.import_residents(desk, look, path, residents, tmp_path)

    lead_desk, social_desk = signed_in(on_desk(), lead), signed_in(on_desk(), social)
    planning.list_targets(lead_desk, look, [Month.of(today), month])
    promised = planning.book_by_phone(social_desk, look, month)
    others = Target.objects.filter(month=month.first, state="open").exclude(pk=promised.target_id).order_by("-pk")
    planning.refuse(social_desk, others[0])
    planning.agree(social_desk, others[1:6])
    planning.plan_month(lead_desk, look, month, promised)

    calm, worrying = brought_to_today(pair, today, promised)
    nurse_phone, social_phone = signed_in(on_phone(), nurse), signed_in(on_phone(), social)
    for phone, name in ((nurse_phone, "14-today-nurse"), (social_phone, "14-today-social")):
        visiting.day_list(phone, look, [calm, worrying], name)
    visiting.start(nurse_phone, look, calm, "15-door")
    visiting.record_together(nurse_phone, social_phone, look, calm, CALM, eventually, "16-record")
    visiting.sign(nurse_phone, look, calm, HEALTH, "17-signed-nurse")
    visiting.sign(social_phone, look, calm, SOCIAL, "17-signed-social")
    visiting.start(social_phone, look, worrying)
    visiting.record_together(nurse_phone, social_phone, look, worrying, visiting.WORRYING, eventually)
    visiting.sign(social_phone, look, worrying, SOCIAL)
    visiting.sign(nurse_phone, look, worrying, HEALTH, "18-signed-worrying")
    visiting.day_list(nurse_phone, look, [calm, worrying], "19-today-done")

    helping.judge(social_desk, look, calm, worrying)
    referral = helping.refer(social_desk, look, worrying)
    helping.close_day(lead_desk, look, dong, today)
    helping.hold_committee(signed_in(on_desk(), manager), look, referral)

    figures.roll_up(eventually)
    figures.told_by_the_dashboard(lead_desk, month)
    figures.open_every_number(lead_desk, look, name="31-dashboard-dong")
    office_desk = signed_in(on_desk(), office)
    figures.open_every_number(office_desk, look, name="32-dashboard-district")
    figures.export_staffing(office_desk, look, tmp_path)
    figures.export_result(office_desk, look, tmp_path)


def brought_to_today(pair, today: dt.date, promised: Visit) -> tuple[Visit, Visit]:
    """Two visits of this month's list are made today, whatever day it is: they agreed by the tongjang's sheet."""
    now = timezone.now()
    targets = Target.objects.filter(month=Month.of(today).first, state="open").order_by("pk")
    waiting = Visit.objects.filter(target__in=targets, state=Visit.State.POOL).select_related("person", "pair")
    found = list(waiting.exclude(pk=promised.pk)[:2])
    for visit, clock in zip(found, (dt.time(9, 40), dt.time(10, 50)), strict=True):
        consent.record_answer(
            visit.person,
            Consent.Kind.VISIT,
            Consent.Answer.GIVEN,
            channel=Consent.Channel.TONGJANG,
            asked_by=f"{visit.person.tong}통 복지통장",
            by=pair.social,
            at=now,
            on=today,
        )
        scheduling.place_by_hand(visit, pair=pair, starts_at=at_seoul(today, clock), by=pair.social, at=now)
        visit.refresh_from_db()
    return found[0], found[1]
