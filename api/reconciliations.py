"""Reconciliations: the caller's own numbers held against ours."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateField, DateTimeField, IntegerField

from api import book_examples, describing, fields, pages
from api.answers import Answer
from api.fields import Day, Items, Shape, Text, Whole
from api.intake import MAX_NUMBER
from api.pages import PageQuery
from api.views import ApiView
from books import reconciling
from books.models import Reconciliation
from books.reconciling import DaysInvalid
from kit.times import rfc3339
from suppliers.periods import Period

MAX_ROWS = 5_000
MAX_REFERENCE = 128
MAX_FEN = 10**13


class OwnOrderShape(Shape):
    """What an order cost by the caller's books: charges less what came back, in these days."""

    out_order_no = Text(max_length=MAX_NUMBER)
    amount_fen = Whole(min_value=-MAX_FEN, max_value=MAX_FEN)


class OwnTransferShape(Shape):
    """What else moved the deposit by the caller's books: positive what was paid in."""

    reference = Text(max_length=MAX_REFERENCE)
    amount_fen = Whole(min_value=-MAX_FEN, max_value=MAX_FEN)


class ReconciliationShape(Shape):
    """The caller's own numbers, of some days or of all time."""

    # The word is Python's, too.
    locals()["from"] = Day(required=False, help_text=_("The first day, in Asia/Shanghai."))
    to = Day(
        required=False,
        help_text=_("The last day. Without days, the orders named are compared over all time."),
    )
    orders = Items(
        child=OwnOrderShape(),
        max_length=MAX_ROWS,
        min_length=0,
        help_text=_("Every order that cost something in these days; rows of one are summed."),
    )
    transfers = Items(
        child=OwnTransferShape(),
        max_length=MAX_ROWS,
        min_length=0,
        required=False,
        help_text=_("Recharges and withdrawals, by reference; not compared if left out."),
    )


class DifferenceAnswer(Answer):
    """A number that does not match; null on the side that lacks it."""

    kind = CharField(help_text=_("differing, missing_here or missing_there."))
    out_order_no = CharField(allow_blank=True)
    reference = CharField(allow_blank=True, help_text=_("Of a transfer without an order."))
    order_no = CharField(allow_blank=True)
    yours_fen = IntegerField(allow_null=True)
    ours_fen = IntegerField(allow_null=True)
    placed_on = DateField(
        allow_null=True, help_text=_("When we had an order of which nothing moved in these days.")
    )


class ReconciliationRowAnswer(Answer):
    """A reconciliation in figures."""

    reconciliation_id = CharField()
    locals()["from"] = DateField(allow_null=True)
    to = DateField(allow_null=True)
    matched = IntegerField()
    differing = IntegerField()
    missing_here = IntegerField(help_text=_("Numbers of yours that we do not have."))
    missing_there = IntegerField(help_text=_("Numbers of ours that you did not send."))
    made_at = DateTimeField()


class ReconciliationAnswer(ReconciliationRowAnswer):
    """A reconciliation with every row that does not match."""

    differences = DifferenceAnswer(many=True)


class ReconciliationPageAnswer(Answer):
    """A page of reconciliations, newest first."""

    items = ReconciliationRowAnswer(many=True)
    next = CharField(allow_null=True)


class Reconciliations(ApiView):
    """The caller's reconciliations."""

    scopes = {"GET": "money", "POST": "money"}

    @describing.operation(
        "reconciliations_list",
        summary=_("List reconciliations, newest first."),
        tag="money",
        answer=ReconciliationPageAnswer,
        query=PageQuery,
        example=book_examples.RECONCILIATION_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List reconciliations, newest first."""
        query = fields.read_query(PageQuery, request.query_params)
        of, limit, caller = "reconciliations", query["limit"], self.caller
        rows = Reconciliation.objects.filter(distributor=caller.distributor_pk)
        place = pages.position(query, of=of, caller=caller)
        if place is not None:
            rows = rows.filter(pk__lt=place[0])
        found = list(rows.order_by("-pk").defer("differences")[: limit + 1])
        return Response(
            pages.page(
                found,
                [_row(one) for one in found[:limit]],
                limit=limit,
                of=of,
                caller=caller,
                place=lambda one: [one.pk],
            )
        )

    @describing.operation(
        "reconciliations_make",
        summary=_("Hold your own numbers against ours."),
        tag="money",
        description=_(
            "Compared is, order by order, what was charged less what came back in the days named."
            " An order that comes to nothing on both sides matches. What came out is kept."
        ),
        answer=ReconciliationAnswer,
        status=201,
        body=ReconciliationShape,
        request_example=book_examples.TO_RECONCILE,
        example=book_examples.RECONCILIATION,
        problems=("days_invalid", "too_many_numbers"),
    )
    def post(self, request: Request) -> Response:
        """Compare, and answer every row that does not match."""
        given = fields.read(ReconciliationShape, request.data)
        made = reconciling.reconcile(
            distributor=self.caller.distributor,
            period=_period(given),
            orders=[(row["out_order_no"], row["amount_fen"]) for row in given["orders"]],
            transfers=_transfers(given),
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(_document(made), status=201)


class OneReconciliation(ApiView):
    """A reconciliation with every row that does not match."""

    scopes = {"GET": "money"}

    @describing.operation(
        "reconciliations_read",
        summary=_("Read a reconciliation."),
        tag="money",
        answer=ReconciliationAnswer,
        example=book_examples.RECONCILIATION,
    )
    def get(self, request: Request, reconciliation_id: str) -> Response:  # noqa: ARG002
        """Read a reconciliation."""
        found = reconciling.find(
            distributor=self.caller.distributor, reconciliation_id=reconciliation_id
        )
        return Response(_document(found))


def _period(given: dict[str, Any]) -> Period | None:
    """:raises DaysInvalid: one of the days without the other."""
    first, last = given.get("from"), given.get("to")
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise DaysInvalid(limit=reconciling.MAX_DAYS)
    return Period(first, last)


def _transfers(given: dict[str, Any]) -> list[tuple[str, int]] | None:
    rows = given.get("transfers")
    return None if rows is None else [(row["reference"], row["amount_fen"]) for row in rows]


def _row(one: Reconciliation) -> dict[str, Any]:
    return {
        "reconciliation_id": one.reconciliation_id,
        "from": one.day_from.isoformat() if one.day_from else None,
        "to": one.day_to.isoformat() if one.day_to else None,
        "matched": one.matched,
        "differing": one.differing,
        "missing_here": one.missing_here,
        "missing_there": one.missing_there,
        "made_at": rfc3339(one.made_at),
    }


def _document(one: Reconciliation) -> dict[str, Any]:
    return {**_row(one), "differences": one.differences}
