"""What carriers say of the parcels of cases: when they were picked up, seen, and have arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from aftersales import casework, returning
from aftersales.casework import Work
from aftersales.models import CaseParcel, CaseState, Direction
from kit import actors, bulk
from orders import tracking
from orders.tracking import Heard, Outcome, ParcelUnknown, Recorded, ScanStatus

_Label = tuple[str, str]


def record(*, heard: Sequence[Heard], at: datetime) -> list[Outcome]:
    """Keep what carriers say of parcels of cases; return what became of each, in order.

    A return parcel that is delivered is there to be inspected. Telling the same again changes
    nothing. A refusal is `ParcelUnknown`, and does not fail its neighbours.
    """
    scans = [tracking.plain(one) for one in heard]
    known = _known({scan.label for scan in scans})
    ours = [scan for scan in scans if _is_ours(scan, known, at)]
    fresh = _keep(ours, at)
    for case_no in sorted({case_no for scan in ours for case_no in known[scan.label]}):
        _hear(case_no, [scan for scan in ours if case_no in known[scan.label]], at)
    return [
        Recorded(scan.status, repeated=_key(scan) not in fresh)
        if scan in ours
        else ParcelUnknown(carrier_code=scan.carrier_code, tracking_no=scan.tracking_no)
        for scan in scans
    ]


def _known(labels: set[_Label]) -> dict[_Label, list[str]]:
    """Return the cases of each parcel; goods of several may come back in one."""
    rows = CaseParcel.objects.filter(
        carrier_code__in={code for code, _ in labels},
        tracking_no__in={number for _, number in labels},
    )
    found: dict[_Label, list[str]] = {}
    for code, number, case_no in rows.values_list("carrier_code", "tracking_no", "case__case_no"):
        found.setdefault((code, number), []).append(case_no)
    return found


def _is_ours(scan: Heard, known: dict[_Label, list[str]], at: datetime) -> bool:
    return (
        scan.label in known
        and scan.status in ScanStatus.values
        and scan.scanned_at <= at + tracking.MAX_AHEAD
    )


@transaction.atomic(durable=True)
def _keep(scans: Sequence[Heard], at: datetime) -> set[tuple[str, ...]]:
    """Store scans of no order's parcel; return which of them had not been heard before."""
    # Always in the same order, so that two pushes of the same scans never wait for each other.
    scans = sorted(scans, key=_key)
    rows = bulk.query(
        "INSERT INTO orders_scan (carrier_code, tracking_no, status, text, place, scanned_at,"
        " heard_at) SELECT given.*, %s FROM unnest(%s::text[], %s::text[], %s::text[],"
        " %s::text[], %s::text[], %s::timestamptz[]) AS given ON CONFLICT DO NOTHING"
        " RETURNING carrier_code, tracking_no, status, text, place, scanned_at",
        [
            at,
            bulk.array(scan.carrier_code for scan in scans),
            bulk.array(scan.tracking_no for scan in scans),
            bulk.array(scan.status for scan in scans),
            bulk.array(scan.text for scan in scans),
            bulk.array(scan.place for scan in scans),
            bulk.array(scan.scanned_at for scan in scans),
        ],
    )
    return {
        _key(Heard(code, number, status, scanned_at, text, place))
        for code, number, status, text, place, scanned_at in rows
    }


def _key(scan: Heard) -> tuple[str, ...]:
    return (*scan.label, scan.status, scan.text, str(scan.scanned_at.timestamp()))


@transaction.atomic(durable=True)
def _hear(case_no: str, scans: Sequence[Heard], at: datetime) -> None:
    """Write on a case's parcels what was said of them, and move the case where goods arrived."""
    for scan in sorted(scans, key=lambda one: one.scanned_at):
        actor = actors.carrier(scan.carrier_code)
        work = casework.lock(case_no=case_no, actor=actor, at=at)
        for parcel in work.case.parcels.filter(
            carrier_code=scan.carrier_code, tracking_no=scan.tracking_no
        ):
            _note(work, parcel, scan)


def _note(work: Work, parcel: CaseParcel, scan: Heard) -> None:
    # Carriers use their numbers again: this is of another parcel.
    if scan.scanned_at < parcel.sent_at - tracking.MAX_BEFORE_SHIPPING:
        return
    if scan.status == ScanStatus.PICKED_UP and parcel.picked_up_at is None:
        parcel.picked_up_at = scan.scanned_at
    parcel.scanned_at = max(parcel.scanned_at or scan.scanned_at, scan.scanned_at)
    arrived = scan.status == ScanStatus.DELIVERED and parcel.arrived_at is None
    if arrived:
        parcel.arrived_at = scan.scanned_at
    parcel.save(update_fields=["picked_up_at", "scanned_at", "arrived_at"])
    if arrived:
        _arrive(work, parcel, scan)


def _arrive(work: Work, parcel: CaseParcel, scan: Heard) -> None:
    case = work.case
    if parcel.direction == Direction.RETURN and case.state == CaseState.RETURNING:
        returning.arrive_within(work)
    elif parcel.direction == Direction.RESHIP and case.state == CaseState.RESHIPPED:
        days = timedelta(days=int(work.policies.receive_days_after_signing))
        case.due_at = max(scan.scanned_at, parcel.sent_at) + days
        casework.amend(work, "delivered", reason=str(parcel))
