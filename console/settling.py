"""Settlement: which suppliers have something to be billed, what their bills would come to, issuing."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console.pages import Decision, Page
from console.suppliers import AboutSupplier
from kit import money, paging
from suppliers import periods, settlement
from suppliers.models import Cycle, Supplier
from suppliers.settlement import Preview

A_PAGE = 50
ALL = "all"


def previews(found: Supplier) -> list[Preview]:
    """Return what could be billed to a supplier now, period by period."""
    today = periods.day_of(timezone.now())
    if found.cycle != Cycle.ON_REQUEST:
        return settlement.previews(supplier=found, today=today)
    period = settlement.requestable(found, today=today)
    return [] if period is None else [settlement.preview(supplier=found, period=period)]


class SettlementPage(Page):
    """Every supplier with what it has earned on no bill yet, and the periods that are due."""

    right = "console.see_money"
    template_name = "console/settlement.html"
    title = _("Settlement")

    def context(self) -> dict[str, Any]:
        rows = Supplier.objects.select_related("company")
        page = paging.newest_first(rows, after=self.request.GET.get("after", ""), size=A_PAGE)
        today = periods.day_of(timezone.now())
        standings = settlement.standings(page.rows, today=today)
        return {"standings": standings, "next": page.next}


class IssueBills(AboutSupplier):
    """Issue the bills of one supplier, seen before."""

    right = "console.settle_suppliers"
    act = "issue_bills"
    title = _("Issue bills")
    template_name = "console/issue_bills.html"
    explanation = _(
        "A bill lists every transfer of the period that is on no bill yet. Issued, it never changes;"
        " what comes later goes onto the next one."
    )
    button = _("Issue")

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data, initial={"period": ALL})
        found = [(str(one.period), str(one.period)) for one in previews(self.subject())]
        form.fields["period"] = forms.ChoiceField(
            label=_("Period"),
            choices=[(ALL, _("every period above")), *found[:1]] if found else [],
            widget=forms.RadioSelect,
            error_messages={"required": _("Nothing is to be billed.")},
        )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), "previews": previews(self.subject())}

    def decide(self, values: dict[str, Any]) -> str:
        at = timezone.now()
        chosen = [
            one.period
            for one in previews(self.subject())
            if values["period"] in (ALL, str(one.period))
        ]
        issued = [
            bill
            for period in chosen
            if (
                bill := settlement.issue(
                    supplier_pk=self.kwargs["pk"], period=period, actor=self.actor, at=at
                )
            )
        ]
        total = money.yuan(sum(bill.total_fen for bill in issued))
        words = ngettext(
            "{count} bill is issued, {total} in all.",
            "{count} bills are issued, {total} in all.",
            len(issued),
        )
        return words.format(count=len(issued), total=total)


class IssueAll(Decision):
    """Issue every bill that is due, as the clock does each night."""

    right = "console.settle_suppliers"
    act = "issue_all_bills"
    title = _("Issue every bill that is due")
    explanation = _(
        "For every supplier with a cycle, each period that is over and has no bill gets one. Safe to"
        " repeat; the clock does the same each night."
    )
    button = _("Issue them")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        issued = settlement.run(at=timezone.now(), actor=self.actor)
        return ngettext("{count} bill is issued.", "{count} bills are issued.", len(issued)).format(
            count=len(issued)
        )

    def after(self) -> str:
        return reverse("console:settlement")


class SetCycle(AboutSupplier):
    """How often a supplier is settled with."""

    right = "console.settle_suppliers"
    act = "supplier_cycle"
    title = _("Settlement cycle")
    explanation = _("It counts from now on; bills that are issued stay as they are.")

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data, initial={"cycle": self.subject().cycle})
        form.fields["cycle"] = forms.ChoiceField(
            label=_("Settlement cycle"), choices=Cycle.choices, widget=forms.RadioSelect
        )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        done = settlement.set_cycle(supplier_pk=self.kwargs["pk"], cycle=values["cycle"])
        return gettext("The settlement cycle is now: {cycle}.").format(
            cycle=done.get_cycle_display()
        )
