"""Databases of the benchmarks, beside the one of the application: made once, filled through the import engine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def own_database(name: str) -> None:
    """Name a database for the benchmark alone in the environment, migrated and with reference data."""
    import psycopg
    from psycopg import sql

    from devstack.environment import read_services_env

    read_services_env()
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = f"{base}/{name}"
    for command in (["migrate", "-v0"], ["load_reference"]):
        subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL, cwd=PROJECT)


def filled_register(rows: int) -> None:
    """`own_database` with a register of that many invented people; kept for the next benchmark of the same size."""
    from bench.imports import register

    own_database(f"bench_register_{rows}")
    if _people() > rows * 0.99:  # a few rows of the invented list repeat each other
        return
    print(f"filling a register of {rows:,} people …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = register.write_csv(Path(folder) / "register.csv", register.people(rows))
        subprocess.run(
            [sys.executable, "-m", "bench.imports.cases", "staged_fresh", str(path)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=PROJECT,
            env=os.environ | {"PRIVATE_FILES": f"{folder}/files"},
        )
    _settle()


def _people() -> int:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return connection.execute("SELECT count(*) FROM planners_person").fetchone()[0]


def _settle() -> None:
    """What autovacuum does within the hour after a large import."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE planners_person")
