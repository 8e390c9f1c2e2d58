"""What a receiver missed, got twice or in disorder: in the end it has the server's state."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from distributors.models import Distributor
from integration import delivering, endpoints, messages, outbox
from integration.outbox import Message
from kit.actors import OPERATIONS
from orders import cancelling, placing, shipping
from orders.models import Fulfilment, Order
from supplychain import assortment, listing, offers, pushing, selecting, stock, telling
from supplychain.models import Sku
from supplychain.selecting import Wanted
from tests.factories import NOON, make_distributor, make_request, make_sku
from tests.integration.copies import Copy
from tests.integration.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 5
OBJECTS, VERSIONS = 250, 40


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


class Days:
    """A shop and its goods, day after day, on a clock of their own."""

    def __init__(self, url: str) -> None:
        self.at = NOON
        self.skus = [make_sku(available=40) for _ in range(3)]
        self.shop = make_distributor(deposit_fen=100_000_00)
        item_nos = tuple(sku.product.item_no for sku in self.skus)
        selecting.select(distributor=self.shop, wanted=Wanted(item_nos=item_nos), at=NOON)
        endpoints.save(partner=self.shop.partner, url=url, at=NOON)
        pushing.push(at=self.at)

    def live(self, day: int) -> None:
        """Let a day pass: orders, one of them called off, a parcel, another price, new stock."""
        tea, rice, soap = self.skus
        numbers = [
            placing.place(make_request(self.shop, {tea: 1, rice: 2}), at=self.at).document
            for _ in range(3)
        ]
        kept, called_off = (Order.objects.get(order_no=one["order_no"]) for one in numbers[:2])
        cancelling.request(
            order_pk=called_off.pk,
            distributor=self.shop,
            reason="changed_mind",
            actor=OPERATIONS,
            at=self.at,
        )
        for part in Fulfilment.objects.filter(order=kept):
            shipping.ship(
                fulfilment_pk=part.pk,
                supplier=None,
                carrier_code="ZTO",
                tracking_no=f"73{part.pk:012}",
                actor=OPERATIONS,
                at=self.at,
            )
        assortment.set_markup(sku_pk=tea.pk, markup_fen=100 * day + 1, at=self.at)
        stock.adjust(sku_pk=soap.pk, quantity=-8, actor=OPERATIONS, at=self.at)
        turn = listing.delist_product if day % 2 == 0 else listing.list_product
        turn(product_pk=soap.product_id, supplier=None, actor=OPERATIONS, at=self.at)
        for _ in range(4):
            self.tick()
            self.at += timedelta(hours=6)

    def tick(self) -> None:
        """Do what the clock does every second."""
        pushing.push(at=self.at)
        telling.tell_changes(at=self.at)
        outbox.stamp()
        delivering.deliver(now=lambda: self.at)


def test_after_five_days_off_everything_arrives_and_the_copy_is_the_servers_state(
    receiver: Receiver,
) -> None:
    days = Days(receiver.url)
    receiver.answers(503)
    for day in range(DAYS):
        days.live(day)
    missed = len(receiver.heard)
    receiver.answers(200)

    days.at += timedelta(hours=1)
    days.tick()
    days.tick()

    copy = Copy()
    for heard in receiver.heard[missed:]:
        copy.apply(heard.body)
    days.shop.partner.refresh_from_db()
    assert copy.complete_to == days.shop.partner.last_seq > 10 * DAYS
    assert not copy.beyond
    assert_same(copy, days.shop, days.skus)


def assert_same(copy: Copy, shop: Distributor, skus: list[Sku]) -> None:
    """Insist that a receiver knows what the server knows."""
    orders = {
        number: known for (family, number), known in copy.objects.items() if family == "order"
    }
    assert {number: (version, data["state"]) for number, (version, data) in orders.items()} == {
        order.order_no: (order.version, order.state) for order in Order.objects.all()
    }
    offered = offers.find([(shop.pk, sku.sku_no) for sku in skus])
    seen = {sku_no: offer for (_pk, sku_no), offer in offered.items()}
    assert {sku_no: copy.stock[sku_no] for sku_no in seen} == {
        sku_no: (offer.stock_version, offer.available) for sku_no, offer in seen.items()
    }
    tea = seen[skus[0].sku_no]
    assert copy.prices == {
        tea.sku_no: (tea.price_version, tea.price.agreement_price_fen),
    }
    listed = {
        number: "sku_nos" not in data
        for (family, number), (_, data) in copy.objects.items()
        if family == "product"
    }
    soap = skus[2]
    assert listed[soap.product.item_no] == (soap.sku_no in seen)


def test_10_000_messages_shuffled_doubled_and_delayed_end_in_the_servers_state() -> None:
    shop = make_distributor(deposit_fen=0).partner
    chance = random.Random(20_261_122)
    told = [
        message(shop.pk, number, version)
        for version in range(1, VERSIONS + 1)
        for number in range(OBJECTS)
    ]
    with transaction.atomic():
        outbox.record(told, at=NOON)
    outbox.stamp()
    events = outbox.read(shop.pk, after=0, limit=len(told))
    line = [messages.document(event) for event in events]
    line += chance.sample(line, len(line) // 10)
    chance.shuffle(line)

    copy = Copy()
    for one in line:
        copy.apply(one)

    assert len(told) == copy.complete_to == 10_000
    numbers = range(OBJECTS)
    assert copy.stock == {f"S{n}": (VERSIONS, n + VERSIONS) for n in numbers if n % 2}
    assert copy.objects == {
        ("order", f"H{n}"): (VERSIONS, {"order_no": f"H{n}", "state": f"state {VERSIONS}"})
        for n in numbers
        if not n % 2
    }


def message(partner_pk: int, number: int, version: int) -> Message:
    """The order or stock of a number, in one of its versions."""
    if number % 2:
        item = {"sku_no": f"S{number}", "available": number + version, "stock_version": version}
        return Message(partner_pk, "stock.changed", f"S{number}", None, {"items": [item]})
    order = {"order_no": f"H{number}", "state": f"state {version}"}
    return Message(partner_pk, "order.shipped", f"H{number}", version, order)
