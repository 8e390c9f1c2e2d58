"""A supplier's parcels: shipped one by one or by the hundred, corrected, and taken back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, supplier_examples
from api.errors import problem
from api.fields import Items, Shape, Text
from api.intake import MAX_NUMBER
from api.orders import REPLAYED
from api.supplier_answers import SupplierShipmentAnswer, SupplierShipmentBatchAnswer
from api.supplier_orders import SupplierPiecesShape, part_of, pieces_by_line
from api.supplier_views import SupplierView
from kit.errors import DomainError, NotFound, WrongState
from orders import carriers, correcting, part_rendering, shipping
from orders.models import Fulfilment, Shipment, ShipmentState
from orders.requests import MAX_LINES
from orders.shipping import Parcel

MAX_BATCH = 200
MAX_CARRIER = 24
MAX_TRACKING = 60
MAX_DIGITS = 18

REFUSALS = (
    "state_conflict",
    "carrier_unknown",
    "tracking_no_unreadable",
    "tracking_no_taken",
    "too_many_pieces",
    "nothing_to_ship",
    "line_id_repeated",
)


class SupplierParcelShape(Shape):
    """A parcel: everything that is left to ship, if no lines are named."""

    carrier_code = Text(max_length=MAX_CARRIER, help_text=_("A code of /meta/carriers."))
    tracking_no = Text(max_length=MAX_TRACKING)
    lines = Items(child=SupplierPiecesShape(), max_length=MAX_LINES, required=False)


class SupplierBatchParcelShape(SupplierParcelShape):
    """A parcel of one of many orders."""

    order_no = Text(max_length=MAX_NUMBER)


class SupplierBatchShape(Shape):
    """Parcels to ship, each for itself."""

    shipments = Items(child=SupplierBatchParcelShape(), max_length=MAX_BATCH)


class SupplierCorrectionShape(Shape):
    """The number that a parcel really has."""

    carrier_code = Text(max_length=MAX_CARRIER)
    tracking_no = Text(max_length=MAX_TRACKING)
    reason = Text(max_length=correcting.MAX_REASON)


class SupplierVoidingShape(Shape):
    """Why a parcel is taken back."""

    reason = Text(max_length=correcting.MAX_REASON)


class SupplierOrderShipments(SupplierView):
    """The parcels of the supplier's part of an order."""

    scopes = {"POST": "ship"}

    @describing.operation(
        "supplier_orders_ship",
        summary=_("Ship a parcel."),
        tag="supplier",
        description=_(
            "Of everything that is left, or of so many pieces by line. The same parcel again is"
            " answered 200 with Idempotent-Replayed: true, and changes nothing."
        ),
        body=SupplierParcelShape,
        answer=SupplierShipmentAnswer,
        status=201,
        also={200: SupplierShipmentAnswer},
        problems=REFUSALS,
        request_example=supplier_examples.PARCEL_TO_SHIP,
        example=supplier_examples.SHIPMENT,
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Ship one parcel; repeating it is harmless."""
        part = part_of(self, order_no)
        sent = fields.read(SupplierParcelShape, request.data)
        parcel = _parcel(part, sent)
        outcome = shipping.ship_many(
            parcels=[parcel], supplier=self.supplier, actor=self.signer.actor, at=timezone.now()
        )[0]
        if isinstance(outcome, Shipment):
            return Response(_shown([outcome.pk])[outcome.pk], 201)
        known = _already([parcel]).get(0)
        if known is None:
            raise outcome
        return Response(_shown([known])[known], 200, headers={REPLAYED: "true"})


class SupplierShipmentBatch(SupplierView):
    """Many parcels in one request."""

    scopes = {"POST": "ship"}

    @describing.operation(
        "supplier_shipments_ship",
        summary=_("Ship up to 200 parcels, each for itself."),
        tag="supplier",
        description=_(
            "One transaction, answers in the order of the request. A refused parcel changes nothing"
            " and does not stop its neighbours; one that was shipped before is a row with 200. The"
            " batch is answered 200; the status of each row says what became of it."
        ),
        body=SupplierBatchShape,
        answer=SupplierShipmentBatchAnswer,
        request_example=supplier_examples.BATCH_TO_SHIP,
        example=supplier_examples.BATCH,
    )
    def post(self, request: Request) -> Response:
        """Ship parcels in one transaction, and answer each in its place."""
        sent = fields.read(SupplierBatchShape, request.data)["shipments"]
        outcomes = _ship_each(self, sent)
        return Response(
            {
                "items": [
                    _row(one["order_no"], outcome)
                    for one, outcome in zip(sent, outcomes, strict=True)
                ]
            }
        )


class OneSupplierShipment(SupplierView):
    """A parcel of the supplier's."""

    scopes = {"GET": "ship", "PUT": "ship"}

    @describing.operation(
        "supplier_shipments_read",
        summary=_("Read a parcel."),
        tag="supplier",
        answer=SupplierShipmentAnswer,
        example=supplier_examples.SHIPMENT,
    )
    def get(self, request: Request, shipment_id: str) -> Response:  # noqa: ARG002
        """Read one parcel."""
        pk = _pk_of(self, shipment_id)
        return Response(_shown([pk])[pk])

    @describing.operation(
        "supplier_shipments_correct",
        summary=_("Give a parcel the number that it really has."),
        tag="supplier",
        description=_("History keeps the old one. The number that it has already changes nothing."),
        body=SupplierCorrectionShape,
        answer=SupplierShipmentAnswer,
        problems=(
            "state_conflict",
            "carrier_unknown",
            "tracking_no_unreadable",
            "tracking_no_taken",
        ),
        request_example=supplier_examples.CORRECTION,
        example=supplier_examples.CORRECTED,
    )
    def put(self, request: Request, shipment_id: str) -> Response:
        """Correct carrier and number."""
        pk = _pk_of(self, shipment_id)
        sent = fields.read(SupplierCorrectionShape, request.data)
        with suppress(correcting.TrackingNoUnchanged):
            correcting.correct(
                shipment_pk=pk,
                supplier=self.supplier,
                **sent,
                actor=self.signer.actor,
                at=timezone.now(),
            )
        return Response(_shown([pk])[pk])


class SupplierShipmentVoiding(SupplierView):
    """That a parcel was entered by mistake."""

    scopes = {"POST": "ship"}

    @describing.operation(
        "supplier_shipments_void",
        summary=_("Take back a parcel that was entered by mistake."),
        tag="supplier",
        description=_(
            "Its pieces are to be shipped again, and its number may be used again. Only while no"
            " carrier has scanned it. Doing so twice is harmless."
        ),
        body=SupplierVoidingShape,
        answer=SupplierShipmentAnswer,
        problems=("state_conflict", "parcel_seen_by_carrier", "parcel_in_use"),
        request_example=supplier_examples.VOIDING,
        example=supplier_examples.VOIDED,
    )
    def post(self, request: Request, shipment_id: str) -> Response:
        """Void a parcel; repeating it is harmless."""
        pk = _pk_of(self, shipment_id)
        sent = fields.read(SupplierVoidingShape, request.data)
        try:
            correcting.void(
                shipment_pk=pk,
                supplier=self.supplier,
                by_staff=False,
                reason=sent["reason"],
                actor=self.signer.actor,
                at=timezone.now(),
            )
        except WrongState:
            # Asked after the act, so that of two at once the later finds what the first has done.
            if not Shipment.objects.filter(pk=pk, state=ShipmentState.VOIDED).exists():
                raise
        return Response(_shown([pk])[pk])


Outcome = dict[str, Any] | DomainError


def _ship_each(view: SupplierView, sent: Sequence[Mapping[str, Any]]) -> list[tuple[int, Outcome]]:
    """Ship what was sent, all in one transaction; return status and parcel or refusal, in order."""
    parts = _parts_of(view, {one["order_no"] for one in sent})
    read = [_read(parts.get(one["order_no"]), one) for one in sent]
    parcels = [one for one in read if isinstance(one, Parcel)]
    done = shipping.ship_many(
        parcels=parcels, supplier=view.supplier, actor=view.signer.actor, at=timezone.now()
    )
    known = _already(parcels) if any(isinstance(one, DomainError) for one in done) else {}
    new = {place: one.pk for place, one in enumerate(done) if isinstance(one, Shipment)}
    shown = _shown([*new.values(), *known.values()])
    # A parcel that stands twice in a request is new in its first row, and known in the next.
    outcomes: list[tuple[int, Outcome]] = []
    for place, outcome in enumerate(done):
        if isinstance(outcome, Shipment):
            outcomes.append((201, shown[new[place]]))
        elif place in known:
            outcomes.append((200, shown[known[place]]))
        else:
            outcomes.append((0, outcome))
    shipped = iter(outcomes)
    return [next(shipped) if isinstance(one, Parcel) else (0, one) for one in read]


def _row(order_no: str, outcome: tuple[int, Outcome]) -> dict[str, Any]:
    status, found = outcome
    if isinstance(found, DomainError):
        shown = problem(found)
        return {"order_no": order_no, "status": shown["status"], "problem": shown}
    return {"order_no": order_no, "status": status, "shipment": found}


def _parts_of(view: SupplierView, order_nos: set[str]) -> dict[str, Fulfilment]:
    parts = Fulfilment.objects.of(view.supplier).filter(order__order_no__in=order_nos)
    found = parts.select_related("order").prefetch_related("lines")
    return {part.order.order_no: part for part in found}


def _read(part: Fulfilment | None, sent: Mapping[str, Any]) -> Parcel | DomainError:
    if part is None:
        return NotFound()
    try:
        return _parcel(part, sent)
    except DomainError as refusal:
        return refusal


def _parcel(part: Fulfilment, sent: Mapping[str, Any]) -> Parcel:
    pieces = pieces_by_line(part, sent["lines"]) if "lines" in sent else None
    return Parcel(part.pk, sent["carrier_code"], sent["tracking_no"], pieces)


def _already(parcels: Sequence[Parcel]) -> dict[int, int]:
    """Return the keys of parcels that were shipped just so before, by their places."""
    rows = Shipment.objects.filter(
        fulfilment__in={parcel.fulfilment_pk for parcel in parcels},
        tracking_no__in={parcel.number for parcel in parcels},
    ).exclude(state=ShipmentState.VOIDED)
    by_label = {
        (row.fulfilment_id, row.carrier_code, row.tracking_no): row
        for row in rows.prefetch_related("lines")
    }
    found = {}
    for place, parcel in enumerate(parcels):
        carrier = carriers.find(parcel.carrier_code)
        code = carrier.code if carrier else ""
        row = by_label.get((parcel.fulfilment_pk, code, parcel.number))
        if row is not None and _holds(row, parcel):
            found[place] = row.pk
    return found


def _holds(row: Shipment, parcel: Parcel) -> bool:
    held = {line.line_id: line.quantity for line in row.lines.all()}
    return parcel.pieces is None or held == dict(parcel.pieces)


def _shown(pks: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = part_rendering.fetched_shipments(Shipment.objects.filter(pk__in=pks))
    return {
        row.pk: part_rendering.shipment_document(row, row.fulfilment.order.order_no) for row in rows
    }


def _pk_of(view: SupplierView, shipment_id: str) -> int:
    """Return the key of the supplier's parcel.

    :raises NotFound: it has none of this id.
    """
    if not (shipment_id.isascii() and shipment_id.isdigit() and len(shipment_id) <= MAX_DIGITS):
        raise NotFound
    mine = Shipment.objects.filter(fulfilment__supplier=view.supplier, pk=int(shipment_id))
    pk = mine.values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound
    return pk
