"""Calls that nobody would write: whatever is sent, the answer is one that is described."""

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from requests.auth import AuthBase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api import docs, examples
from supplychain.models import Product, Sku
from tests.api.signed import Shop
from tests.conftest import LiveWeb
from tests.factories import make_sku

pytestmark = pytest.mark.http

EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Here an order that is wrong is answered for itself, and does not stop its neighbours.
PER_ITEM = "/api/v1/orders/batch"


def without_signatures() -> dict[str, Any]:
    """The description for a client that signs by itself, whatever it is told to send."""
    found = copy.deepcopy(docs.schema("en"))
    del found["components"]["securitySchemes"]
    for methods in found["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return found


schema = schemathesis.openapi.from_dict(without_signatures())


class Signed(AuthBase):
    """Signs what `requests` has prepared, whatever that is."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the four headers."""
        body = request.body or b""
        content = body if isinstance(body, bytes) else body.encode()
        parts = urlsplit(str(request.url))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        request.headers.update(self.shop.sign(str(request.method), target, content))
        return request


@pytest.fixture
def signed(live_web: LiveWeb) -> Iterator[Any]:
    """How to call the live server as a shop that sees the goods of the examples."""
    tea = make_sku(available=10_000)
    Sku.objects.filter(pk=tea.pk).update(sku_no=examples.SKU_NO)
    Product.objects.filter(pk=tea.product_id).update(item_no=examples.ITEM_NO)
    with requests.Session() as session:
        yield {"base_url": live_web.url, "auth": Signed(Shop()), "session": session}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Any, signed: Any) -> None:
    checks = CHECKS if case.path == PER_ITEM else [*CHECKS, negative_data_rejection]

    case.call_and_validate(checks=checks, **signed)
