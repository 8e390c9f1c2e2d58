"""The record of what staff decided: who, when, about what, with which values. Never any secret."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.functional import Promise

from companies.models import Person
from kit import languages, money
from kit.columns import enumerated
from kit.fields import PercentField, YuanField, percent

SHOWN = 50
MAX_VALUE = 500
MAX_NAME = 200

# Labels and values as a form showed them, by the language's code.
Words = dict[str, dict[str, str]]

# What a decision is called, by its act; decision pages enter themselves.
TITLES: dict[str, str | Promise] = {}


@dataclass(frozen=True)
class Record:
    """One decision as a page shows it."""

    at: datetime
    person: str
    title: str
    subject: str
    values: list[tuple[str, str]]


def note(*, person: Person, act: str, subject: models.Model | None, values: Words) -> None:
    """Write down a decision that was carried out."""
    LogEntry.objects.create(
        user=person,
        content_type=ContentType.objects.get_for_model(subject) if subject else None,
        object_id=str(subject.pk) if subject else None,
        object_repr=str(subject or "")[:MAX_NAME],
        action_flag=CHANGE,
        change_message=json.dumps({"act": act, "values": values}, ensure_ascii=False),
    )


def is_noted(*, person: Person, act: str, subject: models.Model) -> bool:
    """Tell whether somebody's decision about a thing was written down before."""
    return LogEntry.objects.filter(
        user=person,
        content_type=ContentType.objects.get_for_model(subject),
        object_id=str(subject.pk),
        change_message__startswith=f'{{"act": "{act}"',
    ).exists()


def about(subject: models.Model) -> list[Record]:
    """Return the newest decisions about a thing."""
    rows = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(subject), object_id=str(subject.pk)
    )
    newest = rows.select_related("user").order_by("-action_time")[:SHOWN]
    return [read(row) for row in newest]


def read(row: LogEntry) -> Record:
    """Return a row as a page shows it."""
    try:
        message = json.loads(row.change_message)
        act, values = message["act"], message["values"]
    except (ValueError, KeyError, TypeError):
        act, values = row.change_message, {}
    return Record(
        at=row.action_time,
        person=str(row.user),
        title=str(TITLES.get(act, act)),
        subject=row.object_repr,
        values=for_reader(values),
    )


def for_reader(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return labels and values in the reader's language; the oldest were kept in one language alone."""
    if all(isinstance(one, dict) for one in values.values()):
        return list(languages.for_reader(values, {}).items())
    return list(values.items())


def shown(form: forms.Form) -> Words:
    """Return what somebody filled in, in each language: labels and values, nothing hidden."""
    return languages.in_each(lambda: _shown(form))


def _shown(form: forms.Form) -> dict[str, str]:
    found = {}
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if not field.widget.is_hidden and value not in (None, "", []):
            found[str(field.label)] = _text(field, value)[:MAX_VALUE]
    return found


def _text(field: forms.Field, value: Any) -> str:
    if isinstance(field, YuanField):
        return money.yuan(value)
    if isinstance(field, PercentField):
        return f"{percent(value)} %"
    if isinstance(field, forms.FileField):
        files = value if isinstance(value, list) else [value]
        return enumerated(file.name for file in files)
    if isinstance(field, forms.BooleanField):
        return "✓" if value else "✗"
    if isinstance(field, forms.ModelChoiceField | forms.ModelMultipleChoiceField):
        many = isinstance(field, forms.ModelMultipleChoiceField)
        return enumerated(str(one) for one in value) if many else str(value)
    if isinstance(field, forms.MultipleChoiceField):
        return enumerated(str(dict(field.choices).get(one, one)) for one in value)  # type: ignore[arg-type]
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)
