"""The bank's own statement against the ledger: files, exceptions, and what is settled by hand."""

from typing import Any

from django import forms
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from books import bank_matching, uploaded
from books.bank_matching import RULES, Loaded, Unproved
from books.models import BankFile, BankLine, BankMatch
from console import records
from console.pages import Decision, Page
from kit import money
from kit.errors import NotFound
from ledger import codes

EXCEPTIONS = (BankMatch.OPEN, BankMatch.DIFFERING)
SHOWN = 100
FILES_SHOWN = 10
CANDIDATES_SHOWN = 20
NONE = ""


def line(pk: int) -> BankLine:
    """Return a line of the bank as it is now.

    :raises NotFound: there is none.
    """
    rows = BankLine.objects.select_related("file", "transfer")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class BankPage(Page):
    """What does not match: their lines without a transfer, our transfers without a line."""

    right = "console.see_money"
    template_name = "console/bank.html"
    title = _("Bank reconciliation")

    def context(self) -> dict[str, Any]:
        ours = bank_matching.unproved()
        exceptions = BankLine.objects.filter(match__in=EXCEPTIONS).select_related("transfer")
        return {
            "counts": _counts(),
            "exceptions": exceptions.order_by("match", "-booked_on", "-pk")[:SHOWN],
            "exceptions_count": exceptions.count(),
            "ours": ours[:SHOWN],
            "ours_count": len(ours),
            "files": BankFile.objects.order_by("-pk")[:FILES_SHOWN],
        }


class FileForm(forms.Form):
    """The bank's file."""

    file = forms.FileField(
        label=_("Bank file (.csv or .xlsx)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_(
            "Columns: date, reference, amount (in yuan, what went out below zero), counterparty,"
            " text; headings as Chinese banks write them are understood too, also two columns for"
            " in and out. Other columns are passed over."
        ),
    )


class LoadBankFile(Decision):
    """Load a file of the bank."""

    right = "console.match_bank"
    act = "load_bank_file"
    title = _("Load a bank file")
    explanation = _(
        "Each file is loaded once; lines that an earlier file brought are left as they are. Nothing"
        " is posted by it."
    )
    button = _("Load and match")
    form_class = FileForm

    def decide(self, values: dict[str, Any]) -> str:
        sheet = values["file"]
        with uploaded.as_file(sheet.name, sheet.chunks()) as path:
            loaded = bank_matching.load(
                path=path, name=sheet.name, actor=self.actor, at=timezone.now()
            )
        return _said(loaded)

    def after(self) -> str:
        return reverse("console:bank")


class MatchAgain(Decision):
    """Try the rules again."""

    right = "console.match_bank"
    act = "match_bank"
    title = _("Match again")
    explanation = _(
        "The rules are tried on every line that is open, with what was posted since. The clock does"
        " the same every few minutes."
    )
    button = _("Match")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        matched = bank_matching.match_open()
        return ngettext(
            "{count} line found its transfer.", "{count} lines found their transfers.", matched
        ).format(count=matched)

    def after(self) -> str:
        return reverse("console:bank")


class BankLinePage(Page):
    """A line: what the bank says, what it proves, and by which rule."""

    right = "console.see_money"
    template_name = "console/bank_line.html"

    def heading(self) -> str:
        return line(self.kwargs["pk"]).reference

    def context(self) -> dict[str, Any]:
        found = line(self.kwargs["pk"])
        return {
            "line": found,
            "rule": RULES.get(found.rule, ""),
            "is_exception": found.match in EXCEPTIONS,
            "candidates": _candidates(found) if found.match in EXCEPTIONS else [],
            "records": records.about(found),
            "back": reverse("console:bank"),
        }


class SettleBankLine(Decision):
    """Say what a line was, where no rule could."""

    right = "console.match_bank"
    act = "settle_bank_line"
    title = _("Settle by hand")
    explanation = _(
        "Nothing is posted: say what the movement was, and which transfer it proves if there is one."
        " This cannot be undone."
    )
    button = _("It is settled")

    def subject(self) -> BankLine:
        return line(self.kwargs["pk"])

    def form(self, data: Any = None) -> forms.Form:
        found = self.subject()
        form = forms.Form(data, initial={"transfer": NONE})
        form.fields["transfer"] = forms.ChoiceField(
            label=_("Transfer that it proves"),
            choices=[(NONE, _none(found)), *_choices(found)],
            required=False,
            widget=forms.RadioSelect,
        )
        form.fields["note"] = forms.CharField(
            label=_("What it was"), max_length=bank_matching.MAX_NOTE, widget=forms.Textarea
        )
        return form

    def decide(self, values: dict[str, Any]) -> str | HttpResponse:
        chosen = values["transfer"]
        bank_matching.settle(
            line_pk=self.kwargs["pk"],
            note=values["note"],
            transfer_pk=int(chosen) if chosen else None,
            actor=self.actor,
        )
        return gettext("The line is settled.")

    def after(self) -> str:
        return reverse("console:bank")


def _counts() -> list[tuple[str, str, int, int]]:
    """Return for each fate of a line its label, how many there are, and what they come to."""
    rows = BankLine.objects.values("match").annotate(lines=Count("pk"), fen=Sum("amount_fen"))
    found = {row["match"]: (row["lines"], row["fen"]) for row in rows}
    return [(str(one), str(one.label), *found.get(str(one), (0, 0))) for one in BankMatch]


def _candidates(found: BankLine) -> list[Unproved]:
    return bank_matching.candidates(found)[:CANDIDATES_SHOWN]


def _choices(found: BankLine) -> list[tuple[str, str]]:
    return [
        (
            str(one.transfer_pk),
            f"{one.day} · {codes.shown(one.code)} · {money.yuan(one.amount_fen)} · {one.reference}",
        )
        for one in _candidates(found)
    ]


def _none(found: BankLine) -> str:
    if found.transfer is None:
        return gettext("none")
    return gettext("the one that bears its reference ({amount})").format(
        amount=money.yuan(found.transfer.amount_fen)
    )


def _said(loaded: Loaded) -> str:
    words = ngettext(
        "{count} new line, {known} known before, {matched} matched.",
        "{count} new lines, {known} known before, {matched} matched.",
        loaded.lines,
    )
    return words.format(count=loaded.lines, known=loaded.known, matched=loaded.matched)
