"""Single values out of a request: what makes no sense counts as not given, and never stops a page."""

from __future__ import annotations

import datetime as dt
from uuid import UUID


def asked_uid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def asked_number(text: str | None, *, most: int = 2**31 - 1) -> int | None:
    """A whole number in plain digits, from 0 to `most`."""
    if not (text and text.isascii() and text.isdigit() and len(text) < 12):
        return None
    return int(text) if int(text) <= most else None


def asked_day(text: str | None) -> dt.date | None:
    """A day as `2026-11-28`, in the years an office has to do with."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2100 else None


def asked_version(text: str | None) -> int | None:
    """The version a page was made from. One that makes no sense is -1, no version at all: the act is refused."""
    if not text:
        return None
    seen = asked_number(text)
    return -1 if seen is None else seen
