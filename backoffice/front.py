"""Addresses that belong to no side: the front door, log-in, language, team and joining."""

from django.urls import include, path

from backoffice import applying, home, joining_in, team, visits

urlpatterns = [
    path("", home.home, name="home"),
    path("switch-role/", home.switch_role, name="switch_role"),
    path("accounts/", include("backoffice.accounts")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("join/<str:token>/", joining_in.join, name="join"),
    path("supplier/apply/", applying.Apply.as_view(), name="apply"),
    path("supplier/apply/<str:token>/", applying.Applied.as_view(), name="application"),
    path("team/", team.team, name="team"),
    path("team/visits/", visits.visits, name="visits"),
    path("team/invite/", team.invite, name="invite"),
    path("team/invitations/<int:pk>/resend/", team.resend_invitation, name="resend_invitation"),
    path("team/invitations/<int:pk>/revoke/", team.revoke_invitation, name="revoke_invitation"),
    path("team/members/<int:pk>/role/", team.change_member, name="change_member"),
    path("team/members/<int:pk>/remove/", team.remove_member, name="remove_member"),
    path("team/two-factor/", team.require_two_factor, name="require_two_factor"),
]
