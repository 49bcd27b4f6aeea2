"""What every kind of list has in common: forms, declarations, questions on the pages, commands, small readers."""

import datetime as dt
import io
import json

import openpyxl
import pytest
from django.contrib import admin as django_admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers import jobs
from centers.models import AccessLog, Job
from common.spreadsheets import reading
from planners import admin
from planners.lists import list_cells, list_kinds
from planners.lists.list_cells import Context
from planners.lists.list_reading import dong_names, drop_strays
from planners.models import Benefit, ImportBatch
from planners.residents import match_key
from planners.resources import StagedResource, declared
from seongbuk.routes import routes
from tests import factories as f

from . import dirt
from .test_benefits import HEAD, KIM, LEE, row

pytestmark = pytest.mark.django_db(transaction=True)
CONTEXT = Context(dt.date(2015, 1, 14))


@pytest.fixture(autouse=True)
def places(dong, other_dong, tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"
    drop_strays(set())


@pytest.fixture
def as_officer(client, officer):
    client.force_login(officer)
    return client


def work():
    for job in Job.objects.filter(state=Job.State.WAITING).order_by("pk"):
        jobs.run(job.pk, at=f.NOW, heartbeat=False)


def upload(client, rows, **given):
    file = SimpleUploadedFile("1월.xlsx", dirt.xlsx({"명부": [HEAD, *rows]}))
    response = client.post(reverse("import_upload"), {"file": file, **given})
    work()
    return response.url


@pytest.mark.parametrize("key", [kind.key for kind in list_kinds.kinds()])
def test_offers_a_form_that_is_understood_whole(as_officer, key):
    body = as_officer.get(reverse("import_form"), {"kind": key}).content
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("양식.xlsx", body), "kind": key})
    work()
    batch = ImportBatch.objects.get()
    assert batch.kind == key
    assert batch.counts["skipped"] == batch.counts["rows"] == 2
    assert not [column["header"] for column in batch.report["columns"] if not column["field"]]


@pytest.mark.parametrize("key", ImportBatch.Kind.values)
def test_is_declared_once_for_import_and_export(key):
    pending, found = [StagedResource], []
    while pending:
        resource = pending.pop()
        pending += resource.__subclasses__()
        found += [resource] if resource.__subclasses__() == [] and resource.kind == key else []
    found = [one for one in found if one.__module__.endswith("resources")]
    assert len(found) == 1
    assert found[0]().export().headers
    assert declared()[key] is found[0]


def test_shows_the_resources_of_every_floor_in_the_back_office():
    shown = admin.ImportBatchAdmin(ImportBatch, django_admin.site).get_import_resource_classes(None)
    assert {one.kind for one in shown} == set(ImportBatch.Kind.values)


def test_mounts_no_back_office_that_goes_past_the_permissions(as_officer):
    assert not [
        route.pattern for route in routes() if getattr(route.view, "model_admin", None) or "admin" in route.pattern
    ]
    assert as_officer.get("/admin/").status_code == 404


def test_leads_through_the_pages_with_the_question_of_the_kind(as_officer, people):
    Benefit.objects.create(person=people["lee"], category="basic_pension", valid_from=dt.date(2014, 7, 1))
    url = upload(as_officer, [KIM, row(LEE, 급여종류="모르는 급여")], extracted_on="2015-01-10")
    text = as_officer.get(url).content.decode()
    assert "복지급여 대상자 명부" in text
    assert "이 명부에 없는 사람의 급여" in text
    assert "김○수 · 기초연금" in text
    assert "우리가 아는 급여 이름이 아닙니다" in text
    assert AccessLog.objects.filter(action="import.open").latest("at").subjects == [people["kim"].pk]
    batch = ImportBatch.objects.get()
    as_officer.post(reverse("import_map", args=[batch.uid]), {"absent": "all"})
    work()
    batch.refresh_from_db()
    assert batch.counts["closed"] == 0, "her name stands on a rejected row"
    as_officer.post(reverse("import_apply", args=[batch.uid]))
    work()
    page = as_officer.get(url).content.decode()
    assert "명부를 넣었습니다" in page
    as_officer.post(reverse("import_undo", args=[batch.uid]), {"reason": "잘못된 파일"})
    assert not Benefit.objects.filter(person=people["kim"]).exists()
    assert "급여 1건이 넣기 전 상태" in as_officer.get(url).content.decode()


def test_reads_the_same_file_as_another_kind_when_told(as_officer, people):
    url = upload(as_officer, [KIM], kind="residents")
    batch = ImportBatch.objects.get()
    as_officer.post(reverse("import_map", args=[batch.uid]), {"kind": "benefits"})
    work()
    batch.refresh_from_db()
    assert (batch.kind, batch.counts["added"]) == ("benefits", 1)
    as_officer.post(reverse("import_map", args=[batch.uid]), {"kind": "nonsense"})
    assert "다시 골라" in as_officer.get(url).content.decode()


def test_gives_the_file_back_with_its_faults_marked(as_officer, people):
    upload(as_officer, [KIM, row(LEE, 급여개시일="2014-02-30"), row(LEE, 성명="없는이")])
    batch = ImportBatch.objects.get()
    response = as_officer.get(reverse("import_errors", args=[batch.uid]))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert "없는 날짜" in sheet.cell(3, HEAD.index("급여개시일") + 1).comment.text
    assert "주민 명부에 없는 사람" in sheet.cell(4, HEAD.index("성명") + 1).comment.text


def test_remembers_the_columns_for_its_kind_only(as_officer, people):
    head = ["이름", "생년월일", "성별", "무엇을", "급여개시일"]
    rows = [["김영수", "1948-03-01", "남", "기초연금", "2014-07-01"]]
    file = dirt.xlsx({"기초연금 대상자": [head, *rows]})
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("가.xlsx", file), "kind": "benefits"})
    work()
    batch = ImportBatch.objects.get()
    chosen = {f"column_{column['index']}": column["field"] for column in batch.report["columns"]}
    as_officer.post(reverse("import_map", args=[batch.uid]), chosen | {"column_3": "categories"})
    work()
    as_officer.post(reverse("import_upload"), {"file": SimpleUploadedFile("나.xlsx", file), "kind": "benefits"})
    work()
    again = ImportBatch.objects.latest("pk")
    assert again.report["is_remembered"]
    assert again.mapping["무엇을"] == "categories"


def test_imports_by_command_and_takes_back(officer, people, tmp_path, capsys):
    path = tmp_path / "1월.xlsx"
    path.write_bytes(dirt.xlsx({"명부": [HEAD, KIM, row(LEE, 성명="없는이")]}))
    errors = tmp_path / "errors.xlsx"
    call_command("import_list", str(path), "--kind", "benefits", "--as", "officer", "--json", "--detail", "--errors", str(errors),
                 "--answer", "absent=dongs")  # fmt: skip
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["kind"], answer["state"], answer["added"], answer["rejected"]) == ("benefits", "applied", 1, 1)
    assert answer["rows"] == sum(
        answer[part] for part in ("added", "changed", "unchanged", "moved", "skipped", "rejected")
    )
    assert [record["status"] for record in answer["records"]] == ["skipped", "accepted", "rejected"]
    assert answer["records"][1]["normalised"]["categories"] == ["basic_pension"]
    assert openpyxl.load_workbook(errors)
    call_command("undo_import", answer["batch"], "--as", "officer", "--reason", "잘못", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["reverted"] == 1
    with pytest.raises(CommandError):
        call_command("import_list", str(path), "--answer", "absent=never")


@pytest.mark.parametrize(
    ("reader", "cell", "value", "code"),
    [
        (list_cells.number(), "1,234명", 1234, ""),
        (list_cells.number(), "１２", 12, ""),
        (list_cells.number(), 3.5, None, "BAD_NUMBER"),
        (list_cells.number(), "많음", None, "BAD_NUMBER"),
        (list_cells.number(least=None), "△5", -5, ""),
        (list_cells.number(), "-", None, ""),
        (list_cells.day(), "14.7.1", "2014-07-01", ""),
        (list_cells.day(), "50.7.1", "1950-07-01", ""),
        (list_cells.day(), "2014-02-30", None, "BAD_DATE"),
        (list_cells.day(), "2015-05-20", None, "FUTURE_DATE"),
        (list_cells.day(may_be_future=True), "15.5.20", "2015-05-20", ""),
        (list_cells.day(), "없음", None, ""),
        (list_cells.yes_no(), "○", True, ""),
        (list_cells.yes_no(), "ㅇ", True, ""),
        (list_cells.yes_no(), "X", False, ""),
        (list_cells.yes_no(), "글쎄", None, "BAD_YES_NO"),
        (list_cells.choice({"경로당": "senior"}), "장위 경로당", "senior", ""),
        (list_cells.choice({"경로당": "senior"}), "병원", None, "UNKNOWN_WORD"),
        (list_cells.phone(), "01012345678", "010-1234-5678", ""),
        (list_cells.text(5), "여섯글자입니다", "여섯글자입", "TOO_LONG"),
    ],
)
def test_reads_small_cells(reader, cell, value, code):
    read = reader(cell, CONTEXT)
    assert (read.value, read.code) == (value, code)


def test_reads_a_dong_however_it_is_written():
    context = Context(dt.date(2015, 1, 14), dongs=dong_names())
    assert list_cells.dong()("장위 제1동 주민센터", context).value == "장위1동"
    assert list_cells.dong()("장위9동", context).code == "UNKNOWN_DONG"


RESIDENT_HEAD = ["성명", "생년월일", "성별", "행정동", "주소", "휴대전화"]
RESIDENT = ["김영수", "1948-03-01", "남", "장위1동", "돌곶이로 40길 8", "010-1234-5678"]


@pytest.mark.parametrize(
    ("title", "more", "cell", "kind"),
    [
        ("장위1동 주민 명부", "보호자", "김철수", "residents"),
        ("", "보호자성명", "김철수", "residents"),
        ("65세 도래 어르신 명부", "복지급여", "기초연금", "residents"),
        ("", "전입일", "2010-01-01", "residents"),
        ("기초연금 대상자 명부", "연락처", "", "benefits"),
        ("장애수당", "급여개시일", "2014-07-01", "benefits"),
        ("모자보건실 등록 명부", "분만예정일", "2015-03-01", "births"),
        ("출생신고자 명부", "신고일", "2015-01-05", "births"),
        ("2015년 1월 전입자 명부", "전입일", "2015-01-05", "changes"),
        ("", "변동구분", "전출", "changes"),
    ],
)
def test_tells_the_kind_from_headings_and_title(title, more, cell, kind, saved):
    rows = [[title], [*RESIDENT_HEAD, more], [*RESIDENT, cell], [*RESIDENT, cell]]
    path = saved(dirt.xlsx({"Sheet1": rows if title else rows[1:]}))
    with reading(path) as book:
        assert list_kinds.guess(book, "목록.xlsx").key == kind


@pytest.mark.parametrize("name", [name for name in dirt.FILES if not dirt.FILES[name]().refused])
def test_takes_every_dirty_resident_list_for_one(name, saved):
    dirty = dirt.FILES[name]()
    with reading(saved(dirty.data, dirty.name)) as book:
        assert list_kinds.guess(book, dirty.name).key == "residents"


@pytest.mark.parametrize("show", ["added", "moved"])
def test_shows_thirty_rows_with_the_queries_of_three(as_officer, dong, other_dong, show):
    def asked(count, first):
        head = ["변동구분", "변동일", "성명", "생년월일", "성별", "행정동", "주소"]
        rows = []
        for n in range(first, first + count):
            birth = dt.date(1950, 1, 1) + dt.timedelta(n)
            rows.append(["전입", "2015-01-05", "새사람", str(birth), "여", "장위1동", f"장위로 {n}"])
            key = match_key("김이사", birth, "F")
            f.PersonFactory(name="김이사", birth_on=birth, sex="F", dong=dong, household=None, match_key=key)
            rows.append(["관내이동", "2015-01-05", "김이사", str(birth), "여", "월곡1동", f"월곡로 {n}"])
        file = SimpleUploadedFile("변동.xlsx", dirt.xlsx({"변동": [head, *rows]}))
        url = as_officer.post(reverse("import_upload"), {"file": file, "kind": "changes"}).url
        work()
        with CaptureQueriesContext(connection) as queries:
            text = as_officer.get(url, {"show": show}).content.decode()
        assert text.count("월곡1동" if show == "moved" else "새○람") >= count
        return len(queries)

    asked(1, 0)
    assert asked(3, 100) == asked(30, 200)


def test_understands_every_heading_of_a_resident_list():
    vocabulary = next(kind for kind in list_kinds.kinds() if kind.key == "residents").vocabulary
    listed = [(word, name) for name, words in vocabulary.aliases.items() for word in words.split()]
    assert len(listed) > 200
    assert [
        (word, vocabulary.meaning(word)[0], name) for word, name in listed if vocabulary.meaning(word)[0] != name
    ] == []
