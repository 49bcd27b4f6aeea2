"""Columns that only the application can read: AES-256-GCM with key ids, and a keyed blind index.

A value is `key id:base64(nonce + ciphertext)`. The context (which column) is bound into the
ciphertext, so a cell copied into another column does not open. Keys rotate by id: the first key
of the setting seals, every key opens. A validated module (KCMVP) would replace `seal` and `unseal`.
"""

import base64
import functools
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

NONCE_BYTES = 12
HMAC_BLOCK = 64


class Unreadable(Exception):
    """The key is missing, or the value was moved or changed."""


@functools.lru_cache(maxsize=8)
def _keyring(written: tuple[str, ...]) -> dict[str, AESGCM]:
    keys = {}
    for entry in written:
        name, _, body = entry.partition(":")
        raw = base64.b64decode(body, validate=True)
        if len(raw) != 32 or not name:
            raise ImproperlyConfigured("FIELD_KEYS holds `id:base64 of 32 bytes`, separated by commas")
        keys[name] = AESGCM(raw)
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: encrypted columns need a key")
    return keys


def seal(text: str, context: str) -> str:
    """Encrypt `text` for the column named by `context`."""
    name, key = next(iter(_keyring(tuple(settings.FIELD_KEYS)).items()))
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + key.encrypt(nonce, text.encode(), context.encode())
    return f"{name}:{base64.b64encode(body).decode()}"


def unseal(token: str, context: str) -> str:
    """Decrypt what `seal` made for the same context. Raises `Unreadable`."""
    name, _, body = token.partition(":")
    try:
        raw = base64.b64decode(body, validate=True)
        key = _keyring(tuple(settings.FIELD_KEYS))[name]
        return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
    except (KeyError, ValueError, InvalidTag) as fault:
        raise Unreadable(f"a value of {context} cannot be opened with the keys at hand") from fault


def blind_index(text: str, context: str) -> str:
    """A keyed digest (HMAC-SHA-256, 64 hex) for exact look-up of a value that is stored sealed."""
    canonical = (text if text.isalnum() else "".join(c for c in text if c.isalnum())).lower()
    inner, outer = _begun(settings.BLIND_INDEX_KEY, context)
    inner, outer = inner.copy(), outer.copy()
    inner.update(canonical.encode())
    outer.update(inner.digest())
    return outer.hexdigest()


@functools.lru_cache(maxsize=32)
def _begun(key: str, context: str) -> tuple[Any, Any]:
    """Both hashes of an HMAC (RFC 2104) as far as they are the same for every value: a list has half a million."""
    raw = key.encode()
    raw = (hashlib.sha256(raw).digest() if len(raw) > HMAC_BLOCK else raw).ljust(HMAC_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in raw)) for pad in (0x36, 0x5C))
    inner.update(f"{context}:".encode())
    return inner, outer


FILE_BLOCK = 1 << 20


class FileSealer:
    """Encrypts a file while it streams by; blocks cannot be left out, moved or cut off unnoticed."""

    def __init__(self, context: str) -> None:
        name, self._key = next(iter(_keyring(tuple(settings.FIELD_KEYS)).items()))
        self._context, self._prefix = context, os.urandom(NONCE_BYTES - 4)
        self._held, self._number = bytearray(), 0
        self.head = struct.pack(">B", len(name)) + name.encode() + self._prefix

    def add(self, block: bytes) -> bytes:
        """Ciphertext that is complete so far."""
        self._held += block
        sealed = b""
        while len(self._held) > FILE_BLOCK:
            sealed += self._seal(bytes(self._held[:FILE_BLOCK]), is_last=False)
            del self._held[:FILE_BLOCK]
        return sealed

    def finish(self) -> bytes:
        return self._seal(bytes(self._held), is_last=True)

    def _seal(self, block: bytes, *, is_last: bool) -> bytes:
        nonce = self._prefix + struct.pack(">I", self._number)
        self._number += 1
        return self._key.encrypt(nonce, block, _block_facts(self._context, is_last=is_last))


def unseal_blocks(file: BinaryIO, context: str) -> Iterator[bytes]:
    """Decrypt what a `FileSealer` wrote for the same context. Raises `Unreadable`."""
    head = file.read(1)
    name = file.read(head[0]).decode(errors="replace") if head else ""
    prefix = file.read(NONCE_BYTES - 4)
    key = _keyring(tuple(settings.FIELD_KEYS)).get(name)
    block, number = file.read(FILE_BLOCK + 16), 0
    try:
        while key and block:
            following = file.read(FILE_BLOCK + 16)
            yield key.decrypt(prefix + struct.pack(">I", number), block, _block_facts(context, is_last=not following))
            block, number = following, number + 1
    except (InvalidTag, ValueError, struct.error) as fault:
        raise Unreadable(f"a file of {context} cannot be opened with the keys at hand") from fault
    if not number:
        raise Unreadable(f"a file of {context} cannot be opened with the keys at hand")


def _block_facts(context: str, *, is_last: bool) -> bytes:
    return f"{context}:{'last' if is_last else 'more'}".encode()


class SealedTextField(models.TextField):
    """Text at rest as ciphertext. `context` is explicit because history tables repeat the column."""

    def __init__(self, *args, context: str, **kwargs):
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"context": self.context}

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value if value in (None, "") else seal(value, self.context)

    def from_db_value(self, value, expression, connection):
        return value if value in (None, "") else unseal(value, self.context)


class SealedJSONField(SealedTextField):
    """A JSON value at rest as ciphertext; empty column means an empty dict."""

    def get_prep_value(self, value):
        if value in (None, "", {}):
            return ""
        return seal(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True), self.context)

    def from_db_value(self, value, expression, connection):
        return {} if value in (None, "") else json.loads(unseal(value, self.context))

    def to_python(self, value):
        return {} if value in (None, "") else value
