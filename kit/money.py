"""Money is an int of fen, a rate an int of basis points; this is the only place that rounds."""

BASIS_POINTS = 10_000


def share(amount_fen: int, rate_bp: int) -> int:
    """Return `rate_bp` basis points of `amount_fen`, rounded half up to whole fen.

    Both must be non-negative (SPEC §4.2: rounded once, per unit).
    """
    assert amount_fen >= 0, amount_fen
    assert rate_bp >= 0, rate_bp
    return (amount_fen * rate_bp * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)


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
