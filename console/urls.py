"""The platform's own door, and what monitoring asks."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from console import (
    cancelling,
    case_pages,
    cases,
    companies,
    deciding,
    deposits,
    distributors,
    goods,
    goodwill,
    health,
    keys,
    levels,
    listing,
    opening,
    orders,
    own_goods,
    parcels,
    people,
    policies,
    prices,
    refunding,
    reshipping,
    returning,
    reviewing,
    statements,
    stocks,
    suppliers,
    warranting,
)
from console.pages import staff

# Before its addresses are read: otherwise /admin/login/ would still take a bare password.
_site: Any = admin.site
_site.login = secure_admin_login(_site.login)  # type: ignore[no-untyped-call]
admin.site.index_template = "console/home.html"

goods_pages = [
    path("products/new/", staff(own_goods.AddProduct), name="new_product"),
    path("products/list/", staff(listing.ListProducts), name="list_products"),
    path("products/delist/", staff(listing.DelistProducts), name="delist_products"),
    path("products/<int:pk>/", staff(goods.ProductPage), name="product"),
    path("products/<int:pk>/change/", staff(own_goods.ChangeProduct), name="change_product"),
    path("products/<int:pk>/list/", staff(listing.ListProduct), name="list_product"),
    path("products/<int:pk>/delist/", staff(listing.DelistProduct), name="delist_product"),
    path("products/<int:pk>/visibility/", staff(listing.Visibility), name="visibility"),
    path("products/<int:pk>/days/", staff(warranting.SetAftersaleDays), name="aftersale_days"),
    path("products/<int:pk>/rates/", staff(prices.Rates), name="rates"),
    path("products/<int:pk>/markups/", staff(prices.Markups), name="markups"),
    path("skus/<int:pk>/", staff(goods.SkuPage), name="sku"),
    path("skus/<int:pk>/stock/", staff(stocks.SetStock), name="set_stock"),
    path("skus/<int:pk>/allotment/", staff(stocks.Allot), name="allot"),
    path("reviews/<int:pk>/", staff(reviewing.Review), name="revision"),
]
partner_pages = [
    path("companies/<int:pk>/", staff(companies.CompanyPage), name="company"),
    path("companies/<int:pk>/invitation/", staff(companies.Invite), name="invite"),
    path("suppliers/new/", staff(opening.OpenSupplier), name="open_supplier"),
    path("suppliers/<int:pk>/", staff(suppliers.SupplierPage), name="supplier"),
    path("suppliers/<int:pk>/state/", staff(suppliers.ChangeState), name="supplier_state"),
    path("suppliers/<int:pk>/trust/", staff(suppliers.Trust), name="trust"),
    path("suppliers/<int:pk>/address/", staff(suppliers.SetReturnAddress), name="return_address"),
    path("distributors/new/", staff(opening.OpenDistributor), name="open_distributor"),
    path("distributors/<int:pk>/", staff(distributors.DistributorPage), name="distributor"),
    path("distributors/<int:pk>/state/", staff(distributors.ChangeState), name="distributor_state"),
    path("distributors/<int:pk>/level/", staff(distributors.AssignLevel), name="assign_level"),
    path("distributors/<int:pk>/recharge/", staff(deposits.Recharge), name="recharge"),
    path("distributors/<int:pk>/credit/", staff(deposits.SetCreditLine), name="credit_line"),
    path("distributors/<int:pk>/threshold/", staff(deposits.SetThreshold), name="threshold"),
    path("distributors/<int:pk>/switches/", staff(distributors.SetSwitches), name="switches"),
    path("distributors/<int:pk>/limits/", staff(distributors.SetLimits), name="limits"),
    path("distributors/<int:pk>/keys/", staff(keys.MakeKey), name="make_key"),
    path("distributors/<int:pk>/addresses/", staff(keys.BindAddresses), name="bind_addresses"),
    path("distributors/<int:pk>/callback/", staff(keys.SetCallback), name="callback"),
    path("keys/<int:pk>/rotation/", staff(keys.RotateKey), name="rotate_key"),
    path("keys/<int:pk>/revocation/", staff(keys.RevokeKey), name="revoke_key"),
    path("levels/new/", staff(levels.DefineLevel), name="new_level"),
    path("levels/<int:pk>/", staff(levels.DefineLevel), name="level"),
]
case_routes = [
    path("cases/<int:pk>/", staff(case_pages.CasePage), name="case"),
    path("cases/<int:pk>/approval/", staff(deciding.Approve), name="approve_case"),
    path("cases/<int:pk>/rejection/", staff(deciding.Reject), name="reject_case"),
    path("cases/<int:pk>/ruling/", staff(deciding.Rule), name="rule_case"),
    path("cases/<int:pk>/review/", staff(deciding.ReviewRefund), name="review_refund"),
    path("cases/<int:pk>/address/", staff(returning.PushAddress), name="push_address"),
    path("cases/<int:pk>/waiver/", staff(returning.WaiveReturn), name="waive_return"),
    path("cases/<int:pk>/arrival/", staff(returning.Arrive), name="arrive"),
    path("cases/<int:pk>/loss/", staff(returning.LoseReturn), name="lose_return"),
    path("cases/<int:pk>/inspection/", staff(returning.Inspect), name="inspect"),
    path("cases/<int:pk>/goods/", staff(returning.GiveGoodsBack), name="give_goods_back"),
    path("cases/<int:pk>/reshipment/", staff(reshipping.Reship), name="reship"),
    path("cases/<int:pk>/no-goods/", staff(reshipping.CannotReship), name="cannot_reship"),
    path("cases/<int:pk>/lost/", staff(reshipping.LoseReshipment), name="lose_reshipment"),
    path("goodwill/<int:pk>/", staff(goodwill.GoodwillPage), name="goodwill"),
    path("goodwill/<int:pk>/offer/", staff(goodwill.OfferGoodwill), name="offer_goodwill"),
    path("goodwill/<int:pk>/refusal/", staff(goodwill.DeclineGoodwill), name="decline_goodwill"),
    path("goodwill/<int:pk>/parcel/", staff(goodwill.ShipGoodwill), name="ship_goodwill"),
    path("photos/<int:pk>/", staff(cases.Photo), name="photo"),
    path("orders/<int:pk>/refund/", staff(refunding.Refund), name="refund_order"),
]
other_pages = [
    path("cancellations/<int:pk>/", staff(cancelling.CancellationPage), name="cancellation"),
    path("cancellations/<int:pk>/grant/", staff(cancelling.Grant), name="grant_cancellation"),
    path("cancellations/<int:pk>/refusal/", staff(cancelling.Refuse), name="refuse_cancellation"),
    path("orders/<int:pk>/", staff(orders.OrderPage), name="order"),
    path("fulfilments/<int:pk>/", staff(orders.FulfilmentPage), name="fulfilment"),
    path("fulfilments/<int:pk>/begin/", staff(orders.Begin), name="begin"),
    path("fulfilments/<int:pk>/ship/", staff(orders.Ship), name="ship"),
    path("fulfilments/<int:pk>/shortage/", staff(cancelling.ReportShortage), name="shortage"),
    path("parcels/<int:pk>/", staff(parcels.ParcelPage), name="parcel"),
    path("parcels/<int:pk>/report/", staff(parcels.Report), name="report_parcel"),
    path("parcels/<int:pk>/loss/", staff(parcels.WriteOff), name="write_off_parcel"),
    path("parcels/<int:pk>/return/", staff(parcels.ComeBack), name="come_back"),
    path("parcels/<int:pk>/voiding/", staff(parcels.Void), name="void_parcel"),
    path("parcels/<int:pk>/correction/", staff(parcels.Correct), name="correct_parcel"),
    path("accounts/<int:pk>/", staff(statements.AccountPage), name="account"),
    path("policies/", staff(policies.PoliciesPage), name="policies"),
    path("policies/<slug:name>/", staff(policies.Decide), name="decide_policy"),
    path("records/", staff(people.RecordsPage), name="records"),
    path("people/", staff(people.PeoplePage), name="people"),
    path("people/new/", staff(people.AddStaff), name="add_staff"),
    path("people/<int:pk>/", staff(people.ChangeStaff), name="change_staff"),
    path("people/<int:pk>/password/", staff(people.NewPassword), name="new_password"),
    path("groups/new/", staff(people.DefineGroup), name="new_group"),
    path("groups/<int:pk>/", staff(people.DefineGroup), name="group"),
]
pages = ([*goods_pages, *partner_pages, *case_routes, *other_pages], "console")

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    # People change their password where everybody does.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", include(pages)),
    path("admin/", admin.site.urls),
]
