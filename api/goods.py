"""Goods: what the caller may sell, to be copied in bulk."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import describing, fields, goods_examples, pages, unchanged
from api.callers import Caller
from api.fields import Flag, Moment, Text
from api.goods_answers import BrandPageAnswer, CategoryPageAnswer, ProductAnswer, ProductPageAnswer
from api.pages import PageQuery
from api.views import ApiView
from kit.errors import NotFound
from supplychain import offers, selecting, showing
from supplychain.models import Brand, Category, Product


class ProductsQuery(PageQuery):
    """Which of the products that you see, in no order that means anything."""

    category = Text(
        max_length=32, required=False, help_text=_("A category's code; with all below it.")
    )
    brand = Text(max_length=32, required=False, help_text=_("A brand's code."))
    changed_since = Moment(
        required=False, help_text=_("Content changed at this time or later (RFC 3339).")
    )
    selected = Flag(required=False, help_text=_("Only what you selected."))


class Categories(ApiView):
    """The tree of categories."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "categories_list",
        summary=_("List categories."),
        tag="goods",
        description=_(
            "If-None-Match with the ETag of the last answer is answered 304 while nothing has "
            "changed."
        ),
        answer=CategoryPageAnswer,
        query=PageQuery,
        example=goods_examples.CATEGORY_PAGE,
    )
    def get(self, request: Request) -> HttpResponseBase:
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
        description=_(
            "If-None-Match with the ETag of the last answer is answered 304 while nothing has "
            "changed."
        ),
        answer=BrandPageAnswer,
        query=PageQuery,
        example=goods_examples.BRAND_PAGE,
    )
    def get(self, request: Request) -> HttpResponseBase:
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
        example=goods_examples.PRODUCT_PAGE,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List all products with price and stock; read the detail page by number."""
        query = fields.read_query(ProductsQuery, request.query_params)
        of, limit = "products", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        distributor = self.caller.distributor
        products = _narrowed(offers.offered_to(distributor), query, place, self.caller)[: limit + 1]
        found = showing.documents(products, distributor, in_full=False)
        return unchanged.page(
            request,
            pages.page(
                found,
                [document for _pk, document in found[:limit]],
                limit=limit,
                of=of,
                caller=self.caller,
                place=lambda row: [row[0]],
            ),
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
        example=goods_examples.PRODUCT,
    )
    def get(self, request: Request, item_no: str) -> HttpResponseBase:
        """Read a product in full, or learn that it is the same as before."""
        found = showing.in_full([item_no], self.caller.distributor)
        if item_no not in found:
            raise NotFound
        return unchanged.document(request, found[item_no])


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
) -> HttpResponseBase:
    return unchanged.page(
        view.request,
        pages.page(
            rows,
            items,
            limit=query["limit"],
            of=of,
            caller=view.caller,
            place=lambda row: [row.pk],
        ),
    )


def _narrowed(
    products: QuerySet[Product], query: dict[str, Any], place: list[int] | None, caller: Caller
) -> QuerySet[Product]:
    if place:
        products = products.filter(pk__gt=place[0])
    if "category" in query:
        products = selecting.below(products, query["category"])
    if "brand" in query:
        products = products.filter(brand__code=query["brand"])
    if "changed_since" in query:
        products = products.filter(changed_at__gte=query["changed_since"])
    if query.get("selected"):
        products = products.filter(selections__distributor=caller.distributor_pk)
    return products.order_by("pk")
