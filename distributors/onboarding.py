"""Opening distributors, and deciding whether they may order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from companies import opening
from companies.models import Company
from distributors import levels
from distributors.models import Distributor, Level
from integration import endpoints, keys
from integration.models import Partner, Side
from kit import bulk
from kit.errors import NotFound, WrongState
from kit.states import TransitionNotAllowed
from ledger import accounts

FIRST_NUMBER = 2001


@dataclass(frozen=True)
class OpenedDistributor:
    """What is handed over to a new distributor; secrets are shown this once."""

    distributor: Distributor
    key: keys.NewKey
    first_person: opening.FirstPerson | None
    callback_secret: str | None


@transaction.atomic(durable=True)
def open_distributor(
    *,
    name: str,
    level: Level,
    at: datetime,
    email: str = "",
    company: Company | None = None,
    callback_url: str = "",
    addresses: Sequence[str] = (),
    credit_line_fen: int = 0,
    low_deposit_threshold_fen: int = 0,
) -> OpenedDistributor:
    """Open a distributor with a deposit of 0 fen and a first API key.

    :raises EmailTaken: the e-mail address belongs to somebody else.
    :raises RoleTaken: the company has this role already.
    :raises CallbackAddressRefused: callbacks cannot go there.
    :raises AddressInvalid: a bound address cannot be read.
    """
    return open_within(
        name=name,
        level=level,
        at=at,
        email=email,
        company=company,
        callback_url=callback_url,
        addresses=addresses,
        credit_line_fen=credit_line_fen,
        low_deposit_threshold_fen=low_deposit_threshold_fen,
    )


@transaction.atomic(savepoint=False)
def open_within(
    *,
    name: str,
    level: Level,
    at: datetime,
    email: str = "",
    company: Company | None = None,
    callback_url: str = "",
    addresses: Sequence[str] = (),
    credit_line_fen: int = 0,
    low_deposit_threshold_fen: int = 0,
) -> OpenedDistributor:
    """Do as `open_distributor`, in the caller's transaction."""
    company = company or opening.company(name=name, at=at)
    partner, made = Partner.objects.get_or_create(company=company, side=Side.DISTRIBUTOR)
    if not made:
        raise opening.RoleTaken(company=company.name)
    distributor = Distributor.objects.create(
        company=company,
        partner=partner,
        number=_next_number(),
        level=level,
        price_version=levels.next_price_version(),
        low_deposit_threshold_fen=low_deposit_threshold_fen,
    )
    accounts.open_deposit(distributor_pk=distributor.pk, credit_line_fen=credit_line_fen)
    if addresses:
        keys.bind_addresses(partner=partner, addresses=addresses)
    saved = endpoints.save(partner=partner, url=callback_url, at=at) if callback_url else None
    return OpenedDistributor(
        distributor=distributor,
        key=keys.create(partner=partner, at=at, name="first"),
        first_person=opening.owner(company=company, email=email, at=at) if email else None,
        callback_secret=saved.secret if saved else None,
    )


@transaction.atomic(durable=True)
def change_state(*, distributor_pk: int, to: str, reason: str, at: datetime) -> Distributor:
    """Suspend, resume or close a distributor, with the reason it is told.

    :raises NotFound: there is no such distributor.
    :raises WrongState: the move is not drawn.
    """
    distributor = Distributor.objects.locked().filter(pk=distributor_pk).first()
    if distributor is None:
        raise NotFound
    moves = {
        "suspended": distributor.suspend,
        "active": distributor.resume,
        "closed": distributor.close,
    }
    try:
        moves[to]()
    except TransitionNotAllowed:
        raise WrongState(state=distributor.state) from None
    distributor.state_reason = reason
    distributor.state_changed_at = at
    distributor.save()
    return distributor


def _next_number() -> str:
    """Count on from the highest, one opening after the other."""
    bulk.query("SELECT pg_advisory_xact_lock(hashtext('distributors.number'))")
    rows = bulk.query(
        "SELECT max(substr(number, 2)::int) FROM distributors_distributor"
        " WHERE number ~ '^D[0-9]{1,9}$'"
    )
    return f"D{(rows[0][0] or FIRST_NUMBER - 1) + 1}"
