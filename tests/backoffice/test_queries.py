"""Lists ask the database a fixed number of questions, however many rows they show."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders import placing
from suppliers.models import Supplier
from tests.factories import make_distributor, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db
MOST = 15


def make_busy() -> tuple[Supplier, Client]:
    """A supplier with a page full of goods and orders."""
    supplier = make_supplier()
    shop = make_distributor(deposit_fen=1_000_000_00)
    for _ in range(12):
        sku = make_live_product(supplier).skus.get()
        placing.place(make_request(shop, {sku: 1}), at=timezone.now())
    return supplier, log_in(make_person(supplier.company))


@pytest.mark.parametrize(
    "path",
    [
        "/supplier/",
        "/supplier/orders/",
        "/supplier/orders/?q=SF1234567890123",
        "/supplier/aftersales/",
        "/supplier/aftersales/?show=open",
        "/supplier/goods/",
        "/supplier/goods/?q=LIVE&bare=1&sort=stock",
        "/supplier/stock/?q=LIVE",
        "/supplier/freight/",
        "/supplier/bills/",
        "/supplier/keys/",
        "/supplier/keys/log/",
        "/supplier/keys/debugger/",
        "/supplier/performance/",
        "/supplier/log/",
        "/team/",
    ],
)
def test_a_suppliers_list_asks_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    _supplier, client = make_busy()
    client.get(path)

    with django_assert_max_num_queries(MOST):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/portal/", "/portal/orders/", "/portal/aftersales/", "/portal/deposit/"]
)
def test_a_distributors_list_asks_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    supplier, _client = make_busy()
    order = supplier.fulfilments.first()
    assert order is not None
    client = log_in(make_person(order.order.distributor.company))
    client.get(path)

    with django_assert_max_num_queries(MOST):
        assert client.get(path).status_code == 200
