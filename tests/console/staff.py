"""Staff for the tests of the console, and a world in which every page has something to show."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from aftersales import goodwill
from aftersales.models import Case, Claim
from companies.models import Person
from console import bulk_goods, checking_recharges, doing_many, rights
from console.doing_many import Subject
from console.models import BulkJob
from distributors.models import Distributor
from kit.actors import OPERATIONS, person
from orders import cancelling, holding, placing, receiving, shipping
from orders.models import Cancellation, Order
from suppliers import adjusting, answering_bills, invoicing, securing
from suppliers.models import Supplier
from supplychain import content, reviewing, stock
from supplychain.content import Content, SkuContent
from supplychain.models import Revision, Sku
from tests import factories
from tests.factories import NOON, make_distributor, make_request, make_sku

_count = itertools.count(1)


def make_staff(*codes: str, superuser: bool = False, group: str = "") -> Person:
    """Somebody of the platform with these rights, of this group, or with all."""
    email = f"staff{next(_count)}@example.com"
    one = Person.objects.create_user(email, None, is_staff=True, is_superuser=superuser)
    one.user_permissions.set(rights.permissions(codes))
    if group:
        one.groups.add(Group.objects.get(name=group))
    return one


def client_of(one: Person, language: str = "zh-hans") -> Client:
    """A browser in which somebody is logged in."""
    client = Client(headers={"Accept-Language": language})
    client.force_login(one)
    return client


def text(answer: Any) -> str:
    """What a page says."""
    return str(answer.content.decode())


def make_content(*, name: str = "龙井茶", price_fen: int = 50_00, owner_no: str = "TEA") -> Content:
    """The content of a product with one sku."""
    return Content(
        name=name,
        category_pk=factories.make_category().pk,
        skus=(SkuContent(owner_no=owner_no, supply_price_fen=price_fen, opening_stock=10),),
    )


def make_revision(*, supplier: Supplier | None = None, owner_no: str = "TEA") -> Revision:
    """A new product that waits for review."""
    return reviewing.propose_product(
        supplier=supplier or factories.make_supplier(trusted=False),
        owner_no=owner_no,
        content=make_content(owner_no=owner_no),
        actor=person("supplier@example.com"),
        at=NOON,
    )


def make_bulk_job(product_pk: int, *, reason: str = "换季") -> BulkJob:
    """A job of which one row was done, and another was about nothing."""
    return doing_many.begin(
        deed=bulk_goods.DelistProducts.act,
        subjects=[Subject(product_pk, "龙井茶"), Subject(0, "不存在")],
        values={"reason": reason},
        shown={"原因": reason},
        person=make_staff("list_products"),
        at=NOON,
    )


def make_recharge_job() -> BulkJob:
    """A job about a recharge that there is not."""
    return doing_many.begin(
        deed=checking_recharges.ACT,
        subjects=[Subject(0, "不存在", checking_recharges.CHECK)],
        values={},
        shown={},
        person=make_staff("recharge_deposits"),
        at=NOON,
    )


@dataclass(frozen=True)
class World:
    """A bit of everything."""

    distributor: Distributor
    supplier: Supplier
    own_sku: Sku
    order: Order
    revision: Revision
    case: Case
    cancellation: Cancellation
    claim: Claim


def make_world(*, at: datetime = NOON) -> World:
    """An order of own goods and a supplier's, shipped in part and received in part; a review; …"""
    distributor = make_distributor(deposit_fen=10_000_00)
    supplier = factories.make_supplier(trusted=False)
    own, theirs = make_sku(markup_fen=5_00), make_sku(supplier=supplier)
    stock.allot(
        sku_pk=own.pk,
        distributor=distributor,
        quantity=5,
        then_pool=True,
        actor=OPERATIONS,
        at=at,
    )
    placed = placing.place(make_request(distributor, {own: 2, theirs: 3}), at=at)
    order = Order.objects.get(order_no=placed.document["order_no"])
    part = order.fulfilments.get(supplier=supplier)
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        actor=OPERATIONS,
        at=at,
    )
    receiving.receive(order_pk=order.pk, distributor=distributor, actor=OPERATIONS, at=at)
    holding.hold(request=make_request(distributor, {own: 1}), at=at)
    placing.place_many([make_request(distributor, {own: 9_999})], at=at)
    first = make_revision(supplier=supplier, owner_no="FIRST")
    reviewing.approve(revision_pk=first.pk, actor=OPERATIONS, at=at)
    changed = content.of(first.product)
    assert changed is not None
    revision = reviewing.propose_change(
        product_pk=first.product_id,
        supplier=supplier,
        content=make_content(name="明前龙井茶", price_fen=60_00, owner_no="FIRST"),
        actor=person("supplier@example.com"),
        at=at,
    )
    _bill(supplier, at)
    factories.make_recharge(distributor, slip=factories.make_slip(), note="首次充值", at=at)
    factories.make_withdrawal(distributor, at=at)
    return World(
        distributor,
        supplier,
        own,
        order,
        revision,
        _case(distributor, theirs, at),
        make_cancellation(distributor, own, at, number="OURS-C1"),
        _claim(order, at),
    )


def _bill(supplier: Supplier, at: datetime) -> None:
    """A doubted bill with an invoice; a manual line that was proposed; security."""
    bill = factories.make_bill(supplier)
    line = bill.lines.order_by("pk")[0]
    answering_bills.dispute(
        supplier=supplier, bill_no=bill.bill_no, notes={line.pk: "少一件"}, actor=OPERATIONS, at=at
    )
    invoicing.attach(
        supplier=supplier, bill_no=bill.bill_no, name="发票.pdf", content=b"%PDF-1.4\n%%EOF"
    )
    adjusting.propose(
        supplier_pk=supplier.pk, amount_fen=-5_00, reason="包装费", actor=OPERATIONS, at=at
    )
    securing.pay_in(
        supplier_pk=supplier.pk, amount_fen=100_00, bank_reference="S-1", actor=OPERATIONS, at=at
    )


def _claim(order: Order, at: datetime) -> Claim:
    """A claim for which the platform is asked for goodwill."""
    line = order.lines.get(received__gt=0)
    claim = factories.make_claim(
        order, line_id=line.line_id, description="", out_claim_no="OURS-W1", at=at
    )
    return goodwill.ask(
        distributor=order.distributor,
        claim_no=claim.claim_no,
        note="整箱破损",
        amount_fen=10_00,
        actor=OPERATIONS,
        at=at,
    )


def make_cancellation(
    distributor: Distributor, sku: Sku, at: datetime, *, number: str = ""
) -> Cancellation:
    """A request that waits for an answer, because picking has begun."""
    placed = placing.place(make_request(distributor, {sku: 2}), at=at)
    order = Order.objects.get(order_no=placed.document["order_no"])
    [part] = order.fulfilments.all()
    shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=at)
    [cancellation] = cancelling.request(
        distributor=distributor,
        order_pk=order.pk,
        pieces={"1": 1},
        out_cancellation_no=number,
        reason="changed_mind",
        actor=OPERATIONS,
        at=at,
    )
    return cancellation


def _case(distributor: Distributor, sku: Sku, at: datetime) -> Case:
    """A case with a photo, about pieces on their way, which another case before was about, too."""
    order = factories.make_shipped_order(distributor, {sku: 3}, at=at)
    photo = factories.make_evidence(distributor, at=at)
    factories.make_case(order, at=at)
    return factories.make_case(
        order, at=at, reason="damaged", description="盒子压坏", evidence=[photo.upload_id]
    )
