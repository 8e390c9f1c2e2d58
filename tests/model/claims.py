"""The model of claims, which move nothing, and of the platform's goodwill, which may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.model.cases import Cases
from tests.model.things import Line, Named, Sku, require

ENDS = ("rejected", "withdrawn", "refunded", "completed")
GIVEN_UP = ("rejected", "withdrawn")
OPEN = ("asked", "offered")
ANSWER = timedelta(days=7)
# By act: from where to where, for which types.
EVERY = ("refund", "return", "exchange")
STEPS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "agree": (("applied",), "agreed", EVERY),
    "reject": (("applied",), "rejected", EVERY),
    "withdraw": (("applied", "agreed", "awaiting_return"), "withdrawn", EVERY),
    "push_address": (("agreed",), "awaiting_return", ("return", "exchange")),
    "send_back": (("awaiting_return",), "returning", EVERY),
    "receive": (("returning",), "received", EVERY),
    "reship": (("received",), "reshipped", ("exchange",)),
    "complete": (("reshipped",), "completed", EVERY),
}


@dataclass(eq=False, repr=False)
class Claim(Named):
    """What a consumer claims of the shop."""

    line: Line
    type: str
    quantity: int
    state: str = "applied"
    goodwill: str = "none"
    kind: str = ""
    asked_fen: int = 0
    goodwill_fen: int = 0
    liability: str = ""
    due_at: datetime | None = None
    shipped_again: bool = False

    def __repr__(self) -> str:
        return f"claim {self.type} {self.state}/{self.goodwill} of {self.line}"


class Claims(Cases):
    """Books with claims: the whole model."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        super().__init__(skus, rates, at)
        self.claims: list[Claim] = []

    def claim(self, line: Line, type_: str, pieces: int) -> None:
        require(0 < pieces <= self.claimable(line))
        self.claims.append(Claim(line, type_, pieces))

    def claimable(self, line: Line) -> int:
        """Received pieces in no open claim."""
        claims = [claim for claim in self.claims if claim.line is line]
        return line.received - sum(one.quantity for one in claims if one.state not in ENDS)

    def claim_step(self, claim: Claim, act: str) -> None:
        """A step on the shop's own road; the very step again changes nothing."""
        if act == "refund":
            self._refund_claim(claim)
            return
        sources, target, types = STEPS[act]
        if claim.state == target and act not in ("send_back", "reship"):
            return
        require(claim.state in sources and claim.type in types)
        if target in GIVEN_UP:
            require(claim.goodwill != "settled")
            claim.goodwill = "declined" if claim.goodwill in OPEN else claim.goodwill
        claim.state = target

    def _refund_claim(self, claim: Claim) -> None:
        source = {"refund": "agreed", "return": "received"}.get(claim.type)
        if claim.state != "refunded":
            require(claim.state == source)
            claim.state = "refunded"

    # Goodwill

    def kept_fen(self, line: Line) -> int:
        given = [c for c in self.claims if c.line is line and c.goodwill == "settled"]
        return super().kept_fen(line) + sum(c.goodwill_fen for c in given if c.kind == "amount")

    def left_fen(self, claim: Claim) -> int:
        """What may still be given for a claim: what was paid for received pieces, and not returned."""
        line = claim.line
        unreceived = line.price.fen * (line.cancelled + line.written_off)
        paid_fen = line.price.fen * line.received - (line.refunded_fen - unreceived)
        return max(0, min(self.cap_fen(line, claim.quantity), paid_fen))

    def ask(self, claim: Claim, fen: int) -> None:
        """Ask for an amount, or with 0 fen for new goods; asking the same again changes nothing."""
        if claim.goodwill in OPEN and claim.asked_fen == fen:
            return
        require(claim.goodwill == "none" and claim.state not in GIVEN_UP)
        require(0 <= fen <= self.left_fen(claim))
        claim.goodwill, claim.kind = "asked", "amount" if fen else "reship"
        claim.asked_fen, claim.due_at = fen, self.now + ANSWER

    def offer(self, claim: Claim, fen: int, liability: str) -> None:
        """An amount, or with 0 fen new goods."""
        require(claim.goodwill == "asked" and (not fen or 1 <= fen <= self.left_fen(claim)))
        claim.goodwill, claim.kind = "offered", "amount" if fen else "reship"
        claim.goodwill_fen, claim.liability = fen, liability
        claim.due_at = self.now + ANSWER

    def settle_goodwill(self, claim: Claim) -> None:
        if claim.goodwill == "settled":
            return
        require(claim.goodwill == "offered" and claim.state not in GIVEN_UP)
        line = claim.line
        if claim.kind == "amount":
            require(claim.goodwill_fen <= self.left_fen(claim))
            line.refunded_fen += claim.goodwill_fen
            self.bear(line, claim.liability, claim.goodwill_fen)
        else:
            draws = self.draw(line.order.shop, [line.wanted.of(claim.quantity)])
            self.move_stock(line.order.shop, line.wanted.sku, draws[0], claim.quantity - draws[0])
        claim.goodwill = "settled"

    def decline(self, claim: Claim) -> None:
        require(claim.goodwill in OPEN)
        claim.goodwill = "declined"

    def leave_offer(self, claim: Claim) -> None:
        if claim.goodwill != "declined":
            require(claim.goodwill in OPEN and claim.state not in GIVEN_UP)
            claim.goodwill = "declined"

    def ship_goodwill(self, claim: Claim) -> None:
        require(claim.goodwill == "settled" and claim.kind == "reship" and not claim.shipped_again)
        claim.shipped_again = True

    def decline_due(self) -> None:
        for claim in self.claims:
            if claim.goodwill in OPEN and claim.due_at and claim.due_at <= self.now:
                claim.goodwill = "declined"
