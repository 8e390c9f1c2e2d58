"""A supplier's parts of orders: what is to ship, that packing has begun, what cannot be shipped."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, pages, supplier_examples
from api.fields import Choice, Flag, Items, Number, Shape, Text, Whole
from api.intake import MAX_NUMBER
from api.orders import REPLAYED, pieces_of
from api.pages import PageQuery
from api.supplier_answers import (
    SupplierOrderAnswer,
    SupplierOrderPageAnswer,
    SupplierShortageAnswer,
)
from api.supplier_views import SupplierView
from kit.errors import NotFound
from orders import cancelling, part_rendering, revealing, shipping
from orders.models import Fulfilment, FulfilmentState
from orders.requests import MAX_LINES, MAX_QUANTITY
from orders.shipping import TO_SHIP

MAX_NOTE = 200
TO_SHIP_NAME = "to_ship"
STATES: dict[str, Sequence[FulfilmentState]] = {
    TO_SHIP_NAME: TO_SHIP,
    "shipped": (FulfilmentState.SHIPPED,),
    "closed": (FulfilmentState.CLOSED, FulfilmentState.CANCELLED),
}


class SupplierOrdersQuery(PageQuery):
    """Which of your orders."""

    state = Choice(choices=[(name, name) for name in STATES], default=TO_SHIP_NAME)


class SupplierPiecesShape(Shape):
    """So many pieces of a line."""

    line_id = Text(max_length=MAX_NUMBER)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)


class SupplierNothingShape(Shape):
    """Nothing has to be said."""


class SupplierShortageShape(Shape):
    """What cannot be shipped, and why."""

    out_shortage_no = Number(
        default="",
        help_text=_("Your own number for it: of one order the same number is the same shortage."),
    )
    lines = Items(child=SupplierPiecesShape(), max_length=MAX_LINES)
    note = Text(max_length=MAX_NOTE)
    empty_stock = Flag(
        default=False, help_text=_("Nothing of these goods is left: set their stock to 0.")
    )


class SupplierOrders(SupplierView):
    """The parts of orders that the supplier ships."""

    scopes = {"GET": "ship"}

    @describing.operation(
        "supplier_orders_list",
        summary=_("List what you have to ship, the most urgent first."),
        tag="supplier",
        description=_(
            "Your part of each order, and of your part nothing but what is yours. With state=shipped or"
            " state=closed: the newest first. The consignee is there only while there is something"
            " to ship."
        ),
        answer=SupplierOrderPageAnswer,
        query=SupplierOrdersQuery,
        example=supplier_examples.ORDER_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List parts by how far they have come."""
        query = fields.read_query(SupplierOrdersQuery, request.query_params)
        state, limit = query["state"], query["limit"]
        is_urgent = state == TO_SHIP_NAME
        of = f"supplier orders {state}"
        place = pages.position(query, of=of, caller=self.signer, size=2 if is_urgent else 1)
        parts = part_rendering.fetched(
            Fulfilment.objects.of(self.supplier).filter(state__in=STATES[state])
        )
        found = list((_by_deadline if is_urgent else _newest)(parts, place)[: limit + 1])
        items = _documents(self, found[:limit])
        return Response(
            pages.page(
                found,
                items,
                limit=limit,
                of=of,
                caller=self.signer,
                place=_deadline if is_urgent else lambda part: [part.pk],
            )
        )


class OneSupplierOrder(SupplierView):
    """A supplier's part of an order."""

    scopes = {"GET": "ship"}

    @describing.operation(
        "supplier_orders_read",
        summary=_("Read your part of an order."),
        tag="supplier",
        answer=SupplierOrderAnswer,
        example=supplier_examples.ORDER,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read one part."""
        return Response(_documents(self, [part_of(self, order_no)])[0])


class SupplierBeginning(SupplierView):
    """That packing has begun."""

    scopes = {"POST": "ship"}

    @describing.operation(
        "supplier_orders_begin",
        summary=_("Say that packing has begun."),
        tag="supplier",
        description=_(
            "From then on the buyer cannot cancel without asking. Doing so twice is harmless."
        ),
        body=SupplierNothingShape,
        answer=SupplierOrderAnswer,
        request_example={},
        example=supplier_examples.BEGUN,
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Note it; repeating it is harmless."""
        part = part_of(self, order_no)
        fields.read(SupplierNothingShape, request.data)
        shipping.begin(
            fulfilment_pks=[part.pk],
            supplier=self.supplier,
            actor=self.signer.actor,
            at=timezone.now(),
        )
        return Response(_documents(self, [part_of(self, order_no)])[0])


class SupplierShortage(SupplierView):
    """What cannot be shipped."""

    scopes = {"POST": "ship"}

    @describing.operation(
        "supplier_orders_report_shortage",
        summary=_("Say what of an order you cannot ship."),
        tag="supplier",
        description=_(
            "These pieces are cancelled at once, and the buyer has the money back. Give a number of your"
            " own, and you may repeat this: the same out_shortage_no is answered 200 with"
            " Idempotent-Replayed: true, and changes nothing."
        ),
        body=SupplierShortageShape,
        answer=SupplierShortageAnswer,
        status=201,
        also={200: SupplierShortageAnswer},
        problems=(
            "out_shortage_no_taken",
            "nothing_to_cancel",
            "more_than_unshipped",
            "line_id_repeated",
        ),
        request_example=supplier_examples.SHORTAGE_TO_REPORT,
        example=supplier_examples.SHORTAGE,
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Cancel pieces for want of goods."""
        part = part_of(self, order_no)
        asked = fields.read(SupplierShortageShape, request.data)
        now = timezone.now()
        done = cancelling.report_shortage(
            fulfilment_pk=part.pk,
            supplier=self.supplier,
            pieces=pieces_by_line(part, asked["lines"]),
            empty_stock=asked["empty_stock"],
            note=asked["note"],
            out_shortage_no=asked["out_shortage_no"],
            actor=self.signer.actor,
            at=now,
        )
        answer = part_rendering.cancellation_document(done, order_no)
        # What was reported at another moment was reported before.
        if done.requested_at != now:
            return Response(answer, 200, headers={REPLAYED: "true"})
        return Response(answer, 201)


def part_of(view: SupplierView, order_no: str) -> Fulfilment:
    """Return the supplier's part of an order, fetched.

    :raises NotFound: it has none.
    """
    parts = Fulfilment.objects.of(view.supplier).filter(order__order_no=order_no)
    part = part_rendering.fetched(parts).first()
    if part is None:
        raise NotFound
    return part


def pieces_by_line(part: Fulfilment, lines: list[dict[str, Any]]) -> dict[int, int]:
    """Return pieces by line key.

    :raises NotFound: the part has no such line.
    :raises LineIdRepeated: a line_id stands twice.
    """
    pk_of = {line.line_id: line.pk for line in part.lines.all()}
    pieces = pieces_of(lines)
    if not pieces.keys() <= pk_of.keys():
        raise NotFound
    return {pk_of[line_id]: quantity for line_id, quantity in pieces.items()}


def _documents(view: SupplierView, parts: Sequence[Fulfilment]) -> list[dict[str, Any]]:
    """Show parts; history says to which key a consignee was shown, as it does of people."""
    to_ship = [part for part in parts if part.state in TO_SHIP]
    revealing.note_reader(parts=to_ship, actor=view.signer.actor, at=timezone.now())
    return [part_rendering.document(part) for part in parts]


def _by_deadline(parts: Any, place: list[int] | None) -> Any:
    if place is not None:
        since = datetime.fromtimestamp(place[0] // 1_000_000, tz=UTC).replace(
            microsecond=place[0] % 1_000_000
        )
        parts = parts.filter(Q(ship_due_at__gt=since) | Q(ship_due_at=since, pk__gt=place[1]))
    return parts.order_by("ship_due_at", "pk")


def _newest(parts: Any, place: list[int] | None) -> Any:
    return (parts.filter(pk__lt=place[0]) if place else parts).order_by("-pk")


def _deadline(part: Fulfilment) -> list[int]:
    due_at = part.ship_due_at
    return [
        int(due_at.replace(microsecond=0).timestamp()) * 1_000_000 + due_at.microsecond,
        part.pk,
    ]
