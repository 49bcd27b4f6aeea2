"""Pages of the casemgmt floor."""

urlpatterns = []
