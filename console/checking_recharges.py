"""Checking many recharges: what was ticked in their list, each with where its money was found.

Each goes through the act that its own page offers: credited, or, above the limit of four eyes,
checked by the first of two people. And as there, it is written down about each what was decided.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from console import bulk_pages, doing_many, records
from console.bulk_pages import BulkDecision
from console.choosing_goods import ticked
from console.doing_many import Deed, Subject, Task
from console.recharges import ApproveRecharge, CheckRecharge, ReferenceForm
from distributors import agreeing, deciding_recharges, recharging
from distributors.applying_for_recharges import OPEN
from distributors.models import Recharge, RechargeState
from kit import languages, money
from kit.errors import NotFound

ACT = "check_recharges"
# So many are looked up at the bank and written down on one page; a page of their list.
MAX_TICKED = 50
CREDIT, CHECK = "credit", "check"
SECOND = _("you are the second person: credited at once")
NEXT: dict[str, Promise] = {
    CREDIT: _("credited at once"),
    CHECK: _("then waits for a second person"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A recharge that somebody may go on with, and what that comes to."""

    recharge: Recharge
    step: str

    @property
    def name(self) -> str:
        """The field in which its reference is written."""
        return f"reference_{self.recharge.pk}"

    @property
    def said(self) -> Promise:
        """What becomes of it."""
        return SECOND if self.recharge.checked_by else NEXT[self.step]


class ReferencesForm(forms.Form):
    """Where the money of each is found; one field for each recharge."""

    def clean(self) -> dict[str, Any]:
        """Make sure that one is found at least."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(values.values()):
            raise forms.ValidationError(_("Write the bank reference of one at least."))
        return values


class CheckRecharges(BulkDecision):
    """Go on with those whose money is found; the others are left as they are."""

    right = "console.recharge_deposits"
    act = ACT
    title = _("Check many recharges")
    template_name = "console/check_recharges.html"
    explanation = _(
        "Look each up at the bank and write down its reference there. Those without one are left as"
        " they are."
    )
    nothing = _("None of them waits for you: tick some that wait in the list.")
    form_class = ReferencesForm
    job_page = "console:recharge_job"

    @cached_property
    def ticked(self) -> list[int]:
        """The keys in the address.

        :raises NotFound: they are no keys, or too many.
        """
        keys = ticked(self.request.GET.get("recharges", ""))
        if len(keys) > MAX_TICKED:
            raise NotFound
        return keys

    @cached_property
    def due(self) -> list[Due]:
        """Those of them that wait, but for what waits for somebody else than the reader."""
        rows = Recharge.objects.filter(pk__in=self.ticked, state__in=list(OPEN))
        others = rows.exclude(checked_by=str(self.actor)).select_related("distributor__company")
        limit_fen = agreeing.limit_fen()
        return [Due(one, _step(one, limit_fen)) for one in others.order_by("pk")]

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        for one in self.due:
            form.fields[one.name] = forms.CharField(
                label=f"{one.recharge.recharge_no} {money.yuan(one.recharge.amount_fen)}",
                max_length=recharging.MAX_REFERENCE,
                required=False,
                widget=forms.TextInput(
                    attrs={"autocomplete": "off", "placeholder": _("Bank reference")}
                ),
            )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {
            **super().around(form),
            "dues": [(one.recharge, one.said, form[one.name]) for one in self.due],
            "left_out": len(self.ticked) - len(self.due),
        }

    def meant(self) -> list[Due]:
        """Return those whose reference is written down; before any is, all."""
        form = self.filled
        if form is None or not form.is_bound or not form.is_valid():
            return self.due
        return [one for one in self.due if form.cleaned_data[one.name]]

    def subjects(self) -> list[Subject]:
        return [Subject(one.recharge.pk, _label(one.recharge), one.step) for one in self.meant()]

    def agreed(self, subjects: list[Subject]) -> str:
        # The sum, too: another one of them may be meant than before.
        return f"{len(subjects)}:{_sum_fen(self.meant())}"

    def extent(self, subjects: list[Subject]) -> str:
        meant = self.meant()
        words = ngettext(
            "This will check {count} recharge, {amount} in all.",
            "This will check {count} recharges, {amount} in all.",
            len(subjects),
        ).format(count=len(subjects), amount=money.yuan(_sum_fen(meant)))
        first = [one for one in meant if one.step == CHECK]
        if not first:
            return words
        second = ngettext(
            "{count} of them, {amount}, then waits for a second person: it is above {limit}.",
            "{count} of them, {amount}, then wait for a second person: they are above {limit}.",
            len(first),
        ).format(
            count=len(first),
            amount=money.yuan(_sum_fen(first)),
            limit=money.yuan(agreeing.limit_fen()),
        )
        return pgettext("two sentences", "{first} {second}").format(first=words, second=second)

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        return {str(one.recharge.pk): values[one.name] for one in self.meant()}

    def home(self) -> str:
        return f"{reverse('admin:distributors_recharge_changelist')}?waiting=decision"


class RechargeJobsPage(bulk_pages.BulkJobsPage):
    """Many recharges that were checked at once, newest first."""

    right = "console.see_money"
    title = _("Recharges checked together")
    job_page = "console:recharge_job"
    hint = _("Nothing yet. Tick several recharges in their list and choose to check them below it.")


class RechargeJobPage(bulk_pages.BulkJobPage):
    """What came of each."""

    right = "console.see_money"
    jobs_page = "console:recharge_jobs"
    refused_page = "console:refused_recharges"
    # They are done while somebody waits.
    stop_page = ""


class RefusedRecharges(bulk_pages.RefusedRows):
    """Those that were refused, as a file."""

    right = "console.see_money"


def _check(task: Task) -> bool:
    """Do what was agreed to: never credit what was only to be checked."""
    found = Recharge.objects.filter(pk=task.subject_pk).first()
    if found is None:
        raise NotFound
    reference = str(task.values[str(found.pk)])
    was_done = _is_done(found, task, reference)
    if not was_done:
        act = deciding_recharges.check_once if task.seen == CHECK else deciding_recharges.approve
        act(recharge_no=found.recharge_no, bank_reference=reference, actor=task.actor, at=task.at)
    _write_down(found, task, reference)
    return not was_done


doing_many.DEEDS[ACT] = Deed(
    "console.recharge_deposits", CheckRecharges.title, _check, see="console.see_money"
)


def _is_done(found: Recharge, task: Task, reference: str) -> bool:
    """Tell whether it was done before, and not noted."""
    who = found.checked_by if task.seen == CHECK else found.decided_by
    target = RechargeState.CHECKED if task.seen == CHECK else RechargeState.APPROVED
    return (found.state, who, found.bank_reference) == (target, str(task.actor), reference)


def _write_down(found: Recharge, task: Task, reference: str) -> None:
    """Note what was decided, as its own page does; also what somebody died over before it was noted."""
    act = CheckRecharge.act if task.seen == CHECK else ApproveRecharge.act
    if not records.is_noted(person=task.person, act=act, subject=found):
        field = ReferenceForm.base_fields["bank_reference"]
        values = languages.in_each(lambda: {str(field.label): reference})
        records.note(person=task.person, act=act, subject=found, values=values)


def _step(found: Recharge, limit_fen: int) -> str:
    first = found.state == RechargeState.APPLIED and found.amount_fen > limit_fen
    return CHECK if first else CREDIT


def _label(found: Recharge) -> str:
    return f"{found.recharge_no} {money.yuan(found.amount_fen)} {found.distributor}"


def _sum_fen(dues: list[Due]) -> int:
    return sum(one.recharge.amount_fen for one in dues)
