"""The description is true: its examples are sent, and the answers held against it."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from drf_spectacular.validation import validate_schema

from api import examples, money_examples, order_examples
from distributors.models import Recharge, Withdrawal
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Cancellation, Fulfilment, Hold, Order
from supplychain.models import Brand, Product, ProductPicture, Sku
from tests.api import (
    book_seeds,
    callback_seeds,
    cases,
    catalogue_seeds,
    claim_seeds,
    conforming,
    supplier_seeds,
)
from tests.api.signed import Machine, Shop
from tests.factories import make_photo, make_picture, make_recharge, make_sku, make_withdrawal

OPERATIONS_DESCRIBED = conforming.operations()
NAMES = [operation["operationId"] for _path, _method, operation in OPERATIONS_DESCRIBED]
PLACING = ("orders_place", "orders_place_batch")
UNSHIPPED = (
    "orders_cancel",
    "orders_cancellations",
    "orders_change_address",
    "cancellations_withdraw",
)


def seed(shop: Shop, *, with_order: bool, shipped: bool = True) -> None:
    """What the examples speak of."""
    tea = make_sku(supply_price_fen=50_00, available=420, spec={"净含量": "250g"})
    Sku.objects.filter(pk=tea.pk).update(sku_no=examples.SKU_NO)
    brand = Brand.objects.create(code="b-51c0de", name="云上茶")
    Product.objects.filter(pk=tea.product_id).update(item_no=examples.ITEM_NO, brand=brand)
    ProductPicture.objects.create(product=tea.product, picture=make_picture(), position=0)
    if with_order:
        shop.post("/orders", order_examples.ORDER_TO_PLACE)
        Order.objects.update(order_no=examples.ORDER_NO)
    if with_order and shipped:
        shipping.ship(
            fulfilment_pk=Fulfilment.objects.get().pk,
            supplier=None,
            carrier_code="SF",
            tracking_no="SF1234567890123",
            actor=OPERATIONS,
            at=timezone.now(),
        )


def ask_to_cancel(shop: Shop) -> None:
    """A cancellation that waits for an answer, because the source has begun."""
    part = Fulfilment.objects.get()
    shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=timezone.now())
    shop.post(f"/orders/{examples.ORDER_NO}/cancellations", order_examples.CANCELLATION_TO_ASK)
    Cancellation.objects.update(cancellation_no=examples.CANCELLATION_NO)


def seed_money(shop: Shop, operation_id: str) -> None:
    """A recharge and a withdrawal, but for the examples that apply for them."""
    if not operation_id.endswith("apply"):
        make_recharge(shop.distributor)
        make_withdrawal(shop.distributor)
        Recharge.objects.update(recharge_no=money_examples.RECHARGE_NO)
        Withdrawal.objects.update(withdrawal_no=money_examples.WITHDRAWAL_NO)


def test_the_description_is_valid() -> None:
    validate_schema(conforming.description())  # type: ignore[no-untyped-call]


def seed_for(shop: Shop, operation: dict[str, Any]) -> Machine:
    """Make whatever the example of one operation speaks of; return the machine that may call it."""
    name, [tag] = operation["operationId"], operation["tags"]
    if tag == "supplier":
        return supplier_seeds.seed(shop, name)
    seed(shop, with_order=name not in PLACING and tag != "holds", shipped=name not in UNSHIPPED)
    if name in ("orders_cancellations", "cancellations_withdraw"):
        ask_to_cancel(shop)
    if tag == "holds" and name != "holds_make":
        shop.post("/holds", order_examples.ORDER_TO_PLACE)
        Hold.objects.update(hold_id=examples.HOLD_ID)
    if tag == "claims":
        claim_seeds.seed(name, Order.objects.get())
    if tag == "aftersales":
        cases.seed(shop, name)
    family = name.partition("_")[0]
    if family in ("statements", "reconciliations"):
        book_seeds.seed(shop)
    if family in ("recharges", "withdrawals"):
        seed_money(shop, name)
    if family in ("selection", "catalogue"):
        catalogue_seeds.seed(shop, name)
    if family == "webhook" or name == "events_replay":
        callback_seeds.seed(shop, name)
    return shop


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS_DESCRIBED, ids=NAMES)
def test_an_example_is_answered_as_described(
    shop: Shop, path: str, method: str, operation: dict[str, Any]
) -> None:
    caller = seed_for(shop, operation)
    parameters = {
        p["name"]: p["example"] for p in operation.get("parameters", []) if p["in"] == "path"
    }
    target = path.removeprefix("/api/v1").format(**parameters)

    if "image/png" in operation.get("requestBody", {}).get("content", {}):
        answer = caller.send(method.upper(), target, make_photo(), content_type="image/png")
    elif "requestBody" in operation:
        (example,) = operation["requestBody"]["content"]["application/json"]["examples"].values()
        answer = caller.send(method.upper(), target, json.dumps(example["value"]).encode())
    else:
        answer = caller.send(method.upper(), target)

    assert answer.status_code in (200, 201), answer.content
    [media_type] = operation["responses"][str(answer.status_code)]["content"]
    if media_type != "application/json":
        assert answer["Content-Type"].startswith(media_type)
        return
    schema = conforming.schema_of(operation, answer.status_code, "application/json")
    conforming.check(answer.json(), schema)
    assert answer.json().get("items") != [], "the seed has nothing to show"


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS_DESCRIBED, ids=NAMES)
def test_every_example_is_of_its_schema(path: str, method: str, operation: dict[str, Any]) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []

    for body in [*bodies, *operation["responses"].values()]:
        for content in body["content"].values():
            for example in content.get("examples", {}).values():
                conforming.check(example["value"], content["schema"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS_DESCRIBED, ids=NAMES)
def test_every_operation_shows_examples_and_names_its_problems(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for status, answer in operation["responses"].items():
        if status == "200" and "201" in operation["responses"]:
            continue  # the same object again
        [(media_type, content)] = answer["content"].items()
        assert (media_type == "application/problem+json") == (status >= "300")
        assert content["examples"], status
    signed = "security" in operation
    assert signed == ("401" in operation["responses"])
    assert {"500", "503"} <= operation["responses"].keys()
    assert operation["summary"]
    assert operation["tags"]


def test_a_signed_call_needs_all_four_headers() -> None:
    schemes = conforming.description()["components"]["securitySchemes"]

    assert [scheme["name"] for scheme in schemes.values()] == [
        "Huopan-Key",
        "Huopan-Nonce",
        "Huopan-Signature",
        "Huopan-Timestamp",
    ]


def test_refusals_are_problems_as_described(shop: Shop) -> None:
    answers = [
        shop.get("/orders/NONE"),
        shop.get("/orders?limit=0"),
        shop.post("/orders", {}),
        shop.post("/orders", b"{"),
        shop.get("/deposit", headers={"Huopan-Nonce": ""}),
    ]

    for answer in answers:
        assert answer["Content-Type"] == "application/problem+json"
        conforming.check(answer.json(), {"$ref": "#/components/schemas/Problem"})


def test_the_description_in_the_repository_is_up_to_date() -> None:
    call_command("export_openapi", "--check", stdout=StringIO())


def test_a_description_that_is_out_of_date_is_told(tmp_path: Any) -> None:
    file = tmp_path / "openapi.json"
    file.write_text("{}")

    with pytest.raises(CommandError):
        call_command("export_openapi", "--check", "--file", str(file), stdout=StringIO())
    call_command("export_openapi", "--file", str(file), stdout=StringIO())

    call_command("export_openapi", "--check", "--file", str(file), stdout=StringIO())


def test_the_server_shows_it_in_both_languages(shop: Shop) -> None:
    chinese = shop.client.get("/api/v1/schema/").json()
    english = shop.client.get("/api/v1/schema/", headers={"Accept-Language": "en"}).json()

    summaries = [
        found["paths"]["/api/v1/orders"]["post"]["summary"] for found in (chinese, english)
    ]
    assert summaries == ["下单。", "Place an order."]
