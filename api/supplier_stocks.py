"""A supplier's stock: read in pages, and set for up to 500 skus at once."""

from typing import Any

from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, pages, supplier_examples
from api.errors import problem
from api.fields import Items, Shape, Text, Whole
from api.intake import MAX_NUMBER
from api.pages import PageQuery
from api.supplier_answers import SupplierStockPageAnswer, SupplierStockRowsAnswer
from api.supplier_views import SupplierView
from kit.errors import DomainError
from orders.models import Line
from orders.shipping import TO_SHIP
from suppliers.models import Supplier
from supplychain import stocking
from supplychain.models import MAX_STOCK, Sku
from supplychain.stocking import Counted, Wanted

MAX_VERSION = 2**63 - 1
OF = "supplier stocks"


class SupplierStocksQuery(PageQuery):
    """Which skus."""

    sku_no = Text(max_length=MAX_NUMBER, required=False)
    item_no = Text(max_length=MAX_NUMBER, required=False)


class SupplierStockShape(Shape):
    """What the pool of a sku is to hold."""

    sku_no = Text(max_length=MAX_NUMBER)
    available = Whole(min_value=0, max_value=MAX_STOCK)
    expected_stock_version = Whole(
        min_value=0,
        max_value=MAX_VERSION,
        required=False,
        help_text=_("Set only if the stock is still of this version."),
    )


class SupplierStocksShape(Shape):
    """Stock of many skus."""

    stocks = Items(child=SupplierStockShape(), max_length=stocking.MAX_AT_ONCE)


class SupplierStocks(SupplierView):
    """What the supplier's pools hold."""

    scopes = {"GET": "stock", "PUT": "stock"}

    @describing.operation(
        "supplier_stocks_list",
        summary=_("Read your stock."),
        tag="supplier",
        description=_(
            "What can still be ordered of each sku, and what is promised: orders take their pieces off"
            " at once, so available is what you count in your warehouse less what is promised."
        ),
        answer=SupplierStockPageAnswer,
        query=SupplierStocksQuery,
        example=supplier_examples.STOCK_PAGE,
    )
    def get(self, request: Request) -> Response:
        """Read pools, in the order in which their skus were made."""
        query = fields.read_query(SupplierStocksQuery, request.query_params)
        limit = query["limit"]
        place = pages.position(query, of=OF, caller=self.signer)
        found = list(_narrowed(self.supplier, query, place)[: limit + 1])
        return Response(
            pages.page(
                found,
                _documents(found[:limit], self.supplier),
                limit=limit,
                of=OF,
                caller=self.signer,
                place=lambda sku: [sku.pk],
            )
        )

    @describing.operation(
        "supplier_stocks_set",
        summary=_("Set the stock of up to 500 skus."),
        tag="supplier",
        description=_(
            "Each for itself: a refused row changes nothing and does not stop its neighbours. With"
            " expected_stock_version a row is refused if anything, an order too, changed the stock"
            " meanwhile; sent again after a lost answer it is answered 200, with what there is now, and"
            " not set again. Without a version a repetition sets the number again, over orders that"
            " came between."
        ),
        body=SupplierStocksShape,
        answer=SupplierStockRowsAnswer,
        problems=("supplier_suspended",),
        request_example=supplier_examples.STOCKS_TO_SET,
        example=supplier_examples.STOCKS_SET,
    )
    def put(self, request: Request) -> Response:
        """Set pools in one transaction, and answer each in its place."""
        sent = fields.read(SupplierStocksShape, request.data)["stocks"]
        self.require_active()
        outcomes = stocking.set_each(
            supplier=self.supplier,
            wanted=[
                Wanted(one["sku_no"], one["available"], one.get("expected_stock_version"))
                for one in sent
            ],
            actor=self.signer.actor,
            at=timezone.now(),
        )
        items = [_row(one["sku_no"], outcome) for one, outcome in zip(sent, outcomes, strict=True)]
        return Response({"items": items})


def _narrowed(supplier: Supplier, query: dict[str, Any], place: list[int] | None) -> Any:
    conditions = {
        "sku_no": query.get("sku_no"),
        "product__item_no": query.get("item_no"),
        "pk__gt": place[0] if place else None,
    }
    skus = Sku.objects.filter(product__supplier=supplier, offered=True)
    narrowed = skus.filter(**{name: v for name, v in conditions.items() if v is not None})
    return narrowed.select_related("product", "stock").order_by("pk")


def _documents(skus: list[Sku], supplier: Supplier) -> list[dict[str, Any]]:
    waiting = Line.objects.filter(
        sku__in=skus, fulfilment__supplier=supplier, fulfilment__state__in=TO_SHIP
    ).values("sku")
    left = Sum(F("quantity") - F("cancelled") - F("shipped"))
    promised = dict(waiting.annotate(left=left).values_list("sku", "left"))
    return [
        {
            "sku_no": sku.sku_no,
            "owner_no": sku.owner_no,
            "item_no": sku.product.item_no,
            "name": sku.product.name,
            "spec": sku.spec_text,
            "available": sku.stock.available,
            "promised": promised.get(sku.pk, 0),
            "stock_version": sku.stock.version,
        }
        for sku in skus
    ]


def _row(sku_no: str, outcome: Counted | DomainError) -> dict[str, Any]:
    if isinstance(outcome, DomainError):
        shown = problem(outcome)
        return {"sku_no": sku_no, "status": shown["status"], "problem": shown}
    return {
        "sku_no": sku_no,
        "status": 200,
        "available": outcome.available,
        "stock_version": outcome.version,
    }
