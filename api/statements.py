"""Statements: the caller's days, closed for ever, as JSON and as CSV, byte for byte."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateField, IntegerField

from api import book_examples, describing, fields, pages
from api.answers import Answer
from api.money_answers import TransferAnswer
from api.pages import PageQuery
from api.views import ApiView
from books import statements
from books.models import Statement
from distributors.models import Distributor
from kit.errors import NotFound

CSV = "text/csv"


class StatementRowAnswer(Answer):
    """A closed day in figures, with the digests of its two files."""

    date = DateField()
    opening_fen = IntegerField()
    credited_fen = IntegerField()
    debited_fen = IntegerField()
    closing_fen = IntegerField(
        help_text=_("opening_fen + credited_fen − debited_fen: the next day's opening_fen.")
    )
    transfers = IntegerField()
    csv_sha256 = CharField()
    json_sha256 = CharField()


class StatementPageAnswer(Answer):
    """A page of statements, newest first."""

    items = StatementRowAnswer(many=True)
    next = CharField(allow_null=True)


class StatedTransferAnswer(TransferAnswer):
    """A transfer on a statement, and the balance after it."""

    late = BooleanField(help_text=_("It is of a day that was closed before it was written."))


class StatementAnswer(Answer):
    """A closed day with every transfer, in the order in which they were written."""

    date = DateField()
    distributor = CharField()
    opening_fen = IntegerField()
    credited_fen = IntegerField()
    debited_fen = IntegerField()
    closing_fen = IntegerField()
    transfers = IntegerField()
    items = StatedTransferAnswer(many=True)


class Statements(ApiView):
    """The caller's closed days."""

    scopes = {"GET": "money"}

    @describing.operation(
        "statements_list",
        summary=_("List closed days, newest first."),
        tag="money",
        description=_(
            "A day of Asia/Shanghai closes some minutes after midnight; statement.ready tells."
        ),
        answer=StatementPageAnswer,
        query=PageQuery,
        example=book_examples.STATEMENT_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List closed days, newest first."""
        query = fields.read_query(PageQuery, request.query_params)
        of, limit, caller = "statements", query["limit"], self.caller
        rows = Statement.objects.filter(distributor=caller.distributor_pk)
        place = pages.position(query, of=of, caller=caller)
        if place is not None:
            rows = rows.filter(pk__lt=place[0])
        found = list(rows.order_by("-pk").defer(*statements.WITHOUT_FILES)[: limit + 1])
        return Response(
            pages.page(
                found,
                [statements.document(statement) for statement in found[:limit]],
                limit=limit,
                of=of,
                caller=caller,
                place=lambda statement: [statement.pk],
            )
        )


class OneStatement(ApiView):
    """A closed day."""

    scopes = {"GET": "money"}

    @describing.operation(
        "statements_read",
        summary=_("Read a closed day."),
        tag="money",
        description=_(
            "The same bytes for ever; their SHA-256 is the ETag. Of every day since you were opened,"
            " those without a transfer too. Added up they are the deposit."
        ),
        answer=StatementAnswer,
        example=book_examples.STATEMENT,
        problems=("day_not_closed",),
    )
    def get(self, request: Request, date: str) -> HttpResponse:  # noqa: ARG002
        """Read a closed day, as it was frozen."""
        found = _find(self.caller.distributor, date)
        return _file(bytes(found.json), "application/json", found.json_sha256)


class StatementCsv(ApiView):
    """A closed day for spreadsheets."""

    scopes = {"GET": "money"}

    @describing.operation(
        "statements_read_csv",
        summary=_("Read a closed day as CSV."),
        tag="money",
        description=_("UTF-8, amounts in yuan, headings in the language of the installation."),
        answer=OpenApiTypes.STR,
        media_type=CSV,
        example=book_examples.STATEMENT_CSV,
        problems=("day_not_closed",),
    )
    def get(self, request: Request, date: str) -> HttpResponse:  # noqa: ARG002
        """Read a closed day as CSV, as it was frozen."""
        found = _find(self.caller.distributor, date)
        return _file(bytes(found.csv), f"{CSV}; charset=utf-8", found.csv_sha256)


def _find(distributor: Distributor, text: str) -> Statement:
    """Return the statement of a day of a distributor.

    :raises NotFound: no day, or before the distributor was opened.
    :raises DayNotClosed: the day is not over.
    """
    day = fields.day(text)
    if day is None:
        raise NotFound
    return statements.of_day(distributor=distributor, day=day, at=timezone.now())


def _file(content: bytes, kind: str, digest: str) -> HttpResponse:
    """Return frozen bytes, known by their digest."""
    return HttpResponse(content, content_type=kind, headers={"ETag": f'"{digest}"'})
