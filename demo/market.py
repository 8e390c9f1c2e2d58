"""A marketplace as a supply chain: its sellers as suppliers, one distributor with all the demand.

What is replayed exactly, to the fen: which pieces at which price an order had, from which sellers, and
its freight. A sku is an item at one price. A product is an item of one seller at one freight, whose
template charges that freight for each piece: so an item that was sent at several freights is offered
as several products. Consignees are invented, and all of it happens now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from django.db import transaction

from demo.demand import Piece, Purchase, pieces_of
from demo.handover import Credentials
from distributors import levels, onboarding, recharging
from distributors.models import Distributor, Level
from integration import keys
from integration.keys import NewKey
from kit.actors import OPERATIONS, Actor, person
from kit.errors import DomainError
from ledger import accounts
from orders import shipping
from orders.models import Fulfilment, Order
from orders.shipping import Parcel
from suppliers import onboarding as supplier_onboarding
from suppliers.models import Supplier
from supplychain import catalogue, proposing, stock
from supplychain.content import Content, SkuContent
from supplychain.models import FreightRule, FreightTemplate, Sku, Stock
from supplychain.proposing import Proposal

SHOP_NAME = "市集云平台"
SELLER_NAME = "市集卖家 {}"
LEVEL_CODE, FEE_RATE_BP = "market", 500
CATEGORY = "市集/全部商品"
CLERK: Actor = person("market@demo.example")

Item = TypeVar("Item")
# A sku as the file knows it: seller, item, freight and price in fen.
Key = tuple[str, str, int, int]


class Progress(Protocol):
    """Shows how far a loop is: pass on each of `items`, of which there are `total`."""

    def __call__(self, items: Iterable[Item], words: str, total: int) -> Iterable[Item]: ...


@dataclass(frozen=True)
class Market:
    """The marketplace once it is set up."""

    distributor: Distributor
    credentials: Credentials
    suppliers: Mapping[str, Supplier]
    sku_nos: Mapping[Key, str]


def key_of(piece: Piece) -> Key:
    """Return which sku a piece is one of."""
    return (piece.seller, piece.item, piece.freight_fen, piece.price_fen)


def set_up(purchases: Sequence[Purchase], *, at: datetime, progress: Progress) -> Market:
    """Open whoever and offer whatever the orders need; what is there already stays."""
    by_seller: dict[str, set[Key]] = defaultdict(set)
    for piece in pieces_of(purchases):
        by_seller[piece.seller].add(key_of(piece))
    category_pk = catalogue.category(CATEGORY).pk
    suppliers = _known_suppliers()
    for seller in progress(sorted(by_seller), "卖家与商品 sellers, goods", len(by_seller)):
        supplier = suppliers.get(seller) or _open(seller, at)
        suppliers[seller] = supplier
        _offer(supplier, by_seller[seller], category_pk=category_pk, at=at)
    distributor, new = _distributor(at)
    credentials = Credentials(distributor.number, new.key.public_id, new.secret)
    sku_nos = _sku_nos(by_seller, suppliers)
    _stock_up(purchases, distributor, sku_nos, at)
    return Market(distributor, credentials, suppliers, sku_nos)


def fund(market: Market, needed_fen: int, *, at: datetime) -> int:
    """Recharge what the deposit lacks; return how much that was."""
    missing = needed_fen - accounts.deposit_of(market.distributor.pk).available_fen
    if missing <= 0:
        return 0
    recharging.recharge(
        distributor_pk=market.distributor.pk,
        amount_fen=missing,
        reference=f"market-{market.distributor.number}-{at:%Y%m%d%H%M%S}",
        actor=OPERATIONS,
        at=at,
    )
    return missing


def not_placed(purchases: Sequence[Purchase], distributor: Distributor) -> list[Purchase]:
    """Return the orders that no earlier replay has placed."""
    placed = set(Order.objects.of(distributor).values_list("out_order_no", flat=True))
    return [purchase for purchase in purchases if purchase.number not in placed]


def ship_all(market: Market, order_nos: Sequence[str], *, at: datetime, progress: Progress) -> int:
    """Ship everything of some orders that is not shipped yet, seller by seller."""
    waiting = Fulfilment.objects.filter(
        order__order_no__in=order_nos, state__in=shipping.TO_SHIP
    ).values_list("supplier_id", "pk")
    by_supplier: dict[int | None, list[int]] = defaultdict(list)
    for supplier_pk, part_pk in waiting.order_by("pk"):
        by_supplier[supplier_pk].append(part_pk)
    shipped = 0
    for seller in progress(market.suppliers, "发货 shipping", len(market.suppliers)):
        supplier = market.suppliers[seller]
        parcels = [_parcel(pk) for pk in by_supplier[supplier.pk]]
        shipped += _ship(supplier, parcels, at)
    return shipped


def _ship(supplier: Supplier, parcels: Sequence[Parcel], at: datetime) -> int:
    for start in range(0, len(parcels), shipping.MAX_PARCELS):
        some = parcels[start : start + shipping.MAX_PARCELS]
        outcomes = shipping.ship_many(parcels=some, supplier=supplier, actor=CLERK, at=at)
        refused = [str(outcome) for outcome in outcomes if isinstance(outcome, DomainError)]
        assert not refused, refused
    return len(parcels)


def _parcel(part_pk: int) -> Parcel:
    return Parcel(part_pk, "YTO", f"YTM{part_pk:012d}")


# --- who --------------------------------------------------------------------------------------------


def _known_suppliers() -> dict[str, Supplier]:
    prefix = SELLER_NAME.format("")
    known = Supplier.objects.filter(company__name__startswith=prefix).select_related("company")
    return {supplier.company.name.removeprefix(prefix): supplier for supplier in known}


def _open(seller: str, at: datetime) -> Supplier:
    name = SELLER_NAME.format(seller)
    return supplier_onboarding.open_supplier(name=name, trusted=True, at=at).supplier


def _distributor(at: datetime) -> tuple[Distributor, NewKey]:
    """Open the distributor, or give the known one another key in place of those it had."""
    known = Distributor.objects.filter(company__name=SHOP_NAME).first()
    if known is None:
        opened = onboarding.open_distributor(name=SHOP_NAME, level=_level(at), at=at)
        return opened.distributor, opened.key
    for key_pk in known.partner.keys.filter(state="live").values_list("pk", flat=True):
        keys.revoke(key_pk=key_pk, partner=known.partner, at=at, reason="replayed again")
    return known, keys.create(partner=known.partner, at=at, name="replay")


def _level(at: datetime) -> Level:
    known = Level.objects.filter(code=LEVEL_CODE).first()
    return known or levels.define(
        code=LEVEL_CODE, name="市集", rank=90, fee_rate_bp=FEE_RATE_BP, at=at
    )


# --- what -------------------------------------------------------------------------------------------


@transaction.atomic
def _offer(supplier: Supplier, wanted: set[Key], *, category_pk: int, at: datetime) -> None:
    """Propose what a seller does not offer yet; it is trusted, so it goes live at once."""
    prices: dict[tuple[str, int], set[int]] = defaultdict(set)
    for _seller, item, freight_fen, price_fen in wanted:
        prices[item, freight_fen].add(price_fen)
    numbers = {_product_no(*product): product for product in sorted(prices)}
    templates = {fen: _template(supplier, fen) for fen in {fen for _, fen in prices} if fen}
    subjects = proposing.subjects_within(supplier=supplier, owner_nos=list(numbers))
    proposals = []
    for subject in subjects:
        item, freight_fen = numbers[subject.owner_no]
        there = {sku.supply_price_fen for sku in subject.live.skus} if subject.live else set()
        if prices[item, freight_fen] <= there:
            continue
        content = _content(
            item,
            freight_fen,
            sorted(prices[item, freight_fen] | there),
            category_pk=category_pk,
            template=templates.get(freight_fen),
        )
        proposals.append(Proposal(subject, content))
    answers = proposing.propose_within(supplier=supplier, proposals=proposals, actor=CLERK, at=at)
    refused = [str(answer) for answer in answers if isinstance(answer, DomainError)]
    assert not refused, refused


def _product_no(item: str, freight_fen: int) -> str:
    return f"{item}-{freight_fen}"


def _sku_no(item: str, freight_fen: int, price_fen: int) -> str:
    return f"{item}-{freight_fen}-{price_fen}"


def _content(
    item: str,
    freight_fen: int,
    prices: Sequence[int],
    *,
    category_pk: int,
    template: FreightTemplate | None,
) -> Content:
    return Content(
        name=f"市集商品 {item}",
        category_pk=category_pk,
        freight_template_pk=template.pk if template else None,
        skus=tuple(
            SkuContent(
                owner_no=_sku_no(item, freight_fen, price_fen),
                supply_price_fen=price_fen,
                spec={"价位": str(price_fen)},
            )
            for price_fen in prices
        ),
    )


def _template(supplier: Supplier, freight_fen: int) -> FreightTemplate:
    """Charge the same for each piece, however many go together."""
    template, created = FreightTemplate.objects.get_or_create(
        supplier=supplier, name=f"每件 {freight_fen} 分"
    )
    if created:
        FreightRule.objects.create(
            template=template, first_fen=freight_fen, further_fen=freight_fen
        )
    return template


def _sku_nos(
    by_seller: Mapping[str, set[Key]], suppliers: Mapping[str, Supplier]
) -> dict[Key, str]:
    """Return the public number of each sku; it names the seller where two sell the same item."""
    mine = Sku.objects.filter(
        product__supplier__in=[supplier.pk for supplier in suppliers.values()]
    )
    public = {
        (supplier_pk, owner_no): sku_no
        for supplier_pk, owner_no, sku_no in mine.values_list(
            "product__supplier_id", "owner_no", "sku_no"
        )
    }
    return {
        key: public[suppliers[seller].pk, _sku_no(*key[1:])]
        for seller, wanted in by_seller.items()
        for key in wanted
    }


@transaction.atomic
def _stock_up(
    purchases: Sequence[Purchase],
    distributor: Distributor,
    sku_nos: Mapping[Key, str],
    at: datetime,
) -> None:
    """Make sure that there is enough for every order that is not placed yet."""
    pieces = pieces_of(not_placed(purchases, distributor))
    needed = Counter(sku_nos[key_of(piece)] for piece in pieces)
    levels_now = Stock.objects.filter(sku__sku_no__in=needed).values_list(
        "sku_id", "sku__sku_no", "available"
    )
    short = {pk: needed[no] for pk, no, available in levels_now if available < needed[no]}
    stock.set_many_within(available=short, actor=CLERK, at=at, note="市集重放备货")
