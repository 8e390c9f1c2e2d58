"""Everything that happened to a company, newest first, with who did it: from what was written anyway.

Decisions come from the records of staff, changes from what the database noted of them, the rest from
its own rows. Each source gives a page at most, so the page costs the same however long it has been.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from companies import noting
from companies.models import Company
from console import changes, companies, records
from console.models import Alteration, AlterationKind
from console.pages import Decision, Page
from distributors.models import Distributor
from kit import actors, money
from kit.columns import enumerated, who
from suppliers.models import Supplier

A_PAGE = 40
# A change within this time of a decision by the same person is the decision, seen from below.
SAME = timedelta(seconds=2)
# Decisions that the timeline knows from rows of their own.
TOLD_ELSEWHERE = ("note_company", "begin_visit")
KINDS: dict[str, Promise] = {
    "decision": pgettext_lazy("timeline", "Decisions"),
    "change": pgettext_lazy("timeline", "Changes"),
    "money": pgettext_lazy("timeline", "Money"),
    "paper": pgettext_lazy("timeline", "Papers"),
    "note": pgettext_lazy("timeline", "Notes"),
    "visit": pgettext_lazy("timeline", "Visits"),
}


@dataclass(frozen=True)
class Happening:
    """One thing that happened; `address` leads to more of it."""

    at: datetime
    kind: str
    actor: str
    what: str
    detail: str = ""
    address: str = ""

    @property
    def by(self) -> str:
        """Who did it, in words."""
        return who(self.actor)

    @property
    def called(self) -> Promise:
        """What kind of thing it is."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Side:
    """A company with what it is."""

    company: Company
    supplier: Supplier | None
    distributor: Distributor | None

    @property
    def things(self) -> list[models.Model]:
        """The rows that stand for it."""
        roles = [one for one in (self.supplier, self.distributor) if one is not None]
        return [self.company, *roles, *(one.partner for one in roles)]


def side_of(company: Company) -> Side:
    """Return a company with its roles."""
    supplier = Supplier.objects.select_related("partner").filter(company=company).first()
    distributor = Distributor.objects.select_related("partner").filter(company=company).first()
    return Side(company, supplier, distributor)


def of(
    side: Side, kinds: Iterable[str], *, before: datetime, size: int
) -> tuple[list[Happening], datetime | None]:
    """Return a page of what happened before a moment, newest first, and where the next one begins.

    What happened in one moment stays together, so that no page loses a part of it.
    """
    by_source = [list(_SOURCES[kind](side, before, size + 1)) for kind in kinds]
    found = [one for happenings in by_source for one in happenings]
    # A source that gave all it may knows nothing of what was before its last.
    cut = [happenings[-1].at for happenings in by_source if len(happenings) > size]
    decided = [(one.actor, one.at) for one in found if one.kind == "decision"]
    kept = [one for one in found if one.kind != "change" or not _is_known(one, decided)]
    kept.sort(key=lambda one: one.at, reverse=True)
    if len(kept) > size:
        cut.append(kept[size].at)
    if not cut:
        return kept, None
    page = [one for one in kept if one.at > max(cut)] or [o for o in kept if o.at == max(cut)]
    return page, page[-1].at if page else max(cut)


def _is_known(change: Happening, decided: Sequence[tuple[str, datetime]]) -> bool:
    return any(actor == change.actor and abs(at - change.at) <= SAME for actor, at in decided)


def _decisions(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    about = [
        Q(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk))
        for thing in side.things
    ]
    of_these = about[0]
    for one in about[1:]:
        of_these |= one
    rows = LogEntry.objects.filter(of_these, action_time__lt=before).select_related("user")
    for act in TOLD_ELSEWHERE:
        rows = rows.exclude(change_message__startswith=f'{{"act": "{act}"')
    for row in rows.order_by("-action_time")[:limit]:
        read = records.read(row)
        detail = " · ".join(f"{label}: {value}" for label, value in read.values)
        yield Happening(read.at, "decision", _of(row.user), read.title, detail)


def _changes(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    own = Q()
    for thing in side.things:
        table = thing._meta.db_table
        own |= Q(table=table, row_pk=thing.pk) | Q(owner_table=table, owner_pk=thing.pk)
    rows = Alteration.objects.filter(own, altered_at__lt=before).order_by("-pk")[:limit]
    for row in rows:
        names = enumerated(changes.column_name(row.table, name) for name in row.columns)
        done = AlterationKind(row.kind)
        yield Happening(
            row.altered_at,
            "change",
            row.actor,
            f"{' '.join(filter(None, (changes.thing(row.table), row.label)))}: {done.label}",
            names if done == AlterationKind.UPDATE else "",
            f"{reverse('console:audit')}?{urlencode({'of': f'{row.table}:{row.row_pk}'})}",
        )


def _money(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    if side.distributor is not None:
        recharges = side.distributor.recharges.filter(applied_at__lt=before)
        for one in recharges.order_by("-pk")[:limit]:
            yield _amount(one, one.applied_at, one.applied_by, one.recharge_no, one.amount_fen)
        withdrawals = side.distributor.withdrawals.filter(applied_at__lt=before)
        for got in withdrawals.order_by("-pk")[:limit]:
            yield _amount(got, got.applied_at, got.applied_by, got.withdrawal_no, got.amount_fen)
    if side.supplier is not None:
        bills = side.supplier.bills.filter(made_at__lt=before).order_by("-pk")[:limit]
        for bill in bills:
            yield _amount(bill, bill.made_at, bill.issued_by, bill.bill_no, bill.total_fen)


def _amount(row: Any, at: datetime, actor: str, number: str, amount_fen: int) -> Happening:
    address = _PAGES[row._meta.model_name]
    what = f"{row._meta.verbose_name} {number}: {money.yuan(amount_fen)}"
    return Happening(
        at, "money", actor, what, row.get_state_display(), reverse(address, args=[row.pk])
    )


def _papers(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    if side.supplier is None:
        return
    rows = side.supplier.papers.filter(handed_in_at__lt=before).order_by("-pk")[:limit]
    for one in rows:
        said = [one.get_state_display(), one.reason]
        detail = " · ".join(str(part) for part in said if part)
        yield Happening(
            one.handed_in_at, "paper", one.handed_in_by, str(one.get_kind_display()), detail
        )


def _notes(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    rows = side.company.notes.filter(written_at__lt=before).order_by("-pk")[:limit]
    for one in rows:
        yield Happening(one.written_at, "note", one.written_by, one.text)


def _visits(side: Side, before: datetime, limit: int) -> Iterator[Happening]:
    rows = side.company.visits.filter(began_at__lt=before).select_related("person")
    counted = rows.annotate(page_count=models.Count("pages")).order_by("-pk")
    for one in counted[:limit]:
        what = gettext("looked at {count} pages as the company").format(count=one.page_count)
        yield Happening(one.began_at, "visit", _of(one.person), what, one.reason)


def _of(person: Any) -> str:
    return str(actors.person(person.email))


_SOURCES: dict[str, Callable[[Side, datetime, int], Iterable[Happening]]] = {
    "decision": _decisions,
    "change": _changes,
    "money": _money,
    "paper": _papers,
    "note": _notes,
    "visit": _visits,
}
_PAGES = {
    "recharge": "console:recharge_page",
    "withdrawal": "console:withdrawal",
    "bill": "console:bill",
}
# What a kind takes beside the right to see companies.
_RIGHTS = {"money": "console.see_money", "change": "console.see_records"}


class TimelinePage(Page):
    """What happened to a company, newest first; narrowed to one kind."""

    right = "console.see_companies"
    template_name = "console/company_timeline.html"

    def heading(self) -> str:
        return companies.company(self.kwargs["pk"]).name

    def context(self) -> dict[str, Any]:
        side = side_of(companies.company(self.kwargs["pk"]))
        allowed = [
            kind for kind in KINDS if kind not in _RIGHTS or self.person.has_perm(_RIGHTS[kind])
        ]
        asked = self.request.GET.get("kind", "")
        chosen = [asked] if asked in allowed else allowed
        before = _moment(self.request.GET.get("before", "")) or timezone.now()
        page, following = of(side, chosen, before=before, size=A_PAGE)
        return {
            "company": side.company,
            "supplier": side.supplier,
            "distributor": side.distributor,
            "happenings": page,
            "kinds": [(kind, KINDS[kind]) for kind in allowed],
            "kind": asked if asked in allowed else "",
            "next": urlencode({"before": following.isoformat()}) if following else "",
        }


class NoteForm(forms.Form):
    """What is worth knowing."""

    text = forms.CharField(
        label=pgettext_lazy("about a company", "Note"),
        max_length=noting.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For colleagues; the company does not see it. It stays as it is written."),
    )


class WriteNote(Decision):
    """Write a note about a company for colleagues."""

    right = "console.change_companies"
    act = "note_company"
    title = _("Write a note")
    button = _("Write it down")
    form_class = NoteForm

    def subject(self) -> Company:
        return companies.company(self.kwargs["pk"])

    def decide(self, values: dict[str, Any]) -> str:
        noting.write(
            company_pk=self.kwargs["pk"],
            text=values["text"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The note is written down.")

    def after(self) -> str:
        return reverse("console:company_timeline", args=[self.kwargs["pk"]])


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
