"""Background work: never lost, never done twice."""

import datetime as dt
import threading

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone

from centers import jobs, tasks
from centers.models import Figure, Job
from common.refusals import Refusal
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "test_writes_a_figure"


class TooEarly(Refusal):
    code = "TOO_EARLY"


@pytest.fixture
def handler():
    """Registers a handler whose behaviour the test sets; it writes one Figure row as its effect."""
    calls = []

    def behave(run):
        pass

    box = {"behave": behave, "calls": calls}

    def handle(run):
        calls.append(run.token)
        box["behave"](run)
        with run.finishing() as done:
            Figure.objects.create(
                table="job",
                as_of=f.TODAY,
                row_key=str(Figure.objects.count()),
                row_order=1,
                column="n",
                column_order=1,
                value=1,
            )
            done({"written": 1})

    jobs._handlers[KIND] = handle
    yield box
    del jobs._handlers[KIND]


def opened(**given) -> Job:
    return jobs.open_job(KIND, title="시험", arguments={}, by=None, at=f.NOW, **given)


def test_writes_its_effect_and_done_together(handler):
    job = jobs.run(opened().pk, at=timezone.now())
    assert (job.state, job.result, Figure.objects.count()) == (Job.State.DONE, {"written": 1}, 1)


def test_does_nothing_the_second_time(handler):
    job = opened()
    jobs.run(job.pk, at=timezone.now())
    assert jobs.run(job.pk, at=timezone.now()) is None
    assert Figure.objects.count() == 1


def test_returns_the_open_job_for_the_same_key(handler):
    assert opened(key="dong:1").pk == opened(key="dong:1").pk
    assert opened(key="dong:2").pk != opened(key="dong:1").pk


def test_opens_a_new_job_once_the_old_one_ended(handler):
    first = opened(key="dong:1")
    jobs.run(first.pk, at=timezone.now())
    assert opened(key="dong:1").pk != first.pk


def test_fails_with_the_sentence_of_a_refusal(handler):
    def refuse(run):
        raise TooEarly("아직 이릅니다. 내일 다시 해 주세요.")

    handler["behave"] = refuse
    job = jobs.run(opened().pk, at=timezone.now())
    assert (job.state, job.failure, job.result) == (
        Job.State.FAILED,
        "아직 이릅니다. 내일 다시 해 주세요.",
        {"refused": "TOO_EARLY"},
    )
    assert Figure.objects.count() == 0


def test_tries_again_after_a_fault_and_gives_up_in_the_end(handler):
    def break_down(run):
        raise RuntimeError("disk")

    handler["behave"] = break_down
    job = opened()
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        assert jobs.run(job.pk, at=timezone.now()).state == Job.State.WAITING
    assert jobs.run(job.pk, at=timezone.now()).state == Job.State.FAILED


def test_is_taken_up_again_when_its_worker_died(handler):
    job = opened()
    jobs.claim(job.pk, at=timezone.now())  # a worker that is never heard of again
    assert jobs.overdue(at=timezone.now()) == []
    later = timezone.now() + dt.timedelta(minutes=5)
    assert [j.pk for j in jobs.overdue(at=later)] == [job.pk]
    assert jobs.run(job.pk, at=later).state == Job.State.DONE


def test_keeps_an_overtaken_run_from_writing(handler):
    job = opened()
    late = jobs.claim(job.pk, at=timezone.now())
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(minutes=1))
    jobs.overdue(at=timezone.now())
    jobs.run(job.pk, at=timezone.now())
    with pytest.raises(jobs.LeaseLost), late.finishing() as done:
        done({"written": "twice"})
    assert Job.objects.get(pk=job.pk).result == {"written": 1}


def test_is_done_once_by_two_workers_at_once(handler):
    job = opened()

    def work():
        jobs.run(job.pk, at=timezone.now(), heartbeat=False)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Figure.objects.count() == 1


def test_keeps_its_lease_while_it_computes(handler, settings):
    settings.JOB_LEASE_SECONDS = 1
    job = opened()

    def compute(run):
        threading.Event().wait(2.2)

    handler["behave"] = compute
    assert jobs.run(job.pk, at=timezone.now()).state == Job.State.DONE


def test_waits_for_the_sweeper_when_the_broker_is_away(handler, settings, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(tasks.current_app, "send_task", away)
    job = opened()
    with transaction.atomic():
        tasks.send(job)
    assert [j.pk for j in jobs.overdue(at=timezone.now())] == [job.pk]


def test_runs_through_the_real_broker(handler, worker):
    job = opened()
    tasks.send(job)
    deadline = timezone.now() + dt.timedelta(seconds=20)
    while Job.objects.get(pk=job.pk).is_open and timezone.now() < deadline:
        threading.Event().wait(0.1)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_keeps_the_sweeper_from_waiting_for_a_run_that_writes(handler):
    job = opened()
    late = timezone.now() + dt.timedelta(minutes=5)
    swept = []

    def sweep():
        swept.append(jobs.overdue(at=late))
        connection.close()

    run = jobs.claim(job.pk, at=timezone.now())
    with run.finishing() as done:
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        sweeper.join(10)
        assert swept == [[]]
        done({"written": 1})
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_is_sent_with_the_limits_of_its_kind(handler, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.current_app, "send_task", lambda *args, **given: sent.append(given))
    monkeypatch.setitem(jobs._limits, KIND, lambda arguments: jobs.Limits(soft=7, hard=9))
    tasks.send(opened())
    assert (sent[0]["soft_time_limit"], sent[0]["time_limit"]) == (7, 9)


def test_ends_with_words_when_it_takes_too_long(handler, monkeypatch):
    """As the worker tells it; another run would take as long, so there is none."""
    monkeypatch.setitem(jobs._limits, KIND, lambda arguments: jobs.Limits(soft=90, hard=150))

    def hang(run):
        raise SoftTimeLimitExceeded

    handler["behave"] = hang
    job = jobs.run(opened().pk, at=timezone.now())
    assert (job.state, job.result["refused"]) == (Job.State.FAILED, "TOO_LONG")
    assert "90초 안에 끝나지 않아" in job.failure
