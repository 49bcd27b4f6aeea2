"""Pages of the governance floor."""

from django.urls import path

from governance.views import bodies, groups, members, tongjangs, volunteers

urlpatterns = [
    path("organisations/", groups.organisations, name="organisations"),
    path("organisations/new/", groups.organisation_new, name="organisation_new"),
    path("organisations/<uuid:uid>/", groups.organisation_change, name="organisation_change"),
    path("activists/", groups.activists, name="activists"),
    path("activists/new/", groups.activist_new, name="activist_new"),
    path("activists/<uuid:uid>/", groups.activist_change, name="activist_change"),
    path("tongjang/", tongjangs.tongjangs, name="tongjangs"),
    path("tongjang/new/", tongjangs.tongjang_new, name="tongjang_new"),
    path("tongjang/<uuid:uid>/reappoint/", tongjangs.tongjang_reappoint, name="tongjang_reappoint"),
    path("tongjang/<uuid:uid>/end/", tongjangs.tongjang_end, name="tongjang_end"),
    path("volunteers/", volunteers.volunteers, name="volunteers"),
    path("volunteers/<uuid:uid>/", volunteers.volunteer, name="volunteer"),
    path("volunteers/<uuid:uid>/change/", volunteers.volunteer_change, name="volunteer_change"),
    path("volunteers/<uuid:uid>/introduce/", volunteers.volunteer_introduce, name="volunteer_introduce"),
    path("volunteers/<uuid:uid>/begin/", volunteers.volunteer_begin, name="volunteer_begin"),
    path("volunteers/<uuid:uid>/end/", volunteers.volunteer_end, name="volunteer_end"),
    path("residents/<uuid:uid>/volunteer/", volunteers.volunteer_new, name="volunteer_new"),
    path("governance/", bodies.governance, name="governance"),
    path("governance/new/", bodies.body_new, name="body_new"),
    path("governance/<uuid:uid>/", bodies.body, name="body"),
    path("governance/<uuid:uid>/rules/", bodies.body_rules, name="body_rules"),
    path("governance/<uuid:uid>/plan/", bodies.body_plan, name="body_plan"),
    path("governance/<uuid:uid>/members/new/", members.body_appoint, name="body_appoint"),
    path("governance/members/<uuid:uid>/renew/", members.body_member_renew, name="body_member_renew"),
    path("governance/members/<uuid:uid>/end/", members.body_member_end, name="body_member_end"),
]
