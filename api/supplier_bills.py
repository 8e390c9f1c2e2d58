"""A supplier's bills: read with their lines, accepted, or doubted line by line."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, pages, supplier_examples
from api.fields import Choice, Items, Shape, Text
from api.pages import PageQuery
from api.supplier_answers import (
    SupplierBillLinePageAnswer,
    SupplierBillPageAnswer,
    SupplierFullBillAnswer,
)
from api.supplier_orders import SupplierNothingShape
from api.supplier_views import SupplierView
from kit.errors import NotFound
from kit.times import rfc3339
from suppliers import answering_bills, balances, bill_documents
from suppliers.models import Bill, BillLine, BillState

OF = "supplier bills"
MAX_DISPUTED = 200
ID = r"[0-9]{1,18}"
SHOWN = [state for state in BillState.choices if state[0] != BillState.DRAFT]


class SupplierBillsQuery(PageQuery):
    """Which of your bills."""

    state = Choice(choices=SHOWN, required=False)


class SupplierDoubtShape(Shape):
    """A line that is doubted, and why."""

    bill_line_id = Text(max_length=18, form=ID)
    note = Text(max_length=answering_bills.MAX_NOTE)


class SupplierDisputeShape(Shape):
    """The lines that are doubted."""

    lines = Items(child=SupplierDoubtShape(), max_length=MAX_DISPUTED)


class SupplierBills(SupplierView):
    """The bills that were issued to the supplier."""

    scopes = {"GET": "bills"}

    @describing.operation(
        "supplier_bills_list",
        summary=_("List your bills, the newest first."),
        tag="supplier",
        answer=SupplierBillPageAnswer,
        query=SupplierBillsQuery,
        example=supplier_examples.BILL_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List bills."""
        query = fields.read_query(SupplierBillsQuery, request.query_params)
        limit = query["limit"]
        place = pages.position(query, of=OF, caller=self.signer)
        bills = _mine(self)
        if "state" in query:
            bills = bills.filter(state=query["state"])
        if place is not None:
            bills = bills.filter(pk__lt=place[0])
        found = list(bills.order_by("-pk")[: limit + 1])
        return Response(
            pages.page(
                found,
                [_document(bill) for bill in found[:limit]],
                limit=limit,
                of=OF,
                caller=self.signer,
                place=lambda bill: [bill.pk],
            )
        )


class OneSupplierBill(SupplierView):
    """A bill by its number."""

    scopes = {"GET": "bills"}

    @describing.operation(
        "supplier_bills_read",
        summary=_("Read a bill, and what its lines come to."),
        tag="supplier",
        answer=SupplierFullBillAnswer,
        example=supplier_examples.FULL_BILL,
    )
    def get(self, request: Request, bill_no: str) -> Response:  # noqa: ARG002
        """Read one bill."""
        return Response(_full_document(_bill(self, bill_no)))


class SupplierBillLines(SupplierView):
    """The lines of a bill."""

    scopes = {"GET": "bills"}

    @describing.operation(
        "supplier_bills_lines",
        summary=_("Read the lines of a bill, in the order in which they were posted."),
        tag="supplier",
        answer=SupplierBillLinePageAnswer,
        query=PageQuery,
        example=supplier_examples.BILL_LINE_PAGE,
    )
    def get(self, request: Request, bill_no: str) -> Response:
        """Read lines in pages."""
        bill = _bill(self, bill_no)
        query = fields.read_query(PageQuery, request.query_params)
        of, limit = f"lines of {bill_no}", query["limit"]
        place = pages.position(query, of=of, caller=self.signer)
        lines = balances.lines_of(bill).order_by("pk")
        if place is not None:
            lines = lines.filter(pk__gt=place[0])
        found = list(lines[: limit + 1])
        return Response(
            pages.page(
                found,
                [_line_document(line) for line in found[:limit]],
                limit=limit,
                of=of,
                caller=self.signer,
                place=lambda line: [line.pk],
            )
        )


class SupplierBillAcceptance(SupplierView):
    """That the supplier agrees to a bill."""

    scopes = {"POST": "bills"}

    @describing.operation(
        "supplier_bills_accept",
        summary=_("Agree to a bill."),
        tag="supplier",
        description=_("Doing so twice is harmless."),
        body=SupplierNothingShape,
        answer=SupplierFullBillAnswer,
        problems=("state_conflict",),
        request_example={},
        example=supplier_examples.ACCEPTED,
    )
    def post(self, request: Request, bill_no: str) -> Response:
        """Agree; repeating it is harmless."""
        _bill(self, bill_no)
        fields.read(SupplierNothingShape, request.data)
        answering_bills.accept(
            supplier=self.supplier, bill_no=bill_no, actor=self.signer.actor, at=timezone.now()
        )
        return Response(_full_document(_bill(self, bill_no)))


class SupplierBillDispute(SupplierView):
    """That the supplier doubts lines of a bill."""

    scopes = {"POST": "bills"}

    @describing.operation(
        "supplier_bills_dispute",
        summary=_("Doubt lines of a bill, each with a note."),
        tag="supplier",
        description=_(
            "The platform answers each of them; the answers stand on the lines. Saying the same twice"
            " is harmless."
        ),
        body=SupplierDisputeShape,
        answer=SupplierFullBillAnswer,
        problems=("state_conflict",),
        request_example=supplier_examples.DISPUTE,
        example=supplier_examples.DISPUTED,
    )
    def post(self, request: Request, bill_no: str) -> Response:
        """Doubt lines."""
        _bill(self, bill_no)
        lines = fields.read(SupplierDisputeShape, request.data)["lines"]
        answering_bills.dispute(
            supplier=self.supplier,
            bill_no=bill_no,
            notes={int(line["bill_line_id"]): line["note"] for line in lines},
            actor=self.signer.actor,
            at=timezone.now(),
        )
        return Response(_full_document(_bill(self, bill_no)))


def _mine(view: SupplierView) -> QuerySet[Bill]:
    """Return the bills that a supplier may see: drafts are not issued yet."""
    return Bill.objects.of(view.supplier).exclude(state=BillState.DRAFT)


def _bill(view: SupplierView, bill_no: str) -> Bill:
    bill = _mine(view).filter(bill_no=bill_no).first()
    if bill is None:
        raise NotFound
    return bill


def _document(bill: Bill) -> dict[str, Any]:
    return {
        "bill_no": bill.bill_no,
        "state": str(bill.state),
        "version": bill.version,
        "period_from": bill.period_from.isoformat(),
        "period_to": bill.period_to.isoformat(),
        "lines_fen": bill.lines_fen,
        "carried_fen": bill.carried_fen,
        "total_fen": bill.total_fen,
        "issued_at": rfc3339(bill.issued_at),
        "answered_at": rfc3339(bill.answered_at),
        "paid_on": bill.paid_on.isoformat() if bill.paid_on else None,
        "bank_reference": bill.bank_reference,
        "has_invoice": bool(bill.invoice),
    }


def _full_document(bill: Bill) -> dict[str, Any]:
    parts = balances.parts(bill).items()
    shown = [{"part": part, "amount_fen": amount_fen} for part, amount_fen in parts]
    return {**_document(bill), "parts": shown}


def _line_document(line: BillLine) -> dict[str, Any]:
    transfer = line.transfer
    return {
        "bill_line_id": str(line.pk),
        "part": balances.part_of(transfer.code),
        "code": transfer.code,
        "posted_at": rfc3339(transfer.posted_at),
        "order_no": transfer.order_no,
        "line_id": transfer.line_id,
        "sku_no": transfer.sku_no,
        "quantity": transfer.quantity,
        "unit_fen": transfer.unit_fen,
        "amount_fen": line.amount_fen,
        "case_no": transfer.case_no,
        "reason": bill_documents.reason_of(line),
        "disputed": line.disputed,
        "dispute_note": line.dispute_note,
        "answer": line.answer,
    }
