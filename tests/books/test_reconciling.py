"""A distributor's numbers against ours: what matches, what differs, what one side lacks."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from books import reconciliation_files, reconciling, statements
from books.models import Reconciliation
from distributors.models import Distributor
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound
from orders import cancelling, placing
from orders.models import Order
from suppliers.periods import DAY, Period
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 11, 22)
THIS_DAY = Period(TODAY, TODAY)
CHARGE = 105_00


@pytest.fixture
def tea() -> Sku:
    return make_sku(supply_price_fen=100_00, available=99)


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=10_000_00)


def order(shop: Distributor, tea: Sku, number: str, *, at: Any = NOON) -> None:
    placing.place(make_request(shop, {tea: 1}, number=number), at=at)


def cancel(number: str, *, at: Any = NOON) -> None:
    cancelling.cancel_by_platform(
        order_pk=Order.objects.get(out_order_no=number).pk,
        pieces=None,
        reason="changed_mind",
        actor=OPERATIONS,
        at=at,
    )


def compare(shop: Distributor, *orders: tuple[str, int], **given: Any) -> Reconciliation:
    return reconciling.reconcile(
        **{
            "distributor": shop,
            "period": THIS_DAY,
            "orders": orders,
            "actor": OPERATIONS,
            "at": NOON,
            **given,
        }
    )


def rows(found: Reconciliation) -> list[tuple[Any, ...]]:
    names = ("kind", "out_order_no", "yours_fen", "ours_fen")
    return [tuple(row[name] for name in names) for row in found.differences]


def counts(found: Reconciliation) -> tuple[int, int, int, int]:
    return found.matched, found.differing, found.missing_here, found.missing_there


def test_every_number_is_matched_differs_or_is_missing_on_one_side(
    shop: Distributor, tea: Sku
) -> None:
    for number in ("A", "B", "C"):
        order(shop, tea, number)

    found = compare(shop, ("A", CHARGE), ("B", CHARGE - 1), ("D", 7))

    assert counts(found) == (1, 1, 1, 1)
    assert rows(found) == [
        ("differing", "B", CHARGE - 1, CHARGE),
        ("missing_here", "D", 7, None),
        ("missing_there", "C", None, CHARGE),
    ]


def test_what_came_back_in_these_days_is_taken_off(shop: Distributor, tea: Sku) -> None:
    order(shop, tea, "A")
    cancel("A")
    order(shop, tea, "B")
    cancel("B", at=NOON + DAY)

    assert counts(compare(shop, ("A", 0), ("B", CHARGE))) == (2, 0, 0, 0)
    assert counts(compare(shop, ("B", CHARGE))) == (1, 0, 0, 0)
    tomorrow = Period(TODAY + DAY, TODAY + DAY)
    assert counts(compare(shop, ("B", -CHARGE), period=tomorrow)) == (1, 0, 0, 0)


def test_a_number_that_comes_several_times_is_summed(shop: Distributor, tea: Sku) -> None:
    order(shop, tea, "A")

    assert counts(compare(shop, ("A", CHARGE + 5), ("A", -5))) == (1, 0, 0, 0)


def test_an_order_of_another_day_is_missing_and_says_when_it_was_placed(
    shop: Distributor, tea: Sku
) -> None:
    order(shop, tea, "A", at=NOON + DAY)

    [row] = compare(shop, ("A", CHARGE)).differences

    assert (row["kind"], row["placed_on"]) == ("missing_here", "2026-11-23")
    assert row["order_no"] == Order.objects.get().order_no


def test_days_begin_and_end_at_midnight_in_shanghai(shop: Distributor, tea: Sku) -> None:
    last_moment = THIS_DAY.ends_at - timedelta(microseconds=1)
    order(shop, tea, "A", at=last_moment)
    order(shop, tea, "B", at=THIS_DAY.ends_at)

    assert counts(compare(shop, ("A", CHARGE))) == (1, 0, 0, 0)


def test_without_days_the_named_orders_are_compared_over_all_time(
    shop: Distributor, tea: Sku
) -> None:
    order(shop, tea, "A", at=NOON - 40 * DAY)
    order(shop, tea, "B")

    assert counts(compare(shop, ("A", CHARGE), ("X", 1), period=None)) == (1, 0, 1, 0)


def test_anothers_order_of_the_same_number_is_none_of_ours(shop: Distributor, tea: Sku) -> None:
    other = make_distributor()
    order(other, tea, "A")

    for period in (THIS_DAY, None):
        [row] = compare(shop, ("A", CHARGE), period=period).differences
        assert (row["kind"], row["order_no"], row["placed_on"]) == ("missing_here", "", None)


def test_transfers_without_an_order_are_compared_when_they_are_given(shop: Distributor) -> None:
    reference = f"opening-{shop.number}"

    found = compare(shop, transfers=[(reference, 10_000_00), ("SLIP-2", 5_00)])

    assert counts(found) == (1, 0, 1, 0)
    assert found.differences[0]["reference"] == "SLIP-2"
    assert counts(compare(shop, transfers=[(reference, 1)], period=None)) == (0, 1, 0, 0)
    assert counts(compare(shop, transfers=[])) == (0, 0, 0, 1)
    assert counts(compare(shop)) == (0, 0, 0, 0)


def test_closed_days_are_found_though_what_was_late_stands_on_a_later_statement(
    shop: Distributor, tea: Sku
) -> None:
    order(shop, tea, "A")
    statements.run(at=NOON + DAY)
    order(shop, tea, "B")
    order(shop, tea, "C", at=NOON + DAY)
    statements.run(at=NOON + 2 * DAY)

    tomorrow = Period(TODAY + DAY, TODAY + DAY)
    assert counts(compare(shop, ("A", CHARGE), ("B", CHARGE))) == (2, 0, 0, 0)
    assert counts(compare(shop, ("C", CHARGE), period=tomorrow)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("_case", "period"),
    [
        ("turned round", Period(TODAY, TODAY - DAY)),
        ("too long", Period(TODAY - 366 * DAY, TODAY)),
    ],
)
def test_days_that_make_no_sense_are_refused(shop: Distributor, _case: str, period: Period) -> None:
    with pytest.raises(reconciling.DaysInvalid):
        compare(shop, ("A", 1), period=period)

    assert not Reconciliation.objects.exists()


def test_more_numbers_than_the_limit_on_either_side_are_refused(
    shop: Distributor, tea: Sku, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, tea, "A")
    order(shop, tea, "B")
    monkeypatch.setattr(reconciling, "MAX_NUMBERS", 1)

    with pytest.raises(reconciling.TooManyNumbers):
        compare(shop, ("A", 1), ("B", 1), period=None)
    with pytest.raises(reconciling.TooManyNumbers):
        compare(shop, ("A", 1))

    assert not Reconciliation.objects.exists()


def test_it_is_kept_for_its_distributor_alone(shop: Distributor) -> None:
    kept = compare(shop, ("A", 1))

    found = reconciling.find(distributor=shop, reconciliation_id=kept.reconciliation_id)
    with pytest.raises(NotFound):
        reconciling.find(distributor=make_distributor(), reconciliation_id=kept.reconciliation_id)

    assert found == kept
    assert (found.day_from, found.day_to) == (TODAY, TODAY)


def test_many_numbers_cost_as_many_queries_as_few(shop: Distributor, tea: Sku) -> None:
    for number in range(5):
        order(shop, tea, f"A{number}")

    with CaptureQueriesContext(connection) as few:
        compare(shop, ("A0", CHARGE), ("X", 1))
    with CaptureQueriesContext(connection) as many:
        compare(shop, *[(f"A{n}", CHARGE) for n in range(5)], *[(f"X{n}", 1) for n in range(50)])

    assert len(many) == len(few)


# --- sheets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "content"),
    [
        ("as our API names them", "out_order_no,amount_fen\nA,10500\nB,-50\n"),
        (
            "a Chinese sheet in its encoding",
            "序号,订单号,金额,备注,备注\n1,A,￥105.00,x,\n2,B,-0.5,,y\n",
        ),
        (
            "thousands, brackets and a line of totals",
            '订单号,金额(元)\nA,"105.00 元"\nB,(0.50)\n,104.50\n',
        ),
    ],
)
def test_sheets_are_read_as_clerks_keep_them(tmp_path: Path, _case: str, content: str) -> None:
    file = tmp_path / "账.csv"
    file.write_bytes(content.encode("gb18030"))

    assert reconciliation_files.read(file) == [("A", 105_00), ("B", -50)]


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("no amount", "订单号,金额\nA,\n", "cell_missing"),
        ("half a fen", "订单号,金额\nA,1.005\n", "cell_unreadable"),
        ("words", "订单号,金额\nA,about ten\n", "cell_unreadable"),
        ("more cells than headings", "订单号,金额\nA,1,2\n", "cell_unreadable"),
    ],
)
def test_a_sheet_with_rows_that_cannot_be_read_is_refused_with_their_lines(
    tmp_path: Path, _case: str, content: str, code: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(content)

    with pytest.raises(reconciliation_files.SheetFaulty) as refusal:
        reconciliation_files.read(file)

    [cause] = refusal.value.causes
    assert (cause.code, cause.values["line"]) == (code, 2)


def test_a_sheet_without_an_amount_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("订单号,件数\nA,1\n")

    with pytest.raises(DomainError) as refusal:
        reconciliation_files.read(file)

    assert refusal.value.code == "column_missing"
