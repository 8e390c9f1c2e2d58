"""Callbacks: where the caller wants to be called back, with which secret, and trying that out."""

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, DictField, IntegerField, ListField

from api import callback_examples, describing, fields
from api.aftersale_acts import NothingShape
from api.answers import Answer
from api.attributing import AttributedView
from api.events import MAX_EVENT_ID, MAX_TYPE, seq_of
from api.fields import Items, Shape, Text
from api.views import ApiView
from integration import endpoints, trying
from integration.endpoints import SavedEndpoint
from integration.models import DeliveryState, Endpoint, Partner
from kit import sealing
from kit.times import rfc3339

MAX_URL = 500


class WebhookShape(Shape):
    """Where to call, and for which types."""

    url = Text(max_length=MAX_URL, help_text=_("https, on port 443 or 8443, at a public address."))
    types = Items(
        child=Text(max_length=MAX_TYPE),
        max_length=endpoints.MAX_TYPES,
        min_length=0,
        default=[],
        help_text=_("Types such as order.shipped, or order.* for all of them; none: everything."),
    )


class TestShape(Shape):
    """What to send."""

    event_id = Text(
        max_length=MAX_EVENT_ID,
        allow_null=True,
        default=None,
        help_text=_("One of your events, sent under a new id; without it, a greeting."),
    )


class WebhookAnswer(Answer):
    """Where you are called back, and how that goes."""

    url = CharField(allow_null=True, help_text=_("null: nowhere yet."))
    types = ListField(child=CharField())
    state = CharField(
        help_text=_(
            "live, degraded (it does not answer: tried every hour), paused (by you) or stopped (by"
            " its answer 410). Nothing is dropped in any of them."
        )
    )
    secret = CharField(
        allow_null=True, help_text=_("Shown once, when it is made; null at all other times.")
    )
    secret_last4 = CharField(allow_null=True)
    former_secret_until = DateTimeField(
        allow_null=True, help_text=_("Until then calls are signed with the former secret too.")
    )
    waiting = IntegerField(help_text=_("Deliveries that are to come, parked ones among them."))
    parked = IntegerField(help_text=_("Deliveries whose tries have all failed."))
    failures = IntegerField(help_text=_("Failures in a row."))
    down_since = DateTimeField(allow_null=True)
    held_until = DateTimeField(allow_null=True, help_text=_("It is left alone until then."))
    last_called_at = DateTimeField(allow_null=True)
    last_answered_at = DateTimeField(allow_null=True, help_text=_("With a 2xx."))


class TrialAnswer(Answer):
    """What was sent, and what came back."""

    status = IntegerField(allow_null=True)
    error = CharField(allow_blank=True, help_text=_("Why there is no status."))
    took_ms = IntegerField()
    answer = CharField(allow_blank=True, help_text=_("How the body begins."))
    url = CharField()
    headers = DictField(child=CharField())
    body = CharField()


class Webhook(AttributedView):
    """Where the caller is called back."""

    scopes = {"GET": "events", "PUT": "events"}

    @describing.operation(
        "webhook_read",
        summary=_("See where you are called back, and how that goes."),
        tag="events",
        answer=WebhookAnswer,
        example=callback_examples.WEBHOOK,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Show the endpoint."""
        return Response(_shown(_partner(self)))

    @describing.operation(
        "webhook_save",
        summary=_("Say where you want to be called back."),
        tag="events",
        description=_(
            "The first time, the answer has the secret by which you know our calls (Standard"
            " Webhooks); it is shown this once. At another address, everything that waited is"
            " tried at once. Any 2xx within 15 seconds acknowledges; what fails is tried again"
            " after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, then parked and"
            " tried every hour. Nothing is dropped: GET /events has everything for 90 days."
        ),
        body=WebhookShape,
        answer=WebhookAnswer,
        problems=("callback_address_refused", "event_type_unknown"),
        request_example=callback_examples.TO_SAVE,
        example=callback_examples.SAVED,
    )
    def put(self, request: Request) -> Response:
        """Set the endpoint."""
        asked = fields.read(WebhookShape, request.data)
        partner = _partner(self)
        saved = endpoints.save(partner=partner, at=timezone.now(), **asked)
        return Response(_shown(partner, saved))


class WebhookSecret(AttributedView):
    """The secret of the caller's endpoint."""

    scopes = {"POST": "events"}

    @describing.operation(
        "webhook_rotate_secret",
        summary=_("Get a new secret for your endpoint."),
        tag="events",
        description=_("Until former_secret_until every call carries a signature by each of both."),
        body=NothingShape,
        answer=WebhookAnswer,
        problems=("not_found",),
        request_example={},
        example=callback_examples.ROTATED,
    )
    def post(self, request: Request) -> Response:
        """Rotate the secret."""
        fields.read(NothingShape, request.data)
        partner = _partner(self)
        saved = endpoints.rotate_secret(partner=partner, at=timezone.now())
        return Response(_shown(partner, saved))


class WebhookPause(AttributedView):
    """Calls, for now no more."""

    scopes = {"POST": "events"}

    @describing.operation(
        "webhook_pause",
        summary=_("Pause calls; events are kept."),
        tag="events",
        body=NothingShape,
        answer=WebhookAnswer,
        problems=("not_found",),
        request_example={},
        example=callback_examples.WEBHOOK | {"state": "paused"},
    )
    def post(self, request: Request) -> Response:
        """Pause."""
        fields.read(NothingShape, request.data)
        partner = _partner(self)
        endpoints.pause(partner=partner, at=timezone.now())
        return Response(_shown(partner))


class WebhookResumption(AttributedView):
    """Calls again."""

    scopes = {"POST": "events"}

    @describing.operation(
        "webhook_resume",
        summary=_("Have calls again, with everything that was kept, at once."),
        tag="events",
        body=NothingShape,
        answer=WebhookAnswer,
        problems=("not_found",),
        request_example={},
        example=callback_examples.WEBHOOK,
    )
    def post(self, request: Request) -> Response:
        """Resume."""
        fields.read(NothingShape, request.data)
        partner = _partner(self)
        endpoints.resume(partner=partner, at=timezone.now())
        return Response(_shown(partner))


class WebhookTest(ApiView):
    """One call, now."""

    scopes = {"POST": "events"}

    @describing.operation(
        "webhook_test",
        summary=_("Have your endpoint called once, and see what was sent and came back."),
        tag="events",
        description=_("Counts for nothing and is not tried again. Takes up to 15 seconds."),
        body=TestShape,
        answer=TrialAnswer,
        problems=("not_found",),
        request_example=callback_examples.TO_TEST,
        example=callback_examples.TESTED,
    )
    def post(self, request: Request) -> Response:
        """Try the endpoint out."""
        asked = fields.read(TestShape, request.data)
        partner = _partner(self)
        seq = None if asked["event_id"] is None else seq_of(asked["event_id"], partner.pk)
        trial = trying.try_out(partner=partner, event_seq=seq, at=timezone.now())
        answer = trial.answer
        return Response(
            {
                "status": answer.status,
                "error": answer.error,
                "took_ms": answer.took_ms,
                "answer": answer.answer,
                "url": trial.url,
                "headers": trial.headers,
                "body": trial.body.decode(),
            }
        )


def _partner(view: ApiView) -> Partner:
    return Partner.objects.get(pk=view.caller.partner_pk)


def _shown(partner: Partner, saved: SavedEndpoint | None = None) -> dict[str, Any]:
    endpoint = Endpoint.objects.filter(partner=partner).first()
    if endpoint is None:
        return dict.fromkeys(WebhookAnswer().fields) | {
            "types": [], "state": "paused", "waiting": 0, "parked": 0, "failures": 0,
        }  # fmt: skip
    counts = endpoint.deliveries.aggregate(
        waiting=Count("pk", filter=~Q(state=DeliveryState.DELIVERED)),
        parked=Count("pk", filter=Q(state=DeliveryState.PARKED)),
    )
    return {
        "url": endpoint.url,
        "types": endpoint.types,
        "state": endpoint.state,
        "secret": saved.secret if saved else None,
        "secret_last4": sealing.unseal(endpoint.secret_sealed)[-4:],
        "former_secret_until": rfc3339(endpoint.former_until),
        **counts,
        "failures": endpoint.failures,
        "down_since": rfc3339(endpoint.down_since),
        "held_until": rfc3339(endpoint.held_until),
        "last_called_at": rfc3339(endpoint.last_called_at),
        "last_answered_at": rfc3339(endpoint.last_answered_at),
    }
