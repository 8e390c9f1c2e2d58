"""What a distributor does with a case: each act is an address below the case's own.

`allowed_actions` of a case names those that are possible now.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import applying, inspecting, rendering, reshipping, returning
from aftersales.evidence import MAX_PICTURES
from aftersales.models import Case
from api import aftersale_examples, describing, fields
from api.aftersale_answers import AftersaleAnswer
from api.aftersales import MAX_DESCRIPTION, MAX_UPLOAD_ID, find
from api.fields import Items, Shape, Text, Whole
from api.intake import MAX_WORD
from api.views import ApiView
from orders.requests import MAX_TOTAL_FEN

MAX_TRACKING_NO = 40


class NothingShape(Shape):
    """Nothing has to be said."""


class WordsShape(Shape):
    """Why."""

    description = Text(max_length=MAX_DESCRIPTION, allow_blank=True, default="")


class ResubmissionShape(Shape):
    """What is said, asked and shown this time; what is left out stays."""

    description = Text(max_length=MAX_DESCRIPTION, allow_blank=True, default="")
    asked_fen = Whole(min_value=0, max_value=MAX_TOTAL_FEN, allow_null=True, default=None)
    evidence = Items(
        child=Text(max_length=MAX_UPLOAD_ID),
        max_length=MAX_PICTURES,
        min_length=0,
        default=[],
        help_text=_("Pictures that are added, each an upload_id of POST /uploads."),
    )


class ReturnShipmentShape(Shape):
    """The parcel in which the consumer sends the goods back."""

    carrier_code = Text(max_length=MAX_WORD, help_text=_("A code of /meta/carriers."))
    tracking_no = Text(max_length=MAX_TRACKING_NO)


class _Act(ApiView):
    """An act on a case of the caller."""

    scopes = {"POST": "aftersales"}

    def _common(self, case_no: str) -> dict[str, Any]:
        """Say whose case it is, who acts and when; what is not the caller's is not there."""
        find(self, case_no)
        return {
            "distributor": self.caller.distributor,
            "case_no": case_no,
            "actor": self.caller.actor,
            "at": timezone.now(),
        }


class Withdrawal(_Act):
    """That a case is given up."""

    @describing.operation(
        "aftersales_withdraw",
        summary=_("Withdraw an after-sale."),
        tag="aftersales",
        description=_("Before it is decided, or while the goods are waited for."),
        body=NothingShape,
        answer=AftersaleAnswer,
        problems=("state_conflict",),
        request_example=aftersale_examples.NOTHING,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Give a case up."""
        common = self._common(case_no)
        fields.read(NothingShape, request.data)
        return _answer(applying.withdraw(**common))


class Resubmission(_Act):
    """That a rejected case is applied for again."""

    @describing.operation(
        "aftersales_resubmit",
        summary=_("Apply again after a rejection, with more to show."),
        tag="aftersales",
        body=ResubmissionShape,
        answer=AftersaleAnswer,
        problems=(
            "state_conflict",
            "resubmissions_used_up",
            "aftersale_amount_too_high",
            "evidence_unknown",
        ),
        request_example=aftersale_examples.RESUBMISSION,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Apply again."""
        common = self._common(case_no)
        said = fields.read(ResubmissionShape, request.data)
        return _answer(applying.resubmit(**common, **said))


class Escalation(_Act):
    """That somebody else shall rule."""

    @describing.operation(
        "aftersales_escalate",
        summary=_("Have somebody else rule on a rejected after-sale."),
        tag="aftersales",
        body=WordsShape,
        answer=AftersaleAnswer,
        problems=("state_conflict",),
        request_example=aftersale_examples.ESCALATION,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Have somebody else rule."""
        common = self._common(case_no)
        said = fields.read(WordsShape, request.data)
        return _answer(applying.escalate(**common, **said))


class ReturnShipment(_Act):
    """That goods are on their way back."""

    @describing.operation(
        "aftersales_send_back",
        summary=_("Register the parcel in which goods come back."),
        tag="aftersales",
        description=_("Several may follow each other; the same one again changes nothing."),
        body=ReturnShipmentShape,
        answer=AftersaleAnswer,
        problems=(
            "state_conflict",
            "carrier_unknown",
            "tracking_no_unreadable",
            "too_many_return_parcels",
        ),
        request_example=aftersale_examples.RETURN_SHIPMENT,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Register the parcel."""
        common = self._common(case_no)
        parcel = fields.read(ReturnShipmentShape, request.data)
        return _answer(returning.send_back(**common, **parcel))


class PartialAcceptance(_Act):
    """That what an inspection offers is taken."""

    @describing.operation(
        "aftersales_accept_offer",
        summary=_("Accept what is offered after an inspection that did not pass."),
        tag="aftersales",
        body=NothingShape,
        answer=AftersaleAnswer,
        problems=("state_conflict", "no_offer"),
        request_example=aftersale_examples.NOTHING,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Accept the offer."""
        common = self._common(case_no)
        fields.read(NothingShape, request.data)
        return _answer(inspecting.accept_offer(**common))


class InspectionDispute(_Act):
    """That an inspection is disputed."""

    @describing.operation(
        "aftersales_dispute",
        summary=_("Dispute an inspection that did not pass."),
        tag="aftersales",
        body=WordsShape,
        answer=AftersaleAnswer,
        problems=("state_conflict",),
        request_example=aftersale_examples.DISPUTE,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Dispute it."""
        common = self._common(case_no)
        said = fields.read(WordsShape, request.data)
        return _answer(inspecting.dispute(**common, **said))


class RefundInstead(_Act):
    """That a refund is wanted where new goods are late."""

    @describing.operation(
        "aftersales_refund_instead",
        summary=_("Take a refund where new goods are late."),
        tag="aftersales",
        body=NothingShape,
        answer=AftersaleAnswer,
        problems=("state_conflict", "reshipment_not_late"),
        request_example=aftersale_examples.NOTHING,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Take a refund instead."""
        common = self._common(case_no)
        fields.read(NothingShape, request.data)
        return _answer(reshipping.switch_to_refund(**common))


class AftersaleReceipt(_Act):
    """That new goods have arrived."""

    @describing.operation(
        "aftersales_receive",
        summary=_("Confirm that new goods have arrived."),
        tag="aftersales",
        body=NothingShape,
        answer=AftersaleAnswer,
        problems=("state_conflict",),
        request_example=aftersale_examples.NOTHING,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Confirm that they have arrived."""
        common = self._common(case_no)
        fields.read(NothingShape, request.data)
        return _answer(reshipping.receive(**common))


def _answer(case: Case) -> Response:
    return Response(rendering.document(case))
