"""Which steps of which machines a run has taken, and which never."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django_fsm.signals import post_transition

from config.machines import aftersales, orders
from orders.models import Hold

# What becomes of an order; a file that is worked off has a life of its own.
MACHINES = tuple(
    machine
    for machine in (*orders.MACHINES, *aftersales.MACHINES)
    if not machine.slug.endswith("-file")
)

# The machine, from where, and to where.
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
        if before != after:
            self.steps[{"order": "order", "holds": "hold"}[kind], before, after] += 1

    @property
    def never(self) -> list[Step]:
        """What is drawn and was not taken."""
        return [step for step in drawn() if not self.steps[step]]

    def table(self) -> str:
        """Return it all as text: the acts, every drawn step, and where headers passed states over."""
        rows = [f"{act:<28} {outcome:<8} {n:>7}" for (act, outcome), n in sorted(self.acts.items())]
        further = sorted(step for step in self.steps if step not in drawn())
        for machine, before, after in [*drawn(), *further]:
            count = self.steps[machine, before, after] or "never"
            rows.append(f"{machine:<12} {before:>18} → {after:<18} {count:>7}")
        rows.append(f"{len(drawn()) - len(self.never)} of {len(drawn())} steps were taken")
        return "\n".join([*rows, *(f"never: {_told(step)}" for step in self.never)])

    def _hear(self, sender: type[models.Model], **heard: Any) -> None:
        slug = SLUGS.get((sender, heard["field"].name))
        if slug and sender is not Hold:
            self._seen.append((slug, str(heard["source"]), str(heard["target"])))


def drawn() -> list[Step]:
    """Return every step of every machine of orders and after-sales, as its page draws it."""
    return list(STEPS)


def _told(step: Step) -> str:
    return "{} {} → {}".format(*step)


SLUGS = {
    (machine.model, machine.state_field): machine.slug for machine in MACHINES if machine.model
}
STEPS = dict.fromkeys(
    (machine.slug, str(step.source), str(step.target))
    for machine in MACHINES
    for step in machine.steps
)
