"""What every rule builds on: one example is one transaction, rolled back; one step is one act."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from books import verifying
from integration import outbox
from kit.actors import Actor
from kit.errors import DomainError
from ledger import chaining
from tests.model import reading
from tests.model.coverage import Coverage
from tests.model.things import TO_RECEIVE, TO_SHIP, Line, Order, Part, Refused
from tests.model.world import World, make_books

Row = TypeVar("Row")
Method = TypeVar("Method", bound=Callable[..., None])
# What an act does to the database, and what it does to the model.
Act = tuple[Callable[[], object], Callable[[], object]]

ACTOR = Actor("person", "model@example.test")
# A sixth of the choices is made among everything, so that acts are also refused.
ODDS = 6


class CrashedAtCommitError(Exception):
    """The machine stopped when all was done and nothing committed."""


def _always(machine: object) -> bool:
    return True


@dataclass(frozen=True)
class Deed:
    """Something that may be done now and then: how often, when at all, and with what arguments."""

    weight: int
    when: Callable[[Any], object]
    arguments: Mapping[str, st.SearchStrategy[Any]]


def deed(
    *, weight: int, when: Callable[[Any], object] = _always, **arguments: st.SearchStrategy[Any]
) -> Callable[[Method], Method]:
    """Make a method a deed of the machine.

    Hypothesis' own rules come each with the same weight, and half of them are switched off in an
    example; a case would hardly ever reach its end.
    """

    def mark(method: Method) -> Method:
        method.deed = Deed(weight, when, arguments)  # type: ignore[attr-defined]
        return method

    return mark


class Base(RuleBasedStateMachine):
    """Does an act to the database and to the model, and compares what both say."""

    world: ClassVar[World]
    coverage: ClassVar[Coverage]
    # How many steps an example has, those included with which it begins.
    length: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.example = _outermost()
        self.example.__enter__()
        self.reader = reading.Reader(self.world)
        self.books = make_books()
        self.agrees, self.proved = True, False
        self.crash_next = False
        self.numbers, self.taken = 0, 0
        self.seen = self.reader.read()
        self.compare("start")

    @rule(data=st.data())
    def do(self, data: st.DataObject) -> None:
        """Do one thing that makes sense now."""
        if self.taken >= self.length:
            return
        self.taken += 1
        deeds: dict[str, Deed] = {
            name: method.deed
            for name, method in vars_of(type(self)).items()
            if hasattr(method, "deed") and method.deed.when(self)
        }
        # What is most needed comes first: Hypothesis likes the beginning of a list.
        ranked = sorted(deeds, key=lambda name: -deeds[name].weight)
        names = [name for name in ranked for _ in range(deeds[name].weight)]
        name = data.draw(st.sampled_from(names), label="deed")
        given = {
            key: data.draw(strategy, label=key) for key, strategy in deeds[name].arguments.items()
        }
        method = getattr(self, name)
        if "data" in inspect.signature(method).parameters:
            given["data"] = data
        method(**given)

    def teardown(self) -> None:
        """Prove the books, and leave no trace of the example."""
        try:
            if self.agrees and self.proved:
                self.prove()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def prove(self) -> None:
        outbox.stamp()
        chaining.link(at=self.books.now)
        chaining.link(at=self.books.now)
        report = verifying.look(at=self.books.now)
        found = [(finding.check.name, finding.rows) for finding in report.breaches]
        assert not found, found

    def step(self, name: str, real: Callable[[], object], model: Callable[[], object]) -> bool:
        """Do an act twice over; tell whether it was done, and not refused."""
        self.agrees = False
        if self.crash_next:
            self.crash_next = False
            self._crash(real)
        refused = self._refuses(model)
        before = self.seen
        try:
            real()
            refusal = None
        except DomainError as error:
            refusal = error
        self.seen = self.reader.read()
        self.coverage.count(name, "refused" if refusal else "done")
        assert (refusal is not None) == refused, f"{name}: {refusal!r}; should refuse: {refused}"
        if refused:
            assert self.seen.traces == before.traces, (name, before.traces, self.seen.traces)
        for key, fact in self.seen.facts.items():
            if key.startswith(("order ", "holds ")) and key in before.facts:
                self.coverage.compare(key.split()[0], before.facts[key][0], fact[0])
        self.compare(name)
        self.agrees = True
        return not refused

    def compare(self, name: str) -> None:
        wrong = reading.differences(reading.expected(self.books), self.seen.facts)
        assert not wrong, "\n  ".join([f"after {name}:", *wrong])

    def pick(
        self, data: st.DataObject, rows: Iterable[Row], fitting: Callable[[Row], Any]
    ) -> Row | None:
        """Choose a row to act on: mostly one that fits the act."""
        everything: Sequence[Row] = list(rows)
        good = [row for row in everything if fitting(row)]
        anything = data.draw(st.integers(0, ODDS - 1), label="odds") == ODDS - 1
        choices = everything if anything or not good else good
        if not choices or (not good and not anything):
            return None
        return data.draw(st.sampled_from(choices), label="which")

    def some(
        self, data: st.DataObject, lines: Iterable[Line], limit: Callable[[Line], int]
    ) -> dict[Line, int]:
        """Some pieces of some lines; now and then more than there are."""
        counts = {}
        for line in lines:
            most = limit(line)
            counts[line] = data.draw(st.integers(0, most + (most == 0)), label=f"pieces of {line}")
        return {line: count for line, count in counts.items() if count}

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    @property
    def now(self) -> dict[str, Any]:
        """Who acts, and when."""
        return {"actor": ACTOR, "at": self.books.now}

    @property
    def orders(self) -> list[Order]:
        return list(self.books.orders.values())

    @property
    def parts(self) -> list[Part]:
        return [part for order in self.orders for part in order.parts]

    @property
    def waiting_parts(self) -> list[Part]:
        return [part for part in self.parts if part.state in TO_SHIP]

    @property
    def lines(self) -> list[Line]:
        return [line for order in self.orders for line in order.lines]

    def coming(self, line: Line) -> int:
        """Pieces of a line that can be received."""
        held = [one for one in line.order.held if one.line is line]
        return sum(one.left for one in held if one.parcel.state in TO_RECEIVE)

    def order_pk(self, order: Order) -> int:
        return self.seen.orders[order.shop, order.number]

    def part_pk(self, part: Part) -> int:
        return self.seen.parts[part.order.shop, part.order.number, part.source]

    def line_pk(self, line: Line) -> int:
        return self.seen.lines[line.order.shop, line.order.number, line.wanted.line_id]

    def _crash(self, real: Callable[[], object]) -> None:
        """Lose an act at its commit: nothing of it may be left."""
        try:
            with _outermost():
                real()
                raise CrashedAtCommitError
        except (CrashedAtCommitError, DomainError):
            pass
        self.coverage.count("crash at commit", "lost")
        found = self.reader.read()
        assert found.traces == self.seen.traces
        assert found.facts == self.seen.facts

    def _refuses(self, model: Callable[[], object]) -> bool:
        try:
            model()
        except Refused:
            return True
        return False


def vars_of(machine: type) -> dict[str, Any]:
    """All that a class and those above it define."""
    return {name: getattr(machine, name) for name in dir(machine)}


def by_id(pieces: Mapping[Line, int] | None) -> dict[str, int] | None:
    """Pieces as a distributor names them."""
    if pieces is None:
        return None
    return {line.wanted.line_id: count for line, count in pieces.items()}


def _outermost() -> transaction.Atomic:
    """A transaction in which acts that own theirs may run, as those of Django's own test cases."""
    outermost = transaction.atomic()
    outermost._from_testcase = True  # type: ignore[attr-defined]
    return outermost
