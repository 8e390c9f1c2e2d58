"""What suppliers propose, and proposing it."""

from kit.actors import person
from suppliers.models import Supplier
from supplychain import reviewing
from supplychain.content import Content, SkuContent
from supplychain.models import Revision
from tests.factories import NOON, make_category

LI = person("li@supplier.test")


def make_content(*, skus: tuple[SkuContent, ...] | None = None, **fields: object) -> Content:
    """A product with a single sku of ¥50."""
    given = {"name": "龙井茶", "category_pk": make_category().pk} | fields
    return Content(skus=skus or (sku_content(),), **given)  # type: ignore[arg-type]


def sku_content(
    owner_no: str = "TEA-250", supply_price_fen: int = 50_00, **fields: object
) -> SkuContent:
    return SkuContent(owner_no=owner_no, supply_price_fen=supply_price_fen, **fields)  # type: ignore[arg-type]


def propose(
    supplier: Supplier | None, content: Content | None = None, owner_no: str = "TEA"
) -> Revision:
    return reviewing.propose_product(
        supplier=supplier, owner_no=owner_no, content=content or make_content(), actor=LI, at=NOON
    )
