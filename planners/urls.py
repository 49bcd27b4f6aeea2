"""Pages of the planners floor."""

from django.urls import path

from planners.views import booking, consent_sheet, residents, schedules, targets

urlpatterns = [
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/generate/", schedules.generate, name="schedule_generate"),
    path("schedules/<uuid:uid>/", schedules.schedule, name="schedule"),
    path("schedules/<uuid:uid>/publish/", schedules.publish, name="schedule_publish"),
    path("schedules/<uuid:uid>/discard/", schedules.discard, name="schedule_discard"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/move/", schedules.move, name="schedule_move"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/take-out/", schedules.take_out, name="schedule_take_out"),
    path("schedules/<uuid:uid>/visits/<uuid:visit_uid>/lock/", schedules.lock, name="schedule_lock"),
    path("targets/", targets.targets, name="targets"),
    path("targets/extract/", targets.extract, name="target_extract"),
    path("targets/<uuid:uid>/", targets.target_detail, name="target_detail"),
    path("targets/<uuid:uid>/end/", targets.target_end, name="target_end"),
    path("targets/<uuid:uid>/answered/", targets.report_answered, name="target_report_answered"),
    path("booking/", booking.booking, name="booking"),
    path("booking/<uuid:uid>/", booking.booking_call, name="booking_call"),
    path("booking/<uuid:uid>/cancel/", booking.booking_cancel, name="booking_cancel"),
    path("booking/<uuid:uid>/close/", booking.booking_close, name="booking_close"),
    path("consent-sheet/", consent_sheet.consent_sheet, name="consent_sheet"),
    path("consent-sheet/<uuid:uid>/", consent_sheet.consent_answer, name="consent_answer"),
    path("consent-sheet/answers/<uuid:uid>/take-back/", consent_sheet.consent_take_back, name="consent_take_back"),
    path("residents/", residents.resident_list, name="residents"),
    path("residents/new/", residents.resident_new, name="resident_new"),
    path("residents/<uuid:uid>/", residents.resident, name="person"),
    path("residents/<uuid:uid>/edit/", residents.resident_edit, name="person_edit"),
    path("residents/<uuid:uid>/crisis/", targets.crisis_report, name="person_crisis"),
    path(
        "residents/<uuid:uid>/consents/<uuid:consent_uid>/withdraw/", residents.consent_withdraw, name="person_withdraw"
    ),
]
