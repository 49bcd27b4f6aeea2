"""Pages of the governance floor."""

urlpatterns = []
