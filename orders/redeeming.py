"""Orders that were promised before: placed as held, whatever has become of goods and prices since."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kit import bulk, values
from kit.actors import Actor
from kit.errors import DomainError
from ledger import accounts
from orders import checking, repeating, telling
from orders.checking import Part, PriceChanged, Priced, PricedLine
from orders.drawing import Draw
from orders.models import Hold, HoldKind, HoldLine, HoldState
from orders.requests import Line, OrderRequest
from orders.telling import Deed
from supplychain import offers
from supplychain.offers import Offer
from supplychain.pricing import Price

CONSUMED = "consumed"


class HoldDiffers(DomainError):
    code = "hold_differs"
    text = _("“{out_order_no}” is held as {hold_id}, with other content: {fields}.")


class Kept(values.Value, frozen=True):
    """An active hold that is locked, with its lines."""

    hold: Hold
    lines: Mapping[str, HoldLine]


class Redeemed(values.Value, frozen=True):
    """An order that can be placed from its hold: at the held price, with the held pieces."""

    kept: Kept
    priced: Priced
    draws: list[Draw]


def lock(hold_pks: Collection[int]) -> list[Kept]:
    """Lock holds, and return those that are still active. Their deposits are locked before."""
    holds = list(Hold.objects.filter(pk__in=hold_pks, state=HoldState.ACTIVE).locked())
    lines: dict[int, dict[str, HoldLine]] = {hold.pk: {} for hold in holds}
    for line in HoldLine.objects.filter(hold__in=holds).order_by("pk"):
        lines[line.hold_id][line.line_id] = line
    return [Kept(hold, lines[hold.pk]) for hold in holds]


def read_goods(kept: Collection[Kept]) -> dict[str, Offer]:
    """Read the goods of holds as they are now, in one query."""
    sku_nos = {line.sku_no for one in kept for line in one.lines.values()}
    return offers.promised(sku_nos) if sku_nos else {}


def redeem(request: OrderRequest, kept: Kept, goods: Mapping[str, Offer]) -> Redeemed:
    """Judge an order by its hold.

    :raises HoldDiffers: lines, destination or application are not those of the hold.
    :raises IdempotencyConflict: the order waits for funds already, with other content.
    :raises PriceChanged: a price is expected that is below the held one.
    :raises RegionUnknown: the province is none that we know.
    """
    request = checking.canonical(request)
    waits = kept.hold.kind == HoldKind.FUNDS
    if waits:
        repeating.check(request, repeating.content_of(kept.hold))
    else:
        _check_same(request, kept.hold)
        _check_prices(request, kept)
    lines = [_priced_line(line, kept.lines[line.line_id], goods) for line in request.lines]
    hold = kept.hold
    priced = Priced(request, lines, _parts(lines, hold), hold.goods_fen, hold.freight_fen)
    return Redeemed(kept, priced, [_draw(line, kept) for line in lines])


def free(redeemed: Sequence[Redeemed]) -> None:
    """Free what the holds reserve on the locked deposits, so that their orders can be charged."""
    freed: dict[int, int] = {}
    for one in redeemed:
        pk = one.kept.hold.distributor_id
        freed[pk] = freed.get(pk, 0) - one.kept.hold.reserved_fen
    accounts.reserve(freed)


def consume(redeemed: Sequence[tuple[Redeemed, int]], *, at: datetime) -> None:
    """Note on holds that they were placed, each as the order with this key."""
    if not redeemed:
        return
    holds = [one.kept.hold for one, _ in redeemed]
    actors = [one.priced.request.actor for one, _ in redeemed]
    bulk.update(
        "orders_hold",
        [hold.pk for hold in holds],
        {
            "state": ("text", [HoldState.CONSUMED.value] * len(holds)),
            "order_id": ("bigint", [order_pk for _, order_pk in redeemed]),
            "version": ("int", [hold.version + 1 for hold in holds]),
            "sealed_request": ("bytea", [None] * len(holds)),
            "ended_at": ("timestamptz", [at.isoformat()] * len(holds)),
            "ended_by": ("text", [str(actor) for actor in actors]),
        },
    )
    deeds = [_deed(one, pk, actor) for (one, pk), actor in zip(redeemed, actors, strict=True)]
    telling.note(deeds, at=at)


def _check_same(request: OrderRequest, hold: Hold) -> None:
    content = repeating.content(request)
    to = request.consignee.destination
    differing = [
        name
        for name, ours, theirs in (
            ("lines", bytes(hold.lines_hash), content.lines),
            ("application", hold.application, content.application),
            ("consignee.province", hold.province, to.province),
            ("consignee.city", hold.city, to.city),
        )
        if ours != theirs
    ]
    if differing:
        raise HoldDiffers(
            out_order_no=hold.out_order_no, hold_id=hold.hold_id, fields=", ".join(differing)
        )


def _check_prices(request: OrderRequest, kept: Kept) -> None:
    causes = [
        PriceChanged(
            pointer=f"/lines/{index}/expected_agreement_price_fen",
            sku_no=line.sku_no,
            expected_agreement_price_fen=line.expected_agreement_price_fen,
            agreement_price_fen=kept.lines[line.line_id].agreement_price_fen,
            hold_id=kept.hold.hold_id,
        )
        for index, line in enumerate(request.lines)
        if line.expected_agreement_price_fen is not None
        and line.expected_agreement_price_fen < kept.lines[line.line_id].agreement_price_fen
    ]
    if causes:
        raise checking.together(causes)


def _priced_line(wanted: Line, held: HoldLine, goods: Mapping[str, Offer]) -> PricedLine:
    price = Price(
        held.supply_price_fen,
        held.markup_fen,
        held.fee_rate_bp,
        held.service_fee_fen,
        held.agreement_price_fen,
    )
    offer = values.replace(goods[held.sku_no], allotment_pk=held.allotment_id)
    return PricedLine(wanted, offer, price)


def _parts(lines: Sequence[PricedLine], hold: Hold) -> list[Part]:
    by_source: dict[int | None, list[PricedLine]] = {}
    for line in lines:
        by_source.setdefault(line.offer.supplier_pk, []).append(line)
    frozen = {source: (freight_fen, hours) for source, freight_fen, hours in hold.sources}
    return [Part(source, part, *frozen[source]) for source, part in by_source.items()]


def _draw(line: PricedLine, kept: Kept) -> Draw:
    held = kept.lines[line.wanted.line_id]
    return Draw(line, held.from_allotment, held.quantity - held.from_allotment)


def _deed(redeemed: Redeemed, order_pk: int, actor: Actor) -> Deed:
    hold = redeemed.kept.hold
    return Deed(
        order_pk,
        f"hold {hold.hold_id}",
        CONSUMED,
        actor,
        before=HoldState.ACTIVE,
        after=HoldState.CONSUMED,
    )
