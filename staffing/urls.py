"""Pages of the staffing floor."""

urlpatterns = []
