"""Withdrawals: money asked back from the deposit, listed, read, and cancelled while not approved."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, money_examples, pages
from api.examples import NOTHING
from api.fields import Choice, Shape, Text, Whole
from api.money_answers import WithdrawalAnswer, WithdrawalPageAnswer
from api.orders import REPLAYED
from api.pages import PageQuery
from api.views import ApiView
from distributors import recharging, withdrawing
from distributors.models import Withdrawal, WithdrawalState
from kit.errors import NotFound
from kit.times import rfc3339

ACCOUNT_NO = r"[0-9A-Za-z]{6,34}"


class WithdrawalsQuery(PageQuery):
    """Which of your withdrawals, newest first."""

    state = Choice(choices=WithdrawalState.choices, required=False)


class WithdrawalApplicationShape(Shape):
    """Money that you want back, and where it is to be paid."""

    amount_fen = Whole(min_value=1, max_value=recharging.MAX_RECHARGE_FEN)
    payee = Text(max_length=withdrawing.MAX_PAYEE, help_text=_("In whose name the account is."))
    bank = Text(max_length=withdrawing.MAX_BANK)
    account_no = Text(
        max_length=34, form=ACCOUNT_NO, help_text=_("Kept encrypted; answers show its end alone.")
    )
    note = Text(max_length=withdrawing.MAX_NOTE, allow_blank=True, default="")


class WithdrawalCancellationShape(Shape):
    """Nothing: the address says it all."""


class Withdrawals(ApiView):
    """The caller's withdrawals."""

    scopes = {"GET": "money", "POST": "money"}

    @describing.operation(
        "withdrawals_list",
        summary=_("List withdrawals, newest first."),
        tag="money",
        answer=WithdrawalPageAnswer,
        query=WithdrawalsQuery,
        example=money_examples.WITHDRAWAL_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List withdrawals, newest first."""
        query = fields.read_query(WithdrawalsQuery, request.query_params)
        of, limit = "withdrawals", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = Withdrawal.objects.filter(distributor=self.caller.distributor_pk)
        if "state" in query:
            rows = rows.filter(state=query["state"])
        if place:
            rows = rows.filter(pk__lt=place[0])
        found = list(rows.order_by("-pk")[: limit + 1])
        items = [document(row) for row in found[:limit]]
        return Response(
            pages.page(
                found, items, limit=limit, of=of, caller=self.caller, place=lambda row: [row.pk]
            )
        )

    @describing.operation(
        "withdrawals_apply",
        summary=_("Ask for money back from the deposit."),
        tag="money",
        description=_(
            "The amount is held at once, so that no order spends it; neither a credit line nor what"
            " is held already can be withdrawn. The very same application again, while it is open,"
            " is answered with the first one, 200 and Idempotent-Replayed: true."
        ),
        body=WithdrawalApplicationShape,
        answer=WithdrawalAnswer,
        status=201,
        also={200: WithdrawalAnswer},
        problems=("withdrawal_too_large", "withdrawal_limit_reached", "account_frozen"),
        request_example=money_examples.WITHDRAWAL_TO_APPLY,
        example=money_examples.WITHDRAWAL,
    )
    def post(self, request: Request) -> Response:
        """Apply for a withdrawal."""
        asked = fields.read(WithdrawalApplicationShape, request.data)
        at = timezone.now()
        found = withdrawing.apply(
            **asked, distributor=self.caller.distributor, actor=self.caller.actor, at=at
        )
        headers = {"Location": f"/api/v1/withdrawals/{found.withdrawal_no}"}
        if found.applied_at == at:
            return Response(document(found), 201, headers=headers)
        return Response(document(found), 200, headers=headers | {REPLAYED: "true"})


class OneWithdrawal(ApiView):
    """A withdrawal by its number."""

    scopes = {"GET": "money"}

    @describing.operation(
        "withdrawals_read",
        summary=_("Read a withdrawal."),
        tag="money",
        answer=WithdrawalAnswer,
        example=money_examples.WITHDRAWAL,
    )
    def get(self, request: Request, withdrawal_no: str) -> Response:  # noqa: ARG002
        """Read a withdrawal."""
        rows = Withdrawal.objects.filter(distributor=self.caller.distributor_pk)
        found = rows.filter(withdrawal_no=withdrawal_no).first()
        if found is None:
            raise NotFound
        return Response(document(found))


class WithdrawalCancellation(ApiView):
    """Leaving the money where it is."""

    scopes = {"POST": "money"}

    @describing.operation(
        "withdrawals_cancel",
        summary=_("Cancel a withdrawal; what it held may be spent again."),
        tag="money",
        description=_("Possible as long as it is not approved. Doing so twice is harmless."),
        body=WithdrawalCancellationShape,
        answer=WithdrawalAnswer,
        problems=("state_conflict",),
        request_example=NOTHING,
        example=money_examples.WITHDRAWAL | {"state": "cancelled", "allowed_actions": []},
    )
    def post(self, request: Request, withdrawal_no: str) -> Response:
        """Cancel it; repeating that is harmless."""
        fields.read(WithdrawalCancellationShape, request.data)
        found = withdrawing.cancel(
            distributor=self.caller.distributor,
            withdrawal_no=withdrawal_no,
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(document(found))


def document(row: Withdrawal) -> dict[str, Any]:
    """Show a withdrawal as its distributor sees it."""
    return {
        "withdrawal_no": row.withdrawal_no,
        "state": row.state,
        "version": row.version,
        "amount_fen": row.amount_fen,
        "payee": row.payee,
        "account_tail": row.account_tail,
        "note": row.note,
        "bank_reference": row.bank_reference,
        "reason": row.reason,
        "allowed_actions": ["cancellation"] if row.state in withdrawing.CANCELLABLE else [],
        "applied_at": rfc3339(row.applied_at),
        "decided_at": rfc3339(row.decided_at),
        "paid_at": rfc3339(row.paid_at),
    }
