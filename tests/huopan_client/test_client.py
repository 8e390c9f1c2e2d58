"""The Python client: signed as described, tried again only where that is safe, typed by the description."""

import inspect
import json
import re
import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from huopan_client import (
    CallbackRefused,
    Client,
    OutcomeUnknown,
    Problem,
    Unreachable,
    signing,
    types,
    verify,
)
from huopan_client.operations import Operations
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Fulfilment, Order
from running import processes
from supplychain import exporting
from supplychain.models import Sku
from tests.api import conforming
from tests.api.signed import Shop, order_body
from tests.conftest import LiveWeb
from tests.factories import NOON, make_sku
from tests.huopan_client.lossy import lossy_line

VECTORS = json.loads((Path(settings.BASE_DIR) / "docs" / "api" / "vectors.json").read_text())
SECRET = "whsec_" + "c2VjcmV0LW9mLW5vYm9keS1pbi1wYXJ0aWN1bGFyLTE="
BODY = b'{"type": "order.shipped", "data": {}}'
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


class Recorder(Operations):
    """Sends nothing, and notes what it should have sent."""

    def _call(self, method: str, path: str, **options: Any) -> Any:
        self.sent = method, path


def client_of(shop: Shop, url: str, **options: Any) -> Client:
    return Client(url, shop.key.public_id, shop.secret, **options)


def order(number: str, sku_no: str, **wanted: int) -> types.OrderRequest:
    body: types.OrderRequest = order_body(sku_no, number=number, **wanted)
    return body


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_it_signs_as_the_vectors_say(vector: dict[str, str]) -> None:
    query = f"?{vector['query']}" if vector["query"] else ""

    signature = signing.signature(
        secret=vector["secret"],
        method=vector["method"],
        target=vector["path"] + query,
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        body=vector["body"].encode(),
    )

    assert signature == vector["signature"]


def test_every_operation_is_a_method_that_calls_its_address() -> None:
    for path, method, operation in conforming.operations():
        call = getattr(Recorder(), operation["operationId"])
        parameters = inspect.signature(call).parameters.values()
        given = [
            one.name for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        recorder = call.__self__

        call(*({} if name == "body" else name for name in given))

        expected = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
        assert recorder.sent == (method.upper(), expected)


def test_every_schema_is_a_type_with_the_same_fields() -> None:
    schemas = conforming.description()["components"]["schemas"]

    for name, schema in schemas.items():
        if "properties" in schema:
            hints = typing.get_type_hints(getattr(types, name))
            assert hints.keys() == schema["properties"].keys(), name


@pytest.mark.http
def test_a_shop_lives_by_the_client_alone(live_web: LiveWeb) -> None:
    shop = Shop()
    tea = make_sku(supply_price_fen=5_00, available=5)

    with client_of(shop, live_web.url, language="en") as client:
        client.limits["batch_orders"] = client.limits["lookup_skus"] = 2
        rows = list(client.place_all([order(f"A{n}", tea.sku_no) for n in range(3)]))
        again = client.place(order("A0", tea.sku_no))
        with pytest.raises(Problem) as refused:
            client.place(order("A9", tea.sku_no, quantity=3))
        pages = [row["out_order_no"] for row in client.orders_each(limit=1, state="placed")]
        prices = list(client.prices_of([tea.sku_no, "NONE", tea.sku_no]))
        by_number = client.orders_read_by_out_no("A1")
        types_told = [event["type"] for event in client.events_each(limit=1)]
        client.catalogue_exports_ask({})
        exporting.write_due(at=timezone.now())
        products = list(client.products_in(client.export_catalogue()))

    assert [row["status"] for row in rows] == [201, 201, 201]
    assert again.is_replayed
    assert again.order == rows[0]["order"]
    assert (refused.value.status, refused.value.code) == (409, "stock_insufficient")
    assert refused.value.retryable
    assert refused.value.errors[0]["values"]["available"] == 2
    assert "is short: 3 wanted, 2 available" in refused.value.detail
    assert sorted(pages) == ["A0", "A1", "A2"]
    assert [row["status"] for row in prices] == [200, 404, 200]
    assert by_number == rows[1]["order"]
    assert types_told.count("order.placed") == 3
    assert [product["item_no"] for product in products] == [tea.product.item_no]


@pytest.mark.http
def test_the_example_of_its_page_runs(
    live_web: LiveWeb, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop()
    tea = make_sku(supply_price_fen=50_00)
    Sku.objects.filter(pk=tea.pk).update(sku_no="TEA-250")
    page = (Path(settings.BASE_DIR) / "huopan_client" / "README.md").read_text()
    [example] = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for shown, real in (
        ("http://127.0.0.1:8000", live_web.url),
        ("hpk_…", shop.key.public_id),
        ("hps_…", shop.secret),
    ):
        assert shown in example
        example = example.replace(shown, real)

    exec(compile(example, "README.md", "exec"), {})

    assert Order.objects.get().out_order_no == "M20261122-0001"
    assert str(tea.product.item_no) in capsys.readouterr().out


@pytest.mark.http
def test_a_lost_answer_is_asked_for_again_only_where_nothing_can_happen_twice(
    live_web: LiveWeb,
) -> None:
    shop = Shop()
    tea = make_sku(available=5)

    with lossy_line(live_web.url) as line, client_of(shop, line.url) as client:
        line.lose = 2
        placed = client.place(order("A1", tea.sku_no))
        shipping.ship(
            fulfilment_pk=Fulfilment.objects.get().pk,
            supplier=None,
            carrier_code="SF",
            tracking_no="SF1234567890",
            actor=OPERATIONS,
            at=NOON,
        )
        line.lose, line.passed = 1, []
        with pytest.raises(OutcomeUnknown):
            client.orders_receive(Order.objects.get().order_no)

        assert placed.is_replayed
        assert Order.objects.count() == 1
        assert len(line.passed) == 1
        assert client.orders_read(Order.objects.get().order_no)["state"] == "completed"


def test_where_nobody_listens_nothing_was_sent() -> None:
    client = Client(f"http://127.0.0.1:{processes.free_port()}", "hpk_1", "hps_1", tries=1)

    with pytest.raises(Unreachable):
        client.orders_receive("A1")


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"shop\.example"):
        Client("shop.example", "hpk_1", "hps_1")


def test_a_callback_verifies_by_any_of_the_secrets() -> None:
    headers = called_back(at=NOW)

    event = verify(BODY, headers, "whsec_b3RoZXI=", SECRET, now=NOW.timestamp())

    assert event["type"] == "order.shipped"


def test_a_call_that_is_not_ours_or_too_old_is_refused() -> None:
    headers = called_back(at=NOW)
    later = NOW + timedelta(seconds=301)

    for body, given, now in (
        (BODY + b" ", headers, NOW),
        (BODY, headers, later),
        (BODY, headers | {"Webhook-Id": "evt_2"}, NOW),
        (BODY, headers | {"Webhook-Signature": "v1a," + headers["Webhook-Signature"][3:]}, NOW),
        (BODY, {}, NOW),
    ):
        with pytest.raises(CallbackRefused):
            verify(body, given, SECRET, now=now.timestamp())


def called_back(*, at: datetime) -> dict[str, str]:
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(SECRET).sign("evt_1", at, BODY.decode()),
    }
