"""How far the distributor's machines have come in hearing of what happened, and how to catch up."""

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from companies import policies
from distributors.models import Distributor
from integration import outbox
from integration.models import Delivery, DeliveryState, Endpoint, Event, FeedPosition
from portal import access
from portal.access import distributor_only


@require_GET
@distributor_only
def page(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the newest event, what was read and told of them, and what waits."""
    outbox.stamp(distributor.partner_id)
    partner = distributor.partner
    partner.refresh_from_db()
    names = {key.pk: key for key in partner.keys.all()}
    positions = FeedPosition.objects.filter(partner_id=partner.pk).order_by("-seq")
    waiting = Delivery.objects.filter(endpoint__partner=partner).aggregate(
        count=Count("pk", filter=~Q(state=DeliveryState.DELIVERED)),
        parked=Count("pk", filter=Q(state=DeliveryState.PARKED)),
        oldest=Min("event__occurred_at", filter=~Q(state=DeliveryState.DELIVERED)),
    )
    events = Event.objects.filter(partner=partner, seq__isnull=False)
    furthest = max((position.seq for position in positions), default=0)
    context = {
        "tab": "catching_up",
        "last_seq": partner.last_seq,
        "newest": events.order_by("-seq").first(),
        "oldest_kept": events.order_by("seq").first(),
        "days": policies.read().events_kept_days,
        "positions": [
            (position, names.get(position.key_id), max(0, partner.last_seq - position.seq))
            for position in positions
        ],
        "behind": max(0, partner.last_seq - furthest),
        "is_read": bool(positions),
        "furthest": furthest,
        "endpoint": Endpoint.objects.filter(partner=partner).first(),
        "waiting": waiting,
        "now": timezone.now(),
        "snapshot_url": _snapshot_url(),
    }
    return access.shown(request, distributor, "catching_up.html", context)


def _snapshot_url() -> str:
    """Return where the whole catalogue is explained."""
    try:
        return reverse("portal:document", args=["catalogue"])
    except NoReverseMatch:
        return reverse("api_docs")
