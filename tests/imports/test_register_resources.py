"""Registers exported by their resources: the same list comes back without a change."""

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse

from centers import facilities
from centers.models import AccessLog
from governance import groups
from governance.models import Organisation
from governance.resources import ActivistResource, OrganisationResource
from planners.lists import import_files
from planners.register_resources import BudgetResource, FacilityResource, PersonnelResource
from planners.resources import StagedFile
from staffing.models import Budget, BudgetLine
from tests import factories as f

pytestmark = pytest.mark.django_db
SINCE = dt.date(2010, 3, 2)


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


def back_again(resource, officer):
    table = resource().export()
    file = StagedFile(import_files.keep([table.csv.encode()]), "다시.csv")
    return resource().import_data(file, dry_run=True, user=officer).batch.counts


def test_gives_facilities_that_come_back_unchanged(officer, dong):
    for kind, place in (("senior_center", dong), ("childcare_facility", dong), ("job_support_center", None)):
        facilities.add(
            kind=kind,
            name=f"{kind} 하나",
            dong=place,
            phone="02-923-4567",
            capacity=30,
            valid_from=SINCE,
            by=officer,
            at=f.NOW,
        )
    counts = back_again(FacilityResource, officer)
    assert (counts["unchanged"], counts["rejected"], counts["added"], counts["changed"]) == (3, 0, 0, 0)


def test_gives_groups_without_the_phones_nobody_agreed_to(officer, dong):
    facts = {"dong": dong, "valid_from": SINCE, "by": officer, "at": f.NOW, "members": 12}
    groups.add(Organisation, kind="club", name="산책 동아리", phone="010-1111-2222", **facts)
    groups.add(
        Organisation,
        kind="other",
        name="상가번영회",
        phone="010-3333-4444",
        may_be_contacted=True,
        consent_on=SINCE,
        **facts,
    )
    text = OrganisationResource().export().csv
    assert "010-1111-2222" not in text
    assert "010-3333-4444" in text
    counts = back_again(OrganisationResource, officer)
    assert (counts["unchanged"], counts["rejected"], counts["changed"]) == (2, 0, 0)


def test_declares_activists_too(db):
    assert ActivistResource().get_export_headers()[0] == "성명"


def test_gives_postings_that_come_back_as_orders_already_carried_out(officer, social, dong, other_dong):
    social.employee_number = "S2010007"
    social.save()
    f.PostingFactory(user=social, role="CM", dong=other_dong, valid_from=dt.date(2014, 6, 1))
    officer.employee_number = "S2009001"
    officer.save()
    counts = back_again(PersonnelResource, officer)
    assert (counts["unchanged"], counts["rejected"], counts["changed"], counts["added"]) == (3, 0, 0, 0)


def test_gives_budgets_that_come_back_unchanged(officer, dong):
    budget = Budget.objects.create(title="마을복지센터 운영", year=2015, dong=dong)
    item = BudgetLine.objects.create(budget=budget, order=1, category="교육비", item="복지학교")
    BudgetLine.objects.create(budget=budget, order=2, category="교육비", item="강사료", part_of=item,
                              calculation="500천원×2회", amount_kkrw=1000)  # fmt: skip
    BudgetLine.objects.create(budget=budget, order=3, category="시설비", item="도색", amount_kkrw=2000, note="6월")
    BudgetLine.objects.create(budget=budget, order=4, item="과목 없는 줄", amount_kkrw=100)
    other = Budget.objects.create(title="구 예산", year=2016, dong=None)
    BudgetLine.objects.create(budget=other, order=1, category="시설비", item="도색", amount_kkrw=2000)
    counts = back_again(BudgetResource, officer)
    assert (counts["unchanged"], counts["rejected"], counts["changed"], counts["closed"]) == (5, 0, 0, 0)


def test_hands_a_sheet_of_what_is_there_to_those_who_import(client, officer, dong, lead):
    facilities.add(kind="senior_center", name="=장위경로당", dong=dong, valid_from=SINCE, by=officer, at=f.NOW)
    client.force_login(officer)
    assert "import_known" not in client.get(reverse("imports"), {"kind": "x"}).content.decode()
    response = client.get(reverse("import_known"), {"kind": "facilities"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert (sheet.cell(2, 1).value, sheet.cell(2, 1).data_type) == ("=장위경로당", "s")
    assert AccessLog.objects.filter(action="import.known").get().detail == {"kind": "facilities", "rows": 1}
    assert client.get(reverse("import_known"), {"kind": "residents"}).status_code == 404
    client.force_login(lead)
    assert client.get(reverse("import_known"), {"kind": "facilities"}).status_code == 403
