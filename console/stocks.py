"""What staff decide about stock: what the common pool holds, and what is kept for one distributor."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import choosing, goods
from console.choosing_goods import Choice, ticked
from console.pages import Decision
from distributors.models import Distributor
from kit.errors import DomainError
from supplychain import stock
from supplychain.models import MAX_STOCK, Allotment, Sku

GRID_SKUS = 50
GRID_DISTRIBUTORS = 8


class AboutSku(Decision):
    """A decision about one sku; it ends on its product's page."""

    right = "console.keep_stock"

    def subject(self) -> Sku:
        return goods.sku(self.kwargs["pk"])

    def after(self) -> str:
        found = self.subject()
        return reverse("console:product", args=[found.product_id]) + f"#sku-{found.pk}"


class StockForm(forms.Form):
    """A new quantity, or a difference."""

    how = forms.ChoiceField(
        label=_("How"),
        choices=[("set", _("set to")), ("add", _("add (or take, with a minus)"))],
        widget=forms.RadioSelect,
    )
    quantity = forms.IntegerField(label=_("Pieces"), min_value=-MAX_STOCK, max_value=MAX_STOCK)
    note = choosing.reason(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class SetStock(AboutSku):
    """Set what the common pool holds."""

    act = "stock"
    title = _("Stock")
    form_class = StockForm

    def initial(self) -> dict[str, Any]:
        level = self.subject().stock
        return {"how": "set", "quantity": level.available, "version": level.version}

    def around(self, form: forms.Form) -> dict[str, Any]:
        words = gettext("The pool holds {count} now, shared by all distributors.")
        count = self.subject().stock.available
        return {**super().around(form), "explanation": words.format(count=count)}

    def decide(self, values: dict[str, Any]) -> str:
        common = {"actor": self.actor, "at": timezone.now(), "note": values["note"]}
        pk, quantity = self.kwargs["pk"], values["quantity"]
        if values["how"] == "add":
            level = stock.adjust(sku_pk=pk, quantity=quantity, **common)
        else:
            level = stock.set_available(
                sku_pk=pk, available=quantity, expected_version=values["version"], **common
            )
        return gettext("The pool holds {count} now.").format(count=level.available)


class AllotForm(forms.Form):
    """How much of the pool, and for whom."""

    distributor = choosing.distributor()
    quantity = forms.IntegerField(label=_("Pieces"), min_value=0, max_value=MAX_STOCK)
    then_pool = forms.BooleanField(
        label=_("When it is used up, orders go on from the common pool"),
        required=False,
        initial=True,
    )


class Allot(AboutSku):
    """Keep a part of the pool for one distributor."""

    act = "allot"
    title = _("Allot")
    explanation = _(
        "These pieces leave the common pool and only this distributor can order them."
        " It replaces what was allotted to it before; 0 gives all of it back."
    )
    form_class = AllotForm

    def decide(self, values: dict[str, Any]) -> str:
        allotted = stock.allot(
            sku_pk=self.kwargs["pk"],
            distributor=values["distributor"],
            quantity=values["quantity"],
            then_pool=values["then_pool"],
            actor=self.actor,
            at=timezone.now(),
        )
        words = gettext("{count} are kept for {distributor} now.")
        return words.format(count=allotted.available, distributor=values["distributor"])


# --- many allotments at once ------------------------------------------------------------------------


class GridForm(forms.Form):
    """A number for each sku and distributor; what was shown comes back beside it."""

    def __init__(self, *args: Any, grid: "Grid", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for sku in grid.skus:
            for distributor in grid.distributors:
                held = grid.held(sku, distributor)
                now = held.available if held else 0
                self.fields[f"cell_{sku.pk}_{distributor.pk}"] = forms.IntegerField(
                    label=f"{sku.sku_no} → {distributor.company}",
                    min_value=0,
                    max_value=MAX_STOCK,
                    required=False,
                    initial=now,
                )
                self.fields[f"was_{sku.pk}_{distributor.pk}"] = forms.IntegerField(
                    widget=forms.HiddenInput, min_value=0, required=False, initial=now
                )


class Grid:
    """Skus of the products that a query names, against the distributors it names.

    Without any, those are shown that hold something of them.
    """

    def __init__(self, query: QueryDict) -> None:
        self.choice = Choice(query)
        products = self.choice.products()
        skus = Sku.objects.filter(product__in=products, offered=True)
        self.page = Paginator(
            skus.select_related("product", "stock").order_by("product_id", "position", "pk"),
            GRID_SKUS,
        ).get_page(query.get("page"))
        self.skus: list[Sku] = list(self.page.object_list)
        rows = Allotment.objects.filter(sku__in=self.skus)
        self._held = {(one.sku_id, one.distributor_id): one for one in rows}
        asked = ticked(",".join(query.getlist("distributors")))
        known = asked or [pk for _sku, pk in self._held]
        wanted = list(dict.fromkeys(known))[:GRID_DISTRIBUTORS]
        found = Distributor.objects.select_related("company").filter(pk__in=wanted)
        self.distributors = list(found.order_by("number"))

    def held(self, sku: Sku, distributor: Distributor) -> Allotment | None:
        """Return what is kept for a distributor."""
        return self._held.get((sku.pk, distributor.pk))


class PickForm(forms.Form):
    """Whose columns the grid has."""

    distributors = choosing.distributors()


class AllotInGrid(Decision):
    """Keep parts of many pools for some distributors: each changed cell is an act of its own."""

    right = "console.keep_stock"
    act = "allot_in_grid"
    title = _("Allot in a grid")
    template_name = "console/allotment_grid.html"
    filled: forms.Form | None = None

    @cached_property
    def grid(self) -> Grid:
        """What the address names."""
        return Grid(self.request.GET)

    def form(self, data: Any = None) -> forms.Form:
        self.filled = GridForm(data, grid=self.grid)
        return self.filled

    def around(self, form: forms.Form) -> dict[str, Any]:
        grid = self.grid
        picked = [one.pk for one in grid.distributors]
        return {
            **super().around(form),
            "grid": grid,
            "pick": PickForm(initial={"distributors": picked}),
            "limit": GRID_DISTRIBUTORS,
            "rows": [
                (
                    sku,
                    [
                        (form[f"cell_{sku.pk}_{d.pk}"], form[f"was_{sku.pk}_{d.pk}"])
                        for d in grid.distributors
                    ],
                )
                for sku in grid.skus
            ],
        }

    def decide(self, values: dict[str, Any]) -> str | HttpResponse:
        assert self.filled is not None
        done = 0
        for sku in self.grid.skus:
            for distributor in self.grid.distributors:
                name = f"cell_{sku.pk}_{distributor.pk}"
                wanted, was = values[name], values[f"was_{sku.pk}_{distributor.pk}"] or 0
                if wanted is None or wanted == was:
                    continue
                try:
                    self._allot(sku, distributor, wanted, was)
                    done += 1
                except DomainError as refusal:
                    self.filled.add_error(name, str(refusal))
        if self.filled.errors:
            return self._some_refused(done)
        words = ngettext("{count} allotment is changed.", "{count} allotments are changed.", done)
        return words.format(count=done)

    def after(self) -> str:
        return f"{reverse('console:allotment_grid')}?{self.request.GET.urlencode()}"

    def _allot(self, sku: Sku, distributor: Distributor, wanted: int, was: int) -> None:
        held = self.grid.held(sku, distributor)
        stock.allot(
            sku_pk=sku.pk,
            distributor=distributor,
            quantity=wanted,
            then_pool=held.then_pool if held else True,
            actor=self.actor,
            at=timezone.now(),
            expected=was,
        )

    def _some_refused(self, done: int) -> HttpResponse:
        """Show the grid as it is now, with what was refused beside its cells."""
        assert self.filled is not None
        refused = {name: list(errors) for name, errors in self.filled.errors.items()}
        self.__dict__.pop("grid")
        shown = GridForm(grid=self.grid)
        words = ngettext("{count} allotment is changed.", "{count} allotments are changed.", done)
        context = self.around(shown) | {"refused": refused, "done": words.format(count=done)}
        return self.show(context, status=409)
