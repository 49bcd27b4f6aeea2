"""Pages of the staffing floor."""

from django.urls import path

from staffing.views import headcount, hiring, posts

urlpatterns = [
    path("staffing/", headcount.staffing, name="staffing"),
    path("staffing/hiring/", hiring.hiring_plan, name="staffing_hiring"),
    path("staffing/posts/<uuid:uid>/", posts.appoint, name="staffing_appoint"),
    path("staffing/posts/<uuid:uid>/vacate/", posts.vacate, name="staffing_vacate"),
    path("staffing/<slug:slug>/", posts.center, name="staffing_dong"),
]
