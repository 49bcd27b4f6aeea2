"""The embedded servers behave as production does."""

import pytest
from django.core.cache import cache
from django.db import connection

pytestmark = pytest.mark.django_db


def answer(query: str):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def test_is_the_postgresql_of_production():
    assert connection.pg_version // 10_000 == 18


def test_gives_the_application_no_superuser():
    assert answer("SELECT usesuper FROM pg_user WHERE usename = current_user") == (False,)


def test_sees_hangul_in_trigrams():
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert len(answer("SELECT show_trgm('홍길동')")[0]) == 4


def test_sorts_hangul_in_its_own_order():
    names = answer(
        "SELECT array_agg(name ORDER BY name) FROM unnest(ARRAY['힣', '나무', '가나', '가', '하늘']) AS name"
    )
    assert names == (["가", "가나", "나무", "하늘", "힣"],)


def test_keeps_the_caches_of_test_processes_apart(settings):
    cache.set("door", "open")
    assert cache.get("door") == "open"
    assert not settings.REDIS_URL.endswith("/0")
