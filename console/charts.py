"""Charts drawn by the server: bars and lines as SVG, each with its number in words, and no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 440, 190
LEFT, RIGHT, TOP, BOTTOM = 72, 4, 12, 26
STEPS = 4
# So many words fit below.
LABELS = 6


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the time axis: its label, its number, and the number one period earlier."""

    label: str
    value: float
    earlier: float | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as it is drawn, with what it says."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    words: str
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, and what it stands for."""

    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with the earlier period as a line over them."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    earlier: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def draw(title: str, points: Sequence[Point], shown: Callable[[float], str]) -> Chart:
    """Draw some points; `shown` says a number in words."""
    values = [point.value for point in points] + [one.earlier or 0 for one in points]
    top = _rounded(max(values, default=0))
    room = HEIGHT - TOP - BOTTOM
    step = (WIDTH - LEFT - RIGHT) / max(len(points), 1)
    every = -(-len(points) // LABELS)

    def height(value: float) -> float:
        return round(max(value, 0) / top * room, 1)

    bars = tuple(
        Bar(
            x=round(LEFT + place * step + step * 0.15, 1),
            y=round(HEIGHT - BOTTOM - height(point.value), 1),
            width=round(step * 0.7, 1),
            height=height(point.value),
            middle=round(LEFT + (place + 0.5) * step, 1),
            words=f"{point.label}: {shown(point.value)}",
            label=point.label if place % every == 0 else "",
        )
        for place, point in enumerate(points)
    )
    earlier = " ".join(
        f"{bar.middle},{HEIGHT - BOTTOM - height(point.earlier)}"
        for bar, point in zip(bars, points, strict=True)
        if point.earlier is not None
    )
    ticks = tuple(
        Tick(round(HEIGHT - BOTTOM - room * n / STEPS, 1), shown(top * n / STEPS))
        for n in range(STEPS + 1)
    )
    return Chart(title, bars, ticks, earlier)


def _rounded(value: float) -> float:
    """Return the next round number: 1, 2, 4 or 8 times a power of ten."""
    power = 1.0
    while power * 8 < value:
        power *= 10
    return next(power * n for n in (1, 2, 4, 8) if power * n >= value)
