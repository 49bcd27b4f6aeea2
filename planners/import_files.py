"""Uploaded lists at rest: sealed, under a name nobody can guess, gone as soon as they are not needed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from common import encryption
from common.refusals import Refusal

CONTEXT = "import.file"
READ = 1 << 20


class FileTooLarge(Refusal):
    code = "FILE_TOO_LARGE"


def folder() -> Path:
    path = Path(settings.PRIVATE_FILES) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(blocks: Iterable[bytes]) -> tuple[str, int, str]:
    """Store a file sealed; returns (name, size in bytes, sha256). Raises `FileTooLarge`."""
    digest, size = hashlib.sha256(), 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for block in blocks:
            size += len(block)
            if size > settings.IMPORT_MAX_BYTES:
                raise FileTooLarge(
                    f"파일이 {settings.IMPORT_MAX_BYTES >> 20} MB를 넘습니다. 필요한 시트만 남기거나 동별로 나누어 올려 주세요."
                )
            digest.update(block)
            yield block

    name = uuid.uuid4().hex
    path = folder() / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for block in encryption.seal_blocks(measured(), CONTEXT):
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name, size, digest.hexdigest()


def blocks_of(name: str) -> Iterator[bytes]:
    """The plain content, a block at a time."""
    with (folder() / name).open("rb") as file:
        yield from encryption.unseal_blocks(file, CONTEXT)


@contextlib.contextmanager
def opened(name: str) -> Iterator[int]:
    """A descriptor of the plain content that has no name on any disk."""
    fd = os.memfd_create("import")
    try:
        for block in blocks_of(name):
            os.write(fd, block)
        os.lseek(fd, 0, os.SEEK_SET)
        yield fd
    finally:
        os.close(fd)


def exists(name: str) -> bool:
    return bool(name) and (folder() / name).exists()


def erase(name: str) -> None:
    """Overwrite and remove; the content was sealed anyway."""
    if not name:
        return
    path = folder() / name
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(b"\0" * min(path.stat().st_size, READ))
        path.unlink()


def erase_strays(known: set[str], *, older_than: float) -> int:
    """Remove files no batch knows, written before a moment (seconds since 1970)."""
    strays = [p for p in folder().iterdir() if p.is_file() and p.name not in known and p.stat().st_mtime < older_than]
    for path in strays:
        erase(path.name)
    return len(strays)


def upload_blocks(path: str | os.PathLike) -> Iterator[bytes]:
    """Blocks of a file on this machine."""
    with Path(path).open("rb") as file:
        while block := file.read(READ):
            yield block
