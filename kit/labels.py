"""Labels as a parcel printer takes them, 100 × 150 mm: a barcode, to whom, and what is inside."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.graphics.barcode import code128
from reportlab.lib.units import mm

from kit import printing
from kit.printing import FONT

# Untyped: the library says nothing of its types.
_Code128: Any = code128.Code128

WIDTH, HEIGHT = 100 * mm, 150 * mm
MARGIN = 6 * mm
INNER = WIDTH - 2 * MARGIN
BAR_HEIGHT = 16 * mm
# A bar that is thinner cannot be read; with it, 30 letters and digits fit.
MIN_BAR, MAX_BAR = 0.23 * mm, 0.5 * mm
NUMBER_SIZE, NAME_SIZE, ADDRESS_SIZE, SIZE = 12, 17, 13, 10


@dataclass(frozen=True, slots=True)
class Label:
    """A parcel's label: `number` stands as Code 128 too; of the contents as much as fits is shown."""

    number: str
    name: str
    address: str
    contents: Sequence[str]
    foot: str = ""


def pdf(labels: Iterable[Label], *, title: str) -> bytes:
    """Return one page a label."""
    target = io.BytesIO()
    canvas = printing.canvas(target, (WIDTH, HEIGHT), title)
    for label in labels:
        _draw(canvas, label)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw(canvas: Any, label: Label) -> None:
    top = HEIGHT - MARGIN - BAR_HEIGHT
    _draw_bars(canvas, label.number, top)
    canvas.setFont(FONT, NUMBER_SIZE)
    top -= 5 * mm
    canvas.drawCentredString(WIDTH / 2, top, printing.printable(label.number))
    top = _rule(canvas, top - 3 * mm)
    top = _write(canvas, label.name, NAME_SIZE, top, lines=2)
    top = _write(canvas, label.address, ADDRESS_SIZE, top, lines=6)
    top = _rule(canvas, top - 3 * mm)
    for text in label.contents:
        if top < MARGIN + 12 * mm:
            _write(canvas, "…", SIZE, top, lines=1)
            break
        top = _write(canvas, text, SIZE, top, lines=2)
    _write(canvas, label.foot, SIZE - 2, MARGIN + 3 * mm, lines=1)


def _draw_bars(canvas: Any, number: str, bottom: float) -> None:
    modules = _Code128(number, barWidth=1, quiet=False).width
    bar = min(MAX_BAR, max(MIN_BAR, INNER / modules))
    bars = _Code128(number, barWidth=bar, barHeight=BAR_HEIGHT, quiet=False)
    bars.drawOn(canvas, (WIDTH - bars.width) / 2, bottom)


def _rule(canvas: Any, top: float) -> float:
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    return top


def _write(canvas: Any, text: str, size: int, top: float, lines: int) -> float:
    """Write a text below `top` in so many lines at the most; return where it ends."""
    canvas.setFont(FONT, size)
    for line in printing.wrapped(text, INNER, size)[:lines]:
        top -= size * 1.35
        canvas.drawString(MARGIN, top, line)
    return top
