"""Cancelling against shipping, answering, withdrawing and the timer, at the same moment: one wins."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from distributors.models import Distributor
from integration.models import Event
from kit import values
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Kind
from orders import addressing, cancelling, lateness, placing, shipping
from orders.models import Cancellation, CancellationState, Fulfilment, History, Line, Order
from supplychain.models import Sku
from tests.factories import CONSIGNEE, NOON, make_distributor, make_level, make_request, make_sku
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = 500
LANES = 4
THREADS = 12
DEPOSIT_FEN = 100_000_00
SECONDS = 60
DUE = NOON + timedelta(hours=24)


def make_shops() -> list[Distributor]:
    level = make_level()
    return [make_distributor(deposit_fen=DEPOSIT_FEN, level=level) for _ in range(LANES)]


def place(
    shops: Sequence[Distributor], sku: Sku, count: int, *, quantity: int = 1
) -> list[Fulfilment]:
    """So many orders, in turn for each of the shops."""
    requests = [
        make_request(shops[number % len(shops)], {sku: quantity}) for number in range(count)
    ]
    placing.place_many(requests, at=NOON)
    return list(Fulfilment.objects.select_related("order__distributor").order_by("pk"))


def asked(shops: Sequence[Distributor], sku: Sku, count: int) -> list[Cancellation]:
    """So many requests that wait for an answer, because the source has begun."""
    parts = place(shops, sku, count)
    shipping.begin(
        fulfilment_pks=[part.pk for part in parts], supplier=None, actor=OPERATIONS, at=NOON
    )
    return [one for part in parts for one in _request(part)]


def ship(part: Fulfilment) -> str:
    return outcome(
        lambda: shipping.ship(
            fulfilment_pk=part.pk,
            supplier=None,
            carrier_code="SF",
            tracking_no=f"SF{part.pk:013}",
            actor=OPERATIONS,
            at=NOON,
        )
    )


def cancel(part: Fulfilment, pieces: dict[str, int] | None = None) -> str:
    return outcome(lambda: _request(part, pieces))


def grant(cancellation: Cancellation) -> str:
    return outcome(
        lambda: cancelling.grant(cancellation_no=str(cancellation), actor=OPERATIONS, at=NOON)
    )


def refuse(cancellation: Cancellation) -> str:
    return outcome(
        lambda: cancelling.refuse(
            cancellation_no=str(cancellation),
            carrier_code="SF",
            tracking_no=f"SF{cancellation.pk:013}",
            actor=OPERATIONS,
            at=NOON,
        )
    )


def withdraw(cancellation: Cancellation) -> str:
    shop = cancellation.fulfilment.order.distributor
    return outcome(
        lambda: cancelling.withdraw(
            distributor=shop, cancellation_no=str(cancellation), actor=OPERATIONS, at=NOON
        )
    )


def outcome(act: Callable[[], object]) -> str:
    """How it ended: `done`, or the code of the refusal."""
    answer = racing.answered(act)
    return answer.code if isinstance(answer, DomainError) else "done"


def in_pairs(
    count: int, first: Callable[[int], str], second: Callable[[int], str]
) -> list[tuple[str, str]]:
    """Start `first(n)` and `second(n)` together, for each n, in a few lanes side by side."""
    starts = [threading.Barrier(2) for _ in range(LANES)]
    ended: dict[tuple[int, int], str] = {}

    def work(thread: int) -> None:
        lane, side = divmod(thread, 2)
        act = second if side else first
        for number in range(lane, count, LANES):
            starts[lane].wait(SECONDS)
            ended[number, side] = act(number)

    racing.race(work, 2 * LANES)
    return [(ended[number, 0], ended[number, 1]) for number in range(count)]


def deposits(shops: Sequence[Distributor]) -> int:
    return sum(accounts.deposit_of(shop.pk).balance_fen or 0 for shop in shops)


def test_of_shipping_and_cancelling_500_times_at_once_exactly_one_wins_each_time() -> None:
    shops = make_shops()
    tea = make_sku(supply_price_fen=1_00, available=PAIRS)
    parts = place(shops, tea, PAIRS)

    pairs = in_pairs(PAIRS, lambda n: ship(parts[n]), lambda n: cancel(parts[n]))

    assert set(pairs) <= {("done", "nothing_to_cancel"), ("state_conflict", "done")}
    shipped = Counter(pairs)["done", "nothing_to_cancel"]
    states = Counter(Order.objects.values_list("state", flat=True))
    assert states == +Counter(shipped=shipped, cancelled=PAIRS - shipped)
    assert racing.available(tea) == PAIRS - shipped
    assert deposits(shops) == LANES * DEPOSIT_FEN - shipped * 1_05
    racing.assert_books_are_clean()


def test_pieces_that_are_cancelled_one_by_one_at_once_are_paid_back_one_by_one() -> None:
    shops = make_shops()[:1]
    [part] = place(shops, make_sku(supply_price_fen=1_00, available=5), 1, quantity=5)

    outcomes = racing.race(lambda _: cancel(part, {"1": 1}), THREADS)

    assert Counter(outcomes) == {"done": 5, "more_than_unshipped": THREADS - 5}
    line = Line.objects.get()
    assert (line.cancelled, line.refunded_fen, line.restocked) == (5, 5_25, 5)
    assert deposits(shops) == DEPOSIT_FEN
    racing.assert_books_are_clean()


def test_a_request_sent_50_times_at_once_under_one_number_is_made_once() -> None:
    shops = make_shops()[:1]
    tea = make_sku(supply_price_fen=1_00, available=100)
    # Two orders, so that the lock of an order keeps only half of the requests apart.
    parts = place(shops, tea, 2, quantity=50)
    before = deposits(shops)

    outcomes = racing.race(
        lambda number: outcome(lambda: _request(parts[number % 2], {"1": 1}, number="C1")), 50
    )

    assert Counter(outcomes) == {"done": 25, "out_cancellation_no_taken": 25}
    assert Cancellation.objects.count() == 1
    assert deposits(shops) == before + 1_05
    assert racing.available(tea) == 1
    racing.assert_books_are_clean()


def test_a_cancellation_that_two_of_staff_answer_at_once_has_one_answer() -> None:
    shops = make_shops()
    tea = make_sku(supply_price_fen=1_00, available=60)
    requests = asked(shops, tea, 60)

    pairs = in_pairs(60, lambda n: grant(requests[n]), lambda n: refuse(requests[n]))

    assert set(pairs) <= {("done", "state_conflict"), ("state_conflict", "done")}
    granted = Counter(pairs)["done", "state_conflict"]
    states = Counter(Cancellation.objects.values_list("state", flat=True))
    assert states == +Counter(granted=granted, refused=60 - granted)
    assert racing.available(tea) == granted
    racing.assert_books_are_clean()


def test_a_withdrawal_and_the_timer_at_once_leave_one_of_both() -> None:
    shops = make_shops()
    tea = make_sku(supply_price_fen=1_00, available=60)
    requests = asked(shops, tea, 60)

    def tick(_number: int) -> str:
        return f"granted {cancelling.grant_unanswered(at=DUE)}"

    pairs = in_pairs(60, lambda n: withdraw(requests[n]), tick)

    withdrawn = Counter(first for first, _ in pairs)["done"]
    assert {first for first, _ in pairs} <= {"done", "state_conflict"}
    assert sum(int(second.split()[1]) for _, second in pairs) == 60 - withdrawn
    states = Counter(Cancellation.objects.values_list("state", flat=True))
    assert states == +Counter(withdrawn=withdrawn, granted=60 - withdrawn)
    assert accounts.balance(Kind.ORDERS_OPEN) == withdrawn * 1_05
    racing.assert_books_are_clean()


def test_timers_of_several_workers_at_once_grant_everything_once() -> None:
    shops = make_shops()
    tea = make_sku(supply_price_fen=1_00, available=40)
    asked(shops, tea, 40)

    granted = racing.race(lambda _: cancelling.grant_unanswered(at=DUE), 6)

    assert sum(granted) == 40
    assert set(Cancellation.objects.values_list("state", flat=True)) == {CancellationState.GRANTED}
    assert racing.available(tea) == 40
    assert deposits(shops) == LANES * DEPOSIT_FEN
    racing.assert_books_are_clean()


def test_timers_of_several_workers_at_once_tell_of_every_late_part_once() -> None:
    place(make_shops(), make_sku(supply_price_fen=1_00, available=40), 40)

    told = racing.race(lambda _: lateness.note_late(at=NOON + timedelta(hours=49)), 6)

    assert sum(told) == 40
    assert Event.objects.filter(type="fulfilment.late").count() == 40
    assert History.objects.filter(act="late").count() == 40


def test_no_address_is_changed_once_a_parcel_has_left() -> None:
    shops = make_shops()
    parts = place(shops, make_sku(supply_price_fen=1_00, available=100), 100)

    pairs = in_pairs(100, lambda n: ship(parts[n]), lambda n: redirect(parts[n]))

    assert set(pairs) <= {("done", "done"), ("done", "already_shipped")}
    changed = dict(History.objects.filter(act="address_changed").values_list("order", "pk"))
    left = dict(
        History.objects.filter(act="shipped", to_state="in_transit").values_list("order", "pk")
    )
    assert len(changed) == Counter(pairs)["done", "done"]
    assert all(pk < left[order_pk] for order_pk, pk in changed.items())


def redirect(part: Fulfilment) -> str:
    return outcome(
        lambda: addressing.change_address(
            distributor=part.order.distributor,
            order_pk=part.order_id,
            consignee=values.replace(CONSIGNEE, detail="海德三道201号"),
            actor=OPERATIONS,
            at=NOON,
        )
    )


def _request(
    part: Fulfilment, pieces: dict[str, int] | None = None, *, number: str = ""
) -> list[Cancellation]:
    return cancelling.request(
        distributor=part.order.distributor,
        order_pk=part.order_id,
        pieces=pieces,
        reason="changed_mind",
        out_cancellation_no=number,
        actor=OPERATIONS,
        at=NOON,
    )
