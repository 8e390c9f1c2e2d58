"""Every list there is, at a million orders: how long each takes, and how many queries it asks.

Pages are opened in this process as somebody logged in would open them, so that queries can be counted.
"""

import re
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, reverse

from bench import filling
from companies.models import Person

ROUNDS = 5
MS, QUERIES = 300, 15
# Not lists: what is done by going there, and files.
NOT_LISTS = ("template", "csv", "xlsx", "pdf", "export", "logout", "file", "picture")

_LEADING = re.compile(r'href="(/admin/[^"]*/[^"]*\?[^"]*)"')


@dataclass(frozen=True)
class Opened:
    """A page: the median time of a request in ms, its queries, and the slowest of them."""

    address: str
    ms: float
    queries: int
    slowest_ms: float
    slowest_sql: str

    @property
    def reached(self) -> bool:
        """Tell whether it keeps to both limits."""
        return self.ms <= MS and self.queries <= QUERIES


def measure() -> list[Opened]:
    """Open every list of the platform, of a supplier and of a distributor."""
    staff, supplier, distributor = filling.people()
    return [
        *_opened(staff, _console()),
        *_opened(staff, _led_to(staff)),
        *_opened(supplier, _plain("backoffice")),
        *_opened(distributor, _plain("portal")),
    ]


def report(pages: Iterable[Opened]) -> bool:
    """Print a row a page, the slowest first; return whether all keep to the limits."""
    shown = sorted(pages, key=lambda one: -one.ms)
    print("| page | ms | queries | slowest query, ms |\n|---|---|---|---|")
    for one in shown:
        mark = "" if one.reached else " **over**"
        print(f"| {one.address}{mark} | {one.ms:.0f} | {one.queries} | {one.slowest_ms:.0f} |")
    for one in shown:
        if not one.reached:
            print(f"\n{one.address}\n  {one.slowest_ms:.0f} ms: {one.slowest_sql[:1500]}")
    return all(one.reached for one in shown)


def _console() -> Iterator[str]:
    yield "/admin/"
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        yield reverse(name)
        yield from (f"{reverse(name)}?{query}" for query in _FILTERED.get(name, ()))
    yield from _plain("console")


# What the home page leads to.
_FILTERED = {
    "admin:orders_order_changelist": ("state__exact=placed", "q=P0000000777"),
    "admin:orders_fulfilment_changelist": ("waiting=ship&source=own", "waiting=late"),
    "admin:orders_shipment_changelist": ("trouble=now", "state__exact=in_transit"),
    "admin:aftersales_case_changelist": ("state__exact=applied", "waiting=near"),
    "admin:supplychain_product_changelist": ("q=777",),
    "admin:supplychain_revision_changelist": ("state__exact=open",),
    "admin:distributors_recharge_changelist": ("waiting=decision",),
    "admin:ledger_transfer_changelist": ("credit=service_fees", "q=P0000000777"),
}


def _led_to(person: Person) -> Iterator[str]:
    """Yield longer periods of the dashboard, and the lists that its numbers lead to."""
    yield from ("/admin/?period=last_month", "/admin/?period=12m")
    html = _client(person).get("/admin/").content.decode()
    section = html[html.index('id="figures"') :]
    found = dict.fromkeys(unescape(one) for one in _LEADING.findall(section))
    kinds = Counter[str]()
    for address in found:
        # Of the many rows of the best, one of each kind.
        kind = re.sub("[0-9]+", "", address)
        kinds[kind] += 1
        if kinds[kind] == 1:
            yield address


def _plain(module: str) -> Iterator[str]:
    """Yield the addresses of a door that take no key."""
    urls = __import__(f"{module}.urls", fromlist=["urls"])
    routes = urls.pages[0] if hasattr(urls, "pages") else urls.urlpatterns
    namespace = getattr(urls, "app_name", module)
    for route in routes:
        name = getattr(route, "name", None)
        if not isinstance(route, URLPattern) or not name or any(w in name for w in NOT_LISTS):
            continue
        try:
            yield reverse(f"{namespace}:{name}")
        except NoReverseMatch:
            continue


def _opened(person: Person, addresses: Iterable[str]) -> Iterator[Opened]:
    client = _client(person)
    for address in addresses:
        answer = client.get(address)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and is_page:
            yield _time(client, address)
        elif answer.status_code >= 500:
            raise AssertionError((address, answer.status_code))


def _client(person: Person) -> Client:
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "zh-hans"})
    client.force_login(person)
    return client


def _time(client: Client, address: str) -> Opened:
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    # A later request forgets what was asked before it.
    queries = list(asked.captured_queries)
    slowest = max(queries, key=lambda query: float(query["time"]))
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        took.append((time.perf_counter() - began) * 1000)
    return Opened(
        address,
        statistics.median(took),
        len(queries),
        float(slowest["time"]) * 1000,
        slowest["sql"],
    )
