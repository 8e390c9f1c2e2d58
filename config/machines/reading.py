"""What a machine is made of: states with their meaning, steps with who takes them, waits with their end.

Steps are read from the transitions of the models; words and waits stand in the tables beside this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import translation


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages."""

    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a state waits, as a policy says, and what happens then."""

    policy: str
    outcome: Words

    @property
    def unit(self) -> str:
        """In what the policy counts, as its name says."""
        return next(unit for unit in ("minutes", "hours", "days") if unit in self.policy)


@dataclass(frozen=True, slots=True)
class Step:
    """A way from one state to another, who goes it, and what it means."""

    name: str
    source: str
    target: str
    by: tuple[str, ...]
    meaning: Words


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine in words: `waits` by state; `steps` are given only where no model declares them."""

    slug: str
    title: Words
    about: Words
    choices: type[models.TextChoices]
    states: Mapping[str, Words]
    # Where the boxes of the drawing stand: rows of states, "." for an empty place.
    grid: Sequence[str]
    waits: Mapping[str, Sequence[Wait]] = field(default_factory=dict)
    model: type[models.Model] | None = None
    state_field: str = "state"
    # The Chinese of what the docstrings of the transitions say in English.
    chinese: Mapping[str, str] = field(default_factory=dict)
    drawn: Sequence[Step] = ()
    # Addresses of the API that a distributor may call in a state.
    calls: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """Every step, in the order of the states it leads from."""
        order = list(self.states)
        return sorted(
            self.drawn or _declared(self),
            key=lambda step: (order.index(step.source), order.index(step.target)),
        )

    @property
    def start(self) -> str:
        """The state in which every one begins."""
        return next(iter(self.states))

    @property
    def ends(self) -> list[str]:
        """The states that nothing leads out of."""
        left = {step.source for step in self.steps}
        return [state for state in self.states if state not in left]

    def label(self, state: str) -> Words:
        """Return a state's name, as pages show it."""
        return both(lambda: str(self.choices(state).label))


def both(text: Any) -> Words:
    """Return a translated text in both languages."""
    with translation.override("zh-hans"):
        chinese = text()
    with translation.override("en"):
        return Words(chinese, text())


def _declared(machine: Machine) -> list[Step]:
    assert machine.model is not None, machine.slug
    state: Any = machine.model._meta.get_field(machine.state_field)
    return [
        Step(
            name=transition.name,
            source=str(transition.source),
            target=str(transition.target),
            by=transition.custom.get("by", ()),
            meaning=_meaning(machine, transition),
        )
        for transition in state.get_all_transitions(machine.model)
    ]


def _meaning(machine: Machine, transition: Any) -> Words:
    english = (transition.method.__doc__ or "").strip().split("\n")[0]
    return Words(machine.chinese.get(transition.name, ""), english)
