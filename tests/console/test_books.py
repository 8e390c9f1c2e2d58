"""The pages on which the books can be checked: trial balance, proofs, freezes, an order explained."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from books import proving, verifying
from companies.models import Person
from kit.actors import timer
from ledger.models import Account
from orders import placing
from orders.models import Order
from supplychain.models import Sku
from tests.books import worlds
from tests.books.planting import plant
from tests.console import staff
from tests.factories import NOON, make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db
MAX_QUERIES = 15
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def accountant() -> Person:
    return staff.make_staff("see_money", "see_orders", "see_goods", "see_companies", "keep_stock")


@pytest.fixture
def client(accountant: Person) -> Client:
    return staff.client_of(accountant, "en")


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"console:{name}", args=args) + query)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_the_trial_balance_leads_down_to_the_order(client: Client) -> None:
    world = worlds.make_world()
    order = Order.objects.get(out_order_no="B")
    deposit = Account.objects.get(kind="deposit", holder=world.shop.pk)

    balance = page(client, "trial_balance", query=f"?day={NOON:%Y-%m-%d}")
    kind = page(client, "accounts_of_kind", "deposit", query=f"?day={NOON:%Y-%m-%d}")
    account = page(client, "account", deposit.pk)
    explained = client.get(reverse("console:explain"), {"q": order.order_no})

    assert "balances" in balance
    assert "does not balance" not in balance
    assert reverse("console:accounts_of_kind", args=["deposit"]) in balance
    assert reverse("console:account", args=[deposit.pk]) in kind
    assert f"{reverse('console:explain')}?q={order.order_no}" in account
    assert explained["Location"] == reverse("console:explanation", args=[order.pk])


def test_an_unknown_kind_of_account_is_not_there(client: Client) -> None:
    assert client.get(reverse("console:accounts_of_kind", args=["gold"])).status_code == 404


def test_the_trial_balance_is_had_as_a_workbook(client: Client) -> None:
    worlds.make_world()

    answer = client.get(reverse("console:trial_balance_xlsx"))

    assert answer["Content-Type"] == XLSX
    assert answer.content[:2] == b"PK"


@pytest.mark.parametrize(
    ("_name", "_args"),
    [
        ("trial_balance", []),
        ("accounts_of_kind", ["deposit"]),
        ("accounts_of_kind", ["payable"]),
        ("proofs", []),
        ("explain", []),
    ],
)
def test_a_list_takes_few_queries(
    client: Client, django_assert_max_num_queries: object, _name: str, _args: list[str]
) -> None:
    worlds.make_world()
    page(client, _name, *_args)

    with django_assert_max_num_queries(MAX_QUERIES):  # type: ignore[operator]
        page(client, _name, *_args)


def test_an_order_is_explained_with_its_supply_price_and_its_open_amount(client: Client) -> None:
    worlds.make_world()
    order = Order.objects.get(out_order_no="B")

    text = page(client, "explanation", order.pk)

    assert "¥19.99 × 5 % = ¥0.9995" in text
    assert order.order_no in text
    assert re.findall(r"Open after it", text)


def test_the_same_number_of_two_distributors_lets_choose(client: Client) -> None:
    tea = make_sku()
    for _ in range(2):
        shop = make_distributor(deposit_fen=1_000_00)
        placing.place(make_request(shop, {tea: 1}, number="SAME"), at=NOON)

    text = page(client, "explain", query="?q=SAME")

    assert all(order.order_no in text for order in Order.objects.filter(out_order_no="SAME"))


def test_a_number_that_was_never_placed_says_why(client: Client) -> None:
    shop, tea = make_distributor(deposit_fen=0), make_sku()
    placing.place_many([make_request(shop, {tea: 1}, number="POOR")], at=NOON)

    text = page(client, "explain", query="?q=POOR")

    assert "No order has this number." in text
    assert "deposit_insufficient" in text


def test_a_broken_proof_shows_rule_row_and_freeze_and_waits_on_the_first_page(
    client: Client,
) -> None:
    tea = make_sku()
    plant(f"UPDATE supplychain_stock SET available = available + 1 WHERE sku_id = {tea.pk}")
    proof = proving.record(
        verifying.look(at=NOON, rows=proving.ROWS_RESOLVED), actor=timer("proof")
    )

    shown = page(client, "proof", proof.pk)
    listed = page(client, "proofs")
    home = client.get("/admin/").content.decode()

    assert "stock_is_the_sum_of_its_movements" in shown
    assert "never below zero" in shown
    assert tea.sku_no in shown
    assert reverse("console:unfreeze_sku", args=[tea.pk]) in listed
    assert "Book check: broken rules" in home
    assert "Frozen skus" in home


def test_a_sku_is_unfrozen_for_a_reason_that_is_recorded(
    client: Client, transactional_db: None
) -> None:
    tea = make_sku()
    Sku.objects.filter(pk=tea.pk).update(frozen_at=NOON, frozen_reason="stock")
    address = reverse("console:unfreeze_sku", args=[tea.pk])

    without = client.post(address, {"reason": ""})
    assert without.status_code == 422
    assert Sku.objects.get(pk=tea.pk).frozen_at is not None
    done = client.post(address, {"reason": "counted anew"})

    assert done.status_code == 302
    assert Sku.objects.get(pk=tea.pk).frozen_at is None
    reader = staff.client_of(staff.make_staff("see_records"), "en")
    assert "counted anew" in reader.get("/admin/records/").content.decode()
