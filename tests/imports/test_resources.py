"""The declared resource: the library's result from our engine, exports that come back unchanged, no row hooks."""

import pytest
from django.core import checks

from planners import resources
from planners.lists import import_files
from planners.models import Person
from planners.resources import ResidentResource, StagedFile, StagedResource

from . import dirt
from .test_register import HEAD, KIM, LEE, changed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(dong, other_dong, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


def staged_file(rows):
    return StagedFile(import_files.keep([dirt.xlsx({"명부": [HEAD, *rows]})]), "명부.xlsx")


def test_previews_and_applies_what_it_previewed(officer):
    rows = [KIM, LEE, changed(KIM, 성명="", 주민등록번호="")]
    preview = ResidentResource().import_data(staged_file(rows), dry_run=True, user=officer)
    assert preview.totals["new"] == 2
    assert preview.totals["invalid"] == 1
    assert [row.number for row in preview.invalid_rows] == [4]
    assert not Person.objects.exists()
    result = ResidentResource().import_data(None, dry_run=False, user=officer, batch=preview.batch)
    assert result.totals["new"] == Person.objects.count() == 2


def test_exports_a_list_that_comes_back_without_a_change(officer):
    ResidentResource().import_data(staged_file([KIM, LEE]), user=officer)
    table = ResidentResource().export()
    file = StagedFile(import_files.keep([table.csv.encode()]), "다시.csv")
    again = ResidentResource().import_data(file, user=officer)
    assert again.totals["update"] == again.totals["new"] == 0
    assert again.totals["skip"] == 3


def test_reports_a_row_hook_that_would_never_run():
    class Hopeful(StagedResource):
        def before_import_row(self, row, **kwargs):
            row["name"] = "never"

        class Meta:
            model = Person

    try:
        found = resources.staged_resources_have_no_row_hooks(None)
        assert [message.id for message in found] == ["planners.E001"]
        assert "before_import_row" in found[0].msg
        assert isinstance(found[0], checks.Error)
    finally:
        Hopeful.check = classmethod(lambda cls, **kwargs: [])
