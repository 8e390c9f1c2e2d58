"""How far the distributor's machines have come in hearing of what happened, and how to catch up."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from companies import policies
from distributors.models import Distributor
from integration import outbox, replaying
from integration.models import Delivery, DeliveryState, Endpoint, Event, FeedPosition
from integration.replaying import Wanted
from kit.errors import DomainError, NotFound
from portal import access
from portal.access import distributor_only
from portal.documents import address_of

MAX_SEQ = 2**63 - 1


class ReplayForm(forms.Form):
    """Which events are to be told again: those that match everything that is said."""

    after_seq = forms.IntegerField(
        label=gettext_lazy("After the event number"),
        required=False,
        min_value=0,
        max_value=MAX_SEQ,
    )
    types = forms.CharField(
        label=gettext_lazy("Types of events"),
        required=False,
        max_length=2_000,
        widget=forms.TextInput(attrs={"placeholder": "order.*, stock.changed"}),
    )
    occurred_from = forms.DateTimeField(
        label=gettext_lazy("Happened from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    occurred_to = forms.DateTimeField(
        label=gettext_lazy("Happened before"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    only_undelivered = forms.BooleanField(
        label=gettext_lazy("Only those that were never acknowledged"), required=False
    )

    @property
    def wanted(self) -> Wanted:
        """Return what is wanted, once it is valid."""
        types = self.cleaned_data["types"].replace("\0", "").replace(",", " ").split()
        return Wanted(**{**self.cleaned_data, "types": types})


@require_GET
@distributor_only
def page(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the newest event, what was read and told of them, and what waits."""
    return _page(request, distributor, ReplayForm())


@require_POST
@distributor_only
def replay(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Say how many events match; once that was seen, have them told again."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return _page(request, distributor, form, status=422)
    wanted = form.wanted
    if "confirmed" not in request.POST:
        matched = replaying.count(partner=distributor.partner, wanted=wanted)
        return _page(request, distributor, form, matched=matched)
    try:
        told = replaying.replay(partner=distributor.partner, wanted=wanted, at=timezone.now())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, form, status=422)
    text = ngettext(
        "{count} event is told again within seconds, under its old id.",
        "{count} events are told again within seconds, under their old ids.",
        told,
    )
    messages.success(request, text.format(count=told))
    return redirect("portal:catching_up")


def _page(
    request: HttpRequest,
    distributor: Distributor,
    form: ReplayForm,
    *,
    matched: int | None = None,
    status: int = 200,
) -> HttpResponse:
    if not access.is_visited(request):
        outbox.stamp(distributor.partner_id)
    partner = distributor.partner
    partner.refresh_from_db()
    names = {key.pk: key for key in partner.keys.all()}
    positions = FeedPosition.objects.filter(partner_id=partner.pk).order_by("-seq")
    untold = Delivery.objects.filter(
        endpoint__partner=partner, state__in=[DeliveryState.PENDING, DeliveryState.PARKED]
    )
    waiting = untold.aggregate(
        count=Count("pk"),
        parked=Count("pk", filter=Q(state=DeliveryState.PARKED)),
        oldest=Min("event__occurred_at"),
    )
    events = Event.objects.filter(partner=partner, seq__isnull=False)
    furthest = max((position.seq for position in positions), default=0)
    context: dict[str, Any] = {
        "form": form,
        "matched": matched,
        "at_once": replaying.MAX_AT_ONCE,
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
        "snapshot_url": address_of("catalogue"),
    }
    return access.shown(request, distributor, "catching_up.html", context, status)
