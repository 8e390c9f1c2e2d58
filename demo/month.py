"""A month of trade before the demo's present day, made by the real acts with the clock passed in.

What happens is drawn from the numbers of days and orders, not from when it is run: a load that was
cut off goes on where it stopped, since a repeated order is replayed and a shipped one is not shipped
again. Nothing is lived through twice.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zlib import crc32

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from demo import companies, consumers
from demo.companies import DISTRIBUTORS, PLATFORM, SUPPLIERS, Cast, DistributorPlan
from distributors import agreeing, deciding_recharges, recharging
from distributors.models import Distributor, Recharge, RechargeState
from integration import outbox
from integration.models import ApiKey
from kit import actors
from kit.actors import Actor
from kit.errors import DomainError
from ledger import accounts, chaining, posting
from orders import lateness, placing, receiving, shipping
from orders.models import Fulfilment, FulfilmentState, Order, OrderState
from orders.requests import Line, OrderRequest
from orders.shipping import Parcel
from supplychain import offers, stock
from supplychain.models import Product, Sku, Stock

DAYS = 31
ORDERS_A_DAY = 49
ORDERS_AT_ONCE = 4
OPENING_HOURS = (8, 23)
# Before that, parcels left without anybody saying that their packing had begun.
PRINTED_DAYS = 10
CONFIRMED_PERCENT = 25
# A buyer whose deposit holds less than so many shares of its usual recharge recharges.
RECHARGE_BELOW = 3
LOW_STOCK, RESTOCK_TO = 25, 300
# Consumers of one shop pay by its own till; nobody's price is guarded in the demo.
NO_GUARD_FEN = 1_000_000_00
CARRIERS = (("SF", "SF1{:012d}"), ("ZTO", "76{:012d}"), ("YTO", "YT{:013d}"), ("JD", "JDX{:011d}"))
APPLICATIONS = ("ordinary_sale", "ordinary_sale", "coupons", "live_broadcast", "")
CHANNELS = ("小程序", "APP", "直播间", "H5")
# The shop that lets its deposit run low in the last days, for all to see what happens then.
POOR_SHOP, POOR_DAYS = "street", 6
GIFT_SHOP = "gifts"
SEED = 20_261_122


@dataclass
class Tally:
    """What a month has brought so far."""

    placed: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    parcels: int = 0
    received: int = 0
    recharges: int = 0


@dataclass(frozen=True)
class Shop:
    """A distributor with what it orders from: skus and how much each is wanted."""

    plan: DistributorPlan
    distributor: Distributor
    key: Actor
    skus: Sequence[Sku]
    weights: Sequence[float]


def live(cast: Cast, report: Callable[[str], None], *, days: int = DAYS) -> Tally:
    """Live through the last days up to the present; return what was done."""
    tally = Tally()
    shops = [_shop(plan, cast.distributors[plan.code]) for plan in DISTRIBUTORS]
    for ago in range(days - 1, -1, -1):
        day = timezone.localdate(cast.now) - timedelta(days=ago)
        for moment, act in sorted(_agenda(cast, shops, day, ago, tally), key=lambda pair: pair[0]):
            if moment <= cast.now:
                act(moment)
        report(f"{day:%m-%d} {tally.placed}")
    _run_timers(cast.now, tally)
    outbox.stamp()
    chaining.link(at=cast.now)
    return tally


# What a day holds: when, and what is done then.
Agenda = Iterator[tuple[datetime, Callable[[datetime], None]]]


def _agenda(cast: Cast, shops: Sequence[Shop], day: date, ago: int, tally: Tally) -> Agenda:
    """List the day's doings in any order."""
    chance = random.Random(f"{SEED}-{ago}")
    yield _at(day, 8, 20), lambda at: _recharge(shops, ago, at, tally)
    yield _at(day, 8, 40), lambda at: _restock(at)
    if ago < PRINTED_DAYS:
        yield _at(day, 9, 30), lambda at: _begin(cast, at)
    yield _at(day, 20, 10), lambda at: _confirm(shops, at, tally)
    yield _at(day, 23, 30), lambda at: _run_timers(at, tally)
    for hour, owner in enumerate((PLATFORM, *(plan.code for plan in SUPPLIERS))):
        yield _at(day, 15, 8 * hour), _shipper(cast, owner, tally)
    for batch in _batches(shops, day, ago, chance):
        yield batch[0], _placer(batch[1], tally)


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute, second)))


# --- money and stock --------------------------------------------------------------------------------


def _recharge(shops: Sequence[Shop], ago: int, at: datetime, tally: Tally) -> None:
    for shop in shops:
        plan = shop.plan
        if plan.code == POOR_SHOP and ago < POOR_DAYS:
            continue
        if (
            accounts.deposit_of(shop.distributor.pk).available_fen * RECHARGE_BELOW
            > plan.recharge_fen
        ):
            continue
        reference = f"网银{at:%Y%m%d}-{shop.distributor.number}"
        if posting.is_posted("recharge", reference):
            continue
        _credit(shop, reference, at)
        tally.recharges += 1


def _credit(shop: Shop, reference: str, at: datetime) -> None:
    """Credit what came in; a large amount takes a second person."""
    clerk = actors.person(companies.STAFF[2].email)
    about = {"distributor_pk": shop.distributor.pk, "amount_fen": shop.plan.recharge_fen}
    if not agreeing.takes_two(shop.plan.recharge_fen, clerk):
        recharging.recharge(**about, reference=reference, actor=clerk, at=at)
        return
    # A run that was cut off may have proposed it.
    proposed = Recharge.objects.filter(bank_reference=reference, state=RechargeState.CHECKED)
    found = proposed.first() or deciding_recharges.propose(
        **about, bank_reference=reference, actor=clerk, at=at
    )
    second = actors.person(companies.STAFF[0].email)
    deciding_recharges.approve(recharge_no=found.recharge_no, actor=second, at=at)


def _restock(at: datetime) -> None:
    low = Stock.objects.filter(available__lt=LOW_STOCK, sku__offered=True)
    by_owner: dict[str, dict[int, int]] = {}
    numbers = {plan.name: plan.code for plan in SUPPLIERS}
    for sku_pk, owner in low.values_list("sku_id", "sku__product__supplier__company__name"):
        # Every fourth day only, so that some goods are low or sold out on any day.
        if (sku_pk + at.day) % 4 == 0:
            by_owner.setdefault(numbers.get(owner, PLATFORM), {})[sku_pk] = RESTOCK_TO
    for owner, available in by_owner.items():
        with transaction.atomic():
            stock.set_many_within(
                available=available, actor=companies.actor_of(owner), at=at, note="到货补库存"
            )


# --- orders -----------------------------------------------------------------------------------------


def _shop(plan: DistributorPlan, distributor: Distributor) -> Shop:
    seen = list(offers.offered_to(distributor).values_list("pk", flat=True))
    skus = list(Sku.objects.filter(product__in=seen, offered=True).order_by("sku_no"))
    names = dict(Product.objects.values_list("pk", "owner_no"))
    key = ApiKey.objects.filter(partner=distributor.partner).earliest("pk")
    return Shop(
        plan=plan,
        distributor=distributor,
        key=actors.key(key.public_id),
        skus=skus,
        weights=[_popularity(plan, names[sku.product_id], sku) for sku in skus],
    )


def _popularity(plan: DistributorPlan, item: str, sku: Sku) -> float:
    """A few goods sell most; dear ones sell less; a buyer of gifts buys gift boxes."""
    if plan.code == GIFT_SHOP and ("GIFT" in item or item == "SL-NL"):
        return 6.0
    rank = crc32(item.encode()) % 100 + 3
    return 100.0 / rank / (1 + sku.supply_price_fen / 120_00)


def _batches(
    shops: Sequence[Shop], day: date, ago: int, chance: random.Random
) -> Iterator[tuple[datetime, list[OrderRequest]]]:
    busy = 1.25 if day.weekday() >= 5 else 0.9
    growth = 0.75 + 0.5 * (DAYS - ago) / DAYS
    count = round(ORDERS_A_DAY * busy * growth)
    number = 0
    while number < count:
        size = min(chance.randint(1, 2 * ORDERS_AT_ONCE - 1), count - number)
        hour = min(max(round(chance.gauss(15.5, 4)), OPENING_HOURS[0]), OPENING_HOURS[1] - 1)
        at = _at(day, hour, chance.randrange(60), chance.randrange(60))
        requests = [_request(shops, day, number + place + 1, chance) for place in range(size)]
        yield at, requests
        number += size


def _request(shops: Sequence[Shop], day: date, number: int, chance: random.Random) -> OrderRequest:
    shop = chance.choices(shops, [shop.plan.share for shop in shops])[0]
    prefix = shop.plan.code[:2].upper()
    return OrderRequest(
        distributor_pk=shop.distributor.pk,
        out_order_no=f"{prefix}{day:%Y%m%d}{number:04d}",
        lines=tuple(_lines(shop, chance)),
        consignee=consumers.someone(chance),
        actor=shop.key,
        remark=consumers.remark(chance),
        application=chance.choice(APPLICATIONS),
        channel=chance.choice(CHANNELS),
        consumer_ref=f"u{chance.randrange(10**6, 10**7)}",
    )


def _lines(shop: Shop, chance: random.Random) -> Iterator[Line]:
    count = chance.choices((1, 2, 3, 4), (62, 23, 10, 5))[0]
    chosen = dict.fromkeys(chance.choices(range(len(shop.skus)), shop.weights, k=count))
    for place, index in enumerate(chosen, 1):
        sku = shop.skus[index]
        pieces = chance.choices((1, 2, 3, 5), (72, 18, 7, 3))[0]
        if shop.plan.code == GIFT_SHOP:
            pieces *= chance.choice((4, 8, 12))
        pieces = max(-(-pieces // sku.multiple) * sku.multiple, sku.min_quantity)
        yield Line(str(place), sku.sku_no, pieces, NO_GUARD_FEN)


def _placer(requests: Sequence[OrderRequest], tally: Tally) -> Callable[[datetime], None]:
    def place(at: datetime) -> None:
        for outcome in placing.place_many(requests, at=at):
            if isinstance(outcome, DomainError):
                tally.refused[outcome.code] = tally.refused.get(outcome.code, 0) + 1
            elif not outcome.replayed:
                tally.placed += 1

    return place


# --- shipping ---------------------------------------------------------------------------------------


def _begin(cast: Cast, at: datetime) -> None:
    """Print the day's packing slips: of everything that came in before and is not forgotten."""
    for owner in (PLATFORM, *cast.suppliers):
        parts = [
            part.pk
            for part in _to_ship(cast, owner, at)
            if part.begun_at is None and not _is_forgotten(part, at)
        ]
        if parts:
            shipping.begin(
                fulfilment_pks=parts,
                supplier=cast.source(owner),
                actor=companies.actor_of(owner),
                at=at,
            )


def _shipper(cast: Cast, owner: str, tally: Tally) -> Callable[[datetime], None]:
    def ship(at: datetime) -> None:
        parts = [part for part in _to_ship(cast, owner, at) if _is_ready(part, at)]
        if not parts:
            return
        outcomes = shipping.ship_many(
            parcels=[_parcel(part) for part in parts],
            supplier=cast.source(owner),
            actor=companies.actor_of(owner),
            at=at,
        )
        refused = [str(outcome) for outcome in outcomes if isinstance(outcome, DomainError)]
        assert not refused, refused
        tally.parcels += len(outcomes)

    return ship


def _to_ship(cast: Cast, owner: str, at: datetime) -> Iterable[Fulfilment]:
    """Return what a source has to ship and knew of by then."""
    return (
        Fulfilment.objects.filter(
            supplier=cast.source(owner), state__in=shipping.TO_SHIP, order__placed_at__lt=at
        )
        .select_related("order")
        .prefetch_related("lines")
        .order_by("pk")
    )


def _is_ready(part: Fulfilment, at: datetime) -> bool:
    """Most parts leave on the day after they came in, some later but in time, a few are forgotten."""
    if _is_forgotten(part, at):
        return False
    if part.ship_due_at - at < timedelta(days=1):
        return True
    luck = _luck(part.order.out_order_no, "ship")
    days = 0 if luck < 55 else 1 if luck < 90 else 2
    return at - part.order.placed_at > timedelta(hours=6, days=days)


def _is_forgotten(part: Fulfilment, at: datetime) -> bool:
    """For a week nobody ships these: what is late must be seen somewhere."""
    return _luck(part.order.out_order_no, "forget") < 2 and at - part.order.placed_at < timedelta(
        days=7
    )


def _parcel(part: Fulfilment) -> Parcel:
    """All that is left; of some bigger parts the first parcel holds about a half."""
    luck = _luck(part.order.out_order_no, f"parcel {part.pk}")
    carrier, form = CARRIERS[luck % len(CARRIERS)]
    is_first = part.state == FulfilmentState.AWAITING_SHIPMENT
    wanted = {line.pk: line.to_ship for line in part.lines.all() if line.to_ship}
    halves = is_first and luck < 45 and sum(wanted.values()) > 1
    tracking_no = form.format(part.pk * 10 + (1 if is_first else 2))
    return Parcel(part.pk, carrier, tracking_no, _half(wanted) if halves else None)


def _half(wanted: dict[int, int]) -> dict[int, int]:
    left = sum(wanted.values()) // 2
    pieces = {}
    for line_pk, quantity in wanted.items():
        taken = min(quantity, left)
        left -= taken
        if taken:
            pieces[line_pk] = taken
    return pieces


# --- receipt ----------------------------------------------------------------------------------------


def _confirm(shops: Sequence[Shop], at: datetime, tally: Tally) -> None:
    """Confirm what arrived; most orders are left to the timer."""
    on_the_way = (
        Order.objects.filter(state=OrderState.SHIPPED, placed_at__gt=at - timedelta(days=14))
        .annotate(last_shipped_at=Max("fulfilments__shipments__shipped_at"))
        .order_by("pk")
        .values_list("pk", "distributor_id", "out_order_no", "last_shipped_at")
    )
    by_distributor = {shop.distributor.pk: shop for shop in shops}
    for order_pk, distributor_pk, out_order_no, last_shipped_at in on_the_way:
        luck = _luck(out_order_no, "receive")
        if luck >= CONFIRMED_PERCENT or at - last_shipped_at < timedelta(days=3 + luck % 4):
            continue
        shop = by_distributor[distributor_pk]
        receiving.receive(order_pk=order_pk, distributor=shop.distributor, actor=shop.key, at=at)
        tally.received += 1


def _run_timers(at: datetime, tally: Tally) -> None:
    tally.received += receiving.receive_due(at=at)
    lateness.note_late(at=at)


def _luck(out_order_no: str, about: str) -> int:
    """Return a number from 0 to 99 that is always the same for an order and a question."""
    return crc32(f"{about}/{out_order_no}".encode()) % 100
