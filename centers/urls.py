"""Pages of the centers floor."""

from django.urls import path

from centers.views import accounts, dongs, facilities, jobs

urlpatterns = [
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/first-codes/", accounts.first_codes, name="account_first_codes"),
    path("accounts/requests/<uuid:uid>/", accounts.decide, name="account_request"),
    path("accounts/<uuid:uid>/", accounts.account, name="account"),
    path("accounts/<uuid:uid>/number/", accounts.account_number, name="account_number"),
    path("dongs/<slug:slug>/", dongs.dong, name="dong"),
    path("facilities/", facilities.facility_list, name="facilities"),
    path("facilities/new/", facilities.facility_new, name="facility_new"),
    path("facilities/<uuid:uid>/", facilities.facility_change, name="facility_change"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:uid>/progress/", jobs.progress, name="job_progress"),
    path("jobs/<uuid:uid>/retry/", jobs.retry, name="job_retry"),
]
