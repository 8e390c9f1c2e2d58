"""What a supplier has earned, and how far each part of it has come: billable, billed, paid."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from ledger import accounts
from ledger.models import Kind
from suppliers import settlement
from suppliers.models import Bill, BillLine, BillState, Supplier

# Codes of the transfers on bills, by what they are to a supplier.
GOODS, FREIGHT, DEDUCTIONS, MANUAL, OTHER = "goods", "freight", "deductions", "manual", "other"
PARTS: dict[str, tuple[str, ...]] = {
    GOODS: ("goods_earned", "earned_settled"),
    FREIGHT: ("freight_earned", "freight_settled"),
    DEDUCTIONS: ("aftersale_refunded", "aftersale_freight_refunded", "goodwill_settled"),
    MANUAL: ("bill_adjustment",),
}
KNOWN = [code for codes in PARTS.values() for code in codes]
_UNPAID = (BillState.ISSUED, BillState.DISPUTED, BillState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Balance:
    """In fen: what waits for its after-sale window, is on no bill yet, is billed, and was paid.

    `billable_fen` and `billed_fen` together are the supplier's payable account.
    """

    waiting_fen: int
    billable_fen: int
    billed_fen: int
    paid_fen: int

    @property
    def payable_fen(self) -> int:
        return self.billable_fen + self.billed_fen


def of(supplier: Supplier) -> Balance:
    """Return where a supplier's money is."""
    bills = Bill.objects.of(supplier)
    # What was carried over is part of the bill into which it was carried.
    billed = bills.filter(state__in=_UNPAID, carried_to=None).aggregate(fen=Sum("total_fen"))
    paid = bills.filter(state=BillState.PAID).aggregate(fen=Sum("total_fen"))
    return Balance(
        waiting_fen=accounts.balance(Kind.EARNED, supplier.pk),
        billable_fen=settlement.unbilled_fen(supplier),
        billed_fen=billed["fen"] or 0,
        paid_fen=paid["fen"] or 0,
    )


def parts(bill: Bill) -> dict[str, int]:
    """Return what a bill's lines come to by what they are, in fen; what is 0 is left out."""
    summed = bill.lines.order_by().values_list("transfer__code").annotate(fen=Sum("amount_fen"))
    found: dict[str, int] = dict.fromkeys([*PARTS, OTHER], 0)
    for code, fen in summed:
        found[part_of(code)] += fen
    return {part: fen for part, fen in found.items() if fen}


def part_of(code: str) -> str:
    """Return which part of a bill a transfer belongs to, by its code."""
    return next((part for part, codes in PARTS.items() if code in codes), OTHER)


def lines_of(bill: Bill, part: str = "") -> QuerySet[BillLine]:
    """Return a bill's lines with their transfers; only those of a part, where one is named."""
    rows = bill.lines.select_related("transfer")
    if not part:
        return rows
    if part == OTHER:
        return rows.filter(~Q(transfer__code__in=KNOWN))
    return rows.filter(transfer__code__in=PARTS.get(part, ()))
