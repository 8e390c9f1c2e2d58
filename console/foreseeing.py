"""Decisions about prices that say what they would come to, before anybody decides."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from console.pages import Decision
from kit.fields import percent
from supplychain.foreseeing import Effect


class Foreseen(Decision):
    """A decision with a second button, which only shows what it would do to prices."""

    template_name = "console/foreseen.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Decide; or only say what it would come to."""
        if "preview" in request.POST:
            form = self.form(request.POST)
            if form.is_valid():
                effect = self.foresee(form.cleaned_data)
                shown = {"effect": effect, "said": sentence(effect)}
                return self.show({**self.around(form), **shown})
        return super().post(request, *args, **kwargs)

    def foresee(self, values: dict[str, Any]) -> Effect:
        """Return what these values would come to."""
        raise NotImplementedError


def sentence(effect: Effect) -> str:
    """Say an effect as people say it: how many, and by how much on average."""
    if not effect.distributors:
        return gettext("No distributor is concerned, so no price changes for anybody.")
    buyers = ngettext("{count} distributor", "{count} distributors", effect.distributors)
    count = f"{effect.skus:,}+" if effect.more else f"{effect.skus:,}"
    skus = ngettext("{count} listed sku", "{count} listed skus", effect.skus)
    return gettext("{distributors}, {skus}, average {change}").format(
        distributors=buyers.format(count=effect.distributors),
        skus=skus.format(count=count),
        change=signed(effect.average_bp),
    )


def signed(change_bp: int) -> str:
    """Show a change in basis points as percent with its sign."""
    sign = "+" if change_bp > 0 else "-" if change_bp < 0 else "±"
    return f"{sign}{percent(abs(change_bp))} %"
