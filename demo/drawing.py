"""Product pictures drawn for the demo: a package on a soft ground, labelled with brand and name.

Nothing is loaded from anywhere: shapes by Pillow, and words where the machine has a Chinese font.
"""

import colorsys
import functools
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from demo.catalogue import Goods

SIDE = 640
# Shapes are drawn this much larger and scaled down, which smooths their edges.
FINER = 2
# WenQuanYi and Droid as well as Noto: whichever the distribution brings.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
# Longer names stand on a label in two rows.
LABEL_LENGTH = 6
FRUIT = "生鲜/时令水果"
TEXTILE = "家居生活/床品家纺"
# Hue of the ground in degrees by the first name of the category path.
HUES = {
    "食品饮料": 42,
    "生鲜": 8,
    "美妆个护": 332,
    "家居生活": 205,
    "家用电器": 222,
    "母婴": 268,
}

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
WHITE: Colour = (255, 255, 255)


class Canvas:
    """A sheet in coordinates from 0 to 100, with the colours of one product.

    Where `shadow` is set, everything is drawn in white: the outline of what lies there.
    """

    def __init__(self, image: Image.Image, hue: float, *, shadow: bool = False) -> None:
        self.image = image
        self.scale = image.width / 100
        self.shadow = shadow
        self.pen = ImageDraw.Draw(image)
        self.main = _colour(hue, 0.52, 0.82)
        self.dark = _colour(hue, 0.62, 0.58)
        self.light = _colour(hue, 0.20, 0.97)
        self.accent = _colour(hue + 155, 0.45, 0.92)

    def round(self, box: Box, radius: float, fill: Colour) -> None:
        """A rectangle with round corners."""
        self.pen.rounded_rectangle(self._large(box), radius * self.scale, fill=self._ink(fill))

    def oval(self, box: Box, fill: Colour) -> None:
        """An ellipse."""
        self.pen.ellipse(self._large(box), fill=self._ink(fill))

    def shape(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        """A polygon."""
        self.pen.polygon(
            [(x * self.scale, y * self.scale) for x, y in points], fill=self._ink(fill)
        )

    def words(self, text: str, centre: tuple[float, float], size: float, fill: Colour) -> None:
        """Words around a point; nothing where no font can write them."""
        font = None if self.shadow else _font(round(size * self.scale))
        if font is not None:
            place = (centre[0] * self.scale, centre[1] * self.scale)
            self.pen.text(place, text, font=font, fill=fill, anchor="mm")

    def label(self, goods: Goods, box: Box) -> None:
        """A white label with name, brand and a coloured band."""
        left, top, right, bottom = box
        middle, height, width = (left + right) / 2, bottom - top, right - left
        self.round(box, 1.6, WHITE)
        self.round((left, bottom - height * 0.16, right, bottom), 1.6, self.accent)
        self.words(goods.brand, (middle, top + height * 0.22), min(4.6, height * 0.2), self.dark)
        rows = _rows(goods.short_name)
        longest = max(map(len, rows))
        size = min(height * 0.27 / len(rows) ** 0.5, width * 0.9 / longest)
        for place, words in enumerate(rows):
            below = (place - (len(rows) - 1) / 2) * size * 1.2
            self.words(words, (middle, top + height * 0.56 + below), size, (60, 60, 66))

    def _ink(self, fill: Colour) -> Colour | int:
        return WHITE[0] if self.shadow else fill

    def _large(self, box: Box) -> Box:
        left, top, right, bottom = box
        return (left * self.scale, top * self.scale, right * self.scale, bottom * self.scale)


@dataclass(frozen=True)
class Drawn:
    """The two pictures of a product as JPEG: the package, and what speaks for it."""

    front: bytes
    card: bytes


def draw(goods: Goods) -> Drawn:
    """Draw both pictures of a product; other processes do it, so nothing here needs Django."""
    return Drawn(front(goods), card(goods))


def front(goods: Goods) -> bytes:
    """Return the main picture of a product as JPEG."""
    hue, motif = _hue(goods), _motif(goods)
    outline = Canvas(Image.new("L", (SIDE // 4, SIDE // 4)), hue, shadow=True)
    motif(outline, goods)
    canvas = Canvas(_ground(hue), hue)
    _cast_shadow(canvas.image, outline.image)
    motif(canvas, goods)
    return _jpeg(canvas.image)


def card(goods: Goods) -> bytes:
    """Return the detail picture of a product as JPEG: what speaks for it, and where it is from."""
    hue = _hue(goods)
    canvas = Canvas(_ground(hue), hue)
    canvas.round((8, 8, 92, 92), 4, WHITE)
    canvas.round((8, 8, 92, 25), 4, canvas.main)
    canvas.words(goods.short_name, (50, 16.5), min(6.4, 74 / max(len(goods.short_name), 1)), WHITE)
    for place, point in enumerate(goods.points[:3]):
        top = 37 + place * 15
        canvas.oval((14, top - 3.2, 20.4, top + 3.2), canvas.accent)
        canvas.words(str(place + 1), (17.2, top), 4, WHITE)
        canvas.words(point, (56, top), min(4.6, 62 / max(len(point), 1)), (70, 70, 76))
    canvas.words(f"产地 {goods.origin}", (50, 85), 3.6, canvas.dark)
    return _jpeg(canvas.image)


# --- motifs -----------------------------------------------------------------------------------------

Motif = Callable[[Canvas, Goods], None]


def _can(canvas: Canvas, goods: Goods) -> None:
    canvas.round((30, 26, 70, 84), 4, canvas.main)
    canvas.oval((30, 78, 70, 88), canvas.dark)
    canvas.round((30, 30, 70, 83), 2, canvas.main)
    canvas.oval((28.5, 19, 71.5, 31), canvas.dark)
    canvas.oval((31, 19.5, 69, 29), canvas.light)
    canvas.label(goods, (32, 42, 68, 68))


def _pouch(canvas: Canvas, goods: Goods) -> None:
    canvas.shape([(27, 20), (73, 20), (76, 84), (66, 88), (34, 88), (24, 84)], canvas.main)
    canvas.shape([(27, 20), (73, 20), (73.4, 28), (26.6, 28)], canvas.dark)
    for x in range(30, 72, 4):
        canvas.shape([(x, 21.5), (x + 1.4, 21.5), (x + 1.4, 26.5), (x, 26.5)], canvas.main)
    canvas.shape([(27, 30), (34, 30), (30, 86), (25, 83)], canvas.light)
    canvas.label(goods, (32, 42, 70, 70))


def _box(canvas: Canvas, goods: Goods) -> None:
    canvas.shape([(22, 34), (50, 24), (78, 34), (50, 44)], canvas.light)
    canvas.shape([(22, 34), (50, 44), (50, 86), (22, 74)], canvas.dark)
    canvas.shape([(50, 44), (78, 34), (78, 74), (50, 86)], canvas.main)
    canvas.shape([(44, 26.2), (56, 41.8), (50, 44), (38, 28.3)], canvas.accent)
    canvas.label(goods, (30, 50, 70, 74))


def _carton(canvas: Canvas, goods: Goods) -> None:
    cardboard, edge, tape = (214, 178, 134), (184, 146, 100), (240, 218, 184)
    canvas.shape([(18, 36), (30, 24), (90, 24), (82, 36)], tape)
    canvas.round((18, 36, 82, 84), 1.5, cardboard)
    canvas.shape([(82, 36), (90, 24), (90, 70), (82, 83)], edge)
    canvas.round((45, 36, 55, 48), 0.5, tape)
    canvas.label(goods, (26, 51, 74, 78))


def _bottle(canvas: Canvas, goods: Goods) -> None:
    canvas.round((43, 14, 57, 25), 2, canvas.dark)
    canvas.shape([(44, 24), (56, 24), (66, 38), (34, 38)], canvas.main)
    canvas.round((33, 35, 67, 88), 6, canvas.main)
    canvas.round((36, 40, 39, 82), 1.5, canvas.light)
    canvas.label(goods, (33, 48, 67, 74))


def _cup(canvas: Canvas, goods: Goods) -> None:
    canvas.oval((62, 40, 84, 68), canvas.dark)
    canvas.oval((67, 45, 79, 63), canvas.light)
    canvas.shape([(26, 30), (70, 30), (65, 84), (31, 84)], canvas.main)
    canvas.oval((26, 24, 70, 36), canvas.dark)
    canvas.oval((28, 25, 68, 34), canvas.light)
    canvas.label(goods, (31, 46, 65, 70))


def _machine(canvas: Canvas, goods: Goods) -> None:
    canvas.round((26, 22, 74, 82), 9, canvas.light)
    canvas.round((26, 22, 74, 42), 9, canvas.main)
    canvas.round((26, 34, 74, 42), 0, canvas.main)
    canvas.oval((43, 25, 57, 39), WHITE)
    canvas.oval((48.6, 26.5, 51.4, 32), canvas.dark)
    canvas.round((30, 82, 38, 87), 1, canvas.dark)
    canvas.round((62, 82, 70, 87), 1, canvas.dark)
    canvas.label(goods, (32, 50, 68, 74))


def _stack(canvas: Canvas, goods: Goods) -> None:
    for place, colour in enumerate((canvas.main, canvas.light, canvas.accent, canvas.main)):
        top = 30 + place * 13
        canvas.round((20, top, 80, top + 14), 6, colour)
        canvas.round((20, top + 9, 80, top + 14), 5, canvas.dark if place == 3 else WHITE)
    canvas.label(goods, (32, 40, 68, 66))


def _cake(canvas: Canvas, goods: Goods) -> None:
    canvas.oval((18, 22, 82, 86), canvas.dark)
    canvas.oval((20, 20, 80, 82), canvas.light)
    for inset, colour in ((24, canvas.accent), (25, WHITE)):
        canvas.oval((inset, inset, 100 - inset, 102 - inset), colour)
    canvas.label(goods, (30, 40, 70, 62))


def _pan(canvas: Canvas, goods: Goods) -> None:
    canvas.round((68, 34, 97, 40), 3, (70, 66, 66))
    canvas.oval((12, 34, 76, 90), (66, 68, 74))
    canvas.oval((16, 33, 72, 84), (96, 98, 106))
    canvas.oval((20, 37, 68, 78), canvas.light)
    canvas.label(goods, (26, 46, 62, 68))


def _fruit(canvas: Canvas, goods: Goods) -> None:
    for left, top in ((20, 30), (44, 26), (32, 46), (54, 46), (16, 50)):
        canvas.oval((left, top, left + 28, top + 28), canvas.dark)
        canvas.oval((left, top, left + 26.6, top + 26.6), canvas.main)
        canvas.oval((left + 6, top + 5, left + 12, top + 10), canvas.light)
        canvas.oval((left + 13, top - 3, left + 23, top + 3), (108, 160, 84))
    canvas.label(goods, (26, 64, 74, 88))


BY_UNIT: dict[str, Motif] = {
    "罐": _can, "坛": _can, "桶": _can, "瓶": _bottle, "支": _bottle, "袋": _pouch, "包": _pouch,
    "片": _pouch, "盒": _box, "套": _box, "组": _box, "提": _box, "箱": _carton, "个": _cup,
    "台": _machine, "床": _stack, "条": _stack, "块": _stack, "张": _stack, "件": _stack,
    "双": _stack, "饼": _cake, "口": _pan,
}  # fmt: skip


def _rows(name: str) -> list[str]:
    """Break a name that is too long for one row of a label."""
    half = -(-len(name) // 2)
    return [name] if len(name) <= LABEL_LENGTH else [name[:half], name[half:]]


def _motif(goods: Goods) -> Motif:
    if goods.shelf.category == FRUIT:
        return _fruit
    if goods.shelf.category == TEXTILE:
        return _stack
    return BY_UNIT.get(goods.unit, _box)


# --- ground, light and words ------------------------------------------------------------------------


def _cast_shadow(ground: Image.Image, outline: Image.Image) -> None:
    soft = outline.filter(ImageFilter.GaussianBlur(4)).point(lambda value: value // 4)
    ground.paste((70, 62, 56), (6 * FINER, 14 * FINER), soft.resize(ground.size))


def _ground(hue: float) -> Image.Image:
    return _cached_ground(round(hue) % 360 // 12 * 12).copy()


@functools.lru_cache(maxsize=40)
def _cached_ground(hue: int) -> Image.Image:
    """A soft light from above, a table below."""
    side = SIDE * FINER
    gradient = Image.linear_gradient("L").resize((side, side))
    top, bottom = _colour(hue, 0.05, 0.99), _colour(hue, 0.22, 0.90)
    ground = Image.composite(
        Image.new("RGB", (side, side), bottom), Image.new("RGB", (side, side), top), gradient
    )
    table = Image.new("RGB", (side, side), _colour(hue, 0.16, 0.94))
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((-side // 3, side * 0.7, side * 4 // 3, side * 1.6), fill=150)
    ground.paste(table, (0, 0), mask.filter(ImageFilter.GaussianBlur(2 * FINER)))
    return ground


def _hue(goods: Goods) -> float:
    """A hue near that of the category; each product has its own."""
    own = zlib.crc32(goods.number.encode())
    if goods.shelf.category == FRUIT:
        return own % 100
    family = HUES.get(goods.shelf.category.split("/")[0], 30)
    return (family + own % 64 - 32) % 360


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 360 / 360, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


@functools.lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    for path in FONTS:
        if Path(path).exists():
            # 2: the simplified Chinese face of Noto's collection.
            face = 2 if "Noto" in path else 0
            return ImageFont.truetype(path, size, index=face)
    return None


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.reduce(FINER).save(file, "JPEG", quality=92)
    return file.getvalue()
