"""Settings of the tests: the real parts, with a Valkey database for each test process."""

import os
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

from devstack.environment import read_services_env

read_services_env()
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    raise ImproperlyConfigured("the tests need servers: `make test`, or `make services` before calling pytest yourself")

# Test processes empty their database between tests: it must be nobody else's, neither another
# process's nor the one that the environment names. Processes started by xdist inherit the environment.
_given = urlsplit(os.environ.setdefault("SEONGBUK_TEST_REDIS", os.environ["REDIS_URL"]))
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw"))
_database = (int(_given.path.strip("/") or 0) + 2 + _process) % 64
os.environ["REDIS_URL"] = urlunsplit(_given._replace(path=f"/{_database}"))

from .settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  (threads of a test must not hold its database)
