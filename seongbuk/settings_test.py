"""Settings of the tests: the real parts, with a Valkey database for each test process."""

import os
from urllib.parse import urlsplit, urlunsplit

from devstack.environment import read_services_env

read_services_env()
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1")[2:]) + 1
if "REDIS_URL" in os.environ and not os.environ.get("SEONGBUK_TEST_REDIS"):
    _parts = urlsplit(os.environ["REDIS_URL"])
    _base = int(_parts.path.strip("/") or 0)
    os.environ["REDIS_URL"] = urlunsplit(_parts._replace(path=f"/{(_base + _worker) % 64}"))
    os.environ["SEONGBUK_TEST_REDIS"] = "1"

from .settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
CONN_MAX_AGE = 0
