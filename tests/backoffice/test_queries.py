"""Lists ask the database a fixed number of questions, however many rows they show.

Suppliers' lists are held to it at ten thousand rows, in test_sizes.py.
"""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders import placing
from tests.factories import make_distributor, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

MOST = 15


@pytest.mark.django_db
def test_a_distributors_lists_ask_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier, shop = make_supplier(), make_distributor(deposit_fen=1_000_000_00)
    for _ in range(12):
        sku = make_live_product(supplier).skus.get()
        placing.place(make_request(shop, {sku: 1}), at=timezone.now())
    client = log_in(make_person(shop.company))
    client.get("/portal/")

    for path in ("/portal/", "/portal/orders/", "/portal/aftersales/", "/portal/deposit/"):
        with django_assert_max_num_queries(MOST):
            assert client.get(path).status_code == 200, path
