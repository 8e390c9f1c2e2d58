"""Goods by number: products, prices and stock, many in one call."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, examples, fields, goods_examples
from api.errors import problem
from api.fields import Items, Shape, Text
from api.goods_answers import PriceLookupAnswer, ProductLookupAnswer, StockLookupAnswer
from api.views import ApiView
from companies import policies
from integration import limits
from kit.errors import NotFound
from supplychain import offers, showing
from supplychain.offers import Offer

MAX_NUMBER = 64
MAX_PRODUCTS = limits.LOOKUP_PRODUCTS
MAX_SKUS = limits.LOOKUP_SKUS


class ProductLookupShape(Shape):
    """Products by number."""

    item_nos = Items(child=Text(max_length=MAX_NUMBER), max_length=MAX_PRODUCTS)


class SkuLookupShape(Shape):
    """Skus by number."""

    sku_nos = Items(child=Text(max_length=MAX_NUMBER), max_length=MAX_SKUS)


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
        example=goods_examples.PRODUCT_LOOKUP,
    )
    def post(self, request: Request) -> Response:
        """Read up to 200 products in full; what you do not see has a row with status 404."""
        item_nos = fields.read(ProductLookupShape, request.data)["item_nos"]
        found = showing.in_full(item_nos, self.caller.distributor)
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
        example=goods_examples.PRICE_LOOKUP,
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
        example=goods_examples.STOCK_LOOKUP,
    )
    def post(self, request: Request) -> Response:
        """Read how much of up to 500 skus you could order now; a higher `stock_version` is newer."""
        sku_nos = fields.read(SkuLookupShape, request.data)["sku_nos"]
        found = {
            sku_no: {"available": offer.available, "stock_version": offer.stock_version}
            for sku_no, offer in _offers(self, sku_nos).items()
        }
        return _rows("sku_no", sku_nos, found)


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
    return row | showing.price_parts(offer.price) if shows_parts else row


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
