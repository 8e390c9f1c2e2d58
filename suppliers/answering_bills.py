"""What a supplier says to a bill: it agrees, or doubts single lines; what the platform answers."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from suppliers import settlement
from suppliers.models import Bill, BillLine, BillState, Supplier

MAX_NOTE = 300


class NothingDisputed(DomainError):
    code = "nothing_disputed"
    text = _("Name the lines that you doubt, each with a note.")


class BillNoteMissing(DomainError):
    code = "bill_note_missing"
    text = _("Every doubted line needs a note of up to {limit} characters.")


@transaction.atomic(durable=True)
def accept(*, supplier: Supplier, bill_no: str, actor: Actor, at: datetime) -> Bill:
    """Agree to a bill; doing so twice is harmless. One that comes to nothing is paid by that.

    :raises NotFound: the supplier has no such bill.
    :raises WrongState: it is void, or not issued yet.
    """
    bill = settlement.lock(bill_no, supplier=supplier)
    if bill.state in (BillState.ACCEPTED, BillState.PAID):
        return bill
    _require(bill, BillState.ISSUED, BillState.DISPUTED)
    bill.accept()
    bill.answered_at = at
    bill.answered_by = str(actor)
    _save(bill)
    return bill


@transaction.atomic(durable=True)
def dispute(
    *, supplier: Supplier, bill_no: str, notes: Mapping[int, str], actor: Actor, at: datetime
) -> Bill:
    """Doubt lines of a bill, each by its key and with a note. Saying the same again changes nothing.

    :raises NotFound: the supplier has no such bill, or the bill no such line.
    :raises WrongState: it is not waiting for an answer.
    :raises NothingDisputed: no line is named.
    :raises BillNoteMissing: a line comes without a note, or with too long a one.
    """
    bill = settlement.lock(bill_no, supplier=supplier)
    _require(bill, BillState.ISSUED, BillState.DISPUTED)
    if not notes:
        raise NothingDisputed
    lines = BillLine.objects.filter(bill=bill).in_bulk(list(notes))
    if len(lines) != len(notes):
        raise NotFound
    doubts = {pk: note.strip() for pk, note in notes.items()}
    if not all(0 < len(note) <= MAX_NOTE for note in doubts.values()):
        raise BillNoteMissing(limit=MAX_NOTE)
    if all(line.disputed and line.dispute_note == doubts[pk] for pk, line in lines.items()):
        return bill
    for pk, note in doubts.items():
        lines[pk].disputed, lines[pk].dispute_note = True, note
    BillLine.objects.bulk_update(lines.values(), ["disputed", "dispute_note"])
    if bill.state == BillState.ISSUED:
        bill.dispute()
    bill.answered_at = at
    bill.answered_by = str(actor)
    _save(bill)
    return bill


@transaction.atomic(durable=True)
def answer(*, bill_no: str, line_pk: int, words: str, actor: Actor, at: datetime) -> BillLine:
    """Answer a doubted line for the platform; what must change is a manual line, or voiding the bill.

    :raises NotFound: there is no such bill, or it has no such line.
    :raises WrongState: the bill is not disputed.
    :raises BillNoteMissing: nothing is said, or too much.
    """
    bill = settlement.lock(bill_no)
    _require(bill, BillState.DISPUTED)
    line = BillLine.objects.filter(bill=bill, pk=line_pk, disputed=True).first()
    if line is None:
        raise NotFound
    if not 0 < len(words.strip()) <= MAX_NOTE:
        raise BillNoteMissing(limit=MAX_NOTE)
    line.answer, line.answered_by, line.answered_at = words.strip(), str(actor), at
    line.save(update_fields=["answer", "answered_by", "answered_at"])
    _save(bill)
    return line


def _require(bill: Bill, *states: BillState) -> None:
    if bill.state not in states:
        raise WrongState(state=bill.get_state_display())


def _save(bill: Bill) -> None:
    bill.version += 1
    bill.save()
