"""The import pages: upload, preview, apply, take back, and who may do what."""

import io

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from centers import jobs
from centers.models import AccessLog, Job
from planners.models import ImportBatch, Person
from tests import factories as f

from . import dirt
from .test_register import HEAD, KIM, LEE, changed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(dong, other_dong, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


@pytest.fixture
def as_officer(client, officer):
    client.force_login(officer)
    return client


def upload(client, rows, name="명부.xlsx", **given):
    file = SimpleUploadedFile(name, dirt.xlsx({"명부": [HEAD, *rows]}))
    return client.post(reverse("import_upload"), {"file": file, **given})


def work():
    """Run every waiting job, as a worker would."""
    for job in Job.objects.filter(state=Job.State.WAITING).order_by("pk"):
        jobs.run(job.pk, at=f.NOW, heartbeat=False)


def previewed(client, rows, **given):
    response = upload(client, rows, **given)
    work()
    return response.url


def test_leads_from_the_file_to_the_register(as_officer):
    url = previewed(as_officer, [KIM, LEE, changed(KIM, 성명="", 주민등록번호="")], extracted_on="2015-01-01")
    page = as_officer.get(url)
    text = page.content.decode()
    assert "넣기 전에 확인해 주세요" in text
    assert "2명 넣기" in text
    assert "이름이 비어 있습니다" in text
    assert "김○수" in text
    assert "1234567" not in text
    batch = ImportBatch.objects.get()
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    assert Job.objects.filter(kind="apply_import").count() == 1
    work()
    assert Person.objects.count() == 2
    assert "명부를 넣었습니다" in as_officer.get(url).content.decode()
    as_officer.post(reverse("import_undo", args=[batch.uid]), {"reason": "잘못된 파일"})
    assert Person.objects.count() == 0
    logged = AccessLog.objects.get(action="import.undo")
    assert logged.reason == "잘못된 파일"
    assert len(logged.subjects) == 0 or set(logged.subjects)


def test_leads_from_rejected_rows_to_the_upload_that_mends_them(as_officer):
    url = previewed(as_officer, [KIM, changed(LEE, 성명="")])
    assert "오류 파일은 넣기 전에 받아 두세요" in as_officer.get(url).content.decode()
    batch = ImportBatch.objects.get()
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    work()
    assert f"{reverse('imports')}?repairs={batch.uid}" in as_officer.get(url).content.decode()


def test_shows_old_and_new_values_and_logs_whose(as_officer):
    previewed(as_officer, [KIM])
    as_officer.post(reverse("import_apply", args=[ImportBatch.objects.get().uid]))
    work()
    url = previewed(as_officer, [changed(KIM, 휴대전화="010-9999-0000")])
    text = as_officer.get(url).content.decode()
    assert "010-****-5678" in text
    assert "010-****-0000" in text
    assert AccessLog.objects.filter(action="import.open").latest("at").subjects == [Person.objects.get().pk]


def test_never_writes_the_upload_in_the_clear(as_officer, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("tempfile.mkstemp", lambda *a, **k: written.append(a) or (_ for _ in ()).throw(AssertionError))
    big = [
        changed(KIM, 성명=f"김{chr(0xAC00 + n % 11000)}{chr(0xAC00 + n * 7 % 11000)}", 주민등록번호="")
        for n in range(200)
    ]
    data = dirt.xlsx({"명부": [HEAD, *big]})
    monkeypatch.setattr(settings, "FILE_UPLOAD_MAX_MEMORY_SIZE", 10)
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("a.xlsx", data)})
    [stored] = (settings.PRIVATE_FILES / "imports").iterdir()
    assert not written
    assert b"PK" not in stored.read_bytes()[:40]


def test_says_what_to_do_with_a_file_it_refuses(as_officer):
    file = SimpleUploadedFile("잠김.xlsx", dirt.FILES["password_xlsx"]().data)
    response = as_officer.post(reverse("import_upload"), {"file": file})
    work()
    text = as_officer.get(response.url).content.decode()
    assert "암호가 걸린 파일입니다" in text
    assert not list((settings.PRIVATE_FILES / "imports").iterdir())


def test_recognises_nothing_any_more_in_a_file_it_refused(as_officer):
    url = as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("표.csv", b"a,b,c\n1,2,3\n")}).url
    work()
    for page in (url, reverse("imports")):
        assert "알아보는 중" not in as_officer.get(page).content.decode()


def test_stops_an_upload_that_is_too_large(as_officer, settings):
    settings.IMPORT_MAX_BYTES = 1000
    response = upload(as_officer, [KIM])
    assert response.status_code == 422
    assert "넘습니다" in response.content.decode()
    assert not ImportBatch.objects.exists()
    assert not list((settings.PRIVATE_FILES / "imports").iterdir())


def test_wants_the_token_of_the_form(officer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert upload(client, [KIM]).status_code == 403
    assert not ImportBatch.objects.exists()


def test_reads_again_with_another_mapping(as_officer):
    url = previewed(as_officer, [KIM])
    batch = ImportBatch.objects.get()
    form = {f"column_{c['index']}": c["field"] for c in batch.report["columns"]} | {
        f"column_{HEAD.index('휴대전화')}": ""
    }
    as_officer.post(reverse("import_map", args=[batch.uid]), form)
    work()
    batch.refresh_from_db()
    assert batch.state == "staged"
    assert "휴대전화" not in batch.mapping
    assert "직접 고름" in as_officer.get(url).content.decode()


def test_shows_a_new_preview_when_the_register_changed_meanwhile(as_officer):
    url = previewed(as_officer, [KIM, LEE])
    batch = ImportBatch.objects.get()
    previewed(as_officer, [KIM])
    other = ImportBatch.objects.exclude(pk=batch.pk).get()
    as_officer.post(reverse("import_apply", args=[other.uid]))
    work()
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    work()
    text = as_officer.get(url).content.decode()
    assert "주민 명부가 바뀌었습니다" in text
    assert "1명 넣기" in text
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    work()
    assert Person.objects.count() == 2


def test_gives_the_file_back_with_comments(as_officer):
    previewed(as_officer, [KIM, changed(LEE, 행정동="장위9동")])
    response = as_officer.get(reverse("import_errors", args=[ImportBatch.objects.get().uid]))
    assert response.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cell = sheet.cell(3, HEAD.index("행정동") + 1)
    assert "장위1동·장위2동·장위3동" in cell.comment.text
    assert sheet.cell(1, len(HEAD) + 1).value == "고칠 점"
    assert "행정동" in sheet.cell(3, len(HEAD) + 1).value
    assert sheet.cell(2, HEAD.index("주민등록번호") + 1).value is None
    assert sheet.cell(2, 1).value == "김영수"


def test_gives_wrong_rows_of_a_csv_back_as_a_sheet(as_officer):
    data = dirt.csv([HEAD, KIM, changed(LEE, 휴대전화="=1+1")], encoding="cp949")
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("명부.csv", data)})
    work()
    response = as_officer.get(reverse("import_errors", args=[ImportBatch.objects.get().uid]))
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    assert len(rows) == 2
    assert rows[1][0] == "이순자"
    assert not rows[1][1]
    assert rows[1][HEAD.index("휴대전화")] == "=1+1"


def test_offers_a_form_that_it_understands_itself(as_officer):
    body = as_officer.get(reverse("import_form")).content
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("양식.xlsx", body)})
    work()
    batch = ImportBatch.objects.get()
    assert batch.counts["skipped"] == batch.counts["rows"] == 2
    assert len(batch.mapping) == 12


@pytest.mark.parametrize("who", ["social", "nurse", "counsellor"])
def test_is_closed_to_those_who_visit(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("imports")).status_code == 403
    assert upload(client, [KIM]).status_code == 403


def test_shows_a_lead_results_without_names(client, as_officer, lead, lead_elsewhere, dong):
    previewed(as_officer, [KIM])
    batch = ImportBatch.objects.get()
    ImportBatch.objects.update(dong=dong)
    url = reverse("import", args=[batch.uid])
    client.force_login(lead)
    text = client.get(url).content.decode()
    assert "담당자만 볼 수 있습니다" in text
    assert "김○수" not in text.partition('id="changes"')[2]
    assert client.post(reverse("import_apply", args=[batch.uid])).status_code == 403
    client.force_login(lead_elsewhere)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.xlsx", "가\u202e나.xlsx", "a\r\nSet-Cookie: x.xlsx", "긴" * 300 + ".xlsx", "<script>.xlsx"],
)
def test_keeps_only_a_plain_file_name(as_officer, name):
    upload(as_officer, [KIM], name=name)
    kept = ImportBatch.objects.get().file_name
    assert len(kept) <= 200
    assert kept.isprintable()
    assert not set(kept) & set('/\\<>"\u202e')
