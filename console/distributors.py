"""A distributor's page, and what staff decide about it: level, state, money, limits."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing, companies, profile, records, statements
from console.foreseeing import Foreseen
from console.pages import Decision, Page
from console.suppliers import state_form
from distributors import levels, onboarding, switching
from distributors.models import BeforeReceipt, Distributor, DistributorState, Level
from kit.errors import NotFound
from ledger import accounts
from orders.models import Order
from supplychain import assortment, foreseeing, offers
from supplychain.foreseeing import Effect
from supplychain.models import Sku

NEWEST = 10
PREVIEWED = 5
MOVES = {
    DistributorState.ACTIVE: [DistributorState.SUSPENDED, DistributorState.CLOSED],
    DistributorState.SUSPENDED: [DistributorState.ACTIVE, DistributorState.CLOSED],
    DistributorState.CLOSED: [],
}


def distributor(pk: int) -> Distributor:
    """Return a distributor as it is now.

    :raises NotFound: there is none.
    """
    rows = Distributor.objects.select_related("company", "partner", "level")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class DistributorPage(Page):
    """Who it is, its deposit, keys, orders and limits."""

    right = "console.see_companies"
    template_name = "console/distributor.html"

    def heading(self) -> str:
        return str(distributor(self.kwargs["pk"]))

    def context(self) -> dict[str, Any]:
        found = distributor(self.kwargs["pk"])
        deposit = accounts.deposit_of(found.pk)
        orders = Order.objects.of(found).order_by("-pk")[:NEWEST]
        return {
            **companies.people_of(found.company),
            **profile.of_distributor(found, at=timezone.now()),
            "distributor": found,
            "moves": MOVES[DistributorState(found.state)],
            "deposit": deposit,
            "entries": statements.newest(deposit, NEWEST) if self._may("see_money") else [],
            "keys": found.partner.keys.order_by("state", "-pk"),
            "endpoint": getattr(found.partner, "endpoint", None),
            "limits": found.limits.select_related("category", "brand"),
            "allotments": found.allotments.select_related("sku")[:NEWEST],
            "orders": orders if self._may("see_orders") else [],
            "records": records.about(found),
        }

    def _may(self, right: str) -> bool:
        return self.person.has_perm(f"console.{right}")


class AboutDistributor(Decision):
    """A decision about one distributor; it ends on the distributor's page."""

    right = "console.change_companies"

    def subject(self) -> Distributor:
        return distributor(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:distributor", args=[self.kwargs["pk"]])


class ChangeState(AboutDistributor):
    """Suspend, resume or close."""

    act = "distributor_state"
    title = _("Change the state")
    explanation = _(
        "While a distributor is not active it can read everything and order nothing; orders placed"
        " before go on. Closing is for good."
    )
    dangerous = True

    def form(self, data: Any = None) -> forms.Form:
        return state_form(data, MOVES[DistributorState(self.subject().state)])

    def decide(self, values: dict[str, Any]) -> str:
        done = onboarding.change_state(
            distributor_pk=self.kwargs["pk"],
            to=values["to"],
            reason=values["reason"],
            at=timezone.now(),
        )
        return gettext("It is {state} now.").format(state=done.get_state_display())


@dataclass(frozen=True)
class Preview:
    """A sku with what it costs the distributor now, and on each level."""

    sku: Sku
    now_fen: int
    then: list[int]


class AssignLevel(Foreseen, AboutDistributor):
    """Put it on another level, having seen what that does to prices."""

    act = "assign_level"
    title = _("Change the level")
    template_name = "console/assign_level.html"
    explanation = _("Orders from now on pay the fee of the new level; old ones keep theirs.")

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data, initial={"level": self.subject().level_id})
        form.fields["level"] = choosing.level()
        return form

    def foresee(self, values: dict[str, Any]) -> Effect:
        return foreseeing.of_assignment([self.subject()], values["level"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        every = list(Level.objects.all())
        return {**super().around(form), "levels": every, "previews": self._previews(every)}

    def decide(self, values: dict[str, Any]) -> str:
        done = levels.assign(
            distributor_pk=self.kwargs["pk"], level=values["level"], at=timezone.now()
        )
        return gettext("It is on the level “{level}” now.").format(level=done.level.name)

    def _previews(self, every: list[Level]) -> list[Preview]:
        found = self.subject()
        skus = Sku.objects.filter(offered=True, product__in=offers.offered_to(found))
        shown = skus.select_related("product").prefetch_related("product__rate_overrides")
        some = list(shown.order_by("-pk")[:PREVIEWED])
        now = offers.prices_of(found, some)
        return [
            Preview(
                one,
                now[one.pk][0].agreement_price_fen,
                [offers.price_on(level, one).agreement_price_fen for level in every],
            )
            for one in some
        ]


class LimitForm(forms.Form):
    """What it sees."""

    categories = choosing.categories()
    brands = choosing.brands()


class SetLimits(AboutDistributor):
    """Let it see some categories and brands only."""

    act = "limits"
    title = _("Assortment limits")
    explanation = _(
        "With nothing ticked it sees all listed products. Where both kinds are ticked, a product"
        " must be in one of the categories and of one of the brands."
    )
    form_class = LimitForm

    def initial(self) -> dict[str, Any]:
        rows = list(self.subject().limits.all())
        return {
            "categories": [row.category_id for row in rows if row.category_id],
            "brands": [row.brand_id for row in rows if row.brand_id],
        }

    def decide(self, values: dict[str, Any]) -> str:
        rows = assortment.limit(
            distributor_pk=self.kwargs["pk"],
            category_pks=[one.pk for one in values["categories"]],
            brand_pks=[one.pk for one in values["brands"]],
            at=timezone.now(),
        )
        return gettext("Its limits are set.") if rows else gettext("It sees everything listed.")


class SwitchesForm(forms.Form):
    """What it may do after a sale."""

    aftersale_open = forms.BooleanField(
        label=_("After-sales at the platform are open to it"), required=False
    )
    claims_open = forms.BooleanField(label=_("It may run claims here"), required=False)
    refund_before_receipt = forms.ChoiceField(
        label=_("A refund before receipt is"),
        choices=BeforeReceipt.choices,
        widget=forms.RadioSelect,
    )


class SetSwitches(AboutDistributor):
    """Open or shut after-sales and claims."""

    act = "switches"
    title = _("After-sales and claims")
    explanation = _("Cases and claims that are open go on; new ones follow what is decided here.")
    form_class = SwitchesForm

    def initial(self) -> dict[str, Any]:
        found = self.subject()
        return {
            "aftersale_open": found.aftersale_open,
            "claims_open": found.claims_open,
            "refund_before_receipt": found.refund_before_receipt,
        }

    def decide(self, values: dict[str, Any]) -> str:
        switching.switch(distributor_pk=self.kwargs["pk"], **values)
        return gettext("Its after-sales and claims are set.")
