"""What went wrong and waits for somebody: short stock, parcels in trouble or not seen, lateness.

Rows are derived from the facts of orders, and go by themselves when their cause is gone. Kept is only
who takes care of one, a note, and until when it is put off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from console import taking_up
from console.models import Attention
from console.pages import Decision, Page
from kit import languages
from kit.errors import NotFound
from orders import reasons, shipping
from orders.correcting import LOSABLE as IN_TROUBLE
from orders.models import (
    Asker,
    Cancellation,
    CancellationState,
    Fulfilment,
    Hold,
    HoldKind,
    HoldState,
    Shipment,
    ShipmentState,
)

# A parcel of which no carrier has said anything for so long is looked for.
STUCK_AFTER = timedelta(days=3)
# A request is near its deadline, by which it is granted by itself.
NEAR = timedelta(hours=12)
# What a source reported short is granted at once; so long somebody looks why it was on sale.
SHORT_FOR = timedelta(days=3)
# Up to so many of a kind are counted.
COUNTED = 1_000
A_PAGE = 100

SHIPPING = ("fulfilment__order__distributor__company", "fulfilment__supplier__company")
OWN_STOCK = _("own stock")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which something goes wrong.

    `every` holds all there could be, `wrong` narrows it to what is wrong at a moment, the most urgent
    first. `since` is the column that says from when, `page` where it is solved.
    """

    title: Promise
    hint: Promise
    every: QuerySet[Any]
    wrong: Callable[[QuerySet[Any], datetime], QuerySet[Any]]
    since: Callable[[Any], datetime | None]
    page: Callable[[Any], str]
    about: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that went wrong, and what somebody has put beside it."""

    thing: Model
    label: str
    about: str
    since: datetime | None
    address: str
    attention: Attention | None


def _of_order(row: Any) -> str:
    return reverse("console:order", args=[row.order_id]) + f"#part-{row.pk}"


def _parcel_about(row: Shipment) -> str:
    source = row.fulfilment.supplier or OWN_STOCK
    return f"{row.get_state_display()} · {row.fulfilment.order} · {source}"


def _part_about(row: Fulfilment) -> str:
    return f"{row.order.distributor} · {row.get_state_display()}"


def _cancellation_about(row: Cancellation) -> str:
    english = languages.reads_english()
    why = row.note or reasons.shown(row.reason, english=english)
    return f"{row.fulfilment.order} · {row.fulfilment.supplier or OWN_STOCK} · {why}"


def _late(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    late = rows.filter(state__in=list(shipping.TO_SHIP), ship_due_at__lt=at)
    return late.order_by("ship_due_at", "pk")


def _stuck(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    unseen = rows.filter(state=ShipmentState.IN_TRANSIT, shipped_at__lt=at - STUCK_AFTER)
    last_seen: QuerySet[Any] = unseen.alias(seen_at=Coalesce("scanned_at", "shipped_at"))
    # Those that were shipped first count as received first, by the index of what is under way.
    return last_seen.filter(seen_at__lt=at - STUCK_AFTER).order_by("receive_due_at", "pk")


_PARTS = Fulfilment.objects.select_related("order__distributor__company", "supplier__company")
_PARCELS = Shipment.objects.select_related(*SHIPPING)
_CANCELLATIONS = Cancellation.objects.select_related(*SHIPPING)

KINDS: Mapping[str, Kind] = {
    "short": Kind(
        _("Reported short"),
        _("A source lacks what was on sale. Ask why, and put its stock right."),
        _CANCELLATIONS,
        lambda rows, at: rows.filter(asker=Asker.SOURCE, requested_at__gte=at - SHORT_FOR).order_by(
            "-pk"
        ),
        lambda row: row.requested_at,
        lambda row: reverse("console:cancellation", args=[row.pk]),
        _cancellation_about,
    ),
    "funds": Kind(
        _("Waiting for a deposit"),
        _("Stock is kept for them; they are placed as soon as the deposit covers them, or lapse."),
        Hold.objects.select_related("distributor__company"),
        lambda rows, _at: rows.filter(kind=HoldKind.FUNDS, state=HoldState.ACTIVE).order_by(
            "expires_at", "pk"
        ),
        lambda row: row.held_at,
        lambda row: reverse("console:distributor", args=[row.distributor_id]),
        lambda row: f"{row.out_order_no} · {row.distributor}",
    ),
    "trouble": Kind(
        _("Parcels in trouble or of unknown end"),
        _("The carrier reports trouble, or they are on their way back. Say how it ended."),
        _PARCELS,
        lambda rows, _at: rows.filter(state__in=list(IN_TROUBLE)).order_by("pk"),
        lambda row: row.scanned_at or row.shipped_at,
        lambda row: reverse("console:parcel", args=[row.pk]),
        _parcel_about,
    ),
    "stuck": Kind(
        _("Parcels not seen for days"),
        _("No carrier has scanned them lately. Ask the carrier; report trouble if there is."),
        _PARCELS,
        _stuck,
        lambda row: row.scanned_at or row.shipped_at,
        lambda row: reverse("console:parcel", args=[row.pk]),
        _parcel_about,
    ),
    "late_own": Kind(
        _("Own goods late"),
        _("From its deadline on a distributor may cancel without being asked."),
        _PARTS,
        lambda rows, at: _late(rows.filter(supplier=None), at),
        lambda row: row.ship_due_at,
        _of_order,
        _part_about,
    ),
    "late": Kind(
        _("Suppliers late"),
        _("Call the supplier. From its deadline on a distributor may cancel without being asked."),
        _PARTS,
        lambda rows, at: _late(rows.filter(supplier__isnull=False), at),
        lambda row: row.ship_due_at,
        _of_order,
        _part_about,
    ),
    "cancelling": Kind(
        _("Cancellations near their deadline"),
        _("A request that nobody answers is granted by itself when its answer is due."),
        _CANCELLATIONS,
        lambda rows, at: rows.filter(
            state=CancellationState.REQUESTED, answer_due_at__lt=at + NEAR
        ).order_by("answer_due_at", "pk"),
        lambda row: row.answer_due_at,
        lambda row: reverse("console:cancellation", args=[row.pk]),
        _cancellation_about,
    ),
}

WHOSE = {"all": _("Everybody's"), "mine": _("Mine"), "free": _("Nobody's"), "off": _("Put off")}


def wrong(name: str, *, at: datetime) -> QuerySet[Any]:
    """Return what is wrong of a kind at a moment, but for what is put off until later."""
    kind = KINDS[name]
    return kind.wrong(kind.every, at).exclude(pk__in=_put_off(name, at))


def counts(*, at: datetime) -> dict[str, int]:
    """Return how much is wrong of each kind, each up to COUNTED."""
    arms = [
        wrong(name, at=at)
        .select_related(None)
        .annotate(found_as=Value(name))
        .values_list("found_as", "pk")[:COUNTED]
        for name in KINDS
    ]
    found = dict.fromkeys(KINDS, 0)
    for name, _pk in arms[0].union(*arms[1:], all=True):
        found[name] += 1
    return found


def rows_of(name: str, *, whose: str, person: Person, at: datetime) -> list[Row]:
    """Return what is wrong of a kind, the most urgent first, with what is put beside it."""
    kind, beside = KINDS[name], Attention.objects.filter(kind=name)
    if whose == "off":
        found = kind.wrong(kind.every, at).filter(pk__in=_put_off(name, at))
    else:
        found = wrong(name, at=at)
    if whose == "mine":
        found = found.filter(pk__in=beside.filter(owner=person).values("subject_pk"))
    elif whose == "free":
        found = found.exclude(pk__in=beside.filter(owner__isnull=False).values("subject_pk"))
    things = list(found[:A_PAGE])
    known = {
        one.subject_pk: one
        for one in beside.filter(subject_pk__in=[thing.pk for thing in things])
        .select_related("owner")
        .order_by("pk")
    }
    return [_row(kind, thing, known.get(thing.pk)) for thing in things]


def _row(kind: Kind, thing: Any, attention: Attention | None) -> Row:
    return Row(thing, str(thing), kind.about(thing), kind.since(thing), kind.page(thing), attention)


def _put_off(name: str, at: datetime) -> QuerySet[Any, Any]:
    return Attention.objects.filter(kind=name, put_off_until__gt=at).values("subject_pk")


class ExceptionsPage(Page):
    """What went wrong, by kind, with who takes care of it."""

    right = "console.see_orders"
    template_name = "console/exceptions.html"
    title = _("Exceptions")

    def context(self) -> dict[str, Any]:
        now, query = timezone.now(), self.request.GET
        found = counts(at=now)
        # What there is most urgently of is shown first.
        first = next((name for name in KINDS if found[name]), next(iter(KINDS)))
        name = query.get("kind", first)
        name = name if name in KINDS else first
        whose = query.get("whose", "all")
        whose = whose if whose in WHOSE else "all"
        return {
            "kinds": [(key, kind.title, _shown(found[key])) for key, kind in KINDS.items()],
            "kind": KINDS[name],
            "name": name,
            "whose": whose,
            "choices": WHOSE.items(),
            "rows": rows_of(name, whose=whose, person=self.person, at=now),
            "limit": A_PAGE,
            "count": found[name],
            "now": now,
        }


class _OfException(Decision):
    """A decision about one thing that went wrong."""

    right = "console.take_up_exceptions"

    def kind(self) -> Kind:
        """Return what kind it is of."""
        kind = KINDS.get(self.kwargs["kind"])
        if kind is None:
            raise NotFound
        return kind

    def subject(self) -> Model:
        found: Model | None = self.kind().every.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def beside(self) -> Attention | None:
        """Return what is put beside it already."""
        rows = Attention.objects.select_related("owner")
        return rows.filter(kind=self.kwargs["kind"], subject_pk=self.kwargs["pk"]).first()

    def after(self) -> str:
        return f"{reverse('console:exceptions')}?kind={self.kwargs['kind']}"


class TakeException(_OfException):
    """Take care of something that nobody takes care of."""

    act = "take_exception"
    title = _("Take care of an exception")
    explanation = _("Others then see that you take care of it.")
    button = _("I take this")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        taking_up.take(
            kind=self.kwargs["kind"],
            subject_pk=self.kwargs["pk"],
            person=self.person,
            at=timezone.now(),
        )
        return gettext("You take care of it.")


class AttentionForm(forms.Form):
    """Who takes care of it, a note, and until when it is put off."""

    owner = forms.ModelChoiceField(
        Person.objects.filter(is_staff=True, is_active=True).order_by("email"),
        label=pgettext_lazy("exception", "Who takes care of it"),
        required=False,
        empty_label=_("Nobody"),
    )
    note = forms.CharField(
        label=pgettext_lazy("exception", "Note"),
        max_length=taking_up.MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    put_off_until = forms.DateTimeField(
        label=_("Put off until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Until then it is not shown. A row goes by itself when its cause is gone."),
    )


class HandleException(_OfException):
    """Hand something over, note what was found out, put it off."""

    act = "handle_exception"
    title = _("Note about an exception")
    template_name = "console/exception.html"
    form_class = AttentionForm
    button = _("Save")

    def initial(self) -> dict[str, Any]:
        known = self.beside()
        if known is None:
            return {}
        until = known.put_off_until
        shown = until if until and until > timezone.now() else None
        return {"owner": known.owner_id, "note": known.note, "put_off_until": shown}

    def around(self, form: forms.Form) -> dict[str, Any]:
        row = _row(self.kind(), self.subject(), self.beside())
        return {**super().around(form), "row": row, "kind": self.kind()}

    def decide(self, values: dict[str, Any]) -> str:
        taking_up.note(
            kind=self.kwargs["kind"],
            subject_pk=self.kwargs["pk"],
            owner=values["owner"],
            note=values["note"],
            put_off_until=values["put_off_until"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Noted.")


def _shown(count: int) -> str:
    return f"{count:,}+" if count == COUNTED else f"{count:,}"
