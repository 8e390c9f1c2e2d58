"""A machine as a drawing (SVG): boxes for states, numbered arrows for steps, a legend beneath."""

from collections.abc import Iterator, Mapping
from html import escape

from config.machines.reading import Machine, Step
from config.machines.routing import BOX_HEIGHT, BOX_WIDTH, Cell, Plan, Point, Way, place, ways
from config.machines.words import WHO

FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
INK, PAPER, QUIET = "#1f2937", "#ffffff", "#6b7280"
COLOURS = (
    "#2563eb", "#b45309", "#047857", "#7c3aed", "#be123c", "#0e7490", "#4d7c0f", "#a21caf",
    "#1e40af", "#c2410c", "#115e59", "#6d28d9", "#9f1239", "#155e75", "#3f6212", "#86198f",
)  # fmt: skip
CORNER, CHIP = 7, 8
LEGEND_LINE, LEGEND_GAP = 22, 26
FILLS = {"start": "#eff6ff", "between": PAPER, "end": "#f3f4f6"}


def svg(machine: Machine) -> str:
    """Return the drawing."""
    cells = _cells(machine)
    numbers = {name: n for n, name in enumerate(dict.fromkeys(s.name for s in machine.steps), 1)}
    pairs = dict.fromkeys((step.source, step.target) for step in machine.steps)
    found = ways(cells, list(pairs))
    plan = Plan(cells)
    colours = {state: COLOURS[n % len(COLOURS)] for n, state in enumerate(machine.states)}
    legend = list(_legend(machine, numbers, plan.height))
    width = max(plan.width, 760)
    height = plan.height + LEGEND_LINE * len(legend) + LEGEND_GAP
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{escape(FONT)}" role="img">',
        f"<title>{escape(machine.title.chinese)} · {escape(machine.title.english)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        *_arrows(found, colours),
        *_boxes(machine, cells, colours),
        *_chips(machine, found, numbers, colours),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _cells(machine: Machine) -> dict[str, Cell]:
    cells = {
        state: (column, row)
        for row, names in enumerate(machine.grid)
        for column, state in enumerate(names.split())
        if state != "."
    }
    assert cells.keys() == machine.states.keys(), machine.slug
    return cells


def _arrows(found: Mapping[tuple[str, str], Way], colours: Mapping[str, str]) -> Iterator[str]:
    for (_source, target), way in found.items():
        colour = colours[target]
        yield (
            f'<path d="{_path(way)}" fill="none" stroke="{colour}" stroke-width="1.6"'
            f' stroke-opacity="0.85"/>'
        )
        yield f'<path d="{_head(way)}" fill="{colour}"/>'


def _boxes(
    machine: Machine, cells: Mapping[str, Cell], colours: Mapping[str, str]
) -> Iterator[str]:
    ends = machine.ends
    for state, cell in cells.items():
        x, y = place(cell)
        kind = "start" if state == machine.start else "end" if state in ends else "between"
        yield (
            f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="10"'
            f' fill="{FILLS[kind]}" stroke="{colours[state]}" stroke-width="2"/>'
        )
        if kind == "end":
            yield (
                f'<rect x="{x + 4}" y="{y + 4}" width="{BOX_WIDTH - 8}" height="{BOX_HEIGHT - 8}"'
                f' rx="7" fill="none" stroke="{colours[state]}" stroke-width="1"/>'
            )
        middle = x + BOX_WIDTH // 2
        yield _text(machine.label(state).chinese, middle, y + 27, size=15, weight=600)
        yield _text(state, middle, y + 44, size=11, colour=QUIET)


def _chips(
    machine: Machine,
    found: Mapping[tuple[str, str], Way],
    numbers: Mapping[str, int],
    colours: Mapping[str, str],
) -> Iterator[str]:
    for (source, target), way in found.items():
        names = dict.fromkeys(
            step.name for step in machine.steps if (step.source, step.target) == (source, target)
        )
        (x, y), (next_x, next_y) = way[0], way[1]
        x += CHIP * ((next_x > x) - (next_x < x))
        y += CHIP * ((next_y > y) - (next_y < y))
        label = "·".join(str(numbers[name]) for name in names)
        half = CHIP + 5 * (len(label) - 1) // 2
        yield (
            f'<rect x="{x - half}" y="{y - CHIP}" width="{2 * half}" height="{2 * CHIP}"'
            f' rx="{CHIP}" fill="{PAPER}" stroke="{colours[target]}"/>'
        )
        yield _text(label, x, y + 4, size=10, colour=colours[target], weight=600)


def _legend(machine: Machine, numbers: Mapping[str, int], top: int) -> Iterator[str]:
    first: dict[str, Step] = {}
    for step in machine.steps:
        first.setdefault(step.name, step)
    for name, step in first.items():
        y = top + LEGEND_LINE * numbers[name]
        who = "、".join(WHO[one].chinese for one in step.by)
        words = f"{step.meaning.chinese}（{who}） {step.meaning.english}"
        yield (
            _text(str(numbers[name]), 86, y, size=12, weight=600)
            + _text(name, 104, y, size=12, colour=QUIET, anchor="start")
            + _text(words, 226, y, size=12, anchor="start")
        )


def _text(
    text: str,
    x: int,
    y: int,
    *,
    size: int,
    colour: str = INK,
    weight: int = 400,
    anchor: str = "middle",
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}"'
        f' text-anchor="{anchor}">{escape(text)}</text>'
    )


def _path(way: Way) -> str:
    """Return the way with rounded corners, ending before the arrow's head."""
    drawn = [f"M{way[0][0]} {way[0][1]}"]
    for before, corner, after in zip(way, way[1:], way[2:], strict=False):
        into, out = _towards(corner, before), _towards(corner, after)
        drawn.append(f"L{into[0]} {into[1]}Q{corner[0]} {corner[1]} {out[0]} {out[1]}")
    return "".join([*drawn, f"L{way[-1][0]} {way[-1][1]}"])


def _towards(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    far = min(CORNER, max(abs(dx), abs(dy)) // 2)
    return (corner[0] + far * ((dx > 0) - (dx < 0)), corner[1] + far * ((dy > 0) - (dy < 0)))


def _head(way: Way) -> str:
    (bx, by), (x, y) = way[-2], way[-1]
    dx, dy = (x > bx) - (x < bx), (y > by) - (y < by)
    left = (x - 9 * dx + 5 * dy, y - 9 * dy + 5 * dx)
    right = (x - 9 * dx - 5 * dy, y - 9 * dy - 5 * dx)
    return f"M{x} {y}L{left[0]} {left[1]}L{right[0]} {right[1]}Z"
