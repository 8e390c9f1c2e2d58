"""The feed of events: everything that callbacks tell, to be read at one's own pace."""

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, DictField, IntegerField, JSONField

from api import callback_examples, describing, fields
from api.answers import Answer
from api.fields import Shape, Whole
from api.pages import DEFAULT_LIMIT, MAX_LIMIT
from api.views import ApiView
from integration import messages, outbox
from integration.models import Event
from kit.errors import NotFound

MAX_SEQ = 2**63 - 1
MAX_TYPE = 48
MAX_EVENT_ID = 60


class EventsQuery(Shape):
    """From where on to read."""

    after = Whole(
        min_value=0,
        max_value=MAX_SEQ,
        default=0,
        help_text=_("The `seq` of the last event that you have; 0 for the first kept."),
    )
    limit = Whole(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)


class EventAnswer(Answer):
    """An event: the object in full as it was then, without consumer data."""

    seq = IntegerField()
    id = CharField()
    type = CharField()
    occurred_at = DateTimeField()
    object_version = IntegerField(allow_null=True)
    data = DictField()  # type: ignore[assignment]
    previous = JSONField(allow_null=True)


class EventPageAnswer(Answer):
    """A page of events, oldest first."""

    items = EventAnswer(many=True)
    next = CharField(allow_null=True)


class Events(ApiView):
    """What happened to the caller's goods, orders and money."""

    scopes = {"GET": "events"}

    @describing.operation(
        "events_list",
        summary=_("Read events, oldest first."),
        tag="events",
        description=_(
            "Everything that callbacks tell, for 90 days. seq has no gaps: keep the last one "
            "and go on after it. next is the after of the next page, or null where there is "
            "no more just now."
        ),
        answer=EventPageAnswer,
        query=EventsQuery,
        example=callback_examples.EVENT_PAGE,
    )
    def get(self, request: Request) -> Response:
        """Read events in order, those that were written just now included."""
        query = fields.read_query(EventsQuery, request.query_params)
        partner_pk, limit = self.caller.partner_pk, query["limit"]
        outbox.stamp(partner_pk)
        events = outbox.read(partner_pk, after=query["after"], limit=limit + 1)
        following = str(events[limit - 1].seq) if len(events) > limit else None
        items = [messages.document(event) for event in events[:limit]]
        return Response({"items": items, "next": following})


def seq_of(event_id: str, partner_pk: int) -> int:
    """Return an event's number; another partner's events do not exist.

    :raises NotFound: no event of the partner could have this id.
    """
    place = Event.place_of(event_id)
    if place is None or place[0] != partner_pk:
        raise NotFound
    return place[1]
