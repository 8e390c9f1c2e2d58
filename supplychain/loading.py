"""Loading: products from a file, through the same acts as from a form, a few hundred rows at a time.

Each batch is a transaction of its own, so an interrupted load is continued by running it again:
what is there already changes nothing. A cell left empty leaves what is live as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import actors
from kit.actors import Actor
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import (
    albums,
    catalogue,
    goods_columns,
    goods_items,
    listing,
    pausing,
    proposing,
    sheets,
    stock,
)
from supplychain.albums import Album
from supplychain.checking import BrandUnknown, CategoryUnknown
from supplychain.content import Content, SkuContent
from supplychain.goods_items import Item, RowError
from supplychain.models import Brand, Category, Product, ProductState, RowOutcome, Sku
from supplychain.proposing import Proposal, Proposed, Subject

ROWS_AT_ONCE = 250
NOTE = "file"
# Fields of the content that are taken as they are given.
SAID_OF_PRODUCT = ("unit", "origin", "attributes", "main_pictures")
# Which column of a sheet a field of the content came from.
COLUMN_OF = {
    "category_pk": "category",
    "brand_pk": "brand",
    "main_pictures": "images",
    "owner_no": "sku_no",
    "opening_stock": "stock",
}


class OffSaleByPlatform(DomainError):
    code = "off_sale_by_platform"
    text = _("Only the platform can put this product on sale again.")


@dataclass(slots=True)
class Report:
    """What loading did, in products; `refused` counts rows, `stocks` the pools that changed.

    Of those created or changed, `waiting` wait for review.
    """

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    waiting: int = 0
    listed: int = 0
    delisted: int = 0
    stocks: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Load:
    """What is the same for all batches of one file.

    Whoever loads `by_hand`, as people do and operations do not, may name categories and brands that
    are there only, and put nothing on sale that somebody else took off.
    """

    supplier: Supplier | None
    actor: Actor
    at: datetime
    album: Album
    listed: bool = False
    dry_run: bool = False
    by_hand: bool = False
    report: Report = field(default_factory=Report)


def load(
    *,
    path: Path,
    supplier: Supplier | None,
    actor: Actor,
    at: datetime,
    listed: bool = False,
    dry_run: bool = False,
    pictures_folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Load a file of products of a supplier (None: the platform's own) and say what that did.

    With `listed` the actor approves what would wait for review, and lists whatever the file does
    not say otherwise about. A dry run changes nothing and reports the same. Pictures are looked for
    in `pictures_folder` and below. `progress` is called with the rows done and the rows there are.

    :raises DomainError: the file cannot be read as a whole; see `sheets.open_sheet`.
    :raises WrongState: the supplier's relation has ended.
    """
    sheet = sheets.open_sheet(path, goods_columns.COLUMNS)
    source = albums.Folder(pictures_folder) if pictures_folder else albums.Nowhere()
    album = Album(source, supplier, at, dry_run)
    this = Load(supplier, actor, at, album, listed=listed, dry_run=dry_run)
    for batch in _batches(goods_items.items(sheet.rows)):
        album.hang(batch)
        load_batch(this, batch)
        _count_rows(batch, this.report)
        progress(this.report.rows, sheet.total)
    return this.report


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    rows = 0
    for item in items:
        batch.append(item)
        rows += item.row_count
        if rows >= ROWS_AT_ONCE:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


@transaction.atomic(durable=True)
def load_batch(this: Load, items: Sequence[Item]) -> None:
    """Do as `load_within`, or do so and take it back."""
    load_within(this, items)
    transaction.set_rollback(this.dry_run)


@transaction.atomic(savepoint=False)
def load_within(this: Load, items: Iterable[Item]) -> None:
    """Propose, approve, list and stock the items without errors; each is told what came of it.

    :raises WrongState: the supplier's relation has ended.
    """
    good = [item for item in items if not item.errors]
    if this.by_hand:
        _refuse_unknown(good)
        good = [item for item in good if not item.errors]
    categories = catalogue.categories(item.product["category"] for item in good)
    brands = catalogue.brands(item.product["brand"] for item in good if "brand" in item.product)
    subjects = proposing.subjects_within(
        supplier=this.supplier, owner_nos=[item.item_no for item in good]
    )
    pairs = list(zip(good, subjects, strict=True))
    if this.by_hand:
        _refuse_what_others_took_off(this, pairs)
        pairs = [(item, subject) for item, subject in pairs if not item.errors]
    proposals = [_proposal(item, subject, categories, brands) for item, subject in pairs]
    answers = _proposed(this, proposals)
    for (item, _subject), proposal, answer in zip(pairs, proposals, answers, strict=True):
        _count(this, item, proposal, answer)
    products = _product_pks(pairs, answers)
    _list(this, products)
    _stock(this, products)


def _proposed(this: Load, proposals: Sequence[Proposal]) -> list[Proposed | DomainError]:
    if this.dry_run:
        return proposing.rehearse_within(
            supplier=this.supplier, proposals=proposals, at=this.at, is_approved=this.listed
        )
    return proposing.propose_within(
        supplier=this.supplier,
        proposals=proposals,
        actor=this.actor,
        at=this.at,
        approver=this.actor if this.listed else None,
    )


def _refuse_unknown(items: Sequence[Item]) -> None:
    """Refuse items whose category or brand is not there."""
    paths = {item.product["category"] for item in items}
    names = {item.product["brand"] for item in items if "brand" in item.product}
    known_paths = set(Category.objects.filter(path__in=paths).values_list("path", flat=True))
    known_names = set(Brand.objects.filter(name__in=names).values_list("name", flat=True))
    for item in items:
        if item.product["category"] not in known_paths:
            item.refuse(item.line, CategoryUnknown(), "category")
        if item.product.get("brand", "") not in known_names | {""}:
            item.refuse(item.line, BrandUnknown(), "brand")


def _refuse_what_others_took_off(this: Load, pairs: Sequence[tuple[Item, Subject]]) -> None:
    """Refuse to put on sale what was taken off by anybody but the supplier's own people."""
    off = [
        (item, subject.product)
        for item, subject in pairs
        if this.supplier is not None
        and item.product.get("listed") is True
        and subject.product is not None
        and subject.product.state == ProductState.DELISTED
        and not pausing.is_waiting(subject.product)
    ]
    if not off or this.supplier is None:
        return
    people = this.supplier.company.memberships.values_list("person__email", flat=True)
    own = {str(actors.person(email)) for email in people}
    for item, product in off:
        if product.state_changed_by not in own:
            item.refuse(item.line, OffSaleByPlatform(), "listed")


def _proposal(
    item: Item,
    subject: Subject,
    categories: Mapping[str, Category],
    brands: Mapping[str, Brand],
) -> Proposal:
    """Put what the file says over what was proposed last, or is live."""
    base = subject.latest
    given = item.product
    fields: dict[str, Any] = {
        "name": given["name"],
        "category_pk": categories[given["category"]].pk,
        "skus": _skus(item, base),
    }
    fields |= {name: given[name] for name in SAID_OF_PRODUCT if name in given}
    if "brand" in given:
        fields["brand_pk"] = brands[given["brand"]].pk
    whole = msgspec.structs.replace(base, **fields) if base else Content(**fields)
    return Proposal(subject, whole, list_it=given.get("listed", True))


def _skus(item: Item, base: Content | None) -> tuple[SkuContent, ...]:
    """Skus that the file does not name stay as they are."""
    skus = {sku.owner_no: sku for sku in base.skus} if base else {}
    for row in item.rows:
        before = skus.get(row.sku["owner_no"])
        skus[row.sku["owner_no"]] = (
            msgspec.structs.replace(before, **row.sku) if before else SkuContent(**row.sku)
        )
    return tuple(skus.values())


# --- what came of it --------------------------------------------------------------------------------


def _count(this: Load, item: Item, proposal: Proposal, answer: Proposed | DomainError) -> None:
    report = this.report
    if isinstance(answer, Proposed):
        report.created += answer.is_new
        report.changed += not answer.is_new
        report.waiting += not answer.is_live
        is_first = answer.is_live and proposal.subject.live is None
        report.listed += is_first and proposal.list_it
        item.outcome = _outcome(answer)
        item.product_pk = answer.product_pk or None
    elif isinstance(answer, proposing.NothingChanged):
        report.unchanged += 1
        item.outcome = RowOutcome.CHANGED if item.has_new_pictures else RowOutcome.UNCHANGED
        item.product_pk = proposal.subject.product.pk if proposal.subject.product else None
    else:
        for cause in answer.causes or [answer]:
            line, column = _place(item, proposal.content, cause.pointer)
            item.refuse(line, cause, column)


def _outcome(answer: Proposed) -> RowOutcome:
    if not answer.is_live:
        return RowOutcome.WAITING
    return RowOutcome.CREATED if answer.is_new else RowOutcome.CHANGED


def _place(item: Item, content: Content, pointer: str) -> tuple[int, str]:
    """Return line and column of what a pointer into the content names."""
    parts = pointer.strip("/").split("/")
    if parts[0] != "skus" or len(parts) < 3:
        return item.line, COLUMN_OF.get(parts[0], parts[0])
    number = content.skus[int(parts[1])].owner_no
    line = next((row.line for row in item.rows if row.sku["owner_no"] == number), item.line)
    return line, COLUMN_OF.get(parts[2], parts[2])


def _count_rows(batch: Iterable[Item], report: Report) -> None:
    for item in batch:
        report.rows += item.row_count
        report.refused += item.row_count if item.errors else 0
        report.errors += item.errors


def _product_pks(
    pairs: Sequence[tuple[Item, Subject]], answers: Sequence[Proposed | DomainError]
) -> dict[int, Item]:
    """Return the items that were not refused, by their product."""
    found: dict[int, Item] = {}
    for (item, subject), answer in zip(pairs, answers, strict=True):
        if isinstance(answer, Proposed) and answer.product_pk:
            found[answer.product_pk] = item
        elif subject.product is not None and not item.errors:
            found[subject.product.pk] = item
    return found


def _list(this: Load, products: Mapping[int, Item]) -> None:
    """List and delist as the file says, as far as the products were ever approved."""
    approved = set(
        Sku.objects.filter(product_id__in=products, offered=True).values_list(
            "product_id", flat=True
        )
    )
    wanted = {pk: products[pk].product.get("listed", this.listed or None) for pk in approved}
    common: dict[str, Any] = {"supplier": this.supplier, "actor": this.actor, "at": this.at}
    up = [pk for pk, listed in wanted.items() if listed is True]
    down = [pk for pk, listed in wanted.items() if listed is False]
    listed = _put_on_sale(up, products, common)
    delisted = listing.delist_within(product_pks=down, **common)
    this.report.listed += len(listed)
    this.report.delisted += len(delisted)
    _note_changed(products[pk] for pk in [*listed, *delisted])


def _put_on_sale(
    pks: Sequence[int], products: Mapping[int, Item], common: Mapping[str, Any]
) -> list[int]:
    """List products; new ones of a supplier whose security deposit is short are told so."""
    try:
        with transaction.atomic():
            return listing.list_within(product_pks=pks, **common)
    except listing.SecurityDepositShort as refusal:
        drafts = Product.objects.filter(pk__in=pks, state=ProductState.DRAFT)
        new = set(drafts.values_list("pk", flat=True))
        for pk in new:
            products[pk].refuse(products[pk].line, refusal, "listed")
        return listing.list_within(product_pks=set(pks) - new, **common)


def _stock(this: Load, products: Mapping[int, Item]) -> None:
    """Set the stock that the file gives; new skus of a product that waits have theirs in its content."""
    given = {
        (pk, row.sku["owner_no"]): row.sku["opening_stock"]
        for pk, item in products.items()
        for row in item.rows
        if "opening_stock" in row.sku
    }
    rows = Sku.objects.filter(product_id__in=products).values_list(
        "product_id", "owner_no", "pk", "stock__available"
    )
    known = [row for row in rows if row[:2] in given]
    this.report.stocks += stock.set_many_within(
        available={sku_pk: given[pk, owner_no] for pk, owner_no, sku_pk, _before in known},
        actor=this.actor,
        at=this.at,
        note=NOTE,
    )
    _note_changed(
        products[pk] for pk, owner_no, _sku_pk, before in known if before != given[pk, owner_no]
    )


def _note_changed(items: Iterable[Item]) -> None:
    for item in items:
        if item.outcome == RowOutcome.UNCHANGED:
            item.outcome = RowOutcome.CHANGED
