"""How a change is shown: what columns and values are called, before beside after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from companies.models import PolicyChange
from companies.policies import POLICIES
from console import labels, rights
from console.models import Alteration, AlterationKind
from console.policies import said
from integration.admin import SCOPES
from kit import fields, money
from kit.columns import enumerated, who

# A page asks for the names of as many kinds of things, and shows the keys of more.
MAX_LOOKUPS = 8
EMPTY = "—"
POLICY_CHANGES = "companies_policychange"

# What Django and the log-in call otherwise, or not at all.
TABLE_NAMES: dict[str, Promise] = {
    "auth_group": _("group of staff"),
    "auth_group_permissions": _("right of a group"),
    "companies_person_groups": _("group of a person"),
    "companies_person_user_permissions": _("right of a person"),
    "mfa_authenticator": _("two-step log-in"),
}
COLUMN_NAMES: dict[str, Promise] = {
    "password": pgettext_lazy("field", "password"),
    "is_superuser": pgettext_lazy("field", "every right"),
    "is_staff": pgettext_lazy("field", "of the platform"),
    "group_id": pgettext_lazy("field", "group"),
    "permission_id": pgettext_lazy("field", "right"),
    "user_id": pgettext_lazy("field", "person"),
    "type": pgettext_lazy("field", "kind"),
    "data": pgettext_lazy("field", "secret"),
}
CODES = (
    "secret_last4",
    "public_id",
    "number",
    "code",
    "url",
    "types",
    "item_no",
    "sku_no",
    "barcode",
)
# Pages of a thing's own, by its table.
PAGES = {
    "companies_company": "console:company",
    "suppliers_supplier": "console:supplier",
    "distributors_distributor": "console:distributor",
    "distributors_level": "console:level",
    "supplychain_product": "console:product",
    "supplychain_sku": "console:sku",
    "auth_group": "console:group",
    "companies_person": "console:change_staff",
    "integration_apikey": "admin:integration_apikey_change",
    "integration_endpoint": "admin:integration_endpoint_change",
}

Model = type[models.Model]
MODELS: Mapping[str, Model] = {
    model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
}


@dataclass(frozen=True)
class Changed:
    """A column of a change as a page shows it; codes are for machines."""

    name: str
    is_code: bool
    before: str
    after: str


@dataclass(frozen=True)
class Shown:
    """A change as a page shows it."""

    at: datetime
    who: str
    actor: str
    kind: str
    tone: str
    thing: str
    label: str
    address: str
    history: str
    columns: Sequence[Changed]


def shown(rows: Sequence[Alteration]) -> list[Shown]:
    """Return changes as a page shows them."""
    names = _names(rows)
    _tell_what_was_in_force(rows)
    return [_one(row, names) for row in rows]


def _tell_what_was_in_force(rows: Sequence[Alteration]) -> None:
    """Give decisions of policies the value before them, which stands in another row."""
    decided = [row for row in rows if row.table == POLICY_CHANGES]
    if not decided:
        return
    known = PolicyChange.objects.filter(name__in={row.label for row in decided})
    values: dict[str, list[tuple[int, Any]]] = {}
    for pk, name, value in known.order_by("pk").values_list("pk", "name", "value"):
        values.setdefault(name, []).append((pk, value))
    for row in decided:
        policy = POLICIES.get(row.label)
        earlier = [value for pk, value in values.get(row.label, []) if pk < row.row_pk]
        was = earlier[-1] if earlier else policy.default if policy else None
        row.columns = ["value"]
        row.before = {"value": said(row.label, was)}
        row.after = {"value": said(row.label, row.after.get("value"))}


def thing(table: str) -> str:
    """Return what a row of a table is called."""
    if table in TABLE_NAMES:
        return str(TABLE_NAMES[table])
    return str(MODELS[table]._meta.verbose_name) if table in MODELS else table


def column_name(table: str, column: str) -> str:
    """Return what a column is called."""
    if column in COLUMN_NAMES:
        return str(COLUMN_NAMES[column])
    field = _field(table, column)
    if field is None:
        return column
    return str(labels.LABELS.get(field.name, field.verbose_name))


def _field(table: str, column: str) -> "models.Field[Any, Any] | None":
    listed = MODELS[table]._meta.local_concrete_fields if table in MODELS else ()
    return next((field for field in listed if field.column == column), None)


def _one(row: Alteration, names: Mapping[tuple[str, int], str]) -> Shown:
    label = _label(row)
    owner = names.get((row.owner_table, row.owner_pk or 0), "")
    return Shown(
        at=row.altered_at,
        who=who(row.actor),
        actor=row.actor,
        kind=row.get_kind_display(),
        tone={"insert": "good", "delete": "bad"}.get(row.kind, "plain"),
        thing=thing(row.table),
        label=enumerated(dict.fromkeys(one for one in (owner, label) if one)),
        address=_address(row),
        history=f"{reverse('console:audit')}?{urlencode({'of': f'{row.table}:{row.row_pk}'})}",
        columns=[one for one in _compared(row, names) if {one.before, one.after} != {EMPTY}],
    )


def _compared(row: Alteration, names: Mapping[tuple[str, int], str]) -> Iterator[Changed]:
    for column in row.columns:
        yield Changed(
            column_name(row.table, column),
            column in CODES,
            _value(row.table, column, row.before.get(column), names),
            _value(row.table, column, row.after.get(column), names),
        )


def _label(row: Alteration) -> str:
    if row.table == "auth_group":
        return rights.title(row.label)
    policy = POLICIES.get(row.label) if row.table == POLICY_CHANGES else None
    return str(policy.meaning) if policy else row.label


def _address(row: Alteration) -> str:
    for table, pk in ((row.table, row.row_pk), (row.owner_table, row.owner_pk)):
        if table in PAGES and pk and row.kind != AlterationKind.DELETE:
            return reverse(PAGES[table], args=[pk])
    return ""


def _names(rows: Sequence[Alteration]) -> dict[tuple[str, int], str]:
    """Return what the things are called that the changes point at, with one query for each kind."""
    wanted: dict[str, set[int]] = {}
    for table, pk in _pointed_at(rows):
        wanted.setdefault(table, set()).add(pk)
    most = sorted(wanted, key=lambda table: -len(wanted[table]))[:MAX_LOOKUPS]
    return {
        (table, pk): _called(thing)
        for table in most
        for pk, thing in _things_of(table).in_bulk(list(wanted[table])).items()
    }


def _things_of(table: str) -> "models.QuerySet[Any]":
    manager = MODELS[table]._default_manager
    company = any(field.name == "company" for field in MODELS[table]._meta.fields)
    return manager.select_related("company") if company else manager.all()


def _pointed_at(rows: Sequence[Alteration]) -> Iterator[tuple[str, int]]:
    for row in rows:
        if row.owner_table in MODELS and row.owner_pk:
            yield row.owner_table, row.owner_pk
        for column in row.columns:
            field = _field(row.table, column)
            if field is None or field.related_model is None:
                continue
            related: Any = field.related_model
            for value in (row.before.get(column), row.after.get(column)):
                if isinstance(value, int):
                    yield related._meta.db_table, value


def _called(thing: models.Model) -> str:
    if isinstance(thing, Permission):
        return str(rights.RIGHTS.get(thing.codename, thing.codename))
    return rights.title(thing.name) if isinstance(thing, Group) else str(thing)


def _value(table: str, column: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    """Show a value as people read it."""
    if value is None or value in ("", []):
        return EMPTY
    field = _field(table, column)
    if field is not None and field.related_model is not None:
        related: Any = field.related_model
        return names.get((related._meta.db_table, value), str(value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if column.endswith("_fen") and isinstance(value, int):
        return money.yuan(value)
    if column.endswith("_bp") and isinstance(value, int):
        return f"{fields.percent(value)} %"
    return _text(field, value)


def _text(field: "models.Field[Any, Any] | None", value: Any) -> str:
    if isinstance(value, list):
        return enumerated(_word(field, one) for one in value)
    if isinstance(value, dict):
        return enumerated(f"{name}: {one}" for name, one in value.items())
    if isinstance(field, models.DateTimeField):
        at = parse_datetime(str(value))
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else str(value)
    return _word(field, value)


def _word(field: "models.Field[Any, Any] | None", value: Any) -> str:
    """Show a code of a list in words."""
    base = getattr(field, "base_field", field)
    if field is not None and field.name == "scopes":
        return str(SCOPES.get(value, value))
    if field is not None and field.model is Group:
        return rights.title(str(value))
    choices = dict(getattr(base, "flatchoices", ()) or ())
    return str(choices.get(value, value))
