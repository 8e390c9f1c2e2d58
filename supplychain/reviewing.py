"""Reviewing: a product's new content is proposed, compared with what is live, and decided.

Whoever owns the goods proposes; the platform decides. Trusted suppliers, the platform's own goods
and small price cuts are decided by a timer through the same act.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor, timer
from kit.errors import DomainError, NotFound, WrongState
from suppliers.models import Supplier
from supplychain import checking, content, deciding, proposing
from supplychain.content import Content
from supplychain.models import MAX_PRICE_FEN, Product, Revision, RevisionState
from supplychain.proposing import Proposal

EFFECTIVE_TIME = timer("effective-time")
MAX_NOTE = 500
DUE_AT_ONCE = 200


class OwnerNoTaken(DomainError):
    code = "owner_no_taken"
    text = _("There is a product with the number “{owner_no}” already.")


class NoteInvalid(DomainError):
    code = "note_invalid"
    text = _("Write a note of 1 to {limit} characters to the supplier.")


class ProposalChanged(DomainError):
    code = "proposal_changed"
    text = _("The supplier has submitted something else meanwhile: look at it again.")


class SkuUnknown(DomainError):
    code = "sku_unknown"
    text = _("The product has no sku with the number “{owner_no}”.")


@transaction.atomic(durable=True)
def propose_product(
    *,
    supplier: Supplier | None,
    owner_no: str,
    content: Content,
    actor: Actor,
    at: datetime,
    effective_at: datetime | None = None,
) -> Revision:
    """Submit a new product of a supplier, or of the platform itself, under its owner's number.

    :raises NumberInvalid: the number has characters or a length that it may not have.
    :raises OwnerNoTaken: its owner has a product of this number.
    :raises ContentRefused: something in it is wrong; the causes say what and where.
    :raises SkuNoTaken: its owner has another product with a sku of that number.
    :raises EffectiveTimeRefused: a new product does not wait.
    :raises WrongState: the supplier's relation has ended.
    """
    subject = proposing.subjects_within(supplier=supplier, owner_nos=[owner_no])[0]
    if subject.product is not None:
        raise OwnerNoTaken(pointer="/owner_no", owner_no=owner_no)
    return _propose_one(Proposal(subject, content, effective_at), supplier, actor, at)


@transaction.atomic(durable=True)
def propose_change(
    *,
    product_pk: int,
    supplier: Supplier | None,
    content: Content,
    actor: Actor,
    at: datetime,
    effective_at: datetime | None = None,
) -> Revision:
    """Submit a product's new content; it takes the place of what was submitted and is undecided.

    :raises NotFound: no such product of this owner.
    :raises NothingChanged: it is what is live, or what was submitted before.
    :raises RevisionUndecided: an approved rise waits for its time.
    :raises EffectiveTimeRefused: anything but a rise of prices, or a time past or far away.
    :raises ContentRefused: something in it is wrong; the causes say what and where.
    :raises SkuNoTaken: its owner has another product with a sku of that number.
    :raises WrongState: the supplier's relation has ended.
    """
    subjects = proposing.locked_subjects(Product.objects.filter(supplier=supplier, pk=product_pk))
    if not subjects:
        raise NotFound
    return _propose_one(Proposal(subjects[0], content, effective_at), supplier, actor, at)


@transaction.atomic(durable=True)
def approve(
    *,
    revision_pk: int,
    actor: Actor,
    at: datetime,
    retail_prices_fen: Mapping[str, int] | None = None,
    markups_fen: Mapping[str, int] | None = None,
    seen_at: datetime | None = None,
) -> Revision:
    """Let a proposal go live, now or at the time it names.

    `retail_prices_fen` and `markups_fen` are set on the skus of these owner's numbers; markups stay
    through later revisions. `seen_at` is when what the reviewer looked at had been submitted.

    :raises NotFound: there is no such revision.
    :raises WrongState: somebody has decided it already.
    :raises ProposalChanged: the reviewer looked at something that was submitted before.
    :raises SkuUnknown: a price is for a sku that the proposal does not have.
    :raises ValueOutOfRange: a price or markup is absurd.
    :raises ContentRefused: what it refers to is gone meanwhile.
    """
    revision = _locked(revision_pk, seen_at)
    revision.terms = _terms(revision, retail_prices_fen or {}, markups_fen or {})
    revision.save(update_fields=["terms"])
    proposed = content.from_json(revision.proposed)
    known = checking.known([proposed], revision.product.supplier)
    checking.checked(proposed, known)
    deciding.decide([revision], known, actor=actor, at=at)
    return _read(revision.pk)


@transaction.atomic(durable=True)
def ask_for_change(
    *, revision_pk: int, note: str, actor: Actor, at: datetime, seen_at: datetime | None = None
) -> Revision:
    """Send a proposal back, with a note on what must change first.

    :raises NotFound: there is no such revision.
    :raises WrongState: somebody has decided it already.
    :raises ProposalChanged: as for `approve`.
    :raises NoteInvalid: nothing is said, or too much.
    """
    revision = _locked(revision_pk, seen_at)
    revision.ask_for_change()
    return _note(revision, note=note, actor=actor, at=at)


@transaction.atomic(durable=True)
def reject(
    *, revision_pk: int, note: str, actor: Actor, at: datetime, seen_at: datetime | None = None
) -> Revision:
    """Refuse a proposal for good, with the reason.

    :raises NotFound: there is no such revision.
    :raises WrongState: somebody has decided it already.
    :raises ProposalChanged: as for `approve`.
    :raises NoteInvalid: nothing is said, or too much.
    """
    revision = _locked(revision_pk, seen_at)
    revision.reject()
    return _note(revision, note=note, actor=actor, at=at)


@transaction.atomic(durable=True)
def withdraw(
    *, revision_pk: int, supplier: Supplier | None, actor: Actor, at: datetime
) -> Revision:
    """Take a proposal back before it is decided.

    :raises NotFound: no such revision of this owner.
    :raises WrongState: it has been decided already.
    """
    mine = Revision.objects.filter(pk=revision_pk, product__supplier=supplier)
    revision = deciding.locked(mine, RevisionState.OPEN, RevisionState.CHANGES_REQUESTED)
    revision.withdraw()
    revision.decided_by, revision.decided_at = str(actor), at
    revision.save()
    return revision


def apply_due(*, at: datetime, limit: int = DUE_AT_ONCE) -> int:
    """Let approved rises go live whose time has come; return how many. Safe to run by many at once."""
    due = Revision.objects.filter(state=RevisionState.APPROVED, effective_at__lte=at)
    pks = list(due.order_by("effective_at").values_list("pk", flat=True)[:limit])
    return sum(_apply_one(pk, at) for pk in pks)


def live_when_proposed(revision: Revision) -> Content | None:
    """Return what was live when a revision was submitted; None for a new product."""
    return content.from_json(revision.live) if revision.live else None


def _locked(revision_pk: int, seen_at: datetime | None) -> Revision:
    revision = deciding.locked(Revision.objects.filter(pk=revision_pk), RevisionState.OPEN)
    if seen_at is not None and revision.submitted_at != seen_at:
        raise ProposalChanged
    return revision


def _propose_one(
    proposal: Proposal, supplier: Supplier | None, actor: Actor, at: datetime
) -> Revision:
    [answer] = proposing.propose_within(supplier=supplier, proposals=[proposal], actor=actor, at=at)
    if isinstance(answer, DomainError):
        raise answer
    return _read(answer.revision_pk)


def _terms(
    revision: Revision, retail_prices_fen: Mapping[str, int], markups_fen: Mapping[str, int]
) -> dict[str, Any]:
    """Return what staff set, checked against the skus proposed."""
    numbers = {sku.owner_no for sku in content.from_json(revision.proposed).skus}
    bounds = {"retail_prices_fen": (retail_prices_fen, 1), "markups_fen": (markups_fen, 0)}
    for name, (amounts, low) in bounds.items():
        for owner_no, amount_fen in amounts.items():
            pointer = f"/{name}/{owner_no}"
            if owner_no not in numbers:
                raise SkuUnknown(pointer=pointer, owner_no=owner_no)
            if not low <= amount_fen <= MAX_PRICE_FEN:
                raise checking.ValueOutOfRange(
                    pointer=pointer, value=amount_fen, low=low, high=MAX_PRICE_FEN
                )
    return {name: dict(amounts) for name, (amounts, _) in bounds.items() if amounts}


def _note(revision: Revision, *, note: str, actor: Actor, at: datetime) -> Revision:
    note = note.strip()
    if not 1 <= len(note) <= MAX_NOTE:
        raise NoteInvalid(pointer="/note", limit=MAX_NOTE)
    revision.note = note
    revision.decided_by, revision.decided_at = str(actor), at
    revision.save()
    return revision


@transaction.atomic(durable=True)
def _apply_one(revision_pk: int, at: datetime) -> int:
    try:
        revision = deciding.locked(Revision.objects.filter(pk=revision_pk), RevisionState.APPROVED)
    except WrongState:
        return 0  # another process was faster
    known = checking.known([content.from_json(revision.proposed)], revision.product.supplier)
    deciding.apply([revision], known, actor=EFFECTIVE_TIME, at=at)
    return 1


def _read(revision_pk: int) -> Revision:
    return Revision.objects.select_related("product").get(pk=revision_pk)
