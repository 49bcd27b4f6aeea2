"""The reference data as the plan prints it, counted from the loaded records."""

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Sum

from centers import figures
from centers.models import Dong, DongCenter, Figure, Team, Tong, ZoneDong
from planners.models import ConsentWording, Coverage, Service, TargetRule
from seongbuk import reference
from staffing.models import CenterPost, HeadcountCell, Holiday, PostTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(db):
    return reference.load(until_year=2027)


def printed_and_counted(table: str, **only) -> tuple[int, int]:
    cells = HeadcountCell.objects.filter(table=table, is_counted=True, **only)
    return tuple(cells.aggregate(a=Sum("authorised"), b=Sum("actual")).values())


def test_counts_the_people_and_the_area_of_twenty_dongs(loaded):
    population = figures.grid("population")
    assert len(population.counted) == Dong.objects.count() == 20
    assert population.sum("households") == 193_715
    assert population.sum("population") == 467_996
    assert population.sum("area_km2") == Decimal("24.57")


def test_explains_the_sum_that_the_plan_gets_wrong(loaded):
    found = {(f.row, f.column): f for f in figures.findings() if f.table == "population"}
    assert set(found) == {("장위3동", "population"), ("소계", "female")}
    assert found["장위3동", "population"].counted == 17_198
    assert (
        found["장위3동", "population"].message
        == "장위3동 인구: 남 8,940 + 여 8,258 = 17,198인데 적힌 값은 17,468입니다."
    )


def test_counts_recipients_of_fourteen_benefits(loaded):
    recipients = figures.grid("recipients")
    assert recipients.sum("total") == 80_635
    assert recipients.sum("basic_livelihood") == 9_843
    assert recipients.sum("basic_pension") == 33_057
    assert recipients.findings() == []


def test_shows_where_facilities_contradict_themselves(loaded):
    found = {(f.row, f.counted) for f in figures.findings() if f.table == "facilities"}
    assert found == {("길음2동", 13), ("장위2동", 22)}
    assert figures.grid("infrastructure_welfare").sum("places") == 530
    assert figures.grid("facilities").sum("senior_center") == 159


def test_counts_health_and_nursing_inside_the_technical_series(loaded):
    assert printed_and_counted("grade") == (1391, 1346)
    assert printed_and_counted("grade", series__key="welfare") == (106, 108)
    nursing = HeadcountCell.objects.filter(table="grade", series__key="health_nursing")
    assert nursing.aggregate(a=Sum("authorised"), b=Sum("actual")) == {"a": 49, "b": 45}
    assert not nursing.filter(is_counted=True).exists()
    assert nursing.first().series.part_of.key == "technical"


def test_counts_the_staff_of_the_centers(loaded):
    assert printed_and_counted("center") == (313, 321)
    assert printed_and_counted("center", series__key="admin") == (235, 217)
    assert printed_and_counted("center", series__key="welfare") == (44, 65)
    assert printed_and_counted("center", series__key="other") == (34, 39)


def test_leaves_activists_out_of_the_welfare_workforce(loaded):
    assert printed_and_counted("welfare") == (123, 119)
    assert printed_and_counted("welfare", dong=None) == (79, 51)
    assert printed_and_counted("welfare", dong__isnull=False) == (44, 68)
    nurses = HeadcountCell.objects.filter(table="welfare", series__key="visiting_nurse", dong__isnull=False)
    assert set(nurses.values_list("dong__name", flat=True)) == {"정릉4동", "월곡1동", "장위1동"}


def test_renames_the_centers_on_the_first_of_july_2015(loaded):
    dong = Dong.objects.get(name="장위1동")
    names = [DongCenter.objects.on(day).get(dong=dong).name for day in (dt.date(2015, 6, 30), dt.date(2015, 7, 1))]
    assert names == ["장위1동 주민센터", "장위1동 마을복지센터"]
    teams = [Team.objects.on(day).filter(dong=dong).count() for day in (dt.date(2015, 6, 30), dt.date(2015, 7, 1))]
    assert teams == [2, 3]


def test_puts_every_dong_in_one_zone_of_each_scheme(loaded):
    for scheme in ("nurse", "hub"):
        rows = ZoneDong.objects.filter(zone__scheme__key=scheme)
        assert rows.count() == rows.values("dong").distinct().count() == 20
        assert rows.values("zone").distinct().count() == 4
    wolgok = ZoneDong.objects.filter(dong__name="월곡1동").values_list("zone__name", flat=True)
    assert set(wolgok) == {"월곡·장위·석관권역", "안암·종암·월곡권역"}


def test_opens_twenty_three_posts_and_a_nurse_in_each_center(loaded):
    assert PostTemplate.objects.filter(number__isnull=False).count() == 23
    assert CenterPost.objects.filter(dong__name="석관동").count() == 24
    assert PostTemplate.objects.get(number=1).substitutable_rank == "사회5급"


def test_spreads_458_tongs(loaded):
    assert Tong.objects.count() == 458


def test_knows_since_when_each_dong_is_covered(loaded):
    def reach(programme, dong, day):
        row = Coverage.objects.on(day).filter(programme__key=programme, dong__name=dong).first()
        return row and row.reach

    assert reach("elderly", "장위1동", dt.date(2014, 11, 1)) == "universal"
    assert reach("elderly", "석관동", dt.date(2015, 6, 30)) is None
    assert reach("elderly", "석관동", dt.date(2015, 7, 1)) == "universal"
    assert reach("child", "장위1동", dt.date(2016, 1, 1)) == "universal"
    assert reach("child", "석관동", dt.date(2016, 1, 1)) == "risk_only"


def test_loads_rules_services_wordings_and_holidays(loaded):
    assert TargetRule.objects.get(key="intensive").parameters["count"] == 8
    assert Service.objects.filter(group="life65").count() == 10
    assert set(ConsentWording.objects.values_list("kind", flat=True)) == {"visit", "share", "screening", "recording"}
    assert Holiday.objects.filter(on=dt.date(2015, 9, 29)).exists(), "the substitute day of Chuseok 2015"
    assert Holiday.objects.filter(on__year=2027).exists()


def test_changes_nothing_the_second_time(loaded):
    Holiday.objects.filter(on=dt.date(2015, 1, 1)).update(name="신정")
    again = reference.load(until_year=2027)
    assert sum(counts["added"] + counts["changed"] for counts in again.values()) == 0
    assert Holiday.objects.get(on=dt.date(2015, 1, 1)).name == "신정"


def test_repairs_what_was_changed(loaded):
    Figure.objects.filter(table="population", row_key="성북동", column="households").update(value=1)
    assert reference.load(until_year=2027)["figures"] == {
        "added": 0,
        "changed": 1,
        "unchanged": Figure.objects.count() - 1,
    }


def test_answers_in_json_and_leaves_a_log_row(db):
    out = StringIO()
    call_command("load_reference", "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["tables"]["dongs"]["added"] == 20
    from centers.models import AccessLog

    assert AccessLog.objects.filter(action="reference.load", outcome="ok").count() == 1
