"""The worker of the tests takes work from the real broker."""

from django.core.cache import cache

from centers.tasks import HEARTBEAT, record_heartbeat


def test_does_what_was_queued(worker, eventually):
    record_heartbeat.delay()
    assert eventually(lambda: cache.get(HEARTBEAT))
