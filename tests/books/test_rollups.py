"""Rolled-up rows: every closed day and month as the ledger has it, whatever came late."""

from datetime import date, timedelta

import pytest
from django.db.models import Sum

from books import figures, invariants, rollups, verifying
from books.facts import MEASURES
from books.models import RolledDay, RollMark, Rollup
from kit.actors import OPERATIONS
from ledger import accounts, chaining, posting
from ledger.models import Kind, Transfer
from orders.models import Line, Order
from suppliers.periods import Period
from tests.books.worlds import SEPTEMBER, TODAY, make_world
from tests.factories import NOON, make_distributor, make_received_order, make_sku

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW = NOON + timedelta(days=1)
NAMES = [check.name for check in invariants.rollups.CHECKS]


def total(subject: str, *names: str, span: str = "day") -> list[int]:
    rows = Rollup.objects.filter(span=span, subject=subject)
    found = rows.aggregate(**{f"whole_{name}": Sum(name) for name in names})
    return [found[f"whole_{name}"] for name in names]


def broken() -> list[str]:
    """Which of the rules about these rows are; others may be overdue by tomorrow."""
    found = [one.check.name for one in verifying.verify(at=TOMORROW).breaches]
    return [name for name in found if name in NAMES]


def test_the_rows_of_a_world_are_its_ledger_and_its_orders_to_the_fen() -> None:
    world = make_world()

    days = rollups.roll(at=TOMORROW)

    assert days[-1] == TODAY
    assert days[0] == SEPTEMBER.date()
    assert RolledDay.objects.count() == len(days) == (TODAY - SEPTEMBER.date()).days + 1
    assert broken() == []
    placed = Order.objects.aggregate(goods=Sum("goods_fen"), freight=Sum("freight_fen"))
    for subject in ("platform", "distributor", "supplier"):
        assert total(subject, "sales_fen", "freight_fen") == [placed["goods"], placed["freight"]]
    units = Line.objects.aggregate(units=Sum("quantity"))["units"]
    assert total("product", "sales_fen", "units") == [placed["goods"], units]
    [fees, margins, change] = total(
        "platform", "fees_earned_fen", "margins_earned_fen", "deposit_change_fen"
    )
    assert fees == accounts.balance(Kind.SERVICE_FEES) > 0
    assert margins == accounts.balance(Kind.PLATFORM_MARGIN) > 0
    assert change == sum(
        accounts.balance(Kind.DEPOSIT, shop.pk) for shop in (world.shop, world.other, world.idle)
    )
    back = Transfer.objects.filter(credit__kind=Kind.DEPOSIT).exclude(debit__kind=Kind.BANK)
    refunded = back.aggregate(fen=Sum("amount_fen"))["fen"]
    assert total("platform", "refunds_fen") == [refunded]
    assert total("platform", *MEASURES, span="month") == total("platform", *MEASURES)
    [parcels, late] = total("supplier", "parcels", "late_parcels")
    assert (parcels > 0, late) == (True, 0)


def test_rolling_up_again_changes_nothing_and_a_late_transfer_its_day_only() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    make_received_order(shop, {make_sku(): 2})
    rollups.roll(at=TOMORROW)
    before = list(Rollup.objects.order_by("pk").values_list("pk", flat=True))

    assert rollups.roll(at=TOMORROW) == []
    assert list(Rollup.objects.order_by("pk").values_list("pk", flat=True)) == before
    late = posting.Posting(
        "recharge", "LATE", (Kind.BANK, None), (Kind.DEPOSIT, shop.pk), 7_00, shop.pk
    )
    posting.post([late], at=NOON, actor=OPERATIONS)
    chaining.link(at=TOMORROW)

    # Until it is rolled up again the day is known to be behind, which breaks no rule.
    assert broken() == []
    assert rollups.roll(at=TOMORROW + timedelta(hours=1)) == [TODAY]
    assert total("distributor", "recharged_fen") == [1_007_00]
    assert broken() == []


def test_today_is_left_to_be_read_from_its_facts_until_it_is_over() -> None:
    make_received_order(make_distributor(deposit_fen=1_000_00), {make_sku(): 1})

    assert rollups.roll(at=NOON + timedelta(hours=11)) == []
    assert not Rollup.objects.exists()
    assert rollups.roll(at=TOMORROW) == [TODAY]
    assert rollups.still_open().first_day == TOMORROW.date()
    # Nothing was posted since midnight: what lies before need not be read to find that out.
    assert RollMark.objects.get().open_from_pk == Transfer.objects.latest("pk").pk + 1


def test_the_best_of_many_months_are_found_though_they_were_best_in_none() -> None:
    months = [date(2026, month, 1) for month in (8, 9, 10)]
    # Each month has ten of its own that sold more in it than those that sold most in all.
    sold = {
        (months[place], 100 * place + number): 50_00 + number
        for place in range(3)
        for number in range(10)
    }
    sold |= {(month, 900 + number): 40_00 + number for month in months for number in range(12)}
    nothing = dict.fromkeys(MEASURES, 0)
    Rollup.objects.bulk_create(
        Rollup(
            span="month",
            first_day=month,
            subject="product",
            subject_pk=pk,
            **(nothing | {"sales_fen": fen}),
        )
        for (month, pk), fen in sold.items()
    )
    RolledDay.objects.create(day=date(2026, 10, 31), rolled_at=NOON)

    found = figures.read(Period(months[0], date(2026, 10, 31)), at=NOON)

    best = [(one.pk, one.sums.sales_fen) for one in found.best["product"]]
    assert best == [(900 + number, 3 * (40_00 + number)) for number in range(11, 1, -1)]
