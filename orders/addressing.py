"""Sending an order elsewhere while nothing of it has left."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import bulk, sealing, values
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from orders import header, requests, telling
from orders.checking import RegionNotServed
from orders.models import Consignee, Fulfilment, FulfilmentState, Line, Order
from orders.telling import Deed
from supplychain import freight, offers, regions
from supplychain.offers import Offer
from supplychain.regions import Destination


class AlreadyShipped(DomainError):
    code = "already_shipped"
    text = _("Something of this order is shipped already, so its address stays as it is.")


class AddressChangesFreight(DomainError):
    code = "address_changes_freight"
    text = _(
        "The freight to {region} would be {freight_fen} fen, and is {charged_fen} fen to where the"
        " order goes now."
    )


@transaction.atomic(durable=True)
def change_address(
    *,
    distributor: Distributor,
    order_pk: int,
    consignee: requests.Consignee,
    actor: Actor,
    at: datetime,
) -> Order:
    """Send an order to somebody else, or somewhere else, where the freight is the same.

    What the order was placed with stays what its number means: the former content still replays.
    Sending it to where it goes already changes nothing.

    :raises RegionUnknown: the province is none that we know.
    :raises NotFound: the distributor has no such order.
    :raises WrongState: nothing of the order is left to ship.
    :raises AlreadyShipped: a parcel of it has left.
    :raises RegionNotServed: some of the goods are not shipped there; each is in `causes`.
    :raises AddressChangesFreight: the freight of a part would be another.
    """
    consignee = _canonical(consignee)
    order = Order.objects.of(distributor).filter(pk=order_pk).locked().first()
    if order is None:
        raise NotFound
    parts = list(order.fulfilments.order_by("pk").select_for_update(of=("self",), no_key=True))
    lines = list(order.lines.order_by("pk").select_for_update(of=("self",), no_key=True))
    _check_unshipped(order, parts, lines)
    row = Consignee.objects.get(order=order)
    if _as_asked(row) == consignee:
        return order
    _check_destination(lines, Destination(row.province, row.city), consignee.destination)
    _write(row, consignee)
    _warn(parts, at)
    telling.note([Deed(order.pk, "order", "address_changed", actor)], at=at)
    telling.tell(header.recompute([order.pk], at=at), actor=actor, at=at)
    return Order.objects.select_related("consignee").get(pk=order.pk)


def _canonical(consignee: requests.Consignee) -> requests.Consignee:
    try:
        return values.replace(consignee, province=regions.canonical(consignee.province))
    except regions.RegionUnknown as refusal:
        refusal.pointer = "/province"
        raise


def _check_unshipped(order: Order, parts: Iterable[Fulfilment], lines: Iterable[Line]) -> None:
    if any(line.shipped for line in lines):
        raise AlreadyShipped
    if all(part.state == FulfilmentState.CANCELLED for part in parts):
        raise WrongState(state=order.get_state_display())


def _as_asked(row: Consignee) -> requests.Consignee:
    name, phone, detail = row.opened
    return requests.Consignee(name, phone, row.province, row.city, row.district, detail)


def _check_destination(lines: Iterable[Line], before: Destination, to: Destination) -> None:
    """Judge the whole order as it was placed: a part that is smaller now was charged for all."""
    if to == before:
        return
    goods = offers.promised([line.sku_no for line in lines])
    unserved = [
        RegionNotServed(pointer="/province", sku_no=offer.sku_no, region=region)
        for offer in goods.values()
        for region in offer.regions_not_served
        if regions.covers(region, to)
    ]
    if unserved:
        raise RegionNotServed(causes=unserved, **unserved[0].values)
    by_part: dict[int, list[Line]] = {}
    for line in lines:
        by_part.setdefault(line.fulfilment_id, []).append(line)
    for of_part in by_part.values():
        _check_freight(of_part, goods, before, to)


def _check_freight(
    lines: Iterable[Line], goods: dict[str, Offer], before: Destination, to: Destination
) -> None:
    """Compare two destinations by the rules of today, which may be others than when it was placed."""
    loads = [_load(line, goods[line.sku_no]) for line in lines]
    tariffs = freight.tariffs({pk for load in loads if (pk := load.template_pk) is not None})
    charged_fen = freight.charge(loads, before, tariffs)
    freight_fen = freight.charge(loads, to, tariffs)
    if freight_fen != charged_fen:
        raise AddressChangesFreight(
            region=f"{to.province} {to.city}".strip(),
            freight_fen=freight_fen,
            charged_fen=charged_fen,
        )


def _load(line: Line, offer: Offer) -> freight.Load:
    return freight.Load(
        offer.freight_template_pk,
        line.quantity,
        offer.weight_g * line.quantity,
        line.agreement_price_fen * line.quantity,
    )


def _write(row: Consignee, consignee: requests.Consignee) -> None:
    row.sealed = sealing.seal(f"{consignee.name}\n{consignee.phone}\n{consignee.detail}")
    row.phone_hash = sealing.keyed_hash(consignee.phone)
    row.province = consignee.province
    row.city = consignee.city
    row.district = consignee.district
    row.erased_at = None
    row.save()


def _warn(parts: Iterable[Fulfilment], at: datetime) -> None:
    """Let the sources that have begun know that a label printed before is wrong."""
    begun = [
        part
        for part in parts
        if part.begun_at is not None and part.state != FulfilmentState.CANCELLED
    ]
    bulk.update(
        "orders_fulfilment",
        [part.pk for part in begun],
        {"address_changed_at": ("timestamptz", [at] * len(begun))},
    )
