"""The rows of the stock grid: what a pool holds, what of it is promised, and what was sold lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from orders.models import Line, ShipmentLine, ShipmentState
from orders.shipping import TO_SHIP
from suppliers.models import Supplier
from supplychain import running_low
from supplychain.models import UNDECIDED, LowMark, Movement, Revision, Sku

SHIPPED_DAYS = 30


@dataclass(frozen=True)
class Row:
    """A sku in the grid: its pool, what of it is promised, and its last change."""

    sku: Sku
    low_below: int
    mark: int | None
    promised: int
    shipped: int
    last: Movement | None
    # A supply price in fen that is proposed and not live, with the state of its revision.
    proposed_fen: int | None = None
    revision: Revision | None = None

    @property
    def cells(self) -> "Cells":
        """What its fields hold."""
        price_fen = self.sku.supply_price_fen if self.proposed_fen is None else self.proposed_fen
        return Cells(
            available=str(self.sku.stock.available),
            price=f"{price_fen // 100}.{price_fen % 100:02d}",
            below="" if self.mark is None else str(self.mark),
        )

    @property
    def is_low(self) -> bool:
        """Tell whether too little is left."""
        return self.sku.stock.available < self.low_below


@dataclass(frozen=True)
class Cells:
    """What a row shows in its fields: what was typed where that was refused, else what holds."""

    available: str
    price: str
    below: str


def offered(supplier: Supplier) -> QuerySet[Sku]:
    """Return the skus of a supplier that are on sale, with what counts as low of each."""
    return running_low.with_marks(Sku.objects.filter(product__supplier=supplier, offered=True))


def sku_of(supplier: Supplier, sku_no: str) -> Sku:
    """Return an offered sku of the supplier; what belongs to another does not exist.

    :raises Http404: there is none of this number.
    """
    found = offered(supplier).filter(sku_no=sku_no).select_related("product", "stock").first()
    if found is None:
        raise Http404
    return found


def rows_of(skus: Sequence[Sku], supplier: Supplier) -> list[Row]:
    """Return the rows of some skus, each count in one query for all."""
    pks = [sku.pk for sku in skus]
    lines = Line.objects.filter(sku__in=pks, fulfilment__supplier=supplier).values("sku")
    promised = _sum(
        lines.filter(fulfilment__state__in=TO_SHIP),
        F("quantity") - F("cancelled") - F("shipped"),
    )
    parcels = ShipmentLine.objects.filter(
        line__sku__in=pks,
        line__fulfilment__supplier=supplier,
        shipment__shipped_at__gte=timezone.now() - timedelta(days=SHIPPED_DAYS),
    ).exclude(shipment__state=ShipmentState.VOIDED)
    shipped = _sum(parcels.values(sku=F("line__sku")), F("quantity"))
    last = Movement.objects.filter(sku__in=pks, allotment__isnull=True)
    newest = {m.sku_id: m for m in last.order_by("sku_id", "-version").distinct("sku_id")}
    marks = dict(LowMark.objects.filter(sku__in=pks).values_list("sku_id", "below"))
    undecided = {
        revision.product_id: revision
        for revision in Revision.objects.filter(
            product__in={sku.product_id for sku in skus}, state__in=UNDECIDED
        )
    }
    return [
        Row(
            sku=sku,
            low_below=sku.low_below,  # type: ignore[attr-defined]
            mark=marks.get(sku.pk),
            promised=promised.get(sku.pk, 0),
            shipped=shipped.get(sku.pk, 0),
            last=newest.get(sku.pk),
            **_proposed(sku, undecided.get(sku.product_id)),
        )
        for sku in skus
    ]


def _sum(rows: Any, amount: Any) -> dict[int, int]:
    """Add up per sku, in the database."""
    return dict(rows.annotate(total=Sum(amount)).values_list("sku", "total"))


def _proposed(sku: Sku, revision: Revision | None) -> dict[str, Any]:
    """Return a price of an undecided revision where it is another than the live one."""
    if revision is None:
        return {}
    prices = {one["owner_no"]: one["supply_price_fen"] for one in revision.proposed["skus"]}
    proposed_fen = prices.get(sku.owner_no, sku.supply_price_fen)
    if proposed_fen == sku.supply_price_fen:
        return {}
    return {"proposed_fen": proposed_fen, "revision": revision}
