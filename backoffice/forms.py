"""What people type into the pages of their company and of themselves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from companies.joining import NarrowedOnlyMembers
from companies.models import Duty, Person, Role


class RoleForm(forms.Form):
    """What a member may do; a supplier narrows members to some of its work."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)
    duties = forms.MultipleChoiceField(
        label=_("Only this work"),
        choices=Duty.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For members. None ticked: everything but the team."),
    )

    def __init__(self, *args: Any, of_supplier: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not of_supplier:
            del self.fields["duties"]

    def clean(self) -> dict[str, Any]:
        """Refuse work without the role that it narrows."""
        values: dict[str, Any] = super().clean() or {}
        values.setdefault("duties", [])
        if values["duties"] and values.get("role") != Role.MEMBER:
            self.add_error("duties", str(NarrowedOnlyMembers.text))
        return values


class InvitationForm(RoleForm):
    """Whom a company invites."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)

    field_order = ("email", "role", "duties")


class JoinForm(forms.Form):
    """Somebody new: a name, and a password twice."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The password again"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Check that both passwords are the same and hard to guess."""
        values: dict[str, Any] = super().clean() or {}
        password, again = values.get("password"), values.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            person = Person(email=self.email, name=values.get("name", ""))
            try:
                validate_password(password, person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return values


class KnownPersonForm(forms.Form):
    """Somebody who has a log-in here already: only their password."""

    password = forms.CharField(
        label=_("Your password here"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
