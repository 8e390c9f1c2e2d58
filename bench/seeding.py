"""The shop floor of a benchmark: distributors with money and keys, and skus with stock."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from companies.models import Company
from distributors import levels
from distributors.models import Distributor
from integration.models import ApiKey, Partner, Side
from kit import sealing
from kit.actors import OPERATIONS
from ledger import posting
from ledger.models import Account, Kind
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import Category, Product, Sku, Stock

DEPOSIT_FEN = 1_000_000_000
SUPPLIERS = 20
SUPPLY_PRICE_FEN = 5_000
AGREEMENT_PRICE_FEN = 5_250


@dataclass(frozen=True)
class Floor:
    """What orders are made of."""

    keys: list[tuple[int, str, str]]  # distributor, public id, secret
    sku_nos: list[str]


@transaction.atomic
def seed(
    *, distributors: int, skus: int, stock_each: int, at: datetime, suppliers: int = SUPPLIERS
) -> Floor:
    """Fill an empty database."""
    keys = _make_distributors(distributors, at)
    posting.post(
        [
            posting.Posting(
                "recharge", f"bench-{pk}", (Kind.BANK, None), (Kind.DEPOSIT, pk), DEPOSIT_FEN, pk
            )
            for pk, _, _ in keys
        ],
        at=at,
        actor=OPERATIONS,
    )
    return Floor(keys, _make_skus(skus, stock_each, at, suppliers))


def _make_distributors(count: int, at: datetime) -> list[tuple[int, str, str]]:
    level = levels.define(code="bench", name="bench", rank=1, fee_rate_bp=500, at=at)
    partners = _make_partners("D", Side.DISTRIBUTOR, count, at)
    version = levels.next_price_version()
    rows = Distributor.objects.bulk_create(
        Distributor(
            company=partner.company,
            partner=partner,
            number=f"D{2001 + index}",
            level=level,
            price_version=version,
        )
        for index, partner in enumerate(partners)
    )
    Account.objects.bulk_create(
        Account(kind=Kind.DEPOSIT, holder=row.pk, balance_fen=0) for row in rows
    )
    secret = "hps_" + "b" * 48
    sealed = sealing.seal(secret)
    ApiKey.objects.bulk_create(
        ApiKey(
            partner=partner,
            public_id=f"hpk_{index:020x}",
            scopes=["goods", "orders", "aftersales", "money", "events"],
            secret_sealed=sealed,
            secret_last4=secret[-4:],
            created_at=at,
        )
        for index, partner in enumerate(partners)
    )
    return [(row.pk, f"hpk_{index:020x}", secret) for index, row in enumerate(rows)]


def _make_partners(prefix: str, side: Side, count: int, at: datetime) -> list[Partner]:
    companies = Company.objects.bulk_create(
        Company(number=f"{prefix}{index}", name=f"{prefix}{index}", opened_at=at)
        for index in range(count)
    )
    return Partner.objects.bulk_create(Partner(company=company, side=side) for company in companies)


def _make_skus(count: int, stock_each: int, at: datetime, sources: int) -> list[str]:
    partners = _make_partners("S", Side.SUPPLIER, sources, at)
    suppliers = Supplier.objects.bulk_create(
        Supplier(company=partner.company, partner=partner, number=f"S{index}")
        for index, partner in enumerate(partners)
    )
    category = Category.objects.create(code="bench", name="bench", path="bench")
    products = Product.objects.bulk_create(
        _listed(
            Product(
                supplier=suppliers[index % sources] if index % 2 else None,
                item_no=f"ITEM-{index}",
                owner_no=f"ITEM-{index}",
                name=f"商品 {index}",
                category=category,
                created_at=at,
                changed_at=at,
            )
        )
        for index in range(count)
    )
    version = levels.next_price_version()
    rows = Sku.objects.bulk_create(
        Sku(
            product=product,
            sku_no=f"SKU-{index}",
            owner_no=f"SKU-{index}",
            supply_price_fen=SUPPLY_PRICE_FEN,
            price_version=version,
        )
        for index, product in enumerate(products)
    )
    Stock.objects.bulk_create(Stock(sku=row) for row in rows)
    available = {row.pk: stock_each for row in rows}
    stock.set_many_within(available=available, actor=OPERATIONS, at=at)
    return [row.sku_no for row in rows]


def _listed(product: Product) -> Product:
    product.list()
    return product
