"""A distributor's pages, under /portal/."""

from django.urls import path

from portal import deposit, integration, orders, overview

app_name = "portal"
urlpatterns = [
    path("", overview.home, name="home"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<str:order_no>/", orders.order, name="order"),
    path("deposit/", deposit.deposit, name="deposit"),
    path("integration/", integration.integration, name="integration"),
    path("integration/keys/", integration.create_key, name="create_key"),
    path("integration/keys/<str:public_id>/secret/", integration.rotate_key, name="rotate_key"),
    path("integration/keys/<str:public_id>/revocation/", integration.revoke_key, name="revoke_key"),
    path("integration/addresses/", integration.bind_addresses, name="bind_addresses"),
    path("integration/callback/", integration.set_callback, name="set_callback"),
]
