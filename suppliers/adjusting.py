"""Manual lines: an amount for or against a supplier, proposed by one person and decided by another."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import money, numbers
from kit.actors import OPERATIONS, Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import posting
from ledger.models import Kind
from suppliers.models import Adjustment, AdjustmentState, Supplier

MAX_ADJUSTMENT_FEN = 10_000_000_00
MAX_REASON = 300


class AdjustmentOutOfRange(DomainError):
    code = "adjustment_out_of_range"
    text = _("A manual line comes to something, up to {limit}, for or against the supplier.")


class AdjustmentReasonMissing(DomainError):
    code = "adjustment_reason_missing"
    text = _("A manual line needs a reason of up to {limit} characters.")


class SecondDeciderNeeded(DomainError):
    code = "second_decider_needed"
    text = _("Somebody else than who proposed a manual line has to decide it.")


def propose(
    *,
    supplier_pk: int,
    amount_fen: int,
    reason: str,
    actor: Actor,
    at: datetime,
    order_no: str = "",
) -> Adjustment:
    """Propose a manual line; a positive amount is owed to the supplier. It moves nothing yet.

    :raises NotFound: there is no such supplier.
    :raises AdjustmentOutOfRange: nothing, or absurd.
    :raises AdjustmentReasonMissing: no reason, or too long a one.
    """
    if not 1 <= abs(amount_fen) <= MAX_ADJUSTMENT_FEN:
        raise AdjustmentOutOfRange(limit=money.yuan(MAX_ADJUSTMENT_FEN))
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise AdjustmentReasonMissing(limit=MAX_REASON)
    if not Supplier.objects.filter(pk=supplier_pk).exists():
        raise NotFound
    return Adjustment.objects.create(
        adjustment_no=numbers.day_prefix("M", at) + numbers.unguessable(8),
        supplier_id=supplier_pk,
        amount_fen=amount_fen,
        reason=reason.strip(),
        order_no=order_no,
        proposed_by=str(actor),
        proposed_at=at,
    )


@transaction.atomic(durable=True)
def decide(*, adjustment_no: str, agreed: bool, actor: Actor, at: datetime) -> Adjustment:
    """Post a manual line, between goodwill and the supplier's payable account, or decline it.

    :raises NotFound: there is no such line.
    :raises WrongState: it is decided.
    :raises SecondDeciderNeeded: this person proposed it.
    """
    rows = Adjustment.objects.filter(adjustment_no=adjustment_no).select_for_update(no_key=True)
    line = rows.first()
    if line is None:
        raise NotFound
    if line.state != AdjustmentState.PROPOSED:
        raise WrongState(state=line.get_state_display())
    if line.proposed_by == str(actor) and actor != OPERATIONS:
        raise SecondDeciderNeeded
    line.decided_by, line.decided_at = str(actor), at
    if agreed:
        line.post()
        _post(line, actor, at)
    else:
        line.decline()
    line.save()
    return line


def _post(line: Adjustment, actor: Actor, at: datetime) -> None:
    payable, goodwill = (Kind.PAYABLE, line.supplier_id), (Kind.GOODWILL, None)
    owed = line.amount_fen > 0
    posting.post(
        [
            posting.Posting(
                code="bill_adjustment",
                reference=line.adjustment_no,
                debit=goodwill if owed else payable,
                credit=payable if owed else goodwill,
                amount_fen=abs(line.amount_fen),
                supplier_pk=line.supplier_id,
                order_no=line.order_no,
                note=line.reason[:200],
            )
        ],
        at=at,
        actor=actor,
    )
