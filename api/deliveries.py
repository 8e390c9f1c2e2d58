"""What was delivered at the caller's endpoint, or not yet, and telling it again."""

from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from api import callback_examples, describing, fields, pages
from api.answers import Answer
from api.events import MAX_EVENT_ID, MAX_SEQ, MAX_TYPE, seq_of
from api.fields import Choice, Items, Moment, Shape, Text, Whole
from api.pages import PageQuery
from api.views import ApiView
from integration import endpoints, replaying
from integration.models import Attempt, Delivery, DeliveryState, Partner
from integration.replaying import Wanted
from kit.times import rfc3339

MAX_IDS = 500


class ReplayShape(Shape):
    """Which events: those that match everything that is said."""

    event_ids = Items(
        child=Text(max_length=MAX_EVENT_ID), max_length=MAX_IDS, min_length=0, default=[]
    )
    types = Items(
        child=Text(max_length=MAX_TYPE), max_length=endpoints.MAX_TYPES, min_length=0, default=[]
    )
    occurred_from = Moment(allow_null=True, default=None)
    occurred_to = Moment(allow_null=True, default=None)
    after_seq = Whole(min_value=0, max_value=MAX_SEQ, allow_null=True, default=None)
    only_undelivered = fields.Flag(
        default=False, help_text=_("Leave out what your endpoint has acknowledged.")
    )
    dry_run = fields.Flag(default=False, help_text=_("Only say how many match."))


class DeliveriesQuery(PageQuery):
    """Which deliveries, newest event first."""

    state = Choice(choices=DeliveryState.choices, required=False)
    type = Text(max_length=MAX_TYPE, required=False)


class AttemptAnswer(Answer):
    """One call."""

    at = DateTimeField()
    status = IntegerField(allow_null=True)
    error = CharField(allow_blank=True)
    took_ms = IntegerField()
    answer = CharField(allow_blank=True)


class DeliveryAnswer(Answer):
    """One event at your endpoint."""

    event_id = CharField()
    seq = IntegerField()
    type = CharField()
    object_no = CharField()
    state = CharField(help_text=_("pending, delivered or parked."))
    tries = IntegerField()
    due_at = DateTimeField(allow_null=True, help_text=_("When it is tried next."))
    status = IntegerField(allow_null=True)
    error = CharField(allow_blank=True)
    delivered_at = DateTimeField(allow_null=True)
    attempts = AttemptAnswer(many=True)


class DeliveryPageAnswer(Answer):
    """A page of deliveries, newest event first."""

    items = DeliveryAnswer(many=True)
    next = CharField(allow_null=True)


class ReplayAnswer(Answer):
    """How many events matched, and how many are told again."""

    matched = IntegerField()
    queued = IntegerField()


class WebhookDeliveries(ApiView):
    """What was delivered to the caller's endpoint, or not yet."""

    scopes = {"GET": "events"}

    @describing.operation(
        "webhook_deliveries",
        summary=_("List deliveries with every try, newest event first."),
        tag="events",
        answer=DeliveryPageAnswer,
        query=DeliveriesQuery,
        example=callback_examples.DELIVERIES,
    )
    def get(self, request: Request) -> Response:
        """List deliveries, newest event first."""
        query = fields.read_query(DeliveriesQuery, request.query_params)
        of, limit = "deliveries", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = Delivery.objects.filter(endpoint__partner=self.caller.partner_pk)
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if "type" in query:
            rows = rows.filter(event__type=query["type"])
        if place:
            rows = rows.filter(event__lt=place[0])
        rows = rows.select_related("event").prefetch_related(
            Prefetch("attempts", Attempt.objects.order_by("-pk"))
        )
        found = list(rows.order_by("-event")[: limit + 1])
        return Response(
            pages.page(
                found,
                [_delivery(row) for row in found[:limit]],
                limit=limit,
                of=of,
                caller=self.caller,
                place=lambda row: [row.event_id],
            )
        )


class EventReplay(ApiView):
    """Events, told again."""

    scopes = {"POST": "events"}

    @describing.operation(
        "events_replay",
        summary=_("Have events told again at your endpoint, under their old ids."),
        tag="events",
        description=_("By id, type or time, or everything after a seq. dry_run says how many."),
        body=ReplayShape,
        answer=ReplayAnswer,
        problems=("not_found", "too_many_to_replay"),
        request_example=callback_examples.TO_REPLAY,
        example=callback_examples.REPLAYED,
    )
    def post(self, request: Request) -> Response:
        """Tell events again."""
        asked = fields.read(ReplayShape, request.data)
        partner = Partner.objects.get(pk=self.caller.partner_pk)
        dry_run = asked.pop("dry_run")
        wanted = Wanted(ids=[seq_of(one, partner.pk) for one in asked.pop("event_ids")], **asked)
        matched = replaying.count(partner=partner, wanted=wanted)
        if dry_run:
            return Response({"matched": matched, "queued": 0})
        queued = replaying.replay(partner=partner, wanted=wanted, at=timezone.now())
        return Response({"matched": matched, "queued": queued})


def _delivery(row: Delivery) -> dict[str, Any]:
    waits = row.state != DeliveryState.DELIVERED
    return {
        "event_id": row.event.public_id,
        "seq": row.event.seq,
        "type": row.event.type,
        "object_no": row.event.object_no,
        "state": row.state,
        "tries": row.tries,
        "due_at": rfc3339(row.due_at) if waits else None,
        "status": row.status,
        "error": row.error,
        "delivered_at": rfc3339(row.delivered_at),
        "attempts": [
            {
                "at": rfc3339(one.at),
                "status": one.status,
                "error": one.error,
                "took_ms": one.took_ms,
                "answer": one.answer,
            }
            for one in row.attempts.all()
        ],
    }
