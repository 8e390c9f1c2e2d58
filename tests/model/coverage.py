"""Which steps of which machines a run has taken, and which never."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django_fsm.signals import post_transition

from aftersales.models import Case, Claim
from kit import states
from orders.models import Cancellation, Fulfilment, Hold, Shipment

MACHINES: tuple[tuple[type[models.Model], str], ...] = (
    (Hold, "state"),
    (Fulfilment, "state"),
    (Shipment, "state"),
    (Cancellation, "state"),
    (Case, "state"),
    (Claim, "state"),
    (Claim, "goodwill"),
)

Step = tuple[str, str, str]


class Coverage:
    """Counts the steps of acts that were done, and the acts by name and outcome."""

    def __init__(self) -> None:
        self.steps: Counter[Step] = Counter()
        self.acts: Counter[tuple[str, str]] = Counter()
        self._seen: list[Step] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of every transition method that is called meanwhile, but for holds."""
        post_transition.connect(self._hear)
        try:
            yield
        finally:
            post_transition.disconnect(self._hear)

    def count(self, act: str, outcome: str) -> None:
        """Count an act; the steps that were heard since the last one only if it was done."""
        self.acts[act, outcome] += 1
        if outcome == "done":
            self.steps.update(self._seen)
        self._seen.clear()

    def compare(self, kind: str, before: str, after: str) -> None:
        """Count a move that no method of a row makes: headers are computed, holds placed in bulk."""
        machine = {"order": "Order.state", "holds": "Hold.state"}[kind]
        if before != after:
            self.steps[machine, before, after] += 1

    @property
    def never(self) -> list[Step]:
        """What is drawn and was not taken."""
        return [step for step in _drawn() if not self.steps[step]]

    def table(self) -> str:
        """Return it all as text."""
        rows = [f"{act:<28} {outcome:<8} {n:>7}" for (act, outcome), n in sorted(self.acts.items())]
        headers = [step for step in self.steps if step[0] == "Order.state"]
        for machine, before, after in [*sorted(headers), *_drawn()]:
            count = self.steps[machine, before, after] or "never"
            rows.append(f"{machine:<20} {before:>18} → {after:<18} {count:>7}")
        return "\n".join(rows)

    def _hear(self, sender: type[models.Model], **heard: Any) -> None:
        if sender is Hold:
            return
        name = f"{sender.__name__}.{heard['field'].name}"
        self._seen.append((name, str(heard["source"]), str(heard["target"])))


def _drawn() -> list[Step]:
    return [
        (f"{model.__name__}.{field}", str(before), str(after))
        for model, field in MACHINES
        for before, after in sorted(states.transitions_of(model, field))
    ]
