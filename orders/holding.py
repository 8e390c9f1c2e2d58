"""Holding: stock, price and deposit are kept for a consumer who has not paid yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from distributors import warning
from distributors.models import Distributor
from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, freezing, posting
from orders import (
    checking,
    drawing,
    holds_shown,
    lapsing,
    promising,
    refusals,
    repeating,
    writing,
)
from orders.checking import Priced
from orders.deciding import DistributorNotActive
from orders.models import Hold, HoldKind, HoldState, Order
from orders.promising import Promise
from orders.requests import OrderRequest
from orders.writing import Buyer
from supplychain import stock
from supplychain.models import MovementKind


class OrderPlacedAlready(DomainError):
    code = "order_placed_already"
    text = _("“{out_order_no}” is placed already, as {order_no}.")


class ExtensionLimitReached(DomainError):
    code = "extension_limit_reached"
    text = _("This hold cannot be extended again: {limit} extensions are allowed.")


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that is there: made now, or found under the same number and content."""

    hold: Hold
    replayed: bool


def hold(*, request: OrderRequest, at: datetime) -> Hold:
    """Keep what an order needs until its consumer has paid; see `hold_or_find`."""
    return hold_or_find(request=request, at=at).hold


def hold_or_find(*, request: OrderRequest, at: datetime) -> Held:
    """Keep stock, prices and deposit for an order until it is placed under the same number.

    :raises OrderPlacedAlready: there is an order of this number.
    :raises IdempotencyConflict: there is an active hold of this number, for other content.
    :raises HoldLimitReached: the distributor has too many open holds.
    :raises DomainError: whatever `placing.place` would refuse.
    """
    try:
        return _hold(request, at)
    except DomainError as refusal:
        refusals.note([(request, refusal)], at=at)
        raise


@transaction.atomic(durable=True)
def extend(
    *,
    distributor: Distributor,
    hold_id: str,
    actor: Actor,  # noqa: ARG001 (a hold only counts how often it was extended)
    at: datetime,
) -> Hold:
    """Keep a hold for as long again.

    :raises NotFound: the distributor has no such hold.
    :raises WrongState: it has ended.
    :raises ExtensionLimitReached: it was extended as often as is allowed, or waits for funds.
    """
    found = _locked(distributor, hold_id)
    if found.state != HoldState.ACTIVE:
        raise WrongState(state=found.get_state_display())
    decided = policies.read()
    if not holds_shown.extensions_left(found, decided.hold_extensions):
        raise ExtensionLimitReached(limit=decided.hold_extensions)
    found.extensions += 1
    found.version += 1
    found.expires_at = max(found.expires_at, at) + timedelta(minutes=decided.hold_minutes)
    found.save(update_fields=["extensions", "version", "expires_at"])
    return found


@transaction.atomic(durable=True)
def release(*, distributor: Distributor, hold_id: str, actor: Actor, at: datetime) -> Hold:
    """Give a hold up, and get back all that it keeps; releasing again changes nothing.

    :raises NotFound: the distributor has no such hold.
    :raises WrongState: it was placed, or has lapsed.
    """
    accounts.lock_deposits([distributor.pk])
    found = _locked(distributor, hold_id)
    if found.state == HoldState.ACTIVE:
        lapsing.end_within([found], to=HoldState.RELEASED, actor=actor, at=at)
    elif found.state != HoldState.RELEASED:
        raise WrongState(state=found.get_state_display())
    return found


def _locked(distributor: Distributor, hold_id: str) -> Hold:
    found = Hold.objects.of(distributor).filter(hold_id=hold_id).locked().first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic(durable=True)
def _hold(request: OrderRequest, at: datetime) -> Held:
    buyer = writing.lock_buyers([request.distributor_pk])[request.distributor_pk]
    known = _known(request)
    if known is not None:
        return Held(known, replayed=True)
    facts = checking.read_facts([request], at)
    priced = checking.check(request, facts)
    _check_buyer(buyer, priced, facts.policies.open_holds_limit)
    promise = Promise(
        kind=HoldKind.CONSUMER,
        priced=priced,
        buyer=buyer,
        content=repeating.content(priced.request),
        expires_at=at + timedelta(minutes=facts.policies.hold_minutes),
        hold_id=promising.new_hold_id(at),
    )
    _take(promise, at)
    return Held(Hold.objects.get(hold_id=promise.hold_id), replayed=False)


def _known(request: OrderRequest) -> Hold | None:
    """Return the active hold of the same number and content."""
    number = {"distributor": request.distributor_pk, "out_order_no": request.out_order_no}
    placed = Order.objects.filter(**number).values_list("order_no", flat=True).first()
    if placed is not None:
        raise OrderPlacedAlready(out_order_no=request.out_order_no, order_no=placed)
    found = Hold.objects.filter(state=HoldState.ACTIVE, **number).first()
    if found is not None:
        repeating.check(request, repeating.content_of(found))
    return found


def _check_buyer(buyer: Buyer, priced: Priced, limit: int) -> None:
    if buyer.state != "active":
        raise DistributorNotActive(state=buyer.state, reason=buyer.state_reason)
    if buyer.is_frozen:
        raise freezing.AccountFrozen
    pk = buyer.distributor_pk
    promising.check_limit(promising.open_holds([pk])[pk], limit)
    # On what was read, so that nobody waits for a hot sku's lock to hear that it is sold out.
    drawing.draw(priced, drawing.seen(line.offer for line in priced.lines))
    if priced.total_fen > buyer.available_fen:
        raise posting.DepositInsufficient(
            shortfall_fen=priced.total_fen - buyer.available_fen,
            needed_fen=priced.total_fen,
            available_fen=buyer.available_fen,
        )


def _take(promise: Promise, at: datetime) -> None:
    """Lock the stock, draw from it, and write it all."""
    offers = [line.offer for line in promise.priced.lines]
    allotments = {offer.allotment_pk for offer in offers}
    locked = stock.lock(
        {offer.sku_pk for offer in offers}, {pk for pk in allotments if pk is not None}
    )
    promise.draws = drawing.draw(promise.priced, drawing.held(locked, offers))
    takings = [(promise.hold_id, promise.priced.request.actor, draw) for draw in promise.draws]
    actors = drawing.take(locked, takings, kind=MovementKind.HOLD)
    with bulk.together():
        promising.write([promise], at=at)
        warning.watch([promise.buyer.distributor_pk], at=at)
        stock.move(locked, at=at, actors=actors)
