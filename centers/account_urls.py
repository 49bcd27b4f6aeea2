"""Account pages: password, second factor, re-authentication."""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import path

urlpatterns = [
    path("inactive/", account_views.account_inactive, name="account_inactive"),
    path("password/change/", account_views.password_change, name="account_change_password"),
    path("password/set/", account_views.password_set, name="account_set_password"),
    path("confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("second-factor/", mfa_views.index, name="mfa_index"),
    path("second-factor/check/", mfa_views.authenticate, name="mfa_authenticate"),
    path("second-factor/confirm/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/add/", totp_views.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery_views.download_recovery_codes, name="mfa_download_recovery_codes"),
]
