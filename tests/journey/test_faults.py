"""What goes wrong on real days: dead workers, double clicks, stale forms, wrong dongs, wicked files."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from centers.models import Job
from centers.tasks import sweep_jobs
from common.months import at_seoul
from planners import consent
from planners.models import Consent, ContactAttempt, ImportBatch, Person, Schedule, TargetRule, Visit, VisitEvent
from tests import factories as f
from tests.imports import dirt
from tests.journey import importing, sheets

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = "2"  # seconds until a dead worker's job is taken over; 45 in real life


# ---------------------------------------------------------------- dead workers


@pytest.fixture
def worker_process(transactional_db):
    """Start Celery workers of the office's own kind, on the database and the broker of this test."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "seongbuk.settings",
            "DATABASE_URL": database,
            "JOB_LEASE_SECONDS": LEASE,
            "JOB_RESEND_SECONDS": "1",
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-m", "celery", "-A", "seongbuk", "worker", "-c1", "-Q", "default,plan", "-lWARNING"]
        process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """kill -9 of the worker and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def nobody_writes(table: str):
    """Hold a table so that whoever writes to it stops in the middle."""
    database = connection.settings_dict
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
    ) as other:
        other.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
        other.rollback()


def is_stopped_at(table: str) -> bool:
    """Whether a worker waits for the held table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
        return cursor.fetchone()[0] > 0


def done_after_sweeping(job: Job) -> bool:
    sweep_jobs()
    job.refresh_from_db()
    return job.state == Job.State.DONE


def test_makes_the_month_once_when_the_worker_is_killed_while_writing(
    on_desk, signed_in, worker_process, eventually, willing, dong, pair, lead, month
):
    page = signed_in(on_desk(), lead)
    with nobody_writes("planners_placement"):
        first = worker_process()
        page.goto(f"/schedules/?month={month}")
        page.get_by_role("button", name="일정 만들기").click()
        expect(page.locator(".job")).to_be_visible()
        eventually(lambda: is_stopped_at("planners_placement"), seconds=90)
        job = Job.objects.get()
        assert job.state == Job.State.RUNNING
        kill(first)
    time.sleep(float(LEASE) + 0.5)
    assert not Schedule.objects.exists(), "half a month is no month"

    worker_process()
    eventually(lambda: done_after_sweeping(job), seconds=90)
    draft = Schedule.objects.get()
    assert (draft.number, draft.placements.count()) == (1, len(willing))
    assert job.attempts == 2
    page.reload()
    expect(page.locator("#board")).to_be_visible()


def test_puts_a_list_in_once_when_the_worker_is_killed_while_writing(
    on_desk, signed_in, worker_process, eventually, dong, officer, today, month, tmp_path
):
    residents = sheets.invent(today, month)
    path = sheets.workbook(tmp_path / "명부.xlsx", residents, today)
    page = signed_in(on_desk(), officer)
    first = worker_process()
    batch = importing.upload(page, path)
    with nobody_writes("planners_membership"):
        page.get_by_role("button", name=re.compile("명 넣기")).click()
        eventually(lambda: is_stopped_at("planners_membership"))
        kill(first)
    time.sleep(float(LEASE) + 0.5)
    assert not Person.objects.exists(), "half a list is no list"

    worker_process()
    job = Job.objects.get(kind="apply_import")
    eventually(lambda: done_after_sweeping(job), seconds=60)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.APPLIED
    assert Person.objects.count() == len(residents)
    page.goto(f"/imports/{batch.uid}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("명부를 넣었습니다")


# ---------------------------------------------------------------- twice, late, elsewhere


@pytest.fixture
def willing(dong, social, month) -> list[Visit]:
    """Five people of the month who agreed to be visited."""
    rule, now = TargetRule.objects.get(key="turns_65"), timezone.now()
    visits = []
    for n in range(5):
        person = f.PersonFactory(
            name=f"{'김이박최정'[n]}영순", dong=dong, birth_on=dt.date(month.year - 65, month.number, n + 1)
        )
        target = f.TargetFactory(
            person=person, rule=rule, month=month.first, release_on=month.first, due_on=month.last, created_at=now
        )
        visits.append(f.VisitFactory(target=target))
        consent.record_answer(
            person,
            Consent.Kind.VISIT,
            Consent.Answer.GIVEN,
            channel=Consent.Channel.TONGJANG,
            asked_by="7통 복지통장",
            by=social,
            at=now,
            on=now.date(),
        )
    return visits


TWICE = """
selector => {
  const form = document.querySelector(selector), body = new URLSearchParams(new FormData(form, form.querySelector("button.pri")));
  const send = () => fetch(form.action, {method: "POST", body, redirect: "manual"}).then(answer => answer.status);
  return Promise.all([send(), send(), send()]);
}
"""


def test_publishes_once_however_often_it_is_pressed(
    on_desk, signed_in, worker, willing, dong, pair, lead, month, eventually
):
    page = signed_in(on_desk(), lead)
    page.goto(f"/schedules/?month={month}")
    page.get_by_role("button", name="일정 만들기").dblclick()
    eventually(lambda: Job.objects.filter(state=Job.State.DONE).exists(), seconds=60)
    assert Job.objects.count() == Schedule.objects.count() == 1
    page.goto(f"/schedules/?month={month}")
    assert 500 not in page.evaluate(TWICE, "form[action$='/publish/']")
    schedule = Schedule.objects.get()
    assert schedule.state == Schedule.State.PUBLISHED and schedule.version == 2
    assert VisitEvent.objects.filter(act="announced").count() == len(willing)
    assert Visit.objects.filter(state=Visit.State.ANNOUNCED).count() == len(willing)


def test_keeps_one_call_and_one_promise_however_often_it_is_saved(on_desk, signed_in, willing, pair, social):
    page = signed_in(on_desk(), social)
    by_mouse, at_once = willing[0].target, willing[1].target
    page.goto(f"/booking/{by_mouse.uid}/")
    page.locator("input[name=slot]:not([value='']) + span").first.click()
    page.get_by_role("button", name="적고 다음 분으로").dblclick()
    expect(page.locator(".banner")).to_contain_text("방문을 약속했습니다")
    page.goto(f"/booking/{at_once.uid}/")
    page.locator("input[name=slot]:not([value='']) + span").first.click()
    assert 500 not in page.evaluate(TWICE, "form[data-call]")
    for target in (by_mouse, at_once):
        assert ContactAttempt.objects.filter(target=target).count() == 1
        assert VisitEvent.objects.filter(visit__target=target, act="booked").count() == 1
        assert target.visits.get().state == Visit.State.BOOKED


def test_never_overwrites_what_somebody_else_saved_meanwhile(on_desk, signed_in, willing, dong, counsellor, officer):
    person = willing[0].person
    mine, theirs = signed_in(on_desk(), counsellor), signed_in(on_desk(), officer)
    for page in (mine, theirs):
        page.goto(f"/residents/{person.uid}/edit/")
    for page, number in ((theirs, "010-0000-7777"), (mine, "010-0000-8888")):
        page.get_by_label("휴대전화").fill(number)
        page.get_by_label("고치는 까닭").fill("본인이 알려 줌")
        page.get_by_role("button", name="고치기", exact=True).click()
    expect(theirs.locator(".banner")).to_contain_text("고쳤습니다")
    expect(mine.get_by_role("alert").first).to_contain_text("그사이")
    expect(mine.get_by_label("휴대전화")).to_have_value("010-0000-8888")
    person.refresh_from_db()
    assert person.mobile == "010-0000-7777"


def test_shows_nothing_of_another_dong(
    on_desk, signed_in, look, willing, worker, eventually, dong, pair, nurse, lead, lead_elsewhere, nurse_elsewhere, month, today
):  # fmt: skip
    visit = f.standing_visit(
        pair,
        starts_at=at_seoul(today, dt.time(9, 40)),
        target=f.TargetFactory(person=willing[0].person, occurrence="again"),
    )
    page = signed_in(on_desk(), lead)
    page.goto(f"/schedules/?month={month}")
    page.get_by_role("button", name="일정 만들기").click()
    eventually(lambda: Job.objects.filter(state=Job.State.DONE).exists(), seconds=60)
    schedule = Schedule.objects.get()
    inside = [
        f"/visits/{visit.uid}/",
        f"/visits/{visit.uid}/record/basics/",
        f"/residents/{visit.person.uid}/",
        f"/targets/{willing[1].target.uid}/",
        f"/booking/{willing[1].target.uid}/",
        f"/schedules/{schedule.uid}/",
        f"/persons/{visit.person.uid}/cases/",
        f"/referrals/for-visit/{visit.uid}/",
    ]
    for stranger in (lead_elsewhere, nurse_elsewhere):
        page = signed_in(on_desk(), stranger)
        for address in inside:
            answer = page.goto(address)
            assert answer.status in (403, 404), f"{stranger.username} {address}: {answer.status}"
            assert visit.person.name not in page.content()
        assert page.goto(inside[2]).status == 404
        look(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("찾는 것이 없습니다")


# ---------------------------------------------------------------- wicked files


def test_refuses_files_that_are_no_list_and_works_on(
    on_desk, signed_in, look, worker, dong, officer, today, month, tmp_path
):
    page = signed_in(on_desk(), officer)
    refused = {
        "빈 파일.xlsx": (b"", "내용이 없습니다"),
        "사진.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(2000), "그림 파일"),
        "암호.xlsx": (dirt.FILES["password_xlsx"]().data, "암호"),
        "폭탄.xlsx": (dirt.FILES["bomb"]().data, "지나치게 커지는"),
        "제목 없음.xlsx": (dirt.FILES["no_header"]().data, "제목 줄"),
    }
    for name, (data, reason) in refused.items():
        path = tmp_path / name
        path.write_bytes(data)
        batch = importing.upload(page, path)
        said = page.get_by_role("alert").first
        expect(said).to_contain_text(re.compile(reason))
        assert re.search("[가-힣].*(주세요|습니다)", said.inner_text())
        assert batch.state == ImportBatch.State.REFUSED and not batch.file
        look(page)
    assert not Person.objects.exists()

    residents = sheets.invent(today, month)
    batch = importing.upload(page, sheets.old_csv(tmp_path / "명부.csv", residents))
    assert batch.counts["added"] == len(residents)
    importing.confirm(page, batch)
    assert Person.objects.count() == len(residents)
