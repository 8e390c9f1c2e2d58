"""Ways for arrows between boxes on a grid: along lanes, with few bends, those to one box together."""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

BOX_WIDTH, BOX_HEIGHT = 148, 58
GUTTER_WIDTH, GUTTER_HEIGHT = 76, 64
LANES = (14, 22, 30, 38, 46, 54, 62)
ROW_LANES = (14, 23, 32, 41, 50)
PORTS_ACROSS = (22, 48, 74, 100, 126)
PORTS_DOWN = (11, 29, 47)
BEND, OVERLAP, CROSSING, TAKEN, TOGETHER = 26, 400, 12, 600, 0.25

Point = tuple[int, int]
Cell = tuple[int, int]
Way = list[Point]


@dataclass(frozen=True, slots=True)
class Port:
    """A place on the edge of a box, and the point of the lanes outside that it leads to."""

    edge: Point
    outside: Point


@dataclass
class Plan:
    """Where the boxes stand, and the ways found so far."""

    cells: Mapping[str, Cell]
    taken: dict[tuple[Point, Point], set[str]] = field(default_factory=lambda: defaultdict(set))
    used: dict[Point, set[str]] = field(default_factory=lambda: defaultdict(set))
    ports: dict[Point, str] = field(default_factory=dict)
    around: dict[Point, list[Point]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = 1 + max(column for column, _row in self.cells.values())
        rows = 1 + max(row for _column, row in self.cells.values())
        self.width, self.height = place((columns, rows))
        self.xs = _lines(columns, BOX_WIDTH, GUTTER_WIDTH, PORTS_ACROSS, LANES)
        self.ys = _lines(rows, BOX_HEIGHT, GUTTER_HEIGHT, PORTS_DOWN, ROW_LANES)
        self.right = {x: self.xs[i + 1] for i, x in enumerate(self.xs[:-1])}
        self.left = {x: self.xs[i] for i, x in enumerate(self.xs[1:])}
        self.below = {y: self.ys[i + 1] for i, y in enumerate(self.ys[:-1])}
        self.above = {y: self.ys[i] for i, y in enumerate(self.ys[1:])}
        self.corners = [place(cell) for cell in self.cells.values()]

    def is_free(self, point: Point) -> bool:
        """Tell whether no box stands there."""
        x, y = point
        return not any(
            left <= x <= left + BOX_WIDTH and top <= y <= top + BOX_HEIGHT
            for left, top in self.corners
        )

    def neighbours(self, point: Point) -> list[Point]:
        """Return the next points of the lanes on each side, where no box stands."""
        # Every way passes most points anew, and the boxes never move.
        if point not in self.around:
            self.around[point] = [near for near in self._near(point) if self.is_free(near)]
        return self.around[point]

    def _near(self, point: Point) -> Iterator[Point]:
        x, y = point
        for neighbour in (self.right.get(x), self.left.get(x)):
            if neighbour is not None:
                yield neighbour, y
        for neighbour in (self.below.get(y), self.above.get(y)):
            if neighbour is not None:
                yield x, neighbour


def place(cell: Cell) -> Point:
    """Return the upper left corner of a cell's box."""
    column, row = cell
    return (
        GUTTER_WIDTH + column * (BOX_WIDTH + GUTTER_WIDTH),
        GUTTER_HEIGHT + row * (BOX_HEIGHT + GUTTER_HEIGHT),
    )


def ways(cells: Mapping[str, Cell], pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Way]:
    """Return a way for each pair of boxes, from edge to edge; short ones are found first."""
    plan = Plan(cells)
    found = {}
    for source, target in sorted(pairs, key=lambda pair: (_distance(cells, pair), pair)):
        found[source, target] = _find(plan, source, target)
    return found


def _distance(cells: Mapping[str, Cell], pair: tuple[str, str]) -> int:
    (x1, y1), (x2, y2) = (cells[name] for name in pair)
    return abs(x1 - x2) + abs(y1 - y2)


def _lines(
    count: int, size: int, gutter: int, ports: Sequence[int], lanes: Sequence[int]
) -> list[int]:
    period = size + gutter
    gutters = [n * period + lane for n in range(count + 1) for lane in lanes]
    boxes = [n * period + gutter + port for n in range(count) for port in ports]
    return sorted({*gutters, *boxes})


def _ports(plan: Plan, name: str) -> Iterator[Port]:
    left, top = place(plan.cells[name])
    right, bottom = left + BOX_WIDTH, top + BOX_HEIGHT
    inside = GUTTER_WIDTH - LANES[-1]
    inside_row = GUTTER_HEIGHT - ROW_LANES[-1]
    for port in PORTS_DOWN:
        yield Port((right, top + port), (right + LANES[0], top + port))
        yield Port((left, top + port), (left - inside, top + port))
    for port in PORTS_ACROSS:
        yield Port((left + port, bottom), (left + port, bottom + ROW_LANES[0]))
        yield Port((left + port, top), (left + port, top - inside_row))


def _find(plan: Plan, source: str, target: str) -> Way:
    """Find the cheapest way (Dijkstra), and take its lanes."""
    goals = {
        port.outside: port
        for port in _ports(plan, target)
        if plan.ports.get(port.edge, target) == target
    }
    starts = {port.outside: port for port in _ports(plan, source) if port.edge not in plan.ports}
    queue: list[tuple[float, Point, Point, tuple[Point, ...]]] = []
    for outside, port in sorted(starts.items()):
        heading = _heading(port.edge, outside)
        heapq.heappush(queue, (_off_centre(plan, source, port), outside, heading, (outside,)))
    seen: set[tuple[Point, Point]] = set()
    while queue:
        cost, point, heading, way = heapq.heappop(queue)
        if point in goals and heading == _heading(point, goals[point].edge):
            return _take(plan, source, target, starts[way[0]], way, goals[point])
        if (point, heading) in seen:
            continue
        seen.add((point, heading))
        for following in plan.neighbours(point):
            turn = _heading(point, following)
            if turn == (-heading[0], -heading[1]):
                continue
            more = _cost(plan, target, point, following) + (BEND if turn != heading else 0)
            if following in goals:
                more += _off_centre(plan, target, goals[following])
            heapq.heappush(queue, (cost + more, following, turn, (*way, following)))
    raise AssertionError((source, target))


def _take(
    plan: Plan, source: str, target: str, start: Port, way: tuple[Point, ...], goal: Port
) -> Way:
    for before, after in itertools.pairwise(way):
        plan.taken[before, after].add(target)
        plan.used[before].add(target)
    plan.used[way[-1]].add(target)
    plan.ports[start.edge] = f"from {source} to {target}"
    plan.ports[goal.edge] = target
    return _straightened([start.edge, *way, goal.edge])


def _cost(plan: Plan, target: str, before: Point, after: Point) -> float:
    length = abs(before[0] - after[0]) + abs(before[1] - after[1])
    along = plan.taken.get((before, after), set())
    against = plan.taken.get((after, before), set())
    if against or along - {target}:
        return length + OVERLAP
    if target in along:
        return length * TOGETHER
    return length + (CROSSING if plan.used.get(after, set()) - {target} else 0)


def _off_centre(plan: Plan, name: str, port: Port) -> float:
    left, top = place(plan.cells[name])
    away_x = abs(port.edge[0] - left - BOX_WIDTH / 2) if port.edge[1] != port.outside[1] else 0
    away_y = abs(port.edge[1] - top - BOX_HEIGHT / 2) if port.edge[0] != port.outside[0] else 0
    return (away_x + away_y) / 4


def _heading(before: Point, after: Point) -> Point:
    dx, dy = after[0] - before[0], after[1] - before[1]
    return ((dx > 0) - (dx < 0), (dy > 0) - (dy < 0))


def _straightened(way: Way) -> Way:
    kept = [way[0]]
    for before, point, after in zip(way, way[1:], way[2:], strict=False):
        if _heading(before, point) != _heading(point, after):
            kept.append(point)
    return [*kept, way[-1]]
