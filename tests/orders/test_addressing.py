"""Another address: while nothing has left, where the goods are shipped to, and at the same freight."""

from datetime import timedelta

import pytest

from integration.models import Event
from kit import sealing, values
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from orders import addressing, cancelling, checking, placing, repeating, shipping
from orders.models import Consignee, History, Order
from orders.requests import OrderRequest
from supplychain import listing, regions
from supplychain.models import FreightRule, Product, Sku
from tests.factories import (
    CONSIGNEE,
    NOON,
    make_distributor,
    make_freight,
    make_product,
    make_request,
    make_sku,
)

pytestmark = pytest.mark.django_db

SOON = NOON + timedelta(hours=1)
NEXT_DOOR = values.replace(CONSIGNEE, name="李四", phone="13900000001", detail="海德三道201号")
FAR_AWAY = values.replace(CONSIGNEE, province="新疆", city="乌鲁木齐市", district="")


def request_for(quantities: dict[Sku, int]) -> OrderRequest:
    return make_request(make_distributor(deposit_fen=10_000_00), quantities)


def place(quantities: dict[Sku, int]) -> Order:
    request = request_for(quantities)
    placing.place(request, at=NOON)
    return Order.objects.get(distributor=request.distributor_pk)


def change(order: Order, consignee: object = NEXT_DOOR) -> Order:
    return addressing.change_address(
        distributor=order.distributor,
        order_pk=order.pk,
        consignee=consignee,  # type: ignore[arg-type]
        actor=OPERATIONS,
        at=SOON,
    )


def goes_to(order: Order) -> tuple[str, ...]:
    row = Consignee.objects.get(order=order)
    return (*row.opened, row.province, row.city)


BEFORE = ("张三", "13800000000", "海德三道199号", "广东省", "深圳市")


def test_an_order_goes_to_somebody_else_and_is_found_by_the_new_phone() -> None:
    order = place({make_sku(): 1})

    changed = change(order)

    assert goes_to(order) == ("李四", "13900000001", "海德三道201号", "广东省", "深圳市")
    row = Consignee.objects.get(order=order)
    assert bytes(row.phone_hash) == sealing.keyed_hash("13900000001")
    assert changed.version == order.version + 1
    assert changed.state == "placed"


def test_history_says_so_without_personal_data() -> None:
    order = place({make_sku(): 1})

    change(order)

    noted = History.objects.get(act="address_changed")
    assert (noted.subject, noted.reason, noted.at) == ("order", "", SOON)
    everything = str(list(History.objects.values())) + str(list(Event.objects.values("data")))
    assert "李四" not in everything
    assert "13900000001" not in everything


def test_the_content_that_it_was_placed_with_still_replays() -> None:
    request = request_for({make_sku(): 1})
    placed = placing.place(request, at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    change(order)

    again = placing.place(request, at=SOON)

    assert again.replayed
    with pytest.raises(repeating.IdempotencyConflict):
        placing.place(values.replace(request, consignee=NEXT_DOOR), at=SOON)
    assert Order.objects.count() == 1


def test_to_where_it_goes_already_nothing_changes() -> None:
    order = place({make_sku(): 1})
    change(order)

    again = change(order)

    assert again.version == order.version + 1
    assert History.objects.filter(act="address_changed").count() == 1


def test_a_province_may_be_written_in_any_way() -> None:
    order = place({make_sku(): 1})

    change(order, values.replace(NEXT_DOOR, province="广西", city="南宁市"))

    assert goes_to(order)[3:] == ("广西壮族自治区", "南宁市")


def test_a_source_that_has_begun_knows_that_its_label_is_wrong() -> None:
    order = place({make_sku(): 1})
    part = order.fulfilments.get()
    shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=NOON)

    change(order)

    part.refresh_from_db()
    assert part.address_changed_at == SOON


def test_one_that_has_not_begun_need_not_know() -> None:
    order = place({make_sku(): 1})

    change(order)

    assert order.fulfilments.get().address_changed_at is None


def test_what_has_left_goes_where_it_was_sent() -> None:
    order = place({make_sku(): 2})
    shipping.ship(
        fulfilment_pk=order.fulfilments.get().pk,
        supplier=None,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        pieces={order.lines.get().pk: 1},
        actor=OPERATIONS,
        at=NOON,
    )

    with pytest.raises(addressing.AlreadyShipped):
        change(order)

    assert goes_to(order) == BEFORE


def test_a_cancelled_order_goes_nowhere() -> None:
    order = place({make_sku(): 1})
    cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        reason="wrong_address",
        actor=OPERATIONS,
        at=NOON,
    )

    with pytest.raises(WrongState):
        change(order)

    assert goes_to(order) == BEFORE


def test_goods_are_not_sent_where_they_are_not_shipped_to() -> None:
    product = make_product(regions_not_served=["新疆维吾尔自治区"])
    order = place({make_sku(product=product): 1})

    with pytest.raises(checking.RegionNotServed) as refused:
        change(order, FAR_AWAY)

    assert refused.value.causes
    assert goes_to(order) == BEFORE


def make_dear_far_away() -> Product:
    """A product whose freight is 8.00 yuan, and 30.00 to Xinjiang."""
    template = make_freight(first_fen=8_00, further_fen=0)
    FreightRule.objects.create(
        template=template, regions=["新疆维吾尔自治区"], first_fen=30_00, further_fen=0
    )
    return make_product(freight_template=template)


def test_the_freight_must_stay_the_same() -> None:
    order = place({make_sku(product=make_dear_far_away()): 1})

    with pytest.raises(addressing.AddressChangesFreight) as refused:
        change(order, FAR_AWAY)

    assert refused.value.values["freight_fen"] == 30_00
    assert refused.value.values["charged_fen"] == 8_00
    assert goes_to(order) == BEFORE


def test_at_the_same_freight_it_goes_to_another_province_though_goods_were_delisted_since() -> None:
    product = make_dear_far_away()
    order = place({make_sku(product=product): 1})
    listing.delist_product(
        product_pk=product.pk, supplier=None, reason="换季", actor=OPERATIONS, at=NOON
    )

    change(order, values.replace(NEXT_DOOR, province="海南省", city="海口市"))

    assert goes_to(order)[3:] == ("海南省", "海口市")


@pytest.mark.parametrize(
    ("_case", "refusal"),
    [("another distributor", NotFound), ("no such province", regions.RegionUnknown)],
)
def test_what_is_refused_changes_nothing(_case: str, refusal: type[DomainError]) -> None:
    order = place({make_sku(): 1})
    stranger = _case == "another distributor"

    with pytest.raises(refusal):
        addressing.change_address(
            distributor=make_distributor() if stranger else order.distributor,
            order_pk=order.pk,
            consignee=NEXT_DOOR if stranger else values.replace(NEXT_DOOR, province="月球"),
            actor=OPERATIONS,
            at=SOON,
        )

    assert goes_to(order) == BEFORE
