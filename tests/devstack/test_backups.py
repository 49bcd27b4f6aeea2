"""A backup is restored for real: another database on the server, another folder for the files."""

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from tests import factories as f
from tests.database import sibling_url

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_KEY = "k9:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def here(tmp_path):
    """This test's database, with a folder of stored files."""
    (tmp_path / "files" / "imports").mkdir(parents=True)
    (tmp_path / "files" / "imports" / "one.sealed").write_bytes(os.urandom(3 << 20))
    return {
        "DATABASE_URL": sibling_url(connection.settings_dict["NAME"]),
        "PRIVATE_FILES": str(tmp_path / "files"),
    }


@pytest.fixture
def elsewhere(tmp_path):
    """An instance that nobody has used: not even migrated."""
    name = f"restored_{os.getpid()}"
    with psycopg.connect(sibling_url("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {"DATABASE_URL": sibling_url(name), "PRIVATE_FILES": str(tmp_path / "restored")}
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def run(place: dict, *words: str, **more: str) -> tuple[int, dict]:
    """Exit code and answer of a management command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words, "--json"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "seongbuk.settings"} | place | more,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def value(place: dict, query: str):
    with psycopg.connect(place["DATABASE_URL"]) as there:
        return there.execute(query).fetchone()[0]


def test_brings_back_every_row_and_file_elsewhere(here, elsewhere, tmp_path):
    f.PersonFactory.create_batch(3)
    path = tmp_path / "monday.backup"

    code, written = run(here, "backup", str(path))
    assert code == 0
    assert written["files"] == 1
    assert written["rows"] > 3

    code, restored = run(elsewhere, "restore", str(path))
    assert (code, restored["differs"]) == (0, [])
    assert [restored[count] for count in ("tables", "rows", "files")] == [
        written[count] for count in ("tables", "rows", "files")
    ]
    assert value(elsewhere, "SELECT count(*) FROM planners_person") == 3
    assert (tmp_path / "restored/imports/one.sealed").read_bytes() == (
        tmp_path / "files/imports/one.sealed"
    ).read_bytes()
    assert value(elsewhere, "SELECT action FROM centers_accesslog ORDER BY id DESC LIMIT 1") == "backup.restore"


def test_shows_nothing_of_a_person_in_the_file(here, tmp_path):
    person = f.PersonFactory()
    path = tmp_path / "monday.backup"
    run(here, "backup", str(path))
    assert person.name.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_opens_with_nothing_but_its_key(here, elsewhere, tmp_path):
    path = tmp_path / "monday.backup"
    run(here, "backup", str(path))
    assert run(elsewhere, "restore", str(path), FIELD_KEYS=OTHER_KEY)[1]["refused"] == "BACKUP_UNREADABLE"


def test_changes_nothing_when_the_file_was_cut(here, elsewhere, tmp_path):
    path = tmp_path / "monday.backup"
    run(here, "backup", str(path))
    path.write_bytes(path.read_bytes()[:-1000])
    code, answer = run(elsewhere, "restore", str(path))
    assert (code, answer["refused"]) == (1, "BACKUP_UNREADABLE")
    assert value(elsewhere, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0


def test_never_restores_over_people(here, tmp_path):
    person = f.PersonFactory()
    path = tmp_path / "monday.backup"
    run(here, "backup", str(path))
    code, answer = run(here, "restore", str(path))
    assert (code, answer["refused"]) == (1, "NOT_EMPTY")
    person.refresh_from_db()


def test_takes_the_place_of_reference_data_in_an_unused_instance(here, elsewhere, tmp_path):
    path = tmp_path / "monday.backup"
    run(here, "backup", str(path))
    with psycopg.connect(elsewhere["DATABASE_URL"]) as there:
        there.execute("CREATE TABLE centers_user (id int)")
    assert run(elsewhere, "restore", str(path))[0] == 0


def test_overwrites_no_older_backup(here, tmp_path):
    path = tmp_path / "monday.backup"
    path.write_bytes(b"older")
    code, answer = run(here, "backup", str(path))
    assert (code, answer["refused"]) == (1, "BACKUP_EXISTS")
    assert path.read_bytes() == b"older"
