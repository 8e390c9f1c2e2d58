"""What can be said of an order before anything is locked: may it be sold, and at what price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.policies import Policies
from kit import values
from kit.errors import DomainError
from orders.models import Quote
from orders.requests import MAX_TOTAL_FEN, Consignee, Line, OrderRequest
from supplychain import freight, offers, regions
from supplychain.offers import Asked, Offer
from supplychain.pricing import Price


class SkuNotSellable(DomainError):
    code = "sku_not_sellable"
    text = _("“{sku_no}” is not on sale for you.")


class QuantityRule(DomainError):
    code = "quantity_rule"
    text = _(
        "“{sku_no}” is sold from {min_quantity}, up to {max_quantity}, in multiples of {multiple}."
    )


class PriceChanged(DomainError):
    code = "price_changed"
    text = _("“{sku_no}” costs {agreement_price_fen} fen now, not {expected_agreement_price_fen}.")


class ExpectedPriceMissing(DomainError):
    code = "expected_price_missing"
    text = _("“{sku_no}” needs expected_agreement_price_fen, or a quote that names it.")


class QuoteExpired(DomainError):
    code = "quote_expired"
    text = _("There is no such quote any more. Ask for a new one.")


class RegionNotServed(DomainError):
    code = "region_not_served"
    text = _("“{sku_no}” is not shipped to {region}.")


class ApplicationNotSupported(DomainError):
    code = "application_not_supported"
    text = _("“{sku_no}” may not be sold through “{application}”.")


class LineIdRepeated(DomainError):
    code = "line_id_repeated"
    text = _("Two lines carry the line_id “{line_id}”.")


class TotalTooLarge(DomainError):
    code = "total_too_large"
    text = _("An order may come to {limit} fen at the most.")


@dataclass(slots=True)
class PricedLine:
    """A line with what it is offered as, and the price that will be frozen."""

    wanted: Line
    offer: Offer
    price: Price

    @property
    def goods_fen(self) -> int:
        return self.price.agreement_price_fen * self.wanted.quantity


@dataclass(slots=True)
class Part:
    """What one source ships: a supplier, or the platform where that is None."""

    supplier_pk: int | None
    lines: list[PricedLine]
    freight_fen: int
    ship_within_hours: int


@dataclass(slots=True)
class Priced:
    """An order that could be placed if deposit and stock allow."""

    request: OrderRequest
    lines: list[PricedLine]
    parts: list[Part]
    goods_fen: int
    freight_fen: int

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.freight_fen


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was read for a batch before judging it."""

    offers: Mapping[Asked, Offer]
    quotes: Mapping[str, Mapping[str, Price]]
    tariffs: freight.Tariffs
    policies: Policies


def check(request: OrderRequest, facts: Facts) -> Priced:
    """Judge one order against what was read.

    :raises DomainError: the first of everything that is wrong, carrying all of it as `causes`.
    """
    request = canonical(request)
    _check_line_ids(request.lines)
    lines = price_lines(request, facts)
    parts = split(lines, request.consignee, facts)
    priced = Priced(
        request=request,
        lines=lines,
        parts=parts,
        goods_fen=sum(line.goods_fen for line in lines),
        freight_fen=sum(part.freight_fen for part in parts),
    )
    if priced.total_fen > MAX_TOTAL_FEN:
        raise TotalTooLarge(limit=MAX_TOTAL_FEN)
    return priced


def canonical(request: OrderRequest) -> OrderRequest:
    """Return the order with its province in the one way in which we write it.

    :raises RegionUnknown: it is no province that we know.
    """
    consignee = _with_canonical_province(request.consignee)
    return (
        request if consignee is request.consignee else values.replace(request, consignee=consignee)
    )


def read_facts(requests: Sequence[OrderRequest], at: datetime) -> Facts:
    """Read what a batch is judged by, in a number of queries that does not grow with it."""
    asked = [
        (request.distributor_pk, line.sku_no) for request in requests for line in request.lines
    ]
    found = offers.find(asked) if asked else {}
    templates = {offer.freight_template_pk for offer in found.values()}
    return Facts(
        offers=found,
        quotes=_read_quotes(requests, at),
        tariffs=freight.tariffs({pk for pk in templates if pk is not None}),
        policies=policies.read(),
    )


def price_lines(request: OrderRequest, facts: Facts) -> list[PricedLine]:
    """Price every line.

    :raises DomainError: some lines cannot be sold; `causes` has one for each, with its pointer.
    """
    lines, refusals = judge_lines(request, facts)
    if refusals:
        raise together([refusal for _, refusal in refusals])
    return lines


def judge_lines(
    request: OrderRequest, facts: Facts
) -> tuple[list[PricedLine], list[tuple[int, DomainError]]]:
    """Return the lines that can be sold, priced, and the refusals of the others by their index."""
    quoted = _quoted(request, facts)
    totals: dict[str, int] = {}
    for line in request.lines:
        totals[line.sku_no] = totals.get(line.sku_no, 0) + line.quantity
    lines: list[PricedLine] = []
    refusals: list[tuple[int, DomainError]] = []
    for index, line in enumerate(request.lines):
        offer = facts.offers.get((request.distributor_pk, line.sku_no))
        try:
            lines.append(_price_line(index, line, offer, totals, quoted, request, facts))
        except DomainError as refusal:
            refusals.append((index, refusal))
    return lines, refusals


def split(lines: Iterable[PricedLine], consignee: Consignee, facts: Facts) -> list[Part]:
    """Split priced lines by source, in the order in which sources first appear."""
    by_source: dict[int | None, list[PricedLine]] = {}
    for line in lines:
        by_source.setdefault(line.offer.supplier_pk, []).append(line)
    return [_part(source, part, consignee, facts) for source, part in by_source.items()]


def together(causes: Sequence[DomainError]) -> DomainError:
    """Return one refusal that carries several, under the code of the first."""
    first = causes[0]
    return type(first)(causes=causes, **first.values)


def _read_quotes(requests: Iterable[OrderRequest], at: datetime) -> dict[str, dict[str, Price]]:
    """Return the prices of the quotes that are still good, by quote and sku."""
    wanted = {request.quote_id: request.distributor_pk for request in requests if request.quote_id}
    ids = [quote_id for quote_id in wanted if _is_uuid(quote_id)]
    if not ids:
        return {}
    quotes = Quote.objects.filter(uid__in=ids, expires_at__gt=at)
    return {
        str(quote.uid): {sku_no: Price(*parts) for sku_no, parts in quote.prices.items()}
        for quote in quotes
        if wanted[str(quote.uid)] == quote.distributor_id
    }


def _with_canonical_province(consignee: Consignee) -> Consignee:
    try:
        province = regions.canonical(consignee.province)
    except regions.RegionUnknown as refusal:
        refusal.pointer = "/consignee/province"
        raise
    return (
        consignee
        if province == consignee.province
        else values.replace(consignee, province=province)
    )


def _check_line_ids(lines: Sequence[Line]) -> None:
    if len(lines) == 1:
        return
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.line_id in seen:
            raise LineIdRepeated(pointer=f"/lines/{index}/line_id", line_id=line.line_id)
        seen.add(line.line_id)


def _quoted(request: OrderRequest, facts: Facts) -> Mapping[str, Price]:
    if request.quote_id is None:
        return {}
    quoted = facts.quotes.get(request.quote_id)
    if quoted is None:
        raise QuoteExpired(pointer="/quote_id")
    return quoted


def _price_line(
    index: int,
    line: Line,
    offer: Offer | None,
    totals: Mapping[str, int],
    quoted: Mapping[str, Price],
    request: OrderRequest,
    facts: Facts,
) -> PricedLine:
    pointer = f"/lines/{index}"
    if offer is None or not offer.on_sale:
        raise SkuNotSellable(pointer=f"{pointer}/sku_no", sku_no=line.sku_no)
    _check_quantity(offer, totals[line.sku_no], pointer)
    _check_region(offer, request.consignee, pointer)
    _check_application(offer, request.application, facts, pointer)
    price = _guarded_price(offer, line, quoted.get(line.sku_no), pointer)
    return PricedLine(line, offer, price)


def _check_quantity(offer: Offer, quantity: int, pointer: str) -> None:
    """The rules are for a sku in an order, in however many lines it comes."""
    if (
        quantity < offer.min_quantity
        or (offer.max_quantity is not None and quantity > offer.max_quantity)
        or quantity % offer.multiple
    ):
        raise QuantityRule(
            pointer=f"{pointer}/quantity",
            sku_no=offer.sku_no,
            min_quantity=offer.min_quantity,
            max_quantity=offer.max_quantity,
            multiple=offer.multiple,
        )


def _check_region(offer: Offer, consignee: Consignee, pointer: str) -> None:
    for region in offer.regions_not_served:
        if regions.covers(region, consignee.destination):
            raise RegionNotServed(pointer=pointer, sku_no=offer.sku_no, region=region)


def _check_application(offer: Offer, application: str, facts: Facts, pointer: str) -> None:
    if not application:
        return
    platform = facts.policies.allowed_applications
    own = offer.allowed_applications
    if application not in platform or (own is not None and application not in own):
        raise ApplicationNotSupported(pointer=pointer, sku_no=offer.sku_no, application=application)


def _guarded_price(offer: Offer, line: Line, quoted: Price | None, pointer: str) -> Price:
    """Return the lower of today's price and the quoted one, if it is not above what is expected."""
    price = offer.price
    if quoted is not None and quoted.agreement_price_fen < price.agreement_price_fen:
        price = quoted
    expected = line.expected_agreement_price_fen
    if expected is None:
        if quoted is None:
            raise ExpectedPriceMissing(pointer=pointer, sku_no=line.sku_no)
        return price
    if price.agreement_price_fen > expected:
        raise PriceChanged(
            pointer=f"{pointer}/expected_agreement_price_fen",
            sku_no=line.sku_no,
            expected_agreement_price_fen=expected,
            agreement_price_fen=price.agreement_price_fen,
            price_version=offer.price_version,
        )
    return price


def _part(
    supplier_pk: int | None, lines: list[PricedLine], consignee: Consignee, facts: Facts
) -> Part:
    """The strictest promise among the goods is the promise of the part."""
    usual = facts.policies.ship_within_hours
    loads = [_load(line) for line in lines] if facts.tariffs else []
    return Part(
        supplier_pk,
        lines,
        freight_fen=freight.charge(loads, consignee.destination, facts.tariffs),
        ship_within_hours=min(line.offer.ship_within_hours or usual for line in lines),
    )


def _load(line: PricedLine) -> freight.Load:
    quantity = line.wanted.quantity
    offer = line.offer
    return freight.Load(
        offer.freight_template_pk, quantity, offer.weight_g * quantity, line.goods_fen
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
