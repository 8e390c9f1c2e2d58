"""A small world in which a little of everything has happened, with clean books."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aftersales import applying, deciding, goodwill, inspecting, returning
from aftersales.models import Case
from books import bank_matching, reconciling, statements
from books.models import BankFile, BankLine
from distributors import deciding_recharges, deciding_withdrawals
from distributors.models import Distributor
from integration import endpoints, outbox
from kit.actors import OPERATIONS, person
from ledger import chaining
from orders import cancelling, holding, lapsing, placing, receiving, requests, shipping
from orders.models import Fulfilment, Order
from suppliers import adjusting, answering_bills, paying_bills, securing, settlement
from suppliers.models import Supplier
from supplychain import noting, pushing, selecting, stock
from supplychain.models import Sku
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_freight,
    make_level,
    make_product,
    make_recharge,
    make_request,
    make_sku,
    make_supplier,
    make_withdrawal,
)

SEPTEMBER = NOON.replace(month=9, day=10)
SOON = NOON + timedelta(minutes=10)
TODAY = NOON.date()


@dataclass(frozen=True)
class World:
    """Who is in it. Orders: A is received, B is shipped in part, C and D are only placed.

    X is on hold, Y was until it lapsed, C until it was placed; Z waits for funds.
    Of G two pieces are refunded before receipt, one of them inspected; one is to be shipped again,
    and compensation for one is applied for.
    E is cancelled whole; of F one piece is cancelled, and one waits for an answer.
    Money of the shop of C is recharged by two people, paid back, and applied for.
    Of A, goodwill was settled for two claims, and is asked for a third.
    D's events are not numbered and its transfer is not linked yet; everybody else's are.
    """

    shop: Distributor
    other: Distributor
    idle: Distributor
    supplier: Supplier
    tea: Sku
    cup: Sku
    pot: Sku


def make_world() -> World:
    """Place, ship and receive through the acts."""
    level = make_level(fee_rate_bp=500)
    supplier = make_supplier()
    freighted = make_product(supplier=supplier, freight_template=make_freight())
    world = World(
        shop=make_distributor(deposit_fen=10_000_00, level=level),
        other=make_distributor(deposit_fen=10_000_00, level=level),
        idle=make_distributor(deposit_fen=0, level=level),
        supplier=supplier,
        tea=make_sku(supply_price_fen=50_00, markup_fen=3_33),
        cup=make_sku(supply_price_fen=19_99, product=freighted),
        pot=make_sku(supply_price_fen=80_00),
    )
    stock.allot(
        sku_pk=world.pot.pk,
        distributor=world.shop,
        quantity=5,
        then_pool=True,
        actor=OPERATIONS,
        at=NOON,
    )
    _pay(world)
    _hold(world)
    for shop, number, quantities in (
        (world.shop, "A", {world.tea: 2, world.cup: 3, world.pot: 7}),
        (world.shop, "B", {world.cup: 2}),
        (world.other, "C", {world.tea: 1}),
    ):
        placing.place(make_request(shop, quantities, number=number), at=NOON)
    _ship_and_receive(world)
    _cancel(world)
    _claim(world)
    _aftersale(world)
    _settle(world)
    _close(world)
    _tell(world)
    outbox.stamp()
    chaining.link(at=NOON)
    placing.place(make_request(world.other, {world.tea: 1}, number="D"), at=NOON)
    return world


def _pay(world: World) -> None:
    """A recharge is approved by two people, a withdrawal is paid, and one waits."""
    li, wang = person("li@example.com"), person("wang@example.com")
    recharge = make_recharge(world.other, amount_fen=30_00)
    about: dict[str, Any] = {"recharge_no": recharge.recharge_no, "at": NOON}
    deciding_recharges.check_once(bank_reference="R-1", actor=li, **about)
    deciding_recharges.approve(actor=wang, **about)
    paid = make_withdrawal(world.other, amount_fen=20_00)
    about = {"withdrawal_no": paid.withdrawal_no, "actor": wang, "at": NOON}
    deciding_withdrawals.approve(**about)
    deciding_withdrawals.pay(bank_reference="W-1", **about)
    make_withdrawal(world.other, amount_fen=10_00)


def _tell(world: World) -> None:
    """The other one selected tea and is called back: its stock moved, and the product is to be told."""
    pushing.push(at=NOON)
    endpoints.save(partner=world.other.partner, url="https://shop.example.com/hook", at=NOON)
    wanted = selecting.Wanted(item_nos=(world.tea.product.item_no,))
    selecting.select(distributor=world.other, wanted=wanted, at=NOON)
    stock.adjust(sku_pk=world.tea.pk, quantity=2, actor=OPERATIONS, at=NOON)
    pushing.push(at=NOON)
    noting.before_change([world.tea.product_id], at=NOON)


def _close(world: World) -> None:
    """The idle one's day is closed and its sheet compared; the bank shows the recharge."""
    statements.close(distributor_pk=world.idle.pk, until=TODAY, at=NOON)
    reconciling.reconcile(
        distributor=world.idle, period=None, orders=[("N", 1_00)], actor=OPERATIONS, at=NOON
    )
    BankLine.objects.create(
        file=BankFile.objects.create(
            name="bank.csv", sha256="0" * 64, lines_count=1, actor="", loaded_at=NOON
        ),
        reference="R-1",
        booked_on=TODAY,
        amount_fen=30_00,
    )
    bank_matching.match_open()


def _hold(world: World) -> None:
    """Y lapses; X is kept, and C until it is placed; Z waits for funds."""
    earlier = NOON - timedelta(minutes=40)
    for shop, number, quantities, at in (
        (world.shop, "Y", {world.pot: 7}, earlier),
        (world.other, "C", {world.tea: 1}, NOON),
        (world.shop, "X", {world.cup: 2, world.pot: 1}, NOON),
    ):
        holding.hold(request=make_request(shop, quantities, number=number), at=at)
        lapsing.lapse_due(at=NOON)
    waits = make_request(world.idle, {world.tea: 1}, number="Z", on_shortfall=requests.WAIT)
    placing.place(waits, at=NOON)


def _ship_and_receive(world: World) -> None:
    parts = Fulfilment.objects.filter(order__out_order_no="A").order_by("pk")
    for number, part in enumerate(parts, 1):
        ship(part, tracking_no=f"SF100000000{number}")
    receiving.receive(
        order_pk=Order.objects.get(out_order_no="A").pk,
        distributor=world.shop,
        actor=OPERATIONS,
        at=NOON,
    )
    part = Fulfilment.objects.get(order__out_order_no="B")
    line = part.lines.get()
    ship(part, tracking_no="SF1000000009", pieces={line.pk: 1})


def _cancel(world: World) -> None:
    placing.place(make_request(world.other, {world.cup: 1}, number="E"), at=NOON)
    cancel("E")
    placing.place(make_request(world.other, {world.pot: 3}, number="F"), at=NOON)
    cancel("F", {"1": 1})
    part = Fulfilment.objects.get(order__out_order_no="F")
    shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=NOON)
    cancel("F", {"1": 1})


def _claim(world: World) -> None:
    """An amount of goodwill and new goods are settled, and something is asked for."""
    order = Order.objects.get(out_order_no="A")
    for line_id, kind, fen in (("1", "amount", 10_00), ("2", "reship", 0)):
        claim = make_claim(order, line_id=line_id)
        about: dict[str, Any] = {"claim_no": claim.claim_no, "actor": OPERATIONS, "at": NOON}
        goodwill.ask(distributor=world.shop, note="受潮", amount_fen=fen, **about)
        goodwill.offer(kind=kind, liability="supplier", amount_fen=fen, **about)
        goodwill.settle(distributor=world.shop, **about)
    goodwill.ship(supplier=world.supplier, carrier_code="SF", tracking_no="SF200000001", **about)
    waiting = make_claim(order, line_id="2")
    goodwill.ask(**about | {"claim_no": waiting.claim_no}, distributor=world.shop, note="少件")


def _settle(world: World) -> None:
    """September's bill is negative and carried into October's, which is paid; one line is proposed."""
    li, wang = person("li@example.com"), person("wang@example.com")
    at = SEPTEMBER
    for fen, month in ((-5_00, 9), (40_00, 10)):
        at = SEPTEMBER.replace(month=month)
        line = adjusting.propose(
            supplier_pk=world.supplier.pk, amount_fen=fen, reason="包装", actor=li, at=at
        )
        adjusting.decide(adjustment_no=line.adjustment_no, agreed=True, actor=wang, at=at)
    adjusting.propose(
        supplier_pk=world.supplier.pk, amount_fen=1_00, reason="包装", actor=li, at=NOON
    )
    [_negative, bill] = settlement.run(at=NOON, actor=OPERATIONS)
    answering_bills.accept(supplier=world.supplier, bill_no=bill.bill_no, actor=li, at=NOON)
    paying_bills.pay(
        bill_no=bill.bill_no, bank_reference="B-1", paid_on=NOON.date(), actor=wang, at=NOON
    )
    about: dict[str, Any] = {"supplier_pk": world.supplier.pk, "actor": li, "at": NOON}
    securing.pay_in(amount_fen=100_00, bank_reference="S-1", **about)
    securing.give_back(amount_fen=40_00, bank_reference="S-2", **about)


def _aftersale(world: World) -> None:
    placing.place(make_request(world.other, {world.cup: 4}, number="G"), at=NOON)
    ship(Fulfilment.objects.get(order__out_order_no="G"), tracking_no="SF1000000010")
    approve(apply("refund_only"), freight_fen=1_00)
    back = approve(apply("return_refund"), return_address="仓库")
    about: dict[str, Any] = {"case_no": back.case_no, "actor": OPERATIONS, "at": NOON}
    returning.send_back(
        distributor=world.other, carrier_code="SF", tracking_no="SF300000001", **about
    )
    returning.arrive(**about)
    inspecting.inspect(result="pass", grade="new", restocked=1, **about)
    approve(apply("resend"))
    apply("compensation")


def apply(type_: str) -> Case:
    """Apply for an after-sale of one piece of G."""
    order = Order.objects.get(out_order_no="G")
    return applying.apply(
        distributor=order.distributor,
        order_pk=order.pk,
        line_id="1",
        type=type_,
        quantity=1,
        reason="other",
        actor=OPERATIONS,
        at=NOON,
    )


def approve(case: Case, **terms: Any) -> Case:
    """Agree to all that was asked, at the source's expense."""
    return deciding.approve(
        case_no=case.case_no,
        approved_fen=case.asked_fen,
        liability="supplier",
        actor=OPERATIONS,
        at=NOON,
        **terms,
    )


def cancel(number: str, pieces: dict[str, int] | None = None) -> None:
    """Ask for pieces of an order to be cancelled."""
    order = Order.objects.get(out_order_no=number)
    cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        pieces=pieces,
        reason="changed_mind",
        actor=OPERATIONS,
        at=NOON,
    )


def ship(part: Fulfilment, *, tracking_no: str, pieces: dict[int, int] | None = None) -> None:
    """Hand a parcel of a part to a carrier."""
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        pieces=pieces,
        actor=OPERATIONS,
        at=NOON,
    )
