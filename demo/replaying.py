"""Replaying a marketplace's orders through the signed HTTP API, to the fen."""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from demo import consumers, market
from demo.demand import Purchase, pieces_of
from demo.market import Market, Progress
from huopan_client import Client, types
from kit import money
from ledger.models import Kind, Transfer

ORDERS_A_REQUEST = 100
RECEIVERS = 4
ORDERS_A_RECEIVER = 25


class NotIdentical(Exception):
    """Two sums that must be the same to the fen are not; the message says which."""


class Refused(Exception):
    """The API refused an order of a batch."""


@dataclass(frozen=True)
class Sums:
    """What the whole came to, from three sides: the file, the API's answers, and the ledger."""

    orders: int
    lines: int
    new: int
    file_goods_fen: int
    file_freight_fen: int
    api_goods_fen: int
    api_freight_fen: int
    payable_goods_fen: int
    payable_freight_fen: int
    fees_fen: int

    def prove(self) -> None:
        """Check that the three sides say the same.

        :raises NotIdentical: they do not.
        """
        paid_fen = self.api_goods_fen + self.api_freight_fen
        earned_fen = self.payable_goods_fen + self.payable_freight_fen + self.fees_fen
        for words, one, other in (
            ("paid by API answers, and earned by the ledger", paid_fen, earned_fen),
            ("prices of the file, and payables", self.file_goods_fen, self.payable_goods_fen),
            (
                "freight of the file, and of the answers",
                self.file_freight_fen,
                self.api_freight_fen,
            ),
            (
                "freight of the answers, and payables",
                self.api_freight_fen,
                self.payable_freight_fen,
            ),
        ):
            if one != other:
                raise NotIdentical(f"{words}: {money.yuan(one)} and {money.yuan(other)}.")


def replay(
    purchases: Sequence[Purchase], place: Market, url: str, *, at: datetime, progress: Progress
) -> Sums:
    """Place, ship and receive all orders; return what they came to.

    :raises Failure: the API refused something, or gave no answer.
    :raises Refused: it refused an order of a batch.
    """
    shop = Client(url, place.credentials.key, place.credentials.secret)
    prices = _prices(shop, place)
    missing = market.not_placed(purchases, place.distributor)
    market.fund(place, _cost(missing, place, prices), at=at)
    placed = _place(shop, purchases, place, prices, progress)
    order_nos = [order["order_no"] for order, _ in placed]
    market.ship_all(place, order_nos, at=at, progress=progress)
    received = _receive(place, url, order_nos, progress)
    return _sums(purchases, received, sum(is_new for _, is_new in placed))


def _prices(shop: Client, place: Market) -> dict[str, int]:
    """Ask what each sku costs, and check that it is the file's price and the fee on it."""
    asked = sorted(place.sku_nos.values())
    found: dict[str, int] = {}
    for row in shop.prices_of(asked):
        found[row["sku_no"]] = row["agreement_price_fen"]
    for (_seller, _item, _freight_fen, price_fen), sku_no in place.sku_nos.items():
        expected = price_fen + money.share(price_fen, market.FEE_RATE_BP)
        if found[sku_no] != expected:
            raise NotIdentical(f"{sku_no} costs {found[sku_no]} fen, not {expected}.")
    return found


def _cost(purchases: Sequence[Purchase], place: Market, prices: Mapping[str, int]) -> int:
    return sum(
        prices[place.sku_nos[market.key_of(piece)]] + piece.freight_fen
        for piece in pieces_of(purchases)
    )


def _place(
    shop: Client,
    purchases: Sequence[Purchase],
    place: Market,
    prices: Mapping[str, int],
    progress: Progress,
) -> list[tuple[types.Order, bool]]:
    """Place all orders in batches; return each with whether it is new."""
    placed = []
    batches = _chunks(purchases, ORDERS_A_REQUEST)
    for batch in progress(batches, "下单 placing", len(batches)):
        orders = [_body(purchase, place, prices) for purchase in batch]
        for item in shop.orders_place_batch({"orders": orders})["items"]:
            if item["status"] not in (200, 201):
                raise Refused(f"{item['out_order_no']}: {item['problem']}")
            placed.append((item["order"], item["status"] == 201))
    return placed


def _body(purchase: Purchase, place: Market, prices: Mapping[str, int]) -> types.OrderRequest:
    consignee = consumers.someone(random.Random(purchase.number))
    lines = [(piece.line, place.sku_nos[market.key_of(piece)]) for piece in purchase.pieces]
    return {
        "out_order_no": purchase.number,
        "lines": [
            {
                "line_id": line_id,
                "sku_no": sku_no,
                "quantity": 1,
                "expected_agreement_price_fen": prices[sku_no],
            }
            for line_id, sku_no in lines
        ],
        "consignee": {
            "name": consignee.name,
            "phone": consignee.phone,
            "province": consignee.province,
            "city": consignee.city,
            "district": consignee.district,
            "detail": consignee.detail,
        },
    }


def _receive(
    place: Market, url: str, order_nos: Sequence[str], progress: Progress
) -> list[types.Order]:
    """Confirm every order, several at a time; return the orders as they are then."""

    def confirm(numbers: Sequence[str]) -> list[types.Order]:
        shop = Client(url, place.credentials.key, place.credentials.secret)
        return [shop.orders_receive(number) for number in numbers]

    parts = _chunks(order_nos, ORDERS_A_RECEIVER)
    with ThreadPoolExecutor(RECEIVERS) as threads:
        confirmed = progress(threads.map(confirm, parts), "收货 receiving", len(parts))
        return [order for part in confirmed for order in part]


def _sums(purchases: Sequence[Purchase], received: Sequence[types.Order], new: int) -> Sums:
    pieces = list(pieces_of(purchases))
    earned = _earned([order["order_no"] for order in received])
    unfinished = [order["order_no"] for order in received if order["state"] != "completed"]
    if unfinished:
        raise NotIdentical(f"{len(unfinished)} orders are not completed, as {unfinished[0]}.")
    return Sums(
        orders=len(received),
        lines=len(pieces),
        new=new,
        file_goods_fen=sum(piece.price_fen for piece in pieces),
        file_freight_fen=sum(piece.freight_fen for piece in pieces),
        api_goods_fen=sum(
            line["agreement_price_fen"] * line["received"]
            for order in received
            for line in order["lines"]
        ),
        api_freight_fen=sum(order["freight_fen"] for order in received),
        payable_goods_fen=earned.get((Kind.PAYABLE, "goods_earned"), 0),
        payable_freight_fen=earned.get((Kind.PAYABLE, "freight_earned"), 0),
        fees_fen=earned.get((Kind.SERVICE_FEES, "fee_earned"), 0),
    )


def _earned(order_nos: Sequence[str]) -> dict[tuple[str, str], int]:
    """Sum what left the open orders of these numbers, by the account's kind and the code."""
    rows = (
        Transfer.objects.filter(order_no__in=order_nos, debit__kind=Kind.ORDERS_OPEN)
        .values_list("credit__kind", "code")
        .annotate(fen=Sum("amount_fen"))
    )
    return {(kind, code): fen for kind, code, fen in rows}


def _chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
