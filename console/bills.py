"""A bill as staff see it: its lines, what the supplier doubts, and what is decided about it."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies import policies
from console import choosing, records
from console.pages import Decision, Page
from kit import downloads, money
from kit.errors import DomainError, NotFound
from ledger.models import Account, Kind
from suppliers import (
    answering_bills,
    balances,
    bill_documents,
    invoicing,
    paying_bills,
    settlement,
)
from suppliers.models import Bill, BillLine, BillState

LINES_A_PAGE = 100
TO_ANSWER = (BillState.ISSUED, BillState.DISPUTED)


def bill(pk: int) -> Bill:
    """Return a bill as it is now.

    :raises NotFound: there is none.
    """
    found = Bill.objects.select_related("supplier__company", "carried_to").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class BillPage(Page):
    """What it comes to, line by line, what is doubted, and what can be done now."""

    right = "console.see_money"
    template_name = "console/bill.html"

    def heading(self) -> str:
        return bill(self.kwargs["pk"]).bill_no

    def context(self) -> dict[str, Any]:
        found = bill(self.kwargs["pk"])
        names = bill_documents.part_names()
        part = self.request.GET.get("part", "")
        lines = self._lines(found, part if part in names else "")
        limit_fen = policies.read().four_eyes_above_fen
        is_payable = found.state == BillState.ACCEPTED and found.total_fen > 0
        payable = Account.objects.filter(kind=Kind.PAYABLE, holder=found.supplier_id).first()
        return {
            "bill": found,
            "lines": lines[:LINES_A_PAGE],
            "older": f"part={part}&after={lines[LINES_A_PAGE - 1].pk}"
            if len(lines) > LINES_A_PAGE
            else "",
            "part": part,
            "parts": [(key, names[key], fen) for key, fen in balances.parts(found).items()],
            "doubted": found.lines.filter(disputed=True).select_related("transfer"),
            "carried_from": found.carried_from.order_by("pk"),
            "may_void": found.state in TO_ANSWER and found.carried_to_id is None,
            "is_payable": is_payable,
            "takes_two": is_payable and found.total_fen > limit_fen,
            "limit_fen": limit_fen,
            "payable": payable,
            "records": records.about(found),
        }

    def _lines(self, found: Bill, part: str) -> list[BillLine]:
        after = self.request.GET.get("after", "")
        rows = balances.lines_of(found, part).order_by("pk")
        if after.isascii() and after.isdigit() and len(after) < 19:
            rows = rows.filter(pk__gt=int(after))
        return list(rows[: LINES_A_PAGE + 1])


class BillFile(Page):
    """A bill as a file."""

    right = "console.see_money"
    kind: ClassVar[str] = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = bill(self.kwargs["pk"])
        try:
            content, kind, name = self.file(found)
        except NotFound:
            raise
        except DomainError as refusal:
            return HttpResponse(str(refusal), content_type="text/plain; charset=utf-8", status=409)
        return downloads.attachment(content, kind, name)

    def file(self, found: Bill) -> tuple[bytes, str, str]:
        """Return the content, what it is, and its name."""
        raise NotImplementedError


class BillXlsx(BillFile):
    """The workbook."""

    def file(self, found: Bill) -> tuple[bytes, str, str]:
        return bill_documents.xlsx(found), downloads.XLSX, f"{found.bill_no}.xlsx"


class BillPdf(BillFile):
    """The printed bill."""

    def file(self, found: Bill) -> tuple[bytes, str, str]:
        return bill_documents.pdf(found), downloads.PDF, f"{found.bill_no}.pdf"


class Invoice(BillFile):
    """What the supplier attached."""

    def file(self, found: Bill) -> tuple[bytes, str, str]:
        file, kind = invoicing.read(found)
        with file:
            return file.read(), kind, found.invoice_name


class AboutBill(Decision):
    """A decision about one bill; it ends on the bill's page."""

    def subject(self) -> Bill:
        return bill(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:bill", args=[self.kwargs["pk"]])


class AnswerForm(forms.Form):
    """What the supplier reads beside its line."""

    words = forms.CharField(
        label=_("Answer to the supplier"),
        max_length=answering_bills.MAX_NOTE,
        widget=forms.Textarea,
    )


class AnswerLine(Decision):
    """Answer what a supplier doubts about a line."""

    right = "console.settle_suppliers"
    act = "answer_bill_line"
    title = _("Answer a doubted line")
    template_name = "console/answer_bill_line.html"
    explanation = _(
        "The line stays as it is. Where the supplier is right, propose a manual line, or void the"
        " bill."
    )
    button = _("Send the answer")
    form_class = AnswerForm

    def subject(self) -> Bill:
        return bill(self._line().bill_id)

    def initial(self) -> dict[str, Any]:
        return {"words": self._line().answer}

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), "line": self._line()}

    def decide(self, values: dict[str, Any]) -> str:
        line = self._line()
        answering_bills.answer(
            bill_no=line.bill.bill_no,
            line_pk=line.pk,
            words=values["words"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The supplier reads the answer beside its line.")

    def after(self) -> str:
        return reverse("console:bill", args=[self._line().bill_id])

    def _line(self) -> BillLine:
        rows = BillLine.objects.select_related("bill", "transfer")
        found = rows.filter(pk=self.kwargs["pk"], disputed=True).first()
        if found is None:
            raise NotFound
        return found


class PrepareBill(AboutBill):
    """The first of two people, for a large payment."""

    right = "console.pay_suppliers"
    act = "prepare_bill"
    title = _("Prepare the payment")
    explanation = _("Somebody else records it when the bank has paid.")
    button = _("It is to be paid")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = paying_bills.prepare(
            bill_no=self.subject().bill_no, actor=self.actor, at=timezone.now()
        )
        return gettext("The payment of {amount} is prepared.").format(
            amount=money.yuan(done.total_fen)
        )


class PayForm(forms.Form):
    """What the bank did."""

    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=paying_bills.MAX_REFERENCE,
        help_text=_("The number of the payment; it belongs to this bill alone."),
    )
    paid_on = forms.DateField(
        label=_("Paid on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_paid_on(self) -> Any:
        """The bank has paid: not in future."""
        day = self.cleaned_data["paid_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day


class PayBill(AboutBill):
    """Record that the bank has paid it."""

    right = "console.pay_suppliers"
    act = "pay_bill"
    title = _("Record the payment")
    button = _("It is paid")
    form_class = PayForm

    def initial(self) -> dict[str, Any]:
        return {"paid_on": timezone.localdate()}

    def around(self, form: forms.Form) -> dict[str, Any]:
        words = gettext("The supplier is owed {amount} by this bill; it cannot be undone.")
        amount = money.yuan(self.subject().total_fen)
        return {**super().around(form), "explanation": words.format(amount=amount)}

    def decide(self, values: dict[str, Any]) -> str:
        done = paying_bills.pay(
            bill_no=self.subject().bill_no,
            bank_reference=values["bank_reference"],
            paid_on=values["paid_on"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{amount} are paid.").format(amount=money.yuan(done.total_fen))


class VoidForm(forms.Form):
    """Why."""

    reason = choosing.reason()


class VoidBill(AboutBill):
    """Let it count no longer."""

    right = "console.settle_suppliers"
    act = "void_bill"
    title = _("Void the bill")
    explanation = _(
        "Its transfers go onto another bill, with the next run or when you issue it again. The"
        " supplier sees that it is void. This cannot be undone."
    )
    button = _("Void it")
    dangerous = True
    form_class = VoidForm

    def decide(self, values: dict[str, Any]) -> str:
        settlement.void(
            bill_no=self.subject().bill_no,
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The bill is void.")
