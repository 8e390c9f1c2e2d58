"""Rules about after-sales: every act of shop, platform and source on every kind of case."""

from hypothesis import strategies as st

from tests.model.base import Act, deed
from tests.model.case_acts import ADDRESS, STAFF, CaseActs
from tests.model.cases import LIABLE, Case
from tests.model.things import Line

TYPES = ("refund_only", "return_refund", "exchange", "resend", "compensation")
# What is mostly done in a state; everything else is tried now and then.
FITTING = {
    "applied": ("approve", "approve", "approve", "reject", "withdraw case"),
    "approved": ("push address",),
    "rejected": ("resubmit", "escalate", "escalate"),
    "awaiting_return": ("send back", "send back", "waive return", "withdraw case"),
    "returning": ("arrive", "arrive", "hear", "lose return"),
    "inspecting": ("inspect",),
    "inspection_failed": ("accept offer", "dispute", "give goods back"),
    "reshipping": ("reship", "reship", "cannot reship", "switch to refund"),
    "reshipped": ("receive again", "lose reshipment", "hear"),
    "arbitration": ("rule", "rule", "rule", "give goods back"),
    "refund_review": ("review",),
    "closed": ("give goods back",),
}
ACTS = sorted({act for acts in FITTING.values() for act in acts})
# A picture, where the reason needs one.
PROOFS = st.sampled_from(["not needed"] * 4 + ["given", "missing"])


class CaseRules(CaseActs):
    """After-sales."""

    @deed(
        weight=14,
        when=lambda self: any(any(self.books.room(line)) for line in self.lines),
        type_=st.sampled_from(TYPES),
        in_full=st.booleans(),
        proof=PROOFS,
    )
    def apply(self, data: st.DataObject, type_: str, in_full: bool, proof: str) -> None:
        line = self.pick(data, self.lines, lambda one: self._most(one, type_))
        if line is None:
            return
        most = self._most(line, type_) or 1
        pieces = data.draw(st.integers(1, most), label="pieces")
        cap_fen = self.books.cap_fen(line, pieces)
        asked_fen = None if in_full else self._amount(data, cap_fen)
        self.step(f"apply {type_}", *self.applying(line, type_, pieces, asked_fen, proof))

    @deed(weight=40, when=lambda self: self.open_cases)
    def work_on_a_case(self, data: st.DataObject) -> None:
        self._work(data)

    @deed(
        weight=2,
        when=lambda self: self.orders,
        everything=st.booleans(),
        with_freight=st.booleans(),
    )
    def refund_actively(self, data: st.DataObject, everything: bool, with_freight: bool) -> None:
        order = self.pick(data, self.orders, lambda one: any(map(self._unreceived, one.lines)))
        if order is None:
            return
        pieces = None if everything else self.some(data, order.lines, self._unreceived)
        self.step("refund actively", *self.refunding(order, pieces, with_freight))

    @property
    def open_cases(self) -> list[Case]:
        return [case for case in self.books.cases if case.is_open]

    def _most(self, line: Line, type_: str) -> int:
        """How many pieces can be applied for."""
        return max(left for _, left in self.books.sides(line, type_))

    def _unreceived(self, line: Line) -> int:
        return line.to_ship + self.books.room(line)[0]

    def _work(self, data: st.DataObject) -> None:
        case = self.pick(data, self.books.cases, lambda case: case.is_open)
        if case is None:
            return
        anything = data.draw(st.integers(0, 7), label="odds") == 0
        acts = ACTS if anything else FITTING.get(case.state, ACTS)
        act = data.draw(st.sampled_from(acts), label="act")
        self.step(act, *self._act(data, case, act))

    def _act(self, data: st.DataObject, case: Case, act: str) -> Act:
        if act in ("approve", "reject", "rule", "review"):
            return self._decision(data, case, act)
        if act == "inspect":
            return self._inspection(data, case)
        if act == "resubmit":
            return self._resubmission(data, case)
        return self.simply(case, act)

    def _decision(self, data: st.DataObject, case: Case, act: str) -> Act:
        who = data.draw(st.sampled_from(STAFF), label="who")
        if act == "reject":
            return self.rejecting(case, who)
        if act != "approve":
            agreed = data.draw(st.integers(0, 2), label="agreed") > 0
            answer = self.ruling if act == "rule" else self.reviewing
            return answer(case, agreed, who)
        fen = self._amount(data, self.books.most_fen(case), often_all=True)
        liability = data.draw(st.sampled_from(LIABLE), label="liability")
        part = case.line.part
        left_fen = part.freight_fen - part.freight_refunded_fen
        freight_fen = data.draw(st.sampled_from([0, 0, left_fen, left_fen // 2]), label="freight")
        address = data.draw(st.sampled_from(["", ADDRESS]), label="address")
        return self.approving(case, fen, who, liability, freight_fen, address)

    def _inspection(self, data: st.DataObject, case: Case) -> Act:
        result = data.draw(st.sampled_from(["pass", "pass", "partial", "fail"]), label="result")
        has_photo = data.draw(st.integers(0, 5), label="photo") > 0
        restocked = data.draw(st.integers(0, case.quantity), label="restocked")
        offer = None if result == "pass" else self._amount(data, case.approved_fen or 0)
        return self.inspecting(case, result, offer, restocked, has_photo)

    def _resubmission(self, data: st.DataObject, case: Case) -> Act:
        cap_fen = self.books.cap_fen(case.line, case.quantity, without=case)
        asked_fen = data.draw(st.sampled_from([None, 1, cap_fen, cap_fen + 1]), label="asked")
        return self.resubmitting(case, asked_fen)

    def _amount(self, data: st.DataObject, most_fen: int, often_all: bool = False) -> int:
        """Some amount up to a limit, and a fen above it now and then."""
        choices = [most_fen, most_fen // 2, 1, most_fen // 3, most_fen + 1]
        return data.draw(st.sampled_from([most_fen] * 4 * often_all + choices), label="amount")
