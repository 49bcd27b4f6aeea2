"""Fixtures of all tests."""

import time
from collections.abc import Callable

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.cache import cache
from django.db import connection

from tests.browser import *  # noqa: F403
from tests.cast import *  # noqa: F403  (the cast is meant to be seen everywhere)
from tests.database import django_db_modify_db_settings  # noqa: F401


def pytest_collection_modifyitems(items):
    for item in items:
        if "page" in item.fixturenames or "context" in item.fixturenames:
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def empty_cache():
    """Locks, counters and queued work of one test do not reach the next."""
    cache.clear()


OTHERS_AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""


def wait_for_requests_under_way(cursor, *, seconds: float = 20) -> None:
    """A closed page leaves the server's threads at work: emptying tables under them would end in a deadlock."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        cursor.execute(OTHERS_AT_WORK)
        if not cursor.fetchone()[0]:
            return
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def empty_access_log(request, django_db_blocker):
    """Tests with real transactions leave rows behind; the access log itself refuses to forget them."""
    yield
    marked = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marked and marked.kwargs.get("transaction")):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            wait_for_requests_under_way(cursor)
            cursor.execute("ALTER TABLE centers_accesslog DISABLE TRIGGER insert_only_truncate")
            cursor.execute("TRUNCATE centers_accesslog")
            cursor.execute("ALTER TABLE centers_accesslog ENABLE TRIGGER insert_only_truncate")


@pytest.fixture
def worker(transactional_db):
    """A Celery worker on the real broker, in a thread that shares the test's database."""
    from seongbuk.celery import app

    app.loader.import_default_modules()
    with start_worker(
        app,
        pool="threads",
        concurrency=2,
        queues=["default", "plan"],
        perform_ping_check=False,
        loglevel="WARNING",
        shutdown_timeout=30,
    ):
        yield app


@pytest.fixture
def eventually() -> Callable:
    """Wait until a condition returns something true, and return that."""

    def wait(condition: Callable, *, seconds: float = 20):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)
        return value

    return wait
