"""The roads of claims: which steps a claim of each type takes, and which may be taken now.

An action is named as the last part of its address in the API.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from aftersales.models import Claim, ClaimState, ClaimType, GoodwillState
from kit.errors import DomainError, WrongState

EVERY = tuple(ClaimType)
WITH_RETURN = (ClaimType.RETURN, ClaimType.EXCHANGE)
GIVEN_UP = (ClaimState.REJECTED, ClaimState.WITHDRAWN)


class NotAStepOfThisClaim(DomainError):
    code = "claim_type_conflict"
    text = _("This is no step of a claim of the type “{type}”.")


@dataclass(frozen=True, slots=True)
class Step:
    """What a distributor does with a claim: from which states, and of which types."""

    action: str
    sources: tuple[ClaimState, ...]
    types: tuple[ClaimType, ...] = EVERY


STEPS = (
    Step("agreement", (ClaimState.APPLIED,)),
    Step("rejection", (ClaimState.APPLIED,)),
    Step("withdrawal", (ClaimState.APPLIED, ClaimState.AGREED, ClaimState.AWAITING_RETURN)),
    Step("return-address", (ClaimState.AGREED,), WITH_RETURN),
    Step("return-shipment", (ClaimState.AWAITING_RETURN,)),
    Step("received", (ClaimState.RETURNING,)),
    Step("refund", (ClaimState.AGREED,), (ClaimType.REFUND,)),
    Step("refund", (ClaimState.RECEIVED,), (ClaimType.RETURN,)),
    Step("reshipment", (ClaimState.RECEIVED,), (ClaimType.EXCHANGE,)),
    Step("completion", (ClaimState.RESHIPPED,)),
)
# The states that a claim of each type comes through.
_BACK = (
    ClaimState.APPLIED,
    ClaimState.AGREED,
    ClaimState.AWAITING_RETURN,
    ClaimState.RETURNING,
    ClaimState.RECEIVED,
)
ROADS: dict[str, tuple[ClaimState, ...]] = {
    ClaimType.REFUND: (ClaimState.APPLIED, ClaimState.AGREED, ClaimState.REFUNDED),
    ClaimType.RETURN: (*_BACK, ClaimState.REFUNDED),
    ClaimType.EXCHANGE: (*_BACK, ClaimState.RESHIPPED, ClaimState.COMPLETED),
}
# What is done about the platform's goodwill, and where that must stand.
GOODWILL_STEPS = (
    ("goodwill", (GoodwillState.NONE,)),
    ("goodwill-acceptance", (GoodwillState.OFFERED,)),
    ("goodwill-refusal", (GoodwillState.ASKED, GoodwillState.OFFERED)),
)
# What gives a claim up; not after the platform has helped with it.
GIVING_UP = ("rejection", "withdrawal")


def allowed(claim: Claim) -> list[str]:
    """Return the names of what the claim's distributor may do with it now."""
    actions = [
        step.action
        for step in STEPS
        if claim.state in step.sources and claim.type in step.types and _may(claim, step.action)
    ]
    if claim.state not in GIVEN_UP:
        actions += [action for action, sources in GOODWILL_STEPS if claim.goodwill in sources]
    return actions


def require(claim: Claim, action: str) -> None:
    """Refuse what may not be done now.

    :raises WrongState: the state does not allow it.
    :raises NotAStepOfThisClaim: it is no step of a claim of this type.
    """
    if action in allowed(claim):
        return
    if claim.type not in _types_of(action):
        raise NotAStepOfThisClaim(type=claim.get_type_display())
    raise wrong_state(claim, action)


def wrong_state(claim: Claim, action: str) -> WrongState:
    """Return the refusal that names the state which is in the way: the claim's or the goodwill's."""
    is_goodwill = action.startswith("goodwill") and claim.state not in GIVEN_UP
    is_in_the_way = is_goodwill or (action in GIVING_UP and not _may(claim, action))
    return WrongState(
        state=claim.get_goodwill_display() if is_in_the_way else claim.get_state_display()
    )


def _may(claim: Claim, action: str) -> bool:
    return action not in GIVING_UP or claim.goodwill != GoodwillState.SETTLED


def _types_of(action: str) -> Collection[str]:
    types = {kind for step in STEPS if step.action == action for kind in step.types}
    return types or set(EVERY)
