"""Addresses of companies that are no distributor yet; nobody logs in for them."""

from django.urls import path

from portal import becoming

urlpatterns = [
    path("portal/apply/", becoming.Apply.as_view(), name="apply_to_distribute"),
    path("portal/apply/<str:token>/", becoming.Applied.as_view(), name="shop_application"),
]
