"""Rules about after-sales: every act of shop, platform and source on every kind of case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from aftersales import (
    applying,
    deciding,
    inspecting,
    refunding,
    reshipping,
    returning,
    tracking,
)
from aftersales.models import Evidence
from kit.actors import Actor
from orders.tracking import Heard
from tests.model.base import Base, by_id, deed
from tests.model.cases import LIABLE, Case
from tests.model.things import Line

TYPES = ("refund_only", "return_refund", "exchange", "resend", "compensation")
ADDRESS = "售后 13700000000 上海市浦东新区张江路1号"
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
Act = tuple[Callable[[], object], Callable[[], object]]


class CaseRules(Base):
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
        self.step(
            f"apply {type_}",
            lambda: applying.apply(
                distributor=self.world.shops[line.order.shop],
                order_pk=self.order_pk(line.order),
                line_id=line.wanted.line_id,
                type=type_,
                quantity=pieces,
                reason="other" if proof == "not needed" else "damaged",
                asked_fen=asked_fen,
                evidence=[self._picture(line.order.shop)] if proof == "given" else [],
                **self.now,
            ),
            lambda: self.books.apply(line, type_, pieces, asked_fen, proof != "missing"),
        )

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
        self.step(
            "refund actively",
            lambda: refunding.refund_actively(
                order_pk=self.order_pk(order),
                pieces=by_id(pieces),
                reason="other",
                with_freight=with_freight,
                **self.now,
            ),
            lambda: self.books.refund_actively(order, pieces, with_freight),
        )

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
        return self._plain(case, act)

    def _plain(self, case: Case, act: str) -> Act:
        """An act that says nothing but which case it is about, and perhaps a parcel or an address."""
        mine = {**self._case(case), "distributor": self.world.shops[case.line.order.shop]}
        when = self.books.now - timedelta(hours=1)
        books, no = self.books, f"SF{self.number():012d}"
        label: dict[str, Any] = {"carrier_code": "SF", "tracking_no": no}
        source = self.world.suppliers.get(case.line.part.source)
        acts: dict[str, Any] = {
            "withdraw case": (partial(applying.withdraw, **mine), books.withdraw),
            "escalate": (partial(applying.escalate, **mine), books.escalate),
            "push address": (
                partial(returning.push_address, address=ADDRESS, **self._case(case)),
                lambda one: books.push_address(one, ADDRESS),
            ),
            "send back": (
                partial(returning.send_back, **label, **mine),
                lambda one: books.send_back(one, no),
            ),
            "waive return": (
                partial(returning.waive_return, **self._case(case)),
                books.waive_return,
            ),
            "arrive": (partial(returning.arrive, **self._case(case)), books.arrive),
            "hear": (partial(self._deliver, case, when), lambda one: books.hear(one, when)),
            "lose return": (partial(returning.lose_return, **self._case(case)), books.lose_return),
            "accept offer": (partial(inspecting.accept_offer, **mine), books.accept_offer),
            "dispute": (partial(inspecting.dispute, **mine), books.dispute),
            "give goods back": (
                partial(inspecting.give_goods_back, **label, **self._case(case)),
                books.give_goods_back,
            ),
            "reship": (
                partial(reshipping.reship, supplier=source, **label, **self._case(case)),
                lambda one: books.reship(one, no),
            ),
            "cannot reship": (
                partial(reshipping.cannot_reship, **self._case(case)),
                books.cannot_reship,
            ),
            "switch to refund": (
                partial(reshipping.switch_to_refund, **mine),
                books.switch_to_refund,
            ),
            "receive again": (partial(reshipping.receive, **mine), books.receive_again),
            "lose reshipment": (
                partial(reshipping.lose_reshipment, **self._case(case)),
                books.lose_reshipment,
            ),
        }
        real, model = acts[act]
        return real, partial(model, case)

    def _decision(self, data: st.DataObject, case: Case, act: str) -> Act:
        who = data.draw(st.sampled_from(["小李", "小王"]), label="who")
        wanted = {**self._case(case), "actor": Actor("person", who)}
        name = str(wanted["actor"])
        if act == "reject":
            real = partial(deciding.reject, note="不符", **wanted)
            return real, partial(self.books.reject, case, name)
        agreed = data.draw(st.integers(0, 2), label="agreed") > 0
        if act == "rule":
            real = partial(deciding.rule, for_distributor=agreed, note="裁定", **wanted)
            return real, partial(self.books.rule, case, agreed, name)
        if act == "review":
            real = partial(deciding.review, agreed=agreed, note="复核", **wanted)
            return real, partial(self.books.review, case, agreed, name)
        fen = self._amount(data, self.books.most_fen(case), often_all=True)
        liability = data.draw(st.sampled_from(LIABLE), label="liability")
        part = case.line.part
        left_fen = part.freight_fen - part.freight_refunded_fen
        freight_fen = data.draw(st.sampled_from([0, 0, left_fen, left_fen // 2]), label="freight")
        address = data.draw(st.sampled_from(["", ADDRESS]), label="address")
        terms: dict[str, Any] = {
            "approved_fen": fen,
            "liability": liability,
            "freight_fen": freight_fen,
            "return_address": address,
        }
        real = partial(deciding.approve, **terms, **wanted)
        model = partial(self.books.approve, case, fen, liability, name, freight_fen, address)
        return real, model

    def _inspection(self, data: st.DataObject, case: Case) -> Act:
        result = data.draw(st.sampled_from(["pass", "pass", "partial", "fail"]), label="result")
        has_photo = data.draw(st.integers(0, 5), label="photo") > 0
        restocked = data.draw(st.integers(0, case.quantity), label="restocked")
        offer = None if result == "pass" else self._amount(data, case.approved_fen or 0)
        name = str(self.now["actor"])
        return (
            partial(
                inspecting.inspect,
                result=result,
                grade="opened",
                restocked=restocked,
                offered_fen=offer,
                photos=[self._picture(None)] if has_photo else [],
                **self._case(case),
            ),
            partial(self.books.inspect, case, result, restocked, offer, has_photo, name),
        )

    def _resubmission(self, data: st.DataObject, case: Case) -> Act:
        cap_fen = self.books.cap_fen(case.line, case.quantity, without=case)
        asked_fen = data.draw(st.sampled_from([None, 1, cap_fen, cap_fen + 1]), label="asked")
        shop = self.world.shops[case.line.order.shop]
        return (
            partial(applying.resubmit, distributor=shop, asked_fen=asked_fen, **self._case(case)),
            partial(self.books.resubmit, case, asked_fen),
        )

    def _deliver(self, case: Case, when: datetime) -> None:
        """The parcels of a case have arrived, as their carriers say."""
        numbers = (*case.returns, *case.reshipped)
        heard = [Heard("SF", number, "delivered", when) for number in numbers]
        tracking.record(heard=heard, at=self.books.now)

    def _picture(self, shop: str | None) -> str:
        """A picture that nothing uses yet, without its file."""
        picture = Evidence.objects.create(
            upload_id=f"E{self.number()}",
            distributor=self.world.shops[shop] if shop else None,
            file="evidence/picture.webp",
            thumbnail="evidence/small.webp",
            sha256="0" * 64,
            uploaded_at=self.books.now,
        )
        return picture.upload_id

    def _case(self, case: Case) -> dict[str, Any]:
        return {"case_no": self.seen.cases[self.books.cases.index(case)], **self.now}

    def _amount(self, data: st.DataObject, most_fen: int, often_all: bool = False) -> int:
        """Some amount up to a limit, and a fen above it now and then."""
        choices = [most_fen, most_fen // 2, 1, most_fen // 3, most_fen + 1]
        return data.draw(st.sampled_from([most_fen] * 4 * often_all + choices), label="amount")
