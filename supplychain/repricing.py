"""Repricing: a new supply price for one sku, as typed into a grid; all else stays as it is."""

from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import proposing
from supplychain.content import Content
from supplychain.models import Product, Revision, RevisionState, Sku
from supplychain.proposing import Proposal, Subject


class SentBackFirst(DomainError):
    code = "sent_back_first"
    text = _("The reviewers sent a change of this product back: answer them in its form first.")


@transaction.atomic(durable=True)
def reprice(
    *,
    sku_pk: int,
    supplier: Supplier,
    supply_price_fen: int,
    actor: Actor,
    at: datetime,
    effective_at: datetime | None = None,
) -> Revision:
    """Propose a supply price over what was proposed last, or is live; a small cut is live at once.

    Going back to the live price withdraws what proposed nothing else.

    :raises NotFound: no such sku of this supplier on offer.
    :raises SentBackFirst: reviewers wait for another answer.
    :raises NothingChanged: it is the price already.
    :raises RevisionUndecided: an approved rise waits for its time.
    :raises EffectiveTimeRefused: anything but a rise of prices, or a time past or far away.
    :raises ContentRefused: it is no possible price.
    :raises WrongState: the supplier's relation has ended.
    """
    sku = Sku.objects.filter(pk=sku_pk, offered=True, product__supplier=supplier).first()
    if sku is None:
        raise NotFound
    [subject] = proposing.locked_subjects(Product.objects.filter(pk=sku.product_id))
    if subject.revision and subject.revision.state == RevisionState.CHANGES_REQUESTED:
        raise SentBackFirst
    wanted = _with_price(subject, sku.owner_no, supply_price_fen)
    if subject.revision and subject.revision.state == RevisionState.OPEN and wanted == subject.live:
        return _withdraw(subject.revision, actor, at)
    [answer] = proposing.propose_within(
        supplier=supplier,
        proposals=[Proposal(subject, wanted, effective_at)],
        actor=actor,
        at=at,
    )
    if isinstance(answer, DomainError):
        raise answer
    return Revision.objects.get(pk=answer.revision_pk)


def _with_price(subject: Subject, owner_no: str, supply_price_fen: int) -> Content:
    base = subject.latest
    if base is None or owner_no not in {sku.owner_no for sku in base.skus}:
        raise NotFound
    skus = tuple(
        msgspec.structs.replace(sku, supply_price_fen=supply_price_fen)
        if sku.owner_no == owner_no
        else sku
        for sku in base.skus
    )
    return msgspec.structs.replace(base, skus=skus)


def _withdraw(revision: Revision, actor: Actor, at: datetime) -> Revision:
    revision.withdraw()
    revision.decided_by, revision.decided_at = str(actor), at
    revision.save()
    return revision
