"""Uploaded lists at rest: sealed, under a name nobody can guess, gone as soon as they are not needed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

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


class Keeper:
    """Takes a file block by block and stores it sealed. Raises `FileTooLarge` from `add`."""

    def __init__(self) -> None:
        self.name, self.size = uuid.uuid4().hex, 0
        self._digest, self._sealer = hashlib.sha256(), encryption.FileSealer(CONTEXT)
        self._file = os.fdopen(os.open(folder() / self.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(self._sealer.head)

    def add(self, block: bytes) -> None:
        self.size += len(block)
        if self.size > settings.IMPORT_MAX_BYTES:
            self.abandon()
            raise FileTooLarge(
                f"파일이 {settings.IMPORT_MAX_BYTES >> 20} MB를 넘습니다. 필요한 시트만 남기거나 동별로 나누어 올려 주세요."
            )
        self._digest.update(block)
        self._file.write(self._sealer.add(block))

    def finish(self) -> Kept:
        self._file.write(self._sealer.finish())
        self._file.close()
        return Kept(self.name, self.size, self._digest.hexdigest())

    def abandon(self) -> None:
        self._file.close()
        erase(self.name)


@dataclass(frozen=True)
class Kept:
    """A stored file: its name in the folder, size in bytes, sha256 of the plain content."""

    name: str
    size: int
    sha256: str


def keep(blocks: Iterable[bytes]) -> Kept:
    """Store a file sealed. Raises `FileTooLarge`."""
    keeper = Keeper()
    try:
        for block in blocks:
            keeper.add(block)
        return keeper.finish()
    except BaseException:
        keeper.abandon()
        raise


class SealedUploadHandler(FileUploadHandler):
    """Seals an upload while it arrives, so that no clear copy touches a disk."""

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.keeper, self.refusal = Keeper(), None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.refusal is None:
            try:
                self.keeper.add(raw_data)
            except FileTooLarge as refusal:
                self.refusal = refusal

    def file_complete(self, file_size: int) -> SealedUpload:
        upload = SealedUpload(
            file=None, name=self.file_name, content_type=self.content_type, size=file_size, charset=self.charset
        )
        upload.refusal = self.refusal
        upload.kept = None if self.refusal else self.keeper.finish()
        return upload

    def upload_interrupted(self) -> None:
        self.keeper.abandon()


class SealedUpload(UploadedFile):
    """An uploaded file that is already at rest: `kept`, or the `refusal` that stopped it."""

    kept: Kept | None
    refusal: FileTooLarge | None


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
