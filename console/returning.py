"""What staff do about goods that come back: where to, whether they came, and in what condition."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aftersales import evidence, inspecting, returning
from aftersales.models import WITH_RETURN, Case, CaseState, Grade, Result
from console.case_pages import MAX_ADDRESS, AboutCase, NoteForm, address_for, note
from console.orders import ShipForm
from kit.fields import PicturesField, YuanField


class AddressForm(forms.Form):
    """Where the goods go."""

    address = forms.CharField(
        label=_("Return address"),
        max_length=MAX_ADDRESS,
        help_text=_("Name, phone and address on one line. It stays readable for ever."),
    )


class PushAddress(AboutCase):
    """Tell the consumer where to send the goods."""

    act = "push_address"
    title = _("Push the return address")
    explanation = _("The distributor is told it, and enters the parcel's number afterwards.")
    button = _("Push the address")
    form_class = AddressForm
    states = (CaseState.APPROVED, CaseState.AWAITING_RETURN)

    def fits(self, found: Case) -> bool:
        is_wanted = found.type in WITH_RETURN and not found.goods_are_back
        return super().fits(found) and is_wanted and not found.shipment_id

    def initial(self) -> dict[str, Any]:
        found = self.subject()
        return {"address": found.return_address or address_for(found)}

    def decide(self, values: dict[str, Any]) -> str:
        done = returning.push_address(
            case_no=self.subject().case_no,
            address=values["address"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)


class WaiveReturn(AboutCase):
    """Refund without the goods."""

    act = "waive_return"
    title = _("Do without the return")
    explanation = _("The goods stay with the consumer; the approved amount is refunded.")
    dangerous = True
    form_class = NoteForm
    states = (CaseState.AWAITING_RETURN,)

    def decide(self, values: dict[str, Any]) -> str:
        done = returning.waive_return(
            case_no=self.subject().case_no,
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
        )
        return self.done(done)


class Arrive(AboutCase):
    """Register that the goods are back."""

    right = "console.inspect_returns"
    act = "arrive"
    title = _("The goods have arrived")
    explanation = _("They are inspected next.")
    button = _("Register the arrival")
    states = (CaseState.RETURNING,)

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = returning.arrive(case_no=self.subject().case_no, actor=self.actor, at=timezone.now())
        return self.done(done)


class LoseReturn(AboutCase):
    """Give up a returning parcel."""

    act = "lose_return"
    title = _("The return parcel is lost")
    explanation = _("Who bears it is ruled on in arbitration.")
    dangerous = True
    form_class = NoteForm
    states = (CaseState.RETURNING,)

    def decide(self, values: dict[str, Any]) -> str:
        done = returning.lose_return(
            case_no=self.subject().case_no,
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
        )
        return self.done(done)


class InspectionForm(forms.Form):
    """What was found, and what becomes of the goods."""

    result = forms.ChoiceField(label=_("Result"), choices=Result.choices, widget=forms.RadioSelect)
    grade = forms.ChoiceField(label=_("Condition"), choices=Grade.choices)
    restocked = forms.IntegerField(
        label=_("Pieces that go back into stock"), min_value=0, required=False
    )
    offered_fen = YuanField(
        label=_("Amount offered instead (¥)"),
        required=False,
        help_text=_("Only where the goods are not as they should be."),
    )
    note = note(label=_("Note to the distributor"))
    photos = PicturesField(
        label=_("Photos"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 5 MB each; needed where the goods are not accepted."),
    )


class Inspect(AboutCase):
    """Look at what came back."""

    right = "console.inspect_returns"
    act = "inspect"
    title = _("Inspect")
    explanation = _(
        "As it should be: the refund or the new goods follow. Otherwise the distributor takes the"
        " offer, or disputes."
    )
    button = _("Enter the inspection")
    form_class = InspectionForm
    states = (CaseState.INSPECTING,)

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        most = self.subject().quantity
        form.fields["restocked"].validators.append(MaxValueValidator(most))
        form.fields["restocked"].widget.attrs["max"] = most
        return form

    def decide(self, values: dict[str, Any]) -> str:
        at = timezone.now()
        photos = [
            evidence.upload(distributor=None, content=photo.read(), at=at).upload_id
            for photo in values["photos"]
        ]
        done = inspecting.inspect(
            case_no=self.subject().case_no,
            result=values["result"],
            grade=values["grade"],
            restocked=values["restocked"] or 0,
            actor=self.actor,
            at=at,
            offered_fen=values["offered_fen"],
            note=values["note"],
            photos=photos,
        )
        return self.done(done)


class GiveGoodsBack(AboutCase):
    """Send goods that were not accepted back to the consumer."""

    right = "console.inspect_returns"
    act = "give_goods_back"
    title = _("Send the goods back to the consumer")
    explanation = _("The parcel is noted on the case, and the distributor sees its number.")
    button = _("Note the parcel")
    form_class = ShipForm
    states = (CaseState.INSPECTION_FAILED, CaseState.ARBITRATION, CaseState.CLOSED)

    def fits(self, found: Case) -> bool:
        return super().fits(found) and found.goods_are_back

    def decide(self, values: dict[str, Any]) -> str:
        done = inspecting.give_goods_back(
            case_no=self.subject().case_no,
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)
