"""What a distributor asks for when it orders: values as the doors have parsed them."""

import msgspec

from kit import sealing, values
from kit.actors import Actor
from supplychain.regions import Destination

MAX_LINES = 100
MAX_QUANTITY = 9_999
MAX_BATCH = 500
MAX_TOTAL_FEN = 100_000_000_00

# What becomes of an order that the deposit does not cover.
REFUSE = "refuse"
WAIT = "wait"


class Line(values.Value, frozen=True):
    """One line; the expected price (fen a unit) is needed unless a quote freezes it."""

    line_id: str
    sku_no: str
    quantity: int
    expected_agreement_price_fen: int | None = None


class Consignee(values.Value, frozen=True):
    """To whom and where; the province in any of the ways people write it."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str

    @property
    def destination(self) -> Destination:
        """Where it goes; the province must be canonical by then."""
        return Destination(self.province, self.city)


class OrderRequest(values.Value, frozen=True):
    """One order to place, of one distributor, under its own number."""

    distributor_pk: int
    out_order_no: str
    lines: tuple[Line, ...]
    consignee: Consignee
    actor: Actor
    remark: str = ""
    quote_id: str | None = None
    on_shortfall: str = REFUSE
    application: str = ""
    channel: str = ""
    paid_fen: int | None = None
    payment_reference: str = ""
    consumer_ref: str = ""


def seal(request: OrderRequest) -> bytes:
    """Return a request encrypted, to be kept until it can be placed."""
    return sealing.seal(msgspec.json.encode(request).decode())


def unseal(sealed: bytes | memoryview) -> OrderRequest:
    """Return the request that `seal` encrypted."""
    return msgspec.json.decode(sealing.unseal(sealed), type=OrderRequest)
