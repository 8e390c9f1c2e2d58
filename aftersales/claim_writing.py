"""What every step of a claim has in common: the locked claim, the change, its history and message."""

from collections.abc import Callable
from datetime import datetime

from aftersales import claim_rendering
from aftersales.models import CLAIM_ENDS, Claim, ClaimDirection, ClaimParcel
from distributors.models import Distributor
from integration import outbox
from kit.actors import Actor
from kit.errors import NotFound
from orders import shipping, telling
from orders.telling import Deed

MAX_WORDS = 500
MAX_ADDRESS = 300
MAX_REASON = 200


def locked(claim_no: str, *, distributor: Distributor | None = None) -> Claim:
    """Return a claim, of one distributor where that is named, locked until the transaction ends.

    :raises NotFound: there is none.
    """
    rows = Claim.objects.all() if distributor is None else Claim.objects.of(distributor)
    found = rows.filter(claim_no=claim_no).locked()
    claim = found.select_related("distributor", "order", "line__fulfilment").first()
    if claim is None:
        raise NotFound
    return claim


def move(
    claim: Claim,
    step: Callable[[], None],
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Take a step of a locked claim, write it with all that was set on it, note and tell it."""
    before = str(claim.state)
    step()
    claim.ended_at = at if claim.state in CLAIM_ENDS else None
    after = str(claim.state)
    _write(claim, at)
    subject = f"claim {claim.claim_no}"
    telling.note([Deed(claim.order_id, subject, after, actor, before, after, reason)], at=at)
    tell(claim, f"claim.{after}", at=at, previous={"state": before})


def move_goodwill(
    claim: Claim,
    step: Callable[[], None],
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Take a step of a locked claim's goodwill; as `move`."""
    before = str(claim.goodwill)
    step()
    after = str(claim.goodwill)
    _write(claim, at)
    subject = f"goodwill {claim.claim_no}"
    telling.note([Deed(claim.order_id, subject, after, actor, before, after, reason)], at=at)
    tell(claim, f"claim.goodwill_{after}", at=at, previous={"goodwill": before})


def tell(claim: Claim, kind: str, *, at: datetime, previous: dict[str, str] | None = None) -> None:
    """Tell the distributor of a claim, as it is now."""
    outbox.record(
        [
            outbox.Message(
                claim.distributor.partner_id,
                kind,
                claim.claim_no,
                claim.version,
                claim_rendering.document(claim),
                previous=previous,
            )
        ],
        at=at,
    )


def add_parcel(
    claim: Claim,
    *,
    direction: ClaimDirection,
    carrier_code: str,
    tracking_no: str,
    at: datetime,
) -> ClaimParcel:
    """Note a parcel of a locked claim; the same again is the same parcel.

    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TrackingNoTaken: it is the number of the parcel that went the other way.
    """
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    parcel, _created = ClaimParcel.objects.get_or_create(
        claim=claim,
        carrier_code=carrier.code,
        tracking_no=number,
        defaults={"direction": direction, "sent_at": at},
    )
    if parcel.direction != direction:
        raise shipping.TrackingNoTaken(tracking_no=number)
    return parcel


def has_parcel(
    claim: Claim, *, direction: ClaimDirection, carrier_code: str, tracking_no: str
) -> bool:
    """Tell whether a claim has this very parcel, that way.

    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    """
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    return claim.parcels.filter(
        direction=direction, carrier_code=carrier.code, tracking_no=number
    ).exists()


def _write(claim: Claim, at: datetime) -> None:
    claim.version += 1
    claim.changed_at = at
    claim.save()


def note_goodwill_shipped(claim: Claim, parcel: ClaimParcel, *, actor: Actor, at: datetime) -> None:
    """Note and tell that the platform's new goods for a locked claim are on their way."""
    _write(claim, at)
    subject = f"goodwill {claim.claim_no}"
    telling.note([Deed(claim.order_id, subject, "shipped", actor, reason=str(parcel))], at=at)
    tell(claim, "claim.goodwill_shipped", at=at)
