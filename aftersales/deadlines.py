"""How long a case may wait in each state, for whom, and what happens when that is over.

One table: the acts set deadlines by it, the timer ends them by it, documents and pages show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aftersales.models import CaseState
from companies.policies import Policies

# Nothing moves; staff are told once that they are late.
ALERT = "alert"

PLATFORM, DISTRIBUTOR, SOURCE, CARRIER = "platform", "distributor", "source", "carrier"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A wait: the policy that says how long, for whom, and the state or alert in which it ends.

    Where `chosen_by` is named, that policy decides whether it ends so, or only in an alert.
    """

    policy: str
    unit: str
    waits_for: str
    when_over: str
    chosen_by: str = ""

    def outcome(self, policies: Policies) -> str:
        """Return the state in which the wait ends by itself, or ALERT."""
        if self.chosen_by and getattr(policies, self.chosen_by) == ALERT:
            return ALERT
        return self.when_over


DEADLINES: Mapping[str, Deadline] = {
    CaseState.APPLIED: Deadline(
        "aftersale_review_hours", "hours", PLATFORM, CaseState.APPROVED, "aftersale_when_late"
    ),
    CaseState.APPROVED: Deadline("aftersale_review_hours", "hours", PLATFORM, ALERT),
    CaseState.REJECTED: Deadline("aftersale_appeal_days", "days", DISTRIBUTOR, CaseState.CLOSED),
    CaseState.AWAITING_RETURN: Deadline(
        "aftersale_return_days", "days", DISTRIBUTOR, CaseState.EXPIRED
    ),
    CaseState.RETURNING: Deadline("aftersale_transit_days", "days", CARRIER, ALERT),
    CaseState.INSPECTING: Deadline("aftersale_inspection_days", "days", PLATFORM, ALERT),
    CaseState.INSPECTION_FAILED: Deadline(
        "aftersale_choice_days", "days", DISTRIBUTOR, CaseState.CLOSED
    ),
    CaseState.RESHIPPING: Deadline("aftersale_reship_hours", "hours", SOURCE, ALERT),
    CaseState.RESHIPPED: Deadline(
        "receive_days_after_shipping", "days", DISTRIBUTOR, CaseState.COMPLETED
    ),
    CaseState.ARBITRATION: Deadline("aftersale_arbitration_days", "days", PLATFORM, ALERT),
    CaseState.REFUND_REVIEW: Deadline("aftersale_review_hours", "hours", PLATFORM, ALERT),
}


def due_at(state: str, policies: Policies, *, at: datetime) -> datetime | None:
    """Return until when a case that enters a state now may stay in it; None at an end."""
    deadline = DEADLINES.get(state)
    if deadline is None:
        return None
    return at + timedelta(**{deadline.unit: int(getattr(policies, deadline.policy))})


def outcome(state: str, policies: Policies) -> str:
    """Return what happens when a state's deadline is over: the next state, or ALERT."""
    return DEADLINES[state].outcome(policies)
