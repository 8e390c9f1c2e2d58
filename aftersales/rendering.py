"""A case as its distributor sees it: the same in answers, lists and callbacks.

Who bears the cost stays with the platform, and no document carries anything of the consumer.
"""

from collections.abc import Sequence
from typing import Any

from aftersales import allowing, deadlines, progress
from aftersales.models import WITH_RETURN, Case, CaseParcel, Direction, Inspection
from companies import policies
from companies.policies import Policies
from kit import languages
from kit.times import rfc3339
from orders import carriers
from orders.models import Scan, Shipment, ShipmentState

Document = dict[str, Any]

# What a document needs beside the case itself.
FETCHED = ("parcels", "evidence", "inspections__photos")


def document(case: Case) -> Document:
    """Return one case in full, as it is now."""
    return documents([case])[0]


def documents(cases: Sequence[Case]) -> list[Document]:
    """Return cases in full, in a number of queries that does not depend on theirs."""
    rows = _fetched(cases)
    decided = policies.read()
    steps = progress.of(rows)
    return [
        _head(case)
        | {
            "state": str(case.state),
            "version": case.version,
            "opener": case.opener,
            "reason": case.reason,
            "description": case.description,
            "asked_fen": case.asked_fen,
            "approved_fen": case.approved_fen,
            "freight_fen": case.freight_fen,
            "offered_fen": case.offered_fen,
            "refunded_fen": case.refunded_fen,
            "decision_note": case.decision_note,
            "return_address": case.return_address,
            "parcels": _parcels(case),
            "inspections": [_inspection(row) for row in case.inspections.all()],
            "evidence": [row.upload_id for row in case.evidence.all()],
            "allowed_actions": allowing.allowed(case, decided),
            "next_deadline": _next_deadline(case, decided),
            "progress": [
                {"step": str(passed.step), "at": rfc3339(passed.at)} for passed in steps[case.pk]
            ],
            "applied_at": rfc3339(case.applied_at),
            "changed_at": rfc3339(case.changed_at),
            "ended_at": rfc3339(case.ended_at),
        }
        for case in rows
    ]


def progress_document(case: Case) -> Document:
    """Return how far a case has come, in words that a shop can show its consumer; no amounts."""
    [row] = _fetched([case])
    parcels = _parcels(row)
    scans = progress.tracks((one["carrier_code"], one["tracking_no"]) for one in parcels)
    return _head(row) | {
        "name": row.line.name,
        "spec": row.line.spec_text,
        "state": str(row.state),
        "version": row.version,
        "return_address": row.return_address,
        "steps": [
            {
                "step": str(passed.step),
                "text": str(passed.step.label),
                "at": rfc3339(passed.at),
            }
            for passed in progress.of([row])[row.pk]
        ],
        "parcels": [
            parcel
            | {
                "carrier": _carrier_name(parcel["carrier_code"]),
                "tracks": [
                    _track(scan) for scan in scans[parcel["carrier_code"], parcel["tracking_no"]]
                ],
            }
            for parcel in parcels
        ],
        "next_deadline": _next_deadline(row, policies.read()),
        "changed_at": rfc3339(row.changed_at),
        "ended_at": rfc3339(row.ended_at),
    }


def _fetched(cases: Sequence[Case]) -> list[Case]:
    """Return the cases as they are, with all that documents show of them."""
    found = Case.objects.select_related("order", "line", "shipment").prefetch_related(*FETCHED)
    by_pk = found.in_bulk([case.pk for case in cases])
    return [by_pk[case.pk] for case in cases]


def _head(case: Case) -> Document:
    return {
        "case_no": case.case_no,
        "out_case_no": case.out_case_no,
        "order_no": case.order.order_no,
        "out_order_no": case.order.out_order_no,
        "line_id": case.line.line_id,
        "sku_no": case.line.sku_no,
        "type": case.type,
        "quantity": case.quantity,
    }


def _parcels(case: Case) -> list[Document]:
    """Return the parcels of a case; one that was refused on delivery is the first to come back."""
    parcels = [_parcel(parcel) for parcel in case.parcels.all()]
    if case.shipment is None or case.type not in WITH_RETURN:
        return parcels
    return [_refused(case.shipment), *parcels]


def _refused(shipment: Shipment) -> Document:
    is_back = shipment.state == ShipmentState.RETURNED
    return {
        "direction": Direction.RETURN.value,
        "carrier_code": shipment.carrier_code,
        "tracking_no": shipment.tracking_no,
        "sent_at": rfc3339(shipment.shipped_at),
        "picked_up_at": None,
        "arrived_at": rfc3339(shipment.ended_at) if is_back else None,
    }


def _parcel(parcel: CaseParcel) -> Document:
    return {
        "direction": parcel.direction,
        "carrier_code": parcel.carrier_code,
        "tracking_no": parcel.tracking_no,
        "sent_at": rfc3339(parcel.sent_at),
        "picked_up_at": rfc3339(parcel.picked_up_at),
        "arrived_at": rfc3339(parcel.arrived_at),
    }


def _track(scan: Scan) -> Document:
    return {
        "status": scan.status,
        "text": scan.text,
        "place": scan.place,
        "at": rfc3339(scan.scanned_at),
    }


def _inspection(inspection: Inspection) -> Document:
    return {
        "result": inspection.result,
        "grade": inspection.grade,
        "offered_fen": inspection.offered_fen,
        "note": inspection.note,
        "photos": [photo.upload_id for photo in inspection.photos.all()],
        "inspected_at": rfc3339(inspection.inspected_at),
    }


def _next_deadline(case: Case, decided: Policies) -> Document | None:
    if case.due_at is None:
        return None
    return {"at": rfc3339(case.due_at), "default": deadlines.outcome(case.state, decided)}


def _carrier_name(code: str) -> str:
    carrier = carriers.find(code)
    if carrier is None:
        return code
    return carrier.english if languages.reads_english() else carrier.name
