"""Pages of the planners floor."""

from django.urls import path

from planners.views import schedules

urlpatterns = [
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/generate/", schedules.generate, name="schedule_generate"),
    path("schedules/<uuid:uid>/", schedules.schedule, name="schedule"),
    path("schedules/<uuid:uid>/publish/", schedules.publish, name="schedule_publish"),
    path("schedules/<uuid:uid>/discard/", schedules.discard, name="schedule_discard"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/move/", schedules.move, name="schedule_move"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/take-out/", schedules.take_out, name="schedule_take_out"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/lock/", schedules.lock, name="schedule_lock"),
]
