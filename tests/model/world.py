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
from tests.model.books import OWN, Books, Sku

DEPOSIT_FEN = 3_000_00
STOCK = 12
RATES = {"A": 500, "B": 825}
FREIGHT = (8_00, 2_00)


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
        name: make_distributor(deposit_fen=DEPOSIT_FEN, level=make_level(fee_rate_bp=rate))
        for name, rate in RATES.items()
    }
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


def make_books() -> Books:
    """The same world as the model knows it."""
    books = Books(_goods(), RATES, NOON)
    for shop in RATES:
        books.recharge(shop, DEPOSIT_FEN)
    return books


def _make_tariff(supplier: Supplier | None) -> FreightTemplate:
    template = make_freight(first_fen=FREIGHT[0], further_fen=FREIGHT[1])
    template.supplier = supplier
    template.save()
    return template


def _goods() -> list[Sku]:
    return [
        Sku("tea", OWN, 50_00, 0, STOCK),
        Sku("box", OWN, 10_01, 99, STOCK, freight=FREIGHT),
        Sku("cup", "S", 19_99, 3_33, STOCK, freight=FREIGHT),
        Sku("pot", "S", 80_00, 0, STOCK),
        Sku("jar", "T", 33_33, 1_01, STOCK, freight=FREIGHT),
    ]
