"""A supplier's stock grid: set, add, guard, and why a number is what it is."""

import html
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from companies import policies
from kit.actors import OPERATIONS
from suppliers.models import Supplier
from supplychain import reviewing, running_low, stock
from supplychain.models import Sku, StockMail
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
    assert row.lstrip().startswith(f'<tr id="stock-{sku.pk}" class="saved"')


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
    assert '"Shipped in 30 days">0</td>' in row
    assert [sku.sku_no in low for sku in (plenty, few, none)] == [False, True, True]
    assert [sku.sku_no in out for sku in (plenty, few, none)] == [False, False, True]


def save_price(client: Client, sku: Sku, price: str, **fields: Any) -> tuple[int, str]:
    """Send a row as the grid does: what nobody touched is as it was shown."""
    sku.refresh_from_db()
    values = {"available": "20", "was_available": "20", "version": "0", "was_price": "50.00"}
    answer = client.post(
        f"/supplier/stock/{sku.sku_no}/", values | {"price": price, **fields}, headers=HTMX
    )
    return answer.status_code, answer.content.decode()


def test_a_price_in_the_grid_is_cut_at_once_and_raised_after_review(
    supplier: Supplier, client: Client, sku: Sku
) -> None:
    type(supplier).objects.filter(pk=supplier.pk).update(trusted=False)
    later = timezone.localtime() + timedelta(days=3)

    raised = save_price(client, sku, "60")
    waiting = sku.product.revisions.get(state="open")
    taken_back = save_price(client, sku, "50", was_price="60.00")
    cut = save_price(client, sku, "45.5")
    refused = save_price(client, sku, "4x", was_price="45.50")
    timed = save_price(
        client, sku, "47", was_price="45.50", effective_at=later.strftime("%Y-%m-%dT%H:%M")
    )

    assert [status for status, _row in (raised, taken_back, cut, refused, timed)] == [
        200, 200, 200, 422, 200,
    ]  # fmt: skip
    assert "live: ¥50.00" in raised[1]
    assert 'value="60.00"' in raised[1]
    waiting.refresh_from_db()
    sku.refresh_from_db()
    assert (waiting.state, sku.supply_price_fen) == ("withdrawn", 45_50)
    assert 'value="4x"' in refused[1]
    planned = sku.product.revisions.get(state="open")
    assert planned.effective_at == later.replace(second=0, microsecond=0)
    assert available(sku) == 20


def test_what_the_reviewers_sent_back_is_not_resubmitted_by_a_price(
    supplier: Supplier, client: Client, sku: Sku
) -> None:
    type(supplier).objects.filter(pk=supplier.pk).update(trusted=False)
    save_price(client, sku, "60")
    revision = sku.product.revisions.get(state="open")
    reviewing.ask_for_change(revision_pk=revision.pk, note="为什么", actor=OPERATIONS, at=NOON)

    status, row = save_price(client, sku, "61", was_price="60.00")

    revision.refresh_from_db()
    assert (status, revision.state) == (422, "changes_requested")
    assert "answer them in its form first" in row


def test_a_sku_is_low_below_its_own_mark_else_below_the_policys(
    supplier: Supplier, client: Client, sku: Sku
) -> None:
    def low() -> tuple[bool, bool]:
        listed = client.get("/supplier/stock/", {"show": "low"}).content.decode()
        home = client.get("/supplier/").content.decode()
        return sku.sku_no in listed, "<b>1</b><span>Low stock" in home

    def mark(below: str) -> int:
        fields = {"below": below, "was_below": "x"}
        return client.post(f"/supplier/stock/{sku.sku_no}/", fields, headers=HTMX).status_code

    before = low()
    marked, above = mark("21"), low()
    refused = mark("many")
    policies.decide(name="low_stock_below", value=21, actor=OPERATIONS, at=NOON)
    never, unmarked = (mark("0"), low()), (mark(""), low())

    assert (before, marked, above, refused) == ((False, False), 200, (True, True), 422)
    assert never == (200, (False, False))
    assert unmarked == (200, (True, True))


def test_a_mail_tells_once_a_day_whoever_wants_it_what_is_low(
    supplier: Supplier, client: Client
) -> None:
    low = make_live_product(supplier, stock=2).skus.get()
    plenty = make_live_product(supplier, stock=500).skus.get()
    leaver = make_person(supplier.company)
    for one in (client, log_in(leaver)):
        one.post("/supplier/stock/mail/", {"wanted": "1"})
    leaver.memberships.all().delete()
    morning = datetime(2026, 11, 23, 8, 5, tzinfo=ZoneInfo("Asia/Shanghai"))

    too_early = running_low.mail_due(at=morning - timedelta(hours=1))
    sent = race(lambda _n: running_low.mail_due(at=morning), 3)
    again = running_low.mail_due(at=morning + timedelta(hours=5))
    next_day = running_low.mail_due(at=morning + timedelta(days=1))

    assert (too_early, sum(sent), again, next_day) == (0, 1, 0, 1)
    [first, _second] = mail.outbox
    assert low.sku_no in first.body
    assert plenty.sku_no not in first.body
    assert not StockMail.objects.filter(person=leaver).exists()


def test_pasted_and_scanned_lines_are_seen_first_and_set_or_added_as_one_act(
    supplier: Supplier, client: Client
) -> None:
    by_number, by_barcode, stale = (make_live_product(supplier).skus.get() for _ in range(3))
    Sku.objects.filter(pk=by_barcode.pk).update(barcode="6901234567892")
    foreign = make_live_product(make_supplier()).skus.get()
    pasted = (
        f"{by_number.sku_no}\t5\n6901234567892 2\n6901234567892\n{stale.sku_no} 9\n"
        f"{foreign.sku_no} 4\nNOTHING 1\n{by_number.sku_no} many\n"
    )

    seen = client.post("/supplier/stock/count/", {"lines": pasted}).content.decode()
    untouched = [available(sku) for sku in (by_number, by_barcode, stale)]
    guarded = html.unescape(re.findall(r'name="lines" value="([^"]+)"', seen)[0])
    stock.adjust(sku_pk=stale.pk, quantity=-1, actor=OPERATIONS, at=NOON)
    done = client.post("/supplier/stock/count/", {"lines": guarded, "act": "set"})
    after_set = [available(sku) for sku in (by_number, by_barcode, stale)]
    client.post("/supplier/stock/count/", {"lines": f"{by_number.sku_no} 5", "act": "add"})
    client.post("/supplier/stock/count/", {"lines": f"{by_number.sku_no} -99", "act": "add"})

    assert "3 skus are found." in seen
    assert seen.count("None of your skus has this number") == 2
    assert "Write a number or barcode" in seen
    assert untouched == [20, 20, 20]
    assert done.status_code == 422
    assert "Stock has changed since you looked" in done.content.decode()
    assert after_set == [5, 3, 19]
    assert available(by_number) == 10
    assert available(foreign) == 20
    assert by_number.movements.filter(kind__in=("set", "adjust")).count() == 3


def test_a_number_is_explained_from_when_it_was_last_set(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=2)
    sku = order.lines.get().sku
    stock.set_available(sku_pk=sku.pk, available=50, actor=OPERATIONS, at=NOON)
    stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)

    page = client.get(f"/supplier/stock/{sku.sku_no}/movements/").content.decode()

    summed = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition('class="sum">')[2]))
    assert summed.startswith("47 = 50 (set 2026-")
    assert "− 3 (adjusted)" in summed.partition(")")[2]
    assert f"/supplier/orders/{order.order_no}/" in page
