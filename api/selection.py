"""Selection (选品): which products the caller wants to hear of."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateTimeField, IntegerField

from api import catalogue_examples, describing, fields, pages
from api.answers import Answer, ProblemAnswer
from api.errors import problem
from api.fields import Items, Shape, Text
from api.pages import PageQuery
from api.views import ApiView
from kit.errors import DomainError, NotFound
from kit.times import rfc3339
from supplychain import selecting
from supplychain.selecting import MAX_AT_ONCE, Outcome, Wanted

MAX_NUMBER = 64
MAX_CODE = 32


class SelectionUnclear(DomainError):
    code = "selection_unclear"
    text = _("Name either item_nos, or a category, a brand or both.")


class SelectedAnswer(Answer):
    """A selected product, and how far to trust your copy of it."""

    item_no = CharField()
    selected_at = DateTimeField()
    on_sale = BooleanField(help_text=_("Whether it is offered to you now; it stays selected."))
    version = IntegerField(
        allow_null=True, help_text=_("Higher than that of your copy: read it again.")
    )
    price_version = IntegerField(
        allow_null=True, help_text=_("The highest of its skus, with your own terms.")
    )
    changed_at = DateTimeField(allow_null=True)


class SelectionPageAnswer(Answer):
    """A page of the selection, oldest first."""

    items = SelectedAnswer(many=True)
    next = CharField(allow_null=True)


class SelectionRowAnswer(Answer):
    """What became of a product."""

    item_no = CharField()
    status = IntegerField()
    problem = ProblemAnswer(required=False)


class SelectionRowsAnswer(Answer):
    """One row for each number, in order; or one for each product that was found."""

    items = SelectionRowAnswer(many=True)


class WantedShape(Shape):
    """Products by number; or by category, brand, or both together."""

    item_nos = Items(
        child=Text(max_length=MAX_NUMBER),
        max_length=MAX_AT_ONCE,
        required=False,
        help_text=_("Up to 1,000 numbers."),
    )
    category = Text(
        max_length=MAX_CODE, required=False, help_text=_("A category's code; with all below it.")
    )
    brand = Text(max_length=MAX_CODE, required=False, help_text=_("A brand's code."))


class Selection(ApiView):
    """What the caller selected."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "selection_list",
        summary=_("List what you selected."),
        tag="selection",
        description=_(
            "Callbacks and events about goods concern these, and what you ordered in the last 90 "
            "days. You may order anything that you see, selected or not."
        ),
        answer=SelectionPageAnswer,
        query=PageQuery,
        example=catalogue_examples.SELECTION_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List what is selected, with versions to hold copies against."""
        query = fields.read_query(PageQuery, request.query_params)
        of, limit, caller = "selection", query["limit"], self.caller
        place = pages.position(query, of=of, caller=caller)
        rows = selecting.selected(
            caller.distributor, after=place[0] if place else 0, limit=limit + 1
        )
        items = [
            {
                "item_no": row.item_no,
                "selected_at": rfc3339(row.selected_at),
                "on_sale": row.on_sale,
                "version": row.version,
                "price_version": row.price_version,
                "changed_at": rfc3339(row.changed_at),
            }
            for row in rows[:limit]
        ]
        return Response(
            pages.page(rows, items, limit=limit, of=of, caller=caller, place=lambda row: [row.pk])
        )


class SelectionAdditions(ApiView):
    """Selecting."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "selection_add",
        summary=_("Select products, up to 1,000 a call."),
        tag="selection",
        description=_(
            "By number, or all that you see of a category (with all below it), a brand, or both. "
            "Each row has its own status: 201 new, 200 selected already, 404 not there for you. "
            "The same call again changes nothing. More than 1,000 are refused, never cut off."
        ),
        body=WantedShape,
        answer=SelectionRowsAnswer,
        request_example=catalogue_examples.SELECTION_WANTED,
        example=catalogue_examples.SELECTION_OUTCOMES,
        problems=("selection_unclear", "too_many_selected"),
    )
    def post(self, request: Request) -> Response:
        """Select products; each has its own outcome."""
        wanted = _wanted(request)
        distributor = self.caller.distributor
        return _rows(selecting.select(distributor=distributor, wanted=wanted, at=timezone.now()))


class SelectionRemovals(ApiView):
    """Taking out of the selection."""

    scopes = {"POST": "goods"}

    @describing.operation(
        "selection_remove",
        summary=_("Take products out of your selection, up to 1,000 a call."),
        tag="selection",
        description=_("As for additions: 200 taken out, 404 it was not in your selection."),
        body=WantedShape,
        answer=SelectionRowsAnswer,
        request_example=catalogue_examples.SELECTION_WANTED,
        example=catalogue_examples.REMOVAL_OUTCOMES,
        problems=("selection_unclear", "too_many_selected"),
    )
    def post(self, request: Request) -> Response:
        """Take products out; each has its own outcome."""
        wanted = _wanted(request)
        return _rows(selecting.unselect(distributor=self.caller.distributor, wanted=wanted))


def _wanted(request: Request) -> Wanted:
    body: dict[str, Any] = fields.read(WantedShape, request.data)
    wanted = Wanted(
        tuple(body.get("item_nos", ())), body.get("category", ""), body.get("brand", "")
    )
    if bool(wanted.item_nos) == bool(wanted.category or wanted.brand):
        raise SelectionUnclear
    return wanted


def _rows(outcomes: list[Outcome]) -> Response:
    missing = problem(NotFound())
    return Response(
        {
            "items": [
                {"item_no": row.item_no, "status": row.status}
                | ({"problem": missing} if row.status == 404 else {})
                for row in outcomes
            ]
        }
    )
