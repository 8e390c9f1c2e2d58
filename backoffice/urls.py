"""A supplier's pages, under /supplier/."""

from django.urls import path

from backoffice import (
    bills,
    cases,
    editing,
    freight,
    goods,
    orders,
    overview,
    parcels,
    shortage,
    stock,
)

app_name = "supplier"
urlpatterns = [
    path("", overview.home, name="home"),
    path("orders/", orders.orders, name="orders"),
    path("orders/begin/", orders.begin, name="begin"),
    path("orders/slips/", orders.slips, name="slips"),
    path("orders/carrier/", orders.guess, name="guess"),
    path("orders/<str:order_no>/", orders.order, name="order"),
    path("orders/<str:order_no>/parcels/<int:pk>/", parcels.parcel, name="parcel"),
    path(
        "orders/<str:order_no>/parcels/<int:pk>/correction/",
        parcels.correction,
        name="parcel_correction",
    ),
    path("orders/<str:order_no>/parcels/<int:pk>/voiding/", parcels.voiding, name="parcel_voiding"),
    path(
        "orders/<str:order_no>/parcels/<int:pk>/return/", parcels.coming_back, name="parcel_return"
    ),
    path("orders/<str:order_no>/shortage/", shortage.shortage, name="shortage"),
    path("aftersales/", cases.cases, name="cases"),
    path("aftersales/photos/<str:upload_id>/", cases.photo, name="photo"),
    path("aftersales/goodwill/<str:claim_no>/", cases.goodwill_parcel, name="goodwill_parcel"),
    path("aftersales/<str:case_no>/", cases.case, name="case"),
    path("goods/", goods.goods, name="goods"),
    path("goods/new/", editing.new_product, name="new_product"),
    path("goods/pictures/", editing.pictures, name="pictures"),
    path("goods/<str:item_no>/", goods.product, name="product"),
    path("goods/<str:item_no>/change/", editing.change_product, name="change_product"),
    path("goods/<str:item_no>/listing/", goods.listing, name="listing"),
    path("goods/<str:item_no>/withdrawal/", goods.withdrawal, name="withdrawal"),
    path("bills/", bills.bills, name="bills"),
    path("bills/request/", bills.request_bill, name="request_bill"),
    path("bills/<str:bill_no>/", bills.bill, name="bill"),
    path("bills/<str:bill_no>/acceptance/", bills.acceptance, name="bill_acceptance"),
    path("bills/<str:bill_no>/dispute/", bills.dispute, name="bill_dispute"),
    path("bills/<str:bill_no>/attachment/", bills.attach_invoice, name="attach_invoice"),
    path("bills/<str:bill_no>/invoice/", bills.invoice, name="bill_invoice"),
    path("bills/<str:bill_no>/xlsx/", bills.xlsx, name="bill_xlsx"),
    path("bills/<str:bill_no>/pdf/", bills.pdf, name="bill_pdf"),
    path("stock/", stock.stock, name="stock"),
    path("stock/<str:sku_no>/", stock.level, name="level"),
    path("stock/<str:sku_no>/movements/", stock.movements, name="movements"),
    path("freight/", freight.templates, name="freight"),
    path("freight/new/", freight.new_template, name="new_template"),
    path("freight/<int:pk>/", freight.template, name="template"),
]
