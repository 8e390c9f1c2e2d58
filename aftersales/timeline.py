"""What happened to an order, parcels, cancellations and cases included, in words and in order of time.

A company reads its own people and keys by name; what anybody else did, the platform did.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.models import CaseState, ClaimState, GoodwillState
from companies.models import Company, Person
from integration.models import ApiKey
from kit import languages
from kit.columns import who
from orders import carriers, reasons
from orders.models import (
    CancellationState,
    Fulfilment,
    FulfilmentState,
    History,
    HoldState,
    Order,
    OrderState,
    ShipmentState,
)

SHOWN = 300

# What of an order a line of history is about, what it is called, and the states it may be in.
SUBJECTS: dict[str, tuple[Promise, type[models.TextChoices]]] = {
    "order": (_("Order"), OrderState),
    "fulfilment": (_("Fulfilment"), FulfilmentState),
    "shipment": (_("Parcel"), ShipmentState),
    "cancellation": (_("Cancellation"), CancellationState),
    "aftersale": (_("After-sale"), CaseState),
    "claim": (_("Claim"), ClaimState),
    "goodwill": (_("Goodwill"), GoodwillState),
    "hold": (_("Hold"), HoldState),
}
# Whose keys people know nothing of.
NAMELESS = ("order", "fulfilment")
# Acts that say more than the state they lead to.
ACTS: dict[str, Promise] = {
    "begun": _("picking has begun"),
    "consignee_shown": _("consignee read in full"),
    "label_printed": _("label with the consignee printed"),
    "slip_printed": _("packing slip with the consignee printed"),
    "shipped": _("shipped"),
    "received": _("received"),
    "filled": _("more pieces put into it"),
    "renumbered": _("number corrected"),
    "corrected": _("entered anew"),
    "address_changed": _("address changed"),
    "late": _("not shipped in time"),
    "extended": _("extended"),
    "address": _("return address changed"),
    "parcel": _("another return parcel"),
    "sent_back": _("goods sent back to the consumer"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A line of history as somebody reads it; `number` is a parcel's, a case's, …"""

    at: datetime
    kind: str
    number: str
    subject: str
    deed: str
    by: str
    reason: str


def of(order: Order) -> list[Step]:
    """Return everything, with everybody's names: for the platform."""
    return [_step(row, _named(row), row.reason) for row in _rows(order)]


def for_distributor(order: Order) -> list[Step]:
    """Return everything as the order's distributor reads it."""
    own = _own_names(order.distributor.company)
    return [_step(row, _by(row, own), row.reason) for row in _rows(order)]


def for_supplier(part: Fulfilment) -> list[Step]:
    """Return what concerns a supplier's part of an order; words of others are left out."""
    assert part.supplier is not None
    own = _own_names(part.supplier.company)
    rows = [row for row in _rows(part.order) if row.subject in _subjects(part) or _is_start(row)]
    return [_step(row, _by(row, own), row.reason if row.actor_name in own else "") for row in rows]


def words(subject: str, act: str, before: str, after: str) -> str:
    """Say what happened: by the state that it led to, or by the act where that says more."""
    kind = subject.partition(" ")[0]
    states = SUBJECTS[kind][1] if kind in SUBJECTS else None
    moved = str(states(after).label) if states is not None and after in states.values else ""
    said = str(ACTS.get(act, ""))
    if kind == "shipment" or after == before:
        return said or moved or act
    return moved or said or act


def _rows(order: Order) -> Sequence[History]:
    return list(History.objects.filter(order=order).order_by("pk")[:SHOWN])


def _step(row: History, by: str, reason: str) -> Step:
    kind, _space, number = row.subject.partition(" ")
    called, _states = SUBJECTS.get(kind, (kind, None))
    deed = words(row.subject, row.act, row.from_state, row.to_state)
    why = reasons.shown(reason, english=languages.reads_english())
    return Step(row.at, kind, _shown(kind, number), str(called), deed, by, why)


def _shown(kind: str, number: str) -> str:
    if kind in NAMELESS:
        return ""
    code, _space, tracking_no = number.partition(" ")
    carrier = carriers.find(code) if kind == "shipment" else None
    return f"{carrier.name} {tracking_no}" if carrier else number


def _named(row: History) -> str:
    return who(f"{row.actor_kind}:{row.actor_name}")


def _by(row: History, own: Collection[str]) -> str:
    if row.actor_kind in ("timer", "carrier") or row.actor_name in own:
        return _named(row)
    return gettext("the platform")


def _own_names(company: Company) -> set[str]:
    people = Person.objects.filter(memberships__company=company).values_list("email", flat=True)
    keys = ApiKey.objects.filter(partner__company=company).values_list("public_id", flat=True)
    return {*people, *keys}


def _subjects(part: Fulfilment) -> set[str]:
    """Return what history calls the part, its parcels, cancellations and cases."""
    parcels = part.shipments.values_list("carrier_code", "tracking_no")
    cancellations = part.cancellations.values_list("cancellation_no", flat=True)
    cases = part.order.cases.filter(line__fulfilment=part).values_list("case_no", flat=True)
    return {
        f"fulfilment {part.pk}",
        *(f"shipment {code} {number}" for code, number in parcels),
        *(f"cancellation {number}" for number in cancellations),
        *(f"aftersale {number}" for number in cases),
    }


def _is_start(row: History) -> bool:
    return row.subject == "order" and row.act == "placed"
