"""Freight templates: rules beside a map of the country, and a box that tests what they charge."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import formset_factory
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from console.bulk_goods import provinces
from console.pages import Decision, Page
from kit import languages, money
from kit.errors import NotFound
from kit.fields import YuanField
from supplychain import freight, regions, tariffs
from supplychain.freight import Load
from supplychain.models import ChargeBy, FreightTemplate
from supplychain.regions import Destination

# Rules from here on share colours; their number tells them apart.
COLOURS = 8
MAX_PIECES = 100_000
MAX_REGION = 32

# Where each province stands, as squares laid out like the country: column and row.
PLACES: dict[str, tuple[int, int]] = {
    "黑龙江省": (9, 0),
    "内蒙古自治区": (6, 1), "辽宁省": (8, 1), "吉林省": (9, 1),
    "新疆维吾尔自治区": (1, 2), "甘肃省": (3, 2), "宁夏回族自治区": (4, 2), "山西省": (5, 2),
    "河北省": (6, 2), "北京市": (7, 2), "天津市": (8, 2),
    "青海省": (2, 3), "陕西省": (4, 3), "河南省": (5, 3), "山东省": (6, 3),
    "西藏自治区": (1, 4), "四川省": (3, 4), "重庆市": (4, 4), "湖北省": (5, 4),
    "安徽省": (6, 4), "江苏省": (7, 4), "上海市": (8, 4),
    "云南省": (3, 5), "贵州省": (4, 5), "湖南省": (5, 5), "江西省": (6, 5), "浙江省": (7, 5),
    "广西壮族自治区": (4, 6), "广东省": (5, 6), "福建省": (6, 6), "台湾省": (8, 6),
    "海南省": (4, 7), "澳门特别行政区": (5, 7), "香港特别行政区": (6, 7),
}  # fmt: skip
SIDE, GAP = 60, 4
LEFT = 1
WIDTH = (10 - LEFT) * (SIDE + GAP) + GAP
HEIGHT = 8 * (SIDE + GAP) + GAP


@dataclass(frozen=True)
class Tile:
    """A province on the map. `rule` counts from 1; 0: the rule for everywhere else, None: none."""

    region: str
    name: str
    label: str
    x: int
    y: int
    rule: int | None
    colour: int
    # Whether a city in it has a rule of its own.
    has_cities: bool

    @property
    def lines(self) -> list[tuple[str, int]]:
        """The label on one or two lines, with where each stands."""
        words = self.label.split(" ")
        first = self.y + SIDE // 2 + (8 if len(words) == 1 else 2)
        return [(word, first + 11 * place) for place, word in enumerate(words)]

    @property
    def middle(self) -> int:
        """The middle of the tile."""
        return self.x + SIDE // 2


def tiles(rules: list[freight.Rule]) -> list[Tile]:
    """Return the map: each province with the rule that an order to it would be charged by."""
    numbers = {id(rule): place for place, rule in enumerate(_named(rules), 1)}
    found = []
    chinese = not languages.reads_english()
    for _code, region, english in regions.PROVINCES:
        column, row = PLACES[region]
        rule = freight.rule_for(rules, Destination(region))
        number = None if rule is None else numbers.get(id(rule), 0)
        found.append(
            Tile(
                region=region,
                name=region if chinese else english,
                label=regions.short(region) if chinese else english,
                x=GAP + (column - LEFT) * (SIDE + GAP),
                y=GAP + row * (SIDE + GAP),
                rule=number,
                colour=(number - 1) % COLOURS + 1 if number else 0,
                has_cities=any(
                    name.startswith(f"{region}/") for rule in rules for name in rule.regions
                ),
            )
        )
    return found


@dataclass(frozen=True)
class Legend:
    """A rule as the legend says it."""

    number: int
    colour: int
    regions: tuple[str, ...]
    sentence: str


def legend(rules: list[freight.Rule]) -> list[Legend]:
    """Return the rules as sentences, the one for everywhere else last."""
    named = [
        Legend(place, (place - 1) % COLOURS + 1, tuple(map(_place, rule.regions)), sentence(rule))
        for place, rule in enumerate(_named(rules), 1)
    ]
    return named + [Legend(0, 0, (), sentence(rule)) for rule in rules if not rule.regions]


def sentence(rule: freight.Rule) -> str:
    """Say what a rule charges."""
    unit = gettext("g") if rule.charge_by == ChargeBy.WEIGHT else pgettext("unit", "pc.")
    words = [
        gettext("first {units} {unit} {amount}").format(
            units=rule.first_units, unit=unit, amount=money.yuan(rule.first_fen)
        ),
        gettext("each further {units} {unit} {amount}").format(
            units=rule.further_units, unit=unit, amount=money.yuan(rule.further_fen)
        ),
    ]
    if rule.free_from_units is not None:
        free = gettext("free from {units} {unit}")
        words.append(free.format(units=rule.free_from_units, unit=unit))
    if rule.free_from_fen is not None:
        worth = gettext("free from goods worth {amount}")
        words.append(worth.format(amount=money.yuan(rule.free_from_fen)))
    return " · ".join(words)


def template_of(pk: int) -> FreightTemplate:
    """Return a template as it is now.

    :raises NotFound: there is none.
    """
    found = FreightTemplate.objects.select_related("supplier__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class ChargeForm(forms.Form):
    """What is sent where."""

    region = forms.ChoiceField(label=_("Province"))
    city = forms.CharField(label=_("City"), required=False, max_length=MAX_REGION)
    quantity = forms.IntegerField(
        label=_("Pieces"), min_value=1, max_value=MAX_PIECES, initial=1, required=False
    )
    weight_g = forms.IntegerField(
        label=_("Weight of all (g)"), min_value=0, max_value=tariffs.MAX_UNITS, required=False
    )
    goods_fen = YuanField(label=_("Goods worth (¥)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["region"].choices = provinces()


class FreightPage(Page):
    """A template on the map, whoever owns it, and the box that tests it."""

    right = "console.see_goods"
    template_name = "console/freight.html"

    def heading(self) -> str:
        return template_of(self.kwargs["pk"]).name

    def context(self) -> dict[str, Any]:
        template = template_of(self.kwargs["pk"])
        known = freight.tariffs([template.pk])
        rules = list(known.get(template.pk, ()))
        form = ChargeForm(self.request.GET if "region" in self.request.GET else None)
        shown = {
            "template": template,
            "tiles": tiles(rules),
            "legend": legend(rules),
            "products": template.products.count(),
            "form": form,
        }
        return {**MAP, **shown, **(self._tested(form, template, rules) if form.is_valid() else {})}

    def _tested(
        self, form: forms.Form, template: FreightTemplate, rules: list[freight.Rule]
    ) -> dict[str, Any]:
        values = form.cleaned_data
        to = Destination(values["region"], values["city"].strip())
        load = Load(
            template.pk,
            values["quantity"] or 1,
            values["weight_g"] or 0,
            values["goods_fen"] or 0,
        )
        rule = freight.rule_for(rules, to)
        return {
            "tested": True,
            "charge_fen": freight.charge([load], to, {template.pk: rules}),
            "rule": sentence(rule) if rule else "",
            "rule_regions": [_place(one) for one in rule.regions] if rule else [],
        }


MAP = {"width": WIDTH, "height": HEIGHT, "side": SIDE}


class RuleForm(forms.Form):
    """One rule: a first amount, then each further one, for some regions."""

    regions = forms.CharField(
        label=_("Regions"),
        required=False,
        max_length=2_000,
        help_text=_("Choose them on the map, or write them with commas between: 广东, 四川/成都市"),
    )
    first_units = forms.IntegerField(
        label=_("The first (pieces or g)"), min_value=1, max_value=tariffs.MAX_UNITS, initial=1
    )
    first_fen = YuanField(label=_("cost (¥)"), max_fen=tariffs.MAX_FEN)
    further_units = forms.IntegerField(
        label=_("each further (pieces or g)"), min_value=1, max_value=tariffs.MAX_UNITS, initial=1
    )
    further_fen = YuanField(label=_("cost more (¥)"), max_fen=tariffs.MAX_FEN, initial=0)
    free_from_units = forms.IntegerField(
        label=_("free from (pieces or g)"),
        min_value=1,
        max_value=tariffs.MAX_UNITS,
        required=False,
    )
    free_from_fen = YuanField(
        label=_("free from goods worth (¥)"), max_fen=tariffs.MAX_FEN, required=False
    )

    def clean_regions(self) -> tuple[str, ...]:
        """Write each region as we know it."""
        text = self.cleaned_data["regions"].replace("，", ",").replace("、", ",")
        try:
            return tuple(regions.canonical(one) for one in text.split(",") if one.strip())
        except regions.RegionUnknown as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def rule(self) -> tariffs.Rule:
        """Return the rule that was typed."""
        values = self.cleaned_data
        return tariffs.Rule(**{name: values[name] for name in self.base_fields})


RuleForms = formset_factory(
    RuleForm,
    extra=0,
    min_num=1,
    max_num=tariffs.MAX_RULES,
    absolute_max=tariffs.MAX_RULES,
    can_delete=True,
)


class TemplateForm(forms.Form):
    """A template's name, what it counts, and its rules."""

    name = forms.CharField(label=_("Name"), max_length=tariffs.MAX_NAME)
    charge_by = forms.ChoiceField(label=_("Charged"), choices=ChargeBy.choices)

    def __init__(self, data: Any = None, *, template: FreightTemplate | None = None) -> None:
        rows: list[dict[str, Any]] = [{}]
        if template is not None:
            super().__init__(data, initial={"name": template.name, "charge_by": template.charge_by})
            rows = [
                {name: getattr(rule, name) for name in RuleForm.base_fields}
                | {"regions": "、".join(rule.regions)}
                for rule in template.rules.all()
            ]
        else:
            super().__init__(data)
        self.rules = RuleForms(data, prefix="rules", initial=rows)

    def clean(self) -> dict[str, Any]:
        """The rules belong to it."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.rules.is_valid():
            raise forms.ValidationError(_("A rule is not right yet; see below."))
        return values

    def kept(self) -> list[tariffs.Rule]:
        """Return the rules that stay."""
        gone = self.rules.deleted_forms
        return [one.rule() for one in self.rules.forms if one not in gone]


class EditFreight(Decision):
    """Make a template of the platform's own, or change one."""

    right = "console.edit_reference"
    act = "freight_template"
    title = _("Freight template")
    explanation = _("Orders from now on are charged by it; what was ordered keeps its freight.")
    template_name = "console/freight_form.html"
    button = _("Save")
    made: FreightTemplate | None = None
    filled: TemplateForm | None = None

    def subject(self) -> FreightTemplate | None:
        if "pk" not in self.kwargs:
            return None
        found = template_of(self.kwargs["pk"])
        if found.supplier_id is not None:
            raise NotFound
        return found

    def form(self, data: Any = None) -> forms.Form:
        self.filled = TemplateForm(data, template=self.subject())
        return self.filled

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), **MAP, "tiles": tiles([])}

    def decide(self, values: dict[str, Any]) -> str:
        assert self.filled is not None
        subject = self.subject()
        self.made = tariffs.save_template(
            supplier=None,
            template_pk=subject.pk if subject else None,
            name=values["name"],
            charge_by=ChargeBy(values["charge_by"]),
            rules=self.filled.kept(),
        )
        return gettext("Saved. New orders are charged by it.")

    def after(self) -> str:
        pk = self.made.pk if self.made else self.kwargs.get("pk")
        if pk is None:
            return reverse("admin:supplychain_freighttemplate_changelist")
        return reverse("console:freight_template", args=[pk])


def _named(rules: list[freight.Rule]) -> list[freight.Rule]:
    return [rule for rule in rules if rule.regions]


def _place(region: str) -> str:
    """Name a region in the reader's language; cities stay as they are written."""
    province, slash, city = region.partition("/")
    return dict(provinces()).get(province, province) + slash + city
