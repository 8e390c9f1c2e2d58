"""After-sale cases: applied for, listed, read; and their progress for the consumer's page."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import applying, rendering
from aftersales.evidence import MAX_PICTURES
from aftersales.models import Case, CaseState, CaseType
from api import aftersale_examples, describing, fields, pages
from api.aftersale_answers import AftersaleAnswer, AftersalePageAnswer, ProgressAnswer
from api.fields import Choice, Items, Moment, Number, Shape, Text, Whole
from api.intake import MAX_NUMBER, MAX_WORD
from api.pages import PageQuery
from api.views import ApiView
from kit.errors import NotFound
from orders.models import Order
from orders.requests import MAX_QUANTITY, MAX_TOTAL_FEN

REPLAYED = "Idempotent-Replayed"
MAX_DESCRIPTION = 500
MAX_UPLOAD_ID = 40


class AftersalesQuery(PageQuery):
    """Which of your cases, newest first."""

    state = Choice(choices=CaseState.choices, required=False)
    type = Choice(choices=CaseType.choices, required=False)
    order_no = Number(required=False)
    out_case_no = Number(required=False)
    changed_from = Moment(required=False, help_text=_("Changed at this time or later (RFC 3339)."))
    changed_to = Moment(required=False, help_text=_("Changed before this time."))


class ApplicationShape(Shape):
    """What went wrong with pieces of a line, and what is asked for."""

    out_case_no = Number(
        default="", help_text=_("Your own number for the case: the same number is the same case.")
    )
    order_no = Number()
    line_id = Text(max_length=MAX_NUMBER)
    type = Choice(choices=CaseType.choices)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)
    reason = Text(max_length=MAX_WORD, help_text=_("A code of /meta/reasons."))
    description = Text(max_length=MAX_DESCRIPTION, allow_blank=True, default="")
    asked_fen = Whole(
        min_value=0,
        max_value=MAX_TOTAL_FEN,
        allow_null=True,
        default=None,
        help_text=_("Without it: all that may come back for the pieces."),
    )
    evidence = Items(
        child=Text(max_length=MAX_UPLOAD_ID),
        max_length=MAX_PICTURES,
        min_length=0,
        default=[],
        help_text=_("Each an upload_id of POST /uploads."),
    )


class Aftersales(ApiView):
    """The caller's cases."""

    scopes = {"GET": "aftersales", "POST": "aftersales"}

    @describing.operation(
        "aftersales_list",
        summary=_("List after-sale cases, newest first."),
        tag="aftersales",
        answer=AftersalePageAnswer,
        query=AftersalesQuery,
        example=aftersale_examples.CASE_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List cases, newest first."""
        query = fields.read_query(AftersalesQuery, request.query_params)
        of, limit = "aftersales", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = list(_narrowed(_mine(self), query, place)[: limit + 1])
        items = rendering.documents(rows[:limit])
        return Response(
            pages.page(
                rows, items, limit=limit, of=of, caller=self.caller, place=lambda row: [row.pk]
            )
        )

    @describing.operation(
        "aftersales_apply",
        summary=_("Apply for an after-sale."),
        tag="aftersales",
        description=_(
            "For so many pieces of one line. Read /orders/{order_no}/aftersale-options first: it "
            "says which types, how many pieces and how much are possible. Pieces that have not "
            "been shipped are cancelled instead. The same out_case_no again is answered with the case "
            "as it is now, 200 and Idempotent-Replayed: true."
        ),
        body=ApplicationShape,
        answer=AftersaleAnswer,
        status=201,
        also={200: AftersaleAnswer},
        problems=(
            "not_found",
            "aftersale_not_open",
            "out_case_no_taken",
            "aftersale_window_closed",
            "more_than_applicable",
            "aftersale_amount_too_high",
            "reason_unknown",
            "evidence_required",
            "evidence_unknown",
        ),
        request_example=aftersale_examples.APPLICATION,
        example=aftersale_examples.CASE,
    )
    def post(self, request: Request) -> Response:
        """Apply for an after-sale for pieces of a line."""
        asked = fields.read(ApplicationShape, request.data)
        now = timezone.now()
        case = applying.apply(
            distributor=self.caller.distributor,
            order_pk=_order_pk(self, asked.pop("order_no")),
            actor=self.caller.actor,
            at=now,
            **asked,
        )
        headers = {"Location": f"/api/v1/aftersales/{case.case_no}"}
        # A case that was applied for at another moment is one that was there already.
        if case.applied_at != now:
            return Response(rendering.document(case), 200, headers=headers | {REPLAYED: "true"})
        return Response(rendering.document(case), 201, headers=headers)


class OneAftersale(ApiView):
    """A case by its number."""

    scopes = {"GET": "aftersales"}

    @describing.operation(
        "aftersales_read",
        summary=_("Read an after-sale case."),
        tag="aftersales",
        answer=AftersaleAnswer,
        example=aftersale_examples.CASE,
    )
    def get(self, request: Request, case_no: str) -> Response:  # noqa: ARG002
        """Read a case, with what may be done now and until when."""
        return Response(rendering.document(find(self, case_no)))


class AftersaleProgress(ApiView):
    """How far a case has come."""

    scopes = {"GET": "aftersales"}

    @describing.operation(
        "aftersales_progress",
        summary=_("Read how far a case has come, for the consumer's page."),
        tag="aftersales",
        description=_(
            "Every step with its time and a sentence, those to come without a time, and what "
            "carriers say of the parcels. It holds no amounts, so that a shop may pass it on."
        ),
        answer=ProgressAnswer,
        example=aftersale_examples.PROGRESS,
    )
    def get(self, request: Request, case_no: str) -> Response:  # noqa: ARG002
        """Read every step of a case with its time."""
        return Response(rendering.progress_document(find(self, case_no)))


def _mine(view: ApiView) -> QuerySet[Case]:
    return Case.objects.filter(distributor=view.caller.distributor_pk)


def find(view: ApiView, case_no: str) -> Case:
    """Return a case of the caller.

    :raises NotFound: it has none of this number.
    """
    case = _mine(view).filter(case_no=case_no).first()
    if case is None:
        raise NotFound
    return case


def _order_pk(view: ApiView, order_no: str) -> int:
    orders = Order.objects.filter(distributor=view.caller.distributor_pk, order_no=order_no)
    found = orders.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(pointer="/order_no")
    return found


def _narrowed(
    cases: QuerySet[Case], query: dict[str, Any], place: list[int] | None
) -> QuerySet[Case]:
    conditions = {
        "state": query.get("state"),
        "type": query.get("type"),
        "order__order_no": query.get("order_no"),
        "out_case_no": query.get("out_case_no"),
        "changed_at__gte": query.get("changed_from"),
        "changed_at__lt": query.get("changed_to"),
        "pk__lt": place[0] if place else None,
    }
    return cases.filter(**{name: v for name, v in conditions.items() if v is not None}).order_by(
        "-pk"
    )
