"""Bringing the demo's goods into the pool: freight, pictures, products, and who sees what at which rate."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context

from django.db import transaction

from demo import catalogue, companies, drawing
from demo.catalogue import Goods
from demo.companies import PLATFORM, Cast
from demo.drawing import Drawn
from kit.actors import person
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import assortment, pictures, proposing, stock
from supplychain import catalogue as classification
from supplychain.content import Content, SkuContent
from supplychain.models import (
    Allotment,
    Category,
    ChargeBy,
    FreightRule,
    FreightTemplate,
    Product,
    Sku,
)
from supplychain.proposing import Proposal

DRAWERS = 2
NEARBY = ["江苏省", "浙江省", "上海市", "安徽省"]
REMOTE = ["内蒙古自治区", "甘肃省", "青海省", "宁夏回族自治区", "海南省", "云南省", "贵州省"]
FAR = ["西藏自治区", "新疆维吾尔自治区"]
FRESH_APPLICATIONS = ("ordinary_sale", "coupons", "change_discount", "live_broadcast", "agents")
# Only to be seen by the buyers of gifts.
CHOSEN_ONLY = ("YL-GIFT8", "SL-NL", "SY-GIFT")
# Product, level and its own fee rate in basis points.
RATE_OVERRIDES = (("XX-XD", "gold", 200), ("DQ-PB", "normal", 600), ("MY-YRB", "silver", 350))
# What the platform adds to the supply price of every sku of a product, in fen.
MARKUPS = (("YL-LJ250", 3_00), ("SL-MR30", 2_00), ("JJ-CYS", 5_00), ("XX-CJ", 8_00))
# Product, distributor, pieces of each of its skus, and whether it may draw from the pool too.
ALLOTMENTS = (
    ("YL-LJ250", "star", 60, True),
    ("YL-LJ250", "xiaoman", 40, True),
    ("XD-YT", "star", 80, False),
    ("CJ-BW", "gifts", 120, True),
)
STREET_CATEGORIES = ("食品饮料", "生鲜", "美妆个护/洗护清洁")


def stock_up(cast: Cast) -> int:
    """Bring in whatever goods are missing; return how many products that was."""
    missing = _missing(cast)
    if missing:
        places = _categories(missing)
        for owner, goods, drawn in _drawn_by_owner(missing):
            _bring_in(cast, owner, goods, drawn, places)
    _arrange(cast)
    return len(missing)


def _missing(cast: Cast) -> list[Goods]:
    there = set(Product.objects.values_list("supplier_id", "owner_no"))
    wanted = []
    for goods in catalogue.read():
        supplier = cast.source(goods.shelf.owner)
        if (supplier and supplier.pk, goods.number) not in there:
            wanted.append(goods)
    return wanted


def _categories(goods: Iterable[Goods]) -> dict[str, Category]:
    return classification.categories({one.shelf.category for one in goods})


def _drawn_by_owner(goods: Sequence[Goods]) -> Iterator[tuple[str, list[Goods], list[Drawn]]]:
    """Draw beside the database's work, so that neither waits for the other."""
    by_owner: dict[str, list[Goods]] = defaultdict(list)
    for one in goods:
        by_owner[one.shelf.owner].append(one)
    with ProcessPoolExecutor(DRAWERS, get_context("spawn")) as drawers:
        futures = {
            owner: drawers.map(drawing.draw, theirs, chunksize=8)
            for owner, theirs in by_owner.items()
        }
        for owner, theirs in by_owner.items():
            yield owner, theirs, list(futures[owner])


def _bring_in(
    cast: Cast,
    owner: str,
    goods: Sequence[Goods],
    drawn: Sequence[Drawn],
    places: Mapping[str, Category],
) -> None:
    supplier = cast.source(owner)
    at = cast.opened_at + timedelta(hours=2)
    brands = classification.brands({one.brand for one in goods})
    templates = _freight(supplier, {one.shelf.freight for one in goods})
    contents = {
        one.number: _content(
            one,
            category=places[one.shelf.category],
            brand_pk=brands[one.brand].pk,
            template=templates.get(one.shelf.freight),
            shown=_store(pair, supplier, at),
        )
        for one, pair in zip(goods, drawn, strict=True)
    }
    _propose(owner, supplier, contents, at)


@transaction.atomic
def _propose(
    owner: str, supplier: Supplier | None, contents: Mapping[str, Content], at: datetime
) -> None:
    subjects = proposing.subjects_within(supplier=supplier, owner_nos=list(contents))
    answers = proposing.propose_within(
        supplier=supplier,
        proposals=[Proposal(subject, contents[subject.owner_no]) for subject in subjects],
        actor=companies.actor_of(owner),
        at=at,
        approver=None if owner == PLATFORM else person(companies.STAFF[1].email),
    )
    refused = [str(answer) for answer in answers if isinstance(answer, DomainError)]
    assert not refused, refused


def _store(drawn: Drawn, supplier: Supplier | None, at: datetime) -> tuple[str, str]:
    return (
        str(pictures.store(data=drawn.front, supplier=supplier, at=at).uid),
        str(pictures.store(data=drawn.card, supplier=supplier, at=at).uid),
    )


def _content(
    goods: Goods,
    *,
    category: Category,
    brand_pk: int,
    template: FreightTemplate | None,
    shown: tuple[str, str],
) -> Content:
    is_fresh = goods.shelf.category.startswith("生鲜")
    return Content(
        name=goods.name,
        category_pk=category.pk,
        brand_pk=brand_pk,
        detail_html=goods.detail_html,
        unit=goods.unit,
        origin=goods.origin,
        aftersale_note=goods.shelf.aftersale,
        freight_template_pk=template.pk if template else None,
        ship_within_hours=goods.shelf.ship_within_hours,
        allowed_applications=FRESH_APPLICATIONS if is_fresh else None,
        regions_not_served=goods.shelf.not_served,
        main_pictures=shown[:1],
        detail_pictures=shown[1:],
        skus=tuple(_skus(goods)),
    )


def _skus(goods: Goods) -> Iterator[SkuContent]:
    chance = random.Random(goods.number)
    for variant in goods.variants:
        yield SkuContent(
            owner_no=variant.number,
            supply_price_fen=variant.supply_price_fen,
            retail_price_fen=variant.retail_price_fen,
            spec=variant.spec,
            barcode=f"69{chance.randrange(10**10, 10**11)}",
            weight_g=goods.weight_g,
            min_quantity=goods.rules.get("min", 1),
            multiple=goods.rules.get("multiple", 1),
            max_quantity=goods.rules.get("max"),
            opening_stock=chance.randrange(120, 900),
        )


# --- freight ----------------------------------------------------------------------------------------


def _freight(supplier: Supplier | None, kinds: Iterable[str]) -> dict[str, FreightTemplate]:
    return {kind: _template(supplier, kind) for kind in kinds if kind}


def _template(supplier: Supplier | None, kind: str) -> FreightTemplate:
    by_weight = kind == ChargeBy.WEIGHT
    name = "冷链运费（按重量）" if by_weight else "普通快递（按件）"
    template, created = FreightTemplate.objects.get_or_create(
        supplier=supplier, name=name, defaults={"charge_by": kind}
    )
    if created:
        FreightRule.objects.bulk_create(_cold_rules(template) if by_weight else _rules(template))
    return template


def _cold_rules(template: FreightTemplate) -> list[FreightRule]:
    """Grams: the first three kilograms, then each further one."""
    everywhere: list[str] = []
    prices = ((NEARBY, 9_00, 1_50), (REMOTE, 22_00, 4_00), (everywhere, 14_00, 2_50))
    return [
        FreightRule(
            template=template,
            regions=regions,
            first_units=3_000,
            first_fen=first_fen,
            further_units=1_000,
            further_fen=further_fen,
            free_from_fen=None if regions == REMOTE else 299_00,
        )
        for regions, first_fen, further_fen in prices
    ]


def _rules(template: FreightTemplate) -> list[FreightRule]:
    """Pieces: free from 99 yuan but to the far west."""
    return [
        FreightRule(template=template, regions=FAR, first_fen=25_00, further_fen=8_00),
        FreightRule(template=template, first_fen=6_00, further_fen=2_00, free_from_fen=99_00),
    ]


# --- who sees what, at which rate -------------------------------------------------------------------


def _arrange(cast: Cast) -> None:
    """Choose, limit, override, mark up and allot, where none of it was done yet."""
    street = cast.distributors["street"]
    if street.limits.exists():
        return
    at = cast.opened_at + timedelta(hours=5)
    for number in CHOSEN_ONLY:
        buyers = [cast.distributors["gifts"].pk]
        assortment.open_to(product_pk=_product(number).pk, distributor_pks=buyers, at=at)
    for number, level, rate_bp in RATE_OVERRIDES:
        assortment.override_rate(
            product_pk=_product(number).pk, level=cast.levels[level], fee_rate_bp=rate_bp, at=at
        )
    for number, markup_fen in MARKUPS:
        for sku in _product(number).skus.all():
            assortment.set_markup(sku_pk=sku.pk, markup_fen=markup_fen, at=at)
    for number, shop, quantity, then_pool in ALLOTMENTS:
        for sku in _product(number).skus.all():
            _allot(cast, sku, shop, quantity, then_pool=then_pool, at=at)
    places = [classification.category(path).pk for path in STREET_CATEGORIES]
    assortment.limit(distributor_pk=street.pk, category_pks=places, brand_pks=[], at=at)


def _allot(
    cast: Cast, sku: Sku, shop: str, quantity: int, *, then_pool: bool, at: datetime
) -> None:
    distributor = cast.distributors[shop]
    if not Allotment.objects.filter(sku=sku, distributor=distributor).exists():
        stock.allot(
            sku_pk=sku.pk,
            distributor=distributor,
            quantity=quantity,
            then_pool=then_pool,
            actor=companies.actor_of(PLATFORM),
            at=at,
        )


def _product(number: str) -> Product:
    return Product.objects.filter(owner_no=number).earliest("pk")
