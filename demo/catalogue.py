"""The goods of the demo, read from `demo/goods/*.txt`: one file a category, one line a product.

The head of a file says what is true of all its goods. A line has these columns, divided by `|`:

    number | name | brand | unit | origin | weight | price | selling points | parameters | rules

The price is `68.00` in yuan, or an option with a price for each of its values, as in
`净含量[125g=86.00,250g=158.00]`; a second option goes before it: `颜色[红,蓝]×尺码[S=59.00,M=62.00]`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import product as combinations
from pathlib import Path

from kit import money

FOLDER = Path(__file__).parent / "goods"
# The shop's usual profit on top of what a distributor pays, for the suggested retail price.
RETAIL_PERCENT = 145


@dataclass(frozen=True)
class Variant:
    """A sku: its number, what sets it apart, and the supply price in fen."""

    number: str
    spec: dict[str, str]
    supply_price_fen: int

    @property
    def retail_price_fen(self) -> int:
        """What a consumer might pay: whole yuan less a jiao, as shops like it."""
        return -(-self.supply_price_fen * RETAIL_PERCENT // 100_00) * 100 - 10


@dataclass(frozen=True)
class Shelf:
    """What is true of all goods of a category file."""

    category: str
    owner: str
    story: str
    keeping: str
    aftersale: str
    # `piece`, `weight` or nothing: how its freight is counted.
    freight: str = ""
    not_served: tuple[str, ...] = ()
    ship_within_hours: int | None = None


@dataclass(frozen=True)
class Goods:
    """A product as it will be proposed."""

    shelf: Shelf
    number: str
    name: str
    brand: str
    unit: str
    origin: str
    weight_g: int
    variants: tuple[Variant, ...]
    points: tuple[str, ...]
    parameters: dict[str, str]
    rules: dict[str, int] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """The first word of the name, as a label has room for."""
        return self.name.split(" ", 1)[0]

    @property
    def detail_html(self) -> str:
        """The text of the product page."""
        return "".join(_detail(self))


def read(folder: Path = FOLDER) -> list[Goods]:
    """Return all goods, file by file in the order of their names."""
    return [goods for path in sorted(folder.glob("*.txt")) for goods in _read_file(path)]


def _read_file(path: Path) -> Iterator[Goods]:
    head, _, table = path.read_text(encoding="utf-8").partition("\n\n")
    shelf = _shelf(dict(line.split(": ", 1) for line in head.splitlines()))
    for line in table.strip().splitlines():
        yield parse(shelf, line)


def parse(shelf: Shelf, line: str) -> Goods:
    """Return the product that a line describes."""
    return _goods(shelf, [column.strip() for column in line.split("|")])


def _shelf(head: dict[str, str]) -> Shelf:
    not_served = head.pop("not_served", "")
    hours = head.pop("ship_within_hours", "")
    return Shelf(
        **head,
        not_served=tuple(not_served.split(", ")) if not_served else (),
        ship_within_hours=int(hours) if hours else None,
    )


def _goods(shelf: Shelf, columns: list[str]) -> Goods:
    number, name, brand, unit, origin, weight, price, points, parameters, *rules = columns
    return Goods(
        shelf=shelf,
        number=number,
        name=name,
        brand=brand,
        unit=unit,
        origin=origin,
        weight_g=int(weight.removesuffix("g")),
        variants=tuple(_variants(number, price)),
        points=tuple(points.split("；")),
        parameters=dict(pair.split(":", 1) for pair in parameters.split("; ")),
        rules={key: int(value) for key, _, value in (r.partition("=") for r in _words(rules))},
    )


def _words(rules: list[str]) -> list[str]:
    return " ".join(rules).split()


def _variants(number: str, price: str) -> Iterator[Variant]:
    if "[" not in price:
        yield Variant(number, {}, money.fen(price))
        return
    options = re.findall(r"([^×\[\]]+)\[([^\]]+)\]", price)
    names = [name for name, _ in options]
    for place, values in enumerate(combinations(*(v.split(",") for _, v in options)), 1):
        *others, last = values
        value, _, yuan = last.rpartition("=")
        spec = dict(zip(names, [*others, value], strict=True))
        yield Variant(f"{number}-{place:02d}", spec, money.fen(yuan))


def _detail(goods: Goods) -> Iterator[str]:
    shelf = goods.shelf
    yield f"<h3>{escape(goods.name)}</h3><p>{escape('，'.join(goods.points))}。</p>"
    yield "<ul>" + "".join(f"<li>{escape(point)}</li>" for point in goods.points) + "</ul>"
    rows = {"品牌": goods.brand, "产地": goods.origin, **goods.parameters}
    cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
    yield f"<h3>规格参数</h3><table><tbody>{cells}</tbody></table>"
    yield f"<h3>关于货源</h3><p>{escape(shelf.story)}</p>"
    yield f"<h3>储存与使用</h3><p>{escape(shelf.keeping)}</p>"
    yield f"<h3>售后说明</h3><p>{escape(shelf.aftersale)}</p>"
