"""Explaining an order: every amount, piece and message it moved, in one order of time.

The platform reads everything. The distributor reads what concerns it: the agreement price, what its
deposit and its open amount did, its stock, its own history. What a fact moved in parts, it reads as a
whole, so that no part tells what the source gets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from aftersales import timeline
from aftersales.models import CaseState, ClaimState, GoodwillState
from books import explaining_prices
from books.explaining_prices import PriceStep
from distributors.models import Distributor
from integration.models import Delivery, Event
from kit import money
from kit.errors import NotFound
from ledger import codes
from ledger.models import Kind, Transfer
from orders.models import Cancellation, Fulfilment, Hold, Line, Order, Shipment
from orders.telling import TOLD, parcel_no
from suppliers.models import BillLine
from supplychain.models import Movement

SHOWN = 500
MAX_FOUND = 20
RECEIVED = "received"
# Where a line of the story comes from; at the same moment they are told in this order.
HISTORY, MONEY, STOCK, EVENT = "history", "money", "stock", "event"
_RANK = (HISTORY, STOCK, MONEY, EVENT)
# Every type of event that is about an order or what belongs to it: events are found by type and number.
_TYPES = [
    "order.placed",
    *TOLD.values(),
    *(f"shipment.{what}" for what in ("created", "tracking_changed", "delivered", "exception")),
    "fulfilment.late",
    "cancellation.granted",
    "cancellation.refused",
    "hold.lapsed",
    *(f"aftersale.{state}" for state in CaseState.values),
    *(f"claim.{state}" for state in ClaimState.values),
    *(f"claim.goodwill_{state}" for state in (*GoodwillState.values, "shipped")),
]


@dataclass(frozen=True, slots=True)
class LineAccount:
    """A line with how its price came about (nothing where that is the platform's secret)."""

    line: Line
    steps: list[PriceStep]

    @property
    def sum_fen(self) -> int:
        return self.line.agreement_price_fen * self.line.quantity


@dataclass(slots=True)
class MoneyStep:
    """What one fact moved: on the deposit, signed, and what was left open of the order after it.

    For the platform it is one transfer, with its two accounts and the bill that it is on.
    """

    at: datetime
    code: str
    what: str
    amount_fen: int
    deposit_fen: int
    open_fen: int
    reference: str
    line_id: str = ""
    sku_no: str = ""
    quantity: int | None = None
    transfer: Transfer | None = None
    bill_no: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the whole story."""

    at: datetime
    kind: str
    text: str
    detail: str


@dataclass(slots=True)
class Explanation:
    """All that an order was, and what became of it."""

    order: Order
    lines: list[LineAccount]
    parts: list[Fulfilment]
    money: list[MoneyStep]
    stock: list[Movement]
    events: list[Event]
    history: list[timeline.Step]
    holds: list[Hold]
    cancellations: list[Cancellation]
    story: list[Told] = field(default_factory=list)

    @property
    def charged_fen(self) -> int:
        return -sum(step.deposit_fen for step in self.money if step.deposit_fen < 0)

    @property
    def back_fen(self) -> int:
        return sum(step.deposit_fen for step in self.money if step.deposit_fen > 0)


def find(number: str, *, distributor: Distributor | None = None) -> list[Order]:
    """Return the orders that a number means, ours or theirs; newest first.

    Only a distributor's own, if one is named. The numbers of cancellations, cases and claims lead to
    their order, too.
    """
    rows = Order.objects.select_related("distributor__company")
    if distributor is not None:
        rows = rows.of(distributor)
    text = number.strip()
    ours = text.upper()
    if not text:
        return []
    # One index after the other: asked for together, none of them would be used.
    for condition in (
        {"order_no": ours},
        {"out_order_no": text},
        {"fulfilments__cancellations__cancellation_no": ours},
        {"cases__case_no": ours},
        {"claims__claim_no": ours},
    ):
        found = list(rows.filter(**condition).order_by("-pk").distinct()[:MAX_FOUND])
        if found:
            return found
    return []


def the_one(number: str, *, distributor: Distributor) -> Order:
    """Return a distributor's order by its own number or by ours.

    :raises NotFound: it has none.
    """
    found = find(number, distributor=distributor)
    if not found:
        raise NotFound
    return found[0]


def for_platform(order: Order) -> Explanation:
    """Return everything: with supply prices, every transfer, and the bills they are on."""
    lines = list(order.lines.order_by("pk"))
    accounts = [
        LineAccount(line, explaining_prices.steps(line, level=order.level_code)) for line in lines
    ]
    found = _explanation(order, accounts, timeline.of(order))
    found.money = _transfer_by_transfer(_transfers(order))
    found.story = _story(found)
    return found


def for_distributor(order: Order) -> Explanation:
    """Return what concerns the distributor; nothing of it tells a supply price."""
    accounts = [LineAccount(line, []) for line in order.lines.order_by("pk")]
    found = _explanation(order, accounts, timeline.for_distributor(order))
    found.money = _fact_by_fact(_transfers(order))
    found.story = _story(found)
    return found


def movements(order: Order) -> list[Movement]:
    """Return how the order, its hold, its cancellations, cases and claims moved stock."""
    numbers = _numbers(order, _holds(order), _cancellations(order))
    return _movements(order, numbers, [line.line_id for line in order.lines.all()])


def events(order: Order) -> list[Event]:
    """Return what the distributor was told about the order, and about all that belongs to it."""
    parcels = Shipment.objects.filter(fulfilment__order=order)
    parts = order.fulfilments.count()
    numbers = _numbers(order, _holds(order), _cancellations(order))
    return _events(order, numbers, list(parcels), parts)


def _explanation(
    order: Order, lines: list[LineAccount], history: list[timeline.Step]
) -> Explanation:
    holds, cancellations = _holds(order), _cancellations(order)
    numbers = _numbers(order, holds, cancellations)
    parts = list(order.fulfilments.select_related("supplier__company").order_by("pk"))
    parcels = list(Shipment.objects.filter(fulfilment__order=order))
    return Explanation(
        order=order,
        lines=lines,
        parts=parts,
        money=[],
        stock=_movements(order, numbers, [one.line.line_id for one in lines]),
        events=_events(order, numbers, parcels, len(parts)),
        history=history,
        holds=holds,
        cancellations=cancellations,
    )


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Under which numbers ledger, stock and events know what belongs to an order."""

    holds: list[str]
    cancellations: list[str]
    cases: list[str]
    claims: list[str]

    @property
    def every(self) -> list[str]:
        return [*self.holds, *self.cancellations, *self.cases, *self.claims]


def _numbers(
    order: Order, holds: Iterable[Hold], cancellations: Iterable[Cancellation]
) -> _Numbers:
    return _Numbers(
        [hold.hold_id for hold in holds],
        [one.cancellation_no for one in cancellations],
        list(order.cases.values_list("case_no", flat=True)[:SHOWN]),
        list(order.claims.values_list("claim_no", flat=True)[:SHOWN]),
    )


def _holds(order: Order) -> list[Hold]:
    rows = Hold.objects.filter(distributor=order.distributor_id, out_order_no=order.out_order_no)
    return list(rows.order_by("pk")[:SHOWN])


def _cancellations(order: Order) -> list[Cancellation]:
    rows = Cancellation.objects.filter(fulfilment__order=order)
    return list(rows.order_by("pk")[:SHOWN])


def _movements(order: Order, numbers: _Numbers, line_ids: Iterable[str]) -> list[Movement]:
    every = [order.order_no, *numbers.every]
    causes = [f"{number}/{line_id}" for number in every for line_id in line_ids]
    rows = Movement.objects.filter(cause__in=[*every, *causes])
    return list(rows.select_related("sku", "allotment__distributor").order_by("pk")[:SHOWN])


def _events(
    order: Order, numbers: _Numbers, parcels: Sequence[Shipment], parts: int
) -> list[Event]:
    # Whatever is told of an order goes by one of these numbers, and each by an index.
    named = [
        order.order_no,
        *(f"{order.order_no}/{n}" for n in range(1, parts + 1)),
        *(parcel_no(order, parcel) for parcel in parcels),
        *numbers.every,
    ]
    rows = Event.objects.filter(
        partner_id=order.distributor.partner_id, type__in=_TYPES, object_no__in=named
    )
    told = rows.defer("data", "previous").prefetch_related("deliveries")
    return list(told.order_by("pk")[:SHOWN])


def _transfers(order: Order) -> list[Transfer]:
    rows = Transfer.objects.filter(order_no=order.order_no)
    return list(rows.select_related("debit", "credit").order_by("pk")[:SHOWN])


def _transfer_by_transfer(transfers: Sequence[Transfer]) -> list[MoneyStep]:
    bills = dict(
        BillLine.objects.filter(transfer__in=transfers, live=True).values_list(
            "transfer_id", "bill__bill_no"
        )
    )
    open_fen, steps = 0, []
    for one in transfers:
        open_fen += _on(Kind.ORDERS_OPEN, one)
        step = _step(one, codes.shown(one.code), one.amount_fen, open_fen)
        step.transfer, step.bill_no = one, bills.get(one.pk, "")
        steps.append(step)
    return steps


def _fact_by_fact(transfers: Sequence[Transfer]) -> list[MoneyStep]:
    """Put together what one fact moved: a receipt, a refund, a cancelled line."""
    steps: dict[tuple[object, ...], MoneyStep] = {}
    open_fen = 0
    for one in transfers:
        moved_fen, deposit_fen = _on(Kind.ORDERS_OPEN, one), _on(Kind.DEPOSIT, one)
        open_fen += moved_fen
        if not moved_fen and not deposit_fen:
            continue
        is_earned = not deposit_fen
        fact = (
            (RECEIVED, one.posted_at, one.line_id, one.line_id == "")
            if is_earned
            else (one.code, one.case_no or one.reference)
        )
        step = steps.get(fact)
        if step is None:
            words = _earned(one) if is_earned else codes.shown(one.code)
            step = steps[fact] = _step(one, words, 0, open_fen)
            step.code = RECEIVED if is_earned else one.code
            step.deposit_fen = 0
            step.reference = one.case_no or ("" if is_earned else one.reference)
        step.amount_fen += one.amount_fen
        step.deposit_fen += deposit_fen
        step.open_fen = open_fen
    return list(steps.values())


def _earned(transfer: Transfer) -> str:
    if transfer.line_id:
        return _("received: no longer open")
    return _("freight is due: no longer open")


def _step(one: Transfer, what: str, amount_fen: int, open_fen: int) -> MoneyStep:
    return MoneyStep(
        at=one.posted_at,
        code=one.code,
        what=what,
        amount_fen=amount_fen,
        deposit_fen=_on(Kind.DEPOSIT, one),
        open_fen=open_fen,
        reference=one.case_no or one.reference,
        line_id=one.line_id,
        sku_no=one.sku_no,
        quantity=one.quantity,
    )


def _on(kind: Kind, transfer: Transfer) -> int:
    """Return what a transfer moved on accounts of a kind, signed, in fen."""
    credited = transfer.amount_fen if transfer.credit.kind == kind else 0
    return credited - (transfer.amount_fen if transfer.debit.kind == kind else 0)


def _story(found: Explanation) -> list[Told]:
    told = [
        *(
            Told(one.at, HISTORY, f"{one.subject} {one.number}".strip(), f"{one.deed} · {one.by}")
            for one in found.history
        ),
        *(
            Told(one.moved_at, STOCK, str(one.sku), f"{one.get_kind_display()} {one.quantity:+d}")
            for one in found.stock
        ),
        *(Told(one.at, MONEY, one.what, _in_words(one)) for one in found.money),
        *(Told(one.occurred_at, EVENT, one.type, _called_back(one)) for one in found.events),
        *(
            Told(
                hold.held_at,
                HISTORY,
                _("Hold {hold_id}").format(hold_id=hold.hold_id),
                _("{amount}, until {until:%H:%M}").format(
                    amount=money.yuan(hold.total_fen), until=timezone.localtime(hold.expires_at)
                ),
            )
            for hold in found.holds
        ),
    ]
    return sorted(told, key=lambda one: (one.at, _RANK.index(one.kind)))


def delivery(event: Event) -> Delivery | None:
    """Return how an event was called back, if anywhere; of several addresses the newest."""
    found = sorted(event.deliveries.all(), key=lambda one: one.pk)
    return found[-1] if found else None


def _called_back(event: Event) -> str:
    called = delivery(event)
    return (
        event.object_no if called is None else f"{event.object_no} · {called.get_state_display()}"
    )


def _in_words(step: MoneyStep) -> str:
    words = _("{amount}, {open} open after it").format(
        amount=money.yuan(step.amount_fen), open=money.yuan(step.open_fen)
    )
    return f"{step.sku_no} × {step.quantity}: {words}" if step.quantity else words
