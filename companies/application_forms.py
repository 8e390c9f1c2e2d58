"""What the public forms of both sides ask of a company that applies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies import papers
from companies.applications import COMMON
from companies.applying import CreditCodeInvalid
from kit import credit_codes
from kit.errors import DomainError

ACCEPTED = "application/pdf,image/jpeg,image/png,image/webp"
SHOWN_MEGABYTES = papers.MAX_BYTES // (1024 * 1024)


def paper_field(*, label: Any, required: bool) -> forms.FileField:
    """Return a field for a paper."""
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(label=label, required=required, widget=widget, max_length=200)


class CompanyForm(forms.Form):
    """Who a company is and how it is reached; each side adds its own questions and papers."""

    # Questions that take the whole width.
    WIDE: tuple[str, ...] = ()

    company_name = forms.CharField(
        label=_("Company name, as on the business licence"),
        max_length=COMMON["company_name"],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=32,
        help_text=_("18 digits and letters, as on the business licence."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    contact_name = forms.CharField(
        label=_("Contact person"),
        max_length=COMMON["contact_name"],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = forms.CharField(
        label=_("Telephone"),
        max_length=COMMON["contact_phone"],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=COMMON["email"],
        help_text=_("When you are approved, the invitation goes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # People do not see it; whoever fills it in is no person.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, application: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(application)

    def ask(self, application: Any) -> None:
        """Add questions that depend on what is there; `application` is one to be corrected."""

    def clean_credit_code(self) -> str:
        """Check its last digit."""
        code = credit_codes.tidied(self.cleaned_data["credit_code"])
        if not credit_codes.is_valid(code):
            raise forms.ValidationError(str(CreditCodeInvalid(value=code)))
        return code

    def clean(self) -> dict[str, Any]:
        """Read the papers; a picture is encoded anew."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.paper_names():
            if values.get(name):
                self._read(name, values[name])
        return values

    def paper_names(self) -> list[str]:
        """Return the names of the fields for papers."""
        return [name for name, one in self.fields.items() if isinstance(one, forms.FileField)]

    def _read(self, name: str, upload: Any) -> None:
        try:
            self.cleaned_data[name] = papers.read_upload(
                name=upload.name or "", content=upload.read(papers.MAX_BYTES + 1)
            )
        except DomainError as refusal:
            self.add_error(name, str(refusal))


def kept(file_name: str) -> str:
    """Say that a paper which was handed in before stays."""
    return str(_("“{name}” stays unless you choose another file.")).format(name=file_name)
