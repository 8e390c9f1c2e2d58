"""How a supplier does, against a world counted by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from books import performing
from books.models import SupplierDay
from kit.actors import OPERATIONS
from orders import cancelling, correcting, shipping
from orders.models import Fulfilment, Order
from orders.placing import place
from suppliers.models import Supplier
from tests.factories import NOON, make_case, make_distributor, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_part(supplier: Supplier, *, hours: float | None, days_ago: int = 0) -> Fulfilment:
    """A supplier's part of an order, shipped so many hours after it was placed, if at all."""
    sku = make_live_product(supplier).skus.get()
    placed_at = NOON - days_ago * DAY
    placed = place(make_request(make_distributor(), {sku: 2}), at=placed_at)
    part = Order.objects.get(order_no=placed.document["order_no"]).fulfilments.get()
    if hours is not None:
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=supplier,
            carrier_code="SF",
            tracking_no=f"SF{part.pk:013}",
            actor=OPERATIONS,
            at=placed_at + hours * HOUR,
        )
    return part


def make_short(supplier: Supplier, *, days_ago: int) -> None:
    part = make_part(supplier, hours=None, days_ago=days_ago)
    cancelling.report_shortage(
        fulfilment_pk=part.pk,
        supplier=supplier,
        pieces={part.lines.get().pk: 2},
        empty_stock=False,
        actor=OPERATIONS,
        at=NOON - days_ago * DAY,
    )


def make_world() -> Supplier:
    """Four parts shipped in 30 days, one of them late, one with a case; one short; one long ago."""
    supplier = make_supplier()
    for hours in (5, 7, 23):
        make_part(supplier, hours=hours, days_ago=10)
    late = make_part(supplier, hours=70, days_ago=20)
    make_case(late.order, at=NOON - 5 * DAY)
    make_short(supplier, days_ago=3)
    make_part(supplier, hours=1.5, days_ago=60)
    return supplier


def test_the_figures_are_those_counted_by_hand_rolled_up_or_not() -> None:
    supplier = make_world()
    make_part(supplier, hours=1.5)
    at = NOON + 2 * HOUR

    performing.roll(at=at)
    week, month, quarter = performing.read(supplier_pk=supplier.pk, at=at)

    assert (week.own.shipped, week.own.short, week.own.cases) == (1, 1, 1)
    assert (month.own.shipped, month.own.late, month.own.short, month.own.cases) == (5, 1, 1, 1)
    assert (month.own.late_bp, month.own.short_bp, month.own.case_bp) == (2_000, 1_667, 2_000)
    assert quarter.own.shipped == 6
    # 1.5, 5, 7, 23 and 70 hours: the third lies half-way in the class from 6 to 8, the 4.5th
    # half-way in that from 60 to 72.
    assert (month.own.median_hours, month.own.most_hours) == (7.0, 66.0)
    rows = SupplierDay.objects.filter(supplier=supplier)
    assert sum(row.shipped for row in rows) == 5, "today is not rolled up"


def test_rolling_up_again_changes_nothing_but_what_came_late() -> None:
    supplier = make_supplier()
    part = make_part(supplier, hours=2, days_ago=2)
    performing.roll(at=NOON)
    first = list(SupplierDay.objects.values_list("day", "supplier", "shipped"))

    performing.roll(at=NOON)
    again = list(SupplierDay.objects.values_list("day", "supplier", "shipped"))
    correcting.void(
        shipment_pk=part.shipments.get().pk,
        supplier=supplier,
        by_staff=False,
        reason="wrong",
        actor=OPERATIONS,
        at=NOON,
    )
    performing.roll(at=NOON)

    assert again == first
    assert len(first) == 2
    assert not SupplierDay.objects.exists()


def test_the_average_shows_only_where_nobody_can_be_read_out_of_it() -> None:
    suppliers = [make_supplier() for _ in range(performing.FEWEST_IN_AVERAGE)]
    for supplier in suppliers[1:]:
        make_part(supplier, hours=2, days_ago=3)
    performing.roll(at=NOON)
    before = performing.read(supplier_pk=suppliers[0].pk, at=NOON)

    make_part(suppliers[0], hours=4, days_ago=2)
    performing.roll(at=NOON)
    after = performing.read(supplier_pk=suppliers[0].pk, at=NOON)

    assert [span.everybody for span in before] == [None, None, None]
    assert [span.everybody.shipped for span in after if span.everybody] == [5, 5, 5]


def test_the_page_and_the_card_show_own_figures_in_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier, other = make_supplier(), make_supplier()
    for one, hours in ((supplier, 5), (other, 100)):
        make_part(one, hours=hours, days_ago=(timezone.now() - NOON).days + 4)
    performing.roll(at=timezone.now())
    client = log_in(make_person(supplier.company))

    with django_assert_max_num_queries(15):
        page = client.get("/supplier/performance/").content.decode()
    home = client.get("/supplier/").content.decode()

    assert "5.0 h" in page
    assert "98.0 h" not in page
    assert "5.0 h" in home
