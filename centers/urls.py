"""Pages of the centers floor."""

from django.urls import path

from centers.views import jobs

urlpatterns = [
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:uid>/progress/", jobs.progress, name="job_progress"),
    path("jobs/<uuid:uid>/retry/", jobs.retry, name="job_retry"),
]
