"""After-sale cases as rows, by deadline, and claims for which goodwill was asked.

A case has a page of its own, and so has goodwill. All other claims are none of the platform's.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aftersales import deadlines, goodwill
from aftersales.deadlines import DEADLINES
from aftersales.models import ENDS, Case, CaseParcel, Claim, GoodwillState
from distributors.models import Distributor
from kit import money
from kit.columns import yuan
from kit.rows import Rows
from orders import carriers
from orders.admin import find
from suppliers.models import Supplier

# A deadline is near when less than this is left.
NEAR = timedelta(hours=12)
CHOICES, FOUND = 100, 50
GOODWILL_OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)
# Where not the distributor has to act next.
OURS = tuple(state for state, wait in DEADLINES.items() if wait.waits_for != deadlines.DISTRIBUTOR)


class Waiting(admin.SimpleListFilter):
    """What is still to be done; ended cases are shown when they are asked for."""

    title = _("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("ours", _("for the platform")),
            ("near", _("deadline is near")),
            ("late", _("late")),
            ("ended", _("ended")),
            ("all", _("open and ended")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ("all" if _asks_for_ended(request) else "open")
        now = timezone.now()
        conditions = {
            "open": Q(ended_at=None),
            "ours": Q(ended_at=None, state__in=OURS),
            "near": Q(ended_at=None, state__in=OURS, due_at__lt=now + NEAR),
            "late": Q(ended_at=None, state__in=OURS, due_at__lt=now),
            "ended": Q(ended_at__isnull=False),
        }
        return queryset.filter(conditions.get(chosen, Q()))


def _asks_for_ended(request: HttpRequest) -> bool:
    """A number may be of an ended case, and a state may be an end."""
    return bool(request.GET.get("q")) or request.GET.get("state__exact") in ENDS


class Partner(admin.SimpleListFilter):
    """One company among those that have cases open."""

    path = ""
    model: Any = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        some = Case.objects.filter(ended_at=None).order_by().values(self.path).distinct()
        rows = self.model.objects.filter(Q(pk__in=some) | Q(pk=self._chosen()))
        found = rows.select_related("company").order_by("number")[:CHOICES]
        return [(str(one.pk), str(one)) for one in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self._chosen()
        return queryset.filter(**{self.path: chosen}) if chosen else queryset

    def _chosen(self) -> int | None:
        text = str(self.value() or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class OfDistributor(Partner):
    """Whose consumer it is about."""

    title = _("distributor")
    parameter_name = "distributor"
    path = "distributor"
    model = Distributor


class OfSupplier(Partner):
    """Whose goods they are."""

    title = _("supplier")
    parameter_name = "supplier"
    path = "line__fulfilment__supplier"
    model = Supplier


class Source(admin.SimpleListFilter):
    """Whose goods they are: the platform's own, or a supplier's."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("own", _("own stock")), ("supplier", _("suppliers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(line__fulfilment__supplier__isnull=self.value() == "own")


@admin.register(Case)
class CaseRows(Rows):
    """Cases: the open ones, the most urgent first, unless something else is asked for."""

    right = "console.see_orders"
    page = "console:case"
    hint = _("Open cases, the most urgent first. Ended ones are found by number or by filter.")
    list_display = (
        "case_no",
        "due",
        "state",
        "type",
        "goods",
        yuan("asked_fen", _("asked amount")),
        "distributor",
        "source",
        "order",
    )
    list_select_related = (
        "distributor__company",
        "order",
        "line__fulfilment__supplier__company",
    )
    list_filter = (Waiting, "state", "type", Source, OfDistributor, OfSupplier)
    search_fields = ("case_no",)
    search_help_text = _("Case number, order number, tracking number or phone")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Show first what is due first; of ended cases, the newest."""
        if request.GET.get("waiting") in ("ended", "all") or _asks_for_ended(request):
            return ["-pk"]
        return [F("due_at").asc(nulls_last=True), "pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers, each through its index."""
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        codes = [carrier.code for carrier in carriers.CARRIERS]
        parcels = CaseParcel.objects.filter(carrier_code__in=codes, tracking_no=term)
        known = Case.objects.filter(Q(case_no=term) | Q(order__in=find(search_term.strip())))
        found = {*known.values_list("pk", flat=True)[:FOUND]}
        found.update(parcels.values_list("case_id", flat=True)[:FOUND])
        return queryset.filter(pk__in=found), False

    @admin.display(description=_("due"), ordering="due_at", empty_value="—")
    def due(self, row: Case) -> str:
        """Show the deadline, red when it has passed."""
        if row.due_at is None or row.ended_at is not None:
            return ""
        return deadline(row.due_at, now=timezone.now())

    @admin.display(description=_("goods"))
    def goods(self, row: Case) -> str:
        """Name the goods, and how many pieces it is about."""
        return f"{row.line.name} × {row.quantity}"

    @admin.display(description=_("source"))
    def source(self, row: Case) -> str:
        """Name the supplier, or the own stock."""
        return str(row.line.fulfilment.supplier or _("own stock"))


class WaitingGoodwill(admin.SimpleListFilter):
    """What is still to be done."""

    title = _("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("answer", _("for the platform")),
            ("choice", _("for the distributor")),
            ("ship", _("for new goods to be shipped")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "answer": Q(goodwill=GoodwillState.ASKED),
            "choice": Q(goodwill=GoodwillState.OFFERED),
            "ship": Q(pk__in=goodwill.not_shipped().values("pk")),
        }
        return queryset.filter(conditions.get(str(self.value()), Q()))


@admin.register(Claim)
class ClaimRows(Rows):
    """Goodwill: what is due first, first; then what has been answered, the newest first."""

    right = "console.see_orders"
    page = "console:goodwill"
    hint = _("Claims are the distributors' own; here are those for which goodwill was asked.")
    list_display = (
        "claim_no",
        "due",
        "stands",
        "asks",
        "offers",
        "goods",
        "distributor",
        "source",
        "order",
    )
    list_select_related = (
        "distributor__company",
        "order",
        "line__fulfilment__supplier__company",
    )
    list_filter = (WaitingGoodwill, "goodwill", Source, OfDistributor)
    search_fields = ("claim_no",)
    search_help_text = _("Claim number, order number or phone")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """Leave out what the platform was never asked about."""
        rows: QuerySet[Claim] = super().get_queryset(request)
        return rows.exclude(goodwill=GoodwillState.NONE)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Show first what is due first."""
        return [F("goodwill_due_at").asc(nulls_last=True), "-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers, each through its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        known = Claim.objects.filter(Q(claim_no=term.upper()) | Q(order__in=find(term)))
        return queryset.filter(pk__in=list(known.values_list("pk", flat=True)[:FOUND])), False

    @admin.display(description=_("due"), ordering="goodwill_due_at", empty_value="—")
    def due(self, row: Claim) -> str:
        """Show the deadline, red when it has passed."""
        if row.goodwill not in GOODWILL_OPEN or row.goodwill_due_at is None:
            return ""
        return deadline(row.goodwill_due_at, now=timezone.now())

    @admin.display(description=_("goodwill"), ordering="goodwill")
    def stands(self, row: Claim) -> str:
        """Say how it stands."""
        return str(row.get_goodwill_display())

    @admin.display(description=_("asked"))
    def asks(self, row: Claim) -> str:
        """Show what is asked."""
        return money.yuan(row.goodwill_asked_fen) if row.goodwill_asked_fen else str(_("new goods"))

    @admin.display(description=_("offered"), empty_value="—")
    def offers(self, row: Claim) -> str:
        """Show what is offered."""
        if row.goodwill not in (GoodwillState.OFFERED, GoodwillState.SETTLED):
            return ""
        return money.yuan(row.goodwill_fen) if row.goodwill_fen else str(_("new goods"))

    @admin.display(description=_("goods"))
    def goods(self, row: Claim) -> str:
        """Name the goods, and how many pieces it is about."""
        return f"{row.line.name} × {row.quantity}"

    @admin.display(description=_("source"))
    def source(self, row: Claim) -> str:
        """Name the supplier, or the own stock."""
        return str(row.line.fulfilment.supplier or _("own stock"))


def deadline(due_at: datetime, *, now: datetime) -> str:
    """Show a deadline in its tone: `bad` when it has passed, `waiting` when it is near."""
    tone = "bad" if due_at < now else "waiting" if due_at < now + NEAR else "calm"
    moment = f"{timezone.localtime(due_at):%m-%d %H:%M}"
    return format_html('<span class="hp-pill hp-{}">{}</span>', tone, moment)
