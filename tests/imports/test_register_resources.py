"""Registers exported by their resources: the same list comes back without a change."""

import datetime as dt

import pytest

from centers import facilities
from governance import groups
from governance.models import Organisation
from governance.resources import ActivistResource, OrganisationResource
from planners import import_files
from planners.register_resources import FacilityResource
from planners.resources import StagedFile
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
