"""Every act on a case, in the database and in the model, for rules that choose what to say with it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

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
from tests.model.base import Act, Base, by_id
from tests.model.cases import Case
from tests.model.things import Line, Order

ADDRESS = "售后 13700000000 上海市浦东新区张江路1号"
STAFF = ("小李", "小王")


class CaseActs(Base):
    """What shop, platform and source do about a case."""

    def applying(
        self,
        line: Line,
        type_: str,
        pieces: int,
        asked_fen: int | None = None,
        proof: str = "not needed",
    ) -> Act:
        return (
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

    def refunding(self, order: Order, pieces: dict[Line, int] | None, with_freight: bool) -> Act:
        return (
            lambda: refunding.refund_actively(
                order_pk=self.order_pk(order),
                pieces=by_id(pieces),
                reason="other",
                with_freight=with_freight,
                **self.now,
            ),
            lambda: self.books.refund_actively(order, pieces, with_freight),
        )

    def approving(
        self,
        case: Case,
        fen: int,
        who: str = STAFF[0],
        liability: str = "supplier",
        freight_fen: int = 0,
        address: str = "",
    ) -> Act:
        wanted = self._by(case, who)
        terms: dict[str, Any] = {
            "approved_fen": fen,
            "liability": liability,
            "freight_fen": freight_fen,
            "return_address": address,
        }
        name = str(wanted["actor"])
        return (
            partial(deciding.approve, **terms, **wanted),
            partial(self.books.approve, case, fen, liability, name, freight_fen, address),
        )

    def rejecting(self, case: Case, who: str = STAFF[0]) -> Act:
        wanted = self._by(case, who)
        real = partial(deciding.reject, note="不符", **wanted)
        return real, partial(self.books.reject, case, str(wanted["actor"]))

    def ruling(self, case: Case, agreed: bool, who: str = STAFF[1]) -> Act:
        wanted = self._by(case, who)
        real = partial(deciding.rule, for_distributor=agreed, note="裁定", **wanted)
        return real, partial(self.books.rule, case, agreed, str(wanted["actor"]))

    def reviewing(self, case: Case, agreed: bool, who: str = STAFF[1]) -> Act:
        wanted = self._by(case, who)
        real = partial(deciding.review, agreed=agreed, note="复核", **wanted)
        return real, partial(self.books.review, case, agreed, str(wanted["actor"]))

    def resubmitting(self, case: Case, asked_fen: int | None) -> Act:
        shop = self.world.shops[case.line.order.shop]
        return (
            partial(applying.resubmit, distributor=shop, asked_fen=asked_fen, **self._case(case)),
            partial(self.books.resubmit, case, asked_fen),
        )

    def inspecting(
        self,
        case: Case,
        result: str,
        offer: int | None = None,
        restocked: int = 0,
        has_photo: bool = True,
    ) -> Act:
        return (
            lambda: inspecting.inspect(
                result=result,
                grade="opened",
                restocked=restocked,
                offered_fen=offer,
                photos=[self._picture(None)] if has_photo else [],
                **self._case(case),
            ),
            partial(
                self.books.inspect,
                case,
                result,
                restocked,
                offer,
                has_photo,
                str(self.now["actor"]),
            ),
        )

    def simply(self, case: Case, act: str) -> Act:
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

    def _by(self, case: Case, who: str) -> dict[str, Any]:
        """A case, and who of the staff decides it."""
        return {**self._case(case), "actor": Actor("person", who)}
