"""Four eyes: large amounts take two people, the second other than the first. Commands are exempt."""

from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import money
from kit.actors import OPERATIONS, Actor
from kit.errors import DomainError

MAX_REASON = 200


class SecondPersonNeeded(DomainError):
    code = "four_eyes_needed"
    text = _("Above {limit} it takes two people: somebody else has to have checked it before.")


class RejectionReasonMissing(DomainError):
    code = "rejection_reason_missing"
    text = _("A rejection needs a reason of up to {limit} characters.")


def takes_two(amount_fen: int, actor: Actor) -> bool:
    """Tell whether one person alone may not decide about so much, in fen."""
    return actor != OPERATIONS and amount_fen > limit_fen()


def limit_fen() -> int:
    """Return the amount above which it takes two, in fen."""
    limit: int = policies.read().four_eyes_above_fen
    return limit


def require_second(*, amount_fen: int, checked_by: str, actor: Actor) -> None:
    """Make sure that somebody else has checked what is large, and nobody checks for himself.

    :raises SecondPersonNeeded: nobody has, or the very person who decides now.
    """
    own = checked_by == str(actor) and actor != OPERATIONS
    if own or (not checked_by and takes_two(amount_fen, actor)):
        raise SecondPersonNeeded(limit=money.yuan(limit_fen()))


def require_reason(reason: str) -> str:
    """Return the reason of a rejection, without blanks around it.

    :raises RejectionReasonMissing: there is none, or it is too long.
    """
    words = reason.strip()
    if not 0 < len(words) <= MAX_REASON:
        raise RejectionReasonMissing(limit=MAX_REASON)
    return words
