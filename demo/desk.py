"""What lies on the desks on the demo's present day: proposals to review, and shelves nearly empty."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from demo import catalogue, companies, drawing
from demo.catalogue import Goods
from demo.companies import PLATFORM, Cast
from kit.actors import person
from supplychain import content, pictures, reviewing, stock
from supplychain.content import Content, SkuContent
from supplychain.models import Product, Revision, Sku

REVIEWER = companies.STAFF[1].email
# Sku, its owner, and what counting found.
COUNTED = (
    ("XD-LZ", "fresh", 0),
    ("SL-DHS-02", "nuts", 0),
    ("CJ-DK", PLATFORM, 0),
    ("XD-YT-03", "fresh", 6),
    ("MY-SJT-01", "textile", 4),
    ("XX-ZNK-02", "baby", 9),
    ("DQ-KQ-01", PLATFORM, 3),
    ("YL-PEB357-02", "tea", 5),
)
LOQUAT, HAIR_OIL = "XD-PP", "SY-HF"
# New goods, each like one that its owner has already.
NEW_GOODS = {
    HAIR_OIL: (
        "SY-MM",
        (
            "SY-HF | 植萃护发精油 免洗 | 素颜 | 瓶 | 广东广州 | 180g | 42.00"
            " | 山茶籽油与摩洛哥坚果油；一泵柔顺不油腻；护色抗毛躁 | 净含量:80ml; 限期使用:3年"
        ),
    ),
    LOQUAT: (
        "XD-MG",
        (
            "XD-PP | 攀枝花枇杷 现摘大五星 | 鲜达 | 箱 | 四川攀枝花 | 2700g | 36.80"
            " | 当日采当日发；单果四十克起；泡沫箱独立网套 | 净重:2.5kg; 保鲜期:5天"
        ),
    ),
}

Edit = Callable[[Content], Content]


@dataclass(frozen=True)
class Change:
    """A change that an owner proposes, hours before the present."""

    owner: str
    number: str
    hours_ago: int
    edit: Edit
    effective_in_days: int = 0


def is_set(cast: Cast) -> bool:
    """Tell whether the last thing of all is there."""
    return Product.objects.filter(supplier=cast.suppliers["fresh"], owner_no=LOQUAT).exists()


def lay_out(cast: Cast) -> None:
    """Propose, send back, reject and withdraw, and count some shelves; the last act comes last."""
    _count(cast)
    for change in _to_review():
        _propose(cast, change)
    _send_back(cast)
    _reject(cast)
    _withdraw(cast)
    _offer(cast, LOQUAT, cast.now - timedelta(hours=1))


def _to_review() -> tuple[Change, ...]:
    return (
        Change("fresh", "XD-CZ", 30, _dearer(112), effective_in_days=3),
        Change("fresh", "XD-JX", 22, _with_thai_flavour),
        Change("care", "SY-FS", 20, _dearer(108)),
        Change("textile", "MY-SJT", 5, _without_last_colour),
    )


def _dearer(percent: int) -> Edit:
    def edit(live: Content) -> Content:
        skus = tuple(
            msgspec.structs.replace(sku, supply_price_fen=sku.supply_price_fen * percent // 100)
            for sku in live.skus
        )
        return msgspec.structs.replace(live, skus=skus)

    return edit


def _with_thai_flavour(live: Content) -> Content:
    model = live.skus[-1]
    new = msgspec.structs.replace(
        model,
        owner_no="XD-JX-04",
        spec={"口味": "泰式酸辣"},
        barcode="",
        supply_price_fen=model.supply_price_fen + 2_00,
        opening_stock=200,
    )
    html = live.detail_html.replace("常备不腻", "常备不腻，新增泰式酸辣口味")
    return msgspec.structs.replace(
        live, name="鸡胸肉 低脂健身餐 四味可选", detail_html=html, skus=(*live.skus, new)
    )


def _without_last_colour(live: Content) -> Content:
    last = live.skus[-1].spec["颜色"]
    skus = tuple(sku for sku in live.skus if sku.spec["颜色"] != last)
    return msgspec.structs.replace(live, skus=skus, origin="江苏南通·川姜")


def _propose(cast: Cast, change: Change) -> Revision | None:
    """Propose a change unless one is there already, waiting or decided."""
    product = _product(cast, change.owner, change.number)
    before = product.revisions.latest("pk")
    if before.live:
        return None
    live = content.of(product)
    assert live is not None
    days = change.effective_in_days
    return reviewing.propose_change(
        product_pk=product.pk,
        supplier=cast.source(change.owner),
        content=change.edit(live),
        actor=companies.actor_of(change.owner),
        at=cast.now - timedelta(hours=change.hours_ago),
        effective_at=cast.now + timedelta(days=days) if days else None,
    )


def _send_back(cast: Cast) -> None:
    gentler = Change("baby", "XX-RF", 50, _named("婴儿润肤霜 秋冬滋润 医用级修护"))
    revision = _propose(cast, gentler)
    if revision is not None:
        note = "“医用级”需要医疗器械备案凭证；没有的话请改回原名称后重新提交。"
        _decide(reviewing.ask_for_change, revision, note, cast.now - timedelta(hours=44))
    revision = _offer(cast, HAIR_OIL, cast.now - timedelta(hours=28))
    if revision is not None:
        note = "请补传化妆品备案截图，并在详情里写明全成分。"
        _decide(reviewing.ask_for_change, revision, note, cast.now - timedelta(hours=26))


def _reject(cast: Cast) -> None:
    boast = Change("baby", "XX-GN", 75, _named("全网最好吃的果泥 第一名 国家级"))
    revision = _propose(cast, boast)
    if revision is not None:
        note = "名称含广告法禁用的极限用语，不予通过。"
        _decide(reviewing.reject, revision, note, cast.now - timedelta(hours=72))


def _withdraw(cast: Cast) -> None:
    revision = _propose(cast, Change("textile", "MY-DD", 60, _dearer(130)))
    if revision is not None:
        reviewing.withdraw(
            revision_pk=revision.pk,
            supplier=cast.suppliers["textile"],
            actor=companies.actor_of("textile"),
            at=cast.now - timedelta(hours=58),
        )


def _named(name: str) -> Edit:
    return lambda live: msgspec.structs.replace(live, name=name)


def _decide(act: Callable[..., Revision], revision: Revision, note: str, at: datetime) -> None:
    act(revision_pk=revision.pk, note=note, actor=person(REVIEWER), at=at)


def _offer(cast: Cast, number: str, at: datetime) -> Revision | None:
    """Propose a product that is not there yet."""
    model, line = NEW_GOODS[number]
    like = next(goods for goods in catalogue.read() if goods.number == model)
    goods = catalogue.parse(like.shelf, line)
    supplier = cast.source(like.shelf.owner)
    if Product.objects.filter(supplier=supplier, owner_no=number).exists():
        return None
    shown = pictures.store(data=drawing.front(goods), supplier=supplier, at=at)
    live = content.of(_product(cast, like.shelf.owner, model))
    assert live is not None
    return reviewing.propose_product(
        supplier=supplier,
        owner_no=number,
        content=msgspec.structs.replace(
            live,
            name=goods.name,
            unit=goods.unit,
            origin=goods.origin,
            detail_html=goods.detail_html,
            main_pictures=(str(shown.uid),),
            detail_pictures=(),
            skus=(_sku(goods),),
        ),
        actor=companies.actor_of(like.shelf.owner),
        at=at,
    )


def _sku(goods: Goods) -> SkuContent:
    variant = goods.variants[0]
    return SkuContent(
        owner_no=variant.number,
        supply_price_fen=variant.supply_price_fen,
        retail_price_fen=variant.retail_price_fen,
        weight_g=goods.weight_g,
        opening_stock=150,
    )


def _count(cast: Cast) -> None:
    for number, owner, available in COUNTED:
        sku = Sku.objects.get(product__supplier=cast.source(owner), owner_no=number)
        stock.set_available(
            sku_pk=sku.pk,
            available=available,
            actor=companies.actor_of(owner),
            at=cast.now,
            note="盘点",
        )


def _product(cast: Cast, owner: str, number: str) -> Product:
    return Product.objects.get(supplier=cast.source(owner), owner_no=number)
