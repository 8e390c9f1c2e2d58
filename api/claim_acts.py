"""What a distributor does with a claim: each step is an address below the claim's own.

`allowed_actions` of a claim names those that are possible now. The same step taken again in the
same way is answered with the claim as it is.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import claim_rendering, claiming, goodwill
from aftersales.claim_writing import MAX_ADDRESS, MAX_WORDS
from aftersales.evidence import MAX_PICTURES
from aftersales.models import Claim
from api import claim_examples, claims, describing, fields
from api.claim_answers import ClaimAnswer
from api.claims import MAX_UPLOAD_ID
from api.fields import Items, Shape, Text, Whole
from api.intake import MAX_WORD
from api.views import ApiView
from orders.requests import MAX_TOTAL_FEN
from orders.shipping import MAX_TRACKING_LENGTH

LABEL_PROBLEMS = ("carrier_unknown", "tracking_no_unreadable")


class ClaimStepShape(Shape):
    """Nothing has to be said."""


class AgreementShape(Shape):
    """What the consumer gets; what was asked, without an amount."""

    amount_fen = Whole(
        min_value=0, max_value=claiming.MAX_AMOUNT_FEN, allow_null=True, default=None
    )
    note = Text(max_length=MAX_WORDS, allow_blank=True, default="")


class RejectionShape(Shape):
    """Why not."""

    note = Text(max_length=MAX_WORDS)


class ReturnAddressShape(Shape):
    """Where the consumer sends the goods: your own address, name and phone on one line."""

    return_address = Text(max_length=MAX_ADDRESS)


class ClaimParcelShape(Shape):
    """A parcel."""

    carrier_code = Text(max_length=MAX_WORD, help_text=_("A code of /meta/carriers."))
    tracking_no = Text(max_length=MAX_TRACKING_LENGTH)


class GoodwillShape(Shape):
    """What you ask of the platform: an amount, or new goods without one."""

    amount_fen = Whole(min_value=0, max_value=MAX_TOTAL_FEN, default=0)
    note = Text(max_length=MAX_WORDS)
    evidence = Items(
        child=Text(max_length=MAX_UPLOAD_ID),
        max_length=MAX_PICTURES,
        min_length=0,
        default=[],
        help_text=_("Pictures that are added, each an upload_id of POST /uploads."),
    )


class _Act(ApiView):
    """A step of a claim of the caller."""

    scopes = {"POST": "aftersales"}

    def _read(self, shape: type[Shape], request: Request, claim_no: str) -> dict[str, Any]:
        """Return what an act takes; another's claim is not there, whatever is sent about it."""
        claims.find(self, claim_no)
        return {
            "distributor": self.caller.distributor,
            "claim_no": claim_no,
            "actor": self.caller.actor,
            "at": timezone.now(),
            **fields.read(shape, request.data),
        }


class ClaimAgreement(_Act):
    """That a claim is agreed to."""

    @describing.operation(
        "claims_agree",
        summary=_("Agree to a claim."),
        tag="claims",
        body=AgreementShape,
        answer=ClaimAnswer,
        problems=("state_conflict",),
        request_example=claim_examples.AGREEMENT,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Agree."""
        return _answer(claiming.agree(**self._read(AgreementShape, request, claim_no)))


class ClaimRejection(_Act):
    """That a claim is declined."""

    @describing.operation(
        "claims_reject",
        summary=_("Decline a claim, with words for the consumer."),
        tag="claims",
        body=RejectionShape,
        answer=ClaimAnswer,
        problems=("state_conflict",),
        request_example=claim_examples.REJECTION,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Decline."""
        return _answer(claiming.reject(**self._read(RejectionShape, request, claim_no)))


class ClaimWithdrawal(_Act):
    """That a claim is given up."""

    @describing.operation(
        "claims_withdraw",
        summary=_("Withdraw a claim: the consumer wants nothing any more."),
        tag="claims",
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict",),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Give it up."""
        return _answer(claiming.withdraw(**self._read(ClaimStepShape, request, claim_no)))


class ClaimReturnAddress(_Act):
    """Where goods are sent back to."""

    @describing.operation(
        "claims_push_address",
        summary=_("Say where the consumer sends the goods."),
        tag="claims",
        description=_("Your own address; it stays readable for ever."),
        body=ReturnAddressShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict"),
        request_example=claim_examples.RETURN_ADDRESS,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Push the address."""
        values = self._read(ReturnAddressShape, request, claim_no)
        return _answer(claiming.push_address(address=values.pop("return_address"), **values))


class ClaimReturnShipment(_Act):
    """That goods are on their way back."""

    @describing.operation(
        "claims_send_back",
        summary=_("Register the parcel in which the consumer sends the goods back."),
        tag="claims",
        body=ClaimParcelShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict", *LABEL_PROBLEMS),
        request_example=claim_examples.RETURN_SHIPMENT,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Register it."""
        return _answer(claiming.send_back(**self._read(ClaimParcelShape, request, claim_no)))


class ClaimReceived(_Act):
    """That goods have come back."""

    @describing.operation(
        "claims_receive",
        summary=_("Confirm that you have the goods."),
        tag="claims",
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict"),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Confirm."""
        return _answer(claiming.receive(**self._read(ClaimStepShape, request, claim_no)))


class ClaimRefund(_Act):
    """That the consumer has its money."""

    @describing.operation(
        "claims_refund",
        summary=_("Mark that you have refunded your consumer."),
        tag="claims",
        description=_("A mark only: no money of ours moves."),
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict"),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Mark it."""
        return _answer(claiming.refund(**self._read(ClaimStepShape, request, claim_no)))


class ClaimReshipment(_Act):
    """That new goods are on their way."""

    @describing.operation(
        "claims_reship",
        summary=_("Register the parcel in which you send new goods."),
        tag="claims",
        body=ClaimParcelShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict", *LABEL_PROBLEMS, "tracking_no_taken"),
        request_example=claim_examples.RESHIPMENT,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Register it."""
        return _answer(claiming.reship(**self._read(ClaimParcelShape, request, claim_no)))


class ClaimCompletion(_Act):
    """That new goods have arrived."""

    @describing.operation(
        "claims_complete",
        summary=_("Note that the new goods have arrived."),
        tag="claims",
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "claim_type_conflict"),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Note it."""
        return _answer(claiming.complete(**self._read(ClaimStepShape, request, claim_no)))


class ClaimGoodwill(_Act):
    """That the platform is asked to help."""

    @describing.operation(
        "claims_ask_goodwill",
        summary=_("Ask the platform to help with a claim."),
        tag="claims",
        description=_(
            "With an amount, or with new goods where amount_fen is 0; once for each claim. "
            "Nothing moves before both sides agree."
        ),
        body=GoodwillShape,
        answer=ClaimAnswer,
        problems=(
            "state_conflict",
            "goodwill_beyond_paid",
            "evidence_required",
            "evidence_unknown",
        ),
        request_example=claim_examples.GOODWILL,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Ask."""
        return _answer(goodwill.ask(**self._read(GoodwillShape, request, claim_no)))


class GoodwillAcceptance(_Act):
    """That an offer is taken."""

    @describing.operation(
        "claims_accept_goodwill",
        summary=_("Accept what the platform offers."),
        tag="claims",
        description=_("An amount is on your deposit at once; new goods are taken from stock."),
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict", "goodwill_beyond_paid", "stock_insufficient"),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Accept."""
        return _answer(goodwill.settle(**self._read(ClaimStepShape, request, claim_no)))


class GoodwillRefusal(_Act):
    """That an offer is left."""

    @describing.operation(
        "claims_refuse_goodwill",
        summary=_("Leave what the platform offers, or ask no more."),
        tag="claims",
        body=ClaimStepShape,
        answer=ClaimAnswer,
        problems=("state_conflict",),
        request_example=claim_examples.NOTHING,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request, claim_no: str) -> Response:
        """Leave it."""
        return _answer(goodwill.refuse(**self._read(ClaimStepShape, request, claim_no)))


def _answer(claim: Claim) -> Response:
    return Response(claim_rendering.document(claim))
