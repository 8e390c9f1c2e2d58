"""Copying: the same content under new numbers, without stock; reviewed as any new product is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import content, proposing
from supplychain.content import Content
from supplychain.models import UNDECIDED, Product, Revision
from supplychain.proposing import Proposal, Proposed
from supplychain.reviewing import OwnerNoTaken

MAX_AT_ONCE = 200
MAX_ENDING = 12
MAX_NUMBER = 48


class TooManyCopies(DomainError):
    code = "too_many_copies"
    text = _("Up to {limit} products can be copied at once; these are {count}.")


class EndingInvalid(DomainError):
    code = "ending_invalid"
    text = _("Write 1 to {limit} characters that the copies' numbers end in, such as -2.")


@dataclass(frozen=True)
class Copied:
    """What became of one copy: the new product, or why there is none."""

    item_no: str
    owner_no: str
    refusal: DomainError | None = None


def as_new(original: Content) -> Content:
    """Return a content as it would be for a new product: without numbers and stock."""
    skus = [
        msgspec.structs.replace(sku, owner_no="", barcode="", opening_stock=0)
        for sku in original.skus
    ]
    return msgspec.structs.replace(original, skus=tuple(skus))


def latest_of(product: Product) -> Content | None:
    """Return what was proposed last and is undecided, else what is live."""
    undecided = Revision.objects.filter(product=product, state__in=UNDECIDED).first()
    return content.from_json(undecided.proposed) if undecided else content.of(product)


@transaction.atomic(durable=True)
def copy_many(
    *,
    product_pks: Collection[int],
    supplier: Supplier,
    ending: str,
    category_pk: int | None,
    actor: Actor,
    at: datetime,
) -> list[Copied]:
    """Copy products under their numbers with an ending, into a category or where they are.

    Each copy is made or refused for itself.

    :raises EndingInvalid: empty or too long.
    :raises TooManyCopies: over the limit.
    :raises NotFound: one of them is no product of this supplier, or nothing is known of it.
    :raises WrongState: the supplier's relation has ended.
    """
    ending = ending.strip()
    if not 1 <= len(ending) <= MAX_ENDING:
        raise EndingInvalid(pointer="/ending", limit=MAX_ENDING)
    if len(set(product_pks)) > MAX_AT_ONCE:
        raise TooManyCopies(limit=MAX_AT_ONCE, count=len(set(product_pks)))
    originals = list(Product.objects.of(supplier).filter(pk__in=product_pks).order_by("pk"))
    if len(originals) != len(set(product_pks)):
        raise NotFound
    numbers = [_ended(product.owner_no, ending) for product in originals]
    contents = _contents(originals, ending, category_pk)
    subjects = proposing.subjects_within(supplier=supplier, owner_nos=numbers)
    free = [
        Proposal(subject, whole)
        for subject, whole in zip(subjects, contents, strict=True)
        if subject.product is None
    ]
    answers = proposing.propose_within(supplier=supplier, proposals=free, actor=actor, at=at)
    return _told(numbers, subjects, free, answers)


def _contents(originals: Sequence[Product], ending: str, category_pk: int | None) -> list[Content]:
    live = content.of_many(originals)
    undecided = {
        revision.product_id: content.from_json(revision.proposed)
        for revision in Revision.objects.filter(product__in=originals, state__in=UNDECIDED)
    }
    found = []
    for product in originals:
        whole = undecided.get(product.pk) or live.get(product.pk)
        if whole is None:
            raise NotFound
        found.append(_copy(whole, ending, category_pk))
    return found


def _copy(original: Content, ending: str, category_pk: int | None) -> Content:
    skus = [
        msgspec.structs.replace(sku, owner_no=_ended(old.owner_no, ending))
        for sku, old in zip(as_new(original).skus, original.skus, strict=True)
    ]
    whole = msgspec.structs.replace(original, skus=tuple(skus))
    if category_pk is None or category_pk == original.category_pk:
        return whole
    # What another category asks for is another list.
    return msgspec.structs.replace(whole, category_pk=category_pk, attributes={})


def _ended(number: str, ending: str) -> str:
    return number[: MAX_NUMBER - len(ending)] + ending


def _told(
    numbers: Sequence[str],
    subjects: Sequence[proposing.Subject],
    free: Sequence[Proposal],
    answers: Sequence[Proposed | DomainError],
) -> list[Copied]:
    by_number = {
        proposal.subject.owner_no: answer for proposal, answer in zip(free, answers, strict=True)
    }
    made = [answer.product_pk for answer in answers if isinstance(answer, Proposed)]
    item_nos = dict(Product.objects.filter(pk__in=made).values_list("pk", "item_no"))
    told = []
    for number, subject in zip(numbers, subjects, strict=True):
        answer = by_number.get(number)
        if isinstance(answer, Proposed):
            told.append(Copied(item_nos[answer.product_pk], number))
        else:
            refusal = answer or OwnerNoTaken(owner_no=subject.owner_no)
            told.append(Copied("", number, refusal))
    return told
