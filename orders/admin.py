"""Orders, their parts by source, and parcels as rows; an order has a page of its own."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import sealing
from kit.columns import PILL, yuan
from kit.rows import Rows
from orders import carriers, refusals, shipping
from orders.correcting import LOSABLE as IN_TROUBLE
from orders.models import (
    Cancellation,
    CancellationState,
    Consignee,
    Fulfilment,
    Hold,
    Order,
    Refusal,
    Shipment,
    ShipmentState,
)

NOT_ARRIVED = (ShipmentState.RETURNED, ShipmentState.LOST)


@admin.register(Order)
class OrderRows(Rows):
    """What distributors bought, newest first."""

    right = "console.see_orders"
    page = "console:order"
    hint = _("Find an order by any number: ours, the distributor's, a parcel's, or a phone.")
    list_display = (
        "order_no",
        "out_order_no",
        "distributor",
        "state",
        yuan("total_fen", _("total")),
        yuan("open_fen", _("still open")),
        "placed_at",
    )
    list_select_related = ("distributor__company",)
    list_filter = ("state", "placed_at")
    search_fields = ("order_no",)
    search_help_text = _("Order number, distributor's number, tracking number or phone")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the dashboard show the orders of a product, too."""
        goods = "lines__sku__product__id__exact"
        return lookup == goods or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers, each through its index."""
        term = search_term.strip()
        return (queryset.filter(pk__in=find(term)) if term else queryset), False


def find(term: str) -> set[int]:
    """Return the keys of the orders that a number means, whichever kind of number it is."""
    codes = [carrier.code for carrier in carriers.CARRIERS]
    distributors = Distributor.objects.values("pk")
    ours = Order.objects.filter(order_no=term.upper())
    theirs = Order.objects.filter(distributor__in=distributors, out_order_no=term)
    parcels = Shipment.objects.filter(carrier_code__in=codes, tracking_no=term.upper())
    phones = Consignee.objects.filter(phone_hash=sealing.keyed_hash(term))
    found = {*ours.values_list("pk", flat=True), *theirs.values_list("pk", flat=True)[:50]}
    found.update(parcels.values_list("fulfilment__order_id", flat=True)[:50])
    found.update(phones.values_list("order_id", flat=True)[:50])
    return found


class Source(admin.SimpleListFilter):
    """Whose goods they are: the platform's own, or a supplier's."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("own", _("own stock")), ("supplier", _("suppliers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(supplier__isnull=self.value() == "own")


class Waiting(admin.SimpleListFilter):
    """What is still to be shipped, and what of it is late."""

    title = _("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ship", _("to ship")), ("late", _("late"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        waiting = queryset.filter(state__in=list(shipping.TO_SHIP))
        late = Q(ship_due_at__lt=timezone.now()) if self.value() == "late" else Q()
        return waiting.filter(late)


@admin.register(Fulfilment)
class FulfilmentRows(Rows):
    """The part of an order that one source ships."""

    right = "console.see_orders"
    page = "console:fulfilment"
    list_display = (
        "order",
        "source",
        "state",
        "ship_due_at",
        "begun_at",
        yuan("freight_fen", _("freight")),
    )
    list_select_related = ("order", "supplier__company")
    list_filter = (Waiting, Source, "state")
    search_fields = ("order__order_no",)
    search_help_text = _("Order number, distributor's number, tracking number or phone")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the dashboard show what was ordered in some time, too."""
        by_time = lookup in ("order__placed_at__gte", "order__placed_at__lt")
        return by_time or super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Show first what is due first, where only that is asked for."""
        return ["ship_due_at"] if request.GET.get("waiting") else ["-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the parts of the orders that a number means."""
        term = search_term.strip()
        return (queryset.filter(order__in=find(term)) if term else queryset), False

    @admin.display(description=_("source"))
    def source(self, row: Fulfilment) -> str:
        """Name the supplier, or the own stock."""
        return str(row.supplier or _("own stock"))


@admin.register(Cancellation)
class CancellationRows(Rows):
    """What was asked to be cancelled: what waits for an answer, the most urgent first."""

    right = "console.see_orders"
    page = "console:cancellation"
    hint = _("A request that nobody answers is granted by itself when its answer is due.")
    list_display = (
        "cancellation_no",
        "due",
        "state",
        "asker",
        "goods",
        yuan("refunded_fen", _("refunded")),
        "source",
        "order",
        "requested_at",
    )
    list_select_related = ("fulfilment__order", "fulfilment__supplier__company")
    list_filter = ("state", "asker", "requested_at")
    search_fields = ("cancellation_no",)
    search_help_text = _("Number of the cancellation or of its order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the lines of a page at once."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("lines__line")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Show first what is due first, where only requests are asked for."""
        requests = request.GET.get("state__exact") == CancellationState.REQUESTED
        return ["answer_due_at", "pk"] if requests else ["-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers, each through its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        meant = Q(cancellation_no=term.upper()) | Q(fulfilment__order__in=find(term))
        return queryset.filter(meant), False

    @admin.display(description=_("answer due"), ordering="answer_due_at", empty_value="")
    def due(self, row: Cancellation) -> str:
        """Show until when an answer is due, red when that has passed."""
        if row.state != CancellationState.REQUESTED or row.answer_due_at is None:
            return ""
        tone = "bad" if row.answer_due_at < timezone.now() else "calm"
        return format_html(PILL, tone, f"{timezone.localtime(row.answer_due_at):%m-%d %H:%M}")

    @admin.display(description=_("goods"))
    def goods(self, row: Cancellation) -> str:
        """Name the goods, and how many pieces of each."""
        return "; ".join(f"{one.line.name} × {one.quantity}" for one in row.lines.all())

    @admin.display(description=_("source"))
    def source(self, row: Cancellation) -> str:
        """Name the supplier, or the own stock."""
        return str(row.fulfilment.supplier or _("own stock"))

    @admin.display(description=_("order"))
    def order(self, row: Cancellation) -> str:
        """Name the order."""
        return str(row.fulfilment.order)


@admin.register(Hold)
class HoldRows(Rows):
    """What is kept for consumers who have not paid, and what waits for a deposit."""

    right = "console.see_orders"
    hint = _("A hold that is neither placed nor released lapses by itself, and gives all back.")
    list_display = (
        "hold_id",
        "out_order_no",
        "distributor",
        "kind",
        "state",
        "goods",
        yuan("total_fen", _("total")),
        "expires_at",
        "order",
    )
    list_select_related = ("distributor__company", "order")
    list_filter = ("state", "kind", "held_at")
    search_fields = ("hold_id",)
    search_help_text = _("Hold number or distributor's number")
    hidden = ("sources",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the lines of a page at once."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("lines")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Show the goods beside the columns."""
        return [*super().get_fields(request, obj), "goods"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers."""
        term = search_term.strip()
        meant = Q(hold_id=term.upper()) | Q(out_order_no=term)
        return (queryset.filter(meant) if term else queryset), False

    @admin.display(description=_("goods"))
    def goods(self, row: Hold) -> str:
        """Name the goods, and how many pieces of each."""
        return "; ".join(f"{one.sku_no} × {one.quantity}" for one in row.lines.all())


class Reason(admin.SimpleListFilter):
    """What most orders are refused for."""

    title = _("reason")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("stock_insufficient", _("too little stock")),
            ("deposit_insufficient", _("too little deposit")),
            ("price_changed", _("another price")),
            ("sku_not_sellable", _("not on sale")),
            ("idempotency_conflict", _("the number is taken")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.display(description=_("why"))
def why(row: Refusal) -> str:
    """Say why an order was refused, in the reader's language."""
    return "; ".join(refusals.sentences(row))


@admin.register(Refusal)
class RefusalRows(Rows):
    """Orders that were refused: they changed nothing, and are forgotten after some days."""

    right = "console.see_orders"
    hint = _("A refused order has changed nothing. Its number may be used again.")
    list_display = ("refused_at", "distributor", "out_order_no", why, "code")
    list_select_related = ("distributor__company",)
    list_filter = (Reason, "refused_at")
    search_fields = ("=out_order_no",)
    search_help_text = _("Distributor's number")
    instead = {"causes": why}


class Trouble(admin.SimpleListFilter):
    """Parcels in trouble that may still end well, and those that have not arrived for good."""

    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("in trouble or on their way back")), ("ended", _("came back or lost"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = {"now": IN_TROUBLE, "ended": NOT_ARRIVED}.get(self.value() or "")
        return queryset.filter(state__in=states) if states else queryset


@admin.register(Shipment)
class ShipmentRows(Rows):
    """Parcels, newest first."""

    right = "console.see_orders"
    page = "console:parcel"
    list_display = (
        "tracking_no",
        "carrier",
        "order",
        "source",
        "state",
        "shipped_at",
        "scanned_at",
        "receive_due_at",
    )
    list_select_related = ("fulfilment__order", "fulfilment__supplier__company")
    list_filter = (Trouble, "state")
    search_fields = ("=tracking_no",)
    search_help_text = _("Tracking number")

    @admin.display(description=_("carrier"))
    def carrier(self, row: Shipment) -> str:
        """Name the carrier."""
        found = carriers.find(row.carrier_code)
        return found.name if found else row.carrier_code

    @admin.display(description=_("order"))
    def order(self, row: Shipment) -> str:
        """Name the order that the parcel belongs to."""
        return str(row.fulfilment.order)

    @admin.display(description=_("source"))
    def source(self, row: Shipment) -> str:
        """Name the supplier, or the own stock."""
        return str(row.fulfilment.supplier or _("own stock"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a tracking number of whatever carrier, through the index."""
        term = search_term.strip().upper()
        codes = [carrier.code for carrier in carriers.CARRIERS]
        matching = queryset.filter(carrier_code__in=codes, tracking_no=term)
        return (matching if term else queryset), False
