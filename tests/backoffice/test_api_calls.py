"""Every grid as an API call: one that the router knows, and that lists what the page lists."""

import inspect
import re
from collections.abc import Iterable

import pytest
from django.urls import resolve

from backoffice import api_calls, goods_list, orders
from backoffice import bills as bill_pages
from backoffice import stock as stock_pages
from backoffice.api_calls import GRIDS
from huopan_client import Client as ApiClient
from tests.factories import make_supplier
from tests.people import log_in, make_person

TABS: dict[str, Iterable[str]] = {
    "orders": orders.TABS,
    "goods": goods_list.TABS,
    "stock": stock_pages.TABS,
    "bills": bill_pages.TABS,
}


@pytest.mark.parametrize("grid", GRIDS)
def test_each_tab_is_a_call_that_router_and_client_know(grid: str) -> None:
    for show in TABS[grid]:
        for text in ("", "TEA-250"):
            call = api_calls.call(grid, show=show, text=text)

            path, _mark, query = call.target.partition("?")
            method = getattr(ApiClient, GRIDS[grid].method)
            assert "supplier" in resolve(path).func.__module__
            given = {pair.partition("=")[0] for pair in query.split("&") if pair}
            assert given <= set(inspect.signature(method).parameters)
            assert call.target in call.curl
            compile(call.python, grid, "exec")


def test_what_the_api_cannot_narrow_is_said() -> None:
    assert api_calls.call("orders", show="shipped", text="").is_whole
    assert api_calls.call("goods", show="all", text="TEA-250").is_whole
    assert not api_calls.call("goods", show="waiting", text="").is_whole
    assert not api_calls.call("stock", show="all", text="龙井").is_whole
    assert not api_calls.call("orders", show="to_ship", text="张三").is_whole


@pytest.mark.django_db
def test_the_panel_stands_on_each_grid_with_the_present_filter() -> None:
    client = log_in(make_person(make_supplier().company))

    targets = {}
    for path in ("orders/?show=shipped", "goods/?show=listed", "stock/", "bills/?show=paid"):
        page = client.get(f"/supplier/{path}").content.decode()
        found = re.search(r"<code>GET (/api/v1/supplier/[^<]*)</code>", page)
        targets[path] = found[1] if found else None

    assert targets == {
        "orders/?show=shipped": "/api/v1/supplier/orders?state=shipped",
        "goods/?show=listed": "/api/v1/supplier/goods?state=listed",
        "stock/": "/api/v1/supplier/stocks",
        "bills/?show=paid": "/api/v1/supplier/bills?state=paid",
    }
