"""Each list of a supplier as the call of the API that answers the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings

from integration import shell_calls

PREFIX = "/api/v1/supplier/"
NO_KEY = "hpk_…"
# A search for such a text may be for a number.
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")


@dataclass(frozen=True)
class Grid:
    """The call that lists what a page lists.

    `states` says which `state` the call takes for a tab of the page, `whole` is the tab that shows
    what it lists without one; `number` is the parameter by which it takes a number searched for.
    """

    path: str
    method: str
    states: Mapping[str, str] = field(default_factory=dict)
    whole: str = "all"
    number: str = ""


@dataclass(frozen=True)
class ApiCall:
    """A call, as commands for a shell and with the Python client; `is_whole` if it lists the same."""

    target: str
    curl: str
    python: str
    is_whole: bool


GRIDS: Mapping[str, Grid] = {
    "orders": Grid(
        "orders",
        "supplier_orders_each",
        {"to_ship": "to_ship", "shipped": "shipped", "closed": "closed"},
    ),
    "goods": Grid(
        "goods",
        "supplier_goods_each",
        {"listed": "listed", "delisted": "delisted", "draft": "draft"},
        number="item_no",
    ),
    "stock": Grid("stocks", "supplier_stocks_each", number="sku_no"),
    "bills": Grid(
        "bills", "supplier_bills_each", {"accepted": "accepted", "paid": "paid", "void": "void"}
    ),
}


def call(name: str, *, show: str, text: str) -> ApiCall:
    """Return the call that lists what a page lists, with as much of its filter as the API knows."""
    grid = GRIDS[name]
    asked = {"state": grid.states[show]} if show in grid.states else {}
    is_number = bool(grid.number and _NUMBER.fullmatch(text))
    if is_number:
        asked[grid.number] = text
    query = urlencode(asked)
    target = f"{PREFIX}{grid.path}" + (f"?{query}" if query else "")
    return ApiCall(
        target=target,
        curl=shell_calls.curl(method="GET", target=target, key=NO_KEY),
        python=_python(grid.method, asked),
        is_whole=(show in grid.states or show == grid.whole) and (not text or is_number),
    )


def _python(method: str, asked: Mapping[str, str]) -> str:
    arguments = ", ".join(f'{name}="{value}"' for name, value in asked.items())
    return "\n".join(
        (
            "import os",
            "",
            "from huopan_client import Client",
            "",
            'secret = os.environ["HUOPAN_SECRET"]',
            f'with Client("{settings.PUBLIC_URL.rstrip("/")}", "{NO_KEY}", secret) as client:',
            f"    for row in client.{method}({arguments}):",
            "        print(row)",
        )
    )
