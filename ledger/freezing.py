"""Freezing accounts: a proof found one broken, so nothing is spent from it until staff say why."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, NotFound
from ledger.models import Account, Kind

MAX_REASON = 200


class AccountFrozen(DomainError):
    code = "account_frozen"
    text = _("The deposit is frozen while the platform checks it: nothing is spent from it now.")


class SupplierAccountFrozen(AccountFrozen):
    text = _("This account of the supplier is frozen while it is checked: nothing is paid from it.")


class UnfreezeReasonMissing(DomainError):
    code = "unfreeze_reason_missing"
    text = _("Say in up to {limit} characters why the account may be used again.")


@transaction.atomic(savepoint=False)
def freeze_account(*, account_pk: int, reason: str, at: datetime) -> Account:
    """Let nothing be spent from an account any more; what comes in is still credited.

    One that is frozen already stays so since when it was, for the reason that it was. Joins the
    caller's transaction, or has one of its own.

    :raises NotFound: there is no such account.
    """
    account = _lock(account_pk)
    if account.frozen_at is None:
        account.frozen_at, account.frozen_reason = at, reason[:MAX_REASON]
        account.save(update_fields=["frozen_at", "frozen_reason"])
    return account


@transaction.atomic(durable=True)
def unfreeze_account(*, account_pk: int, reason: str) -> Account:
    """Let an account be used again. Who decided it, and why, goes into the record of the door.

    One that is not frozen stays as it is.

    :raises NotFound: there is no such account.
    :raises UnfreezeReasonMissing: no reason, or too long a one.
    """
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise UnfreezeReasonMissing(limit=MAX_REASON)
    account = _lock(account_pk)
    if account.frozen_at is not None:
        account.frozen_at, account.frozen_reason = None, ""
        account.save(update_fields=["frozen_at", "frozen_reason"])
    return account


def refuse_frozen(account: Account) -> None:
    """Make sure that a locked account may be spent from.

    :raises AccountFrozen: it may not.
    """
    if account.frozen_at is not None:
        raise AccountFrozen


def lock_supplier_account(kind: Kind, supplier_pk: int) -> None:
    """Lock a supplier's account, if it is opened yet, to pay from it.

    :raises SupplierAccountFrozen: a proof has frozen it.
    """
    rows = Account.objects.filter(kind=kind, holder=supplier_pk).select_for_update(no_key=True)
    if any(account.frozen_at is not None for account in rows):
        raise SupplierAccountFrozen


def _lock(account_pk: int) -> Account:
    account = Account.objects.filter(pk=account_pk).select_for_update(no_key=True).first()
    if account is None:
        raise NotFound
    return account
