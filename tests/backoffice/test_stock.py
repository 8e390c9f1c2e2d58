"""A supplier's stock grid: set, add, guard, and why a number is what it is."""

import pytest
from django.core.cache import cache
from django.test import Client

from kit.actors import OPERATIONS
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import Sku
from tests.factories import NOON, make_supplier
from tests.people import log_in, make_live_product, make_order_for, make_person
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def sku(supplier: Supplier) -> Sku:
    return make_live_product(supplier, stock=20).skus.get()


@pytest.fixture
def client(supplier: Supplier) -> Client:
    return log_in(make_person(supplier.company))


def available(sku: Sku) -> int:
    sku.stock.refresh_from_db()
    return sku.stock.available


def save(client: Client, sku: Sku, text: str, version: int | str | None = None) -> tuple[int, str]:
    sku.stock.refresh_from_db()
    answer = client.post(
        f"/supplier/stock/{sku.sku_no}/",
        {"available": text, "version": sku.stock.version if version is None else version},
        headers=HTMX,
    )
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("_case", "text", "after"),
    [("set", "7", 7), ("to nothing", "0", 0), ("add", "+5", 25), ("take away", " -5 ", 15)],
)
def test_stock_is_set_or_changed_by_a_difference(
    client: Client, sku: Sku, _case: str, text: str, after: int
) -> None:
    status, row = save(client, sku, text)

    assert status == 200
    assert available(sku) == after
    assert row.lstrip().startswith(f'<tr id="stock-{sku.pk}" class="saved">')


@pytest.mark.parametrize(
    "text", ["", "many", "1.5", "--5", "+-5", "1e3", "１２", "9999999999", "-21", "999999999"]
)
def test_nonsense_and_what_does_not_fit_is_refused_beside_the_row(
    client: Client, sku: Sku, text: str
) -> None:
    status, row = save(client, sku, text)

    assert status == 422
    assert 'class="error"' in row
    assert available(sku) == 20


def test_a_number_typed_beside_a_stale_page_is_refused_and_shows_the_new_one(
    client: Client, sku: Sku
) -> None:
    looked_at = sku.stock.version
    stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)

    status, row = save(client, sku, "20", version=looked_at)
    without = save(client, sku, "20", version="")

    assert (status, without[0]) == (422, 422)
    assert "Stock has changed since you looked" in row
    assert available(sku) == 17


def test_of_two_who_set_stock_at_once_one_is_told(supplier: Supplier, sku: Sku) -> None:
    clients = [log_in(make_person(supplier.company)) for _ in range(2)]
    version = sku.stock.version

    statuses = race(lambda n: save(clients[n], sku, str(n + 1), version=version)[0], 2)

    assert sorted(statuses) == [200, 422]
    assert available(sku) in (1, 2)


def test_without_scripts_the_row_is_saved_too(client: Client, sku: Sku) -> None:
    answer = client.post(
        f"/supplier/stock/{sku.sku_no}/", {"available": "3", "version": sku.stock.version}
    )

    assert answer.headers["location"] == "/supplier/stock/"
    assert available(sku) == 3


def test_every_change_is_explained_without_naming_other_companies(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=2)
    sku = order.lines.get().sku
    save(client, sku, "+1")

    page = client.get(f"/supplier/stock/{sku.sku_no}/movements/").content.decode()

    assert order.order_no in page
    assert "王小明" in page
    assert "the platform" in page
    assert order.distributor.company.name not in page
    assert "operations" not in page


def test_the_grid_shows_what_is_promised_and_filters_what_is_low(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=2)
    plenty = make_live_product(supplier, stock=500).skus.get()
    few = make_live_product(supplier, stock=9).skus.get()
    none = make_live_product(supplier, stock=0).skus.get()

    grid = client.get("/supplier/stock/").content.decode()
    low = client.get("/supplier/stock/", {"show": "low"}).content.decode()
    out = client.get("/supplier/stock/", {"show": "out"}).content.decode()

    row = grid.partition(order.lines.get().sku_no)[2]
    assert '"Still to ship">2</td>' in row
    assert [sku.sku_no in low for sku in (plenty, few, none)] == [False, True, True]
    assert [sku.sku_no in out for sku in (plenty, few, none)] == [False, False, True]
