"""What a supplier's machine is told, and how it tries its signature out."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, supplier_examples
from api.events import EventPageAnswer, EventsQuery
from api.scopes import SIGNED
from api.supplier_answers import SupplierEchoAnswer
from api.supplier_views import SupplierView
from integration import messages, outbox
from kit.times import rfc3339


class SupplierEvents(SupplierView):
    """What happened to the supplier's orders and bills."""

    scopes = {"GET": "events"}

    @describing.operation(
        "supplier_events_list",
        summary=_("Read what happened to your orders and bills, oldest first."),
        tag="supplier",
        description=_(
            "For 90 days. seq has no gaps: keep the last one and go on after it. next is the after of"
            " the next page, or null where there is no more just now. No event holds consumer"
            " data: read the order."
        ),
        answer=EventPageAnswer,
        query=EventsQuery,
        example=supplier_examples.EVENT_PAGE,
    )
    def get(self, request: Request) -> Response:
        """Read events in order, those that were written just now included."""
        query = fields.read_query(EventsQuery, request.query_params)
        partner_pk, limit = self.signer.partner_pk, query["limit"]
        outbox.stamp(partner_pk)
        events = outbox.read(partner_pk, after=query["after"], limit=limit + 1)
        following = str(events[limit - 1].seq) if len(events) > limit else None
        items = [messages.document(event) for event in events[:limit]]
        return Response({"items": items, "next": following})


class SupplierEcho(SupplierView):
    """What we make of a signed request."""

    scopes = {"POST": SIGNED}

    @describing.operation(
        "supplier_echo",
        summary=_("Try a supplier's signature out."),
        tag="supplier",
        description=_(
            "Answers the string that we built, the key, our time and the address we see; any "
            "body will do. A wrong signature is refused as everywhere, with "
            "values.string_to_sign."
        ),
        answer=SupplierEchoAnswer,
        any_query=True,
        example=supplier_examples.ECHO,
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Answer how we understood the request; any body will do."""
        signer, now = self.signer, timezone.now()
        return Response(
            {
                "key_id": signer.public_id,
                "supplier_no": self.supplier.number,
                "scopes": signer.scopes,
                "string_to_sign": signer.string_to_sign,
                "server_time": rfc3339(now),
                "server_timestamp": int(now.timestamp()),
                "ip": signer.address,
            }
        )
