"""A supplier's goods: what is live, and what waits for review."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, pages, supplier_examples
from api.fields import Choice, Text
from api.intake import MAX_NUMBER
from api.pages import PageQuery
from api.supplier_answers import SupplierProductPageAnswer
from api.supplier_views import SupplierView
from kit.times import rfc3339
from supplychain.models import UNDECIDED, Product, ProductState, Revision, Sku

OF = "supplier goods"


class SupplierGoodsQuery(PageQuery):
    """Which of your goods."""

    state = Choice(choices=ProductState.choices, required=False)
    item_no = Text(max_length=MAX_NUMBER, required=False)
    owner_no = Text(max_length=MAX_NUMBER, required=False)


class SupplierGoods(SupplierView):
    """The supplier's products."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "supplier_goods_list",
        summary=_("List your goods, the newest first."),
        tag="supplier",
        description=_(
            "What is live of each product with its skus, and the change that is not live yet, where"
            " there is one. A product without skus has never been approved."
        ),
        answer=SupplierProductPageAnswer,
        query=SupplierGoodsQuery,
        example=supplier_examples.PRODUCT_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List products with their skus."""
        query = fields.read_query(SupplierGoodsQuery, request.query_params)
        limit = query["limit"]
        place = pages.position(query, of=OF, caller=self.signer)
        conditions = {
            "state": query.get("state"),
            "item_no": query.get("item_no"),
            "owner_no": query.get("owner_no"),
            "pk__lt": place[0] if place else None,
        }
        products = Product.objects.of(self.supplier).select_related("category", "brand")
        wanted = {name: value for name, value in conditions.items() if value is not None}
        found = list(products.filter(**wanted).order_by("-pk")[: limit + 1])
        return Response(
            pages.page(
                found,
                _documents(found[:limit]),
                limit=limit,
                of=OF,
                caller=self.signer,
                place=lambda product: [product.pk],
            )
        )


def _documents(products: Sequence[Product]) -> list[dict[str, Any]]:
    skus: dict[int, list[Sku]] = {}
    for sku in Sku.objects.filter(product__in=products, offered=True).select_related("stock"):
        skus.setdefault(sku.product_id, []).append(sku)
    waiting = Revision.objects.filter(product__in=products, state__in=UNDECIDED)
    revisions = {revision.product_id: revision for revision in waiting}
    return [
        _document(product, skus.get(product.pk, []), revisions.get(product.pk))
        for product in products
    ]


def _document(product: Product, skus: list[Sku], revision: Revision | None) -> dict[str, Any]:
    return {
        "item_no": product.item_no,
        "owner_no": product.owner_no,
        "name": product.name,
        "category": product.category.path,
        "brand": product.brand.name if product.brand else "",
        "state": str(product.state),
        "state_reason": product.state_reason,
        "skus": [_sku_document(sku) for sku in skus],
        "revision": _revision_document(revision) if revision else None,
    }


def _sku_document(sku: Sku) -> dict[str, Any]:
    return {
        "sku_no": sku.sku_no,
        "owner_no": sku.owner_no,
        "spec": sku.spec_text,
        "barcode": sku.barcode,
        "supply_price_fen": sku.supply_price_fen,
        "retail_price_fen": sku.retail_price_fen,
        "weight_g": sku.weight_g,
        "available": sku.stock.available,
        "stock_version": sku.stock.version,
    }


def _revision_document(revision: Revision) -> dict[str, Any]:
    return {
        "state": str(revision.state),
        "note": revision.note,
        "submitted_at": rfc3339(revision.submitted_at),
        "effective_at": rfc3339(revision.effective_at),
    }
