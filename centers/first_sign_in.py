"""Codes for the first sign-in: shown once on paper, good for two weeks, worth nothing but a new password.

No password travels by mail. Until the person has set a password of their own, the code opens only the
page that asks for it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from centers.models import User
from centers.personnel import is_district_wide
from common.refusals import Refusal

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like another sign on paper
GROUPS, GROUP = 4, 4
GOOD_FOR = dt.timedelta(days=14)


class HasPassword(Refusal):
    code = "HAS_PASSWORD"


class DistrictWide(Refusal):
    code = "DISTRICT_WIDE"


@dataclass(frozen=True)
class Issued:
    """A code as it is shown once; only its digest is kept."""

    user: User
    code: str
    until: dt.datetime


def waiting(users) -> Iterable[User]:
    """Of a queryset of accounts, those whose owner has not set a password yet."""
    return [user for user in users if user.is_active and (user.setup_until or not user.has_usable_password())]


def issue(users: Iterable[User], *, at: dt.datetime) -> list[Issued]:
    """A new code for each account; earlier codes stop working. Raises `HasPassword`."""
    issued = []
    for user in users:
        if user.setup_until is None and user.has_usable_password():
            raise HasPassword(f"{user.name} 님은 이미 비밀번호를 정했습니다. 목록에서 빼고 다시 만들어 주세요.")
        code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
        user.password, user.setup_until = make_password(code), at + GOOD_FOR
        user.save(update_fields=["password", "setup_until"])
        issued.append(Issued(user, code, user.setup_until))
    return issued


def renew(user: User, *, at: dt.datetime) -> Issued:
    """For somebody who forgot the password: the old one stops working, a code takes its place.

    Raises `DistrictWide`: whoever could replace the password of an account that reaches the whole district
    would hold its rights alone.
    """
    if any(is_district_wide(posting.role) for posting in user.postings.exclude(valid_to__lte=at.date())):
        raise DistrictWide(
            f"{user.name} 님의 계정은 구 전체를 봅니다. 혼자서 새 코드를 만들 수 없으니, 시스템 운영 담당에게 서버에서"
            " 비밀번호를 바꾸어 달라고 요청해 주세요."
        )
    user.setup_until = at
    return issue([user], at=at)[0]


def is_over(user: User, at: dt.datetime) -> bool:
    """The code was not used in time."""
    return user.setup_until is not None and user.setup_until <= at
