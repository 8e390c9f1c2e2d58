"""Charts of days, drawn on the server: bars in an SVG, and the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 960, 160
# Between two bars, in the chart's units.
GAP = 4
# Whatever is there at all is seen.
LOWEST = 3


@dataclass(frozen=True)
class Point:
    """A day's figure, and how it is written; without one there is no bar."""

    day: date
    value: float | None
    shown: str


@dataclass(frozen=True)
class Bar:
    """A point with the place of its bar."""

    point: Point
    x: int
    width: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """Bars of days with what they say in words; `name` tells charts of one page apart."""

    name: str
    title: str
    summary: str
    unit: str
    bars: Sequence[Bar]
    highest: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(bar.height for bar in self.bars)


def draw(*, name: str, title: str, summary: str, unit: str, points: Sequence[Point]) -> Chart:
    """Draw one bar a day; the highest one fills the chart."""
    top = max(points, key=lambda point: -1 if point.value is None else point.value)
    step = WIDTH // len(points)
    bars = [
        _bar(point, place * step, step - GAP, top.value or 0) for place, point in enumerate(points)
    ]
    return Chart(name, title, summary, unit, bars, "" if top.value is None else top.shown)


def _bar(point: Point, x: int, width: int, top: float) -> Bar:
    height = 0
    if point.value is not None:
        height = max(LOWEST, round(HEIGHT * point.value / top) if top else 0)
    return Bar(point, x, width, HEIGHT - height, height)
