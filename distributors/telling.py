"""What distributors are told about money that they pay in or take out, and about their terms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from distributors.models import Distributor, DistributorState, Recharge, Withdrawal
from integration import outbox
from kit import times
from ledger.models import Account

MAX_OBJECT_NO = 64
# What an event is about that concerns all goods alike.
CATALOGUE = "catalogue"


def recharge_approved(
    distributor: Distributor,
    account: Account,
    *,
    amount_fen: int,
    reference: str,
    recharge_no: str,
    at: datetime,
) -> None:
    """Say that a deposit was credited; an application is named by its number."""
    data = {
        "recharge_no": recharge_no,
        "reference": reference,
        "amount_fen": amount_fen,
        "available_fen": account.available_fen,
        "at": times.rfc3339(at),
    }
    _tell(distributor, "recharge.approved", recharge_no or reference[:MAX_OBJECT_NO], data, at)


def recharge_rejected(recharge: Recharge, *, at: datetime) -> None:
    """Say that an application was rejected, and why."""
    data = {
        "recharge_no": recharge.recharge_no,
        "payment_reference": recharge.payment_reference,
        "amount_fen": recharge.amount_fen,
        "reason": recharge.reason,
        "at": times.rfc3339(at),
    }
    _tell(recharge.distributor, "recharge.rejected", recharge.recharge_no, data, at)


def withdrawal_changed(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Say that a withdrawal was approved, paid or rejected."""
    data = {
        "withdrawal_no": withdrawal.withdrawal_no,
        "state": withdrawal.state,
        "amount_fen": withdrawal.amount_fen,
        "bank_reference": withdrawal.bank_reference,
        "reason": withdrawal.reason,
        "at": times.rfc3339(at),
    }
    kind = f"withdrawal.{withdrawal.state}"
    _tell(withdrawal.distributor, kind, withdrawal.withdrawal_no, data, at)


def prices_changed(
    distributors: Iterable[Distributor], price_version: int, *, at: datetime
) -> None:
    """Say that all prices are others now: one event, whatever the number of goods."""
    data = {"scope": CATALOGUE, "price_version": price_version, "items": []}
    _tell_of_catalogue(distributors, "price.changed", data, at)


def assortment_changed(distributor: Distributor, *, at: datetime) -> None:
    """Say that a distributor sees other goods than before."""
    _tell_of_catalogue([distributor], "product.updated", {"scope": CATALOGUE}, at)


def _tell_of_catalogue(
    distributors: Iterable[Distributor], kind: str, data: dict[str, Any], at: datetime
) -> None:
    outbox.record(
        [
            outbox.Message(one.partner_id, kind, CATALOGUE, None, data)
            for one in distributors
            if one.state != DistributorState.CLOSED
        ],
        at=at,
    )


def _tell(
    distributor: Distributor, kind: str, number: str, data: dict[str, Any], at: datetime
) -> None:
    outbox.record([outbox.Message(distributor.partner_id, kind, number, None, data)], at=at)
