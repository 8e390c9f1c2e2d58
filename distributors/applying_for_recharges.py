"""Applying for a recharge: a distributor says that it has paid, and shows by what."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from distributors import recharging, slips
from distributors.models import Distributor, Recharge, RechargeState
from distributors.slips import Slip
from kit import numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts

OPEN = (RechargeState.APPLIED, RechargeState.CHECKED)
MAX_OPEN = 100
MAX_PAYER = 120
MAX_PAYMENT_REFERENCE = 64
MAX_NOTE = 200
PREFIX = "R"


class PayerMissing(DomainError):
    code = "payer_missing"
    text = _("Say who has paid, in up to {limit} characters on one line.")


class PaymentUnproven(DomainError):
    code = "payment_unproven"
    text = _("Name the reference of your payment, or add a picture of its slip.")


class PaymentTextInvalid(DomainError):
    code = "payment_text_invalid"
    text = _("A payment's reference has up to {reference} characters, a note up to {note}.")


class PaidInFuture(DomainError):
    code = "paid_in_future"
    text = _("{paid_on} is still to come.")


class SlipUsedAlready(DomainError):
    code = "slip_used_already"
    text = _("This slip stands for another recharge already.")


class RechargeLimitReached(DomainError):
    code = "recharge_limit_reached"
    text = _("You have {limit} open applications already; wait until they are decided.")


def apply(
    *,
    distributor: Distributor,
    amount_fen: int,
    payer: str,
    actor: Actor,
    at: datetime,
    paid_on: date | None = None,
    payment_reference: str = "",
    slip: Slip | None = None,
    note: str = "",
) -> Recharge:
    """Apply for money to be credited; the very same open application again is the first one.

    Nothing is credited yet: staff look for the money.

    :raises AmountOutOfRange: not a positive amount within reason.
    :raises PayerMissing: no payer, or too long a one.
    :raises PaymentTextInvalid: reference or note are too long, or on several lines.
    :raises PaymentUnproven: neither a reference nor a slip.
    :raises PaidInFuture: the day of the payment is still to come.
    :raises SlipUsedAlready: the slip stands for another recharge, anybody's.
    :raises RechargeLimitReached: too many applications are open.
    """
    asked = Recharge(
        distributor=distributor,
        amount_fen=amount_fen,
        payer=payer.strip(),
        paid_on=paid_on,
        payment_reference=payment_reference.strip(),
        slip_sha256=slip.sha256 if slip else "",
        note=note.strip(),
        applied_by=str(actor),
        applied_at=at,
    )
    _check(asked, at)
    try:
        with slips.written(slip) as path:
            asked.slip = path
            return _apply(asked, at)
    except _AppliedBefore as before:
        return before.recharge
    except IntegrityError as error:
        if "recharge_once_per_slip" not in str(error):
            raise
        raise SlipUsedAlready from None


@transaction.atomic(durable=True)
def withdraw(*, distributor: Distributor, recharge_no: str, actor: Actor, at: datetime) -> Recharge:
    """Take back one's own application, as long as nobody has checked it; again changes nothing.

    :raises NotFound: the distributor has no such application.
    :raises WrongState: it is checked or decided.
    """
    accounts.lock_deposits([distributor.pk])
    rows = Recharge.objects.of(distributor).filter(recharge_no=recharge_no)
    found = rows.locked().first()
    if found is None:
        raise NotFound
    if found.state == RechargeState.WITHDRAWN:
        return found
    if found.state != RechargeState.APPLIED:
        raise WrongState(state=found.get_state_display())
    found.withdraw()
    found.decided_by, found.decided_at = str(actor), at
    found.version += 1
    found.save()
    return found


class _AppliedBefore(Exception):
    """The very same application is open: the slip that was written for it again is not needed."""

    def __init__(self, recharge: Recharge) -> None:
        super().__init__()
        self.recharge = recharge


@transaction.atomic(durable=True)
def _apply(asked: Recharge, at: datetime) -> Recharge:
    # One after the other, so that neither the same application nor one too many slips through.
    accounts.lock_deposits([asked.distributor_id])
    mine = Recharge.objects.filter(distributor=asked.distributor_id, state__in=OPEN)
    before = mine.filter(**_content(asked)).order_by("pk").first()
    if before is not None:
        raise _AppliedBefore(before)
    if mine.count() >= MAX_OPEN:
        raise RechargeLimitReached(limit=MAX_OPEN)
    asked.recharge_no = numbers.day_prefix(PREFIX, at) + numbers.unguessable(8)
    asked.save()
    return asked


def _content(asked: Recharge) -> dict[str, object]:
    names = ("amount_fen", "payer", "paid_on", "payment_reference", "slip_sha256", "note")
    return {name: getattr(asked, name) for name in names}


def _check(asked: Recharge, at: datetime) -> None:
    recharging.check_amount(asked.amount_fen)
    if not (0 < len(asked.payer) <= MAX_PAYER and asked.payer.isprintable()):
        raise PayerMissing(limit=MAX_PAYER)
    too_long = len(asked.payment_reference) > MAX_PAYMENT_REFERENCE or len(asked.note) > MAX_NOTE
    if too_long or not (asked.payment_reference + asked.note).isprintable():
        raise PaymentTextInvalid(reference=MAX_PAYMENT_REFERENCE, note=MAX_NOTE)
    if not (asked.payment_reference or asked.slip_sha256):
        raise PaymentUnproven
    if asked.paid_on is not None and asked.paid_on > timezone.localdate(at):
        raise PaidInFuture(paid_on=asked.paid_on)
