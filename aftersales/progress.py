"""How far a case has come, step by step with times: what a consumer may be shown of it.

Steps that were taken come from history, parcels and inspections; those to come from the type's road.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from aftersales.models import Case, CaseState, CaseType, Direction
from orders.models import History, Scan

TRACKS_SHOWN = 100


class Step(TextChoices):
    """A step of a case, as a consumer understands it."""

    APPLIED = "applied", _("The application has been sent.")
    APPROVED = "approved", _("The application is approved.")
    REJECTED = "rejected", _("The application is declined.")
    AWAITING_RETURN = "awaiting_return", _("Please send the goods to the return address.")
    SENT_BACK = "sent_back", _("The number of the return parcel is registered.")
    PICKED_UP = "picked_up", _("The carrier has picked up the return parcel.")
    IN_TRANSIT = "in_transit", _("The return parcel is on its way.")
    RECEIVED = "received", _("The returned goods have arrived.")
    INSPECTED = "inspected", _("The returned goods have been inspected.")
    INSPECTION_FAILED = "inspection_failed", _("The returned goods did not pass inspection.")
    ARBITRATION = "arbitration", _("The case is being looked at again.")
    RESHIPPING = "reshipping", _("New goods are being made ready.")
    RESHIPPED = "reshipped", _("New goods are on their way.")
    REFUND_REVIEW = "refund_review", _("The refund is under review.")
    REFUNDED = "refunded", _("The refund has been made.")
    COMPLETED = "completed", _("The new goods have arrived.")
    WITHDRAWN = "withdrawn", _("The application was withdrawn.")
    EXPIRED = "expired", _("The goods were not sent back in time.")
    CLOSED = "closed", _("The case is closed.")


# By which step a state shows, where it is not its namesake.
STEP_OF = {CaseState.RETURNING: Step.SENT_BACK, CaseState.INSPECTING: Step.RECEIVED}
_BACK = (
    Step.AWAITING_RETURN,
    Step.SENT_BACK,
    Step.PICKED_UP,
    Step.IN_TRANSIT,
    Step.RECEIVED,
    Step.INSPECTED,
)
_AGAIN = (Step.RESHIPPING, Step.RESHIPPED, Step.COMPLETED)
ROADS: dict[str, tuple[Step, ...]] = {
    CaseType.REFUND_ONLY: (Step.APPLIED, Step.APPROVED, Step.REFUNDED),
    CaseType.COMPENSATION: (Step.APPLIED, Step.APPROVED, Step.REFUNDED),
    CaseType.RETURN_REFUND: (Step.APPLIED, Step.APPROVED, *_BACK, Step.REFUNDED),
    CaseType.EXCHANGE: (Step.APPLIED, Step.APPROVED, *_BACK, *_AGAIN),
    CaseType.RESEND: (Step.APPLIED, Step.APPROVED, *_AGAIN),
}
# Where the type's road goes on; elsewhere somebody has to choose first.
ON_THE_ROAD = (
    CaseState.APPLIED,
    CaseState.APPROVED,
    CaseState.AWAITING_RETURN,
    CaseState.RETURNING,
    CaseState.INSPECTING,
    CaseState.RESHIPPING,
    CaseState.RESHIPPED,
)


# A carrier's code and a tracking number.
Label = tuple[str, str]
Tracks = dict[Label, list[Scan]]


@dataclass(frozen=True, slots=True)
class Passed:
    """A step, and when it was taken; None while it is still to come."""

    step: Step
    at: datetime | None


def subject(case_no: str) -> str:
    """Return what history calls a case."""
    return f"aftersale {case_no}"


def of(cases: Sequence[Case]) -> dict[int, list[Passed]]:
    """Return the steps of each case by its key: those taken in order of time, then those to come.

    The parcels and inspections of the cases come fetched.
    """
    moves = _moves(cases)
    parcels = (parcel for case in cases for parcel in case.parcels.all())
    scans = tracks((parcel.carrier_code, parcel.tracking_no) for parcel in parcels)
    return {case.pk: _steps(case, moves[subject(case.case_no)], scans) for case in cases}


def tracks(labels: Iterable[Label]) -> Tracks:
    """Return what carriers said of parcels, newest first, by carrier and tracking number."""
    found: Tracks = defaultdict(list)
    numbers = set(labels)
    if not numbers:
        return found
    rows = Scan.objects.filter(
        carrier_code__in={code for code, _number in numbers},
        tracking_no__in={number for _code, number in numbers},
    )
    for row in rows.order_by("-scanned_at", "-pk"):
        known = found[row.carrier_code, row.tracking_no]
        if len(known) < TRACKS_SHOWN:
            known.append(row)
    return found


def _moves(cases: Sequence[Case]) -> dict[str, list[tuple[str, datetime]]]:
    rows = History.objects.filter(
        order__in={case.order_id for case in cases},
        subject__in=[subject(case.case_no) for case in cases],
    ).order_by("pk")
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for name, before, after, at in rows.values_list("subject", "from_state", "to_state", "at"):
        if after in CaseState and after != before:
            found[name].append((after, at))
    return found


def _steps(case: Case, moves: list[tuple[str, datetime]], scans: Tracks) -> list[Passed]:
    if not moves or moves[-1][0] != case.state:
        moves = [*moves, (case.state, case.changed_at)]
    taken = [(at, STEP_OF.get(CaseState(state)) or Step(state)) for state, at in moves]
    taken += _told_by_carriers(case, scans)
    taken += [(row.inspected_at, Step.INSPECTED) for row in case.inspections.all()]
    # Of one moment, in the order in which the road goes.
    rank = list(Step)
    taken.sort(key=lambda one: (one[0], rank.index(one[1])))
    passed = [Passed(step, at) for at, step in taken]
    return [*passed, *_to_come(case, {step for _at, step in taken})]


def _told_by_carriers(case: Case, scans: Tracks) -> list[tuple[datetime, Step]]:
    """Return when the first return parcel was picked up, and first seen on its way."""
    back = [parcel for parcel in case.parcels.all() if parcel.direction == Direction.RETURN]
    told = [scan for parcel in back for scan in scans[parcel.carrier_code, parcel.tracking_no]]
    times = {
        Step.PICKED_UP: [parcel.picked_up_at for parcel in back if parcel.picked_up_at],
        Step.IN_TRANSIT: [scan.scanned_at for scan in told if scan.status == "in_transit"],
    }
    return [(min(known), step) for step, known in times.items() if known]


def _to_come(case: Case, taken: set[Step]) -> list[Passed]:
    if case.state == CaseState.REFUND_REVIEW:
        return [Passed(Step.REFUNDED, None)]
    if case.state not in ON_THE_ROAD:
        return []
    road = ROADS[case.type]
    reached = max((road.index(step) for step in taken if step in road), default=-1)
    return [Passed(step, None) for step in road[reached + 1 :]]
