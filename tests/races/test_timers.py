"""All timers of orders and after-sales at once, in many workers: each thing that is due happens once."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aftersales import goodwill, timing
from aftersales.models import Case, CaseState, Claim, GoodwillState
from config import schedule
from distributors import recharging
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from orders import (
    cancelling,
    completing,
    correcting,
    holding,
    lapsing,
    lateness,
    placing,
    receiving,
    shipping,
    tracking,
    waiting,
)
from orders.models import (
    Cancellation,
    CancellationState,
    Fulfilment,
    Hold,
    HoldState,
    Line,
    Order,
    OrderState,
    Shipment,
)
from orders.requests import WAIT
from orders.tracking import Heard
from tests.factories import (
    NOON,
    make_case,
    make_claim,
    make_distributor,
    make_received_order,
    make_request,
    make_shipped_order,
    make_sku,
)
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

# Two beats wake four workers each.
WORKERS = 8
# So many of each are due when the workers run, and as many again after their standstill.
COUNT = 4
HOUR = timedelta(hours=1)
NOW = NOON + timedelta(days=60)

TIMERS: dict[str, Callable[..., int]] = {
    "orders.tasks.place_funded": waiting.place_funded,
    "orders.tasks.lapse_due": lapsing.lapse_due,
    "orders.tasks.receive_due": receiving.receive_due,
    "orders.tasks.complete_due": completing.complete_due,
    "orders.tasks.grant_unanswered": cancelling.grant_unanswered,
    "orders.tasks.note_late": lateness.note_late,
    "aftersales.tasks.run_due": timing.run_due,
    "aftersales.tasks.open_for_parcels": timing.open_for_parcels,
    "aftersales.tasks.decline_goodwill": goodwill.decline_due,
}


def test_every_timer_fires_once_in_many_workers_and_again_after_an_hour_without_any() -> None:
    for make in (make_holds, make_requests, make_late, make_parcels, make_windows, make_cases):
        make()
    make_goodwill()
    lost, funded = make_lost(), make_waiting()
    lose(lost[:COUNT])
    fund(funded[:COUNT])

    first = sweep_in_many_workers(at=NOW)

    assert first == dict.fromkeys(TIMERS, COUNT)
    assert happened() == dict.fromkeys(TIMERS, COUNT)

    # The workers stand still, while more becomes due.
    lose(lost[COUNT:])
    fund(funded[COUNT:])
    second = sweep_in_many_workers(at=NOW + HOUR)

    assert second == dict.fromkeys(TIMERS, COUNT)
    assert happened() == dict.fromkeys(TIMERS, 2 * COUNT)
    assert sweep_in_many_workers(at=NOW + HOUR) == dict.fromkeys(TIMERS, 0)
    racing.assert_books_are_clean()


# They are raced where they are at home: tests/supplychain/test_pushing.py,
# tests/portal/test_order_files.py, tests/api/test_supplier_api.py.
AT_HOME = {
    "orders.tasks.push_missing",
    "orders.tasks.place_filed",
    "aftersales.tasks.tell_suppliers",
}


def test_no_timer_of_orders_and_after_sales_is_left_out_here() -> None:
    ticking = {entry["task"] for entry in schedule.TICKING.values()}

    assert TIMERS.keys() | AT_HOME == {
        task for task in ticking if task.startswith(("orders.", "aftersales."))
    }


def sweep_in_many_workers(*, at: datetime) -> dict[str, int]:
    """Run every timer in every worker, each worker beginning with another one; how often each fired."""
    names = list(TIMERS)

    def work(number: int) -> Counter[str]:
        return Counter({name: TIMERS[name](at=at) for name in [*names[number:], *names[:number]]})

    counts = racing.race(work, WORKERS)
    # What one worker had locked the others have left to it; the next tick finds the rest.
    last = {name: timer(at=at) for name, timer in TIMERS.items()}
    return {name: sum(one[name] for one in counts) + last[name] for name in names}


def happened() -> dict[str, int]:
    """What the timers have done, as the rows say."""
    told = Counter(Event.objects.values_list("type", flat=True))
    return {
        "orders.tasks.place_funded": Hold.objects.filter(state=HoldState.CONSUMED).count(),
        "orders.tasks.lapse_due": Hold.objects.filter(state=HoldState.LAPSED).count(),
        "orders.tasks.receive_due": completed_of("parcels"),
        "orders.tasks.complete_due": completed_of("windows"),
        "orders.tasks.grant_unanswered": Cancellation.objects.filter(
            state=CancellationState.GRANTED
        ).count(),
        "orders.tasks.note_late": told["fulfilment.late"],
        "aftersales.tasks.run_due": Case.objects.filter(late_at__isnull=False).count(),
        "aftersales.tasks.open_for_parcels": Case.objects.filter(state=CaseState.REFUNDED).count(),
        "aftersales.tasks.decline_goodwill": Claim.objects.filter(
            goodwill=GoodwillState.DECLINED
        ).count(),
    }


def completed_of(kind: str) -> int:
    return Order.objects.filter(state=OrderState.COMPLETED, out_order_no__startswith=kind).count()


# --- what becomes due: half of it until now, half of it within the hour after ------------------------


def moments(wait: timedelta) -> list[datetime]:
    """When things began that wait so long."""
    ends = [NOW - timedelta(minutes=5 * place) for place in range(COUNT)]
    ends += [NOW + timedelta(minutes=5 * place) for place in range(1, COUNT + 1)]
    return [end - wait for end in ends]


def make_shop(deposit_fen: int = 100_000_00) -> Distributor:
    return make_distributor(deposit_fen=deposit_fen)


def placed(shop: Distributor, kind: str, at: datetime) -> Order:
    number = f"{kind}-{at.isoformat()}"
    request = make_request(shop, {make_sku(available=5): 1}, number=number)
    placing.place(request, at=at)
    return Order.objects.get(distributor=shop, out_order_no=number)


def make_holds() -> None:
    shop = make_shop()
    for at in moments(timedelta(minutes=30)):
        holding.hold(request=make_request(shop, {make_sku(available=5): 1}), at=at)


def make_requests() -> None:
    shop = make_shop()
    for at in moments(timedelta(hours=24)):
        order = placed(shop, "requests", at)
        begin(order, at)
        cancelling.request(
            distributor=shop, order_pk=order.pk, reason="changed_mind", actor=OPERATIONS, at=at
        )


def begin(order: Order, at: datetime) -> None:
    part = Fulfilment.objects.get(order=order)
    shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=at)


def make_late() -> None:
    shop = make_shop()
    for at in moments(timedelta(hours=48, seconds=1)):
        placed(shop, "late", at)


def make_parcels() -> None:
    shop = make_shop()
    for at in moments(timedelta(days=15)):
        ship(placed(shop, "parcels", at), at)


def ship(order: Order, at: datetime) -> None:
    part = Fulfilment.objects.get(order=order)
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=None,
        carrier_code="ZTO",
        tracking_no=f"73{part.pk:012}",
        actor=OPERATIONS,
        at=at,
    )


def make_windows() -> None:
    shop = make_shop()
    for at in moments(timedelta(days=7)):
        order = placed(shop, "windows", at)
        Line.objects.filter(order=order).update(aftersale_days=7)
        ship(order, at)
        receiving.receive(order_pk=order.pk, distributor=shop, actor=OPERATIONS, at=at)


def make_cases() -> None:
    shop = make_shop()
    for at in moments(timedelta(hours=48)):
        make_case(make_shipped_order(shop, {make_sku(available=5): 1}, at=at), at=at)


def make_goodwill() -> None:
    shop = make_shop()
    for at in moments(timedelta(days=7)):
        claim = make_claim(make_received_order(shop, {make_sku(available=5): 1}, at=at), at=at)
        goodwill.ask(
            distributor=shop,
            claim_no=claim.claim_no,
            amount_fen=1,
            note="破损",
            actor=OPERATIONS,
            at=at,
        )


def make_lost() -> list[Shipment]:
    """Parcels in trouble, which somebody is going to write off."""
    shop = make_shop()
    orders = [
        make_shipped_order(shop, {make_sku(available=5): 1}, at=at)
        for at in moments(timedelta(days=1))
    ]
    parcels = [Shipment.objects.get(fulfilment__order=order) for order in orders]
    heard = [Heard(one.carrier_code, one.tracking_no, "exception", NOW) for one in parcels]
    tracking.record(heard=heard, at=NOW)
    return parcels


def lose(parcels: list[Shipment]) -> None:
    for parcel in parcels:
        correcting.write_off(shipment_pk=parcel.pk, actor=OPERATIONS, at=NOW, note="丢失")


def make_waiting() -> list[Distributor]:
    """Shops with an order each that waits for money."""
    shops = [make_shop(deposit_fen=0) for _ in range(2 * COUNT)]
    for shop in shops:
        request = make_request(shop, {make_sku(available=5): 1}, on_shortfall=WAIT)
        placing.place(request, at=NOW - HOUR)
    return shops


def fund(shops: list[Distributor]) -> None:
    for shop in shops:
        recharging.recharge(
            distributor_pk=shop.pk,
            amount_fen=100_000,
            reference=f"R{shop.pk}",
            actor=OPERATIONS,
            at=NOW,
        )
