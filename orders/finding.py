"""Finding a distributor's orders by any number that people have at hand, each through its index."""

from distributors.models import Distributor
from kit import sealing
from orders import carriers
from orders.models import Consignee, Order, Shipment

MAX_FOUND = 200


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
