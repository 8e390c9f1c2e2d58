"""`python -m bench.books`: how long the books take on a ledger of 100,000 rows, made by the acts.

A month of orders is placed, shipped and received; then every reader of the whole ledger is timed once.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import django

from bench import servers

DISTRIBUTORS, SKUS = 50, 200
# An order of one line: its charge, and at receipt what the source and what the platform earn.
TRANSFERS_AN_ORDER = 3
AT_ONCE = 200
DAYS = 12


def main() -> int:
    """Fill a database of its own, measure, and print a table; return 1 if the books are broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.books", description=__doc__)
    parser.add_argument(
        "--transfers", type=int, default=100_000, help="rows of the ledger (100000)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    with servers.started("books"):
        return _measure(chosen)


def _measure(chosen: argparse.Namespace) -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    # Of last month all, so that its bills are due and its days are over.
    start = timezone.localtime().replace(day=1) - timedelta(days=31)
    _fill(chosen.transfers // TRANSFERS_AN_ORDER, start)
    rows = list(_timed(timezone.now()))
    if chosen.json:
        print(json.dumps([{"what": w, "seconds": s, "result": r} for w, s, r in rows], default=str))
    else:
        for what, seconds, result in rows:
            print(f"{what:<34}{seconds:>9.2f} s   {result}")
    outcomes = {what: result for what, _, result in rows}
    return 0 if outcomes["verify_books"] == "clean" else 1


def _fill(orders: int, start: datetime) -> None:
    """Place, ship and receive, day by day."""
    from django.db import connection

    from bench import seeding
    from integration import outbox
    from orders import receiving

    floor = seeding.seed(
        distributors=DISTRIBUTORS, skus=SKUS, stock_each=1_000_000, at=start - timedelta(days=1)
    )
    buyers = [pk for pk, _, _ in floor.keys]
    numbers = itertools.count(1)
    for day in range(DAYS):
        at = start + timedelta(days=day)
        for _ in range(-(-orders // (DAYS * AT_ONCE))):
            _place(buyers, floor.sku_nos, numbers, at)
        _ship(at + timedelta(hours=1))
        outbox.stamp()
        print(f"day {day + 1}/{DAYS}", file=sys.stderr)
    receiving.receive_due(at=start + timedelta(days=DAYS + 16))
    outbox.stamp()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _place(buyers: list[int], sku_nos: list[str], numbers: Iterator[int], at: datetime) -> None:
    from kit.actors import OPERATIONS
    from orders import placing
    from orders.placing import Placed
    from orders.requests import Consignee, Line, OrderRequest

    requests = [
        OrderRequest(
            distributor_pk=buyers[number % len(buyers)],
            out_order_no=f"B{number}",
            lines=(Line("1", sku_nos[number % len(sku_nos)], 1, 1_000_000),),
            consignee=Consignee(
                "张三", "13800000000", "广东省", "深圳市", "南山区", "海德三道199号"
            ),
            actor=OPERATIONS,
        )
        for number in itertools.islice(numbers, AT_ONCE)
    ]
    outcomes = placing.place_many(requests, at=at)
    assert all(isinstance(one, Placed) for one in outcomes), outcomes[0]


def _ship(at: datetime) -> None:
    from kit.actors import OPERATIONS
    from orders import shipping
    from orders.models import Fulfilment, FulfilmentState
    from suppliers.models import Supplier

    for supplier in [None, *Supplier.objects.all()]:
        waiting = Fulfilment.objects.filter(
            supplier=supplier, state=FulfilmentState.AWAITING_SHIPMENT
        )
        pks = list(waiting.values_list("pk", flat=True))
        for start in range(0, len(pks), AT_ONCE):
            parcels = [
                shipping.Parcel(pk, "SF", f"SF{pk:013d}") for pk in pks[start : start + AT_ONCE]
            ]
            shipping.ship_many(parcels=parcels, supplier=supplier, actor=OPERATIONS, at=at)


def _timed(at: datetime) -> Iterator[tuple[str, float, Any]]:
    from django.utils import timezone

    from books import explaining, statements, trial_balance, verifying
    from kit.actors import OPERATIONS
    from ledger import chaining
    from ledger.models import Kind, Transfer
    from orders.models import Order
    from suppliers import settlement

    today = timezone.localdate(at)

    def verify() -> str:
        report = verifying.verify(at=at)
        slowest = sorted(report.findings, key=lambda finding: -finding.seconds)[:5]
        for finding in slowest:
            print(f"    {finding.check.name} {finding.seconds:.2f} s", file=sys.stderr)
        names = ", ".join(finding.check.name for finding in report.breaches)
        return "clean" if report.clean else f"BROKEN: {names}"

    order = Order.objects.order_by("-pk").first()
    assert order is not None
    acts: list[tuple[str, Callable[[], Any]]] = [
        ("rows of the ledger", Transfer.objects.count),
        ("link the chain", lambda: chaining.link(at=at)),
        ("verify_chain", lambda: chaining.verify().broken),
        ("trial balance", lambda: trial_balance.of(today).balance_fen),
        ("accounts of a kind", lambda: len(trial_balance.accounts_of(Kind.DEPOSIT, today)[0])),
        (
            "trial balance, workbook",
            lambda: len(trial_balance.xlsx(trial_balance.of(today), names={})),
        ),
        ("bill run", lambda: len(settlement.run(at=at, actor=OPERATIONS))),
        ("statements of every day", lambda: len(statements.run(at=at))),
        ("verify_books", verify),
        ("explain an order", lambda: len(explaining.for_platform(order).story)),
    ]
    for what, act in acts:
        began = time.perf_counter()
        result = act()
        yield what, time.perf_counter() - began, result


if __name__ == "__main__":
    sys.exit(main())
