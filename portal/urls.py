"""A distributor's pages, under /portal/."""

from django.urls import path

from portal import (
    addressing,
    applying,
    cancelling,
    cases,
    claims,
    deposit,
    holds,
    integration,
    new_claim,
    orders,
    overview,
    photos,
    refusals,
)

app_name = "portal"
urlpatterns = [
    path("", overview.home, name="home"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<str:order_no>/", orders.order, name="order"),
    path("orders/<str:order_no>/cancellation/", cancelling.cancel, name="cancel"),
    path("orders/<str:order_no>/address/", addressing.address, name="address"),
    path("cancellations/<str:cancellation_no>/withdrawal/", cancelling.withdraw, name="withdraw"),
    path("orders/<str:order_no>/aftersale/", applying.apply, name="apply"),
    path("aftersales/", cases.cases, name="cases"),
    path("aftersales/carrier/", cases.guess, name="guess"),
    path("aftersales/photos/<str:upload_id>/", photos.photo, name="photo"),
    path("aftersales/<str:case_no>/", cases.case, name="case"),
    path("aftersales/<str:case_no>/<str:action>/", cases.act, name="case_act"),
    path("holds/", holds.holds, name="holds"),
    path("holds/<str:hold_id>/release/", holds.release, name="release_hold"),
    path("refusals/", refusals.refusals, name="refusals"),
    path("orders/<str:order_no>/claim/", new_claim.new_claim, name="new_claim"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<str:claim_no>/", claims.claim, name="claim"),
    path("claims/<str:claim_no>/<str:action>/", claims.act, name="claim_act"),
    path("deposit/", deposit.deposit, name="deposit"),
    path("integration/", integration.integration, name="integration"),
    path("integration/keys/", integration.create_key, name="create_key"),
    path("integration/keys/<str:public_id>/secret/", integration.rotate_key, name="rotate_key"),
    path("integration/keys/<str:public_id>/revocation/", integration.revoke_key, name="revoke_key"),
    path("integration/addresses/", integration.bind_addresses, name="bind_addresses"),
    path("integration/callback/", integration.set_callback, name="set_callback"),
]
