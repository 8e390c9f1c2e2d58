"""After-sales: cases decided by the platform, claims run by distributors, evidence for both."""

from aftersales.models.cases import (
    ENDS,
    WITH_RETURN,
    Case,
    CaseQuerySet,
    CaseState,
    CaseType,
    Liability,
    Opener,
)
from aftersales.models.claims import (
    CLAIM_ENDS,
    Claim,
    ClaimDirection,
    ClaimParcel,
    ClaimState,
    ClaimType,
    GoodwillKind,
    GoodwillState,
)
from aftersales.models.evidence import Evidence
from aftersales.models.returns import CaseParcel, Direction, Grade, Inspection, Result

__all__ = [
    "CLAIM_ENDS",
    "ENDS",
    "WITH_RETURN",
    "Case",
    "CaseParcel",
    "CaseQuerySet",
    "CaseState",
    "CaseType",
    "Claim",
    "ClaimDirection",
    "ClaimParcel",
    "ClaimState",
    "ClaimType",
    "Direction",
    "Evidence",
    "GoodwillKind",
    "GoodwillState",
    "Grade",
    "Inspection",
    "Liability",
    "Opener",
    "Result",
]
