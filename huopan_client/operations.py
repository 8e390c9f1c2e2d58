"""Every operation of the API as a method.

Written by `manage.py export_openapi` from the description.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from huopan_client import types


class Operations(ABC):
    """What there is to call; a list has an iterator over all its pages beside it."""

    @abstractmethod
    def _call(self, method: str, path: str, **options: Any) -> Any: ...

    def aftersales_list(
        self,
        *,
        after: str | None = None,
        changed_from: str | None = None,
        changed_to: str | None = None,
        limit: int | None = None,
        order_no: str | None = None,
        out_case_no: str | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> types.AftersalePage:
        """List after-sale cases, newest first."""
        answer: types.AftersalePage = self._call(
            "GET",
            "/aftersales",
            query={
                "after": after,
                "changed_from": changed_from,
                "changed_to": changed_to,
                "limit": limit,
                "order_no": order_no,
                "out_case_no": out_case_no,
                "state": state,
                "type": type_,
            },
            repeatable=True,
        )
        return answer

    def aftersales_each(
        self,
        *,
        after: str | None = None,
        changed_from: str | None = None,
        changed_to: str | None = None,
        limit: int | None = None,
        order_no: str | None = None,
        out_case_no: str | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> Iterator[types.Aftersale]:
        """Go through all pages of `aftersales_list`, from `after` on."""
        while True:
            page = self.aftersales_list(
                after=after,
                changed_from=changed_from,
                changed_to=changed_to,
                limit=limit,
                order_no=order_no,
                out_case_no=out_case_no,
                state=state,
                type_=type_,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def aftersales_apply(
        self,
        body: types.ApplicationRequest,
    ) -> types.Aftersale:
        """Apply for an after-sale. For so many pieces of one line. Read
        /orders/{order_no}/aftersale-options first: it says which types, how many pieces and how
        much are possible. Pieces that have not been shipped are cancelled instead. The same
        out_case_no again is answered with the case as it is now, 200 and Idempotent-Replayed:
        true."""
        answer: types.Aftersale = self._call(
            "POST",
            "/aftersales",
            body=body,
            repeatable=bool(body.get("out_case_no")),
        )
        return answer

    def aftersales_read(
        self,
        case_no: str,
    ) -> types.Aftersale:
        """Read an after-sale case."""
        answer: types.Aftersale = self._call(
            "GET",
            f"/aftersales/{quote(case_no, safe='')}",
            repeatable=True,
        )
        return answer

    def aftersales_escalate(
        self,
        case_no: str,
        body: types.WordsRequest | None = None,
    ) -> types.Aftersale:
        """Have somebody else rule on a rejected after-sale."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/escalation",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_dispute(
        self,
        case_no: str,
        body: types.WordsRequest | None = None,
    ) -> types.Aftersale:
        """Dispute an inspection that did not pass."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/inspection-dispute",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_accept_offer(
        self,
        case_no: str,
        body: types.NothingRequest | None = None,
    ) -> types.Aftersale:
        """Accept what is offered after an inspection that did not pass."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/partial-acceptance",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_progress(
        self,
        case_no: str,
    ) -> types.Progress:
        """Read how far a case has come, for the consumer's page. Every step with its time and a
        sentence, those to come without a time, and what carriers say of the parcels. It holds no
        amounts, so that a shop may pass it on."""
        answer: types.Progress = self._call(
            "GET",
            f"/aftersales/{quote(case_no, safe='')}/progress",
            repeatable=True,
        )
        return answer

    def aftersales_receive(
        self,
        case_no: str,
        body: types.NothingRequest | None = None,
    ) -> types.Aftersale:
        """Confirm that new goods have arrived."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/receipt",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_refund_instead(
        self,
        case_no: str,
        body: types.NothingRequest | None = None,
    ) -> types.Aftersale:
        """Take a refund where new goods are late."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/refund-instead",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_resubmit(
        self,
        case_no: str,
        body: types.ResubmissionRequest | None = None,
    ) -> types.Aftersale:
        """Apply again after a rejection, with more to show."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/resubmission",
            body=body or {},
            repeatable=False,
        )
        return answer

    def aftersales_send_back(
        self,
        case_no: str,
        body: types.ReturnShipmentRequest,
    ) -> types.Aftersale:
        """Register the parcel in which goods come back. Several may follow each other; the same
        one again changes nothing."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/return-shipment",
            body=body,
            repeatable=False,
        )
        return answer

    def aftersales_withdraw(
        self,
        case_no: str,
        body: types.NothingRequest | None = None,
    ) -> types.Aftersale:
        """Withdraw an after-sale. Before it is decided, or while the goods are waited for."""
        answer: types.Aftersale = self._call(
            "POST",
            f"/aftersales/{quote(case_no, safe='')}/withdrawal",
            body=body or {},
            repeatable=False,
        )
        return answer

    def auth_echo(
        self,
    ) -> types.Echo:
        """Try a signature out. Answers the string that we built, the key, our time and the
        address we see; any body will do. A wrong signature is refused as everywhere, with
        values.string_to_sign."""
        answer: types.Echo = self._call(
            "POST",
            "/auth/echo",
            repeatable=True,
        )
        return answer

    def brands_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.BrandPage:
        """List brands. If-None-Match with the ETag of the last answer is answered 304 while
        nothing has changed."""
        answer: types.BrandPage = self._call(
            "GET",
            "/brands",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def brands_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Brand]:
        """Go through all pages of `brands_list`, from `after` on."""
        while True:
            page = self.brands_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def cancellations_withdraw(
        self,
        cancellation_no: str,
        body: types.WithdrawalRequest | None = None,
    ) -> types.Cancellation:
        """Withdraw a cancellation that has not been answered. Its pieces may be shipped again.
        Doing so twice is harmless."""
        answer: types.Cancellation = self._call(
            "POST",
            f"/cancellations/{quote(cancellation_no, safe='')}/withdrawal",
            body=body or {},
            repeatable=True,
        )
        return answer

    def catalogue_exports_ask(
        self,
        body: types.ExportRequest | None = None,
    ) -> types.Export:
        """Have your whole catalogue written to a file. Written by a job: ask for its state until
        it is ready, mostly within a minute. While one is under way, or was finished less than 10
        minutes ago, you get that one."""
        answer: types.Export = self._call(
            "POST",
            "/catalogue/exports",
            body=body or {},
            repeatable=True,
        )
        return answer

    def catalogue_exports_read(
        self,
        export_id: str,
    ) -> types.Export:
        """Read how far a catalogue file has come."""
        answer: types.Export = self._call(
            "GET",
            f"/catalogue/exports/{quote(export_id, safe='')}",
            repeatable=True,
        )
        return answer

    def catalogue_exports_fetch(
        self,
        export_id: str,
    ) -> bytes:
        """Fetch a catalogue file. gzip of JSON lines in UTF-8, a product a line, all of one
        moment; kept for 7 days. If-None-Match with its ETag is answered 304."""
        answer: bytes = self._call(
            "GET",
            f"/catalogue/exports/{quote(export_id, safe='')}/file",
            repeatable=True,
        )
        return answer

    def categories_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.CategoryPage:
        """List categories. If-None-Match with the ETag of the last answer is answered 304 while
        nothing has changed."""
        answer: types.CategoryPage = self._call(
            "GET",
            "/categories",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def categories_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Category]:
        """Go through all pages of `categories_list`, from `after` on."""
        while True:
            page = self.categories_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def claims_list(
        self,
        *,
        after: str | None = None,
        changed_from: str | None = None,
        changed_to: str | None = None,
        goodwill: str | None = None,
        limit: int | None = None,
        order_no: str | None = None,
        out_claim_no: str | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> types.ClaimPage:
        """List claims, newest first."""
        answer: types.ClaimPage = self._call(
            "GET",
            "/claims",
            query={
                "after": after,
                "changed_from": changed_from,
                "changed_to": changed_to,
                "goodwill": goodwill,
                "limit": limit,
                "order_no": order_no,
                "out_claim_no": out_claim_no,
                "state": state,
                "type": type_,
            },
            repeatable=True,
        )
        return answer

    def claims_each(
        self,
        *,
        after: str | None = None,
        changed_from: str | None = None,
        changed_to: str | None = None,
        goodwill: str | None = None,
        limit: int | None = None,
        order_no: str | None = None,
        out_claim_no: str | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> Iterator[types.Claim]:
        """Go through all pages of `claims_list`, from `after` on."""
        while True:
            page = self.claims_list(
                after=after,
                changed_from=changed_from,
                changed_to=changed_to,
                goodwill=goodwill,
                limit=limit,
                order_no=order_no,
                out_claim_no=out_claim_no,
                state=state,
                type_=type_,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def claims_open(
        self,
        body: types.ClaimRequest,
    ) -> types.Claim:
        """Open a claim for received pieces. A claim is yours to settle with your consumer: it
        moves no deposit, no stock and no bill of ours. The same out_claim_no again is answered
        with the claim as it is now, 200 and Idempotent-Replayed: true; without a number so is the
        very same claim again, while it is not answered."""
        answer: types.Claim = self._call(
            "POST",
            "/claims",
            body=body,
            repeatable=bool(body.get("out_claim_no")),
        )
        return answer

    def claims_read(
        self,
        claim_no: str,
    ) -> types.Claim:
        """Read a claim."""
        answer: types.Claim = self._call(
            "GET",
            f"/claims/{quote(claim_no, safe='')}",
            repeatable=True,
        )
        return answer

    def claims_agree(
        self,
        claim_no: str,
        body: types.AgreementRequest | None = None,
    ) -> types.Claim:
        """Agree to a claim."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/agreement",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_complete(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Note that the new goods have arrived."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/completion",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_ask_goodwill(
        self,
        claim_no: str,
        body: types.GoodwillRequest,
    ) -> types.Claim:
        """Ask the platform to help with a claim. With an amount, or with new goods where
        amount_fen is 0; once for each claim. Nothing moves before both sides agree."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/goodwill",
            body=body,
            repeatable=False,
        )
        return answer

    def claims_accept_goodwill(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Accept what the platform offers. An amount is on your deposit at once; new goods are
        taken from stock."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/goodwill-acceptance",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_refuse_goodwill(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Leave what the platform offers, or ask no more."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/goodwill-refusal",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_receive(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Confirm that you have the goods."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/received",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_refund(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Mark that you have refunded your consumer. A mark only: no money of ours moves."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/refund",
            body=body or {},
            repeatable=False,
        )
        return answer

    def claims_reject(
        self,
        claim_no: str,
        body: types.RejectionRequest,
    ) -> types.Claim:
        """Decline a claim, with words for the consumer."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/rejection",
            body=body,
            repeatable=False,
        )
        return answer

    def claims_reship(
        self,
        claim_no: str,
        body: types.ClaimParcelRequest,
    ) -> types.Claim:
        """Register the parcel in which you send new goods."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/reshipment",
            body=body,
            repeatable=False,
        )
        return answer

    def claims_push_address(
        self,
        claim_no: str,
        body: types.ReturnAddressRequest,
    ) -> types.Claim:
        """Say where the consumer sends the goods. Your own address; it stays readable for
        ever."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/return-address",
            body=body,
            repeatable=False,
        )
        return answer

    def claims_send_back(
        self,
        claim_no: str,
        body: types.ClaimParcelRequest,
    ) -> types.Claim:
        """Register the parcel in which the consumer sends the goods back."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/return-shipment",
            body=body,
            repeatable=False,
        )
        return answer

    def claims_withdraw(
        self,
        claim_no: str,
        body: types.ClaimStepRequest | None = None,
    ) -> types.Claim:
        """Withdraw a claim: the consumer wants nothing any more."""
        answer: types.Claim = self._call(
            "POST",
            f"/claims/{quote(claim_no, safe='')}/withdrawal",
            body=body or {},
            repeatable=False,
        )
        return answer

    def deposit_read(
        self,
    ) -> types.Deposit:
        """Read what can be spent."""
        answer: types.Deposit = self._call(
            "GET",
            "/deposit",
            repeatable=True,
        )
        return answer

    def deposit_transfers(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.TransferPage:
        """List what moved the deposit, newest first. balance_fen is the balance after each
        transfer."""
        answer: types.TransferPage = self._call(
            "GET",
            "/deposit/transfers",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def deposit_transfers_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Transfer]:
        """Go through all pages of `deposit_transfers`, from `after` on."""
        while True:
            page = self.deposit_transfers(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def events_list(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> types.EventPage:
        """Read events, oldest first. Everything that callbacks tell, for 90 days. seq has no
        gaps: keep the last one and go on after it. next is the after of the next page, or null
        where there is no more just now."""
        answer: types.EventPage = self._call(
            "GET",
            "/events",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def events_each(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Event]:
        """Go through all pages of `events_list`, from `after` on."""
        while True:
            page = self.events_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = int(page["next"])

    def events_replay(
        self,
        body: types.ReplayRequest | None = None,
    ) -> types.Replay:
        """Have events told again at your endpoint, under their old ids. By id, type or time, or
        everything after a seq. dry_run says how many."""
        answer: types.Replay = self._call(
            "POST",
            "/events/replay",
            body=body or {},
            repeatable=True,
        )
        return answer

    def holds_list(
        self,
        *,
        after: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        out_order_no: str | None = None,
        state: str | None = None,
    ) -> types.HoldPage:
        """List holds, newest first."""
        answer: types.HoldPage = self._call(
            "GET",
            "/holds",
            query={
                "after": after,
                "kind": kind,
                "limit": limit,
                "out_order_no": out_order_no,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def holds_each(
        self,
        *,
        after: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
        out_order_no: str | None = None,
        state: str | None = None,
    ) -> Iterator[types.Hold]:
        """Go through all pages of `holds_list`, from `after` on."""
        while True:
            page = self.holds_list(
                after=after,
                kind=kind,
                limit=limit,
                out_order_no=out_order_no,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def holds_make(
        self,
        body: types.OrderRequest,
    ) -> types.Hold:
        """Hold stock, prices and deposit for an order. The body is the order's own. What is held
        is placed by POST /orders with the same out_order_no, at the held prices, whatever has
        become of them: a consumer who has paid is not refused. Lines, application, province and
        city must be those of the hold; prices need not be expected again. The same hold again is
        answered with the hold as it is now, 200 and Idempotent-Replayed: true. When its time is
        over the hold lapses, and everything is given back."""
        answer: types.Hold = self._call(
            "POST",
            "/holds",
            body=body,
            repeatable=True,
        )
        return answer

    def holds_read(
        self,
        hold_id: str,
    ) -> types.Hold:
        """Read a hold."""
        answer: types.Hold = self._call(
            "GET",
            f"/holds/{quote(hold_id, safe='')}",
            repeatable=True,
        )
        return answer

    def holds_release(
        self,
        hold_id: str,
    ) -> types.Hold:
        """Give a hold up. All that it keeps is given back. An order that waits for funds is given
        up in the same way, by the hold_id of its answer. Doing so twice is harmless."""
        answer: types.Hold = self._call(
            "DELETE",
            f"/holds/{quote(hold_id, safe='')}",
            repeatable=True,
        )
        return answer

    def holds_extend(
        self,
        hold_id: str,
        body: types.ExtensionRequest | None = None,
    ) -> types.Hold:
        """Keep a hold for as long again. As often as extensions_left says; see hold_extensions of
        /meta/limits."""
        answer: types.Hold = self._call(
            "POST",
            f"/holds/{quote(hold_id, safe='')}/extension",
            body=body or {},
            repeatable=False,
        )
        return answer

    def meta_carriers(
        self,
    ) -> types.Carriers:
        """Read the carriers that carrier_code may name."""
        answer: types.Carriers = self._call(
            "GET",
            "/meta/carriers",
            repeatable=True,
        )
        return answer

    def meta_errors(
        self,
    ) -> types.Codes:
        """Read what every code means, and what to do."""
        answer: types.Codes = self._call(
            "GET",
            "/meta/errors",
            repeatable=True,
        )
        return answer

    def meta_limits(
        self,
    ) -> types.Limits:
        """Read every limit. A request counts as one, however many orders or skus it holds."""
        answer: types.Limits = self._call(
            "GET",
            "/meta/limits",
            repeatable=True,
        )
        return answer

    def meta_reasons(
        self,
    ) -> types.Reasons:
        """Read the reasons for cancellations and cases."""
        answer: types.Reasons = self._call(
            "GET",
            "/meta/reasons",
            repeatable=True,
        )
        return answer

    def meta_regions(
        self,
    ) -> types.Regions:
        """Read the provinces. Orders may name them by code, full or short name."""
        answer: types.Regions = self._call(
            "GET",
            "/meta/regions",
            repeatable=True,
        )
        return answer

    def orders_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        out_order_no: str | None = None,
        placed_from: str | None = None,
        placed_to: str | None = None,
        state: str | None = None,
    ) -> types.OrderPage:
        """List orders, newest first."""
        answer: types.OrderPage = self._call(
            "GET",
            "/orders",
            query={
                "after": after,
                "limit": limit,
                "out_order_no": out_order_no,
                "placed_from": placed_from,
                "placed_to": placed_to,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def orders_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        out_order_no: str | None = None,
        placed_from: str | None = None,
        placed_to: str | None = None,
        state: str | None = None,
    ) -> Iterator[types.Order]:
        """Go through all pages of `orders_list`, from `after` on."""
        while True:
            page = self.orders_list(
                after=after,
                limit=limit,
                out_order_no=out_order_no,
                placed_from=placed_from,
                placed_to=placed_to,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def orders_place(
        self,
        body: types.OrderRequest,
    ) -> types.Order | types.Waiting:
        """Place an order. Synchronous and final: the answer is the order, or a definite refusal
        that has changed nothing. The same out_order_no with the same content is answered with the
        order as it is now, 200 and Idempotent-Replayed: true; with other content it is refused. A
        refused number may be used again. A number that is on hold is placed from its hold. With
        on_shortfall: wait, an order that only the deposit does not cover keeps its stock and is
        answered 202; it is placed as soon as the deposit covers it."""
        answer: types.Order | types.Waiting = self._call(
            "POST",
            "/orders",
            body=body,
            repeatable=True,
        )
        return answer

    def orders_read(
        self,
        order_no: str,
    ) -> types.Order:
        """Read an order by our number."""
        answer: types.Order = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}",
            repeatable=True,
        )
        return answer

    def orders_change_address(
        self,
        order_no: str,
        body: types.ConsigneeRequest,
    ) -> types.Order:
        """Send an order elsewhere while nothing of it is shipped. Where its goods are shipped to,
        and where the freight is the same. The number keeps meaning what the order was placed
        with: repeat it with the former consignee."""
        answer: types.Order = self._call(
            "PUT",
            f"/orders/{quote(order_no, safe='')}/address",
            body=body,
            repeatable=True,
        )
        return answer

    def orders_aftersale_options(
        self,
        order_no: str,
    ) -> types.AftersaleOptions:
        """Read what may be applied for, by line. Which types, for how many pieces and how much
        money, for which reasons, with or without pictures, until when; or why nothing may be
        applied for."""
        answer: types.AftersaleOptions = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}/aftersale-options",
            repeatable=True,
        )
        return answer

    def orders_cancellations(
        self,
        order_no: str,
    ) -> types.Cancellations:
        """Read the cancellations of an order, oldest first."""
        answer: types.Cancellations = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}/cancellations",
            repeatable=True,
        )
        return answer

    def orders_cancel(
        self,
        order_no: str,
        body: types.CancellationRequest,
    ) -> types.RequestedCancellations:
        """Cancel what is not shipped yet. So many pieces by line, or everything that is left. The
        pieces are frozen first, so that they are not shipped meanwhile. While a source has not
        begun, or is late, its cancellation is granted in the answer; else the platform answers it
        by answer_due_at, and only refuses it with the parcel in which the pieces have left.
        Freight comes back when nothing of a part is shipped. Give a number of your own, and you
        may ask again when the answer was lost on the way: the same out_cancellation_no is
        answered with the same cancellations as they are now, 200 and Idempotent-Replayed:
        true."""
        answer: types.RequestedCancellations = self._call(
            "POST",
            f"/orders/{quote(order_no, safe='')}/cancellations",
            body=body,
            repeatable=bool(body.get("out_cancellation_no")),
        )
        return answer

    def orders_explain(
        self,
        order_no: str,
    ) -> types.Explanation:
        """Explain an order: every amount, piece and message, in order of time. By our number or
        by yours. `transfers` and `open_fen` come to what the ledger says: what one fact moved in
        parts is one entry. Texts follow Accept-Language."""
        answer: types.Explanation = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}/explanation",
            repeatable=True,
        )
        return answer

    def orders_history(
        self,
        order_no: str,
    ) -> types.History:
        """Read what happened to an order, oldest first."""
        answer: types.History = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}/history",
            repeatable=True,
        )
        return answer

    def orders_receive(
        self,
        order_no: str,
        body: types.ReceiptRequest | None = None,
    ) -> types.Order:
        """Confirm receipt. Of everything that is on its way, or of so many pieces by line.
        Confirming again what is all received is harmless."""
        answer: types.Order = self._call(
            "POST",
            f"/orders/{quote(order_no, safe='')}/receipt",
            body=body or {},
            repeatable=False,
        )
        return answer

    def orders_shipments(
        self,
        order_no: str,
    ) -> types.Shipments:
        """Read the parcels of an order, and what each holds."""
        answer: types.Shipments = self._call(
            "GET",
            f"/orders/{quote(order_no, safe='')}/shipments",
            repeatable=True,
        )
        return answer

    def orders_place_batch(
        self,
        body: types.BatchRequest,
    ) -> types.OrderBatch:
        """Place up to 500 orders, each for itself. One transaction, answers in the order of the
        request. A refused order changes nothing and does not stop its neighbours. The batch is
        answered 200; the status of each item says what became of it."""
        answer: types.OrderBatch = self._call(
            "POST",
            "/orders/batch",
            body=body,
            repeatable=True,
        )
        return answer

    def orders_read_by_out_no(
        self,
        out_order_no: str,
    ) -> types.Order | types.Waiting:
        """Read an order by your number. 404 means that it was not placed. Ask this when a request
        was lost on the way. 202 means that it waits until the deposit covers it."""
        answer: types.Order | types.Waiting = self._call(
            "GET",
            f"/orders/by-out-no/{quote(out_order_no, safe='')}",
            repeatable=True,
        )
        return answer

    def prices_lookup(
        self,
        body: types.SkuLookupRequest,
    ) -> types.PriceLookup:
        """Read the prices of up to 500 skus. One row for each number, in order. A higher
        price_version is newer."""
        answer: types.PriceLookup = self._call(
            "POST",
            "/prices/lookup",
            body=body,
            repeatable=True,
        )
        return answer

    def products_list(
        self,
        *,
        after: str | None = None,
        brand: str | None = None,
        category: str | None = None,
        changed_since: str | None = None,
        limit: int | None = None,
        selected: str | None = None,
    ) -> types.ProductPage:
        """List all products that you see, with price and stock. Made for copying everything: a
        page costs the same at any depth. The detail page comes with a single product and with
        lookups."""
        answer: types.ProductPage = self._call(
            "GET",
            "/products",
            query={
                "after": after,
                "brand": brand,
                "category": category,
                "changed_since": changed_since,
                "limit": limit,
                "selected": selected,
            },
            repeatable=True,
        )
        return answer

    def products_each(
        self,
        *,
        after: str | None = None,
        brand: str | None = None,
        category: str | None = None,
        changed_since: str | None = None,
        limit: int | None = None,
        selected: str | None = None,
    ) -> Iterator[types.ProductSummary]:
        """Go through all pages of `products_list`, from `after` on."""
        while True:
            page = self.products_list(
                after=after,
                brand=brand,
                category=category,
                changed_since=changed_since,
                limit=limit,
                selected=selected,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def products_read(
        self,
        item_no: str,
    ) -> types.Product:
        """Read a product in full. If-None-Match with the ETag of the last answer is answered 304
        while nothing has changed."""
        answer: types.Product = self._call(
            "GET",
            f"/products/{quote(item_no, safe='')}",
            repeatable=True,
        )
        return answer

    def products_changes(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> types.ChangePage:
        """Read what changed of products, oldest first. Of everything that you see, selected or
        not; kept as long as events. Several changes of a product on a page are one item, with the
        product as it is now. Stock alone is no change: stock.changed and the look-up tell it. A
        page may have fewer items than `limit`, even none, while `next` goes on."""
        answer: types.ChangePage = self._call(
            "GET",
            "/products/changes",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def products_changes_each(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Change]:
        """Go through all pages of `products_changes`, from `after` on."""
        while True:
            page = self.products_changes(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = int(page["next"])

    def products_lookup(
        self,
        body: types.ProductLookupRequest,
    ) -> types.ProductLookup:
        """Read up to 200 products in full. One row for each number, in order; what you do not see
        has status 404."""
        answer: types.ProductLookup = self._call(
            "POST",
            "/products/lookup",
            body=body,
            repeatable=True,
        )
        return answer

    def quotes_make(
        self,
        body: types.QuoteRequest,
    ) -> types.Quote:
        """Price lines for a destination, and freeze the prices. Nothing is reserved. Lines that
        could not be ordered now stand in unsellable, each with its problem; sums and freight are
        those of the others. Pass quote_id on with the order."""
        answer: types.Quote = self._call(
            "POST",
            "/quotes",
            body=body,
            repeatable=True,
        )
        return answer

    def recharges_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> types.RechargePage:
        """List recharges, newest first."""
        answer: types.RechargePage = self._call(
            "GET",
            "/recharges",
            query={
                "after": after,
                "limit": limit,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def recharges_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> Iterator[types.Recharge]:
        """Go through all pages of `recharges_list`, from `after` on."""
        while True:
            page = self.recharges_list(
                after=after,
                limit=limit,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def recharges_apply(
        self,
        body: types.RechargeRequest,
    ) -> types.Recharge:
        """Say that you have paid, so that the deposit is credited. Staff look for the money and
        credit it once: recharge.approved or recharge.rejected tells you. A slip stands for one
        recharge. The very same application again, while it is open, is answered with the first
        one, 200 and Idempotent-Replayed: true."""
        answer: types.Recharge = self._call(
            "POST",
            "/recharges",
            body=body,
            repeatable=False,
        )
        return answer

    def recharges_read(
        self,
        recharge_no: str,
    ) -> types.Recharge:
        """Read a recharge."""
        answer: types.Recharge = self._call(
            "GET",
            f"/recharges/{quote(recharge_no, safe='')}",
            repeatable=True,
        )
        return answer

    def recharges_withdraw(
        self,
        recharge_no: str,
        body: types.RechargeWithdrawalRequest | None = None,
    ) -> types.Recharge:
        """Take an application for a recharge back. Possible as long as nobody has checked it.
        Doing so twice is harmless."""
        answer: types.Recharge = self._call(
            "POST",
            f"/recharges/{quote(recharge_no, safe='')}/withdrawal",
            body=body or {},
            repeatable=False,
        )
        return answer

    def reconciliations_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.ReconciliationPage:
        """List reconciliations, newest first."""
        answer: types.ReconciliationPage = self._call(
            "GET",
            "/reconciliations",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def reconciliations_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.ReconciliationRow]:
        """Go through all pages of `reconciliations_list`, from `after` on."""
        while True:
            page = self.reconciliations_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def reconciliations_make(
        self,
        body: types.ReconciliationRequest,
    ) -> types.Reconciliation:
        """Hold your own numbers against ours. Compared is, order by order, what was charged less
        what came back in the days named. An order that comes to nothing on both sides matches.
        What came out is kept."""
        answer: types.Reconciliation = self._call(
            "POST",
            "/reconciliations",
            body=body,
            repeatable=False,
        )
        return answer

    def reconciliations_read(
        self,
        reconciliation_id: str,
    ) -> types.Reconciliation:
        """Read a reconciliation."""
        answer: types.Reconciliation = self._call(
            "GET",
            f"/reconciliations/{quote(reconciliation_id, safe='')}",
            repeatable=True,
        )
        return answer

    def selection_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.SelectionPage:
        """List what you selected. Callbacks and events about goods concern these, and what you
        ordered in the last 90 days. You may order anything that you see, selected or not."""
        answer: types.SelectionPage = self._call(
            "GET",
            "/selection",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def selection_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Selected]:
        """Go through all pages of `selection_list`, from `after` on."""
        while True:
            page = self.selection_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def selection_add(
        self,
        body: types.WantedRequest | None = None,
    ) -> types.SelectionRows:
        """Select products, up to 1,000 a call. By number, or all that you see of a category (with
        all below it), a brand, or both. Each row has its own status: 201 new, 200 selected
        already, 404 not there for you. The same call again changes nothing. More than 1,000 are
        refused, never cut off."""
        answer: types.SelectionRows = self._call(
            "POST",
            "/selection/additions",
            body=body or {},
            repeatable=True,
        )
        return answer

    def selection_remove(
        self,
        body: types.WantedRequest | None = None,
    ) -> types.SelectionRows:
        """Take products out of your selection, up to 1,000 a call. As for additions: 200 taken
        out, 404 it was not in your selection."""
        answer: types.SelectionRows = self._call(
            "POST",
            "/selection/removals",
            body=body or {},
            repeatable=True,
        )
        return answer

    def statements_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.StatementPage:
        """List closed days, newest first. A day of Asia/Shanghai closes some minutes after
        midnight; statement.ready tells."""
        answer: types.StatementPage = self._call(
            "GET",
            "/statements",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def statements_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.StatementRow]:
        """Go through all pages of `statements_list`, from `after` on."""
        while True:
            page = self.statements_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def statements_read(
        self,
        date: str,
    ) -> types.Statement:
        """Read a closed day. The same bytes for ever; their SHA-256 is the ETag. Of every day
        since you were opened, those without a transfer too. Added up they are the deposit."""
        answer: types.Statement = self._call(
            "GET",
            f"/statements/{quote(date, safe='')}",
            repeatable=True,
        )
        return answer

    def statements_read_csv(
        self,
        date: str,
    ) -> str:
        """Read a closed day as CSV. UTF-8, amounts in yuan, headings in the language of the
        installation."""
        answer: str = self._call(
            "GET",
            f"/statements/{quote(date, safe='')}.csv",
            repeatable=True,
        )
        return answer

    def stocks_lookup(
        self,
        body: types.SkuLookupRequest,
    ) -> types.StockLookup:
        """Read the stock of up to 500 skus. What you could order now, your own allotment
        included. A higher stock_version is newer."""
        answer: types.StockLookup = self._call(
            "POST",
            "/stocks/lookup",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_bills_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> types.SupplierBillPage:
        """List your bills, the newest first."""
        answer: types.SupplierBillPage = self._call(
            "GET",
            "/supplier/bills",
            query={
                "after": after,
                "limit": limit,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def supplier_bills_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> Iterator[types.SupplierBill]:
        """Go through all pages of `supplier_bills_list`, from `after` on."""
        while True:
            page = self.supplier_bills_list(
                after=after,
                limit=limit,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def supplier_bills_read(
        self,
        bill_no: str,
    ) -> types.SupplierFullBill:
        """Read a bill, and what its lines come to."""
        answer: types.SupplierFullBill = self._call(
            "GET",
            f"/supplier/bills/{quote(bill_no, safe='')}",
            repeatable=True,
        )
        return answer

    def supplier_bills_accept(
        self,
        bill_no: str,
        body: types.SupplierNothingRequest | None = None,
    ) -> types.SupplierFullBill:
        """Agree to a bill. Doing so twice is harmless."""
        answer: types.SupplierFullBill = self._call(
            "POST",
            f"/supplier/bills/{quote(bill_no, safe='')}/acceptance",
            body=body or {},
            repeatable=True,
        )
        return answer

    def supplier_bills_dispute(
        self,
        bill_no: str,
        body: types.SupplierDisputeRequest,
    ) -> types.SupplierFullBill:
        """Doubt lines of a bill, each with a note. The platform answers each of them; the answers
        stand on the lines. Saying the same twice is harmless."""
        answer: types.SupplierFullBill = self._call(
            "POST",
            f"/supplier/bills/{quote(bill_no, safe='')}/dispute",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_bills_lines(
        self,
        bill_no: str,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> types.SupplierBillLinePage:
        """Read the lines of a bill, in the order in which they were posted."""
        answer: types.SupplierBillLinePage = self._call(
            "GET",
            f"/supplier/bills/{quote(bill_no, safe='')}/lines",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def supplier_bills_lines_each(
        self,
        bill_no: str,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[types.SupplierBillLine]:
        """Go through all pages of `supplier_bills_lines`, from `after` on."""
        while True:
            page = self.supplier_bills_lines(
                bill_no,
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def supplier_echo(
        self,
    ) -> types.SupplierEcho:
        """Try a supplier's signature out. Answers the string that we built, the key, our time and
        the address we see; any body will do. A wrong signature is refused as everywhere, with
        values.string_to_sign."""
        answer: types.SupplierEcho = self._call(
            "POST",
            "/supplier/echo",
            repeatable=True,
        )
        return answer

    def supplier_events_list(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> types.EventPage:
        """Read what happened to your orders and bills, oldest first. For 90 days. seq has no
        gaps: keep the last one and go on after it. next is the after of the next page, or null
        where there is no more just now. No event holds consumer data: read the order."""
        answer: types.EventPage = self._call(
            "GET",
            "/supplier/events",
            query={
                "after": after,
                "limit": limit,
            },
            repeatable=True,
        )
        return answer

    def supplier_events_each(
        self,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> Iterator[types.Event]:
        """Go through all pages of `supplier_events_list`, from `after` on."""
        while True:
            page = self.supplier_events_list(
                after=after,
                limit=limit,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = int(page["next"])

    def supplier_goods_list(
        self,
        *,
        after: str | None = None,
        item_no: str | None = None,
        limit: int | None = None,
        owner_no: str | None = None,
        state: str | None = None,
    ) -> types.SupplierProductPage:
        """List your goods, the newest first. What is live of each product with its skus, and the
        change that is not live yet, where there is one. A product without skus has never been
        approved."""
        answer: types.SupplierProductPage = self._call(
            "GET",
            "/supplier/goods",
            query={
                "after": after,
                "item_no": item_no,
                "limit": limit,
                "owner_no": owner_no,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def supplier_goods_each(
        self,
        *,
        after: str | None = None,
        item_no: str | None = None,
        limit: int | None = None,
        owner_no: str | None = None,
        state: str | None = None,
    ) -> Iterator[types.SupplierProduct]:
        """Go through all pages of `supplier_goods_list`, from `after` on."""
        while True:
            page = self.supplier_goods_list(
                after=after,
                item_no=item_no,
                limit=limit,
                owner_no=owner_no,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def supplier_orders_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> types.SupplierOrderPage:
        """List what you have to ship, the most urgent first. Your part of each order, and of your
        part nothing but what is yours. With state=shipped or state=closed: the newest first. The
        consignee is there only while there is something to ship."""
        answer: types.SupplierOrderPage = self._call(
            "GET",
            "/supplier/orders",
            query={
                "after": after,
                "limit": limit,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def supplier_orders_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> Iterator[types.SupplierOrder]:
        """Go through all pages of `supplier_orders_list`, from `after` on."""
        while True:
            page = self.supplier_orders_list(
                after=after,
                limit=limit,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def supplier_orders_read(
        self,
        order_no: str,
    ) -> types.SupplierOrder:
        """Read your part of an order."""
        answer: types.SupplierOrder = self._call(
            "GET",
            f"/supplier/orders/{quote(order_no, safe='')}",
            repeatable=True,
        )
        return answer

    def supplier_orders_begin(
        self,
        order_no: str,
        body: types.SupplierNothingRequest | None = None,
    ) -> types.SupplierOrder:
        """Say that packing has begun. From then on the buyer cannot cancel without asking. Doing
        so twice is harmless."""
        answer: types.SupplierOrder = self._call(
            "POST",
            f"/supplier/orders/{quote(order_no, safe='')}/beginning",
            body=body or {},
            repeatable=True,
        )
        return answer

    def supplier_orders_ship(
        self,
        order_no: str,
        body: types.SupplierParcelRequest,
    ) -> types.SupplierShipment:
        """Ship a parcel. Of everything that is left, or of so many pieces by line. The same
        parcel again is answered 200 with Idempotent-Replayed: true, and changes nothing."""
        answer: types.SupplierShipment = self._call(
            "POST",
            f"/supplier/orders/{quote(order_no, safe='')}/shipments",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_orders_report_shortage(
        self,
        order_no: str,
        body: types.SupplierShortageRequest,
    ) -> types.SupplierShortage:
        """Say what of an order you cannot ship. These pieces are cancelled at once, and the buyer
        has the money back. Give a number of your own, and you may repeat this: the same
        out_shortage_no is answered 200 with Idempotent-Replayed: true, and changes nothing."""
        answer: types.SupplierShortage = self._call(
            "POST",
            f"/supplier/orders/{quote(order_no, safe='')}/shortage",
            body=body,
            repeatable=bool(body.get("out_shortage_no")),
        )
        return answer

    def supplier_shipments_read(
        self,
        shipment_id: str,
    ) -> types.SupplierShipment:
        """Read a parcel."""
        answer: types.SupplierShipment = self._call(
            "GET",
            f"/supplier/shipments/{quote(shipment_id, safe='')}",
            repeatable=True,
        )
        return answer

    def supplier_shipments_correct(
        self,
        shipment_id: str,
        body: types.SupplierCorrectionRequest,
    ) -> types.SupplierShipment:
        """Give a parcel the number that it really has. History keeps the old one. The number that
        it has already changes nothing."""
        answer: types.SupplierShipment = self._call(
            "PUT",
            f"/supplier/shipments/{quote(shipment_id, safe='')}",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_shipments_void(
        self,
        shipment_id: str,
        body: types.SupplierVoidingRequest,
    ) -> types.SupplierShipment:
        """Take back a parcel that was entered by mistake. Its pieces are to be shipped again, and
        its number may be used again. Only while no carrier has scanned it. Doing so twice is
        harmless."""
        answer: types.SupplierShipment = self._call(
            "POST",
            f"/supplier/shipments/{quote(shipment_id, safe='')}/voiding",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_shipments_ship(
        self,
        body: types.SupplierBatchRequest,
    ) -> types.SupplierShipmentBatch:
        """Ship up to 200 parcels, each for itself. One transaction, answers in the order of the
        request. A refused parcel changes nothing and does not stop its neighbours; one that was
        shipped before is a row with 200. The batch is answered 200; the status of each row says
        what became of it."""
        answer: types.SupplierShipmentBatch = self._call(
            "POST",
            "/supplier/shipments/batch",
            body=body,
            repeatable=True,
        )
        return answer

    def supplier_stocks_list(
        self,
        *,
        after: str | None = None,
        item_no: str | None = None,
        limit: int | None = None,
        sku_no: str | None = None,
    ) -> types.SupplierStockPage:
        """Read your stock. What can still be ordered of each sku, and what is promised: orders
        take their pieces off at once, so available is what you count in your warehouse less what
        is promised."""
        answer: types.SupplierStockPage = self._call(
            "GET",
            "/supplier/stocks",
            query={
                "after": after,
                "item_no": item_no,
                "limit": limit,
                "sku_no": sku_no,
            },
            repeatable=True,
        )
        return answer

    def supplier_stocks_each(
        self,
        *,
        after: str | None = None,
        item_no: str | None = None,
        limit: int | None = None,
        sku_no: str | None = None,
    ) -> Iterator[types.SupplierStock]:
        """Go through all pages of `supplier_stocks_list`, from `after` on."""
        while True:
            page = self.supplier_stocks_list(
                after=after,
                item_no=item_no,
                limit=limit,
                sku_no=sku_no,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def supplier_stocks_set(
        self,
        body: types.SupplierStocksRequest,
    ) -> types.SupplierStockRows:
        """Set the stock of up to 500 skus. Each for itself: a refused row changes nothing and
        does not stop its neighbours. With expected_stock_version a row is refused if anything, an
        order too, changed the stock meanwhile; sent again after a lost answer it is answered 200,
        with what there is now, and not set again. Without a version a repetition sets the number
        again, over orders that came between."""
        answer: types.SupplierStockRows = self._call(
            "PUT",
            "/supplier/stocks",
            body=body,
            repeatable=all("expected_stock_version" in one for one in body.get("stocks", [])),
        )
        return answer

    def uploads_add(
        self,
        body: bytes,
        content_type: str,
    ) -> types.Upload:
        """Upload a picture. The body is the picture itself: JPEG, PNG or WebP, up to 5 MB, with
        its type in Content-Type. It is encoded anew, which drops where and when it was taken.
        Name the upload_id in one case, claim or recharge; what nothing names within 7 days is
        deleted. The same picture again, while nothing names it, has the same upload_id."""
        answer: types.Upload = self._call(
            "POST",
            "/uploads",
            body=body,
            content_type=content_type,
            repeatable=True,
        )
        return answer

    def webhook_read(
        self,
    ) -> types.Webhook:
        """See where you are called back, and how that goes."""
        answer: types.Webhook = self._call(
            "GET",
            "/webhook",
            repeatable=True,
        )
        return answer

    def webhook_save(
        self,
        body: types.WebhookRequest,
    ) -> types.Webhook:
        """Say where you want to be called back. The first time, the answer has the secret by
        which you know our calls (Standard Webhooks); it is shown this once. At another address,
        everything that waited is tried at once. Any 2xx within 15 seconds acknowledges; what
        fails is tried again after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours,
        then parked and tried every hour. Nothing is dropped: GET /events has everything for 90
        days."""
        answer: types.Webhook = self._call(
            "PUT",
            "/webhook",
            body=body,
            repeatable=True,
        )
        return answer

    def webhook_deliveries(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> types.DeliveryPage:
        """List deliveries with every try, newest event first."""
        answer: types.DeliveryPage = self._call(
            "GET",
            "/webhook/deliveries",
            query={
                "after": after,
                "limit": limit,
                "state": state,
                "type": type_,
            },
            repeatable=True,
        )
        return answer

    def webhook_deliveries_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
        type_: str | None = None,
    ) -> Iterator[types.Delivery]:
        """Go through all pages of `webhook_deliveries`, from `after` on."""
        while True:
            page = self.webhook_deliveries(
                after=after,
                limit=limit,
                state=state,
                type_=type_,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def webhook_pause(
        self,
        body: types.NothingRequest | None = None,
    ) -> types.Webhook:
        """Pause calls; events are kept."""
        answer: types.Webhook = self._call(
            "POST",
            "/webhook/pause",
            body=body or {},
            repeatable=False,
        )
        return answer

    def webhook_resume(
        self,
        body: types.NothingRequest | None = None,
    ) -> types.Webhook:
        """Have calls again, with everything that was kept, at once."""
        answer: types.Webhook = self._call(
            "POST",
            "/webhook/resumption",
            body=body or {},
            repeatable=False,
        )
        return answer

    def webhook_rotate_secret(
        self,
        body: types.NothingRequest | None = None,
    ) -> types.Webhook:
        """Get a new secret for your endpoint. Until former_secret_until every call carries a
        signature by each of both."""
        answer: types.Webhook = self._call(
            "POST",
            "/webhook/secret",
            body=body or {},
            repeatable=False,
        )
        return answer

    def webhook_test(
        self,
        body: types.TestRequest | None = None,
    ) -> types.Trial:
        """Have your endpoint called once, and see what was sent and came back. Counts for nothing
        and is not tried again. Takes up to 15 seconds."""
        answer: types.Trial = self._call(
            "POST",
            "/webhook/test",
            body=body or {},
            repeatable=False,
        )
        return answer

    def withdrawals_list(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> types.WithdrawalPage:
        """List withdrawals, newest first."""
        answer: types.WithdrawalPage = self._call(
            "GET",
            "/withdrawals",
            query={
                "after": after,
                "limit": limit,
                "state": state,
            },
            repeatable=True,
        )
        return answer

    def withdrawals_each(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        state: str | None = None,
    ) -> Iterator[types.Withdrawal]:
        """Go through all pages of `withdrawals_list`, from `after` on."""
        while True:
            page = self.withdrawals_list(
                after=after,
                limit=limit,
                state=state,
            )
            yield from page["items"]
            if page["next"] is None:
                return
            after = page["next"]

    def withdrawals_apply(
        self,
        body: types.WithdrawalApplicationRequest,
    ) -> types.Withdrawal:
        """Ask for money back from the deposit. The amount is held at once, so that no order
        spends it; neither a credit line nor what is held already can be withdrawn. The very same
        application again, while it is open, is answered with the first one, 200 and Idempotent-
        Replayed: true."""
        answer: types.Withdrawal = self._call(
            "POST",
            "/withdrawals",
            body=body,
            repeatable=False,
        )
        return answer

    def withdrawals_read(
        self,
        withdrawal_no: str,
    ) -> types.Withdrawal:
        """Read a withdrawal."""
        answer: types.Withdrawal = self._call(
            "GET",
            f"/withdrawals/{quote(withdrawal_no, safe='')}",
            repeatable=True,
        )
        return answer

    def withdrawals_cancel(
        self,
        withdrawal_no: str,
        body: types.WithdrawalCancellationRequest | None = None,
    ) -> types.Withdrawal:
        """Cancel a withdrawal; what it held may be spent again. Possible as long as it is not
        approved. Doing so twice is harmless."""
        answer: types.Withdrawal = self._call(
            "POST",
            f"/withdrawals/{quote(withdrawal_no, safe='')}/cancellation",
            body=body or {},
            repeatable=False,
        )
        return answer
