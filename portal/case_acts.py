"""What a distributor's people may do with a case, under the names that the API has for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales import applying, inspecting, reshipping, returning
from aftersales.models import Case
from kit.fields import PicturesField, YuanField
from orders import carriers
from portal import photos

MAX_WORDS = 500


def carrier_choices() -> list[tuple[str, str]]:
    """Return the carriers for a select, named in the reader's language."""
    return [("", _("Choose a carrier")), *carriers.names().items()]


class WordsForm(forms.Form):
    """What the platform should know."""

    description = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=MAX_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AgainForm(WordsForm):
    """The same, with more to show, and perhaps another amount."""

    asked_fen = YuanField(
        label=gettext_lazy("Amount (¥)"),
        min_fen=1,
        required=False,
        help_text=gettext_lazy("Empty: as before."),
    )
    photos = PicturesField(
        label=gettext_lazy("Photos"),
        required=False,
        help_text=gettext_lazy("JPEG, PNG or WebP, up to 5 MB each."),
    )


class ParcelForm(forms.Form):
    """In which parcel the consumer sends the goods back."""

    tracking_no = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "latin"}),
    )
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier"].choices = carrier_choices()  # type: ignore[attr-defined]


def _withdraw(values: dict[str, Any], **about: Any) -> Case:  # noqa: ARG001
    return applying.withdraw(**about)


def _resubmit(values: dict[str, Any], **about: Any) -> Case:
    uploaded = photos.upload(about["distributor"], values["photos"], at=about["at"])
    return applying.resubmit(
        description=values["description"],
        asked_fen=values["asked_fen"],
        evidence=uploaded,
        **about,
    )


def _escalate(values: dict[str, Any], **about: Any) -> Case:
    return applying.escalate(description=values["description"], **about)


def _send_back(values: dict[str, Any], **about: Any) -> Case:
    return returning.send_back(
        carrier_code=values["carrier"], tracking_no=values["tracking_no"], **about
    )


def _accept(values: dict[str, Any], **about: Any) -> Case:  # noqa: ARG001
    return inspecting.accept_offer(**about)


def _dispute(values: dict[str, Any], **about: Any) -> Case:
    return inspecting.dispute(description=values["description"], **about)


def _refund_instead(values: dict[str, Any], **about: Any) -> Case:  # noqa: ARG001
    return reshipping.switch_to_refund(**about)


def _receive(values: dict[str, Any], **about: Any) -> Case:  # noqa: ARG001
    return reshipping.receive(**about)


@dataclass(frozen=True)
class Act:
    """What a distributor may do with a case: what it is called, what it asks, and the act."""

    title: Promise
    button: Promise
    call: Callable[..., Any]
    form_class: type[forms.Form] = forms.Form
    # Asked once before, where it cannot be undone.
    question: Promise | str = ""
    primary: bool = False


# By the names that the API has for them.
ACTS: dict[str, Act] = {
    "return-shipment": Act(
        gettext_lazy("The goods are on their way back"),
        gettext_lazy("Enter the parcel"),
        _send_back,
        ParcelForm,
        primary=True,
    ),
    "partial-acceptance": Act(
        gettext_lazy("Take the offer"),
        gettext_lazy("Take the offer"),
        _accept,
        question=gettext_lazy("Take the offered amount? That ends the case."),
        primary=True,
    ),
    "inspection-dispute": Act(
        gettext_lazy("Dispute the inspection"),
        gettext_lazy("Dispute it"),
        _dispute,
        WordsForm,
    ),
    "receipt": Act(
        gettext_lazy("The new goods have arrived"),
        gettext_lazy("Confirm the receipt"),
        _receive,
        question=gettext_lazy("Have the new goods arrived? That ends the case."),
        primary=True,
    ),
    "refund-instead": Act(
        gettext_lazy("Refund instead of new goods"),
        gettext_lazy("Take the refund"),
        _refund_instead,
        question=gettext_lazy("Take the refund instead of new goods?"),
    ),
    "resubmission": Act(
        gettext_lazy("Apply again, with more to show"),
        gettext_lazy("Apply again"),
        _resubmit,
        AgainForm,
        primary=True,
    ),
    "escalation": Act(
        gettext_lazy("Have somebody else rule"),
        gettext_lazy("Ask for arbitration"),
        _escalate,
        WordsForm,
    ),
    "withdrawal": Act(
        gettext_lazy("Withdraw the case"),
        gettext_lazy("Withdraw"),
        _withdraw,
        question=gettext_lazy("Withdraw the case? Nothing is refunded then."),
    ),
}
