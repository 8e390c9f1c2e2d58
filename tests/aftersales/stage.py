"""An order on which after-sales are played, every act with defaults that work, and what it comes to.

Supply 50.00, markup 5.00, fee 5 % of both: 57.75 a piece; three pieces and 8.00 of freight make
181.25 of a deposit of 1,000.00.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from aftersales import applying, deciding, inspecting, reshipping, returning
from aftersales.models import Case, CaseState, CaseType
from books import verifying
from distributors.models import Distributor
from kit.actors import Actor, person
from ledger import accounts
from ledger.models import Kind
from orders import placing, receiving, shipping
from orders.models import Line, Order
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import Allotment, Sku
from tests.factories import (
    NOON,
    make_distributor,
    make_evidence,
    make_freight,
    make_product,
    make_request,
    make_sku,
    make_supplier,
)

PRICE_FEN = 57_75
TOTAL_FEN = 181_25
DEPOSIT_FEN = 1_000_00
PIECES = 3
LATER = NOON + timedelta(hours=1)
ADDRESS = "退货组 13900000000 浙江省杭州市西湖区文三路1号"

SHOP = Actor("key", "hk_shop")
ANNA, BEN = person("anna@platform.example"), person("ben@platform.example")


@dataclass(frozen=True)
class Stage:
    """An order of one line, of a supplier or of own stock."""

    shop: Distributor
    supplier: Supplier | None
    sku: Sku
    order: Order

    @property
    def line(self) -> Line:
        return Line.objects.get(order=self.order)


@dataclass(frozen=True)
class Sums:
    """Where the money lies, and what is in stock; `earned` and `payable` of the supplier."""

    deposit: int
    open: int
    payable: int = 0
    earned: int = 0
    own_sales: int = 0
    fees: int = 0
    margin: int = 0
    goodwill: int = 0
    pool: int = 7
    allotment: int = 0

    def but(self, **fields: int) -> "Sums":
        return Sums(**{**asdict(self), **fields})


def make_stage(
    *,
    own: bool = False,
    days: int = 0,
    shipped: bool = True,
    received: bool = False,
    available: int = 10,
    allotted: int = 0,
    quantity: int = PIECES,
    deposit_fen: int = DEPOSIT_FEN,
) -> Stage:
    """An order of three pieces; `days` of after-sales after receipt, 0: the classic policy."""
    shop = make_distributor(deposit_fen=deposit_fen)
    supplier = None if own else make_supplier()
    template = make_freight(first_fen=8_00, further_fen=0)
    product = make_product(supplier=supplier, freight_template=template, aftersale_days=days)
    sku = make_sku(product=product, supply_price_fen=50_00, markup_fen=5_00, available=available)
    if allotted:
        stock.allot(
            sku_pk=sku.pk,
            distributor=shop,
            quantity=allotted,
            then_pool=True,
            actor=ANNA,
            at=NOON,
        )
    placed = placing.place(make_request(shop, {sku: quantity}), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    stage = Stage(shop, supplier, sku, order)
    if shipped:
        ship(stage)
    if received:
        receive(stage)
    return stage


def ship(stage: Stage, quantity: int | None = None) -> Any:
    """Ship all that is left, or so many pieces, in one parcel."""
    part = stage.order.fulfilments.get()
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=stage.supplier,
        carrier_code="ZTO",
        tracking_no=f"73{part.pk:06}{part.shipments.count():06}",
        pieces=None if quantity is None else {stage.line.pk: quantity},
        actor=ANNA,
        at=NOON,
    )


def receive(stage: Stage, quantity: int | None = None) -> Order:
    return receiving.receive(
        order_pk=stage.order.pk,
        distributor=stage.shop,
        pieces=None if quantity is None else {"1": quantity},
        actor=SHOP,
        at=NOON,
    )


def apply(stage: Stage, type_: str = CaseType.REFUND_ONLY, quantity: int = 1, **more: Any) -> Case:
    fields = {"reason": "other", "at": LATER, **more}
    return applying.apply(
        distributor=stage.shop,
        order_pk=stage.order.pk,
        line_id="1",
        type=type_,
        quantity=quantity,
        actor=SHOP,
        **fields,
    )


def approve(case: Case, **more: Any) -> Case:
    """All that was asked, at the source's expense."""
    fields = {
        "approved_fen": case.asked_fen,
        "liability": "supplier",
        "actor": ANNA,
        "at": LATER,
        **more,
    }
    return deciding.approve(case_no=case.case_no, **fields)


def reject(case: Case, **more: Any) -> Case:
    fields = {"note": "凭证不足", "actor": ANNA, "at": LATER, **more}
    return deciding.reject(case_no=case.case_no, **fields)


def escalate(case: Case) -> Case:
    return applying.escalate(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER
    )


def rule(case: Case, *, for_distributor: bool, **more: Any) -> Case:
    fields = {"note": "复核", "actor": BEN, "at": LATER, **more}
    return deciding.rule(case_no=case.case_no, for_distributor=for_distributor, **fields)


def send_back(case: Case, tracking_no: str = "SF1000000000001", **more: Any) -> Case:
    fields = {"carrier_code": "SF", "actor": SHOP, "at": LATER, **more}
    return returning.send_back(
        distributor=case.distributor, case_no=case.case_no, tracking_no=tracking_no, **fields
    )


def bring_back(case: Case) -> Case:
    """Send the goods back and have them arrive."""
    if case.state == CaseState.APPROVED:
        returning.push_address(case_no=case.case_no, address=ADDRESS, actor=ANNA, at=LATER)
    send_back(case)
    return returning.arrive(case_no=case.case_no, actor=ANNA, at=LATER)


def inspect(case: Case, result: str = "pass", *, restocked: int = 0, **more: Any) -> Case:
    fields = {"grade": "new", "actor": ANNA, "at": LATER, **more}
    if result == "fail":
        fields.setdefault("photos", [make_evidence(None).upload_id])
    return inspecting.inspect(case_no=case.case_no, result=result, restocked=restocked, **fields)


def reship(case: Case, supplier: Supplier | None, **more: Any) -> Case:
    fields = {"carrier_code": "SF", "tracking_no": "SF2000000000002", "actor": ANNA, "at": LATER}
    return reshipping.reship(case_no=case.case_no, supplier=supplier, **{**fields, **more})


def get(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def sums(stage: Stage) -> Sums:
    """What everything comes to now."""
    stage.sku.stock.refresh_from_db()
    allotment = Allotment.objects.filter(sku=stage.sku).first()
    holder = stage.supplier.pk if stage.supplier else None
    return Sums(
        deposit=accounts.deposit_of(stage.shop.pk).balance_fen or 0,
        open=accounts.balance(Kind.ORDERS_OPEN),
        payable=accounts.balance(Kind.PAYABLE, holder) if holder else 0,
        earned=accounts.balance(Kind.EARNED, holder) if holder else 0,
        own_sales=accounts.balance(Kind.OWN_SALES),
        fees=accounts.balance(Kind.SERVICE_FEES),
        margin=accounts.balance(Kind.PLATFORM_MARGIN),
        goodwill=accounts.balance(Kind.GOODWILL),
        pool=stage.sku.stock.available,
        allotment=allotment.available if allotment else 0,
    )


def counters(stage: Stage) -> dict[str, int]:
    """The line's counters of after-sales that are not 0."""
    line = stage.line
    names = ("in_case", "refunded", "refunded_fen", "written_off", "returned", "restocked")
    return {name: getattr(line, name) for name in names if getattr(line, name)}


def assert_books_are_clean() -> None:
    """Every invariant holds, as the test's own transaction sees it."""
    breaches = verifying.look(at=LATER).breaches
    assert not breaches, [(breach.check.name, breach.rows[:3]) for breach in breaches]
