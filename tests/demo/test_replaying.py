"""Real demand is replayed to the fen: what the API says was paid is what the ledger says was earned."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from demo import demand
from demo.management.commands.replay_marketplace import USUAL
from demo.replaying import NotIdentical, Sums
from kit import money
from ledger import accounts
from ledger.models import Kind
from orders.models import Order
from suppliers.models import Supplier
from tests.conftest import LiveWeb

ORDERS = 100
SUMS = Sums(
    orders=1,
    lines=1,
    new=1,
    file_goods_fen=100_00,
    file_freight_fen=8_00,
    api_goods_fen=105_00,
    api_freight_fen=8_00,
    payable_goods_fen=100_00,
    payable_freight_fen=8_00,
    fees_fen=5_00,
)


def replay(url: str) -> str:
    out = io.StringIO()
    call_command("replay_marketplace", url=url, orders=ORDERS, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.http
def test_a_hundred_orders_come_to_the_same_from_the_file_the_api_and_the_ledger(
    live_web: LiveWeb,
) -> None:
    purchases = demand.read(USUAL, ORDERS) if USUAL.exists() else demand.generated(ORDERS)
    pieces = list(demand.pieces_of(purchases))
    goods_fen = sum(piece.price_fen for piece in pieces)
    freight_fen = sum(piece.freight_fen for piece in pieces)
    fees_fen = sum(money.share(piece.price_fen, 500) for piece in pieces)

    said = replay(live_web.url)

    assert Order.objects.filter(state="completed").count() == ORDERS
    assert Supplier.objects.count() == len({piece.seller for piece in pieces})
    payables = [
        accounts.balance(Kind.PAYABLE, pk) for pk in Supplier.objects.values_list("pk", flat=True)
    ]
    assert sum(payables) == goods_fen + freight_fen
    assert accounts.balance(Kind.SERVICE_FEES) == fees_fen
    assert money.yuan(goods_fen + freight_fen + fees_fen) in said

    again = replay(live_web.url)

    assert "（0 新 new）" in again
    assert Order.objects.count() == ORDERS
    assert accounts.balance(Kind.SERVICE_FEES) == fees_fen


@pytest.mark.parametrize(
    "wrong",
    ["file_goods_fen", "file_freight_fen", "api_goods_fen", "payable_freight_fen", "fees_fen"],
)
def test_a_single_fen_of_difference_is_found(wrong: str) -> None:
    SUMS.prove()

    with pytest.raises(NotIdentical):
        replace(SUMS, **{wrong: getattr(SUMS, wrong) + 1}).prove()


def test_generated_demand_has_the_shape_of_the_real_one() -> None:
    purchases = demand.generated(500)

    assert purchases == demand.generated(500)
    assert len({purchase.number for purchase in purchases}) == 500
    assert any(len({piece.seller for piece in purchase.pieces}) > 1 for purchase in purchases)
    assert all(piece.price_fen >= 1 for piece in demand.pieces_of(purchases))


@pytest.mark.parametrize(
    ("_case", "text", "words"),
    [
        ("another header", "a,b\n1,2\n", "columns"),
        (
            "a price in words",
            "order,line,item,seller,unit_price_cents,freight_cents\no,1,i,s,x,1\n",
            "line 2",
        ),
        (
            "a price of 0",
            "order,line,item,seller,unit_price_cents,freight_cents\no,1,i,s,0,1\n",
            "line 2",
        ),
    ],
)
def test_a_file_that_is_not_demand_is_refused_with_its_line(
    _case: str, text: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text)

    with pytest.raises(CommandError, match=words):
        call_command("replay_marketplace", path)


def test_the_usual_file_lies_beside_the_project_and_never_in_it() -> None:
    assert settings.BASE_DIR not in USUAL.parents
    assert not list(settings.BASE_DIR.glob("**/marketplace_orders.csv"))
