"""The database of the tests, copied from one that was migrated before.

Migrating takes many times longer than copying. The copy's original stays on the server under a name
made of everything that shapes it, so parallel test processes, and runs on servers that stay up, share it.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from psycopg import sql

PREFIX = "migrated_"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, request):
    test = connections["default"].settings_dict["TEST"]
    keeps = request.config.option.reuse_db and not request.config.option.create_db
    with only_one_at_a_time() as server:
        if not (keeps and exists(server, test["NAME"] or f"test_{settings.DATABASES['default']['NAME']}")):
            test["TEMPLATE"] = migrated_database(server)


def migrated_database(server: psycopg.Connection) -> str:
    """Name of a database with today's tables and no rows; makes it when there is none."""
    name = PREFIX + fingerprint()
    if not exists(server, name):
        for (old,) in server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]):
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))
        unfinished = f"{PREFIX}unfinished"
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": sibling_url(unfinished)},
            check=True,
        )
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def fingerprint() -> str:
    """Changes with the migrations, the packages that bring some, and the month (the access log's tables)."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256(timezone.localdate().strftime("%Y-%m").encode())
    for path in sorted([*root.glob("*/migrations/*.py"), root / "requirements" / "dev.txt"]):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def exists(server: psycopg.Connection, name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


@contextmanager
def only_one_at_a_time() -> Iterator[psycopg.Connection]:
    """A connection beside the tests' database, while no other test process prepares its own."""
    with psycopg.connect(sibling_url("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        yield server


def sibling_url(name: str) -> str:
    """The server of `DATABASE_URL`, another database."""
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
