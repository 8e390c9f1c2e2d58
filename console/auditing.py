"""Every change of what is watched: found by whom, of what, which column and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from console import changes, watching
from console.changes import MODELS
from console.models import Alteration, AlterationKind
from console.pages import Page
from kit import actors, paging

A_PAGE = 40
MAX_OF = 6
MAX_NUMBER = 10**18


class Search(forms.Form):
    """What is looked for; what cannot be read is left out."""

    q = forms.CharField(
        label=pgettext_lazy("a change", "Name or number"), max_length=200, required=False
    )
    who = forms.CharField(label=_("Person or key"), max_length=200, required=False)
    table = forms.ChoiceField(label=_("Kind of thing"), required=False)
    column = forms.ChoiceField(label=_("Column"), required=False)
    kind = forms.ChoiceField(label=_("What became of it"), required=False)
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=_("To day"), required=False, widget=forms.DateInput({"type": "date"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="audit_%s")
        listed: Any = self.fields
        listed["table"].choices = [("", _("everything")), *_tables()]
        listed["column"].choices = [("", _("every column")), *_columns()]
        listed["kind"].choices = [("", _("whatever")), *AlterationKind.choices]


class AuditPage(Page):
    """Changes, newest first."""

    right = "console.see_records"
    template_name = "console/audit.html"
    title = _("Every change")

    def context(self) -> dict[str, Any]:
        search = Search(self.request.GET)
        search.is_valid()
        things = list(_things(self.request.GET.getlist("of")))
        rows = _found(search.cleaned_data, things)
        page = paging.newest_first(rows, after=self.request.GET.get("after", ""), size=A_PAGE)
        asked = self.request.GET.copy()
        asked.pop("after", None)
        return {
            "search": search,
            "things": [f"{table}:{pk}" for table, pk in things],
            "of_one_thing": bool(things),
            "changes": changes.shown(page.rows),
            "next": urlencode([*_pairs(asked), ("after", page.next)]) if page.next else "",
            "asked": bool(asked),
        }


def _things(asked: Iterable[str]) -> Iterator[tuple[str, int]]:
    for one in list(asked)[:MAX_OF]:
        table, _colon, number = one.partition(":")
        if table in MODELS and number.isascii() and number.isdigit() and int(number) < MAX_NUMBER:
            yield table, int(number)


def _found(
    wanted: Mapping[str, Any], things: Sequence[tuple[str, int]]
) -> "models.QuerySet[Alteration]":
    rows = Alteration.objects.all()
    if things:
        own = [
            Q(table=table, row_pk=pk) | Q(owner_table=table, owner_pk=pk) for table, pk in things
        ]
        rows = rows.filter(reduce(or_, own))
    if wanted.get("q"):
        rows = rows.filter(label__startswith=wanted["q"].strip())
    if wanted.get("who"):
        rows = rows.filter(actor__in=_actors(wanted["who"].strip()))
    for name in ("table", "kind"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("column"):
        rows = rows.filter(columns__contains=[wanted["column"]])
    if wanted.get("since"):
        rows = rows.filter(altered_at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        rows = rows.filter(altered_at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    return rows


def _actors(name: str) -> list[str]:
    """Return whom a name may mean: somebody's address, a key, a timer, or what pages show."""
    return [
        name,
        str(actors.person(name.lower())),
        str(actors.key(name)),
        str(actors.timer(name)),
        str(actors.OPERATIONS) if name in ("operations", gettext("operations")) else name,
    ]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _pairs(asked: Any) -> list[tuple[str, str]]:
    return [(name, value) for name in asked for value in asked.getlist(name)]


def _tables() -> list[tuple[str, str]]:
    return sorted(
        ((w.table, changes.thing(w.table)) for w in watching.TABLES), key=lambda one: one[1]
    )


def _columns() -> list[tuple[str, str]]:
    """Return every watched column, those of one name once."""
    found: dict[str, str] = {}
    for one in watching.TABLES:
        for field in MODELS[one.table]._meta.local_concrete_fields:
            column = field.column or ""
            if column not in ("id", *one.left_out):
                found.setdefault(column, changes.column_name(one.table, column))
    return sorted(found.items(), key=lambda one: one[1])
