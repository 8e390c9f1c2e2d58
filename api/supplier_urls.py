"""Addresses of the calls of suppliers' machines, below /api/v1/supplier/."""

from django.urls import URLPattern, path

from api import (
    supplier_bills,
    supplier_events,
    supplier_goods,
    supplier_orders,
    supplier_shipments,
    supplier_stocks,
)

supplier: list[URLPattern] = [
    path("echo", supplier_events.SupplierEcho.as_view()),
    path("orders", supplier_orders.SupplierOrders.as_view()),
    path("orders/<str:order_no>", supplier_orders.OneSupplierOrder.as_view()),
    path("orders/<str:order_no>/beginning", supplier_orders.SupplierBeginning.as_view()),
    path("orders/<str:order_no>/shortage", supplier_orders.SupplierShortage.as_view()),
    path("orders/<str:order_no>/shipments", supplier_shipments.SupplierOrderShipments.as_view()),
    path("shipments/batch", supplier_shipments.SupplierShipmentBatch.as_view()),
    path("shipments/<str:shipment_id>", supplier_shipments.OneSupplierShipment.as_view()),
    path(
        "shipments/<str:shipment_id>/voiding", supplier_shipments.SupplierShipmentVoiding.as_view()
    ),
    path("stocks", supplier_stocks.SupplierStocks.as_view()),
    path("goods", supplier_goods.SupplierGoods.as_view()),
    path("bills", supplier_bills.SupplierBills.as_view()),
    path("bills/<str:bill_no>", supplier_bills.OneSupplierBill.as_view()),
    path("bills/<str:bill_no>/lines", supplier_bills.SupplierBillLines.as_view()),
    path("bills/<str:bill_no>/acceptance", supplier_bills.SupplierBillAcceptance.as_view()),
    path("bills/<str:bill_no>/dispute", supplier_bills.SupplierBillDispute.as_view()),
    path("events", supplier_events.SupplierEvents.as_view()),
]
