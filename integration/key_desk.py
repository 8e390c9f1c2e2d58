"""What people type about the keys of their machines, and what comes of it: the same at both doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from integration import keys
from integration.keys import SCOPES, NewKey
from integration.models import ApiKey, Partner, Side
from kit.errors import DomainError, NotFound

MAX_REASON = 200
SCOPE_NAMES: Mapping[Side, Mapping[str, Promise]] = {
    Side.DISTRIBUTOR: {
        "goods": gettext_lazy("Goods"),
        "orders": gettext_lazy("Orders"),
        "aftersales": gettext_lazy("After-sales"),
        "money": gettext_lazy("Money"),
        "events": gettext_lazy("Events and callbacks"),
    },
    Side.SUPPLIER: {
        "ship": gettext_lazy("Orders and shipping"),
        "stock": gettext_lazy("Stock"),
        "goods": gettext_lazy("Goods"),
        "bills": gettext_lazy("Bills"),
        "events": gettext_lazy("Events"),
    },
}


class KeyForm(forms.Form):
    """A new key: what it is called, and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For yourself: which system uses it."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may be used for"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, *, side: Side) -> None:
        super().__init__(data)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope, SCOPE_NAMES[side][scope]) for scope in SCOPES[side]]
        field.initial = list(SCOPES[side])


class AddressesForm(forms.Form):
    """The addresses that the machines call from, one a line."""

    addresses = forms.CharField(
        label=gettext_lazy("Addresses and networks, one a line"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Such as 203.0.113.7 or 203.0.113.0/24. Empty: any address may call."
        ),
    )

    @property
    def wanted(self) -> list[str]:
        """The addresses, once they are read."""
        lines = self.cleaned_data["addresses"].replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]


class RevokeForm(forms.Form):
    """Why a key is revoked."""

    reason = forms.CharField(max_length=MAX_REASON)


@dataclass(frozen=True)
class Made:
    """A new key, or the form that says why there is none."""

    form: KeyForm
    key: NewKey | None


def make(partner: Partner, data: QueryDict, *, at: datetime) -> Made:
    """Make a key as the form says."""
    form = KeyForm(data, side=Side(partner.side))
    if not form.is_valid():
        return Made(form, None)
    try:
        return Made(form, keys.create(partner=partner, at=at, **form.cleaned_data))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return Made(form, None)


def rotate(partner: Partner, public_id: str, *, at: datetime) -> NewKey:
    """Give a key a new secret; the one before works on for a while.

    :raises NotFound: the partner has no such key, or it is revoked.
    """
    return keys.rotate(key_pk=find(partner, public_id).pk, partner=partner, at=at)


def revoke(partner: Partner, public_id: str, data: QueryDict, *, at: datetime) -> bool:
    """End a key for good; False where nobody said why.

    :raises NotFound: the partner has no such key, or it is revoked.
    """
    key, form = find(partner, public_id), RevokeForm(data)
    if not form.is_valid():
        return False
    keys.revoke(key_pk=key.pk, partner=partner, at=at, reason=form.cleaned_data["reason"])
    return True


def bind(partner: Partner, data: QueryDict) -> AddressesForm | None:
    """Let machines call only from these addresses; return the form where it is wrong."""
    form = AddressesForm(data)
    if not form.is_valid():
        return form
    try:
        keys.bind_addresses(partner=partner, addresses=form.wanted)
    except DomainError as refusal:
        form.add_error("addresses", str(refusal))
        return form
    return None


def find(partner: Partner, public_id: str) -> ApiKey:
    """Return a key of a partner.

    :raises NotFound: the partner has no such key.
    """
    key = partner.keys.filter(public_id=public_id).first()
    if key is None:
        raise NotFound
    return key
