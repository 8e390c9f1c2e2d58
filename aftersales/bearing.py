"""Who bears what is given back by liability: the source's side as it earned, or the platform."""

from collections.abc import Sequence
from dataclasses import dataclass

from aftersales.models import Liability
from kit import money
from ledger import accounts
from ledger.models import Kind
from orders.models import Line


@dataclass(frozen=True, slots=True)
class Share:
    """So many fen that one account bears; `name` tells the shares of one fact apart."""

    name: str
    account: accounts.Key
    supplier_pk: int | None
    amount_fen: int


def shares(line: Line, *, liability: str, amount_fen: int) -> Sequence[Share]:
    """Return from which accounts an amount given back for a line comes; none of them is of 0 fen.

    Where the source is liable, everybody gives back in proportion to what the line's price gave
    it: supply price, service fee, markup. Otherwise it is the platform's goodwill.
    """
    if not amount_fen:
        return []
    if liability != Liability.SUPPLIER:
        return [Share("goodwill", (Kind.GOODWILL, None), None, amount_fen)]
    supplier_pk = line.fulfilment.supplier_id
    source = (Kind.OWN_SALES, None) if supplier_pk is None else (Kind.PAYABLE, supplier_pk)
    bearers = (
        ("goods", source, supplier_pk, line.supply_price_fen),
        ("fee", (Kind.SERVICE_FEES, None), None, line.service_fee_fen),
        ("margin", (Kind.PLATFORM_MARGIN, None), None, line.markup_fen),
    )
    amounts = money.allocate(amount_fen, [weight for *_, weight in bearers])
    return [
        Share(name, account, pk, amount)
        for (name, account, pk, _weight), amount in zip(bearers, amounts, strict=True)
        if amount
    ]
