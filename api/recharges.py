"""Recharges: applied for, listed, read, and taken back while nobody has checked them."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import evidence
from aftersales.models import Evidence
from api import describing, fields, money_examples, pages
from api.examples import NOTHING
from api.fields import Choice, Shape, Text, Whole
from api.money_answers import RechargeAnswer, RechargePageAnswer
from api.orders import REPLAYED
from api.pages import PageQuery
from api.views import ApiView
from distributors import applying_for_recharges, recharging
from distributors.models import Recharge, RechargeState
from distributors.slips import Slip
from kit.errors import NotFound
from kit.times import rfc3339

DAY = r"\d{4}-\d{2}-\d{2}"
MAX_UPLOAD_ID = 40


class RechargesQuery(PageQuery):
    """Which of your recharges, newest first."""

    state = Choice(choices=RechargeState.choices, required=False)


class RechargeShape(Shape):
    """Money that you have paid."""

    amount_fen = Whole(min_value=1, max_value=recharging.MAX_RECHARGE_FEN)
    payer = Text(
        max_length=applying_for_recharges.MAX_PAYER, help_text=_("Whose bank account paid it.")
    )
    paid_on = Text(
        max_length=10, form=DAY, allow_null=True, default=None, help_text=_("The day, 2026-11-22.")
    )
    payment_reference = Text(
        max_length=applying_for_recharges.MAX_PAYMENT_REFERENCE,
        allow_blank=True,
        default="",
        help_text=_("The number of the payment at your bank; this or a slip is needed."),
    )
    slip = Text(
        max_length=MAX_UPLOAD_ID,
        allow_null=True,
        default=None,
        help_text=_("An upload_id of POST /uploads: a picture of the bank's slip."),
    )
    note = Text(max_length=applying_for_recharges.MAX_NOTE, allow_blank=True, default="")


class RechargeWithdrawalShape(Shape):
    """Nothing: the address says it all."""


class Recharges(ApiView):
    """The caller's recharges."""

    scopes = {"GET": "money", "POST": "money"}

    @describing.operation(
        "recharges_list",
        summary=_("List recharges, newest first."),
        tag="money",
        answer=RechargePageAnswer,
        query=RechargesQuery,
        example=money_examples.RECHARGE_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List recharges, newest first."""
        query = fields.read_query(RechargesQuery, request.query_params)
        of, limit = "recharges", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = Recharge.objects.filter(distributor=self.caller.distributor_pk)
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
        "recharges_apply",
        summary=_("Say that you have paid, so that the deposit is credited."),
        tag="money",
        description=_(
            "Staff look for the money and credit it once: recharge.approved or recharge.rejected"
            " tells you. A slip stands for one recharge. The very same application again, while it"
            " is open, is answered with the first one, 200 and Idempotent-Replayed: true."
        ),
        body=RechargeShape,
        answer=RechargeAnswer,
        status=201,
        also={200: RechargeAnswer},
        problems=(
            "payment_unproven",
            "paid_in_future",
            "slip_used_already",
            "evidence_unknown",
            "recharge_limit_reached",
        ),
        request_example=money_examples.RECHARGE_TO_APPLY,
        example=money_examples.RECHARGE,
    )
    def post(self, request: Request) -> Response:
        """Apply for a recharge."""
        asked = fields.read(RechargeShape, request.data)
        at = timezone.now()
        found = applying_for_recharges.apply(
            **asked | {"paid_on": _day(asked["paid_on"]), "slip": self._slip(asked["slip"])},
            distributor=self.caller.distributor,
            actor=self.caller.actor,
            at=at,
        )
        headers = {"Location": f"/api/v1/recharges/{found.recharge_no}"}
        if found.applied_at == at:
            return Response(document(found), 201, headers=headers)
        return Response(document(found), 200, headers=headers | {REPLAYED: "true"})

    def _slip(self, upload_id: str | None) -> Slip | None:
        """Return an uploaded picture, which was encoded anew when it came."""
        if upload_id is None:
            return None
        rows = Evidence.objects.filter(case=None, claim=None, inspection=None)
        found = rows.filter(upload_id=upload_id, distributor=self.caller.distributor_pk).first()
        if found is None:
            raise evidence.EvidenceUnknown(upload_id=upload_id, pointer="/slip")
        with evidence.read(found) as file:
            return Slip(file.read(), found.sha256)


class OneRecharge(ApiView):
    """A recharge by its number."""

    scopes = {"GET": "money"}

    @describing.operation(
        "recharges_read",
        summary=_("Read a recharge."),
        tag="money",
        answer=RechargeAnswer,
        example=money_examples.RECHARGE,
    )
    def get(self, request: Request, recharge_no: str) -> Response:  # noqa: ARG002
        """Read a recharge."""
        rows = Recharge.objects.filter(distributor=self.caller.distributor_pk)
        found = rows.filter(recharge_no=recharge_no).first()
        if found is None:
            raise NotFound
        return Response(document(found))


class RechargeWithdrawal(ApiView):
    """Taking an application back."""

    scopes = {"POST": "money"}

    @describing.operation(
        "recharges_withdraw",
        summary=_("Take an application for a recharge back."),
        tag="money",
        description=_("Possible as long as nobody has checked it. Doing so twice is harmless."),
        body=RechargeWithdrawalShape,
        answer=RechargeAnswer,
        problems=("state_conflict",),
        request_example=NOTHING,
        example=money_examples.RECHARGE | {"state": "withdrawn", "allowed_actions": []},
    )
    def post(self, request: Request, recharge_no: str) -> Response:
        """Take it back; repeating that is harmless."""
        fields.read(RechargeWithdrawalShape, request.data)
        found = applying_for_recharges.withdraw(
            distributor=self.caller.distributor,
            recharge_no=recharge_no,
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(document(found))


def document(row: Recharge) -> dict[str, Any]:
    """Show a recharge as its distributor sees it."""
    is_approved = row.state == RechargeState.APPROVED
    return {
        "recharge_no": row.recharge_no,
        "state": row.state,
        "version": row.version,
        "amount_fen": row.amount_fen,
        "payer": row.payer,
        "paid_on": row.paid_on.isoformat() if row.paid_on else None,
        "payment_reference": row.payment_reference,
        "has_slip": bool(row.slip),
        "note": row.note,
        "bank_reference": row.bank_reference if is_approved else "",
        "reason": row.reason,
        "allowed_actions": ["withdrawal"] if row.state == RechargeState.APPLIED else [],
        "applied_at": rfc3339(row.applied_at),
        "decided_at": rfc3339(row.decided_at),
    }


def _day(text: str | None) -> date | None:
    """Read a day.

    :raises ValidationFailed: there is no such day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fault = fields.WrongFormat(pointer="/paid_on", form="2026-11-22")
        raise fields.ValidationFailed(causes=[fault]) from None
