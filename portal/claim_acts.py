"""What a distributor's people may do with a claim, under the names that the API has for it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from aftersales import claiming, goodwill
from aftersales.claim_writing import MAX_ADDRESS, MAX_WORDS
from aftersales.models import Claim, GoodwillKind
from kit.fields import PicturesField, YuanField
from portal import photos
from portal.case_acts import Act, ParcelForm


def words(label: Any, *, required: bool) -> forms.CharField:
    """A field for a few sentences."""
    return forms.CharField(
        label=label,
        max_length=MAX_WORDS,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def pictures() -> PicturesField:
    """A field for photos."""
    return PicturesField(
        label=gettext_lazy("Photos"),
        required=False,
        help_text=gettext_lazy("JPEG, PNG or WebP, up to 5 MB each."),
    )


class AgreeForm(forms.Form):
    """What the consumer gets."""

    amount_fen = YuanField(
        label=gettext_lazy("Amount (¥)"),
        max_fen=claiming.MAX_AMOUNT_FEN,
        help_text=gettext_lazy("What you give your consumer, of your own money."),
    )
    note = words(gettext_lazy("Words for the consumer"), required=False)


class RejectForm(forms.Form):
    """Why not."""

    note = words(gettext_lazy("Words for the consumer"), required=True)


class AddressForm(forms.Form):
    """Where the consumer sends the goods."""

    return_address = forms.CharField(
        label=gettext_lazy("Your return address"),
        max_length=MAX_ADDRESS,
        help_text=gettext_lazy("Name, phone and address on one line."),
    )


class AskForm(forms.Form):
    """What is asked of the platform."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What you ask for"),
        choices=GoodwillKind.choices,
        initial=GoodwillKind.AMOUNT,
        widget=forms.RadioSelect,
    )
    amount_fen = YuanField(
        label=gettext_lazy("Amount (¥)"),
        min_fen=1,
        required=False,
        help_text=gettext_lazy("Leave it empty where you ask for new goods."),
    )
    note = words(gettext_lazy("Why the platform should help"), required=True)
    photos = pictures()

    def clean(self) -> dict[str, Any]:
        """An amount takes a figure; new goods take none."""
        values = self.cleaned_data
        if values.get("kind") == GoodwillKind.RESHIP:
            values["amount_fen"] = None
        elif not values.get("amount_fen") and "amount_fen" not in self.errors:
            self.add_error("amount_fen", self.fields["amount_fen"].error_messages["required"])
        return values


def _agree(values: dict[str, Any], **about: Any) -> Claim:
    return claiming.agree(**values, **about)


def _reject(values: dict[str, Any], **about: Any) -> Claim:
    return claiming.reject(**values, **about)


def _withdraw(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return claiming.withdraw(**about)


def _push_address(values: dict[str, Any], **about: Any) -> Claim:
    return claiming.push_address(address=values["return_address"], **about)


def _send_back(values: dict[str, Any], **about: Any) -> Claim:
    return claiming.send_back(**_label(values), **about)


def _receive(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return claiming.receive(**about)


def _refund(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return claiming.refund(**about)


def _reship(values: dict[str, Any], **about: Any) -> Claim:
    return claiming.reship(**_label(values), **about)


def _complete(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return claiming.complete(**about)


def _ask(values: dict[str, Any], **about: Any) -> Claim:
    return goodwill.ask(
        amount_fen=values["amount_fen"] or 0,
        note=values["note"],
        evidence=photos.upload(about["distributor"], values["photos"], at=about["at"]),
        **about,
    )


def _settle(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return goodwill.settle(**about)


def _leave(values: dict[str, Any], **about: Any) -> Claim:  # noqa: ARG001
    return goodwill.refuse(**about)


def _label(values: dict[str, Any]) -> dict[str, Any]:
    return {"carrier_code": values["carrier"], "tracking_no": values["tracking_no"]}


# By the names that the API has for them, in the order in which they are shown.
ACTS: dict[str, Act] = {
    "goodwill-acceptance": Act(
        gettext_lazy("The platform offers to help"),
        gettext_lazy("Accept the offer"),
        _settle,
        question=gettext_lazy("Accept what the platform offers?"),
        primary=True,
    ),
    "agreement": Act(
        gettext_lazy("Agree to the claim"),
        gettext_lazy("Agree"),
        _agree,
        AgreeForm,
        primary=True,
    ),
    "return-address": Act(
        gettext_lazy("Where the consumer sends the goods"),
        gettext_lazy("Give the address"),
        _push_address,
        AddressForm,
        primary=True,
    ),
    "return-shipment": Act(
        gettext_lazy("The goods are on their way back"),
        gettext_lazy("Enter the parcel"),
        _send_back,
        ParcelForm,
        primary=True,
    ),
    "received": Act(
        gettext_lazy("You have the goods"),
        gettext_lazy("Confirm the receipt"),
        _receive,
        question=gettext_lazy("Have the goods arrived at your place?"),
        primary=True,
    ),
    "refund": Act(
        gettext_lazy("You have refunded your consumer"),
        gettext_lazy("Mark as refunded"),
        _refund,
        question=gettext_lazy("Has your consumer its money? That ends the claim."),
        primary=True,
    ),
    "reshipment": Act(
        gettext_lazy("You have sent new goods"),
        gettext_lazy("Enter the parcel"),
        _reship,
        ParcelForm,
        primary=True,
    ),
    "completion": Act(
        gettext_lazy("The new goods have arrived"),
        gettext_lazy("End the claim"),
        _complete,
        question=gettext_lazy("Have the new goods arrived? That ends the claim."),
        primary=True,
    ),
    "rejection": Act(
        gettext_lazy("Decline the claim"), gettext_lazy("Decline"), _reject, RejectForm
    ),
    "goodwill": Act(
        gettext_lazy("Ask the platform to help"), gettext_lazy("Ask the platform"), _ask, AskForm
    ),
    "goodwill-refusal": Act(
        gettext_lazy("Do without the platform's help"),
        gettext_lazy("Do without"),
        _leave,
        question=gettext_lazy("Do without the platform's help? It can be asked only once."),
    ),
    "withdrawal": Act(
        gettext_lazy("Withdraw the claim"),
        gettext_lazy("Withdraw"),
        _withdraw,
        question=gettext_lazy("Withdraw the claim? That ends it."),
    ),
}
