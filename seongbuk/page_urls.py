"""Pages that see several floors at once: home pages, dashboards, reports."""

urlpatterns = []
