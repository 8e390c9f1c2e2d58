"""What staff decide about prices: a product's own fee rates, and markups on supply prices."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.foreseeing import Foreseen
from console.goods import AboutProduct
from distributors.models import Level
from kit.fields import PercentField, YuanField, percent
from supplychain import assortment, foreseeing
from supplychain.foreseeing import Effect
from supplychain.models import MAX_PRICE_FEN, Sku


class Rates(Foreseen, AboutProduct):
    """The product's own fee rate for some levels."""

    right = "console.set_prices"
    act = "rates"
    title = _("Fee rates of the product")
    explanation = _("Where nothing is written, the level's own rate holds. Old orders keep theirs.")

    def form(self, data: Any = None) -> forms.Form:
        own = {o.level_id: o.fee_rate_bp for o in self.subject().rate_overrides.all()}
        form = forms.Form(data)
        for level in Level.objects.all():
            form.fields[f"level_{level.pk}_bp"] = PercentField(
                label=f"{level.name} (%)",
                required=False,
                initial=own.get(level.pk),
                help_text=gettext("The level's own: {rate} %").format(
                    rate=percent(level.fee_rate_bp)
                ),
            )
        return form

    def foresee(self, values: dict[str, Any]) -> Effect:
        wanted = {level: values.get(f"level_{level.pk}_bp") for level in Level.objects.all()}
        return foreseeing.of_own_rates(self.subject(), wanted)

    def decide(self, values: dict[str, Any]) -> str:
        own = {o.level_id: o.fee_rate_bp for o in self.subject().rate_overrides.all()}
        for level in Level.objects.all():
            rate_bp = values.get(f"level_{level.pk}_bp")
            if rate_bp != own.get(level.pk):
                assortment.override_rate(
                    product_pk=self.kwargs["pk"],
                    level=level,
                    fee_rate_bp=rate_bp,
                    at=timezone.now(),
                )
        return gettext("The rates are set.")


class Markups(AboutProduct):
    """What the platform adds to the supply price of each sku."""

    right = "console.set_prices"
    act = "markups"
    title = _("Markups")
    explanation = _(
        "Agreement price = supply price + markup + service fee. Old orders keep theirs."
    )

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data)
        for one in self._skus():
            form.fields[f"sku_{one.pk}_fen"] = YuanField(
                label=f"{one.sku_no} {one.spec_text}".strip() + " (¥)",
                max_fen=MAX_PRICE_FEN,
                initial=one.markup_fen,
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        for one in self._skus():
            wanted = values.get(f"sku_{one.pk}_fen")
            if wanted is not None and wanted != one.markup_fen:
                assortment.set_markup(sku_pk=one.pk, markup_fen=wanted, at=timezone.now())
        return gettext("The markups are set.")

    def _skus(self) -> list[Sku]:
        return list(self.subject().skus.filter(offered=True))
