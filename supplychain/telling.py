"""Telling distributors what became of goods that they selected or lately ordered.

The acts only note what a product was (`noting`); afterwards it is compared here with what it is then,
and every distributor concerned is told what changed in its own eyes: listed or delisted, another
content, another price. The note is struck out in the transaction that writes the events.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from companies import policies
from companies.policies import Policies
from distributors.models import Distributor, DistributorState
from integration import outbox
from integration.outbox import Message
from kit import bulk
from supplychain import holidays, noting, offers, pricing, selecting, showing
from supplychain.models import Limit, Product
from supplychain.noting import State

# Whoever changes one of them again waits meanwhile.
PRODUCTS_AT_ONCE = 20
# Rows of one `price.changed`.
MAX_ITEMS = 500
# What an event is called by that is about many things.
MANY = "*"
# What only the product in full shows; it is told where it changed.
DETAIL = ("detail_html", "detail_images")

Document = dict[str, Any]

_TAKE = """
DELETE FROM supplychain_productnote WHERE product_id IN (
    SELECT product_id FROM supplychain_productnote ORDER BY noted_at, product_id LIMIT %s
    FOR UPDATE SKIP LOCKED)
RETURNING product_id, state_before
"""
_WITHIN_LIMITS = f"""
SELECT pair.distributor_id, pair.product_id
FROM unnest(%s::bigint[], %s::bigint[]) AS pair (distributor_id, product_id)
JOIN supplychain_product ON supplychain_product.id = pair.product_id
WHERE {offers.WITHIN_LIMITS.format(distributor="pair.distributor_id")}
"""
_SUPPLIERS = """
SELECT supplier.id, supplier.state = 'active'
FROM suppliers_supplier supplier
LEFT JOIN supplychain_suppliershown shown ON shown.supplier_id = supplier.id
WHERE (supplier.state = 'active') <> COALESCE(shown.traded, true)
ORDER BY supplier.id LIMIT 1 FOR NO KEY UPDATE OF supplier SKIP LOCKED
"""
_SHOWN = """
INSERT INTO supplychain_suppliershown (supplier_id, traded) VALUES (%s, %s)
ON CONFLICT (supplier_id) DO UPDATE SET traded = EXCLUDED.traded
"""
_TRADED_BEFORE = """
UPDATE supplychain_productnote SET state_before = jsonb_set(state_before, '{traded}', to_jsonb(%s::boolean))
WHERE product_id = ANY(%s::bigint[])
"""


@dataclass(frozen=True)
class Change:
    """A product before and now, and which of the fields that all see alike are different."""

    product_pk: int
    before: State
    now: State
    fields: frozenset[str]

    @property
    def in_detail(self) -> bool:
        """Whether its detail page is another."""
        return not self.fields.isdisjoint(DETAIL)


@dataclass(frozen=True)
class View:
    """How one distributor sees a batch of changes."""

    distributor: Distributor
    listed: list[Change]
    delisted: list[Change]
    stayed: list[Change]


def tell_changes(*, at: datetime) -> int:
    """Tell of all goods that changed since the last time; return how many events that was.

    Safe to run at any time and by many at once.
    """
    while _note_supplier(at):
        pass
    told, events = True, 0
    while told:
        told, count = _tell_some(at)
        events += count
    return events


@transaction.atomic(durable=True)
def _note_supplier(at: datetime) -> bool:
    """Note the goods of one supplier that came into trade or left it; tell whether there was one."""
    suppliers = bulk.query(_SUPPLIERS)
    if not suppliers:
        return False
    [(supplier_pk, traded)] = suppliers
    products = Product.objects.filter(supplier=supplier_pk, state="listed")
    pks = list(products.locked().values_list("pk", flat=True))
    noting.before_change(pks, at=at)
    bulk.execute(_TRADED_BEFORE, [not traded, bulk.array(pks)])
    Product.objects.filter(pk__in=pks).update(version=F("version") + 1, changed_at=at)
    bulk.execute(_SHOWN, [supplier_pk, traded])
    return True


@transaction.atomic(durable=True)
def _tell_some(at: datetime) -> tuple[bool, int]:
    """Tell of some products; return whether there were any, and how many events it took."""
    notes = {pk: noting.state(text) for pk, text in bulk.query(_TAKE, [PRODUCTS_AT_ONCE])}
    now = noting.now(list(notes))
    changes = {pk: _change(pk, before, now[pk]) for pk, before in notes.items()}
    different = {pk: one for pk, one in changes.items() if one.before != one.now}
    decided = policies.read()
    messages = [message for view in _views(different, at) for message in _messages(view, decided)]
    outbox.record(messages, at=at)
    return bool(notes), len(messages)


def _change(product_pk: int, before: State, now: State) -> Change:
    fields = {name for name in now.fields if before.fields.get(name) != now.fields[name]}
    if before.skus != now.skus:
        fields.add("skus")
    return Change(product_pk, before, now, frozenset(fields))


def _views(changes: Mapping[int, Change], at: datetime) -> Iterator[View]:
    concerned: dict[int, list[Change]] = {}
    for product_pk, buyers in selecting.interested(list(changes), at=at).items():
        for buyer in buyers:
            concerned.setdefault(buyer, []).append(changes[product_pk])
    open_ones = Distributor.objects.exclude(state=DistributorState.CLOSED).select_related("level")
    limited = set(
        Limit.objects.filter(distributor__in=concerned).values_list("distributor", flat=True)
    )
    for distributor in open_ones.filter(pk__in=concerned).order_by("pk"):
        seen = concerned[distributor.pk]
        if distributor.pk in limited:
            seen = _within_limits(distributor, seen)
        yield _view(distributor, seen)


def _within_limits(distributor: Distributor, changes: Sequence[Change]) -> list[Change]:
    pks = [change.product_pk for change in changes]
    rows = bulk.query(_WITHIN_LIMITS, [bulk.array([distributor.pk] * len(pks)), bulk.array(pks)])
    seen = {product_pk for _, product_pk in rows}
    return [change for change in changes if change.product_pk in seen]


def _view(distributor: Distributor, changes: Iterable[Change]) -> View:
    view = View(distributor, [], [], [])
    kinds = {(False, True): view.listed, (True, False): view.delisted, (True, True): view.stayed}
    for change in changes:
        kind = (_sees(change.before, distributor), _sees(change.now, distributor))
        if any(kind):
            kinds[kind].append(change)
    return view


def _sees(state: State, distributor: Distributor) -> bool:
    chosen = not state.chosen_only or distributor.pk in (state.opened or ())
    return state.listed and state.traded and chosen


def _messages(view: View, decided: Policies) -> list[Message]:
    documents = _documents(view)
    told = [
        *_listed(view, documents),
        *_updated(view, documents, decided),
        *_delisted(view),
        *_priced(view, documents, decided),
    ]
    return [
        Message(view.distributor.partner_id, kind, number, version, data, previous)
        for kind, number, version, data, previous in told
    ]


# Type, number, version, data, and what was before.
Told = tuple[str, str, int | None, Document, Document | None]


def _documents(view: View) -> dict[int, Document]:
    """Return what the distributor sees now, in full where that is to be told."""
    in_full = {one.product_pk for one in [*view.listed, *view.stayed] if _is_in_full(view, one)}
    others = {one.product_pk for one in view.stayed} - in_full
    return dict(_shown(view, in_full, in_full=True)) | dict(_shown(view, others, in_full=False))


def _is_in_full(view: View, change: Change) -> bool:
    return change in view.listed or change.in_detail


def _shown(view: View, pks: Collection[int], *, in_full: bool) -> list[tuple[int, Document]]:
    if not pks:
        return []
    products = Product.objects.filter(pk__in=pks)
    return showing.documents(products, view.distributor, in_full=in_full)


def _listed(view: View, documents: Mapping[int, Document]) -> Iterator[Told]:
    for change in view.listed:
        shown = documents[change.product_pk]
        yield "product.listed", shown["item_no"], shown["version"], shown, None


def _updated(view: View, documents: Mapping[int, Document], decided: Policies) -> Iterator[Told]:
    for change in view.stayed:
        if change.fields:
            shown = documents[change.product_pk]
            previous = _previous(change, view.distributor, decided)
            yield "product.updated", shown["item_no"], shown["version"], shown, previous


def _delisted(view: View) -> Iterator[Told]:
    """Of what a distributor does not see any more it is told the numbers, and until when a holiday lasts."""
    products = Product.objects.filter(pk__in=[one.product_pk for one in view.delisted])
    sku_nos = {one.product_pk: [sku["sku_no"] for sku in one.before.skus] for one in view.delisted}
    rows = products.order_by("pk").values_list("pk", "item_no", "name", "version")
    closed = holidays.told(list(sku_nos)) if sku_nos else {}
    for pk, item_no, name, version in rows if sku_nos else ():
        shown = {"item_no": item_no, "name": name, "version": version, "sku_nos": sku_nos[pk]}
        if pk in closed:
            shown["holiday"] = closed[pk]
        yield "product.delisted", item_no, version, shown, None


def _priced(view: View, documents: Mapping[int, Document], decided: Policies) -> Iterator[Told]:
    pairs = [
        pair
        for change in view.stayed
        for pair in _price_rows(change, documents[change.product_pk], view.distributor, decided)
    ]
    for first in range(0, len(pairs), MAX_ITEMS):
        some = pairs[first : first + MAX_ITEMS]
        items = [now for now, _ in some]
        numbers = {item["item_no"] for item in items}
        data = {
            "scope": "skus",
            "price_version": max(item["price_version"] for item in items),
            "items": items,
        }
        number = numbers.pop() if len(numbers) == 1 else MANY
        yield "price.changed", number, None, data, {"items": [before for _, before in some]}


def _price_rows(
    change: Change, shown: Document, distributor: Distributor, decided: Policies
) -> Iterator[tuple[Document, Document]]:
    """Return the prices that are others now, each with what it was."""
    for sku in shown["skus"]:
        if sku["sku_no"] in change.before.prices:
            was = _price(change.before, sku["sku_no"], distributor, decided)
            row = {name: sku[name] for name in was}
            if row != was:
                numbers = {"item_no": shown["item_no"], "sku_no": sku["sku_no"]}
                version = {"price_version": sku["price_version"]}
                yield numbers | row | version, {"sku_no": sku["sku_no"]} | was


def _price(state: State, sku_no: str, distributor: Distributor, decided: Policies) -> Document:
    """Return what a distributor paid for a sku in an earlier state, at the level it has now."""
    supply_fen, markup_fen, retail_fen = state.prices[sku_no]
    rate_bp = state.rates.get(distributor.level_id, distributor.level.fee_rate_bp)
    price = pricing.price(supply_fen, markup_fen, rate_bp)
    row = {
        "agreement_price_fen": price.agreement_price_fen,
        "retail_price_fen": retail_fen,
    }
    return row | showing.price_parts(price) if decided.show_price_parts else row


def _previous(change: Change, distributor: Distributor, decided: Policies) -> Document:
    """Return what the changed fields were, as the distributor saw them."""
    before = {name: change.before.fields[name] for name in change.fields - {"skus"}}
    for name in change.fields & {"images", "detail_images"}:
        before[name] = [_url(file) for file in before[name]]
    if "ship_within_hours" in before:
        before["ship_within_hours"] = before["ship_within_hours"] or decided.ship_within_hours
    if "allowed_applications" in before:
        before["allowed_applications"] = _applications(before["allowed_applications"], decided)
    if "skus" in change.fields:
        before["skus"] = [
            sku | _price(change.before, sku["sku_no"], distributor, decided)
            for sku in change.before.skus
        ]
    return before


def _applications(words: list[str] | None, decided: Policies) -> list[str]:
    platform: list[str] = decided.allowed_applications
    return platform if words is None else [word for word in words if word in platform]


def _url(file: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + settings.MEDIA_URL + file
