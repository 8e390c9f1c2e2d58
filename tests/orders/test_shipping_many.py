"""Many parcels by one sheet: what can be shipped is, what cannot is named, and twice is once."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import NotFound, WrongState
from orders import cancelling, placing, shipping, shipping_files, shipping_rows
from orders.models import Fulfilment, History, Order, Shipment, ShippingFile
from orders.shipping_files import Answer
from suppliers.models import Supplier
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db
MOST_QUERIES = 40


def make_orders(supplier: Supplier | None, count: int) -> list[Order]:
    """Orders of two pieces of one sku each, that wait to be shipped."""
    shop = make_distributor(deposit_fen=count * 1_000_00)
    sku = make_sku(supplier=supplier, supply_price_fen=10_00, available=2 * count)
    asked = [make_request(shop, {sku: 2}) for _ in range(count)]
    for start in range(0, count, 100):
        placing.place_many(asked[start : start + 100], at=NOON)
    return list(Order.objects.filter(distributor=shop).order_by("pk"))


def number(place: int) -> str:
    return f"SF{place:013}"


def take_in(supplier: Supplier | None, text: str) -> ShippingFile:
    return shipping_files.take_in(
        supplier=supplier,
        name="",
        table=shipping_rows.read_text(text),
        actor=OPERATIONS,
        at=NOON,
    )


def ship(file: ShippingFile) -> list[Answer]:
    shipped = shipping_files.ship(
        supplier=file.supplier, file_no=file.file_no, actor=OPERATIONS, at=NOON
    )
    return shipping_files.answers(shipped, at=NOON)


def ask_to_cancel(order: Order, pieces: int) -> None:
    cancelling.request(
        order_pk=order.pk,
        distributor=order.distributor,
        pieces={"1": pieces},
        reason="changed_mind",
        actor=OPERATIONS,
        at=NOON,
    )


def said(answers: list[Answer]) -> list[tuple[int, str]]:
    """What each line came to: its outcome, or the code of its refusal."""
    return [(one.line, one.causes[0]["code"] if one.causes else one.outcome) for one in answers]


def test_of_500_parcels_with_three_bad_rows_497_are_shipped_and_the_same_again_changes_nothing() -> (
    None
):
    supplier = make_supplier()
    orders = make_orders(supplier, 500)
    rows = [f"{order.order_no}\t{number(place)}" for place, order in enumerate(orders)]
    rows[6] = f"H261122-NOSUCHNUMBER\t{number(6)}"
    rows[99] = f"{orders[99].order_no}\t顺丰单号"
    rows[400] = f"{orders[400].order_no}\t{number(3)}"
    text = "\n".join(["订单号\t运单号", *rows])
    file = take_in(supplier, text)
    seen = shipping_files.answers(file, at=NOON)

    with CaptureQueriesContext(connection) as asked:
        answers = ship(file)

    assert len(asked) <= MOST_QUERIES
    refused = {
        8: "shipping_order_unknown", 101: "tracking_no_unreadable", 402: "tracking_no_taken"
    }  # fmt: skip
    assert {line: what for line, what in said(answers) if what != "shipped"} == refused
    assert {line: what for line, what in said(seen) if what != "ready"} == refused
    file.refresh_from_db()
    assert (file.shipped_count, file.refused_count, bytes(file.sealed)) == (497, 3, b"")
    assert Shipment.objects.count() == 497
    assert Fulfilment.objects.filter(state="awaiting_shipment").count() == 3
    assert Event.objects.filter(type="order.shipped").count() == 497

    before = [Shipment.objects.count(), History.objects.count(), Event.objects.count()]
    again = ship(take_in(supplier, text))

    assert {line: what for line, what in said(again) if what != "known"} == refused
    assert [Shipment.objects.count(), History.objects.count(), Event.objects.count()] == before


def test_a_row_that_cannot_be_shipped_says_why_and_leaves_its_order_as_it_was() -> None:
    supplier = make_supplier()
    cancelled, frozen, shipped, twice, foreign = make_orders(supplier, 5)
    Fulfilment.objects.filter(order=foreign).update(supplier=make_supplier())
    ask_to_cancel(cancelled, 2)
    [part] = frozen.fulfilments.all()
    shipping.begin(fulfilment_pks=[part.pk], supplier=supplier, actor=OPERATIONS, at=NOON)
    ask_to_cancel(frozen, 1)
    ship(take_in(supplier, f"{shipped.order_no} {number(1)}"))
    lines = [
        f"{cancelled.order_no} {number(10)}",
        f"{frozen.order_no} {number(11)}",
        f"{shipped.order_no} {number(12)}",
        f"{shipped.order_no} {number(1)} 中通快递",
        f"{shipped.order_no.lower()} {number(1)} 顺丰速运有限公司",
        f"{foreign.order_no} {number(13)}",
        f"{twice.order_no} {number(14)} 鸽子快递",
        f"{twice.order_no} AB99887766",
        f"{twice.order_no}",
        f"{twice.order_no}, {number(15)}, ZTO",
        f"{twice.order_no}; {number(16)}",
        f"{twice.order_no}  {number(15)}",
    ]
    file = take_in(supplier, "\n".join(lines))

    seen = shipping_files.answers(file, at=NOON)
    answers = ship(file)

    assert said(answers) == [
        (1, "shipping_order_cancelled"),
        (2, "shipping_order_frozen"),
        (3, "shipped_otherwise"),
        (4, "shipped_by_another"),
        (5, "known"),
        (6, "shipping_order_unknown"),
        (7, "carrier_unknown"),
        (8, "carrier_not_guessed"),
        (9, "shipping_row_incomplete"),
        (10, "shipped"),
        (11, "shipping_order_twice"),
        (12, "known"),
    ]
    assert said(seen) == [*said(answers)[:9], (10, "ready"), *said(answers)[10:]]
    parcels = Shipment.objects.values_list("fulfilment__order", "carrier_code", "tracking_no")
    assert set(parcels) == {(shipped.pk, "SF", number(1)), (twice.pk, "ZTO", number(15))}
    line = frozen.lines.get()
    assert (line.shipped, line.frozen, line.cancelled) == (0, 1, 0)


def test_a_carriers_export_is_understood_by_what_its_columns_hold_and_are_called(
    tmp_path: Path,
) -> None:
    supplier = make_supplier()
    one, other = make_orders(supplier, 2)
    path = tmp_path / "export.csv"
    # The carrier's own number is called like ours, and its customers' numbers are ours.
    path.write_text(
        "订单号,客户单号,收件人,运单号,物流公司\n"
        f"9001,{one.order_no},张三,{number(1)},顺丰\n"
        f"9002,{other.order_no}\x00,李四,{number(2)},\n",
        encoding="gb18030",
    )
    table = shipping_rows.read_sheet(path)

    file = shipping_files.take_in(
        supplier=supplier, name="export.csv", table=table, actor=OPERATIONS, at=NOON
    )

    assert file.columns == {"order_no": 1, "tracking_no": 3, "carrier": 4}
    assert b"9001" not in bytes(file.sealed)
    with pytest.raises(shipping_files.ColumnsUnclear):
        shipping_files.read_otherwise(
            supplier=supplier,
            file_no=file.file_no,
            columns={"order_no": 1, "tracking_no": 1},
            carrier_code="",
        )
    assert said(ship(file)) == [(2, "shipped"), (3, "shipped")]


def test_only_its_source_sees_and_ships_a_file_and_one_that_ended_stays_as_it_is() -> None:
    supplier = make_supplier()
    [order] = make_orders(supplier, 1)
    file = take_in(supplier, f"{order.order_no} {number(1)}")
    for stranger in (make_supplier(), None):
        with pytest.raises(NotFound):
            shipping_files.ship(supplier=stranger, file_no=file.file_no, actor=OPERATIONS, at=NOON)

    shipping_files.discard(supplier=supplier, file_no=file.file_no, actor=OPERATIONS, at=NOON)
    with pytest.raises(WrongState):
        ship(file)
    assert not Shipment.objects.exists()

    file = take_in(supplier, f"{order.order_no} {number(1)}")
    first = ship(file)
    assert ship(file) == first
    assert Shipment.objects.count() == 1


def test_the_platforms_own_parcels_are_shipped_by_the_same_act() -> None:
    [order] = make_orders(None, 1)

    answers = ship(take_in(None, f"{order.order_no} {number(1)}"))

    assert said(answers) == [(1, "shipped")]
