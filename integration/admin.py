"""Keys, callback addresses and events as rows. Secrets are never shown."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integration.models import ApiKey, Delivery, Endpoint, Event, Partner
from kit.columns import enumerated
from kit.rows import Rows

OF_ORDERS = [
    f"order.{what}"
    for what in ("placed", "cancelled", "shipped", "received", "completed", "refunded")
]


SCOPES = {
    "goods": _("goods"),
    "orders": _("orders"),
    "aftersales": _("after-sales"),
    "money": _("deposit and statements"),
    "events": _("events and callbacks"),
}


@admin.display(description=_("scopes"))
def scopes(row: ApiKey) -> str:
    """Show what a key may do."""
    return enumerated(SCOPES.get(scope, scope) for scope in row.scopes)


@admin.register(ApiKey)
class ApiKeyRows(Rows):
    """Keys; they are made, rotated and revoked on the distributor's page."""

    right = "console.see_companies"
    hidden = ("secret_last4",)
    instead: ClassVar = {"scopes": scopes}
    list_display = (
        "public_id",
        "partner",
        "name",
        "state",
        "created_at",
        "last_used_at",
        "last_used_address",
    )
    list_select_related = ("partner__company",)
    list_filter = ("state", "partner__side")
    search_fields = ("public_id", "partner__company__name")
    search_help_text = _("Key or company")


@admin.register(Endpoint)
class EndpointRows(Rows):
    """Where partners are called back."""

    right = "console.see_companies"
    list_display = ("partner", "url", "state", "down_since", "last_answered_at", "changed_at")
    list_select_related = ("partner__company",)
    list_filter = ("state",)
    search_fields = ("url", "partner__company__name")
    search_help_text = _("Address or company")


class Numbered(admin.SimpleListFilter):
    """Events that have their number, or still wait for it."""

    title = _("number")
    parameter_name = "numbered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("numbered")), ("no", _("not numbered yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(seq__isnull=self.value() == "no")


@admin.register(Delivery)
class DeliveryRows(Rows):
    """What was told at callback addresses, or is still to be."""

    right = "console.see_orders"
    list_display = (
        "event",
        "endpoint",
        "state",
        "tries",
        "status",
        "error",
        "due_at",
        "delivered_at",
    )
    list_select_related = ("event__partner", "endpoint__partner__company")
    list_filter = ("state",)
    search_fields = ("event__object_no",)
    search_help_text = _("Order number, or an event's id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by a whole number, through an index, as among events."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found, _distinct = EventRows.found(Event.objects.all(), term)
        return queryset.filter(event__in=found), False


@admin.register(Event)
class EventRows(Rows):
    """What partners were told. No consumer's name, phone or address is in it."""

    right = "console.see_orders"
    list_display = ("occurred_at", "type", "object_no", "partner", "seq")
    list_select_related = ("partner__company",)
    list_filter = (Numbered,)
    search_fields = ("object_no",)
    search_help_text = _("Order number, or an event's id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by a whole number, through an index: of each partner in turn for an object's."""
        term = search_term.strip()
        return self.found(queryset, term) if term else (queryset, False)

    @staticmethod
    def found(queryset: QuerySet[Any], term: str) -> tuple[QuerySet[Any], bool]:
        """Return the events of an object, or the one with an id."""
        place = Event.place_of(term)
        if place is not None:
            return queryset.filter(partner_id=place[0], seq=place[1]), False
        of_any_partner = queryset.filter(partner__in=Partner.objects.values("pk"))
        return of_any_partner.filter(type__in=OF_ORDERS, object_no=term), False
