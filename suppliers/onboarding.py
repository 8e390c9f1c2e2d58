"""Opening suppliers, and deciding whether their goods are offered."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from companies import opening
from companies.models import Company
from integration.models import Partner, Side
from kit import bulk
from kit.errors import NotFound, WrongState
from kit.states import TransitionNotAllowed
from suppliers.models import Supplier

FIRST_NUMBER = 1001


@dataclass(frozen=True)
class OpenedSupplier:
    """What is handed over to a new supplier."""

    supplier: Supplier
    first_person: opening.FirstPerson | None


@transaction.atomic(durable=True)
def open_supplier(
    *,
    name: str,
    at: datetime,
    trusted: bool = False,
    email: str = "",
    company: Company | None = None,
) -> OpenedSupplier:
    """Open a supplier, as a new company or as a second role of one there is.

    :raises EmailTaken: the e-mail address belongs to somebody else.
    :raises RoleTaken: the company has this role already.
    """
    return open_within(name=name, at=at, trusted=trusted, email=email, company=company)


@transaction.atomic(savepoint=False)
def open_within(
    *,
    name: str,
    at: datetime,
    trusted: bool = False,
    email: str = "",
    company: Company | None = None,
) -> OpenedSupplier:
    """Do as `open_supplier`, in the caller's transaction."""
    company = company or opening.company(name=name, at=at)
    partner, made = Partner.objects.get_or_create(company=company, side=Side.SUPPLIER)
    if not made:
        raise opening.RoleTaken(company=company.name)
    supplier = Supplier.objects.create(
        company=company, partner=partner, number=_next_number(), trusted=trusted
    )
    first = opening.owner(company=company, email=email, at=at) if email else None
    return OpenedSupplier(supplier, first)


@transaction.atomic(durable=True)
def change_state(*, supplier_pk: int, to: str, reason: str, at: datetime) -> Supplier:
    """Suspend, resume or close a supplier, with the reason it is told.

    :raises NotFound: there is no such supplier.
    :raises WrongState: the move is not drawn.
    """
    supplier = Supplier.objects.locked().filter(pk=supplier_pk).first()
    if supplier is None:
        raise NotFound
    move = {"suspended": supplier.suspend, "active": supplier.resume, "closed": supplier.close}[to]
    try:
        move()
    except TransitionNotAllowed:
        raise WrongState(state=supplier.state) from None
    supplier.state_reason = reason
    supplier.state_changed_at = at
    supplier.save()
    return supplier


@transaction.atomic(durable=True)
def trust(*, supplier_pk: int, trusted: bool) -> Supplier:
    """Let a supplier's revisions approve themselves, or not.

    :raises NotFound: there is no such supplier.
    """
    supplier = Supplier.objects.locked().filter(pk=supplier_pk).first()
    if supplier is None:
        raise NotFound
    supplier.trusted = trusted
    supplier.save(update_fields=["trusted"])
    return supplier


def _next_number() -> str:
    """Count on from the highest, one opening after the other."""
    bulk.query("SELECT pg_advisory_xact_lock(hashtext('suppliers.number'))")
    rows = bulk.query(
        "SELECT max(substr(number, 2)::int) FROM suppliers_supplier WHERE number ~ '^S[0-9]{1,9}$'"
    )
    return f"S{(rows[0][0] or FIRST_NUMBER - 1) + 1}"
