"""A cancellation that waits: frozen first, granted or withdrawn, refused only with a parcel; books follow."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from companies import policies
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from orders import cancelling, receiving, shipping, striking
from orders.models import (
    Cancellation,
    CancellationState,
    FulfilmentState,
    History,
    Order,
    OrderState,
    Shipment,
)
from tests.factories import NOON, make_distributor, make_sku
from tests.orders.cancellations import (
    NUMBER,
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
    refuse,
    ship,
    told,
    withdraw,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_stay_clean(db: None) -> Iterator[None]:
    yield
    assert_books_are_clean()


# --- two parties -----------------------------------------------------------------------------------


def test_while_a_request_waits_its_pieces_cannot_be_shipped() -> None:
    order = place({make_sku(): 3})
    asked(order, {"1": 2})
    part, line = order.fulfilments.get(), order.lines.get()

    with pytest.raises(shipping.TooManyPieces):
        ship(part, {line: 2})
    ship(part)

    assert counters(order) == (2, 0, 1)
    assert order.fulfilments.get().state == FulfilmentState.PARTLY_SHIPPED


def test_frozen_pieces_are_not_asked_for_again() -> None:
    order = place({make_sku(): 3})
    asked(order, {"1": 2})

    with pytest.raises(striking.MoreThanUnshipped):
        cancel(order, {"1": 2})
    [rest] = cancel(order)

    assert rest.lines.get().quantity == 1
    assert counters(order) == (3, 0, 0)


def test_a_request_moves_no_money_and_no_stock_before_it_is_granted() -> None:
    tea = make_sku(available=10)
    order = place({tea: 3})
    balance = deposit(order)

    asked(order)

    assert (deposit(order), available(tea)) == (balance, 7)
    assert not told("cancellation.granted", "cancellation.refused", "order.cancelled")


def test_granting_gives_back_what_was_frozen() -> None:
    tea = make_sku(supply_price_fen=50_00, available=10)
    order = place({tea: 3})
    cancellation = asked(order)

    granted = grant(cancellation)

    assert granted.state == CancellationState.GRANTED
    assert (deposit(order), available(tea)) == (10_000_00, 10)
    assert counters(order) == (0, 3, 0)
    assert fresh(order).state == OrderState.CANCELLED
    assert Cancellation.objects.get().refunded_fen == 3 * 52_50


@pytest.mark.parametrize("answer", ["grant", "refuse", "withdraw"])
def test_a_request_is_answered_once(answer: str) -> None:
    order = place({make_sku(): 1})
    cancellation = asked(order)
    answers = {"grant": grant, "refuse": refuse, "withdraw": withdraw}
    grant(cancellation)
    balance = deposit(order)

    with pytest.raises(WrongState):
        answers[answer](cancellation)

    assert deposit(order) == balance
    assert not Shipment.objects.exists()
    assert Cancellation.objects.get().state == CancellationState.GRANTED


def test_withdrawing_lets_the_pieces_be_shipped_and_twice_is_harmless() -> None:
    order = place({make_sku(): 2})
    cancellation = asked(order)

    for _ in range(2):
        withdrawn = withdraw(cancellation)

    assert withdrawn.state == CancellationState.WITHDRAWN
    assert counters(order) == (0, 0, 0)
    assert History.objects.filter(subject=f"cancellation {cancellation}").count() == 2
    ship(order.fulfilments.get())
    assert fresh(order).state == OrderState.SHIPPED


def test_only_who_asked_withdraws() -> None:
    order = place({make_sku(): 2})
    cancellation = asked(order)

    with pytest.raises(NotFound):
        withdraw(cancellation, make_distributor())

    assert counters(order) == (2, 0, 0)


def test_beginning_between_request_and_answer_changes_nothing() -> None:
    policies.decide(name="cancellation_at_once", value=False, actor=OPERATIONS, at=NOON)
    order = place({make_sku(): 1})
    [cancellation] = cancel(order)

    begin(order)
    grant(cancellation)

    assert fresh(order).state == OrderState.CANCELLED


# --- refusing --------------------------------------------------------------------------------------


def test_refusing_ships_exactly_the_frozen_pieces_in_the_parcel_that_is_named() -> None:
    order = place({make_sku(): 3})
    cancellation = asked(order, {"1": 2})

    refused = refuse(cancellation)

    assert refused.state == CancellationState.REFUSED
    parcel = Shipment.objects.get()
    assert refused.shipment == parcel
    assert parcel.lines.get().quantity == 2
    assert counters(order) == (0, 0, 2)
    assert fresh(order).state == OrderState.PARTLY_SHIPPED
    data = Event.objects.get(type="cancellation.refused").data
    assert data["shipment"] == {"carrier_code": "SF", "tracking_no": NUMBER}
    assert data["refusal_note"] == "已交快递"
    assert told("shipment.created") == ["shipment.created"]
    why = History.objects.get(subject=f"cancellation {cancellation}", to_state="refused")
    assert why.reason == "已交快递"


def test_refusing_with_a_parcel_of_the_part_adds_the_pieces_to_it() -> None:
    order = place({make_sku(): 3})
    cancellation = asked(order, {"1": 2})
    parcel = ship(order.fulfilments.get())

    refused = refuse(cancellation)

    assert refused.shipment == parcel
    assert parcel.lines.get().quantity == 3
    assert counters(order) == (0, 0, 3)
    assert order.fulfilments.get().state == FulfilmentState.SHIPPED
    assert fresh(order).state == OrderState.SHIPPED
    assert Shipment.objects.get().version == 2


def test_refusing_with_a_line_that_the_parcel_did_not_hold_adds_the_line() -> None:
    order = place({make_sku(): 1, make_sku(): 1})
    cancellation = asked(order, {"2": 1})
    parcel = ship(order.fulfilments.get())

    refuse(cancellation)

    held = parcel.lines.order_by("pk").values_list("line__line_id", "quantity")
    assert list(held) == [("1", 1), ("2", 1)]


@pytest.mark.parametrize(
    ("carrier", "tracking_no", "refusal"),
    [
        ("NOPE", NUMBER, shipping.CarrierUnknown),
        ("SF", "?", shipping.TrackingNoUnreadable),
        ("SF", "SF0000000000001", shipping.TrackingNoTaken),
    ],
)
def test_without_a_good_parcel_nothing_is_refused(
    carrier: str, tracking_no: str, refusal: type[DomainError]
) -> None:
    other = place({make_sku(): 1})
    ship(other.fulfilments.get(), tracking_no="SF0000000000001")
    order = place({make_sku(): 1})
    cancellation = asked(order)

    with pytest.raises(refusal):
        cancelling.refuse(
            cancellation_no=str(cancellation),
            carrier_code=carrier,
            tracking_no=tracking_no,
            actor=OPERATIONS,
            at=SOON,
        )

    assert Cancellation.objects.get().state == CancellationState.REQUESTED
    assert counters(order) == (1, 0, 0)
    assert Shipment.objects.count() == 1


def test_a_parcel_that_is_received_takes_no_more_pieces() -> None:
    order = place({make_sku(): 2})
    cancellation = asked(order, {"1": 1})
    ship(order.fulfilments.get())
    receiving.receive(order_pk=order.pk, distributor=order.distributor, actor=OPERATIONS, at=SOON)

    with pytest.raises(shipping.TrackingNoTaken):
        refuse(cancellation)

    assert counters(order) == (1, 0, 1)


# --- by itself -------------------------------------------------------------------------------------


def test_a_request_without_an_answer_is_granted_at_its_deadline_and_once() -> None:
    tea = make_sku(available=5)
    order = place({tea: 2})
    asked(order)
    due = SOON + timedelta(hours=24)

    assert cancelling.grant_unanswered(at=due - timedelta(seconds=1)) == 0
    assert cancelling.grant_unanswered(at=due) == 1
    assert cancelling.grant_unanswered(at=due) == 0

    assert fresh(order).state == OrderState.CANCELLED
    assert available(tea) == 5
    last = History.objects.filter(subject__startswith="cancellation").latest("pk")
    assert (last.actor_kind, last.to_state) == ("timer", "granted")


def test_all_that_is_due_after_a_standstill_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "DUE_AT_ONCE", 2)
    shop = make_distributor(deposit_fen=10_000_00)
    for _ in range(5):
        asked(place({make_sku(): 1}, shop=shop))

    granted = cancelling.grant_unanswered(at=SOON + timedelta(days=3))

    assert granted == 5
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}
