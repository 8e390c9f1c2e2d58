"""The public form by which a company applies to supply goods, and the page that its link leads to."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies import application_pages
from companies.application_forms import CompanyForm, kept, paper_field
from companies.application_pages import ApplicationDoor
from companies.papers import Upload
from suppliers import applying, checklist
from suppliers.applying import Answers
from suppliers.models import Application, PaperKind
from supplychain.models import Category


class ApplicationForm(CompanyForm):
    """What a company says of itself and its goods, and its papers."""

    WIDE = ("categories", "main_goods")

    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories you offer"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    main_goods = forms.CharField(
        label=gettext_lazy("Your main goods"),
        max_length=Application.LIMITS["main_goods"],
        help_text=gettext_lazy("Names, brands, roughly how much you can ship a month."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "low"}),
    )

    def ask(self, application: Application | None) -> None:
        """Offer the branches there are, and ask for the papers that policies name."""
        names = Category.objects.filter(parent=None).order_by("position", "pk")
        chosen = list(names.values_list("name", flat=True))
        offered: Any = self.fields["categories"]
        offered.choices = [(name, name) for name in chosen]
        if not chosen:
            del self.fields["categories"]
        known = {one.kind: one for one in applying.papers_of(application)} if application else {}
        for one in checklist.asked():
            there = known.get(one.kind)
            label = one.kind.label if one.required else _("{paper} (if you have one)")
            field = paper_field(
                label=str(label).format(paper=one.kind.label),
                required=one.required and there is None,
            )
            if there is not None:
                field.help_text = kept(there.file_name)
            self.fields[one.kind.value] = field

    def answers(self) -> Answers:
        """Return what the company said."""
        values = self.cleaned_data
        return Answers(
            credit_code=values["credit_code"],
            categories=values.get("categories", []),
            **{name: values[name] for name in Application.LIMITS},
        )

    def uploads(self) -> dict[PaperKind, Upload]:
        """Return the papers that were chosen."""
        values = self.cleaned_data
        return {PaperKind(name): values[name] for name in self.paper_names() if values[name]}


class OfSuppliers(ApplicationDoor):
    """What is the suppliers' own."""

    kind, form_class = Application, ApplicationForm
    route = "application"
    form_page = "backoffice/apply.html"
    thanks_page = "backoffice/applied.html"
    state_page = "backoffice/application.html"

    def apply(self, form: ApplicationForm, **rest: Any) -> Application:
        return applying.apply(answers=form.answers(), uploads=form.uploads(), **rest)

    def correct(self, form: ApplicationForm, **rest: Any) -> Application:
        return applying.correct(answers=form.answers(), uploads=form.uploads(), **rest)

    def more(self, found: Application) -> dict[str, Any]:
        return {"papers": [paper.get_kind_display() for paper in applying.papers_of(found)]}


class Apply(OfSuppliers, application_pages.Apply):
    """Apply to become a supplier."""


class Applied(OfSuppliers, application_pages.Applied):
    """How far it has come."""
