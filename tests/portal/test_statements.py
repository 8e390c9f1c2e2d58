"""A distributor's statements and reconciliations in the portal."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from xlsxwriter import Workbook

from books import statements
from books.models import Reconciliation
from distributors.models import Distributor
from orders import placing
from suppliers.periods import DAY
from tests.factories import NOON, make_distributor, make_request, make_sku
from tests.people import log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)
STATEMENTS, RECONCILIATIONS = "/portal/statements/", "/portal/reconciliations/"
LATER = NOON + timedelta(hours=20)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=1_000_00)


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in_by_password(make_person(shop.company))


def order(shop: Distributor, *numbers: str) -> None:
    tea = make_sku(supply_price_fen=100_00, available=99)
    for number in numbers:
        placing.place(make_request(shop, {tea: 1}, number=number), at=NOON)


def upload(client: Client, content: bytes, name: str = "账.csv", **days: str) -> str:
    sheet = SimpleUploadedFile(name, content)
    answer = client.post(RECONCILIATIONS, {"file": sheet, **days}, follow=True)
    return answer.content.decode()


DAYS = {"first": "2026-11-22", "last": "2026-11-22"}


def test_closed_days_are_listed_shown_and_downloaded_as_they_were_frozen(
    shop: Distributor, client: Client
) -> None:
    order(shop, "MY-1")
    statements.run(at=LATER)
    kept = shop.statements.get()

    listed = client.get(STATEMENTS).content.decode()
    shown = client.get(f"{STATEMENTS}2026-11-22/").content.decode()
    files = [client.get(f"{STATEMENTS}2026-11-22.{form}") for form in ("csv", "json")]

    assert "¥895.00" in listed
    assert "MY-1" in shown
    assert "-¥105.00" in shown
    assert [file.content for file in files] == [bytes(kept.csv), bytes(kept.json)]
    assert f'filename="{shop.number}-2026-11-22.csv"' in files[0]["Content-Disposition"]


def test_statements_are_found_by_month(shop: Distributor, client: Client) -> None:
    statements.run(at=NOON + 10 * DAY)

    november = client.get(f"{STATEMENTS}?month=2026-11").content.decode()
    december = client.get(f"{STATEMENTS}?month=2026-12").content.decode()

    assert ("2026-11-30</a>" in november, "2026-12-01</a>" in november) == (True, False)
    assert ("2026-11-30</a>" in december, "2026-12-01</a>" in december) == (False, True)


@pytest.mark.parametrize(
    "address",
    [
        "statements/2999-01-01/",
        "statements/1999-01-01/",
        "statements/nothing/",
        "statements/2026-11-22/?page=2",
        "statements/?month=13",
        "reconciliations/RC-NONE/",
        "reconciliations/RC-NONE/csv/",
    ],
)
def test_what_is_not_there_is_not_found(shop: Distributor, client: Client, address: str) -> None:
    statements.run(at=LATER)

    assert client.get(f"/portal/{address}").status_code == 404


def test_a_sheet_is_compared_and_shown_and_kept(shop: Distributor, client: Client) -> None:
    order(shop, "A", "B", "C")
    sheet = "订单号,金额,备注\nA,105.00,\nB,100,\nX,9.99,\n".encode("gb18030")

    page = upload(client, sheet, **DAYS)

    kept = Reconciliation.objects.get()
    assert (kept.matched, kept.differing, kept.missing_here, kept.missing_there) == (1, 1, 1, 1)
    assert "Your sheet was compared" in page
    assert "-¥5.00" in page
    missing = client.get(f"{RECONCILIATIONS}{kept.reconciliation_id}/?show=missing_there")
    assert ">C<" in missing.content.decode()
    assert ">B<" not in missing.content.decode()
    exported = client.get(f"{RECONCILIATIONS}{kept.reconciliation_id}/csv/").content.decode()
    assert "B" in exported
    assert "100.00,105.00" in exported
    assert kept.reconciliation_id in client.get(RECONCILIATIONS).content.decode()


def test_a_workbook_is_read_as_well(shop: Distributor, client: Client) -> None:
    order(shop, "20261122000123")
    written = io.BytesIO()
    with Workbook(written) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["订单号", "金额"])
        page.write_row(1, 0, [20261122000123, 105.0])

    assert "Everything matches" in upload(client, written.getvalue(), "账.xlsx", **DAYS)


@pytest.mark.parametrize(
    ("_case", "content", "name", "days", "words"),
    [
        ("an amount in words", "订单号,金额\nA,ten\n", "a.csv", DAYS, "Line 2"),
        ("no amount column", "订单号\nA\n", "a.csv", DAYS, "is missing"),
        ("a picture", "x", "a.png", DAYS, "neither"),
        ("one day alone", "订单号,金额\nA,1\n", "a.csv", {"first": "2026-11-22"}, "both days"),
        ("no workbook", "x", "a.xlsx", DAYS, "cannot be read"),
    ],
)
def test_a_sheet_that_cannot_be_compared_is_refused_with_the_reason(
    shop: Distributor,
    client: Client,
    _case: str,
    content: str,
    name: str,
    days: dict[str, str],
    words: str,
) -> None:
    page = upload(client, content.encode(), name, **days)

    assert words in page
    assert not Reconciliation.objects.exists()


def test_nothing_of_another_distributor_is_shown(shop: Distributor, client: Client) -> None:
    other = make_distributor()
    order(other, "THEIRS")
    statements.run(at=LATER)
    upload(client, "订单号,金额\nTHEIRS,1\n".encode(), **DAYS)
    mine = Reconciliation.objects.get()
    intruder = log_in_by_password(make_person(other.company))

    assert "THEIRS" not in client.get(f"{STATEMENTS}2026-11-22/").content.decode()
    assert mine.differences[0]["order_no"] == ""
    assert intruder.get(f"{RECONCILIATIONS}{mine.reconciliation_id}/").status_code == 404


def test_long_lists_cost_few_queries(shop: Distributor, client: Client) -> None:
    order(shop, "A")
    statements.run(at=NOON + 20 * DAY)
    for number in range(3):
        upload(client, f"订单号,金额\nA{number},1\n".encode(), **DAYS)
    kept = Reconciliation.objects.latest("pk").reconciliation_id

    for address in (STATEMENTS, f"{STATEMENTS}2026-11-22/", RECONCILIATIONS):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, address
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{RECONCILIATIONS}{kept}/")
    assert len(queries) <= 15
