"""Rules about money and goods: recharge, price, level, stock, allotments, and the clock's crash."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from distributors import levels, recharging
from supplychain import content, reviewing, stock
from supplychain.models import Product
from tests.model.base import ACTOR, Base, deed
from tests.model.world import RATES

SHOPS = st.sampled_from(sorted(RATES))
SKUS = st.sampled_from(["tea", "box", "cup", "pot", "jar"])


class GoodsRules(Base):
    """What happens beside orders."""

    @deed(weight=1)
    def crash(self) -> None:
        """The next act is lost at its commit, and done again."""
        self.crash_next = True

    @deed(weight=1, shop=SHOPS, fen=st.integers(0, 500_00))
    def recharge(self, shop: str, fen: int) -> None:
        reference = f"model-{self.number()}"
        self.step(
            "recharge",
            lambda: recharging.recharge(
                distributor_pk=self.world.shops[shop].pk,
                amount_fen=fen,
                reference=reference,
                actor=ACTOR,
                at=self.books.now,
            ),
            lambda: self.books.recharge(shop, fen),
        )

    @deed(weight=1, name=SKUS, fen=st.integers(1, 120_00))
    def change_price(self, name: str, fen: int) -> None:
        sku, row = self.books.skus[name], self.world.skus[name]
        product = Product.objects.get(pk=row.product_id)
        live: Any = content.of(product)
        priced = msgspec.structs.replace(live.skus[0], supply_price_fen=fen)
        if fen > sku.supply_fen * 8 // 10:
            self.step(
                "change price",
                lambda: reviewing.propose_change(
                    product_pk=product.pk,
                    supplier=self.world.suppliers.get(sku.source),
                    content=msgspec.structs.replace(live, skus=(priced,)),
                    actor=ACTOR,
                    at=self.books.now,
                ),
                lambda: self.books.change_price(sku, fen),
            )

    @deed(weight=1, shop=SHOPS, rate=st.sampled_from([0, 333, 500, 825, 1_500]))
    def change_level(self, shop: str, rate: int) -> None:
        level = self.world.shops[shop].level
        self.step(
            "change level",
            lambda: levels.define(
                code=level.code,
                name=level.name,
                rank=level.rank,
                fee_rate_bp=rate,
                at=self.books.now,
            ),
            lambda: self.books.rates.update({shop: rate}),
        )

    @deed(weight=1, name=SKUS, pieces=st.integers(0, 20))
    def set_stock(self, name: str, pieces: int) -> None:
        self.step(
            "set stock",
            lambda: stock.set_available(
                sku_pk=self.world.skus[name].pk, available=pieces, actor=ACTOR, at=self.books.now
            ),
            lambda: self.books.set_stock(self.books.skus[name], pieces),
        )

    @deed(weight=1, name=SKUS, pieces=st.integers(-5, 5))
    def adjust(self, name: str, pieces: int) -> None:
        self.step(
            "adjust stock",
            lambda: stock.adjust(
                sku_pk=self.world.skus[name].pk, quantity=pieces, actor=ACTOR, at=self.books.now
            ),
            lambda: self.books.adjust(self.books.skus[name], pieces),
        )

    @deed(weight=2, name=SKUS, shop=SHOPS, pieces=st.integers(0, 6), then_pool=st.booleans())
    def allot(self, name: str, shop: str, pieces: int, then_pool: bool) -> None:
        self.step(
            "allot",
            lambda: stock.allot(
                sku_pk=self.world.skus[name].pk,
                distributor=self.world.shops[shop],
                quantity=pieces,
                then_pool=then_pool,
                actor=ACTOR,
                at=self.books.now,
            ),
            lambda: self.books.allot(self.books.skus[name], shop, pieces, then_pool),
        )
