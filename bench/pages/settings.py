"""The application's settings; only the addresses are more."""

from seongbuk.settings import *  # noqa: F403

ROOT_URLCONF = "bench.pages.urls"
