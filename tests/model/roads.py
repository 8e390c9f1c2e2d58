"""Roads: what happens to one order, step by step, so that together every step of every machine is taken.

Chance alone would take some steps once in a thousand examples. Each example begins somewhere on a
road, to go on by chance; and every road is walked once to its end.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar

from tests.model.base import Act, vars_of
from tests.model.calling_off import Cancellation
from tests.model.case_acts import ADDRESS, CaseActs
from tests.model.cases import Case
from tests.model.claim_rules import ClaimRules
from tests.model.claims import Claim
from tests.model.order_rules import OrderRules
from tests.model.parcel_rules import ParcelRules
from tests.model.promises import Hold
from tests.model.things import Line, Parcel, Part, Rules

SOON = timedelta(minutes=31)
LONG = timedelta(days=8, hours=1)
# A road yields after each of its steps; what is common to several also says what it made.
Road = Iterator[None]
Way = Generator[None, None, Line]
Method = TypeVar("Method", bound=Callable[[Any], Iterator[None]])


def road(**rules: Any) -> Callable[[Method], Method]:
    """Mark a road, with those of the platform's policies that it needs."""
    needs = {
        "cancellation_at_once": True,
        "own_return_address": "",
        "review_above_fen": 500_00,
        "window_days": 4,
        **rules,
    }

    def mark(method: Method) -> Method:
        method.needs = needs  # type: ignore[attr-defined]
        return method

    return mark


class Roads(OrderRules, ParcelRules, CaseActs, ClaimRules):
    """Every road, by its name."""

    def walk(self, name: str, rules: Rules, steps: int | None = None) -> None:
        """Decide what the road needs, and take its steps, or only the first of them."""
        method = getattr(self, name)
        self.decide(replace(rules, **method.needs))
        for _ in islice(method(), steps):
            self.taken += 1

    def go(self, name: str, act: Act) -> None:
        """Take a step of a road, which nothing may refuse."""
        assert self.step(name, *act), name

    # Promises

    @road()
    def held_placed_released_lapsed(self) -> Road:
        for end in ("placed", "released", "lapsed"):
            asked = self.asked("A", f"N{self.number()}", self.wanted([("cup", 2)]), 0, "right")
            self.go("hold", self.holding(asked))
            yield
            if end == "placed":
                self.go("place", self.placing(asked))
                yield
            if end == "released":
                self.go("release hold", self.answering_hold(self._hold, "release"))
                yield
        self.wait(SOON)
        yield

    # Before and under way

    @road()
    def cancelled_at_once(self) -> Road:
        line = yield from self._bought("cup", 2)
        self.go("cancel", self.requesting(line.order, None))
        yield

    @road()
    def begun_sent_called_back_cancelled(self) -> Road:
        line = yield from self._bought("cup", 2)
        self.go("begin", self.beginning(line.part))
        yield
        yield from self._sent(line.part)
        self.go("void", self.mending(self._parcel, "void"))
        yield
        self.go("cancel by platform", self.striking(line.order, None))
        yield

    @road()
    def asked_and_answered(self) -> Road:
        line = yield from self._bought("cup", 3)
        self.go("begin", self.beginning(line.part))
        yield
        for answer in ("withdraw", "refuse", "grant"):
            self.go("cancel", self.requesting(line.order, {line: 1}))
            yield
            if answer == "refuse":
                number = f"SF{self.number():012d}"
                self.go("refuse", self.refusing(self._cancellation, number))
            else:
                self.go(f"{answer} request", self.answering(self._cancellation, answer))
            yield

    @road()
    def sent_in_pieces_that_come_back(self) -> Road:
        line = yield from self._bought("tea", 3)
        yield from self._sent(line.part, {line: 1})
        self.go("void", self.mending(self._parcel, "void"))
        yield
        yield from self._sent(line.part, {line: 1})
        yield from self._sent(line.part)
        self.go("void", self.mending(self._parcel, "void"))
        yield
        self.go("receive", self.receiving(line.order, None))
        yield
        self.go("cancel by platform", self.striking(line.order, None))
        yield

    @road()
    def sent_signed_received_completed(self) -> Road:
        line = yield from self._under_way("cup", 2)
        yield from self._heard("delivered")
        self.go("receive", self.receiving(line.order, None))
        yield
        self.wait(LONG)
        yield

    @road()
    def begun_and_a_part_sent_and_refunded(self) -> Road:
        line = yield from self._bought("tea", 2)
        self.go("begin", self.beginning(line.part))
        yield
        yield from self._sent(line.part, {line: 1})
        case = yield from self._applied(line, "refund_only", 1)
        yield from self._approved(case)
        self.go("cancel by platform", self.striking(line.order, None))
        yield

    # Parcels that go astray

    @road()
    def delayed_and_lost(self) -> Road:
        yield from self._under_way("tea", 1)
        yield from self._heard("exception", "in_transit", "exception")
        self.go("write off", self.mending(self._parcel, "write off"))
        yield
        self.wait(SOON)
        yield

    @road()
    def delayed_and_received(self) -> Road:
        line = yield from self._under_way("tea", 1)
        yield from self._heard("exception")
        self.go("receive", self.receiving(line.order, None))
        yield

    @road()
    def refused_and_inspected(self) -> Road:
        yield from self._under_way("cup", 2)
        yield from self._heard("exception", "refused")
        self.wait(SOON)
        yield
        self.go("come back", self.mending(self._parcel, "come back"))
        yield
        self.wait(SOON)
        yield
        self.go("inspect", self.inspecting(self._case_now, "pass", restocked=2))
        yield

    @road()
    def back_before_anybody_looked(self) -> Road:
        yield from self._under_way("cup", 2)
        yield from self._heard("returning")
        self.go("come back", self.mending(self._parcel, "come back"))
        yield
        self.wait(SOON)
        yield

    @road()
    def lost_on_its_way_back(self) -> Road:
        yield from self._under_way("cup", 2)
        yield from self._heard("returning")
        self.wait(SOON)
        yield
        self.go("write off", self.mending(self._parcel, "write off"))
        yield
        self.wait(SOON)
        yield
        self.go("rule", self.ruling(self._case_now, True))
        yield

    # Without a return

    @road(review_above_fen=40_00)
    def refund_reviewed(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "refund_only", 2)
        yield from self._approved(case)
        self.go("review", self.reviewing(case, True))
        yield

    @road(review_above_fen=40_00)
    def refund_declined_by_everybody(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "refund_only", 2)
        yield from self._approved(case)
        self.go("review", self.reviewing(case, False))
        yield
        self.go("resubmit", self.resubmitting(case, None))
        yield
        self.go("reject", self.rejecting(case))
        yield
        self.go("escalate", self.simply(case, "escalate"))
        yield
        self.go("rule", self.ruling(case, False))
        yield

    @road()
    def rejected_and_left(self) -> Road:
        line = yield from self._under_way("tea", 1)
        case = yield from self._applied(line, "refund_only", 1)
        self.go("reject", self.rejecting(case))
        yield
        self.wait(LONG)
        yield

    @road()
    def sent_again(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        yield from self._simple(case, "reship", "receive again")

    @road()
    def sent_again_and_lost(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        yield from self._simple(case, "reship", "lose reshipment")

    @road(review_above_fen=40_00)
    def sent_again_lost_and_reviewed(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        yield from self._simple(case, "reship", "lose reshipment")

    @road()
    def sent_again_too_late(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        self.wait(LONG)
        yield
        yield from self._simple(case, "switch to refund")

    @road()
    def nothing_to_send_again(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        yield from self._simple(case, "cannot reship")

    @road(review_above_fen=40_00)
    def nothing_to_send_again_and_reviewed(self) -> Road:
        line = yield from self._under_way("tea", 2)
        case = yield from self._applied(line, "resend", 2)
        yield from self._approved(case)
        yield from self._simple(case, "cannot reship")

    # With a return

    @road()
    def returned_and_refunded(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "pass", restocked=2))
        yield

    @road(review_above_fen=30_00)
    def returned_and_reviewed(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "pass", restocked=1))
        yield

    @road()
    def exchanged(self) -> Road:
        case = yield from self._back("exchange")
        self.go("inspect", self.inspecting(case, "pass", restocked=1))
        yield
        yield from self._simple(case, "reship", "receive again")

    @road()
    def failed_and_given_back(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "fail"))
        yield
        yield from self._simple(case, "give goods back")

    @road()
    def failed_disputed_and_ruled(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "partial", 10_00))
        yield
        yield from self._simple(case, "dispute")
        self.go("rule", self.ruling(case, True))
        yield

    @road()
    def failed_and_settled_for_less(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "partial", 10_00))
        yield
        yield from self._simple(case, "accept offer")

    @road(review_above_fen=5_00)
    def failed_and_settled_for_less_after_a_review(self) -> Road:
        case = yield from self._back("return_refund")
        self.go("inspect", self.inspecting(case, "partial", 10_00))
        yield
        yield from self._simple(case, "accept offer")

    @road()
    def return_waived(self) -> Road:
        line = yield from self._arrived("tea", 2)
        case = yield from self._applied(line, "return_refund", 2)
        yield from self._approved(case)
        yield from self._simple(case, "push address", "waive return")

    @road(review_above_fen=40_00)
    def return_waived_after_a_review(self) -> Road:
        line = yield from self._arrived("tea", 2)
        case = yield from self._applied(line, "return_refund", 2)
        yield from self._approved(case, ADDRESS)
        yield from self._simple(case, "waive return")

    @road()
    def returns_that_never_come(self) -> Road:
        """One is withdrawn, one expires, one is lost on its way, and one never meant."""
        line = yield from self._arrived("cup", 4)
        cases = []
        for _ in range(4):
            cases.append((yield from self._applied(line, "return_refund", 1)))
        for case in cases[:3]:
            yield from self._approved(case)
        yield from self._simple(cases[0], "withdraw case")
        yield from self._simple(cases[1], "send back", "lose return")
        yield from self._simple(cases[3], "withdraw case")
        self.wait(LONG)
        yield

    # Claims

    @road(window_days=0)
    def claims_that_are_met(self) -> Road:
        line = yield from self._arrived("jar", 3)
        back = ("agree", "push_address", "send_back", "receive")
        for type_, steps in (
            ("refund", ("agree", "refund")),
            ("return", (*back, "refund")),
            ("exchange", (*back, "reship", "complete")),
        ):
            yield from self._claimed(line, type_, *steps)

    @road(window_days=0)
    def claims_that_are_given_up(self) -> Road:
        line = yield from self._arrived("jar", 2)
        for steps in (
            ("reject",),
            ("withdraw",),
            ("agree", "withdraw"),
            ("agree", "push_address", "withdraw"),
        ):
            yield from self._claimed(line, "exchange", *steps)

    @road(window_days=0)
    def goodwill(self) -> Road:
        line = yield from self._arrived("jar", 4)
        helped: tuple[tuple[int, tuple[str, ...]], ...] = (
            (0, ("ask", "offer", "settle", "ship")),
            (1, ("ask", "offer", "settle")),
            (1, ("ask", "offer", "refuse")),
            (1, ("ask", "decline")),
        )
        for fen, acts in helped:
            yield from self._claimed(line, "refund")
            for act in acts:
                self.go(f"goodwill: {act}", self.helping(self._claim, act, fen))
                yield

    # What roads have in common

    def _bought(self, name: str, pieces: int) -> Way:
        asked = self.asked("A", f"N{self.number()}", self.wanted([(name, pieces)]), 0, "right")
        self.go("place", self.placing(asked))
        [line] = self.books.orders[asked.shop, asked.number].lines
        yield
        return line

    def _sent(self, part: Part, pieces: dict[Line, int] | None = None) -> Road:
        self.go("ship", self.shipping(part, pieces))
        yield

    def _under_way(self, name: str, pieces: int) -> Way:
        line = yield from self._bought(name, pieces)
        yield from self._sent(line.part)
        return line

    def _arrived(self, name: str, pieces: int) -> Way:
        line = yield from self._under_way(name, pieces)
        self.go("receive", self.receiving(line.order, None))
        yield
        return line

    def _heard(self, *statuses: str) -> Road:
        """A carrier has said one thing after the other, a minute apart."""
        for minutes, status in zip(range(len(statuses), 0, -1), statuses, strict=True):
            when = self.books.now - timedelta(minutes=minutes)
            self.go(f"scan {status}", self.scanning(self._parcel, status, when))
            yield

    def _applied(self, line: Line, type_: str, pieces: int) -> Generator[None, None, Case]:
        self.go(f"apply {type_}", self.applying(line, type_, pieces))
        case = self._case_now
        yield
        return case

    def _approved(self, case: Case, address: str = "") -> Road:
        fen = self.books.most_fen(case)
        self.go("approve", self.approving(case, fen, address=address))
        yield

    def _back(self, type_: str) -> Generator[None, None, Case]:
        """Goods have come back, and wait to be inspected."""
        line = yield from self._arrived("cup", 2)
        case = yield from self._applied(line, type_, 2)
        yield from self._approved(case)
        yield from self._simple(case, "send back", "arrive")
        return case

    def _simple(self, case: Case, *acts: str) -> Road:
        for act in acts:
            self.go(act, self.simply(case, act))
            yield

    def _claimed(self, line: Line, type_: str, *steps: str) -> Road:
        self.go("claim", self.claiming(line, type_, 1))
        yield
        for step in steps:
            self.go(f"claim: {step}", self.stepping(self._claim, step))
            yield

    @property
    def _hold(self) -> Hold:
        return self.books.holds[-1]

    @property
    def _cancellation(self) -> Cancellation:
        return self.books.cancellations[-1]

    @property
    def _parcel(self) -> Parcel:
        return self.books.parcels[-1]

    @property
    def _case_now(self) -> Case:
        return self.books.cases[-1]

    @property
    def _claim(self) -> Claim:
        return self.books.claims[-1]


ROADS = tuple(name for name, method in vars_of(Roads).items() if hasattr(method, "needs"))
