"""What a distributor may do with a case now: read from the case's machine, narrowed by guards.

An action is named as the last part of its address in the API.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aftersales.models import Case, CaseState
from companies.policies import Policies


def _always(case: Case, policies: Policies) -> bool:  # noqa: ARG001
    return True


def _comes_by_parcel(case: Case, policies: Policies) -> bool:  # noqa: ARG001
    """Tell whether the consumer sends the goods; a refused parcel comes back by itself."""
    return case.shipment_id is None


def _has_tries_left(case: Case, policies: Policies) -> bool:
    return case.resubmissions < int(policies.aftersale_resubmissions)


def _has_an_offer(case: Case, policies: Policies) -> bool:  # noqa: ARG001
    return bool(case.offered_fen)


def _is_late(case: Case, policies: Policies) -> bool:  # noqa: ARG001
    return case.late_at is not None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a distributor does: the step of the machine that it takes, and from where."""

    name: str
    step: str
    sources: tuple[CaseState, ...]
    guard: Callable[[Case, Policies], bool] = _always


ACTIONS = (
    Action("withdrawal", "withdraw", (CaseState.APPLIED, CaseState.AWAITING_RETURN)),
    Action("resubmission", "resubmit", (CaseState.REJECTED,), _has_tries_left),
    Action("escalation", "escalate", (CaseState.REJECTED,)),
    # A second parcel may follow the first.
    Action(
        "return-shipment",
        "send_back",
        (CaseState.AWAITING_RETURN, CaseState.RETURNING),
        _comes_by_parcel,
    ),
    Action("partial-acceptance", "refund", (CaseState.INSPECTION_FAILED,), _has_an_offer),
    Action("inspection-dispute", "escalate", (CaseState.INSPECTION_FAILED,)),
    Action("refund-instead", "refund", (CaseState.RESHIPPING,), _is_late),
    Action("receipt", "complete", (CaseState.RESHIPPED,)),
)


def allowed(case: Case, policies: Policies) -> list[str]:
    """Return the names of what the case's distributor may do with it now."""
    return [
        action.name
        for action in ACTIONS
        if case.state in action.sources and action.guard(case, policies)
    ]
