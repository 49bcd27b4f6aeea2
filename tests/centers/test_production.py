"""Production starts only with keys of its own and without anything of the demo."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from seongbuk import production
from tests import factories as f

OWN = {
    "SEONGBUK_MODE": "production",
    "SECRET_KEY": "a-secret-of-this-office-only",
    "FIELD_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "BLIND_INDEX_KEY": "another-secret-of-this-office",
    "ALLOWED_HOSTS": "welfare.example.go.kr",
    "DEBUG": "false",
}


def start(**changes) -> subprocess.CompletedProcess:
    """Load the settings as a server would."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgres://a@127.0.0.1/a",
        "REDIS_URL": "redis://127.0.0.1/0",
    }
    environment |= {key: value for key, value in (OWN | changes).items() if value is not None}
    code = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'seongbuk.settings'; django.setup()"
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60
    )


def test_starts_with_keys_of_its_own():
    assert start().returncode == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": settings.DEMO_SECRET}, "demo secret"),
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"FIELD_KEYS": settings.DEMO_FIELD_KEY}, "FIELD_KEYS holds the demo key"),
        ({"FIELD_KEYS": None}, "FIELD_KEYS is missing"),
        ({"BLIND_INDEX_KEY": None}, "BLIND_INDEX_KEY is missing"),
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is missing"),
    ],
)
def test_refuses_and_says_which(changes, named):
    done = start(**changes)
    assert done.returncode != 0
    assert named in done.stderr


@pytest.mark.django_db
def test_refuses_a_demo_account_that_can_sign_in():
    production.refuse_demo_accounts()
    f.UserFactory(username="lead", is_demo=True)
    with pytest.raises(ImproperlyConfigured, match="lead"):
        production.refuse_demo_accounts()
