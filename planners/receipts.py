"""Doing once what a device may send twice: each act carries a key made on the device.

The caller holds the visit's row lock, so two copies of one message wait for each other. Only acts that
succeeded leave a receipt: what was refused may be sent again under the same key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable

from django.core.serializers.json import DjangoJSONEncoder

from centers.models import User
from common.refusals import Refusal
from planners.models import Receipt, Visit


class KeyReused(Refusal):
    """The key came before with another content: the device mixed something up."""

    code = "KEY_REUSED"


def once(
    visit: Visit,
    key: uuid.UUID | None,
    *,
    act: str,
    body: dict,
    by: User,
    at: dt.datetime,
    do: Callable[[], dict],
) -> tuple[dict, bool]:
    """Do the act unless its key was seen; returns its result and whether this is a replay.

    `do` returns plain JSON without personal data. Raises `KeyReused` and whatever `do` raises.
    """
    if key is None:
        return do(), False
    digest = hashlib.sha256(
        json.dumps([visit.pk, act, by.pk, body], cls=DjangoJSONEncoder, sort_keys=True).encode()
    ).hexdigest()
    seen = Receipt.objects.filter(key=key).first()
    if seen:
        if seen.digest != digest:
            raise KeyReused("같은 열쇠로 다른 내용이 왔습니다. 화면을 새로 고친 뒤 다시 적어 주세요.")
        return seen.result, True
    result = do()
    Receipt.objects.create(key=key, visit=visit, act=act, digest=digest, result=result, by=by, at=at)
    return result, False
