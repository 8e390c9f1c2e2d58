"""What staff decide: each decision is one act, recorded, and refused without a trace."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from companies import policies
from companies.models import Company, Membership, Person
from console import records, reference
from distributors.models import Distributor, Level
from integration.models import ApiKey, Endpoint
from kit.actors import OPERATIONS
from ledger import accounts
from ledger.models import Transfer
from orders import placing
from orders.models import Fulfilment, Order, Shipment
from suppliers.models import Supplier
from supplychain import reviewing, stock
from supplychain.models import Allotment, Category, Product, Revision, Stock
from tests import factories
from tests.console.staff import client_of, make_revision, make_staff
from tests.factories import (
    NOON,
    make_distributor,
    make_level,
    make_product,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)


def text(answer: Any) -> str:
    """What a page says."""
    return str(answer.content.decode())


# --- reviews ----------------------------------------------------------------------------------------


def test_a_reviewer_confirms_with_a_markup_and_a_retail_price() -> None:
    revision = make_revision()
    reviewer = make_staff("see_goods", "review_products")

    answer = client_of(reviewer).post(
        f"/admin/reviews/{revision.pk}/",
        {"verdict": "approve", "markup_0_fen": "2.50", "retail_0_fen": "99"},
    )

    sku = Product.objects.get(pk=revision.product_id).skus.get()
    assert answer.status_code == 302
    assert (sku.markup_fen, sku.retail_price_fen) == (2_50, 99_00)
    assert Revision.objects.get(pk=revision.pk).decided_by == f"person:{reviewer.email}"


def test_the_next_one_that_waits_comes_after_a_decision() -> None:
    first, second = make_revision(owner_no="A"), make_revision(owner_no="B")
    client = client_of(make_staff("see_goods", "review_products"))

    answer = client.post(f"/admin/reviews/{first.pk}/", {"verdict": "reject", "note": "重复"})

    assert answer.headers["Location"] == f"/admin/reviews/{second.pk}/"


@pytest.mark.parametrize(
    ("verdict", "state"), [("ask", "changes_requested"), ("reject", "rejected")]
)
def test_who_sends_back_or_rejects_says_why(verdict: str, state: str) -> None:
    revision = make_revision()
    client = client_of(make_staff("see_goods", "review_products"))

    silent = client.post(f"/admin/reviews/{revision.pk}/", {"verdict": verdict, "note": " "})
    untouched = Revision.objects.get(pk=revision.pk).state
    client.post(f"/admin/reviews/{revision.pk}/", {"verdict": verdict, "note": "请补充图片"})

    decided = Revision.objects.get(pk=revision.pk)
    assert (silent.status_code, untouched) == (422, "open")
    assert (decided.state, decided.note) == (state, "请补充图片")


def test_the_second_of_two_reviewers_is_told_that_it_is_decided() -> None:
    revision = make_revision()
    client = client_of(make_staff("see_goods", "review_products"))
    reviewing.reject(revision_pk=revision.pk, note="重复", actor=OPERATIONS, at=NOON)

    answer = client.post(f"/admin/reviews/{revision.pk}/", {"verdict": "approve"})

    assert answer.status_code == 409
    assert "已拒绝" in text(answer)
    assert Revision.objects.get(pk=revision.pk).state == "rejected"


# --- goods ------------------------------------------------------------------------------------------


def test_staff_delist_with_a_reason_and_list_again() -> None:
    sku = make_sku()
    client = client_of(make_staff("see_goods", "list_products"))
    address = f"/admin/products/{sku.product_id}"

    client.post(f"{address}/delist/", {"reason": "质检"})
    delisted = Product.objects.get(pk=sku.product_id)
    client.post(f"{address}/list/", {"reason": ""})

    assert (delisted.state, delisted.state_reason) == ("delisted", "质检")
    assert Product.objects.get(pk=sku.product_id).state == "listed"


def test_a_product_is_opened_to_chosen_distributors_and_to_all_again() -> None:
    sku, chosen = make_sku(), make_distributor()
    make_distributor()
    client = client_of(make_staff("see_goods", "list_products"))
    address = f"/admin/products/{sku.product_id}/visibility/"

    client.post(address, {"visible_to": "chosen", "distributors": [str(chosen.pk)]})
    narrowed = Product.objects.get(pk=sku.product_id)
    opened = list(narrowed.openings.values_list("distributor_id", flat=True))
    client.post(address, {"visible_to": "everyone"})

    assert narrowed.chosen_only
    assert opened == [chosen.pk]
    assert not Product.objects.get(pk=sku.product_id).chosen_only


def test_a_products_own_rate_and_markup_change_what_a_level_pays() -> None:
    level = make_level(fee_rate_bp=500)
    sku = make_sku(supply_price_fen=100_00)
    client = client_of(make_staff("see_goods", "set_prices"))
    address = f"/admin/products/{sku.product_id}"

    client.post(f"{address}/rates/", {f"level_{level.pk}_bp": "2.5"})
    client.post(f"{address}/markups/", {f"sku_{sku.pk}_fen": "10"})

    # (100 + 10) × 1.025
    assert "¥112.75" in text(client.get(f"{address}/"))


def test_stock_is_set_only_by_who_saw_its_newest_version() -> None:
    sku = make_sku(available=10)
    client = client_of(make_staff("see_goods", "keep_stock"))
    address = f"/admin/skus/{sku.pk}/stock/"
    seen = client.get(address).context["form"]["version"].value()
    stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)

    late = client.post(address, {"how": "set", "quantity": "20", "version": str(seen)})
    left = Stock.objects.get(sku=sku).available
    client.post(address, {"how": "add", "quantity": "5", "version": str(seen), "note": "到货"})

    assert (late.status_code, left) == (409, 7)
    assert Stock.objects.get(sku=sku).available == 12


def test_a_part_of_the_pool_is_allotted_to_one_distributor() -> None:
    sku, distributor = make_sku(available=10), make_distributor()
    client = client_of(make_staff("see_goods", "keep_stock"))
    address = f"/admin/skus/{sku.pk}/allotment/"

    too_much = client.post(address, {"distributor": str(distributor.pk), "quantity": "11"})
    client.post(address, {"distributor": str(distributor.pk), "quantity": "4"})

    allotment = Allotment.objects.get(sku=sku, distributor=distributor)
    assert too_much.status_code == 409
    assert (allotment.available, allotment.then_pool) == (4, False)
    assert Stock.objects.get(sku=sku).available == 6


def test_an_own_product_is_added_and_changed_in_yuan() -> None:
    category = factories.make_category()
    client = client_of(make_staff("see_goods", "edit_products"))
    values = {
        "owner_no": "OWN-1", "name": "碧螺春", "category": str(category.pk), "unit": "盒",
        "supply_price_fen": "88.80", "opening_stock": "7", "weight_g": "250",
    }  # fmt: skip

    added = client.post("/admin/products/new/", values)
    product = Product.objects.get(item_no="OWN-1")
    client.post(
        f"/admin/products/{product.pk}/change/",
        {**values, "name": "明前碧螺春", "supply_0_fen": "90"},
    )

    product.refresh_from_db()
    sku = product.skus.select_related("stock").get()
    assert added.headers["Location"] == f"/admin/products/{product.pk}/"
    assert (product.state, product.name, product.supplier) == ("listed", "明前碧螺春", None)
    assert (sku.supply_price_fen, sku.stock.available) == (90_00, 7)


def test_a_suppliers_product_is_not_changed_by_staff() -> None:
    sku = make_sku(supplier=make_supplier())
    client = client_of(make_staff("see_goods", "edit_products"))

    assert client.get(f"/admin/products/{sku.product_id}/change/").status_code == 404


def test_reference_rows_are_kept_in_forms_that_check_them() -> None:
    parent = factories.make_category("食品")
    client = client_of(make_staff("see_goods", "edit_reference"))
    category = {
        "parent": str(parent.pk), "name": "酒水", "code": "wine", "position": "0",
        "attributes-TOTAL_FORMS": "1", "attributes-INITIAL_FORMS": "0",
        "attributes-0-name": "香型", "attributes-0-kind": "choice", "attributes-0-position": "0",
        "attributes-0-choices": "浓香，酱香、浓香", "attributes-0-required": "on",
    }  # fmt: skip

    client.post("/admin/supplychain/category/add/", category)
    twice = client.post("/admin/supplychain/category/add/", {**category, "code": "wine2"})
    choiceless = {**category, "name": "茶", "code": "tea", "attributes-0-choices": " ,"}
    client.post("/admin/supplychain/category/add/", choiceless)

    wine = Category.objects.get(code="wine")
    assert wine.path == "食品/酒水"
    assert wine.attributes.get().choices == ["浓香", "酱香"]
    assert twice.status_code == 200
    assert not Category.objects.filter(code__in=["wine2", "tea"]).exists()


def test_a_list_is_exported_with_formulas_made_harmless() -> None:
    make_sku(product=make_product(name="=HYPERLINK(1)"))

    answer = client_of(make_staff("see_goods")).get("/admin/supplychain/product/export/")

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in text(answer)
    assert "¥50.00" in text(answer)


# --- companies --------------------------------------------------------------------------------------


def test_opening_a_supplier_hands_over_a_password_once() -> None:
    client = client_of(make_staff("see_companies", "open_companies"))

    sheet = client.post(
        "/admin/suppliers/new/", {"name": "茶厂", "email": "tea@example.com", "trusted": "on"}
    )

    supplier = Supplier.objects.get(company__name="茶厂")
    facts = {str(label): value for label, value in sheet.context["facts"]}
    password = facts["密码（仅显示这一次）"]
    assert supplier.trusted
    assert Person.objects.get(email="tea@example.com").check_password(password)
    assert password not in LogEntry.objects.get().change_message


def test_opening_a_distributor_hands_over_key_and_secrets_once() -> None:
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))

    sheet = client.post(
        "/admin/distributors/new/",
        {
            "name": "云平台",
            "email": "shop@example.com",
            "level": str(level.pk),
            "credit_line_fen": "500",
            "low_deposit_threshold_fen": "100",
            "callback_url": "https://shop.example.com/callback",
            "addresses": "203.0.113.7\n203.0.113.0/24",
        },
    )

    distributor = Distributor.objects.get(company__name="云平台")
    shown = [str(value) for _label, value in sheet.context["facts"]]
    assert accounts.deposit_of(distributor.pk).credit_line_fen == 500_00
    assert distributor.partner.allowed_addresses == ["203.0.113.7/32", "203.0.113.0/24"]
    assert distributor.partner.keys.get().public_id in shown
    assert any(value.startswith("hps_") for value in shown)
    assert any(value.startswith("whsec_") for value in shown)
    assert "hps_" not in LogEntry.objects.get().change_message


def test_a_company_takes_its_second_role() -> None:
    supplier = make_supplier()
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))
    values = {
        "company": str(supplier.company_id),
        "level": str(level.pk),
        "credit_line_fen": "0",
        "low_deposit_threshold_fen": "0",
    }

    client.post("/admin/distributors/new/", values)
    again = client.post("/admin/distributors/new/", values)

    assert supplier.company.distributor.level == level
    assert again.status_code == 409
    assert Company.objects.count() == 1


def test_an_address_that_cannot_be_bound_opens_nothing() -> None:
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))

    answer = client.post(
        "/admin/distributors/new/",
        {
            "name": "云平台",
            "level": str(level.pk),
            "credit_line_fen": "0",
            "low_deposit_threshold_fen": "0",
            "addresses": "nowhere",
        },
    )

    assert answer.status_code == 409
    assert not Distributor.objects.exists()
    assert not Company.objects.exists()


def test_a_form_that_is_sent_twice_acts_once() -> None:
    client = client_of(make_staff("see_companies", "open_companies"))
    ticket = client.get("/admin/suppliers/new/").context["ticket"]
    values = {"name": "茶厂", "ticket": ticket}

    client.post("/admin/suppliers/new/", values)
    again = client.post("/admin/suppliers/new/", values)

    assert again.status_code == 409
    assert Supplier.objects.count() == 1


def test_a_supplier_is_suspended_with_a_reason_that_is_recorded() -> None:
    supplier = make_supplier(trusted=False)
    staff = make_staff("see_companies", "change_companies")
    client = client_of(staff)

    client.post(f"/admin/suppliers/{supplier.pk}/state/", {"to": "suspended", "reason": "资质过期"})
    client.post(f"/admin/suppliers/{supplier.pk}/trust/", {"trusted": "on"})

    supplier.refresh_from_db()
    [trust, state] = records.about(supplier)
    assert (supplier.state, supplier.state_reason, supplier.trusted) == (
        "suspended",
        "资质过期",
        True,
    )
    assert ("原因", "资质过期") in state.values
    assert str(trust.title) != "trust"


def test_a_closed_distributor_is_not_opened_again() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/state/"

    client.post(address, {"to": "closed", "reason": "合作结束"})
    answer = client.post(address, {"to": "active", "reason": "恢复"})

    distributor.refresh_from_db()
    assert answer.status_code == 422
    assert distributor.state == "closed"


def test_a_change_of_level_shows_first_what_it_does_to_prices() -> None:
    silver, gold = make_level(fee_rate_bp=500), make_level(fee_rate_bp=300)
    distributor = make_distributor(level=silver)
    make_sku(supply_price_fen=100_00)
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/level/"

    page = text(client.get(address))
    client.post(address, {"level": str(gold.pk)})

    assert "¥105.00" in page
    assert "¥103.00" in page
    assert Distributor.objects.get(pk=distributor.pk).level == gold


def test_a_level_is_added_and_its_rate_changed() -> None:
    client = client_of(make_staff("see_companies", "set_prices"))

    client.post(
        "/admin/levels/new/", {"code": "gold", "name": "金牌", "rank": "3", "fee_rate_bp": "3"}
    )
    level = Level.objects.get(code="gold")
    taken = client.post(
        "/admin/levels/new/", {"code": "silver", "name": "银牌", "rank": "3", "fee_rate_bp": "5"}
    )
    client.post(f"/admin/levels/{level.pk}/", {"name": "金牌", "rank": "3", "fee_rate_bp": "2.75"})

    assert level.fee_rate_bp == 300
    assert taken.status_code == 422
    assert Level.objects.get().fee_rate_bp == 275


def test_a_distributor_is_limited_to_a_category_and_freed_again() -> None:
    distributor = make_distributor()
    food = factories.make_category("食品")
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/limits/"

    client.post(address, {"categories": [str(food.pk)]})
    limited = [limit.category for limit in distributor.limits.all()]
    client.post(address, {})

    assert limited == [food]
    assert not distributor.limits.exists()


# --- money ------------------------------------------------------------------------------------------


def test_a_recharge_is_credited_once_for_each_reference() -> None:
    distributor = make_distributor(deposit_fen=0)
    staff = make_staff("see_companies", "recharge_deposits")
    client = client_of(staff)
    address = f"/admin/distributors/{distributor.pk}/recharge/"

    client.post(address, {"amount_fen": "1,234.50", "reference": "ICBC-1"})
    again = client.post(address, {"amount_fen": "1,234.50", "reference": "ICBC-1"})

    assert accounts.deposit_of(distributor.pk).balance_fen == 1_234_50
    assert again.status_code == 409
    assert Transfer.objects.get().actor == f"person:{staff.email}"


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "１２", "1e3", "", "200000000"])
def test_a_recharge_of_no_plain_amount_changes_nothing(amount: str) -> None:
    distributor = make_distributor(deposit_fen=0)
    client = client_of(make_staff("see_companies", "recharge_deposits"))

    answer = client.post(
        f"/admin/distributors/{distributor.pk}/recharge/",
        {"amount_fen": amount, "reference": "ICBC-1"},
    )

    assert answer.status_code == 422
    assert not Transfer.objects.exists()


def test_a_credit_line_and_a_threshold_are_set_in_yuan() -> None:
    distributor = make_distributor(deposit_fen=50_00)
    client = client_of(make_staff("see_companies", "set_credit"))
    address = f"/admin/distributors/{distributor.pk}"

    client.post(f"{address}/credit/", {"credit_line_fen": "200"})
    client.post(f"{address}/threshold/", {"low_deposit_threshold_fen": "300"})

    distributor.refresh_from_db()
    assert accounts.deposit_of(distributor.pk).available_fen == 250_00
    assert distributor.low_deposit_threshold_fen == 300_00
    assert distributor.deposit_is_low


def test_an_account_shows_its_running_balance() -> None:
    distributor, sku = make_distributor(deposit_fen=100_00), make_sku(supply_price_fen=20_00)
    placing.place(make_request(distributor, {sku: 1}), at=NOON)
    deposit = accounts.deposit_of(distributor.pk)

    page = client_of(make_staff("see_money")).get(f"/admin/accounts/{deposit.pk}/")

    shown = [(entry.amount_fen, entry.balance_fen) for entry in page.context["entries"]]
    assert shown == [(-21_00, 79_00), (100_00, 100_00)]


# --- machines ---------------------------------------------------------------------------------------


def test_a_key_is_made_rotated_and_revoked_and_its_secrets_shown_once() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "manage_keys"))

    made = client.post(
        f"/admin/distributors/{distributor.pk}/keys/", {"name": "shop", "scopes": ["goods"]}
    )
    key = ApiKey.objects.get(name="shop")
    rotated = client.post(f"/admin/keys/{key.pk}/rotation/")
    client.post(f"/admin/keys/{key.pk}/revocation/", {"reason": "泄露"})
    page = text(client.get(f"/admin/distributors/{distributor.pk}/"))

    secrets = [value for a in (made, rotated) for _label, value in a.context["facts"]]
    secrets = [value for value in secrets if value.startswith("hps_")]
    key.refresh_from_db()
    assert (key.state, key.revoked_reason, key.scopes) == ("revoked", "泄露", ["goods"])
    assert len(set(secrets)) == 2
    assert not any(secret in page for secret in secrets)
    assert client.post(f"/admin/keys/{key.pk}/rotation/").status_code == 404


def test_addresses_are_bound_and_callbacks_set() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "manage_keys"))
    address = f"/admin/distributors/{distributor.pk}"

    client.post(f"{address}/addresses/", {"addresses": "203.0.113.7"})
    wrong = client.post(f"{address}/addresses/", {"addresses": "203.0.113.700"})
    first = client.post(f"{address}/callback/", {"url": "https://shop.example.com/a"})
    second = client.post(f"{address}/callback/", {"url": "https://shop.example.com/b"})

    distributor.partner.refresh_from_db()
    assert distributor.partner.allowed_addresses == ["203.0.113.7/32"]
    assert wrong.status_code == 409
    assert "whsec_" in text(first)
    assert second.status_code == 302
    assert Endpoint.objects.get().url == "https://shop.example.com/b"


# --- orders -----------------------------------------------------------------------------------------


def test_own_goods_are_shipped_in_two_parcels() -> None:
    part = make_own_part(quantity=3)
    line = part.lines.get()
    client = client_of(make_staff("see_orders", "ship_orders"))
    address = f"/admin/fulfilments/{part.pk}/ship/"

    client.post(f"/admin/fulfilments/{part.pk}/begin/")
    client.post(
        address,
        {"tracking_no": "SF1234567890123", "carrier_code": "SF", f"line_{line.pk}": "1"},
    )
    halfway = Fulfilment.objects.get(pk=part.pk)
    client.post(
        address,
        {"tracking_no": "SF1234567890124", "carrier_code": "SF", f"line_{line.pk}": "2"},
    )

    assert halfway.begun_at is not None
    assert halfway.state == "partly_shipped"
    assert Fulfilment.objects.get(pk=part.pk).state == "shipped"
    assert Shipment.objects.count() == 2


@pytest.mark.parametrize(
    ("_case", "changes", "status"),
    [
        ("more than is left", {"quantity": "4"}, 422),
        ("nothing in it", {"quantity": "0"}, 409),
        ("no number", {"tracking_no": "!!!!!!"}, 409),
        ("no such carrier", {"carrier_code": "XX"}, 422),
    ],
)
def test_a_parcel_that_cannot_be_is_refused_and_nothing_ships(
    _case: str, changes: dict[str, str], status: int
) -> None:
    part = make_own_part(quantity=3)
    values = {"tracking_no": "SF1234567890123", "carrier_code": "SF", "quantity": "1", **changes}
    values[f"line_{part.lines.get().pk}"] = values.pop("quantity")

    answer = client_of(make_staff("see_orders", "ship_orders")).post(
        f"/admin/fulfilments/{part.pk}/ship/", values
    )

    assert answer.status_code == status
    assert not Shipment.objects.exists()
    assert Fulfilment.objects.get(pk=part.pk).state == "awaiting_shipment"


def test_staff_do_not_ship_for_a_supplier() -> None:
    distributor = make_distributor()
    sku = make_sku(supplier=make_supplier())
    placing.place(make_request(distributor, {sku: 1}), at=NOON)
    part = Fulfilment.objects.get()

    client = client_of(make_staff("see_orders", "ship_orders"))

    assert client.get(f"/admin/fulfilments/{part.pk}/ship/").status_code == 404
    assert client.post(f"/admin/fulfilments/{part.pk}/begin/").status_code == 404


@pytest.mark.parametrize("kind", ["ours", "theirs", "parcel", "phone"])
def test_an_order_is_found_by_any_of_its_numbers(kind: str) -> None:
    part = make_own_part(quantity=1)
    other = make_own_part(quantity=1)
    client = client_of(make_staff("see_orders", "ship_orders"))
    client.post(
        f"/admin/fulfilments/{part.pk}/ship/",
        {
            "tracking_no": "SF1234567890123",
            "carrier_code": "SF",
            f"line_{part.lines.get().pk}": "1",
        },
    )
    order = Order.objects.get(pk=part.order_id)
    numbers = {
        "ours": order.order_no,
        "theirs": order.out_order_no,
        "parcel": "SF1234567890123",
        "phone": "13800000000",
    }

    found = client.get("/admin/orders/order/", {"q": numbers[kind]}).context["cl"].result_list

    expected = {order.pk, other.order_id} if kind == "phone" else {order.pk}
    assert {one.pk for one in found} == expected


def make_own_part(quantity: int) -> Fulfilment:
    """A part of an order that waits to be shipped from the platform's own stock."""
    placed = placing.place(make_request(make_distributor(), {make_sku(): quantity}), at=NOON)
    return Fulfilment.objects.get(order__order_no=placed.document["order_no"])


# --- the platform -----------------------------------------------------------------------------------


def test_a_policy_is_decided_within_its_range_and_remembered() -> None:
    staff = make_staff("see_records", "decide_policies")
    client = client_of(staff)

    client.post("/admin/policies/quote_minutes/", {"value": "30"})
    wrong = client.post("/admin/policies/quote_minutes/", {"value": "100000"})
    client.post("/admin/policies/show_price_parts/", {"value": "on"})
    client.post("/admin/policies/allowed_applications/", {"value": ["coupons"]})

    decided = policies.read()
    assert wrong.status_code == 422
    assert (decided.quote_minutes, decided.show_price_parts) == (30, True)
    assert decided.allowed_applications == ["coupons"]
    assert staff.email in text(client.get("/admin/policies/"))


def test_a_colleague_is_added_with_groups_and_a_password_shown_once() -> None:
    reference.load()
    group = Group.objects.get(name="finance")
    client = client_of(make_staff(superuser=True))

    sheet = client.post(
        "/admin/people/new/", {"email": "F@Example.com", "name": "李会计", "groups": [group.pk]}
    )

    person = Person.objects.get(email="f@example.com")
    shown = [value for _label, value in sheet.context["facts"]]
    assert any(person.check_password(value) for value in shown)
    assert person.is_staff
    assert person.has_perm("console.recharge_deposits")
    assert not Membership.objects.filter(person=person).exists()


def test_nobody_changes_their_own_rights() -> None:
    reference.load()
    me = make_staff("manage_people")
    group = Group.objects.get(name="readonly")
    client = client_of(me)

    groups = client.post(
        f"/admin/people/{me.pk}/", {"name": "我", "active": "on", "groups": [group.pk]}
    )
    password = client.post(f"/admin/people/{me.pk}/password/")

    assert groups.status_code == password.status_code == 409
    assert not me.groups.exists()


def test_nobody_gives_more_than_they_have() -> None:
    reference.load()
    me, other, chief = make_staff("manage_people"), make_staff(), make_staff(superuser=True)
    client = client_of(me)
    finance = Group.objects.get(name="finance")
    hash_before = chief.password

    answers = [
        client.post(
            f"/admin/people/{other.pk}/", {"name": "他", "active": "on", "groups": [finance.pk]}
        ),
        client.post(f"/admin/people/{chief.pk}/password/"),
        client.post(f"/admin/groups/{finance.pk}/", {"rights": ["recharge_deposits"]}),
        client.post("/admin/groups/new/", {"name": "新组", "rights": ["recharge_deposits"]}),
    ]

    chief.refresh_from_db()
    assert [answer.status_code for answer in answers] == [409] * 4
    assert not other.groups.exists()
    assert chief.password == hash_before
    assert finance.permissions.count() > 1
    assert not Group.objects.filter(name="新组").exists()


def test_who_is_shut_out_is_out_at_once() -> None:
    other = make_staff("see_goods")
    theirs = client_of(other)
    chief = client_of(make_staff(superuser=True))

    before = theirs.get("/admin/supplychain/product/").status_code
    chief.post(f"/admin/people/{other.pk}/", {"name": "他"})
    after = theirs.get("/admin/supplychain/product/").status_code

    assert (before, after) == (200, 302)


def test_a_group_is_given_rights_by_name() -> None:
    reference.load()
    group = Group.objects.get(name="service")
    client = client_of(make_staff(superuser=True))

    client.post(f"/admin/groups/{group.pk}/", {"rights": ["see_goods", "ship_orders"]})

    assert group.name == "service"
    assert set(group.permissions.values_list("codename", flat=True)) == {"see_goods", "ship_orders"}


def test_an_invitation_shows_its_link_once(client: Client) -> None:
    supplier = make_supplier()
    staff = client_of(make_staff("see_companies", "open_companies"))

    sheet = staff.post(
        f"/admin/companies/{supplier.company_id}/invitation/",
        {"email": "new@example.com", "role": "owner"},
    )

    link = sheet.context["facts"][-1][1]
    assert "/join/" in link
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200
