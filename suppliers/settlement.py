"""Settlement: bills that list exactly the transfers of a supplier's payable account.

A bill takes what was posted before its period's end and is on no bill that counts; what comes late
goes onto the next one. A bill that comes to less than nothing is carried over. Bills of a supplier
are made one after the other, under the lock on its row, each in a transaction of its own: running
twice, or many at once, or again after a crash, makes each of them once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Min, Sum
from django.utils.translation import gettext_lazy as _

from integration import outbox
from integration.outbox import Message
from kit import bulk, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import chaining
from suppliers import periods, unbilled
from suppliers.models import Bill, BillLine, BillState, Cycle, Supplier
from suppliers.periods import Period

# Whose accounts are looked at together to see what is due.
SUPPLIERS_AT_ONCE = 200
# Negative bills in these states wait to be carried into the next one.
_CARRIED = (BillState.ISSUED, BillState.ACCEPTED)

# Up to the first transfer that is on no bill; and only as far as none is still to be committed.
_PASS = f"""
UPDATE suppliers_supplier SET open_from_pk = greatest(open_from_pk, least(found.first_pk, found.end_pk))
FROM (SELECT (SELECT min(transfer_id) FROM ({unbilled.TRANSFERS}) unbilled) AS first_pk,
    (SELECT max(id) - %(look_back)s FROM ledger_transfer) AS end_pk) AS found
WHERE id = %(supplier)s
"""


class PeriodNotOver(DomainError):
    code = "period_not_over"
    text = _("The period {period} is not over yet.")


class NothingToBill(DomainError):
    code = "nothing_to_bill"
    text = _("Nothing has been earned since the last bill.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bill would come to: its lines, what is carried over from negative bills, both together."""

    period: Period
    transfers: int
    lines_fen: int
    carried_fen: int

    @property
    def total_fen(self) -> int:
        return self.lines_fen + self.carried_fen


@dataclass(frozen=True, slots=True)
class Standing:
    """A supplier, what it is owed that is on no bill yet, and its periods that are due."""

    supplier: Supplier
    unbilled_fen: int
    due: list[Period]


def preview(*, supplier: Supplier, period: Period) -> Preview:
    """Return what the bill of a period would come to now; nothing is written."""
    found = unbilled.total(supplier, until=period.ends_at)
    return Preview(period, found.transfers, found.fen, _carried_fen(supplier))


def previews(*, supplier: Supplier, today: date) -> list[Preview]:
    """Return what the bills of the periods that are due would come to; nothing is written."""
    found: list[Preview] = []
    transfers, lines_fen, carried_fen = 0, 0, _carried_fen(supplier)
    for period in due(supplier, today=today):
        until = preview(supplier=supplier, period=period)
        if until.transfers == transfers:
            continue
        # An earlier bill takes what is in its period; one that is negative goes into the next.
        one = Preview(period, until.transfers - transfers, until.lines_fen - lines_fen, carried_fen)
        transfers, lines_fen = until.transfers, until.lines_fen
        carried_fen = min(one.total_fen, 0)
        found.append(one)
    return found


def unbilled_fen(supplier: Supplier) -> int:
    """Return what a supplier is owed that is on no bill yet, up to now, in fen."""
    return unbilled.total(supplier).fen


def due(supplier: Supplier, *, today: date) -> list[Period]:
    """Return the periods of a supplier's cycle that are over and have no bill, oldest first.

    Only from the oldest transfer on that is on no bill; with none there is nothing to bill.
    """
    return standings([supplier], today=today)[0].due


def standings(suppliers: Sequence[Supplier], *, today: date) -> list[Standing]:
    """Return how each supplier stands: what is on no bill yet, and which periods are due."""
    pks = [supplier.pk for supplier in suppliers]
    totals = unbilled.totals(pks)
    billed = _billed_periods(pks)
    found = []
    for supplier in suppliers:
        total = totals[supplier.pk]
        due = _due(supplier, _before(total.oldest_at, today), billed[supplier.pk], today)
        found.append(Standing(supplier, total.fen, due))
    return found


@transaction.atomic(durable=True)
def issue(*, supplier_pk: int, period: Period, actor: Actor, at: datetime) -> Bill | None:
    """Issue the bill of a period; the one that is there already, or None where there is nothing.

    :raises NotFound: there is no such supplier.
    :raises PeriodNotOver: the period goes on.
    """
    if period.ends_at > at:
        raise PeriodNotOver(period=str(period))
    supplier = Supplier.objects.filter(pk=supplier_pk).locked().first()
    if supplier is None:
        raise NotFound
    known = (
        Bill.objects.of(supplier)
        .filter(period_from=period.first, period_to=period.last)
        .exclude(state=BillState.VOID)
    )
    return known.first() or _issue(supplier, period, actor, at)


def run(
    *, at: datetime, actor: Actor, supplier_pk: int | None = None, period: Period | None = None
) -> list[Bill]:
    """Issue every bill that is due, or those of one period or supplier; return the new ones.

    Safe to repeat, and for many at once.
    """
    suppliers = Supplier.objects.order_by("pk").exclude(cycle=Cycle.ON_REQUEST)
    if supplier_pk is not None:
        suppliers = suppliers.filter(pk=supplier_pk)
    before = Bill.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    issued = []
    for supplier, one in _all_due(list(suppliers), today=periods.day_of(at)):
        if period is not None and not (period.first <= one.first and one.last <= period.last):
            continue
        bill = issue(supplier_pk=supplier.pk, period=one, actor=actor, at=at)
        if bill is not None and bill.pk > before:
            issued.append(bill)
    return issued


def ask_for_bill(*, supplier_pk: int, actor: Actor, at: datetime) -> Bill:
    """Issue a bill up to yesterday for a supplier that is settled with when it asks.

    :raises NotFound: there is no such supplier.
    :raises WrongState: its bills come by a cycle.
    :raises NothingToBill: nothing was earned since the last one.
    """
    supplier = Supplier.objects.filter(pk=supplier_pk).first()
    if supplier is None:
        raise NotFound
    if supplier.cycle != Cycle.ON_REQUEST:
        raise WrongState(state=supplier.get_cycle_display())
    today = periods.day_of(at)
    bill = None
    period = requestable(supplier, today=today)
    if period is not None:
        bill = issue(supplier_pk=supplier_pk, period=period, actor=actor, at=at)
    if bill is None:
        raise NothingToBill
    return bill


def requestable(supplier: Supplier, *, today: date) -> Period | None:
    """Return the days since a supplier's last bill up to yesterday, where something was posted."""
    last = (
        Bill.objects.of(supplier)
        .exclude(state=BillState.VOID)
        .order_by("-period_to")
        .values_list("period_to", flat=True)
        .first()
    )
    oldest = _before(unbilled.total(supplier).oldest_at, today)
    if oldest is None:
        return None
    first = periods.day_of(oldest) if last is None else last + periods.DAY
    yesterday = today - periods.DAY
    return Period(min(first, yesterday), yesterday) if first <= yesterday else None


@transaction.atomic(durable=True)
def set_cycle(*, supplier_pk: int, cycle: str) -> Supplier:
    """Say how often a supplier is settled with, from now on; bills that are there stay.

    :raises NotFound: there is no such supplier.
    """
    supplier = Supplier.objects.filter(pk=supplier_pk).locked().first()
    if supplier is None:
        raise NotFound
    assert cycle in Cycle.values, cycle
    supplier.cycle = cycle
    supplier.save(update_fields=["cycle"])
    return supplier


@transaction.atomic(durable=True)
def void(*, bill_no: str, reason: str, actor: Actor, at: datetime) -> Bill:
    """Let a bill count no longer; its transfers, and what it carried, go onto another one.

    :raises NotFound: there is no such bill.
    :raises WrongState: it is accepted, paid or void already.
    """
    bill = lock(bill_no)
    if bill.state not in (BillState.DRAFT, BillState.ISSUED, BillState.DISPUTED):
        raise WrongState(state=bill.get_state_display())
    if bill.carried_to_id is not None:
        raise WrongState(state=_("carried over"))
    bill.void()
    bill.void_reason, bill.ended_at = f"{reason} ({actor})"[:200], at
    bill.version += 1
    bill.save()
    BillLine.objects.filter(bill=bill).update(live=False)
    first = BillLine.objects.filter(bill=bill).aggregate(pk=Min("transfer_id"))["pk"]
    opened = Supplier.objects.filter(pk=bill.supplier_id, open_from_pk__gt=first)
    opened.update(open_from_pk=first)
    unbilled.forget_count(bill.supplier)
    Bill.objects.filter(carried_to=bill).update(carried_to=None)
    return bill


def lock(bill_no: str, *, supplier: Supplier | None = None) -> Bill:
    """Lock a bill after its supplier's row, in the caller's transaction.

    :raises NotFound: there is no such bill, or it is another supplier's.
    """
    bills = Bill.objects.all() if supplier is None else Bill.objects.of(supplier)
    owner = bills.filter(bill_no=bill_no).values_list("supplier_id", flat=True).first()
    if owner is None:
        raise NotFound
    Supplier.objects.filter(pk=owner).locked().get()
    return bills.filter(bill_no=bill_no).locked().select_related("supplier").get()


def _all_due(suppliers: Sequence[Supplier], *, today: date) -> Iterator[tuple[Supplier, Period]]:
    """Yield every period that is due, some suppliers looked at together."""
    for first in range(0, len(suppliers), SUPPLIERS_AT_ONCE):
        some = suppliers[first : first + SUPPLIERS_AT_ONCE]
        for standing in standings(some, today=today):
            for period in standing.due:
                yield standing.supplier, period


def _billed_periods(supplier_pks: Sequence[int]) -> dict[int, set[tuple[date, date]]]:
    """Return the periods for which suppliers have a bill that counts."""
    billed: dict[int, set[tuple[date, date]]] = defaultdict(set)
    bills = Bill.objects.filter(supplier__in=supplier_pks).exclude(state=BillState.VOID)
    for pk, first, last in bills.values_list("supplier_id", "period_from", "period_to"):
        billed[pk].add((first, last))
    return billed


def _before(oldest_at: datetime | None, today: date) -> datetime | None:
    """Return when the oldest was posted, if that was before today."""
    return oldest_at if oldest_at is not None and oldest_at < periods.midnight(today) else None


def _due(
    supplier: Supplier,
    oldest: datetime | None,
    billed: Collection[tuple[date, date]],
    today: date,
) -> list[Period]:
    if oldest is None or supplier.cycle == Cycle.ON_REQUEST:
        return []
    since = periods.day_of(oldest)
    return [
        period
        for period in periods.closed(supplier.cycle, since=since, today=today)
        if (period.first, period.last) not in billed
    ]


def _issue(supplier: Supplier, period: Period, actor: Actor, at: datetime) -> Bill | None:
    bill = Bill.objects.create(
        bill_no=numbers.day_prefix("B", at) + numbers.unguessable(8),
        supplier=supplier,
        period_from=period.first,
        period_to=period.last,
        made_at=at,
    )
    written = bulk.execute(
        "INSERT INTO suppliers_billline"
        " (bill_id, transfer_id, amount_fen, live, disputed, dispute_note, answer, answered_by)"
        " SELECT %(bill)s, transfer_id, amount_fen, true, false, '', '', ''"
        f" FROM ({unbilled.TRANSFERS}) unbilled ORDER BY transfer_id",
        {"bill": bill.pk, "suppliers": [supplier.pk], "until": period.ends_at},
    )
    if not written:
        bill.delete()
        return None
    bill.carried_fen = _carried_fen(supplier)
    _negative(supplier).exclude(pk=bill.pk).update(carried_to=bill)
    bill.lines_fen = bill.lines.aggregate(fen=Sum("amount_fen"))["fen"]
    bill.total_fen = bill.lines_fen + bill.carried_fen
    bill.issue()
    bill.issued_by, bill.issued_at = str(actor), at
    bill.save()
    _pass(supplier)
    outbox.record([_issued(bill)], at=at)
    return bill


def _pass(supplier: Supplier) -> None:
    """Note from where on something is on no bill."""
    values = {"suppliers": [supplier.pk], "until": unbilled.EVER, "supplier": supplier.pk}
    bulk.execute(_PASS, values | {"look_back": chaining.LOOK_BACK})
    unbilled.forget_count(supplier)


def _issued(bill: Bill) -> Message:
    """Tell the supplier's machine that there is a bill to answer."""
    return Message(
        bill.supplier.partner_id,
        "bill.issued",
        bill.bill_no,
        bill.version,
        {
            "bill_no": bill.bill_no,
            "period_from": bill.period_from.isoformat(),
            "period_to": bill.period_to.isoformat(),
            "total_fen": bill.total_fen,
        },
    )


def _negative(supplier: Supplier) -> models.QuerySet[Bill]:
    return Bill.objects.of(supplier).filter(total_fen__lt=0, carried_to=None, state__in=_CARRIED)


def _carried_fen(supplier: Supplier) -> int:
    carried: int = _negative(supplier).aggregate(fen=Sum("total_fen"))["fen"] or 0
    return carried
