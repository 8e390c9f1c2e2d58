"""The caller's deposit: what can be spent, and every transfer with the balance after it."""

from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, money_examples, pages
from api.money_answers import DepositAnswer, TransferPageAnswer
from api.pages import PageQuery
from api.views import ApiView
from distributors import withdrawing
from distributors.models import Withdrawal
from kit.times import rfc3339
from ledger import accounts, reading
from ledger.reading import Entry
from orders.models import Order


class Deposit(ApiView):
    """The caller's deposit."""

    scopes = {"GET": "money"}

    @describing.operation(
        "deposit_read",
        summary=_("Read what can be spent."),
        tag="money",
        answer=DepositAnswer,
        example=money_examples.DEPOSIT,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read what can be spent, and what unfinished orders hold."""
        account = accounts.deposit_of(self.caller.distributor_pk)
        mine = {"distributor": self.caller.distributor_pk}
        unfinished = Order.objects.filter(**mine, open_fen__gt=0)
        asked_back = Withdrawal.objects.filter(**mine, state__in=withdrawing.OPEN)
        return Response(
            {
                "available_fen": account.available_fen,
                "balance_fen": account.balance_fen,
                "held_fen": account.held_fen,
                "withdrawals_fen": asked_back.aggregate(fen=Sum("amount_fen"))["fen"] or 0,
                "credit_line_fen": account.credit_line_fen,
                "open_orders_fen": unfinished.aggregate(fen=Sum("open_fen"))["fen"] or 0,
                "frozen": account.frozen_at is not None,
            }
        )


class DepositTransfers(ApiView):
    """What moved the caller's deposit."""

    scopes = {"GET": "money"}

    @describing.operation(
        "deposit_transfers",
        summary=_("List what moved the deposit, newest first."),
        tag="money",
        description=_("balance_fen is the balance after each transfer."),
        answer=TransferPageAnswer,
        query=PageQuery,
        example=money_examples.TRANSFER_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List transfers, newest first; `balance_fen` is the balance after each."""
        query = fields.read_query(PageQuery, request.query_params)
        of, limit, caller = "transfers", query["limit"], self.caller
        place = pages.position(query, of=of, caller=caller, size=2)
        below, balance_fen = place or (reading.NEWEST, None)
        rows = reading.entries(
            accounts.deposit_of(caller.distributor_pk),
            limit=limit + 1,
            below=below,
            balance_fen=balance_fen,
        )
        return Response(
            pages.page(
                rows,
                [_item(entry) for entry in rows[:limit]],
                limit=limit,
                of=of,
                caller=caller,
                # The next page begins with the balance before this entry.
                place=lambda entry: [entry.pk, entry.balance_before_fen],
            )
        )


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "reference": entry.reference,
        "amount_fen": entry.amount_fen,
        "balance_fen": entry.balance_fen,
        "order_no": entry.order_no,
        "out_order_no": entry.out_order_no,
        "line_id": entry.line_id,
        "sku_no": entry.sku_no,
        "quantity": entry.quantity,
        "note": entry.note,
        "posted_at": rfc3339(entry.posted_at),
    }
