"""A backup is one encrypted file: the whole database and every stored file, with what to check after restoring.

Plain text never touches the disk. Inside the encryption (AES-256-GCM in blocks, the keyring of `FIELD_KEYS`)
is a tar stream: `database/…` are the pieces of a pg_dump in custom format, `files/…` the stored files,
and `manifest.json`, last, holds rows and checksum of every table, read in the snapshot of the dump.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from common import encryption
from common.refusals import Refusal

CONTEXT = "backup"
DATABASE, FILES, MANIFEST = "database/", "files/", "manifest.json"
PIECE_BYTES = 4 << 20
#: who was signed in is nobody's to restore
LEFT_OUT = ("django_session",)
#: the same text for a value on every server
PLAIN_TEXT = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1;"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> ALL(%s) ORDER BY c.relname
"""


class BackupFailed(Refusal):
    code = "BACKUP_FAILED"


class BackupExists(Refusal):
    code = "BACKUP_EXISTS"


class BackupUnreadable(Refusal):
    code = "BACKUP_UNREADABLE"


class NotEmpty(Refusal):
    code = "NOT_EMPTY"


class RestoreDiffers(Refusal):
    code = "RESTORE_DIFFERS"


@dataclass
class Manifest:
    """What a backup holds: table -> [rows, checksum], file -> SHA-256."""

    made_at: str
    tables: dict[str, list] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "tables": len(self.tables),
            "rows": sum(rows for rows, _ in self.tables.values()),
            "files": len(self.files),
        }


def write(path: Path, *, at: dt.datetime) -> dict:
    """Write a backup to `path`, which must not exist; a name beside it is used until it is complete."""
    if path.exists():
        raise BackupExists(f"{path} 파일이 이미 있습니다. 다른 이름을 적어 주세요.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            sealed = _Sealed(out)
            with tarfile.open(fileobj=sealed, mode="w|", bufsize=1 << 20) as archive:
                manifest = _fill(archive, at)
            sealed.finish()
            os.fsync(out.fileno())
        partial.rename(path)
    except OSError as fault:
        raise BackupFailed(f"백업 파일을 쓸 수 없습니다: {fault.strerror}. 자리와 권한을 확인해 주세요.") from fault
    finally:
        partial.unlink(missing_ok=True)
    return {"path": str(path), "made_at": manifest.made_at, **manifest.counts, "bytes": path.stat().st_size} | {
        "sha256": sealed.digest.hexdigest()
    }


def restore(path: Path) -> dict:
    """Restore a backup into an instance without accounts, residents and files, and compare every table and file.

    The file is read to its end before anything is written, so a cut or foreign one changes nothing.
    """
    manifest = _manifest_of(path)
    refuse_unless_empty()
    _clear_tables()
    _pour(path)
    now = _tables_now()
    differs = sorted(name for name, facts in manifest.tables.items() if now.get(name) != facts)
    differs += sorted(name for name, digest in manifest.files.items() if _digest(_stored(name)) != digest)
    if differs:
        raise RestoreDiffers(f"되살린 내용이 백업과 다릅니다: {', '.join(differs[:10])}. 이 저장소를 쓰지 마세요.")
    return {"path": str(path), "made_at": manifest.made_at, **manifest.counts, "differs": differs}


def refuse_unless_empty() -> None:
    """Raise `NotEmpty` where accounts, residents or stored files exist."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in ("centers_user", "planners_person"):
            if table in tables:
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
                if cursor.fetchone():
                    raise NotEmpty("여기에는 이미 자료가 있습니다. 빈 데이터베이스를 가리키고 다시 해 주세요.")
    if next(_stored_files(), None):
        raise NotEmpty(f"파일 폴더 {settings.PRIVATE_FILES} 가 비어 있지 않습니다. 빈 폴더를 가리켜 주세요.")


# ---------------------------------------------------------------- out


def _fill(archive: tarfile.TarFile, at: dt.datetime) -> Manifest:
    manifest = Manifest(made_at=at.isoformat(timespec="seconds"))
    with _snapshot() as (snapshot, cursor):
        dump = [*_command("pg_dump"), "--format=custom", "--compress=gzip:1", f"--snapshot={snapshot}"]
        dump += [f"--exclude-table-data={table}" for table in LEFT_OUT]
        with _running(dump, stdout=subprocess.PIPE) as process:
            for number, piece in enumerate(iter(lambda: process.stdout.read(PIECE_BYTES), b""), 1):
                _add(archive, f"{DATABASE}{number:06}", piece)
        manifest.tables = _checksums(cursor)
    for file in _stored_files():
        name = file.relative_to(settings.PRIVATE_FILES).as_posix()
        try:
            body = file.read_bytes()  # at most the size of one upload
        except FileNotFoundError:
            continue  # forgotten meanwhile
        manifest.files[name] = hashlib.sha256(body).hexdigest()
        _add(archive, FILES + name, body)
    _add(archive, MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False).encode())
    return manifest


@contextmanager
def _snapshot() -> Iterator[tuple]:
    """A connection beside ours that sees one moment, and the name under which pg_dump sees the same."""
    beside = connections.create_connection("default")
    try:
        with beside.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0], cursor
    finally:
        beside.close()


def _checksums(cursor) -> dict[str, list]:
    """Rows and an order-free sum of row hashes for every table that a backup holds."""
    cursor.execute(PLAIN_TEXT)
    cursor.execute(TABLES, [list(LEFT_OUT)])
    found = {}
    for (table,) in cursor.fetchall():
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {name} t")  # noqa: S608
        found[table] = list(cursor.fetchone())
    return found


def _add(archive: tarfile.TarFile, name: str, body: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(body)
    archive.addfile(entry, io.BytesIO(body))


class _Sealed:
    """Encrypts what is written to it."""

    def __init__(self, out) -> None:
        self._out, self._sealer, self.digest = out, encryption.FileSealer(CONTEXT), hashlib.sha256()
        self._put(self._sealer.head)

    def write(self, block: bytes) -> int:
        self._put(self._sealer.add(block))
        return len(block)

    def finish(self) -> None:
        self._put(self._sealer.finish())

    def _put(self, sealed: bytes) -> None:
        self.digest.update(sealed)
        self._out.write(sealed)


# ---------------------------------------------------------------- in


def _entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bodies in the order in which they were written. Raises `BackupUnreadable`."""
    try:
        with open(path, "rb") as file, tarfile.open(fileobj=_Opened(file), mode="r|", bufsize=1 << 20) as archive:
            for entry in archive:
                yield entry.name, archive.extractfile(entry).read()
    except FileNotFoundError as fault:
        raise BackupUnreadable(f"{path} 파일이 없습니다. 경로를 확인해 주세요.") from fault
    except (OSError, tarfile.TarError, encryption.Unreadable) as fault:
        raise BackupUnreadable(
            "백업을 열 수 없습니다. 파일이 잘렸거나, 그때 쓰던 FIELD_KEYS 열쇠가 없습니다."
        ) from fault


class _Opened:
    """Decrypts what is read from it; raises `encryption.Unreadable`."""

    def __init__(self, file) -> None:
        self._blocks, self._held = encryption.unseal_blocks(file, CONTEXT), b""

    def read(self, size: int) -> bytes:
        while len(self._held) < size:
            block = next(self._blocks, None)
            if block is None:
                break
            self._held += block
        piece, self._held = self._held[:size], self._held[size:]
        return piece


def _manifest_of(path: Path) -> Manifest:
    """Read the file to its end and return what it says it holds."""
    last = deque(_entries(path), maxlen=1)
    if not last or last[0][0] != MANIFEST:
        raise BackupUnreadable("백업이 끝까지 쓰이지 않았습니다. 다른 백업을 골라 주세요.")
    return Manifest(**json.loads(last[0][1]))


def _clear_tables() -> None:
    """Tables of a migrated but unused instance make room for those of the backup."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()  # what it had prepared is gone


def _pour(path: Path) -> None:
    pour = [*_command("pg_restore"), "--exit-on-error", "--single-transaction", "--no-owner"]
    with _running(pour, stdin=subprocess.PIPE) as process:
        for name, body in _entries(path):
            if name.startswith(DATABASE):
                process.stdin.write(body)
            elif name.startswith(FILES):
                target = _stored(name.removeprefix(FILES))
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                target.touch(mode=0o600)
                target.write_bytes(body)
        process.stdin.close()


def _tables_now() -> dict[str, list]:
    with _snapshot() as (_, cursor):
        return _checksums(cursor)


# ---------------------------------------------------------------- both


def _command(program: str) -> list[str]:
    """A PostgreSQL program that talks to our database."""
    folder = settings.POSTGRES_PROGRAMS
    found = str(Path(folder, program)) if folder else shutil.which(program)
    if not found:
        raise BackupFailed(f"{program} 프로그램이 없습니다. PostgreSQL 클라이언트를 설치해 주세요.")
    (_, *where, name), _ = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    return [found, *where, f"--dbname={name}"]


@contextmanager
def _running(command: list[str], **pipes) -> Iterator[subprocess.Popen]:
    """A program with the database's password in its environment; raises `BackupFailed` when it fails."""
    _, secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    process = subprocess.Popen(command, env=os.environ | (secrets or {}), stderr=subprocess.PIPE, **pipes)
    try:
        yield process
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait():
            raise BackupFailed(f"{Path(command[0]).name} 이 실패했습니다: {said[-300:]}")
    except BrokenPipeError as fault:
        said = process.stderr.read().decode(errors="replace").strip()
        raise BackupFailed(f"{Path(command[0]).name} 이 실패했습니다: {said[-300:]}") from fault
    finally:
        process.kill()
        process.wait()


def _stored_files() -> Iterator[Path]:
    return (path for path in sorted(Path(settings.PRIVATE_FILES).rglob("*")) if path.is_file())


def _stored(name: str) -> Path:
    return Path(settings.PRIVATE_FILES, name)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
