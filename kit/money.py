"""Money is an int of fen, a rate an int of basis points; this is the only place that rounds."""

from collections.abc import Sequence

BASIS_POINTS = 10_000


def share(amount_fen: int, rate_bp: int) -> int:
    """Return `rate_bp` basis points of `amount_fen`, rounded half up to whole fen.

    Both must be non-negative (SPEC §4.2: rounded once, per unit).
    """
    assert amount_fen >= 0, amount_fen
    assert rate_bp >= 0, rate_bp
    return (amount_fen * rate_bp * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)


def allocate(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights, to the fen: the largest remainders round up.

    Both are non-negative, and some weight is not 0. Of equal remainders the first rounds up.
    """
    assert amount_fen >= 0, amount_fen
    total = sum(weights)
    assert total > 0, weights
    assert min(weights) >= 0, weights
    parts = [divmod(amount_fen * weight, total) for weight in weights]
    left = amount_fen - sum(whole for whole, _ in parts)
    by_remainder = sorted(range(len(parts)), key=lambda place: -parts[place][1])
    rounded_up = set(by_remainder[:left])
    return [whole + (place in rounded_up) for place, (whole, _) in enumerate(parts)]


def yuan(amount_fen: int) -> str:
    """Show fen as a person reads money: `-¥1,234.50`."""
    sign = "-" if amount_fen < 0 else ""
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


def fen(text: str) -> int:
    """Read an amount in yuan such as `12`, `12.5` or `12.50` as fen.

    :raises ValueError: anything but plain ASCII digits with at most two decimals.
    """
    whole, _, rest = text.strip().partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12):
        raise ValueError(text)
    if "." in text and not (rest.isascii() and rest.isdigit() and len(rest) <= 2):
        raise ValueError(text)
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)
