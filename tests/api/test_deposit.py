"""The deposit through the API."""

import itertools

from distributors import recharging
from kit.actors import OPERATIONS
from ledger.models import Transfer
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_sku


def recharge(shop: Shop, amount_fen: int, reference: str) -> None:
    """Credit a deposit."""
    recharging.recharge(
        distributor_pk=shop.distributor.pk,
        amount_fen=amount_fen,
        reference=reference,
        actor=OPERATIONS,
        at=NOON,
    )


def test_the_deposit_says_what_can_be_spent_and_what_orders_hold(shop: Shop) -> None:
    recharging.set_credit_line(distributor_pk=shop.distributor.pk, credit_line_fen=200_00, at=NOON)
    tea = make_sku(supply_price_fen=50_00)
    shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=2))

    answer = shop.get("/deposit")

    assert answer.json() == {
        "available_fen": 1_000_00 - 105_00 + 200_00,
        "balance_fen": 1_000_00 - 105_00,
        "held_fen": 0,
        "withdrawals_fen": 0,
        "credit_line_fen": 200_00,
        "open_orders_fen": 105_00,
        "frozen": False,
    }


def test_transfers_run_back_to_nothing_page_by_page(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=99)
    for number in range(3):
        recharge(shop, 10_00, f"R{number}")
        shop.post("/orders", order_body(tea.sku_no, number=f"A{number}"))
    recharge(Shop(), 7_77, "somebody else's")

    found, after = [], ""
    while True:
        page = shop.get(f"/deposit/transfers?limit=2{after}").json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [row["amount_fen"] for row in found] == [-52_50, 10_00] * 3 + [1_000_00]
    assert found[0]["balance_fen"] == shop.get("/deposit").json()["balance_fen"]
    assert found[-1]["balance_fen"] == 1_000_00
    for newer, older in itertools.pairwise(found):
        assert newer["balance_fen"] - newer["amount_fen"] == older["balance_fen"]
    assert found[0]["out_order_no"] == "A2"


def test_a_page_goes_on_where_it_was_though_new_transfers_came(shop: Shop) -> None:
    for number in range(3):
        recharge(shop, 10_00, f"R{number}")
    first = shop.get("/deposit/transfers?limit=2").json()
    recharge(shop, 500_00, "late")

    second = shop.get(f"/deposit/transfers?limit=9&after={first['next']}").json()

    assert [row["reference"] for row in first["items"]] == ["R2", "R1"]
    assert [(row["reference"], row["balance_fen"]) for row in second["items"][:1]] == [
        ("R0", 1_010_00)
    ]
    assert Transfer.objects.count() == 5
