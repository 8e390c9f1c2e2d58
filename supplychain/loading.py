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

from kit.actors import Actor
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import catalogue, listing, pictures, proposing, sheet_rows, sheets, stock
from supplychain.content import Content, SkuContent
from supplychain.models import Brand, Category, Sku
from supplychain.proposing import Proposal, Proposed, Subject
from supplychain.sheet_rows import Item, RowError

ROWS_AT_ONCE = 250
NOTE = "file"
# Which column of a sheet a field of the content came from.
COLUMN_OF = {
    "category_pk": "category",
    "brand_pk": "brand",
    "main_pictures": "images",
    "owner_no": "sku_no",
    "opening_stock": "stock",
}


class PictureNotFound(DomainError):
    code = "picture_not_found"
    text = _("There is no picture “{name}” beside the file.")


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
class _Load:
    """What is the same for all batches of one file."""

    supplier: Supplier | None
    actor: Actor
    at: datetime
    listed: bool
    dry_run: bool
    album: "_Album"
    report: Report


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
    sheet = sheets.open_sheet(path, sheet_rows.COLUMNS)
    report = Report()
    album = _Album(pictures_folder, supplier, at, dry_run)
    this = _Load(supplier, actor, at, listed, dry_run, album, report)
    for batch in _batches(sheet_rows.items(sheet.rows)):
        album.hang(batch)
        _load_batch(this, [item for item in batch if not item.errors])
        _count_rows(batch, report)
        progress(report.rows, sheet.total)
    return report


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
def _load_batch(this: _Load, items: Sequence[Item]) -> None:
    """Propose, approve, list and stock a batch, or do so and take it back."""
    categories = catalogue.categories(item.product["category"] for item in items)
    brands = catalogue.brands(item.product["brand"] for item in items if "brand" in item.product)
    subjects = proposing.subjects_within(
        supplier=this.supplier, owner_nos=[item.item_no for item in items]
    )
    proposals = [
        _proposal(item, subject, categories, brands)
        for item, subject in zip(items, subjects, strict=True)
    ]
    answers = proposing.propose_within(
        supplier=this.supplier,
        proposals=proposals,
        actor=this.actor,
        at=this.at,
        approver=this.actor if this.listed else None,
    )
    for item, proposal, answer in zip(items, proposals, answers, strict=True):
        _count(this.report, item, proposal, answer)
    products = _product_pks(items, subjects, answers)
    _list(this, products)
    _stock(this, products)
    transaction.set_rollback(this.dry_run)


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
    fields |= {name: given[name] for name in ("unit", "origin", "main_pictures") if name in given}
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


def _count(report: Report, item: Item, proposal: Proposal, answer: Proposed | DomainError) -> None:
    if isinstance(answer, Proposed):
        report.created += answer.is_new
        report.changed += not answer.is_new
        report.waiting += not answer.is_live
        is_first = answer.is_live and proposal.subject.live is None
        report.listed += is_first and proposal.list_it
    elif isinstance(answer, proposing.NothingChanged):
        report.unchanged += 1
    else:
        for cause in answer.causes or [answer]:
            line, column = _place(item, proposal.content, cause.pointer)
            item.refuse(line, cause, column)


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
    items: Sequence[Item], subjects: Sequence[Subject], answers: Sequence[Proposed | DomainError]
) -> dict[int, Item]:
    """Return the items that were not refused, by their product."""
    found: dict[int, Item] = {}
    for item, subject, answer in zip(items, subjects, answers, strict=True):
        if isinstance(answer, Proposed):
            found[answer.product_pk] = item
        elif subject.product is not None and not item.errors:
            found[subject.product.pk] = item
    return found


def _list(this: _Load, products: Mapping[int, Item]) -> None:
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
    this.report.listed += len(listing.list_within(product_pks=up, **common))
    this.report.delisted += len(listing.delist_within(product_pks=down, **common))


def _stock(this: _Load, products: Mapping[int, Item]) -> None:
    """Set the stock that the file gives; new skus of a product that waits have theirs in its content."""
    given = {
        (pk, row.sku["owner_no"]): row.sku["opening_stock"]
        for pk, item in products.items()
        for row in item.rows
        if "opening_stock" in row.sku
    }
    rows = Sku.objects.filter(product_id__in=products).values_list("product_id", "owner_no", "pk")
    available = {
        sku_pk: given[product_pk, owner_no]
        for product_pk, owner_no, sku_pk in rows
        if (product_pk, owner_no) in given
    }
    this.report.stocks += stock.set_many_within(
        available=available, actor=this.actor, at=this.at, note=NOTE
    )


# --- pictures ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Album:
    """The pictures that a file names, stored before the batch that shows them."""

    folder: Path | None
    supplier: Supplier | None
    at: datetime
    dry_run: bool
    uids: dict[str, str | None] = field(default_factory=dict)

    def hang(self, items: Iterable[Item]) -> None:
        """Replace each item's file names by uids, or note what is wrong with them."""
        for item in items:
            names = item.product.pop("images", None)
            if names is None or item.errors:
                continue
            try:
                uids = [self._uid(name) for name in names]
            except DomainError as refusal:
                item.refuse(item.line, refusal, "images")
                continue
            # A dry run stores nothing; pictures that are not stored yet cannot be compared.
            if all(uids):
                item.product["main_pictures"] = tuple(dict.fromkeys(uids))

    def _uid(self, name: str) -> str | None:
        if name not in self.uids:
            self.uids[name] = self._store(name)
        return self.uids[name]

    def _store(self, name: str) -> str | None:
        data = self._read(name)
        if not self.dry_run:
            return str(pictures.store(data=data, supplier=self.supplier, at=self.at).uid)
        known = pictures.find(data=data, supplier=self.supplier)
        if known is None:
            pictures.render(data)
        return str(known.uid) if known else None

    def _read(self, name: str) -> bytes:
        """Read a file in the folder; nothing outside of it, whatever the name says."""
        if self.folder is None or "\0" in name:
            raise PictureNotFound(name=name)
        root = self.folder.resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise PictureNotFound(name=name)
        if path.stat().st_size > pictures.MAX_BYTES:
            raise pictures.PictureTooLarge(limit=pictures.MAX_BYTES, size=path.stat().st_size)
        return path.read_bytes()
