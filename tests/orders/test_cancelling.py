"""Cancellation at once, and what cannot be cancelled; by the distributor, its source or the platform."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from companies import policies
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import cancelling, reasons, receiving, shipping, striking
from orders.models import (
    Asker,
    Cancellation,
    CancellationState,
    FulfilmentState,
    History,
    Order,
    OrderState,
)
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import MAX_STOCK, Allotment, Movement
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_product,
    make_sku,
    make_supplier,
)
from tests.orders.cancellations import (
    LATE,
    SOON,
    asked,
    assert_books_are_clean,
    available,
    begin,
    cancel,
    counters,
    deposit,
    fresh,
    grant,
    place,
    ship,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_stay_clean(db: None) -> Iterator[None]:
    yield
    assert_books_are_clean()


# --- at once ---------------------------------------------------------------------------------------


def test_an_order_that_nobody_has_begun_is_cancelled_at_once_to_the_fen_and_the_piece() -> None:
    product = make_product(freight_template=make_freight(first_fen=8_00, further_fen=2_00))
    tea = make_sku(product=product, supply_price_fen=50_00, available=10)
    order = place({tea: 3})

    [cancellation] = cancel(order)

    assert cancellation.state == CancellationState.GRANTED
    assert cancellation.refunded_fen == 3 * 52_50 + 12_00
    assert (deposit(order), available(tea)) == (10_000_00, 10)
    order = fresh(order)
    assert (order.state, order.open_fen) == (OrderState.CANCELLED, 0)
    assert order.fulfilments.get().state == FulfilmentState.CANCELLED
    line = order.lines.get()
    assert (line.cancelled, line.refunded, line.refunded_fen) == (3, 3, 3 * 52_50)
    posted = Transfer.objects.filter(order_no=order.order_no).order_by("pk")
    assert list(posted.values_list("code", "reference", "amount_fen"))[1:] == [
        ("order_cancelled", f"{cancellation}/1", 3 * 52_50),
        ("freight_returned", str(cancellation), 12_00),
    ]


def test_the_distributor_is_told_of_the_cancellation_and_of_the_order() -> None:
    order = place({make_sku(): 1})

    [cancellation] = cancel(order)

    granted = Event.objects.get(type="cancellation.granted")
    assert granted.object_no == cancellation.cancellation_no
    assert granted.object_version == 2
    assert granted.data["order_no"] == order.order_no
    assert granted.data["out_order_no"] == order.out_order_no
    assert granted.data["lines"] == [
        {"line_id": "1", "sku_no": order.lines.get().sku_no, "quantity": 1}
    ]
    assert granted.previous == {"state": "requested"}
    assert Event.objects.get(type="order.cancelled").data["state"] == "cancelled"


def test_history_says_that_it_was_requested_and_granted() -> None:
    order = place({make_sku(): 1})

    [cancellation] = cancel(order)

    rows = History.objects.filter(subject=f"cancellation {cancellation}").order_by("pk")
    steps = list(rows.values_list("from_state", "to_state", "reason", "actor_kind"))
    assert steps == [
        ("", "requested", "changed_mind", "operations"),
        ("requested", "granted", "changed_mind", "operations"),
    ]


def test_some_pieces_are_cancelled_and_the_rest_is_shipped_with_its_freight() -> None:
    product = make_product(freight_template=make_freight(first_fen=8_00, further_fen=2_00))
    tea = make_sku(product=product, supply_price_fen=50_00, available=10)
    order = place({tea: 3})

    [cancellation] = cancel(order, {"1": 2})
    ship(order.fulfilments.get())

    assert cancellation.refunded_fen == 2 * 52_50
    assert counters(order) == (0, 2, 1)
    assert available(tea) == 9
    assert fresh(order).state == OrderState.SHIPPED
    assert fresh(order).open_fen == 52_50 + 12_00


def test_freight_comes_back_with_the_last_piece_of_a_part_that_never_left() -> None:
    product = make_product(freight_template=make_freight(first_fen=8_00, further_fen=2_00))
    order = place({make_sku(product=product, supply_price_fen=50_00): 2})
    cancel(order, {"1": 1})

    [last] = cancel(order)

    assert last.refunded_fen == 52_50 + 10_00
    assert deposit(order) == 10_000_00
    assert order.fulfilments.get().freight_refunded_fen == 10_00


def test_each_source_has_a_cancellation_of_its_own() -> None:
    theirs = make_sku(supplier=make_supplier(), supply_price_fen=20_00)
    own = make_sku(supply_price_fen=50_00)
    order = place({own: 1, theirs: 2})
    shipping.begin(
        fulfilment_pks=[order.fulfilments.get(supplier=None).pk],
        supplier=None,
        actor=OPERATIONS,
        at=NOON,
    )

    of_own, of_theirs = cancel(order)

    assert (of_own.state, of_theirs.state) == ("requested", "granted")
    assert (counters(order, "1"), counters(order, "2")) == ((1, 0, 0), (0, 2, 0))
    assert fresh(order).state == OrderState.PROCESSING
    assert of_theirs.refunded_fen == 2 * 21_00
    assert of_own.answer_due_at == SOON + timedelta(hours=24)


def test_with_the_policy_off_every_request_waits_for_an_answer() -> None:
    policies.decide(name="cancellation_at_once", value=False, actor=OPERATIONS, at=NOON)
    order = place({make_sku(): 1})

    [cancellation] = cancel(order)

    assert cancellation.state == CancellationState.REQUESTED
    assert counters(order) == (1, 0, 0)


def test_a_part_whose_first_parcel_has_left_has_begun_though_its_source_said_nothing() -> None:
    tea = make_sku(available=10)
    order = place({tea: 3})
    ship(order.fulfilments.get(), {order.lines.get(): 1})
    paid_fen = deposit(order)

    [rest] = cancel(order)

    assert order.fulfilments.get().begun_at is None
    assert rest.state == CancellationState.REQUESTED
    assert rest.answer_due_at == SOON + timedelta(hours=24)
    assert counters(order) == (2, 0, 1)
    assert (deposit(order), available(tea)) == (paid_fen, 7)


def test_a_part_begins_by_itself_and_not_with_the_first_parcel_of_another_source() -> None:
    theirs = make_sku(supplier=make_supplier())
    order = place({make_sku(): 1, theirs: 2})
    ship(order.fulfilments.get(supplier=None))

    [cancellation] = cancel(order)

    assert cancellation.state == CancellationState.GRANTED
    assert counters(order, "2") == (0, 2, 0)


def test_what_was_to_be_shipped_by_now_is_cancelled_without_asking() -> None:
    order = place({make_sku(): 1})
    begin(order)

    [cancellation] = cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        reason="late_shipping",
        actor=OPERATIONS,
        at=LATE,
    )

    assert cancellation.state == CancellationState.GRANTED
    assert fresh(order).state == OrderState.CANCELLED


def test_cancelling_the_rest_of_an_order_that_is_received_completes_it() -> None:
    order = place({make_sku(): 3})
    line = order.lines.get()
    ship(order.fulfilments.get(), {line: 1})
    receiving.receive(order_pk=order.pk, distributor=order.distributor, actor=OPERATIONS, at=SOON)
    assert fresh(order).state == OrderState.PARTLY_SHIPPED
    [rest] = cancel(order)

    grant(rest)

    order = fresh(order)
    assert (order.state, order.open_fen) == (OrderState.COMPLETED, 0)
    assert order.fulfilments.get().state == FulfilmentState.CLOSED
    assert told("order.received", "order.completed") == ["order.received", "order.completed"]


def test_cancelling_the_rest_of_a_part_under_way_makes_it_shipped() -> None:
    order = place({make_sku(): 3})
    ship(order.fulfilments.get(), {order.lines.get(): 1})
    [rest] = cancel(order)

    grant(rest)

    assert fresh(order).state == OrderState.SHIPPED
    assert order.fulfilments.get().state == FulfilmentState.SHIPPED
    assert counters(order) == (0, 2, 1)


# --- stock -----------------------------------------------------------------------------------------


def test_what_comes_back_fills_the_pool_first_and_then_the_allotment() -> None:
    shop = make_distributor(deposit_fen=10_000_00)
    tea = make_sku(available=10)
    stock.allot(
        sku_pk=tea.pk, distributor=shop, quantity=3, then_pool=True, actor=OPERATIONS, at=NOON
    )
    order = place({tea: 5}, shop=shop)

    def levels() -> tuple[int, int]:
        return Allotment.objects.get().available, available(tea)

    assert levels() == (0, 5)

    cancel(order, {"1": 1})
    assert levels() == (0, 6)
    cancel(order, {"1": 2})
    assert levels() == (1, 7)
    cancel(order)

    assert levels() == (3, 7)
    assert order.lines.get().restocked == 5


def test_a_pool_that_is_full_takes_what_fits() -> None:
    tea = make_sku(available=5)
    order = place({tea: 3})
    stock.set_available(sku_pk=tea.pk, available=MAX_STOCK - 1, actor=OPERATIONS, at=NOON)

    [cancellation] = cancel(order)

    assert cancellation.state == CancellationState.GRANTED
    assert available(tea) == MAX_STOCK
    assert order.lines.get().restocked == 1


# --- what is refused -------------------------------------------------------------------------------


def test_nothing_is_cancelled_twice() -> None:
    order = place({make_sku(): 1})
    cancel(order)

    with pytest.raises(striking.NothingToCancel):
        cancel(order)

    assert Cancellation.objects.count() == 1
    assert deposit(order) == 10_000_00


def test_what_is_shipped_is_not_cancelled() -> None:
    order = place({make_sku(): 1})
    ship(order.fulfilments.get())

    with pytest.raises(striking.NothingToCancel):
        cancel(order)

    assert not Cancellation.objects.exists()
    assert fresh(order).state == OrderState.SHIPPED


@pytest.mark.parametrize(
    ("_case", "pieces", "refusal"),
    [
        ("more than there is", {"1": 4}, striking.MoreThanUnshipped),
        ("less than none", {"1": -1}, striking.MoreThanUnshipped),
        ("nothing", {}, striking.NothingToCancel),
        ("none of a line", {"1": 0}, striking.NothingToCancel),
        ("a line that is not there", {"9": 1}, NotFound),
    ],
)
def test_a_request_that_cannot_be_met_changes_nothing(
    _case: str, pieces: dict[str, int], refusal: type[DomainError]
) -> None:
    order = place({make_sku(): 3})
    balance = deposit(order)

    with pytest.raises(refusal):
        cancel(order, pieces)

    assert not Cancellation.objects.exists()
    assert counters(order) == (0, 0, 0)
    assert deposit(order) == balance


def test_a_refusal_says_what_is_left() -> None:
    order = place({make_sku(): 3})
    ship(order.fulfilments.get(), {order.lines.get(): 1})

    with pytest.raises(striking.MoreThanUnshipped) as refused:
        cancel(order, {"1": 3})

    assert refused.value.values == {"line_id": "1", "left": 2, "quantity": 3}


def test_a_reason_is_one_of_the_table() -> None:
    order = place({make_sku(): 1})

    with pytest.raises(reasons.ReasonUnknown):
        cancel(order, reason="damaged")

    assert not Cancellation.objects.exists()


def test_another_distributors_order_does_not_exist() -> None:
    order = place({make_sku(): 1})

    with pytest.raises(NotFound):
        cancelling.request(
            distributor=make_distributor(),
            order_pk=order.pk,
            reason="changed_mind",
            actor=OPERATIONS,
            at=SOON,
        )

    assert counters(order) == (0, 0, 0)


# --- what the source lacks, and what the platform takes back -----------------------------------------


def report(
    order: Order, quantity: int, *, empty_stock: bool = False, supplier: Supplier | None = None
) -> Cancellation:
    part = order.fulfilments.get()
    return cancelling.report_shortage(
        fulfilment_pk=part.pk,
        supplier=supplier or part.supplier,
        pieces={order.lines.get().pk: quantity},
        empty_stock=empty_stock,
        note="仓库破损",
        actor=OPERATIONS,
        at=SOON,
    )


def test_a_shortage_gives_the_money_back_and_no_stock() -> None:
    tea = make_sku(supplier=make_supplier(), supply_price_fen=50_00, available=10)
    order = place({tea: 3})
    begin(order)

    cancellation = report(order, 2)

    assert (cancellation.state, cancellation.asker) == ("granted", Asker.SOURCE)
    assert cancellation.reason == "out_of_stock"
    assert cancellation.refunded_fen == 2 * 52_50
    assert available(tea) == 7
    assert counters(order) == (0, 2, 0)


def test_a_shortage_may_say_that_nothing_is_left() -> None:
    tea = make_sku(supplier=make_supplier(), available=10)
    order = place({tea: 3})

    cancellation = report(order, 3, empty_stock=True)

    assert available(tea) == 0
    assert Movement.objects.get(cause=str(cancellation)).quantity == -7
    assert fresh(order).state == OrderState.CANCELLED


def test_what_a_source_writes_is_not_shown_to_the_distributor() -> None:
    order = place({make_sku(supplier=make_supplier()): 1})

    report(order, 1)

    data = Event.objects.get(type="cancellation.granted").data
    assert (data["asker"], data["note"]) == ("source", "")
    assert "仓库破损" not in str(list(History.objects.values_list("reason", flat=True)))


def test_only_the_source_itself_reports_a_shortage() -> None:
    order = place({make_sku(supplier=make_supplier()): 1})

    with pytest.raises(NotFound):
        report(order, 1, supplier=make_supplier())

    assert not Cancellation.objects.exists()


def test_no_more_is_short_than_is_left_to_ship() -> None:
    order = place({make_sku(): 2})
    asked(order, {"1": 1})

    with pytest.raises(striking.MoreThanUnshipped):
        report(order, 2)

    assert counters(order) == (1, 0, 0)


def test_the_platform_cancels_at_once_and_leaves_what_a_request_has_frozen() -> None:
    tea = make_sku(supply_price_fen=50_00, available=10)
    order = place({tea: 3})
    asked(order, {"1": 1})

    [cancellation] = cancelling.cancel_by_platform(
        order_pk=order.pk, pieces=None, reason="cannot_supply", actor=OPERATIONS, at=SOON
    )

    assert (cancellation.state, cancellation.asker) == ("granted", Asker.PLATFORM)
    assert cancellation.refunded_fen == 2 * 52_50
    assert counters(order) == (1, 2, 0)
    assert available(tea) == 9
    assert accounts.balance(Kind.ORDERS_OPEN) == fresh(order).open_fen == 52_50
