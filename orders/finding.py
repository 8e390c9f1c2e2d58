"""Finding orders by what people have at hand: any number, each through its index; a name or phone."""

from distributors.models import Distributor
from kit import hiding, sealing
from orders import carriers
from orders.models import Consignee, Fulfilment, Order, Shipment
from orders.shipping import TO_SHIP
from suppliers.models import Supplier

MAX_FOUND = 200
# Names and phones are sealed: so many are opened to look for a piece of one.
OPENED = 2_000
MIN_DIGITS, MIN_LETTERS = 4, 2


def by_number(distributor: Distributor, text: str) -> set[int]:
    """Return the keys of the orders that a number means: either order number, a parcel's, a phone.

    Phones are sealed, so only a whole one is found.
    """
    own = Order.objects.of(distributor)
    codes = [carrier.code for carrier in carriers.CARRIERS]
    parcels = Shipment.objects.filter(carrier_code__in=codes, tracking_no=text.upper())
    phones = Consignee.objects.filter(phone_hash=sealing.keyed_hash(text))
    return {
        *own.filter(order_no=text.upper()).values_list("pk", flat=True),
        *own.filter(out_order_no=text).values_list("pk", flat=True),
        *parcels.filter(fulfilment__order__distributor=distributor).values_list(
            "fulfilment__order_id", flat=True
        )[:MAX_FOUND],
        *phones.filter(order__distributor=distributor)
        .order_by("-order_id")
        .values_list("order_id", flat=True)[:MAX_FOUND],
    }


def parts_to(supplier: Supplier, text: str) -> set[int]:
    """Return the keys of a supplier's parts whose consignee has this phone, or one like it.

    A piece of a name or phone is looked for only among its OPENED most urgent parts to ship, whose
    consignees it may read anyway; and not at all where consumers are hidden.
    """
    if hiding.is_on() or len(text) < (MIN_DIGITS if text.isdigit() else MIN_LETTERS):
        return set()
    own = Fulfilment.objects.of(supplier)
    phones = Consignee.objects.filter(phone_hash=sealing.keyed_hash(text))
    whole = own.filter(order__consignee__in=phones).order_by("-pk")
    urgent = own.filter(state__in=TO_SHIP).order_by("ship_due_at", "pk")
    orders = dict(urgent.values_list("order_id", "pk")[:OPENED])
    like = {
        orders[consignee.pk]
        for consignee in Consignee.objects.filter(pk__in=list(orders))
        if any(text in known for known in consignee.opened[:2])
    }
    return {*whole.values_list("pk", flat=True)[:MAX_FOUND], *like}
