"""The content of a product: all that a review decides about, as one value.

`of` reads what is live, `from_json` what was proposed, and `difference` compares the two.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError
from supplychain import attributes, pictures
from supplychain.models import (
    Brand,
    Category,
    FreightTemplate,
    Picture,
    PictureRole,
    Product,
    ProductPicture,
    Sku,
)


class ContentMalformed(DomainError):
    code = "content_malformed"
    text = _("The content of the product cannot be read: {reason}")


class SkuContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One variant as its owner describes it; found again by `owner_no`."""

    owner_no: str
    supply_price_fen: int
    spec: dict[str, str] = {}
    barcode: str = ""
    retail_price_fen: int | None = None
    min_quantity: int = 1
    max_quantity: int | None = None
    multiple: int = 1
    weight_g: int = 0
    # Pieces that a sku starts with when it goes live for the first time; afterwards it says nothing.
    opening_stock: int = 0


class Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole product as its owner describes it. Pictures go by their uid."""

    name: str
    category_pk: int
    skus: tuple[SkuContent, ...]
    brand_pk: int | None = None
    detail_html: str = ""
    unit: str = "件"
    origin: str = ""
    aftersale_note: str = ""
    freight_template_pk: int | None = None
    ship_within_hours: int | None = None
    # None: the platform's list.
    allowed_applications: tuple[str, ...] | None = None
    regions_not_served: tuple[str, ...] = ()
    main_pictures: tuple[str, ...] = ()
    detail_pictures: tuple[str, ...] = ()
    # What the category asks for, by the attribute's name.
    attributes: dict[str, str] = {}


def of(product: Product) -> Content | None:
    """Return what is live of a product; None for a draft that was never approved."""
    return of_many([product]).get(product.pk)


def of_many(products: Collection[Product]) -> dict[int, Content]:
    """Return what is live of some products, by primary key; never approved drafts are left out."""
    pks = [product.pk for product in products]
    skus: dict[int, list[SkuContent]] = {}
    for sku in Sku.objects.filter(product_id__in=pks, offered=True).order_by("position", "pk"):
        skus.setdefault(sku.product_id, []).append(_sku_content(sku))
    shown: dict[tuple[int, str], list[str]] = {}
    places = ProductPicture.objects.filter(product_id__in=pks).order_by("position")
    for pk, role, uid in places.values_list("product_id", "role", "picture__uid"):
        shown.setdefault((pk, role), []).append(str(uid))
    return {
        product.pk: _content(product, skus[product.pk], shown)
        for product in products
        if product.pk in skus
    }


def to_json(content: Content) -> dict[str, Any]:
    """Return a content as it is stored."""
    stored: dict[str, Any] = msgspec.to_builtins(content)
    return stored


def from_json(value: object) -> Content:
    """Read a content from plain values.

    :raises ContentMalformed: a field is missing, unknown or of another type.
    """
    try:
        return msgspec.convert(value, Content)
    except msgspec.ValidationError as error:
        reason, _at, path = str(error).partition(" - at ")
        raise ContentMalformed(pointer=_pointer(path), reason=reason) from None


def _sku_content(sku: Sku) -> SkuContent:
    return SkuContent(
        owner_no=sku.owner_no,
        supply_price_fen=sku.supply_price_fen,
        spec=sku.spec,
        barcode=sku.barcode,
        retail_price_fen=sku.retail_price_fen,
        min_quantity=sku.min_quantity,
        max_quantity=sku.max_quantity,
        multiple=sku.multiple,
        weight_g=sku.weight_g,
    )


def _content(
    product: Product, skus: Iterable[SkuContent], shown: dict[tuple[int, str], list[str]]
) -> Content:
    applications = product.allowed_applications
    return Content(
        name=product.name,
        category_pk=product.category_id,
        skus=tuple(skus),
        brand_pk=product.brand_id,
        detail_html=product.detail_html,
        unit=product.unit,
        origin=product.origin,
        aftersale_note=product.aftersale_note,
        freight_template_pk=product.freight_template_id,
        ship_within_hours=product.ship_within_hours,
        allowed_applications=None if applications is None else tuple(applications),
        regions_not_served=tuple(product.regions_not_served),
        main_pictures=tuple(shown.get((product.pk, PictureRole.MAIN), ())),
        detail_pictures=tuple(shown.get((product.pk, PictureRole.DETAIL), ())),
        attributes=product.attributes,
    )


def _pointer(path: str) -> str:
    """Turn msgspec's `$.skus[0].spec` into a JSON pointer, `/skus/0/spec`."""
    return re.sub(r"\[(\d+)\]", r"/\1", path.strip("`$")).replace(".", "/")


# --- the difference to what is live -----------------------------------------------------------------


class ChangeKind(StrEnum):
    """How a review page shows a change, and what its `old` and `new` are."""

    TEXT = "text"  # texts
    NUMBER = "number"  # ints or None
    MONEY = "money"  # fen or None; `percent` says by how much
    HTML = "html"  # sanitised HTML
    LIST = "list"  # lists of texts; no applications: the platform's list
    PICTURES = "pictures"  # lists of addresses of thumbnails
    SKU_ADDED = "sku_added"  # None and a SkuContent
    SKU_REMOVED = "sku_removed"  # a SkuContent and None
    SKU_ORDER = "sku_order"  # lists of numbers


@dataclass(frozen=True)
class Change:
    """One thing that would be different; `field` is a JSON pointer such as `/skus/TEA-250/spec`."""

    field: str
    label: str | Promise
    kind: ChangeKind
    old: Any
    new: Any
    sku_no: str = ""

    @property
    def differs(self) -> bool:
        """Tell whether the two are not the same."""
        return bool(self.old != self.new)

    @property
    def percent(self) -> str:
        """By how much a price moves: `+12.5 %`; empty where there was none, or there is none."""
        if self.kind != ChangeKind.MONEY or not self.old or self.new is None:
            return ""
        difference = self.new - self.old
        tenths = (abs(difference) * 2000 + self.old) // (self.old * 2)
        sign = "-" if difference < 0 else "+"
        return f"{sign}{tenths // 10}.{tenths % 10} %"


_PRODUCT_FIELDS: tuple[tuple[str, Promise, ChangeKind], ...] = (
    ("name", _("name"), ChangeKind.TEXT),
    ("category_pk", _("category"), ChangeKind.TEXT),
    ("brand_pk", _("brand"), ChangeKind.TEXT),
    ("main_pictures", _("main images"), ChangeKind.PICTURES),
    ("detail_pictures", _("detail images"), ChangeKind.PICTURES),
    ("detail_html", _("details"), ChangeKind.HTML),
    ("unit", _("unit"), ChangeKind.TEXT),
    ("origin", _("origin"), ChangeKind.TEXT),
    ("attributes", _("attributes"), ChangeKind.LIST),
    ("aftersale_note", _("after-sale policy"), ChangeKind.TEXT),
    ("freight_template_pk", _("freight template"), ChangeKind.TEXT),
    ("ship_within_hours", _("hours within which it is shipped"), ChangeKind.NUMBER),
    ("allowed_applications", _("applications it may be sold through"), ChangeKind.LIST),
    ("regions_not_served", _("regions not served"), ChangeKind.LIST),
)
_SKU_FIELDS: tuple[tuple[str, Promise, ChangeKind], ...] = (
    ("spec", _("specification"), ChangeKind.TEXT),
    ("supply_price_fen", _("supply price"), ChangeKind.MONEY),
    ("retail_price_fen", _("suggested retail price"), ChangeKind.MONEY),
    ("barcode", _("barcode"), ChangeKind.TEXT),
    ("min_quantity", _("minimum quantity"), ChangeKind.NUMBER),
    ("max_quantity", _("maximum quantity"), ChangeKind.NUMBER),
    ("multiple", _("sold in multiples of"), ChangeKind.NUMBER),
    ("weight_g", _("weight (g)"), ChangeKind.NUMBER),
    ("opening_stock", _("opening stock"), ChangeKind.NUMBER),
)


def difference(live: Content | None, proposed: Content) -> list[Change]:
    """Return what would change, in the order of a product page; all of it if nothing is live."""
    names = _names([content for content in (live, proposed) if content])
    changes = []
    for field, label, kind in _PRODUCT_FIELDS:
        old, new = getattr(live, field, None), getattr(proposed, field)
        if old != new and (live or new):
            shown = (_shown(field, kind, value, names) for value in (old, new))
            changes.append(Change(f"/{field}", label, kind, *shown))
    return changes + _sku_changes(live.skus if live else (), proposed.skus)


def comparison(live: Content | None, proposed: Content) -> list[Change]:
    """Return all of a product, what is live beside what was proposed, changed or not."""
    contents = [content for content in (live, proposed) if content]
    names = _names(contents)
    rows = []
    for field, label, kind in _PRODUCT_FIELDS:
        old, new = (_shown(field, kind, getattr(c, field, None), names) for c in (live, proposed))
        rows.append(Change(f"/{field}", label, kind, old, new))
    numbers = dict.fromkeys(sku.owner_no for content in contents for sku in content.skus)
    before, after = ({sku.owner_no: sku for sku in c.skus} if c else {} for c in (live, proposed))
    for number in numbers:
        rows += _sku_comparison(number, before.get(number), after.get(number))
    return [row for row in rows if row.old or row.new]


def spec_text(spec: dict[str, str]) -> str:
    """Return a specification on one line: `颜色: 红 / 尺码: XL`."""
    return " / ".join(f"{name}: {value}" for name, value in spec.items())


def _sku_changes(live: Sequence[SkuContent], proposed: Sequence[SkuContent]) -> list[Change]:
    before = {sku.owner_no: sku for sku in live}
    after = {sku.owner_no: sku for sku in proposed}
    changes = []
    for number, new in after.items():
        old = before.get(number)
        changes += _added(new) if old is None else _sku_field_changes(old, new)
    changes += [_removed(old) for number, old in before.items() if number not in after]
    order = [number for number in before if number in after]
    new_order = [number for number in after if number in before]
    if order != new_order:
        changes.append(Change("/skus", _("order of skus"), ChangeKind.SKU_ORDER, order, new_order))
    return changes


def _added(new: SkuContent) -> list[Change]:
    field = f"/skus/{new.owner_no}"
    return [Change(field, _("new sku"), ChangeKind.SKU_ADDED, None, new, new.owner_no)]


def _removed(old: SkuContent) -> Change:
    field = f"/skus/{old.owner_no}"
    return Change(
        field, _("sku no longer offered"), ChangeKind.SKU_REMOVED, old, None, old.owner_no
    )


def _sku_field_changes(old: SkuContent, new: SkuContent) -> list[Change]:
    return [
        Change(
            f"/skus/{new.owner_no}/{field}",
            label,
            kind,
            _shown_of_sku(old, field),
            _shown_of_sku(new, field),
            new.owner_no,
        )
        for field, label, kind in _SKU_FIELDS
        if getattr(old, field) != getattr(new, field)
    ]


def _sku_comparison(number: str, old: SkuContent | None, new: SkuContent | None) -> list[Change]:
    rows = []
    for field, label, kind in _SKU_FIELDS:
        before, after = (_shown_of_sku(sku, field) if sku else None for sku in (old, new))
        rows.append(Change(f"/skus/{number}/{field}", label, kind, before, after, number))
    return rows


def _shown_of_sku(sku: SkuContent, field: str) -> Any:
    return spec_text(sku.spec) if field == "spec" else getattr(sku, field)


# What a key or uid is called, by field.
_Names = dict[str, dict[Any, str]]


def _names(contents: Sequence[Content]) -> _Names:
    """Look up what keys stand for, in four queries."""
    uids = {uid for c in contents for uid in (*c.main_pictures, *c.detail_pictures)}
    stored = Picture.objects.filter(uid__in=uids).values_list("uid", "thumbnail")
    thumbnails = {str(uid): pictures.address(name) for uid, name in stored}
    return {
        "category_pk": _named(Category, "path", {c.category_pk for c in contents}),
        "brand_pk": _named(Brand, "name", {c.brand_pk for c in contents}),
        "freight_template_pk": _named(
            FreightTemplate, "name", {c.freight_template_pk for c in contents}
        ),
        "main_pictures": thumbnails,
        "detail_pictures": thumbnails,
    }


def _named(
    model: type[Category] | type[Brand] | type[FreightTemplate], field: str, pks: set[Any]
) -> dict[Any, str]:
    return dict(model._default_manager.filter(pk__in=pks - {None}).values_list("pk", field))


def _shown(field: str, kind: ChangeKind, value: Any, names: _Names) -> Any:
    if field == "attributes":
        return attributes.lines(value or {})
    if kind in (ChangeKind.LIST, ChangeKind.PICTURES):
        return [names.get(field, {}).get(item, item) for item in value or ()]
    if kind == ChangeKind.NUMBER:
        return value
    return (names[field].get(value, "") if field in names else value) or ""
