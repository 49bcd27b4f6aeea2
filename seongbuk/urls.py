"""Every page of the product. Each app keeps its own urls; this page only puts them together."""

from allauth.account import views as account_views
from django.conf import settings
from django.urls import include, path

from seongbuk.views import health, home, sign_out

urlpatterns = [
    path("", home.home, name="home"),
    path("no-posting/", home.no_posting, name="no_posting"),
    path("stay/", home.stay, name="stay"),
    path("healthz/live", health.live, name="health_live"),
    path("healthz/ready", health.ready, name="health_ready"),
    path("login/", account_views.login, name="account_login"),
    path("logout/", sign_out.sign_out, name="account_logout"),
    path("account/", include("centers.account_urls")),
    path("", include("centers.urls")),
    path("", include("planners.urls")),  # before staffing, whose last pattern takes any name for a dong
    path("", include("staffing.urls")),
    path("", include("governance.urls")),
    path("", include("casemgmt.urls")),
    path("", include("seongbuk.page_urls")),
]

if settings.IS_DEMO:
    from seongbuk.views import styleguide

    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))

handler403 = "seongbuk.views.errors.forbidden"
handler404 = "seongbuk.views.errors.not_found"
handler500 = "seongbuk.views.errors.broken"
