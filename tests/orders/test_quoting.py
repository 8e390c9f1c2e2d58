"""Quotes: the price for fifteen minutes, every reason why not, and nothing taken."""

from datetime import timedelta

import pytest

from orders import checking, placing, quoting, requests
from orders.models import Order, Quote
from supplychain.models import Sku
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_level,
    make_product,
    make_request,
    make_sku,
)

pytestmark = pytest.mark.django_db


def quote(shop: object, lines: dict[Sku, int]) -> quoting.Quoted:
    return quoting.quote(
        distributor=shop,  # type: ignore[arg-type]
        lines=[
            requests.Line(str(index), sku.sku_no, quantity)
            for index, (sku, quantity) in enumerate(lines.items(), 1)
        ],
        province="广东",
        city="深圳市",
        at=NOON,
    )


def test_a_quote_shows_price_freight_total_and_what_the_deposit_would_be() -> None:
    shop = make_distributor(deposit_fen=1_000_00, level=make_level(fee_rate_bp=500))
    tea = make_sku(
        product=make_product(freight_template=make_freight(first_fen=8_00)), supply_price_fen=50_00
    )

    quoted = quote(shop, {tea: 2})

    assert quoted.goods_fen == 105_00
    assert quoted.freight_fen == 10_00
    assert quoted.deposit_after_fen == 1_000_00 - 115_00
    assert not Order.objects.exists()


def test_every_line_that_cannot_be_sold_is_named_with_its_reason() -> None:
    shop = make_distributor()
    short, hidden = make_sku(available=1), make_sku(product=make_product(listed=False))
    sold_by_six = make_sku(multiple=6)

    quoted = quote(shop, {short: 2, hidden: 1, sold_by_six: 5, make_sku(): 1})

    reasons = {refused.line.sku_no: refused.refusal.code for refused in quoted.refused}
    assert reasons == {
        short.sku_no: "stock_insufficient",
        hidden.sku_no: "sku_not_sellable",
        sold_by_six.sku_no: "quantity_rule",
    }
    assert len(quoted.lines) == 1


def test_an_order_by_quote_pays_the_quoted_price_though_ours_has_risen() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=0))
    tea = make_sku(supply_price_fen=50_00)
    quoted = quote(shop, {tea: 1})
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=80_00)

    placed = placing.place(
        make_request(shop, {tea: 1}, expected_fen=None, quote_id=str(quoted.quote.uid)),
        at=NOON + timedelta(minutes=14),
    )

    assert placed.document["total_fen"] == 50_00


def test_an_order_by_quote_pays_todays_price_if_that_is_lower() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=0))
    tea = make_sku(supply_price_fen=50_00)
    quoted = quote(shop, {tea: 1})
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=40_00)

    placed = placing.place(
        make_request(shop, {tea: 1}, expected_fen=None, quote_id=str(quoted.quote.uid)), at=NOON
    )

    assert placed.document["total_fen"] == 40_00


@pytest.mark.parametrize("whose", ["expired", "another distributor's", "nonsense"])
def test_a_quote_that_is_over_or_anothers_is_no_quote(whose: str) -> None:
    shop, other = make_distributor(), make_distributor()
    tea = make_sku()
    quoted = quote(other if whose.startswith("another") else shop, {tea: 1})
    quote_id = "nonsense" if whose == "nonsense" else str(quoted.quote.uid)
    at = NOON + timedelta(minutes=15) if whose == "expired" else NOON

    with pytest.raises(checking.QuoteExpired):
        placing.place(make_request(shop, {tea: 1}, expected_fen=None, quote_id=quote_id), at=at)

    assert not Order.objects.exists()


def test_a_quote_is_forgotten_a_week_after_it_ended() -> None:
    shop, tea = make_distributor(), make_sku()
    ended = quote(shop, {tea: 1}).quote.expires_at

    assert quoting.forget(at=ended + timedelta(days=7)) == 0
    assert quoting.forget(at=ended + timedelta(days=7, seconds=1)) == 1
    assert not Quote.objects.exists()
