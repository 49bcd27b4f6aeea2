"""Sign-in: no sign-up, one answer for known and unknown names, a lock after five failures (고시 제5조⑥)."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from centers import access_log, first_sign_in
from centers.models import User
from common.months import seoul_date


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs):
        """Turn away who has left, and a code for the first sign-in whose time is over."""
        now = timezone.now()
        if user.has_left_on(seoul_date(now)) or first_sign_in.is_over(user, now):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def set_password(self, user: User, password: str) -> None:
        """A password of one's own ends the code for the first sign-in."""
        user.setup_until = None
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")


def name_tried(request, credentials=None) -> str:
    """The account name of a try, from whichever form it came."""
    credentials = credentials or {}
    form = request.POST if request is not None else {}
    name = credentials.get("username") or credentials.get("login") or form.get("login") or form.get("username") or ""
    return str(name).strip()[:150]


def locked_out(request, credentials, *args, **kwargs):
    """Answer of a locked account; the same for names that do not exist."""
    return render(request, "lockout.html", status=429)


def _log(action: str, outcome: str):
    def receiver(sender, request=None, user=None, credentials=None, **kwargs):
        if request is None:
            return
        name = {"username_tried": str((credentials or {}).get("username", ""))[:150]} if user is None else {}
        access_log.record(
            user=user, action=action, resource="user", outcome=outcome, detail=name, **access_log.origin(request)
        )

    return receiver


def log_sign_ins() -> None:
    """Write sign-in, sign-out and failure to the access log (Django offers these only as signals)."""
    for signal, action, outcome in (
        (user_logged_in, "account.login", "ok"),
        (user_logged_out, "account.logout", "ok"),
        (user_login_failed, "account.login", "failed"),
    ):
        signal.connect(_log(action, outcome), weak=False, dispatch_uid=f"centers.{action}.{outcome}")
