"""Health of the instance for watchers: alive, and ready to serve. No data, no versions."""

import datetime as dt

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers.models import Job
from centers.tasks import HEARTBEAT

JOB_LAG_SECONDS = 600


@require_GET
@login_not_required
def live(request):
    return JsonResponse({"live": True})


@require_GET
@login_not_required
@transaction.non_atomic_requests
def ready(request):
    """200 when pages can be served. Valkey and background work are reported, but pages live without them."""
    checks = {"database": _database(), "valkey": _valkey(), "beat": _beat(), "jobs": _jobs()}
    is_ready = checks["database"]
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return False


def _valkey() -> bool:
    try:
        cache.set("health", "1", timeout=5)
        return cache.get("health") == "1"
    except Exception:
        return False


def _beat() -> bool:
    try:
        return cache.get(HEARTBEAT) is not None
    except Exception:
        return False


def _jobs() -> bool:
    try:
        late = timezone.now() - dt.timedelta(seconds=JOB_LAG_SECONDS)
        return not Job.objects.filter(state=Job.State.WAITING, created_at__lt=late).exists()
    except Exception:
        return False
