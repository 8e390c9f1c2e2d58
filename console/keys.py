"""A distributor's machines: keys, bound addresses, callback address."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing
from console.distributors import AboutDistributor
from console.pages import Decision, hand_over
from distributors.models import Distributor
from integration import endpoints, keys
from integration.admin import SCOPES
from integration.models import ApiKey, KeyState, Side
from kit.errors import NotFound

MAX_ADDRESSES_TEXT = 4_000


class KeyForm(forms.Form):
    """What it is for, and what it may do."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, SCOPES[scope]) for scope in keys.SCOPES[Side.DISTRIBUTOR]],
        widget=forms.CheckboxSelectMultiple,
    )


class MakeKey(AboutDistributor):
    """Make a key; its secret is shown once."""

    right = "console.manage_keys"
    act = "make_key"
    title = _("Make an API key")
    form_class = KeyForm

    def initial(self) -> dict[str, Any]:
        return {"scopes": list(keys.SCOPES[Side.DISTRIBUTOR])}

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        made = keys.create(
            partner=self.subject().partner,
            at=timezone.now(),
            name=values["name"],
            scopes=values["scopes"],
        )
        return _sheet(self, self.subject(), made)


class AboutKey(Decision):
    """A decision about one key; it ends on its distributor's page."""

    right = "console.manage_keys"

    def subject(self) -> ApiKey:
        rows = ApiKey.objects.select_related("partner__distributor__company")
        found = rows.filter(pk=self.kwargs["pk"], partner__side=Side.DISTRIBUTOR).first()
        if found is None or found.state != KeyState.LIVE:
            raise NotFound
        return found

    def after(self) -> str:
        key = ApiKey.objects.select_related("partner__distributor").get(pk=self.kwargs["pk"])
        return reverse("console:distributor", args=[key.partner.distributor.pk])


class RotateKey(AboutKey):
    """Give it a new secret."""

    act = "rotate_key"
    title = _("Rotate the secret")
    explanation = _("The key gets a new secret, shown once; the one before works on for a time.")

    def decide(self, values: dict[str, Any]) -> HttpResponse:  # noqa: ARG002
        key = self.subject()
        made = keys.rotate(key_pk=key.pk, partner=key.partner, at=timezone.now())
        return _sheet(self, key.partner.distributor, made)


class RevokeForm(forms.Form):
    """Why."""

    reason = choosing.reason()


class RevokeKey(AboutKey):
    """End it for good."""

    act = "revoke_key"
    title = _("Revoke the key")
    explanation = _("Within seconds nothing signed with it is accepted any more. This is for good.")
    dangerous = True
    form_class = RevokeForm

    def decide(self, values: dict[str, Any]) -> str:
        key = self.subject()
        keys.revoke(key_pk=key.pk, partner=key.partner, at=timezone.now(), reason=values["reason"])
        return gettext("The key is revoked.")


class AddressesForm(forms.Form):
    """From where it may call."""

    addresses = forms.CharField(
        label=_("Bound addresses"),
        required=False,
        max_length=MAX_ADDRESSES_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("IP addresses or networks, one a line; none: it may call from anywhere."),
    )


class BindAddresses(AboutDistributor):
    """Let it call from some addresses only."""

    right = "console.manage_keys"
    act = "bind_addresses"
    title = _("Bound addresses")
    form_class = AddressesForm

    def initial(self) -> dict[str, Any]:
        return {"addresses": "\n".join(self.subject().partner.allowed_addresses)}

    def decide(self, values: dict[str, Any]) -> str:
        keys.bind_addresses(partner=self.subject().partner, addresses=values["addresses"].split())
        return gettext("The addresses are bound.")


class CallbackForm(forms.Form):
    """Where to call."""

    url = forms.URLField(label=_("Callback address"), max_length=500, assume_scheme="https")


class SetCallback(AboutDistributor):
    """Set where it is called back; the secret is shown once, when it is made."""

    right = "console.manage_keys"
    act = "callback"
    title = _("Callback address")
    form_class = CallbackForm

    def initial(self) -> dict[str, Any]:
        endpoint = getattr(self.subject().partner, "endpoint", None)
        return {"url": endpoint.url if endpoint else ""}

    def decide(self, values: dict[str, Any]) -> str | HttpResponse:
        found = self.subject()
        known = getattr(found.partner, "endpoint", None)
        saved = endpoints.save(
            partner=found.partner,
            url=values["url"],
            at=timezone.now(),
            types=known.types if known else (),
        )
        if saved.secret is None:
            return gettext("The callback address is set.")
        return hand_over(
            self,
            title=_("Callbacks"),
            address=self.after(),
            facts=[
                (_("Distributor"), str(found)),
                (_("Callback address"), saved.endpoint.url),
                (_("Callback secret (shown this once)"), saved.secret),
            ],
        )


def _sheet(page: Decision, distributor: Distributor, made: keys.NewKey) -> HttpResponse:
    return hand_over(
        page,
        title=_("API key"),
        address=page.after(),
        facts=[
            (_("Distributor"), str(distributor)),
            (_("API base address"), settings.PUBLIC_URL.rstrip("/") + "/api/v1/"),
            (_("API key"), made.key.public_id),
            (_("API secret (shown this once)"), made.secret),
        ],
    )
