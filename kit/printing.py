"""Printing: a title, some facts, a table that may go on over many pages, and totals, as PDF.

The font is part of the program and embedded in part, so that Chinese reads the same everywhere.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas as drawing

# Untyped: the library says nothing of its types.
_metrics: Any = pdfmetrics
_Font: Any = ttfonts.TTFont
_Canvas: Any = drawing.Canvas

FONT_FILE = Path(__file__).parent / "fonts" / "huopan-sans-sc.ttf"
FONT = "HuopanSansSC"
# Stands for a character that the font lacks, as printers do it.
MISSING = "〓"

WIDTH, HEIGHT = A4
MARGIN = 15 * mm
TITLE_SIZE, SIZE, LEADING = 16, 8, 11
PADDING = 1.2 * mm
LINES_A_CELL = 4
GREY, LIGHT = 0.45, 0.93


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; `share` of the width, figures stand on the right."""

    title: str
    share: float
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed. `totals` stand below the table, `foot` on every page beside its number."""

    title: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Iterable[Sequence[str]]
    totals: Sequence[tuple[str, str]] = ()
    foot: str = ""


def pdf(document: Document) -> bytes:
    """Return a document as PDF."""
    target = io.BytesIO()
    paper = canvas(target, A4, document.title)
    _Printer(paper, document).print()
    paper.save()
    return target.getvalue()


def canvas(target: io.BytesIO, size: tuple[float, float], title: str) -> Any:
    """Return sheets of paper of a size, in points, on which our font can be written."""
    _face()
    paper = _Canvas(target, pagesize=size, initialFontName=FONT, invariant=1)
    paper.setTitle(title)
    return paper


def wrapped(text: str, width: float, size: int) -> list[str]:
    """Break a text into lines that fit, wherever a character ends."""
    lines, line, used = [], "", 0.0
    for letter in printable(text):
        needed = _width(letter) * size
        if line and used + needed > width:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + letter, used + needed
    return [*lines, line]


def printable(text: str) -> str:
    """Return a text on one line, with a mark for what the font lacks."""
    known = _face()
    flat = " ".join(text.split())
    return "".join(letter if ord(letter) in known else MISSING for letter in flat)


class _Printer:
    """Where on which page the next line goes."""

    def __init__(self, canvas: Any, document: Document) -> None:
        self.canvas, self.document = canvas, document
        self.page = 0
        self.top = 0.0
        whole = sum(column.share for column in document.columns)
        inner = WIDTH - 2 * MARGIN
        self.widths = [inner * column.share / whole for column in document.columns]

    def print(self) -> None:
        self._begin_page()
        self._heading()
        self._titles()
        for row in self.document.rows:
            self._row(row)
        self._totals()
        self.canvas.showPage()

    def _begin_page(self) -> None:
        if self.page:
            self.canvas.showPage()
        self.page += 1
        self.top = HEIGHT - MARGIN
        self.canvas.setFillGray(GREY)
        self._text(MARGIN, MARGIN - 5 * mm, self.document.foot, SIZE - 1)
        self._text_right(WIDTH - MARGIN, MARGIN - 5 * mm, str(self.page), SIZE - 1)
        self.canvas.setFillGray(0)

    def _heading(self) -> None:
        self.top -= TITLE_SIZE
        self._text(MARGIN, self.top, self.document.title, TITLE_SIZE)
        self.top -= 6 * mm
        half = (WIDTH - 2 * MARGIN) / 2
        for place, (label, value) in enumerate(self.document.facts):
            left = MARGIN + half * (place % 2)
            self.canvas.setFillGray(GREY)
            self._text(left, self.top, label, SIZE)
            self.canvas.setFillGray(0)
            [first, *_rest] = wrapped(value, half - 28 * mm, SIZE)
            self._text(left + 26 * mm, self.top, first, SIZE)
            if place % 2 or place == len(self.document.facts) - 1:
                self.top -= LEADING + 3
        self.top -= 2 * mm

    def _titles(self) -> None:
        self.canvas.setFillGray(LIGHT)
        height = LEADING + 2 * PADDING
        self.canvas.rect(MARGIN, self.top - height, WIDTH - 2 * MARGIN, height, stroke=0, fill=1)
        self.canvas.setFillGray(0)
        self._cells([[column.title] for column in self.document.columns])

    def _row(self, row: Sequence[str]) -> None:
        cells = [
            wrapped(text, width - 2 * PADDING, SIZE)[:LINES_A_CELL]
            for text, width in zip(row, self.widths, strict=True)
        ]
        if self.top - _height(cells) < MARGIN:
            self._begin_page()
            self._titles()
        self._cells(cells)
        self.canvas.setStrokeGray(LIGHT - 0.1)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(MARGIN, self.top, WIDTH - MARGIN, self.top)

    def _cells(self, cells: Sequence[Sequence[str]]) -> None:
        left = MARGIN
        for column, width, lines in zip(self.document.columns, self.widths, cells, strict=True):
            for place, line in enumerate(lines):
                base = self.top - PADDING - SIZE - place * LEADING
                if column.is_figure:
                    self._text_right(left + width - PADDING, base, line, SIZE)
                else:
                    self._text(left + PADDING, base, line, SIZE)
            left += width
        self.top -= _height(cells)

    def _totals(self) -> None:
        if self.top - len(self.document.totals) * (LEADING + 3) - 4 * mm < MARGIN:
            self._begin_page()
        self.top -= 4 * mm
        for label, value in self.document.totals:
            self.top -= LEADING + 3
            self._text_right(WIDTH - MARGIN - 40 * mm, self.top, label, SIZE + 1)
            self._text_right(WIDTH - MARGIN - PADDING, self.top, value, SIZE + 1)

    def _text(self, left: float, base: float, text: str, size: int) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(left, base, printable(text))

    def _text_right(self, right: float, base: float, text: str, size: int) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawRightString(right, base, printable(text))


def _height(cells: Sequence[Sequence[str]]) -> float:
    lines: float = max(len(lines) for lines in cells) * LEADING
    return lines + 2 * float(PADDING)


@cache
def _width(letter: str) -> float:
    return float(_metrics.stringWidth(letter, FONT, 1))


@cache
def _face() -> frozenset[int]:
    """Make the font known to the printer, once in a process; return the characters it has."""
    font = _Font(FONT, FONT_FILE)
    _metrics.registerFont(font)
    return frozenset(font.face.charToGlyph)
