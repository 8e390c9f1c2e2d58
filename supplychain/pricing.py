"""What a distributor pays for a unit: SPEC §4.2, pure."""

from kit import money, values


class Price(values.Value, frozen=True):
    """A unit's price in fen with the parts it is made of, as it will be frozen on an order line."""

    supply_price_fen: int
    markup_fen: int
    fee_rate_bp: int
    service_fee_fen: int
    agreement_price_fen: int


def price(supply_price_fen: int, markup_fen: int, fee_rate_bp: int) -> Price:
    """Compute the agreement price of one unit; the fee is rounded half up, once.

    >>> price(5000, 0, 500).agreement_price_fen
    5250
    """
    base_fen = supply_price_fen + markup_fen
    fee_fen = money.share(base_fen, fee_rate_bp)
    return Price(supply_price_fen, markup_fen, fee_rate_bp, fee_fen, base_fen + fee_fen)
