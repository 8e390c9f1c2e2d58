"""Claims (维权): opened, listed, read. What is done with one is in `claim_acts`."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import claim_rendering, claiming
from aftersales.claim_writing import MAX_WORDS
from aftersales.evidence import MAX_PICTURES
from aftersales.models import Claim, ClaimState, ClaimType, GoodwillState
from api import claim_examples, describing, fields, pages
from api.claim_answers import ClaimAnswer, ClaimPageAnswer
from api.fields import Choice, Items, Moment, Number, Shape, Text, Whole
from api.intake import MAX_NUMBER, MAX_WORD
from api.orders import REPLAYED
from api.pages import PageQuery
from api.views import ApiView
from kit.errors import NotFound
from orders.models import Order
from orders.requests import MAX_QUANTITY

MAX_UPLOAD_ID = 40


class ClaimsQuery(PageQuery):
    """Which of your claims, newest first."""

    state = Choice(choices=ClaimState.choices, required=False)
    type = Choice(choices=ClaimType.choices, required=False)
    goodwill = Choice(choices=GoodwillState.choices, required=False)
    order_no = Number(required=False)
    out_claim_no = Number(required=False)
    changed_from = Moment(required=False, help_text=_("Changed at this time or later (RFC 3339)."))
    changed_to = Moment(required=False, help_text=_("Changed before this time."))


class ClaimShape(Shape):
    """What a consumer wants of you for received pieces of a line."""

    out_claim_no = Number(
        default="", help_text=_("Your own number for the claim: the same number is the same claim.")
    )
    order_no = Number()
    line_id = Text(max_length=MAX_NUMBER)
    type = Choice(choices=ClaimType.choices)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)
    reason = Text(max_length=MAX_WORD, help_text=_("A code of /meta/reasons."))
    description = Text(max_length=MAX_WORDS, allow_blank=True, default="")
    amount_fen = Whole(
        min_value=0,
        max_value=claiming.MAX_AMOUNT_FEN,
        default=0,
        help_text=_("What the consumer wants back, of your own money."),
    )
    evidence = Items(
        child=Text(max_length=MAX_UPLOAD_ID),
        max_length=MAX_PICTURES,
        min_length=0,
        default=[],
        help_text=_("Each an upload_id of POST /uploads."),
    )


class Claims(ApiView):
    """The caller's claims."""

    scopes = {"GET": "aftersales", "POST": "aftersales"}

    @describing.operation(
        "claims_list",
        summary=_("List claims, newest first."),
        tag="claims",
        answer=ClaimPageAnswer,
        query=ClaimsQuery,
        example=claim_examples.CLAIM_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List claims, newest first."""
        query = fields.read_query(ClaimsQuery, request.query_params)
        of, limit = "claims", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = list(_narrowed(mine(self), query, place)[: limit + 1])
        items = claim_rendering.documents(rows[:limit])
        return Response(
            pages.page(
                rows, items, limit=limit, of=of, caller=self.caller, place=lambda row: [row.pk]
            )
        )

    @describing.operation(
        "claims_open",
        summary=_("Open a claim for received pieces."),
        tag="claims",
        description=_(
            "A claim is yours to settle with your consumer: it moves no deposit, no stock and no "
            "bill of ours. The same out_claim_no again is answered with the claim as it is now, 200 "
            "and Idempotent-Replayed: true; without a number so is the very same claim again, while "
            "it is not answered."
        ),
        body=ClaimShape,
        answer=ClaimAnswer,
        status=201,
        also={200: ClaimAnswer},
        problems=(
            "not_found",
            "claims_not_open",
            "out_claim_no_taken",
            "more_than_received",
            "reason_unknown",
            "evidence_unknown",
        ),
        request_example=claim_examples.APPLICATION,
        example=claim_examples.CLAIM,
    )
    def post(self, request: Request) -> Response:
        """Open a claim."""
        asked = fields.read(ClaimShape, request.data)
        at = timezone.now()
        claim = claiming.apply(
            distributor=self.caller.distributor,
            order_pk=_order_pk(self, asked.pop("order_no")),
            actor=self.caller.actor,
            at=at,
            **asked,
        )
        headers = {"Location": f"/api/v1/claims/{claim.claim_no}"}
        if claim.applied_at == at:
            return Response(claim_rendering.document(claim), 201, headers=headers)
        return Response(claim_rendering.document(claim), 200, headers=headers | {REPLAYED: "true"})


class OneClaim(ApiView):
    """A claim by its number."""

    scopes = {"GET": "aftersales"}

    @describing.operation(
        "claims_read",
        summary=_("Read a claim."),
        tag="claims",
        answer=ClaimAnswer,
        example=claim_examples.CLAIM,
    )
    def get(self, request: Request, claim_no: str) -> Response:  # noqa: ARG002
        """Read a claim, with what may be done now."""
        return Response(claim_rendering.document(find(self, claim_no)))


def mine(view: ApiView) -> QuerySet[Claim]:
    """Return the caller's claims."""
    return Claim.objects.filter(distributor=view.caller.distributor_pk)


def find(view: ApiView, claim_no: str) -> Claim:
    """Return a claim of the caller.

    :raises NotFound: there is none, or it is another's.
    """
    claim = mine(view).filter(claim_no=claim_no).first()
    if claim is None:
        raise NotFound
    return claim


def _order_pk(view: ApiView, order_no: str) -> int:
    orders = Order.objects.filter(distributor=view.caller.distributor_pk, order_no=order_no)
    found = orders.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(pointer="/order_no")
    return found


def _narrowed(
    claims: QuerySet[Claim], query: dict[str, Any], place: list[int] | None
) -> QuerySet[Claim]:
    conditions = {
        "state": query.get("state"),
        "type": query.get("type"),
        "goodwill": query.get("goodwill"),
        "order__order_no": query.get("order_no"),
        "out_claim_no": query.get("out_claim_no"),
        "changed_at__gte": query.get("changed_from"),
        "changed_at__lt": query.get("changed_to"),
        "pk__lt": place[0] if place else None,
    }
    return claims.filter(**{name: v for name, v in conditions.items() if v is not None}).order_by(
        "-pk"
    )
