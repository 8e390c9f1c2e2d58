"""The page of a case, and what decisions about cases have in common.

Each decision is a form on the case's page, where it may be taken: service decides, the warehouse
inspects, finance reviews. Whether it can be taken, the act decides in the end.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.models import Case, CaseState
from companies import policies
from console import cases
from console.pages import TICKET_BYTES, Decision, Page, Text
from orders import carriers

MAX_NOTE = 500
MAX_ADDRESS = 300

# Decisions enter themselves, in the order in which they are shown.
DECISIONS: "list[type[AboutCase]]" = []


@dataclass(frozen=True)
class Offer:
    """A decision that can be taken now, with its form; the one that was sent, or is first, is open."""

    act: str
    title: Text
    explanation: Text
    button: Text
    dangerous: bool
    form: forms.Form
    is_open: bool


class CasePage(Page):
    """What it is about, the order, its money, parcels and photos; and what can be decided now."""

    right = "console.see_orders"
    template_name = "console/case.html"

    def heading(self) -> str:
        return cases.case(self.kwargs["pk"]).case_no

    def context(self) -> dict[str, Any]:
        found = cases.case(self.kwargs["pk"])
        return {
            **cases.around(found, self),
            "offers": list(offers(self, found)),
            "ticket": secrets.token_urlsafe(TICKET_BYTES),
            "patterns": patterns(),
        }


class AboutCase(Decision):
    """A decision about a case. It is shown on the case's page, and ends there."""

    right = "console.decide_aftersales"
    template_name = "console/case.html"
    # In which states it may be taken; the act decides in the end.
    states: ClassVar[tuple[CaseState, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Enter the decision, so that the page of a case offers it."""
        super().__init_subclass__()
        DECISIONS.append(cls)

    def subject(self) -> Case:
        return cases.case(self.kwargs["pk"])

    def heading(self) -> str:
        return self.subject().case_no

    def fits(self, found: Case) -> bool:
        """Whether it may be taken now."""
        return found.state in self.states

    def form(self, data: Any = None) -> forms.Form:
        return self.form_class(
            data,
            self.request.FILES or None,
            initial=self.initial(),
            auto_id=f"id_{self.act}_%s",
        )

    def around(self, form: forms.Form) -> dict[str, Any]:
        found = self.subject()
        return {
            **super().around(form),
            **cases.around(found, self),
            "offers": list(offers(self, found, form)),
            "patterns": patterns(),
        }

    def after(self) -> str:
        return reverse("console:case", args=[self.kwargs["pk"]])

    def done(self, found: Case) -> str:
        """Say where the case is now."""
        return gettext("Case {case_no}: {state}.").format(
            case_no=found.case_no, state=found.get_state_display()
        )


def offers(
    page: Page,
    found: Any,
    sent: forms.Form | None = None,
    decisions: Sequence[type[Any]] = DECISIONS,
) -> Iterator[Offer]:
    """Yield what the reader may decide now; the form that was sent comes in any case."""
    kinds = [kind for kind in decisions if page.person.has_perm(kind.right)]
    pages: list[Any] = [page if type(page) is kind else _beside(page, kind) for kind in kinds]
    shown = [one for one in pages if one.fits(found) or (one is page and sent and sent.is_bound)]
    for place, one in enumerate(shown):
        form = sent if one is page and sent is not None else one.form()
        is_open = one is page if page in shown else place == 0
        yield Offer(one.act, one.title, one.explanation, one.button, one.dangerous, form, is_open)


def _beside(page: Page, kind: type[Any]) -> Any:
    """Return another decision about the same thing."""
    one = kind()
    one.setup(page.request, *page.args, **page.kwargs)
    return one


def patterns() -> list[list[str]]:
    """Return by which a page guesses carriers."""
    return [[one.code, one.pattern] for one in carriers.CARRIERS if one.pattern]


def address_for(found: Case) -> str:
    """Return where goods of this source are returned to, as far as that is known."""
    supplier = found.line.fulfilment.supplier
    if supplier is None:
        return str(policies.read().own_return_address)
    return supplier.return_address


def note(*, label: Any, required: bool = False, **rest: Any) -> forms.CharField:
    """A field for words that are kept with the case."""
    return forms.CharField(
        label=label,
        max_length=MAX_NOTE,
        required=required,
        widget=forms.Textarea(attrs={"rows": 2}),
        **rest,
    )


class NoteForm(forms.Form):
    """Words that are kept with the case."""

    note = note(label=_("Reason"))
