"""The owner's log: what the company's people and keys did, newest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from aftersales import timeline
from backoffice import access
from backoffice.access import supplier_only
from books import deeds
from books.deeds import Deed, Wanted
from kit.columns import enumerated
from suppliers.models import Bill, BillState, Supplier
from supplychain.models import MovementKind, RevisionState

PAGE = 50
MAX_VALUE = 60
# Beyond them no day has a next one, or a time zone.
YEARS = range(2000, 9000)
KIND_NAMES: Mapping[str, Promise] = {
    "orders": pgettext_lazy("log", "Orders"),
    "stock": pgettext_lazy("log", "Stock"),
    "goods": pgettext_lazy("log", "Goods"),
    "bills": pgettext_lazy("log", "Bills"),
    "company": pgettext_lazy("log", "Team, keys and settings"),
}
HAPPENED = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("removed"),
}
# Columns that say nothing to people, or that the label says already.
UNSAID = {"company_id", "partner_id", "supplier_id", "user_id", "state_changed_at"}


@dataclass(frozen=True)
class Line:
    """A deed in words; `url` leads to what it is about, where that has a page."""

    at: datetime
    by: str
    kind: Promise
    about: str
    url: str
    text: str


@require_GET
@supplier_only
def log(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what was done, by person, kind and day."""
    wanted = _wanted(request)
    team = deeds.authors(supplier)
    found = deeds.of_supplier(
        supplier, team, wanted=wanted, after=request.GET.get("after", ""), limit=PAGE + 1
    )
    page = found[:PAGE]
    kept = {
        "who": wanted.actor,
        "kind": wanted.kind,
        "day": wanted.day.isoformat() if wanted.day else "",
    }
    context = {
        "lines": [_line(deed) for deed in page],
        "page": {"next": page[-1].cursor if len(found) > PAGE else ""},
        "kept": kept,
        "team": team,
        "kinds": KIND_NAMES,
        "is_narrowed": any(kept.values()),
    }
    return access.shown(request, supplier, "log.html", context)


def _wanted(request: HttpRequest) -> Wanted:
    kind = request.GET.get("kind", "")
    try:
        day: date | None = parse_date(request.GET.get("day", ""))
    except ValueError:
        day = None
    if day is not None and day.year not in YEARS:
        day = None
    actor = request.GET.get("who", "").replace("\0", "")[:200]
    return Wanted(actor=actor, kind=kind if kind in KIND_NAMES else "", day=day)


def _line(deed: Deed) -> Line:
    text, url = _SAID[deed.kind](deed)
    return Line(deed.at, deed.author.name, KIND_NAMES[deed.kind], deed.about, url, text)


def _of_order(deed: Deed) -> tuple[str, str]:
    facts = deed.facts
    kind, _space, number = str(facts["subject"]).partition(" ")
    called = timeline.SUBJECTS[kind][0] if kind in timeline.SUBJECTS else kind
    done = timeline.words(facts["subject"], facts["act"], facts["from"], facts["to"])
    named = f"{called} {number}" if kind not in timeline.NAMELESS else str(called)
    return f"{named}: {done}", reverse("supplier:order", args=[deed.about])


def _of_stock(deed: Deed) -> tuple[str, str]:
    facts = deed.facts
    kind = MovementKind(facts["kind"]).label
    moved = f"{facts['quantity']:+d} → {facts['balance']}"
    return f"{facts['name']}: {kind} {moved}", reverse("supplier:movements", args=[deed.about])


def _of_goods(deed: Deed) -> tuple[str, str]:
    facts = deed.facts
    what = _("new product") if facts["is_new"] else _("change of the product")
    state = RevisionState(facts["state"]).label
    return f"{facts['name']}: {what} ({state})", reverse("supplier:product", args=[deed.about])


def _of_bill(deed: Deed) -> tuple[str, str]:
    state = BillState(deed.facts["state"])
    answered = BillState.DISPUTED if state == BillState.DISPUTED else BillState.ACCEPTED
    text = f"{Bill._meta.verbose_name}: {answered.label}"
    return text, reverse("supplier:bill", args=[deed.about])


def _of_company(deed: Deed) -> tuple[str, str]:
    facts = deed.facts
    model = _model_of(facts["table"])
    called = str(model._meta.verbose_name) if model else facts["table"]
    happened = str(HAPPENED[facts["kind"]])
    if facts["kind"] != "update" or model is None:
        return f"{called}: {happened}", ""
    changes = [
        f"{_column(model, name)} {_value(model, name, facts['before'].get(name))}"
        f" → {_value(model, name, after)}"
        for name, after in facts["after"].items()
        if name not in UNSAID
    ]
    return f"{called}: {enumerated(changes) or happened}", ""


def _model_of(table: str) -> type[models.Model] | None:
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def _column(model: type[models.Model], name: str) -> str:
    try:
        return str(getattr(_field(model, name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _value(model: type[models.Model], name: str, value: Any) -> str:
    """Show a value as people know it: choices by their label, long ones cut."""
    if isinstance(value, list):
        return enumerated(_value(model, name, one) for one in value) or "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return "—"
    choices = _choices(model, name)
    return str(choices.get(value, value))[:MAX_VALUE]


def _choices(model: type[models.Model], name: str) -> dict[Any, Any]:
    try:
        field = _field(model, name)
    except FieldDoesNotExist:
        return {}
    field = getattr(field, "base_field", field)
    return dict(getattr(field, "flatchoices", []))


def _field(model: type[models.Model], name: str) -> Any:
    return next(
        (field for field in model._meta.fields if field.attname == name), None
    ) or model._meta.get_field(name)


_SAID: Mapping[str, Callable[[Deed], tuple[str, str]]] = {
    "orders": _of_order,
    "stock": _of_stock,
    "goods": _of_goods,
    "bills": _of_bill,
    "company": _of_company,
}
