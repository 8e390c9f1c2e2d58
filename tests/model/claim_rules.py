"""Rules about claims and the platform's goodwill."""

from functools import partial
from typing import Any

from hypothesis import strategies as st

from aftersales import claiming, goodwill
from tests.model.base import Act, Base, deed
from tests.model.case_acts import ADDRESS
from tests.model.cases import LIABLE
from tests.model.claims import EVERY, Claim
from tests.model.things import Line

# What is mostly done in a state; a step that only some types take, with those.
STEPS = {
    "applied": ("agree", "agree", "agree", "agree", "reject", "withdraw"),
    "agreed": ("refund", "push_address", "push_address", "withdraw"),
    "awaiting_return": ("send_back", "send_back", "send_back", "withdraw"),
    "returning": ("receive",),
    "received": ("refund", "reship"),
    "reshipped": ("complete",),
}
TYPES = {
    ("agreed", "refund"): ("refund",),
    ("received", "refund"): ("return",),
    ("agreed", "push_address"): ("return", "exchange"),
    ("received", "reship"): ("exchange",),
}
EVERY_STEP = sorted({step for steps in STEPS.values() for step in steps})
GOODWILL = {
    "none": ("ask",),
    "asked": ("offer", "offer", "decline", "refuse"),
    "offered": ("settle", "settle", "settle", "decline", "refuse"),
    "settled": ("ship",),
}
EVERY_ACT = sorted({act for acts in GOODWILL.values() for act in acts})


class ClaimRules(Base):
    """Claims and goodwill."""

    @deed(
        weight=6,
        when=lambda self: any(line.received for line in self.lines),
        type_=st.sampled_from(EVERY),
    )
    def claim(self, data: st.DataObject, type_: str) -> None:
        line = self.pick(data, self.lines, self.books.claimable)
        if line is None:
            return
        pieces = data.draw(st.integers(1, self.books.claimable(line) + 1), label="pieces")
        self.step("claim", *self.claiming(line, type_, pieces))

    @deed(weight=16, when=lambda self: self.books.claims)
    def work_on_a_claim(self, data: st.DataObject) -> None:
        claim = self.pick(data, self.books.claims, lambda one: one.state in STEPS)
        if claim is None:
            return
        anything = data.draw(st.integers(0, 7), label="odds") == 0
        fitting = [
            step
            for step in STEPS.get(claim.state, EVERY_STEP)
            if claim.type in TYPES.get((claim.state, step), EVERY)
        ]
        steps = EVERY_STEP if anything else fitting
        step = data.draw(st.sampled_from(steps), label="step")
        self.step(f"claim: {step}", *self.stepping(claim, step))

    @deed(weight=12, when=lambda self: self.books.claims)
    def work_on_goodwill(self, data: st.DataObject) -> None:
        fits = ("none", "asked", "offered")
        claim = self.pick(data, self.books.claims, lambda one: one.goodwill in fits)
        if claim is None:
            return
        anything = data.draw(st.integers(0, 7), label="odds") == 0
        acts = EVERY_ACT if anything else GOODWILL.get(claim.goodwill, EVERY_ACT)
        act = data.draw(st.sampled_from(acts), label="act")
        left_fen = self.books.left_fen(claim)
        fen = data.draw(st.sampled_from([0, 1, left_fen, left_fen // 2, left_fen + 1]), label="fen")
        liability = data.draw(st.sampled_from(LIABLE), label="liability")
        self.step(f"goodwill: {act}", *self.helping(claim, act, fen, liability))

    def claiming(self, line: Line, type_: str, pieces: int) -> Act:
        words = f"claim {self.number()}"
        return (
            lambda: claiming.apply(
                distributor=self.world.shops[line.order.shop],
                order_pk=self.order_pk(line.order),
                line_id=line.wanted.line_id,
                type=type_,
                quantity=pieces,
                reason="other",
                description=words,
                **self.now,
            ),
            lambda: self.books.claim(line, type_, pieces),
        )

    def stepping(self, claim: Claim, step: str) -> Act:
        label = {"carrier_code": "SF", "tracking_no": f"SF{self.number():012d}"}
        more: dict[str, dict[str, Any]] = {
            "reject": {"note": "不同意"},
            "push_address": {"address": ADDRESS},
            "send_back": label,
            "reship": label,
        }
        real = partial(getattr(claiming, step), **self._mine(claim), **more.get(step, {}))
        return real, lambda: self.books.claim_step(claim, step)

    def helping(self, claim: Claim, act: str, fen: int = 1, liability: str = "platform") -> Act:
        books, mine = self.books, self._mine(claim)
        staff = {"claim_no": mine["claim_no"], **self.now}
        source = self.world.suppliers.get(claim.line.part.source)
        number = f"SF{self.number():012d}"
        offer: dict[str, Any] = {
            "kind": "amount" if fen else "reship",
            "amount_fen": fen,
            "liability": liability,
        }
        acts: dict[str, Act] = {
            "ask": (
                partial(goodwill.ask, amount_fen=fen, note="请求", **mine),
                partial(books.ask, claim, fen),
            ),
            "offer": (
                partial(goodwill.offer, **offer, **staff),
                partial(books.offer, claim, fen, liability),
            ),
            "decline": (
                partial(goodwill.decline, note="不", **staff),
                partial(books.decline, claim),
            ),
            "refuse": (partial(goodwill.refuse, **mine), partial(books.leave_offer, claim)),
            "settle": (partial(goodwill.settle, **mine), partial(books.settle_goodwill, claim)),
            "ship": (
                partial(
                    goodwill.ship, supplier=source, carrier_code="SF", tracking_no=number, **staff
                ),
                partial(books.ship_goodwill, claim),
            ),
        }
        return acts[act]

    def _mine(self, claim: Claim) -> dict[str, Any]:
        return {
            "distributor": self.world.shops[claim.line.order.shop],
            "claim_no": self.seen.claims[self.books.claims.index(claim)],
            **self.now,
        }
