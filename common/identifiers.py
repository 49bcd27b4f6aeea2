"""Identifiers that may stand in a URL: random, so that nobody can count or guess records."""

import uuid

from django.db import models


def uid_field() -> models.UUIDField:
    """The public id of a record. Primary keys stay inside."""
    return models.UUIDField("공개 번호", default=uuid.uuid4, unique=True, editable=False)
