"""The log of refused orders: outside of the books, and never in the way of an answer."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kit import bulk
from kit.errors import DomainError
from orders import checking, holding, placing, refusals
from orders.models import Hold, Order, Refusal
from supplychain import stock
from tests.factories import NOON, make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db


def test_a_refused_order_is_noted_with_number_reasons_and_values() -> None:
    shop = make_distributor(deposit_fen=10_000_00)
    tea, cup = make_sku(available=1), make_sku(available=0)

    with pytest.raises(stock.StockInsufficient):
        placing.place(make_request(shop, {tea: 2, cup: 1}, number="A1"), at=NOON)

    refusal = Refusal.objects.get()
    assert (refusal.distributor, refusal.out_order_no) == (shop, "A1")
    assert (refusal.code, refusal.refused_at) == ("stock_insufficient", NOON)
    assert refusal.actor == "operations:operations"
    assert [(one["pointer"], one["values"]["sku_no"]) for one in refusal.causes] == [
        ("/lines/0", tea.sku_no),
        ("/lines/1", cup.sku_no),
    ]


def test_a_refusal_is_told_in_the_language_of_the_reader() -> None:
    shop = make_distributor()
    tea = make_sku(available=1)
    with pytest.raises(stock.StockInsufficient):
        placing.place(make_request(shop, {tea: 2}), at=NOON)
    refusal = Refusal.objects.get()

    with translation.override("en"):
        english = refusals.sentences(refusal)
    with translation.override("zh-hans"):
        chinese = refusals.sentences(refusal)

    assert english == [f"“{tea.sku_no}” is short: 2 wanted, 1 available."]
    assert chinese != english


def test_a_reason_that_is_no_longer_known_is_told_by_its_code() -> None:
    shop = make_distributor()
    causes = [
        {"code": "long_gone", "pointer": "", "values": {}},
        {"code": "stock_insufficient", "pointer": "", "values": {"sku_no": "T"}},
    ]
    refusal = Refusal(distributor=shop, out_order_no="A1", code="long_gone", causes=causes)

    assert refusals.sentences(refusal) == ["long_gone", "stock_insufficient"]


def test_a_refused_hold_is_noted_too() -> None:
    shop = make_distributor()

    with pytest.raises(checking.SkuNotSellable):
        holding.hold(request=make_request(shop, {make_sku(offered=False): 1}, number="A1"), at=NOON)

    assert Refusal.objects.get().code == "sku_not_sellable"
    assert not Hold.objects.exists()


def test_all_refusals_of_a_batch_are_noted_at_once_and_nothing_of_the_others() -> None:
    shop = make_distributor()
    scarce, tea = make_sku(available=0), make_sku(supply_price_fen=1_00)
    skus = [scarce, tea, scarce, scarce]

    with CaptureQueriesContext(connection) as asked:
        placing.place_many([make_request(shop, {sku: 1}) for sku in skus], at=NOON)

    inserts = [query for query in asked.captured_queries if "orders_refusal" in query["sql"]]
    assert len(inserts) == 1
    assert Refusal.objects.count() == 3
    assert Order.objects.count() == 1


def test_a_refusal_that_cannot_be_noted_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop = make_distributor()
    request = make_request(shop, {make_sku(available=0): 1})

    def fail(*_args: object, **_values: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(refusals, "write", fail)
    [outcome] = placing.place_many([request], at=NOON)

    assert isinstance(outcome, DomainError)
    assert outcome.code == "stock_insufficient"
    assert "could not be noted" in caplog.text


def test_refusals_are_forgotten_after_the_days_of_the_policy() -> None:
    shop = make_distributor()
    request = make_request(shop, {make_sku(available=0): 1})
    for days in (0, 1, 30):
        placing.place_many([request], at=NOON + timedelta(days=days))

    forgotten = refusals.forget(at=NOON + timedelta(days=30, hours=1))

    assert forgotten == 1
    assert bulk.query("SELECT count(*) FROM orders_refusal") == [(2,)]
