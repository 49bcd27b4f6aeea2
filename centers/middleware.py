"""Gives every request its scope, its access note and its idle limit."""

from __future__ import annotations

import time
import uuid

from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from centers import access_log
from centers.access import AccessNote, Scope
from common.months import seoul_date
from common.refusals import Refusal

SEEN = "seen_at"
NOT_ACTIVITY = {"job_progress"}
#: what somebody who signed in with the code for the first sign-in may open
BEFORE_A_PASSWORD = {"account_change_password", "account_logout", "stay", "health_live", "health_ready"}


class ScopeMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = uuid.uuid4()
        if "%00" in (asked := request.META.get("QUERY_STRING", "")):
            request.META["QUERY_STRING"] = asked.replace("%00", "")  # PostgreSQL takes no null byte
        request.access = AccessNote()
        if request.user.is_authenticated:
            self._end_session_of_leaver(request)
            self._end_idle_session(request)
        request.scope = SimpleLazyObject(lambda: Scope.of(request.user, seoul_date(timezone.now())))
        response = self.get_response(request)
        if facts := getattr(request, "refused_access", None):
            access_log.write_after_rollback(facts)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request, view, args, kwargs):
        if request.user.is_authenticated and request.resolver_match.view_name not in NOT_ACTIVITY:
            now = int(time.time())
            if now - request.session.get(SEEN, 0) > 30:
                request.session[SEEN] = now
        has_only_a_code = request.user.is_authenticated and request.user.setup_until is not None
        if has_only_a_code and request.resolver_match.view_name not in BEFORE_A_PASSWORD:
            return redirect("account_change_password")
        return None

    def process_exception(self, request, exception):
        """A refusal that no view put into a form: its sentence on a page of its own, nothing changed."""
        if isinstance(exception, Refusal):
            return render(request, "refused.html", {"message": exception.message}, status=422)
        return None

    def _end_session_of_leaver(self, request) -> None:
        if request.user.has_left_on(seoul_date(timezone.now())):
            logout(request)

    def _end_idle_session(self, request) -> None:
        seen = request.session.get(SEEN)
        if seen and time.time() - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
