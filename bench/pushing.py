"""Stock push: what a second costs in which everything moved, one in which nothing did, and one 0.

Every distributor selected every sku, which is the worst there is: as many events as distributors, each
as full as it may be. Orders are placed before and after anybody selected anything, to show that they
pay nothing for it.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from bench.seeding import Floor
from integration import outbox
from integration.models import Event
from kit import bulk
from kit.actors import OPERATIONS
from orders import placing, requests
from supplychain import pushing, stock
from supplychain.models import Sku

DISTRIBUTORS, SKUS = 200, 500
ROUNDS, ORDERS_AT_ONCE = 5, 100
TARGETS = {"full_ms": 1_000.0, "crossing_ms": 1_000.0}
CONSIGNEE = requests.Consignee("张三", "13800000000", "广东省", "深圳市", "南山区", "海德三道199号")

_SELECT = """
INSERT INTO supplychain_selection (distributor_id, product_id, selected_at)
SELECT distributor.id, product.id, %s
FROM distributors_distributor distributor CROSS JOIN supplychain_product product
"""


@dataclass(frozen=True)
class Outcome:
    """Medians in ms: of a push of everything, of numbering it, of a push of nothing, and from the
    moment a sku came to 0 to its numbered events; of an order without and with its audience.
    """

    full_ms: float
    numbering_ms: float
    idle_ms: float
    crossing_ms: float
    order_alone_ms: float
    order_told_ms: float

    @property
    def reached(self) -> bool:
        """Whether the targets are reached."""
        return (
            self.full_ms + self.numbering_ms <= TARGETS["full_ms"]
            and self.crossing_ms <= TARGETS["crossing_ms"]
        )


def measure(floor: Floor) -> Outcome:
    """Measure on a database with goods and shops in which nobody has selected anything."""
    clock = _Clock()
    pushing.push(at=clock.next())
    alone = _orders(floor, clock)
    bulk.execute(_SELECT, [clock.at])
    told = _orders(floor, clock)
    pushing.push(at=clock.next())
    outbox.stamp()
    skus = list(Sku.objects.order_by("pk").values_list("pk", flat=True))
    full, numbering, idle, crossing = [], [], [], []
    for number in range(ROUNDS):
        _set(skus, 1_000 + number, clock)
        full.append(_ms(lambda: pushing.push(at=clock.next())))
        numbering.append(_ms(outbox.stamp))
        idle.append(_ms(lambda: pushing.push(at=clock.next())))
        _set(skus[:1], 0, clock)
        pushing.push(at=clock.next())
        _set(skus[:1], 9, clock)
        crossing.append(_ms(lambda: (pushing.push(at=clock.at), outbox.stamp())))
    assert Event.objects.filter(type="stock.changed", seq=None).count() == 0
    return Outcome(*map(statistics.median, (full, numbering, idle, crossing, alone, told)))


def report(outcome: Outcome) -> None:
    """Print what came out."""
    print(f"{DISTRIBUTORS} distributors that follow {SKUS} skus each, all moved in one second:")
    print(f"push                  {outcome.full_ms:>8,.0f} ms")
    print(f"numbering             {outcome.numbering_ms:>8,.0f} ms")
    print(f"push of nothing       {outcome.idle_ms:>8,.1f} ms")
    print(f"one sku from 0        {outcome.crossing_ms:>8,.0f} ms         (target 1,000)")
    print(f"an order, untold      {outcome.order_alone_ms:>8,.2f} ms")
    print(f"an order, told to all {outcome.order_told_ms:>8,.2f} ms")


class _Clock:
    """Seconds that pass as fast as we like."""

    def __init__(self) -> None:
        self.at = timezone.now()

    def next(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def _orders(floor: Floor, clock: _Clock) -> list[float]:
    """Place batches as the API does; return the ms an order took in each."""
    took = []
    for number in range(ROUNDS):
        batch = [
            requests.OrderRequest(
                distributor_pk=floor.keys[index % len(floor.keys)][0],
                out_order_no=f"P{clock.at.timestamp()}-{number}-{index}",
                lines=(requests.Line("1", floor.sku_nos[index % len(floor.sku_nos)], 1, 10**9),),
                consignee=CONSIGNEE,
                actor=OPERATIONS,
            )
            for index in range(ORDERS_AT_ONCE)
        ]
        took.append(_ms(partial(placing.place_many, batch, at=clock.at)) / len(batch))
    return took


def _set(sku_pks: Sequence[int], available: int, clock: _Clock) -> None:
    stock.set_many_within(
        available=dict.fromkeys(sku_pks, available), actor=OPERATIONS, at=clock.at
    )


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1_000
