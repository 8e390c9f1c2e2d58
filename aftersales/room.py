"""How many pieces of a line a case may still be about, and how much money may still come back.

Two cases never count one piece twice, and nothing comes back that was not debited: what was given
for pieces that their consumer keeps (compensation, goodwill) is taken off their price.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from aftersales.models import Case, CaseState, CaseType, Claim, GoodwillKind, GoodwillState
from orders.models import Line


@dataclass(frozen=True, slots=True)
class Room:
    """What of a line is in no open case.

    `on_the_way` pieces were shipped and not received, `received` ones are with the consumer;
    `kept_fen` was given, or is asked in open cases, for pieces that are not refunded.
    """

    line: Line
    on_the_way: int
    received: int
    kept_fen: int

    @property
    def pieces(self) -> int:
        """All free pieces."""
        return self.on_the_way + self.received

    def cap_fen(self, quantity: int) -> int:
        """Return what may come back for so many of the pieces, without freight."""
        line = self.line
        price_fen = line.agreement_price_fen
        left_fen = price_fen * (line.shipped - line.refunded + line.cancelled) - self.kept_fen
        return max(0, min(price_fen * quantity, left_fen))


def of(lines: Collection[Line], *, without: Case | None = None) -> dict[int, Room]:
    """Return the room of each line, by its key; as if the case `without` were not there."""
    cases = Case.objects.filter(line__in=[line.pk for line in lines], ended_at=None)
    if without is not None:
        cases = cases.exclude(pk=without.pk)
    open_cases: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("line_id", "quantity", "after_receipt")
    for row in cases.values(*columns, fen=Coalesce("approved_fen", "asked_fen")):
        open_cases[row["line_id"]].append(row)
    given = _given(lines)
    return {line.pk: _room(line, open_cases[line.pk], given[line.pk]) for line in lines}


def on_the_way(line: Line) -> int:
    """Return how many pieces of a line were shipped and neither received nor refunded."""
    return line.shipped - line.received - line.written_off


def _room(line: Line, cases: list[dict[str, Any]], given_fen: int) -> Room:
    in_cases = sum(row["quantity"] for row in cases)
    waiting = sum(row["quantity"] for row in cases if not row["after_receipt"])
    free = line.shipped - line.refunded + line.cancelled - in_cases
    # Pieces may have been received while a case was open that was opened before.
    under_way = min(free, max(0, on_the_way(line) - waiting))
    asked_fen = sum(row["fen"] for row in cases)
    return Room(line, under_way, free - under_way, given_fen + asked_fen)


def _given(lines: Collection[Line]) -> dict[int, int]:
    """Return what was given for pieces that their consumer kept, without freight, by line."""
    pks = [line.pk for line in lines]
    given: dict[int, int] = defaultdict(int)
    kept = Case.objects.filter(
        line__in=pks, type=CaseType.COMPENSATION, state=CaseState.REFUNDED
    ).values_list("line_id")
    for line_pk, fen in kept.annotate(fen=Sum(F("refunded_fen") - F("freight_fen"))):
        given[line_pk] += fen
    goodwill = Claim.objects.filter(
        line__in=pks, goodwill=GoodwillState.SETTLED, goodwill_kind=GoodwillKind.AMOUNT
    ).values_list("line_id")
    for line_pk, fen in goodwill.annotate(fen=Sum("goodwill_fen")):
        given[line_pk] += fen
    return given
