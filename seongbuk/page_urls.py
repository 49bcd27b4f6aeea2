"""Pages that see several floors at once: home pages, dashboards, reports, access records."""

from django.urls import path

from seongbuk.views import dashboards, figures, lead, privacy, reports

urlpatterns = [
    path("imports/<uuid:uid>/differences/", figures.decisions, name="figure_decisions"),
    path("lead/", lead.lead_home, name="lead_home"),
    path("dashboard/", dashboards.dashboard, name="dashboard"),
    path("dashboard/indicators/", dashboards.figure_definitions, name="figure_definitions"),
    path("dashboard/count-again/", dashboards.count_again, name="figure_count_again"),
    path("dashboard/list/<slug:key>/", dashboards.figure_list, name="figure_list"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/<slug:name>/", reports.report, name="report"),
    path("reports/<slug:name>/export/", reports.export, name="report_export"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/mine/", privacy.my_history, name="my_access_history"),
]
