"""Real demand to replay: the lines of a marketplace's orders, or generated ones of the same shape."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

COLUMNS = ("order", "line", "item", "seller", "unit_price_cents", "freight_cents")
GENERATED_ORDERS = 1_000
MAX_LINES = 200_000


class FileUnreadable(Exception):
    """The file is not what it should be; the message says where."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of an order: one piece of an item. A cent is read as a fen."""

    line: str
    item: str
    seller: str
    price_fen: int
    freight_fen: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order with its pieces."""

    number: str
    pieces: tuple[Piece, ...]


def read(path: Path, limit: int | None = None) -> list[Purchase]:
    """Return the orders of a file, at most the first `limit`.

    :raises FileUnreadable: columns are missing, or a number is none.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise FileUnreadable(f"{path} must have the columns {', '.join(COLUMNS)}.")
        groups = groupby(islice(rows, MAX_LINES), key=lambda row: row["order"])
        return [
            Purchase(number, tuple(_piece(row, path, rows.line_num) for row in group))
            for number, group in islice(groups, limit)
        ]


def generated(count: int = GENERATED_ORDERS, seed: int = 1) -> list[Purchase]:
    """Return invented orders: few big sellers, mostly one piece, some of several sellers."""
    chance = random.Random(seed)
    return [
        Purchase(f"gen{seed}-{number:06d}", tuple(_invented(chance))) for number in range(count)
    ]


def pieces_of(purchases: Sequence[Purchase]) -> Iterator[Piece]:
    """Return every piece of some orders."""
    for purchase in purchases:
        yield from purchase.pieces


def _piece(row: dict[str, str], path: Path, line: int) -> Piece:
    try:
        price_fen, freight_fen = int(row["unit_price_cents"]), int(row["freight_cents"])
    except (TypeError, ValueError):
        raise FileUnreadable(
            f"{path}, about line {line}: a price or freight is no number."
        ) from None
    if price_fen < 1 or freight_fen < 0:
        raise FileUnreadable(f"{path}, about line {line}: a price or freight is out of range.")
    return Piece(row["line"], row["item"], row["seller"], price_fen, freight_fen)


def _invented(chance: random.Random) -> Iterator[Piece]:
    count = chance.choices((1, 2, 3, 5), (90, 8, 1, 1))[0]
    for line in range(1, count + 1):
        seller = int(chance.paretovariate(0.8)) % 200
        item = chance.randrange(20)
        # An item keeps its price, but for a sale now and then; freight depends on the way.
        price_fen = 900 + seller * 137 + item * 1_111
        if chance.random() < 0.1:
            price_fen -= price_fen // 10
        freight_fen = (890, 1_179, 1_510)[(seller + item) % 3]
        yield Piece(
            str(line), f"G{seller:03d}{item:02d}", f"GS{seller:03d}", price_fen, freight_fen
        )
