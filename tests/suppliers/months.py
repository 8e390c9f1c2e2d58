"""Random months of settlement, and a model of what their bills must be that shares nothing with ours.

`python -m tests.suppliers.months 1000` runs so many; the suite runs a few.
"""

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
OPEN = ("issued", "accepted")
DAY = timedelta(days=1)
FIRST, LAST = date(2026, 9, 1), date(2026, 12, 31)


def start_of(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


@dataclass(slots=True)
class Moved:
    """Something that was posted for or against a supplier."""

    reference: str
    fen: int
    at: datetime


@dataclass(slots=True)
class ModelBill:
    """A bill as it must be."""

    first: date
    last: date
    lines: dict[str, int]
    carried: int
    state: str = "issued"
    carried_into: "ModelBill | None" = None

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.carried


@dataclass(slots=True)
class Month:
    """One supplier, what was posted, and its bills."""

    cycle: str
    moved: list[Moved] = field(default_factory=list)
    bills: list[ModelBill] = field(default_factory=list)

    def waiting(self, until: datetime) -> list[Moved]:
        """What is on no bill that counts."""
        taken = {ref for bill in self.bills if bill.state != "void" for ref in bill.lines}
        return [one for one in self.moved if one.reference not in taken and one.at < until]

    def run(self, today: date) -> None:
        """Issue what is due."""
        unbilled = self.waiting(start_of(today))
        if not unbilled:
            return
        oldest = min(one.at for one in unbilled).astimezone(SHANGHAI).date()
        for first, last in spans(self.cycle):
            known = any(
                (b.first, b.last) == (first, last) and b.state != "void" for b in self.bills
            )
            if last >= oldest and last < today and not known:
                self._issue(first, last)

    def _issue(self, first: date, last: date) -> None:
        lines = {one.reference: one.fen for one in self.waiting(start_of(last + DAY))}
        if not lines:
            return
        negative = [
            b for b in self.bills if b.total < 0 and b.state in OPEN and b.carried_into is None
        ]
        bill = ModelBill(first, last, lines, sum(b.total for b in negative))
        for one in negative:
            one.carried_into = bill
        self.bills.append(bill)

    def void(self, bill: ModelBill) -> None:
        """Set free what a bill lists and carries."""
        bill.state = "void"
        for one in self.bills:
            if one.carried_into is bill:
                one.carried_into = None

    def owed(self) -> int:
        """What the supplier must still get."""
        paid = sum(bill.total for bill in self.bills if bill.state == "paid")
        return sum(one.fen for one in self.moved) - paid


def spans(cycle: str) -> Iterator[tuple[date, date]]:
    """The periods of a cycle, day by day: a new one begins where its rule says so."""
    first, day = None, FIRST - 7 * DAY
    while day <= LAST:
        begins = {
            "weekly": day.weekday() == 0,
            "half_monthly": day.day in (1, 16),
            "monthly": day.day == 1,
        }[cycle]
        if begins:
            if first is not None:
                yield first, day - DAY
            first = day
        day += DAY


def make_month(dice: random.Random) -> Month:
    """A supplier that is settled with in some way."""
    return Month(cycle=dice.choice(["weekly", "half_monthly", "monthly"]))


def happen(month: Month, number: int, dice: random.Random, now: datetime) -> list[Moved]:
    """What is posted at a moment: goods, freight, refunds of all sizes; sometimes nothing."""
    found: list[Moved] = []
    for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
        sign = dice.choice([1, 1, 1, -1])
        # A refund may be more than what was ever earned.
        fen = sign * dice.choice([1, 99, dice.randint(1, 500_00), dice.randint(1, 5_00)])
        found.append(Moved(f"m{number}-{len(month.moved) + len(found)}", fen, now))
    month.moved.extend(found)
    return found


if __name__ == "__main__":
    import pytest

    os.environ["MONTHS"] = sys.argv[1] if len(sys.argv) > 1 else "1000"
    sys.exit(pytest.main(["-q", "-s", "tests/suppliers/test_months.py"]))
