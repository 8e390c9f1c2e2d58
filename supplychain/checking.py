"""Checking a proposed content: every field, everything that is wrong, named by JSON pointers."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import nh3
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import attributes, regions
from supplychain.content import Content, SkuContent
from supplychain.models import MAX_PRICE_FEN, MAX_STOCK, Brand, Category, FreightTemplate, Picture

MAX_SKUS = 200
MAX_MAIN_PICTURES = 20
MAX_DETAIL_PICTURES = 50
MAX_REGIONS = 400
MAX_REGION = 32
MAX_HTML = 100_000
MAX_QUANTITY = 1_000_000
MAX_WEIGHT_G = 10_000_000
MAX_HOURS = 720
MAX_SPECS = 5
MAX_SPEC_NAME = 20
MAX_SPEC_VALUE = 60

# A number begins with a letter or digit, so that no spreadsheet takes it for a formula, and holds
# nothing that means something in a URL.
OWNER_NO = re.compile(r"\w[\w.+:~()*-]{0,47}")

TAGS = {
    "p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i",
    "u", "s", "sub", "sup", "ul", "ol", "li", "blockquote", "figure", "figcaption", "img",
    "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
OWN_PICTURE = re.compile(re.escape(settings.MEDIA_URL) + r"pictures/[0-9a-f/]+(-s)?\.jpg")
EMPTY_IMAGE = re.compile(r'<img(?![^>]* src=")[^>]*>')


class ContentRefused(DomainError):
    """`causes` holds everything that is wrong, each with its pointer."""

    code = "content_refused"
    text = _("The product cannot be accepted: {reasons}")


class TextInvalid(DomainError):
    code = "text_invalid"
    text = _("Write {least} to {limit} characters, on one line.")


class NumberInvalid(DomainError):
    code = "number_invalid"
    text = _(
        "“{value}” is no item number: write 1 to 48 letters, digits, or . + : ~ ( ) * - _,"
        " beginning with a letter or digit."
    )


class ValueOutOfRange(DomainError):
    code = "value_out_of_range"
    text = _("{value} is not from {low} to {high}.")


class TooMany(DomainError):
    code = "too_many"
    text = _("There may be {limit} at the most; these are {count}.")


class HtmlTooLong(DomainError):
    code = "html_too_long"
    text = _("The details may have {limit} characters; these are {count}.")


class SkuMissing(DomainError):
    code = "sku_missing"
    text = _("A product has at least one sku.")


class SkuRepeated(DomainError):
    code = "sku_repeated"
    text = _("Another sku of the product has the number “{owner_no}” too.")


class SpecRepeated(DomainError):
    code = "spec_repeated"
    text = _("Another sku of the product has the same specification.")


class SpecInvalid(DomainError):
    code = "spec_invalid"
    text = _("A specification has up to {limit} names and values, none empty or very long.")


class QuantityRuleInvalid(DomainError):
    code = "quantity_rule_invalid"
    text = _("With these minimum, maximum and multiple nobody could order any.")


class CategoryUnknown(DomainError):
    code = "category_unknown"
    text = _("There is no such category.")


class BrandUnknown(DomainError):
    code = "brand_unknown"
    text = _("There is no such brand.")


class FreightTemplateUnknown(DomainError):
    code = "freight_template_unknown"
    text = _("There is no such freight template.")


class PictureUnknown(DomainError):
    code = "picture_unknown"
    text = _("There is no such picture; upload it first.")


class PictureRepeated(DomainError):
    code = "picture_repeated"
    text = _("The same picture comes twice.")


class ApplicationUnknown(DomainError):
    code = "application_unknown"
    text = _("“{application}” is no application that the platform supports.")


@dataclass(frozen=True)
class Known:
    """What the contents of one owner may refer to, as far as some contents do."""

    category_pks: Collection[int]
    brand_pks: Collection[int]
    freight_template_pks: Collection[int]
    # Primary keys of the owner's pictures, by uid.
    picture_pks: Mapping[str, int]
    applications: Collection[str]


def known(contents: Collection[Content], supplier: Supplier | None) -> Known:
    """Look up what some contents of one owner refer to, in five queries."""
    categories = Category.objects.filter(pk__in={c.category_pk for c in contents})
    brand_pks = {c.brand_pk for c in contents if c.brand_pk is not None}
    brands = Brand.objects.filter(pk__in=brand_pks)
    template_pks = {c.freight_template_pk for c in contents if c.freight_template_pk is not None}
    templates = FreightTemplate.objects.filter(supplier=supplier, pk__in=template_pks)
    uids = {uid for c in contents for uid in (*c.main_pictures, *c.detail_pictures)}
    stored = Picture.objects.filter(supplier=supplier, uid__in=filter(_is_uid, uids))
    return Known(
        category_pks=set(categories.values_list("pk", flat=True)),
        brand_pks=set(brands.values_list("pk", flat=True)),
        freight_template_pks=set(templates.values_list("pk", flat=True)),
        picture_pks={str(uid): pk for uid, pk in stored.values_list("uid", "pk")},
        applications=set(policies.read().allowed_applications),
    )


def checked(content: Content, known: Known) -> Content:
    """Return the content as it will be stored: trimmed, sanitised, regions by their full names.

    :raises ContentRefused: something is wrong; the causes say what and where.
    """
    wrong: list[DomainError] = []
    tidy = _tidy(content, wrong)
    wrong += _wrong_in_product(tidy, known)
    wrong += _wrong_in_skus(tidy.skus)
    if wrong:
        raise ContentRefused(causes=wrong, reasons=" ".join(dict.fromkeys(map(str, wrong))))
    return tidy


def check_owner_no(owner_no: str) -> str:
    """Return an owner's number if it can be one.

    :raises NumberInvalid: characters or length that it may not have.
    """
    if not OWNER_NO.fullmatch(owner_no):
        raise NumberInvalid(pointer="/owner_no", value=owner_no)
    return owner_no


def sanitised(html: str) -> str:
    """Return HTML that shows text, tables and our own pictures, and does or loads nothing else."""
    if not html:
        return ""
    storable = html.replace("\0", "").encode(errors="ignore").decode()
    clean = nh3.clean(
        storable,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_pictures_only,
        link_rel=None,
        url_schemes=set(),
    )
    return EMPTY_IMAGE.sub("", clean).strip()


def _own_pictures_only(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src") and not OWN_PICTURE.fullmatch(value):
        return None
    return value


def _is_uid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))


def _tidy(content: Content, wrong: list[DomainError]) -> Content:
    served = []
    for place, region in enumerate(content.regions_not_served):
        try:
            served.append(regions.canonical(region))
        except regions.RegionUnknown as refusal:
            refusal.pointer = f"/regions_not_served/{place}"
            wrong.append(refusal)
    return msgspec.structs.replace(
        content,
        name=content.name.strip(),
        unit=content.unit.strip(),
        origin=content.origin.strip(),
        aftersale_note=content.aftersale_note.strip(),
        attributes=attributes.tidy(content.attributes),
        detail_html=sanitised(content.detail_html[: MAX_HTML + 1]),
        allowed_applications=content.allowed_applications or None,
        regions_not_served=tuple(dict.fromkeys(served)),
        skus=tuple(_tidy_sku(sku) for sku in content.skus),
    )


def _tidy_sku(sku: SkuContent) -> SkuContent:
    spec = {name.strip(): value.strip() for name, value in sku.spec.items()}
    return msgspec.structs.replace(sku, spec=spec, barcode=sku.barcode.strip())


def _wrong_in_product(content: Content, known: Known) -> Iterator[DomainError]:
    yield from _text("/name", content.name, 120, least=1)
    yield from _text("/unit", content.unit, 12)
    yield from _text("/origin", content.origin, 60)
    yield from _text("/aftersale_note", content.aftersale_note, 200)
    if len(content.detail_html) > MAX_HTML:
        count = len(content.detail_html)
        yield HtmlTooLong(pointer="/detail_html", limit=MAX_HTML, count=count)
    yield from _many("/attributes", content.attributes, attributes.MAX_ATTRIBUTES)
    yield from _range("/ship_within_hours", content.ship_within_hours, 1, MAX_HOURS)
    yield from _many("/regions_not_served", content.regions_not_served, MAX_REGIONS)
    for place, region in enumerate(content.regions_not_served):
        yield from _text(f"/regions_not_served/{place}", region, MAX_REGION, least=1)
    yield from _wrong_references(content, known)
    for place, application in enumerate(content.allowed_applications or ()):
        if application not in known.applications:
            pointer = f"/allowed_applications/{place}"
            yield ApplicationUnknown(pointer=pointer, application=application)
    yield from _wrong_pictures("/main_pictures", content.main_pictures, MAX_MAIN_PICTURES, known)
    yield from _wrong_pictures(
        "/detail_pictures", content.detail_pictures, MAX_DETAIL_PICTURES, known
    )


def _wrong_references(content: Content, known: Known) -> Iterator[DomainError]:
    if content.category_pk not in known.category_pks:
        yield CategoryUnknown(pointer="/category_pk")
    if content.brand_pk is not None and content.brand_pk not in known.brand_pks:
        yield BrandUnknown(pointer="/brand_pk")
    template_pk = content.freight_template_pk
    if template_pk is not None and template_pk not in known.freight_template_pks:
        yield FreightTemplateUnknown(pointer="/freight_template_pk")


def _wrong_pictures(
    pointer: str, uids: Collection[str], limit: int, known: Known
) -> Iterator[DomainError]:
    yield from _many(pointer, uids, limit)
    seen: set[str] = set()
    for place, uid in enumerate(uids):
        if uid not in known.picture_pks:
            yield PictureUnknown(pointer=f"{pointer}/{place}")
        if uid in seen:
            yield PictureRepeated(pointer=f"{pointer}/{place}")
        seen.add(uid)


def _wrong_in_skus(skus: Collection[SkuContent]) -> Iterator[DomainError]:
    if not skus:
        yield SkuMissing(pointer="/skus")
    yield from _many("/skus", skus, MAX_SKUS)
    numbers = Counter(sku.owner_no for sku in skus)
    specs = Counter(frozenset(sku.spec.items()) for sku in skus)
    for place, sku in enumerate(skus):
        pointer = f"/skus/{place}"
        if numbers[sku.owner_no] > 1:
            yield SkuRepeated(pointer=f"{pointer}/owner_no", owner_no=sku.owner_no)
        elif specs[frozenset(sku.spec.items())] > 1:
            yield SpecRepeated(pointer=f"{pointer}/spec")
        yield from _wrong_in_sku(pointer, sku)


def _wrong_in_sku(pointer: str, sku: SkuContent) -> Iterator[DomainError]:
    if not OWNER_NO.fullmatch(sku.owner_no):
        yield NumberInvalid(pointer=f"{pointer}/owner_no", value=sku.owner_no)
    if not _is_spec(sku.spec):
        yield SpecInvalid(pointer=f"{pointer}/spec", limit=MAX_SPECS)
    yield from _text(f"{pointer}/barcode", sku.barcode, 32)
    bounds: dict[str, tuple[int, int]] = {
        "supply_price_fen": (1, MAX_PRICE_FEN),
        "retail_price_fen": (1, MAX_PRICE_FEN),
        "min_quantity": (1, MAX_QUANTITY),
        "max_quantity": (1, MAX_QUANTITY),
        "multiple": (1, MAX_QUANTITY),
        "weight_g": (0, MAX_WEIGHT_G),
        "opening_stock": (0, MAX_STOCK),
    }
    wrong = [
        refusal
        for field, (low, high) in bounds.items()
        for refusal in _range(f"{pointer}/{field}", getattr(sku, field), low, high)
    ]
    yield from wrong or _wrong_quantities(pointer, sku)


def _wrong_quantities(pointer: str, sku: SkuContent) -> Iterator[DomainError]:
    highest = MAX_QUANTITY if sku.max_quantity is None else sku.max_quantity
    if highest // sku.multiple * sku.multiple < sku.min_quantity:
        yield QuantityRuleInvalid(pointer=f"{pointer}/max_quantity")


def _is_spec(spec: Mapping[str, str]) -> bool:
    fits: Callable[[str, int], bool] = lambda text, limit: 1 <= len(text) <= limit  # noqa: E731
    return len(spec) <= MAX_SPECS and all(
        fits(name, MAX_SPEC_NAME) and fits(value, MAX_SPEC_VALUE) and _is_line(name + value)
        for name, value in spec.items()
    )


def _text(pointer: str, text: str, limit: int, least: int = 0) -> Iterator[DomainError]:
    if not least <= len(text) <= limit or not _is_line(text):
        yield TextInvalid(pointer=pointer, least=least, limit=limit)


def _is_line(text: str) -> bool:
    """Tell whether a text has no control characters, not even line breaks."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _range(pointer: str, value: int | None, low: int, high: int) -> Iterator[DomainError]:
    if value is not None and not low <= value <= high:
        yield ValueOutOfRange(pointer=pointer, value=value, low=low, high=high)


def _many(pointer: str, items: Collection[Any], limit: int) -> Iterator[DomainError]:
    if len(items) > limit:
        yield TooMany(pointer=pointer, limit=limit, count=len(items))
