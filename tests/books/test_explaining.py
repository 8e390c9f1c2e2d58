"""The explainer: everything an order moved, to the fen, and nothing that is not for the reader."""

import json

import pytest
from django.utils import translation

from books import explaining, explaining_prices
from books.explaining import Explanation
from kit import money
from kit.errors import NotFound
from ledger.models import Kind, Transfer
from orders.models import Line, Order
from tests.api.signed import Shop
from tests.books.worlds import make_world
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db


def order(number: str) -> Order:
    return Order.objects.select_related("distributor__company").get(out_order_no=number)


def deposit_moved(found: Order) -> int:
    """What the ledger says an order did to its deposit."""
    rows = Transfer.objects.filter(order_no=found.order_no).select_related("debit", "credit")
    back = sum(one.amount_fen for one in rows if one.credit.kind == Kind.DEPOSIT)
    return back - sum(one.amount_fen for one in rows if one.debit.kind == Kind.DEPOSIT)


@pytest.mark.parametrize("_number", ["A", "B", "C", "E", "F", "G"])
def test_both_explanations_come_to_what_the_ledger_says(_number: str) -> None:
    make_world()
    found = order(_number)

    for explained in (explaining.for_platform(found), explaining.for_distributor(found)):
        assert explained.money[-1].open_fen == found.open_fen
        assert sum(step.deposit_fen for step in explained.money) == deposit_moved(found)
        assert explained.charged_fen == found.total_fen
        assert [one.at for one in explained.story] == sorted(one.at for one in explained.story)


def test_the_platform_reads_every_transfer_with_the_bill_that_it_is_on() -> None:
    make_world()
    found = order("A")

    explained = explaining.for_platform(found)

    shown = [step.transfer.pk for step in explained.money if step.transfer]
    assert shown == list(
        Transfer.objects.filter(order_no=found.order_no).order_by("pk").values_list("pk", flat=True)
    )


def test_the_distributor_reads_facts_as_a_whole_and_never_what_the_source_gets() -> None:
    make_world()
    found = order("A")
    supply = {line.supply_price_fen * line.quantity for line in found.lines.all()}

    explained = explaining.for_distributor(found)

    received = {
        step.line_id: step.amount_fen for step in explained.money if step.code == "received"
    }
    lines = {one.line.line_id: one.sum_fen for one in explained.lines}
    assert {line_id: received[line_id] for line_id in lines} == lines
    assert not supply & {step.amount_fen for step in explained.money}
    assert all(not one.steps for one in explained.lines)
    assert all(step.transfer is None and not step.bill_no for step in explained.money)


def test_a_price_is_told_step_by_step_with_its_rounding() -> None:
    make_world()
    line = Line.objects.filter(supply_price_fen=19_99, order__out_order_no="B").get()

    with translation.override("en"):
        steps = explaining_prices.steps(line, level="G1")

    assert [step.amount_fen for step in steps] == [19_99, 0, 19_99, 1_00, 20_99, 41_98]
    assert "¥19.99 × 5 % = ¥0.9995" in steps[3].reckoning


@pytest.mark.parametrize(
    ("_base", "_rate", "_shown"),
    [(19_99, 500, "¥0.9995"), (100_00, 500, "¥5.00"), (1, 1, "¥0.000001"), (0, 0, "¥0.00")],
)
def test_a_fee_is_shown_as_it_is_before_it_is_rounded(_base: int, _rate: int, _shown: str) -> None:
    assert explaining_prices.exact(_base, _rate) == _shown


def test_everything_that_belongs_to_an_order_is_in_its_story() -> None:
    make_world()

    held = explaining.for_platform(order("C"))
    refunded = explaining.for_platform(order("G"))
    cancelled = explaining.for_platform(order("F"))
    claimed = explaining.for_platform(order("A"))

    assert [hold.out_order_no for hold in held.holds] == ["C"]
    assert {one.kind for one in held.stock} == {"hold", "lapse", "order"}
    assert {step.kind for step in refunded.history} >= {"order", "aftersale", "shipment"}
    assert len(cancelled.cancellations) == 2
    assert "cancellation.granted" in types(cancelled)
    assert {"order.placed", "order.received", "shipment.created", "claim.applied"} <= types(claimed)


def types(explained: Explanation) -> set[str]:
    return {event.type for event in explained.events}


def test_an_order_is_found_by_every_number_that_means_it() -> None:
    world = make_world()
    found = order("F")
    cancellation = found.fulfilments.get().cancellations.first()
    assert cancellation is not None

    for number in (found.order_no, found.order_no.lower(), "F", cancellation.cancellation_no):
        assert explaining.find(number) == [found]

    assert explaining.find("nothing") == explaining.find(" ") == []
    assert explaining.the_one("F", distributor=world.other) == found


def test_the_order_of_another_distributor_does_not_exist() -> None:
    world = make_world()

    for number in ("F", order("F").order_no):
        with pytest.raises(NotFound):
            explaining.the_one(number, distributor=world.shop)


def test_an_explanation_takes_few_queries(django_assert_max_num_queries: object) -> None:
    make_world()
    found = order("A")

    with django_assert_max_num_queries(15):  # type: ignore[operator]
        explaining.for_platform(found)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        explaining.for_distributor(found)


def test_the_machine_reads_it_by_both_numbers_without_a_supply_price() -> None:
    make_world()
    found = order("A")
    shop = Shop(found.distributor)

    by_ours = shop.get(f"/orders/{found.order_no}/explanation")
    by_theirs = shop.get("/orders/A/explanation")

    assert by_ours.status_code == 200
    assert by_ours.json() == by_theirs.json()
    document = by_ours.json()
    assert document["transfers"][-1]["open_fen"] == document["open_fen"] == found.open_fen
    assert "supply" not in json.dumps(document)


def test_people_read_it_in_the_portal_without_a_supply_price() -> None:
    make_world()
    found = order("A")
    client = log_in(make_person(found.distributor.company))
    supply = [line.supply_price_fen * line.quantity for line in found.lines.all()]

    page = client.get(f"/portal/orders/{found.order_no}/explanation/")

    text = page.content.decode()
    assert page.status_code == 200
    assert money.yuan(found.total_fen) in text
    assert not [fen for fen in supply if money.yuan(fen) in text]
    assert client.get("/portal/orders/A/explanation/").status_code == 302
    assert client.get("/portal/orders/C/explanation/").status_code == 404
