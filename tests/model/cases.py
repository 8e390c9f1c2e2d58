"""The model of after-sales: what the platform decides, and where its money comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.model.books import first
from tests.model.calling_off import CallingOff
from tests.model.things import OWN, TO_RECEIVE, Held, Line, Named, Order, Parcel, Sku, require

BEFORE_RECEIPT = ("refund_only", "return_refund", "resend", "compensation")
WITH_RETURN = ("return_refund", "exchange")
ENDS = ("refunded", "completed", "withdrawn", "expired", "closed")
LIABLE = ("supplier", "platform", "carrier", "consumer")
RESUBMISSIONS = 3
# For how long a case may be in a state.
WAITS = {
    "applied": timedelta(hours=48),
    "approved": timedelta(hours=48),
    "rejected": timedelta(days=7),
    "awaiting_return": timedelta(days=7),
    "returning": timedelta(days=15),
    "inspecting": timedelta(days=3),
    "inspection_failed": timedelta(days=7),
    "reshipping": timedelta(hours=48),
    "reshipped": timedelta(days=15),
    "arbitration": timedelta(days=7),
    "refund_review": timedelta(hours=48),
}


@dataclass(eq=False, repr=False)
class Case(Named):
    """So many pieces of a line, and what is done about them."""

    line: Line
    type: str
    quantity: int
    after_receipt: bool
    asked_fen: int
    parcel: Parcel | None = None
    state: str = "applied"
    approved_fen: int | None = None
    freight_fen: int = 0
    offered_fen: int | None = None
    refunded_fen: int = 0
    liability: str = ""
    decided_by: str = ""
    resubmissions: int = 0
    address: str = ""
    goods_back: bool = False
    to_restock: int = 0
    retaken: tuple[int, int] = (0, 0)
    took_stock: bool = False
    due_at: datetime | None = None
    late: bool = False
    # Numbers of return parcels, and of the one with new goods.
    returns: list[str] = field(default_factory=list)
    reshipped: list[str] = field(default_factory=list)
    reshipped_at: datetime | None = None
    heard: bool = False
    # The goods had come back, and were sent to the consumer again.
    sent_again: bool = False

    def __repr__(self) -> str:
        return f"{self.type} {self.state} of {self.line}"

    @property
    def is_open(self) -> bool:
        return self.state not in ENDS


class Cases(CallingOff):
    """Books with after-sales."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        super().__init__(skus, rates, at)
        self.cases: list[Case] = []
        # Shops whose refunds before receipt approve themselves, and suppliers' return addresses.
        self.auto_shops: set[str] = set()
        self.addresses: dict[str, str] = {}

    # What is left

    def open_of(self, line: Line, without: Case | None = None) -> list[Case]:
        return [c for c in self.cases if c.line is line and c.is_open and c is not without]

    def room(self, line: Line) -> tuple[int, int]:
        """Pieces in no case: those on their way, and those that are received."""
        cases = self.open_of(line)
        free = line.shipped - line.refunded + line.cancelled - sum(c.quantity for c in cases)
        waiting = sum(c.quantity for c in cases if not c.after_receipt)
        under_way = min(free, max(0, on_the_way(line) - waiting))
        return under_way, free - under_way

    def sides(self, line: Line, type_: str) -> list[tuple[bool, int]]:
        """Whether a type may be about received pieces, and how many; the likelier side first."""
        under_way, received = self.room(line)
        received_at = line.order.received_at
        end = received_at and received_at + timedelta(days=line.days)
        is_open = line.days and (end is None or self.now < end)
        before = (False, under_way if type_ in BEFORE_RECEIPT else 0)
        after = (True, received if is_open else 0)
        return [after, before] if type_ in WITH_RETURN else [before, after]

    def cap_fen(self, line: Line, pieces: int, without: Case | None = None) -> int:
        """What may still come back for pieces: never more than was paid for those not refunded."""
        asked = sum(
            c.asked_fen if c.approved_fen is None else c.approved_fen
            for c in self.open_of(line, without)
        )
        paid = line.price.fen * (line.shipped - line.refunded + line.cancelled)
        return max(0, min(line.price.fen * pieces, paid - asked - self.kept_fen(line)))

    def kept_fen(self, line: Line) -> int:
        """What was given for pieces that their consumer keeps."""
        return sum(
            c.refunded_fen - c.freight_fen
            for c in self.cases
            if c.line is line and c.type == "compensation" and c.state == "refunded"
        )

    def most_fen(self, case: Case) -> int:
        return min(case.asked_fen, self.cap_fen(case.line, case.quantity, without=case))

    # Applying

    def apply(
        self, line: Line, type_: str, pieces: int, asked_fen: int | None, proven: bool
    ) -> None:
        require(proven)
        order = line.order
        fitting = [after for after, left in self.sides(line, type_) if 0 < pieces <= left]
        require(fitting)
        cap_fen = self.cap_fen(line, pieces)
        require(asked_fen is None or min(1, cap_fen) <= asked_fen <= cap_fen)
        case = Case(line, type_, pieces, fitting[0], cap_fen if asked_fen is None else asked_fen)
        if type_ in WITH_RETURN and not case.after_receipt:
            case.parcel = self._coming_back(line, pieces)
        self._open(case)
        if type_ == "refund_only" and not case.after_receipt and order.shop in self.auto_shops:
            case.approved_fen, case.liability = case.asked_fen, "supplier"
            case.decided_by = "auto"
            self._proceed(case)

    def resubmit(self, case: Case, asked_fen: int | None) -> None:
        require(case.state == "rejected" and case.resubmissions < RESUBMISSIONS)
        if asked_fen is not None:
            cap_fen = self.cap_fen(case.line, case.quantity, without=case)
            require(min(1, cap_fen) <= asked_fen <= cap_fen)
            case.asked_fen = asked_fen
        case.resubmissions += 1
        case.approved_fen, case.freight_fen = None, 0
        self._to(case, "applied")

    def withdraw(self, case: Case) -> None:
        require(case.state in ("applied", "awaiting_return", "withdrawn"))
        if case.is_open:
            self._end(case, "withdrawn")

    def escalate(self, case: Case) -> None:
        require(case.state in ("rejected", "arbitration"))
        if case.state == "rejected":
            self._to(case, "arbitration")

    # Deciding

    def approve(
        self, case: Case, fen: int, liability: str, who: str, freight_fen: int, address: str
    ) -> None:
        require(case.state == "applied")
        self._approve(case, fen, liability, who, freight_fen, address)

    def reject(self, case: Case, who: str) -> None:
        require(case.state == "applied")
        case.decided_by = who
        self._to(case, "rejected")

    def rule(self, case: Case, for_distributor: bool, who: str) -> None:
        require(case.state == "arbitration" and case.decided_by != who)
        if for_distributor:
            self._approve(case, self.most_fen(case), case.liability or "supplier", who, 0, "")
        else:
            case.decided_by = who
            self._close(case)

    def review(self, case: Case, agreed: bool, who: str) -> None:
        require(case.state == "refund_review" and case.decided_by != who)
        if agreed:
            self._refund(case)
        else:
            case.decided_by = who
            self._to(case, "rejected")

    # Returning and inspecting

    def push_address(self, case: Case, address: str) -> None:
        require(case.state in ("approved", "awaiting_return"))
        case.address = address
        if case.state == "approved":
            self._to(case, "awaiting_return")

    def send_back(self, case: Case, number: str) -> None:
        if number not in case.returns:
            require(case.state in ("awaiting_return", "returning"))
            case.returns.append(number)
            if case.state == "awaiting_return":
                self._to(case, "returning")

    def waive_return(self, case: Case) -> None:
        require(case.state == "awaiting_return")
        self._refund_or_review(case)

    def arrive(self, case: Case) -> None:
        require(case.state in ("returning", "inspecting"))
        if case.state == "returning":
            case.goods_back = True
            self._to(case, "inspecting")

    def lose_return(self, case: Case) -> None:
        require(case.state == "returning")
        self._to(case, "arbitration")

    def inspect(
        self,
        case: Case,
        result: str,
        restocked: int,
        offered_fen: int | None,
        has_photo: bool,
        who: str,
    ) -> None:
        require(case.state == "inspecting" and 0 <= restocked <= case.quantity)
        require(has_photo or result != "fail")
        if result == "pass":
            require(offered_fen is None)
            case.to_restock = restocked
            self._give(case)
            return
        cap_fen = min(case.approved_fen or 0, self.most_fen(case))
        require((min(1, cap_fen) if result == "partial" else 0) <= (offered_fen or 0) <= cap_fen)
        case.to_restock, case.offered_fen, case.decided_by = restocked, offered_fen or 0, who
        self._to(case, "inspection_failed")

    def accept_offer(self, case: Case) -> None:
        require(case.state == "inspection_failed" and case.offered_fen)
        case.approved_fen = case.offered_fen
        self._refund_or_review(case)

    def dispute(self, case: Case) -> None:
        require(case.state in ("inspection_failed", "arbitration"))
        if case.state == "inspection_failed":
            self._to(case, "arbitration")

    def give_goods_back(self, case: Case) -> None:
        require(case.state in ("inspection_failed", "arbitration", "closed") and case.goods_back)
        case.goods_back, case.sent_again = False, True
        if case.state == "inspection_failed":
            self._close(case)

    # Shipping again

    def reship(self, case: Case, number: str) -> None:
        require(case.state == "reshipping")
        case.reshipped.append(number)
        case.reshipped_at = self.now
        self._to(case, "reshipped")

    def hear(self, case: Case, when: datetime) -> None:
        """Carriers have delivered all parcels of a case: new goods count as received days later."""
        if case.state == "returning" and case.returns:
            self.arrive(case)
        if case.state == "reshipped" and not case.heard:
            days = timedelta(days=self.rules.receive_days_after_signing)
            case.due_at = max(when, case.reshipped_at or when) + days
            case.heard = True

    def cannot_reship(self, case: Case) -> None:
        require(case.state == "reshipping")
        self._refund_instead(case)

    def switch_to_refund(self, case: Case) -> None:
        require(case.state == "reshipping" and case.due_at and case.due_at <= self.now)
        self._refund_instead(case)

    def receive_again(self, case: Case) -> None:
        require(case.state in ("reshipped", "completed"))
        if case.state == "reshipped":
            self._receive(case, self._coming(case))
            self._end(case, "completed")

    def lose_reshipment(self, case: Case) -> None:
        require(case.state == "reshipped")
        self._refund_or_review(case)

    # By itself

    def run_due(self) -> None:
        for case in self.cases:
            if case.is_open and not case.late and case.due_at and case.due_at <= self.now:
                self._run_out(case)

    def open_for_parcels(self) -> None:
        """Parcels that were refused or lost open cases; those whose parcel came back go on."""
        for order in self.orders.values():
            for held in order.held:
                if held.left and held.parcel.state in ("returning", "returned", "lost"):
                    self._open_for(held)
        for case in self.cases:
            if case.state == "returning" and case.parcel:
                if case.parcel.state == "returned":
                    self.arrive(case)
                elif case.parcel.state == "lost":
                    self._to(case, "arbitration")

    def refund_actively(
        self, order: Order, pieces: Mapping[Line, int] | None, with_freight: bool
    ) -> None:
        """Cancel what has not left, and refund what is on its way."""
        if pieces is None:
            pieces = {line: line.to_ship + self.room(line)[0] for line in order.lines}
            pieces = {line: count for line, count in pieces.items() if count}
        require(pieces)
        for line, count in pieces.items():
            require(0 < count <= line.to_ship + self.room(line)[0])
        unshipped = {line: min(count, line.to_ship) for line, count in pieces.items()}
        for line, count in pieces.items():
            if count > unshipped[line]:
                self._refund_at_once(line, count - unshipped[line], with_freight)
        if any(unshipped.values()):
            self.cancel_by_platform(order, unshipped)

    # What these have in common

    def _to(self, case: Case, state: str) -> None:
        case.state, case.late = state, False
        case.due_at = self.now + WAITS[state] if state in WAITS else None

    def _open(self, case: Case) -> None:
        case.line.in_case += case.quantity
        case.line.order.open_cases += 1
        self.cases.append(case)
        self._to(case, "applied")

    def _leave(self, case: Case) -> None:
        case.line.in_case -= case.quantity
        case.line.order.open_cases -= 1

    def _end(self, case: Case, state: str) -> None:
        self._leave(case)
        self._to(case, state)
        self.settle(case.line.order)

    def _close(self, case: Case) -> None:
        """Without a refund; what nobody will receive any more counts as received."""
        if case.parcel:
            self._receive(case, self._coming(case))
        self._end(case, "closed")

    def _approve(
        self, case: Case, fen: int, liability: str, who: str, freight_fen: int, address: str
    ) -> None:
        most_fen, part = self.most_fen(case), case.line.part
        require(min(1, most_fen) <= fen <= most_fen and liability in LIABLE)
        require(0 <= freight_fen <= part.freight_fen - part.freight_refunded_fen)
        case.approved_fen, case.freight_fen = fen, freight_fen
        case.liability, case.decided_by = liability, who
        if case.type in WITH_RETURN and not case.parcel:
            known = self.rules.own_return_address if part.source == OWN else ""
            case.address = address or case.address or known or self.addresses.get(part.source, "")
        self._proceed(case)

    def _proceed(self, case: Case) -> None:
        """From an approval, as far as it goes by itself."""
        self._to(case, "approved")
        lost = bool(case.returns) if case.parcel is None else case.parcel.state == "lost"
        gone = lost or case.sent_again
        if case.type not in WITH_RETURN or case.goods_back or gone:
            self._give(case)
        elif case.parcel:
            case.goods_back = case.parcel.state == "returned"
            self._to(case, "inspecting" if case.goods_back else "returning")
        elif case.address:
            self._to(case, "awaiting_return")

    def _give(self, case: Case) -> None:
        if case.type in ("exchange", "resend") and self._take_again(case):
            self._to(case, "reshipping")
            self._keep_goods(case)
        else:
            self._refund_or_review(case)

    def _take_again(self, case: Case) -> bool:
        """Take new goods from stock, once for a case."""
        shop, sku = case.line.order.shop, case.line.wanted.sku
        allotted, then_pool = self.allotments.get((sku.name, shop), (0, True))
        from_allotment = min(case.quantity, allotted)
        from_pool = case.quantity - from_allotment
        if case.took_stock or from_pool > (sku.pool if then_pool else 0):
            return False
        self.move_stock(shop, sku, from_allotment, from_pool)
        case.took_stock, case.retaken = True, (from_allotment, from_pool)
        return True

    def _refund_instead(self, case: Case) -> None:
        from_allotment, from_pool = case.retaken
        case.retaken = (0, 0)
        self._refund_or_review(case)
        self.move_stock(case.line.order.shop, case.line.wanted.sku, -from_allotment, -from_pool)

    def _keep_goods(self, case: Case) -> None:
        """What came back is its source's now; what inspection found good goes into stock."""
        line = case.line
        if case.goods_back:
            case.goods_back = False
            line.returned = min(line.shipped, line.returned + case.quantity)
            own = min(case.to_restock, line.quantity - line.restocked)
            self.restock(line, own)
            line.wanted.sku.pool += case.to_restock - own

    def _refund_or_review(self, case: Case) -> None:
        assert case.approved_fen is not None
        if case.approved_fen + case.freight_fen > self.rules.review_above_fen:
            self._to(case, "refund_review")
        else:
            self._refund(case)

    def _refund(self, case: Case) -> None:
        assert case.approved_fen is not None
        line, part, order = case.line, case.line.part, case.line.order
        goods_fen = min(case.approved_fen, self.cap_fen(line, case.quantity, without=case))
        case.freight_fen = min(case.freight_fen, part.freight_fen - part.freight_refunded_fen)
        case.refunded_fen = goods_fen + case.freight_fen
        keeps = case.type == "compensation"
        coming = [] if keeps else self._coming(case)
        whole = goods_fen == line.price.fen * case.quantity
        if not whole:
            self._receive(case, coming)
        unearned_fen = line.price.fen * sum(count for _, count in coming) if whole else 0
        self._pay_back(case, goods_fen - unearned_fen, unearned_fen)
        line.refunded += 0 if keeps else case.quantity
        line.refunded_fen += goods_fen
        for held, count in coming if whole else []:
            held.written_off += count
            line.written_off += count
        self._leave(case)
        self._to(case, "refunded")
        self._keep_goods(case)
        self.settle(order)

    def _pay_back(self, case: Case, by_liability_fen: int, unearned_fen: int) -> None:
        line, part, order = case.line, case.line.part, case.line.order
        self.bear(line, case.liability, by_liability_fen)
        self.give_back(order, unearned_fen)
        if not part.freight_earned:
            self.give_back(order, case.freight_fen)
        else:
            source = f"payable {part.source}" if part.source != OWN else "own_sales"
            payer = source if case.liability == "supplier" else "goodwill"
            self.post(payer, f"deposit {order.shop}", case.freight_fen)
        part.freight_refunded_fen += case.freight_fen

    def bear(self, line: Line, liability: str, fen: int) -> None:
        """Give money back that was earned: everybody its share, or the platform all of it."""
        deposit = f"deposit {line.order.shop}"
        if liability != "supplier":
            self.post("goodwill", deposit, fen)
            return
        source, price = line.part.source, line.price
        bearers = ("own_sales" if source == OWN else f"payable {source}", "service_fees")
        shares = in_proportion(fen, (price.supply_fen, price.fee_fen, price.markup_fen))
        for bearer, share in zip((*bearers, "platform_margin"), shares, strict=True):
            self.post(bearer, deposit, share)

    def _coming(self, case: Case) -> list[tuple[Held, int]]:
        """The pieces of a case that nobody has received: of its parcel, or on their way first."""
        line, order = case.line, case.line.order
        rows = [h for h in order.held if h.line is line and h.left and h.parcel.state != "voided"]
        if case.after_receipt:
            return []
        if case.parcel:
            rows = [held for held in rows if held.parcel is case.parcel]
        rows.sort(key=lambda held: held.parcel.state not in TO_RECEIVE)
        count = min(case.quantity, sum(held.left for held in rows))
        return first(line, count, rows) if count else []

    def _receive(self, case: Case, rows: Sequence[tuple[Held, int]]) -> None:
        if rows:
            self.take(case.line.order, rows, settle=False)

    def _coming_back(self, line: Line, pieces: int) -> Parcel | None:
        taken = [case.parcel for case in self.open_of(line)]
        for held in line.order.held:
            back = held.parcel.state in ("returning", "returned")
            if held.line is line and back and held.left >= pieces and held.parcel not in taken:
                return held.parcel
        return None

    def _open_for(self, held: Held) -> None:
        line, lost = held.line, held.parcel.state == "lost"
        for case in self.cases:
            if case.parcel is held.parcel and case.line is line and case.state != "withdrawn":
                return
        pieces = min(held.left, self.room(line)[0])
        if pieces:
            cap_fen = self.cap_fen(line, pieces)
            type_ = "refund_only" if lost else "return_refund"
            case = Case(line, type_, pieces, False, cap_fen, parcel=held.parcel)
            self._open(case)
            case.approved_fen, case.decided_by = cap_fen, "parcels"
            case.liability = "carrier" if lost else "consumer"
            self._proceed(case)

    def _refund_at_once(self, line: Line, pieces: int, with_freight: bool) -> None:
        case = Case(line, "refund_only", pieces, False, self.cap_fen(line, pieces))
        self._open(case)
        part = line.part
        if with_freight:
            case.freight_fen = part.freight_fen - part.freight_refunded_fen
        case.approved_fen, case.liability = case.asked_fen, "supplier"
        self._refund(case)

    def _run_out(self, case: Case) -> None:
        """A wait is over."""
        if case.state == "applied" and self.rules.approve_when_late:
            self._approve(case, self.most_fen(case), "supplier", "timer", 0, "")
        elif case.state in ("rejected", "inspection_failed"):
            self._close(case)
        elif case.state == "awaiting_return":
            self._end(case, "expired")
        elif case.state == "reshipped":
            self.receive_again(case)
        else:
            case.late = True


def on_the_way(line: Line) -> int:
    """Pieces that were shipped, and neither received nor refunded."""
    return line.shipped - line.received - line.written_off


def in_proportion(fen: int, weights: Sequence[int]) -> list[int]:
    """Split by largest remainders; of equal ones the first rounds up."""
    total = sum(weights)
    shares = [fen * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(fen * weights[i] % total), i))
    for index in order[: fen - sum(shares)]:
        shares[index] += 1
    return shares
