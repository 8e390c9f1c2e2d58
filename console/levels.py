"""Levels: adding one, changing its name, rank and rate, and putting distributors on one."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import choosing
from console.foreseeing import Foreseen
from distributors import levels
from distributors.models import Level
from kit.errors import NotFound
from kit.fields import PercentField
from supplychain import foreseeing
from supplychain.foreseeing import Effect


class LevelForm(forms.Form):
    """A level."""

    code = forms.SlugField(label=_("Code"), max_length=16)
    name = forms.CharField(label=_("Name"), max_length=40)
    rank = forms.IntegerField(label=_("Rank"), min_value=0, max_value=32_767)
    fee_rate_bp = PercentField(label=_("Fee rate (%)"))

    def clean_code(self) -> str:
        """Add under a code that is new."""
        code: str = self.cleaned_data["code"]
        if not self.fields["code"].disabled and Level.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a level with this code."))
        return code

    def clean_rank(self) -> int:
        """Two levels have no rank in common."""
        rank: int = self.cleaned_data["rank"]
        others = Level.objects.exclude(code=self.cleaned_data.get("code", ""))
        if others.filter(rank=rank).exists():
            raise forms.ValidationError(_("Another level has this rank."))
        return rank


class DefineLevel(Foreseen):
    """Add a level, or change its name, rank and rate."""

    right = "console.set_prices"
    act = "level"
    title = _("Level")
    explanation = _("A new rate re-prices all distributors of the level; old orders keep theirs.")
    form_class = LevelForm

    def subject(self) -> Level | None:
        if "pk" not in self.kwargs:
            return None
        found = Level.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def initial(self) -> dict[str, Any]:
        level = self.subject()
        if level is None:
            return {}
        return {
            "code": level.code,
            "name": level.name,
            "rank": level.rank,
            "fee_rate_bp": level.fee_rate_bp,
        }

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        # The code says which level is meant, so that of a known one stays.
        form.fields["code"].disabled = self.subject() is not None
        return form

    def foresee(self, values: dict[str, Any]) -> Effect:
        # Of a new level nobody is concerned, and its rate is compared with itself.
        level = self.subject() or Level(fee_rate_bp=values["fee_rate_bp"])
        return foreseeing.of_rate(level, values["fee_rate_bp"])

    def decide(self, values: dict[str, Any]) -> str:
        level = levels.define(**values, at=timezone.now())
        return gettext("The level “{level}” is set.").format(level=level.name)

    def after(self) -> str:
        return reverse("admin:distributors_level_changelist")


class AssignForm(forms.Form):
    """Whom to put on which level."""

    level = choosing.level()
    distributors = choosing.distributors(required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["distributors"]
        field.queryset = field.queryset.select_related("level")
        field.label_from_instance = lambda one: f"{one} · {one.level.name}"


class AssignLevels(Foreseen):
    """Put some distributors on a level at once."""

    right = "console.change_companies"
    act = "assign_levels"
    title = _("Put distributors on a level")
    explanation = _("Orders from now on pay the fee of the new level; old ones keep theirs.")
    form_class = AssignForm

    def initial(self) -> dict[str, Any]:
        return {"distributors": self.request.GET.getlist("distributor")}

    def foresee(self, values: dict[str, Any]) -> Effect:
        return foreseeing.of_assignment(values["distributors"], values["level"])

    def decide(self, values: dict[str, Any]) -> str:
        level, at = values["level"], timezone.now()
        pks = sorted(one.pk for one in values["distributors"])
        for pk in pks:
            levels.assign(distributor_pk=pk, level=level, at=at)
        done = ngettext(
            "{count} distributor is on the level “{level}” now.",
            "{count} distributors are on the level “{level}” now.",
            len(pks),
        )
        return done.format(count=len(pks), level=level.name)

    def after(self) -> str:
        return reverse("admin:distributors_distributor_changelist")
