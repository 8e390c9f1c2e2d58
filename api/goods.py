"""Goods: what the caller may sell, to be copied in bulk; and price and stock by number."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import catalogue, describing, examples, fields, pages
from api.answers import (
    BrandPageAnswer,
    CategoryPageAnswer,
    PriceLookupAnswer,
    ProductAnswer,
    ProductLookupAnswer,
    ProductPageAnswer,
    StockLookupAnswer,
)
from api.errors import problem
from api.fields import Items, Moment, Shape, Text
from api.pages import PageQuery
from api.views import ApiView, JSONRenderer
from companies import policies
from kit.errors import NotFound
from supplychain import offers
from supplychain.models import Brand, Category, Product
from supplychain.offers import Offer

MAX_NUMBER = 64
MAX_PRODUCTS = 200
MAX_SKUS = 500


class ProductsQuery(PageQuery):
    """Which of the products that you see, in no order that means anything."""

    category = Text(
        max_length=32, required=False, help_text=_("A category's code; with all below it.")
    )
    brand = Text(max_length=32, required=False, help_text=_("A brand's code."))
    changed_since = Moment(
        required=False, help_text=_("Content changed at this time or later (RFC 3339).")
    )


class ProductLookupShape(Shape):
    """Products by number."""

    item_nos = Items(child=Text(max_length=MAX_NUMBER), max_length=MAX_PRODUCTS)


class SkuLookupShape(Shape):
    """Skus by number."""

    sku_nos = Items(child=Text(max_length=MAX_NUMBER), max_length=MAX_SKUS)


class Categories(ApiView):
    """The tree of categories."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "categories_list",
        summary=_("List categories."),
        tag="goods",
        answer=CategoryPageAnswer,
        query=PageQuery,
        example=examples.CATEGORY_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List categories."""
        rows, query = _listed(
            self, request, Category.objects.select_related("parent"), "categories"
        )
        items = [
            {
                "code": row.code,
                "parent_code": row.parent.code if row.parent else None,
                "name": row.name,
                "path": row.path,
            }
            for row in rows[: query["limit"]]
        ]
        return _page(self, rows, items, query, "categories")


class Brands(ApiView):
    """The brands that products carry."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "brands_list",
        summary=_("List brands."),
        tag="goods",
        answer=BrandPageAnswer,
        query=PageQuery,
        example=examples.BRAND_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List brands."""
        rows, query = _listed(self, request, Brand.objects.all(), "brands")
        items = [{"code": row.code, "name": row.name} for row in rows[: query["limit"]]]
        return _page(self, rows, items, query, "brands")


class Products(ApiView):
    """The products that the caller sees."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "products_list",
        summary=_("List all products that you see, with price and stock."),
        tag="goods",
        description=_(
            "Made for copying everything: a page costs the same at any depth. The detail page "
            "comes with a single product and with lookups."
        ),
        answer=ProductPageAnswer,
        query=ProductsQuery,
        example=examples.PRODUCT_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List all products with price and stock; read the detail page by number."""
        query = fields.read_query(ProductsQuery, request.query_params)
        of, limit = "products", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        distributor = self.caller.distributor
        products = _narrowed(offers.offered_to(distributor), query, place)[: limit + 1]
        found = catalogue.documents(products, distributor, in_full=False)
        return Response(
            pages.page(
                found,
                [document for _pk, document in found[:limit]],
                limit=limit,
                of=of,
                caller=self.caller,
                place=lambda row: [row[0]],
            )
        )


class OneProduct(ApiView):
    """A product by its number."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "products_read",
        summary=_("Read a product in full."),
        tag="goods",
        description=_(
            "If-None-Match with the ETag of the last answer is answered 304 while nothing has "
            "changed."
        ),
        answer=ProductAnswer,
        example=examples.PRODUCT,
    )
    def get(self, request: Request, item_no: str) -> HttpResponseBase:
        """Read a product in full, or learn that it is the same as before."""
        found = _in_full(self, [item_no])
        if item_no not in found:
            raise NotFound
        response = Response(found[item_no])
        tag = hashlib.sha256(JSONRenderer().render(found[item_no])).hexdigest()[:32]
        response["ETag"] = f'"{tag}"'
        response["Cache-Control"] = "private, no-cache"
        same = get_conditional_response(request._request, etag=response["ETag"], response=response)
        return same or response


class ProductLookup(ApiView):
    """Products by number."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "products_lookup",
        summary=_("Read up to 200 products in full."),
        tag="goods",
        description=_("One row for each number, in order; what you do not see has status 404."),
        body=ProductLookupShape,
        answer=ProductLookupAnswer,
        request_example={"item_nos": [examples.ITEM_NO, "NO-SUCH-ITEM"]},
        example=examples.PRODUCT_LOOKUP,
    )
    def post(self, request: Request) -> Response:
        """Read up to 200 products in full; what you do not see has a row with status 404."""
        item_nos = fields.read(ProductLookupShape, request.data)["item_nos"]
        found = _in_full(self, item_nos)
        return _rows("item_no", item_nos, {no: {"product": found[no]} for no in found})


class PriceLookup(ApiView):
    """Prices by sku."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "prices_lookup",
        summary=_("Read the prices of up to 500 skus."),
        tag="goods",
        description=_("One row for each number, in order. A higher price_version is newer."),
        body=SkuLookupShape,
        answer=PriceLookupAnswer,
        request_example={"sku_nos": [examples.SKU_NO, "NO-SUCH-SKU"]},
        example=examples.PRICE_LOOKUP,
    )
    def post(self, request: Request) -> Response:
        """Read the prices of up to 500 skus; a higher `price_version` is newer."""
        sku_nos = fields.read(SkuLookupShape, request.data)["sku_nos"]
        shows_parts = bool(policies.read().show_price_parts)
        found = {
            sku_no: _price_row(offer, shows_parts=shows_parts)
            for sku_no, offer in _offers(self, sku_nos).items()
        }
        return _rows("sku_no", sku_nos, found)


class StockLookup(ApiView):
    """Stock by sku."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "stocks_lookup",
        summary=_("Read the stock of up to 500 skus."),
        tag="goods",
        description=_(
            "What you could order now, your own allotment included. A higher stock_version is "
            "newer."
        ),
        body=SkuLookupShape,
        answer=StockLookupAnswer,
        request_example={"sku_nos": [examples.SKU_NO, "NO-SUCH-SKU"]},
        example=examples.STOCK_LOOKUP,
    )
    def post(self, request: Request) -> Response:
        """Read how much of up to 500 skus you could order now; a higher `stock_version` is newer."""
        sku_nos = fields.read(SkuLookupShape, request.data)["sku_nos"]
        found = {
            sku_no: {"available": offer.available, "stock_version": offer.stock_version}
            for sku_no, offer in _offers(self, sku_nos).items()
        }
        return _rows("sku_no", sku_nos, found)


def _listed(
    view: ApiView, request: Request, rows: QuerySet[Any], of: str
) -> tuple[list[Any], dict[str, Any]]:
    query = fields.read_query(PageQuery, request.query_params)
    place = pages.position(query, of=of, caller=view.caller)
    if place:
        rows = rows.filter(pk__gt=place[0])
    return list(rows.order_by("pk")[: query["limit"] + 1]), query


def _page(
    view: ApiView, rows: list[Any], items: list[Any], query: dict[str, Any], of: str
) -> Response:
    return Response(
        pages.page(
            rows,
            items,
            limit=query["limit"],
            of=of,
            caller=view.caller,
            place=lambda row: [row.pk],
        )
    )


def _narrowed(
    products: QuerySet[Product], query: dict[str, Any], place: list[int] | None
) -> QuerySet[Product]:
    if place:
        products = products.filter(pk__gt=place[0])
    if "category" in query:
        paths = Category.objects.filter(code=query["category"]).values_list("path", flat=True)
        path = paths.first() or ""
        below = Category.objects.filter(path__startswith=path + "/").values("pk")
        products = products.filter(category__path=path) | products.filter(category__in=below)
    if "brand" in query:
        products = products.filter(brand__code=query["brand"])
    if "changed_since" in query:
        products = products.filter(changed_at__gte=query["changed_since"])
    return products.order_by("pk")


def _in_full(view: ApiView, item_nos: list[str]) -> dict[str, catalogue.Document]:
    distributor = view.caller.distributor
    products = offers.offered_to(distributor).filter(item_no__in=item_nos)
    found = catalogue.documents(products, distributor, in_full=True)
    return {document["item_no"]: document for _pk, document in found}


def _offers(view: ApiView, sku_nos: list[str]) -> dict[str, Offer]:
    pk = view.caller.distributor_pk
    found = offers.find((pk, sku_no) for sku_no in sku_nos)
    return {sku_no: offer for (_pk, sku_no), offer in found.items() if offer.on_sale}


def _price_row(offer: Offer, *, shows_parts: bool) -> dict[str, Any]:
    row = {
        "agreement_price_fen": offer.price.agreement_price_fen,
        "retail_price_fen": offer.retail_price_fen,
        "price_version": offer.price_version,
    }
    return row | catalogue.price_parts(offer.price) if shows_parts else row


def _rows(name: str, numbers: list[str], found: dict[str, dict[str, Any]]) -> Response:
    """Answer every number in its place: what is there, or 404."""
    missing = problem(NotFound())
    return Response(
        {
            "items": [
                {name: number, "status": 200, **found[number]}
                if number in found
                else {name: number, "status": 404, "problem": missing}
                for number in numbers
            ]
        }
    )
