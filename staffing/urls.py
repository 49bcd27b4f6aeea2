"""Pages of the staffing floor."""

from django.urls import path

from staffing.views import budgets, calendars, headcount, hiring, holidays, posts, work_weeks

urlpatterns = [
    path("staffing/", headcount.staffing, name="staffing"),
    path("staffing/hiring/", hiring.hiring_plan, name="staffing_hiring"),
    path("staffing/budgets/", budgets.budgets, name="staffing_budgets"),
    path("staffing/budgets/<uuid:uid>/", budgets.budget, name="staffing_budget"),
    path("staffing/posts/<uuid:uid>/", posts.appoint, name="staffing_appoint"),
    path("staffing/posts/<uuid:uid>/vacate/", posts.vacate, name="staffing_vacate"),
    path("staffing/calendars/", calendars.calendars, name="staff_calendars"),
    path("staffing/calendars/enter/", calendars.enter, name="staff_time_enter"),
    path("staffing/calendars/weeks/", work_weeks.weeks, name="staff_weeks"),
    path("staffing/calendars/counter/", work_weeks.counter, name="counter_rota"),
    path("staffing/calendars/<uuid:uid>/", calendars.staff_time, name="staff_time"),
    path("staffing/calendars/<uuid:uid>/take-out/", calendars.take_out, name="staff_time_take_out"),
    path("staffing/holidays/", holidays.holidays, name="holidays"),
    path("staffing/holidays/change/", holidays.change, name="holiday_change"),
    path("staffing/<slug:slug>/", posts.center, name="staffing_dong"),
]
