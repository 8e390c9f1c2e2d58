"""Proposing: contents for the goods of one owner become revisions, many at once.

One product is many with one in it. What needs nobody's review (a trusted supplier, the platform's
own goods, small price cuts) is decided here, as every decision is: by `deciding.decide`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit.actors import Actor, timer
from kit.errors import DomainError, WrongState
from suppliers.models import Supplier, SupplierState
from supplychain import attributes, checking, content, deciding, going_live, numbering, pausing
from supplychain.content import Content
from supplychain.models import UNDECIDED, Product, Revision, RevisionState, Sku

AUTO_APPROVAL = timer("auto-approval")
MAX_WAIT = timedelta(days=180)


class SkuNoTaken(DomainError):
    code = "sku_no_taken"
    text = _("The product “{item_no}” has a sku with the number “{owner_no}” already.")


class NothingChanged(DomainError):
    code = "nothing_changed"
    text = _("This is what was submitted or is live already; nothing would change.")


class RevisionUndecided(DomainError):
    code = "revision_undecided"
    text = _("A change that was approved takes effect at {effective_at}; wait until then.")


class EffectiveTimeRefused(DomainError):
    code = "effective_time_refused"
    text = _("Only a rise of supply prices, and nothing else, may wait; {days} days at the most.")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a proposal is about, locked: a number with the product it has, or has not yet."""

    owner_no: str
    product: Product | None = None
    live: Content | None = None
    # The undecided one.
    revision: Revision | None = None

    @property
    def latest(self) -> Content | None:
        """What was proposed and is undecided, else what is live."""
        return content.from_json(self.revision.proposed) if self.revision else self.live


@dataclass(frozen=True, slots=True)
class Proposal:
    """A content proposed for a subject; `list_it` tells whether a first approval lists it."""

    subject: Subject
    content: Content
    effective_at: datetime | None = None
    list_it: bool = True


@dataclass(frozen=True, slots=True)
class Proposed:
    """How a proposal was taken: the product is new or known, the revision applied or not."""

    product_pk: int
    revision_pk: int
    is_new: bool
    is_live: bool


@transaction.atomic(savepoint=False)
def subjects_within(*, supplier: Supplier | None, owner_nos: Sequence[str]) -> list[Subject]:
    """Lock what an owner's numbers stand for, one subject a number, to propose contents for them.

    Where a product is missing, nobody else can make it until the transaction ends.
    """
    pausing.hold([supplier.pk if supplier else None])
    mine = Product.objects.filter(supplier=supplier, owner_no__in=owner_nos)
    found = {subject.owner_no: subject for subject in locked_subjects(mine)}
    missing = [number for number in owner_nos if number not in found]
    if missing:
        numbering.lock()
        # A second statement: it sees what was committed while the lock was waited for.
        came = locked_subjects(Product.objects.filter(supplier=supplier, owner_no__in=missing))
        found |= {subject.owner_no: subject for subject in came}
    return [found.get(number) or Subject(number) for number in owner_nos]


@transaction.atomic(savepoint=False)
def propose_within(
    *,
    supplier: Supplier | None,
    proposals: Sequence[Proposal],
    actor: Actor,
    at: datetime,
    approver: Actor | None = None,
) -> list[Proposed | DomainError]:
    """Submit contents for different subjects of one owner; answer each, in order.

    Whoever is named as `approver` approves them all at once; without one, the rules of automatic
    approval decide.

    :raises WrongState: the supplier's relation has ended.
    """
    supplier = _current(supplier)
    known, outcomes = _judged(supplier, proposals, at)
    accepted = [one for one in outcomes if isinstance(one, Proposal)]
    taken = _take(accepted, supplier, known, actor=actor, approver=approver, at=at)
    return [taken.pop(0) if isinstance(one, Proposal) else one for one in outcomes]


@transaction.atomic(savepoint=False)
def rehearse_within(
    *, supplier: Supplier | None, proposals: Sequence[Proposal], at: datetime, is_approved: bool
) -> list[Proposed | DomainError]:
    """Answer as `propose_within` would, and write nothing: what is not there yet has key 0.

    :raises WrongState: the supplier's relation has ended.
    """
    supplier = _current(supplier)
    _known, outcomes = _judged(supplier, proposals, at)
    without_review = _rules_of_approval(supplier)
    return [
        Proposed(
            one.subject.product.pk if one.subject.product else 0,
            0,
            is_new=one.subject.product is None,
            is_live=is_approved or without_review(one),
        )
        if isinstance(one, Proposal)
        else one
        for one in outcomes
    ]


def _judged(
    supplier: Supplier | None, proposals: Sequence[Proposal], at: datetime
) -> tuple[checking.Known, list[Proposal | DomainError]]:
    """Return each proposal as it will be stored, or why it is refused."""
    known = checking.known([proposal.content for proposal in proposals], supplier)
    asked = attributes.asked_of({proposal.content.category_pk for proposal in proposals})
    numbers = _sku_numbers_in_use(supplier, proposals)
    outcomes: list[Proposal | DomainError] = []
    for proposal in proposals:
        try:
            fits = _accepted(proposal, known, numbers, at)
            _refuse_attributes(fits, supplier, asked)
            outcomes.append(fits)
        except DomainError as refusal:
            outcomes.append(refusal)
    return known, outcomes


def locked_subjects(products: models.QuerySet[Product]) -> list[Subject]:
    """Lock products after their suppliers' holidays, then their undecided revisions."""
    pausing.hold(products.order_by().values_list("supplier_id", flat=True).distinct())
    ordered = products.order_by("pk").select_for_update(of=("self",), no_key=True)
    locked = list(ordered.select_related("supplier"))
    revisions = Revision.objects.filter(product__in=locked, state__in=UNDECIDED).order_by("pk")
    undecided = {r.product_id: r for r in revisions.select_for_update(no_key=True)}
    live = content.of_many(locked)
    return [
        Subject(product.owner_no, product, live.get(product.pk), undecided.get(product.pk))
        for product in locked
    ]


def _current(supplier: Supplier | None) -> Supplier | None:
    """Read again whether a supplier is trusted, and refuse one whose relation has ended."""
    if supplier is None:
        return None
    current = Supplier.objects.get(pk=supplier.pk)
    if current.state == SupplierState.CLOSED:
        raise WrongState(state=current.get_state_display())
    return current


def _sku_numbers_in_use(
    supplier: Supplier | None, proposals: Sequence[Proposal]
) -> dict[str, dict[int, str]]:
    """Return the item numbers of an owner's products that have a sku of a number, by that number."""
    numbers = [sku.owner_no for proposal in proposals for sku in proposal.content.skus]
    mine = Sku.objects.filter(product__supplier=supplier, owner_no__in=numbers)
    found: dict[str, dict[int, str]] = {}
    for owner_no, pk, item_no in mine.values_list("owner_no", "product_id", "product__item_no"):
        found.setdefault(owner_no, {})[pk] = item_no
    return found


def _accepted(
    proposal: Proposal,
    known: checking.Known,
    numbers: Mapping[str, Mapping[int, str]],
    at: datetime,
) -> Proposal:
    """Return the proposal as it will be stored, or refuse it."""
    subject = proposal.subject
    if subject.product is None:
        checking.check_owner_no(subject.owner_no)
    tidy = _without_spent_stock(checking.checked(proposal.content, known), subject.live)
    _refuse_repetition(replace(proposal, content=tidy))
    _refuse_foreign_skus(tidy, subject, numbers)
    if proposal.effective_at is not None:
        _refuse_odd_time(subject.live, tidy, proposal.effective_at, at)
    return replace(proposal, content=tidy)


def _without_spent_stock(wanted: Content, live: Content | None) -> Content:
    """An opening stock says nothing where the sku is live already."""
    there = {sku.owner_no for sku in live.skus} if live else set()
    skus = [
        msgspec.structs.replace(sku, opening_stock=0) if sku.owner_no in there else sku
        for sku in wanted.skus
    ]
    return msgspec.structs.replace(wanted, skus=tuple(skus))


def _refuse_repetition(proposal: Proposal) -> None:
    subject = proposal.subject
    undecided = subject.revision
    same_time = undecided is None or undecided.effective_at == proposal.effective_at
    if proposal.content == subject.live or (same_time and proposal.content == subject.latest):
        raise NothingChanged
    if undecided and undecided.state == RevisionState.APPROVED:
        raise RevisionUndecided(effective_at=undecided.effective_at)


def _refuse_attributes(
    proposal: Proposal, supplier: Supplier | None, asked: attributes.Asked
) -> None:
    """Hold new attributes against what the category asks for; the platform's own goods owe none.

    What was accepted before stays acceptable: a price is changed whatever is asked for meanwhile.
    """
    wanted, live = proposal.content, proposal.subject.live
    as_before = live and (live.category_pk, live.attributes) == (
        wanted.category_pk,
        wanted.attributes,
    )
    if as_before or (supplier is None and not wanted.attributes):
        return
    wrong = list(attributes.wrong(wanted.attributes, asked.get(wanted.category_pk, {})))
    if wrong:
        reasons = " ".join(map(str, wrong))
        raise checking.ContentRefused(causes=wrong, reasons=reasons)


def _refuse_foreign_skus(
    wanted: Content, subject: Subject, numbers: Mapping[str, Mapping[int, str]]
) -> None:
    own_pk = subject.product.pk if subject.product else None
    for place, sku in enumerate(wanted.skus):
        products = numbers.get(sku.owner_no)
        if products and own_pk not in products:
            pointer, item_no = f"/skus/{place}/owner_no", next(iter(products.values()))
            raise SkuNoTaken(pointer=pointer, owner_no=sku.owner_no, item_no=item_no)


def _refuse_odd_time(
    live: Content | None, wanted: Content, effective_at: datetime, at: datetime
) -> None:
    moves = _price_moves(live, wanted)
    rises = bool(moves) and all(new > old for old, new in moves)
    if not rises or not at < effective_at <= at + MAX_WAIT:
        raise EffectiveTimeRefused(pointer="/effective_at", days=MAX_WAIT.days)


def _price_moves(live: Content | None, wanted: Content) -> list[tuple[int, int]]:
    """Return old and new supply prices in fen if nothing else is different, else nothing."""
    if live is None or len(live.skus) != len(wanted.skus):
        return []
    pairs = list(zip(live.skus, wanted.skus, strict=True))
    if _priceless(live) != _priceless(wanted):
        return []
    prices = [(old.supply_price_fen, new.supply_price_fen) for old, new in pairs]
    return [(old, new) for old, new in prices if old != new]


def _priceless(whole: Content) -> Content:
    skus = tuple(msgspec.structs.replace(sku, supply_price_fen=0) for sku in whole.skus)
    return msgspec.structs.replace(whole, skus=skus)


def _take(
    accepted: Sequence[Proposal],
    supplier: Supplier | None,
    known: checking.Known,
    *,
    actor: Actor,
    approver: Actor | None,
    at: datetime,
) -> list[Proposed]:
    """Write what was accepted, and decide at once what needs nobody's review."""
    products = _products(accepted, supplier, at)
    pairs = list(zip(accepted, products, strict=True))
    revisions = [_submit(proposal, product, actor, at) for proposal, product in pairs]
    Revision.objects.bulk_create([revision for revision in revisions if revision.pk is None])
    without_review = _rules_of_approval(supplier)
    at_once = [
        (revision, proposal.list_it)
        for revision, proposal in zip(revisions, accepted, strict=True)
        if approver or without_review(proposal)
    ]
    live = deciding.decide(
        [revision for revision, _ in at_once],
        known,
        actor=approver or AUTO_APPROVAL,
        at=at,
        unlisted={revision.pk for revision, list_it in at_once if not list_it},
    )
    return [
        Proposed(product.pk, revision.pk, proposal.subject.product is None, revision.pk in live)
        for (proposal, product), revision in zip(pairs, revisions, strict=True)
    ]


def _products(
    accepted: Sequence[Proposal], supplier: Supplier | None, at: datetime
) -> list[Product]:
    """Return the product of each proposal; new ones become drafts with public numbers."""
    new = [proposal for proposal in accepted if proposal.subject.product is None]
    drafts = [
        Product(
            supplier=supplier,
            item_no=item_no,
            owner_no=proposal.subject.owner_no,
            created_at=at,
            changed_at=at,
            **going_live.values_of(proposal.content),
        )
        for proposal, item_no in zip(new, _item_nos(new, supplier), strict=True)
    ]
    Product.objects.bulk_create(drafts)
    made = iter(drafts)
    return [proposal.subject.product or next(made) for proposal in accepted]


def _item_nos(new: Sequence[Proposal], supplier: Supplier | None) -> list[str]:
    return numbering.item_nos([p.subject.owner_no for p in new], supplier) if new else []


def _submit(proposal: Proposal, product: Product, actor: Actor, at: datetime) -> Revision:
    """Write a proposal into the undecided revision, or return a new one to be inserted."""
    subject = proposal.subject
    revision = subject.revision or Revision(product=product)
    revision.product = product
    revision.proposed = content.to_json(proposal.content)
    revision.live = content.to_json(subject.live) if subject.live else {}
    revision.effective_at = proposal.effective_at
    revision.submitted_by, revision.submitted_at = str(actor), at
    if revision.state == RevisionState.CHANGES_REQUESTED:
        revision.resubmit()
    if subject.revision is not None:
        revision.save()
    if subject.product is not None and subject.live is None:
        # Nobody but its owner and the reviewers sees a draft; they see what it is to become.
        going_live.write_product(product, proposal.content)
    return revision


def _rules_of_approval(supplier: Supplier | None) -> Callable[[Proposal], bool]:
    """Return the test for what goes live without anybody's review."""
    if supplier is None or supplier.trusted:
        return lambda _proposal: True
    percent: int = policies.read().price_cut_without_review_percent
    return lambda proposal: _is_small_cut(proposal, percent)


def _is_small_cut(proposal: Proposal, percent: int) -> bool:
    moves = _price_moves(proposal.subject.live, proposal.content)
    return bool(moves) and all(
        new < old and (old - new) * 100 <= old * percent for old, new in moves
    )
