"""Addresses of the API, and of the pages that explain it."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from api import (
    aftersale_acts,
    aftersale_options,
    aftersales,
    auth,
    batches,
    cancellations,
    carrier_tracks,
    deposit,
    docs,
    events,
    goods,
    lookups,
    meta,
    orders,
    quotes,
)
from api.views import UnknownRoute

v1: list[URLPattern] = [
    # First, because addresses are tried one after the other, and orders are what most calls are.
    path("orders", orders.Orders.as_view()),
    path("orders/batch", batches.OrderBatch.as_view()),
    path("auth/echo", auth.Echo.as_view()),
    path("meta/limits", meta.Limits.as_view()),
    path("meta/errors", meta.Codes.as_view()),
    path("meta/carriers", meta.Carriers.as_view()),
    path("meta/regions", meta.Regions.as_view()),
    path("meta/reasons", meta.Reasons.as_view()),
    path("categories", goods.Categories.as_view()),
    path("brands", goods.Brands.as_view()),
    path("products", goods.Products.as_view()),
    path("products/lookup", lookups.ProductLookup.as_view()),
    path("products/<str:item_no>", goods.OneProduct.as_view()),
    path("prices/lookup", lookups.PriceLookup.as_view()),
    path("stocks/lookup", lookups.StockLookup.as_view()),
    path("quotes", quotes.Quotes.as_view()),
    path("orders/by-out-no/<str:out_order_no>", orders.OrderByOutNo.as_view()),
    path("orders/<str:order_no>", orders.OneOrder.as_view()),
    path("orders/<str:order_no>/shipments", orders.OrderShipments.as_view()),
    path("orders/<str:order_no>/history", orders.OrderHistory.as_view()),
    path("orders/<str:order_no>/receipt", orders.OrderReceipt.as_view()),
    path("orders/<str:order_no>/address", orders.OrderAddress.as_view()),
    path("orders/<str:order_no>/cancellations", cancellations.OrderCancellations.as_view()),
    path("orders/<str:order_no>/aftersale-options", aftersale_options.AftersaleOptions.as_view()),
    path(
        "cancellations/<str:cancellation_no>/withdrawal",
        cancellations.CancellationWithdrawal.as_view(),
    ),
    path("aftersales", aftersales.Aftersales.as_view()),
    path("aftersales/<str:case_no>", aftersales.OneAftersale.as_view()),
    path("aftersales/<str:case_no>/progress", aftersales.AftersaleProgress.as_view()),
    path("aftersales/<str:case_no>/withdrawal", aftersale_acts.Withdrawal.as_view()),
    path("aftersales/<str:case_no>/resubmission", aftersale_acts.Resubmission.as_view()),
    path("aftersales/<str:case_no>/escalation", aftersale_acts.Escalation.as_view()),
    path("aftersales/<str:case_no>/return-shipment", aftersale_acts.ReturnShipment.as_view()),
    path("aftersales/<str:case_no>/partial-acceptance", aftersale_acts.PartialAcceptance.as_view()),
    path("aftersales/<str:case_no>/inspection-dispute", aftersale_acts.InspectionDispute.as_view()),
    path("aftersales/<str:case_no>/refund-instead", aftersale_acts.RefundInstead.as_view()),
    path("aftersales/<str:case_no>/receipt", aftersale_acts.AftersaleReceipt.as_view()),
    path("carrier/tracks", carrier_tracks.CarrierTracks.as_view()),
    path("deposit", deposit.Deposit.as_view()),
    path("deposit/transfers", deposit.DepositTransfers.as_view()),
    path("events", events.Events.as_view()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("v1/schema/", docs.OpenApi.as_view(), name="api_schema"),
    path("docs/", docs.reference, name="api_docs"),
    path("docs/errors", docs.codes, name="api_docs_errors"),
    re_path(r"^v1(/.*)?$", UnknownRoute.as_view()),
]
