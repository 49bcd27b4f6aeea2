"""Pages of the planners floor."""

urlpatterns = []
