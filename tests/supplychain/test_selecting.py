"""Selection: what a distributor selected and ordered decides what it is told of, nothing else."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from distributors.models import Distributor
from orders import remembering
from supplychain import selecting
from supplychain.models import Brand, Selection
from supplychain.selecting import Wanted
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_product,
    make_received_order,
    make_sku,
)

pytestmark = pytest.mark.django_db


def selected(distributor: Distributor) -> set[str]:
    """The numbers of a distributor's selection."""
    rows = Selection.objects.filter(distributor=distributor)
    return set(rows.values_list("product__item_no", flat=True))


def test_each_number_has_its_outcome_and_selecting_again_changes_nothing() -> None:
    shop, tea, rice = make_distributor(), make_product(), make_product()
    hidden = make_product(chosen_only=True)
    selecting.select(distributor=shop, wanted=Wanted(item_nos=(rice.item_no,)), at=NOON)
    asked = (tea.item_no, "NONE", rice.item_no, hidden.item_no, tea.item_no)

    first = selecting.select(distributor=shop, wanted=Wanted(item_nos=asked), at=NOON)
    again = selecting.select(
        distributor=shop, wanted=Wanted(item_nos=asked), at=NOON + timedelta(days=1)
    )

    assert [(row.item_no, row.status) for row in first] == list(
        zip(asked, [201, 404, 200, 404, 200], strict=True)
    )
    assert [row.status for row in again] == [200, 404, 200, 404, 200]
    assert selected(shop) == {tea.item_no, rice.item_no}
    assert set(Selection.objects.values_list("selected_at", flat=True)) == {NOON}


def test_a_category_with_all_below_it_and_a_brand_are_selected_and_taken_out_whole() -> None:
    shop, brand = make_distributor(), Brand.objects.create(code="b-1", name="云上茶")
    tea = make_product(category=make_category("食品/茶叶"), brand=brand)
    rice = make_product(category=make_category("食品/大米"))
    soap = make_product(category=make_category("食品用具"), brand=brand)
    food = make_category("食品").code

    selecting.select(distributor=shop, wanted=Wanted(category=food), at=NOON)
    of_category = selected(shop)
    selecting.select(distributor=shop, wanted=Wanted(brand="b-1"), at=NOON)
    of_both = selected(shop)
    taken_out = selecting.unselect(distributor=shop, wanted=Wanted(category=food, brand="b-1"))
    unknown = selecting.unselect(
        distributor=shop, wanted=Wanted(item_nos=(tea.item_no, soap.item_no))
    )

    assert of_category == {tea.item_no, rice.item_no}
    assert of_both == {tea.item_no, rice.item_no, soap.item_no}
    assert [(row.item_no, row.status) for row in taken_out] == [(tea.item_no, 200)]
    assert [row.status for row in unknown] == [404, 200]
    assert selected(shop) == {rice.item_no}


def test_more_than_the_limit_is_refused_and_nothing_is_selected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selecting, "MAX_AT_ONCE", 2)
    shop, products = make_distributor(), [make_product() for _ in range(3)]
    food = make_category("食品").code
    numbers = tuple(product.item_no for product in products)

    for wanted in (Wanted(category=food), Wanted(item_nos=numbers)):
        with pytest.raises(selecting.TooManySelected) as refusal:
            selecting.select(distributor=shop, wanted=wanted, at=NOON)

        assert refusal.value.values == {"limit": 2, "count": 3}
    assert not Selection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_goods_concern_who_selected_them_and_who_ordered_them_in_the_last_90_days() -> None:
    fan, buyer, _other = make_distributor(), make_distributor(), make_distributor()
    tea, rice = make_sku(), make_sku()
    wanted = Wanted(item_nos=(tea.product.item_no,))
    selecting.select(distributor=fan, wanted=wanted, at=NOON)
    make_received_order(buyer, {tea: 1, rice: 1})
    make_received_order(fan, {tea: 1})
    both = [tea.product_id, rice.product_id]

    remembering.note_ordered(at=NOON)
    told = selecting.interested(both, at=NOON)
    later = selecting.interested(both, at=NOON + timedelta(days=92))

    assert told == {tea.product_id: [fan.pk, buyer.pk], rice.product_id: [buyer.pk]}
    assert later == {tea.product_id: [fan.pk]}
    assert remembering.forget_ordered(at=NOON + timedelta(days=91)) == 0
    assert remembering.forget_ordered(at=NOON + timedelta(days=92)) == 3


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_committed_after_a_later_one_is_noted_all_the_same() -> None:
    slow, quick, tea = make_distributor(), make_distributor(), make_sku()
    pattern = make_received_order(quick, {tea: 1})
    other = connection.copy()

    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        copy_order(cursor, pattern.pk, slow.pk)
        make_received_order(quick, {tea: 1})
        remembering.note_ordered(at=NOON)
        remembering.note_ordered(at=NOON)
        meanwhile = selecting.interested([tea.product_id], at=NOON)
        cursor.execute("COMMIT")
    other.close()
    remembering.note_ordered(at=NOON)

    assert meanwhile == {tea.product_id: [quick.pk]}
    assert selecting.interested([tea.product_id], at=NOON) == {tea.product_id: [slow.pk, quick.pk]}
    assert any(remembering.note_ordered(at=NOON) == 0 for _ in until(seconds=60))


def until(*, seconds: float) -> Iterator[None]:
    """Go on for so long: other workers' transactions, too, could bring an older order."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        yield
        time.sleep(0.05)


def copy_order(cursor: CursorWrapper, order_pk: int, distributor_pk: int) -> None:
    """Write an order like another, for another distributor, on a connection of its own."""
    cursor.execute(
        "INSERT INTO orders_order SELECT (jsonb_populate_record(o, jsonb_build_object("
        " 'id', nextval('orders_order_id_seq'), 'order_no', 'SLOW', 'out_order_no', 'SLOW',"
        " 'distributor_id', %s))).* FROM orders_order o WHERE id = %s RETURNING id",
        [distributor_pk, order_pk],
    )
    cursor.execute(
        "INSERT INTO orders_line SELECT (jsonb_populate_record(l, jsonb_build_object("
        " 'id', nextval('orders_line_id_seq'), 'order_id', %s))).* FROM orders_line l"
        " WHERE order_id = %s",
        [cursor.fetchall()[0][0], order_pk],
    )
