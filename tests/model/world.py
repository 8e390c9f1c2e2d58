"""The fixed world of every example: two shops, two suppliers, five goods; each with its own name."""

from dataclasses import dataclass

from distributors.models import Distributor
from suppliers.models import Supplier
from supplychain.models import FreightTemplate
from supplychain.models import Sku as SkuRow
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_level,
    make_product,
    make_sku,
    make_supplier,
)
from tests.model.claims import Claims
from tests.model.things import OWN, Sku

DEPOSITS_FEN = {"A": 5_000_00, "B": 600_00}
STOCK = 15
RATES = {"A": 500, "B": 825}
FREIGHT = (8_00, 2_00)
# Whose refunds before receipt approve themselves; and where goods of S go back to.
AUTO_SHOP = "B"
RETURN_ADDRESS = "仓库 13900000000 浙江省杭州市西湖区文三路1号"


@dataclass(frozen=True)
class World:
    """The rows that stand behind the names."""

    shops: dict[str, Distributor]
    suppliers: dict[str, Supplier]
    skus: dict[str, SkuRow]


def make_world() -> World:
    """Make it once; every example starts from here."""
    suppliers = {name: make_supplier() for name in ("S", "T")}
    shops = {
        name: make_distributor(deposit_fen=DEPOSITS_FEN[name], level=make_level(fee_rate_bp=rate))
        for name, rate in RATES.items()
    }
    Distributor.objects.filter(pk=shops[AUTO_SHOP].pk).update(refund_before_receipt="auto")
    Supplier.objects.filter(pk=suppliers["S"].pk).update(return_address=RETURN_ADDRESS)
    templates = {name: _make_tariff(suppliers.get(name)) for name in (OWN, *suppliers)}
    skus = {}
    for sku in _goods():
        product = make_product(
            supplier=suppliers.get(sku.source),
            name=sku.name,
            freight_template=templates[sku.source] if sku.freight else None,
            aftersale_days=sku.days,
        )
        skus[sku.name] = make_sku(
            product=product,
            supply_price_fen=sku.supply_fen,
            markup_fen=sku.markup_fen,
            available=sku.pool,
        )
    return World(shops, suppliers, skus)


def make_books() -> Claims:
    """The same world as the model knows it."""
    books = Claims(_goods(), RATES, NOON)
    books.auto_shops = {AUTO_SHOP}
    books.addresses = {"S": RETURN_ADDRESS}
    for shop in RATES:
        books.recharge(shop, DEPOSITS_FEN[shop])
    return books


def _make_tariff(supplier: Supplier | None) -> FreightTemplate:
    template = make_freight(first_fen=FREIGHT[0], further_fen=FREIGHT[1])
    template.supplier = supplier
    template.save()
    return template


def _goods() -> list[Sku]:
    return [
        Sku("tea", OWN, 50_00, 0, STOCK),
        Sku("box", OWN, 10_01, 99, STOCK, freight=FREIGHT, days=3),
        Sku("cup", "S", 19_99, 3_33, STOCK, freight=FREIGHT),
        Sku("pot", "S", 80_00, 0, STOCK, days=7),
        Sku("jar", "T", 33_33, 1_01, STOCK, freight=FREIGHT, days=0),
    ]
