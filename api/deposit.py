"""The caller's deposit: what can be spent, and every transfer with the balance after it."""

from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, examples, fields, pages
from api.answers import DepositAnswer, TransferPageAnswer
from api.pages import PageQuery
from api.views import ApiView
from kit import bulk
from kit.times import rfc3339
from ledger import accounts
from orders.models import Order

# Newest first. The balance after the newest is the account's; it is read in the same statement, so
# that no transfer can come between. Each older balance follows from the amounts passed on the way.
_TRANSFERS = """
SELECT transfer.id, transfer.code, transfer.reference,
    CASE WHEN transfer.credit_id = account.id THEN transfer.amount_fen
        ELSE -transfer.amount_fen END,
    transfer.order_no, transfer.out_order_no, transfer.line_id, transfer.sku_no,
    transfer.quantity, transfer.note, transfer.posted_at, account.balance_fen
FROM ledger_account account
JOIN LATERAL (
    (SELECT * FROM ledger_transfer WHERE credit_id = account.id AND id < %s
        ORDER BY id DESC LIMIT %s)
    UNION ALL
    (SELECT * FROM ledger_transfer WHERE debit_id = account.id AND id < %s
        ORDER BY id DESC LIMIT %s)
) AS transfer ON true
WHERE account.kind = 'deposit' AND account.holder = %s
ORDER BY transfer.id DESC LIMIT %s
"""
NEWEST = 2**63 - 1


class Deposit(ApiView):
    """The caller's deposit."""

    scopes = {"GET": "money"}

    @describing.operation(
        "deposit_read",
        summary=_("Read what can be spent."),
        tag="money",
        answer=DepositAnswer,
        example=examples.DEPOSIT,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read what can be spent, and what unfinished orders hold."""
        account = accounts.deposit_of(self.caller.distributor_pk)
        unfinished = Order.objects.filter(distributor=self.caller.distributor_pk, open_fen__gt=0)
        return Response(
            {
                "available_fen": account.available_fen,
                "balance_fen": account.balance_fen,
                "held_fen": account.held_fen,
                "credit_line_fen": account.credit_line_fen,
                "open_orders_fen": unfinished.aggregate(fen=Sum("open_fen"))["fen"] or 0,
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
        example=examples.TRANSFER_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List transfers, newest first; `balance_fen` is the balance after each."""
        query = fields.read_query(PageQuery, request.query_params)
        of, limit, caller = "transfers", query["limit"], self.caller
        place = pages.position(query, of=of, caller=caller, size=2)
        before, balance_fen = place or (NEWEST, None)
        rows = bulk.query(
            _TRANSFERS,
            [before, limit + 1, before, limit + 1, caller.distributor_pk, limit + 1],
        )
        items = _with_balances(rows, balance_fen)
        balances = {row[0]: item["balance_fen"] for row, item in zip(rows, items, strict=True)}
        return Response(
            pages.page(
                rows,
                items[:limit],
                limit=limit,
                of=of,
                caller=caller,
                # The next page begins with the balance before this row.
                place=lambda row: [row[0], balances[row[0]] - row[3]],
            )
        )


def _with_balances(rows: list[Any], balance_fen: int | None) -> list[dict[str, Any]]:
    """Show rows, newest first; the balance after the first is given, or the account's own."""
    items = []
    for row in rows:
        balance_fen = row[11] if balance_fen is None else balance_fen
        items.append(_item(row, balance_fen))
        balance_fen -= row[3]
    return items


def _item(row: Any, balance_fen: int) -> dict[str, Any]:
    (
        _pk, code, reference, amount_fen, order_no, out_order_no, line_id, sku_no, quantity, note,
        posted_at, _balance,
    ) = row  # fmt: skip
    return {
        "code": code,
        "reference": reference,
        "amount_fen": amount_fen,
        "balance_fen": balance_fen,
        "order_no": order_no,
        "out_order_no": out_order_no,
        "line_id": line_id,
        "sku_no": sku_no,
        "quantity": quantity,
        "note": note,
        "posted_at": rfc3339(posted_at),
    }
